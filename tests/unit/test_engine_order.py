"""The order of vehicles within one instant: by block, those that another vehicle wakes like all others."""

from __future__ import annotations

from support.worlds import Rider, bus_line, run_day, world

BOARDS_SLOWLY = {"seats": 5, "capacity": 5, "dwell_rule": "sum", "dead_time": 0, "boarding": 12, "alighting": 0}
BY_BLOCK = {"boarding_rule": "during_dwell"}


def test_a_vehicle_behind_another_acts_after_those_of_lower_blocks_when_the_way_is_free():
    lines = [
        bus_line("L", "ABC", [100, 100], [600, 620]),
        bus_line("M", "DBE", [138, 100], [610]),
    ]
    # The bus of 600 stands at B from 700 to 760, that of 620 behind it from 720 on. The bus of 610 comes at 760.
    service = {**BY_BLOCK, "overtaking": False, "stops": {"E": {"berths": 9}}}
    riders = [Rider(650, "B", "C")] * 5 + [Rider(605, "D", "C")]
    day = run_day(world(lines, vehicles={"bus": BOARDS_SLOWLY}, service=service), riders)
    assert day.times("L-0001")[1] == (700, 760)
    assert day.times("M-0001")[1] == (760, 760)
    assert day.rider(5).trips == ["M-0001", "L-0002"]
    assert day.times("L-0002")[1] == (720, 760)


def test_a_vehicle_that_is_given_a_berth_acts_after_those_of_lower_blocks():
    line = bus_line("L", "ABC", [100, 100], [600, 612, 620])
    # Two berths: the bus of 600 fills up until 760, that of 612 lets four in until 760, that of 620 waits for a berth.
    riders = [Rider(650, "B", "C")] * 9 + [Rider(760, "B", "C")]
    service = {**BY_BLOCK, "stops": {"B": {"berths": 2}}}
    day = run_day(world([line], vehicles={"bus": BOARDS_SLOWLY}, service=service), riders)
    assert [times[0] for times in (day.times(f"L-000{trip}")[1] for trip in (1, 2, 3))] == [700, 712, 760]
    assert day.rider(9).trips == ["L-0002"]
    assert day.calls("L-0003")[1].boardings == 0
