"""Commuters by hand: who boards which vehicle, who is left behind, who changes; ties as the engine states them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from support.worlds import INSTANT_BUS, Rider, bus_line, run_day, with_blocks, world

SMALL_BUS = {**INSTANT_BUS, "seats": 1, "capacity": 2}
DOORS_BUS = {"seats": 1, "capacity": 4, "dwell_rule": "sum", "dead_time": 4, "boarding": 3, "alighting": 2}


def test_one_bus_one_commuter() -> None:
    day = run_day(world([bus_line("L", "ABC", [60, 90], [600])]), [Rider(500, "A", "C")])
    rider = day.rider(0)
    assert (rider.outcome, rider.cause) == ("arrived", "")
    assert (rider.wait_from_s, rider.board_s, rider.alight_s) == ([500], [600], [750])
    assert (rider.arrival_s, rider.wait_s, rider.in_vehicle_s, rider.walk_s) == (750, 100, 150, 0)
    assert (rider.transfers, rider.denied) == (0, 0)
    assert [(call.boardings, call.alightings, call.load) for call in day.calls("L-0001")] == [
        (1, 0, 1),
        (0, 0, 1),
        (0, 1, 0),
    ]


def test_everybody_goes_the_way_he_wants_and_loads_add_up() -> None:
    riders = [Rider(0, *pair) for pair in ("AB", "AC", "AC", "BC")]
    day = run_day(world([bus_line("L", "ABC", [60, 90], [600])]), riders)
    assert [(call.boardings, call.alightings, call.load) for call in day.calls("L-0001")] == [
        (3, 0, 3),
        (1, 1, 3),
        (0, 3, 0),
    ]
    assert [rider.arrival_s for rider in day.riders] == [660, 750, 750, 750]


# --- capacity and order -----------------------------------------------------------------------------------


def test_who_finds_no_room_is_denied_each_time_and_takes_the_next() -> None:
    scenario = world([bus_line("L", "AB", [60], [600, 700, 800])], vehicles={"bus": {**SMALL_BUS, "capacity": 1}})
    day = run_day(scenario, [Rider(10, "A", "B"), Rider(20, "A", "B"), Rider(30, "A", "B")])
    assert [rider.trips[0] for rider in day.riders] == ["L-0001", "L-0002", "L-0003"]
    assert [rider.denied for rider in day.riders] == [0, 1, 2]
    assert [day.calls(f"L-000{number}")[0].denied for number in (1, 2, 3)] == [2, 1, 0]
    records = day.records
    rows = sorted(zip(records.denied_time_s.tolist(), records.denied_commuter.tolist(), strict=True))
    assert rows == [(600, 1), (600, 2), (700, 2)]


def test_room_that_is_made_by_those_who_alight_is_used() -> None:
    scenario = world([bus_line("L", "ABC", [60, 60], [600])], vehicles={"bus": SMALL_BUS})
    day = run_day(scenario, [Rider(0, "A", "B"), Rider(0, "A", "C"), Rider(0, "B", "C"), Rider(1, "B", "C")])
    assert [rider.trips[0] for rider in day.riders] == ["L-0001", "L-0001", "L-0001", None]
    assert [call.load for call in day.calls("L-0001")] == [2, 2, 0]
    assert (day.rider(3).outcome, day.rider(3).cause) == ("no_service", "last_vehicle_full")


def test_first_come_first_served_whatever_the_numbers() -> None:
    scenario = world([bus_line("L", "AB", [60], [600, 700])], vehicles={"bus": SMALL_BUS})
    day = run_day(scenario, [Rider(30, "A", "B"), Rider(10, "A", "B"), Rider(20, "A", "B")])
    assert [rider.trips[0] for rider in day.riders] == ["L-0002", "L-0001", "L-0001"]


def test_first_come_first_served_across_destinations() -> None:
    scenario = world([bus_line("L", "ABC", [60, 60], [600, 700])], vehicles={"bus": SMALL_BUS})
    day = run_day(scenario, [Rider(30, "A", "B"), Rider(10, "A", "C"), Rider(20, "A", "B")])
    assert [rider.trips[0] for rider in day.riders] == ["L-0002", "L-0001", "L-0001"]


def two_queues() -> list[dict[str, object]]:
    """Line L goes on to C, line M does not: who wants B waits for either, who wants C for L alone."""
    return [bus_line("L", "ABC", [60, 60], [600, 800]), bus_line("M", "AB", [60], [700, 5000])]


def test_first_come_first_served_across_the_queues_a_vehicle_serves() -> None:
    """L takes the two who came first, though they wait in two queues; M takes who may use it."""
    scenario = world(two_queues(), vehicles={"bus": SMALL_BUS})
    riders = [Rider(30, "A", "B"), Rider(10, "A", "B"), Rider(20, "A", "C"), Rider(25, "A", "C")]
    day = run_day(scenario, riders)
    assert [rider.trips[0] for rider in day.riders] == ["M-0001", "L-0001", "L-0001", "L-0002"]
    assert [rider.denied for rider in day.riders] == [1, 0, 0, 1]
    assert day.calls("L-0001")[0].denied == 2
    assert day.calls("M-0001")[0].denied == 0  # M does not turn away those who want C


def test_several_queues_merge_in_order_of_joining() -> None:
    """Three queues at A; the vehicle has room for 4 of 7, and the 4 who came first are taken."""
    lines = [
        bus_line("L", "ABCD", [60, 60, 60], [600, 4000]),
        bus_line("M", "ABC", [60, 60], [5000, 9000]),
        bus_line("N", "AB", [60], [5000, 9000]),
    ]
    scenario = world(lines, vehicles={"bus": {**INSTANT_BUS, "seats": 1, "capacity": 4}})
    joined = {"AD": [100, 400, 500], "AC": [300, 450], "AB": [200, 350]}
    riders = [Rider(time_s, *pair) for pair, times in joined.items() for time_s in times]
    day = run_day(scenario, riders)
    boarded = sorted(rider.wait_from_s[0] for rider in day.riders if rider.trips[0] == "L-0001")
    assert boarded == [100, 200, 300, 350]


# --- ties -------------------------------------------------------------------------------------------------


def test_who_joins_in_the_instant_of_arrival_is_present() -> None:
    scenario = world([bus_line("L", "AB", [60], [600, 700])])
    day = run_day(scenario, [Rider(600, "A", "B"), Rider(600 + 2**-20, "A", "B")])
    assert [rider.trips[0] for rider in day.riders] == ["L-0001", "L-0002"]
    assert day.rider(0).wait_s == 0


def test_of_those_who_join_at_once_the_lower_number_boards_first() -> None:
    scenario = world([bus_line("L", "AB", [60], [600, 700])], vehicles={"bus": {**SMALL_BUS, "capacity": 1}})
    day = run_day(scenario, [Rider(100, "A", "B"), Rider(100, "A", "B")])
    assert [rider.trips[0] for rider in day.riders] == ["L-0001", "L-0002"]


def test_of_those_who_join_at_once_the_lower_number_boards_first_across_queues() -> None:
    scenario = world(two_queues(), vehicles={"bus": {**SMALL_BUS, "capacity": 1}})
    for pairs, first in ((("AB", "AC"), ["L-0001", "L-0002"]), (("AC", "AB"), ["L-0001", "M-0001"])):
        day = run_day(scenario, [Rider(100, *pair) for pair in pairs])
        assert [rider.trips[0] for rider in day.riders] == first


def test_lower_number_first_counts_commuters_not_their_rides() -> None:
    """Number 0 joins the queue at B coming from A in the instant in which number 1 comes from home."""
    lines = [bus_line("L", "AB", [60], [600]), bus_line("M", "BC", [60], [700, 800])]
    scenario = world(lines, vehicles={"bus": {**SMALL_BUS, "capacity": 1}})
    day = run_day(scenario, [Rider(0, "A", "C"), Rider(660, "B", "C")])
    assert [rider.trips[-1] for rider in day.riders] == ["M-0001", "M-0002"]


def test_of_two_vehicles_at_once_the_lower_block_goes_first() -> None:
    """Both are at B at 660; the one that left A at 500 is of the lower block, as it left first."""
    lines = [bus_line("late", "ABC", [60, 60], [600]), bus_line("early", "DBC", [160, 60], [500])]
    day = run_day(world(lines), [Rider(0, "B", "C")])
    assert day.rider(0).trips == ["early-0001"]


def test_order_of_blocks_follows_their_first_trip() -> None:
    """Both trips leave A at 700; that of the block with an earlier trip before goes first."""
    lines = [bus_line("x", "AB", [60], [700]), bus_line("z", "BA", [60], [100]), bus_line("y", "AB", [60], [700])]
    scenario = with_blocks(world(lines), {"long": ["z-0001", "y-0001"]})
    assert run_day(scenario, [Rider(0, "A", "B")]).rider(0).trips == ["y-0001"]


# --- boarding rules ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("boarding_rule", ["present_at_arrival", "during_dwell"])
def test_dwell_with_known_numbers_of_boardings(boarding_rule: str) -> None:
    """4 s of dead time and 3 s for each of 2 who are there."""
    scenario = world(
        [bus_line("L", "AB", [60], [600])], vehicles={"bus": DOORS_BUS}, service={"boarding_rule": boarding_rule}
    )
    day = run_day(scenario, [Rider(590, "A", "B"), Rider(595, "A", "B")])
    assert day.times("L-0001")[0] == (600, 610)
    assert [rider.board_s for rider in day.riders] == [[600], [600]]


def test_who_comes_while_it_stands_boards_only_under_during_dwell() -> None:
    """One is there: until 607. One comes at 605: until 610. One comes at 610, the last look: until 613."""
    riders = [Rider(time_s, "A", "B") for time_s in (590, 605, 610, 613.5)]
    lines = [bus_line("L", "AB", [60], [600, 900])]
    during = run_day(world(lines, vehicles={"bus": DOORS_BUS}, service={"boarding_rule": "during_dwell"}), riders)
    assert during.times("L-0001")[0] == (600, 613)
    assert [rider.trips[0] for rider in during.riders] == ["L-0001", "L-0001", "L-0001", "L-0002"]
    assert [rider.board_s[0] for rider in during.riders] == [600, 605, 610, 900]
    assert during.rider(1).wait_s == 0
    present = run_day(world(lines, vehicles={"bus": DOORS_BUS}), riders)
    assert present.times("L-0001")[0] == (600, 607)
    assert [rider.trips[0] for rider in present.riders] == ["L-0001", "L-0002", "L-0002", "L-0002"]


def test_full_vehicle_takes_nobody_more_while_it_stands() -> None:
    """Capacity 4: 3 are there, until 613; one more comes at 605, until 616; the fifth at 606 is denied."""
    scenario = world(
        [bus_line("L", "AB", [60], [600, 900])],
        vehicles={"bus": DOORS_BUS},
        service={"boarding_rule": "during_dwell"},
    )
    day = run_day(scenario, [Rider(time_s, "A", "B") for time_s in (0, 0, 0, 605, 606)])
    call = day.calls("L-0001")[0]
    assert (call.departure_s, call.boardings, call.denied, call.load) == (616, 4, 1, 4)
    assert day.rider(4).denied == 1
    assert day.records.denied_time_s.tolist() == [606]


def test_standees_slow_down_boarding() -> None:
    """1 seat: with 1 on board nobody stands and boarding takes 3 s, with 2 on board 3.5 s."""
    slow = {**DOORS_BUS, "standee_friction": 0.5}
    for on_board, expected_s in ((1, 4 + 3), (2, 4 + 3.5)):
        scenario = world([bus_line("L", "ABC", [60, 60], [600])], vehicles={"bus": slow})
        day = run_day(scenario, [Rider(0, "A", "C")] * on_board + [Rider(0, "B", "C")])
        arrival_s, departure_s = day.times("L-0001")[1]
        assert departure_s - arrival_s == expected_s


# --- changing vehicles ------------------------------------------------------------------------------------


def test_transfer_with_a_walk() -> None:
    """Out at B at 660, at the other vehicle's stop at 750: the one of 749 is gone, the next comes at 900."""
    lines = [bus_line("L", "AB", [60], [600]), bus_line("M", "BC", [60], [749, 900])]
    day = run_day(world(lines, journeys={"transfer_walk": 90}), [Rider(500, "A", "C")])
    rider = day.rider(0)
    assert rider.trips == ["L-0001", "M-0002"]
    assert rider.wait_from_s == [500, 750]
    assert (rider.wait_s, rider.in_vehicle_s, rider.walk_s, rider.transfers) == (100 + 150, 60 + 60, 90, 1)
    assert rider.arrival_s == 960 == 500 + rider.wait_s + rider.in_vehicle_s + rider.walk_s


