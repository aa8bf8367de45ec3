"""What people with real time make of the vehicles that come, written for clarity alone: vehicle by vehicle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from reference.declared import TICKS, Declared
from sim.model.journeys import LegTable

NEVER = float("inf")


@dataclass(frozen=True)
class Wish:
    """A vehicle that somebody boards: pattern and place, due when; where they get out, and what then follows.

    What follows is a leg and the walk to it, or no leg and the last walk; `None` where the journey says it.
    """

    pattern: int
    place: int
    due_from: float
    due_until: float
    out: int
    then: tuple[int, int] | None = None


Boards = frozenset[Wish]


class Outlook:
    """Judges vehicles by what is known when they come.

    Parameters
    ----------
    declared : Declared
    legs : LegTable
        Legs with every vehicle that leads to where they go.
    boards : callable
        What may be boarded on a leg.
    """

    def __init__(self, declared: Declared, legs: LegTable, boards: Callable[[int], Boards]) -> None:
        self.declared, self.service, self.legs, self.boards = declared, declared.service, legs, boards
        self.likes = declared.scenario.parameters.preferences
        cancelled = declared.scenario.parameters.disruptions.cancelled_trips
        self.gone = {trip for trip, name in enumerate(self.service.trip_id) if name in cancelled}
        self.best_on: dict[tuple[int, int], set[int]] = {}
        self.vehicles = {leg: self._vehicles(leg) for leg in range(len(legs))}
        self.plans: dict[tuple[int, float], float] = {}

    def _vehicles(self, leg: int) -> list[tuple[Wish, int]]:
        """Return every trip that may be boarded on a leg, with the wish that it fulfils."""
        found = []
        for wish in self.boards(leg):
            for trip, pattern in enumerate(self.service.trip_pattern.tolist()):
                if pattern == wish.pattern and wish.due_from <= self._due(trip, wish.place) <= wish.due_until:
                    found.append((wish, trip))
        return found

    def judge(self, trip: int, place: int, now: int, visits: Sequence[Any]) -> None:
        """Note on which legs a vehicle is the best one that opens its doors now."""
        stop = self.declared.patterns[trip].stops[place]
        self.best_on[trip, place] = {
            leg
            for leg in range(len(self.legs))
            if int(self.legs.board_stop[leg]) == stop and self._is_best(leg, (trip, place), now / TICKS, visits)
        }

    def _is_best(self, leg: int, here: tuple[int, int], now: float, visits: Sequence[Any]) -> bool:
        mine, others = NEVER, [NEVER]
        for wish, trip in self.vehicles[leg]:
            first = self.declared.first[trip]
            been = [
                place
                for place in range(len(self.declared.patterns[trip].stops))
                if visits[first + place].arrival is not None
            ]
            late = visits[first + been[-1]].arrival / TICKS - self._arrives(trip, been[-1]) if been else 0.0
            due = self._due(trip, wish.place)
            leaves = max(due + late, now)
            cost = self._wait_weight() * (leaves - now) + self._ride_and_then(wish, trip, leaves - due)
            if (trip, wish.place) == here:
                mine = cost
            elif trip not in self.gone and wish.place not in been and not (been and been[-1] > wish.place):
                others.append(cost)
        return mine <= min(others) + 1e-6

    def _ride_and_then(self, wish: Wish, trip: int, moved: float) -> float:
        """Return what riding costs and what follows, where a vehicle leaves so much later than it is due."""
        assert wish.then is not None
        arrives = self._arrives(trip, wish.out)
        cost = self.likes.in_vehicle_weight * (arrives - self._due(trip, wish.place))
        follows, walk = wish.then[0], wish.then[1] / TICKS
        cost += self.likes.walk_weight * walk
        return (
            cost if follows < 0 else cost + self.likes.transfer_penalty_s + self._plan(follows, arrives + walk + moved)
        )

    def _plan(self, leg: int, time: float) -> float:
        """Return what waiting for a leg from a time on costs by the timetable."""
        if (leg, time) not in self.plans:
            costs = [
                self._wait_weight() * (self._due(trip, wish.place) - time) + self._ride_and_then(wish, trip, 0.0)
                for wish, trip in self.vehicles[leg]
                if self._due(trip, wish.place) >= time
            ]
            self.plans[leg, time] = min(costs, default=NEVER)
        return self.plans[leg, time]

    def _wait_weight(self) -> float:
        return min(self.likes.wait_weight, self.likes.in_vehicle_weight)

    def _due(self, trip: int, place: int) -> float:
        return float(self.service.scheduled_departure_s[self.declared.first[trip] + place])

    def _arrives(self, trip: int, place: int) -> float:
        return float(self.service.scheduled_arrival_s[self.declared.first[trip] + place])
