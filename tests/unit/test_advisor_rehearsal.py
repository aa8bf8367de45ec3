"""Plans are tried on draws of their own, improved there, and given out only where they gain."""

from __future__ import annotations

import weakref
from collections import Counter
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.invariants import check_invariants
from support.random_worlds import random_worlds
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim
from sim.advisor import AdvisorView, ReplicationWorld, simulate_days, strategy_by_name
from sim.advisor.loop import compile_scenario
from sim.advisor.rehearsal import issue, marginal_costs
from sim.advisor.rehearsal.improvement import Improvement
from sim.advisor.rehearsal.marginal_costs import MarginalCosts
from sim.advisor.rehearsal.queue_cost import LastBoarders, summed_while, with_queue_costs
from sim.advisor.rehearsal.releases import bounded, regret_min
from sim.advisor.rehearsal.stage import RehearsedDay, SeenRehearsal, Stage, plausible_shares
from sim.advisor.strategies.coordinated import Coordinated
from sim.advisor.strategies.individual import best_alone
from sim.experiments.manifest_notes import rehearsal_facts
from sim.model.advice import AdvicePlan, PlanRehearsal
from sim.model.scenario import Scenario
from sim.population.observation import VisitSums, observe, visit_facts
from sim.population.windows import costs_anywhere_min, window_costs
from sim.randomness import Purpose, Streams, entity_keys


def crowded(**sections: Any) -> Scenario:
    """A line whose buses have no room for all who want to travel within half an hour."""
    line = bus_line("L", "ABC", [120, 180], range(300, 12000, 300))
    flows = [flow("A", "C", 3600, 5400, 160), flow("B", "C", 3600, 5400, 30), flow("A", "C", 0, 9000, 40)]
    advisor = {"penetration": 0.8, "compliance": 0.8, "window": 600, **sections.pop("advisor", {})}
    settings_ = {"days": 3, "advisor": advisor, **sections}
    return world([line], flows, {"bus": {**INSTANT_BUS, "seats": 5, "capacity": 15}}, **settings_)


def idle(**sections: Any) -> Scenario:
    """A line on which everybody is alone, and leaves at the best of times."""
    line = bus_line("L", "AB", [600], range(0, 12000, 60), "bus")
    wish = {"preferred_arrival_slack": 0, "preferred_arrival_spread": 0}
    return world([line], [flow("A", "B", 3600, 5400, 20)], days=2, population=wish, **sections)


def view_of(scenario: Scenario) -> AdvisorView:
    """What the advisor sees on the first day with advice."""
    seen: list[AdvisorView] = []

    class Watching:
        name = "watching"

        def advise(self, view: AdvisorView) -> AdvicePlan:
            seen.append(view)
            return view.plan(np.full(len(view.users), -1, dtype=np.int64))

    list(simulate_days(ReplicationWorld.create(compile_scenario(scenario), 0), Watching()))
    return seen[0]


@given(st.integers(0, 2**31), st.integers(0, 50), st.sampled_from(list(Purpose)), st.integers(0, 300))
def test_rehearsals_share_no_number_with_days(seed: int, replication: int, purpose: Purpose, draw: int) -> None:
    keys, streams = entity_keys(np.arange(20)), Streams(seed, replication)
    rehearsed = streams.rehearsing(draw).uniform(purpose, keys, 0)
    for day in (0, 1, draw, int(Purpose.REHEARSAL)):
        assert not np.isin(rehearsed, streams.uniform(purpose, keys, day)).any()
    assert not np.isin(rehearsed, streams.rehearsing(draw + 1).uniform(purpose, keys, 0)).any()


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 12))
def test_plausible_shares_are_shares_with_the_declared_one_as_their_mean(share: float, range_: float, n: int) -> None:
    shares = np.array(plausible_shares(share, range_, n))
    assert ((shares >= 0) & (shares <= 1)).all()
    assert shares.mean() == pytest.approx(share)
    assert (np.abs(shares - share) <= range_ * share + 1e-12).all()


@given(st.lists(st.tuples(st.integers(0, 100), st.booleans()), max_size=30))
def test_sums_run_to_the_first_that_does_not_go_on(rows: list[tuple[int, bool]]) -> None:
    values, goes_on = np.array([v for v, _ in rows], dtype=float), np.array([g for _, g in rows], dtype=bool)
    wanted = []
    for start in range(len(rows)):
        end = next((place for place in range(start, len(rows)) if not goes_on[place]), len(rows) - 1)
        wanted.append(values[start : end + 1].sum())
    assert summed_while(values, goes_on).tolist() == wanted


