"""What memory a simulated day takes at least, and whether there is as much.

A slip of the keyboard in a rate, a headway or a period can ask for more than any machine has. That is told before the
work, with the key that asks for most of it, and not by a machine that stops answering.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sim.errors import Problem, ScenarioError
from sim.loading.available_memory import PER_VISIT, available_memory, gigabytes
from sim.model.scenario import Scenario

AT_LEAST: Final = 60 * 1024**2
"""Bytes of a process that has loaded the program."""
PER_COMMUTER: Final = 600
"""Bytes a commuter takes at least, from wishes to tables; measured: 900 at half a million, 1,900 at two million."""
PER_CELL: Final = 80
"""Bytes of a period at a stop, line and direction; measured: 110 at half a million, 90 at two million of them."""


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
    # Journeys that follow from others are left out: they are drawn, of people who leave before some hour, and the
    # estimate must stay a lower bound (tests/functional/test_memory_needs.py).
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
        f"{first.what} need at least {gigabytes(first.size)} of memory, all of the scenario "
        f"{gigabytes(total)}; there are {gigabytes(there_is)}"
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
