"""Windows for one traveller, on a line whose buses run like clockwork."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support.worlds import bus_line, flow, world

import sim
from sim.api import RunResult
from sim.errors import UnknownNameError
from sim.experiments.window_options import WindowOption

HEADWAY_S, RIDE_S, FIRST_S, LAST_S = 600, 300, 3600, 9000


@pytest.fixture(scope="module")
def result() -> RunResult:
    """A bus every 10 min on the full 10 min from A to B, nowhere else a vehicle, and hardly anybody on it."""
    departures = range(FIRST_S, LAST_S + 1, HEADWAY_S)
    scenario = world(
        [bus_line("L", "AB", [RIDE_S], departures), bus_line("M", "CD", [60], [0])],
        [flow("A", "B", 4000, 8000, 30), flow("C", "D", 0, 1, 1)],
        period="10 min",
        network={
            "lines": [bus_line("L", "AB", [RIDE_S], departures), bus_line("M", "CD", [60], [0])],
            "stops": [{"id": name, "x": 10.0 * place, "y": 0.0} for place, name in enumerate("ABCDE")],
        },
        advisor={"window": HEADWAY_S},
    )
    return sim.run(scenario, replications=2)


def starts(options: list[WindowOption]) -> list[float]:
    return sorted(option.window_start_s for option in options)


def advised(result: RunResult, arrive_by: float, **more: Any) -> list[WindowOption]:
    return sim.advise(result, "A", "B", arrive_by, **more)


def test_whoever_leaves_in_a_window_takes_the_bus_at_its_end(result: RunResult) -> None:
    by_start = {option.window_start_s: option for option in advised(result, 5400 + RIDE_S + 1)}
    best = by_start[4800.0]
    assert best is max(by_start.values(), key=lambda option: -option.generalized_cost_min)
    assert best.door_to_door_min == pytest.approx((HEADWAY_S / 2 + RIDE_S) / 60.0)
    assert (best.on_time_share, best.lost_share, best.denied_share) == (1.0, 0.0, 0.0)
    # All who leave in the window meet the same bus: the spread is that of a uniform wait, at five places.
    assert best.door_to_door_sd_min == pytest.approx(HEADWAY_S / 60.0 / 12**0.5 * (1 - 1 / 5**2) ** 0.5)
    assert best.occupancy == "EMPTY" if best.load_factor < 0.05 else best.occupancy == "MANY_SEATS_AVAILABLE"
    assert by_start[5400.0].on_time_share == 0.0


def test_flexibility_bounds_the_windows(result: RunResult) -> None:
    aim_s = 6000.0
    some = starts(advised(result, aim_s + RIDE_S, earlier="20 min", later=600))
    assert some == [4800.0, 5400.0, 6000.0, 6600.0]
    assert set(some) < set(starts(advised(result, aim_s + RIDE_S)))
    with pytest.raises(ValueError, match="negative"):
        advised(result, aim_s, earlier=-60)


def test_there_is_no_window_after_the_last_bus(result: RunResult) -> None:
    found = advised(result, LAST_S + RIDE_S + 600)
    assert starts(found)[-1] == LAST_S - HEADWAY_S
    with pytest.raises(UnknownNameError, match=r"around the time wished; departure windows begin from 00:50 to 02:20"):
        advised(result, LAST_S + RIDE_S + 7200)


def test_whoever_arrives_at_the_minute_wished_is_told_so(result: RunResult) -> None:
    """The bus is there on the full 10 min and 5: an aim of that time is neither missed nor come before."""
    reasons = [option.reason for option in advised(result, 6000 + RIDE_S)]
    assert sum("arrives about 01:45, the time wished" in reason for reason in reasons) == 1
    assert not any(", 0 min " in reason for reason in reasons)
    assert any("10 min before the time wished" in reason for reason in reasons)


def test_nobody_is_told_to_wait_for_the_first_bus_longer_than_needed(result: RunResult) -> None:
    assert starts(advised(result, FIRST_S + RIDE_S))[0] == FIRST_S - HEADWAY_S


@pytest.mark.parametrize(
    ("origin", "destination", "words"),
    [
        ("B", "A", "no journey leads from B to A with the transfers allowed; one leads from A to B"),
        ("A", "E", "no line serves E"),
        ("A", "D", "no journey leads from A to D with the transfers allowed$"),
        ("A", "A", "begins and ends at the same stop, A"),
    ],
)
def test_why_there_is_no_journey(result: RunResult, origin: str, destination: str, words: str) -> None:
    with pytest.raises(UnknownNameError, match=words):
        sim.advise(result, origin, destination, 6000.0)


def test_nobody_is_told_of_a_vehicle_that_others_miss() -> None:
    """Pods of one place leave every 10 min until 8:20; of four people who come from 7:51 to 7:59 the last gets none.

    Whoever leaves a minute before one that nobody has come for pays 20 min on board, half a minute of waiting
    and for coming early, and nothing of what that last one pays, who leaves in the same quarter of an hour.
    """
    line = bus_line("L", "AB", [1200], range(25_200 + 1800, 25_200 + 4801, 600), vehicle="pod")
    pod = {"pod": {"seats": 1, "capacity": 1, "dwell_rule": "constant", "dead_time": 0}}
    people = flow("A", "B", 28_200, 28_800, 4, placement="even", preferred_arrival=30_000)
    calm = {"crowding": {"kind": "none"}}
    scenario = world([line], [people], pod, period="15 min", advisor={"window": 60}, preferences=calm)
    told = {option.window_start_s: option for option in sim.advise(scenario, "A", "B", 30_000)}
    last = told[28_140.0]
    assert (last.lost_share, last.on_time_share) == (0.0, 1.0)
    assert last.generalized_cost_min == pytest.approx(20 + 0.5 * 1.7 + 10 * 0.61)
    assert last is min(told.values(), key=lambda option: option.generalized_cost_min)


@pytest.mark.parametrize("hours", [24, 36])
def test_windows_after_whose_middle_no_vehicle_runs_are_told_as_too_wide(hours: int) -> None:
    line = bus_line("L", "AB", [RIDE_S], range(FIRST_S, LAST_S + 1, HEADWAY_S))
    scenario = world([line], [flow("A", "B", 4000, 8000, 30)], days=1, advisor={"window": f"{hours} h"})
    with pytest.raises(UnknownNameError, match=rf"windows are {hours * 60} min wide \(advisor.window\), so that no"):
        sim.advise(scenario, "A", "B", 6000.0)


@pytest.mark.parametrize("width_min", [15, 60])
def test_where_all_give_up_waiting_that_is_why(width_min: int) -> None:
    """Would catch people who are told that no vehicle has room, where nobody waits for it."""
    line = bus_line("L", "AB", [RIDE_S], range(FIRST_S, 36_000, 3600))
    sections = {"advisor": {"window": f"{width_min} min"}, "behaviour": {"patience": "1 min"}}
    result = sim.run(world([line], [flow("A", "B", 4000, 20_000, 60)], days=2, **sections))
    with pytest.raises(
        UnknownNameError, match=r"from A to B people wait on average longer .* the 1 min after which they g"
    ):
        sim.advise(result, "A", "B", 15_000.0)
    with pytest.raises(UnknownNameError, match="no journey leads from B to A"):
        sim.advise(result, "B", "A", 15_000.0)


def test_a_window_that_holds_the_end_of_the_day_is_among_those_named() -> None:
    """The day ends before the first window does; the last bus leaves after its middle at 02:30."""
    line = bus_line("L", "AB", [RIDE_S], range(FIRST_S, LAST_S + HEADWAY_S + 1, HEADWAY_S))
    scenario = world([line], [flow("A", "B", 4000, 8000, 30)], days=1, advisor={"window": "5 h"})
    with pytest.raises(UnknownNameError, match="departure windows begin from 00:00 to 00:00"):
        sim.advise(scenario, "A", "B", leave_after=30_000)


def test_the_way_back_of_others_does_not_matter() -> None:
    departures = range(600, 9000, 600)
    lines = [bus_line("L", "AB", [300], departures), bus_line("R", "BA", [60], departures)]
    demand = {"flows": [flow("A", "B", 3000, 5000, 20)], "return_leg": {"share": 1, "stay": 1800, "stay_spread": 0}}
    options = sim.advise(world(lines, demand=demand, days=1), "A", "B", 5000.0)
    # The ride back would take a minute.
    assert min(option.door_to_door_min for option in options) >= 5.0


@pytest.mark.parametrize(("usual", "starts_s"), [("07:14:00", 7 * 3600), ("07:14:45", 7 * 3600 - 900)])
def test_whoever_may_miss_the_bus_in_their_window_is_told_of_the_one_before(usual: str, starts_s: float) -> None:
    """The bus of 7:14:30 takes all who leave from 6:45 to then, in windows of 15 min.

    Would catch the window from 6:45 left out for that from 7:00, in which whoever leaves at 7:14:45 waits half an hour.
    """
    line = bus_line("L", "AB", [600], range(5 * 3600 + 870, 10 * 3600, 1800))
    scenario = world([line], [flow("A", "B", 26080, 26090, 4, "even")], preferences={"early_penalty": 1.5})
    result = sim.run(scenario)
    advisor = sim.Advisor(result)
    assert sim.advise(result, "A", "B", "07:30", usual=usual)[0].window_start_s == starts_s
    assert advisor.ask(advisor.request("A", "B", arrive_by="07:30", usual=usual)).window.window_start_s == starts_s


@pytest.mark.parametrize("meets_s", [120, 1080], ids=["meets on time", "just misses"])
def test_connections_cost_what_they_are_met_with(meets_s: int) -> None:
    # A bus every 20 min from A, 10 min to B; another from B on, 2 or 18 min later. Whoever leaves in the window of
    # 20 min before a bus waits 10 min for it on average, and 2 or 18 min at B, never the mean of 10 min.
    first = range(3600, 10800, 1200)
    scenario = world(
        [bus_line("L", "AB", [600], first), bus_line("M", "BC", [600], [leaves + 600 + meets_s for leaves in first])],
        [flow("A", "C", 4000, 8000, 30)],
        period="20 min",
        advisor={"window": 1200},
        preferences={"crowding": {"kind": "none"}},
    )
    wish = 6000 + 1200 + meets_s + 600
    by_start = {option.window_start_s: option for option in sim.advise(sim.run(scenario), "A", "C", wish)}
    option, preferences = by_start[4800.0], scenario.parameters.preferences
    wait_min = (600 + meets_s) / 60
    assert option.wait_min == pytest.approx(wait_min)
    assert option.door_to_door_min == pytest.approx(wait_min + 20)
    of_wait = preferences.wait_weight * wait_min
    transfer_min, early_min = preferences.transfer_penalty_s / 60, preferences.early_penalty * 10
    assert option.generalized_cost_min == pytest.approx(20 + of_wait + transfer_min + early_min, abs=0.05)
    # At the moment at which they usually leave they wait 2 min for the first bus.
    usual = {option.window_start_s: option for option in sim.advise(sim.run(scenario), "A", "C", wish, usual=5880)}
    of_wait = preferences.wait_weight * (2 + meets_s / 60)
    assert usual[4800.0].generalized_cost_min == pytest.approx(20 + of_wait + transfer_min + early_min, abs=0.05)


def test_whoever_may_give_up_is_told_what_riders_pay() -> None:
    """A bus every 20 min, and people who wait 15 min at most: of five moments of a window the first one is too early.

    Would catch that all are told to arrive, and the mean wait at the change to a bus that comes 2 min later.
    """
    first = range(3600, 10800, 1200)
    scenario = world(
        [bus_line("L", "AB", [600], first), bus_line("M", "BC", [600], [leaves + 600 + 120 for leaves in first])],
        [flow("A", "C", 4000, 8000, 30)],
        period="20 min",
        advisor={"window": 1200},
        behaviour={"patience": 900},
        preferences={"crowding": {"kind": "none"}},
    )
    told = {option.window_start_s: option for option in sim.advise(sim.run(scenario), "A", "C", 7920)}
    preferences = scenario.parameters.preferences
    travel_min = 20 + preferences.wait_weight * (8 + 2) + preferences.transfer_penalty_s / 60
    arriving_min = travel_min + preferences.early_penalty * 10
    gives_up_min = preferences.wait_weight * 15 + preferences.unserved_penalty_s / 60
    assert told[4800.0].generalized_cost_min == pytest.approx(0.8 * arriving_min + 0.2 * gives_up_min)
    assert (told[4800.0].lost_share, told[4800.0].wait_min) == (pytest.approx(0.2), pytest.approx(10.0))


@pytest.mark.parametrize("usual", [None, "08:06", "08:03"])
def test_whoever_misses_the_last_bus_is_told_what_they_pay(usual: str | None) -> None:
    """The last bus leaves at 8:05; five people leave at 8:01:30, 8:04:30 and later, and three of them miss it.

    Would catch that those are expected to wait until the observation period ends, and to be late by as much.
    """
    line = bus_line("L", "AB", [1200], range(25_500, 29_101, 900))
    calm = {"crowding": {"kind": "none"}}
    people = flow("A", "B", 28_800, 29_700, 5, placement="even", preferred_arrival=30_300)
    scenario = world([line], [people], period="15 min", advisor={"window": 900}, preferences=calm)
    result = sim.run(scenario)
    journeys = result.tables["journeys"]
    assert journeys["departure_s"].tolist() == [28_890.0, 29_070.0, 29_250.0, 29_430.0, 29_610.0]
    told = {option.window_start_s: option for option in sim.advise(result, "A", "B", 30_300, usual=usual)}
    paid_min = {None: journeys["generalized_cost_min"].mean(), "08:06": 120.0, "08:03": 20 + 2 * 1.7}[usual]
    assert told[28_800.0].generalized_cost_min == pytest.approx(paid_min)
    if usual is None:
        assert paid_min == pytest.approx((2 * (20 + 2 * 1.7) + 3 * 120) / 5)
        assert told[28_800.0].wait_min == pytest.approx(2.0)
        assert told[28_800.0].lost_share == 0.6


def test_whoever_changes_is_told_of_the_connection_of_their_moment() -> None:
    """A bus every 10 min, 10 min to B; trains from there at 7:22 and 7:52.

    Would catch people who meet the bus of 7:10 told of the mean wait of all who leave from 7:00 to 7:30.
    """
    lines = [bus_line("L", "AB", [600], range(24_000, 30_000, 600)), bus_line("M", "BC", [600], [26_520, 28_320])]
    calm = {"crowding": {"kind": "none"}}
    scenario = world(lines, [flow("A", "C", 25_200, 27_000, 10)], advisor={"window": 1800}, preferences=calm)
    told = {option.window_start_s: option for option in sim.advise(sim.run(scenario), "A", "C", "07:32", usual="07:04")}
    transfer_min = scenario.parameters.preferences.transfer_penalty_s / 60
    assert told[25_200.0].generalized_cost_min == pytest.approx(20 + 8 * 1.7 + transfer_min)


@pytest.mark.parametrize("usual", ["07:35", "07:41"])
def test_whoever_is_on_a_vehicle_that_is_repaired_is_told_of_means(usual: str) -> None:
    """The bus of 7:40 breaks down at B, and its riders go on with the next one.

    Would catch them told of no cost at all, or of the penalty of not arriving.
    """
    line = bus_line("L", "ABC", [600, 600], range(25_200, 32_400, 600))
    broken = {"trip": "L-0005", "stop": "B", "duration": 1200, "then": "continue", "blocks": False}
    scenario = world(
        [line],
        [flow("A", "C", 27_000, 27_900, 5, placement="even", preferred_arrival=31_000)],
        period="15 min",
        advisor={"window": 900},
        preferences={"crowding": {"kind": "none"}},
        disruptions={"breakdowns": [broken]},
    )
    result = sim.run(scenario)
    assert (result.tables["journeys"]["arrival_s"] <= 29_400).all()
    told = {option.window_start_s: option for option in sim.advise(result, "A", "C", 31_000, usual=usual)}
    assert 40.0 < told[27_000.0].generalized_cost_min < 75.0


def test_whoever_rides_when_the_day_ends_is_told_of_means() -> None:
    """The observed day ends at 8:12, when people are between C and D, on board of the second bus.

    Would catch them told of no cost at all: nobody knows what they would have paid.
    """
    lines = [bus_line("L", "AC", [1200], range(25_200, 32_400, 600)), bus_line("M", "CD", [600], [29_100])]
    scenario = world(
        lines,
        [flow("A", "D", 27_000, 27_900, 5, placement="even", preferred_arrival=31_000)],
        period="15 min",
        advisor={"window": 900},
        preferences={"crowding": {"kind": "none"}},
        horizon={"end": 29_520},
    )
    result = sim.run(scenario)
    assert np.isnan(result.tables["journeys"]["arrival_s"]).all()
    told = {option.window_start_s: option for option in sim.advise(result, "A", "D", 31_000, earlier="90 min")}
    assert 60.0 < told[26_100.0].generalized_cost_min < 90.0
