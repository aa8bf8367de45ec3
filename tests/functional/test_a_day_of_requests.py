"""What comes of a day on which everybody asks `sim.Advisor`, one after the other."""

from __future__ import annotations

from pathlib import Path

import pytest

import sim
from sim.advisor.strategies.coordinated import Coordinated
from sim.api import RunResult
from studies.everybody_asks import EVERYBODY, FIRST_ASKING, DayOfRequests, booked, followed_in_the_app


@pytest.fixture(scope="module")
def planned() -> RunResult:
    return sim.run("two_lines_lesson", strategy="coordinated", overrides=EVERYBODY)


@pytest.fixture(scope="module")
def without_plan() -> RunResult:
    return sim.run("two_lines_lesson", strategy="none", overrides=EVERYBODY)


@pytest.fixture(scope="module")
def day(planned: RunResult) -> DayOfRequests:
    return DayOfRequests(planned.scenario)


@pytest.fixture(scope="module")
def possible_min(day: DayOfRequests) -> float:
    """What a plan made for all of them together saves."""
    saved_min = day.cost_without_min() - day.cost_planned_min(Coordinated())
    assert saved_min > 3.5
    return saved_min


def test_a_day_of_requests_comes_near_to_the_plan(planned: RunResult, day: DayOfRequests, possible_min: float) -> None:
    """Two lines, 3,000 people: all who ask save four fifths of what a plan made for them together saves.

    Where places were counted by the riders seen there and windows had no price, people were told to leave early from
    what was best for them, and were 1.8 min worse off than without any advice (39.7 min).
    """
    assert day.cost_without_min() - day.cost_asked_min(booked(planned)) >= 0.72 * possible_min


def test_whoever_does_not_say_when_they_leave_still_gets_half_of_the_plan(
    planned: RunResult, day: DayOfRequests, possible_min: float
) -> None:
    """58 to 65 % over three draws of people.

    Where all were sent to the window with the least mean, a tenth was left: most lost the moment at which they meet
    their train, for a window that is better by less.
    """
    assert day.cost_without_min() - day.cost_asked_min(booked(planned), says_usual=False) >= 0.5 * possible_min


def test_without_a_plan_a_day_of_requests_does_no_harm(
    without_plan: RunResult, day: DayOfRequests, possible_min: float
) -> None:
    """Room on vehicles alone leads all who ask to more than half of what a plan saves.

    Where they were led by what one more rider costs others they cost 57.2 min each, and 39.7 min without any advice.
    Whoever does not say when they usually leave is told of windows late on most days after all others that have a
    place. Where windows in time came first with or without a place, all were sent to the same full vehicles, and cost
    41.5 min. Where leaving as usual came after windows in time as well, 37 to 47 % of the saving were left over three
    draws of people, and 59 where it does not.
    """
    for says_usual in (True, False):
        saved_min = day.cost_without_min() - day.cost_asked_min(booked(without_plan), says_usual=says_usual)
        assert saved_min >= 0.5 * possible_min


def test_without_a_plan_nobody_pays_for_being_a_little_late() -> None:
    """Where hardly anybody is crowded many are a little late by habit, and lose more by leaving so much earlier.

    They were sent to windows in time where they did not say when they usually leave: 31.6 min each, 30.9 without
    advice.
    """
    quiet = sim.load_scenario("two_lines_lesson", {**EVERYBODY, "demand.scale": 0.3})
    day = DayOfRequests(sim.run(quiet, strategy="coordinated").scenario, FIRST_ASKING)
    unadvised = sim.run(quiet, strategy="none")
    assert day.cost_asked_min(booked(unadvised), says_usual=False) <= day.cost_without_min()


def test_whoever_follows_the_app_gets_most_of_the_plan(
    planned: RunResult, day: DayOfRequests, possible_min: float, tmp_path: Path
) -> None:
    """The app tells first what helps at the prices of the plan.

    Where it went by what is best for oneself on days on which others follow the plan it told nearly all to leave as
    usual, and a thirtieth of the saving was left.
    """
    told = followed_in_the_app(planned, tmp_path / "planned")
    assert day.cost_without_min() - day.cost_asked_min(told) >= 0.6 * possible_min
