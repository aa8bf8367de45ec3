"""The chance of a day: laws of headways and running times have the mean and spread they declare."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support.worlds import Rider, bus_line, departures_of, for_riders, world

from sim.arrays import FloatArray
from sim.engine import draw_variates, least_running_s, simulate
from sim.randomness import Streams

TRIPS = 4000
MEAN_S = 300.0
STANDARD_ERRORS = 4.0
"""How far a mean may lie from what it should be; the variates are fixed, so this does not fail by chance."""


def headways(distribution: str, cv: float, seed: int = 1, day: int = 0) -> FloatArray:
    law = {"mean": MEAN_S, "distribution": distribution, "cv": cv, "first": 1000, "trips": TRIPS}
    compiled = for_riders(world([bus_line("L", "AB", [60], headway=law)]), [Rider(0, "A", "B")])
    dispatch_s = draw_variates(compiled.engine_input, Streams(seed, 0), day).dispatch_s
    return np.diff(dispatch_s, prepend=1000.0)


LAWS = [
    ("deterministic", 0.0, 0.0),
    ("exponential", 0.0, 1.0),
    ("gamma", 0.5, 0.5),
    ("gamma", 1.5, 1.5),
    ("uniform", 0.3, 0.3),
    ("uniform", 3.0**-0.5, 3.0**-0.5),
    ("two_point", 0.4, 0.4),
    ("two_point", 1.0, 1.0),
]


@pytest.mark.parametrize(("distribution", "cv", "expected_cv"), LAWS)
def test_headways_have_the_declared_mean_and_spread(distribution: str, cv: float, expected_cv: float) -> None:
    drawn = headways(distribution, cv)
    error = expected_cv / np.sqrt(TRIPS)
    assert abs(drawn.mean() / MEAN_S - 1.0) <= STANDARD_ERRORS * error + 1e-9
    # The standard error of a variance is about its size times sqrt((kurtosis - 1) / n).
    centred = drawn - drawn.mean()
    kurtosis = (centred**4).mean() / max((centred**2).mean(), 1e-12) ** 2
    assert drawn.var() == pytest.approx(
        (expected_cv * MEAN_S) ** 2, rel=STANDARD_ERRORS * np.sqrt(max(kurtosis - 1.0, 0.0) / TRIPS) + 1e-6, abs=1e-6
    )
    assert (drawn >= 0).all()


@pytest.mark.parametrize(("distribution", "cv", "expected_cv"), LAWS[1:])
def test_headways_follow_each_other_without_memory(distribution: str, cv: float, expected_cv: float) -> None:
    drawn = headways(distribution, cv)
    assert abs(np.corrcoef(drawn[1:], drawn[:-1])[0, 1]) <= STANDARD_ERRORS / np.sqrt(TRIPS)


def test_two_points_are_two() -> None:
    assert np.unique(headways("two_point", 0.4)).tolist() == [MEAN_S * 0.6, MEAN_S * 1.4]


def test_uniform_headways_keep_their_bounds() -> None:
    drawn = headways("uniform", 0.3)
    half = 3.0**0.5 * 0.3 * MEAN_S
    assert MEAN_S - half <= drawn.min() < MEAN_S - 0.99 * half
    assert MEAN_S + 0.99 * half < drawn.max() <= MEAN_S + half


def test_first_vehicle_leaves_one_headway_after_the_start() -> None:
    assert headways("deterministic", 0.0)[0] == MEAN_S


def test_headways_are_drawn_anew_each_day_and_replication() -> None:
    first = headways("exponential", 0.0)
    assert (first != headways("exponential", 0.0, day=1)).mean() > 0.99
    assert (first != headways("exponential", 0.0, seed=2)).mean() > 0.99
    assert (first == headways("exponential", 0.0)).all()


# --- running times ----------------------------------------------------------------------------------------


def running_shares(noise: dict[str, Any], day: int = 0, trips: int = 500) -> FloatArray:
    """Return running times of a day over those of the schedule, as the vehicles run them."""
    stops = "ABCDEFGHI"
    line = bus_line("L", stops, [100] * 8, [float(number) for number in range(trips)])
    compiled = for_riders(world([line], service={"running_time_noise": noise}), [Rider(0, "A", "B")])
    variates = draw_variates(compiled.engine_input, Streams(1, 0), day)
    records = simulate(compiled.engine_input, departures_of(compiled, [Rider(0, "A", "B")]), variates)
    arrival = records.visit_arrival_s.reshape(trips, 9)
    departure = records.visit_departure_s.reshape(trips, 9)
    assert (
        least_running_s(compiled.engine_input, variates).reshape(trips, 9)[:, :-1] <= arrival[:, 1:] - departure[:, :-1]
    ).all()
    return np.asarray((arrival[:, 1:] - departure[:, :-1]) / 100.0)


@pytest.mark.parametrize("distribution", ["lognormal", "gamma"])
@pytest.mark.parametrize("cv", [0.1, 0.5])
def test_noise_has_mean_1_and_the_declared_spread(distribution: str, cv: float) -> None:
    drawn = running_shares({"distribution": distribution, "cv": cv})
    assert abs(drawn.mean() - 1.0) <= STANDARD_ERRORS * cv / np.sqrt(drawn.size)
    assert drawn.std() == pytest.approx(cv, rel=0.1)
    assert (drawn > 0).all()


def test_noise_differs_by_trip_link_and_day() -> None:
    drawn = running_shares({"distribution": "lognormal", "cv": 0.2})
    assert len(np.unique(drawn)) > 0.99 * drawn.size
    assert (drawn != running_shares({"distribution": "lognormal", "cv": 0.2}, day=1)).mean() > 0.99
    limit = STANDARD_ERRORS / np.sqrt(len(drawn))
    assert abs(np.corrcoef(drawn[:, 0], drawn[:, 1])[0, 1]) <= limit
    assert abs(np.corrcoef(drawn[1:, 0], drawn[:-1, 0])[0, 1]) <= limit


def test_without_noise_vehicles_run_the_schedule() -> None:
    assert (running_shares({"distribution": "none"}) == 1.0).all()


def off_time_s(distribution: str, sigma_s: float, day: int = 0, **line: Any) -> FloatArray:
    """How far from their time the trips of a line leave: one every five minutes unless said otherwise."""
    noise = {"dispatch_noise": {"distribution": distribution, "sigma": sigma_s}} if sigma_s else {}
    due_s = (20.0 * MEAN_S + MEAN_S * np.arange(TRIPS)).tolist()
    rows = bus_line("L", "AB", [60], **(line or {"departures": due_s}))
    compiled = for_riders(world([rows], service=noise), [Rider(0, "A", "B")])
    dispatch_s = draw_variates(compiled.engine_input, Streams(1, 0), day).dispatch_s
    return dispatch_s - compiled.engine_input.timetable.scheduled_dispatch_s


@pytest.mark.parametrize(("distribution", "mean_s", "kurtosis"), [("normal", 0.0, 3.0), ("exponential", 120.0, 9.0)])
def test_trips_leave_off_their_time_as_declared(distribution: str, mean_s: float, kurtosis: float) -> None:
    drawn = off_time_s(distribution, 120.0)
    error = STANDARD_ERRORS / np.sqrt(TRIPS)
    assert drawn.mean() == pytest.approx(mean_s, abs=120.0 * error)
    assert drawn.var() == pytest.approx(120.0**2, rel=error * np.sqrt(kurtosis - 1.0))
    assert abs(np.corrcoef(drawn[1:], drawn[:-1])[0, 1]) <= error
    assert (drawn.min() < -240.0) if distribution == "normal" else (drawn >= 0).all()
    assert (drawn != off_time_s(distribution, 120.0, day=1)).mean() > 0.99


def test_trips_without_dispatch_noise_are_on_time() -> None:
    assert (off_time_s("none", 0.0) == 0).all()


def test_no_trip_leaves_before_the_day_begins() -> None:
    drawn = off_time_s("normal", 120.0, departures=[60.0] * 100)
    assert drawn.min() == -60.0
    assert 20 < (drawn == -60.0).sum() < 45  # 31 of 100 would leave more than half a deviation early


def test_noise_is_added_to_headways_at_random() -> None:
    law = {"mean": MEAN_S, "distribution": "exponential", "first": 40.0 * MEAN_S, "trips": TRIPS}
    without, noisy = off_time_s("none", 0.0, headway=law), off_time_s("normal", 120.0, headway=law)
    # Trips of the same names as above, so that noise is the same as well.
    np.testing.assert_allclose(noisy - without, off_time_s("normal", 120.0), atol=1e-3)


@pytest.mark.parametrize(
    "noise",
    [
        {"running_time_noise": {"distribution": "lognormal", "cv": 0.3}},
        {"dispatch_noise": {"distribution": "normal", "sigma": 30}},
        {"dispatch_noise": {"distribution": "exponential", "sigma": 30}},
    ],
)
def test_noise_of_a_trip_does_not_depend_on_the_others(noise: dict[str, Any]) -> None:
    some = world([bus_line("L", "ABC", [100, 100], [600, 700])], service=noise)
    # The second line has a longer name, and its trips are the first of the day.
    more = world(
        [bus_line("a_long_name", "CBA", [100, 100], [100, 650]), bus_line("L", "ABC", [100, 100], [600, 700])],
        service=noise,
    )
    times = []
    for scenario in (some, more):
        compiled = for_riders(scenario, [Rider(0, "A", "B")])
        records = simulate(
            compiled.engine_input,
            departures_of(compiled, [Rider(0, "A", "B")]),
            draw_variates(compiled.engine_input, Streams(1, 0), 0),
        )
        service = compiled.scenario.service
        rows = [service.trip_id.index(trip) for trip in ("L-0001", "L-0002")]
        times.append([records.visit_arrival_s[service.visit_ptr[row] : service.visit_ptr[row + 1]] for row in rows])
    assert np.array_equal(times[0], times[1])
