"""The page on trips that leave off their time: as its study writes it, and a small case of it measured."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.advisor import ReplicationWorld
from sim.advisor.baselines import baseline_by_name
from studies.off_time import (
    CASES,
    INFORMED,
    NOISES_MIN,
    PAGE,
    compiled_off_time,
    few_of,
    few_pay_more_min,
    found_in,
    main,
    measured,
    page,
    paid_min,
    plans_for,
    view_after,
)

SMALL = ("two_lines_lesson", {"demand.scale": 0.1, "service.capacity_scale": 0.1})
UNCOORDINATED = ("none", "individual")


def test_page_is_what_the_study_writes_from_what_is_kept() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(found_in())


def test_a_case_is_measured_and_shown() -> None:
    """Two lines with a tenth of the people: 40 min without advice, of which about 4 are saved."""
    entry = measured(compiled_off_time(*SMALL, 2.0), fresh=4)
    habit = entry["people"]["habit"]
    costs = habit["cost_min"]
    assert 30 < costs["coordinated"] < costs["none"] < 60
    assert habit["less_min"]["none"][0] == pytest.approx(costs["coordinated"] - costs["none"], abs=2e-3)
    assert habit["more_min"][INFORMED][0] == pytest.approx(costs[INFORMED] - costs["none"], abs=2e-3)
    assert habit["less_min"][INFORMED][0] == pytest.approx(costs["coordinated"] - costs[INFORMED], abs=2e-3)
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


def test_a_lead_is_split_into_information_and_coordination() -> None:
    """Of a lead of 4 min 3 are gone after eight days: 75 %; without a lead beyond chance there is nothing to split."""
    own = {
        "cost_min": {"none": 30.0, "individual": 34.0, INFORMED: 31.0, "coordinated": 30.0},
        "less_min": {"none": [0.0, 0.2], "individual": [-4.0, 0.5], INFORMED: [-1.0, 0.5]},
        "more_min": {"individual": [4.0, 0.5], INFORMED: [1.0, 0.5]},
        "few_more_min": {"individual": [2.0, 0.5], INFORMED: [-0.3, 0.5]},
    }
    chance = {**own, "less_min": {**own["less_min"], "individual": [-4.0, 4.5]}}
    text = page({"mandl 5": {"window_min": 2.0, "people": {"habit": own, "adapted": chance}}})
    cells = "+4.00 ± 0.50 ✗ | +1.00 ± 0.50 ✗ | +2.00 ± 0.50 ✗ | −0.30 ± 0.50 | −1.00 ± 0.50"
    assert f"| mandl | 5 | habit | {cells} | 75 % |" in text
    assert f"| mandl | 5 | adapted commuters | {cells} | – |" in text
    assert "habit, 1 rows: where all follow, individual advice costs more than none in 1 after one day and in 1" in text
    assert "where a tenth follows, in 1 and 0; the median of **information** is 75 %." in text


def test_what_the_page_says_of_information_is_in_what_is_kept() -> None:
    """Sentences above the table, checked by its figures where trips leave off their time."""
    kept = {
        (name, noise_min, who): found_in()[f"{name} {noise_min:g}"]["people"][who]
        for name in CASES
        for noise_min in NOISES_MIN[1:]
        for who in ("habit", "adapted")
        if INFORMED in found_in()[f"{name} {noise_min:g}"]["people"][who]["cost_min"]
    }
    adapted = [own for (_, _, who), own in kept.items() if who == "adapted"]

    def gone(own: dict[str, Any]) -> float:
        cost = own["cost_min"]
        return float((cost["individual"] - cost[INFORMED]) / (cost["individual"] - cost["coordinated"]))

    def harm(kind: str, plan: str) -> float:
        return sum(max(own[kind][plan][0], 0.0) for own in adapted)

    assert np.median([gone(own) for own in kept.values()]) > 0.5
    assert harm("more_min", INFORMED) < 0.5 * harm("more_min", "individual")
    assert harm("few_more_min", INFORMED) < 0.1 * harm("few_more_min", "individual")
    for (name, _, who), own in kept.items():
        left_min = -own["less_min"][INFORMED][0]
        if name in ("xiamen-1", "xiamen-4", "mandl"):
            assert left_min < 2.5
        if name in ("olympic_surge", "jingjinji_regional"):
            assert left_min > 6.0
        if name == "two_lines_lesson" and who == "habit":
            assert gone(own) < 0.0


def test_individual_advice_after_eight_days_goes_by_their_mean() -> None:
    """Where no two days differ the other seven tell nothing new."""
    noisy = ReplicationWorld.create(compiled_off_time("commute_day", {}, 5.0), 0)
    for days in (1, 8):
        view = view_after(noisy, days)
        loads = [day.load for day in view.observations]
        assert len(loads) == days
        assert not any(np.array_equal(loads[0], other) for other in loads[1:])
        np.testing.assert_allclose(view.forecast.load, np.mean(loads, axis=0))
    for noise_min, differ in ((0.0, False), (5.0, True)):
        compiled = compiled_off_time("commute_day", {}, noise_min)
        _, plans = plans_for(compiled, baseline_by_name("habit"), UNCOORDINATED)
        assert np.array_equal(plans["individual"].window, plans[INFORMED].window) != differ


def test_few_are_every_tenth_person_with_the_journey_back() -> None:
    view, plans = plans_for(compiled_off_time("commute_day", {}, 0.0), baseline_by_name("habit"), UNCOORDINATED)
    few, chain = few_of(view), view.population.chain
    assert not chain.is_empty
    able = np.zeros(len(few), dtype=bool)
    able[view.users] = True
    assert few[chain.is_first].sum() == (able & chain.is_first).sum() // 10
    np.testing.assert_array_equal(few[~chain.is_first], few[chain.after[~chain.is_first]])
    # Where all follow herding is in it as well: commuters who go alone gain more than all of them together.
    alone = few_pay_more_min(view, plans, 2)["individual"].mean()
    together = paid_min(view, plans, 2)
    assert alone < (together["individual"] - together["none"]).mean() - 5.0


def test_a_case_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["atlantis"]) == 2
    assert "two_lines_lesson" in capsys.readouterr().err
    assert {"xiamen-1", "xiamen-8", "mandl", "jingjinji_regional"} <= set(CASES)
    assert NOISES_MIN == (0.0, 2.0, 5.0)
