"""Read the lines, trains and transfers of the Beijing subway from the JSON5 files of Beijing-Subway-Tools.

The files list, for each station and direction, when trains leave, and filters that say which of them follow
which routing (short turns, depot runs, expresses). Trains of one routing keep their order, so the k-th of
them at one station is the k-th at the next; `read_runs` refuses data where that does not work out.

Used by ``build_beijing_subway.py`` only. Times are minutes after midnight of the service day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyjson5

WEDNESDAY = 3
EARLIEST_MIN = 3 * 60
"""Times before this one belong to the night of the day before."""

LINE_IDS = {
    "昌平线": "CP",
    "房山线": "FS",
    "燕房线": "YF",
    "亦庄线": "YZ",
    "S1线": "S1",
    "西郊线": "XJ",
    "亦庄T1线": "T1",
    "首都机场线": "CAE",
    "大兴机场线": "DAE",
}
"""Ids of the lines that have a name instead of a number."""


@dataclass(frozen=True)
class Line:
    """A line as its file describes it.

    Attributes
    ----------
    line_id, name, english, color : str
    stations : tuple of str
        Names in the order of the file.
    lengths_m : tuple of int
        Metres from the station before; the first is 0, or the closing piece of a loop.
    cars : int
    car_type : str
    speed_km_h : int
    loop : bool
    raw : mapping
        Everything else.
    """

    line_id: str
    name: str
    english: str
    color: str
    stations: tuple[str, ...]
    lengths_m: tuple[int, ...]
    cars: int
    car_type: str
    speed_km_h: int
    loop: bool
    raw: Mapping[str, Any]


@dataclass(frozen=True)
class Run:
    """One train from its first to its last stop.

    Attributes
    ----------
    line_id : str
    direction : int
    routing : str
        Names of the routings it follows.
    cars : int
    calls : tuple of (str, int)
        Station and minute.
    is_lap : bool
        Whether it goes once around a loop, back to where it started.
    """

    line_id: str
    direction: int
    routing: str
    cars: int
    calls: tuple[tuple[str, int], ...]
    is_lap: bool


def read_json5(path: Path) -> Any:
    """Return the content of a JSON5 file."""
    return pyjson5.decode(path.read_text(encoding="utf-8"))


def read_lines(folder: Path) -> list[Line]:
    """Read all lines of a city, numbered lines first."""
    found = []
    for path in sorted(folder.glob("*.json5")):
        raw = read_json5(path)
        if "train_routes" in raw:
            found.append(_line(raw))
    return sorted(found, key=lambda line: (not line.line_id[1:].isdigit() or line.name in LINE_IDS, _order(line)))


def _order(line: Line) -> tuple[int, str]:
    return (int(line.line_id[1:]) if line.line_id[1:].isdigit() else 0, line.line_id)


def _line(raw: Mapping[str, Any]) -> Line:
    name = raw["name"]
    stations = raw["stations"]
    return Line(
        line_id=LINE_IDS.get(name) or f"L{name.removesuffix('号线')}",
        name=name,
        english=raw["aliases"][0],
        color=raw["color"].lstrip("#"),
        stations=tuple(station["name"] for station in stations),
        lengths_m=tuple(station.get("dist", 0) for station in stations),
        cars=raw["carriage_num"],
        car_type=raw["carriage_type"],
        speed_km_h=raw["design_speed"],
        loop=raw.get("loop", False),
        raw=raw,
    )


def aliases(lines: Iterable[Line]) -> dict[str, str]:
    """Return the first English alias of each station that has any."""
    found: dict[str, str] = {}
    for line in lines:
        for station in line.raw["stations"]:
            if station.get("aliases"):
                found.setdefault(station["name"], station["aliases"][0])
    return found


def minute_of(clock: str) -> int:
    """Return the minute of the service day of a clock time HH:MM."""
    hours, minutes = map(int, clock.split(":"))
    minute = hours * 60 + minutes
    return minute + 24 * 60 if minute < EARLIEST_MIN else minute


def expand(delta: Sequence[Any]) -> list[int]:
    """Write out nested repetitions: [2, [3, [4]]] is 2, 4, 4, 4."""
    steps: list[int] = []
    for item in delta:
        steps += [item] if isinstance(item, int) else expand(item[1]) * item[0]
    return steps


def departures(schedule: Sequence[Mapping[str, Any]]) -> list[int]:
    """Return all departures of a schedule in order."""
    minutes = []
    for part in schedule:
        minute = minute_of(part["first_train"])
        minutes.append(minute)
        for step in expand(part["delta"]):
            minute += step
            minutes.append(minute)
    return sorted(minutes)


def routings(minutes: Sequence[int], filters: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """Return the routings of each departure, sorted by name; none for the usual one.

    Parameters
    ----------
    minutes : sequence of int
        Departures in order.
    filters : sequence of mapping
        As in the files: single trains, or every (n + 1)-th one of a stretch.
    """
    plans: list[set[str]] = [set() for _ in minutes]
    for entry in filters:
        for place in _filtered(minutes, entry):
            plans[place].add(entry["plan"])
    return [tuple(sorted(names)) for names in plans]


def _filtered(minutes: Sequence[int], entry: Mapping[str, Any]) -> list[int]:
    if "trains" in entry:
        wanted = Counter(map(minute_of, entry["trains"]))
        places = []
        for place, minute in enumerate(minutes):
            if wanted[minute]:
                wanted[minute] -= 1
                places.append(place)
        if +wanted:
            raise ValueError(f"no such trains: {entry}")
        return places
    first = minute_of(entry["first_train"]) if "first_train" in entry else minutes[0]
    until = minute_of(entry["until"]) if "until" in entry and "count" not in entry else minutes[-1]
    places = [place for place, minute in enumerate(minutes) if first <= minute <= until]
    return places[:: 1 + entry.get("skip_trains", 0)][: entry.get("count")]


def read_runs(line: Line) -> list[Run]:
    """Put the trains of a line on an ordinary working day (a Wednesday) together, both directions."""
    group = next(name for name, days in line.raw["date_groups"].items() if WEDNESDAY in days["weekday"])
    found: list[Run] = []
    for name, routes in line.raw["train_routes"].items():
        order = line.stations[::-1] if routes.get("reversed") else line.stations
        if routes.get("end_circle"):
            continue
        found += _direction_runs(line, name, routes, order, group)
    return found + _round_trips(line, group, found)


def _direction_runs(line: Line, name: str, routes: Mapping[str, Any], order: Sequence[str], group: str) -> list[Run]:
    times: dict[tuple[str, ...], dict[str, list[int]]] = {}
    for station in order:
        table = line.raw["timetable"][station][name][group]
        minutes = departures(table["schedule"])
        for minute, plan in zip(minutes, routings(minutes, table.get("filters", [])), strict=True):
            times.setdefault(plan, {}).setdefault(station, []).append(minute)
    found = []
    for plan, by_station in times.items():
        kinds = [routes[part] for part in plan]
        skipped = {station for kind in kinds for station in kind.get("skip", ())}
        served = [station for station in order if station in by_station and station not in skipped]
        counts = {len(by_station[station]) for station in by_station}
        if len(counts) != 1:
            raise ValueError(f"{line.name} {name} {plan}: the number of trains changes on the way: {counts}")
        ends = any("ends_with" in kind or kind.get("loop") is False for kind in kinds)
        for minutes in zip(*(by_station[station] for station in served), strict=True):
            if any(later < earlier for earlier, later in pairwise(minutes)):
                raise ValueError(f"{line.name} {name} {plan}: a train runs backwards: {minutes}")
            found.append(
                Run(
                    line_id=line.line_id,
                    direction=int(bool(routes.get("reversed"))),
                    routing="+".join(plan),
                    cars=min((kind["carriage_num"] for kind in kinds if "carriage_num" in kind), default=line.cars),
                    calls=tuple(zip(served, minutes, strict=True)),
                    is_lap=line.loop and not ends,
                )
            )
    return found


def _round_trips(line: Line, group: str, inbound: list[Run]) -> list[Run]:
    """Join a direction that turns around in a circle to the way back; it replaces the way back."""
    for name, routes in line.raw["train_routes"].items():
        if not routes.get("end_circle"):
            continue
        # Out to where the circle splits; the stations on the circle are listed by the way back.
        out = line.stations[::-1]
        out = out[: out.index(routes["end_circle_start"]) + 1]
        columns = [departures(line.raw["timetable"][station][name][group]["schedule"]) for station in out]
        joined = [
            Run(run.line_id, run.direction, run.routing, run.cars, (*zip(out, minutes, strict=True), *run.calls), False)
            for minutes, run in zip(zip(*columns, strict=True), inbound, strict=True)
        ]
        inbound.clear()
        return joined
    return []


def closing_minutes(line: Line) -> int:
    """Return the minutes from the last station of a loop back to the first."""
    return int(line.raw["loop_last_segment"])


def link_laps(line: Line, runs: Sequence[Run], slack_min: int = 6) -> list[tuple[Run, int, int | None]]:
    """Say of each run of a loop which vehicle it is run by, and when a lap is back at its start.

    A lap that comes back is continued by the first run from there that leaves within some minutes and
    continues no other lap.

    Parameters
    ----------
    line : Line
    runs : sequence of Run
        All of one direction.
    slack_min : int
        Longest time at the start, beyond the running time.

    Returns
    -------
    list of (Run, int, int or None)
        Run, number of the vehicle, minute of the return; None for runs that end elsewhere.
    """
    ordered = sorted(runs, key=lambda run: (run.calls[0][1], run.calls[-1][1]))
    start = next(run.calls[0][0] for run in ordered if run.is_lap and len(run.calls) == len(line.stations))
    open_laps: list[tuple[int, int]] = []
    found: list[tuple[Run, int, int | None]] = []
    returns: dict[int, int] = {}
    vehicles = 0
    for number, run in enumerate(ordered):
        leaves = run.calls[0][1]
        open_laps = sorted(lap for lap in open_laps if lap[0] + slack_min >= leaves)
        continued = open_laps[0] if run.calls[0][0] == start and open_laps and open_laps[0][0] <= leaves + 1 else None
        if continued is None:
            vehicle, vehicles = vehicles, vehicles + 1
        else:
            open_laps.remove(continued)
            vehicle = found[continued[1]][1]
            returns[continued[1]] = leaves
        back = run.calls[-1][1] + closing_minutes(line) if run.is_lap else None
        if back is not None:
            open_laps.append((back, number))
        found.append((run, vehicle, back))
    # Who continues is back when the next lap starts: both are the same whole minute of the timetable.
    return [
        (run, vehicle, back if number not in returns else max(returns[number], run.calls[-1][1]))
        for number, (run, vehicle, back) in enumerate(found)
    ]


@dataclass(frozen=True)
class Transfer:
    """A walk between two lines.

    Attributes
    ----------
    station, line : str
        Where it starts; names.
    to_station, to_line : str
    minutes : float
        Mean over directions where the data tell them apart.
    """

    station: str
    line: str
    to_station: str
    to_line: str
    minutes: float


def read_transfers(metadata: Mapping[str, Any]) -> list[Transfer]:
    """Read walking transfers within and between stations; those of some hours only are left out."""
    entries = [(station, station, rows) for station, rows in metadata["transfers"].items()]
    entries += [(row["from_station"], row["to_station"], row["times"]) for row in metadata["virtual_transfers"]]
    times: dict[tuple[str, str, str, str], list[float]] = {}
    for station, to_station, rows in entries:
        for row in rows:
            if "apply_time" not in row:
                times.setdefault((station, row["from"], to_station, row["to"]), []).append(row["minutes"])
    for (station, line, to_station, to_line), minutes in list(times.items()):
        times.setdefault((to_station, to_line, station, line), minutes)
    return [Transfer(*key, sum(minutes) / len(minutes)) for key, minutes in times.items()]
