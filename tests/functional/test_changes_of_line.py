"""Where options are counted, nobody leaves a vehicle to go on by the next one of its line."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from support.invariants import check_invariants
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim

HOUR_S = 3600.0
BIG = {"bus": {**INSTANT_BUS, "seats": 500, "capacity": 500}}


def every(minutes, first=6.0, last=12.0, shift=0.0):
    return np.arange(first * HOUR_S + 60 * shift, last * HOUR_S, 60.0 * minutes).tolist()


def changes(result):
    """Return line and direction of the vehicle that is left and of the one that is boarded, for each change."""
    check_invariants(result.tables)
    legs, visits = result.tables["legs"], result.tables["stop_visits"]
    trips = dict(zip(visits.text("trip_id"), visits.text("line_id"), strict=True))
    by_person: dict[int, list[tuple[int, str]]] = {}
    for person, leg, trip in zip(legs["commuter_id"].tolist(), legs["leg"].tolist(), legs.text("trip_id"), strict=True):
        by_person.setdefault(person, []).append((leg, trips[trip]))
    lines = [[line for _, line in sorted(mine)] for mine in by_person.values()]
    return [pair for mine in lines for pair in pairwise(mine)]


def by_lines(lines, routing, **journeys):
    chosen = {"routing": routing, "choice": "path_size_logit", "options": 3, "longest_detour": 2, "logit_scale": 0.05}
    flows = [flow("A", "D", 7 * HOUR_S, 9 * HOUR_S, 300), flow("B", "D", 7 * HOUR_S, 9 * HOUR_S, 100)]
    return sim.run(world(lines, flows, BIG, days=1, journeys={**chosen, **journeys}))


@pytest.mark.parametrize("routing", ["frequency", "timetable"])
def test_lines_that_run_beside_each_other(routing: str) -> None:
    """L goes all the way, O runs beside it on the last part, X and W are another way.

    Catches sets of lines that were compared as wholes: to leave L at B for the next of L and O was a third option.
    """
    lines = [
        bus_line("L", "ABCD", [600, 600, 600], every(7)),
        bus_line("O", "BCD", [590, 590], every(9, shift=2)),
        bus_line("X", "AY", [900], every(7, shift=4)),
        bus_line("W", "YD", [900], every(7, shift=1)),
    ]
    assert set(changes(by_lines(lines, routing))) == {("X", "W")}


@pytest.mark.parametrize("routing", ["frequency", "timetable"])
def test_from_a_slow_line_into_the_express_beside_it(routing: str) -> None:
    """People may leave a line for a faster one over the same stops, which is no change into the same line."""
    lines = [
        bus_line("slow", "ABCD", [600, 1500, 1500], every(8)),
        bus_line("fast", "BD", [600], every(8, shift=1)),
    ]
    found = changes(by_lines(lines, routing))
    assert set(found) == {("slow", "fast")}
