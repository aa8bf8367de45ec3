"""People of a run who followed the plan of a strategy: what the plan has for those who ask next.

A plan says how many of each pair of stops leave in each window. What it achieves hangs on these counts, and little on
who is behind them, so that whoever asks later is led to the same counts: by places on vehicles that the plan uses, and
by prices of its windows (`sim.advisor.booking.window_prices`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from sim.advisor.booking.place_quotas import Choices
from sim.advisor.booking.window_prices import WindowPrices, learned_prices
from sim.arrays import FloatArray, IntArray
from sim.experiments.pair_forecasts import ASKED_S, PairForecasts, compile_pairs
from sim.experiments.place_ledger import PlaceGrid, places_ridden
from sim.metrics.grouping import of_strategy
from sim.model.scenario import Scenario
from sim.population.observation import VisitFacts, observe_visits
from sim.population.route_choice import pair_rows
from sim.population.traced_journeys import traced_rides
from sim.population.windows import window_of, windows_within
from sim.records.table import Table


def ends_of(scenario: Scenario, journeys: Table) -> tuple[IntArray, IntArray]:
    """Return the rows of the stops where journeys begin and where they end, each of shape (journeys,)."""
    row = scenario.network.stop_index

    def stops(column: str) -> IntArray:
        known = np.array([row[name] for name in journeys.categories[column]] or [0], dtype=np.int64)
        found: IntArray = known[journeys[column]]
        return found

    return stops("origin_stop_id"), stops("destination_stop_id")


def days_of(journeys: Table) -> int:
    """Count the days on which somebody travels, over all replications."""
    days: int = np.unique(np.stack([journeys["replication"], journeys["day"]]), axis=1).shape[1]
    return days


@dataclass(frozen=True)
class PlanFollowers:
    """Those who followed advice on the days of a strategy; arrays of shape (followers,).

    Attributes
    ----------
    origin, destination : ndarray of int
        Rows of stops.
    preferred_arrival_s, habitual_departure_s : ndarray of float
        Seconds after midnight.
    window : ndarray of int
        Numbers of the windows they were advised, and left in.
    days : int
        Days on which somebody was advised, over all replications; at least 1.
    """

    origin: IntArray
    destination: IntArray
    preferred_arrival_s: FloatArray
    habitual_departure_s: FloatArray
    window: IntArray
    days: int

    @classmethod
    def of(cls, scenario: Scenario, tables: Mapping[str, Table], strategy: str) -> PlanFollowers:
        """Read them off the journeys of a run.

        Parameters
        ----------
        scenario : Scenario
            The one that made the tables.
        tables : mapping of str to Table
            `journeys`.
        strategy : str
        """
        journeys = of_strategy(tables["journeys"], strategy)
        journeys = journeys.where(journeys["advised"].astype(bool))
        days = days_of(journeys)
        journeys = journeys.where(journeys["complied"].astype(bool))
        width_s = scenario.parameters.advisor.window_s
        window = window_of(journeys["window_start_s"] + width_s / 2.0, width_s)
        wish_s, habit_s = journeys["preferred_arrival_s"], journeys["habitual_departure_s"]
        return cls(*ends_of(scenario, journeys), wish_s, habit_s, window, max(days, 1))

    def __len__(self) -> int:
        """Count them."""
        return len(self.window)

    def of_pair(self, origin: int, destination: int) -> PlanFollowers:
        """Return those of one pair of stops."""
        rows = np.flatnonzero((self.origin == origin) & (self.destination == destination))
        stops = self.origin[rows], self.destination[rows]
        wishes_s = self.preferred_arrival_s[rows], self.habitual_departure_s[rows]
        return PlanFollowers(*stops, *wishes_s, self.window[rows], self.days)

    def place_use(self, scenario: Scenario, days: Sequence[VisitFacts], grid: PlaceGrid) -> FloatArray:
        """Return how many of them are expected at each place on one day, shape (places,).

        They are counted as those who ask are: by riding along from several moments of their windows. Riders as they
        were seen would not do, since some vehicle would count as used up before the plan is
        (test_a_day_of_requests_comes_near_to_the_plan).

        Parameters
        ----------
        scenario : Scenario
        days : sequence of VisitFacts
            On which they followed.
        grid : PlaceGrid
        """
        use = np.zeros(grid.positions * grid.stretches)
        if not len(self):
            return use
        width_s = scenario.parameters.advisor.window_s
        ends = np.stack([self.origin, self.destination])
        pairs, pair_of = np.unique(ends, axis=1, return_inverse=True)
        leaves_s = np.stack([np.full(pairs.shape[1], np.inf), np.full(pairs.shape[1], -np.inf)])
        np.minimum.at(leaves_s[0], pair_of.reshape(-1), self.window * width_s)
        np.maximum.at(leaves_s[1], pair_of.reshape(-1), (self.window + 1) * width_s)
        compiled = compile_pairs(scenario, pairs[0], pairs[1], leaves_s)
        told, count = np.unique(np.vstack([ends, self.window[None, :]]), axis=1, return_counts=True)
        middle_s = np.asarray((told[2] + 0.5) * width_s, dtype=np.float64)
        option = compiled.options.cheapest(pair_rows(compiled.options, told[0], told[1], middle_s))
        known, forecaster = np.flatnonzero(option >= 0), compiled.forecaster
        moments_s = (middle_s[known, None] + forecaster.places_s).ravel()
        each = np.repeat(known, len(forecaster.places_s))
        weight = count[each] / (len(forecaster.places_s) * len(days) * self.days)
        for facts in days:
            ((_, boardings),) = observe_visits(compiled.points, facts).days
            waiting = forecaster.waiting
            one = traced_rides(compiled.options, waiting, boardings, facts.arrival_s, option[each], moments_s)
            ride, place = places_ridden(grid, facts, one.board, one.alight)
            use += grid.total(place, weight[one.person[ride]])
        return use

    def window_prices(
        self, scenario: Scenario, days: Sequence[VisitFacts], elasticity_min: float
    ) -> WindowPrices | None:
        """Return prices at which people of one pair use windows as these do; None where there is nobody.

        Parameters
        ----------
        scenario : Scenario
        days : sequence of VisitFacts
            On which they followed.
        elasticity_min : float
            As for `learned_prices`.
        """
        if not len(self):
            return None
        width_s = scenario.parameters.advisor.window_s
        wishes, usual_s = scenario.parameters.population, self.habitual_departure_s
        earliest_s, latest_s = usual_s - wishes.earlier_flexibility_s, usual_s + wishes.later_flexibility_s
        first, last = windows_within(earliest_s, latest_s, window_of(usual_s, width_s), width_s)
        first, last = np.minimum(first, self.window), np.maximum(last, self.window)
        leaves_s = np.array([[first.min() * width_s - ASKED_S], [(last.max() + 1) * width_s]])
        compiled = compile_pairs(scenario, self.origin[:1], self.destination[:1], leaves_s)
        pair = PairForecasts.of(compiled, days)
        cases = pair.useful(np.arange(max(int(first.min()), 0), int(last.max()) + 1), np.unique(self.window))
        column = np.searchsorted(cases.windows, self.window)
        column = np.minimum(column, len(cases) - 1)
        known = np.flatnonzero(cases.windows[column] == self.window) if len(cases) else np.zeros(0, dtype=np.int64)
        if not len(known):
            return None
        own_min = cases.costs_min(self.preferred_arrival_s, self.habitual_departure_s)
        own_min[(cases.windows < first[:, None]) | (cases.windows > last[:, None])] = np.inf
        zeros, every = np.zeros(len(cases), dtype=np.int64), np.arange(len(cases))
        choices = Choices(
            own_min=own_min[known],
            case=np.broadcast_to(every, (len(known), len(cases))),
            option=zeros,
            window=cases.windows,
            others_min=cases.column("others_cost_min").mean(axis=0),
            places=scipy.sparse.csr_array((len(cases), 0)),
        )
        prices = learned_prices(choices, np.arange(len(known)), column[known], elasticity_min)
        return WindowPrices(prices.option, prices.window, prices.price_min, prices.foreseen / self.days)
