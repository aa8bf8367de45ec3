"""What people meet who wait for sets of vehicles."""

from __future__ import annotations

import numpy as np
from support.worlds import bus_line, flow, world

from sim.advisor import ReplicationWorld, simulate_days, strategy_by_name
from sim.advisor.loop import compile_scenario


def test_a_set_of_one_is_met_as_any_other() -> None:
    """To the last bit, whether it is looked at among sets with several members or among others of one."""
    lines = [bus_line("L", "ABC", [300, 300], range(0, 7200, 600)), bus_line("M", "AB", [300], range(200, 7200, 700))]
    flows = [flow("A", "B", 600, 5000, 60), flow("B", "C", 600, 5000, 60)]
    compiled = compile_scenario(world(lines, flows, {"bus": {"seats": 3, "capacity": 5}}))
    seen = next(iter(simulate_days(ReplicationWorld.create(compiled, 0), strategy_by_name("none")))).observation
    waiting = compiled.forecaster.waiting
    members = np.diff(waiting.member_ptr)
    assert set(members.tolist()) == {1, 2}
    sets, joined_s = np.arange(len(members)), np.tile([700.0, 1300.0, 4321.5], (len(members), 1))
    alone, period = np.flatnonzero(members == 1), np.zeros(len(members), dtype=np.int64)
    every, some = waiting.boarded(seen, sets, joined_s), waiting.boarded(seen, alone, joined_s[alone])
    assert np.array_equal(some.board_s, every.board_s[alone])
    lost, among_all = waiting.lost_share(seen, alone, joined_s[alone]), waiting.lost_share(seen, sets, joined_s)
    assert np.array_equal(lost, among_all[alone])
    assert np.array_equal(some.share, every.share[every.ptr[alone]])
    among, themselves = waiting.waits(seen, sets, period), waiting.waits(seen, alone, period[alone])
    for column in ("wait_s", "denied_share", "queue_s", "lost_share"):
        assert np.array_equal(getattr(themselves, column)(), getattr(among, column)()[alone])
    assert np.array_equal(themselves.boards_share(), among.boards_share()[among.first[alone]])
