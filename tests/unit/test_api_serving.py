"""What the app is told where nobody says when they usually leave, and windows are narrower than habit is spread."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.worlds import bus_line, flow, world

import sim
from sim.api.serving import LEAST_GAIN_MIN, RunForecast, forecast_of
from sim.app import JourneyQuestion, RunLibrary

HEADWAY_S, RIDE_S, SLACK_S, SPREAD_S, WINDOW_S = 600, 900, 600, 300, 120
BUS = {"seats": 40, "capacity": 100, "dwell_rule": "constant", "dead_time": 0}


def served(folder: Path, wait_weight: float) -> RunForecast:
    """A bus every ten minutes, empty and on time, windows of two minutes; when people arrive costs them nothing."""
    scenario = world(
        [bus_line("L", "AB", [RIDE_S], range(3600, 12_601, HEADWAY_S))],
        [flow("A", "B", 4200, 10_800, 60)],
        {"bus": BUS},
        period="10 min",
        population={"preferred_arrival_spread": SPREAD_S, "preferred_arrival_slack": SLACK_S},
        preferences={"wait_weight": wait_weight, "early_penalty": 0, "late_penalty": 0},
        advisor={"window": WINDOW_S, "penetration": 1, "compliance": 1},
    )
    sim.run(scenario, strategy="none").write(folder / "run")
    run = RunLibrary(folder).named("run")
    assert run is not None
    answers = forecast_of(run)
    assert isinstance(answers, RunForecast)
    return answers


def answers(forecast: RunForecast) -> list[dict[str, Any]]:
    """Ask with wishes of all minutes of a headway, so that habit lies at all distances from a bus."""
    wishes_s = [7230.0 + RIDE_S + SLACK_S + 60.0 * minute for minute in range(HEADWAY_S // 60)]
    return [forecast.answer(JourneyQuestion("A", "B", wish_s, None, 1800.0, 1800.0)) for wish_s in wishes_s]


def test_the_window_in_the_middle_of_habit_is_advised_where_it_is_better(tmp_path: Path) -> None:
    """Whoever leaves at some time of ten minutes waits for five; in the window before a bus it is one.

    It was told as though leaving as usual were to leave in that window, so that nobody was told to, or the window on
    the other side of habit was taken for the usual one.
    """
    for answer in answers(served(tmp_path, 2.0)):
        (usual,) = (window for window in answer["windows"] if window["usual"])
        middle_s = answer["arrive_by_s"] - RIDE_S - SLACK_S
        assert (answer["usual_from_s"], answer["usual_until_s"]) == (middle_s - SPREAD_S, middle_s + SPREAD_S)
        assert usual["window_start_s"] == answer["usual_start_s"]
        assert usual["shift_min"] == 0.0
        # The bus that whoever comes in the middle takes; its window is the last one before it leaves.
        assert usual["window_start_s"] <= -(-middle_s // HEADWAY_S) * HEADWAY_S < usual["window_start_s"] + HEADWAY_S
        first = answer["windows"][0]
        assert first["useful"]
        assert usual["verdict"] == "better"
        # Weighed twice; a few moments that stand for all of habit fall well or badly between two buses.
        assert usual["gain_min"] == pytest.approx(2.0 * (HEADWAY_S - WINDOW_S) / 2.0 / 60.0, abs=1.0)
        assert first["shift_min"] == 0.0


def test_leaving_as_usual_is_told_with_what_it_costs_at_all_times_of_habit(tmp_path: Path) -> None:
    """Where waiting costs nothing no window is better, and the usual one is told with the cost of habit."""
    for answer in answers(served(tmp_path, 0.0)):
        first = answer["windows"][0]
        assert (first["usual"], first["useful"], first["verdict"]) == (True, False, "usual")
        assert first["gain_min"] == 0.0
        assert all(window["gain_min"] < LEAST_GAIN_MIN for window in answer["windows"])


def test_whoever_leaves_before_the_first_vehicle_counts_for_it(tmp_path: Path) -> None:
    """Habit around a time before the first bus waits for it; the window of that bus was taken for all of habit.

    The first bus leaves at 01:00, so that windows before 00:58 lead nowhere else.
    """
    forecast, middle_s = served(tmp_path, 2.0), 3600.0 - 2.0 * WINDOW_S
    answer = forecast.answer(JourneyQuestion("A", "B", middle_s + RIDE_S + SLACK_S, None, 1800.0, 1800.0))
    assert (answer["usual_from_s"], answer["usual_until_s"]) == (middle_s - SPREAD_S, middle_s + SPREAD_S)
    assert answer["usual_start_s"] == 3600.0 - WINDOW_S
    assert answer["windows"][0]["useful"]
