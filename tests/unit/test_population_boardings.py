"""When somebody boards is a step at each vehicle, and whoever stays is costed at their own moment."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.observed import Observed
from support.random_worlds import flows, lines
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim
from sim.model.scenario import Scenario
from sim.population.observation import mean_observation
from sim.population.traced_journeys import traced_rides
from sim.population.windows import candidate_windows, window_costs, window_of


def one_queue(departures: list[float], capacity: int, seed: int = 1, **sections: Any) -> Scenario:
    return world(
        [bus_line("L", "AB", [60], departures)],
        [flow("A", "B", 0, 2500, 30)],
        {"bus": {**INSTANT_BUS, "seats": 0, "capacity": capacity}},
        seed=seed,
        **sections,
    )


@settings(max_examples=25)
@given(
    st.lists(st.integers(0, 3000), min_size=2, max_size=12, unique=True),
    st.integers(1, 40),
    st.lists(st.floats(0, 2500), min_size=1, max_size=8),
    st.sampled_from([60.0, 900.0]),
)
def test_boarding_is_a_step_at_each_vehicle(
    departures: list[int], capacity: int, joins_s: list[float], period_s: float
) -> None:
    """At any instant, before full and empty vehicles, whatever the period, exactly what one more commuter meets."""
    day = Observed.of(one_queue([time + 0.25 for time in sorted(departures)], capacity, period=period_s))
    waiting = day.world.compiled.forecaster.waiting
    found = waiting.boarded(day.result.observation, np.zeros(1, dtype=np.int64), np.array([joins_s])).board_s[0]
    for join_s, board_s in zip(joins_s, found.tolist(), strict=True):
        lived = day.with_one_more(0, join_s)
        if lived.boarded:
            assert board_s == pytest.approx(join_s + lived.wait_s, abs=1e-5)


def test_no_line_is_drawn_across_a_vehicle() -> None:
    """At 1195 one waits 105 s for the vehicle of 1300, though in the middle of the period of 900 s one waits longer."""
    day = Observed.of(one_queue([400.0, 1300.0, 2200.0], 40, period=900.0))
    waiting = day.world.compiled.forecaster.waiting
    times_s = np.array([[1195.0, 1299.9, 1300.1]])
    waits_s = waiting.boarded(day.result.observation, np.zeros(1, dtype=np.int64), times_s).board_s - times_s
    assert waits_s[0] == pytest.approx([105.0, 0.1, 899.9])


def test_whoever_is_expected_to_board_later_is_followed_onto_a_later_vehicle() -> None:
    """Expected 10 min later than seen, whoever comes at 300 boards no more at 400 but the vehicle of 1300.

    Catches people who are followed onto vehicles that others are expected to have filled.
    """
    day = Observed.of(one_queue([400.0, 1300.0, 2200.0], 40, period=900.0))
    ((_, seen),) = day.result.observation.days
    group = np.full(3, day.world.compiled.forecaster.waiting.member_group[0])
    joins_s = np.array([300.0, 1000.0, 2100.0])
    later = [seen.shifted(np.full((len(seen.ptr) - 1, 4), late_s)) for late_s in (0.0, 600.0)]
    visits = [expected.boarded_visit(group, joins_s) for expected in (seen, *later)]
    comes_s = [np.append(seen.visit_arrival_s, np.nan)[visit].tolist() for visit in visits]
    assert comes_s[:2] == [[400.0, 1300.0, 2200.0]] * 2
    assert comes_s[2][:2] == [1300.0, 2200.0]
    assert visits[2][2] == -1


def test_several_days_are_averaged_by_what_each_would_have_been() -> None:
    early, late = (Observed.of(one_queue(times, 40)) for times in ([600.0, 1200.0], [800.0, 1200.0]))
    both = mean_observation([early.result.observation, late.result.observation], [1.0, 3.0])
    waiting = early.world.compiled.forecaster.waiting
    found = waiting.boarded(both, np.zeros(1, dtype=np.int64), np.array([[500.0, 700.0]])).board_s[0]
    assert found == pytest.approx([0.25 * 600 + 0.75 * 800, 0.25 * 1200 + 0.75 * 800])


@pytest.mark.parametrize("window_s", [60.0, 900.0])
def test_whoever_stays_is_costed_at_their_own_moment(window_s: float) -> None:
    """Without crowding or queues, staying costs to the bit what each commuter paid."""
    line = bus_line("L", "ABC", [120, 180], range(300, 12000, 300))
    scenario = world(
        [line],
        [flow("A", "C", 600, 9000, 40), flow("B", "C", 600, 9000, 40)],
        {"bus": {**INSTANT_BUS, "seats": 100, "capacity": 100}},
        advisor={"window": window_s},
        preferences={"crowding": {"kind": "none"}},
    )
    day = Observed.of(scenario)
    people, compiled = day.world.population, day.world.compiled
    who = np.arange(len(people))
    candidates = candidate_windows(people, who, compiled.forecaster)
    weights, habit_s = scenario.parameters.preferences, people.habitual_departure_s
    everything = people, weights, compiled.forecaster, day.result.observation, candidates
    costs = window_costs(*everything, habit_s)
    column = window_of(habit_s, window_s) - candidates.window[:, 0]
    assert costs.own_min[who, column] == pytest.approx(day.result.costs.generalized_cost_min)
    # On average over a window it is another number: people do not meet their vehicle there.
    assert np.abs(window_costs(*everything).own_min[who, column] - costs.own_min[who, column]).max() > 0.1


def test_coordinated_is_individual_where_nobody_is_in_the_way() -> None:
    """Without crowding or queues the best for all is the best for each, person by person."""
    scenario = world(
        [bus_line("L", "ABC", [120, 180], range(300, 12000, 400))],
        [flow("A", "C", 600, 9000, 40), flow("B", "C", 600, 9000, 40)],
        {"bus": {**INSTANT_BUS, "seats": 100, "capacity": 100}},
        advisor={"window": 300.0, "penetration": 1.0, "compliance": 1.0},
        preferences={"crowding": {"kind": "none"}},
        period=300.0,
        days=3,
    )
    cost = sim.compare(scenario, ["none", "individual", "coordinated"]).summary["strategies"]
    none, own, joint = (
        cost[name]["mean_generalized_cost_min"]["mean"] for name in ("none", "individual", "coordinated")
    )
    assert own < none
    assert joint == pytest.approx(own)


@st.composite
def punctual_networks(draw: st.DrawFn) -> Scenario:
    """Lines that cross, with full vehicles, on which one more commuter holds nobody up."""
    its_lines = draw(lines())
    served = sorted({stop for line in its_lines for stop in line["stops"]})
    kind = {**INSTANT_BUS, "seats": 0, "capacity": draw(st.integers(1, 12))}
    routing = draw(st.sampled_from(["frequency", "strategy"]))
    return world(its_lines, draw(flows(served)), {"bus": kind}, journeys={"routing": routing, "transfer_walk": 60})


@settings(max_examples=40, deadline=None)
@given(punctual_networks())
def test_a_traced_journey_is_what_one_more_commuter_lives(scenario: Scenario) -> None:
    """On random networks, with transfers and strategies, over any line that comes first.

    Lines that are boarded at some hours only are left out: traces, like forecasts, board them all day.
    """
    day = Observed.of(scenario)
    legs = day.world.compiled.options.legs
    assume(np.isinf(legs.from_s).all() and np.isinf(legs.until_s).all())
    observation, compiled = day.result.observation, day.world.compiled
    ((_, boardings),) = observation.days
    arrivals_s = day.result.records.visit_arrival_s
    start_s = float(np.nanmin(arrivals_s, initial=0.0))
    for option in np.flatnonzero(compiled.options.has_legs())[:4].tolist():
        leave_s = start_s + np.array([37.0, 411.0, 1203.0])
        every = np.full(len(leave_s), option)
        waiting = compiled.forecaster.waiting
        found = traced_rides(compiled.options, waiting, boardings, arrivals_s, every, leave_s)
        lived = [day.with_one_more(option, time_s) for time_s in leave_s.tolist()]
        assert found.arrival_s == pytest.approx(np.array([one.arrival_s for one in lived]), nan_ok=True)
        arrives = np.isfinite(found.arrival_s)
        wait_s, ride_s = (
            found.by_person(found.board_s - found.joined_s),
            found.by_person(found.alight_s - found.board_s),
        )
        assert wait_s[arrives] == pytest.approx(np.array([one.wait_s for one in lived])[arrives])
        assert ride_s[arrives] == pytest.approx(np.array([one.in_vehicle_s for one in lived])[arrives])
        assert (found.coming_s[arrives] <= wait_s[arrives] + 1e-9).all()
