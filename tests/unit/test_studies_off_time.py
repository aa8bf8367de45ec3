"""The page on trips that leave off their time: as its study writes it, and a small case of it measured."""

from __future__ import annotations

import pytest

from studies.off_time import CASES, NOISES_MIN, PAGE, compiled_off_time, found_in, main, measured, page

SMALL = ("two_lines_lesson", {"demand.scale": 0.1, "service.capacity_scale": 0.1})


def test_page_is_what_the_study_writes_from_what_is_kept() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(found_in())


def test_a_case_is_measured_and_shown() -> None:
    """Two lines with a tenth of the people: 40 min without advice, of which about 4 are saved."""
    entry = measured(compiled_off_time(*SMALL, 2.0), fresh=4)
    habit = entry["people"]["habit"]
    costs = habit["cost_min"]
    assert 30 < costs["coordinated"] < costs["none"] < 60
    assert habit["less_min"]["none"][0] == pytest.approx(costs["coordinated"] - costs["none"], abs=2e-3)
    text = page({"two_lines_lesson 2": entry})
    assert f"| two_lines_lesson | 2 | habit | 15 | {costs['none']:.1f} |" in text
    assert "Of 4 differences none lie above 0" in text
    assert "Not measured yet" in text


def test_a_difference_above_its_interval_is_told() -> None:
    people = {
        name: {
            "cost_min": dict.fromkeys(("none", "individual", "coordinated"), 30.0),
            "less_min": {"none": [0.5, 0.4], "individual": [-0.5, 0.4]},
        }
        for name in ("habit", "adapted")
    }
    text = page({"mandl 5": {"window_min": 2.0, "people": people}})
    assert "Of 4 differences 2 lie above 0 by more than their interval: mandl by 5 min, habit, none; mandl by" in text
    assert text.count("+0.50 ± 0.40 ✗") == 2
    assert "−0.50 ± 0.40 |" in text


def test_a_case_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["atlantis"]) == 2
    assert "two_lines_lesson" in capsys.readouterr().err
    assert {"xiamen-1", "xiamen-8", "mandl", "jingjinji_regional"} <= set(CASES)
    assert NOISES_MIN == (0.0, 2.0, 5.0)
