"""Examples of variants for a scenario to begin with, in comments: they name lines and stops of the network itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.loading.network_folder import LoadedNetwork
from sim.model.service import Service, StopPattern
from sim.units import format_clock_short

_HOUR_S: Final = 3600.0
_PEAK_S: Final = (7.0 * _HOUR_S, 9.0 * _HOUR_S)
_LEAST_HEADWAY_S: Final = 60.0
_HEAD: Final = """\
# What if? `peakshift compare` sets variants beside the scenario as it is, with the same people and the same luck. Each
# changes some keys; take away the `# ` before `variants:` and before those that you want. Lines and stops go by id or
# by name: `peakshift network lines|stops` finds them. All kinds of changes: `peakshift keys service.changes`.
"""


def example_variants(loaded: LoadedNetwork) -> str:
    """Return the lines of `variants`, all of them comments; empty where the network has no trips.

    Parameters
    ----------
    loaded : LoadedNetwork
    """
    if not loaded.service.trip_id:
        return ""
    return _HEAD + "".join(f"# {line}\n" for line in ["variants:", *_variants(loaded)])


def _variants(loaded: LoadedNetwork) -> Iterator[str]:
    service, network = loaded.service, loaded.network
    pattern = _busiest_pattern(service)
    line = _text(service.lines[pattern.line].line_id)
    starts_s = _starts_s(service, pattern)
    first_s, last_s = _hours(starts_s)
    hours = f"start: {_clock(first_s)}, end: {_clock(last_s)}"
    every_s = _half_headway_s(starts_s, first_s, last_s)
    every = f"{every_s / 60.0:g} min" if every_s % 60.0 == 0 else f"{every_s:g} s"
    start, end = _street(loaded, pattern)
    street = f"from_stop: {_text(start)}, to_stop: {_text(end)}"
    vehicle = _text(service.vehicle_types[int(service.trip_vehicle_type[_trips(service, pattern)[0]])].vehicle_type)
    rows = list(dict.fromkeys([pattern.stops[0], pattern.stops[len(pattern.stops) // 2], pattern.stops[-1]]))
    yield from _variant("half_headway", f"- headway: {{line: {line}, {hours}, every: {every}}}")
    yield from _variant(
        "other_times",
        f"- retime_trips: {{line: {line}, {hours}, shift: 5 min}}",
        f"- cancel_trips: {{line: {line}, start: {_clock(float(starts_s.max()))}}}",
        f"- add_trips: {{line: {line}, direction: {pattern.direction_id}, departures: [{_clock(first_s + 150.0)}]}}",
    )
    yield from _variant("street_slow", f"- slow_street: {{{street}, speed_factor: 0.5}}")
    yield from _variant("street_closed", f"- close_street: {{{street}, {hours}}}")
    if len(rows) > 1:
        stops = ", ".join(_text(network.stop_id[row]) for row in rows)
        mode = service.lines[pattern.line].mode
        yield from _variant(
            "express",
            f"- new_line: {{id: express, stops: [{stops}], vehicle: {vehicle},",
            f"    mode: {mode}, {hours}, every: 10 min, both_directions: false}}",
        )
    yield "  larger_vehicles:     # a fifth more seats, places and room at doors, so that boarding is quicker too"
    yield "    service.capacity_scale: 1.2"
    if len(loaded.demand):
        yield "  more_people:"
        yield "    demand.scale: 1.2"


def _variant(name: str, *changes: str) -> Iterator[str]:
    yield f"  {name}:"
    yield "    service.changes:"
    yield from (f"      {change}" for change in changes)


def _busiest_pattern(service: Service) -> StopPattern:
    """Return the stop pattern with most trips of the line with most trips."""
    by_pattern = np.bincount(service.trip_pattern, minlength=len(service.patterns))
    line = np.array([pattern.line for pattern in service.patterns])
    busiest = int(np.bincount(line, by_pattern, len(service.lines)).argmax())
    return service.patterns[int(np.where(line == busiest, by_pattern, -1).argmax())]


def _trips(service: Service, pattern: StopPattern) -> IntArray:
    number = next(row for row, known in enumerate(service.patterns) if known is pattern)
    return np.flatnonzero(service.trip_pattern == number)


def _starts_s(service: Service, pattern: StopPattern) -> FloatArray:
    return service.scheduled_departure_s[service.visit_ptr[_trips(service, pattern)]]


def _hours(starts_s: FloatArray) -> tuple[float, float]:
    """Return the morning peak where trips leave in it, else two hours from the first trip on."""
    start_s, end_s = _PEAK_S
    if ((starts_s >= start_s) & (starts_s < end_s)).any():
        return start_s, end_s
    first_s = float(np.floor(starts_s.min() / 60.0) * 60.0)
    return first_s, first_s + 2.0 * _HOUR_S


def _half_headway_s(starts_s: FloatArray, start_s: float, end_s: float) -> float:
    trips = int(((starts_s >= start_s) & (starts_s < end_s)).sum())
    half_s = (end_s - start_s) / max(trips, 1) / 2.0
    return max(float(np.round(half_s / 30.0) * 30.0), _LEAST_HEADWAY_S)


def _street(loaded: LoadedNetwork, pattern: StopPattern) -> tuple[str, str]:
    """Return both ends of a link in the middle of a pattern."""
    network = loaded.network
    hops = [links for links in pattern.links if links]
    link = hops[len(hops) // 2][0]
    return network.nodes[int(network.link_from[link])], network.nodes[int(network.link_to[link])]


def _clock(seconds: float) -> str:
    return json.dumps(format_clock_short(seconds))


def _text(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)
