"""Common random numbers in whole runs: what is added, left out or done in parallel moves nobody else's numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support.worlds import bus_line, flow, world

import sim
from sim.model.scenario import Scenario
from sim.records.table import Table

NOISE = {"running_time_noise": {"distribution": "lognormal", "cv": 0.2}}
BUS = {"seats": 10, "capacity": 12, "dwell_rule": "sum", "dead_time": 3, "boarding": 2, "alighting": 1}
TABLES = ("journeys", "legs", "stop_visits", "denied_boardings", "periods")
NAMES = ("none", "same_for_all", "individual", "coordinated")


def rush(**sections: Any) -> Scenario:
    settings: dict[str, Any] = {
        "service": NOISE,
        "replications": 2,
        "days": 3,
        "days_kept": 2,
        "advisor": {"penetration": 0.6, "compliance": 0.7, "window": 600},
        **sections,
    }
    lines = [
        bus_line(
            "L", "ABC", [120, 180], headway={"mean": 300, "distribution": "gamma", "cv": 0.4, "first": 0, "trips": 20}
        ),
        bus_line("M", "CDE", [100, 90], range(400, 7000, 400)),
    ]
    flows = [
        flow("A", "C", 600, 2400, 90),
        flow("B", "C", 600, 2400, 20.5, "poisson"),
        flow("A", "E", 600, 1800, 30),
    ]
    return world(lines, flows, {"bus": BUS}, **settings)


def columns(table: Table, without: tuple[str, ...] = (), **which: Any) -> dict[str, Any]:
    """Return the columns of the rows that have the given values, texts decoded."""
    rows = np.ones(len(table), dtype=bool)
    for name, value in which.items():
        rows &= (table.text(name) if name in table.categories else table[name]) == value
    kept = table.where(rows)
    return {
        name: (kept.text(name) if name in kept.categories else kept[name]).tolist()
        for name in table.schema.names
        if name not in without
    }


def contract(result: sim.RunResult) -> list[tuple[str, Table]]:
    """Return the tables that every run has."""
    return [(name, result.tables[name]) for name in TABLES]


def same(left: dict[str, Any], right: dict[str, Any]) -> bool:
    return str(left) == str(right)  # NaN equals NaN, and every digit counts


@pytest.fixture(scope="module")
def compared() -> sim.ComparisonResult:
    return sim.compare(rush(), NAMES)


def test_same_seed_same_tables(compared: sim.ComparisonResult) -> None:
    again = sim.compare(rush(), NAMES)
    for name, table in contract(compared):
        assert same(columns(table), columns(again.tables[name])), name


def test_another_seed_other_tables(compared: sim.ComparisonResult) -> None:
    other = sim.compare(rush(), ("none",), seed=2)
    for name in ("habitual_departure_s", "preferred_arrival_s", "arrival_s"):
        mine, theirs = (columns(result.tables["journeys"], strategy="none")[name] for result in (compared, other))
        assert not set(mine) & set(theirs) - {float("nan")}


def test_processes_change_nothing(compared: sim.ComparisonResult) -> None:
    parallel = sim.compare(rush(), NAMES, jobs=2)
    for name, table in contract(compared):
        assert same(columns(table), columns(parallel.tables[name])), name


@pytest.mark.parametrize("order", [("coordinated", "none"), ("individual",), ("none", "individual", "coordinated")])
def test_strategies_do_not_depend_on_those_run_beside_them(
    compared: sim.ComparisonResult, order: tuple[str, ...]
) -> None:
    other = sim.compare(rush(), order)
    for strategy in order:
        for name, table in contract(compared):
            mine, theirs = (columns(tables[name], strategy=strategy) for tables in (compared.tables, other.tables))
            if "none" not in order:
                # The parts of a saving follow movers through the day of none.
                mine, theirs = (
                    {key: value for key, value in one.items() if not key.startswith("saved_")} for one in (mine, theirs)
                )
            assert same(mine, theirs), (strategy, name)
            assert len(mine["day"]) or name == "denied_boardings" or not len(table)


def test_replications_do_not_depend_on_how_many_there_are(compared: sim.ComparisonResult) -> None:
    single = sim.compare(rush(), NAMES, replications=1)
    for name, table in contract(compared):
        assert same(columns(table, replication=0), columns(single.tables[name])), name


def test_days_do_not_depend_on_how_many_are_kept(compared: sim.ComparisonResult) -> None:
    last = sim.compare(rush(), NAMES, days_kept=1)
    for name, table in contract(compared):
        assert same(columns(table, day=2), columns(last.tables[name])), name


def test_replications_and_days_differ(compared: sim.ComparisonResult) -> None:
    visits, journeys = compared.tables["stop_visits"], compared.tables["journeys"]

    def runs(**which: int) -> list[float]:
        return list(columns(visits, strategy="none", line_id="L", stop_sequence=1, **which)["arrival_s"])

    assert not set(runs(replication=0, day=1)) & set(runs(replication=1, day=1))
    assert not set(runs(replication=0, day=1)) & set(runs(replication=0, day=2))
    # People are the same on every day of a replication, and others in another one.
    people = [
        columns(journeys, strategy="none", replication=replication, day=day)["habitual_departure_s"]
        for replication, day in ((0, 1), (0, 2), (1, 1))
    ]
    assert people[0] == people[1]
    assert not set(people[0]) & set(people[2])


@pytest.mark.parametrize("nobody", [{"penetration": 0.0}, {"compliance": 0.0}])
def test_strategies_are_identical_where_nobody_follows(nobody: dict[str, float]) -> None:
    result = sim.compare(rush(advisor={"penetration": 0.6, "compliance": 0.7, "window": 600, **nobody}), NAMES)
    ignored = ("strategy", "advised", "complied", "window_start_s", "window_end_s")
    for name, table in contract(result):
        first = columns(table, ignored if "compliance" in nobody else ("strategy",), strategy="none")
        for strategy in NAMES[1:]:
            assert same(columns(table, tuple(first.keys() ^ set(table.schema.names)), strategy=strategy), first), name


def test_advice_that_begins_later_leaves_the_days_before_alone() -> None:
    late = rush(advisor={"penetration": 1, "compliance": 1, "window": 600, "first_day": 2})
    result = sim.compare(late, ("none", "coordinated"))
    for name, table in contract(result):
        mine, theirs = (columns(table, ("strategy",), strategy=strategy, day=1) for strategy in ("none", "coordinated"))
        assert same(mine, theirs), name
    journeys = [
        columns(result.tables["journeys"], ("strategy",), strategy=name, day=2) for name in ("none", "coordinated")
    ]
    assert not same(*journeys)


def test_vehicles_of_other_lines_keep_their_times_when_a_line_is_added() -> None:
    """Nobody rides the new line, so that the old vehicles meet the same people at the same moments."""
    base = rush()
    extra = bus_line("a_very_long_name", "ZAY", [30, 45], range(100, 5000, 250))
    lines = [line.model_dump() for line in base.parameters.network.lines]
    parameters = base.parameters.model_dump()
    parameters["network"] = {"lines": [extra, *lines]}
    parameters["demand"]["flows"] = [row for row in parameters["demand"]["flows"] if row["origin"] != "A"]
    few = base.parameters.model_dump()
    few["demand"]["flows"] = parameters["demand"]["flows"]
    arrivals = []
    for raw in (few, parameters):
        result = sim.run(_built(raw))
        visits = result.stop_visits
        mine = visits[visits["line_id"].isin(["L", "M"])].sort_values(
            ["replication", "day", "trip_id", "stop_sequence"]
        )
        arrivals.append(mine["arrival_s"].tolist())
    assert len(arrivals[0]) > 100
    assert arrivals[0] == arrivals[1]


def _built(raw: dict[str, Any]) -> Scenario:
    sections = {name: value for name, value in raw.items() if name not in ("name", "network", "demand", "service")}
    service = dict(raw["service"])
    vehicles = service.pop("vehicles")
    return world(raw["network"]["lines"], raw["demand"]["flows"], vehicles, service=service, **sections)
