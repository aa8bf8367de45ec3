"""People who know at the stop when vehicles will really leave, against searches of their own over what has happened."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from support.both_engines import compare_engines, differences
from support.invariants import check_invariants
from support.worlds import (
    INSTANT_BUS,
    Day,
    Rider,
    bus_line,
    departures_of,
    flow,
    for_riders,
    run_day,
    slowed,
    world,
)

import sim
from sim.engine.day_arrays import DayTrace, start_of_day
from sim.engine.day_variates import DayVariates
from sim.engine.real_time import TIE_S, RealTimeChoices
from sim.engine.simulate import run_simpy
from sim.errors import ScenarioError
from sim.loading.scenario import build_scenario
from sim.model.parameters import ScenarioParameters

ROOMY = {"bus": {**INSTANT_BUS, "seats": 500, "capacity": 500}}
PLAIN = {"wait_weight": 1, "in_vehicle_weight": 1, "walk_weight": 1, "transfer_penalty": 0}


def late_lines():
    """Return an express and a local that come to A from far away and go on to B."""
    return [
        bus_line("express", "WwAB", [1500, 1500, 600], [0]),
        bus_line("local", "VAxB", [2900, 600, 600], [0]),
    ]


def late_express(information: str):
    """Return a world with the two lines alone."""
    return world(late_lines(), [], ROOMY, journeys={"information": information}, preferences=PLAIN, days=1)


@pytest.mark.parametrize(("late_s", "taken"), [(0, "express"), (440, "express"), (560, "local")])
def test_people_take_the_local_once_the_express_is_too_late(late_s: int, taken: str) -> None:
    """Worked by hand: the local leads to B at 4100; the express, due at A at 3000, beats it until it is 500 s late.

    By the timetable alone people let the local go, however late the express is.
    """
    rider = [Rider(2850, "A", "B")]
    known = late_express("real_time")
    draws = slowed(known, {("express-0001", 0): 1 + late_s / 1500})
    assert run_day(known, rider, draws).rider(0).trips == [f"{taken}-0001"]
    planned = late_express("timetable")
    assert run_day(planned, rider, draws).rider(0).trips == ["express-0001"]


def test_a_broken_down_or_cancelled_vehicle_is_not_waited_for() -> None:
    """The express breaks down for good on its way, or is cancelled: the local is taken at once."""
    for disruptions in (
        {"breakdowns": [{"trip": "express-0001", "stop": "W", "duration": 60, "then": "end"}]},
        {"cancelled_trips": ["express-0001"]},
    ):
        raw = late_express("real_time").parameters.model_dump()
        raw["disruptions"].update(disruptions)
        scenario = build_scenario(ScenarioParameters.model_validate(raw), Path())
        rider = run_day(scenario, [Rider(2850, "A", "B")]).rider(0)
        assert rider.trips == ["local-0001"]
        assert rider.outcome == "arrived"


def corridor(random: np.random.Generator):
    """Lines from places of their own, hours away, that come to A, go on to B or C, and reach D in different times."""
    lines, factors = [], {}
    for number in range(6):
        stops, minutes = [f"W{number}", f"w{number}", "A", *("x" * (number % 2)), "BCBBCC"[number], "D"], [120]
        minutes += [30, *random.integers(3, 25, len(stops) - 3).tolist()]
        starts = np.sort(random.choice(np.arange(0, 300), 25, replace=False))
        lines.append(bus_line(f"L{number}", stops, [60 * it for it in minutes], [60 * it for it in starts.tolist()]))
        for trip in range(25):
            factors[f"L{number}-{trip + 1:04d}", 0] = float(random.choice([1.0, 1.0, random.uniform(0.95, 1.2)]))
    return lines, factors


@pytest.mark.parametrize("seed", [0, 2, 4, 5])
def test_whoever_knows_all_delays_arrives_as_early_as_can_be(seed: int) -> None:
    """All vehicles in question are under way, and keep their delays: nobody could have arrived a second earlier.

    The earliest arrival is searched over the recorded times of all vehicles. Both engines run the day, bit for bit.
    """
    random = np.random.default_rng(seed)
    lines, factors = corridor(random)
    scenario = world(lines, [], ROOMY, journeys={"information": "real_time"}, preferences=PLAIN, days=1)
    riders = [Rider(float(at), "A", "D") for at in random.integers(60 * 160, 60 * 270, 60).tolist()]
    draws = slowed(scenario, factors)
    day = run_day(scenario, riders, draws)
    day_of(scenario, riders, draws)
    planned = run_day(world(lines, [], ROOMY, journeys={"information": "timetable"}, preferences=PLAIN), riders, draws)
    for number, rider in enumerate(riders):
        assert day.rider(number).arrival_s == earliest_s(day, rider.departure_s)
    gained = [planned.rider(number).arrival_s - day.rider(number).arrival_s for number in range(len(riders))]
    assert min(gained) >= 0
    assert max(gained) >= 60


def day_of(scenario: sim.Scenario, riders: list[Rider], draws: DayVariates | None = None) -> DayTrace:
    """Run a day by both engines, which have to agree."""
    compiled = for_riders(scenario, riders)
    leaves, chain = departures_of(compiled, riders), sim.model.journeys.JourneyChain.none(len(riders))
    start = start_of_day(compiled.engine_input, leaves.departure_s, leaves.journeys, chain)
    return compare_engines(compiled.engine_input, draws or slowed(scenario, {}), start)


def best_of_all(choices: RealTimeChoices, leg: int, visit: int, time_s: float) -> bool:
    """Tell whether no vehicle is worth more than the one at a visit, out of all that a leg has on the day."""
    rows = range(choices.ptr[leg], choices.ptr[leg + 1])
    mine_s = [choices._cost_s(row, time_s) for row in rows if choices.visit[row] == visit]
    others_s = [
        choices._cost_s(row, time_s)
        for row in rows
        if choices.visit[row] != visit and choices._comes(choices.visit[row])
    ]
    infinite = [float("inf")]
    return not rows or (mine_s or infinite)[-1] <= min(others_s or infinite) + TIE_S


@pytest.mark.parametrize("seed", range(6))
def test_vehicles_that_nobody_looks_at_would_change_nothing(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day where each vehicle is compared with all others of the day is the same, in every bit.

    Vehicles come up to 36 min early and as much late, some are cancelled, break down or lose their stops. Catches a
    search that ends before a vehicle that is worth more, as it would if nobody reckoned with early ones.
    """
    random = np.random.default_rng(seed)
    lines, _ = corridor(random)
    raw = world(lines, [], ROOMY, journeys={"information": "real_time"}, preferences=PLAIN, days=1).parameters
    keys = raw.model_dump()
    keys["disruptions"].update(
        cancelled_trips=["L0-0003", "L4-0009"],
        breakdowns=[{"trip": "L1-0007", "stop": "w1", "duration": 600, "then": ["end", "continue"][seed % 2]}],
    )
    scenario = build_scenario(ScenarioParameters.model_validate(keys), Path())
    factors = {(f"L{n}-{trip + 1:04d}", 0): float(random.uniform(0.7, 1.3)) for n in range(6) for trip in range(25)}
    riders = [Rider(float(at), "A", "D") for at in random.integers(60 * 120, 60 * 400, 150).tolist()]
    few = day_of(scenario, riders, slowed(scenario, factors))
    monkeypatch.setattr(RealTimeChoices, "_is_best", best_of_all)
    compiled = for_riders(scenario, riders)
    leaves, chain = departures_of(compiled, riders), sim.model.journeys.JourneyChain.none(len(riders))
    start = start_of_day(compiled.engine_input, leaves.departure_s, leaves.journeys, chain)
    every = run_simpy(compiled.engine_input, slowed(scenario, factors), start)
    assert not differences(replace(few, queue_compared=every.queue_compared), every)


