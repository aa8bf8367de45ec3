"""What figures and the HTML report are made from: manifest, summary and tables, with the arrays they share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from sim.arrays import FloatArray
from sim.metrics.account import StopAccount, stop_accounts
from sim.metrics.convergence import Convergence, convergence_by_strategy
from sim.metrics.fairness import class_summary, fairness_table
from sim.metrics.grouping import StopPlaces, split_by_run
from sim.metrics.headways import headway_deviation_min
from sim.metrics.link_loads import LinkLoads, link_loads
from sim.metrics.metric import BASELINE
from sim.metrics.order_statistics import quantiles_of_parts
from sim.metrics.profiles import (
    ArrivalProfile,
    LoadProfile,
    TimeProfile,
    arrival_deviations_min,
    arrival_profiles,
    load_profiles,
    time_profiles,
    wait_exceedance,
)
from sim.metrics.trajectories import Trajectories, trajectories
from sim.metrics.travel_order import stop_places
from sim.records.table import Table
from sim.report.charts.chart import LegendEntry, NothingToShowError
from sim.report.cost_changes import CostChanges, cost_changes
from sim.report.metric_words import ordered_strategies
from sim.report.strategy_looks import StrategyLooks, legend

DEFAULT_PERIOD_S = 900.0
"""Observation period in seconds where the tables do not tell it."""

Profile = TypeVar("Profile")

ACCOUNT = "account"
"""Name of the table that a comparison with none brings."""

Direction = tuple[str, int]
"""Line and direction, by `line_id` and `direction_id`."""


@dataclass(frozen=True)
class ReportData:
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
        """Labels and colours of the strategies."""
        return StrategyLooks.of(self.manifest)

    @cached_property
    def colours(self) -> dict[str, str]:
        """A colour for each strategy."""
        return self.looks.colours(self.strategies)

    def legend(self, names: Iterable[str]) -> tuple[LegendEntry, ...]:
        """Return the legend of strategies; empty for a single one."""
        return legend(self.looks, {name: self.colours[name] for name in names})

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
        runs = split_by_run(self.tables["periods"]).values()
        starts_s = np.unique(np.concatenate([np.zeros(0), *(np.unique(run["period_start_s"]) for run in runs)]))
        return float(np.diff(starts_s).min()) if len(starts_s) > 1 else DEFAULT_PERIOD_S

    @cached_property
    def convergence(self) -> dict[str, Convergence]:
        """What happened from day to day, by strategy; empty where the run is of an earlier version."""
        return convergence_by_strategy(self.tables["days"]) if "days" in self.tables else {}

    @cached_property
    def load_profiles(self) -> tuple[LoadProfile, ...]:
        """Loads of every line, direction and strategy."""
        return load_profiles(self.tables["periods"], self.tables["stop_visits"], self.period_s, self._places)

    @cached_property
    def link_loads(self) -> LinkLoads | None:
        """Loads between stops in the busiest hour; None where no vehicle ran."""
        return link_loads(self.tables["stop_visits"])

    @cached_property
    def _places(self) -> StopPlaces:
        """Stops of all lines in the order of travel."""
        return stop_places(self.tables["stop_visits"])

    @cached_property
    def time_profiles(self) -> dict[str, TimeProfile]:
        """Departures, arrivals and waits by period and strategy."""
        if not len(self.tables["journeys"]):
            raise NothingToShowError("No commuter travelled, so there are no departures and arrivals to show.")
        return time_profiles(self.tables["journeys"], self.period_s)

    @cached_property
    def arrival_profiles(self) -> dict[str, ArrivalProfile]:
        """Arrivals against preferred arrivals by strategy, of first journeys."""
        journeys = self.tables["journeys"]
        runs = split_by_run(journeys).values()
        known = quantiles_of_parts(lambda: (np.abs(arrival_deviations_min(run)) for run in runs), [0.98], 0.25)
        if np.isnan(known[0]):
            raise NothingToShowError("Nobody who wanted to arrive at a certain time arrived.")
        limit_min = float(np.clip(np.ceil(known[0] / 10.0) * 10.0, 10.0, 120.0))
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

    @cached_property
    def cost_changes(self) -> dict[str, CostChanges]:
        """Distribution of cost changes against `none` by strategy."""
        return cost_changes(self.tables["journeys"], self.strategies)

    @cached_property
    def busiest_direction(self) -> Direction:
        """Line and direction with most boardings under the first strategy; an error where no vehicle ran."""
        boardings: dict[tuple[str, int], float] = {}
        for profile in self.load_profiles:
            if profile.strategy == self.load_profiles[0].strategy:
                boardings[profile.line_id, profile.direction_id] = float(profile.boardings.sum())
        if not boardings:
            raise NothingToShowError("No vehicle ran, so there is no load to show.")
        return max(boardings, key=lambda key: boardings[key])

    def direction_title(self, direction: Direction) -> str:
        """Name a direction of a line as a heading, by its ends where they are known."""
        line_id, direction_id = direction
        name = self.line_names.get(line_id, line_id)
        line = name if name.lower().startswith("line") else f"Line {name}"
        profile = next((one for one in self.load_profiles if (one.line_id, one.direction_id) == direction), None)
        if profile is None or len(profile.stop_ids) < 2:
            return f"{line}, direction {direction_id}"
        first, last = (self.stop_names.get(profile.stop_ids[end], profile.stop_ids[end]) for end in (0, -1))
        return f"{line}, direction {direction_id}: {first} to {last}"

    def direction_words(self, direction: Direction) -> str:
        """Name a direction of a line within a sentence."""
        line_id, direction_id = direction
        name = self.line_names.get(line_id, line_id)
        line = name if name.lower().startswith("line") else f"line {name}"
        most = ", the one with most boardings" if direction == self.busiest_direction else ""
        return f"on {line}, direction {direction_id}{most}"

    def loads_along(self, direction: Direction) -> dict[str, LoadProfile]:
        """Return the loads of one direction of a line by strategy.

        Raises
        ------
        NothingToShowError
            When no vehicle ran there.
        """
        found = {
            profile.strategy: profile
            for profile in self.load_profiles
            if (profile.line_id, profile.direction_id) == direction
        }
        if not found:
            raise NothingToShowError(f"No vehicle of line {direction[0]} ran in direction {direction[1]}.")
        return {strategy: found[strategy] for strategy in self.strategies if strategy in found}

    def account_of_stop(self, direction: Direction) -> tuple[str, dict[str, StopAccount]]:
        """Return the stop of a direction where most changes, and its account by strategy.

        Raises
        ------
        NothingToShowError
            When there is no account, or nothing changed there.
        """
        if "account" not in self.tables:
            raise NothingToShowError("This run holds no account of changes against none.")
        stop, found = stop_accounts(self.tables["account"], *direction, self.period_s)
        if not found:
            raise NothingToShowError("No load changed on this line, so there is nothing to account for.")
        return stop, self.in_order(found)

    def first_trajectories(self, direction: Direction) -> dict[str, Trajectories]:
        """Return the vehicles of one direction on the first kept day of the first replication, by strategy.

        Raises
        ------
        NothingToShowError
            When no vehicle ran there.
        """
        visits = self.tables["stop_visits"]
        runs = split_by_run(visits)
        for replication in sorted({number for _, number in runs}):
            ran = {name: _days_of(runs[name, replication], direction) for name in self.strategies}
            if any(ran.values()):
                day = min(day for days in ran.values() for day in days)
                return {
                    name: trajectories(visits, name, *direction, replication=replication, day=day, places=self._places)
                    for name, days in ran.items()
                    if day in days
                }
        raise NothingToShowError("No vehicle ran, so there are no trajectories to show.")

    def headway_deviations(self, direction: Direction) -> tuple[dict[str, FloatArray], tuple[str, ...]]:
        """Return how far headways are off schedule in minutes, by strategy, and the stops in the order of travel.

        Raises
        ------
        NothingToShowError
            When no vehicle ran there.
        """
        running = self.first_trajectories(direction)
        stop_ids = next(iter(running.values())).stop_ids
        visits = self.tables["stop_visits"]
        found = {strategy: headway_deviation_min(visits, strategy, *direction, stop_ids) for strategy in running}
        return found, stop_ids

    def wait_exceedance(self) -> tuple[FloatArray, dict[str, FloatArray]]:
        """Return waits in minutes and, by strategy, the share of those who arrived that waited longer.

        Raises
        ------
        NothingToShowError
            When nobody arrived.
        """
        waits_min, shares = wait_exceedance(self.tables["journeys"])
        if not shares:
            raise NothingToShowError("Nobody arrived, so there are no waits to show.")
        return waits_min, self.in_order(shares)


def _days_of(visits: Table, direction: Direction) -> list[int]:
    """Return the days on which vehicles of a direction of a line ran."""
    line_id, direction_id = direction
    here = visits.equals("line_id", line_id) & (visits["direction_id"] == direction_id)
    days: list[int] = np.unique(visits["day"][here]).tolist()
    return days
