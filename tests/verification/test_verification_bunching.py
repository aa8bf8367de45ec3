"""Bunching, control and dwell: simulated vehicles beside Newell and Potts, Daganzo, BPR and Greenshields."""

from __future__ import annotations

import math

import numpy as np
import pytest
from support.invariants import check_invariants
from support.oracles import assert_agrees, oracle_rows, settings
from support.worlds import bus_line, flow, world

from sim.advisor import strategy_by_name
from sim.api import load_scenario
from sim.errors import InputError
from sim.experiments.replications import run_replications
from sim.verification import run_cases
from sim.verification.theory import bunching

EXACT = ("bunching.newell_potts", "bunching.arrival_headway", "dwell.tcqsm", "bpr", "mfd.speed")


def assert_passes(row):
    assert row["verdict"] == "pass", row


@pytest.mark.parametrize("case", EXACT)
def test_rows_of_the_oracles_that_are_arithmetic(shared, case):
    """Would catch: the other boarding rule, dwell added twice, a factor on speed where one on time is meant."""
    rows = oracle_rows(shared, (case,), None)
    assert rows
    for row in rows:
        (simulated,) = run_cases([case], settings(row["params"]))
        assert_passes(simulated)
        assert simulated["simulation"] == pytest.approx(row["value"], rel=row["rel_tol"], abs=row["abs_tol"])


def test_rows_of_the_oracles_on_headway_variance(shared):
    """Would catch: noise of the wrong spread, passengers that are not Poisson, control on the wrong headway."""
    simulated = run_cases(["bunching.headway_var"])
    assert len(simulated) == 6
    for row in simulated:
        (oracle,) = oracle_rows(shared, ("bunching.headway_var",), row["params"])
        assert_agrees(row, oracle["value"], oracle["rel_tol"], replications=20)


@pytest.mark.parametrize(
    ("case", "params"),
    [
        ("bunching.newell_potts", {"k": 0.1, "stop": 8, "bus": 3, "e": -0.5}),
        ("bunching.newell_potts", {"k": 0.6, "stop": 1, "bus": 4, "e": 0.05, "H": 10}),
        ("bunching.arrival_headway", {"k": 0.02, "stop": 30, "bus": 2, "e": 0.75, "H": 4.5}),
        ("bunching.daganzo", {"k": 0.1, "alpha": 0.7, "stop": 12, "bus": 5}),
        ("dwell.tcqsm", {"board": 37, "alight": 29, "tb": 2.37, "ta": 1.93, "doors": 4.1, "standees": True}),
        ("bpr", {"x": 1.23}),
        ("mfd.speed", {"q": 2500, "Vf": 30, "nj": 2500, "L": 3.5}),
        ("bunching.headway_var", {"H": 5, "lam": 0.8, "b": 0.04, "sigma": 0.2, "stop": 3, "control": 0.5}),
        ("bunching.passenger_wait", {"H": 5, "lam": 0.8, "b": 0.04, "sigma": 0.2, "stop": 3, "control": 0.5}),
    ],
)
def test_other_parameters(case, params):
    (row,) = run_cases([case], settings(params))
    assert_passes(row)


@pytest.mark.parametrize(
    ("case", "override", "message"),
    [
        ("bunching.newell_potts", "stop=21", "catches up at stop 21"),
        ("bunching.arrival_headway", "stop=23", "catches up at stop 23"),
        ("bunching.headway_var", "stop=30", "standard deviation"),
        ("mfd.speed", "q=10000", "must be less than"),
    ],
)
def test_parameters_outside_of_theory_are_refused(case, override, message):
    with pytest.raises(InputError, match=message):
        run_cases([case], [override])


