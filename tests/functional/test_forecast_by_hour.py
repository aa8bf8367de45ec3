"""Forecasts and advice where lines do not run all day: what people of an hour meet is what runs at that hour."""

from __future__ import annotations

import numpy as np
import pytest
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim
from sim.advisor.loop import ReplicationWorld, compile_scenario, simulate_days
from sim.advisor.registry import strategy_by_name
from sim.population.route_choice import pair_rows

HOUR_S = 3600.0
ALL_DAY = np.arange(6 * HOUR_S, 23 * HOUR_S, 600.0).tolist()
EVENING = np.arange(16 * HOUR_S, 20 * HOUR_S + 1, 300.0).tolist()
BIG = {"bus": {**INSTANT_BUS, "seats": 500, "capacity": 500}}
ROUTINGS = ["frequency", "strategy", "timetable"]


def late_line(feeder):
    """A slow way all day, and a fast line from 16:00 to 20:00; behind a feeder where asked for."""
    lines = [bus_line("slow", "AxyB", [600, 600, 600], ALL_DAY), bus_line("fast", "AB", [600], EVENING)]
    return [bus_line("feeder", "OA", [300], ALL_DAY), *lines] if feeder else lines


def branching():
    """Slow and fast lead to different stops, from which people go on: legs of a strategy."""
    return [
        bus_line("slow", "AM", [1200], ALL_DAY),
        bus_line("onward", "MB", [600], ALL_DAY),
        bus_line("fast", "AN", [300], EVENING),
        bus_line("last", "NB", [300], EVENING),
    ]


def differences_s(lines, origin, hours, routing):
    """Return how much later than forecast people arrive who leave at any time of each window, on average."""
    flows = [flow(origin, "B", 8 * HOUR_S, 9 * HOUR_S, 30), flow(origin, "B", 17 * HOUR_S, 18 * HOUR_S, 30)]
    scenario = world(lines, flows, BIG, journeys={"routing": routing}, days=2, period=300, advisor={"window": 300})
    compiled = compile_scenario(scenario)
    replication = ReplicationWorld.create(compiled, 0)
    observation = next(iter(simulate_days(replication, strategy_by_name("none")))).observation
    window = (np.array(hours) * HOUR_S / 300.0).astype(np.int64)
    start, goal = (np.full(len(window), scenario.network.stop_index[name]) for name in (origin, "B"))
    row = pair_rows(compiled.options, start, goal, (window + 0.5) * 300.0)
    option = compiled.options.option_ptr[row]
    found = compiled.forecaster.forecast(observation, compiled.forecaster.cases(option, window))
    assert (found.lost_share == 0).all()
    return found.arrival_s - (window + 0.5) * 300.0, found.wait_s


@pytest.mark.parametrize("routing", ROUTINGS)
@pytest.mark.parametrize("feeder", [False, True])
def test_forecasts_of_the_morning_know_no_evening_line(routing: str, feeder: bool) -> None:
    """1800 s and half of 600 in the morning, 600 s and half of 300 in the evening; 600 s more behind the feeder.

    Catches waits for any vehicle of a pattern, by which the evening had the slow ride and the morning hours of waiting.
    """
    took_s, wait_s = differences_s(late_line(feeder), "O" if feeder else "A", [8.5, 17.5], routing)
    more_s = 600.0 if feeder else 0.0
    assert took_s[0] == pytest.approx(1800 + 300 + more_s, abs=350)
    assert took_s[1] == pytest.approx(600 + 150 + more_s, abs=350)
    assert wait_s.max() <= 1200


@pytest.mark.parametrize("routing", ROUTINGS)
def test_forecasts_follow_the_way_of_the_hour(routing: str) -> None:
    """Over M 1200 + 600 s and two waits; over N 300 + 300 s and two waits, from stops that differ."""
    took_s, _ = differences_s(branching(), "A", [8.5, 17.5], routing)
    assert took_s[0] == pytest.approx(1800 + 600, abs=620)
    assert took_s[1] == pytest.approx(600 + 300, abs=320)


@pytest.mark.parametrize("routing", ROUTINGS)
def test_advice_of_each_hour_is_what_its_people_meet(routing: str) -> None:
    """The statement of `advise` beside the journeys of those who leave then, at both hours."""
    flows = [flow("A", "B", 8 * HOUR_S, 9 * HOUR_S, 60), flow("A", "B", 17 * HOUR_S, 18 * HOUR_S, 60)]
    scenario = world(late_line(False), flows, BIG, journeys={"routing": routing}, days=2, period=300)
    journeys = sim.run(scenario).tables["journeys"]
    took_min = (journeys["arrival_s"] - journeys["departure_s"]) / 60.0
    early = journeys["departure_s"] < 12 * HOUR_S
    for hour, mine in ((8.75, early), (17.75, ~early)):
        options = sim.advise(scenario, "A", "B", hour * HOUR_S)
        stated = [one.door_to_door_min for one in options]
        assert min(stated) == pytest.approx(took_min[mine].mean(), abs=5.0)
