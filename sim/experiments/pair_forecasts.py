"""What a journey from one stop to another was like on the days of a run, by departure window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy

from sim.advisor.compiled_scenario import CompiledScenario
from sim.advisor.loop import compile_scenario
from sim.arrays import FloatArray, IntArray
from sim.model.demand import Demand, Placement
from sim.model.journeys import JourneyOptions
from sim.model.scenario import Scenario
from sim.population.observation import Observation, VisitFacts, observe_visits
from sim.population.route_choice import pair_rows
from sim.population.traced_journeys import TracedRides, traced_rides
from sim.population.window_forecast import WindowForecast
from sim.population.windows import SAME_VEHICLE_S


def service_hours(scenario: Scenario) -> tuple[float, float]:
    """Return when the first vehicle leaves and the last one arrives, seconds after midnight."""
    service = scenario.service
    return (
        float(service.scheduled_departure_s.min(initial=np.inf)),
        float(service.scheduled_arrival_s.max(initial=0.0)),
    )


def compile_for(scenario: Scenario, origin: int, destination: int, leaves_s: tuple[float, float]) -> CompiledScenario:
    """Compile the scenario with one pair of stops as its demand, from the first to the last time of leaving.

    Parameters
    ----------
    scenario : Scenario
    origin, destination : int
        Rows of stops.
    leaves_s : tuple of float
        First and last time of leaving, seconds after midnight.
    """
    start_s = max(min(leaves_s), 0.0)
    one = Demand(
        origin=np.array([origin]),
        destination=np.array([destination]),
        start_s=np.array([start_s]),
        end_s=np.array([max(leaves_s[1], start_s + 1.0)]),
        commuters=np.ones(1),
        placement=np.array([int(Placement.RANDOM)]),
        series=np.zeros(1, dtype=np.int64),
        preferred_arrival_s=np.full(1, np.nan),
    )
    return compile_scenario(replace(scenario, demand=one))


@dataclass(frozen=True)
class PairForecasts:
    """A pair of stops beside the days that were observed.

    Attributes
    ----------
    compiled : CompiledScenario
        Of the pair alone.
    days : sequence of VisitFacts
    observations : sequence of Observation
        The same days by the service points of the pair.
    has_discounts : bool
        Whether the fare discounts of the scenario were offered on these days.
    """

    compiled: CompiledScenario
    days: Sequence[VisitFacts]
    observations: Sequence[Observation]
    has_discounts: bool = False

    @classmethod
    def of(
        cls, compiled: CompiledScenario, days: Sequence[VisitFacts], *, has_discounts: bool = False
    ) -> PairForecasts:
        """Sum up days by the service points of a pair."""
        return cls(compiled, days, [observe_visits(compiled.points, facts) for facts in days], has_discounts)

    @property
    def window_s(self) -> float:
        """Width of departure windows in seconds."""
        return self.compiled.scenario.parameters.advisor.window_s

    def scheduled_s(self) -> float:
        """Return walks and scheduled rides of the cheapest option in seconds."""
        options = self.compiled.options
        option = int(options.cost_min.argmin())
        rows = slice(int(options.leg_ptr[option]), int(options.leg_ptr[option + 1]))
        ride_s = options.legs.ride_s[options.leg[rows]].sum() + options.walk_before_s[rows].sum()
        return float(ride_s + options.egress_walk_s[option])

    def windows_between(self, earliest_s: float, latest_s: float) -> IntArray:
        """Return the numbers of the windows from that of one time to that of another."""
        first, last = int(np.floor(earliest_s / self.window_s)), int(np.floor(latest_s / self.window_s))
        return np.arange(max(first, 0), max(last, 0) + 1)

    def useful(self, windows: IntArray) -> WindowCases:
        """Leave out windows after the last vehicle, and those that only wait for the vehicle of the next window.

        Parameters
        ----------
        windows : ndarray of int
        """
        options, forecaster = self.compiled.options, self.compiled.forecaster
        origin, destination = (np.full(len(windows), int(stop)) for stop in options.pairs[0])
        middle_s = np.asarray((windows + 0.5) * self.window_s, dtype=np.float64)
        pair = pair_rows(options, origin, destination, middle_s)
        option = np.array([_cheapest(options, row) for row in pair.tolist()], dtype=np.int64)
        known = np.flatnonzero(option >= 0)
        option, windows = option[known], windows[known]
        wanted = forecaster.cases(option, windows)
        cases = [forecaster.forecast(seen, wanted) for seen in self.observations]
        lost = np.array([case.lost_share for case in cases]).mean(axis=0)
        arrives_s = np.array([case.place_arrival_s for case in cases])
        useful = lost < 1.0
        same = np.abs(arrives_s[:, :-1, 0] - arrives_s[:, 1:, -1]).max(axis=0, initial=0.0) < SAME_VEHICLE_S
        useful[:-1] &= ~(same & useful[1:])
        kept = np.flatnonzero(useful)
        useful_cases = forecaster.cases(option[kept], windows[kept])
        forecasts = [forecaster.forecast(seen, useful_cases) for seen in self.observations]
        return WindowCases(self, windows[kept], option[kept], forecasts)


@dataclass(frozen=True)
class WindowCases:
    """Some windows of a pair on all days observed.

    Attributes
    ----------
    pair : PairForecasts
    windows, option : ndarray of int, shape (windows,)
        Their numbers, and the journey option of each.
    forecasts : list of WindowForecast
        One a day.
    """

    pair: PairForecasts
    windows: IntArray
    option: IntArray
    forecasts: list[WindowForecast]

    def __len__(self) -> int:
        """Count the windows."""
        return len(self.windows)

    def leave_s(self) -> FloatArray:
        """Return times of leaving, evenly spread over each window, shape (windows, places)."""
        forecaster = self.pair.compiled.forecaster
        times_s: FloatArray = ((self.windows + 0.5) * self.pair.window_s)[:, None] + forecaster.places_s
        return times_s

    def ridden(self) -> list[TracedRides]:
        """Follow one more rider from every place of every window, on each day; windows one after the other."""
        compiled, leave_s = self.pair.compiled, self.leave_s()
        every = np.repeat(self.option, leave_s.shape[1])
        waiting, found = compiled.forecaster.waiting, []
        for seen, facts in zip(self.pair.observations, self.pair.days, strict=True):
            ((_, boardings),) = seen.days
            found.append(traced_rides(compiled.options, waiting, boardings, facts.arrival_s, every, leave_s.ravel()))
        return found

    def column(self, name: str) -> FloatArray:
        """Return a column of the forecasts, days first."""
        return np.array([getattr(case, name) for case in self.forecasts])

    def cells(self) -> scipy.sparse.csr_array:
        """Return the vehicle departures that a rider is expected to be on, mean over days, shape (windows, cells)."""
        total = self.forecasts[0].cells
        for forecast in self.forecasts[1:]:
            total = total + forecast.cells
        return scipy.sparse.csr_array(total / len(self.forecasts))


def _cheapest(options: JourneyOptions, pair: int) -> int:
    """Return the option of least expected cost of a pair of stops and period; -1 where it has none."""
    first, end = int(options.option_ptr[pair]), int(options.option_ptr[pair + 1])
    return first + int(options.cost_min[first:end].argmin()) if end > first else -1
