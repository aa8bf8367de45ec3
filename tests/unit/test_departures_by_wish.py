"""When those are supposed to leave who do not say it: as people with their wish do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.worlds import bus_line, flow, world

import sim
from sim.experiments.advice import pair_forecasts
from sim.experiments.departures_by_wish import MOMENTS, NEAR_S, DeparturesByWish
from sim.experiments.pair_forecasts import PairForecasts
from sim.experiments.usual_departure import moments_between
from sim.model.scenario import Scenario

BUS = {"bus": {"seats": 20, "capacity": 40, "dwell_rule": "constant", "dead_time": 0}}
HABIT = {"preferred_arrival_slack": "3 min", "preferred_arrival_spread": "4 min"}
SLACK_S, SPREAD_S, RIDE_S = 180.0, 240.0, 300.0


def line_of_three(**more: Any) -> Scenario:
    """A bus every ten minutes from A over B to C, five minutes from stop to stop."""
    line = bus_line("L", "ABC", [RIDE_S, RIDE_S], range(3600, 9601, more.pop("headway_s", 600)))
    flows = more.pop("flows", [flow("A", "C", 4200, 6600, 120)])
    return world([line], flows, BUS, **{"population": HABIT, **more})


def asked(advisor: sim.Advisor, origin: str = "A", destination: str = "C", **more: Any) -> sim.UsualDeparture:
    usual = advisor.ask(advisor.request(origin, destination, **more)).usual
    assert usual is not None
    return usual


def test_people_by_habit_leave_around_what_the_wish_makes_one_expect() -> None:
    """Ten minutes of ride and three in hand before 02:00, give or take four: of 120 people the nearest tell it."""
    usual = asked(sim.Advisor(sim.run(line_of_three())), arrive_by=7200)
    middle_s = 7200 - 2 * RIDE_S - SLACK_S
    assert middle_s - SPREAD_S <= usual.earliest_s < middle_s - 0.6 * SPREAD_S
    assert middle_s + 0.6 * SPREAD_S < usual.latest_s <= middle_s + SPREAD_S


def test_where_nobody_travels_wishes_tell_when_people_leave() -> None:
    """From B to C nobody travels: twelve moments lie evenly over the spread, the outer ones half a step inside."""
    usual = asked(sim.Advisor(sim.run(line_of_three())), "B", arrive_by=7200)
    middle_s = 7200 - RIDE_S - SLACK_S
    inside_s = SPREAD_S * (1 - 1 / MOMENTS)
    assert (usual.earliest_s, usual.latest_s) == pytest.approx((middle_s - inside_s, middle_s + inside_s))


def test_where_few_travel_wishes_tell_when_people_leave() -> None:
    """One person with a wish that flows give left two hours early: nobody takes it for what others do."""
    flows = [flow("A", "C", 3700, 3701, 1, preferred_arrival=9000)]
    advisor = sim.Advisor(sim.run(line_of_three(flows=flows)))
    middle_s = advisor.usual_departure_s(advisor.request("A", "C", arrive_by=9000))
    assert middle_s == pytest.approx(9000 - 2 * RIDE_S - SLACK_S, abs=SPREAD_S / MOMENTS * 2)


def test_where_flows_give_the_wish_people_tell_when_they_leave() -> None:
    """All wish to arrive at 02:30 and leave from 01:10 to 01:50; a slack of three minutes would have them at 02:17."""
    flows = [flow("A", "C", 4200, 6600, 240, placement="even", preferred_arrival=9000)]
    advisor = sim.Advisor(sim.run(line_of_three(flows=flows)))
    usual = asked(advisor, arrive_by=9000, earlier="3 h", later="1 h")
    # Twelve moments stand for a twelfth each of 40 minutes, whoever stands first in the tables.
    assert (usual.earliest_s, usual.latest_s) == pytest.approx((4300, 6500), abs=20)
    assert advisor.usual_departure_s(advisor.request("A", "C", arrive_by=9000)) == pytest.approx(5400, abs=20)


def fast_and_slow() -> Scenario:
    """A train every half hour that takes 10 minutes and a bus that takes 25, both worth boarding as they come.

    Wishes are derived from the least of both at free running times; the scheduled ride is the mean over whichever comes
    first, seven minutes more. There is room for all.
    """
    lines = [
        bus_line("fast", "AC", [600], range(3600, 12001, 1800)),
        bus_line("slow", "ABC", [750, 750], range(4500, 12001, 1800)),
    ]
    roomy = {"bus": {**BUS["bus"], "capacity": 400}}
    return world(lines, [flow("A", "C", 4200, 9000, 400)], roomy, population=HABIT, replications=2)


def test_people_who_board_fast_and_slow_lines_are_supposed_to_leave_when_they_do() -> None:
    """Of others who travel from A to C half leave before what is supposed, and half after it."""
    result = sim.run(fast_and_slow())
    advisor = sim.Advisor(result)
    request = advisor.request("A", "C", arrive_by=7800)
    assert advisor._pair(request).scheduled_s() > advisor._pair(request).free_journey_s + 300
    journeys = result.tables["journeys"]
    near = np.abs(journeys["preferred_arrival_s"] - 7800) < NEAR_S
    ahead_s = (journeys["preferred_arrival_s"] - journeys["departure_s"])[near]
    supposed_s = advisor.usual_departure_s(request)
    assert supposed_s is not None
    assert supposed_s == pytest.approx(7800 - np.median(ahead_s), abs=45)
    # The same where nobody of the run tells it.
    nobody = np.zeros(0)
    alone = DeparturesByWish(nobody.astype(np.int64), nobody, nobody, nobody.astype(bool), 3)
    assert alone.usual_s(advisor._pair(request), request) == pytest.approx(7800 - 600 - SLACK_S)


def of_one_pair(
    departure_s: list[float], wish_s: list[float], *, by_habit: bool
) -> tuple[DeparturesByWish, PairForecasts]:
    """Return people of one pair of stops, and the pair."""
    scenario = line_of_three()
    run = sim.run(scenario)
    people = len(wish_s)
    known = DeparturesByWish(
        np.full(people, 2), np.array(wish_s), np.array(departure_s), np.full(people, by_habit), len("ABC")
    )
    advisor = sim.Advisor(run)
    request = advisor.request("A", "C", arrive_by=7200)
    return known, pair_forecasts(scenario, advisor._ledger.days, request)


def test_people_who_have_learned_tell_which_vehicle_they_meet() -> None:
    """All of them leave at 01:40 for the bus of that time, whether they wish to be there at 01:55 or 02:05.

    By habit they would leave five minutes earlier or later for it.
    """
    wishes_s = np.linspace(6900, 7500, 25).tolist()
    for by_habit, moments_s in ((False, (6000.0, 6000.0)), (True, (5700.0, 6300.0))):
        known, pair = of_one_pair([6000.0] * 25, wishes_s, by_habit=by_habit)
        found_s = known.moments_s(pair, sim.JourneyRequest("A", "C", arrive_by_s=7200.0))
        assert found_s is not None
        assert (found_s[0], found_s[-1]) == pytest.approx(moments_s, abs=30)


def test_whoever_followed_advice_counts_by_habit() -> None:
    """A run that holds nothing but a plan which everybody follows tells the same as one without advice."""
    scenario = line_of_three(advisor={"window": "10 min", "penetration": 1, "compliance": 1})
    told = []
    for strategy in ("none", "same_for_all"):
        advisor = sim.Advisor(sim.run(scenario, strategy=strategy))
        habits = advisor._ledger.habits
        assert habits.by_habit.all()
        told.append(advisor.usual_departure_s(advisor.request("A", "C", arrive_by=7200)))
    assert told[0] == told[1]


def test_people_who_learn_are_known_by_what_they_do_on_the_last_day() -> None:
    """They leave just before their bus by then; by habit nobody looks at when it comes."""
    scenario = line_of_three(
        behaviour={"departure_choice": "best_reply", "reconsider": 1}, days=4, days_kept=1, advisor={"window": "2 min"}
    )
    advisor = sim.Advisor(sim.run(scenario, strategy="none"))
    habits = advisor._ledger.habits
    assert not habits.by_habit.all()
    learned = habits.departure_s[~habits.by_habit]
    found_s = habits._near_s((0, 2), 7200.0)
    assert np.isin(found_s, learned).any()


@given(
    wishes_s=st.lists(st.floats(0, 20000), max_size=80),
    by_habit=st.booleans(),
    arrive_by_s=st.floats(4000, 12000),
    asked_at_s=st.none() | st.floats(0, 12000),
)
def test_moments_are_twelve_in_order_and_still_to_come(
    wishes_s: list[float], by_habit: bool, arrive_by_s: float, asked_at_s: float | None
) -> None:
    known, pair = of_one_pair([max(wish_s - 1200.0, 0.0) for wish_s in wishes_s], wishes_s, by_habit=by_habit)
    request = sim.JourneyRequest("A", "C", arrive_by_s=arrive_by_s, asked_at_s=asked_at_s)
    moments_s = known.moments_s(pair, request)
    if moments_s is None:
        assert asked_at_s is not None
        return
    assert len(moments_s) == MOMENTS
    assert (np.diff(moments_s) >= 0.0).all()
    assert moments_s[0] >= max(asked_at_s or 0.0, 0.0)
    assert asked_at_s is not None or moments_s[5] <= (known.usual_s(pair, request) or 0.0) <= moments_s[6]


def every_twenty_minutes(window: str = "10 min") -> Scenario:
    """A bus every twenty minutes from A over B to C, and people who wait for it by habit."""
    return line_of_three(
        flows=[flow("A", "C", 4200, 6600, 240)],
        headway_s=1200,
        population={"preferred_arrival_slack": "10 min", "preferred_arrival_spread": "10 min"},
        period="10 min",
        advisor={"window": window, "penetration": 1, "compliance": 1},
    )


@pytest.mark.parametrize("strategy", ["none", "coordinated"])
@pytest.mark.parametrize("arrive_by_s", [6900.0, 7100.0, 7350.0, 7700.0])
def test_whoever_does_not_say_when_they_leave_is_told_at_which_moments_to_stay(
    strategy: str, arrive_by_s: float
) -> None:
    """Whoever says that they usually leave at one of these moments is told the same.

    On average over all of them it was to stay, also for those who miss their bus by a minute, or to go for all.
    """
    advisor = sim.Advisor(sim.run(every_twenty_minutes(), strategy=strategy))
    request = advisor.request("A", "C", arrive_by=arrive_by_s, earlier="60 min", later="60 min")
    answer = advisor.ask(request)
    assert answer.usual is not None
    kept = [any(first <= at < last for first, last in answer.keep_between_s) for at in answer.usual.moments_s]
    if answer.else_start_s is None:
        kept = [answer.usual.advised] * len(answer.usual.moments_s)
    assert len(kept) == MOMENTS
    for moment_s, cost_min, keeps in zip(answer.usual.moments_s, answer.usual.moment_costs_min, kept, strict=True):
        said = advisor.ask(replace(request, usual_s=moment_s))
        assert said.usual is not None
        assert said.usual.weighed_cost_min == pytest.approx(cost_min)
        if said.usual.advised:
            assert keeps or said.window.window_start_s == answer.window.window_start_s
        elif not keeps:
            assert said.weighed_cost_min < cost_min


def test_advice_depends_on_the_moment_where_a_bus_is_met_or_missed() -> None:
    """Before a bus people stay, and whoever comes after it had better leave in the five minutes before another one."""
    advisor = sim.Advisor(sim.run(every_twenty_minutes("5 min"), strategy="coordinated"))
    reach = {"earlier": "60 min", "later": "60 min"}
    found = [advisor.ask(advisor.request("A", "C", arrive_by=by_s, **reach)) for by_s in range(6600, 7800, 120)]
    depends = [answer for answer in found if answer.keep_between_s]
    assert depends
    for answer in depends:
        assert answer.usual is not None
        assert answer.else_start_s in {one.window_start_s for one in (answer.window, *answer.other_windows)}
        costs = np.array(answer.usual.moment_costs_min)
        inside = np.zeros(len(costs), dtype=bool)
        for first_s, last_s in answer.keep_between_s:
            assert first_s < last_s
            inside |= (first_s <= np.array(answer.usual.moments_s)) & (np.array(answer.usual.moments_s) < last_s)
        # Those who go are those at the dearer moments.
        assert costs[~inside].mean() > costs[inside].mean()


def test_a_booking_by_moment_is_counted_where_people_may_be_and_given_back_whole() -> None:
    advisor = sim.Advisor(sim.run(every_twenty_minutes(), strategy="coordinated"))
    reach = {"earlier": "60 min", "later": "60 min"}
    asked_for = [advisor.request("A", "C", arrive_by=by_s, **reach) for by_s in range(6600, 7800, 120)]
    depends = [request for request in asked_for if advisor.ask(request).keep_between_s]
    assert depends
    spread = []
    for request in depends:
        before, ledger = advisor.ask(request), advisor._ledger.places.booked.copy()
        booked = advisor.book(request)
        counted = advisor._ledger.windows._booked[advisor._ends(request)]
        assert sum(counted.values()) == MOMENTS
        assert counted[round((booked.else_start_s or 0.0) / advisor._window_s)] > 0
        spread.append(sum(count > 0 for count in counted.values()))
        advisor.cancel(str(booked.booking_id))
        assert advisor.ask(request) == before
        assert np.array_equal(advisor._ledger.places.booked, ledger)
    # Whoever usually leaves in the window after it goes where others stay.
    assert max(spread) > 1


def test_whoever_cannot_leave_in_a_window_keeps_to_their_moment() -> None:
    """Within five minutes of what is usual no window of ten lies: nobody is told to go at some moments alone."""
    advisor = sim.Advisor(sim.run(every_twenty_minutes(), strategy="none"))
    for by_s in range(6600, 7200, 120):
        answer = advisor.ask(advisor.request("A", "C", arrive_by=by_s, earlier="5 min", later="4 min"))
        assert (answer.keep_between_s, answer.else_start_s) == ((), None)


def test_moments_are_kept_halfway_to_those_that_are_not() -> None:
    moments_s = np.array([6000.0, 6030.0, 6100.0, 6400.0, 6410.0, 6700.0])
    kept = np.array([True, True, False, False, True, True])
    assert moments_between(moments_s, kept) == ((5970.0, 6065.0), (6405.0, 6730.0))
    assert moments_between(moments_s, ~kept) == ((6065.0, 6405.0),)
    assert moments_between(np.full(6, 6000.0), np.ones(6, dtype=bool)) == ((5970.0, 6030.0),)
