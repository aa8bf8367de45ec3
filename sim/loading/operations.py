"""Control, room at stops, traffic and disruptions of a scenario: whether what they name is there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from sim.errors import Problem
from sim.loading.hints import did_you_mean, listed
from sim.loading.idle_hours import remarks_on_hours
from sim.loading.inline import KeyPath, PlaceKey
from sim.model.detours import links_named
from sim.model.holding import declared_holding_rules
from sim.model.link_classes import links_of_classes
from sim.model.network import Network
from sim.model.parameters import BY_PASSENGER, ScenarioParameters, ServiceParameters, TrafficParameters
from sim.model.parameters.energy import EnergyParameters
from sim.model.service import Service
from sim.model.signals import signals_of


def check_operations(
    parameters: ScenarioParameters, network: Network, service: Service, place: PlaceKey
) -> list[Problem]:
    """Find stops, links, lines and trips that are named and not there.

    Parameters
    ----------
    parameters : ScenarioParameters
    network : Network
    service : Service
        With its edits, before anything is left out.
    place : callable
        Makes a problem of a key path and a message.
    """
    return [
        *_check_stops(parameters, network, place),
        *_check_links(parameters, network, place),
        *_check_trips(parameters, network, service, place),
        *_check_rules(parameters, service, place),
    ]


def remarks_on_operations(
    parameters: ScenarioParameters, network: Network, service: Service, place: PlaceKey
) -> list[Problem]:
    """Return what the network offers and the scenario makes no use of, and what comes of nothing, for remarks.

    Parameters
    ----------
    parameters, network, service, place
        As for `check_operations`.
    """
    found = remarks_on_hours(parameters, service, place)
    if network.link_volumes is not None and parameters.traffic.delay == "none":
        message = "is none, so the background traffic of the network (volume_per_h of traffic.csv) has no effect"
        found.append(place(("traffic", "delay"), message))
    return found


def _check_stops(parameters: ScenarioParameters, network: Network, place: PlaceKey) -> Iterator[Problem]:
    service, disruptions = parameters.service, parameters.disruptions
    named: list[tuple[KeyPath, str]] = [(("service", "stops", stop), stop) for stop in service.stops]
    named += [
        (("service", "holding", "control_stops", number), stop)
        for number, stop in enumerate(service.holding.control_stops or ())
    ]
    named += [
        (("disruptions", "closed_stops", number, "stop"), item.stop)
        for number, item in enumerate(disruptions.closed_stops)
    ]
    named += [
        (("population", "zones", row, "stops", number), stop)
        for row, zone in enumerate(parameters.population.zones)
        for number, stop in enumerate(zone.stops)
    ]
    advisor = parameters.advisor
    named += [(("advisor", "only_destinations", number), stop) for number, stop in enumerate(advisor.only_destinations)]
    named += [
        (("advisor", "incentive", "discounts", row, "stops", number), stop)
        for row, discount in enumerate(advisor.incentive.discounts)
        for number, stop in enumerate(discount.stops)
    ]
    for path, stop in named:
        yield from _known(path, "stop", stop, network.stop_id, place)


def _check_links(parameters: ScenarioParameters, network: Network, place: PlaceKey) -> Iterator[Problem]:
    for path, link in _links_of_traffic(parameters.traffic):
        yield from _known(path, "link", link, network.link_id, place)
    yield from _check_capacities(parameters, network, place)
    if (
        parameters.traffic.delay == "none"
        and parameters.traffic.volumes
        and not signals_of(network, parameters.traffic)
    ):
        yield place(("traffic", "volumes"), "have no effect while traffic.delay is none and there are no signals")
    for number, signal in enumerate(parameters.traffic.signals.at):
        if signal.node is not None:
            yield from _known(("traffic", "signals", "at", number, "node"), "node", signal.node, network.nodes, place)
    for number, item in enumerate(parameters.disruptions.links):
        path = ("disruptions", "links", number)
        if item.from_stop is None or item.to_stop is None:
            yield from _known((*path, "link"), "link", item.link or "", network.link_id, place)
            continue
        ends = {"from_stop": item.from_stop, "to_stop": item.to_stop}
        problems = [
            problem
            for key, node in ends.items()
            for problem in _known((*path, key), "stop", node, network.nodes, place)
        ]
        yield from problems
        if not problems and not links_named(network, item):
            yield place(path, f"there is no link from {item.from_stop!r} to {item.to_stop!r}")


def _links_of_traffic(traffic: TrafficParameters) -> Iterator[tuple[KeyPath, str]]:
    """Yield the links that keys of traffic name, with the path of the key."""
    lists: list[tuple[KeyPath, Sequence[str] | None]] = [
        *((("traffic", "classes", name), item.links) for name, item in traffic.classes.items()),
        *((("traffic", "speed_factors", number), item.links) for number, item in enumerate(traffic.speed_factors)),
        *((("traffic", "signals", "at", number), item.links) for number, item in enumerate(traffic.signals.at)),
        (("traffic", "area"), None if traffic.area is None else traffic.area.links),
    ]
    for path, links in lists:
        for number, link in enumerate(links or ()):
            yield (*path, "links", number), link


def _check_capacities(parameters: ScenarioParameters, network: Network, place: PlaceKey) -> Iterator[Problem]:
    """Find links with background traffic in the network that have no capacity."""
    traffic, volumes = parameters.traffic, network.link_volumes
    if traffic.delay == "none" or volumes is None:
        return
    of_classes = {row for rows in links_of_classes(traffic, network.link_id).values() for row in rows}
    given = network.link_capacity_per_s
    lacking = [
        network.link_id[row]
        for row in np.unique(volumes.link).tolist()
        if row not in of_classes and (given is None or not np.isfinite(given[row]))
    ]
    if lacking:
        message = (
            f"the network has background traffic (volume_per_h of traffic.csv) on links without a capacity: "
            f"{listed(lacking)}; give capacity in gmns/link.csv, or a class with these links in traffic.classes"
        )
        yield place(("traffic", "delay"), message)


def _check_trips(
    parameters: ScenarioParameters, network: Network, service: Service, place: PlaceKey
) -> Iterator[Problem]:
    disruptions, rows = parameters.disruptions, {trip: row for row, trip in enumerate(service.trip_id)}
    for number, trip in enumerate(disruptions.cancelled_trips):
        yield from _known(("disruptions", "cancelled_trips", number), "trip", trip, rows, place)
    seen: set[str] = set()
    for number, item in enumerate(disruptions.breakdowns):
        path: KeyPath = ("disruptions", "breakdowns", number)
        if item.trip not in rows:
            yield from _known((*path, "trip"), "trip", item.trip, rows, place)
            continue
        if item.trip in seen:
            yield place((*path, "trip"), f"the trip {item.trip!r} breaks down twice")
        seen.add(item.trip)
        if item.stop is not None:
            stops = service.patterns[int(service.trip_pattern[rows[item.trip]])].stops
            before_last = [network.stop_id[stop] for stop in stops[:-1]]
            yield from _known((*path, "stop"), "stop before the last one of the trip", item.stop, before_last, place)


def _check_rules(parameters: ScenarioParameters, service: Service, place: PlaceKey) -> Iterator[Problem]:
    """Find rules that exclude each other, and lines that nobody serves."""
    options = parameters.service
    if options.holding.allow_negative:
        message = ""
        if options.boarding_rule == "during_dwell":
            message = "has no meaning with boarding_rule during_dwell: people that come during the dwell are on board"
        elif not declared_holding_rules()[options.holding.rule].cuts_dwell:
            message = f"has no effect with rule {options.holding.rule}, which cuts no dwell short; forward_headway does"
        if message:
            yield place(("service", "holding", "allow_negative"), message)
    yield from _check_dwell(options, service, place)
    yield from _check_energy(options.energy, service, place)
    lines = [line.line_id for line in service.lines]
    for number, headways in enumerate(options.minimum_headways):
        for position, line in enumerate(headways.lines):
            path: KeyPath = ("service", "minimum_headways", number, "lines", position)
            yield from _known(path, "line", line, lines, place)
        modes = {line.mode for line in service.lines}
        if not headways.lines and modes.isdisjoint(headways.modes):
            message = f"has no effect: there is no line of {listed(headways.modes)}; modes are {listed(sorted(modes))}"
            yield place(("service", "minimum_headways", number, "modes"), message)


def _check_dwell(options: ServiceParameters, service: Service, place: PlaceKey) -> Iterator[Problem]:
    asked = options.dwell.fare_payment is not None or options.dwell.alighting_door is not None
    rules = {kind.dwell_rule for kind in service.vehicle_types}
    if asked and (rules.isdisjoint(BY_PASSENGER) or options.no_dwell):
        message = f"has no effect: no vehicle type has the dwell rule {' or '.join(BY_PASSENGER)}"
        yield place(("service", "dwell"), "has no effect with no_dwell" if options.no_dwell else message)


def _check_energy(energy: EnergyParameters, service: Service, place: PlaceKey) -> Iterator[Problem]:
    """Find vehicle types that are not there, and types that use nothing beside others that do."""
    names = [kind.vehicle_type for kind in service.vehicle_types]
    for name in energy.vehicles:
        yield from _known(("service", "energy", "vehicles", name), "vehicle type", name, names, place)
    kinds = {names[row]: energy.of_type(names[row]).kind for row in np.unique(service.trip_vehicle_type).tolist()}
    without = [name for name, kind in kinds.items() if kind == "none"]
    if without and len(without) < len(kinds):
        message = f"is none for {listed(without)}, while other vehicle types have one: the total would be unknown"
        yield place(("service", "energy", "kind"), message)


def _known(path: KeyPath, what: str, name: str, known: Collection[str], place: PlaceKey) -> Iterator[Problem]:
    if name not in known:
        yield place(path, f"unknown {what} {name!r}{did_you_mean(name, known)}; there are {listed(known)}")
