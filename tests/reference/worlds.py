"""Random worlds in which vehicles wait for each other, are held, break down and find roads closed."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import strategies as st
from support.random_worlds import DAY_S, flows, lines
from support.worlds import bus_line, flow, world

from sim.model.scenario import Scenario

GRID_S = 120
"""Departures of vehicles and people lie on this grid, so that much happens in the same instant."""


def on_the_grid(line: dict[str, Any]) -> dict[str, Any]:
    """Return a line whose trips leave at times of the grid."""
    return {**line, "departures": [time // GRID_S * GRID_S for time in line["departures"]]}


def at_grid_times(item: dict[str, Any]) -> dict[str, Any]:
    """Return a flow that begins at a time of the grid, as long as before."""
    (piece,) = item["pieces"]
    start = piece["start"] // GRID_S * GRID_S
    return {**item, "pieces": [{**piece, "start": start, "end": start + piece["end"] - piece["start"]}]}


@st.composite
def operated_worlds(draw: st.DrawFn) -> Scenario:
    """Draw lines and flows, and everything that a scenario may ask of vehicles besides running."""
    its_lines = [on_the_grid(line) for line in draw(lines())]
    served = sorted({stop for line in its_lines for stop in line["stops"]})
    capacity = draw(st.integers(1, 12))
    kind = {
        "seats": draw(st.integers(0, capacity)),
        "capacity": capacity,
        "dwell_rule": draw(st.sampled_from(["constant", "sum", "max"])),
        "dead_time": draw(st.sampled_from([0, 5, 30, 120])),
        "boarding": draw(st.sampled_from([0, 0, 7.5])),
        "alighting": draw(st.sampled_from([0, 0, 1.5])),
        "standee_friction": draw(st.sampled_from([0, 0.7])),
    }
    if kind["dwell_rule"] == "constant":
        del kind["standee_friction"]
    boarding_rule = draw(st.sampled_from(["present_at_arrival", "during_dwell"]))
    service = {
        "boarding_rule": boarding_rule,
        "overtaking": draw(st.booleans()),
        "running_time_noise": draw(st.sampled_from([{}, {"distribution": "lognormal", "cv": 0.4}])),
        "dispatch_noise": draw(st.sampled_from([{}, {"distribution": "normal", "sigma": 240}])),
        "layover": draw(st.sampled_from([0, 90])),
        "blocks": draw(st.sampled_from(["as_given", "chain"])),
        **draw(_room(served, [line["id"] for line in its_lines])),
        **draw(_holding(served, may_cut=boarding_rule == "present_at_arrival")),
    }
    disruptions = draw(_disruptions(its_lines, served))
    # Of ways round of equal length, only some may have the signal: tests/functional/test_signals.py looks at those.
    goes_round = any(item["speed_factor"] == 0 for item in disruptions["links"])
    return world(
        its_lines,
        [at_grid_times(item) for item in draw(flows(served))],
        {"bus": kind},
        seed=draw(st.integers(0, 1000)),
        days=1,
        service=service,
        journeys={"transfer_walk": draw(st.sampled_from([0, 60])), **draw(_information())},
        behaviour={"patience": draw(st.sampled_from([None, 400, 1500]))},
        horizon=draw(st.sampled_from([{}, {"end": DAY_S + 1800}])),
        disruptions=disruptions,
        traffic={} if goes_round else draw(_signals(its_lines, served)),
    )


@st.composite
def _information(draw: st.DrawFn) -> dict[str, Any]:
    """Draw what people know of vehicles."""
    return {"information": draw(st.sampled_from([None, "timetable", "real_time", "real_time"]))}


@st.composite
def _signals(draw: st.DrawFn, its_lines: list[dict[str, Any]], served: list[str]) -> dict[str, Any]:
    """Draw a signal at a stop or at the end of a link, with or without priority; or none."""
    if draw(st.booleans()):
        return {}
    hops = sorted({f"{start}>{end}" for line in its_lines for start, end in pairwise(line["stops"])})
    timing = {"cycle": draw(st.sampled_from([60, 90])), "green_share": draw(st.sampled_from([0.25, 0.5, 1.0]))}
    place: dict[str, Any] = {"node": draw(st.sampled_from(served))}
    if draw(st.booleans()):
        place = {"links": [draw(st.sampled_from(hops))]}
    control = {
        "at": [{**place, **timing, "offset": draw(st.sampled_from([0, 17, 300]))}],
        "priority": draw(st.sampled_from(["none", "extension", "early_green", "both"])),
        "lines": draw(st.sampled_from([None, [its_lines[0]["id"]]])),
    }
    return {"signals": control}


@st.composite
def _room(draw: st.DrawFn, served: list[str], line_ids: list[str]) -> dict[str, Any]:
    """Draw berths, minimum headways of stops, and minimum headways of lines."""
    room: dict[str, Any] = {}
    if draw(st.booleans()):
        room["all_stops"] = {"berths": draw(st.integers(1, 2))}
    if draw(st.booleans()):
        at = draw(st.sampled_from(served))
        room["stops"] = {at: {"berths": 1, "minimum_headway": draw(st.sampled_from([0, 45, 200]))}}
    if draw(st.booleans()):
        together = draw(st.lists(st.sampled_from(line_ids), min_size=1, max_size=2, unique=True))
        room["minimum_headways"] = [{"lines": together, "headway": draw(st.sampled_from([30, 150]))}]
    return room


@st.composite
def _holding(draw: st.DrawFn, served: list[str], may_cut: bool) -> dict[str, Any]:
    """Draw a holding rule, or none."""
    rule = draw(st.sampled_from(["none", "schedule", "forward_headway", "even_headway", "headway_threshold"]))
    if rule == "none":
        return {}
    more: dict[str, Any] = {"allow_negative": may_cut and rule == "forward_headway" and draw(st.booleans())}
    if draw(st.booleans()):
        more["control_stops"] = draw(st.lists(st.sampled_from(served), min_size=1, max_size=3, unique=True))
    if draw(st.booleans()):
        more["most"] = 120
    if rule == "forward_headway":
        more.update(slack=draw(st.sampled_from([0, 30])), alpha=0.5, marginal_dwell=draw(st.sampled_from([0, 0.1])))
    return {"holding": {"rule": rule, **more}}


@st.composite
def _disruptions(draw: st.DrawFn, its_lines: list[dict[str, Any]], served: list[str]) -> dict[str, Any]:
    """Draw closed and slow links, closed stops, breakdowns and cancelled trips."""
    hops = sorted({pair for line in its_lines for pair in pairwise(line["stops"])})
    trips = [(line, f"{line['id']}-{n + 1:04d}") for line in its_lines for n in range(len(line["departures"]))]
    found: dict[str, Any] = {"links": [], "breakdowns": [], "closed_stops": [], "cancelled_trips": []}

    def stretch() -> dict[str, int]:
        start = draw(st.integers(0, DAY_S))
        return {"start": start, "end": start + draw(st.sampled_from([60, 600, 1800]))}

    for _ in range(draw(st.integers(0, 3))):
        start, end = draw(st.sampled_from(hops))
        speed = draw(st.sampled_from([0, 0.5]))
        way = {"detour": draw(st.sampled_from([None, True, False]))} if speed == 0 else {}
        found["links"].append({"from_stop": start, "to_stop": end, "speed_factor": speed, **way, **stretch()})
    if draw(st.booleans()):
        found["closed_stops"].append({"stop": draw(st.sampled_from(served)), **stretch()})
    chosen = draw(st.lists(st.sampled_from(range(len(trips))), max_size=2, unique=True))
    for number in chosen:
        line, trip = trips[number]
        if draw(st.booleans()) and len(trips) > 1 and not found["cancelled_trips"]:
            found["cancelled_trips"].append(trip)
            continue
        place = (
            {"stop": draw(st.sampled_from(line["stops"][:-1]))}
            if draw(st.booleans())
            else {"after": draw(st.integers(0, DAY_S))}
        )
        found["breakdowns"].append(
            {
                "trip": trip,
                **place,
                "duration": draw(st.sampled_from([30, 300, 1200])),
                "then": draw(st.sampled_from(["continue", "end"])),
                "blocks": draw(st.sampled_from([None, True, False])),
            }
        )
    return found


@st.composite
def platoons(draw: st.DrawFn) -> Scenario:
    """Draw a handful of vehicles and people that all come at once, so that the tie rules decide everything."""
    its_lines = []
    running = {pair: draw(st.sampled_from([30, 60])) for pair in ("AB", "BC", "CD", "CB", "BA")}
    # Two lines over the same stops and one that turns back: people for B and for C wait in queues of their own.
    others = draw(st.lists(st.sampled_from(["BC", "CBA", "ABCD"]), max_size=2))
    for number, stops in enumerate(["ABC", "AB", *others]):
        times = [running[start + end] for start, end in pairwise(stops)]
        departures = sorted(draw(st.lists(st.sampled_from([0, 30, 60]), min_size=1, max_size=4)))
        its_lines.append(bus_line(f"L{number}", stops, times, departures))
    crowds = []
    for _ in range(draw(st.integers(1, 6))):
        origin, destination = draw(st.sampled_from(["AB", "AC", "AC", "BC"]))
        start = draw(st.sampled_from([0, 30, 60]))
        crowds.append(flow(origin, destination, start, start, draw(st.integers(1, 4)), "even"))
    kind = {"seats": 0, "capacity": draw(st.integers(1, 3)), "dwell_rule": "sum", "alighting": 0}
    kind.update(dead_time=draw(st.sampled_from([0, 30])), boarding=draw(st.sampled_from([0, 15])))
    service = {
        "boarding_rule": draw(st.sampled_from(["present_at_arrival", "during_dwell"])),
        "overtaking": draw(st.booleans()),
        "all_stops": {"berths": draw(st.integers(1, 2)), "minimum_headway": draw(st.sampled_from([0, 30]))},
    }
    return world(its_lines, crowds, {"bus": kind}, days=1, service=service, journeys={"transfer_walk": 0})


STREETS = ("ABCDE", "AC", "BD", "CE", "ADB", "EA")
"""Lines of worlds with ways round: a main street, streets past each of its stops, and one round two of them."""


@st.composite
def detour_worlds(draw: st.DrawFn) -> Scenario:
    """Draw a town in which closed streets can be gone round, with stops missed, or not."""
    its_lines = []
    for stops in draw(st.permutations(STREETS))[: draw(st.integers(3, 6))]:
        running = [60 * draw(st.integers(0, 6)) for _ in range(len(stops) - 1)]
        departures = sorted(GRID_S * draw(st.integers(0, 20)) for _ in range(draw(st.integers(1, 4))))
        its_lines.append(bus_line(f"L{stops}", stops, running, departures))
    if not any(line["id"] == "LABCDE" for line in its_lines):
        its_lines.append(bus_line("LABCDE", "ABCDE", [120.0] * 4, [0.0, 600.0, 1200.0]))
    its_lines = _with_one_time_per_link(its_lines)
    hops = sorted({pair for line in its_lines for pair in pairwise(line["stops"])})
    links = []
    for start, end in draw(st.lists(st.sampled_from(hops), min_size=1, max_size=5)):
        speed = draw(st.sampled_from([0, 0, 0, 0.5, 0.25]))
        way = {"detour": draw(st.sampled_from([None, None, True, False]))} if speed == 0 else {}
        begin = 60 * draw(st.integers(0, 30))
        stretch = {"start": begin, "end": begin + 60 * draw(st.integers(1, 60))}
        links.append({"from_stop": start, "to_stop": end, "speed_factor": speed, **way, **stretch})
    served = sorted({stop for line in its_lines for stop in line["stops"]})
    capacity = draw(st.integers(2, 12))
    kind = {"seats": capacity // 2, "capacity": capacity, "dead_time": draw(st.sampled_from([0, 20])), "boarding": 2}
    return world(
        its_lines,
        [at_grid_times(item) for item in draw(flows(served))],
        {"bus": kind},
        days=1,
        replications=1,
        seed=draw(st.integers(0, 1000)),
        service={
            "boarding_rule": draw(st.sampled_from(["present_at_arrival", "during_dwell"])),
            "overtaking": draw(st.booleans()),
            "blocks": draw(st.sampled_from(["as_given", "chain"])),
            **draw(_holding(served, may_cut=False)),
        },
        journeys=draw(_information()),
        disruptions={"links": links},
    )


def _with_one_time_per_link(its_lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give every line the running time that the first one has between the same stops."""
    times: dict[tuple[str, str], float] = {}
    for line in its_lines:
        pairs = list(pairwise(line["stops"]))
        for pair, time in zip(pairs, line["running_times"], strict=True):
            times.setdefault(pair, time)
        line["running_times"] = [times[pair] for pair in pairs]
    return its_lines


