"""One stop: simulated waits and denied boardings beside Osuna and Newell 1972 and Bailey 1954.

Runs are as long as `peakshift verify` makes them and hold its tolerances: 1 % for waits and shares of vehicles,
3 % for the number left behind, or three standard errors that are themselves at most 2 %.
"""

import math
import os

import pytest
from support.oracles import assert_agrees, oracle_rows, settings
from support.spitzer import spitzer_mean_left

from sim.verification import run_cases

WAITS = ("wait.osuna", "wait.osuna_sd")
FAST = ("stop.mean_wait", "stop.p_nobody_left", "stop.p_bus_full")
STOPS = (*FAST, "stop.mean_left", "stop.p_denied_first")
RANDOM = ("stop.poisson_bus_mean_wait",)
ORACLE_WAITS = ["deterministic", "exponential", "gamma shape 4", "uniform 5..15", "two-point 2/18"]
ORACLE_STOPS = [(10, 8.0, STOPS), (10, 9.0, FAST), (40, 36.0, FAST[:1]), (40, 38.0, FAST), (60, 57.0, FAST)]
ORACLE_RANDOM = [(10, 8.0)]
if os.environ.get("HYPOTHESIS_PROFILE") == "thorough":
    # up to ten million passengers each: `peakshift verify stop.mean_left` runs them too
    ORACLE_STOPS = [(capacity, arrivals, STOPS) for capacity, arrivals, _ in ORACLE_STOPS]
    ORACLE_RANDOM = [*ORACLE_RANDOM, (40, 32.0)]


def hold_against_oracles(shared, cases, params):
    simulated = {row["case"]: row for row in run_cases(cases, settings(params))}
    rows = oracle_rows(shared, cases, params)
    assert rows, "the oracles have no such row"
    for row in rows:
        assert row["kind"] == "mc"
        assert_agrees(simulated[row["id"]], row["value"], row["rel_tol"], replications=30)


@pytest.mark.parametrize("headway", ORACLE_WAITS)
def test_waits_of_the_oracles(shared, headway):
    """Would catch: a wait counted from the wrong vehicle, headways of the wrong spread, the inspection paradox lost."""
    hold_against_oracles(shared, ("wait.osuna",), {"headway": headway, "mean": 10})


@pytest.mark.parametrize(("capacity", "arrivals", "cases"), ORACLE_STOPS)
def test_stops_of_the_oracles(shared, capacity, arrivals, cases):
    """Would catch: a place too many or too few, those left behind lost or boarding twice, last come first served."""
    params = {"headway": 10.0, "capacity": capacity, "arrivals_per_headway": arrivals}
    hold_against_oracles(shared, cases, params)


@pytest.mark.parametrize(("capacity", "arrivals"), ORACLE_RANDOM)
def test_random_vehicles_of_the_oracles(shared, capacity, arrivals):
    """Would catch: headways that are not independent, and all that the stop with a fixed headway would."""
    params = {"mean_headway": 10.0, "capacity": capacity, "arrivals_per_headway": arrivals}
    hold_against_oracles(shared, RANDOM, params)


def test_the_oracles_have_no_row_that_is_left_out(shared):
    rows = oracle_rows(shared, (*WAITS, *STOPS, *RANDOM))
    known = [{"headway": headway, "mean": 10} for headway in ORACLE_WAITS]
    known += [{"headway": 10.0, "capacity": c, "arrivals_per_headway": a} for c, a, _ in ORACLE_STOPS]
    known += [{"mean_headway": 10.0, "capacity": c, "arrivals_per_headway": a} for c, a in ((10, 8.0), (40, 32.0))]
    assert [row for row in rows if row["params"] not in known] == []
    assert len(rows) == len(ORACLE_WAITS) + 5 * len(STOPS) + 2


# Own parameters: mean headway h of each law, E[W] = E[H^2] / (2 h) and E[W^2] = E[H^3] / (3 h) worked out here.
OWN_WAITS = [
    ({"headway": "gamma cv 0.8", "mean": 7}, 3.5 * 1.64, math.sqrt(49 / 3 * 1.64 * 2.28 - (3.5 * 1.64) ** 2)),
    ({"headway": "uniform 0..9", "mean": 4.5}, 3.0, math.sqrt(9**3 / 4 / 13.5 - 9)),
    ({"headway": "two-point 1/5", "mean": 3}, 26 / 2 / 6, math.sqrt(126 / 2 / 9 - (26 / 12) ** 2)),
    ({"headway": "pairs 0/20", "mean": 10}, 10.0, 10 / math.sqrt(3)),
    # Nine of ten headways of 5 and one of 15: E[H^2] = 45, E[H^3] = 450.
    ({"headway": "two-point 5/15", "mean": 6, "chance": 0.9}, 45 / 12, math.sqrt(450 / 18 - (45 / 12) ** 2)),
    # The first is the longer one: E[H^2] = 0.25 x 100 + 0.75 x 4 = 28, E[H^3] = 256.
    ({"headway": "two-point 10/2", "mean": 4, "chance": 0.25}, 28 / 8, math.sqrt(256 / 12 - (28 / 8) ** 2)),
]


@pytest.mark.parametrize(("params", "mean", "spread"), OWN_WAITS, ids=[row[0]["headway"] for row in OWN_WAITS])
def test_waits_with_other_parameters(params, mean, spread):
    """Would catch what those of the oracles would; pairs, besides, a law told from its mean wait alone."""
    waits, spreads = run_cases(WAITS, settings(params))
    assert_agrees(waits, mean, 0.01, replications=30)
    assert_agrees(spreads, spread, 0.02, replications=30)


def test_a_stop_of_one_place_with_other_parameters():
    """M/D/1: Pollaczek and Khinchine give rho^2 / (2 (1 - rho)) left behind, and a vehicle in rho leaves full."""
    rows = {row["case"]: row for row in run_cases(FAST, ["headway=6", "capacity=1", "arrivals_per_headway=0.5"])}
    assert_agrees(rows["stop.mean_wait"], 6 * (0.5 + 0.25 / 0.5), 0.01, replications=30)
    assert_agrees(rows["stop.p_bus_full"], 0.5, 0.02, replications=30)
    assert_agrees(rows["stop.p_nobody_left"], 0.5 * math.exp(0.5), 0.01, replications=30)


def test_random_vehicles_of_one_place_with_other_parameters():
    """M/M/1: the mean wait up to the vehicle is 1 / (1 - rho) headways."""
    (row,) = run_cases(RANDOM, ["mean_headway=4", "capacity=1", "arrivals_per_headway=0.4"])
    assert_agrees(row, 4 / 0.6, 0.03, replications=30)


def test_the_stop_of_the_manual_with_other_parameters():
    """The example of the manual: 25 places, 23 passengers in 7 minutes; E[L] by Spitzer's identity, not by roots."""
    (row,) = run_cases(["stop.mean_wait"], ["headway=7", "capacity=25", "arrivals_per_headway=23"])
    assert_agrees(row, 3.5 + 7 * spitzer_mean_left(23.0, 25) / 23, 0.01, replications=30)