def test_transfer_counts_the_time_it_takes_to_get_out() -> None:
    """The second of two gets out at 660 + 2 * 2 s, behind the 4 s of dead time and 6 s of boarding at A."""
    lines = [bus_line("L", "AB", [60], [590]), bus_line("M", "BC", [60], [663, 700])]
    day = run_day(world(lines, vehicles={"bus": DOORS_BUS}), [Rider(0, "A", "C"), Rider(1, "A", "C")])
    assert [rider.wait_from_s[1] for rider in day.riders] == [662, 664]
    assert [rider.trips[1] for rider in day.riders] == ["M-0001", "M-0002"]


def test_transfer_in_the_instant_in_which_the_other_vehicle_is_there() -> None:
    """Both vehicles are at B at 660; riders who change are present if the feeder is handled first."""
    feeder, other = bus_line("L", "AB", [60], [600]), bus_line("M", "BC", [60], [660, 900])
    assert run_day(world([feeder, other]), [Rider(0, "A", "C")]).rider(0).trips == ["L-0001", "M-0001"]
    earlier_block = bus_line("M", "DBC", [160, 60], [500, 900])
    assert run_day(world([feeder, earlier_block]), [Rider(0, "A", "C")]).rider(0).trips == ["L-0001", "M-0002"]


def test_two_transfers() -> None:
    lines = [
        bus_line("L", "AB", [60], [600]),
        bus_line("M", "BC", [60], [700]),
        bus_line("N", "CD", [60], [800]),
    ]
    rider = run_day(world(lines), [Rider(500, "A", "D")]).rider(0)
    assert (rider.transfers, rider.arrival_s, rider.wait_s, rider.in_vehicle_s) == (2, 860, 100 + 40 + 40, 180)


