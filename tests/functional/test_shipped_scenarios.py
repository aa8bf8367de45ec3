"""Every shipped scenario at a reduced size: what must hold in the tables, under every strategy.

New files in scenarios/ are taken up by themselves; `SMALLER` says how to make one small where the usual
scale does not suit it.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.invariants import check_invariants

import sim
from sim.model.scenario import Scenario
from sim.records.folder import write_run_folder
from sim.records.table import Table

SCENARIOS = sorted(path.name for path in (Path(__file__).resolve().parents[2] / "scenarios").glob("*.yaml"))
USUAL = ("demand.scale=0.1",)
SMALLER: dict[str, tuple[str, ...]] = {
    # A few lines of it; commuters who need another one have no service. A sample of people, in a sample of places.
    "beijing_early_bird.yaml": (
        "demand.scale=0.015",
        "service.capacity_scale=0.015",
        "network.lines_used=[L1, L6, CP, L8]",
        "horizon.end=8:00",
    ),
    "commute_day.yaml": (
        "demand.flows.0.pieces.0.commuters=140",
        "demand.flows.1.pieces.0.commuters=100",
        "demand.flows.2.pieces.0.commuters=60",
        "service.capacity_scale=0.33",
    ),
    "jingjinji_regional.yaml": ("demand.scale=0.5", "network.lines_used=[L2, L4, L13, JINGJIN, JINGZHANG, TJF, ZJF]"),
    "olympic_surge.yaml": (
        "demand.scale=0.1",
        "service.capacity_scale=0.1",
        "demand.flows.0.pieces.0.commuters=50",
        "demand.flows.1.pieces.0.commuters=100",
        "demand.flows.2.pieces.0.commuters=500",
        "demand.flows.3.pieces.0.commuters=500",
        "demand.flows.4.pieces.0.commuters=500",
    ),
    "mandl.yaml": ("demand.scale=0.05",),
    "xiamen_brt2.yaml": ("demand.scale=0.5",),
    # At half of the multiple nobody is left behind, and the interesting half of the checks is idle.
    "xiamen_brt2_surge.yaml": ("demand.scale=4",),
}


def load(project_root: Path, name: str, *more: str) -> Scenario:
    # People who settle by themselves are tried in test_two_baselines.
    usual = ("replications=2", "days=2", "days_kept=1", "baselines=[habit]")
    settings = (*SMALLER.get(name, USUAL), *usual, *more)
    return sim.load_scenario(project_root / "scenarios" / name, settings)


def test_there_are_scenarios() -> None:
    assert {"mandl.yaml", "xiamen_brt2.yaml", "xiamen_brt2_surge.yaml"} <= set(SCENARIOS)


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_must_hold_in_a_comparison(name: str, project_root: Path) -> None:
    scenario = load(project_root, name)
    result = sim.compare(scenario)
    tables = result.tables
    check_invariants(tables, scenario.parameters.period_s)
    assert len(tables["journeys"]) > 1000
    check_conservation(tables)
    check_waiting(tables)
    check_time_on_board(tables)
    check_same_people(tables)


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_must_hold_on_several_days_and_at_the_edge_of_the_day(name: str, project_root: Path) -> None:
    """Several days are kept, the day ends in the middle of the traffic, and people have a short patience."""
    scenario = load(
        project_root,
        name,
        "replications=1",
        "days=3",
        "days_kept=3",
        "behaviour.patience=8 min",
        "behaviour.departure_choice=logit",
        "advisor.strategy=individual",
        "advisor.compliance=0.8",
        "service.boarding_rule=during_dwell",
    )
    demand = scenario.demand
    order = np.argsort(demand.start_s)
    half = int(np.searchsorted(np.cumsum(demand.commuters[order]), demand.commuters.sum() / 2))
    end_s = float(demand.start_s[order][half]) + 600
    horizon = scenario.parameters.horizon.model_copy(update={"end_s": end_s})
    scenario = replace(scenario, parameters=scenario.parameters.model_copy(update={"horizon": horizon}))
    result = sim.run(scenario)
    check_invariants(result.tables, scenario.parameters.period_s)
    check_conservation(result.tables)
    check_waiting(result.tables)
    journeys = result.tables["journeys"]
    assert np.unique(journeys["day"]).tolist() == [0, 1, 2]
    assert {"arrived", "still_travelling"} <= set(journeys.text("outcome"))
    arrived = journeys.equals("outcome", "arrived")
    assert journeys["arrival_s"][arrived].max() <= end_s


def check_conservation(tables: dict[str, Table]) -> None:
    """All commuters arrived, are still travelling, gave up or had no service; all who boarded alighted or are on."""
    journeys, legs, visits = (tables[name] for name in ("journeys", "legs", "stop_visits"))
    ended = {
        name: int(journeys.equals("outcome", name).sum())
        for name in ("arrived", "still_travelling", "gave_up", "no_service")
    }
    assert sum(ended.values()) == len(journeys)
    on_board = int(np.isnan(legs["alight_s"]).sum())
    assert visits["boardings"].sum() == len(legs)
    assert visits["alightings"].sum() == len(legs) - on_board
    assert visits["denied_boardings"].sum() == journeys["denied_boardings"].sum() == len(tables["denied_boardings"])
    assert (visits["departing_load"] <= visits["capacity"]).all()


def check_waiting(tables: dict[str, Table]) -> None:
    """Little's law as an identity: the number waiting, summed over time, is the sum of all waits."""
    legs, journeys = tables["legs"], tables["journeys"]
    times = np.concatenate([legs["wait_from_s"], legs["board_s"]])
    change = np.concatenate([np.ones(len(legs)), -np.ones(len(legs))])
    order = np.argsort(times, kind="stable")
    waiting = np.cumsum(change[order])
    assert (waiting[:-1][np.diff(times[order]) > 0] >= 0).all()
    area = float((waiting[:-1] * np.diff(times[order])).sum())
    arrived = journeys.equals("outcome", "arrived")
    person = {
        name: (table["replication"] * 1000 + table["day"]) * 10**7 + table["commuter_id"]
        for name, table in (("journeys", journeys), ("legs", legs))
    }
    same = {name: person[name] * 10 + tables[name]["strategy"] for name in person}
    of_arrived = np.isin(same["legs"], same["journeys"][arrived])
    waits = legs["board_s"] - legs["wait_from_s"]
    assert area == pytest.approx(waits.sum(), rel=1e-9)
    assert waits[of_arrived].sum() == pytest.approx(journeys["wait_s"][arrived].sum(), rel=1e-9)


