"""Holding: how long a vehicle that is ready to leave a stop is held back, and by which rules.

A rule of your own is any object with one method, given to ``sim.run(scenario, holding=...)``::

    @dataclass(frozen=True)
    class KeepTwoMinutes:
        def holding_s(self, situation: StopSituation) -> float:
            return max(0.0, 120.0 - (situation.headway_s or 120.0))

To run in several processes it has to be picklable, that is, defined in a module. A rule that looks at vehicles alone,
and never at how many are on board, may say so by ``depends_on_loads = False``: the bound on total cost is then exact
where vehicles run the same whatever people do.

A rule that scenario files can name is one module of `sim.model.holding_rules`: a class like that, and a function
`declared` that returns its `DeclaredHoldingRule`.
"""

from __future__ import annotations

import math
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from numbers import Real
from typing import Any, Protocol

from sim.model import holding_rules
from sim.model.parameters.fields import LONGEST_S


@dataclass(frozen=True, slots=True)
class StopSituation:
    """A vehicle that is ready to leave a control stop, as control sees it.

    Attributes
    ----------
    trip_id, line_id, stop_id : str
    stop_sequence : int
        Position of the stop in the trip, from 0.
    arrival_s, ready_s : float
        When the vehicle came and when its dwell is over, seconds after midnight.
    scheduled_departure_s : float
    headway_s : float or None
        From the arrival of the vehicle of the line and direction that came before to the
        arrival of this one; None for the first.
    departure_headway_s : float or None
        From the departure of the vehicle in front to `ready_s`; negative while that one is still
        held, None for the first.
    planned_headway_s : float or None
        By the schedule, to the trip before; to the trip behind for the first, None for an
        only trip.
    next_arrival_s : float or None
        When the trip behind is expected here: where it left last plus its scheduled time
        from there; None where there is none or it is in front already.
    load : int
        Persons on board.
    """

    trip_id: str
    line_id: str
    stop_id: str
    stop_sequence: int
    arrival_s: float
    ready_s: float
    scheduled_departure_s: float
    headway_s: float | None
    departure_headway_s: float | None
    planned_headway_s: float | None
    next_arrival_s: float | None
    load: int


class HoldingRule(Protocol):
    """What control has to be able to do."""

    def holding_s(self, situation: StopSituation) -> float:
        """Return how long to hold the vehicle beyond `ready_s`, in seconds.

        Less than 0 counts as 0, unless the scenario says `service.holding.allow_negative`; more than
        `service.holding.most` counts as that.
        """
        ...


def holding_time_problem(answer: Any, where: str) -> str:
    """Say what is wrong with what a rule returned as a time in seconds; empty where nothing is.

    Parameters
    ----------
    answer : Any
    where : str
        For which vehicle it was returned.
    """
    returned = f"holding_s returned {answer!r} for {where}"
    if isinstance(answer, bool) or not isinstance(answer, Real) or not math.isfinite(answer):
        return f"{returned}; return seconds as a number, 0 for none"
    return f"{returned}; no vehicle is held for more than 10,000 h" if abs(float(answer)) > LONGEST_S else ""


def depends_on_loads(rule: HoldingRule) -> bool:
    """Tell whether a rule may look at people, and not at vehicles alone; whatever does not say so may."""
    return bool(getattr(rule, "depends_on_loads", True))


@dataclass(frozen=True)
class HoldingNumbers:
    """What a scenario says of its rule.

    Attributes
    ----------
    gain : float
        alpha + marginal_dwell.
    slack_s : float
    headway_s : float or None
        Headway to aim at; that of the schedule where None.
    """

    gain: float
    slack_s: float
    headway_s: float | None


@dataclass(frozen=True)
class DeclaredHoldingRule:
    """A rule that scenario files can name.

    Attributes
    ----------
    name : str
    sentence : str
        What it does, for the reference of scenario keys.
    of : callable
        Makes the rule of the numbers of a scenario.
    cuts_dwell : bool
        Whether it may ask for less than 0 seconds.
    """

    name: str
    sentence: str
    of: Callable[[HoldingNumbers], HoldingRule]
    cuts_dwell: bool = False


def declared_holding_rules() -> dict[str, DeclaredHoldingRule]:
    """Return all rules by name, none first."""
    modules = [
        import_module(f"{holding_rules.__name__}.{found.name}")
        for found in pkgutil.iter_modules(holding_rules.__path__)
    ]
    declared = [module.declared() for module in modules]
    return {rule.name: rule for rule in sorted(declared, key=lambda rule: (rule.name != "none", rule.name))}


def holding_rule_texts() -> str:
    """Return what each rule does, for the reference of scenario keys."""
    texts = [f"{rule.name}: {rule.sentence}" for rule in declared_holding_rules().values() if rule.sentence]
    return "; ".join(texts) + "."