def test_who_changes_queues_behind_who_came_before() -> None:
    lines = [bus_line("L", "AB", [60], [600]), bus_line("M", "BC", [60], [700, 800])]
    scenario = world(lines, vehicles={"bus": {**SMALL_BUS, "capacity": 1}})
    day = run_day(scenario, [Rider(0, "A", "C"), Rider(659, "B", "C")])
    assert [rider.trips[-1] for rider in day.riders] == ["M-0002", "M-0001"]
    assert [rider.denied for rider in day.riders] == [1, 0]


# --- attractive lines -------------------------------------------------------------------------------------


def test_first_vehicle_of_an_attractive_line_is_taken() -> None:
    """Both lines lead to C in nearly the same time: those who wait take what comes."""
    lines = [bus_line("L", "AC", [120], [600, 1200]), bus_line("M", "ABC", [60, 70], [700, 1300])]
    day = run_day(world(lines), [Rider(500, "A", "C"), Rider(650, "A", "C")])
    assert [rider.trips[0] for rider in day.riders] == ["L-0001", "M-0001"]


def test_slow_line_is_let_pass() -> None:
    """M needs 2000 s; waiting for the next L is quicker on average, so M is not boarded."""
    lines = [bus_line("L", "AC", [120], [600, 1200]), bus_line("M", "ABC", [1000, 1000], [700, 1300])]
    day = run_day(world(lines), [Rider(650, "A", "C")])
    assert day.rider(0).trips == ["L-0002"]
    assert day.rider(0).denied == 0


