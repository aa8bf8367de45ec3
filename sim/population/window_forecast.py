"""What leaving in a window may be expected to cost, given traffic by service point and period.

A journey option is followed stop by stop through the observed periods: wait where it boards,
running time and load factor of the period in which it passes, on each line that may come first.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy

from sim.arrays import FloatArray, IntArray
from sim.model.journeys import JourneyOptions
from sim.model.parameters import PreferenceParameters
from sim.population.generalized_cost import crowding_multiplier, crowding_slope
from sim.population.journey_tree import TimedCases, TimedLevel, journey_tree, timed_cases
from sim.population.observation import Observation
from sim.population.riding import AtGoals, Riding
from sim.population.service_points import ServicePoints
from sim.population.timed_path import TimedPath
from sim.population.waits import WaitingSets
from sim.units import TICKS_PER_S

PLACES_IN_WINDOW = (np.arange(5) + 0.5) / 5
"""Evenly spread places within a window over which schedule delay is averaged, as shares of it."""


@dataclass(frozen=True)
class WindowForecast:
    """Cases of leaving: one row per (journey option, departure window).

    What few ask for is read off when it is asked for: there are several times as many cases as people.

    Attributes
    ----------
    option, window : ndarray of int, shape (cases,)
    arrival_s : ndarray of float, shape (cases,)
        Expected arrival when leaving in the middle of the window.
    first_wait_s : ndarray of float, shape (cases,)
        Expected wait at the first stop.
    place_arrival_s : ndarray of float, shape (cases, places)
        Expected arrival when leaving at each of `PLACES_IN_WINDOW`: earlier or later by as
        much as the first vehicle boarded.
    travel_cost_min : ndarray of float, shape (cases,)
        Generalized cost without schedule delay.
    lost_share : ndarray of float, shape (cases,)
        Chance that no vehicle takes them at the first stop any more.
    path : TimedPath
        The cases as they were prepared, and the vehicle departures taken on the way.
    arrived : AtGoals
        People at the last goals of the cases.
    """

    option: IntArray
    window: IntArray
    arrival_s: FloatArray
    first_wait_s: FloatArray
    place_arrival_s: FloatArray
    travel_cost_min: FloatArray
    lost_share: FloatArray
    path: TimedPath
    arrived: AtGoals

    @property
    def wait_s(self) -> FloatArray:
        """Expected wait, shape (cases,)."""
        return self.arrived.read("wait_s")

    @property
    def ride_s(self) -> FloatArray:
        """Expected time on board, shape (cases,)."""
        return self.arrived.read("ride_s")

    @property
    def load_factor(self) -> FloatArray:
        """Highest load factor met on the way, shape (cases,)."""
        return self.arrived.read("load_factor")

    @property
    def denied_share(self) -> FloatArray:
        """Chance of being left behind at least once, shape (cases,)."""
        return self.arrived.read("boards")

    @property
    def crowding_cost_min(self) -> FloatArray:
        """What one more commuter costs those on board by crowding, shape (cases,)."""
        return self.arrived.in_vehicle_weight * self.arrived.read("others_s") / 60.0

    @property
    def queue_cost_min(self) -> FloatArray:
        """What one more commuter costs those behind, who wait where a queue does not clear, shape (cases,)."""
        return self.arrived.wait_weight * self.arrived.read("queue_s") / 60.0

    @cached_property
    def cells(self) -> scipy.sparse.csr_array:
        """Vehicle departures that the commuter is expected to be on, shape (cases, points * periods)."""
        found = self.path.cells(np.arange(len(self.option)))
        shape = (len(self.option), self.path.all_cells)
        matrix = scipy.sparse.csr_array((found.share, found.cell, found.ptr), shape=shape)
        matrix.sum_duplicates()
        return matrix

    @property
    def others_cost_min(self) -> FloatArray:
        """What one more commuter costs all others, shape (cases,)."""
        return self.crowding_cost_min + self.queue_cost_min


class WindowForecaster:
    """Follows journey options through observations.

    Parameters
    ----------
    options : JourneyOptions
    points : ServicePoints
    preferences : PreferenceParameters
    window_s : float
        Width of departure windows in seconds.
    """

    def __init__(
        self, options: JourneyOptions, points: ServicePoints, preferences: PreferenceParameters, window_s: float
    ) -> None:
        self.options = options
        self.points = points
        self.preferences = preferences
        self.window_s = window_s
        legs = options.legs
        lengths = np.array([len(stops) for stops in points.pattern_points], dtype=np.int64)
        position_ptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        self._position_point = np.concatenate([*points.pattern_points, np.zeros(0, dtype=np.int64)])
        position = position_ptr[legs.pattern] + legs.board_sequence
        # Beyond the last stop of a pattern the first one of what follows is the same place.
        beyond = legs.alight_sequence >= points.pattern_length[legs.pattern]
        self._hops = legs.alight_sequence - beyond - legs.board_sequence
        self.waiting = WaitingSets(points, legs.set_ptr, self._position_point[position])
        self._tree = journey_tree(options, self.waiting, position, self._hops)

    @property
    def places_s(self) -> FloatArray:
        """Return how much later than in the middle of a window its places are, in seconds."""
        return (PLACES_IN_WINDOW - 0.5) * self.window_s

    @cached_property
    def least_departures(self) -> IntArray:
        """Vehicle departures that a journey by each option needs at least, whatever the traffic, shape (options,).

        Those of its longest ride, on the line with the fewest, where its stops are distinct places; else one.
        """
        apart = np.array([len(np.unique(stops)) == len(stops) for stops in self.points.pattern_points])
        options, legs = self.options, self.options.legs
        by_row = np.where(apart[legs.pattern], self._hops, 1)
        needed = np.minimum.reduceat(by_row, legs.set_ptr[:-1]) if len(legs) else by_row
        of_option = np.repeat(np.arange(len(options.leg_ptr) - 1), np.diff(options.leg_ptr))
        found = np.zeros(len(options.leg_ptr) - 1, dtype=np.int64)
        np.maximum.at(found, of_option, needed[options.leg])
        return found

    def cases(self, option: IntArray, window: IntArray) -> TimedCases:
        """Prepare cases of leaving by an option in a window, which may then be worked out for many days.

        Parameters
        ----------
        option, window : ndarray of int, shape (cases,)
        """
        return timed_cases(self._tree, option, window)

    def forecast(self, observation: Observation, cases: TimedCases) -> WindowForecast:
        """Work out cases of leaving by an option in a window.

        Where a leg has several attractive patterns people wait for any of them, and ride on each with the chance that
        it comes first. What a strategy does after a line that is not its cheapest is left out.

        Parameters
        ----------
        observation : Observation
        cases : TimedCases
        """
        walk = _Walk(self, observation)
        for level in cases.levels:
            walk.ride(level)
        return walk.finish(cases)

    def walk_first_s(self, option: IntArray) -> FloatArray:
        """Return the walk in seconds to where each option boards first."""
        walk_s: FloatArray = np.append(self.options.walk_before_s, 0.0)[self.options.leg_ptr[option]]
        return walk_s

    def first_leg(self, option: IntArray) -> IntArray:
        """Return the first leg of each option."""
        return self.options.leg[self.options.leg_ptr[option]]

    def point_of(self, position: IntArray) -> IntArray:
        """Return the service point at a position row."""
        return self._position_point[position]


class _Walk:
    """All timed branches on their way, level by level."""

    def __init__(self, forecaster: WindowForecaster, observation: Observation) -> None:
        self.forecaster = forecaster
        self.observation = observation
        crowding = forecaster.preferences.crowding
        factor = observation.load_factor()
        self.load_factor_cells = factor.reshape(-1)
        self.multiplier = crowding_multiplier(crowding, factor).reshape(-1)
        slope = crowding_slope(crowding, factor)
        self.felt_by_others = (slope * factor).reshape(-1)
        self.running_s = observation.running_s.reshape(-1)
        self.waits = forecaster.waiting.waits(observation)
        self.queue_cells_s = observation.queue_s.reshape(-1)
        self.served_period = observation.served_period().reshape(-1)
        self.goals: list[Riding] = []
        self.cells: list[IntArray] = []
        self.share: list[FloatArray] = []
        self.first_board_s = np.zeros((0, len(PLACES_IN_WINDOW)))
        self.all_cells = observation.load.size

    def _period(self, time_s: FloatArray) -> IntArray:
        points = self.forecaster.points
        # A vehicle due at the very start of a period must not fall into the one before by rounding.
        return np.clip((time_s + 1.0 / TICKS_PER_S) // points.period_s, 0, points.periods - 1).astype(np.int64)

    def _served_cell(self, position: IntArray, time_s: FloatArray) -> IntArray:
        """Return the cell of the vehicle taken: of the nearest period that has one."""
        row = self.forecaster.point_of(position) * self.forecaster.points.periods
        served: IntArray = row + self.served_period[row + self._period(time_s)]
        return served

    def ride(self, level: TimedLevel) -> None:
        """Walk, wait and ride along the branches of a level, and keep the state at each of its goals."""
        forecaster, waiting = self.forecaster, self.forecaster.waiting
        if self.goals:
            at = self.goals[-1].take(level.parent)
        else:
            at = Riding.at(np.asarray((level.window + 0.5) * forecaster.window_s, dtype=np.float64))
        at.walk_s += level.walk_s
        at.time_s += level.walk_s
        period = self._period(at.time_s)
        joins = level.waits_for, period
        if self.goals:
            member = waiting.member_ptr[level.waits_for[level.stand]] + level.member
            wait_s, share = self.waits.wait_s[joins], self.waits.boards_share[member, period[level.stand]]
        else:
            joined_s = at.time_s[:, None] + forecaster.places_s
            met = waiting.boarded(self.observation, level.waits_for, joined_s)
            self.first_board_s = met.board_s
            wait_s, share = (met.board_s - joined_s).mean(axis=1), met.share[met.ptr[level.stand] + level.member]
        at.wait_s += wait_s
        at.time_s += wait_s
        at.boards = 1.0 - (1.0 - at.boards) * (1.0 - self.waits.denied_share[joins])
        np.maximum(at.queue_s, self.waits.queue_s[joins], out=at.queue_s)
        on, ends = at.take(level.stand), Riding.at(np.zeros(len(level.branch)))
        cells: list[IntArray] = []
        for hop, riding in enumerate([*level.riding.tolist(), 0]):
            off = slice(*level.end_ptr[hop : hop + 2].tolist())
            ends.put(off, on, level.branch[off])
            if riding:
                cells.append(self._hop(on, riding, level.boards_at[:riding] + hop))
        chance = _of_goals(level, share)
        self.goals.append(ends.mean(level.goal_end, chance, level.goal_ptr[:-1]))
        self.cells.append(np.concatenate([*cells, level.boards_at[:0]]))
        self.share.append(chance)

    def _hop(self, on: Riding, riding: int, position: IntArray) -> IntArray:
        """Ride to the next stop on the first so many branches; return the vehicle departures taken."""
        cell = self._served_cell(position, on.time_s[:riding])
        running_s = self.running_s[cell]
        on.ride_s[:riding] += running_s
        on.crowded_s[:riding] += running_s * self.multiplier[cell]
        on.others_s[:riding] += running_s * self.felt_by_others[cell]
        for highest, cells in ((on.load_factor, self.load_factor_cells), (on.queue_s, self.queue_cells_s)):
            np.maximum(highest[:riding], cells[cell], out=highest[:riding])
        on.time_s[:riding] += running_s
        return cell

    def finish(self, cases: TimedCases) -> WindowForecast:
        """Read off the state of each case at its last goal, add what is left and sum up the costs."""
        forecaster = self.forecaster
        preferences, options = forecaster.preferences, forecaster.options
        option, window = cases.option, cases.window
        start_s = np.asarray((window + 0.5) * forecaster.window_s, dtype=np.float64)
        row, first = cases.last_goals(), cases.first_stands()
        arrived = AtGoals(tuple(self.goals), row, preferences.in_vehicle_weight, preferences.wait_weight)
        time_s = arrived.read("time_s")
        walks = np.flatnonzero(row == arrived.goals)
        time_s[walks] = start_s[walks]
        egress_s = options.egress_walk_s[option]
        transfers = np.maximum(np.diff(options.leg_ptr) - 1, 0).astype(np.float64)
        cost_s = (
            preferences.in_vehicle_weight * arrived.read("crowded_s")
            + preferences.wait_weight * arrived.read("wait_s")
            + preferences.walk_weight * (arrived.read("walk_s") + egress_s)
            + preferences.transfer_penalty_s * transfers[option]
        )
        shift_s, lost = self._by_place(cases)
        joins_s = start_s + np.where(options.has_legs()[option], forecaster.walk_first_s(option), 0.0)
        boards_s = np.append(self.first_board_s.mean(axis=1), np.nan)[first]
        fare_min = 0.0 if options.fare_min is None else options.fare_min[option]
        arrival_s, lost_share = time_s + egress_s, lost[first]
        # Place by place in memory, since places are gone through one by one for all cases.
        place_arrival_s = np.stack([arrival_s + np.take(shift, first) for shift in np.ascontiguousarray(shift_s.T)])
        return WindowForecast(
            option=option,
            window=window,
            arrival_s=arrival_s,
            first_wait_s=np.where(np.isfinite(boards_s), boards_s - joins_s, 0.0),
            place_arrival_s=place_arrival_s.T,
            travel_cost_min=(cost_s + preferences.unserved_penalty_s * lost_share) / 60.0 + fare_min,
            lost_share=lost_share,
            path=TimedPath(cases, tuple(self.cells), tuple(self.share), self.all_cells),
            arrived=arrived,
        )

    def _by_place(self, cases: TimedCases) -> tuple[FloatArray, FloatArray]:
        """Return how much later than on average the first vehicle comes, by place in the window, and chances of none.

        Shapes (first stands + 1, places) and (first stands + 1,). The last row is for whoever walks all the way
        and arrives as much later as they leave.
        """
        forecaster, points = self.forecaster, self.forecaster.points
        offset_s = forecaster.places_s
        if not cases.levels:
            return offset_s[None, :], np.zeros(1)
        level = cases.levels[0]
        waits_for = level.waits_for
        joined_s = (level.window + 0.5) * forecaster.window_s + level.walk_s
        period = np.clip(joined_s // points.period_s, 0, points.periods - 1).astype(np.int64)
        lost = self.waits.lost_share[waits_for, period]
        later_s = self.first_board_s - self.first_board_s.mean(axis=1, keepdims=True)
        return np.vstack([later_s, offset_s]), np.append(lost, 0.0)


def _of_goals(level: TimedLevel, share: FloatArray) -> FloatArray:
    """Return the chance of coming to each goal by each of its ends, from the chances to board on branches."""
    first, of_goal = level.goal_ptr[:-1], np.repeat(np.arange(level.goals), np.diff(level.goal_ptr))
    chance = share[level.branch[level.goal_end]]
    total = np.add.reduceat(chance, first)[of_goal]
    # Where only lines come first after which a strategy goes on in other ways, its cheapest one stands for all.
    cheapest = (np.arange(len(of_goal)) == first[of_goal]).astype(np.float64)
    return np.where(total > 0.0, chance / np.where(total > 0.0, total, 1.0), cheapest)


def schedule_cost_min(
    preferences: PreferenceParameters,
    arrival_s: FloatArray,
    preferred_arrival_s: FloatArray,
    early_factor: FloatArray | float = 1.0,
    late_factor: FloatArray | float = 1.0,
) -> FloatArray:
    """Return the cost of arriving early or late, in equivalent minutes (Small 1982).

    Parameters
    ----------
    preferences : PreferenceParameters
    arrival_s, preferred_arrival_s : ndarray of float
        Seconds after midnight; shapes that broadcast.
    early_factor, late_factor : ndarray of float or float
        Multiples of the penalties, of the commuters' classes.
    """
    # In place: this runs over every candidate of every commuter, and new arrays would cost more than the sums.
    late = np.asarray(arrival_s - preferred_arrival_s, dtype=np.float64)
    cost: FloatArray = np.asarray(np.maximum(-late, 0.0))
    np.maximum(late, 0.0, out=late)
    cost *= preferences.early_penalty
    cost *= early_factor
    fixed = np.multiply(late > 0, preferences.late_fixed_penalty_s) if preferences.late_fixed_penalty_s else 0.0
    late *= preferences.late_penalty
    late += fixed
    late *= late_factor
    cost += late
    cost /= 60.0
    return cost
