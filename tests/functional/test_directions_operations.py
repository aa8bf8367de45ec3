"""More of this, less of that: the signs that any reader expects of vehicle operations."""

from __future__ import annotations

import numpy as np
import pytest
from support.invariants import check_invariants
from support.worlds import bus_line, flow, world

import sim

BUS = {"seats": 15, "capacity": 30, "dead_time": 5, "boarding": 3, "alighting": 2}


def result_of(headway_s=600.0, vehicle=None, **sections):
    departures = list(np.arange(25200.0, 32400.0, headway_s))
    flows = [flow("A", "D", 25000.0, 31000.0, 220), flow("B", "D", 25000.0, 31000.0, 120)]
    lines = [bus_line("L", "ABCD", [240.0, 360.0, 300.0], departures)]
    scenario = world(lines, flows, {"bus": {**BUS, **(vehicle or {})}}, replications=3, days=1, **sections)
    result = sim.run(scenario)
    check_invariants(result.tables)
    return result


def metric(result, name):
    return result.summary["metrics"][name]["mean"]


def cycle_s(result):
    table = result.tables["stop_visits"]
    last = table["stop_sequence"] == 3
    first = table["stop_sequence"] == 0
    return float(np.mean(table["departure_s"][last] - table["arrival_s"][first]))


def test_more_buses_shorter_waits():
    waits = [metric(result_of(headway), "mean_wait_min") for headway in (1200.0, 600.0, 300.0)]
    assert waits == sorted(waits, reverse=True)


def test_larger_buses_fewer_denied_boardings():
    denied = [metric(result_of(vehicle={"capacity": room}), "denied_boardings") for room in (20, 30, 60)]
    assert denied == sorted(denied, reverse=True)
    assert denied[0] > denied[-1]


@pytest.mark.parametrize(("slow", "fast"), [({"boarding": 5}, {"boarding": 1}), ({}, {"boarding_channels": 3})])
def test_faster_doors_shorter_cycle(slow, fast):
    assert cycle_s(result_of(vehicle=fast)) < cycle_s(result_of(vehicle=slow)) - 5.0


def test_more_background_traffic_longer_rides():
    def ride(volume):
        volumes = [{"link_class": "road", "start": 0, "end": 90000, "volume": volume}]
        traffic = {"delay": "bpr", "classes": {"road": {"capacity": "900 /h"}}, "volumes": volumes}
        return metric(result_of(traffic=traffic), "mean_in_vehicle_min")

    rides = [ride(volume) for volume in ("0 /h", "600 /h", "900 /h", "1300 /h")]
    assert rides == sorted(rides)
    assert rides[-1] > rides[0] + 2.0


def test_more_cars_in_the_area_longer_rides():
    def ride(inflow):
        area = {"free_speed_km_h": 35, "jam_cars": 3000, "trip_length": "3 km"}
        pieces = [{"start": 18000, "end": 90000, "inflow": inflow}]
        return metric(result_of(traffic={"area": {**area, "inflow": pieces}}), "mean_in_vehicle_min")

    rides = [ride(inflow) for inflow in ("0 /h", "4000 /h", "8000 /h", "20000 /h")]
    assert rides == sorted(rides)
    assert rides[-1] > 2.0 * rides[0]


def test_control_evens_headways_out():
    noise = {"distribution": "lognormal", "cv": 0.4}

    def spread(holding):
        result = result_of(300.0, service={"running_time_noise": noise, "holding": holding})
        table = result.tables["stop_visits"]
        arrival = table["arrival_s"].reshape(3, -1, 4)[:, :, 3]
        return float(np.diff(np.sort(arrival, axis=1), axis=1).std())

    free = spread({})
    assert spread({"rule": "even_headway"}) < free
    assert spread({"rule": "forward_headway", "alpha": 0.5, "slack": 60}) < free


def test_fewer_berths_longer_rides():
    lines = [bus_line(name, "ABC", [300.0, 300.0], [25200.0 + 120.0 * trip for trip in range(20)]) for name in "KLM"]

    def ride(berths):
        service = {"stops": {"B": {"berths": berths}}}
        scenario = world(lines, [flow("A", "C", 25000.0, 27000.0, 60)], {"bus": {**BUS, "dead_time": 60}},
                         service=service, days=1)  # fmt: skip
        result = sim.run(scenario)
        check_invariants(result.tables)
        return metric(result, "mean_in_vehicle_min")

    assert ride(1) > ride(2) > ride(3) - 1e-9
