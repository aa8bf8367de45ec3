"""What a journey from one stop to another was like on the days of a run, by departure window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import scipy

from sim.advisor.compiled_scenario import CompiledJourneys
from sim.advisor.loop import compile_journeys
from sim.arrays import BoolArray, FloatArray, IntArray
from sim.experiments.costs_to_others import CostsToOthers
from sim.experiments.met_in_windows import MetInWindows
from sim.experiments.place_ledger import PlaceGrid, places_ridden
from sim.experiments.riders_costs import RidersCosts, is_costed_by_riders
from sim.model.demand import Demand, Placement
from sim.model.scenario import Scenario
from sim.population.idle_windows import SAME_VEHICLE_S
from sim.population.moments import leaving_at_min, lost_share_at
from sim.population.observation import Observation, VisitFacts, observe_visits
from sim.population.route_choice import free_journey_s, pair_rows
from sim.population.traced_journeys import TracedRides, traced_rides
from sim.population.window_forecast import WindowForecast
from sim.population.windows import anywhere_min


def service_hours(scenario: Scenario) -> tuple[float, float]:
    """Return when the first vehicle leaves and the last one arrives, seconds after midnight."""
    service = scenario.service
    return (
        float(service.scheduled_departure_s.min(initial=np.inf)),
        float(service.scheduled_arrival_s.max(initial=0.0)),
    )


ASKED_S = 2 * 3600.0
"""How long before the time of arrival somebody may leave, where options differ by departure (assumed)."""


def compile_for(scenario: Scenario, origin: int, destination: int, leaves_s: tuple[float, float]) -> CompiledJourneys:
    """Compile the scenario with one pair of stops as its demand, from the first to the last time of leaving.

    Parameters
    ----------
    scenario : Scenario
    origin, destination : int
        Rows of stops.
    leaves_s : tuple of float
        First and last time of leaving, seconds after midnight.
    """
    return compile_pairs(scenario, np.array([origin]), np.array([destination]), np.array(leaves_s)[:, None])


def compile_pairs(
    scenario: Scenario, origin: IntArray, destination: IntArray, leaves_s: FloatArray
) -> CompiledJourneys:
    """Compile the scenario with some pairs of stops as its demand.

    Parameters
    ----------
    scenario : Scenario
    origin, destination : ndarray of int, shape (pairs,)
        Rows of stops.
    leaves_s : ndarray of float, shape (2, pairs)
        First and last time of leaving, seconds after midnight.
    """
    start_s, pairs = np.maximum(leaves_s.min(axis=0), 0.0), len(origin)
    demand = Demand(
        origin=origin,
        destination=destination,
        start_s=start_s,
        end_s=np.maximum(leaves_s[1], start_s + 1.0),
        commuters=np.ones(pairs),
        placement=np.full(pairs, int(Placement.RANDOM)),
        series=np.arange(pairs),
        preferred_arrival_s=np.full(pairs, np.nan),
    )
    return compile_journeys(replace(scenario, demand=demand))


@dataclass(frozen=True)
class PairForecasts:
    """A pair of stops beside the days that were observed.

    Attributes
    ----------
    compiled : CompiledJourneys
        Of the pair alone.
    days : sequence of VisitFacts
    observations : sequence of Observation
        The same days by the service points of the pair.
    has_discounts : bool
        Whether the fare discounts of the scenario were offered on these days.
    """

    compiled: CompiledJourneys
    days: Sequence[VisitFacts]
    observations: Sequence[Observation]
    has_discounts: bool = False

    @classmethod
    def of(
        cls, compiled: CompiledJourneys, days: Sequence[VisitFacts], *, has_discounts: bool = False
    ) -> PairForecasts:
        """Sum up days by the service points of a pair."""
        return cls(compiled, days, [observe_visits(compiled.points, facts) for facts in days], has_discounts)

    @property
    def window_s(self) -> float:
        """Width of departure windows in seconds."""
        return self.compiled.scenario.parameters.advisor.window_s

    @property
    def ends(self) -> tuple[int, int]:
        """Rows of the stops where the journey begins and ends."""
        origin, destination = self.compiled.options.pairs[0].tolist()
        return origin, destination

    def scheduled_s(self) -> float:
        """Return walks and scheduled rides of the cheapest option in seconds."""
        options = self.compiled.options
        option = int(options.cost_min.argmin())
        rows = slice(int(options.leg_ptr[option]), int(options.leg_ptr[option + 1]))
        ride_s = options.legs.ride_s[options.leg[rows]].sum() + options.walk_before_s[rows].sum()
        return float(ride_s + options.egress_walk_s[option])

    @cached_property
    def free_journey_s(self) -> float:
        """Walks and rides at free running times of the cheapest option, in seconds; wishes are derived from them."""
        options = self.compiled.options
        return float(free_journey_s(options, options.cost_min.argmin(keepdims=True))[0])

    def windows_between(self, earliest_s: float, latest_s: float) -> range:
        """Return the numbers of the windows from that of one time to that of another."""
        first, last = int(np.floor(earliest_s / self.window_s)), int(np.floor(latest_s / self.window_s))
        return range(max(first, 0), max(last, 0) + 1)

    def useful(self, windows: IntArray, kept: IntArray | None = None) -> WindowCases:
        """Leave out windows from which nobody gets there, and those that only wait for the vehicle of the next window.

        Means by period let some get there who come after the last place: a window takes no place then, so that there
        would be no end of them (test_a_window_that_nobody_gets_there_from_is_none).

        Parameters
        ----------
        windows : ndarray of int
        kept : ndarray of int or None
            Windows that somebody leaves in anyhow: they wait for that vehicle, too.
        """
        options, forecaster = self.compiled.options, self.compiled.forecaster
        origin, destination = (np.full(len(windows), int(stop)) for stop in options.pairs[0])
        middle_s = np.asarray((windows + 0.5) * self.window_s, dtype=np.float64)
        pair = pair_rows(options, origin, destination, middle_s)
        option = options.cheapest(pair)
        known = np.flatnonzero(option >= 0)
        option, windows = option[known], windows[known]
        wanted = forecaster.cases(option, windows)
        cases = [forecaster.forecast(seen, wanted) for seen in self.observations]
        lost = np.array([case.lost_share for case in cases]).mean(axis=0)
        arrives_s = np.array([case.place_arrival_s for case in cases])
        useful = lost < 1.0
        doubtful = np.flatnonzero(useful & (lost > 0.0))
        met = WindowCases(self, windows[doubtful], option[doubtful], []).met
        useful[doubtful] = np.isfinite(met.arrival_s).any(axis=(0, 2))
        same = np.abs(arrives_s[:, :-1, 0] - arrives_s[:, 1:, -1]).max(axis=0, initial=0.0) < SAME_VEHICLE_S
        idle = np.append(same & useful[1:], False) if len(useful) else useful
        if kept is not None:
            idle &= ~np.isin(windows, kept)
        rows = np.flatnonzero(useful & ~idle)
        useful_cases = forecaster.cases(option[rows], windows[rows])
        expected = [forecaster.forecast(seen, useful_cases) for seen in self.observations]
        return WindowCases(self, windows[rows], option[rows], expected)


@dataclass(frozen=True)
class WindowCases:
    """Some windows of a pair on all days observed.

    Attributes
    ----------
    pair : PairForecasts
    windows, option : ndarray of int, shape (windows,)
        Their numbers, and the journey option of each.
    expected : list of WindowForecast
        One a day, with the mean wait at changes of vehicles.
    """

    pair: PairForecasts
    windows: IntArray
    option: IntArray
    expected: list[WindowForecast]

    def __len__(self) -> int:
        """Count the windows."""
        return len(self.windows)

    def leave_s(self) -> FloatArray:
        """Return times of leaving, evenly spread over each window, shape (windows, places)."""
        forecaster = self.pair.compiled.forecaster
        times_s: FloatArray = ((self.windows + 0.5) * self.pair.window_s)[:, None] + forecaster.places_s
        return times_s

    @cached_property
    def by_riders(self) -> BoolArray:
        """Which windows cost what riders of each day would have paid, shape (days, windows); see `riders_costs`."""
        days = zip(self.expected, self.ridden, strict=True)
        return np.array([is_costed_by_riders(*day) for day in days]).reshape(len(self.expected), len(self))

    @cached_property
    def riders_costs(self) -> list[RidersCosts]:
        """What riders pay who leave at every place of every window, one a day."""
        return self._costs_of(np.arange(len(self)), self.ridden)

    def travel_min(self) -> FloatArray:
        """Return what travelling from the windows costs without schedule delay, in minutes, shape (days, windows)."""
        expected_min = np.array([forecast.travel_cost_min for forecast in self.expected])
        if not self.by_riders.any():
            return expected_min
        riders_min = np.array([costs.travel_min.mean(axis=1) for costs in self.riders_costs])
        return np.where(self.by_riders, riders_min, expected_min)

    def waits_s(self) -> FloatArray:
        """Return the expected wait, mean over the days, shape (windows,); of riders who get there where costs are."""
        wait_s: FloatArray = np.array([forecast.wait_s for forecast in self.expected])
        arrives = np.isfinite(self.met.arrival_s)
        met_s = np.where(arrives, self.met.waited_s, 0.0).sum(axis=2)
        wait_s = np.where(self.by_riders, met_s / np.maximum(arrives.sum(axis=2), 1), wait_s)
        known = ~self.by_riders | arrives.any(axis=2)
        total: FloatArray = np.where(known, wait_s, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        return total

    @cached_property
    def ridden(self) -> list[TracedRides]:
        """Follow one more rider from every place of every window, on each day; windows one after the other."""
        return self._ridden_from(np.arange(len(self)), self.leave_s())

    @cached_property
    def met(self) -> MetInWindows:
        """What these riders met: the same for all who ask for these windows."""
        return self._met(self.ridden, self.leave_s())

    def met_from(self, rows: IntArray, leave_s: FloatArray) -> MetInWindows:
        """Return what one more rider meets who leaves at other moments of some windows.

        Parameters
        ----------
        rows : ndarray of int
            Windows.
        leave_s : ndarray of float, shape (rows, moments)
            Seconds after midnight.
        """
        return self._met(self._ridden_from(rows, leave_s), leave_s)

    def _met(self, ridden: list[TracedRides], leave_s: FloatArray) -> MetInWindows:
        return MetInWindows.of(ridden, self.pair.compiled.scenario.service, self.pair.days, leave_s.shape[1])

    def _ridden_from(self, rows: IntArray, leave_s: FloatArray) -> list[TracedRides]:
        compiled = self.pair.compiled
        every = np.repeat(self.option[rows], leave_s.shape[1])
        waiting, found = compiled.forecaster.waiting, []
        for seen, facts in zip(self.pair.observations, self.pair.days, strict=True):
            ((_, boardings),) = seen.days
            found.append(traced_rides(compiled.options, waiting, boardings, facts.arrival_s, every, leave_s.ravel()))
        return found

    def _costs_of(self, rows: IntArray, ridden: Sequence[TracedRides]) -> list[RidersCosts]:
        """Return what riders pay who leave at some moments of windows, one a day."""
        compiled, option = self.pair.compiled, self.option[rows]
        days = zip(self.pair.days, ridden, strict=True)
        return [RidersCosts.of(compiled.scenario, facts, compiled.options, option, rides) for facts, rides in days]

    def costs_min(self, preferred_arrival_s: FloatArray, usual_s: FloatArray) -> FloatArray:
        """Return what the windows cost people on the days observed on average, shape (people, windows).

        In the window in which they usually leave they keep their moment; anywhere else they may leave at any time of
        the window. Whoever is costed on average over the window that they leave in anyhow is sent away from a vehicle
        that they meet (test_whoever_says_when_they_usually_leave_is_not_sent_away_from_their_bus).

        Parameters
        ----------
        preferred_arrival_s : ndarray of float, shape (people,)
            Seconds after midnight.
        usual_s : ndarray of float, shape (people,)
            When they usually leave, seconds after midnight; NaN where that is not known.
        """
        preferences = self.pair.compiled.scenario.parameters.preferences
        people, ones, wish = len(usual_s), np.ones(len(usual_s)), preferred_arrival_s[:, None]
        case = np.tile(np.arange(len(self)), (people, 1))
        total = np.zeros((people, len(self)))
        for day, forecast in enumerate(self.expected):
            travel_min, by_riders = forecast.travel_cost_min, self.by_riders[day]
            cost = anywhere_min(preferences, forecast.places, travel_min, case, preferred_arrival_s, ones, ones)
            if by_riders.any():
                cost = np.where(by_riders, self.riders_costs[day].cost_min(preferences, wish), cost)
            total += cost
        mean_min = total / len(self.expected)
        usual_window = np.where(np.isnan(usual_s), -1, np.floor(usual_s / self.pair.window_s))
        rides = self.pair.compiled.options.has_legs()[self.option]
        who, column = np.nonzero((usual_window[:, None] == self.windows) & rides)
        if len(who):
            mean_min[who, column] = self._own_moments_min(column, preferred_arrival_s[who], usual_s[who])
        return mean_min

    def _own_moments_min(self, rows: IntArray, preferred_arrival_s: FloatArray, leave_s: FloatArray) -> FloatArray:
        """Return what leaving at one moment of each of some windows costs, mean over the days, shape (rows,).

        By riders where the window is costed by them, and where the moment itself may find no vehicle any more
        (test_whoever_changes_is_told_of_the_connection_of_their_moment).
        """
        preferences, forecaster = self.pair.compiled.scenario.parameters.preferences, self.pair.compiled.forecaster
        wish, own, by_riders = (
            (preferred_arrival_s, np.ones(len(rows)), np.ones(len(rows))),
            [],
            self.by_riders[:, rows],
        )
        for day, (seen, forecast) in enumerate(zip(self.pair.observations, self.expected, strict=True)):
            own.append(leaving_at_min(preferences, forecaster, (seen, forecast), rows, leave_s, wish))
            by_riders[day] |= ~np.isfinite(own[-1])
            by_riders[day] |= lost_share_at(forecaster, seen, self.option[rows], leave_s) > 0.0
        own_min = np.array(own)
        ridden = np.flatnonzero(by_riders.any(axis=0))
        if len(ridden):
            costs = self._costs_of(rows[ridden], self._ridden_from(rows[ridden], leave_s[ridden, None]))
            riders_min = np.array([one.cost_min(preferences, preferred_arrival_s[ridden]) for one in costs])
            is_known = by_riders[:, ridden] & np.isfinite(riders_min)
            own_min[:, ridden] = np.where(is_known, riders_min, own_min[:, ridden])
        mean_min: FloatArray = own_min.mean(axis=0)
        return mean_min

    @cached_property
    def others_min(self) -> FloatArray:
        """What one more rider costs all others, mean over the days and the places of each window, shape (windows,).

        Also of the window in which somebody usually leaves, whose own cost is of their moment: what they are told of
        others is set against other windows, in which they could leave at any time.
        """
        days = zip(self.pair.days, self.pair.observations, self.ridden, strict=True)
        found = [CostsToOthers(self.pair.compiled, facts, seen.days[0][1]).of(rides) for facts, seen, rides in days]
        others_min: FloatArray = np.mean(found, axis=0).reshape(len(self), -1).mean(axis=1)
        return others_min

    def column(self, name: str) -> FloatArray:
        """Return a column of the forecasts, days first."""
        return np.array([getattr(case, name) for case in self.expected])

    @cached_property
    def places(self) -> scipy.sparse.csr_array:
        """The chance to be on board at each place of a `PlaceGrid` of this width, shape (windows, places).

        On the days observed, leaving at any time of the window. Where people queue these are the vehicles that took
        those who came at that time, so that a plan has places for the very people it was made for
        (test_a_day_of_requests_comes_near_to_the_plan).
        """
        grid = PlaceGrid.of(self.pair.compiled.scenario.service, self.pair.window_s)
        moments, rows, columns = self.leave_s().shape[1], [], []
        for one, facts in zip(self.ridden, self.pair.days, strict=True):
            ride, place = places_ridden(grid, facts, one.board, one.alight)
            columns.append(place)
            rows.append(one.person[ride] // moments)
        at = np.concatenate(rows), np.concatenate(columns)
        share = np.full(len(at[0]), 1.0 / (moments * len(self.ridden)))
        found = scipy.sparse.coo_array((share, at), shape=(len(self), grid.positions * grid.stretches)).tocsr()
        found.sum_duplicates()
        return found
