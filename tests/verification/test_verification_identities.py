"""What holds in every run, to the last digit, and what does not change the answer.

Each number is taken from two tables that do not know each other: those of people and those of vehicles. Little's
ratios (Little 1961, Operations Research 9:383-387) are an integral over the day to a sum over people, with random
vehicles, running times and passengers; sums that the parameters fix are conserved.
"""

import math

import numpy as np
import pytest
from support.simulated import tables_of

from sim.verification.bottleneck_world import Peak, total_cost
from sim.verification.families.bottleneck import V2, equilibrium_scenario
from sim.verification.scenarios import LINE, flow, headways, line, scenario, stop_names

START_S, DEMAND_S = 3600.0, 3600.0
SMALL = {"stops": 4, "commuters": 15, "headway": 4.0, "capacity": 30}
LARGE = {"stops": 6, "commuters": 40, "headway": 5.0, "capacity": 60}


def pairs(stops):
    return [(start, end) for start in range(stops) for end in range(start + 1, stops)]


def busy_line(size, running_time_s, vehicle, service, placement, **sections):
    """Return a line with so many commuters between each pair of stops, and vehicles enough for all of them."""
    stops, commuters, headway_s = size["stops"], size["commuters"], 60.0 * size["headway"]
    during = DEMAND_S / headway_s
    trips = math.ceil(2.0 * during + 2.0 * commuters * len(pairs(stops)) / size["capacity"]) + 10
    law = {"distribution": "exponential"} if placement == "random" else {}
    lengths = {"lengths": sections.pop("lengths")} if "lengths" in sections else {}
    return scenario(
        "verify-identities",
        [
            line(
                LINE,
                stop_names(stops - 1),
                [running_time_s] * (stops - 1),
                **headways(headway_s, trips, START_S, **law),
                **lengths,
            )
        ],
        [
            flow(f"s{start}", f"s{end}", START_S, START_S + DEMAND_S, commuters=commuters, placement=placement)
            for start, end in pairs(stops)
        ],
        {"bus": {"seats": 0, "capacity": size["capacity"], **vehicle}},
        service,
        **sections,
    )


def random_line(size, **sections):
    """Return the line with random vehicles, running times and passengers, few places, and control."""
    service = {
        "running_time_noise": {"distribution": "gamma", "cv": 0.3},
        "holding": {"rule": "even_headway", "most": 120.0},
    }
    return busy_line(size, 300.0, {"boarding": 3.0, "alighting": 0}, service, "random", **sections)


def integral_s(times_s, change):
    """Return the integral over time of a number that changes at times."""
    order = np.argsort(times_s, kind="stable")
    return (np.cumsum(change[order])[:-1] * np.diff(times_s[order])).sum()


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_little(size):
    """Would catch: a wait that does not end with the boarding, somebody who gets lost."""
    tables = tables_of(random_line(size))
    journeys, visits = tables["journeys"], tables["stop_visits"]
    boardings, alightings = visits["boardings"].astype(float), visits["alightings"].astype(float)
    came, ones, calls = journeys["departure_s"], np.ones(len(journeys)), visits["arrival_s"]
    wait, ride = journeys["wait_s"].sum(), journeys["in_vehicle_s"].sum()
    both = np.concatenate([came, calls])
    assert integral_s(both, np.concatenate([ones, -boardings])) == pytest.approx(wait, rel=1e-9)
    assert integral_s(calls, boardings - alightings) == pytest.approx(ride, rel=1e-9)
    under_way = wait + ride + journeys["walk_s"].sum()
    assert integral_s(both, np.concatenate([ones, -alightings])) == pytest.approx(under_way, rel=1e-9)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_nobody_is_lost_on_a_day_that_is_cut_short(size):
    """Everybody arrived, is on board, waits or gave up; boardings less alightings are the people on board."""
    end_s = START_S + DEMAND_S
    cut = {"horizon": {"end": end_s}, "behaviour": {"patience": 600.0}}
    tables = tables_of(random_line(size, **cut))
    journeys, legs, visits = tables["journeys"], tables["legs"], tables["stop_visits"]
    arrived = np.isfinite(journeys["arrival_s"]).sum()
    aboard = np.isnan(legs["alight_s"]).sum()
    never = (~np.isin(journeys["commuter_id"], legs["commuter_id"])).sum()
    assert arrived + aboard + never == size["commuters"] * len(pairs(size["stops"]))
    assert visits["boardings"].sum() == visits["alightings"].sum() + aboard


@pytest.mark.parametrize(("size", "km", "minutes", "dwell_s"), [(SMALL, 1.5, 3.0, 30.0), (LARGE, 0.8, 2.5, 20.0)])
def test_rides_of_vehicles_are_those_of_the_demand(size, km, minutes, dwell_s):
    """Load times way, and load times minutes from arrival to arrival, are what people ride together."""
    vehicle = {"dwell_rule": "constant", "dead_time": dwell_s, "boarding": 0, "alighting": 0}
    lengths = [1000.0 * km] * (size["stops"] - 1)
    visits = tables_of(busy_line(size, 60.0 * minutes, vehicle, {}, "even", lengths=lengths))["stop_visits"]
    links = size["commuters"] * sum(end - start for start, end in pairs(size["stops"]))
    ridden_m = (visits["departing_load"] * visits["distance_m"]).sum()
    assert ridden_m == pytest.approx(1000.0 * links * km, rel=1e-9)
    same = visits["trip_id"][1:] == visits["trip_id"][:-1]
    took_s = np.where(same, np.diff(visits["arrival_s"]), 0.0)
    ridden_s = (visits["departing_load"][:-1] * took_s).sum()
    assert ridden_s == pytest.approx(links * (60.0 * minutes + dwell_s), rel=1e-9)


# --- the bottleneck depends on N / s only, and on times from t* (Vickrey 1969, AER 59) --------------------


def bottleneck_cost(**changes):
    peak = Peak.of({**V2, **changes})
    return total_cost(tables_of(equilibrium_scenario(peak)), peak)


def test_twice_the_commuters_and_the_capacity_cost_twice_as_much():
    assert bottleneck_cost(N=8000, s=4000.0) / bottleneck_cost() == pytest.approx(2.0, rel=0.005)


def test_everything_three_hours_later_costs_the_same():
    assert bottleneck_cost(tstar=12.0) / bottleneck_cost() == pytest.approx(1.0, rel=1e-6)