def check_time_on_board(tables: dict[str, Table]) -> None:
    """Time on board by vehicles (load over time) is time on board by persons."""
    legs, visits = tables["legs"], tables["stop_visits"]
    if np.isnan(legs["alight_s"]).any():
        return
    load, arrival = visits["departing_load"], visits["arrival_s"]
    following = np.append(arrival[1:], np.nan)
    by_vehicle = np.where(load > 0, load * (following - arrival), 0.0).sum()
    before_boarding = (legs["board_s"] - _arrival(tables, "board_stop_id", "board_s")).sum()
    before_leaving = (legs["alight_s"] - _arrival(tables, "alight_stop_id", "alight_s")).sum()
    by_person = (legs["alight_s"] - legs["board_s"]).sum()
    assert by_vehicle - before_boarding + before_leaving == pytest.approx(by_person, rel=1e-9)


def _arrival(tables: dict[str, Table], stop: str, moment: str) -> Any:
    """Return when the vehicle of each leg had come to the stop: the last arrival of its trip there by then."""
    legs, visits = tables["legs"].to_pandas(), tables["stop_visits"].to_pandas()
    keys = ["strategy", "replication", "day", "trip_id", "stop_id"]
    calls = visits[[*keys, "arrival_s", "departure_s"]]
    merged = legs.reset_index().merge(calls, left_on=[*keys[:-1], stop], right_on=keys, how="left")
    inside = (merged[moment] >= merged["arrival_s"] - 1e-6) & (merged[moment] <= merged["departure_s"] + 1e-6)
    return merged[inside].groupby("index")["arrival_s"].max().reindex(legs.index).to_numpy()


def check_same_people(tables: dict[str, Table]) -> None:
    """All strategies have the same commuters with the same wishes."""
    journeys = tables["journeys"]
    names = ("replication", "day", "commuter_id", "preferred_arrival_s", "habitual_departure_s", "least_cost_min")
    parts = [
        [journeys[name][journeys["strategy"] == code].tolist() for name in names]
        for code in range(len(journeys.categories["strategy"]))
    ]
    assert all(part == parts[0] for part in parts[1:])


@pytest.mark.parametrize("name", SCENARIOS)
def test_outside_judge_finds_nothing(name: str, project_root: Path, outside_judge: Path, tmp_path: Path) -> None:
    scenario = load(project_root, name, "replications=1")
    for result in (sim.run(scenario, strategy="individual"), sim.compare(scenario)):
        folder = tmp_path / result.manifest["kind"]
        write_run_folder(folder, result.manifest, result.summary, result.tables, "<html></html>")
        judged = subprocess.run(
            [sys.executable, str(outside_judge), str(folder)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert judged.returncode == 0, judged.stdout + judged.stderr
