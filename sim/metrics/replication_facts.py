"""What metrics are computed from: the tables of one replication, and what several metrics need of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.metrics.grouping import combine, day_blocks, next_arrival_s, ratio, stop_order, sum_by_group
from sim.metrics.numbers import MINUTE_S, over, share
from sim.metrics.paired_changes import BaselineJourneys, PairedChanges, paired_changes
from sim.metrics.passing import is_boardable
from sim.metrics.persons import is_first
from sim.records.table import Table


@dataclass(frozen=True)
class BaselineRun:
    """One replication under `none`: what other strategies, and `none` itself, are paired with.

    Attributes
    ----------
    journeys : BaselineJourneys
    total_min, fares_min, gap_share : float
        Its metrics `total_generalized_cost_min`, `fare_cost_min` and `gap_to_optimum_share`.
    """

    journeys: BaselineJourneys
    total_min: float
    fares_min: float
    gap_share: float

    @classmethod
    def of(cls, journeys: BaselineJourneys, metrics: Mapping[str, float]) -> BaselineRun:
        """Take what is needed of the metrics under `none`."""
        return cls(
            journeys,
            total_min=metrics["total_generalized_cost_min"],
            fares_min=metrics["fare_cost_min"],
            gap_share=metrics["gap_to_optimum_share"],
        )


@dataclass(frozen=True)
class ReplicationFacts:
    """One replication under one strategy.

    Attributes
    ----------
    tables : mapping of str to Table
        At least `journeys`, `legs` and `stop_visits`; `days` where known.
    period_s : float
        Length of an observation period in seconds.
    baseline : BaselineRun or None
        None where `none` was not run.
    """

    tables: Mapping[str, Table]
    period_s: float
    baseline: BaselineRun | None = None

    @property
    def journeys(self) -> Table:
        """Table `journeys`."""
        return self.tables["journeys"]

    @property
    def legs(self) -> Table:
        """Table `legs`."""
        return self.tables["legs"]

    @property
    def visits(self) -> Table:
        """Table `stop_visits`."""
        return self.tables["stop_visits"]

    @cached_property
    def days(self) -> int:
        """Kept days, over which counts and totals are divided."""
        return len(np.union1d(self.journeys["day"], self.visits["day"]))

    @cached_property
    def arrived(self) -> BoolArray:
        """Which journeys arrived."""
        return self.journeys.equals("outcome", "arrived")

    @cached_property
    def is_first(self) -> BoolArray:
        """Which journeys follow from no other one of the person."""
        return is_first(self.journeys)

    @cached_property
    def total_min(self) -> float:
        """Generalized cost of all journeys of all kept days; journeys without a known cost left out."""
        return float(np.nansum(self.journeys["generalized_cost_min"]))

    @cached_property
    def fares_min(self) -> float:
        """Fares of all kept days as part of that."""
        return float(np.nansum(self.journeys["fare_min"]))

    def money(self, column: str) -> float:
        """Return the sum of a column of money; NaN where there is none, for want of fares or people."""
        return float(self.journeys[column].sum()) if len(self.journeys) else math.nan

    @cached_property
    def shift_s(self) -> FloatArray:
        """By how much each person leaves later than by habit."""
        shift_s: FloatArray = self.journeys["departure_s"] - self.journeys["habitual_departure_s"]
        return shift_s[self.is_first]

    @cached_property
    def between_s(self) -> FloatArray:
        """Time from each departure of a vehicle to its next stop; 0 at the last."""
        between_s = next_arrival_s(self.visits) - self.visits["departure_s"]
        return np.where(np.isfinite(between_s), between_s, 0.0)

    @cached_property
    def riding_s(self) -> float:
        """Time of all passengers between stops."""
        return float((self.visits["departing_load"] * self.between_s).sum())

    @cached_property
    def standing_s(self) -> float:
        """Part of it that they stood."""
        beyond = np.maximum(self.visits["departing_load"] - self.visits["seats"], 0)
        return float((beyond * self.between_s).sum())

    @cached_property
    def distance_km(self) -> FloatArray:
        """Way of vehicles from each stop to the next."""
        way_km: FloatArray = self.visits["distance_m"] / 1000.0
        return way_km

    @cached_property
    def passenger_km(self) -> float:
        """Way of all passengers of all kept days."""
        return float((self.visits["departing_load"] * self.distance_km).sum())

    @cached_property
    def ride_is_first(self) -> BoolArray:
        """Which rides belong to first journeys."""
        # Journeys are sorted by day and commuter, and all commuters are there on every day.
        of_day = np.unique(self.journeys["commuter_id"])
        found: BoolArray = self.is_first[np.searchsorted(of_day, self.legs["commuter_id"])]
        return found

    @cached_property
    def changes(self) -> PairedChanges | None:
        """Changes of cost against `none`; None where that was not run, or nobody travelled."""
        return None if self.baseline is None else paired_changes(self.baseline.journeys, self.journeys)

    def on_time_share(self) -> float:
        """Return the share that arrived no later than wanted, of the first journeys that have a wish."""
        preferred_s = self.journeys["preferred_arrival_s"]
        on_time = self.arrived & (self.journeys["arrival_s"] <= preferred_s)
        return share(on_time[self.is_first & ~np.isnan(preferred_s)])

    def per_day(self, total: float) -> float:
        """Divide a count or total by the number of kept days."""
        return over(total, self.days)

    def gap_share(self) -> float:
        """Return the total cost above the least that all could reach together, over the total.

        The least total is the same for all strategies. Where it was worked out under `none` alone, as in
        a sweep, the gap follows from that of `none` and what was saved against it.
        """
        cost_min = self.journeys["generalized_cost_min"]
        least_min = float(self.journeys["optimum_cost_min"][~np.isnan(cost_min)].sum())
        own = over(self.total_min - self.fares_min - least_min, self.total_min)
        if not math.isnan(own) or self.baseline is None:
            return own
        return over(self._possible_min() - self._saved_min(), self.per_day(self.total_min))

    def saving_taken_share(self) -> float:
        """Return what was saved against `none` over what could have been."""
        if self.baseline is None or not self._possible_min() > 0:
            return math.nan
        return self._saved_min() / self._possible_min()

    def _possible_min(self) -> float:
        return math.nan if self.baseline is None else self.baseline.total_min * self.baseline.gap_share

    def _saved_min(self) -> float:
        """Fall of the total cost against `none`; what is paid goes to the operator, so less of it is no saving."""
        if self.baseline is None:
            return math.nan
        fares_min = float(np.nan_to_num(self.per_day(self.fares_min)))
        unpaid_min = self.per_day(self.total_min) - fares_min
        return self.baseline.total_min - float(np.nan_to_num(self.baseline.fares_min)) - unpaid_min

    def excess_wait_min(self) -> float:
        """Return actual less scheduled mean wait of passengers that come at random, in minutes.

        Mean wait at a stop is sum(h**2) / (2 sum(h)) over the headways h of a line and direction on one
        day (Osuna and Newell 1972), by departures of vehicles that could be boarded for the actual and by
        scheduled arrivals for the scheduled one; the mean over stops and days is weighted by boardings.
        """
        blocks, order = day_blocks(self.visits), stop_order(self.visits)
        group = combine((blocks.row_blocks(), len(blocks.keys)), (order.place_of_visit, len(order.stops)))
        groups = len(blocks.keys) * len(order.stops)
        ran_s = np.where(is_boardable(self.visits), self.visits["departure_s"], np.nan)
        actual_s = _random_wait_s(group, ran_s, groups)
        scheduled_s = _random_wait_s(group, self.visits["scheduled_arrival_s"], groups)
        weight = sum_by_group(group, self.visits["boardings"], groups)
        known = np.isfinite(actual_s) & np.isfinite(scheduled_s)
        return (
            over(float(((actual_s - scheduled_s)[known] * weight[known]).sum()), float(weight[known].sum())) / MINUTE_S
        )


def _random_wait_s(group: IntArray, times_s: FloatArray, groups: int) -> FloatArray:
    """Return sum(h**2) / (2 sum(h)) over the headways of each group in seconds, shape (groups,)."""
    known = np.isfinite(times_s)
    group, times_s = group[known], times_s[known]
    order = np.lexsort((times_s, group))
    group, times_s = group[order], times_s[order]
    same = group[1:] == group[:-1]
    headway_s = np.diff(times_s)[same]
    group = group[1:][same]
    return ratio(sum_by_group(group, headway_s**2, groups), 2.0 * sum_by_group(group, headway_s, groups))
