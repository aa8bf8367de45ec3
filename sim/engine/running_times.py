"""Running times that hang on the time of day: observed, by volume, or by the traffic of an area."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.engine.congestion import reservoir_speed_shares, running_s
from sim.model.link_classes import links_of_classes, named_links
from sim.model.network import LinkTimes, Network
from sim.model.parameters import StopLostTimeParameters, TrafficParameters
from sim.model.scenario import Scenario
from sim.model.service import Service
from sim.units import quantize

HOUR_S = 3600.0
RELAXATION_S = 7200.0
"""Time after the last scheduled arrival for which running times are tabulated."""


@dataclass(frozen=True)
class RunningTimeTable:
    """Running times by hop and time of entering it.

    Attributes
    ----------
    step_s : float
        Width of the time steps, the first of which starts at midnight.
    table_s : ndarray of float, shape (hops, steps)
        Running time of a vehicle that leaves for the hop in the step; the last step holds
        for all later times.
    visit_hop : ndarray of int, shape (visits,)
        Row of the table for the run to the next stop; -1 where the schedule holds.
    """

    step_s: float
    table_s: FloatArray
    visit_hop: IntArray


def running_times(scenario: Scenario) -> RunningTimeTable | None:
    """Tabulate running times by hop and time step; None where the schedule holds everywhere.

    Parameters
    ----------
    scenario : Scenario
    """
    traffic, lost_s = scenario.parameters.traffic, hop_lost_s(scenario.parameters.service.stop_lost_time)
    observed = _observed(scenario)
    if traffic.delay == "none" and traffic.area is None and not traffic.speed_factors:
        if observed is None:
            return None
        return _of_hops(scenario.service, observed[0], observed[1], lost_s)
    # A step must lie inside one observed period and inside one period of traffic, or a time would hold where it does
    # not.
    step = traffic.step_s if observed is None else float(np.gcd(int(traffic.step_s), int(observed[0])))
    return _of_hops(scenario.service, step, _congested(scenario, step, observed), lost_s)


def hop_lost_s(lost: StopLostTimeParameters | None) -> float:
    """Return the seconds that a run from stop to stop loses: speeding up at its start, braking at its end.

    Against constant speed v each takes ``v / (2 a)`` longer, with a the acceleration or the
    deceleration. A trip over n stops thus loses n - 1 times the sum: that of each stop between
    its ends, and half of it at either end where both accelerations are the same.

    Parameters
    ----------
    lost : StopLostTimeParameters or None
        None where nothing is lost.
    """
    if lost is None:
        return 0.0
    return lost.speed_m_per_s / 2.0 * (1.0 / lost.acceleration_m_s2 + 1.0 / lost.deceleration_m_s2)


def _observed(scenario: Scenario) -> tuple[float, dict[int, FloatArray]] | None:
    """Return the step and the running times by step of each link with observations, in seconds.

    A gap takes the nearest step in time that has one.
    """
    times = scenario.network.link_times
    if times is None or not len(times.link):
        return None
    edges = np.unique(np.concatenate([times.start_s, times.end_s])).astype(np.int64)
    step = int(np.gcd.reduce(edges[edges > 0]))
    steps = int(edges.max()) // step
    observed = np.unique(times.link)
    return float(step), {int(link): _nearest_filled(times.link == link, times, step, steps) for link in observed}


def _of_hops(service: Service, step_s: float, by_link: dict[int, FloatArray], lost_s: float) -> RunningTimeTable | None:
    """Add up the links of each hop and what it loses; hops with a link that is not known keep the schedule."""
    hops: dict[tuple[tuple[int, ...], float], int] = {}
    rows: list[FloatArray] = []
    pattern_hops: list[list[int]] = []
    for pattern in service.patterns:
        numbers = []
        for place, links in enumerate(pattern.links):
            if any(link not in by_link for link in links) or not links:
                numbers.append(-1)
                continue
            key = (links, pattern.hop_pace(place))
            if key not in hops:
                hops[key] = len(rows)
                # Rounded to the tick below, once for the whole hop: rounded link by link, hops of many links would
                # drift.
                rows.append(lost_s + key[1] * np.sum([by_link[link] for link in links], axis=0))
            numbers.append(hops[key])
        pattern_hops.append([*numbers, -1])
    if not rows:
        return None
    visit_hop = np.concatenate([np.asarray(pattern_hops[pattern]) for pattern in service.trip_pattern])
    return RunningTimeTable(step_s, quantize(np.array(rows)), visit_hop.astype(np.int64))


def _congested(
    scenario: Scenario, step_s: float, observed: tuple[float, dict[int, FloatArray]] | None
) -> dict[int, FloatArray]:
    """Return running times by step in seconds of every link: observed or free, times what traffic makes of them."""
    network, service, traffic = scenario.network, scenario.service, scenario.parameters.traffic
    steps = covered_steps(scenario, step_s, observed)
    starts_s: FloatArray = np.arange(steps, dtype=np.float64) * step_s
    by_link = {link: np.full(steps, time) for link, time in enumerate(network.link_running_time_s.tolist())}
    for link, row in (observed[1] if observed is not None else {}).items():
        place = np.minimum((starts_s // (observed[0] if observed is not None else 1.0)).astype(np.int64), len(row) - 1)
        by_link[link] = row[place]
    entries = _LinkUse(service, len(network.link_id))
    if traffic.delay != "none":
        by_link.update(_delayed(traffic, network, entries, starts_s))
    # Factors act on what volumes have made of the links, and the area on what both have: each of them is declared for
    # traffic as it runs.
    for item in traffic.speed_factors:
        inside = (starts_s >= item.start_s) & (starts_s < item.end_s)
        for link in named_links(item.links, network.link_id):
            by_link[link] = np.where(inside, by_link[link] / item.factor, by_link[link])
    if traffic.area is not None:
        rows = named_links(traffic.area.links, network.link_id)
        standing = traffic.bus_equivalents * entries.vehicles_on(rows, network.link_running_time_s, starts_s, step_s)
        share = reservoir_speed_shares(traffic.area, standing, step_s)
        for link in rows:
            by_link[link] = by_link[link] / share
    return by_link


def covered_steps(scenario: Scenario, step_s: float, observed: tuple[float, dict[int, FloatArray]] | None) -> int:
    """Return how many steps there are: until all that is declared and all that is scheduled is over."""
    traffic = scenario.parameters.traffic
    ends = [float(scenario.service.scheduled_arrival_s.max(initial=0.0)) + RELAXATION_S]
    ends += [volume.end_s for volume in traffic.volumes] + [item.end_s for item in traffic.speed_factors]
    if scenario.network.link_volumes is not None:
        ends.append(float(scenario.network.link_volumes.end_s.max()))
    if traffic.area is not None:
        ends += [piece.end_s for piece in traffic.area.inflow]
    if observed is not None:
        ends += [observed[0] * len(row) for row in observed[1].values()]
    return int(np.ceil(max(ends) / step_s)) + 1


def _delayed(
    traffic: TrafficParameters, network: Network, entries: _LinkUse, starts_s: FloatArray
) -> dict[int, FloatArray]:
    """Return the running time in seconds by step of each link of a class or with background traffic."""
    volumes, capacity = background_volumes(traffic, network, starts_s), {}
    if network.link_capacity_per_s is not None:
        capacity = {link: float(network.link_capacity_per_s[link]) for link in _network_volumes(network, starts_s)}
    for name, links in links_of_classes(traffic, network.link_id).items():
        capacity.update(dict.fromkeys(links, traffic.classes[name].capacity_per_s))
    nothing = np.zeros(len(starts_s))
    delayed = {}
    for link, capacity_per_s in capacity.items():
        buses = traffic.bus_equivalents * entries.per_s(link, starts_s)
        free_s = float(network.link_running_time_s[link])
        delayed[link] = running_s(traffic, free_s, capacity_per_s, volumes.get(link, nothing) + buses)
    return delayed


def background_volumes(traffic: TrafficParameters, network: Network, starts_s: FloatArray) -> dict[int, FloatArray]:
    """Return the background traffic by step of each link that has any, cars per second.

    What a scenario declares for a class goes before what the network does.

    Parameters
    ----------
    traffic : TrafficParameters
    network : Network
    starts_s : ndarray of float, shape (steps,)
    """
    volumes = _network_volumes(network, starts_s)
    declared = {piece.link_class for piece in traffic.volumes}
    for name, links in links_of_classes(traffic, network.link_id).items():
        if name in declared:
            volumes.update(dict.fromkeys(links, _declared_volume(traffic, name, starts_s)))
    return volumes


def _network_volumes(network: Network, starts_s: FloatArray) -> dict[int, FloatArray]:
    """Return the background traffic by step of each link for which the network declares any, cars per second."""
    declared = network.link_volumes
    found: dict[int, FloatArray] = {}
    if declared is not None:
        rows = zip(declared.start_s.tolist(), declared.end_s.tolist(), declared.volume_per_s.tolist(), strict=True)
        for link, (start_s, end_s, volume) in zip(declared.link.tolist(), rows, strict=True):
            mine = found.setdefault(link, np.zeros(len(starts_s)))
            mine[(starts_s >= start_s) & (starts_s < end_s)] = volume
    return found


def _declared_volume(traffic: TrafficParameters, name: str, starts_s: FloatArray) -> FloatArray:
    """Return the background traffic by step that a scenario declares for a class, cars per second."""
    volume = np.zeros(len(starts_s))
    for piece in traffic.volumes:
        if piece.link_class == name:
            volume[(starts_s >= piece.start_s) & (starts_s < piece.end_s)] = piece.volume_per_s
    return volume


class _LinkUse:
    """Which scheduled vehicles use which link when.

    Parameters
    ----------
    service : Service
    links : int
        Number of links.
    """

    def __init__(self, service: Service, links: int) -> None:
        self.visits: list[list[int]] = [[] for _ in range(links)]
        self.departure_s = service.scheduled_departure_s
        self.arrival_s = service.scheduled_arrival_s
        starts = service.visit_ptr[:-1]
        for number, pattern in enumerate(service.patterns):
            trips = starts[service.trip_pattern == number]
            for sequence, hop in enumerate(pattern.links):
                for link in hop:
                    self.visits[link] += (trips + sequence).tolist()

    def per_s(self, link: int, starts_s: FloatArray) -> FloatArray:
        """Return the vehicles per second that enter a link in the clock hour of each step."""
        hour = (starts_s // HOUR_S).astype(np.int64)
        entered = (self.departure_s[self.visits[link]] // HOUR_S).astype(np.int64)
        count = np.bincount(entered, minlength=int(hour.max()) + 1)
        flow: FloatArray = count[hour] / HOUR_S
        return flow

    def vehicles_on(self, links: list[int], time_s: FloatArray, starts_s: FloatArray, step_s: float) -> FloatArray:
        """Return the mean number of vehicles on links at once by step, by scheduled entry and free time."""
        seconds = np.zeros(len(starts_s) + 1)
        for link in links:
            place = np.minimum((self.departure_s[self.visits[link]] // step_s).astype(np.int64), len(starts_s))
            np.add.at(seconds, place, float(time_s[link]))
        number: FloatArray = seconds[:-1] / step_s
        return number


def _nearest_filled(mine: BoolArray, times: LinkTimes, step: int, steps: int) -> FloatArray:
    start = np.round(times.start_s[mine] / step).astype(np.int64)
    end = np.round(times.end_s[mine] / step).astype(np.int64)
    row = np.full(steps, np.nan)
    for first, last, value in zip(start.tolist(), end.tolist(), times.running_time_s[mine].tolist(), strict=True):
        row[first:last] = value
    known = np.flatnonzero(np.isfinite(row))
    after = np.searchsorted(known, np.arange(steps)).clip(0, len(known) - 1)
    before = (after - 1).clip(0)
    nearer_before = np.abs(known[before] - np.arange(steps)) <= np.abs(known[after] - np.arange(steps))
    filled: FloatArray = row[np.where(nearer_before, known[before], known[after])]
    return filled
