"""What a saving consists of, against days worked by hand and days in which nobody meets anybody."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.random_worlds import flows, lines, random_worlds
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim
from sim.advisor import AdvisorView
from sim.metrics.registry import metrics_told
from sim.model.advice import AdvicePlan, no_advice
from sim.model.scenario import Scenario
from sim.records.table import Table

PARTS = (
    "saved_by_timing_min",
    "saved_by_wish_min",
    "saved_by_avoiding_min",
    "saved_by_relief_min",
    "saved_on_fare_min",
)


@dataclass(frozen=True)
class LeavesLater:
    """Sends the commuters of one destination to leave in a window of a minute, as many windows later as asked.

    Attributes
    ----------
    destination : str
    windows : int
    """

    destination: str = "B"
    windows: int = 10

    @property
    def name(self) -> str:
        return "leaves_later"

    def advise(self, view: AdvisorView) -> AdvicePlan:
        window_s = view.scenario.parameters.advisor.window_s
        stop = view.scenario.network.stop_index[self.destination]
        plan = no_advice(len(view.population), window_s)
        there = view.app_user & (view.population.destination == stop)
        later = np.floor(view.population.habitual_departure_s / window_s).astype(np.int64) + self.windows
        return AdvicePlan(np.where(there, later, plan.window), window_s)


def journeys_of(scenario: Scenario, strategy) -> tuple[Table, Table]:
    tables = sim.compare(scenario, ["none", strategy]).tables["journeys"]
    none, own = tables.categories["strategy"]
    return tables.where(tables.equals("strategy", none)), tables.where(tables.equals("strategy", own))


def everybody_follows(**more) -> dict:
    return {"advisor": {"window": 60, "penetration": 1, "compliance": 1, **more}, "days": 2}


@settings(max_examples=15, deadline=None)
@given(random_worlds(**everybody_follows()))
def test_parts_add_up_to_what_is_saved_and_nobody_who_stays_has_a_part_of_their_own(scenario):
    none, own = journeys_of(scenario, "individual")
    saved_min = none["generalized_cost_min"] - own["generalized_cost_min"]
    assert sum(own[part] for part in PARTS) == pytest.approx(saved_min, abs=1e-9)
    stays = own["departure_s"] == none["departure_s"]
    for part in PARTS[:3]:
        assert (own[part][stays] == 0.0).all()
    assert all((none[part] == 0.0).all() for part in PARTS)


def test_where_nobody_meets_anybody_all_is_timing_and_wish():
    """Buses with room for all, no crowding: what a traced journey leaves over would be an error of tracing."""
    lines = [
        bus_line("L", "AB", [900], departures=[float(time_s) for time_s in range(25200, 32401, 700)]),
        bus_line("M", "BC", [600], departures=[float(time_s) for time_s in range(25500, 36001, 500)]),
    ]
    scenario = world(
        lines,
        [flow("A", "B", 26000, 29000, 200), flow("A", "C", 26000, 29000, 200)],
        {"bus": {**INSTANT_BUS, "capacity": 2000}},
        population={"preferred_arrival_slack": 600, "earlier_flexibility": 3600, "later_flexibility": 3600},
        preferences={"crowding": {"kind": "none"}},
        **everybody_follows(),
    )
    none, own = journeys_of(scenario, "individual")
    moved = own["departure_s"] != none["departure_s"]
    assert moved.sum() > 100
    assert np.abs(own["saved_by_avoiding_min"]).max() < 1e-9
    assert np.abs(own["saved_by_relief_min"]).max() < 1e-9
    assert own["saved_by_timing_min"].sum() > 100
    assert np.abs(own["saved_by_wish_min"][moved]).sum() > 100


@st.composite
def worlds_with_room(draw: st.DrawFn) -> Scenario:
    """Random lines and flows; vehicles with room for all that stand as long whoever boards, and no crowding."""
    its_lines = draw(lines())
    served = sorted({stop for line in its_lines for stop in line["stops"]})
    return world(
        its_lines,
        draw(flows(served)),
        {"bus": {"seats": 1000, "capacity": 1000, "dwell_rule": "constant", "dead_time": 5}},
        seed=draw(st.integers(0, 1000)),
        service={"dispatch_noise": draw(st.sampled_from([{}, {"distribution": "normal", "sigma": 200}]))},
        journeys={"transfer_walk": draw(st.sampled_from([0, 60]))},
        behaviour={"patience": draw(st.sampled_from([None, 400, 1500]))},
        population={"earlier_flexibility": 1800, "later_flexibility": 1800},
        preferences={"crowding": {"kind": "none"}},
        **everybody_follows(),
    )


@settings(max_examples=15, deadline=None)
@given(worlds_with_room())
def test_where_there_is_room_for_all_nobody_relieves_anybody(scenario):
    """Whether people arrive or not, give up, or change vehicles: what others do changes nothing for them.

    Catches anything of one's own doing that is counted as less congestion, as not arriving was.
    """
    for strategy in ("same_for_all", "individual"):
        _, own = journeys_of(scenario, strategy)
        assert np.abs(own["saved_by_relief_min"]).max(initial=0.0) < 1e-9


@pytest.mark.parametrize(
    ("first_s", "later_min"), [(27_300, -20), (26_400, 20), (25_300, 20)], ids=["too late", "too late now", "passed"]
)
def test_whoever_comes_after_the_last_vehicle_is_relieved_by_nobody(first_s, later_min):
    """Buses with room for all at 7:00, 7:15 and 7:30, of which that of 7:15 passes B; 40 people come within 5 min.

    Those from 7:35 on meet the last bus when they leave 20 min earlier, those from 7:20 on meet none 20 min later, and
    those from 7:01 on are carried past B, but not 20 min later. What others do changes nothing of it.

    Catches the penalty of not arriving counted as congestion, or as less of it.
    """
    line = bus_line("L", "ABC", [600, 600], departures=[25200.0, 26100.0, 27000.0])
    scenario = world(
        [line],
        [flow("A", "B", first_s, first_s + 300, 40, preferred_arrival=28800)],
        {"bus": {**INSTANT_BUS, "capacity": 2000}},
        disruptions={"closed_stops": [{"stop": "B", "start": 26500, "end": 26900}]},
        preferences={"crowding": {"kind": "none"}, "wait_weight": 2},
        **everybody_follows(),
    )
    none, own = journeys_of(scenario, LeavesLater(windows=later_min))
    arrived = [table["outcome"] == table.categories["outcome"].index("arrived") for table in (none, own)]
    moved = own["departure_s"] != none["departure_s"]
    assert moved.all()
    assert (arrived[0] != arrived[1]).all()
    assert np.abs(own["saved_by_relief_min"]).max() < 1e-9
    assert np.abs(own["saved_by_avoiding_min"]).max() < 1e-9
    assert (np.abs(own["saved_by_timing_min"]) > 60.0).all()


def test_whoever_finds_the_last_vehicle_full_is_relieved_of_congestion():
    """One bus of one place at 7:00 and one at 7:30, and three people who want the second.

    Whoever comes last is left behind by both, and has the first for themselves if they come 35 min earlier: all that
    not arriving cost is congestion that they avoid. If the first of the three does so, the second arrives in place of
    nobody: that is relief.

    Catches a full vehicle taken for one that does not come.
    """
    line = bus_line("L", "ABCD", [600, 600, 600], departures=[25200.0, 27000.0])
    people = [
        flow("A", goal, leave_s, leave_s, 1, "even", preferred_arrival=28000)
        for goal, leave_s in (("B", 26700), ("C", 26800), ("D", 26900))
    ]
    scenario = world(
        [line],
        people,
        {"bus": {**INSTANT_BUS, "seats": 1, "capacity": 1}},
        population={"earlier_flexibility": 7200, "later_flexibility": 3600},
        preferences={"crowding": {"kind": "none"}, "wait_weight": 2},
        **everybody_follows(),
    )
    penalty_min = scenario.parameters.preferences.unserved_penalty_s / 60.0
    none, own = journeys_of(scenario, LeavesLater(destination="D", windows=-35))
    to_d = none["destination_stop_id"] == none.categories["destination_stop_id"].index("D")
    assert np.abs(own["saved_by_relief_min"]).max() < 1e-9
    assert own["saved_by_avoiding_min"][to_d][0] == pytest.approx(penalty_min - 30.0)
    none, own = journeys_of(scenario, LeavesLater(destination="B", windows=-35))
    to_c = none["destination_stop_id"] == none.categories["destination_stop_id"].index("C")
    assert own["saved_by_relief_min"][to_c][0] > penalty_min - 60.0
    assert own["saved_by_timing_min"][to_c][0] == own["saved_by_avoiding_min"][to_c][0] == 0.0


def test_a_queue_that_somebody_leaves_is_avoided_by_them_and_relieved_for_the_next():
    """Buses of one place at 7:00, 7:10 and 7:20, and two people who wait for the first, one for B and one for C.

    The one for B comes first and takes the first bus; the one for C waits for the second. Then the one for B leaves ten
    minutes later, after the other has gone.
    """
    line = bus_line("L", "ABC", [600, 600], departures=[25200.0, 25800.0, 26400.0])
    scenario = world(
        [line],
        [
            flow("A", "B", 25000, 25000, 1, "even", preferred_arrival=25800),
            flow("A", "C", 25100, 25100, 1, "even", preferred_arrival=27000),
        ],
        {"bus": {**INSTANT_BUS, "seats": 1, "capacity": 1}},
        population={"earlier_flexibility": 3600, "later_flexibility": 3600},
        preferences={"crowding": {"kind": "none"}, "wait_weight": 2, "early_penalty": 1, "late_penalty": 4},
        **everybody_follows(),
    )
    none, own = journeys_of(scenario, LeavesLater())
    to_b, to_c = (none["destination_stop_id"] == none.categories["destination_stop_id"].index(name) for name in "BC")
    leaves_s = float(own["departure_s"][to_b][0])
    assert 25560 <= leaves_s < 25620
    # On the unchanged day the second bus leaves with the one for C, who had joined before; so they take the third.
    first_wait_min = (25800 - leaves_s) / 60
    assert none["wait_s"][to_c].tolist() == [700.0]
    assert own["wait_s"][to_c].tolist() == [100.0]
    assert own["saved_by_timing_min"][to_b] == pytest.approx(2 * (200 / 60 - first_wait_min))
    assert own["saved_by_wish_min"][to_b] == pytest.approx(-4 * 20.0)
    assert own["saved_by_avoiding_min"][to_b] == pytest.approx(-2 * 10.0)
    # The other one has gone by the first bus, so that the second has room again.
    assert own["saved_by_relief_min"][to_b] == pytest.approx(4 * 10.0 + 2 * 10.0)
    assert own["saved_by_relief_min"][to_c] == pytest.approx(2 * 10.0 - 10.0 * 1)


@pytest.mark.parametrize("crowding", [{"kind": "linear", "slope": 2.0}, {"kind": "table"}])
def test_somebody_who_moves_alone_has_no_part_in_relief(crowding):
    """Small buses every ten minutes, a third full; the one passenger for B leaves three minutes or three buses later.

    The vehicles that they come to are as they were but for themselves. Would catch loads that do not count them there:
    what they bring along counted as avoided, and the same as relief that was none.
    """
    line = bus_line("L", "ABC", [900, 900], departures=[float(time_s) for time_s in range(25200, 32401, 600)])
    scenario = world(
        [line],
        [
            flow("A", "C", 24700, 30000, 40, "even", preferred_arrival=28000),
            flow("A", "B", 25300, 25300, 1, "even", preferred_arrival=27000),
        ],
        {"bus": {**INSTANT_BUS, "seats": 4, "capacity": 12}},
        population={"earlier_flexibility": 3600, "later_flexibility": 3600},
        preferences={"crowding": crowding},
        **everybody_follows(),
    )
    for windows, other_bus in ((3, False), (30, True)):
        none, own = journeys_of(scenario, LeavesLater(windows=windows))
        moves = own["departure_s"] != none["departure_s"]
        assert moves.sum() == 1
        assert np.abs(own["saved_by_relief_min"][moves]).max() < 1e-9
        relief = own["saved_by_relief_min"][~moves]
        assert (relief.max() > 0.01, relief.min() < -0.01) == (other_bus, other_bus)


@pytest.mark.parametrize("crowding", [{"kind": "none"}, {"kind": "linear", "slope": 2.0}])
def test_whoever_comes_while_a_vehicle_stands_is_followed_onto_it(crowding):
    """Buses that stand for two minutes, and one person who comes by habit, and again ten minutes later, while one does.

    They were followed to the next bus: ten minutes of wait that nobody had, and that others were said to relieve or
    burden them of.
    """
    scenario = world(
        [bus_line("L", "ABC", [900, 900], departures=[float(time_s) for time_s in range(25200, 32401, 600)])],
        [
            flow("A", "C", 24700, 30000, 40, "even", preferred_arrival=28000),
            flow("A", "B", 25280, 25280, 1, "even", preferred_arrival=27000),
        ],
        {"bus": {**INSTANT_BUS, "seats": 4, "capacity": 12, "dead_time": 120}},
        service={"boarding_rule": "during_dwell"},
        population={"earlier_flexibility": 3600, "later_flexibility": 3600},
        preferences={"crowding": crowding},
        **everybody_follows(),
    )
    none, own = journeys_of(scenario, LeavesLater(windows=10))
    moves = own["departure_s"] != none["departure_s"]
    assert moves.sum() == 1
    assert none["wait_s"][moves].tolist() == own["wait_s"][moves].tolist() == [0.0]
    assert own["saved_by_timing_min"][moves].tolist() == [0.0]
    assert own["saved_by_wish_min"][moves] == pytest.approx(0.61 * 600 / 60)
    assert np.abs(own["saved_by_relief_min"][moves]).max() < 1e-9


MINUTES_OF_BUSES = [float(time_s) for time_s in range(25200, 32401, 600)]
IN_THE_SAME_INSTANT = {
    # The slow bus set out earlier and acts first, so that whoever is there boards it; they were followed in the other.
    "two lines come together": [
        bus_line("slow", "WAB", [100, 960], departures=[time_s - 100.0 for time_s in MINUTES_OF_BUSES]),
        bus_line("fast", "AB", [900], departures=MINUTES_OF_BUSES),
    ],
    # The second bus set out earlier than the first one and acts before it: nobody changes to it in that instant.
    "a connection that is just missed": [
        bus_line("first", "AX", [300], departures=MINUTES_OF_BUSES),
        bus_line("second", "WXB", [400, 600], departures=[time_s - 100.0 for time_s in MINUTES_OF_BUSES]),
    ],
    "a connection that is just met": [
        bus_line("first", "AX", [400], departures=[time_s - 100.0 for time_s in MINUTES_OF_BUSES]),
        bus_line("second", "WXB", [300, 600], departures=MINUTES_OF_BUSES),
    ],
}


@pytest.mark.parametrize("lines", IN_THE_SAME_INSTANT.values(), ids=IN_THE_SAME_INSTANT.keys())
def test_vehicles_in_the_same_instant_are_boarded_as_they_act(lines):
    """Lines to the minute, room for all, and people who leave later: nobody meets anybody, so there is no relief.

    Would catch people who are followed to another vehicle than the one they took: what that one makes of their arrival
    stood as relief, a headway for a connection.
    """
    scenario = world(
        lines,
        [flow("A", "B", 25300, 28900, 30, "even", preferred_arrival=29000)],
        population={"earlier_flexibility": 3600, "later_flexibility": 3600},
        preferences={"crowding": {"kind": "none"}},
        **everybody_follows(),
    )
    none, own = journeys_of(scenario, LeavesLater(windows=7))
    assert (own["departure_s"] != none["departure_s"]).all()
    saved_min = none["generalized_cost_min"] - own["generalized_cost_min"]
    assert np.abs(saved_min).max() > 1.0
    assert np.abs(own["saved_by_relief_min"]).max() < 1e-9
    arrived_s = own["arrival_s"] - own["departure_s"] - own["wait_s"]
    assert (arrived_s == own["in_vehicle_s"]).all()


@pytest.fixture(scope="module")
def two_lines() -> sim.ComparisonResult:
    keys = {"days": 2, "baselines": ["habit"]}
    return sim.compare("two_lines_lesson", ["none", "coordinated"], replications=2, overrides=keys)


def test_summary_metrics_and_classes_add_up_too(two_lines):
    result = two_lines
    metrics = result.summary["strategies"]["coordinated"]
    parts = [metrics[metric.name] for metric in metrics_told("parts")]
    assert sum(part["mean"] for part in parts) == pytest.approx(-metrics["mean_generalized_cost_min"]["difference"])
    assert all(part["half_width"] is not None for part in parts)
    for row in result.summary["classes"]["coordinated"]:
        assert sum(row[name]["mean"] for name in PARTS) == pytest.approx(-row["mean_change_min"]["mean"])
    page = result.report()
    assert "less congestion for all" in page
    assert "What the saving consists of, by class" in page


def test_how_far_people_shift_for_what_they_save(two_lines):
    """Worked out anew from the journeys of people who leave within so many minutes of their departure under none."""
    none, own = (
        two_lines.tables["journeys"].where(two_lines.tables["journeys"].equals("strategy", name))
        for name in ("none", "coordinated")
    )
    metrics = two_lines.summary["strategies"]["coordinated"]
    shares = []
    for limit in (5, 10, 15, 30):
        found = []
        for replication in (0, 1):
            rows = own["replication"] == replication
            saved_min = (none["generalized_cost_min"] - own["generalized_cost_min"])[rows]
            shift_min = np.abs(own["departure_s"] - none["departure_s"])[rows] / 60
            found.append(saved_min[shift_min <= limit].sum() / saved_min.sum())
        told = metrics[f"saved_within_{limit}_min_share"]
        assert told["mean"] == pytest.approx(np.mean(found))
        shares.append(told["mean"])
    assert len(set(shares)) == 4
    everybody = [row for row in two_lines.summary["classes"]["coordinated"] if row["kind"] == "ride"]
    weights = np.array([row["commuter_days"] for row in everybody])
    within = np.array([row["saved_within_10_min"]["mean"] for row in everybody])
    total_min = -metrics["mean_generalized_cost_min"]["difference"]
    assert (weights * within).sum() / weights.sum() / total_min == pytest.approx(shares[1], rel=0.05)