def test_one_more_in_a_queue_costs_each_whom_they_displace_a_headway() -> None:
    """Buses of 2 places at 600, 900, 1200, 1500 s on each of two lines; five come before the first: 2, 2 and 1 board.

    One more before the first bus puts its last rider on the second, and its last on the third, which has room. All
    wish to be there long before, so that both are 300 s later and wait 300 s longer; before the third bus nobody is
    displaced.
    """
    buses = [600, 900, 1200, 1500]
    lines = [bus_line("L", "AB", [300], buses), bus_line("M", "CD", [300], buses)]
    bus = {"bus": {**INSTANT_BUS, "seats": 2, "capacity": 2}}
    weights = {"wait_weight": 2.0, "late_penalty": 3.0, "crowding": {"kind": "none"}}
    flows = [flow(begins, ends, 500, 500, 5, preferred_arrival=0.0) for begins, ends in ("AB", "CD")]
    scenario = world(lines, flows, bus, preferences=weights, period=300)
    replication = ReplicationWorld.create(compile_scenario(scenario), 0)
    day = next(iter(simulate_days(replication, strategy_by_name("none"))))
    compiled, people = replication.compiled, replication.population
    seen = observe(scenario.service, compiled.points, day.records)
    visits = VisitSums.of(compiled.points, visit_facts(scenario.service, day.records))
    last = LastBoarders.of(day.records, visits.last_joined_s)
    costs = with_queue_costs(seen, compiled.points, scenario.parameters.preferences, people, visits, last)
    one = 2.0 * 5.0 + 3.0 * 5.0
    # Of each trip the first stop.
    for stop in np.unique(compiled.points.visit_point[scenario.service.visit_ptr[:-1]]):
        minutes = costs.queue_s[stop] * 2.0 / 60.0
        assert minutes[:5].tolist() == pytest.approx([2 * one, 2 * one, one, 0.0, 0.0])


def test_improvement_never_ends_above_its_start_and_finds_what_one_by_one_does_not() -> None:
    view = view_of(crowded())
    assert view.stage is not None
    improvement = Improvement(view, view.stage)
    nobody = improvement.tried(np.full(len(view.users), -1, dtype=np.int64))
    alone = improvement.tried(improvement.allowed(best_alone(view)))
    for start in (nobody, alone):
        found = improvement.improved(start, 12)
        assert found.mean_min <= start.mean_min
        assert improvement.tried(found.place).mean_min == found.mean_min
    assert improvement.improved(nobody, 12).mean_min < min(nobody.mean_min, alone.mean_min) - 1.0


def test_windows_that_cost_their_users_more_than_the_bound_in_rehearsals_are_left() -> None:
    """Would catch a plan that is given out as it was found, though rehearsals say whom it costs too much."""
    view = view_of(crowded(advisor={"penetration": 1.0, "compliance": 1.0, "fairness": {"max_regret": "1 min"}}))
    assert view.stage is not None
    improvement = Improvement(view, view.stage)
    nobody = improvement.tried(np.full(len(view.users), -1, dtype=np.int64))
    without = [day.cost_min for day in nobody.days if day.cost_min is not None]
    found = improvement.improved(nobody, 12)
    assert (regret_min(improvement, found, without) > 1.0 + 1e-6).any()
    spared = bounded(improvement, found, 4)
    assert not (regret_min(improvement, spared, without) > 1.0 + 1e-6).any()
    assert spared.mean_min < nobody.mean_min


def test_what_windows_cost_is_the_mean_over_the_days_looked_at() -> None:
    """Would catch a sum in its place, of which the least is the same and which booking takes for minutes."""
    view = view_of(crowded())
    assert view.stage is not None
    improvement = Improvement(view, view.stage)
    days = improvement.tried(np.full(len(view.users), -1, dtype=np.int64)).days
    by_day = [improvement.own_min([day]) for day in days]
    assert len(days) > 1
    assert improvement.own_min(days) == pytest.approx(np.mean(by_day, axis=0))


def test_the_result_does_not_hang_on_the_start() -> None:
    view = view_of(crowded())
    assert view.stage is not None
    improvement = Improvement(view, view.stage)
    starts = [np.full(len(view.users), -1, dtype=np.int64), improvement.allowed(best_alone(view))]
    starts.append(np.where(view.candidates.acceptable[:, 0], 0, -1))
    before = [improvement.tried(start) for start in starts]
    found = [improvement.improved(start, 40).mean_min for start in before]
    none_min = before[0].mean_min
    # Of what the best of them saves none misses more than a tenth, wherever it began.
    assert max(found) - min(found) < 0.1 * (none_min - min(found))


