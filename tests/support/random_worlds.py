"""Random small scenarios with everything in them that can go wrong: full vehicles, transfers, patience, noise."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from sim.model.scenario import Scenario
from support.worlds import bus_line, flow, world

STOPS = "ABCDE"
DAY_S = 3600


@st.composite
def lines(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Two or three lines over five stops; trips leave in the first hour."""
    times = {(start, end): 30.0 * draw(st.integers(1, 12)) for start in STOPS for end in STOPS if start != end}
    found = []
    for number in range(draw(st.integers(2, 3))):
        stops = draw(st.lists(st.sampled_from(STOPS), min_size=2, max_size=5, unique=True))
        departures = sorted(draw(st.lists(st.integers(0, DAY_S), min_size=1, max_size=8)))
        found.append(bus_line(f"L{number}", stops, [times[pair] for pair in pairwise(stops)], departures))
    return found


@st.composite
def flows(draw: st.DrawFn, served: list[str]) -> list[dict[str, Any]]:
    """Up to five flows between stops that some line serves."""
    found = []
    for _ in range(draw(st.integers(1, 5))):
        origin, destination = draw(st.lists(st.sampled_from(served), min_size=2, max_size=2, unique=True))
        start_s = draw(st.integers(0, DAY_S))
        length_s = draw(st.sampled_from([0, 600, 1800]))
        placement = draw(st.sampled_from(["even", "random", "poisson"]))
        found.append(flow(origin, destination, start_s, start_s + length_s, draw(st.integers(0, 25)), placement))
    return found


@st.composite
def random_worlds(draw: st.DrawFn, /, **fixed: Any) -> Scenario:
    """A scenario with lines, flows and rules drawn; `fixed` replaces whole sections."""
    its_lines = draw(lines())
    served = sorted({stop for line in its_lines for stop in line["stops"]})
    capacity = draw(st.integers(1, 12))
    kind = {
        "seats": draw(st.integers(0, capacity)),
        "capacity": capacity,
        "dwell_rule": draw(st.sampled_from(["constant", "sum", "max"])),
        "dead_time": draw(st.sampled_from([0, 5])),
        "boarding": draw(st.sampled_from([0, 2, 7.5])),
        "alighting": draw(st.sampled_from([0, 1.5])),
    }
    noise = draw(st.sampled_from([{}, {"distribution": "lognormal", "cv": 0.3}, {"distribution": "gamma", "cv": 0.8}]))
    sections: dict[str, Any] = {
        "seed": draw(st.integers(0, 1000)),
        "period": draw(st.sampled_from([300, 900])),
        "service": {
            "boarding_rule": draw(st.sampled_from(["present_at_arrival", "during_dwell"])),
            "overtaking": draw(st.booleans()),
            "running_time_noise": noise,
            "dispatch_noise": draw(st.sampled_from([{}, {"distribution": "normal", "sigma": 200}])),
        },
        "journeys": {"transfer_walk": draw(st.sampled_from([0, 60]))},
        "behaviour": {"patience": draw(st.sampled_from([None, 400, 1500]))},
        "advisor": {"penetration": 1.0, "compliance": draw(st.sampled_from([0.3, 1.0])), "window": 600},
        "horizon": draw(st.sampled_from([{}, {"end": DAY_S + 1800}])),
    }
    return world(its_lines, draw(flows(served)), {"bus": kind}, **{**sections, **fixed})
