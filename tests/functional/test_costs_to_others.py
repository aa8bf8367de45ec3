"""What one more rider is said to cost others against what others pay more on the same day with that rider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.worlds import INSTANT_BUS, Day, Rider, bus_line, flow, for_riders, run_day, slowed, world

import sim
from sim.engine import DayVariates
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


def told_min(
    scenario: Scenario, riders: Sequence[Rider], more: Sequence[Rider], draws: DayVariates | None = None
) -> list[float]:
    """Return what each of some more riders is said to cost the others of a day, in minutes."""
    found = []
    for one in more:
        day = run_day(scenario, riders, draws)
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


def paid_min(
    scenario: Scenario, riders: Sequence[Rider], more: Sequence[Rider], draws: DayVariates | None = None
) -> list[float]:
    """Return what the others pay more, in waits and on board, where each of some more riders is there."""
    before = of_others_min(scenario, run_day(scenario, riders, draws), len(riders))
    return [of_others_min(scenario, run_day(scenario, [*riders, one], draws), len(riders)) - before for one in more]


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


STOPPING_BUS = {"seats": 6, "capacity": 400, "dwell_rule": "sum", "dead_time": 0, "boarding": 2, "alighting": 1}


@given(
    leaves_s=st.lists(
        st.tuples(st.integers(5, 14), st.integers(250, 590), st.sampled_from(["AB", "AD", "BD", "CD"])),
        max_size=25,
        unique_by=lambda one: one[:2],
    ),
    more=st.tuples(st.integers(5, 14), st.integers(250, 590), st.sampled_from(["AC", "BC"])),
)
def test_a_longer_stop_costs_whoever_rides_or_waits_further_on(
    leaves_s: list[tuple[int, int, str]], more: tuple[int, int, str]
) -> None:
    """Boarding takes 2 s, 2.5 s past people who stand, and getting out 1 s; nobody comes just after a bus."""
    scenario = line_world(NO_CROWDING, STOPPING_BUS, [bus_line("L", "ABCD", [600, 600, 600], TIMES)])
    riders = [Rider(600 * turn + second, *ends) for turn, second, ends in sorted(leaves_s)]
    one = [Rider(600 * more[0] + more[1] + 0.5, *more[2])]
    assert told_min(scenario, riders, one) == pytest.approx(paid_min(scenario, riders, one), abs=1e-9)


def test_a_vehicle_that_is_held_makes_up_for_whoever_boards() -> None:
    """A bus comes to B a minute before its time, to which it is held or not."""
    lines = [bus_line("L", "ABCD", [600, 600, 600], TIMES)]
    riders = [
        *many([4000, 4010]),
        *many([4000, 4020], "A", "D"),
        *many([4700, 4710], "B", "D"),
        *many([5300], "C", "D"),
    ]
    held, free = (
        world(lines, vehicles={"bus": STOPPING_BUS}, period="10 min", preferences=NO_CROWDING, service=service)
        for service in ({"holding": {"rule": "schedule", "control_stops": ["B"]}}, {})
    )
    more, early = many([4100], "A", "C"), slowed(free, {("L-0002", 0): 0.9})
    # Four ride for 2 s more as far as B, where two wait for 2 s more. It leaves B with four when it does anyhow: they
    # ride for 2 s less from there. It leaves C with five a second later.
    assert told_min(held, riders, more, early) == pytest.approx([(2.0 * (4 + 2 * 2 - 4) + 5.0) / 60.0])
    # Not held, it comes to C 2 s later as well, where one waits.
    assert told_min(free, riders, more, early) == pytest.approx([(2.0 * (4 + 2 * 2 + 2) + 5.0) / 60.0])
    for scenario in (held, free):
        assert told_min(scenario, riders, more, early) == pytest.approx(paid_min(scenario, riders, more, early))


def test_where_people_come_at_any_time_a_delay_costs_those_on_board_alone() -> None:
    """At B somebody comes every 50 s: as many wait for 2 s more as others save, who catch a bus that is a little later.

    Whether anybody catches it hangs on when they come: on average over 25 phases of that it is paid as told, but for
    the second that they wait themselves and for seconds by which they make buses stand longer or shorter.
    """
    scenario = line_world(NO_CROWDING, {**STOPPING_BUS, "alighting": 0}, [bus_line("L", "ABC", [600, 600], TIMES)])
    on_board, more = many([4000, 4010], "A", "C"), many([4150], "A", "C")
    told, paid = [], []
    for phase in range(0, 50, 2):
        riders = [*on_board, *many([time_s + phase for time_s in range(4201, 6600, 50)], "B", "C")]
        told.extend(told_min(scenario, riders, more))
        paid.extend(paid_min(scenario, riders, more))
    assert min(paid) < -15.0
    assert max(paid) > 0.8
    assert np.mean(told) == pytest.approx(2.0 * len(on_board) / 60.0, abs=0.05)
    assert np.mean(paid) == pytest.approx(2.0 * len(on_board) / 60.0, abs=0.05)


@given(
    leaves_s=st.lists(st.integers(3000, 7000), max_size=25, unique=True),
    more_s=st.integers(3000, 7000),
    patience=st.sampled_from([300, 900, 1500]),
)
def test_whoever_is_left_behind_may_give_up(leaves_s: list[int], more_s: int, patience: int) -> None:
    """A ride takes a second, which whoever gives up is spared and nobody is told."""
    scenario = world(
        [bus_line("L", "AB", [1], TIMES)],
        vehicles={"bus": SMALL_BUS},
        period="10 min",
        preferences=NO_CROWDING,
        behaviour={"patience": patience},
    )
    riders, more = many(sorted(leaves_s)), many([more_s + 0.5])
    assert told_min(scenario, riders, more) == pytest.approx(paid_min(scenario, riders, more), abs=1.01 / 60.0)


@given(
    leaves_s=st.lists(st.integers(3000, 7000), max_size=25, unique=True),
    more_s=st.integers(3000, 7000),
)
def test_whoever_is_left_behind_may_have_come_while_a_vehicle_stood(leaves_s: list[int], more_s: int) -> None:
    """Time on board weighs nothing: it is shorter for whoever comes while a bus stands, and nobody is told of that."""
    scenario = world(
        [bus_line("L", "AB", [600], TIMES)],
        vehicles={"bus": {**SMALL_BUS, "dead_time": 120}},
        period="10 min",
        preferences={**NO_CROWDING, "in_vehicle_weight": 0},
        service={"boarding_rule": "during_dwell"},
    )
    riders, more = many(sorted(leaves_s)), many([more_s + 0.5])
    assert told_min(scenario, riders, more) == pytest.approx(paid_min(scenario, riders, more), abs=1e-9)


def test_whoever_takes_a_last_place_makes_no_vehicle_stand_longer() -> None:
    bus = {**STOPPING_BUS, "seats": 2, "capacity": 4, "alighting": 0}
    scenario = line_world(NO_CROWDING, bus, [bus_line("L", "AB", [600], TIMES)])
    riders, more = many([4000 + 10 * number for number in range(4)]), many([3900])
    # One of the four waits for the next bus, ten minutes; the first stands as long as before.
    assert told_min(scenario, riders, more) == pytest.approx([20.0])


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
