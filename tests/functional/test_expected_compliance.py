"""An advisor that does not know how many follow: what it expects, what it learns, and what the reader is told of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.command import call
from support.invariants import check_invariants
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim
from sim.advisor import AdvisorView
from sim.advisor.booking.kept_share import KeptAdvice, expected_compliance_share
from sim.advisor.strategies.booked import Booked
from sim.model.advice import AdvicePlan
from sim.model.parameters import AdvisorParameters
from sim.model.scenario import Scenario

TRUE_SHARE = 0.25


def rush(**advisor: Any) -> Scenario:
    """Many want the same three buses; there is room in those before and after."""
    line = bus_line("L", "AB", [600], range(300, 12000, 300))
    keys = {"window": 300, "penetration": 1, "compliance": TRUE_SHARE, "rehearsal": {"draws": 4, "rounds": 8}}
    return world(
        [line],
        [flow("A", "B", 3600, 4800, 240)],
        {"bus": {**INSTANT_BUS, "seats": 20, "capacity": 30}},
        days=5,
        days_kept=4,
        population={"earlier_flexibility": 2700, "later_flexibility": 2700},
        advisor={**keys, **advisor},
    )


def course_of(result: sim.ComparisonResult) -> dict[str, np.ndarray]:
    days = result.tables["days"]
    own = days.where(days.equals("strategy", "coordinated"))
    return {name: own[name] for name in ("asked", "kept", "expected_compliance_share")}


def test_the_plan_of_later_days_is_made_for_those_who_were_seen_to_follow(tmp_path: Path) -> None:
    """Declared 1, true 0.25: would fail if plans went on being made for what was declared."""
    found = sim.compare(rush(expected_compliance=1.0), ["none", "coordinated"])
    check_invariants(found.tables)
    course = course_of(found)
    asked, kept, expected = course.values()
    assert np.isnan(expected[0])
    assert expected[1] == 1.0
    assert asked[1] > 50
    for day in (2, 3, 4):
        seen = slice(max(day - 3, 1), day)
        share = (20.0 + kept[seen].sum()) / (20.0 + asked[seen].sum())
        assert expected[day] == pytest.approx(share)
        assert expected[day] < 0.5
    (said,) = (one for one in found.manifest["notes"] if one.startswith("With coordinated the advisor expected"))
    share = round(100 * kept[1:].sum() / asked[1:].sum())
    assert "expected 100 % of the advised to follow" in said
    assert f"{expected[4] * 100:.0f} % on the last" in said
    assert f"{share} % did" in said
    # Whoever looks at the scores of forecasts is told as well.
    text = call("advise", str(found.write(tmp_path / "run")), "--score").stdout
    assert " ".join(said.split()) in " ".join(text.split())


def test_an_advisor_that_is_told_how_many_follow_goes_on_by_that() -> None:
    found = sim.compare(rush(), ["none", "coordinated"])
    expected = course_of(found)["expected_compliance_share"]
    assert expected[1:].tolist() == [TRUE_SHARE] * 4
    assert not any("with advice the advisor expected" in one for one in found.manifest["notes"])


def test_what_is_seen_takes_over_from_what_is_expected() -> None:
    advisor = AdvisorParameters(compliance_share=0.3, expected_compliance_share=0.8)
    assert expected_compliance_share(advisor, []) == 0.8
    assert expected_compliance_share(advisor, [KeptAdvice(0, 0)] * 5) == 0.8
    assert expected_compliance_share(advisor, [KeptAdvice(20, 6)]) == pytest.approx(22 / 40)
    # Of two people who are half as ready as others one is expected where of others two would be.
    assert expected_compliance_share(advisor, [KeptAdvice(200, 50, 100.0)]) == pytest.approx(66 / 120)
    # The last days count, and those on which nobody was asked say nothing.
    days = [KeptAdvice(1000, 900)] + [KeptAdvice(1000, 300)] * 3 + [KeptAdvice(0, 0)] * 4
    assert expected_compliance_share(advisor, days) == pytest.approx(916 / 3020)
    assert expected_compliance_share(advisor, [KeptAdvice(30, 30, 1.0)]) == 1.0


def test_people_who_go_back_to_their_habit_are_seen_to_do_so() -> None:
    """With lapsing fewer follow from day to day, and the advisor is not told."""
    known = AdvisorParameters(compliance_share=0.6)
    lapsing = known.model_copy(update={"lapsing_share": 0.5})
    seen = [KeptAdvice(1000, 300)] * 3
    assert expected_compliance_share(known, seen) == 0.6
    assert expected_compliance_share(lapsing, seen) == pytest.approx(912 / 3020)


def test_whoever_books_is_expected_to_come_as_often_as_on_days_that_were_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would fail if an advisor whose newest days are hidden planned bookings by what became of those of yesterday."""
    seen: list[tuple[int, int]] = []

    def noted(view: AdvisorView) -> AdvicePlan:
        seen.append((view.day, len(view.kept_before)))
        return booked_plan_of(view)

    booked_plan_of = Booked().advise
    monkeypatch.setattr(Booked, "advise", lambda _, view: noted(view))
    for stale in (0, 2):
        sim.run(rush(strategy="booked", forecast={"staleness_days": stale}), replications=1)
    assert seen == [(day, day) for day in range(1, 5)] + [(day, max(day - 2, 0)) for day in range(1, 5)]