# --- theory against its own recursions --------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.02, 0.05, 0.4])
def test_closed_forms_of_lateness_solve_their_recursions(share):
    stops, vehicles = 12, 6
    departure, arrival = np.zeros((2, stops + 1, vehicles))
    departure[0, 0] = arrival[0, 0] = 1.0
    for stop in range(1, stops + 1):
        for vehicle in range(vehicles):
            before = departure[stop, vehicle - 1] if vehicle else 0.0
            departure[stop, vehicle] = (departure[stop - 1, vehicle] - share * before) / (1.0 - share)
            before = arrival[stop - 1, vehicle - 1] if vehicle else 0.0
            arrival[stop, vehicle] = (1.0 + share) * arrival[stop - 1, vehicle] - share * before
    for closed, table in ((bunching.departure_lateness, departure), (bunching.arrival_lateness, arrival)):
        found = [[closed(share, stop, vehicle, 1.0) for vehicle in range(vehicles)] for stop in range(1, stops + 1)]
        np.testing.assert_allclose(found, table[1:], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("alpha", [None, 0.2, 0.5, 0.8])
def test_the_variance_of_headways_is_that_of_the_linear_recursion(alpha):
    share, noise, stops, vehicles = 0.05, 0.105, 8, 40
    own, other = (1.0 + share, -share) if alpha is None else (1.0 - alpha, alpha)
    # Weight of the noise of vehicle j at stop i in the lateness of the last vehicle: convolutions of (own, other).
    weights, variances = np.array([1.0]), []
    total = np.zeros(vehicles)
    for _ in range(stops):
        headway = np.append(weights, 0.0) - np.append(0.0, weights)
        total[: len(headway)] += headway**2
        variances.append(noise * total.sum())
        weights = own * np.append(weights, 0.0) + other * np.append(0.0, weights)
    found = [bunching.headway_variance(noise, share, alpha, stop) for stop in range(1, stops + 1)]
    np.testing.assert_allclose(found, variances, rtol=1e-12)


def test_half_control_has_its_own_closed_form():
    expected = 4.0 * 0.105 * (1.0 - math.comb(20, 10) / 4.0**10)
    assert bunching.headway_variance(0.105, 0.05, 0.5, 10) == pytest.approx(expected, rel=1e-12)


# --- random passengers, with and without the delay --------------------------------------------------------


LINES, REPLICATIONS = 25, 20


def poisson_lines(rule, late_s, column):
    """Return times in minutes, shape (samples, vehicles, stops), of many lines with Poisson passengers."""
    headway_s, run_s, stops = 360.0, 600.0, 5
    dwell_s = 0.05 * headway_s / (0.95 if rule == "during_dwell" else 1.0)
    departures = [3600.0 + headway_s * trip for trip in range(5)]
    departures[2] += late_s
    starts = [3600.0 - headway_s + stop * (run_s + dwell_s) for stop in range(stops)]
    lines, flows = [], []
    for number in range(10, 10 + LINES):
        names = [f"l{number}s{stop}" for stop in range(stops + 1)]
        lines.append(bus_line(f"l{number}", names, [run_s] * stops, departures))
        flows += [
            flow(names[stop], names[-1], start, start + 6 * headway_s, 36.0, "poisson")
            for stop, start in enumerate(starts)
        ]
    scenario = world(
        lines,
        flows,
        {"bus": {"seats": 0, "capacity": 1_000_000, "dead_time": 0, "boarding": 3, "alighting": 0}},
        service={"boarding_rule": rule},
        replications=REPLICATIONS,
        days=1,
    )
    tables = run_replications(scenario, [strategy_by_name("none")])
    check_invariants(tables)
    visits = tables["stop_visits"]
    order = np.lexsort((visits["stop_sequence"], visits.text("trip_id").astype(str), visits["replication"]))
    return visits[column][order].reshape(REPLICATIONS * LINES, len(departures), stops + 1) / 60.0


@pytest.mark.parametrize(
    ("rule", "column", "place", "expected"),
    [
        ("present_at_arrival", "arrival_s", 5, bunching.arrival_lateness),
        ("during_dwell", "departure_s", 4, bunching.departure_lateness),
    ],
)
def test_the_expected_effect_of_a_delay_on_random_passengers_is_the_recursion(rule, column, place, expected):
    """Newell and Potts 1964 is linear, so it holds for means.

    Would catch: draws of passengers that move when a bus is late; boarding times that do not add up.
    """
    effect = poisson_lines(rule, 60.0, column) - poisson_lines(rule, 0.0, column)
    for vehicle in (0, 1, 2):
        found = effect[:, 2 + vehicle, place]
        error = found.std(ddof=1) / math.sqrt(len(found))
        assert error < 0.02
        assert found.mean() == pytest.approx(expected(0.05, 5, vehicle, 1.0), abs=3.0 * error)
    assert not effect[:, :2].any()


# --- stability --------------------------------------------------------------------------------------------


def lateness(holding, vehicles=8, stops=20):
    """Return the lateness in minutes of the late vehicle and those behind at the last stop."""
    departures = [3600.0 + 360.0 * trip + (60.0 if trip == 2 else 0.0) for trip in range(vehicles)]
    names = [f"s{stop}" for stop in range(stops + 1)]
    bus = {"seats": 0, "capacity": 9, "dwell_rule": "headway", "dead_time": 0, "dwell_per_headway": 0.05}
    scenario = world(
        [bus_line("L", names, [600.0] * stops, departures)],
        [flow("s0", "s1", 3600.0, 3601.0, 1)],
        {"bus": bus},
        service={"holding": holding},
        days=1,
    )
    table = run_replications(scenario, [strategy_by_name("none")])["stop_visits"]
    arrival = table["arrival_s"].reshape(vehicles, stops + 1)[:, -1] / 60.0
    return arrival[2:] - arrival[0] - 6.0 * np.arange(2, vehicles)


def test_a_small_disturbance_grows_without_control_and_dies_out_with_it():
    free = lateness({})
    assert abs(free[0]) > 2.5
    assert np.abs(np.diff(free)).max() > 5.0
    for alpha in (0.1, 0.5, 0.9):
        held = lateness(
            {"rule": "forward_headway", "alpha": alpha, "marginal_dwell": 0.05, "slack": 180, "headway": 360}
        )
        assert np.abs(held).max() < 0.35
        assert np.abs(np.diff(held)).max() < 0.2


# --- vehicles held at once --------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["simpy", "compiled"])
def test_a_threshold_keeps_vehicles_apart_that_stand_at_once(engine):
    """A stop with a headway threshold H is a queue with one server whose service takes H (Lindley 1952).

    Would catch: a headway to the last vehicle that has left, while the one in front is still held. Two then left
    together, and of the wait for the threshold, that of M/D/1 for vehicles at random, the simulation gave half.
    """
    headway = {"mean": "5 min", "first": "0:00", "trips": 400, "distribution": "exponential"}
    line = {"id": "L", "stops": ["A", "B", "C"], "running_times": ["5 min", "5 min"], "vehicle": "bus"}
    scenario = load_scenario(
        {
            "name": "threshold",
            "engine": engine,
            "days": 1,
            "replications": 1,
            "network": {"lines": [line | {"headway": headway}]},
            "service": {
                "no_dwell": True,
                "vehicles": {"bus": {"seats": 0, "capacity": 9}},
                "holding": {"rule": "headway_threshold", "headway": "4 min", "control_stops": ["B"]},
            },
        }
    )
    table = run_replications(scenario, [strategy_by_name("none")])["stop_visits"]
    arrival, departure = (np.sort(table[name].reshape(-1, 3)[:, 1]) for name in ("arrival_s", "departure_s"))
    free = arrival.copy()
    for vehicle in range(1, len(free)):
        free[vehicle] = max(arrival[vehicle], free[vehicle - 1] + 240.0)
    np.testing.assert_array_equal(departure, free)
    assert (departure[:-1] > arrival[1:]).mean() > 0.5