@pytest.mark.parametrize("late", [1.0, 0.9, 1.1])
def test_twice_the_vehicles_take_twice_the_comparisons(late: float) -> None:
    """Counted, where the day is twice as long with the same headways; catches comparisons with all vehicles of the day.

    These grow fourfold. Vehicles on time, 12 min early and 12 min late; a bus every 5 min leaves few to compare.
    """
    compared = []
    for hours in (6, 12):
        starts = np.arange(0, hours * 3600, 300).tolist()
        lines = [
            bus_line(name, [f"W{name}", f"w{name}", "A", "B"], [7200, 300, 900 + 400 * at], starts)
            for at, name in enumerate("123")
        ]
        scenario = world(lines, [], ROOMY, journeys={"information": "real_time"}, preferences=PLAIN, days=1)
        draws = slowed(scenario, {(f"{name}-{trip + 1:04d}", 0): late for name in "123" for trip in range(len(starts))})
        compared.append(int(day_of(scenario, [Rider(9000, "A", "B")], draws).queue_compared.sum()))
    vehicles = 3 * 12 * 12
    assert 0 < compared[1] < 2.2 * compared[0]
    assert compared[1] < 12 * vehicles


def earliest_s(day: Day, time_s: float) -> float:
    """Return the earliest arrival at D over all vehicles that leave A at a time or later, as they ran."""
    found = float("inf")
    for trip in day.compiled.scenario.service.trip_id:
        calls = day.calls(trip)
        assert all(one.departure_s <= other.arrival_s for one, other in pairwise(calls))
        if calls[2].departure_s >= time_s:
            found = min(found, calls[-1].arrival_s)
    return found


