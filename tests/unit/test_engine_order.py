"""The order of vehicles within one instant, by block; and steps that are taken at once or one by one."""

from __future__ import annotations

import importlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.both_engines import differences
from support.featured_worlds import featured_worlds
from support.worlds import Rider, bus_line, run_day, slowed, world

from sim.advisor.loop import ReplicationWorld, compile_scenario
from sim.engine.day_arrays import start_of_day
from sim.engine.simulate import run_simpy
from sim.engine.vehicle import served_at_once

BOARDS_SLOWLY = {"seats": 5, "capacity": 5, "dwell_rule": "sum", "dead_time": 0, "boarding": 12, "alighting": 0}
BY_BLOCK = {"boarding_rule": "during_dwell"}


def test_a_vehicle_behind_another_acts_after_those_of_lower_blocks_when_the_way_is_free() -> None:
    lines = [
        bus_line("L", "ABC", [100, 100], [600, 620]),
        bus_line("M", "DBE", [100, 100], [610]),
    ]
    # The bus of 600 stands at B from 700 to 760, that of 620 behind it from 720 on. The bus of 610 comes at 760.
    service = {**BY_BLOCK, "overtaking": False, "stops": {"E": {"berths": 9}}}
    riders = [Rider(650, "B", "C")] * 5 + [Rider(605, "D", "C")]
    # By the timetable the bus of 610 is there at 710, in time for the change to that of 620; it is 38 s late.
    scenario = world(lines, vehicles={"bus": BOARDS_SLOWLY}, service=service)
    day = run_day(scenario, riders, slowed(scenario, {("M-0001", 0): 1.38}))
    assert day.times("L-0001")[1] == (700, 760)
    assert day.times("M-0001")[1] == (760, 760)
    assert day.rider(5).trips == ["M-0001", "L-0002"]
    assert day.times("L-0002")[1] == (720, 772)  # free at 760, when people from the bus of 610 step in


def test_a_vehicle_that_is_given_a_berth_acts_after_those_of_lower_blocks() -> None:
    line = bus_line("L", "ABC", [100, 100], [600, 612, 620])
    # Two berths: the bus of 600 fills up until 760, that of 612 lets four in until 760, that of 620 waits for a berth.
    riders = [Rider(650, "B", "C")] * 9 + [Rider(760, "B", "C")]
    service = {**BY_BLOCK, "stops": {"B": {"berths": 2}}}
    day = run_day(world([line], vehicles={"bus": BOARDS_SLOWLY}, service=service), riders)
    assert [times[0] for times in (day.times(f"L-000{trip}")[1] for trip in (1, 2, 3))] == [700, 712, 760]
    assert day.rider(9).trips == ["L-0002"]
    assert day.calls("L-0003")[1].boardings == 0


def test_a_vehicle_that_is_given_a_berth_is_offered_after_one_that_stood_there_before() -> None:
    line = bus_line("L", "ABC", [100, 100], [600, 610, 612])
    service = {**BY_BLOCK, "stops": {"B": {"berths": 2}}}
    scenario = world([line], vehicles={"bus": BOARDS_SLOWLY}, service=service)
    # The bus of 610 comes at 730 and waits; it acts first at 760, but that of 612 has had its doors open since 712.
    riders = [Rider(650, "B", "C")] * 9 + [Rider(760, "B", "C")]
    day = run_day(scenario, riders, slowed(scenario, {("L-0002", 0): 1.2}))
    assert [day.times(f"L-000{trip}")[1] for trip in (1, 2, 3)] == [(700, 760), (760, 760), (712, 772)]
    assert day.rider(9).trips == ["L-0003"]


@given(featured_worlds(), st.integers(0, 3))
def test_a_stop_served_at_once_or_step_by_step_gives_the_same_day(scenario, every):
    world_ = ReplicationWorld.create(compile_scenario(scenario), 0)
    engine_input, people = world_.compiled.engine_input, world_.population
    start = start_of_day(engine_input, people.habitual_departure_s, people.journeys, people.chain)
    usual = run_simpy(engine_input, world_.variates_of(0), start)

    def some_at_once(of_input):
        positions = np.arange(len(of_input.positions.stop))
        return served_at_once(of_input) & (positions % 3 < every)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importlib.import_module("sim.engine.vehicle"), "served_at_once", some_at_once)
        assert differences(usual, run_simpy(engine_input, world_.variates_of(0), start)) == []
