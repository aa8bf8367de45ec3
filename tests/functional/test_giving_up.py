"""People who wait too long give up: what they are told, what they learn and what advice is worth know of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.observed import Lived, Observed
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim
from sim.model.parameters import PreferenceParameters
from sim.model.scenario import Scenario
from sim.population.moments import leaving_at_min
from sim.population.schedule_cost import schedule_cost_min
from sim.population.service_points import SAMPLES_PER_PERIOD
from sim.population.traced_journeys import DayTraffic
from sim.population.windows import anywhere_min

WINDOW_S = 600.0
WISH_S = 5400.0


@st.composite
def impatient(draw: st.DrawFn, feeder: bool = False) -> Scenario:
    """A line with full buses, and a feeder to it; what is felt is time alone, so that nothing is averaged away.

    One commuter alone takes the feeder by themselves: of several who change from it nobody is first in the queue.
    """
    headway_s = draw(st.sampled_from([200, 500]))
    lines = [bus_line("L", "ABC", [60, draw(st.sampled_from([100, 400]))], range(250, 9000, headway_s))]
    lines += [bus_line("F", "DB", [120], range(100, 9000, 700))] if feeder else []
    flows = [flow(pair[0], pair[1], 0, 5000, draw(st.integers(1, 60))) for pair in ("AC", "AB", "BC")]
    flows += [flow("D", "C", 0, 10, 1)] if feeder else []
    return world(
        lines,
        flows,
        {"bus": {**INSTANT_BUS, "seats": 0, "capacity": draw(st.integers(2, 8))}},
        preferences={"crowding": {"kind": "none"}, "in_vehicle_weight": 1.5},
        behaviour={"patience": draw(st.sampled_from([0, 90, 300, 600, 900]))},
        advisor={"window": WINDOW_S},
        period=WINDOW_S,
        seed=draw(st.integers(0, 1000)),
    )


def travel_min(weights: PreferenceParameters, lived: Lived) -> float:
    """What a day without walks cost, without being early or late."""
    cost_s = weights.wait_weight * lived.wait_s + weights.in_vehicle_weight * lived.in_vehicle_s
    cost_s += weights.transfer_penalty_s * lived.transfers
    return (cost_s + (0.0 if np.isfinite(lived.arrival_s) else weights.unserved_penalty_s)) / 60.0


def paid_min(weights: PreferenceParameters, lived: Lived) -> float:
    """What a day without walks cost."""
    arrives_s = WISH_S if np.isnan(lived.arrival_s) else lived.arrival_s
    return travel_min(weights, lived) + float(schedule_cost_min(weights, np.array(arrives_s), np.array(WISH_S)))


@settings(max_examples=20)
@given(impatient())
def test_people_are_told_what_giving_up_costs_them(scenario: Scenario) -> None:
    """Forecasts of a window and of a moment in it are what one more commuter pays, whether they give up or not.

    Would fail if whoever waits too long were told of a journey that they do not make, or paid for a wait longer than
    their patience, or if the penalty were on top of being late.
    """
    day = Observed.of(scenario)
    forecaster, weights = day.world.compiled.forecaster, scenario.parameters.preferences
    one, wish = np.ones(1), np.array([WISH_S])
    for option in range(len(day.world.compiled.options.cost_min)):
        for window in range(0, 8, 2):
            case = np.zeros(1, dtype=np.int64)
            seen = day.result.observation
            told = forecaster.forecast(seen, forecaster.cases(np.array([option]), np.array([window])))
            leave = [(window + (n + 0.5) / SAMPLES_PER_PERIOD) * WINDOW_S for n in range(SAMPLES_PER_PERIOD)]
            lived = [day.with_one_more(option, time_s) for time_s in leave]
            paid = [paid_min(weights, each) for each in lived]
            mean_min = anywhere_min(weights, told.places, told.travel_cost_min, case[None], wish, one, one)
            assert mean_min[0, 0] == pytest.approx(np.mean(paid))
            assert told.lost_share[0] == pytest.approx(np.mean([not each.boarded for each in lived]))
            for time_s, cost_min in zip(leave, paid, strict=True):
                own_min = leaving_at_min(weights, forecaster, (seen, told), case, np.array([time_s]), (wish, one, one))
                assert own_min[0] == pytest.approx(cost_min)


@settings(max_examples=20)
@given(impatient(feeder=True))
def test_whoever_gives_up_is_not_followed_onto_a_later_vehicle(scenario: Scenario) -> None:
    """Riding along with a day tells to the second what one more commuter meets, also where they give up or change."""
    day = Observed.of(scenario)
    compiled, weights = day.world.compiled, scenario.parameters.preferences
    ((_, boardings),) = day.result.observation.days
    traffic = DayTraffic.of(scenario.service, weights, day.result.records, boardings)
    leave_s = np.arange(150.0, 5400.0, 610.0)
    for option in range(len(compiled.options.cost_min)):
        options = np.full(len(leave_s), option)
        told = traffic.rides(compiled.options, compiled.forecaster.waiting, options, leave_s)
        cost_min = traffic.travel_min(weights, told)
        for row, time_s in enumerate(leave_s):
            lived = day.with_one_more(option, float(time_s))
            assert np.array_equal(told.arrival_s[row], lived.arrival_s, equal_nan=True)
            assert told.left_behind[row] == (lived.denied > 0)
            assert cost_min[row] == pytest.approx(travel_min(weights, lived))


@settings(max_examples=20)
@given(st.integers(0, 1400), st.sampled_from([700, 900, 1200]))
def test_people_are_told_that_they_may_give_up_where_they_change(begins_s: int, patience_s: int) -> None:
    """On average over the moments of the period in which they change: what they paid so far, and what follows.

    Would fail if only those were told that they may give up who do so at their first stop.
    """
    lines = [bus_line("F", "DB", [120], range(100, 9000, 700)), bus_line("L", "BC", [60], range(begins_s, 12000, 1500))]
    scenario = world(
        lines,
        [flow("B", "C", 0, 10, 1), flow("D", "C", 0, 10, 1)],
        behaviour={"patience": patience_s},
        advisor={"window": WINDOW_S},
        period=WINDOW_S,
    )
    day = Observed.of(scenario)
    compiled, weights = day.world.compiled, scenario.parameters.preferences
    by_pair = dict(zip(map(tuple, compiled.options.pairs.tolist()), compiled.options.option_ptr.tolist(), strict=False))
    from_b, from_d = (by_pair[tuple(scenario.network.stop_index[stop] for stop in pair)] for pair in ("BC", "DC"))
    for window in range(2, 8):
        cases = compiled.forecaster.cases(np.array([from_d]), np.array([window]))
        told = compiled.forecaster.forecast(day.result.observation, cases)
        leave_s = [(window + (n + 0.5) / SAMPLES_PER_PERIOD) * WINDOW_S for n in range(SAMPLES_PER_PERIOD)]
        wait_s = np.mean([(100.0 - time_s) % 700.0 for time_s in leave_s])
        changes_s = leave_s[2] + wait_s + 120.0
        period = changes_s // WINDOW_S
        follows = [
            travel_min(weights, lived) + (weights.transfer_penalty_s / 60.0 if lived.boarded else 0.0)
            for n in range(SAMPLES_PER_PERIOD)
            for lived in [day.with_one_more(from_b, float((period + (n + 0.5) / SAMPLES_PER_PERIOD) * WINDOW_S))]
        ]
        before_min = (weights.wait_weight * wait_s + weights.in_vehicle_weight * 120.0) / 60.0
        assert told.travel_cost_min[0] == pytest.approx(before_min + np.mean(follows))
        assert told.lost_share[0] == 0.0


@pytest.mark.parametrize("strategy", ["same_for_all", "individual"])
def test_as_many_followers_arrive_and_sit_as_were_told_where_many_give_up(strategy: str) -> None:
    """Would fail if they were followed onto vehicles that they do not wait for: 5 points of places, 7 of seats."""
    flows = [flow(pair[0], pair[1], 25200, 28800, count) for pair, count in (("AC", 128), ("BC", 48), ("AB", 16))]
    scenario = world(
        [bus_line("L", "ABC", [300, 300], np.arange(24000.0, 43200.0, 600.0))],
        flows,
        {"bus": {**INSTANT_BUS, "seats": 8, "capacity": 20}},
        behaviour={"patience": 900.0},
        advisor={"window": 600.0, "penetration": 0.5, "compliance": 1},
        days=3,
        days_kept=1,
    )
    table = sim.run(scenario, strategy=strategy, replications=12).tables["forecasts"]
    assert len(table["sat"]) > 1000
    pairs = (
        ("first_vehicle_share", "took_first_vehicle"),
        ("seat_share", "sat"),
        ("on_time_share", "was_on_time"),
    )
    for share, met in pairs:
        assert float(table[share].mean()) == pytest.approx(float(np.mean(table[met])), abs=0.015)
