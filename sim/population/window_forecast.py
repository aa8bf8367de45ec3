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
from sim.population.case_costs import AtGoals, case_costs, transfers_of
from sim.population.distinct_codes import distinct_codes
from sim.population.giving_up import GivingUp, giving_up
from sim.population.journey_tree import TimedCases, TimedLevel, journey_tree, timed_cases
from sim.population.met_on_the_way import MetOnTheWay, Stands
from sim.population.observation import Observation
from sim.population.patience import mean_wait_s, wait_if_taken_s
from sim.population.route_choice import pair_rows
from sim.population.service_points import ServicePoints, row_places
from sim.population.stretches import Follower, Stretches
from sim.population.timed_path import TimedPath, mean_at_goals
from sim.population.waits import WaitingSets

PLACES_IN_WINDOW = (np.arange(5) + 0.5) / 5
"""Evenly spread places within a window over which schedule delay is averaged, as shares of it."""


@dataclass(frozen=True)
class PlaceArrivals:
    """When cases arrive, by where in their window people leave: as much earlier or later as they board first.

    Kept by where people wait first, as there are several times as many cases as places to wait at.

    Attributes
    ----------
    middle_s : ndarray of float, shape (cases,)
        Expected arrival when leaving in the middle of the window, seconds after midnight.
    first : ndarray of int, shape (cases,)
        Row of `shift_s`.
    shift_s : ndarray of float, shape (rows, places)
        How much later people arrive who leave at each of `PLACES_IN_WINDOW`.
    giving_up : GivingUp or None
        Who does not arrive, and what that costs; None where nobody gives up.
    """

    middle_s: FloatArray
    first: IntArray
    shift_s: FloatArray
    giving_up: GivingUp | None = None

    def at(self, place: int) -> FloatArray:
        """Return when cases arrive that leave at one place, shape (cases,)."""
        return self.middle_s + self.shift_s[:, place][self.first]


