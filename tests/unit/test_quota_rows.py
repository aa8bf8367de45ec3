"""Places that advice gave out and those left: counted ride by ride, and never more than there are."""

from __future__ import annotations

import numpy as np
import pytest
from support.invariants import check_invariants
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim

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
