"""Many origins and destinations on lines with hard capacity: how much of the possible saving coordinated advice takes.

Five lines cross, and twelve pairs of stops, two of them with a change, want to arrive at one time. Vehicles hold too
few for all. The least total cost is exact, by a linear program (`sim.verification.theory.dealt_out`): people are dealt
out to vehicles as suits all, and wait as long as nobody can avoid who is told a window of two minutes and leaves
anywhere in it. With 50,000 people it is a world of the size in which a published approximate method takes 48 % of the
possible saving (arXiv:2505.22241: 17.4 % of total cost where 36.4 % is possible); what is possible here is another
share of the cost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from sim.model.parameters import ScenarioParameters
from sim.verification.case import REFERENCE, Case, Params, Tables, whole_number
from sim.verification.scenarios import flow, line, scenario
from sim.verification.theory.dealt_out import PlainLine, PlainPair, PlainWeights, least_total_min
from sim.verification.verdict import Tolerance

ROUTES: Final = (
    (("A", "B", "C", "D"), (6.0, 8.0, 6.0)),
    (("E", "B", "F", "G"), (7.0, 6.0, 7.0)),
    (("H", "C", "F", "I"), (5.0, 9.0, 6.0)),
    (("J", "B", "C", "K"), (8.0, 8.0, 5.0)),
    (("L", "F", "D", "M"), (6.0, 7.0, 8.0)),
)
"""Stops of each line, and minutes between them."""

PAIRS: Final = (
    *(("A", "D"), ("A", "C"), ("B", "D")),
    *(("E", "G"), ("E", "F"), ("H", "I")),
    *(("H", "F"), ("J", "K"), ("J", "C")),
    *(("L", "M"), ("A", "G"), ("H", "M")),
)
"""The last two change, at B and at F."""

FIRST_MIN, LAST_MIN, HEADWAY_MIN = 360.0, 660.0, 6.0
LEAVE_MIN = (480.0, 510.0)
"""By habit people leave evenly between these minutes, whoever they are."""

WISHED_MIN = 540.0
FULL_HOURS = 0.9
"""How many hours of all vehicles the people of a pair would fill alone."""

WINDOW_MIN = 2.0
WEIGHTS: Final = PlainWeights(wait=2.0, early=0.5, late=2.0, change=5.0, window=WINDOW_MIN)


@dataclass(frozen=True)
class ManyPairs:
    """The world with so many people.

    Attributes
    ----------
    people : int
    """

    people: int

    @classmethod
    def of(cls, params: Params) -> ManyPairs:
        """Return the world of the parameters of a case."""
        return cls(int(params["people"]))

    @property
    def each(self) -> int:
        """People of a pair."""
        return round(self.people / len(PAIRS))

    @property
    def places(self) -> int:
        """Places of a vehicle."""
        return max(round(self.each / (FULL_HOURS * 60.0 / HEADWAY_MIN)), 1)

    @cached_property
    def lines(self) -> tuple[PlainLine, ...]:
        """All lines, those further down the list a minute later than the one before."""
        starts = np.arange(FIRST_MIN, LAST_MIN, HEADWAY_MIN)
        return tuple(
            PlainLine(stops, minutes, tuple((starts + row).tolist())) for row, (stops, minutes) in enumerate(ROUTES)
        )

    @cached_property
    def least_min(self) -> float:
        """The least total cost in minutes."""
        pairs = [PlainPair(*ends, self.each, WISHED_MIN) for ends in PAIRS]
        return least_total_min(self.lines, pairs, self.places, WEIGHTS)

    def scenario(self, strategy: str) -> ScenarioParameters:
        """Return the scenario under a strategy that all follow."""
        lines = [
            line(
                f"L{row}",
                one.stops,
                [60.0 * minute for minute in one.minutes],
                departures=[60.0 * minute for minute in one.departures],
            )
            for row, one in enumerate(self.lines)
        ]
        start_s, end_s = (60.0 * minute for minute in LEAVE_MIN)
        keys: dict[str, Any] = {"placement": "even", "preferred_arrival": 60.0 * WISHED_MIN}
        return scenario(
            f"verify-many-pairs-{self.people}-{strategy}",
            lines,
            [flow(*ends, start_s, end_s, commuters=self.each, **keys) for ends in PAIRS],
            {"bus": {"seats": 0, "capacity": self.places}},
            {"no_dwell": True},
            description="Five lines that cross, twelve pairs of stops, vehicles too small for all.",
            days=2,
            period=300.0,
            horizon={"start": 60.0 * FIRST_MIN - 3600.0, "end": 60.0 * (LAST_MIN + 180.0)},
            population={"earlier_flexibility": 5400.0, "later_flexibility": 5400.0},
            journeys={"max_transfers": 1},
            preferences={
                "wait_weight": WEIGHTS.wait,
                "early_penalty": WEIGHTS.early,
                "late_penalty": WEIGHTS.late,
                "transfer_penalty": 60.0 * WEIGHTS.change,
                "crowding": {"kind": "none"},
            },
            advisor={
                "strategy": strategy,
                "penetration": 1.0,
                "compliance": 1.0,
                "window": 60.0 * WINDOW_MIN,
                "rehearsal": {"draws": 2, "rounds": 60, "compliance_range": 0.0},
            },
        )

    def taken(self, tables: Tables) -> float:
        """Return the share of the possible saving that is taken."""
        none, ours = (_last_total(tables[f"{place}journeys"]) for place in (REFERENCE, ""))
        return (none - ours) / (none - self.least_min)


def _last_total(journeys: Any) -> float:
    """Return the total cost of the last day in minutes."""
    return float(journeys["generalized_cost_min"][journeys["day"] == journeys["day"].max()].sum())


def _under(strategy: str) -> Callable[[ManyPairs], ScenarioParameters]:
    return lambda world: world.scenario(strategy)


CASES: tuple[Case[Any], ...] = (
    Case(
        id="optimum.many_pairs",
        quantity="share of the possible saving that coordinated advice to all takes, at least nine tenths",
        formula="(TC without advice - TC) / (TC without advice - TC least), least by linear program",
        source="linear program over all ways by all vehicles, HiGHS; compare arXiv:2505.22241",
        params=(whole_number("people", least=240, most=200_000),),
        sets=({"people": 2400}, {"people": 50_000}),
        usual=1,
        world=ManyPairs.of,
        theory=lambda _: 1.0,
        scenario=_under("coordinated"),
        reference=_under("none"),
        measure=lambda tables, world: world.taken(tables),
        tolerance=Tolerance("exact", 0.1),
    ),
)
