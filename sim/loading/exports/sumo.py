"""A network for SUMO: plain XML for netconvert, and the vehicles of the day with their stops.

Every link becomes an edge with one lane, every stop a junction. The speed of an edge is such
that a vehicle that halts where trips do needs the free running time of the simulator. Ids are
counted (``n0``, ``e0``, ``t0``) because SUMO forbids many characters; names and lines are kept
beside them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.sax.saxutils import quoteattr

import numpy as np

from sim.arrays import FloatArray
from sim.errors import NetworkError, Problem
from sim.loading.network_folder import LoadedNetwork
from sim.model.distances import EARTH_RADIUS_M
from sim.model.network import Network
from sim.model.service import Service

_LEAST_LENGTH_M: Final = 25.0
"""An edge must hold a vehicle at its stop."""
_VEHICLE_M: Final = 12.0
"""Length of every vehicle, assumed; SUMO wants one and the network has none."""
_LEAST_SPEED_M_PER_S: Final = 0.5
_SPEEDS_UP, _SLOWS_DOWN = 1.2, 4.0
"""How fast vehicles change their speed, in m/s^2: what SUMO assumes of buses."""
_APART_M: Final = 1.0
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'


def write_sumo(loaded: LoadedNetwork, _source: Path, out: Path) -> tuple[Path, ...]:
    """Write ``NAME.nod.xml``, ``.edg.xml``, ``.netccfg``, ``.rou.xml`` and ``.sumocfg`` into a folder.

    ``netconvert -c NAME.netccfg`` then makes ``NAME.net.xml``, and ``sumo -c NAME.sumocfg`` runs it.

    Raises
    ------
    NetworkError
        When stops have no positions.
    """
    network = loaded.network
    if not network.has_positions():
        message = "stops without a position cannot be drawn, and SUMO needs all of them"
        raise NetworkError([Problem(network.name, 0, 0, "", message)])
    out.mkdir(parents=True, exist_ok=True)
    length_m = np.maximum(network.link_length_m, _LEAST_LENGTH_M)
    texts = {
        "nod.xml": _nodes(network),
        "edg.xml": _edges(network, length_m, _speed_m_per_s(network, loaded.service, length_m)),
        "netccfg": _netconvert(network.name),
        "rou.xml": _vehicles(loaded.service, length_m),
        "sumocfg": _configuration(network.name),
    }
    files = []
    for ending, lines in texts.items():
        files.append(out / f"{network.name}.{ending}")
        files[-1].write_text(_HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    return tuple(files)


def _nodes(network: Network) -> Iterator[str]:
    x, y = _plane_m(network)
    yield "<nodes>"
    names = [f"{stop} {name}" for stop, name in zip(network.stop_id, network.stop_name, strict=True)]
    for row, node in enumerate(network.nodes):
        stop = f'<param key="stop" value={quoteattr(names[row])}/>' if row < len(names) else ""
        key = "" if stop else f'<param key="node" value={quoteattr(node)}/>'
        yield f'  <node id="n{row}" x="{x[row]:.2f}" y="{y[row]:.2f}" type="priority">{stop}{key}'
        yield "  </node>"
    yield "</nodes>"


def _speed_m_per_s(network: Network, service: Service, length_m: FloatArray) -> FloatArray:
    """Return the speed of each link at which vehicles need its free running time, shape (links,).

    Where a trip halts at the start or the end of a link its vehicles speed up or slow down there, which takes them
    v / (2 a) longer than at their speed v. So the time over a link is length / v + loss v. Where that is longer at any
    speed, they go as fast as their length lets them: at v = sqrt(length / loss), in the least time.
    """
    starts, ends = np.zeros((2, len(length_m)), dtype=np.bool_)
    for pattern in service.patterns:
        for hop in pattern.links:
            starts[hop[0]] = ends[hop[-1]] = True
    loss = starts * (0.5 / _SPEEDS_UP) + ends * (0.5 / _SLOWS_DOWN)
    time_s = np.maximum(network.link_running_time_s, 1.0)
    # Of two speeds that take this time the lower one, in a form that also holds without a loss.
    speed = 2.0 * length_m / (time_s + np.sqrt(np.maximum(time_s**2 - 4.0 * loss * length_m, 0.0)))
    fastest = np.sqrt(length_m / np.where(loss > 0.0, loss, np.nan))
    return np.asarray(np.maximum(np.fmin(speed, fastest), _LEAST_SPEED_M_PER_S))


def _edges(network: Network, length_m: FloatArray, speed: FloatArray) -> Iterator[str]:
    yield "<edges>"
    for row, link in enumerate(network.link_id):
        start, end = int(network.link_from[row]), int(network.link_to[row])
        yield (
            f'  <edge id="e{row}" from="n{start}" to="n{end}" numLanes="1" speed="{speed[row]:.3f}" '
            f'length="{length_m[row]:.1f}" name={quoteattr(link)}/>'
        )
    yield "</edges>"


def _vehicles(service: Service, length_m: FloatArray) -> Iterator[str]:
    """Write the trips of the day in order of departure, each with its stops."""
    yield "<routes>"
    for row, vehicle in enumerate(service.vehicle_types):
        name = quoteattr(vehicle.vehicle_type)
        yield (
            f'  <vType id="v{row}" vClass="bus" length="{_VEHICLE_M}" personCapacity="{vehicle.capacity}" '
            f'accel="{_SPEEDS_UP}" decel="{_SLOWS_DOWN}" sigma="0" speedDev="0">'
            f'<param key="vehicle_type" value={name}/></vType>'
        )
    first = service.scheduled_departure_s[service.visit_ptr[:-1]] if len(service.trip_id) else np.zeros(0)
    for trip in np.argsort(first, kind="stable").tolist():
        pattern = service.patterns[int(service.trip_pattern[trip])]
        visits = slice(int(service.visit_ptr[trip]), int(service.visit_ptr[trip + 1]))
        arrival, departure = service.scheduled_arrival_s[visits], service.scheduled_departure_s[visits]
        edges = [link for hop in pattern.links for link in hop]
        line = quoteattr(service.lines[pattern.line].name)
        kind = int(service.trip_vehicle_type[trip])
        yield f'  <vehicle id="t{trip}" type="v{kind}" depart="{departure[0]:.0f}" line={line}>'
        yield f'    <route edges="{" ".join(f"e{link}" for link in edges)}"/>'
        for number, hop in enumerate(pattern.links, start=1):
            wait = max(float(departure[number] - arrival[number]), 0.0)
            end = length_m[hop[-1]]
            yield (
                f'    <stop lane="e{hop[-1]}_0" endPos="{end - 1.0:.1f}" duration="{wait:.0f}" '
                f'until="{departure[number]:.0f}"/>'
            )
        yield f'    <param key="trip" value={quoteattr(service.trip_id[trip])}/>'
        yield "  </vehicle>"
    yield "</routes>"


def _netconvert(name: str) -> Iterator[str]:
    yield "<configuration>"
    nodes, edges = quoteattr(f"{name}.nod.xml"), quoteattr(f"{name}.edg.xml")
    yield f"  <input><node-files value={nodes}/><edge-files value={edges}/></input>"
    yield f"  <output><output-file value={quoteattr(f'{name}.net.xml')}/></output>"
    # Straight edges of stops near each other overlap on the map; without this they would be cut short.
    yield '  <junctions><no-internal-links value="true"/></junctions>'
    yield "</configuration>"


def _configuration(name: str) -> Iterator[str]:
    yield "<configuration>"
    yield (
        f"  <input><net-file value={quoteattr(f'{name}.net.xml')}/>"
        f"<route-files value={quoteattr(f'{name}.rou.xml')}/></input>"
    )
    yield "</configuration>"


def _plane_m(network: Network) -> tuple[FloatArray, FloatArray]:
    """Return positions on a plane in metres, stops at one place a metre apart."""
    x, y = (axis.copy() for axis in network.positions())
    if network.geographic:
        middle = math.radians(float(y.mean()))
        x = np.radians(x - x.mean()) * EARTH_RADIUS_M * math.cos(middle)
        y = np.radians(y - y.mean()) * EARTH_RADIUS_M
    taken: dict[tuple[float, float], int] = {}
    for row in range(len(x)):
        place = (round(float(x[row]), 1), round(float(y[row]), 1))
        number = taken.get(place, 0)
        taken[place] = number + 1
        x[row] += _APART_M * number
    return x, y
