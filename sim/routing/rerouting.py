"""What people may do after a full vehicle has left them behind: further lines, another stop, on foot.

After a vehicle has left full, the wait for the lines chosen before is a whole joint headway,
while other lines come as before. The set of lines is chosen anew on these terms, and compared
with walks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from sim.model.journeys import NO_FALLBACK, ON_FOOT
from sim.model.parameters import JourneyParameters, PreferenceParameters
from sim.routing.direct_legs import DirectLegs
from sim.routing.legs import Ride, expected_leg
from sim.routing.option_table import OptionTable
from sim.routing.walks import Walks

WIDER = 1
ELSEWHERE = 2
"""Variants of legs that are waited for after a full vehicle only."""


class LineOnward(Protocol):
    """A way on: what it costs from boarding on, and its headway."""

    @property
    def cost_s(self) -> float:
        """Equivalent seconds from boarding to the goal."""

    @property
    def headway_s(self) -> float:
        """Mean time between two vehicles in seconds."""


AnyLine = TypeVar("AnyLine", bound=LineOnward)


def wider_set(
    lines: Iterable[AnyLine], own: Sequence[AnyLine], journeys: JourneyParameters, preferences: PreferenceParameters
) -> tuple[float, list[AnyLine]]:
    """Choose the lines worth boarding after a vehicle of one's own lines has left full.

    Parameters
    ----------
    lines : iterable of LineOnward
        All lines that lead to the goal, the cheapest first.
    own : sequence of LineOnward
        Those chosen before.
    journeys, preferences
        Share of the headway that is waited, weight of the wait.

    Returns
    -------
    float
        Expected cost in equivalent seconds.
    list of LineOnward
        Those chosen now.
    """
    chosen: list[AnyLine] = []
    frequency = weighted_s = 0.0
    cost_s = float("inf")
    for line in lines:
        if chosen and line.cost_s >= cost_s:
            break
        chosen.append(line)
        rate = 1.0 / (line.headway_s if line in own else journeys.headway_wait_share * line.headway_s)
        frequency += rate
        weighted_s += rate * line.cost_s
        cost_s = (preferences.wait_weight + weighted_s) / frequency
    return cost_s, chosen


class WalksOn:
    """Walks from each stop, for those who leave it.

    Parameters
    ----------
    walks : Walks
    walk_weight : float
    """

    def __init__(self, walks: Walks, walk_weight: float) -> None:
        self.walk_weight = walk_weight
        self.to_stops: dict[int, list[tuple[int, float]]] = {}
        self.to_goals: dict[tuple[int, int], float] = {}
        for table, keep in ((walks.transfers, self._keep_stop), (walks.ends, self._keep_goal)):
            for start, goal, walk_s in zip(
                table.start.tolist(), table.goal.tolist(), table.walk_s.tolist(), strict=True
            ):
                if start != goal:
                    keep(start, goal, walk_s)

    def _keep_stop(self, start: int, goal: int, walk_s: float) -> None:
        self.to_stops.setdefault(start, []).append((goal, walk_s))

    def _keep_goal(self, start: int, goal: int, walk_s: float) -> None:
        self.to_goals[start, goal] = walk_s

    def best(self, stop: int, goal: int, cost_at: dict[int, float]) -> tuple[float, int, float]:
        """Return the cheapest walk: cost, stop walked to (`ON_FOOT` for the goal), and its time.

        Parameters
        ----------
        stop, goal : int
        cost_at : dict of int to float
            Cost of waiting and riding on from other stops, equivalent seconds.
        """
        found = (float("inf"), NO_FALLBACK, 0.0)
        if (stop, goal) in self.to_goals:
            walk_s = self.to_goals[stop, goal]
            found = (self.walk_weight * walk_s, ON_FOOT, walk_s)
        for other, walk_s in self.to_stops.get(stop, ()):
            cost_s = self.walk_weight * walk_s + cost_at.get(other, float("inf"))
            if cost_s < found[0]:
                found = (cost_s, other, walk_s)
        return found


class _RideOnward:
    """A ride as a line for the choice of a set."""

    def __init__(self, ride: Ride, weight: float) -> None:
        self.ride = ride
        self.cost_s = weight * ride.ride_s
        self.headway_s = ride.headway_s

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _RideOnward) and self.ride == other.ride

    def __hash__(self) -> int:
        return hash(self.ride)


def add_fallbacks(
    table: OptionTable,
    legs: DirectLegs,
    walks: WalksOn,
    journeys: JourneyParameters,
    preferences: PreferenceParameters,
) -> None:
    """Give every leg of a table that journeys name what to do after a full vehicle.

    Parameters
    ----------
    table : OptionTable
    legs : DirectLegs
        All rides and the attractive set between two stops.
    walks : WalksOn
    journeys : JourneyParameters
    preferences : PreferenceParameters
    """
    weight = preferences.in_vehicle_weight
    costs: dict[int, dict[int, float]] = {}
    for draft in list(table.legs):
        pair = (draft.board_stop, draft.alight_stop)
        own = [_RideOnward(ride, weight) for ride in draft.leg.rides]
        everything = [_RideOnward(ride, weight) for ride in legs.rides(legs.between(*pair))]
        wide_s, chosen = wider_set(everything, own, journeys, preferences)
        if pair[1] not in costs:
            costs[pair[1]] = legs.costs_to(pair[1])
        walk_cost_s, stop, walk_s = walks.best(*pair, costs[pair[1]])
        if walk_cost_s < wide_s:
            target = stop
            if stop != ON_FOOT:
                target = table.number_leg((stop, pair[1]), legs.leg(legs.between(stop, pair[1])), ELSEWHERE)
            draft.fallback = (target, walk_s)
        elif len(chosen) > len(own):
            wide = expected_leg([line.ride for line in chosen], journeys, preferences)
            draft.fallback = (table.number_leg(pair, wide, WIDER), 0.0)