def test_a_missed_connection_counts() -> None:
    """The fast line is late, and its connection at X gone when it would be there: people ride the slow line through.

    On time the fast line leads to B at 4800, the slow one, due before it, at 5560. 700 s late it misses the connection
    and would lead there at 6600.
    """
    lines = [
        bus_line("fast", "WwAX", [1500, 1500, 600], [0]),
        bus_line("on", "XB", [600], [4200, 6000]),
        bus_line("slow", "VAyB", [2960, 1300, 1300], [0]),
    ]
    likes = {**PLAIN, "transfer_penalty": 1}
    scenario = world(lines, [], ROOMY, journeys={"information": "real_time"}, preferences=likes, days=1)
    riders = [Rider(2900, "A", "B")]
    assert run_day(scenario, riders).rider(0).trips == ["fast-0001", "on-0001"]
    draws = slowed(scenario, {("fast-0001", 0): 1 + 700 / 1500})
    assert run_day(scenario, riders, draws).rider(0).trips == ["slow-0001"]


def test_advice_is_given_to_people_with_real_time() -> None:
    """Advice is given, kept, and everybody still arrives."""
    lines = [
        bus_line("E", "WAB", [600, 600], np.arange(0, 7200, 900).tolist()),
        bus_line("L", "VAxB", [600, 600, 300], np.arange(200, 7200, 400).tolist()),
    ]
    scenario = world(
        lines,
        [flow("A", "B", 1800, 3600, 120)],
        {"bus": {**INSTANT_BUS, "seats": 20, "capacity": 30}},
        journeys={"information": "real_time"},
        service={"running_time_noise": {"distribution": "lognormal", "cv": 0.3}},
        days=3,
        advisor={"penetration": 1.0, "compliance": 1.0, "window": 600, "strategy": "individual"},
    )
    result = sim.run(scenario)
    check_invariants(result.tables)
    journeys = result.tables["journeys"]
    assert journeys.equals("outcome", "arrived").all()
    assert journeys["advised"].any()


def test_forecasts_for_people_with_real_time_are_no_worse_than_those_by_the_timetable() -> None:
    """Errors with the same draws; catches forecasts of vehicles that people with real time do not board."""
    error_min = {}
    for information in ("timetable", "real_time"):
        keys = {
            "journeys.information": information,
            "demand.scale": 0.05,
            "days": 3,
            "service.running_time_noise.cv": 0.4,
            "advisor": {"strategy": "individual", "penetration": 1.0, "compliance": 1.0},
        }
        forecasts = sim.run("mandl", replications=1, seed=1, overrides=keys).tables["forecasts"]
        assert len(forecasts) > 500
        error_min[information] = (forecasts["took_min"] - forecasts["door_to_door_min"]).mean()
    assert error_min["real_time"] == pytest.approx(error_min["timetable"], abs=0.1)


@pytest.mark.parametrize(
    ("sections", "words"),
    [
        ({"journeys": {"information": "real_time", "options": 3}}, "options cannot be counted"),
        (
            {"journeys": {"information": "real_time"}, "behaviour": {"on_denied": "reconsider"}},
            "on_denied = reconsider goes by frequencies",
        ),
    ],
)
def test_what_does_not_go_with_real_time_is_refused(sections: dict, words: str) -> None:
    """A scenario that asks for both says which of the two to leave out."""
    with pytest.raises(ScenarioError, match=words):
        sim.load_scenario({"name": "r", "network": {"lines": late_lines()}, **sections})
