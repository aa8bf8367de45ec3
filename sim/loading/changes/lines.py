"""A new line along given stops, by the shortest way over the links of the network."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from sim.arrays import FloatArray
from sim.loading.changes.choice import stop_row, vehicle_row
from sim.loading.changes.draft import WHOLE_DAY, Draft, EditError
from sim.loading.trip_rows import in_order
from sim.model.distances import distance_m
from sim.model.link_uses import usable_links, way_of
from sim.model.network import Network
from sim.model.notes import note
from sim.model.parameters.changes import NewLineParameters
from sim.model.service import Line, Service, StopPattern
from sim.model.ways import StreetWays, ways_along
from sim.units import format_clock

DETOUR = 1.3
"""Length of a link that is laid, as a multiple of the straight distance (assumed)."""


def add_line(draft: Draft, item: NewLineParameters, number: int) -> None:
    """Add a line, and links where it is said that they may be laid.

    Raises
    ------
    EditError
    """
    service = draft.service
    if any(line.line_id == item.id for line in service.lines):
        raise EditError(("id",), f"there is a line {item.id!r} already")
    draft.settle(("line", item.id), WHOLE_DAY, number, f"line {item.id}")
    stops = _stops(draft.network, item)
    kind = vehicle_row(service, item.vehicle, "vehicle")
    draft.network = _with_links(draft.network, draft.service, item, stops)
    ways = [stops, stops[::-1]] if item.both_directions else [stops]
    times_s = _departures(item)
    lines = (*service.lines, Line(item.id, item.id, "", item.mode))
    service = replace(service, lines=lines)
    for direction, way in enumerate(ways):
        found = ways_along(draft.network, way, usable_links(draft.network, draft.service, way_of(item.mode)))
        hops = [part for part in found if part is not None]
        if len(hops) < len(found):
            raise _no_way(draft.network, item, found.index(None), is_back=direction == 1)
        links = tuple(hop.links for hop in hops)
        pattern = StopPattern(f"{item.id}:{direction}:1", len(lines) - 1, direction, tuple(way), links)
        running_s = np.array([hop.time_s for hop in hops])
        service = _with_trips(service, pattern, running_s, times_s, kind, item.id)
    draft.service = in_order(service)
    trips = len(times_s) * len(ways)
    draft.notes.append(note("edit_new_line", line=item.id, trips=trips, stops=len(stops)))


def _stops(network: Network, item: NewLineParameters) -> list[int]:
    rows = [stop_row(network, stop, ("stops", place)) for place, stop in enumerate(item.stops)]
    for place, (before, row) in enumerate(pairwise(rows)):
        if before == row:
            raise EditError(("stops", place + 1), f"the stop {network.stop_id[row]!r} follows itself")
    return rows


def _departures(item: NewLineParameters) -> FloatArray:
    if item.every_s is None or item.end_s is None:
        return np.array(sorted(item.departures))
    count = max(int(np.ceil((item.end_s - item.start_s) / item.every_s - 1e-9)), 1)
    return np.asarray(item.start_s + item.every_s * np.arange(count))


def _no_way(network: Network, item: NewLineParameters, place: int, is_back: bool) -> EditError:
    """Return the error of a hop of the way that no links lead over; the way back is told by the stops as given."""
    stops = _stops(network, item)
    way = stops[::-1] if is_back else stops
    names = [network.stop_id[row] for row in way[place : place + 2]]
    message = (
        f"no links lead from {names[0]!r} to {names[1]!r} for mode {item.mode}; give stops between, another mode, "
        "straight_speed for a straight link"
    )
    if is_back:
        message += ", or both_directions: false"
    return EditError(("stops", len(way) - 2 - place if is_back else place + 1), message)


def _with_links(network: Network, service: Service, item: NewLineParameters, stops: list[int]) -> Network:
    """Lay straight links where no way leads from a stop to the next and the item says how fast they are."""
    if item.straight_speed_m_per_s is None:
        return network
    pairs = list(pairwise(stops)) + (list(pairwise(stops[::-1])) if item.both_directions else [])
    ways = StreetWays(network, usable_links(network, service, way_of(item.mode)))
    lacking = [pair for pair in dict.fromkeys(pairs) if ways.shortest(*pair) is None]
    if not lacking:
        return network
    start, end = (np.array(column, dtype=np.int64) for column in zip(*lacking, strict=True))
    x, y = network.stop_x, network.stop_y
    length_m = DETOUR * distance_m(x[start], y[start], x[end], y[end], network.geographic)
    if network.schematic or not np.isfinite(length_m).all():
        raise EditError(("straight_speed",), "has no meaning: positions of stops are not known, or drawn for the eye")
    ids = tuple(f"{network.stop_id[a]}>{network.stop_id[b]}" for a, b in lacking)
    capacity = network.link_capacity_per_s
    return replace(
        network,
        link_id=(*network.link_id, *ids),
        link_from=np.concatenate([network.link_from, start]),
        link_to=np.concatenate([network.link_to, end]),
        link_length_m=np.concatenate([network.link_length_m, length_m]),
        link_running_time_s=np.concatenate([network.link_running_time_s, length_m / item.straight_speed_m_per_s]),
        link_capacity_per_s=None if capacity is None else np.concatenate([capacity, np.full(len(ids), np.nan)]),
    )


def _with_trips(
    service: Service, pattern: StopPattern, running_s: FloatArray, times_s: FloatArray, kind: int, line: str
) -> Service:
    """Append the trips of a pattern, each run by a vehicle of its own."""
    names = tuple(f"{line}:{pattern.direction_id}@{format_clock(time_s)}" for time_s in times_s.tolist())
    passed_s = np.concatenate([[0.0], np.cumsum(running_s)])
    visits_s = (times_s[:, None] + passed_s[None, :]).reshape(-1)
    count, stops = len(names), len(pattern.stops)
    return replace(
        service,
        patterns=(*service.patterns, pattern),
        trip_id=(*service.trip_id, *names),
        trip_pattern=np.append(service.trip_pattern, np.full(count, len(service.patterns), dtype=np.int64)),
        trip_vehicle_type=np.append(service.trip_vehicle_type, np.full(count, kind, dtype=np.int64)),
        trip_block=np.append(service.trip_block, len(service.block_id) + np.arange(count)),
        block_id=(*service.block_id, *names),
        visit_ptr=np.append(service.visit_ptr, service.visit_ptr[-1] + stops * np.arange(1, count + 1)),
        scheduled_arrival_s=np.append(service.scheduled_arrival_s, visits_s),
        scheduled_departure_s=np.append(service.scheduled_departure_s, visits_s),
    )
