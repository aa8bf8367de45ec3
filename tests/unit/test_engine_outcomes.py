"""How a day ends for a commuter: every outcome and cause, by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from support.worlds import INSTANT_BUS, Day, Rider, bus_line, for_riders, run_day, slowed, world

from sim.engine import Departures, draw_variates, simulate
from sim.model.outcome import Cause, Outcome
from sim.population.route_choice import chosen_journeys
from sim.randomness import Streams

LINES = [bus_line("L", "ABC", [60, 90], [600, 800]), bus_line("M", "CD", [60], [760, 5000])]


def day_until(end_s: float | None, riders: list[Rider], **sections: Any) -> Day:
    horizon = {} if end_s is None else {"horizon": {"end": end_s}}
    return run_day(world(LINES, **horizon, **sections), riders)


def ending(day: Day, number: int = 0) -> tuple[str, str]:
    return day.rider(number).outcome, day.rider(number).cause


def test_arrived() -> None:
    assert ending(day_until(None, [Rider(0, "A", "C")])) == ("arrived", "")


def test_no_journey_option() -> None:
    compiled = for_riders(world(LINES), [Rider(0, "A", "C")])
    nobody = chosen_journeys(compiled.options, -1 * (compiled.options.option_ptr[1:] > 0))
    departures = Departures(departure_s=nobody.option + 501.0, journeys=nobody)
    day = simulate(compiled.engine_input, departures, draw_variates(compiled.engine_input, Streams(1, 0), 0))
    assert Outcome(day.outcome[0]).table_name == "no_service"
    assert Cause(day.cause[0]).table_name == "no_journey_option"
    assert math.isnan(day.arrival_s[0])
    assert (day.wait_s[0], day.in_vehicle_s[0], day.walk_s[0]) == (0, 0, 0)


def test_last_vehicle_gone() -> None:
    day = day_until(None, [Rider(801, "A", "C")])
    assert ending(day) == ("no_service", "last_vehicle_gone")
    assert math.isnan(day.rider(0).arrival_s)
    assert day.rider(0).trips == [None]
    assert (day.records.ride_board_visit.tolist(), day.records.ride_alight_visit.tolist()) == ([-1], [-1])


def test_last_vehicle_gone_at_a_transfer() -> None:
    """Out at C at 950, after the last M but one; with M ending at 760 the ride so far still counts."""
    lines = [LINES[0], bus_line("M", "CD", [60], [760, 900])]
    day = run_day(world(lines), [Rider(700, "A", "D")])
    rider = day.rider(0)
    assert ending(day) == ("no_service", "last_vehicle_gone")
    assert (rider.in_vehicle_s, rider.wait_s, rider.transfers) == (150, 100, 0)


def test_last_vehicle_full() -> None:
    scenario = world(LINES, vehicles={"bus": {**INSTANT_BUS, "seats": 1, "capacity": 1}})
    day = run_day(scenario, [Rider(610, "A", "C"), Rider(620, "A", "C")])
    assert ending(day, 1) == ("no_service", "last_vehicle_full")
    assert (day.rider(1).wait_s, day.rider(1).denied) == (180, 1)  # until the last vehicle went


def test_patience_exhausted_without_any_vehicle() -> None:
    """Nobody comes in 50 s; the first vehicle is there after 100."""
    day = day_until(None, [Rider(500, "A", "C")], behaviour={"patience": 50})
    assert ending(day) == ("gave_up", "patience_exhausted")
    assert day.rider(0).wait_s == 50


def test_horizon_while_riding() -> None:
    day = day_until(700, [Rider(500, "A", "C")])
    assert ending(day) == ("still_travelling", "horizon_while_riding")
    assert (day.rider(0).wait_s, day.rider(0).in_vehicle_s) == (100, 100)
    assert math.isnan(day.rider(0).alight_s[0])


def test_horizon_while_waiting() -> None:
    day = day_until(700, [Rider(650, "A", "C")])
    assert ending(day) == ("still_travelling", "horizon_while_waiting")
    assert day.rider(0).wait_s == 50


def test_horizon_while_walking() -> None:
    """Due at C at 750 and on foot until 770, in time for M at 780; the bus is 40 s late, and the day ends at 800."""
    lines = [LINES[0], bus_line("M", "CD", [60], [780])]
    scenario = world(lines, horizon={"end": 800}, journeys={"transfer_walk": 20})
    day = run_day(scenario, [Rider(0, "A", "D")], slowed(scenario, {("L-0001", 1): 130 / 90}))
    assert ending(day) == ("still_travelling", "horizon_while_walking")
    assert (day.rider(0).in_vehicle_s, day.rider(0).wait_s) == (190, 600)


def test_horizon_before_leaving() -> None:
    day = day_until(700, [Rider(750, "A", "C")])
    assert ending(day)[0] == "still_travelling"
    assert day.rider(0).wait_s == 0


def test_horizon_before_the_next_vehicle_of_a_transfer() -> None:
    """Both change at C: one in time, the other on a bus due there at 850 that is 60 s late; the day ends at 900."""
    lines = [bus_line("L", "ABC", [60, 90], [600, 700]), bus_line("M", "CD", [60], [760, 890])]
    scenario = world(lines, horizon={"end": 900})
    riders = [Rider(700, "B", "D"), Rider(600, "B", "D")]
    day = run_day(scenario, riders, slowed(scenario, {("L-0002", 1): 150 / 90}))
    assert ending(day, 0) == ("still_travelling", "horizon_while_riding")  # L-0002, until 910
    assert ending(day, 1) == ("arrived", "")  # L-0001 until 750, M-0001 from 760


def test_patience_goes_before_the_horizon() -> None:
    day = day_until(700, [Rider(610, "A", "C"), Rider(660, "A", "C")], behaviour={"patience": 50})
    assert ending(day, 0) == ("gave_up", "patience_exhausted")
    assert ending(day, 1) == ("still_travelling", "horizon_while_waiting")


def test_late_horizon_changes_nothing_for_those_who_arrive() -> None:
    riders = [Rider(0, "A", "C"), Rider(700, "A", "D"), Rider(850, "A", "B")]
    without, late = day_until(None, riders), day_until(9000, riders)
    assert without.riders[:2] == late.riders[:2]
    # Nobody can know whether a vehicle would still have come after the horizon.
    assert ending(without, 2) == ("no_service", "last_vehicle_gone")
    assert ending(late, 2) == ("still_travelling", "horizon_while_waiting")


def test_vehicles_do_not_move_after_the_horizon() -> None:
    day = day_until(820, [Rider(0, "A", "C")])
    assert day.times("L-0002")[0] == (800, 800)
    assert all(math.isnan(moment) for call in day.times("L-0002")[1:] for moment in call)
    assert "M-0002" not in day.compiled.scenario.service.trip_id


def test_who_gets_out_after_the_horizon_is_still_travelling() -> None:
    """The only vehicle is at B at 678, and the 4 in it get out one every 2 s; the day ends at 683."""
    slow = {"seats": 9, "capacity": 9, "dwell_rule": "sum", "dead_time": 6, "boarding": 3, "alighting": 2}
    scenario = world([bus_line("L", "AB", [60], [600])], vehicles={"bus": slow}, horizon={"end": 683})
    day = run_day(scenario, [Rider(0, "A", "B")] * 4)
    assert [rider.outcome for rider in day.riders] == ["arrived", "arrived", "still_travelling", "still_travelling"]


def test_vehicle_that_stands_at_a_stop_at_the_horizon_is_counted() -> None:
    """Doors open at 600 for two, until 610 and no further than the horizon of 605; the next one has not come."""
    slow = {"seats": 9, "capacity": 9, "dwell_rule": "sum", "dead_time": 4, "boarding": 3, "alighting": 2}
    scenario = world(
        [bus_line("L", "ABC", [60, 60], [530])],
        vehicles={"bus": slow},
        service={"boarding_rule": "during_dwell"},
        horizon={"end": 605},
    )
    day = run_day(scenario, [Rider(0, "A", "C"), Rider(500, "B", "C"), Rider(500, "B", "C"), Rider(604.5, "B", "C")])
    call = day.calls("L-0001")[1]
    assert (call.arrival_s, call.departure_s) == (597, 605)
    assert (call.boardings, call.alightings, call.load) == (2, 0, 3)
    assert [rider.cause for rider in day.riders] == ["horizon_while_riding"] * 3 + ["horizon_while_waiting"]


@pytest.mark.parametrize("end_s", [None, 601, 660.5, 700, 790, 801, 900, 5050])
def test_everybody_ends_with_an_outcome_and_a_cause(end_s: float | None) -> None:
    riders = [Rider(float(time_s), *pair) for time_s in range(0, 1000, 50) for pair in ("AB", "AC", "AD", "BD", "CD")]
    scenario = world(
        LINES,
        vehicles={"bus": {**INSTANT_BUS, "seats": 1, "capacity": 7}},
        behaviour={"patience": 400},
        journeys={"transfer_walk": 15},
    )
    parameters = scenario.parameters.model_copy(
        update={"horizon": scenario.parameters.horizon.model_copy(update={"end_s": end_s})}
    )
    day = run_day(replace(scenario, parameters=parameters), riders)
    for rider in day.riders:
        assert (rider.outcome == "arrived") == (rider.cause == "")
        assert (rider.outcome == "arrived") == math.isfinite(rider.arrival_s)
        assert min(rider.wait_s, rider.in_vehicle_s, rider.walk_s) >= 0
        if rider.outcome == "gave_up":
            assert rider.wait_s >= 400
        if end_s is not None and rider.outcome == "arrived":
            assert rider.arrival_s <= end_s


# --- what lies after the horizon --------------------------------------------------------------------------

SLOW_DOORS = {"bus": {"seats": 9, "capacity": 9, "dwell_rule": "sum", "dead_time": 20, "boarding": 0, "alighting": 10}}


def test_nobody_gets_out_after_the_horizon() -> None:
    """At B from 680 on, 3 get out every 10 s; at 695 one of them is out, and one stays for C."""
    day = day_until(695, [*[Rider(0, "A", "B")] * 3, Rider(0, "A", "C")], vehicles=SLOW_DOORS)
    assert [ending(day, number) for number in range(4)] == [
        ("arrived", ""),
        ("still_travelling", "horizon_while_riding"),
        ("still_travelling", "horizon_while_riding"),
        ("still_travelling", "horizon_while_riding"),
    ]
    assert day.rider(0).alight_s == [690]
    assert day.records.ride_alight_visit.tolist() == [1, -1, -1, -1]
    assert math.isnan(day.rider(1).alight_s[0])
    assert [day.rider(number).in_vehicle_s for number in range(4)] == [90, 95, 95, 95]
    assert day.times("L-0001")[1] == (680, 695)
    assert (day.records.visit_alightings[1], day.records.visit_load[1]) == (1, 3)


def test_who_would_be_put_out_after_the_horizon_still_rides() -> None:
    """B is closed, so that riders to B would be out at C, from 770 on, every 10 s: the horizon is 785."""
    closed = {"closed_stops": [{"stop": "B", "start": 0, "end": 2000}]}
    day = day_until(785, [Rider(0, "A", "B")] * 3, vehicles=SLOW_DOORS, disruptions=closed)
    assert [ending(day, number)[1] for number in range(3)] == ["horizon_while_waiting", *["horizon_while_riding"] * 2]
    assert (day.records.visit_alightings[2], day.records.visit_load[2]) == (1, 2)


@pytest.mark.parametrize("boarding_rule", ["present_at_arrival", "during_dwell"])
@pytest.mark.parametrize(
    ("holding", "dead_time", "arrival_s"), [({}, 200, 1060), ({"rule": "headway_threshold", "headway": 900}, 20, 880)]
)
def test_a_vehicle_that_stands_at_the_horizon_leaves_then_held_or_not(
    boarding_rule: str, holding: Any, dead_time: float, arrival_s: float
) -> None:
    """The second vehicle stands at B at 1150: the doors are open until 1260, or it is held until 1600."""
    service = {"boarding_rule": boarding_rule, "holding": holding}
    kind = {"bus": {**SLOW_DOORS["bus"], "dead_time": dead_time}}
    day = day_until(1150, [Rider(0, "A", "C"), Rider(650, "A", "C")], vehicles=kind, service=service)
    assert day.times("L-0002")[1] == (arrival_s, 1150)
    assert day.records.visit_holding_s[4] == 0
