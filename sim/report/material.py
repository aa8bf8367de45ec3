"""What figures and the HTML report are made from: manifest, summary and tables, with the arrays they share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.errors import SimError
from sim.metrics.account import StopAccount, stop_accounts
from sim.metrics.convergence import Course, courses
from sim.metrics.fairness import class_summary, fairness_table
from sim.metrics.headways import headway_deviation_min
from sim.metrics.metric import BASELINE
from sim.metrics.paired_changes import LOSS_THRESHOLD_MIN, BaselineJourneys, paired_cost_change_min
from sim.metrics.profiles import (
    ArrivalProfile,
    LoadProfile,
    TimeProfile,
    arrival_profiles,
    load_profiles,
    time_profiles,
)
from sim.metrics.return_pairs import leads_there, of_persons
from sim.metrics.trajectories import Trajectories, trajectories
from sim.records.table import Table
from sim.report.strategy_looks import StrategyLooks
from sim.report.words import ordered_strategies

DEFAULT_PERIOD_S = 900.0
"""Observation period in seconds where the tables do not tell it."""

Profile = TypeVar("Profile")

_GAIN_BINS_MIN = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0)
_MOST_GAIN_BINS = 20
_MIN = 60.0


class NothingToShowError(SimError):
    """The tables hold nothing that this figure could show; the text says what is missing."""


@dataclass(frozen=True)
class CostChanges:
    """Change of generalized cost against `none` per commuter-day, one strategy.

    Attributes
    ----------
    bin_edges_min : ndarray, shape (bins + 1,)
        Minutes, losses positive; the same for all strategies of a call. The outermost bins hold what
        lies beyond them too, the middle one everything within `LOSS_THRESHOLD_MIN`.
    share : ndarray, shape (3, bins)
        Of all commuter-days matched, by `GAIN_GROUPS`; sums to 1.
    mean_change_min : ndarray, shape (3,)
        Mean change of each group in minutes; NaN where it is empty.
    """

    bin_edges_min: FloatArray
    share: FloatArray
    mean_change_min: FloatArray


@dataclass(frozen=True)
class Material:
    """The three parts of a run folder, and the arrays that several figures need.

    Attributes
    ----------
    manifest, summary : mapping
        As in `manifest.json` and `summary.json`.
    tables : mapping of str to Table
        By name.
    """

    manifest: Mapping[str, Any]
    summary: Mapping[str, Any]
    tables: Mapping[str, Table]

    @cached_property
    def strategies(self) -> list[str]:
        """Strategies of the run, `none` first."""
        named = [str(name) for name in self.manifest.get("strategies", ())]
        return ordered_strategies(named or self.tables["journeys"].categories["strategy"])

    @cached_property
    def looks(self) -> StrategyLooks:
        """How strategies appear, by what the run wrote down."""
        return StrategyLooks.of(self.manifest)

    @cached_property
    def stop_names(self) -> dict[str, str]:
        """Names of stops by id."""
        stops = self.manifest.get("stops", ())
        return {str(stop["stop_id"]): str(stop.get("name") or stop["stop_id"]) for stop in stops}

    @cached_property
    def line_names(self) -> dict[str, str]:
        """Names of lines by id."""
        lines = self.manifest.get("lines", ())
        return {str(line["line_id"]): str(line.get("name") or line["line_id"]) for line in lines}

    @cached_property
    def period_s(self) -> float:
        """Length of an observation period in seconds, the smallest step between starts in the tables."""
        starts_s = np.unique(self.tables["periods"]["period_start_s"])
        return float(np.diff(starts_s).min()) if len(starts_s) > 1 else DEFAULT_PERIOD_S

    @cached_property
    def courses(self) -> dict[str, Course]:
        """What happened from day to day, by strategy; empty where the run is of an earlier version."""
        return courses(self.tables["days"]) if "days" in self.tables else {}

    @cached_property
    def load_profiles(self) -> tuple[LoadProfile, ...]:
        """Loads of every line, direction and strategy."""
        return load_profiles(self.tables["periods"], self.tables["stop_visits"], self.period_s)

    @cached_property
    def time_profiles(self) -> dict[str, TimeProfile]:
        """Departures, arrivals and waits by period and strategy."""
        if not len(self.tables["journeys"]):
            raise NothingToShowError("No commuter travelled, so there are no departures and arrivals to show.")
        return time_profiles(self.tables["journeys"], self.period_s)

    @cached_property
    def arrival_profiles(self) -> dict[str, ArrivalProfile]:
        """Arrivals against preferred arrivals by strategy, journeys back apart."""
        journeys = self.tables["journeys"]
        journeys = journeys.where(leads_there(journeys))
        deviation_min = (journeys["arrival_s"] - journeys["preferred_arrival_s"]) / _MIN
        known = np.abs(deviation_min[np.isfinite(deviation_min) & journeys.equals("outcome", "arrived")])
        if not len(known):
            raise NothingToShowError("Nobody who wanted to arrive at a certain time arrived.")
        limit_min = float(np.clip(np.ceil(np.percentile(known, 98.0) / 10.0) * 10.0, 10.0, 120.0))
        return arrival_profiles(journeys, bin_min=limit_min / 30.0, limit_min=limit_min)

    @cached_property
    def classes(self) -> dict[str, list[dict[str, Any]]]:
        """Gains and losses by strategy and class of commuters; empty without a comparison with `none`."""
        if "fairness" in self.tables:
            return class_summary(self.tables["fairness"])
        if BASELINE not in self.strategies:
            return {}
        return class_summary(fairness_table(self.tables))

    def in_order(self, by_strategy: Mapping[str, Profile]) -> dict[str, Profile]:
        """Return arrays by strategy in the order of `strategies`."""
        return {name: by_strategy[name] for name in self.strategies if name in by_strategy}

    def busiest_direction(self) -> tuple[str, int]:
        """Return line and direction with most boardings under the first strategy.

        Raises
        ------
        NothingToShowError
            When no vehicle ran.
        """
        boardings: dict[tuple[str, int], float] = {}
        for profile in self.load_profiles:
            if profile.strategy == self.load_profiles[0].strategy:
                boardings[profile.line_id, profile.direction_id] = float(profile.boardings.sum())
        if not boardings:
            raise NothingToShowError("No vehicle ran, so there is no load to show.")
        return max(boardings, key=lambda key: boardings[key])

    def loads_along(self, line_id: str, direction_id: int) -> dict[str, LoadProfile]:
        """Return the loads of one direction of a line by strategy.

        Raises
        ------
        NothingToShowError
            When no vehicle ran there.
        """
        found = {
            profile.strategy: profile
            for profile in self.load_profiles
            if (profile.line_id, profile.direction_id) == (line_id, direction_id)
        }
        if not found:
            raise NothingToShowError(f"No vehicle of line {line_id} ran in direction {direction_id}.")
        return {strategy: found[strategy] for strategy in self.strategies if strategy in found}

    def account_of_stop(self, line_id: str, direction_id: int) -> dict[str, StopAccount]:
        """Return the account of the stop of a direction where most changes, by strategy.

        Raises
        ------
        NothingToShowError
            When there is no account, or nothing changed there.
        """
        if "account" not in self.tables:
            raise NothingToShowError("This run holds no account of changes against none.")
        _, found = stop_accounts(self.tables["account"], line_id, direction_id, self.period_s)
        if not found:
            raise NothingToShowError("No load changed on this line, so there is nothing to account for.")
        return self.in_order(found)

    def first_trajectories(self, line_id: str, direction_id: int) -> dict[str, Trajectories]:
        """Return the vehicles of one direction on the first kept day of the first replication, by strategy.

        Raises
        ------
        NothingToShowError
            When no vehicle ran there.
        """
        visits = self.tables["stop_visits"]
        here = visits.equals("line_id", line_id) & (visits["direction_id"] == direction_id)
        if not here.any():
            raise NothingToShowError("No vehicle ran, so there are no trajectories to show.")
        replication = int(visits["replication"][here].min())
        day = int(visits["day"][here & (visits["replication"] == replication)].min())
        ran = here & (visits["replication"] == replication) & (visits["day"] == day)
        return {
            strategy: trajectories(visits, strategy, line_id, direction_id, replication=replication, day=day)
            for strategy in self.strategies
            if (ran & visits.equals("strategy", strategy)).any()
        }

    def headway_deviations(self, line_id: str, direction_id: int) -> tuple[dict[str, FloatArray], tuple[str, ...]]:
        """Return how far headways are off schedule in minutes, by strategy, and the stops in the order of travel.

        Raises
        ------
        NothingToShowError
            When no vehicle ran there.
        """
        running = self.first_trajectories(line_id, direction_id)
        stop_ids = next(iter(running.values())).stop_ids
        visits = self.tables["stop_visits"]
        found = {
            strategy: headway_deviation_min(visits, strategy, line_id, direction_id, stop_ids) for strategy in running
        }
        return found, stop_ids

    def wait_exceedance(self) -> tuple[FloatArray, dict[str, FloatArray]]:
        """Return waits in minutes and, by strategy, the share of those who arrived that waited longer.

        Raises
        ------
        NothingToShowError
            When nobody arrived.
        """
        journeys = self.tables["journeys"]
        arrived = journeys.equals("outcome", "arrived")
        if not arrived.any():
            raise NothingToShowError("Nobody arrived, so there are no waits to show.")
        wait_min = journeys["wait_s"] / _MIN
        waits_min = np.linspace(0.0, max(1.0, float(np.percentile(wait_min[arrived], 99.5))), 121)
        shares: dict[str, FloatArray] = {}
        for strategy in self.strategies:
            own = np.sort(wait_min[arrived & journeys.equals("strategy", strategy)])
            if len(own):
                shares[strategy] = 1.0 - np.searchsorted(own, waits_min, side="right") / len(own)
        return waits_min, shares

    def cost_changes(self) -> dict[str, CostChanges]:
        """Return the distribution of cost changes against `none` by strategy.

        Raises
        ------
        NothingToShowError
            When there is nothing to compare.
        """
        changes = {name: self._changes(name) for name in self.strategies if name != BASELINE}
        known = {name: parts for name, parts in changes.items() if len(parts[0])}
        if not known:
            raise NothingToShowError("There is no strategy beside none whose commuters could be compared.")
        every_min = np.abs(np.concatenate([change_min for change_min, _ in known.values()]))
        moved_min = every_min[every_min > LOSS_THRESHOLD_MIN]
        reach_min = float(np.percentile(moved_min, 98.0)) if len(moved_min) else LOSS_THRESHOLD_MIN
        reach_min = max(reach_min - LOSS_THRESHOLD_MIN, 4.0)
        bin_min = next((width for width in _GAIN_BINS_MIN if reach_min / width <= _MOST_GAIN_BINS), _GAIN_BINS_MIN[-1])
        bins = min(_MOST_GAIN_BINS, int(np.ceil(reach_min / bin_min)))
        outward_min = LOSS_THRESHOLD_MIN + bin_min * np.arange(bins + 1)
        edges_min = np.concatenate([-outward_min[::-1], outward_min])
        found = {}
        for name, (change_min, group) in known.items():
            beyond = np.sign(change_min) * (np.abs(change_min) > LOSS_THRESHOLD_MIN)
            steps = np.ceil((np.abs(change_min) - LOSS_THRESHOLD_MIN) / bin_min)
            place = bins + (beyond * np.clip(steps, 1, bins)).astype(np.int64)
            cells = np.bincount(group * (2 * bins + 1) + place, minlength=3 * (2 * bins + 1))
            total_min = np.bincount(group, weights=change_min, minlength=3)
            persons = np.bincount(group, minlength=3)
            mean_min = np.where(persons > 0, total_min / np.maximum(persons, 1), np.nan)
            found[name] = CostChanges(edges_min, cells.reshape(3, -1) / len(change_min), mean_min)
        return found

    def _changes(self, strategy: str) -> tuple[FloatArray, IntArray]:
        """Return cost change in minutes and group of every commuter-day matched with `none`."""
        journeys = self.tables["journeys"]
        changes, groups = [np.zeros(0)], [np.zeros(0, np.int64)]
        for replication in np.unique(journeys["replication"]):
            here = journeys["replication"] == replication
            none = journeys.where(here & journeys.equals("strategy", BASELINE))
            other = journeys.where(here & journeys.equals("strategy", strategy))
            if len(none) and len(other):
                change_min, _, rows = paired_cost_change_min(BaselineJourneys.of(none), other)
                there, change_min = of_persons(change_min, other.where(rows))
                known = np.isfinite(change_min)
                complied, advised = other["complied"][rows[there]], other["advised"][rows[there]]
                changes.append(change_min[known])
                groups.append(np.where(complied, 0, np.where(advised, 1, 2))[known].astype(np.int64))
        return np.concatenate(changes), np.concatenate(groups)
