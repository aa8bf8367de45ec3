"""What an observation says of waiting is what one more commuter really gets; the rest is counted by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.observed import Observed
from support.worlds import INSTANT_BUS, bus_line, flow, world

from sim.model.scenario import Scenario
from sim.population.observation import fill_nearest, mean_observation, nearest_known
from sim.population.service_points import SAMPLES_PER_PERIOD

PERIOD_S = 300.0


def instants(period: int) -> list[float]:
    return [(period + (number + 0.5) / SAMPLES_PER_PERIOD) * PERIOD_S for number in range(SAMPLES_PER_PERIOD)]


@st.composite
def crowded_lines(draw: st.DrawFn) -> Scenario:
    """A line A-B-C with few places, irregular vehicles and some hundreds of seconds of queue."""
    capacity = draw(st.integers(1, 6))
    departures = sorted(draw(st.lists(st.integers(0, 3000), min_size=2, max_size=12)))
    line = bus_line("L", "ABC", [draw(st.sampled_from([40, 160])), 100], [float(time) + 0.25 for time in departures])
    pairs = draw(st.lists(st.sampled_from(["AB", "AC", "BC"]), min_size=1, max_size=3, unique=True))
    flows = [flow(pair[0], pair[1], draw(st.integers(0, 1500)), 2700, draw(st.integers(1, 25))) for pair in pairs]
    return world(
        [line],
        flows,
        {"bus": {**INSTANT_BUS, "seats": 0, "capacity": capacity, "dead_time": draw(st.sampled_from([0, 7]))}},
        period=PERIOD_S,
        seed=draw(st.integers(0, 10_000)),
    )


@settings(max_examples=25)
@given(crowded_lines())
def test_marginal_wait_is_what_one_more_commuter_gets(scenario: Scenario) -> None:
    observed = Observed.of(scenario)
    seen, options = observed.result.observation, observed.world.compiled.options
    for option, leg in enumerate(options.leg.tolist()):
        origin = scenario.network.stop_id[int(options.legs.board_stop[leg])]
        point = observed.point("L", origin)
        for period in range(int(3000 // PERIOD_S)):
            lived = [observed.with_one_more(option, time_s) for time_s in instants(period)]
            if all(one.boarded for one in lived):
                assert seen.wait_s[point, period] == pytest.approx(np.mean([one.wait_s for one in lived]))
                assert seen.denied_share[point, period] == pytest.approx(np.mean([one.denied > 0 for one in lived]))


def test_marginal_wait_at_a_vehicle_that_is_just_full() -> None:
    """Two of two places are taken by those of 100 and 200; those who come after 200 have to wait for the next."""
    scenario = world(
        [bus_line("L", "AB", [60], [300, 900])],
        [flow("A", "B", 100, 100, 1), flow("A", "B", 200, 200, 1)],
        {"bus": {**INSTANT_BUS, "seats": 0, "capacity": 2}},
        period=PERIOD_S,
    )
    observed = Observed.of(scenario)
    lived = [observed.with_one_more(0, time_s) for time_s in instants(0)]
    assert [one.wait_s for one in lived] == [270, 210, 150, 690, 630]
    seen = observed.result.observation
    point = observed.point("L", "A")
    assert seen.wait_s[point, 0] == pytest.approx(390)
    assert seen.denied_share[point, 0] == pytest.approx(0.4)


def one_day(**sections: Any) -> Observed:
    """Vehicles leave A at 100, 500 and 700 with 3, 1 and 1 of 4 places taken; the last goes on empty from B."""
    flows = [flow("A", "C", 50, 50, 3), flow("A", "C", 400, 400, 1), flow("A", "B", 600, 600, 1)]
    kind = {**INSTANT_BUS, "seats": 0, "capacity": 4}
    return Observed.of(
        world([bus_line("L", "ABC", [60, 90], [100, 500, 700])], flows, {"bus": kind}, period=PERIOD_S, **sections)
    )


def test_loads_and_capacities_are_summed_by_period_of_departure() -> None:
    observed = one_day()
    seen = observed.result.observation
    a, b, c = (observed.point("L", stop) for stop in "ABC")
    assert seen.load[a, :4].tolist() == [3, 1, 1, 0]
    assert seen.capacity[a, :4].tolist() == [4, 4, 4, 0]
    assert seen.load[b, :4].tolist() == [3, 1, 0, 0]  # at 160, 560 and 760
    assert seen.load_factor()[a, :4].tolist() == [0.75, 0.25, 0.25, 0]
    assert seen.capacity[c].sum() == 0  # nobody departs from the last stop


def test_running_time_of_a_period_without_vehicles_is_that_of_the_nearest() -> None:
    scenario = world(
        [bus_line("L", "ABC", [60, 90], [100, 1300])],
        [flow("A", "C", 0, 100, 2)],
        {"bus": INSTANT_BUS},
        period=PERIOD_S,
    )
    observed = Observed.of(scenario)
    running = observed.result.observation.running_s
    assert running[observed.point("L", "A")].tolist() == [60.0] * running.shape[1]
    assert running[observed.point("L", "B")].tolist() == [90.0] * running.shape[1]


def test_queue_lasts_until_a_vehicle_leaves_nobody_behind() -> None:
    """5 want the bus of 300 with 2 places, 3 that of 500, 1 that of 700: a place lost is felt for 400 s."""
    scenario = world(
        [bus_line("L", "AB", [60], [300, 500, 700, 800])],
        [flow("A", "B", 0, 200, 5)],
        {"bus": {**INSTANT_BUS, "seats": 0, "capacity": 2}},
        period=PERIOD_S,
    )
    observed = Observed.of(scenario)
    seen = observed.result.observation
    point = observed.point("L", "A")
    assert seen.queue_s[point, 0] == pytest.approx(400)
    # In the period from 300 the instants 330, 390 and 450 meet the bus of 500, 510 and 570 that of 700.
    assert seen.queue_s[point, 1] == pytest.approx((3 * 200 + 2 * 0) / 5)


@given(st.lists(st.booleans(), min_size=1, max_size=30))
def test_nearest_known_is_nearest(known: list[bool]) -> None:
    (nearest,) = nearest_known(np.array([known]))
    places = [place for place, is_known in enumerate(known) if is_known]
    for column, found in enumerate(nearest.tolist()):
        if places:
            assert found == min(places, key=lambda place: (abs(place - column), place))
        else:
            assert found == column


def test_gaps_are_filled_from_the_nearest_and_rows_without_anything_with_0() -> None:
    nan = np.nan
    filled = fill_nearest(np.array([[nan, 1.0, nan, nan, nan, 5.0], [nan] * 6]))
    assert filled.tolist() == [[1, 1, 1, 1, 5, 5], [0] * 6]


def test_mean_of_observations_is_weighted() -> None:
    observed = one_day()
    seen = observed.result.observation
    twice = mean_observation([seen, seen], [0.3, 0.7])
    assert twice.load == pytest.approx(seen.load)
    other = Observed.of(
        world(
            [bus_line("L", "ABC", [60, 90], [100, 500, 700])],
            [flow("A", "C", 400, 400, 4)],
            {"bus": {**INSTANT_BUS, "seats": 0, "capacity": 4}},
            period=PERIOD_S,
        )
    ).result.observation
    mixed = mean_observation([seen, other], [1.0, 3.0])
    assert mixed.load == pytest.approx(0.25 * seen.load + 0.75 * other.load)
