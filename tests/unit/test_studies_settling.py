"""The page on how far people settle: as its study writes it, and the quickest case of it measured."""

from __future__ import annotations

import pytest

from sim.advisor.baselines import MOST_ADAPTING_DAYS
from studies.settling import CASES, PAGE, found_in, main, measured, page


def test_page_is_what_the_study_writes_from_what_is_kept() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(found_in())


def test_a_case_is_measured_and_shown() -> None:
    """Downstream on a full line they settle too: by memories of days on which others left otherwise 35 % was left."""
    entry = measured(*CASES["commute_day"])
    assert entry["people"] == 1840
    assert 0 < entry["days"] <= MOST_ADAPTING_DAYS
    assert entry["gap_share"] < 0.1
    text = page({"commute_day": entry})
    assert f"| commute_day | 1,840 | {entry['days']} | {100.0 * entry['gap_share']:.1f} |".replace("-", "−") in text
    assert text.count("Not measured yet") == 1


def test_a_case_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["atlantis"]) == 2
    assert "two_lines_lesson" in capsys.readouterr().err
    assert {"xiamen-8", "commute_day", "bottleneck_lesson", "mandl"} <= set(CASES)
