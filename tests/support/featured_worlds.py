"""Random small scenarios in which anything that a scenario file can name may be on, for comparing the engines."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from sim.model.scenario import Scenario
from support.worlds import bus_line, flow, world

STOPS = "ABCDE"
DAY_S = 3600
CORNERS = {"A": (0, 0), "B": (200, 0), "C": (200, 250), "D": (450, 250), "E": (500, 0)}


@st.composite
def _lines(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Two or three lines, each perhaps with one that runs back; coarse times, so that many things fall together."""
    times = {(one, other): 30.0 * draw(st.integers(1, 8)) for one in STOPS for other in STOPS if one != other}
    found = []
    for number in range(draw(st.integers(2, 3))):
        stops = draw(st.lists(st.sampled_from(STOPS), min_size=2, max_size=5, unique=True))
        for way, path in enumerate((stops, stops[::-1])[: draw(st.integers(1, 2))]):
            departures = sorted(60 * at for at in draw(st.lists(st.integers(0, 55), min_size=1, max_size=7)))
            running = [times[pair] for pair in pairwise(path)]
            found.append(
                bus_line(f"L{number}{'ab'[way]}", path, running, departures, draw(st.sampled_from(["bus", "van"])))
            )
    return found


@st.composite
def _vehicle(draw: st.DrawFn) -> dict[str, Any]:
    capacity = draw(st.integers(1, 10))
    rule = draw(st.sampled_from(["constant", "sum", "max", "dueker", "headway"]))
    return {
        "seats": draw(st.integers(0, capacity)),
        "capacity": capacity,
        "dwell_rule": rule,
        "dead_time": draw(st.sampled_from([0, 5, 8.3])),
        "boarding": draw(st.sampled_from([0, 2, 7.7])),
        "alighting": draw(st.sampled_from([0, 1.75])),
        "boarding_channels": draw(st.integers(1, 3)),
        "standee_friction": draw(st.sampled_from([0, 0.5])),
        **({"dwell_per_headway": draw(st.sampled_from([0, 0.03]))} if rule == "headway" else {}),
    }


@st.composite
def _holding(draw: st.DrawFn, served: list[str], may_leave_early: bool) -> dict[str, Any]:
    rule = draw(st.sampled_from(["none", "schedule", "forward_headway", "even_headway", "headway_threshold"]))
    return {
        "rule": rule,
        "control_stops": draw(st.sampled_from([None, served[:2]])),
        "slack": draw(st.sampled_from([0, 20])),
        "headway": draw(st.sampled_from([None, 300])),
        "most": draw(st.sampled_from([None, 45])),
        "allow_negative": may_leave_early and rule in ("none", "forward_headway") and draw(st.booleans()),
    }


@st.composite
def _stretch(draw: st.DrawFn) -> dict[str, int]:
    start_s = 60 * draw(st.integers(0, 60))
    return {"start": start_s, "end": start_s + 60 * draw(st.integers(1, 20))}


