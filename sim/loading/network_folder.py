"""Network folders and GTFS feeds as a network, a service and demand.

The folder format: ``gtfs/*.txt``, optional ``gmns/node.csv`` and ``gmns/link.csv``,
``vehicles.csv``, optional ``demand/od.csv`` (with ``demand/profile.csv`` where it has no
periods), optional ``traffic.csv``, and ``SOURCE.md``. A bare GTFS folder or zip is a network
without demand; it is read as an import would read it, while a network folder must be without
faults.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.errors import NetworkError, Problem
from sim.loading.blank_times import spread_by_streets
from sim.loading.demand_files import read_demand
from sim.loading.foot_paths import read_foot_paths
from sim.loading.gtfs_calendar import Calendar, read_calendar
from sim.loading.gtfs_tables import Stops, Trips, read_frequencies, read_lines, read_stops, read_trips
from sim.loading.gtfs_times import StopTimes, read_stop_times
from sim.loading.hop_ways import HopWays, check_ways_are_there
from sim.loading.network_files import NetworkFiles
from sim.loading.problems import ProblemCollector
from sim.loading.service_build import Feed, build_service
from sim.loading.service_day import (
    Locate,
    check_repetitions_fit,
    check_services,
    chosen_trips,
    mention_stops_without_line,
    reached_stops,
)
from sim.loading.source_notes import is_schematic, notes_of, read_source
from sim.loading.stop_matching import match_stops
from sim.loading.street import (
    Links,
    Nodes,
    free_running_times,
    known_lengths,
    read_links,
    read_nodes,
    scheduled_link_times,
    scheduled_pair_times,
    stop_to_stop_links,
)
from sim.loading.table_specs import LINKS, TRAFFIC
from sim.loading.tariff_files import read_tariff
from sim.loading.traffic import Traffic, read_traffic
from sim.loading.vehicle_types import kind_of_trip, vehicle_types
from sim.model.demand import Demand
from sim.model.network import FootPaths, Network
from sim.model.parameters import VehicleParameters
from sim.model.service import Service
from sim.model.tariffs import TariffMaker


@dataclass(frozen=True)
class LoadedNetwork:
    """What a network folder or feed holds, for one service day.

    Attributes
    ----------
    network : Network
    service : Service
    demand : Demand
        Without flows where the folder has no demand files.
    input_hashes : tuple of (str, str)
        Name and SHA-256 of every file read.
    mentions : tuple of Problem
        Remarks that do not stop anything: unknown columns, stops without a line.
    tariff : callable or None
        Makes the tariff of the network; None where it has no fares.
    date : str
        Service date ``YYYY-MM-DD``.
    """

    network: Network
    service: Service
    demand: Demand
    input_hashes: tuple[tuple[str, str], ...]
    mentions: tuple[Problem, ...]
    tariff: TariffMaker | None = None
    date: str = ""


@dataclass(frozen=True)
class _Parts:
    """What could be read of a network, for what comes next."""

    source: str
    calendar: Calendar | None
    stops: Stops | None
    trips: Trips | None
    nodes: Nodes | None
    foot: FootPaths | None
    feed: Feed | None = None
    links: Links | None = None
    traffic: Traffic | None = None
    tariff: TariffMaker | None = None
    matched: str = ""


@dataclass(frozen=True)
class _NodePositions:
    x: FloatArray
    y: FloatArray
    geographic: bool


def load_network(
    folder: Path | str,
    agencies: Sequence[str] | None = None,
    lines: Sequence[str] | None = None,
    date: str | None = None,
    *,
    vehicles: Mapping[str, VehicleParameters] | None = None,
    further: Collection[str] = (),
    locate: Locate | None = None,
) -> LoadedNetwork:
    """Read a network folder, a bare GTFS folder or a GTFS zip.

    Parameters
    ----------
    folder : Path or str
        Folder or zip.
    agencies, lines : sequence of str, optional
        Use only lines of these agencies, only these lines.
    date : str, optional
        Service date ``YYYY-MM-DD``; the first date with the most trips by default.
    vehicles : mapping of str to VehicleParameters, optional
        Vehicle types of a scenario, added to those of the folder or in their place. For a bare
        feed, types by its route types are assumed where there are none but further ones.
    further : collection of str, optional
        Types of the scenario that only edits of its service give to trips.
    locate : callable, optional
        Places problems with agencies, lines and date; the folder by default.

    Raises
    ------
    NetworkError
        With every problem found.
    """
    collector = ProblemCollector()
    files = NetworkFiles(Path(folder), collector)
    place = locate or (lambda key, message: Problem(files.shown, 0, 0, key, message))
    if files.kind == "gtfs":
        from sim.loading.feeds.unimported import take_bare_feed  # many modules, for bare feeds alone

        take_bare_feed(files, collector, vehicles or {}, further)
    parts = _read_parts(files, collector)
    kinds = vehicle_types(files, vehicles or {}, collector)
    kind = None if parts.trips is None else kind_of_trip(parts.trips, kinds, files, collector)
    reached = None if parts.feed is None else reached_stops(parts.feed, parts.foot)
    demand = read_demand(files, parts.stops, reached, collector)
    feed, calendar, links = parts.feed, parts.calendar, parts.links
    built = None
    if feed is not None and links is not None:
        built = _network(files, parts, feed, links, collector)
    if collector.problems or feed is None or calendar is None or built is None or kind is None:
        raise NetworkError(collector.problems)
    chosen, runs_on = chosen_trips(feed, calendar, (agencies, lines, date), place, collector)
    _check_chosen(feed, chosen, collector)
    mention_stops_without_line(feed, parts.foot, collector)
    network, ways, times = built
    feed = replace(feed, times=times)
    service = build_service(feed, ways, chosen, list(kinds.values()), kind)
    mentions = tuple(collector.mentions)
    return LoadedNetwork(network, service, demand, files.hashes, mentions, parts.tariff, str(runs_on or ""))


def _check_chosen(feed: Feed, chosen: IntArray, collector: ProblemCollector) -> None:
    if not collector.problems:
        check_repetitions_fit(feed, chosen, collector)
    if collector.problems:
        raise NetworkError(collector.problems)


def _read_parts(files: NetworkFiles, collector: ProblemCollector) -> _Parts:
    """Read all tables but vehicles and demand, noting every problem on the way."""
    source = read_source(files, collector)
    stops = read_stops(files, collector)
    lines = read_lines(files, collector)
    trips = read_trips(files, lines, collector)
    times = read_stop_times(files, stops, trips, collector)
    frequencies = read_frequencies(files, trips, collector)
    calendar = read_calendar(files, collector)
    nodes = read_nodes(files, collector)
    links = read_links(files, nodes, stops, collector)
    table = files.table(TRAFFIC, required=False)
    if calendar is not None and trips is not None:
        check_services(trips, calendar, collector)
    matched = ""
    if stops is not None and links is not None and times is not None:
        links, matched = _matched(files, links, (stops, nodes, times), is_schematic(source), collector)
    foot = read_foot_paths(files, stops, links, collector)
    tariff = read_tariff(files, stops, lines, collector)
    parts = _Parts(source, calendar, stops, trips, nodes, foot, tariff=tariff, matched=matched)
    if stops is None or lines is None or trips is None or times is None:
        return parts
    if links is None and files.has(LINKS.name):
        return parts
    if links is None:
        positions = _positions(stops, nodes)
        links = stop_to_stop_links(stops, times, positions.x, positions.y, positions.geographic)
    traffic = None if table is None else read_traffic(table, links, collector)
    return replace(parts, feed=Feed(stops, lines, trips, times, frequencies), links=links, traffic=traffic)


def _matched(
    files: NetworkFiles,
    links: Links,
    feed: tuple[Stops, Nodes | None, StopTimes],
    schematic: bool,
    collector: ProblemCollector,
) -> tuple[Links, str]:
    """Match stops that lie off the streets to links, and say so; where positions are drawn that has no meaning."""
    stops, nodes, times = feed
    positions = _positions(stops, nodes)
    if schematic and not positions.geographic:
        return links, ""
    served = np.unique(times.stop).tolist()
    links, matched = match_stops(links, (positions.x, positions.y), served, geographic=positions.geographic)
    said = matched.sentence(list(stops.index))
    if said:
        collector.mention(files.shown_file(LINKS.name), said)
    return links, said


def _network(
    files: NetworkFiles, parts: _Parts, feed: Feed, links: Links, collector: ProblemCollector
) -> tuple[Network, HopWays, StopTimes]:
    """Return the network, the ways of trips over it and their times; runs that no way leads over are problems."""
    positions, traffic, further = _positions(feed.stops, parts.nodes), parts.traffic, links.further
    count, stops = len(links.ids), len(feed.stops.index)
    observed = np.full(count, np.nan) if traffic is None else traffic.least_s(count)
    scheduled = scheduled_pair_times(feed.stops, feed.times)
    free = free_running_times(links, observed, scheduled_link_times(links, stops, scheduled))
    network = Network(
        name=files.name,
        stop_id=tuple(feed.stops.index),
        stop_name=feed.stops.names,
        stop_x=positions.x,
        stop_y=positions.y,
        geographic=positions.geographic,
        schematic=is_schematic(parts.source) and not positions.geographic,
        link_id=links.ids,
        link_from=links.start,
        link_to=links.end,
        link_length_m=known_lengths(links, free),
        link_running_time_s=free,
        link_times=None if traffic is None else traffic.link_times(free),
        link_volumes=None if traffic is None else traffic.link_volumes(),
        link_capacity_per_s=links.capacity_per_s,
        foot=parts.foot,
        node_id=further.ids,
        node_x=further.x if further.ids else None,
        node_y=further.y if further.ids else None,
        streets=links.streets,
        time_zone=feed.lines.time_zone,
        notes=(*notes_of(parts.source), *filter(None, [parts.matched])),
    )
    is_observed = np.isfinite(observed)
    ways = HopWays(network, scheduled, is_observed)
    times = spread_by_streets(feed, ways, is_observed | np.isfinite(links.speed_m_per_s))
    if times is not feed.times:
        ways = HopWays(network, scheduled_pair_times(feed.stops, times), is_observed)
    feed_tables = (feed.stops, feed.lines, feed.trips, feed.times)
    check_ways_are_there(ways, feed_tables, files.shown_file(LINKS.name), collector)
    return network, ways, times


def _positions(stops: Stops, nodes: Nodes | None) -> _NodePositions:
    """Take degrees where every stop has them, else metres of the nodes."""
    if np.isfinite(stops.lat).all() and np.isfinite(stops.lon).all():
        return _NodePositions(stops.lon, stops.lat, geographic=True)
    blank = np.full(len(stops.index), np.nan)
    if nodes is None:
        return _NodePositions(blank, blank, geographic=False)
    rows = np.array([nodes.index.get(stop, -1) for stop in stops.index], dtype=np.int64)
    x = np.where(rows >= 0, nodes.x_m[rows], np.nan)
    y = np.where(rows >= 0, nodes.y_m[rows], np.nan)
    return _NodePositions(x, y, geographic=False)