LOOPS = ("ABCBD", "ABCA", "CABCAB", "ABAC", "DCBCA", "ABCDAB")
"""Lines that come to a stop twice."""


@st.composite
def loop_worlds(draw: st.DrawFn) -> Scenario:
    """Draw lines with loops and spurs, whose stops are boarded and left at either visit."""
    its_lines = []
    for stops in draw(st.lists(st.sampled_from(LOOPS), min_size=1, max_size=3, unique=True)):
        running = [30 * draw(st.integers(1, 6)) for _ in range(len(stops) - 1)]
        departures = sorted(GRID_S * draw(st.integers(0, 20)) for _ in range(draw(st.integers(1, 5))))
        its_lines.append(bus_line(f"L{stops}", stops, running, departures))
    served = sorted({stop for line in its_lines for stop in line["stops"]})
    capacity = draw(st.integers(1, 8))
    kind = {
        "seats": capacity // 2,
        "capacity": capacity,
        "dwell_rule": "sum",
        "dead_time": draw(st.sampled_from([0, 20])),
    }
    kind.update(boarding=draw(st.sampled_from([0, 5])), alighting=draw(st.sampled_from([0, 2])))
    return world(
        its_lines,
        [at_grid_times(item) for item in draw(flows(served))],
        {"bus": kind},
        days=1,
        seed=draw(st.integers(0, 1000)),
        service={
            "boarding_rule": draw(st.sampled_from(["present_at_arrival", "during_dwell"])),
            "overtaking": draw(st.booleans()),
            **draw(_holding(served, may_cut=False)),
        },
        behaviour={"patience": draw(st.sampled_from([None, 900]))},
        journeys={"transfer_walk": draw(st.sampled_from([0, 60])), **draw(_information())},
    )
