"""A service on a changed street graph: other ways, longer or shorter running times, stops that are missed.

Running times follow the graph in proportion. A hop whose timetable gives it T seconds, over a way whose free running
time was F and is now G, takes T * G / F; where F or T is 0 it takes T + G - F. A vehicle keeps its way as long as all
its links are there, however slow they have become, but for a way over a new or faster link that takes less time.
Where its way is gone it takes the shortest one to the next stop that can be reached; stops between are missed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from sim.arrays import FloatArray
from sim.errors import NetworkError, Problem
from sim.model.link_uses import Way, usable_links, way_of
from sim.model.network import Network
from sim.model.notes import Note, note
from sim.model.service import Service, StopPattern, with_onward
from sim.model.service_trips import keep_trips
from sim.model.street_graph import GraphChange
from sim.model.ways import StreetWays, time_of


@dataclass(frozen=True)
class Hop:
    """A run from one stop that is served to the next.

    Attributes
    ----------
    place, reached : int
        Positions of both stops in the pattern before; stops between are missed.
    links : tuple of int
        Rows of links now.
    old_s, new_s : float
        Free running time over the links before, those to missed stops too, and over the links now.
    """

    place: int
    reached: int
    links: tuple[int, ...]
    old_s: float
    new_s: float

    def running_s(self, usual_s: float) -> float:
        """Return the running time now of a trip that took so many seconds before."""
        if self.old_s > 0 and usual_s > 0:
            return usual_s * (self.new_s / self.old_s)
        return usual_s + self.new_s - self.old_s


def reroute(service: Service, network: Network, change: GraphChange) -> tuple[Service, tuple[Note, ...]]:
    """Return the service on a changed graph, and what it means for lines in sentences.

    The timetable follows: trips leave their first stop as before, and later times move with the running times.

    Parameters
    ----------
    service : Service
    network : Network
        Before the change.
    change : GraphChange

    Raises
    ------
    NetworkError
        Where trips with passengers who stay on board for the next trip would end early.
    """
    ways = _HopsOnGraph(service, network, change)
    routes = [ways.hops(pattern) for pattern in service.patterns]
    sentences = list(
        dict.fromkeys(
            text
            for pattern, hops in zip(service.patterns, routes, strict=True)
            for text in _said(pattern, hops, service, network)
        )
    )
    _check_through(service, routes)
    patterns = tuple(_changed(pattern, hops) for pattern, hops in zip(service.patterns, routes, strict=True))
    patterns = with_onward(patterns, service.patterns)
    times = [_times(service, trip, routes[int(number)]) for trip, number in enumerate(service.trip_pattern.tolist())]
    sizes = [len(arrival_s) for arrival_s, _ in times]
    changed = replace(
        service,
        patterns=patterns,
        visit_ptr=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        scheduled_arrival_s=np.concatenate([np.zeros(0), *(arrival_s for arrival_s, _ in times)]),
        scheduled_departure_s=np.concatenate([np.zeros(0), *(departure_s for _, departure_s in times)]),
    )
    runs = np.array([bool(routes[number]) for number in service.trip_pattern.tolist()], dtype=np.bool_)
    return _without_patterns(keep_trips(changed, runs), [bool(hops) for hops in routes]), tuple(sentences)


def _without_patterns(service: Service, runs: list[bool]) -> Service:
    """Return the service without patterns that cannot begin, whose links are no longer there."""
    number = np.cumsum(runs) - 1
    patterns = tuple(pattern for pattern, there in zip(service.patterns, runs, strict=True) if there)
    return replace(service, patterns=patterns, trip_pattern=number[service.trip_pattern].astype(np.int64))


class _HopsOnGraph:
    """The hops of patterns on a changed graph."""

    def __init__(self, service: Service, network: Network, change: GraphChange) -> None:
        self.service, self.network, self.change = service, network, change
        faster = set(np.flatnonzero(change.ratio < 1).tolist())
        self.better = faster | change.added
        self._ways: dict[Way | None, StreetWays] = {}

    def hops(self, pattern: StopPattern) -> list[Hop]:
        """Return the runs between the stops that are still served, in order; none where the trip cannot begin."""
        found: list[Hop] = []
        place, last = 0, len(pattern.stops) - 1
        while place < last:
            hop = self._hop(pattern, place)
            if hop is None:
                break
            found.append(hop)
            place = hop.reached
        return found

    def _hop(self, pattern: StopPattern, place: int) -> Hop | None:
        time_s, kept = self.change.network.link_running_time_s, self.change.kept
        old_s = time_of(pattern.links[place], self.network.link_running_time_s)
        links = tuple(int(kept[link]) for link in pattern.links[place])
        if min(links, default=0) >= 0:
            own = Hop(place, place + 1, links, old_s, time_of(links, time_s))
            return self._improved(pattern, own) if self.better and links else own
        for reached in range(place + 1, len(pattern.stops)):
            if pattern.stops[reached] == pattern.stops[place]:
                continue
            way = self._of(pattern).shortest(pattern.stops[place], pattern.stops[reached])
            if way is not None:
                passed_s = [
                    time_of(pattern.links[hop], self.network.link_running_time_s) for hop in range(place, reached)
                ]
                return Hop(place, reached, way.links, sum(passed_s), way.time_s)
        return None

    def _improved(self, pattern: StopPattern, own: Hop) -> Hop:
        """Return a hop over new or faster links where that takes less time, else the hop itself."""
        way = self._of(pattern).shortest(pattern.stops[own.place], pattern.stops[own.reached])
        if way is None or way.time_s >= own.new_s or self.better.isdisjoint(way.links):
            return own
        return replace(own, links=way.links, new_s=way.time_s)

    def _of(self, pattern: StopPattern) -> StreetWays:
        made_for = way_of(self.service.lines[pattern.line].mode)
        if made_for not in self._ways:
            usable = usable_links(self.change.network, _with_kept_links(self.service, self.change), made_for)
            self._ways[made_for] = StreetWays(self.change.network, usable)
        return self._ways[made_for]


def _with_kept_links(service: Service, change: GraphChange) -> Service:
    """Return the service with the rows that its links have now, without those that are gone."""
    hops = [
        tuple(tuple(int(change.kept[link]) for link in links if change.kept[link] >= 0) for links in pattern.links)
        for pattern in service.patterns
    ]
    patterns = [replace(pattern, links=links) for pattern, links in zip(service.patterns, hops, strict=True)]
    return replace(service, patterns=tuple(patterns))


def _said(pattern: StopPattern, hops: list[Hop], service: Service, network: Network) -> Iterator[Note]:
    """Say which stops a line misses, where it ends and which way takes longer."""
    line = {"line": service.lines[pattern.line].line_id, "direction": pattern.direction_id}
    names = [network.stop_id[stop] for stop in pattern.stops]
    for hop in hops:
        missed = ", ".join(map(repr, names[hop.place + 1 : hop.reached]))
        if missed:
            yield note("line_misses", **line, stops=missed, start=names[hop.place], end=names[hop.reached])
    end = hops[-1].reached if hops else 0
    if end < len(names) - 1:
        lost = ", ".join(map(repr, names[end + 1 :]))
        ends = note("line_ends", **line, end=names[end], stops=lost)
        yield ends if hops else note("line_does_not_run", **line, start=names[0])


def _check_through(service: Service, routes: list[list[Hop]]) -> None:
    """Make sure that trips with passengers on board for the next one still end where that one begins."""
    patterns = service.trip_pattern.tolist()
    whole = [
        bool(hops) and hops[-1].reached == len(item.stops) - 1
        for hops, item in zip(routes, service.patterns, strict=True)
    ]
    trip = service.runs.first_broken(
        [bool(routes[number]) for number in patterns], [whole[number] for number in patterns]
    )
    if trip is not None:
        message = (
            f"trip {service.trip_id[trip]!r} cannot reach its last stop, where passengers stay on board for the "
            "next trip; set service.through_services: apart"
        )
        raise NetworkError([Problem("", 0, 0, "graph", message)])


def _changed(pattern: StopPattern, hops: list[Hop]) -> StopPattern:
    if not hops:
        return pattern
    places = [0, *(hop.reached for hop in hops)]
    paces = [_pace(pattern, hop) for hop in hops]
    return replace(
        pattern,
        stops=tuple(pattern.stops[place] for place in places),
        links=tuple(hop.links for hop in hops),
        no_boarding=frozenset(new for new, place in enumerate(places) if place in pattern.no_boarding),
        no_alighting=frozenset(new for new, place in enumerate(places) if place in pattern.no_alighting),
        pace=tuple(paces) if pattern.pace or any(pace != 1.0 for pace in paces) else (),
    )


def _pace(pattern: StopPattern, hop: Hop) -> float:
    """Return the pace of a hop: that of the hops it stands for."""
    paces = {pattern.hop_pace(place) for place in range(hop.place, hop.reached)}
    return paces.pop() if len(paces) == 1 else float(np.mean(list(paces)))


def _times(service: Service, trip: int, hops: list[Hop]) -> tuple[FloatArray, FloatArray]:
    """Return the arrivals and departures of a trip at the stops it still serves; as before where nothing changes."""
    visits = slice(int(service.visit_ptr[trip]), int(service.visit_ptr[trip + 1]))
    arrival_s, departure_s = service.scheduled_arrival_s[visits], service.scheduled_departure_s[visits]
    if len(hops) == len(arrival_s) - 1 and all(hop.new_s == hop.old_s for hop in hops):
        return arrival_s, departure_s
    places = [0, *(hop.reached for hop in hops)]
    usual_s = arrival_s[1:] - departure_s[:-1]
    later_s = np.zeros(len(places))
    for number, hop in enumerate(hops, start=1):
        before_s = float(arrival_s[hop.reached] - departure_s[hop.place])
        running_s = hop.running_s(float(usual_s[hop.place : hop.reached].sum()))
        later_s[number] = later_s[number - 1] + (running_s - before_s)
    return arrival_s[places] + later_s, departure_s[places] + later_s
