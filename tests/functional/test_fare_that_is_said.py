"""The fare that is said of a window, or of the usual moment, is what a run charges those who leave then.

Arrivals are worked out here from the timetable: vehicles keep to it, have room for all, and are boarded as they come.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from itertools import accumulate
from typing import Any

import numpy as np
import pytest
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim

HOUR = 3600
STOPS = "ABCDE"
RUNNING_S = (600, 600, 300, 900)
LENGTHS_M = (3000, 4000, 2500, 6000)
BANDS = ((0, 1.0), (6000, 2.0), (7000, 3.0), (9500, 5.0))
WINDOW_S = 900
PLACES = 5
"""Moments that stand for a window."""


class TwoLines:
    """A line from A to C and one from C to E, and discounts drawn at random."""

    def __init__(self, seed: int) -> None:
        draw = random.Random(seed)
        self.start_s = draw.choice([6 * HOUR, 22 * HOUR + 1800, 23 * HOUR])
        first, second, later = draw.choice([300, 600, 900]), draw.choice([300, 600]), draw.choice([0, 60, 120])
        self.leaves_a = list(range(self.start_s, self.start_s + 4 * HOUR, first))
        self.leaves_c = list(range(self.start_s + later, self.start_s + 5 * HOUR, second))
        self.by_way = draw.random() < 0.5
        self.applies_at = draw.choice(["entry", "exit"])
        self.discounts: list[dict[str, Any]] = []
        for _ in range(2):
            begin = self.start_s + draw.choice([0, 900, 1000, 3600])
            end, share = begin + draw.choice([1000, 3600, 5400]), draw.choice([0.25, 0.5, 1.0])
            stops = draw.sample(STOPS, 2) if draw.random() < 0.4 else []
            self.discounts.append({"start": begin, "end": end, "discount": share, "stops": stops})
        self.pairs = draw.sample(["AC", "AE", "BD", "AB", "CE", "CD", "BE"], 3)
        self.usual_s = self.start_s + HOUR + draw.randrange(1800)

    def scenario(self) -> sim.Scenario:
        """Return the scenario: all have the app and follow it."""
        lines = [
            bus_line("P", "ABC", RUNNING_S[:2], self.leaves_a, lengths=LENGTHS_M[:2]),
            bus_line("Q", "CDE", RUNNING_S[2:], self.leaves_c, lengths=LENGTHS_M[2:]),
        ]
        flows = [flow(pair[0], pair[1], self.start_s, self.start_s + 3 * HOUR, 40) for pair in self.pairs]
        fares = (
            {"kind": "distance", "bands": BANDS} if self.by_way else {"kind": "flat", "fare": 2, "charged": "boarding"}
        )
        incentive = {"applies_at": self.applies_at, "discounts": self.discounts}
        advisor = {"strategy": "incentive", "penetration": 1.0, "compliance": 1.0, "window": WINDOW_S}
        roomy = {"bus": {**INSTANT_BUS, "seats": 5000, "capacity": 5000}}
        sections = {"fares": {**fares, "value_of_time": 10}, "advisor": {**advisor, "incentive": incentive}}
        return world(lines, flows, roomy, days=3, **sections)

    def arrival_s(self, pair: str, leave_s: float) -> float:
        """Return when somebody arrives, by the timetable."""
        start, end = map(STOPS.index, pair)
        after_s = [0, *accumulate(RUNNING_S)]
        if start < 2:
            vehicle = self.leaves_a[bisect_left(self.leaves_a, leave_s - after_s[start])]
            leave_s = vehicle + after_s[min(end, 2)]
        if end > 2:
            before_s = after_s[max(start, 2)] - after_s[2]
            leave_s = self.leaves_c[bisect_left(self.leaves_c, leave_s - before_s)] + after_s[end] - after_s[2]
        return leave_s

    def fare(self, pair: str, leave_s: float) -> float:
        """Return what is paid by somebody who leaves at a moment."""
        start, end = map(STOPS.index, pair)
        way_m, rides = sum(LENGTHS_M[start:end]), (start < 2) + (end > 2)
        full = [fare for from_m, fare in BANDS if from_m <= way_m][-1] if self.by_way else 2.0 * rides
        entry = self.applies_at == "entry"
        time_s, stop = (leave_s, pair[0]) if entry else (self.arrival_s(pair, leave_s), pair[1])
        holds = [
            one["discount"]
            for one in self.discounts
            if one["start"] <= time_s < one["end"] and (not one["stops"] or stop in one["stops"])
        ]
        return full * (1.0 - max(holds, default=0.0))


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 14, 21, 26, 38])
def test_the_fare_that_is_said_is_what_the_run_charges(seed: int) -> None:
    """It was by the mean arrival of a period, and at the usual moment that of the whole window."""
    lines = TwoLines(seed)
    result = sim.run(lines.scenario(), strategy="incentive")
    journeys = result.tables["journeys"]
    pairs = map("".join, zip(journeys.text("origin_stop_id"), journeys.text("destination_stop_id"), strict=True))
    arrives = np.isfinite(journeys["arrival_s"])
    paid = [
        (fare, lines.fare(pair, leave_s))
        for pair, leave_s, fare, there in zip(pairs, journeys["departure_s"], journeys["fare"], arrives, strict=True)
        if there
    ]
    assert len(paid) > 100
    assert [fare for fare, _ in paid] == pytest.approx([fare for _, fare in paid])
    for pair in lines.pairs:
        wish = {"arrive_by": lines.start_s + 2 * HOUR, "earlier": 1.5 * HOUR, "later": HOUR}
        for option in sim.advise(result, *pair, **wish):
            moments_s = option.window_start_s + WINDOW_S * (np.arange(PLACES) + 0.5) / PLACES
            assert option.fare == pytest.approx(np.mean([lines.fare(pair, moment_s) for moment_s in moments_s]))
        for option in sim.advise(result, *pair, **wish, usual=lines.usual_s):
            if option.window_start_s <= lines.usual_s < option.window_end_s:
                assert option.fare == pytest.approx(lines.fare(pair, lines.usual_s))