def test_nobody_is_advised_where_nothing_is_to_be_gained_and_the_run_says_so() -> None:
    result = sim.compare(idle(), ["none", "coordinated"], replications=2)
    check_invariants(result.tables)
    journeys = result.tables["journeys"]
    assert not (journeys["advised"] & journeys.equals("strategy", "coordinated")).any()
    assert result.manifest["rehearsals"] == {"coordinated": {"rehearsed": 2, "issued": 0}}
    assert any("coordinated advised nobody on 2 of 2" in note for note in result.manifest["notes"])
    days = result.tables["days"]
    told = days.equals("strategy", "coordinated") & (days["day"] > 0)
    assert (days["rehearsed_change_min"][told] + days["rehearsed_half_width_min"][told] >= 0).all()


def test_advice_that_gains_is_given_out() -> None:
    result = sim.compare(crowded(), ["none", "coordinated"], replications=2)
    check_invariants(result.tables)
    assert result.manifest["rehearsals"] == {"coordinated": {"rehearsed": 4, "issued": 4}}
    assert rehearsal_facts(result.tables["days"]) == result.manifest["rehearsals"]
    assert not any("advised nobody" in note for note in result.manifest["notes"])


@settings(max_examples=15)
@given(random_worlds())
def test_no_plan_is_given_out_whose_interval_does_not_show_a_gain(scenario: Scenario) -> None:
    for day in simulate_days(ReplicationWorld.create(compile_scenario(scenario), 0), strategy_by_name("coordinated")):
        if day.plan.rehearsal is not None:
            assert bool(day.plan.advised.any()) == day.plan.rehearsal.gains


@pytest.mark.parametrize(("change", "half", "gains"), [(-1.0, 0.5, True), (-1.0, 1.0, False), (0.0, 0.0, False)])
def test_a_gain_has_its_whole_interval_below_none(change: float, half: float, gains: bool) -> None:
    assert PlanRehearsal(change, half, 8).gains is gains


def test_a_plan_is_made_once_for_days_that_are_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    kept = issue.proved
    monkeypatch.setattr(issue, "proved", lambda view, *more: (made.append(view.day), kept(view, *more))[1])
    replication = ReplicationWorld.create(compile_scenario(crowded(days=4)), 0)
    plans = [day.plan for day in simulate_days(replication, Coordinated())]
    assert made == [1]
    assert plans[1] is plans[3]


def test_without_draws_windows_are_dealt_out_by_the_forecast() -> None:
    scenario = crowded(advisor={"rehearsal": {"draws": 0}})
    days = list(simulate_days(ReplicationWorld.create(compile_scenario(scenario), 0), strategy_by_name("coordinated")))
    assert days[1].plan.rehearsal is None
    assert days[1].plan.advised.any()


def test_no_rehearsed_day_is_held_while_another_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day of a city is gigabytes: what is kept of it to compare plans by has no row for a ride or a commuter.

    Would catch days that are handed on, and columns of rides in what is kept of them: of the best plan and of the one
    that is tried, and of no other.
    """
    held: weakref.WeakSet[RehearsedDay] = weakref.WeakSet()
    kept: weakref.WeakSet[SeenRehearsal] = weakref.WeakSet()
    most, tried, sizes = [0, 0], [0], set[int]()
    rehearse, seen_of = Stage.rehearse, Stage.seen

    def counted(*given: Any) -> RehearsedDay:
        day = rehearse(*given)
        held.add(day)
        tried[0] += 1
        most[0] = max(most[0], len(held))
        return day

    def sized(*given: Any, **named: Any) -> SeenRehearsal:
        seen = seen_of(*given, **named)
        kept.add(seen)
        most[1] = max(most[1], len(kept))
        sizes.update(len(column) for part in (seen.visits, seen.boarded_last) for column in vars(part).values())
        return seen

    monkeypatch.setattr(Stage, "rehearse", counted)
    monkeypatch.setattr(Stage, "seen", sized)
    for cls in (RehearsedDay, SeenRehearsal):
        monkeypatch.setattr(cls, "__hash__", object.__hash__)
        monkeypatch.setattr(cls, "__eq__", object.__eq__)
    monkeypatch.setenv("PEAKSHIFT_THREADS", "1")
    scenario = crowded(advisor={"rehearsal": {"draws": 3, "rounds": 5}}, days=2)
    replication = ReplicationWorld.create(compile_scenario(scenario), 0)
    list(simulate_days(replication, Coordinated()))
    assert tried[0] > 4 * 3
    assert most[0] == 1
    assert most[1] <= 2 * 3
    assert sizes == {len(scenario.service.visit_trip), replication.compiled.points.points}


def test_days_without_advice_are_rehearsed_once_for_all_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plans of several strategies and penetrations are proved beside the same days, and come out as each by itself.

    Would catch days that are simulated again, those of other people, and days that depend on the advisor.
    """
    without, rehearse = Counter[tuple[int, int]](), Stage.rehearse

    def counted(stage: Stage, plan: AdvicePlan, own_s: np.ndarray, number: int, share: float) -> RehearsedDay:
        if not plan.advised.any():
            without[id(stage.draws), number] += 1
        return rehearse(stage, plan, own_s, number, share)

    monkeypatch.setattr(Stage, "rehearse", counted)
    scenarios = [
        crowded(advisor={"penetration": penetration, "rehearsal": {"draws": 3, "rounds": 2}}, days=2)
        for penetration in (0.8, 0.4)
    ]
    people = ReplicationWorld.create(compile_scenario(scenarios[0]), 0)
    for scenario in scenarios:
        for name in ("coordinated", "coordinated_fair"):
            strategy = strategy_by_name(name)
            (*_, together) = simulate_days(people.under(scenario), strategy)
            shared = {number: times for (draws, number), times in without.items() if draws == id(people.draws)}
            (*_, alone) = simulate_days(ReplicationWorld.create(compile_scenario(scenario), 0), strategy)
            assert together.plan.rehearsal == alone.plan.rehearsal
            assert together.records.arrival_s.tobytes() == alone.records.arrival_s.tobytes()
    proving = [times for number, times in shared.items() if number >= 3]
    assert len(proving) >= 8
    assert set(proving) == {1}


