"""What one more commuter would have met on a day that was seen, vehicle by vehicle.

Forecasts are means over periods. How much riders differ from each other is in no mean: it is found by riding along.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.journeys import AS_PLANNED, JourneyOptions
from sim.model.parameters import PreferenceParameters
from sim.model.service import Service
from sim.population.boardings import Boardings
from sim.population.crowding import mean_ride_s
from sim.population.observation import VisitFacts
from sim.population.own_places import OwnPlaces
from sim.population.waits import WaitingSets, rows_of
from sim.records.day import DayRecords
from sim.units import TICKS_PER_S

_Boarded = tuple[IntArray, IntArray, FloatArray]
_Rides = tuple[IntArray, IntArray, IntArray, FloatArray, BoolArray]

MOST_RIDES = 100
"""Rides after which a journey by a strategy is given up; none has nearly as many."""


@dataclass(frozen=True)
class TracedRides:
    """Journeys of people who are not there, over the vehicles of a day.

    Attributes
    ----------
    arrival_s : ndarray of float, shape (people,)
        At the destination, seconds after midnight; NaN where no vehicle takes them there.
    first_visit : ndarray of int, shape (people,)
        Visit at which they board first; -1 where they board nothing.
    boards_first : ndarray of bool, shape (people,)
        Whether at every stop the first vehicle that comes takes them.
    left_behind : ndarray of bool, shape (people,)
        Whether a vehicle that comes does not take them; where none comes any more nobody is left behind.
    walk_s, coming_s : ndarray of float, shape (people,)
        Walks, and waits until the first vehicle comes, full or not; where none comes that wait is in vain alone.
    in_vain_s : ndarray of float, shape (people,)
        Waits of those whom no vehicle takes, where that is: until they give up or the last one has come.
    person, board, alight : ndarray of int, shape (rides,)
        Who rides, and the visits at which they board and get out.
    joined_s : ndarray of float, shape (rides,)
        When they joined the queue.
    moves_up : ndarray of bool, shape (rides,)
        Whether one person fewer stands before them than on the day: they themselves did.
    board_s, alight_s : ndarray of float, shape (rides,)
        When they board and get out.
    first_share : ndarray of float, shape (rides,)
        What part they ride of the time from arrival to arrival at their first stop: 1, but for people who come while
        the vehicle stands.
    """

    arrival_s: FloatArray
    first_visit: IntArray
    boards_first: BoolArray
    left_behind: BoolArray
    walk_s: FloatArray
    coming_s: FloatArray
    in_vain_s: FloatArray
    person: IntArray
    board: IntArray
    alight: IntArray
    joined_s: FloatArray
    moves_up: BoolArray
    board_s: FloatArray
    alight_s: FloatArray
    first_share: FloatArray

    def by_person(self, values: FloatArray) -> FloatArray:
        """Sum values of rides by person, shape (people,)."""
        total: FloatArray = np.bincount(self.person, values, len(self.arrival_s)).astype(np.float64)
        return total

    def transfers(self) -> FloatArray:
        """Count the changes of vehicle of each person, shape (people,)."""
        return np.maximum(self.by_person(np.ones(len(self.person))) - 1.0, 0.0)

    def fullest(self, service: Service, facts: VisitFacts) -> tuple[FloatArray, IntArray]:
        """Return the highest load factor that each person meets, and the visit after which; 0 and -1 on foot.

        Parameters
        ----------
        service : Service
        facts : VisitFacts
            Of the day.
        """
        return fullest_met(service, facts, len(self.arrival_s), self.person, (self.board, self.alight))

    def sits(self, service: Service, facts: VisitFacts) -> BoolArray:
        """Say who finds a seat wherever they board, shape (people,).

        Riders on board keep their seats; those who board take what is free in the order in which they joined the queue,
        as in the engine.

        Parameters
        ----------
        service : Service
        facts : VisitFacts
            Of the day.
        """
        visits = len(facts.load)
        boarders = np.bincount(facts.boarding_visit, minlength=visits)
        free = service.trip_seats[service.visit_trip] - (facts.load - boarders)
        # One sorted column for all visits: how many who boarded there had joined before.
        apart_s, column = facts.boarders
        joined_s = np.clip(self.joined_s, 0.0, apart_s - 1.0)
        ahead = np.searchsorted(column, self.board * apart_s + joined_s) - np.searchsorted(column, self.board * apart_s)
        stands = self.person[np.maximum(ahead - self.moves_up, 0) >= free[self.board]]
        seated = np.ones(len(self.arrival_s), dtype=np.bool_)
        seated[stands] = False
        return seated


def visits_ridden(board: IntArray, alight: IntArray) -> tuple[IntArray, IntArray]:
    """Return the visits that rides leave on board: the number of the ride, and the visit, ride after ride.

    Parameters
    ----------
    board, alight : ndarray of int, shape (rides,)
        Visits at which they begin and end.
    """
    length = np.maximum(alight - board, 0)
    first = np.concatenate([[0], np.cumsum(length)]).astype(np.int64)
    visit = np.arange(int(first[-1])) + np.repeat(board - first[:-1], length)
    return np.repeat(np.arange(len(board)), length), visit


def fullest_met(
    service: Service, facts: VisitFacts, people: int, person: IntArray, ends: tuple[IntArray, IntArray]
) -> tuple[FloatArray, IntArray]:
    """Return the highest load factor that each of some people meets on rides, and the visit after which.

    Parameters
    ----------
    service : Service
    facts : VisitFacts
        Of the day.
    people : int
        How many there are.
    person : ndarray of int, shape (rides,)
        Who rides.
    ends : tuple of ndarray of int, shape (rides,) each
        Visits at which they board and get out.

    Returns
    -------
    tuple of ndarray, shape (people,) each
        0 and -1 for whoever rides nowhere.
    """
    factor = facts.load / np.maximum(service.trip_capacity[service.visit_trip], 1)
    ride, visit = visits_ridden(*ends)
    owner = person[ride]
    order = np.lexsort((-factor[visit], owner))
    begins = np.diff(owner[order], prepend=-1) != 0
    highest, where = np.zeros(people), np.full(people, -1, dtype=np.int64)
    highest[owner[order][begins]] = factor[visit[order][begins]]
    where[owner[order][begins]] = visit[order][begins]
    return highest, where


@dataclass(frozen=True)
class DayTraffic:
    """The vehicles of a day as one more commuter would meet them.

    Attributes
    ----------
    boardings : Boardings
    visit_arrival_s : ndarray of float, shape (visits,)
        When each vehicle came to each of its stops.
    crowded_s : ndarray of float, shape (visits + 1,)
        Time on board from the start of all runs to each visit, weighted by the crowding that riders shared on average.
    """

    boardings: Boardings
    visit_arrival_s: FloatArray
    crowded_s: FloatArray

    @classmethod
    def of(
        cls, service: Service, preferences: PreferenceParameters, day: DayRecords, boardings: Boardings
    ) -> DayTraffic:
        """Take it from the records of a day and what was seen of its boardings."""
        return cls(boardings, day.visit_arrival_s, mean_ride_s(service, preferences.crowding, day))

    def rides(
        self, options: JourneyOptions, waiting: WaitingSets, option: IntArray, leave_s: FloatArray
    ) -> TracedRides:
        """Let one more commuter each leave at a time by an option; they displace nobody and nobody displaces them."""
        return traced_rides(options, waiting, self.boardings, self.visit_arrival_s, option, leave_s)

    def travel_min(
        self, preferences: PreferenceParameters, rides: TracedRides, fare_min: FloatArray | float = 0.0
    ) -> FloatArray:
        """Return the generalized cost of journeys without schedule delay, in minutes; see `journeys_cost_min`."""
        crowded_s, share = self.crowded_s[rides.alight] - self.crowded_s[rides.board], rides.first_share
        late = np.flatnonzero(share < 1.0)
        board = rides.board[late]
        crowded_s[late] -= (1.0 - share[late]) * (self.crowded_s[board + 1] - self.crowded_s[board])
        return journeys_cost_min(preferences, rides, crowded_s, fare_min)


def journeys_cost_min(
    preferences: PreferenceParameters, rides: TracedRides, crowded_s: FloatArray, fare_min: FloatArray | float
) -> FloatArray:
    """Return the generalized cost of journeys without schedule delay, in minutes, shape (people,).

    Parameters
    ----------
    preferences : PreferenceParameters
    rides : TracedRides
        Whoever does not arrive pays `unserved_penalty` on top of what they had paid so far.
    crowded_s : ndarray of float, shape (rides,)
        Time on board of each ride, weighted by crowding.
    fare_min : ndarray of float, shape (people,), or float
        What the fare is worth in minutes; of those who arrive.
    """
    ride_s = preferences.in_vehicle_weight * crowded_s + preferences.wait_weight * (rides.board_s - rides.joined_s)
    cost_s = rides.by_person(ride_s) + preferences.walk_weight * rides.walk_s
    travel_min = (cost_s + preferences.transfer_penalty_s * rides.transfers()) / 60.0
    unserved_min = preferences.wait_weight * rides.in_vain_s + preferences.unserved_penalty_s
    return travel_min + np.where(np.isfinite(rides.arrival_s), fare_min, unserved_min / 60.0)


def traced_rides(
    options: JourneyOptions,
    waiting: WaitingSets,
    day: Boardings,
    visit_arrival_s: FloatArray,
    option: IntArray,
    leave_s: FloatArray,
    own: OwnPlaces | None = None,
    looks: bool = True,
) -> TracedRides:
    """Follow people who leave at some times over the vehicles of a day.

    Parameters
    ----------
    options : JourneyOptions
    waiting : WaitingSets
        Of their legs.
    day : Boardings
    visit_arrival_s : ndarray of float, shape (visits,)
        When each vehicle came to each of its stops on the day.
    option, leave_s : ndarray, shape (people,)
        What each rides by, and when they leave, seconds after midnight.
    own : OwnPlaces or None
        Where each stood in the queues of the day; None for people who are not there, each one more rider.
    looks : bool
        False where nobody asks for vehicles that come and do not take them: all are taken to come first.
    """
    legs, place, end = options.legs, options.leg_ptr[option].copy(), options.leg_ptr[option + 1]
    (leg_at, walk_at), egress_s, rides_at_all = _by_place(options), options.egress_walk_s[option], place < end
    arrival_s = np.where(rides_at_all, np.nan, leave_s + egress_s)
    walked_s, (coming_s, in_vain_s) = np.where(rides_at_all, walk_at[place], egress_s), np.zeros((2, len(option)))
    boards_first, left_behind = (np.full(len(option), value, dtype=np.bool_) for value in (True, False))
    rides, person = list[_Rides](), np.flatnonzero(rides_at_all)
    leg, time_s, out_of = leg_at[place[person]], leave_s[person] + walk_at[place[person]], np.full(len(person), -1)
    for number in range(MOST_RIDES):
        if not len(person):
            break
        at = leg, (time_s, out_of)
        boarded = _boarded(waiting, day, visit_arrival_s, *at, looks=looks)
        (row, visit, comes_s), moves_up = _in_places(waiting, own, visit_arrival_s, at, (number, person), boarded)
        taken, alight = visit >= 0, visit + legs.alight_sequence[row] - legs.board_sequence[row]
        board_s = np.where(taken, np.maximum(visit_arrival_s[visit], time_s), np.nan)
        boards_first[person] &= comes_s >= board_s
        left = ~(comes_s >= board_s) & (comes_s < day.end_s) & (comes_s - time_s <= day.patience_s)
        left_behind[person] |= left
        in_vain_s[person[~taken]] = _in_vain_s(waiting, day, leg[~taken], time_s[~taken])
        coming_s[person] += np.where(left, comes_s, np.where(taken, board_s, time_s)) - time_s
        rides.append((person[taken], visit[taken], alight[taken], time_s[taken], moves_up[taken]))
        time_s, place[person] = np.where(taken, visit_arrival_s[alight], np.nan), place[person] + 1
        planned = legs.next_leg[row] == AS_PLANNED
        onward = np.where(planned, place[person] < end[person], legs.next_leg[row] >= 0)
        last_walk_s = np.where(planned, egress_s[person], legs.next_walk_s[row])
        arrival_s[person[~onward]] = (time_s + last_walk_s)[~onward]
        rides_on = onward & np.isfinite(time_s)
        walk_s = np.where(onward, np.where(planned, walk_at[place[person]], legs.next_walk_s[row]), last_walk_s)
        walked_s[person] += np.where(taken, walk_s, 0.0)
        leg = np.where(planned, leg_at[place[person]], legs.next_leg[row])[rides_on]
        out_of = np.where(walk_s > 0.0, -1, waiting.visit_block[visit])[rides_on]
        time_s, person = (time_s + walk_s)[rides_on], person[rides_on]
    return _collected(visit_arrival_s, rides, arrival_s, (boards_first, left_behind, walked_s, coming_s, in_vain_s))


def _in_places(
    waiting: WaitingSets,
    own: OwnPlaces | None,
    visit_arrival_s: FloatArray,
    at: tuple[IntArray, tuple[FloatArray, IntArray]],
    who: tuple[int, IntArray],
    boarded: _Boarded,
) -> tuple[_Boarded, BoolArray]:
    """Return what people board who hold their own places, if any, and who moves up, having stood before themselves."""
    if own is None:
        return boarded, np.zeros(len(boarded[1]), dtype=np.bool_)
    held = _boarded(waiting, own.held, visit_arrival_s, *at)
    moves_up = own.leave_room(*who, at[1][0], held[1])
    row, visit, comes_s = (np.where(moves_up, *both) for both in zip(held, boarded, strict=True))
    return (row, visit, comes_s), moves_up


def _by_place(options: JourneyOptions) -> tuple[IntArray, FloatArray]:
    """Return the leg at each place of the options, and the walk before it, with nothing at places beyond the last.

    Whoever goes on as no option has it may ride more often than any: what stands at the place is looked up then, and
    not used (test_a_way_with_more_rides_than_planned_is_told).
    """
    beyond = np.zeros(MOST_RIDES, dtype=np.int64)
    return np.append(options.leg, beyond), np.append(options.walk_before_s, beyond.astype(np.float64))


def _collected(
    visit_arrival_s: FloatArray,
    rides: Sequence[_Rides],
    arrival_s: FloatArray,
    found: tuple[BoolArray, BoolArray, FloatArray, FloatArray, FloatArray],
) -> TracedRides:
    """Lay all rides one after the other, beside what was found of each person."""
    none = np.zeros(0, dtype=np.int64)
    columns = zip(*rides, strict=True) if rides else ((none,), (none,), (none,), (np.zeros(0),), (none.astype(bool),))
    owner, board, off, joined_s, moves_up = (np.concatenate(column) for column in columns)
    first_visit = np.full(len(arrival_s), -1, dtype=np.int64)
    for person, visit, *_ in rides[:1]:
        first_visit[person] = visit
    board_s, first_share = np.maximum(visit_arrival_s[board], joined_s), np.ones(len(board))
    late = np.flatnonzero(board_s > visit_arrival_s[board])
    came_s, next_s = visit_arrival_s[board[late]], visit_arrival_s[board[late] + 1]
    first_share[late] -= (board_s[late] - came_s) / (next_s - came_s)
    times_s = board_s, visit_arrival_s[off], first_share
    return TracedRides(arrival_s, first_visit, *found, owner, board, off, joined_s, moves_up, *times_s)


def _boarded(
    waiting: WaitingSets,
    day: Boardings,
    visit_arrival_s: FloatArray,
    leg: IntArray,
    joining: tuple[FloatArray, IntArray],
    *,
    looks: bool = True,
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return the row of the leg by which each boards, the visit at which they do, and when the first vehicle comes.

    The visit is -1 where nobody takes them. People join at some times, out of a vehicle of a block; -1 where they walk
    there. Vehicles in the same instant are boarded in the order in which they act, as in the engine
    (test_vehicles_in_the_same_instant_are_boarded_as_they_act).
    """
    joined_s, out_of = joining
    if waiting.leg_ptr[-1] == len(waiting.leg_ptr) - 1:
        entry, point = waiting.leg_ptr[leg], waiting.member_group[waiting.member_ptr[waiting.of_leg[leg]]]
        joins_s = _present_s(waiting, day, point, joined_s, out_of)
        visit = day.boarded_visit(point, joins_s)
        return waiting.leg_row[entry], visit, day.comes_s(point, joins_s) if looks else visit_arrival_s[visit]
    first, entry = rows_of(waiting.leg_ptr, leg)
    _, member = rows_of(waiting.member_ptr, waiting.of_leg[leg])
    of_person = np.repeat(np.arange(len(leg)), np.diff(first))
    point = waiting.member_group[member]
    joins_s = _present_s(waiting, day, point, joined_s[of_person], out_of[of_person])
    visit = day.boarded_visit(point, joins_s)
    comes_s = np.where(visit >= 0, visit_arrival_s[visit], np.inf)
    boards_s = np.minimum.reduceat(comes_s, first[:-1])
    at_once = np.flatnonzero(comes_s == boards_s[of_person])
    at_once = at_once[np.lexsort((waiting.visit_block[visit[at_once]], of_person[at_once]))]
    chosen = at_once[np.unique(of_person[at_once], return_index=True)[1]]
    earliest_s = np.minimum.reduceat(day.comes_s(point, joins_s), first[:-1]) if looks else boards_s
    return waiting.leg_row[entry[chosen]], visit[chosen], earliest_s


def _present_s(
    waiting: WaitingSets, day: Boardings, group: IntArray, joined_s: FloatArray, out_of: IntArray
) -> FloatArray:
    """Return from when on people are there: a tick later where the vehicle of that instant acts before their own."""
    changes = np.flatnonzero(out_of >= 0)
    visit, closes_s = day.first_to_meet(group[changes], joined_s[changes])
    gone = (closes_s == joined_s[changes]) & (waiting.visit_block[visit] < out_of[changes]) & (visit >= 0)
    present_s = joined_s.copy()
    present_s[changes[gone]] += 1.0 / TICKS_PER_S
    return present_s


def _in_vain_s(waiting: WaitingSets, day: Boardings, leg: IntArray, joined_s: FloatArray) -> FloatArray:
    """Return how long each waits whom no vehicle of their leg takes."""
    first, member = rows_of(waiting.member_ptr, waiting.of_leg[leg])
    of_person = np.repeat(np.arange(len(leg)), np.diff(first))
    longest_s = np.zeros(len(leg))
    np.maximum.at(longest_s, of_person, day.in_vain_s(waiting.member_group[member], joined_s[of_person]))
    return longest_s
