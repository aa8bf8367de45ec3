"""What leaving in a window may be expected to cost, given traffic by line, stop and period.

A journey option is followed stop by stop through the observed periods: wait where it boards,
running time and load factor of the period in which it passes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from sim.arrays import FloatArray, IntArray
from sim.model.journeys import JourneyOptions
from sim.model.parameters import PreferenceParameters
from sim.population.generalized_cost import crowding_multiplier, crowding_slope
from sim.population.observation import SAMPLES_PER_PERIOD, Observation, ServicePoints
from sim.units import TICKS_PER_S

PLACES_IN_WINDOW = (np.arange(5) + 0.5) / 5
"""Evenly spread places within a window over which schedule delay is averaged, as shares of it."""


@dataclass(frozen=True)
class WindowForecast:
    """Cases of leaving: one row per (journey option, departure window).

    Attributes
    ----------
    option, window : ndarray of int, shape (cases,)
    arrival_s : ndarray of float, shape (cases,)
        Expected arrival when leaving in the middle of the window.
    wait_s, ride_s : ndarray of float, shape (cases,)
    load_factor : ndarray of float, shape (cases,)
        Highest load factor met on the way.
    denied_share : ndarray of float, shape (cases,)
        Chance of being left behind at least once.
    lost_share : ndarray of float, shape (cases,)
        Chance that no vehicle takes him at the first stop any more.
    place_arrival_s : ndarray of float, shape (cases, places)
        Expected arrival when leaving at each of `PLACES_IN_WINDOW`: earlier or later by as
        much as the first vehicle boarded.
    travel_cost_min : ndarray of float, shape (cases,)
        Generalized cost without schedule delay.
    crowding_cost_min, queue_cost_min : ndarray of float, shape (cases,)
        What one more commuter costs the others: crowding of those on board, and waiting of
        those behind him where a queue does not clear.
    cells : csr_array of float, shape (cases, points * periods)
        Vehicle departures that the commuter is expected to be on.
    """

    option: IntArray
    window: IntArray
    arrival_s: FloatArray
    wait_s: FloatArray
    ride_s: FloatArray
    load_factor: FloatArray
    denied_share: FloatArray
    lost_share: FloatArray
    place_arrival_s: FloatArray
    travel_cost_min: FloatArray
    crowding_cost_min: FloatArray
    queue_cost_min: FloatArray
    cells: scipy.sparse.csr_array

    @property
    def others_cost_min(self) -> FloatArray:
        """What one more commuter costs all others, shape (cases,)."""
        return self.crowding_cost_min + self.queue_cost_min


@dataclass(frozen=True)
class Waits:
    """What somebody meets who waits for a leg; arrays (legs, periods) unless said.

    Attributes
    ----------
    board_s : ndarray of float, shape (legs, periods, SAMPLES_PER_PERIOD)
        When he boards, seconds after midnight, by evenly spread instants of joining.
    wait_s : ndarray of float
    denied_share : ndarray of float
        Chance that a first vehicle leaves without him, on average over the lines of the set.
    queue_s : ndarray of float
        How long one more person in the queue is felt by others.
    lost_share : ndarray of float
        Chance that no vehicle takes him any more.
    """

    board_s: FloatArray
    wait_s: FloatArray
    denied_share: FloatArray
    queue_s: FloatArray
    lost_share: FloatArray


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
        rows = options.legs.set_ptr[:-1]
        self._pattern = options.legs.pattern[rows]
        self._board = options.legs.board_sequence[rows]
        alight = options.legs.alight_sequence[rows]
        # Beyond the last stop of a pattern the first one of what follows is the same place.
        self._alight = alight - (alight >= points.pattern_length[self._pattern])
        lengths = np.array([len(stops) for stops in points.pattern_points], dtype=np.int64)
        self._position_ptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        self._position_point = np.concatenate([*points.pattern_points, np.zeros(0, dtype=np.int64)])
        self._set_ptr = options.legs.set_ptr
        self._set_point = self.point_of(self._position_ptr[options.legs.pattern] + options.legs.board_sequence)

    def forecast(self, observation: Observation, option: IntArray, window: IntArray) -> WindowForecast:
        """Work out the cases of leaving by an option in a window.

        Where a leg has several attractive patterns people wait for any of them; for what
        follows the fastest one stands for all.

        Parameters
        ----------
        observation : Observation
        option, window : ndarray of int, shape (cases,)
        """
        middle_s = np.asarray((window + 0.5) * self.window_s, dtype=np.float64)
        walk = _Walk(self, observation, option, middle_s)
        for place in range(int(np.diff(self.options.leg_ptr).max(initial=0))):
            walk.ride_leg(place)
        return walk.finish(option, window)

    def leg_facts(self, leg: IntArray) -> tuple[IntArray, IntArray]:
        """Return first position row and number of hops of legs."""
        return self._position_ptr[self._pattern[leg]] + self._board[leg], self._alight[leg] - self._board[leg]

    def first_stop(self, option: IntArray) -> tuple[IntArray, FloatArray]:
        """Return the service point where each option boards first and the walk there in seconds."""
        row = self.options.leg_ptr[option]
        position, _ = self.leg_facts(self.options.leg[row])
        return self.point_of(position), self.options.walk_before_s[row]

    def first_leg(self, option: IntArray) -> IntArray:
        """Return the first leg of each option."""
        return self.options.leg[self.options.leg_ptr[option]]

    def waits(self, observation: Observation) -> Waits:
        """Return what is met where a leg boards: the first vehicle of its attractive set that takes one more."""
        first, size = self._set_ptr[:-1], np.diff(self._set_ptr)[:, None]
        if not len(first):
            met = (observation.board_s, observation.wait_s, *observation.met_waiting())
            return Waits(*(values[:0] for values in met))
        board_s = np.minimum.reduceat(observation.board_s[self._set_point], first, axis=0)
        fastest = self._set_point[first]
        earlier_s = (observation.board_s[fastest] - board_s).mean(axis=2)
        denied, queue_s, lost = (values[self._set_point] for values in observation.met_waiting())
        return Waits(
            board_s=board_s,
            wait_s=np.maximum(observation.wait_s[fastest] - earlier_s, 0.0),
            denied_share=np.add.reduceat(denied, first, axis=0) / size,
            queue_s=np.minimum.reduceat(queue_s, first, axis=0),
            lost_share=np.minimum.reduceat(lost, first, axis=0),
        )

    def board_s(self, waits: Waits, leg: IntArray, joined_s: FloatArray) -> FloatArray:
        """Return when somebody boards who joins the queue of a leg at a time.

        Read off on the straight line through the two nearest samples of the period, which is
        exact where one vehicle takes all of them and where vehicles come evenly.

        Parameters
        ----------
        waits : Waits
        leg : ndarray of int
        joined_s : ndarray of float
            Seconds after midnight; shapes that broadcast.
        """
        points = self.points
        time = joined_s / points.period_s
        period = np.clip(np.floor(time), 0, points.periods - 1).astype(np.int64)
        place = (time - period) * SAMPLES_PER_PERIOD - 0.5
        before = np.clip(np.floor(place), 0, SAMPLES_PER_PERIOD - 2).astype(np.int64)
        samples = waits.board_s.reshape(-1)
        row = (leg * points.periods + period) * SAMPLES_PER_PERIOD + before
        low, high = samples[row], samples[row + 1]
        found: FloatArray = np.maximum(low + (high - low) * (place - before), joined_s)
        return found

    def point_of(self, position: IntArray) -> IntArray:
        """Return the service point at a position row."""
        return self._position_point[position]


class _Walk:
    """The state of all cases on their way."""

    def __init__(
        self, forecaster: WindowForecaster, observation: Observation, option: IntArray, start_s: FloatArray
    ) -> None:
        self.forecaster = forecaster
        self.option = option
        self.start_s = start_s
        self.time_s = start_s.astype(np.float64).copy()
        crowding = forecaster.preferences.crowding
        factor = observation.load_factor()
        self.load_factor_cells = factor.reshape(-1)
        self.multiplier = crowding_multiplier(crowding, factor).reshape(-1)
        slope = crowding_slope(crowding, factor)
        self.felt_by_others = (slope * factor).reshape(-1)
        self.running_s = observation.running_s.reshape(-1)
        self.waits = forecaster.waits(observation)
        self.queue_cells_s = observation.queue_s.reshape(-1)
        self.served_period = observation.served_period().reshape(-1)
        cases = len(option)
        self.wait_s, self.ride_s, self.crowded_s, self.walk_s = (np.zeros(cases) for _ in range(4))
        self.others_s, self.queue_s, self.load_factor, self.boards = (np.zeros(cases) for _ in range(4))
        self.transfers = np.zeros(cases)
        self.first_board_s = np.zeros(cases)
        self.case_parts: list[IntArray] = []
        self.cell_parts: list[IntArray] = []

    def _period(self, time_s: FloatArray) -> IntArray:
        points = self.forecaster.points
        # A vehicle due at the very start of a period must not fall into the one before by rounding.
        return np.clip((time_s + 1.0 / TICKS_PER_S) // points.period_s, 0, points.periods - 1).astype(np.int64)

    def _cell(self, position: IntArray, time_s: FloatArray) -> IntArray:
        return self.forecaster.point_of(position) * self.forecaster.points.periods + self._period(time_s)

    def _served_cell(self, position: IntArray, time_s: FloatArray) -> IntArray:
        """Return the cell of the vehicle taken: of the nearest period that has one."""
        cell = self._cell(position, time_s)
        return cell - cell % self.forecaster.points.periods + self.served_period[cell]

    def ride_leg(self, place: int) -> None:
        """Walk, wait and ride the leg of that number, where a case has it."""
        options = self.forecaster.options
        case = np.flatnonzero(options.leg_ptr[self.option + 1] - options.leg_ptr[self.option] > place)
        row = options.leg_ptr[self.option[case]] + place
        leg = options.leg[row]
        position, hops = self.forecaster.leg_facts(leg)
        walk_s = options.walk_before_s[row]
        self.walk_s[case] += walk_s
        self.time_s[case] += walk_s
        if place:
            self.transfers[case] += 1
        joins = leg, self._period(self.time_s[case])
        wait_s = self.waits.wait_s[joins]
        self.wait_s[case] += wait_s
        self.time_s[case] += wait_s
        if not place:
            self.first_board_s[case] = self.time_s[case]
        self.boards[case] = 1.0 - (1.0 - self.boards[case]) * (1.0 - self.waits.denied_share[joins])
        self.queue_s[case] = np.maximum(self.queue_s[case], self.waits.queue_s[joins])
        for hop in range(int(hops.max(initial=0))):
            on = hops > hop
            case, position, hops = case[on], position[on], hops[on]
            cell = self._served_cell(position + hop, self.time_s[case])
            running_s = self.running_s[cell]
            self.ride_s[case] += running_s
            self.crowded_s[case] += running_s * self.multiplier[cell]
            self.others_s[case] += running_s * self.felt_by_others[cell]
            self.load_factor[case] = np.maximum(self.load_factor[case], self.load_factor_cells[cell])
            self.queue_s[case] = np.maximum(self.queue_s[case], self.queue_cells_s[cell])
            self.time_s[case] += running_s
            self.case_parts.append(case)
            self.cell_parts.append(cell)

    def finish(self, option: IntArray, window: IntArray) -> WindowForecast:
        """Add what is left and sum up the costs."""
        preferences, options, points = self.forecaster.preferences, self.forecaster.options, self.forecaster.points
        egress_s = options.egress_walk_s[option]
        cost_s = (
            preferences.in_vehicle_weight * self.crowded_s
            + preferences.wait_weight * self.wait_s
            + preferences.walk_weight * (self.walk_s + egress_s)
            + preferences.transfer_penalty_s * self.transfers
        )
        rides = np.flatnonzero(options.has_legs()[option])
        leg = self.forecaster.first_leg(option[rides])
        walk_s = options.walk_before_s[options.leg_ptr[option[rides]]]
        period = np.clip((self.start_s[rides] + walk_s) // points.period_s, 0, points.periods - 1).astype(np.int64)
        lost = np.zeros(len(option))
        lost[rides] = self.waits.lost_share[leg, period]
        fare_min = 0.0 if options.fare_min is None else options.fare_min[option]
        arrival_s = self.time_s + egress_s
        empty = np.zeros(0, dtype=np.int64)
        case = np.concatenate([*self.case_parts, empty])
        cell = np.concatenate([*self.cell_parts, empty])
        shape = (len(option), points.points * points.periods)
        return WindowForecast(
            option=option,
            window=window,
            arrival_s=arrival_s,
            wait_s=self.wait_s,
            ride_s=self.ride_s,
            load_factor=self.load_factor,
            denied_share=self.boards,
            lost_share=lost,
            place_arrival_s=arrival_s[:, None] + self._place_shift_s(rides, leg, walk_s),
            travel_cost_min=(cost_s + preferences.unserved_penalty_s * lost) / 60.0 + fare_min,
            crowding_cost_min=preferences.in_vehicle_weight * self.others_s / 60.0,
            queue_cost_min=preferences.wait_weight * self.queue_s / 60.0,
            cells=scipy.sparse.csr_array((np.ones(len(case)), (case, cell)), shape=shape),
        )

    def _place_shift_s(self, rides: IntArray, leg: IntArray, walk_s: FloatArray) -> FloatArray:
        """Return how much later than on average the first vehicle comes, by place in the window; for cases that ride.

        Whoever walks all the way arrives as much later as he leaves.
        """
        offset_s = (PLACES_IN_WINDOW - 0.5) * self.forecaster.window_s
        shift_s = np.tile(offset_s, (len(self.start_s), 1))
        joined_s = (self.start_s[rides] + walk_s)[:, None] + offset_s
        board_s = self.forecaster.board_s(self.waits, leg[:, None], joined_s)
        shift_s[rides] = board_s - self.first_board_s[rides][:, None]
        return shift_s


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
    early = np.maximum(preferred_arrival_s - arrival_s, 0.0)
    late = np.maximum(arrival_s - preferred_arrival_s, 0.0)
    fixed = np.where(late > 0, preferences.late_fixed_penalty_s, 0.0)
    too_late = preferences.late_penalty * late + fixed
    cost: FloatArray = np.asarray(early_factor * (preferences.early_penalty * early) + late_factor * too_late) / 60.0
    return cost