@st.composite
def _disruptions(draw: st.DrawFn, lines: list[dict[str, Any]], served: list[str]) -> dict[str, Any]:
    stops = {
        f"{line['id']}-{row:04d}": line["stops"] for line in lines for row in range(1, len(line["departures"]) + 1)
    }
    trips = list(stops)
    links = sorted({pair for line in lines for pair in pairwise(line["stops"])})
    breakdowns = []
    for trip in draw(st.lists(st.sampled_from(trips), max_size=2, unique=True)):
        where = draw(
            st.sampled_from(
                [{"after": 60 * draw(st.integers(0, 60))}, {"stop": stops[trip][(len(stops[trip]) - 1) // 2]}]
            )
        )
        then = draw(st.sampled_from(["continue", "end"]))
        blocks = draw(st.sampled_from([None, True, False]))
        breakdowns.append(
            {"trip": trip, "duration": 60 * draw(st.integers(1, 15)), "then": then, "blocks": blocks, **where}
        )
    slow = [
        {"from_stop": one, "to_stop": other, "speed_factor": draw(st.sampled_from([0, 0.4])), **draw(_stretch())}
        for one, other in draw(st.lists(st.sampled_from(links), max_size=3))
    ]
    closed = [{"stop": stop, **draw(_stretch())} for stop in draw(st.lists(st.sampled_from(served), max_size=2))]
    cancelled = draw(st.lists(st.sampled_from(trips), max_size=2, unique=True))
    return {"breakdowns": breakdowns, "links": slow, "closed_stops": closed, "cancelled_trips": cancelled}


@st.composite
def _service(draw: st.DrawFn, lines: list[dict[str, Any]], served: list[str]) -> dict[str, Any]:
    noises = [{}, {"distribution": "lognormal", "cv": 0.3}, {"distribution": "normal", "sigma": 40}]
    apart = [{"lines": [lines[0]["id"], lines[-1]["id"]], "headway": 90}, {"lines": [lines[0]["id"]], "headway": 150}]
    boarding_rule = draw(st.sampled_from(["present_at_arrival", "during_dwell"]))
    return {
        "boarding_rule": boarding_rule,
        "overtaking": draw(st.booleans()),
        "running_time_noise": draw(st.sampled_from(noises)),
        "dispatch_noise": draw(st.sampled_from([{}, {"distribution": "exponential", "sigma": 150}])),
        "layover": draw(st.sampled_from([0, 60])),
        "blocks": draw(st.sampled_from(["as_given", "chain"])),
        "through_services": draw(st.sampled_from(["apart", "blocks"])),
        "no_dwell": draw(st.sampled_from([False, False, False, True])),
        "holding": draw(st.one_of(st.just({}), _holding(served, boarding_rule == "present_at_arrival"))),
        "all_stops": draw(st.sampled_from([{}, {"berths": 1}, {"minimum_headway": 60}])),
        "stops": draw(st.sampled_from([{}, {served[0]: {"berths": 2, "minimum_headway": 30}}])),
        "minimum_headways": draw(st.sampled_from([[], apart])),
    }


@st.composite
def featured_worlds(draw: st.DrawFn, disrupted: bool = False) -> Scenario:
    """A scenario with lines, flows and every rule drawn; disruptions in some, or in all."""
    lines = draw(_lines())
    served = sorted({stop for line in lines for stop in line["stops"]})
    flows, crowd = [], st.integers(40, 80) if disrupted else st.integers(0, 40)
    for _ in range(draw(st.integers(1, 6))):
        origin, destination = draw(st.lists(st.sampled_from(served), min_size=2, max_size=2, unique=True))
        stretch = draw(_stretch())
        placement = draw(st.sampled_from(["even", "random"]))
        flows.append(flow(origin, destination, stretch["start"], stretch["end"], draw(crowd), placement))
    back = {"share": draw(st.sampled_from([0, 0.7])), "stay": draw(st.sampled_from([0, 900]))}
    traffic = draw(st.sampled_from([{}, {"speed_factors": [{"start": 600, "end": 2400, "factor": 0.7}], "step": 45}]))
    reconsider = draw(st.booleans())
    return world(
        lines,
        [],
        {"bus": draw(_vehicle()), "van": draw(_vehicle())},
        network={
            "lines": lines,
            "stops": [{"id": stop, "x": x, "y": y} for stop, (x, y) in CORNERS.items() if stop in served],
        },
        demand={"flows": flows, "return_leg": {**back, "stay_spread": 0, "outward_before": DAY_S}},
        seed=draw(st.integers(0, 1000)),
        days=draw(st.integers(1, 2)),
        period=900,
        service=draw(_service(lines, served)),
        traffic=traffic,
        disruptions=draw(
            _disruptions(lines, served) if disrupted else st.one_of(st.just({}), _disruptions(lines, served))
        ),
        journeys={
            **({} if reconsider else {"information": draw(st.sampled_from([None, "timetable", "real_time"]))}),
            "routing": draw(st.sampled_from(["frequency", "strategy", "timetable"])),
            "transfer_walk": draw(st.sampled_from([0, 60])),
            "longest_walk": draw(st.sampled_from([0, 300])),
        },
        behaviour={
            "patience": draw(st.sampled_from([None, 400, 1500])),
            "on_denied": "reconsider" if reconsider else "wait",
        },
        horizon=draw(st.sampled_from([{}, {"end": DAY_S + 1800}])),
    )
