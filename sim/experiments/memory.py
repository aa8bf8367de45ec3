"""What memory a simulated day takes at least, and whether there is as much.

A slip of the keyboard in a rate, a headway or a period can ask for more than any machine has. That is told before the
work, with the key that asks for most of it, and not by a machine that stops answering.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import psutil

from sim.errors import Problem, ScenarioError
from sim.model.scenario import Scenario

AT_LEAST: Final = 60 * 1024**2
"""Bytes of a process that has loaded the program."""
PER_COMMUTER: Final = 600
"""Bytes a commuter takes at least, from wishes to tables; measured: 900 at half a million, 1,900 at two million."""
PER_VISIT: Final = 300
"""Bytes a visit of a vehicle to a stop takes at least; measured: 450 at two million."""
PER_CELL: Final = 330
"""Bytes of a period at a stop, line and direction; measured: 480, at half a million and at two million of them."""


@dataclass(frozen=True)
class MemoryNeed:
    """What one part of a scenario takes.

    Attributes
    ----------
    key : str
        The key of the scenario file that asks for it.
    what : str
        Words for it, with the number.
    size : float
        Bytes, at least.
    """

    key: str
    what: str
    size: float


def memory_needs(scenario: Scenario) -> tuple[MemoryNeed, ...]:
    """List what a simulated day of a scenario holds in memory at least, the largest first.

    Parameters
    ----------
    scenario : Scenario
    """
    service, parameters = scenario.service, scenario.parameters
    # The demand has the crowds of disruptions in it. Journeys back are left out: they are drawn, of people who
    # leave before some hour, and the estimate must stay a lower bound (tests/functional/test_memory_needs.py).
    people = float(scenario.demand.commuters.sum())
    visits = len(service.visit_stop)
    periods = max(_span_s(scenario) / parameters.period_s, 1.0)
    cells = _service_points(scenario) * periods
    needs = (
        MemoryNeed("demand", f"{people:,.0f} commuters", people * PER_COMMUTER),
        MemoryNeed("network", f"{visits:,} visits of vehicles to stops", float(visits) * PER_VISIT),
        MemoryNeed("period", f"{periods:,.0f} periods at every stop, line and direction", cells * PER_CELL),
    )
    return tuple(sorted(needs, key=lambda need: -need.size))


def memory_problems(scenario: Scenario, available: float | None = None) -> list[Problem]:
    """Tell where a scenario needs more memory than there is.

    Parameters
    ----------
    scenario : Scenario
    available : float or None
        Bytes; what this process can have where None.
    """
    needs = memory_needs(scenario)
    total = AT_LEAST + sum(need.size for need in needs)
    there_is = available_memory() if available is None else available
    # The estimate is a lower bound: a scenario that would fit must never be refused. That it is one for people, visits
    # and periods alike is shown by tests/functional/test_memory_needs.py, which measures whole processes.
    if total <= there_is:
        return []
    first = needs[0]
    message = (
        f"{first.what} need at least {_gigabytes(first.size)} of memory, all of the scenario "
        f"{_gigabytes(total)}; there are {_gigabytes(there_is)}"
    )
    return [Problem("", 0, 0, first.key, message)]


def require_memory(scenario: Scenario) -> None:
    """Refuse a scenario that cannot fit.

    Raises
    ------
    ScenarioError
        With the key that asks for most, what it would take and what there is.
    """
    problems = memory_problems(scenario)
    if problems:
        raise ScenarioError(problems)


def available_memory() -> float:
    """Return the bytes that this process can still have: of the machine, of its group, by its own limit."""
    return min(float(psutil.virtual_memory().available), *_limits())


def _limits() -> Iterator[float]:
    """Yield what is left under limits that the machine's own figure does not know."""
    yield np.inf
    group = Path("/sys/fs/cgroup")
    for limit, used in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        try:
            texts = [(group / name).read_text().strip() for name in (limit, used)]
        except OSError:
            continue
        if all(re.fullmatch(r"\d+", text) for text in texts):
            yield float(texts[0]) - float(texts[1])
    process = psutil.Process()
    if hasattr(process, "rlimit"):
        most = process.rlimit(psutil.RLIMIT_AS)[0]
        if most not in (psutil.RLIM_INFINITY, -1):
            yield float(most) - float(process.memory_info().vms)


def _span_s(scenario: Scenario) -> float:
    """Return how long vehicles run by the timetable, in seconds."""
    service = scenario.service
    if not len(service.visit_stop):
        return 0.0
    return float(service.scheduled_arrival_s.max() - service.scheduled_departure_s.min())


def _service_points(scenario: Scenario) -> int:
    """Count stops by line and direction."""
    service = scenario.service
    return len({(stop, pattern.line, pattern.direction_id) for pattern in service.patterns for stop in pattern.stops})


def _gigabytes(size: float) -> str:
    return f"{size / 1e9:,.1f} GB"