@dataclass(frozen=True)
class WindowForecast:
    """Cases of leaving: one row per (journey option, departure window).

    What few ask for is read off when it is asked for: there are several times as many cases as people.

    Attributes
    ----------
    option, window : ndarray of int, shape (cases,)
    arrival_s : ndarray of float, shape (cases,)
        Expected arrival when leaving in the middle of the window.
    places : PlaceArrivals
        The same by place in the window.
    waits_first_s : ndarray of float, shape (rows of `places`,)
        Expected wait at the first stop; 0 for whoever only walks.
    travel_cost_min : ndarray of float, shape (cases,)
        Generalized cost without schedule delay.
    lost_share : ndarray of float, shape (cases,)
        Chance that no vehicle takes them at the first stop any more, or that they give up there before.
    met : MetOnTheWay
        What else they meet.
    in_vehicle_weight, wait_weight : float
        Of the preferences.
    """

    option: IntArray
    window: IntArray
    arrival_s: FloatArray
    places: PlaceArrivals
    waits_first_s: FloatArray
    travel_cost_min: FloatArray
    lost_share: FloatArray
    met: MetOnTheWay
    in_vehicle_weight: float
    wait_weight: float

    @property
    def path(self) -> TimedPath:
        """The cases as they were prepared, and the vehicle departures taken on the way."""
        return self.met.path

    @cached_property
    def place_arrival_s(self) -> FloatArray:
        """Expected arrival by place in the window, seconds after midnight, shape (cases, places)."""
        arrival_s = np.stack([self.places.at(place) for place in range(self.places.shift_s.shape[1])], axis=1)
        # Whoever is shown it must not change what others are shown (test_a_strategy_cannot_change_what_others_meet).
        arrival_s.flags.writeable = False
        return arrival_s

    def arrive_share(self) -> FloatArray:
        """Return the chance not to give up on the way by place in the window, shape (cases, places)."""
        places = range(self.places.shift_s.shape[1])
        gone = self.places.giving_up
        if gone is None:
            return np.ones((len(self.option), len(places)))
        return np.stack([gone.arrive_share(place) for place in places], axis=1)

    def first_wait_s(self, case: IntArray) -> FloatArray:
        """Return the expected wait at the first stop of some cases, shape of `case`."""
        return self.waits_first_s[self.places.first[case]]

    @property
    def wait_s(self) -> FloatArray:
        """Expected wait, shape (cases,)."""
        return self.met.wait_s()

    @property
    def ride_s(self) -> FloatArray:
        """Expected time on board, shape (cases,)."""
        return self.met.ride_s()

    @property
    def load_factor(self) -> FloatArray:
        """Highest load factor met on the way, shape (cases,)."""
        return self.met.load_factor()

    @property
    def denied_share(self) -> FloatArray:
        """Chance of being left behind at least once, shape (cases,)."""
        return self.met.denied_share()

    @property
    def crowding_cost_min(self) -> FloatArray:
        """What one more commuter costs those on board by crowding, shape (cases,)."""
        return self.in_vehicle_weight * self.met.others_s() / 60.0

    @property
    def queue_cost_min(self) -> FloatArray:
        """What one more commuter costs those behind, who wait where a queue does not clear, shape (cases,)."""
        return self.wait_weight * self.met.queue_s() / 60.0

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
        Made with the legs of these options.
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
        self.position_point = np.concatenate([*points.pattern_points, np.zeros(0, dtype=np.int64)])
        position = position_ptr[legs.pattern] + legs.board_sequence
        self._hops = row_places(legs, points.pattern_points, points.pattern_length).hops
        self.waiting = WaitingSets(points, legs.set_ptr, points.groups.of_row)
        self._tree = journey_tree(options, self.waiting, position, self._hops)

    @property
    def places_s(self) -> FloatArray:
        """Return how much later than in the middle of a window its places are, in seconds."""
        return (PLACES_IN_WINDOW - 0.5) * self.window_s

    @cached_property
    def transfers(self) -> FloatArray:
        """Changes of vehicle of each option as it was planned, shape (options,)."""
        return transfers_of(self.options)

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
        return timed_cases(self._tree, option, window, self._at_the_hour(option, window))

    def _at_the_hour(self, option: IntArray, window: IntArray) -> IntArray:
        """Return the options that tell how strategies go on at the time of a window.

        Where ways differ by the hour, an option names the way of its own period; another one of the pair that begins
        with the same leg is the same strategy at another hour.
        """
        options, found = self.options, option.copy()
        mine = np.flatnonzero(options.is_strategy()[option]) if np.isfinite(options.period_s) else found[:0]
        if not len(mine):
            return found
        row_of = np.repeat(np.arange(len(options.pairs)), np.diff(options.option_ptr))
        pairs, leave_s = options.pairs[row_of[option[mine]]], (window[mine] + 0.5) * self.window_s
        row = pair_rows(options, pairs[:, 0], pairs[:, 1], np.asarray(leave_s, dtype=np.float64))
        first_leg, walk_s = options.first_leg(), np.append(options.walk_before_s, 0.0)[options.leg_ptr[:-1]]
        count = np.diff(options.option_ptr)[row]
        for place in range(int(count.max(initial=0))):
            there = np.flatnonzero(place < count)
            other, own = options.option_ptr[row[there]] + place, option[mine[there]]
            same = (first_leg[other] == first_leg[own]) & (walk_s[other] == walk_s[own])
            found[mine[there[same]]] = other[same]
        return found

    def forecast(self, observation: Observation, cases: TimedCases) -> WindowForecast:
        """Work out cases of leaving by an option in a window.

        Where a leg has several attractive patterns people wait for any of them, and ride on each with the chance that
        it comes first. What a strategy does after a line that is not its cheapest at the hour is left out.

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


class _Walk:
    """All timed branches on their way, level by level."""

    def __init__(self, forecaster: WindowForecaster, observation: Observation) -> None:
        self.forecaster = forecaster
        self.observation = observation
        self.follower = Follower(forecaster.points, forecaster.position_point, observation)
        self.stands: list[Stands] = []
        self.stretches: list[Stretches] = []
        self.share: list[FloatArray] = []
        self.arrived: list[FloatArray] = []
        self.lost: list[FloatArray] = []
        self.first_joins_s, self.first_board_s = np.zeros(0), np.zeros((0, len(PLACES_IN_WINDOW)))
        self.first_taken: FloatArray | None = None

    def ride(self, level: TimedLevel) -> None:
        """Walk, wait and ride along the branches of a level, and keep the time of arrival at each of its goals."""
        forecaster, waiting = self.forecaster, self.forecaster.waiting
        if self.arrived:
            joins_s = self.arrived[-1][level.parent] + level.walk_s
        else:
            joins_s = np.asarray((level.window + 0.5) * forecaster.window_s, dtype=np.float64) + level.walk_s
        periods = forecaster.points.periods
        codes, met = distinct_codes(level.waits_for * periods + self.follower.period(joins_s))
        waits = waiting.waits(self.observation, codes // periods, codes % periods)
        if self.arrived:
            wait_s, share = waits.wait_s()[met], waits.boards_share()[waits.first[met[level.stand]] + level.member]
            if self.first_taken is not None:
                self.lost.append(waits.lost_share()[met])
                wait_s = wait_if_taken_s(wait_s, self.lost[-1], forecaster.points.patience_s)
        else:
            places_s = joins_s[:, None] + forecaster.places_s
            boarded = waiting.boarded(self.observation, level.waits_for, places_s)
            self.first_joins_s, self.first_board_s = joins_s, boarded.board_s
            wait_s = mean_wait_s(boarded.board_s - places_s, boarded.taken_share)
            if boarded.taken_share is not None:
                self.first_taken = boarded.taken_share
                self.lost.append(1.0 - boarded.taken_share.mean(axis=1))
            share = boarded.share[boarded.ptr[level.stand] + level.member]
        board_s = joins_s + wait_s
        stretches = self.follower.stretches(level, board_s)
        chance = _of_goals(level, share)
        self.stands.append(Stands(waits, met, wait_s))
        self.stretches.append(stretches)
        self.share.append(chance)
        ride_s = stretches.sums(self.follower.running_s)[stretches.of_end[level.goal_end]]
        self.arrived.append(board_s[level.goal_stand] + mean_at_goals(level, chance, ride_s))

    def finish(self, cases: TimedCases) -> WindowForecast:
        """Read off the state of each case at its last goal, add what is left and sum up the costs."""
        forecaster = self.forecaster
        preferences = forecaster.preferences
        path = TimedPath(cases, tuple(self.stretches), tuple(self.share), self.observation.load.size)
        met = MetOnTheWay(path, self.observation, preferences.crowding, tuple(self.stands))
        shift_s, waits_s, lost = self._at_first_stands()
        arrived_s = np.concatenate([*self.arrived, np.zeros(1)])
        sums = met.crowded_at_goals_s(), met.wait_at_goals_s()
        # Where people give up the penalty of not arriving is not on top of a journey: they do not make it.
        penalized = lost if self.first_taken is None else np.zeros(len(lost))
        at_goals = AtGoals(arrived_s, *sums, penalized)
        costs = case_costs(preferences, forecaster.options, cases, forecaster.window_s, at_goals)
        gone = self._giving_up(cases, sums, costs.travel_cost_min)
        return WindowForecast(
            option=cases.option,
            window=cases.window,
            arrival_s=costs.arrival_s,
            places=PlaceArrivals(costs.arrival_s, cases.first_stand, shift_s, gone),
            waits_first_s=waits_s,
            travel_cost_min=costs.travel_cost_min if gone is None else gone.travel_min(),
            lost_share=costs.lost_share if gone is None else lost[cases.first_stand],
            met=met,
            in_vehicle_weight=preferences.in_vehicle_weight,
            wait_weight=preferences.wait_weight,
        )

    def _at_first_stands(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return how much later than on average the first vehicle comes by place, the wait, and chances of none.

        Shapes (first stands + 1, places) and (first stands + 1,) twice. The last row is for whoever walks all the way
        and arrives as much later as they leave.
        """
        offset_s = self.forecaster.places_s
        if not self.stands:
            return offset_s[None, :], np.zeros(1), np.zeros(1)
        first = self.stands[0]
        if self.first_taken is None:
            lost, boards_s = first.waits.lost_share()[first.met], self.first_board_s.mean(axis=1)
            waits_s = np.where(np.isfinite(boards_s), boards_s - self.first_joins_s, 0.0)
        else:
            lost, waits_s, boards_s = self.lost[0], first.wait_s, self.first_joins_s + first.wait_s
        later_s = self.first_board_s - boards_s[:, None]
        return np.vstack([later_s, offset_s]), np.append(waits_s, 0.0), np.append(lost, 0.0)

    def _giving_up(
        self, cases: TimedCases, sums: tuple[FloatArray, FloatArray], arriving_min: FloatArray
    ) -> GivingUp | None:
        if self.first_taken is None:
            return None
        taken = np.vstack([self.first_taken, np.ones(len(PLACES_IN_WINDOW))])
        patience_s = self.forecaster.points.patience_s
        return giving_up(self.forecaster.preferences, cases, taken, self.lost, sums, arriving_min, patience_s)


def _of_goals(level: TimedLevel, share: FloatArray) -> FloatArray:
    """Return the chance of coming to each goal by each of its ends, from the chances to board on branches."""
    if level.goals == len(level.goal_end):
        # By its only end everybody comes to a goal.
        return np.ones(level.goals)
    first, of_goal = level.goal_ptr[:-1], np.repeat(np.arange(level.goals), np.diff(level.goal_ptr))
    chance = share[level.branch[level.goal_end]]
    total = np.add.reduceat(chance, first)[of_goal]
    # Where only lines come first after which a strategy goes on in other ways, its cheapest one stands for all.
    cheapest = (np.arange(len(of_goal)) == first[of_goal]).astype(np.float64)
    return np.where(total > 0.0, chance / np.where(total > 0.0, total, 1.0), cheapest)
