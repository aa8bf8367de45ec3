"""The page on what comes of it if everybody asks: as its study writes it, and a case of it measured at reduced size."""

from __future__ import annotations

import pytest

from studies.everybody_asks import (
    BOOKED,
    CASES,
    FOUND_FILE,
    JOINT,
    NOBODY,
    PAGE,
    WAYS,
    AskingCase,
    main,
    measured,
    page,
)
from studies.kept_cases import kept_in


def test_page_is_what_the_study_writes_from_what_is_kept() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(kept_in(FOUND_FILE))


def test_a_case_is_measured_and_shown() -> None:
    """A twentieth of the people: each way to ask has a cost for each draw of people, and all are on the page."""
    few = {"demand.scale": 0.05, "service.capacity_scale": 0.05, "advisor.rehearsal.draws": 2}
    entry = measured(AskingCase("two lines", "two_lines_lesson", few))
    assert entry["people"] == 150
    assert set(entry["costs_min"]) == {NOBODY, JOINT, BOOKED, *(way.name for way in WAYS)}
    assert {len(each) for each in entry["costs_min"].values()} == {1}
    assert all(0.0 < cost_min < 60.0 for each in entry["costs_min"].values() for cost_min in each)
    text = page({"two-lines": entry})
    assert text.count("| two lines (lesson) | 150 |") == 2
    assert text.count("Not measured yet") == 1


def test_a_plan_that_saves_next_to_nothing_has_no_share_of_it() -> None:
    costs = {NOBODY: [20.0], JOINT: [19.9], BOOKED: [19.0]} | {way.name: [20.1] for way in WAYS}
    text = page({"mandl": {"people": 10, "on": "2026-11-29", "costs_min": costs}})
    assert "| Mandl, 0.3 times the demand | – | – | – | – | – | – |" in text
    costs[JOINT] = [10.0]
    shown = page({"mandl": {"people": 10, "on": "2026-11-29", "costs_min": costs}})
    assert "| Mandl, 0.3 times the demand | 10 % | −1 % | −1 % | −1 % | −1 % | −1 % |" in shown


def test_a_case_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["atlantis"]) == 2
    assert "two-lines" in capsys.readouterr().err
    assert {"two-lines", "bottleneck", "xiamen-4"} <= set(CASES)
