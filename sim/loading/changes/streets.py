"""Streets closed or slow, and stops that are moved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.loading.changes.choice import hours_of, stop_row
from sim.loading.changes.draft import WHOLE_DAY, Draft, EditError, hours_words
from sim.loading.changes.trips import with_running_times
from sim.loading.trip_rows import in_order
from sim.model.distances import distance_m
from sim.model.network import FootPaths, LinkTimes, Network
from sim.model.parameters import LinkDisruptionParameters
from sim.model.parameters.changes import MovedStopParameters, StreetParameters
from sim.model.service import Service

_DAYS_END_S = 2 * 86400.0
"""End of what lasts all day, at least this: trips run past midnight."""
_NEAR_M = 1.0


def change_street(draft: Draft, item: StreetParameters, number: int) -> None:
    """Close a street for some hours, or let vehicles be slower on it.

    Raises
    ------
    EditError
    """
    network = draft.network
    ends = [stop_row(network, item.from_stop, ("from_stop",)), stop_row(network, item.to_stop, ("to_stop",))]
    ways = [way for way in ([ends, ends[::-1]] if item.both_ways else [ends]) if tuple(way) in network.link_index]
    if not ways:
        raise EditError((), f"there is no link from {item.from_stop!r} to {item.to_stop!r}")
    start_s, end_s = hours_of(item.start_s, item.end_s)
    factor = getattr(item, "speed_factor", 0.0)
    until_s = max(_DAYS_END_S, float(draft.service.scheduled_arrival_s.max()) + 86400.0)
    for way in ways:
        names = [network.stop_id[row] for row in way]
        draft.settle(("street", *names), (start_s, end_s), number, f"the street from {names[0]} to {names[1]}")
        link = LinkDisruptionParameters(
            from_stop=names[0], to_stop=names[1], start_s=start_s, end_s=min(end_s, until_s), speed_factor=factor
        )
        if link not in draft.links:
            draft.links = (*draft.links, link)
    what = f"slow, at {factor:g} of the usual speed," if factor else "closed"
    draft.notes.append(f"street {item.from_stop} to {item.to_stop}: {what} {hours_words((start_s, end_s))}")


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
        other = network.stop_id[int(network.link_from[lying[0]] + network.link_to[lying[0]] - row)]
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
    draft.notes.append(f"stop {item.stop}: moved by {away_m:,.0f} m")


def network_point(network: Network, row: int) -> tuple[FloatArray, FloatArray]:
    """Return the position of a stop as two arrays of one number."""
    return network.stop_x[[row]], network.stop_y[[row]]


def _factors(
    before: Network, after: Network, stop: int, start: IntArray, end: IntArray
) -> tuple[FloatArray, BoolArray]:
    """Return by how much ways from stop to stop grow, and which of them touch the stop."""
    touches = (start == stop) | (end == stop)
    old_m, new_m = (
        distance_m(net.stop_x[start], net.stop_y[start], net.stop_x[end], net.stop_y[end], net.geographic)
        for net in (before, after)
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
