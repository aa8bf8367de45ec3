"""Windows that one could accept, what they are expected to cost, and how people are put into them."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.observed import Observed
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim
from sim.advisor import ReplicationWorld, simulate_days, strategy_by_name
from sim.advisor.loop import compile_scenario
from sim.advisor.strategy import AdvisorView
from sim.compiled.loops import loops
from sim.model.advice import AdvicePlan, no_advice
from sim.model.parameters import PreferenceParameters
from sim.model.scenario import Scenario
from sim.population.following import follow
from sim.population.schedule_cost import schedule_cost_min
from sim.population.service_points import SAMPLES_PER_PERIOD
from sim.population.window_forecast import PlaceArrivals
from sim.population.windows import (
    anywhere_by_numpy,
    anywhere_min,
    candidate_windows,
    in_window,
    window_costs,
    window_of,
)

LINE = bus_line("L", "ABC", [120, 180], range(300, 12000, 300))


def observed(window: float = 600, **sections: Any) -> Observed:
    flows = sections.pop("flows", [flow("A", "C", 600, 9000, 40), flow("A", "B", 0, 5000, 20)])
    return Observed.of(world([LINE], flows, advisor={"window": window}, period=window, **sections))


# --- which windows ----------------------------------------------------------------------------------------


@given(
    st.sampled_from([60.0, 600.0, 900.0, 7200.0]),
    st.sampled_from([0.0, 300.0, 3600.0]),
    st.sampled_from([0.0, 250.0, 3600.0]),
)
def test_candidates_are_the_windows_within_flexibility_and_that_of_habit(
    window: float, earlier: float, later: float
) -> None:
    wishes = {"earlier_flexibility": earlier, "later_flexibility": later}
    world = observed(window, population=wishes).world
    population, people = world.population, np.arange(len(world.population))
    found = candidate_windows(population, people, world.compiled.forecaster)
    for row in people.tolist():
        habit = population.habitual_departure_s[row]
        expected = {int(habit // window)}
        number = 0
        while (number + 1) * window <= population.latest_departure_s[row] + 1e-6:
            if number * window >= population.earliest_departure_s[row] - 1e-6:
                expected.add(number)
            number += 1
        assert set(found.window[row][found.acceptable[row]].tolist()) == expected
        assert (np.diff(found.window[row]) == 1).all()


def test_windows_are_half_open() -> None:
    assert window_of(np.array([0.0, 599.999, 600.0, 1199.9]), 600.0).tolist() == [0, 0, 1, 1]
    plan = AdvicePlan(np.array([1, 1, 1, -1]), 600.0)
    assert plan.contains(np.array([600.0, 1199.999, 1200.0, 700.0])).tolist() == [True, True, False, False]
    assert plan.start_s()[:3].tolist() == [600] * 3
    assert plan.end_s()[:3].tolist() == [1200] * 3
    assert np.isnan(plan.start_s()[3])
    assert not no_advice(3, 600.0).advised.any()


# --- what they cost ---------------------------------------------------------------------------------------


@st.composite
def lines_without_crowding(draw: st.DrawFn) -> Scenario:
    """A line with full buses and a feeder to it; what is felt is time alone, so that nothing is averaged away."""
    capacity = draw(st.integers(2, 8))
    lines = [
        bus_line(
            "L", "ABC", [60, draw(st.sampled_from([100, 400]))], range(250, 9000, draw(st.sampled_from([200, 500])))
        ),
    ]
    flows = [flow(pair[0], pair[1], 0, 5000, draw(st.integers(1, 40))) for pair in ("AC", "AB", "BC")]
    return world(
        lines,
        flows,
        {"bus": {**INSTANT_BUS, "seats": 0, "capacity": capacity, "dead_time": draw(st.sampled_from([0, 9]))}},
        preferences={"crowding": {"kind": "none"}, "in_vehicle_weight": 1.5},
        advisor={"window": 600},
        period=600,
        seed=draw(st.integers(0, 1000)),
    )


@settings(max_examples=20)
@given(lines_without_crowding())
def test_expected_journey_is_what_one_more_commuter_gets(scenario: Scenario) -> None:
    """On average over the instants of a window that is a period, for wait, ride, arrival and cost."""
    day = Observed.of(scenario)
    forecaster, weights = day.world.compiled.forecaster, scenario.parameters.preferences
    for option in range(len(day.world.compiled.options.cost_min)):
        for window in range(0, 8, 2):
            cases = forecaster.cases(np.array([option]), np.array([window]))
            case = forecaster.forecast(day.result.observation, cases)
            leave = [(window + (n + 0.5) / SAMPLES_PER_PERIOD) * 600.0 for n in range(SAMPLES_PER_PERIOD)]
            lived = [day.with_one_more(option, time_s) for time_s in leave]
            if not all(np.isfinite(one.arrival_s) for one in lived):
                continue
            wait_s, ride_s = (np.mean([getattr(one, name) for one in lived]) for name in ("wait_s", "in_vehicle_s"))
            assert case.wait_s[0] == pytest.approx(wait_s)
            assert case.ride_s[0] == pytest.approx(ride_s)
            assert case.arrival_s[0] == pytest.approx(np.mean([one.arrival_s for one in lived]))
            cost_min = (weights.wait_weight * wait_s + weights.in_vehicle_weight * ride_s) / 60
            assert case.travel_cost_min[0] == pytest.approx(cost_min)
            assert case.denied_share[0] == pytest.approx(np.mean([one.denied > 0 for one in lived]))


def test_wait_for_several_lines_is_the_wait_for_any_of_them() -> None:
    """L and M take turns, one every 300 s, and lead to C in the same time: five instants wait for 120 s on average."""
    lines = [
        bus_line("L", "AC", [300], range(300, 12000, 600)),
        bus_line("M", "ABC", [150, 150], range(600, 12000, 600)),
    ]
    day = Observed.of(world(lines, [flow("A", "C", 0, 9000, 5)], advisor={"window": 600}, period=600))
    forecaster = day.world.compiled.forecaster
    case = forecaster.forecast(day.result.observation, forecaster.cases(np.zeros(1, dtype=np.int64), np.array([5])))
    lived = [day.with_one_more(0, 3000 + 60.0 + 120 * number) for number in range(5)]
    assert np.mean([one.wait_s for one in lived]) == 120
    assert case.wait_s[0] == pytest.approx(120)


def test_schedule_cost_on_paper() -> None:
    weights = observed().world.compiled.scenario.parameters.preferences.model_copy(
        update={"early_penalty": 0.5, "late_penalty": 2.0, "late_fixed_penalty_s": 90.0}
    )
    arrival = np.array([900.0, 1000.0, 1060.0])
    assert schedule_cost_min(weights, arrival, np.array([1000.0])) == pytest.approx([50 / 60, 0, (120 + 90) / 60])


def test_others_feel_a_crowded_bus_and_not_an_empty_one() -> None:
    flows = [flow("A", "C", 1800, 3000, 70), flow("A", "C", 5000, 8000, 5)]
    day = observed(flows=flows, vehicles={"bus": {**INSTANT_BUS, "seats": 5, "capacity": 20}})
    forecaster = day.world.compiled.forecaster
    wanted = forecaster.cases(np.zeros(2, dtype=np.int64), np.array([4, 11]))
    cases = forecaster.forecast(day.result.observation, wanted)
    assert cases.others_cost_min[0] > 1
    assert cases.others_cost_min[1] == 0
    assert cases.load_factor[0] > 0.8
    assert cases.load_factor[1] < 0.2


def test_no_window_after_the_last_vehicle_is_ever_advised() -> None:
    """The last bus leaves at 11700; whoever likes to be late would have to be told to stay at home."""
    late = [flow("A", "C", 9000, 11600, 40, preferred_arrival=20000)]
    scenario = world([LINE], late, advisor={"window": 600, "penetration": 1, "compliance": 1})
    for strategy in ("same_for_all", "individual", "coordinated"):
        journeys = sim.run(scenario, strategy=strategy).journeys
        assert (journeys["outcome"] == "arrived").all()
        assert (journeys["window_start_s"].dropna() <= 11700).all()


# --- how people are put into them -------------------------------------------------------------------------


@given(st.sampled_from([7.0, 600.0, 900.0]), st.integers(0, 30), st.floats(0.0, 1.0))
def test_a_place_in_a_window_lies_inside_it(window_s: float, number: int, place: float) -> None:
    moment_s = in_window(np.array([number]), window_s, np.array([place]))
    assert ((moment_s >= number * window_s) & (moment_s < (number + 1) * window_s)).all()


def test_places_in_a_window_are_spread_over_it() -> None:
    replication = observed(flows=[flow("A", "C", 3000, 9000, 2000)]).world
    moved = in_window(np.zeros(2000, dtype=np.int64), 600.0, replication.lasting.place_in_window)
    counts = np.bincount((moved // 60).astype(int), minlength=10)
    assert counts == pytest.approx(np.full(10, 200), abs=4 * np.sqrt(200))


def test_only_those_who_comply_follow() -> None:
    replication = observed().world
    population = replication.population
    habit = population.habitual_departure_s
    plan = AdvicePlan(np.where(np.arange(len(habit)) % 3 == 0, 18, -1), 600.0)
    complies = np.arange(len(habit)) % 2 == 0
    left = follow(habit, plan, complies, replication.lasting.place_in_window)
    obeys = plan.advised & complies
    assert (left[obeys] // 600 == 18).all()
    assert (left[~obeys] == habit[~obeys]).all()


def test_whoever_goes_back_to_the_window_of_their_habit_finds_their_habit_there() -> None:
    """Of people who have changed: told that window they leave by habit, in others at their place, or as they do."""
    habit_s, own_s = np.full(3, 1900.0), np.array([2700.0, 2700.0, 1850.0])
    plan = AdvicePlan(np.array([3, 5, 3]), 600.0)
    left = follow(own_s, plan, np.ones(3, dtype=np.bool_), np.full(3, 0.5), habit_s=habit_s)
    assert left == pytest.approx([1900.0, 3300.0, 1850.0])


def test_even_placement_names_the_minute() -> None:
    """All who comply with a window are spread evenly over it, each once."""
    replication = observed().world
    habit = replication.population.habitual_departure_s
    plan = AdvicePlan(np.full(len(habit), 3), 600.0)
    everybody = np.ones(len(habit), dtype=np.bool_)
    left = np.sort(follow(habit, plan, everybody, replication.lasting.place_in_window, np.full(len(habit), np.inf)))
    assert left == pytest.approx(1800 + (np.arange(len(habit)) + 0.5) / len(habit) * 600, abs=1e-5)


def test_even_placement_names_a_place_next_to_the_moment_that_the_plan_means() -> None:
    """Five are told to leave as they do, and get the places next to them in their order; the others those left."""
    habit = np.array([1810.0, 1815.0, 1820.0, 2399.0, 2000.0, *np.linspace(9000, 9400, 5)])
    plan = AdvicePlan(np.full(10, 3), 600.0, as_now=np.arange(10) < 5)
    place = np.linspace(0.9, 0.0, 10)
    left = follow(habit, plan, np.ones(10, dtype=np.bool_), place, np.full(10, np.inf))
    # Of the others, the first is the one whose own place is earliest.
    assert left == pytest.approx(1800 + 600 * (np.array([0, 1, 2, 9, 3, 8, 7, 6, 5, 4]) + 0.5) / 10)
    # Where all came at the end of the window each still gets one place.
    late = np.array([*np.full(4, 2399.9), *np.linspace(9000, 9400, 6)])
    plan = AdvicePlan(np.full(10, 3), 600.0, as_now=np.arange(10) < 4)
    moved = follow(late, plan, np.ones(10, dtype=np.bool_), place, np.full(10, np.inf))
    assert np.sort(moved[4:]) == pytest.approx(1800 + 60 * (np.arange(6) + 0.5))
    assert np.sort(moved) == pytest.approx(1800 + 60 * (np.arange(10) + 0.5))


def test_even_placement_names_nobody_a_minute_after_their_last_vehicle() -> None:
    """Whoever meets it as they leave keeps their moment; one who comes too late anyway is named a place."""
    own = np.array([1810.0, 2390.0, 9000.0])
    plan = AdvicePlan(np.full(3, 3), 600.0, as_now=np.arange(3) < 2)
    left = follow(own, plan, np.ones(3, dtype=np.bool_), np.array([0.0, 0.0, 0.9]), np.array([1815.0, 2000.0, np.inf]))
    assert left == pytest.approx([1810.0, 2300.0, 2100.0])


def test_even_placement_takes_nobody_from_the_bus_they_meet() -> None:
    """People who leave just before buses have nothing to gain, and named minutes may not cost them anything."""
    line = bus_line("L", "AC", [300], range(600, 12000, 600))
    just_before = [flow("A", "C", start - 10, start - 5, 20) for start in range(3600, 7200, 600)]
    scenario = world(
        [line],
        just_before,
        {"bus": {**INSTANT_BUS, "seats": 400, "capacity": 400}},
        advisor={"window": 900, "placement": "even", "penetration": 1, "compliance": 1},
    )
    costs = sim.compare(scenario, ["none", "individual"]).journeys.groupby("strategy").generalized_cost_min.mean()
    assert costs["individual"] <= costs["none"]


# --- those who learn --------------------------------------------------------------------------------------


def departures(rule: str, days: int, **behaviour: Any) -> Any:
    """Return the departures of all days, shape (days, commuters), and the costs alike."""
    line = bus_line("L", "AC", [300], range(300, 12000, 300))
    scenario = world(
        [line],
        [flow("A", "C", 3600, 5400, 120), flow("A", "C", 0, 9000, 40)],
        {"bus": {**INSTANT_BUS, "seats": 5, "capacity": 15}},
        behaviour={"departure_choice": rule, **behaviour},
        advisor={"window": 600},
        days=days,
        days_kept=days,
    )
    journeys = sim.run(scenario).journeys
    return tuple(
        journeys.pivot(index="day", columns="commuter_id", values=name).to_numpy()
        for name in ("departure_s", "generalized_cost_min")
    )


def test_habitual_people_never_change() -> None:
    left, _ = departures("habitual", 3)
    assert (left == left[0]).all()


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_share_of_learners_reconsiders_each_day(share: float) -> None:
    left, _ = departures("logit", 3, reconsider_share=share, logit_scale=0.001)
    for day in (1, 2):
        changed = (left[day] != left[day - 1]).mean()
        # Nearly all windows are alike to them, so few of those who think again choose their own.
        assert 0.4 * share <= changed <= share + 0.05


def test_learners_avoid_the_rush_in_the_end() -> None:
    left, cost = departures("logit", 12, reconsider_share=0.2, logit_scale=1.0)
    assert cost[-3:].sum(axis=1).mean() < 0.9 * cost[0].sum()
    in_rush = ((left >= 3600) & (left < 5400)).sum(axis=1)
    assert in_rush[-1] < in_rush[0]


def test_averaging_people_move_in_at_most_a_falling_share() -> None:
    """Of those whom another window would cost less, which may be few on the first days and more on a later one.

    They begin anew once at most, when they go by the trend: the share then falls from a half again.
    """
    left, _ = departures("msa", 8)
    changed = (np.diff(left, axis=0) != 0).mean(axis=1)
    falling = 1 / (np.arange(1, 8) + 1)
    begun_anew = [np.concatenate([falling[:days], falling[: 7 - days]]) for days in range(8)]
    assert any((changed <= share + 0.08).all() for share in begun_anew)
    assert (changed > 0).all()


def test_stop_rule_skips_days_on_which_nothing_changes_any_more() -> None:
    calm = {"least_change": 1, "days_in_row": 1}
    for stop, expected in (({}, list(range(9))), (calm, [0, 1, 2, 7, 8])):
        scenario = world([LINE], [flow("A", "C", 0, 3000, 10)], days=9, days_kept=2, behaviour={"stop": stop})
        replication = ReplicationWorld.create(compile_scenario(scenario), 0)
        assert [result.day for result in simulate_days(replication, strategy_by_name("none"))] == expected


@pytest.mark.parametrize(
    "sections",
    [
        {"behaviour": {"departure_choice": "best_reply", "reconsider": 1}},
        {"behaviour": {"departure_choice": "msa"}, "days": 6},
        {"advisor": {"strategy": "individual", "penetration": 1, "compliance": 1}},
    ],
    ids=["best_reply", "msa", "individual"],
)
def test_whoever_would_miss_the_bus_in_the_next_window_takes_the_one_before(sections: dict[str, Any]) -> None:
    """The bus of 7:14:30 takes all who leave from 6:45 to then, and people leave at 7:14:45 by habit."""
    line = bus_line("L", "AB", [600], range(5 * 3600 + 870, 10 * 3600, 1800))
    by_habit = flow("A", "B", 26080, 26090, 4, "even", preferred_arrival=7.5 * 3600)
    journeys = sim.run(world([line], [by_habit], preferences={"early_penalty": 1.5}, **sections)).journeys
    assert set(journeys.arrival_s) == {7 * 3600 + 870 + 600}
    assert set(journeys.departure_s // 900) == {27}


def test_so_does_whoever_has_changed_to_a_moment_at_which_they_miss_it() -> None:
    """As above, but people left at 7:36 by habit and have changed to 7:14:45: both moments are their own."""
    found = []

    class Looks:
        name = "looks"

        def advise(self, view: AdvisorView) -> AdvicePlan:
            habit_s = view.population.habitual_departure_s
            given = view.population, view.scenario.parameters.preferences, view.forecaster, view.forecast
            for own_s in (habit_s, (habit_s, np.full(len(habit_s), 26085.0))):
                costs = window_costs(*given, view.candidates, own_s)
                found.append({number: costs.own_min[view.candidates.window == number] for number in (27, 28, 30)})
            return no_advice(len(view.population), view.window_s)

    line = bus_line("L", "AB", [600], range(5 * 3600 + 870, 10 * 3600, 1800))
    by_habit = flow("A", "B", 27360, 27365, 4, "even", preferred_arrival=7.5 * 3600)
    sim.run(world([line], [by_habit], advisor={"penetration": 1}, days=2), strategy=Looks())
    habit_alone, both = found
    assert np.isinf(habit_alone[27]).all()
    assert np.isfinite(both[27]).all()
    # By 7:14:45 the next vehicle is that of 7:44:30, half an hour later than for most of the window.
    assert (both[28] > habit_alone[28] + 10).all()
    np.testing.assert_array_equal(both[30], habit_alone[30])


@pytest.mark.skipif(loops() is None, reason="the libraries were not compiled here, or are not wanted")
@given(st.integers(0, 5), st.integers(1, 4), st.sampled_from([0.0, 240.0]), st.randoms(use_true_random=False))
def test_compiled_costs_anywhere_are_those_of_numpy(rows: int, candidates: int, fixed_s: float, random: Random) -> None:
    """Early, late and on time, to the bit."""
    wanted = {"early_penalty": 0.61, "late_penalty": 2.4, "late_fixed_penalty": fixed_s}
    preferences = PreferenceParameters.model_validate(wanted)
    middle_s = np.array([random.choice([0.0, 1 / 3, 900.0, 901.5]) for _ in range(6)])
    shift_s = np.array([[random.choice([0.0, 1 / 7, -300.0]) for _ in range(5)] for _ in range(3)])
    arrivals = PlaceArrivals(middle_s, np.array([random.randrange(3) for _ in range(6)]), shift_s)
    case = np.array([[random.randrange(6) for _ in range(candidates)] for _ in range(rows)], dtype=np.int64)
    wish = [np.array([random.choice([1 / 3, 900.0, 1.3]) for _ in range(rows)]) for _ in range(3)]
    travel_min = np.array([random.choice([0.0, 1 / 3, 17.2, np.inf]) for _ in range(6)])
    asked = preferences, arrivals, travel_min, case.reshape(rows, candidates), *wish
    assert anywhere_min(*asked).tobytes() == anywhere_by_numpy(*asked).tobytes()
