"""What is said where windows are too wide for anybody's flexibility, against the candidates that people have."""

from __future__ import annotations

import numpy as np
import pytest
from support.worlds import bus_line, flow, world

import sim
from sim.advisor import ReplicationWorld
from sim.advisor.loop import compile_scenario
from sim.experiments.advice_remarks import advice_remarks
from sim.population.windows import candidate_windows


def scenario_of(earlier_min: float, later_min: float, window_min: float, **population):
    return world(
        [bus_line("L", "AB", [600], departures=[float(time_s) for time_s in range(18000, 36000, 300)])],
        [flow("A", "B", 25000, 29000, 400)],
        population={"earlier_flexibility": earlier_min * 60, "later_flexibility": later_min * 60, **population},
        advisor={"window": window_min * 60},
    )


@pytest.mark.parametrize(
    ("earlier", "later", "window"), [(15, 15, 15), (16, 0, 15), (0, 16, 15), (5, 10, 10), (11, 5, 10), (0, 0, 1)]
)
def test_it_is_said_exactly_where_nobody_has_another_candidate(earlier, later, window):
    scenario = scenario_of(earlier, later, window)
    replication = ReplicationWorld.create(compile_scenario(scenario), 0)
    everybody = np.arange(len(replication.population))
    candidates = candidate_windows(replication.population, everybody, replication.compiled.forecaster)
    nobody = bool((candidates.acceptable.sum(axis=1) == 1).all())
    assert bool(advice_remarks(scenario)) == nobody


@pytest.mark.parametrize(
    ("advisor", "said"),
    [
        ({"penetration": 0.0, "compliance": 0.0}, ["nobody is advised: advisor.penetration is 0"]),
        ({"penetration": 0.5, "compliance": 0.0}, ["nobody follows advice: advisor.compliance is 0"]),
        ({"penetration": 0.5, "compliance": 0.4}, []),
    ],
)
def test_advice_that_reaches_or_moves_nobody_is_told(advisor, said):
    line = bus_line("L", "AB", [600], departures=[27000.0, 27600.0])
    scenario = world([line], [flow("A", "B", 25000, 27000, 4)], advisor={"window": 900, **advisor})
    assert advice_remarks(scenario) == said
    assert [one for one in sim.compare(scenario, ["none", "individual"]).manifest["warnings"] if one in said] == said
    assert sim.run(scenario, strategy="none").manifest["warnings"] == []


@pytest.mark.parametrize("strategy", ["coordinated", "booked"])
def test_where_nobody_can_move_nothing_is_rehearsed(strategy):
    """Would catch a run that says, besides why nobody is advised, that rehearsals showed no gain.

    And advice that is given out by the forecast alone, since nothing was rehearsed.
    """
    found = {flexible: sim.compare(scenario_of(*flexible, 15), ["none", strategy]) for flexible in [(5, 5), (15, 31)]}
    for flexible, result in found.items():
        nobody, days = flexible == (5, 5), result.tables["days"]
        rehearsed = days.equals("strategy", strategy) & ~np.isnan(days["rehearsed_change_min"])
        assert rehearsed.any() != nobody
        said = [
            note for note in result.manifest["notes"] + result.manifest["warnings"] if "another departure wind" in note
        ]
        assert bool(said) == nobody
    assert not any("rehearsals did not show" in note for note in found[5, 5].manifest["notes"])
    assert not found[5, 5].tables["days"]["advised"].any()


def test_a_class_is_named_and_a_run_says_it_too():
    classes = [
        {"name": "fixed", "share": 0.5, "earlier_flexibility": 300, "later_flexibility": 300},
        {"name": "free", "share": 0.5},
    ]
    scenario = scenario_of(60, 60, 15, flexibility_classes=classes)
    (remark,) = advice_remarks(scenario)
    assert "nobody of class 'fixed'" in remark
    assert remark in sim.compare(scenario, ["none", "individual"]).manifest["warnings"]
    assert remark not in sim.run(scenario, strategy="none").manifest["warnings"]


@pytest.mark.parametrize(
    ("kept", "days_of_advice", "said"),
    [
        (1, {}, ""),
        (4, {}, ""),
        (5, {}, "on 4 of the 5 days that count"),
        (3, {"last_day": 3}, "on 2 of the 3 days that count"),
        (1, {"last_day": 3}, "nobody is advised on the days that count: advice ended with day 3"),
    ],
)
def test_days_that_count_without_advice_are_told(kept, days_of_advice, said):
    """A saving was told of all days together, and nothing said that some had no advice."""
    advisor = {"window": 900, "penetration": 0.1, **days_of_advice}
    scenario = world(
        [bus_line("L", "AB", [600], departures=[27000.0, 27600.0])],
        [flow("A", "B", 25000, 27000, 4)],
        days=5,
        days_kept=kept,
        advisor=advisor,
    )
    warnings = sim.compare(scenario, ["none", "individual"]).manifest["warnings"]
    assert [said in warning for warning in warnings] == [True] * bool(said)
    assert sim.run(scenario, strategy="none").manifest["warnings"] == []
    swept = sim.sweep(scenario, {"advisor.penetration": [0.1]}, strategies=["individual"])
    assert swept.manifest["warnings"] == warnings


def test_advice_that_never_begins_is_told():
    """It was said to have ended with day None."""
    advisor = {"window": 900, "penetration": 0.1, "first_day": 5}
    line = bus_line("L", "AB", [600], departures=[27000.0, 27600.0])
    scenario = world([line], [flow("A", "B", 25000, 27000, 4)], days=3, advisor=advisor)
    (said,) = sim.compare(scenario, ["none", "individual"]).manifest["warnings"]
    assert said == "nobody is advised: advice would begin with day 5 (advisor.first_day), and the last day is 2"
