"""Forecasts and advice for people with real time look back at days by the vehicles that such people board.

Which these are follows from how late vehicles were at each moment of a day. The engine decides it for those who stand
there; whoever looks back decides it again for anybody.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim
from sim.advisor.loop import ReplicationWorld, compile_scenario, simulate_days
from sim.advisor.registry import strategy_by_name
from sim.population.commuters import options_of_commuters
from sim.population.observation import Observation, observe
from sim.population.service_points import service_points
from sim.population.traced_journeys import traced_rides
from sim.population.window_forecast import WindowForecaster

ROOMY = {"bus": {**INSTANT_BUS, "seats": 500, "capacity": 500}}
PLAIN = {"wait_weight": 1, "in_vehicle_weight": 1, "walk_weight": 1, "transfer_penalty": 60}


def lines_of(random: np.random.Generator) -> list:
    """Lines that come from far away to A and lead to D, some by a change at B or C."""
    lines = []
    for number in range(5):
        stops = [f"W{number}", f"w{number}", "A", "BCBBC"[number], *("D" if number % 2 else "E")]
        minutes = [30, 20, *random.integers(4, 20, len(stops) - 3).tolist()]
        starts = np.sort(random.choice(np.arange(0, 200), 14, replace=False)) * 60
        lines.append(bus_line(f"L{number}", stops, [60 * it for it in minutes], starts.tolist()))
    for name, stops in (("on", "BD"), ("over", "CxD"), ("late", "CD")):
        starts = np.sort(random.choice(np.arange(40, 300), 20, replace=False)) * 60
        lines.append(bus_line(name, stops, [480] * (len(stops) - 1), starts.tolist()))
    return lines


def seen_days(scenario: sim.Scenario, days: int):
    """Return the world of a scenario, and days of it without advice."""
    one = ReplicationWorld.create(compile_scenario(scenario), 0)
    return one, [day for day, _ in zip(simulate_days(one, strategy_by_name("none")), range(days), strict=False)]


def traced(one: ReplicationWorld, day) -> tuple[np.ndarray, np.ndarray]:
    """Return when everybody would arrive on a day by its own traffic, and when they did."""
    who = np.flatnonzero(one.population.journeys.rides)
    ((_, boardings),) = day.observation.days
    compiled = one.compiled
    rides = traced_rides(
        compiled.options,
        compiled.forecaster.waiting,
        boardings,
        day.records.visit_arrival_s,
        one.population.journeys.option[who],
        day.records.departure_s[who],
    )
    return rides.arrival_s, day.records.arrival_s[who]


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("cancelled", [[], ["L1-0004", "on-0007"]])
def test_whoever_looks_back_boards_what_people_boarded(seed: int, cancelled: list[str]) -> None:
    """Everybody's own journey, found again from the times of vehicles alone, is theirs to the second.

    There is room for all, so that nothing but the choice decides. Catches a look back by other vehicles than those that
    the engine lets people board.
    """
    random = np.random.default_rng(seed)
    scenario = world(
        lines_of(random),
        [flow("A", "D", 3600, 10_800, 400), flow("w1", "D", 3600, 9000, 100)],
        ROOMY,
        journeys={"information": "real_time"},
        service={"running_time_noise": {"distribution": "lognormal", "cv": 0.4}},
        disruptions={
            "cancelled_trips": cancelled,
            "breakdowns": [{"trip": "L0-0005", "stop": "w0", "duration": 600, "then": "end"}] if cancelled else [],
        },
        preferences=PLAIN,
        days=2,
        seed=seed,
    )
    one, days = seen_days(scenario, 2)
    for day in days:
        expected_s, met_s = traced(one, day)
        known = np.isfinite(met_s)
        assert known.sum() > 400
        np.testing.assert_array_equal(expected_s[known], met_s[known])
    # The choice does differ from day to day, or nothing would have been tried.
    first, second = (day.observation.days[0][1] for day in days)
    assert set(zip(np.repeat(np.arange(len(first.ptr) - 1), np.diff(first.ptr)), first.visit, strict=True)) != set(
        zip(np.repeat(np.arange(len(second.ptr) - 1), np.diff(second.ptr)), second.visit, strict=True)
    )


def test_forecasts_foresee_the_irregular_line_that_people_pass_up() -> None:
    """By the timetable everybody at A takes the express, which comes from far away, many minutes late or early.

    With real time they take the local where it is worth more. Forecasts of windows by the sets of the timetable expect
    the same people minutes later than they arrive.
    """
    lines = [
        bus_line("express", "WwAB", [1800, 1800, 600], np.arange(0, 14_400, 1200).tolist()),
        bus_line("local", "VAxB", [300, 500, 500], np.arange(0, 18_000, 600).tolist()),
    ]
    scenario = world(
        lines,
        [flow("A", "B", 5400, 12_600, 400)],
        ROOMY,
        journeys={"information": "real_time"},
        service={"running_time_noise": {"distribution": "lognormal", "cv": 0.35}},
        preferences={"wait_weight": 1.5},
        days=8,
        seed=3,
    )
    one, days = seen_days(scenario, 8)
    compiled, period_s = one.compiled, scenario.parameters.period_s
    by_timetable = options_of_commuters(scenario)
    by_timetable = replace(by_timetable, legs=replace(by_timetable.legs, known_vehicles=None))
    points = service_points(scenario.service, scenario.network.stop_id, period_s, by_timetable.legs)
    preferences, width_s = scenario.parameters.preferences, scenario.parameters.advisor.window_s
    elsewhere = WindowForecaster(by_timetable, points, preferences, width_s)

    def expected_min(forecaster: WindowForecaster, observation: Observation) -> float:
        """Return how long journeys take on average in the windows of habit."""
        window = (one.population.habitual_departure_s // width_s).astype(np.int64)
        told = forecaster.forecast(observation, forecaster.cases(one.population.journeys.option, window))
        leave_s = window * width_s
        return float((told.place_arrival_s.mean(axis=1) - leave_s).mean() - width_s / 2.0) / 60.0

    met, by_real_time, by_sets = [], [], []
    for day in days:
        met.append(float(np.nanmean(day.records.arrival_s - day.records.departure_s)) / 60.0)
        by_real_time.append(expected_min(compiled.forecaster, day.observation))
        by_sets.append(expected_min(elsewhere, observe(scenario.service, points, day.records)))
    errors = np.array([by_real_time, by_sets]) - np.array(met)
    # Five moments of a window stand for all, and means of periods for vehicles, which is off by half a minute here.
    assert abs(errors[0].mean()) < 0.5
    assert errors[1].mean() > 1.5
