"""What the app is told where nobody says when they usually leave, and windows are narrower than habit is spread."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.worlds import bus_line, flow, world

import sim
from sim.api.serving import RunForecast, forecast_of
from sim.api.told_windows import LEAST_GAIN_MIN
from sim.app import JourneyQuestion, RunLibrary
from sim.errors import UnknownNameError

HEADWAY_S, RIDE_S, SLACK_S, SPREAD_S, WINDOW_S = 600, 900, 600, 300, 120
INSIDE_S = SPREAD_S * 11 / 12
"""Twelve moments that lie evenly over the spread begin and end half a step inside it."""

BUS = {"seats": 40, "capacity": 100, "dwell_rule": "constant", "dead_time": 0}


def served(folder: Path, wait_weight: float, after_s: int = 0) -> RunForecast:
    """A bus every ten minutes, empty and on time, windows of two minutes; when people arrive costs them nothing.

    From A to B nobody travels, so that wishes alone tell when people leave.
    """
    scenario = world(
        [bus_line("L", "ABC", [RIDE_S, RIDE_S], range(3600 + after_s, 12_601 + after_s, HEADWAY_S))],
        [flow("B", "C", 4200 + after_s, 10_800 + after_s, 60)],
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
        assert (answer["usual_from_s"], answer["usual_until_s"]) == pytest.approx(
            (middle_s - INSIDE_S, middle_s + INSIDE_S)
        )
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
    assert (answer["usual_from_s"], answer["usual_until_s"]) == pytest.approx(
        (middle_s - INSIDE_S, middle_s + INSIDE_S)
    )
    assert answer["usual_start_s"] == 3600.0 - WINDOW_S
    assert answer["windows"][0]["useful"]


def test_times_after_midnight_are_found_by_what_clocks_show(tmp_path: Path) -> None:
    """The field of the page goes to 23:59: where buses run from 23:30 to 26:00 nobody could ask for one after midnight.

    With times of the day of service answers are the same, and a booking of one is the window of the other.
    """
    forecast, day_s = served(tmp_path, 2.0, after_s=81_000), 24 * 3600.0
    shown, of_service = (
        JourneyQuestion("A", "B", wish_s + 1800.0, None, 3600.0, 3600.0, wish_s, wish_s - 3600.0)
        for wish_s in (4500.0, 4500.0 + day_s)
    )
    # Of the question that is asked before midnight only the wish is after it.
    before = JourneyQuestion("A", "B", 1800.0, None, 3600.0, 3600.0, day_s - 1800.0)
    assert forecast.answer(before)["arrive_by_s"] == 1800.0 + day_s
    assert forecast.answer(shown) == forecast.answer(of_service)
    start_s = forecast.answer(shown)["windows"][0]["window_start_s"]
    assert start_s > day_s
    assert forecast.book(shown, start_s)["window_start_s"] == start_s
    # What time it is at 00:30 is before an evening that comes, and not after it.
    evening = JourneyQuestion("A", "B", 23.9 * 3600.0, None, 3600.0, 3600.0, None, 1800.0)
    assert forecast.answer(evening)["windows"]
    # By day, when nothing runs, times are what they are.
    with pytest.raises(UnknownNameError, match="around the time wished; departure windows begin from 23:28 to"):
        forecast.answer(JourneyQuestion("A", "B", 12 * 3600.0, None, 3600.0, 3600.0))


def test_windows_that_have_begun_are_not_told_of(tmp_path: Path) -> None:
    """Whoever books is refused what has begun; after the usual time the next one counts for the usual one.

    An hour after it they were told that no vehicle runs.
    """
    forecast = served(tmp_path, 2.0)
    question = JourneyQuestion("A", "B", 9000.0, None, 3600.0, 3600.0, 5400.0)
    late = replace(question, asked_at_s=9100.0)
    assert min(one["window_start_s"] for one in forecast.answer(question)["windows"]) < 5400.0
    told = forecast.answer(late)
    assert min(one["window_start_s"] for one in told["windows"]) >= 9100.0
    assert told["usual_start_s"] == min(one["window_start_s"] for one in told["windows"])
    with pytest.raises(UnknownNameError, match="no departure window that begins then fits"):
        forecast.book(late, 5400.0 - WINDOW_S)
    with pytest.raises(UnknownNameError, match="every departure window that fits has begun"):
        forecast.answer(replace(question, asked_at_s=22_000.0))
