"""What a scenario asks of vehicles beyond running from stop to stop, compiled to rows.

Everything here is known before the run. A scenario that asks for nothing of it runs in the
plain loop of `sim.engine.vehicle`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from sim.arrays import BoolArray, IntArray
from sim.engine.control import HoldingRule, NoHolding, holding_rule
from sim.model.network import Network
from sim.model.parameters import (
    BreakdownParameters,
    DisruptionParameters,
    HoldingParameters,
    ServiceParameters,
    StopServiceParameters,
)
from sim.model.scenario import Scenario
from sim.model.service import Service
from sim.units import quantize_one

Stretch = tuple[float, float]
"""From and until, seconds after midnight."""

LeastHeadway = tuple[int, float]
"""Number of the vehicles that keep it together, and seconds."""

Slowing = tuple[float, float, float]
"""From and until, seconds after midnight, and the factor on running times."""


@dataclass(frozen=True)
class Breakdown:
    """A vehicle that breaks down.

    Attributes
    ----------
    visit : int
        Where; -1 where `after_s` says it.
    after_s : float
    duration_s : float
    ends_trip : bool
    blocks : bool
        Whether others wait behind it.
    """

    visit: int
    after_s: float
    duration_s: float
    ends_trip: bool
    blocks: bool

    def happens(self, visit: int, time_s: float) -> bool:
        """Tell whether it happens to a vehicle that reaches a visit at a time."""
        return visit == self.visit or (self.visit < 0 and time_s >= self.after_s)


@dataclass(frozen=True)
class ServiceOrder:
    """Trips of a line and direction at a stop, in order of the schedule.

    Attributes
    ----------
    point : ndarray of int, shape (visits,)
        Number of line, direction, stop and how often the trip has been there before.
    before, after : ndarray of int, shape (visits,)
        Visit of the trip before and of the one behind at the same point; -1 for none.
    """

    point: IntArray
    before: IntArray
    after: IntArray


@dataclass(frozen=True)
class Operations:
    """What is asked of vehicles.

    Attributes
    ----------
    stop_id : tuple of str
        Ids of stops by row.
    holding : HoldingRule
    limits : HoldingParameters
        Longest holding, and whether it may be negative.
    controlled : ndarray of bool, shape (visits,)
        Where the rule is asked.
    order : ServiceOrder or None
        None where nothing needs it.
    berths, minimum_headway_s : mapping of stop row
        Only stops that have any.
    line_headways : tuple of tuple of (int, float)
        Least headways of each line, with the number of the vehicles that keep it together;
        empty where there are none.
    closures : mapping of visit to stretches
        When the way to the next stop is closed.
    slowings : mapping of visit to slowings
        When the way to the next stop is slow.
    breakdowns : mapping of trip to Breakdown
    closed_stops : mapping of stop row to stretches
    cancelled : frozenset of int
        Rows of trips that do not run.
    cancelled_onward : frozenset of int
        Rows of trips whose vehicles would go on as one of these, so that everybody gets out.
    """

    stop_id: tuple[str, ...]
    holding: HoldingRule
    limits: HoldingParameters
    controlled: BoolArray
    order: ServiceOrder | None
    berths: Mapping[int, int]
    minimum_headway_s: Mapping[int, float]
    line_headways: tuple[tuple[LeastHeadway, ...], ...] = ()
    closures: Mapping[int, tuple[Stretch, ...]] = field(default_factory=dict)
    slowings: Mapping[int, tuple[Slowing, ...]] = field(default_factory=dict)
    breakdowns: Mapping[int, Breakdown] = field(default_factory=dict)
    closed_stops: Mapping[int, tuple[Stretch, ...]] = field(default_factory=dict)
    cancelled: frozenset[int] = frozenset()
    cancelled_onward: frozenset[int] = frozenset()

    @property
    def needed(self) -> bool:
        """Whether vehicles need more than the plain loop."""
        return self.order is not None or any(
            (
                self.berths,
                self.minimum_headway_s,
                self.line_headways,
                self.closures,
                self.slowings,
                self.breakdowns,
                self.closed_stops,
                self.cancelled_onward,
            )
        )


def compile_operations(scenario: Scenario, holding: HoldingRule | None = None) -> Operations:
    """Compile control, room at stops and disruptions of a scenario.

    Parameters
    ----------
    scenario : Scenario
    holding : HoldingRule or None
        Instead of the rule that the scenario names.
    """
    parameters, service, network = scenario.parameters.service, scenario.service, scenario.network
    rule = holding if holding is not None else holding_rule(parameters.holding)
    fluid = any(kind.dwell_rule == "headway" for kind in service.vehicle_types) and not parameters.no_dwell
    controls = not isinstance(rule, NoHolding)
    disruptions = scenario.parameters.disruptions
    rows = {trip: row for row, trip in enumerate(service.trip_id)}
    closures, slowings = _disturbed_links(service, network, disruptions)
    cancelled = frozenset(rows[trip] for trip in disruptions.cancelled_trips if trip in rows)
    return Operations(
        stop_id=network.stop_id,
        holding=rule,
        limits=parameters.holding,
        controlled=_controlled(service, network, parameters.holding, controls),
        order=service_order(service) if controls or fluid else None,
        berths={stop: room.berths for stop, room in _rooms(network, parameters) if room.berths is not None},
        minimum_headway_s={
            stop: quantize_one(room.minimum_headway_s)
            for stop, room in _rooms(network, parameters)
            if room.minimum_headway_s > 0
        },
        line_headways=_line_headways(service, parameters),
        closures=closures,
        slowings=slowings,
        breakdowns={
            rows[item.trip]: _breakdown(service, network, item, rows[item.trip], parameters.overtaking)
            for item in disruptions.breakdowns
            if item.trip in rows
        },
        closed_stops=_closed_stops(network, disruptions),
        cancelled=cancelled,
        cancelled_onward=frozenset(
            row - 1 for row in cancelled if service.continues is not None and service.continues[row]
        ),
    )


def service_order(service: Service) -> ServiceOrder:
    """Find for each visit the trips before and behind at the same stop of the line and direction.

    Parameters
    ----------
    service : Service
    """
    number: dict[tuple[int, int, int, int], int] = {}
    points = []
    for pattern in service.patterns:
        times: dict[int, int] = {}
        mine = []
        for stop in pattern.stops:
            times[stop] = times.get(stop, -1) + 1
            mine.append(number.setdefault((pattern.line, pattern.direction_id, stop, times[stop]), len(number)))
        points.append(np.array(mine, dtype=np.int64))
    visits = len(service.scheduled_departure_s)
    blank = np.full(visits, -1, dtype=np.int64)
    if not visits:
        return ServiceOrder(blank, blank, blank.copy())
    point = np.concatenate([points[pattern] for pattern in service.trip_pattern])
    sequence = np.lexsort((np.arange(visits), service.scheduled_departure_s, point))
    same = point[sequence][1:] == point[sequence][:-1]
    before, after = blank, blank.copy()
    before[sequence[1:][same]] = sequence[:-1][same]
    after[sequence[:-1][same]] = sequence[1:][same]
    return ServiceOrder(point, before, after)


def _controlled(service: Service, network: Network, holding: HoldingParameters, controls: bool) -> BoolArray:
    inner = np.ones(len(service.scheduled_departure_s), dtype=np.bool_)
    inner[service.visit_ptr[1:] - 1] = False
    if not controls:
        return np.zeros_like(inner)
    if holding.control_stops is None:
        inner[service.visit_ptr[:-1]] = False
        return inner
    rows = [network.stop_index[stop] for stop in holding.control_stops]
    at_stop: BoolArray = np.isin(service.visit_stop, rows)
    return inner & at_stop


def _rooms(network: Network, parameters: ServiceParameters) -> list[tuple[int, StopServiceParameters]]:
    return [(row, parameters.stops.get(stop, parameters.all_stops)) for row, stop in enumerate(network.stop_id)]


def _line_headways(service: Service, parameters: ServiceParameters) -> tuple[tuple[LeastHeadway, ...], ...]:
    """Return the least headways that each line keeps; nothing where no line keeps any."""
    wanted = list(enumerate(parameters.minimum_headways))
    found = tuple(
        tuple(
            (number, quantize_one(item.headway_s))
            for number, item in wanted
            if line.mode in item.modes or line.line_id in item.lines
        )
        for line in service.lines
    )
    return found if any(found) else ()


def _closed_stops(network: Network, disruptions: DisruptionParameters) -> dict[int, tuple[Stretch, ...]]:
    found: dict[int, tuple[Stretch, ...]] = {}
    for item in disruptions.closed_stops:
        row = network.stop_index[item.stop]
        found[row] = (*found.get(row, ()), (quantize_one(item.start_s), quantize_one(item.end_s)))
    return found


def _disturbed_links(
    service: Service, network: Network, disruptions: DisruptionParameters
) -> tuple[dict[int, tuple[Stretch, ...]], dict[int, tuple[Slowing, ...]]]:
    """Return closures and slowings of the way from each visit to the next stop."""
    closures: dict[int, tuple[Stretch, ...]] = {}
    slowings: dict[int, tuple[Slowing, ...]] = {}
    for item in disruptions.links:
        link = network.link_index[network.stop_index[item.from_stop], network.stop_index[item.to_stop]]
        stretch = (quantize_one(item.start_s), quantize_one(item.end_s))
        for pattern, sequence, share in _hops_over(service, network, link):
            visits = service.visit_ptr[:-1][service.trip_pattern == pattern] + sequence
            for visit in visits.tolist():
                if item.speed_factor == 0:
                    closures[visit] = (*closures.get(visit, ()), stretch)
                else:
                    factor = 1.0 + share * (1.0 / item.speed_factor - 1.0)
                    slowings[visit] = (*slowings.get(visit, ()), (*stretch, factor))
    return closures, slowings


def _hops_over(service: Service, network: Network, link: int) -> list[tuple[int, int, float]]:
    """List pattern, position and share of the running time of every hop that uses a link."""
    time_s = network.link_running_time_s
    found = []
    for number, pattern in enumerate(service.patterns):
        for sequence, links in enumerate(pattern.links):
            if link in links:
                whole = float(time_s[list(links)].sum())
                share = links.count(link) * float(time_s[link]) / whole if whole > 0 else 1.0
                found.append((number, sequence, share))
    return found


def _breakdown(service: Service, network: Network, item: BreakdownParameters, trip: int, overtaking: bool) -> Breakdown:
    visit = -1
    if item.stop is not None:
        stops = service.patterns[int(service.trip_pattern[trip])].stops
        visit = int(service.visit_ptr[trip]) + stops.index(network.stop_index[item.stop])
    return Breakdown(
        visit=visit,
        after_s=item.after_s if item.after_s is not None else 0.0,
        duration_s=quantize_one(item.duration_s),
        ends_trip=item.then == "end",
        blocks=item.blocks if item.blocks is not None else not overtaking,
    )
