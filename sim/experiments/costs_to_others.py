"""What one more rider costs all others: read off the vehicles that they ride on, on observed days.

Means by period do not tell it. The queue of the period in which a vehicle leaves is the one for the next vehicle, so
that whoever takes one with room before a full one was told to cost others over an hour
(test_nobody_is_told_to_cost_others_the_queue_for_the_next_vehicle).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.advisor.compiled_scenario import CompiledJourneys
from sim.arrays import FloatArray, IntArray
from sim.experiments.longer_stops import LongerStops
from sim.population.boardings import Boardings
from sim.population.crowding import mean_multiplier
from sim.population.observation import VisitFacts
from sim.population.traced_journeys import TracedRides, visits_ridden
from sim.population.waits import WaitingSets, rows_of


@dataclass(frozen=True)
class CostsToOthers:
    """A day on which one more person rides.

    Attributes
    ----------
    compiled : CompiledJourneys
        Of those who ride.
    facts : VisitFacts
        Of the day.
    boardings : Boardings
        Of the day, by the service points of `compiled`.
    """

    compiled: CompiledJourneys
    facts: VisitFacts
    boardings: Boardings

    def of(self, rides: TracedRides) -> FloatArray:
        """Return what each rider costs others, in minutes of generalized cost, shape (people,).

        Parameters
        ----------
        rides : TracedRides
            Of people who are not there.
        """
        ride, visit = visits_ridden(rides.board, rides.alight)
        stops = LongerStops(self.compiled.scenario, self.compiled.points.visit_point, self.facts)
        found_min = self._crowding_min(rides, ride, visit) + self._queues_min(rides, ride, visit)
        return rides.by_person(found_min + stops.others_min(rides.board, rides.alight))

    def _crowding_min(self, rides: TracedRides, ride: IntArray, visit: IntArray) -> FloatArray:
        """Return by how much those on board weigh their time more, shape (rides,).

        Where the vehicle is full it is as much as whoever is displaced adds to a later one, which is taken to be as
        full.
        """
        scenario, facts = self.compiled.scenario, self.facts
        preferences, load = scenario.parameters.preferences, facts.load[visit]
        more = mean_multiplier(scenario.service, preferences.crowding, load + 1, visit)
        more -= mean_multiplier(scenario.service, preferences.crowding, load, visit)
        first = visit == rides.board[ride]
        more[first] *= rides.first_share[ride[first]]
        to_next_s = np.nan_to_num(facts.arrival_s[visit + 1] - facts.arrival_s[visit])
        felt_s = np.bincount(ride, load * more * to_next_s, len(rides.board))
        felt_min: FloatArray = preferences.in_vehicle_weight * felt_s / 60.0
        return felt_min

    def _queues_min(self, rides: TracedRides, ride: IntArray, visit: IntArray) -> FloatArray:
        """Return what waiting longer for it costs those behind, shape (rides,).

        Whoever takes the last place leaves somebody behind, who takes the last place of the next vehicle, and so on up
        to the first with room. From then on the load is the one it would have been: along a ride the longest queue
        counts, and not each of them. Where they board, whoever is left behind may take another line of those that
        riders wait for there; further on it is not known which ones they would take.
        """
        facts, point_of = self.facts, self.compiled.points.visit_point
        serves = np.isfinite(facts.departure_s[visit]) & ~facts.is_last[visit] & ~facts.closed[visit]
        companions = _companions(self.compiled.forecaster.waiting, self.compiled.points.points)
        ptr, found = rows_of(companions.ptr, point_of[rides.board])
        each = np.repeat(np.arange(len(rides.board)), np.diff(ptr))
        of_others = self._until_room_min(companions.other[found], facts.arrival_s[rides.board[each]])
        longest = np.full(len(rides.board), np.inf)
        np.minimum.at(longest, each, of_others)
        further = np.flatnonzero(serves & (visit != rides.board[ride]))
        of_further = self._until_room_min(point_of[visit[further]], facts.arrival_s[visit[further]])
        np.maximum.at(longest, ride[further], of_further)
        return longest

    def _until_room_min(self, point: IntArray, from_s: FloatArray) -> FloatArray:
        """Return what waiting from a vehicle until one with room costs at service points, in minutes.

        Where none has room any more somebody is not taken at all.
        """
        preferences = self.compiled.scenario.parameters.preferences
        waits_s, lost = self.boardings.passed_on(point, from_s)
        found: FloatArray = (preferences.wait_weight * waits_s + preferences.unserved_penalty_s * lost) / 60.0
        return found


@dataclass(frozen=True)
class _Companions:
    """Service points whose vehicles riders wait for together, those of one after those of another.

    Attributes
    ----------
    ptr : ndarray of int, shape (points + 1,)
    other : ndarray of int
        Each is among its own.
    """

    ptr: IntArray
    other: IntArray


def _companions(waiting: WaitingSets, points: int) -> _Companions:
    every = np.arange(points)
    pairs = [(every, every)]
    for first, end in zip(waiting.member_ptr[:-1].tolist(), waiting.member_ptr[1:].tolist(), strict=True):
        members = waiting.member_point[first:end]
        pairs.append((np.repeat(members, len(members)), np.tile(members, len(members))))
    point, other = np.unique(np.concatenate(pairs, axis=1), axis=1)
    return _Companions(np.searchsorted(point, np.arange(points + 1)).astype(np.int64), other)