@given(st.lists(st.tuples(st.integers(-1, 3), st.integers(0, 4)), max_size=12), st.integers(0, 5))
def test_the_last_who_boarded_is_the_last_row_of_the_last_moment(rides: list[tuple[int, int]], unknown: int) -> None:
    """As people board who are sorted by vehicle and moment of joining, those of the same moment in order of rows."""
    visit = np.array([ride[0] for ride in rides], dtype=np.int64)
    joined_s = np.where(visit >= 0, np.array([ride[1] for ride in rides], dtype=np.float64), np.nan)
    arrival_s = np.where(np.arange(len(rides)) == unknown, np.nan, 100.0 + np.arange(len(rides)))
    day = Mock(
        ride_board_visit=visit,
        ride_wait_from_s=joined_s,
        ride_commuter=np.arange(len(rides))[::-1],
        arrival_s=arrival_s,
    )
    last_joined_s = np.full(4, -np.inf)
    np.maximum.at(last_joined_s, visit[visit >= 0], joined_s[visit >= 0])
    found = LastBoarders.of(day, last_joined_s)
    for place in range(4):
        rows = sorted((joined_s[row], row) for row in np.flatnonzero(visit == place))
        wanted = len(rides) - 1 - rows[-1][1] if rows else -1
        assert found.commuter[place] == wanted
        assert np.array_equal(found.arrival_s[place], arrival_s[wanted] if rows else np.nan, equal_nan=True)


def test_windows_that_are_none_cost_what_they_would_on_average() -> None:
    """Would catch another cost of a window that one day gives no vehicle of its own, which may be best on the next."""
    view = view_of(crowded())
    weights = view.scenario.parameters.preferences
    everything = view.population, weights, view.forecaster, view.forecast, view.candidates, view.own_departure_s
    some, every = window_costs(*everything), window_costs(*everything, "all")
    anywhere_min = costs_anywhere_min(view.population, weights, some.forecast, view.candidates)
    none = np.isinf(some.own_min) & view.candidates.acceptable
    assert none.any()
    assert (some.own_min != anywhere_min)[~none & view.candidates.acceptable].any()
    assert np.array_equal(every.own_min, np.where(np.isfinite(some.own_min), some.own_min, anywhere_min))


def test_marginal_costs_by_case_are_those_of_each_user_and_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """To the last bit, however many users are compared together."""
    chance = np.random.default_rng(3)
    case = chance.integers(0, 9, (20, 5))
    own_min = np.where(chance.random((2, 20, 5)) < 0.2, np.inf, chance.random((2, 20, 5)))
    crowding_min, queue_min = chance.random((2, 2, 9))
    monkeypatch.setattr(marginal_costs, "USERS_AT_ONCE", 7)
    days = [MarginalCosts(case, own_min[day], crowding_min[day], queue_min[day]) for day in (0, 1)]
    found = days[0].averaged(days[1]).total(0.5, slice(3, 12))
    old, new = 1.0 - marginal_costs.NEWEST_WEIGHT, marginal_costs.NEWEST_WEIGHT
    mean_min = old * own_min[0] + new * own_min[1]
    mean_min = np.where(np.isfinite(mean_min), mean_min, own_min[1])
    mean_min += old * crowding_min[0][case] + new * crowding_min[1][case]
    wanted = mean_min + 0.5 * (old * queue_min[0][case] + new * queue_min[1][case])
    assert np.isinf(wanted[3:12]).any()
    assert np.array_equal(found, wanted[3:12])
