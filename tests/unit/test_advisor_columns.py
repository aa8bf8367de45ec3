"""What `view.plan` takes as the columns of a plan, and what it says of others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sim
from sim.advisor.columns import checked_columns
from sim.errors import StrategyError

# Three users and four windows; the first user can accept all but the earliest, the last one the habitual one alone.
ACCEPTABLE = np.array([[False, True, True, True], [True, True, True, True], [False, False, True, False]])


@pytest.mark.parametrize("place", [[2, 0, -1], (2, 0, -1), np.array([2, 0, -1], dtype=np.int32)])
def test_one_column_for_each_user_is_taken_whatever_holds_them(place: Any) -> None:
    assert checked_columns(place, ACCEPTABLE).tolist() == [2, 0, -1]


def test_a_number_alone_is_the_column_of_all() -> None:
    assert checked_columns(-1, ACCEPTABLE).tolist() == [-1, -1, -1]
    assert checked_columns(2, ACCEPTABLE).tolist() == [2, 2, 2]


def test_nobody_needs_no_column() -> None:
    assert checked_columns([], np.zeros((0, 4), dtype=np.bool_)).tolist() == []


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ([2, 0], r"shape \(2,\); it needs one column for each of 3 users"),
        ([2], r"shape \(1,\); it needs one column for each of 3 users"),
        ([[2], [2], [2]], r"shape \(3, 1\)"),
        ([], r"shape \(0,\)"),
        ([2.0, 0.0, -1.0], "float64; columns have to be integers"),
        ([float("nan")] * 3, "float64; columns have to be integers"),
        ([True, False, True], "bool; columns have to be integers"),
        (["a", "b", "c"], "columns have to be integers"),
        (None, "columns have to be integers"),
        ([2, 0, 4], "column 4; there are 0 to 3, and -1 for no advice"),
        ([2, 0, -2], "column -2; there are 0 to 3, and -1 for no advice"),
        ([0, 0, -1], "would advise a user a window that they could not accept"),
        ([0, 0, 1], "would advise 2 users windows that they could not accept"),
    ],
)
def test_what_is_no_column_of_a_user_is_told_in_one_sentence(place: Any, said: str) -> None:
    with pytest.raises(StrategyError, match=said) as refused:
        checked_columns(place, ACCEPTABLE)
    assert "\n" not in str(refused.value)


class Own:
    """A strategy that answers whatever a function makes of what it sees."""

    name = "own"

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def advise(self, view: Any) -> Any:
        return self.answer(view)


LESSON = {"days": 2, "replications": 1, "advisor.penetration": 0.01}


def test_a_run_names_the_strategy_and_the_day_of_a_plan_for_too_few() -> None:
    fewer = Own(lambda view: view.plan(np.zeros(len(view.users) - 5, dtype=np.int64)))
    with pytest.raises(StrategyError, match=r"^strategy own, day 1: view.plan was given shape \(25,\)"):
        sim.run("two_lines_lesson", overrides=LESSON, strategy=fewer)


def test_an_error_of_a_strategy_stays_its_own_and_says_which_and_when() -> None:
    with pytest.raises(ZeroDivisionError) as failed:
        sim.run("two_lines_lesson", overrides=LESSON, strategy=Own(lambda view: 1 / 0))
    assert failed.value.__notes__ == ["strategy own, day 1: advise failed"]


@pytest.mark.parametrize(
    "shown",
    [
        lambda view: view.population.habitual_departure_s,
        lambda view: view.population.preferred_arrival_s,
        lambda view: view.population.traits.early_factor,
        lambda view: view.own_departure_s,
        lambda view: view.candidates.acceptable,
        lambda view: view.costs.own_min,
        lambda view: view.costs.forecast.place_arrival_s,
        lambda view: view.observations[0].load,
        lambda view: view.app_user,
    ],
)
def test_a_strategy_cannot_change_what_others_meet(shown: Any) -> None:
    def changes(view: Any) -> Any:
        shown(view)[...] = 0
        return view.plan(-1)

    with pytest.raises(ValueError, match="read-only"):
        sim.compare("two_lines_lesson", [Own(changes), "none"], overrides=LESSON | {"baselines": ["habit"]})