# --- patience ---------------------------------------------------------------------------------------------


def test_who_loses_patience_gives_up_and_leaves_his_place() -> None:
    """Capacity 1, patience 150: the second is denied at 600 and has gone by 700; the third is still there."""
    scenario = world(
        [bus_line("L", "AB", [60], [600, 700])],
        vehicles={"bus": {**SMALL_BUS, "capacity": 1}},
        behaviour={"patience": 150},
    )
    day = run_day(scenario, [Rider(480, "A", "B"), Rider(500, "A", "B"), Rider(560, "A", "B")])
    assert [rider.trips[0] for rider in day.riders] == ["L-0001", None, "L-0002"]
    gone = day.rider(1)
    assert (gone.outcome, gone.cause, gone.wait_s, gone.denied) == ("gave_up", "patience_exhausted", 150, 1)
    assert math.isnan(gone.arrival_s)


def test_patience_that_ends_in_the_instant_of_arrival_suffices() -> None:
    scenario = world([bus_line("L", "AB", [60], [600])], behaviour={"patience": 100})
    day = run_day(scenario, [Rider(500, "A", "B"), Rider(499, "A", "B")])
    assert [rider.outcome for rider in day.riders] == ["arrived", "gave_up"]


def test_patience_counts_at_each_stop_anew() -> None:
    lines = [bus_line("L", "AB", [60], [600]), bus_line("M", "BC", [60], [750])]
    scenario = world(lines, behaviour={"patience": 100})
    day = run_day(scenario, [Rider(510, "A", "C")])
    assert day.rider(0).outcome == "arrived"
    assert day.rider(0).wait_s == 90 + 90


# --- chance ------------------------------------------------------------------------------------------------


def test_order_in_which_riders_are_listed_only_settles_ties() -> None:
    """Shuffled commuters with distinct times board the same vehicles."""
    rng = np.random.default_rng(3)
    times = np.sort(rng.uniform(0, 1500, 40))
    scenario = world([bus_line("L", "ABC", [60, 60], range(100, 1600, 100))], vehicles={"bus": SMALL_BUS})
    riders = [Rider(float(time_s), "A", "BC"[number % 2]) for number, time_s in enumerate(times)]
    order = rng.permutation(len(riders))
    straight = run_day(scenario, riders)
    shuffled = run_day(scenario, [riders[number] for number in order])
    assert [shuffled.rider(place).trips for place in np.argsort(order)] == [rider.trips for rider in straight.riders]
