"""What one more rider is said to cost others against what others pay more on the same day with that rider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.worlds import INSTANT_BUS, Day, Rider, bus_line, flow, for_riders, run_day, world

import sim
from sim.experiments.costs_to_others import CostsToOthers
from sim.model.scenario import Scenario
from sim.population.crowding import crowded_ride_s
from sim.population.observation import observe_visits, visit_facts
from sim.population.traced_journeys import traced_rides

TIMES = range(3600, 9001, 600)
SMALL_BUS = {**INSTANT_BUS, "seats": 2, "capacity": 4}
WIDE_BUS = {**INSTANT_BUS, "seats": 200, "capacity": 400}
NO_CROWDING = {"crowding": {"kind": "none"}, "wait_weight": 2}
LINEAR = {"crowding": {"kind": "linear", "slope": 2.0}}


def line_world(preferences: Mapping[str, Any], bus: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> Scenario:
    return world(lines, vehicles={"bus": bus}, period="10 min", preferences=preferences)


def told_min(scenario: Scenario, riders: Sequence[Rider], more: Sequence[Rider]) -> list[float]:
    """Return what each of some more riders is said to cost the others of a day, in minutes."""
    found = []
    for one in more:
        day = run_day(scenario, riders)
        facts = visit_facts(scenario.service, day.records)
        alone = for_riders(scenario, [one])
        seen = observe_visits(alone.points, facts)
        ((_, boardings),) = seen.days
        options, waiting = alone.options, alone.forecaster.waiting
        option = np.array([int(options.cost_min.argmin())])
        rides = traced_rides(
            options, waiting, boardings, facts.arrival_s, option, np.array([one.departure_s], dtype=np.float64)
        )
        found.extend(CostsToOthers(alone, facts, boardings).of(rides).tolist())
    return found


def paid_min(scenario: Scenario, riders: Sequence[Rider], more: Sequence[Rider]) -> list[float]:
    """Return what the others pay more, in waits and on board, where each of some more riders is there."""
    before = of_others_min(scenario, run_day(scenario, riders), len(riders))
    return [of_others_min(scenario, run_day(scenario, [*riders, one]), len(riders)) - before for one in more]


def of_others_min(scenario: Scenario, day: Day, count: int) -> float:
    preferences, records = scenario.parameters.preferences, day.records
    crowded_s = crowded_ride_s(scenario.service, preferences.crowding, records)
    on_board_s = crowded_s[records.ride_commuter < count].sum()
    unserved_s = preferences.unserved_penalty_s * np.isnan(records.arrival_s[:count]).sum()
    wait_s = preferences.wait_weight * records.wait_s[:count].sum()
    return float(wait_s + unserved_s + preferences.in_vehicle_weight * on_board_s) / 60.0


def many(times_s: Sequence[float], origin: str = "A", destination: str = "B") -> list[Rider]:
    return [Rider(time_s, origin, destination) for time_s in times_s]


@given(
    leaves_s=st.lists(st.integers(3000, 7000), max_size=25, unique=True),
    more_s=st.integers(3000, 7000),
)
def test_a_queue_costs_others_what_they_wait_longer(leaves_s: list[int], more_s: int) -> None:
    """Buses of four places every ten minutes: whoever is there before others makes each bus leave another one behind.

    All vehicles after 02:00 are empty, so that every queue clears.
    """
    scenario = line_world(NO_CROWDING, SMALL_BUS, [bus_line("L", "AB", [600], TIMES)])
    riders, more = many(sorted(leaves_s)), many([more_s + 0.5])
    assert told_min(scenario, riders, more) == pytest.approx(paid_min(scenario, riders, more), abs=1e-9)


@given(
    leaves_s=st.lists(st.integers(3000, 7000), max_size=25, unique=True),
    more_s=st.integers(3000, 7000),
)
def test_whoever_is_left_behind_takes_whatever_line_comes_next(leaves_s: list[int], more_s: int) -> None:
    """Two lines from the same stop to the same stop, of which either will do, one five minutes after the other."""
    others = [time_s + 300 for time_s in TIMES]
    lines = [bus_line("L", "AB", [600], TIMES), bus_line("M", "AB", [600], others)]
    scenario = line_world(NO_CROWDING, SMALL_BUS, lines)
    riders, more = many(sorted(leaves_s)), many([more_s + 0.5])
    assert told_min(scenario, riders, more) == pytest.approx(paid_min(scenario, riders, more), abs=1e-9)


@given(
    leaves_s=st.lists(
        st.tuples(st.integers(3000, 8000), st.sampled_from(["AB", "AC", "BC"])),
        max_size=25,
        unique_by=lambda one: one[0],
    ),
    more=st.tuples(st.integers(3000, 8000), st.sampled_from(["AB", "AC", "BC"])),
)
def test_crowding_costs_others_what_they_weigh_more(leaves_s: list[tuple[int, str]], more: tuple[int, str]) -> None:
    scenario = line_world(LINEAR, WIDE_BUS, [bus_line("L", "ABC", [600, 900], TIMES)])
    riders = [Rider(time_s, *ends) for time_s, ends in sorted(leaves_s)]
    one = [Rider(more[0] + 0.5, *more[1])]
    assert told_min(scenario, riders, one) == pytest.approx(paid_min(scenario, riders, one), abs=1e-9)


def test_whoever_rides_on_takes_a_place_where_the_vehicle_is_full_further_on() -> None:
    """Four board at B, and more wait there; whoever boards the empty bus at A leaves one of them behind."""
    scenario = line_world(NO_CROWDING, SMALL_BUS, [bus_line("L", "ABC", [600, 600], TIMES)])
    riders = many([4000 + 10 * number for number in range(9)], "B", "C")
    # They take the buses that are at B at 4200, 4800 and 5400, the last of them alone.
    far, near = [Rider(time_s, "A", "C") for time_s in (3500, 4100, 4700, 5300)], [Rider(3500, "A", "B")]
    assert paid_min(scenario, riders, far) == pytest.approx([40.0, 20.0, 0.0, 0.0])
    assert told_min(scenario, riders, far) == pytest.approx([40.0, 20.0, 0.0, 0.0])
    assert told_min(scenario, riders, near) == paid_min(scenario, riders, near) == [0.0]


def test_whoever_changes_vehicles_costs_others_on_both() -> None:
    lines = [bus_line("L", "AB", [600], TIMES), bus_line("M", "BC", [600], [time_s + 700 for time_s in TIMES])]
    scenario = line_world(NO_CROWDING, SMALL_BUS, lines)
    riders = [*many([4000 + 10 * number for number in range(4)]), *many(range(4850, 4855), "B", "C")]
    more = [Rider(3900, "A", "C")]
    # Somebody waits for ten minutes more at A, and at B for ten minutes more.
    assert told_min(scenario, riders, more) == pytest.approx([40.0])
    assert paid_min(scenario, riders, more) == pytest.approx([40.0])


def test_whoever_takes_the_last_place_of_the_last_vehicle_costs_somebody_their_journey() -> None:
    scenario = line_world({**NO_CROWDING, "unserved_penalty": "3 h"}, SMALL_BUS, [bus_line("L", "AB", [600], TIMES)])
    riders = many([8000 + 10 * number for number in range(8)])
    # The buses of 02:20 and 02:30 are the last two, and full: one waits ten minutes more and one gets nowhere.
    assert told_min(scenario, riders, many([7900, 8045])) == pytest.approx([20.0 + 180.0, 180.0])


def test_nobody_is_told_to_cost_others_the_queue_for_the_next_vehicle() -> None:
    """A bus of 40 places every ten minutes: that of 01:30 leaves with 28 riders, and a queue builds up after it.

    Whoever takes it makes it more crowded, and nobody wait. Read off means by period they were told of the queue for
    the buses behind it: 71 min in place of 8.
    """
    bus = {**INSTANT_BUS, "seats": 20, "capacity": 40}
    lines = [bus_line("L", "AB", [1200], range(3000, 9601, 600))]
    flows = [flow("A", "B", 3000, 4800, 24, "even"), flow("A", "B", 5100, 7500, 220, "even")]
    scenario = world(lines, flows, {"bus": bus}, period="15 min", advisor={"window": "5 min"})
    windows = sim.advise(sim.run(scenario), "A", "B", arrive_by=8000, usual=5700, earlier="40 min", later="40 min")
    others_min = {option.window_start_s: option.others_cost_min for option in windows}
    assert others_min[5100] < 10.0, others_min
    assert others_min[5400] > 60.0, others_min
