"""Places that advice gave out and those left: counted ride by ride, and never more than there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from support.invariants import check_invariants
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim
from sim.model.scenario import Scenario

TARGET = 0.8


@pytest.fixture(scope="module")
def result() -> sim.ComparisonResult:
    line = bus_line("L", "ABC", [120, 180], range(300, 12000, 300))
    flows = [flow("A", "C", 3600, 5400, 80), flow("B", "C", 3600, 5400, 30)]
    advisor = {"penetration": 0.8, "compliance": 0.8, "window": 600, "target_load_factor": TARGET}
    bus = {"bus": {**INSTANT_BUS, "seats": 5, "capacity": 15}}
    scenario = world([line], flows, bus, days=3, days_kept=2, advisor=advisor, period=600)
    found = sim.compare(scenario, ["none", "individual"], replications=2)
    check_invariants(found.tables)
    return found


def test_places_given_out_are_the_rides_of_followers(result: sim.ComparisonResult) -> None:
    quotas, keys = result.tables["quotas"].to_pandas(), ["replication", "day", "strategy"]
    followers = result.journeys[result.journeys["complied"]][[*keys, "commuter_id"]]
    rides = result.legs.merge(followers, on=[*keys, "commuter_id"])
    # A rider from A leaves A and B on board, one from B leaves B.
    hops = np.where(rides["board_stop_id"] == "A", 2, 1)
    assert quotas["given_out"].sum() == hops.sum() > 0
    boarded = rides[rides["board_stop_id"] == "A"].groupby(keys).size()
    at_a = quotas[quotas["stop_id"] == "A"].groupby(keys)["given_out"].sum()
    assert (boarded == at_a).all()


def test_what_is_given_out_and_left_fits_into_vehicles(result: sim.ComparisonResult) -> None:
    quotas = result.tables["quotas"].to_pandas()
    assert set(quotas["strategy"]) == {"individual"}
    assert (quotas["given_out"] > 0).all()
    assert (quotas["given_out"] + quotas["others"] <= quotas["capacity"]).all()
    assert (quotas["quota"] == quotas["given_out"] + quotas["left"]).all()
    room = np.floor(TARGET * quotas["capacity"]) - quotas["given_out"] - quotas["others"]
    assert (quotas["left"] == np.maximum(room, 0)).all()


def test_loads_are_those_of_the_table_of_periods(result: sim.ComparisonResult) -> None:
    keys = ["replication", "day", "strategy", "line_id", "direction_id", "stop_id", "period_start_s"]
    both = result.tables["quotas"].to_pandas().merge(result.tables["periods"].to_pandas(), on=keys)
    assert len(both) == len(result.tables["quotas"])
    assert np.allclose(both["given_out"] + both["others"], both["load"] * both["vehicles"])


def patterns_of_one_line() -> Scenario:
    """A line whose trips begin at A or at B, as a feed has it that gives both one route id."""
    lines = [
        bus_line("L", "ABC", [120, 180], range(300, 12000, 600)),
        bus_line("M", "BCD", [180, 120], range(600, 12000, 600)),
    ]
    scenario = seen_by_advice(lines, [flow("A", "C", 3600, 5400, 80), flow("B", "C", 3600, 5400, 60)])
    service = scenario.service
    patterns = tuple(replace(pattern, line=0) for pattern in service.patterns)
    return replace(scenario, service=replace(service, lines=service.lines[:1], patterns=patterns))


def through_vehicles() -> Scenario:
    """Vehicles that go on at C as those of another line, with people on board."""
    lines = [
        bus_line("L", "ABC", [120, 180], range(300, 12000, 300)),
        bus_line("M", "CDE", [120, 180], range(660, 12000, 300)),
    ]
    flows = [flow("A", "E", 3600, 5400, 80), flow("B", "D", 3600, 5400, 30)]
    return seen_by_advice(lines, flows, service={"through_services": "blocks", "blocks": "chain"})


def seen_by_advice(lines: list[dict[str, object]], flows: list[dict[str, object]], **sections: object) -> Scenario:
    bus = {"bus": {**INSTANT_BUS, "seats": 5, "capacity": 15}}
    advisor = {"penetration": 0.8, "compliance": 0.8, "window": 600}
    return world(lines, flows, bus, days=3, advisor=advisor, period=600, replications=2, **sections)


@pytest.mark.parametrize("made", [patterns_of_one_line, through_vehicles])
def test_rows_are_those_of_the_table_of_periods(made: Callable[[], Scenario]) -> None:
    """There were two rows of a stop that trips of a line have at two places, and where vehicles went on as others."""
    result = sim.compare(made(), ["none", "individual"])
    check_invariants(result.tables)
    keys = ["replication", "day", "strategy", "line_id", "direction_id", "stop_id", "period_start_s"]
    quotas, periods = (result.tables[name].to_pandas() for name in ("quotas", "periods"))
    assert len(quotas)
    assert not quotas.duplicated(keys).any()
    both = quotas.merge(periods, on=keys)
    assert len(both) == len(quotas)
    assert np.allclose(both["given_out"] + both["others"], both["load"] * both["vehicles"])
    assert np.allclose(both["capacity"] * both["load_factor"], both["load"] * both["vehicles"])
    # In the same order too.
    place = periods.reset_index().merge(quotas[keys], on=keys)["index"]
    assert quotas[keys].apply(tuple, axis=1).tolist() == periods.loc[place, keys].apply(tuple, axis=1).tolist()
