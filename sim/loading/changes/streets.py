"""Streets closed or slow, and stops that are moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.loading.changes.choice import hours_of, stop_row
from sim.loading.changes.draft import WHOLE_DAY, Draft, EditError, Hours, hours_words
from sim.loading.changes.trips import with_running_times
from sim.loading.hints import listed
from sim.loading.trip_rows import in_order
from sim.model.distances import distance_m
from sim.model.network import FootPaths, LinkTimes, Network
from sim.model.notes import Note, note
from sim.model.parameters import LinkDisruptionParameters
from sim.model.parameters.changes import MovedStopParameters, SlowStreetParameters, StreetParameters
from sim.model.rerouting import reroute
from sim.model.service import Service
from sim.model.street_graph import read_graph
from sim.units import DAY_S

_NEAR_M = 1.0


def change_street(draft: Draft, item: StreetParameters, number: int) -> None:
    """Close a street, or let vehicles be slower on it.

    All day it is the street graph that changes: vehicles go round, and the timetable follows (`sim.model.rerouting`).
    For some hours it is a disruption of the link.

    Raises
    ------
    EditError
    """
    network = draft.network
    ends = [_node(network, item.from_stop, "from_stop"), _node(network, item.to_stop, "to_stop")]
    hours = hours_of(item.start_s, item.end_s)
    factor = item.speed_factor if isinstance(item, SlowStreetParameters) else 0.0
    named = []
    for start, end in [ends, ends[::-1]] if item.both_ways else [ends]:
        names = network.nodes[start], network.nodes[end]
        if (start, end) in network.link_index:
            named.append(names)
        if (start, end) in network.link_index or ("street", *names) in draft.taken:
            draft.settle(("street", *names), hours, number, f"the street from {names[0]} to {names[1]}")
    if not named:
        next_to = sorted({network.nodes[int(row)] for row in network.link_to[network.link_from == ends[0]]})
        there = f"; from {item.from_stop!r} links lead to {listed(next_to)}" if next_to else ""
        raise EditError((), f"there is no link from {item.from_stop!r} to {item.to_stop!r}{there}")
    draft.notes.append(_street_words(item, factor, hours))
    if hours == WHOLE_DAY:
        _change_graph(draft, named, factor)
        return
    last_s = float(draft.service.scheduled_arrival_s.max())
    links = [
        LinkDisruptionParameters(
            from_stop=start,
            to_stop=end,
            start_s=hours[0],
            end_s=min(hours[1], max(last_s, hours[0]) + DAY_S),
            speed_factor=factor,
        )
        for start, end in named
    ]
    draft.links = (*draft.links, *(link for link in links if link not in draft.links))


def _street_words(item: StreetParameters, factor: float, hours: Hours) -> Note:
    """Say what becomes of a street, and when."""
    values = {"start": item.from_stop, "end": item.to_stop, "hours": hours_words(hours)}
    if factor:
        return note("edit_street_slow", factor=f"{factor:g}", **values)
    return note("edit_street_closed", **values)


def _change_graph(draft: Draft, streets: Sequence[tuple[str, str]], factor: float) -> None:
    """Take streets out of the graph, or make them slow, and let the service follow."""
    graph = draft.network.graph.copy()
    for street in streets:
        if factor:
            graph.edges[street]["running_time_s"] /= factor
        else:
            graph.remove_edge(*street)
    change = read_graph(draft.network, graph)
    draft.service, sentences = reroute(draft.service, draft.network, change)
    if not draft.service.trip_id:
        raise EditError((), "leaves no trip at all")
    draft.network = change.network
    draft.notes += sentences


def _node(network: Network, name: str, key: str) -> int:
    """Return the row of a stop, or of another node of the streets."""
    return network.node_index[name] if name in network.node_index else stop_row(network, name, (key,))


def move_stop(draft: Draft, item: MovedStopParameters, number: int) -> None:
    """Put a stop somewhere else; links, walks and running times follow the straight distance.

    Raises
    ------
    EditError
    """
    network = draft.network
    row = stop_row(network, item.stop, ("stop",))
    draft.settle(("stop", item.stop), WHOLE_DAY, number, f"the position of stop {item.stop}")
    if network.schematic or not network.has_positions():
        raise EditError(("stop",), "cannot be moved: positions of stops are not known, or drawn for the eye only")
    if network.geographic and not (abs(item.x) <= 180 and abs(item.y) <= 90):
        raise EditError(("x" if abs(item.x) > 180 else "y",), "must be degrees of longitude (x) and latitude (y)")
    x, y = network.stop_x.copy(), network.stop_y.copy()
    x[row], y[row] = item.x, item.y
    moved = replace(network, stop_x=x, stop_y=y)
    factor, touches = _factors(network, moved, row, network.link_from, network.link_to)
    lying = np.flatnonzero(touches & (factor == 0))
    if len(lying):
        other = network.nodes[int(network.link_from[lying[0]] + network.link_to[lying[0]] - row)]
        raise EditError(("x",), f"puts the stop on its neighbour {other!r}")
    length_m, running_s = network.link_length_m * factor, network.link_running_time_s * factor
    draft.service = _along(draft.service, network.link_running_time_s, running_s, touches)
    draft.network = replace(
        moved,
        link_length_m=length_m,
        link_running_time_s=running_s,
        link_times=_times(network.link_times, factor),
        foot=_foot(network, moved, row),
    )
    away_m = float(distance_m(*network_point(network, row), *network_point(moved, row), network.geographic)[0])
    draft.notes.append(note("edit_stop_moved", stop=item.stop, away=f"{away_m:,.0f}"))


def network_point(network: Network, row: int) -> tuple[FloatArray, FloatArray]:
    """Return the position of a stop as two arrays of one number."""
    return network.stop_x[[row]], network.stop_y[[row]]


def _factors(
    before: Network, after: Network, stop: int, start: IntArray, end: IntArray
) -> tuple[FloatArray, BoolArray]:
    """Return by how much ways from stop to stop grow, and which of them touch the stop."""
    touches = (start == stop) | (end == stop)
    old_m, new_m = (
        distance_m(x[start], y[start], x[end], y[end], net.geographic)
        for net in (before, after)
        for x, y in [net.positions()]
    )
    new_m = np.where(new_m < _NEAR_M, 0.0, new_m)
    # Stops that lie on each other have no distance that could grow.
    factor = np.divide(new_m, old_m, out=np.ones(len(start)), where=touches & (old_m >= _NEAR_M))
    return factor, touches


def _times(times: LinkTimes | None, factor: FloatArray) -> LinkTimes | None:
    return None if times is None else replace(times, running_time_s=times.running_time_s * factor[times.link])


def _foot(before: Network, after: Network, stop: int) -> FootPaths | None:
    foot = before.foot
    if foot is None:
        return None
    factor, _ = _factors(before, after, stop, foot.link_from, foot.link_to)
    return replace(foot, link_length_m=foot.link_length_m * factor)


def _along(service: Service, before_s: FloatArray, after_s: FloatArray, touches: BoolArray) -> Service:
    """Return the service with the running time of each hop in proportion to that of its links."""
    by_pattern: dict[int, FloatArray] = {}
    for number, pattern in enumerate(service.patterns):
        if any(touches[list(links)].any() for links in pattern.links):
            sums = [(before_s[list(links)].sum(), after_s[list(links)].sum()) for links in pattern.links]
            by_pattern[number] = np.array([after / before if before > 0 else 1.0 for before, after in sums])
    factors = {
        trip: by_pattern[pattern] for trip, pattern in enumerate(service.trip_pattern.tolist()) if pattern in by_pattern
    }
    return in_order(with_running_times(service, factors)) if factors else service
