"""Vehicles that do not take people all the way: what learners, plans and whoever asks expect of them."""

from __future__ import annotations

import pytest
from support.invariants import check_invariants
from support.worlds import bus_line, flow, world

import sim
from sim.model.scenario import Scenario

FIRST_S = 6 * 3600 + 60
EVERY_10_MIN = range(FIRST_S, FIRST_S + 3 * 3600, 600)
NOTHING_IN_THE_WAY = {
    "baselines": ["habit", "adapted"],
    "preferences": {"crowding": {"kind": "none"}},
    "advisor": {"penetration": 1, "compliance": 1},
}
LARGE_BUS = {"bus": {"seats": 100, "capacity": 100, "dwell_rule": "constant", "dead_time": 0}}
BREAK_DOWN = [
    {"trip": f"L-{number:04}", "stop": "B", "duration": 1200, "then": "end", "blocks": False} for number in (8, 9, 10)
]
"""The buses of 7:11, 7:21 and 7:31."""


def put_out(goal: str, wish_s: int) -> Scenario:
    """Return a line of three hops of 5 min; 40 people of 7:10 to 7:30 want to be at a stop of it at some time."""
    line = bus_line("L", "ABCD", [300, 300, 300], EVERY_10_MIN)
    people = flow("A", goal, 25_800, 27_000, 40, placement="even", preferred_arrival=wish_s)
    disruptions = {"breakdowns": BREAK_DOWN}
    return world([line], [people], LARGE_BUS, days=4, disruptions=disruptions, **NOTHING_IN_THE_WAY)


def costs(result: sim.ComparisonResult, baseline: str) -> dict[str, float]:
    """Return what people pay by strategy, against a baseline."""
    check_invariants(result.against(baseline).tables)
    strategies = result.against(baseline).summary["strategies"]
    return {name: row["mean_generalized_cost_min"]["mean"] for name, row in strategies.items()}


def test_advice_sends_nobody_onto_vehicles_that_break_down() -> None:
    """The bus of 7:41 is there at 7:56, and takes whoever was put out; that of 7:01 is there at 7:16.

    29 min early are 0.61 x 29 = 17.7 min beside 15 on board; the first window before that bus begins at 6:45, and a
    follower pays less than 45 min on average in it. By habit people wait 20 min and more at B, and are 11 min late.

    Catches buses counted on beyond the stop at which they break down: followers paid 78 min, and adapted people who
    followed as much, of the 34 that they paid without advice.
    """
    result = sim.compare(put_out("D", 27_900), ["none", "individual", "coordinated"])
    by_habit, adapted = costs(result, "habit"), costs(result, "adapted")
    assert by_habit["none"] > 80.0
    assert max(by_habit["individual"], by_habit["coordinated"]) < 45.0
    assert 15.0 + 17.7 < adapted["none"] < 36.0
    assert max(adapted["individual"], adapted["coordinated"]) <= adapted["none"]


@pytest.mark.parametrize("information", ["frequencies", "timetable", "real_time"])
@pytest.mark.parametrize("leave_s", [25_800, 26_000, 26_459])
def test_whoever_is_put_out_was_told_when_they_arrive(information: str, leave_s: int) -> None:
    """But for the penalty of one more change it costs what was told; a person takes 2 s to get out.

    Catches riders who are followed on board of a vehicle that has broken down, and those who are told that they do not
    arrive.
    """
    people = flow("A", "D", leave_s, leave_s + 1, 1, placement="even", preferred_arrival=28_800)
    sections = {**NOTHING_IN_THE_WAY, "preferences": {"crowding": {"kind": "none"}, "transfer_penalty": 0}}
    scenario = world(
        [bus_line("L", "ABCD", [300, 300, 300], EVERY_10_MIN)],
        [people],
        disruptions={"breakdowns": BREAK_DOWN},
        journeys={"information": information},
        **sections,
    )
    result = sim.run(scenario)
    (paid_min,) = result.tables["journeys"]["generalized_cost_min"]
    (own,) = (
        option
        for option in sim.advise(result, "A", "D", 28_800, usual=float(leave_s))
        if option.window_start_s <= leave_s < option.window_end_s
    )
    assert result.tables["journeys"]["arrival_s"].tolist() == [FIRST_S + 10 * 600 + 900]
    assert own.generalized_cost_min == pytest.approx(paid_min, abs=0.1)


def test_riders_to_the_stop_of_the_breakdown_get_out_there() -> None:
    """They want to be at B at 7:37, and the bus of 7:31 is there at 7:36: 5 + 0.61 min, and the wait that is left.

    The bus of 7:41 is 9 min late, that of 7:01 31 min early: 24 min and more. Catches vehicles on which nobody counts
    any more, as they break down at that stop.
    """
    result = sim.compare(put_out("B", 27_420), ["none", "individual"])
    assert 5.6 < costs(result, "adapted")["none"] < 8.0
    assert costs(result, "adapted")["individual"] < 8.0


def test_nobody_counts_on_a_stop_that_a_way_round_misses() -> None:
    """Buses go from B to D while the link to C is closed, until 7:55: the last one that stops there left at 6:51.

    It is at C at 7:01, 44 min early: 10 + 0.61 x 44 = 36.8 min. Catches people who are carried past C every day and
    never learn it, and advice that calls them on time there.
    """
    lines = [bus_line("L", "ABCD", [300, 300, 300], EVERY_10_MIN), bus_line("M", "BD", [720], [32_400])]
    closed = {"from_stop": "B", "to_stop": "C", "start": 25_200, "end": 28_500, "speed_factor": 0, "detour": True}
    people = flow("A", "C", 25_800, 27_000, 40, placement="even", preferred_arrival=27_900)
    scenario = world(lines, [people], LARGE_BUS, days=4, disruptions={"links": [closed]}, **NOTHING_IN_THE_WAY)
    result = sim.compare(scenario, ["none", "individual"])
    by_habit, adapted = result.against("habit"), result.against("adapted")
    assert by_habit.summary["strategies"]["none"]["arrived_share"]["mean"] == 0.0
    for arrived in (by_habit.summary["strategies"]["individual"], *adapted.summary["strategies"].values()):
        assert arrived["arrived_share"]["mean"] == 1.0
    assert 36.8 < costs(result, "adapted")["none"] < 40.0
    on_time = [option for option in sim.advise(scenario, "A", "C", 27_900) if option.on_time_share > 0.0]
    assert max(option.window_start_s for option in on_time) < 25_200 - 540


def test_where_nobody_finds_a_way_a_stop_may_be_closed() -> None:
    """Nobody rides from C to A. Catches an error over no legs at all."""
    closed = {"stop": "B", "start": 25_200, "end": 28_800}
    nobody = flow("C", "A", 25_800, 27_000, 3)
    line = bus_line("L", "ABC", [300, 300], EVERY_10_MIN)
    result = sim.run(world([line], [nobody], disruptions={"closed_stops": [closed]}))
    check_invariants(result.tables)
    assert len(result.tables["journeys"]) == 3
