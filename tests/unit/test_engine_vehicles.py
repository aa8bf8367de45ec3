"""Vehicles by hand: running, dwelling, turning round, keeping their order; every number worked out on paper."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from support.worlds import Rider, bus_line, run_day, slowed, with_blocks, world

from sim.model.network import LinkTimes
from sim.model.scenario import Scenario

STANDING_BUS = {"seats": 10, "capacity": 20, "dwell_rule": "constant", "dead_time": 15}
DOORS_BUS = {
    "seats": 10,
    "capacity": 20,
    "dwell_rule": "sum",
    "dead_time": 4,
    "boarding": 3,
    "alighting": 2,
}


def test_vehicle_runs_the_times_of_its_links() -> None:
    day = run_day(world([bus_line("L", "ABC", [60, 90], [600])]), [Rider(0, "A", "B")])
    assert day.times("L-0001") == [(600, 600), (660, 660), (750, 750)]


def test_vehicle_dwells_at_every_stop_the_last_one_too() -> None:
    scenario = world([bus_line("L", "ABC", [60, 90], [600])], vehicles={"bus": STANDING_BUS})
    day = run_day(scenario, [Rider(0, "A", "B")])
    assert day.times("L-0001") == [(600, 615), (675, 690), (780, 795)]


def test_dwell_counts_those_who_board_and_alight() -> None:
    """3 board at A: 4 + 9 s; 2 alight and 1 boards at B: 4 + 4 + 3 s; 2 alight at C: 4 + 4 s."""
    scenario = world([bus_line("L", "ABC", [60, 90], [600])], vehicles={"bus": DOORS_BUS})
    riders = [Rider(0, "A", "B"), Rider(0, "A", "B"), Rider(0, "A", "C"), Rider(0, "B", "C")]
    day = run_day(scenario, riders)
    assert day.times("L-0001") == [(600, 613), (673, 684), (774, 782)]
    assert [day.rider(number).alight_s[0] for number in range(4)] == [675, 677, 776, 778]
    assert day.rider(3).board_s == [673]


def test_no_dwell_sets_every_dwell_to_0() -> None:
    scenario = world([bus_line("L", "ABC", [60, 90], [600])], vehicles={"bus": DOORS_BUS}, service={"no_dwell": True})
    day = run_day(scenario, [Rider(0, "A", "B"), Rider(0, "A", "C")])
    assert day.times("L-0001") == [(600, 600), (660, 660), (750, 750)]


def test_delay_carries_over_to_the_next_trip_of_the_block() -> None:
    """The first trip ends at 660 instead of 630; 30 s of layover make the second leave at 690 instead of 640."""
    lines = [bus_line("out", "AB", [60], [600]), bus_line("back", "BA", [60], [640])]
    scenario = with_blocks(world(lines, service={"layover": 30}), {"one": ["out-0001", "back-0001"]})
    day = run_day(scenario, [Rider(0, "A", "B")])
    assert day.times("back-0001") == [(690, 690), (750, 750)]


def test_block_waits_for_the_departure_of_its_next_trip() -> None:
    lines = [bus_line("out", "AB", [60], [600]), bus_line("back", "BA", [60], [900])]
    scenario = with_blocks(world(lines, service={"layover": 30}), {"one": ["out-0001", "back-0001"]})
    day = run_day(scenario, [Rider(0, "A", "B")])
    assert day.times("back-0001") == [(900, 900), (960, 960)]


def test_layover_counts_from_the_end_of_the_dwell_at_the_last_stop() -> None:
    """5 who alight at B take 4 + 10 s: in at 600 + 4 + 5 * 3 + 60 = 679, done at 693, off at 723."""
    lines = [bus_line("out", "AB", [60], [600]), bus_line("back", "BA", [60], [640])]
    scenario = world(lines, vehicles={"bus": DOORS_BUS}, service={"layover": 30})
    day = run_day(with_blocks(scenario, {"one": ["out-0001", "back-0001"]}), [Rider(0, "A", "B")] * 5)
    assert day.times("out-0001")[-1] == (679, 693)
    assert day.times("back-0001")[0][0] == 723


def test_trips_of_other_blocks_are_not_delayed() -> None:
    lines = [bus_line("out", "AB", [60], [600]), bus_line("back", "BA", [60], [640])]
    day = run_day(world(lines, service={"layover": 30}), [Rider(0, "A", "B")])
    assert day.times("back-0001") == [(640, 640), (700, 700)]


# --- overtaking -------------------------------------------------------------------------------------------


def slow_then_fast(**service: Any) -> Scenario:
    return world([bus_line("L", "ABC", [60, 60], [600, 620])], service=service)


def test_faster_vehicle_passes_where_overtaking_is_allowed() -> None:
    scenario = slow_then_fast(overtaking=True)
    day = run_day(scenario, [Rider(0, "A", "B")], slowed(scenario, {("L-0001", 0): 3.0}))
    assert day.times("L-0001")[1][0] == 780
    assert day.times("L-0002")[1][0] == 680


def test_faster_vehicle_stays_behind_where_overtaking_is_not_allowed() -> None:
    scenario = slow_then_fast(overtaking=False)
    day = run_day(scenario, [Rider(0, "A", "B")], slowed(scenario, {("L-0001", 0): 3.0}))
    assert day.times("L-0001")[1][0] == 780
    assert day.times("L-0002")[1][0] >= 780
    assert day.times("L-0002")[2][0] >= day.times("L-0001")[2][0] == 840


def test_vehicle_waits_at_the_stop_for_the_one_in_front() -> None:
    """The first takes in 5 at B and leaves at 679; the second would be off at 668."""
    scenario = world(
        [bus_line("L", "ABC", [60, 60], [600, 604])], vehicles={"bus": DOORS_BUS}, service={"overtaking": False}
    )
    day = run_day(scenario, [Rider(0, "B", "C")] * 5)
    assert day.times("L-0001")[1] == (664, 683)
    arrival_s, departure_s = day.times("L-0002")[1]
    assert arrival_s == 668
    assert departure_s >= 683


def order_of(day: Any, trips: list[str], stop: int, moment: int) -> list[str]:
    return sorted(trips, key=lambda trip: day.times(trip)[stop][moment])


def test_order_is_kept_by_a_lower_block_behind_a_higher_one() -> None:
    """Y comes to B behind X, though its block comes first; where it catches up, X still goes first.

    Y leaves A at 500 and B at 700; X leaves B at 690, 90 s late at C, where both are to be at 850 at the
    earliest; X has to be dealt with first there, so that it keeps the riders of C and the front place to D.
    """
    lines = [bus_line("Y", "ABCD", [200, 100, 60], [500]), bus_line("X", "BCD", [100, 60], [690])]
    scenario = world(lines, service={"overtaking": False})
    draws = slowed(scenario, {("X-0001", 0): 1.6, ("X-0001", 1): 2.0})
    day = run_day(scenario, [Rider(0, "A", "B"), Rider(0, "C", "D")], draws)
    assert day.times("X-0001")[1][0] == 850
    assert day.times("Y-0001")[2][0] >= 850
    assert day.rider(1).trips == ["X-0001"]
    assert day.times("X-0001")[2][0] == 970
    assert day.times("Y-0001")[3][0] >= 970


def test_order_is_kept_at_a_stop_while_doors_stay_open() -> None:
    """Under during_dwell too: the first stands at B until 683, the second may not leave before it."""
    scenario = world(
        [bus_line("L", "ABC", [60, 60], [600, 604])],
        vehicles={"bus": DOORS_BUS},
        service={"overtaking": False, "boarding_rule": "during_dwell"},
    )
    day = run_day(scenario, [Rider(0, "B", "C")] * 5)
    assert day.times("L-0001")[1] == (664, 683)
    assert day.times("L-0002")[1][1] >= 683
    assert day.times("L-0002")[2][0] >= day.times("L-0001")[2][0]


# --- running times by period ------------------------------------------------------------------------------


def with_traffic(rows: list[tuple[float, float, float]], departures: list[float]) -> Scenario:
    """A line A-B whose link A>B has observed running times (start, end, seconds)."""
    scenario = world([bus_line("L", "ABC", [100, 100], departures)])
    link = scenario.network.link_index[scenario.network.stop_index["A"], scenario.network.stop_index["B"]]
    times = LinkTimes(
        link=np.full(len(rows), link),
        start_s=np.array([row[0] for row in rows], dtype=np.float64),
        end_s=np.array([row[1] for row in rows], dtype=np.float64),
        running_time_s=np.array([row[2] for row in rows], dtype=np.float64),
    )
    return replace(scenario, network=replace(scenario.network, link_times=times))


@pytest.mark.parametrize(
    ("departure_s", "expected_s"),
    [
        (1000.0, 50.0),  # before all that was seen: the first
        (3600.0, 50.0),
        (7199.0, 50.0),
        (7200.0, 50.0),  # a gap of three steps: the nearest one, the earlier on a tie
        (10800.0, 50.0),
        (14400.0, 80.0),
        (18000.0, 80.0),
        (21599.0, 80.0),
        (90000.0, 80.0),  # after all that was seen: the last
    ],
)
def test_gap_in_running_times_takes_the_nearest_period(departure_s: float, expected_s: float) -> None:
    scenario = with_traffic([(3600, 7200, 50), (18000, 21600, 80)], [departure_s])
    day = run_day(scenario, [Rider(0, "B", "C")])
    (_, left_a), (at_b, left_b), (at_c, _) = day.times("L-0001")
    assert at_b - left_a == expected_s
    assert at_c - left_b == 100  # a link never seen runs by the schedule


def test_running_time_is_that_of_the_moment_of_leaving_not_of_the_schedule() -> None:
    """Due at 3590 with the time of the first hour; it stands for 15 s and runs in the second."""
    scenario = with_traffic([(0, 3600, 50), (3600, 7200, 80)], [3590])
    scenario = replace(
        scenario,
        service=replace(
            scenario.service, vehicle_types=(replace(scenario.service.vehicle_types[0], dead_time_s=15.0),)
        ),
    )
    assert run_day(scenario, [Rider(0, "B", "C")]).times("L-0001")[1][0] == 3605 + 80


def test_noise_multiplies_the_observed_running_time() -> None:
    scenario = with_traffic([(0, 3600, 50)], [600])
    day = run_day(scenario, [Rider(0, "B", "C")], slowed(scenario, {("L-0001", 0): 1.5, ("L-0001", 1): 0.5}))
    assert [arrival_s for arrival_s, _ in day.times("L-0001")] == [600, 675, 725]
