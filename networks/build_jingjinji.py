"""Write the network folder ``jingjinji``: regional trains of Beijing with feeders at both ends.

Usage: ``python networks/build_jingjinji.py PATH_TO_DATA [--out FOLDER]``, where PATH_TO_DATA holds
``beijing_subway`` and ``jingjinji_rail``. Needs pyjson5, as ``build_beijing_subway.py`` does. The same input gives
the same bytes. What is published, illustrative and assumed is told apart in ``networks/jingjinji/SOURCE.md``.
"""

from __future__ import annotations

import argparse
import zipfile
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import cos, radians
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import beijing_timetable as timetable
from beijing_timetable import Line
from build_beijing_subway import ASSUMED_SEATS_SHARE, Stations, link_lengths, trips_of, vehicle_type
from csv_files import clock, write_csv

SHEET_SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
WEDNESDAY = "2016-03-09"
SERVICE_ID = "wednesday"
SUBWAY_LINES = ("L2", "L4", "L8", "L13")
KM_PER_DEGREE = 111.2

JINGJIN_IDS = {"北京南": "BJN", "武清": "WQ", "天津": "TJ", "军粮城北": "JLCB", "塘沽": "TG", "于家堡": "YJP"}
"""Stations of the Beijing South - Tianjin trains."""

JINGZHANG = [
    ("BJB", "北京北", 0),
    ("QH", "清河", 11),
    ("CPG", "昌平", 30),
    ("BDL", "八达岭长城", 60),
    ("DHY", "东花园北", 73),
    ("HL", "怀来", 88),
    ("XHY", "下花园北", 120),
    ("XH", "宣化北", 148),
    ("ZJK", "张家口", 174),
]
"""Id, name and kilometres from the first; all but the ends are illustrative."""
FAST_MIN, SLOW_BEFORE_MIN, STOP_MIN = 47, 187, 3
FAST_FIRST, FAST_LAST, FAST_EVERY = 6 * 60, 22 * 60, 30
BEFORE_FIRST, BEFORE_LAST, BEFORE_EVERY = 5 * 60, 21 * 60, 120

FEEDERS = {
    "TJF": ("Tianjin feeder (illustrative)", 1, "metro6", ["A", "B", "C", "D", "TJ"], 4, 2200, 360),
    "ZJF": ("Zhangjiakou feeder (illustrative)", 3, "bus12", ["A", "B", "C", "ZJK"], 5, 2000, 600),
}
"""Name, GTFS route type, vehicle type, stops, minutes and metres per hop, headway in seconds."""

PLACES = {
    "H-TJ1": ("Home in Tianjin, on the feeder", ["TJF-B"], 500),
    "H-TJ2": ("Home at Tianjin station", ["TJ"], 400),
    "H-WQ": ("Home in Wuqing", ["WQ"], 800),
    "H-ZJ1": ("Home in Zhangjiakou, on the feeder", ["ZJF-B"], 400),
    "H-ZJ2": ("Home at Zhangjiakou station", ["ZJK"], 400),
    "W-XD": ("Work at Xidan", ["西单 L4"], 500),
    "W-ZGC": ("Work at Zhongguancun", ["中关村 L4"], 500),
    "W-XZM": ("Work at Beijing North", ["BJB", "西直门 L2", "西直门 L4", "西直门 L13"], 300),
    "W-QH": ("Work at Qinghe", ["QH", "清河站 L13"], 300),
    "W-BJN": ("Work at Beijing South", ["BJN", "北京南站 L4"], 300),
    "W-JGM": ("Work at Jianguomen", ["建国门 L2"], 400),
    "W-OLP": ("Work at the Olympic park", ["奥林匹克公园 L8"], 400),
    "V-BJ": ("Venue at the Olympic park", ["奥林匹克公园 L8"], 600),
    "V-ZJ": ("Venue in Zhangjiakou", ["ZJF-C"], 300),
}
"""Name, stops next to it and metres of walk, all assumed."""

TRANSFERS = [
    ("BJN", "北京南站 L4", 8),
    ("BJB", "西直门 L2", 6),
    ("BJB", "西直门 L4", 6),
    ("BJB", "西直门 L13", 5),
    ("QH", "清河站 L13", 5),
    ("TJ", "TJF-TJ", 6),
    ("ZJK", "ZJF-ZJK", 4),
]
"""Between trains and feeders, minutes both ways with the checks at the entrance, assumed."""

ASSUMED_VEHICLES = [("bus12", 30, 90), ("emu8", 556, 556), ("metro6", 230, 1440), ("train10", 1000, 1000)]
"""Type, seats and places; everybody sits in the trains between cities."""

HOMES = {"H-TJ1": 2400, "H-TJ2": 1200, "H-WQ": 900, "H-ZJ1": 1500, "H-ZJ2": 900}
JOBS = {"W-XD": 0.25, "W-ZGC": 0.2, "W-XZM": 0.15, "W-QH": 0.1, "W-BJN": 0.15, "W-JGM": 0.1, "W-OLP": 0.05}
"""Commuters to Beijing a day by home, and how they spread over jobs, assumed."""
TO_WORK = {"05:30": 0.05, "06:00": 0.15, "06:30": 0.25, "07:00": 0.30, "07:30": 0.15, "08:00": 0.10}
TO_HOME = {"16:30": 0.10, "17:00": 0.20, "17:30": 0.30, "18:00": 0.20, "18:30": 0.15, "19:00": 0.05}
"""Half hours of leaving, assumed."""

Call = tuple[str, int]
Trip = tuple[str, str, int, str, str, list[Call]]
"""Line, trip id, direction, block or blank, vehicle type, calls."""


def sheets(path: Path) -> dict[str, list[list[str | None]]]:
    """Read the cells of the sheets of a workbook, as text."""
    with zipfile.ZipFile(path) as book:
        strings = [
            "".join(part.text or "" for part in item.iter(f"{SHEET_SPACE}t"))
            for item in ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
        ]
        return {
            name: [
                [_cell(cell, strings) for cell in row]
                for row in ElementTree.fromstring(book.read(name)).iter(f"{SHEET_SPACE}row")
            ]
            for name in book.namelist()
            if name.startswith("xl/worksheets/sheet")
        }


def _cell(cell: ElementTree.Element, strings: Sequence[str]) -> str | None:
    value = cell.find(f"{SHEET_SPACE}v")
    if value is None or value.text is None:
        return None
    return strings[int(value.text)] if cell.get("t") == "s" else value.text


def intercity_trips(rows: Sequence[Sequence[Any]]) -> Iterator[Trip]:
    """Yield the C trains between Beijing South and Tianjin that run on the Wednesday.

    Parameters
    ----------
    rows : sequence of rows
        The sheet of stops: a train's first row has its number, days and stop, the next ones only stops. Times are
        fractions of a day.
    """
    trains: list[list[Sequence[Any]]] = []
    for row in rows[1:]:
        if row[0]:
            trains.append([])
        trains[-1].append(row)
    for train in trains:
        number, days = train[0][0], train[0][13]
        names = [row[8] for row in train]
        runs = days == "ALL" or WEDNESDAY in days.split("|")
        if number.startswith("C") and {"北京南", "天津"} <= set(names) and runs:
            calls = [(JINGJIN_IDS[row[8]], round(float(row[10]) * 24 * 60)) for row in train]
            yield "JINGJIN", number, int(names[0] != "北京南"), "", "emu8", calls


def zhangjiakou_trips() -> Iterator[Trip]:
    """Yield the trains to Zhangjiakou: 47 minutes without a stop, with stops, and those of before."""
    total_km = JINGZHANG[-1][2]
    for direction in (0, 1):
        stations = JINGZHANG[::-1] if direction else JINGZHANG
        km = [abs(at - stations[0][2]) for _, _, at in stations]
        with_stops = [
            (stop, round(FAST_MIN * at / total_km) + STOP_MIN * min(number, len(stations) - 2))
            for number, ((stop, _, _), at) in enumerate(zip(stations, km, strict=True))
        ]
        ends = (stations[0][0], stations[-1][0])
        without = [(ends[0], 0), (ends[1], FAST_MIN)]
        for number, minute in enumerate(range(FAST_FIRST, FAST_LAST + 1, FAST_EVERY)):
            calls = with_stops if number % 2 else without
            yield "JINGZHANG", f"JZ-{direction}-{number:02d}", direction, "", "emu8", _moved(calls, minute)
        for number, minute in enumerate(range(BEFORE_FIRST, BEFORE_LAST + 1, BEFORE_EVERY)):
            before = [(ends[0], 0), (ends[1], SLOW_BEFORE_MIN)]
            yield "JINGZHANG_BEFORE", f"JZB-{direction}-{number:02d}", direction, "", "train10", _moved(before, minute)


def _moved(calls: Sequence[Call], minute: int) -> list[Call]:
    return [(stop, time + minute) for stop, time in calls]


def feeder_trips() -> Iterator[Trip]:
    """Yield one template trip for each feeder and direction; frequencies repeat it."""
    for line, (_, _, vehicle, stops, hop_min, _, _) in FEEDERS.items():
        for direction in (0, 1):
            order = stops[::-1] if direction else stops
            calls = [(f"{line}-{stop}", place * hop_min) for place, stop in enumerate(order)]
            yield line, f"{line}-{direction}", direction, "", vehicle, calls


def place_of(name: str, stations: Stations) -> str:
    """Return the stop id of a platform given as name and line (``西单 L4``); others are ids already."""
    station, _, line = name.partition(" ")
    return stations.platforms[station][line] if line else name


def positions(rail: Sequence[Sequence[Any]], stations: Stations) -> dict[str, tuple[str, int, int]]:
    """Return name and position in metres by stop id, with Beijing South at the origin.

    Stations to Tianjin lie where their coordinates say, subway stations where the map to scale has them, and
    everything else where there is room for it.
    """
    at = {row[1]: (float(row[6]), float(row[7])) for row in rail[1:] if row[1] in JINGJIN_IDS}
    lon, lat = at["北京南"]
    found = {
        JINGJIN_IDS[name]: (
            name,
            round((x - lon) * cos(radians(lat)) * KM_PER_DEGREE * 1000),
            round((y - lat) * KM_PER_DEGREE * 1000),
        )
        for name, (x, y) in at.items()
    }
    left, bottom = stations.x_m["北京南站"], stations.y_m["北京南站"]
    for name, platforms in stations.platforms.items():
        for line in SUBWAY_LINES:
            if line in platforms:
                place = stations.x_m[name] - left, stations.y_m[name] - bottom
                found[platforms[line]] = (stations.shown(name, line), *place)
    west, north = found[place_of("西直门 L2", stations)][1:]
    for stop, name, km in JINGZHANG:
        found[stop] = (name, west - km * 800, north + km * 500)
    for line, (name, _, _, stops, _, length_m, _) in FEEDERS.items():
        x, y = found[stops[-1]][1:]
        for place, stop in enumerate(stops):
            shown = f"{name.split()[0]} feeder {stop}"
            found[f"{line}-{stop}"] = (shown, x + (len(stops) - 1 - place) * length_m, y + 400)
    for stop, (name, near, length_m) in PLACES.items():
        x, y = found[place_of(near[0], stations)][1:]
        found[stop] = (name, x, y - length_m)
    return found


def write_gtfs(
    folder: Path, found: dict[str, tuple[str, int, int]], lines: Sequence[Line], trips: Sequence[Trip]
) -> None:
    """Write agencies, stops, routes, calendar, trips, stop times and frequencies."""
    url = "https://github.com/metromancn/Parse12306"
    agencies = {
        "subway": "Beijing Subway (unofficial)",
        "jingjin": "Beijing South - Tianjin trains of 2016",
        "jingzhang": "Beijing - Zhangjiakou in 47 minutes (illustrative)",
        "jingzhang_before": "Beijing - Zhangjiakou in 3 h 07 (illustrative)",
        "feeders": "Feeders (illustrative)",
    }
    write_csv(
        folder / "agency.txt",
        "agency_id,agency_name,agency_url,agency_timezone",
        [(agency, name, url, "Asia/Shanghai") for agency, name in agencies.items()],
    )
    write_csv(
        folder / "stops.txt",
        "stop_id,stop_name,stop_lat,stop_lon",
        [(stop, name, "", "") for stop, (name, _, _) in found.items()],
    )
    routes: list[Sequence[object]] = [(line.line_id, "subway", line.name, line.english, 1) for line in lines]
    routes += [
        ("JINGJIN", "jingjin", "C", "Beijing South - Tianjin", 2),
        ("JINGZHANG", "jingzhang", "47 min", "Beijing North - Zhangjiakou", 2),
        ("JINGZHANG_BEFORE", "jingzhang_before", "3 h 07", "Beijing North - Zhangjiakou before", 2),
    ]
    routes += [(line, "feeders", line, name, kind) for line, (name, kind, *_) in FEEDERS.items()]
    write_csv(folder / "routes.txt", "route_id,agency_id,route_short_name,route_long_name,route_type", routes)
    write_csv(
        folder / "calendar.txt",
        "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date",
        [(SERVICE_ID, 0, 0, 1, 0, 0, 0, 0, "20160309", "20160309")],
    )
    write_csv(
        folder / "trips.txt",
        "route_id,service_id,trip_id,direction_id,block_id,vehicle_type",
        [(line, SERVICE_ID, trip, direction, block, kind) for line, trip, direction, block, kind, _ in trips],
    )
    write_csv(
        folder / "stop_times.txt",
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence",
        [
            (trip, clock(minute), clock(minute), stop, sequence)
            for _, trip, _, _, _, calls in trips
            for sequence, (stop, minute) in enumerate(calls, start=1)
        ],
    )
    write_csv(
        folder / "frequencies.txt",
        "trip_id,start_time,end_time,headway_secs,exact_times",
        [
            (f"{line}-{direction}", "05:00:00", "24:00:00", headway, 1)
            for line, (*_, headway) in FEEDERS.items()
            for direction in (0, 1)
        ],
    )


def write_transfers(path: Path, stations: Stations, lines: Sequence[Line], metadata: Any) -> None:
    """Write the transfers between subway lines as published, and those to trains as assumed."""
    by_name = {line.name: line.line_id for line in lines}
    rows = [
        (
            stations.platforms[transfer.station][by_name[transfer.line]],
            stations.platforms[transfer.to_station][by_name[transfer.to_line]],
            2,
            round(transfer.minutes * 60),
        )
        for transfer in timetable.read_transfers(metadata)
        if transfer.line in by_name and transfer.to_line in by_name
    ]
    for start, goal, minutes in TRANSFERS:
        ends = place_of(start, stations), place_of(goal, stations)
        rows += [(*ends, 2, minutes * 60), (*ends[::-1], 2, minutes * 60)]
    write_csv(path, "from_stop_id,to_stop_id,transfer_type,min_transfer_time", rows)


def write_street_graph(
    folder: Path,
    found: dict[str, tuple[str, int, int]],
    stations: Stations,
    subway_m: dict[tuple[str, str], int],
    trips: Sequence[Trip],
) -> None:
    """Write nodes and links: hops of trains and feeders, and the walks at both ends of a journey."""
    write_csv(folder / "node.csv", "node_id,name,x_coord,y_coord", [(stop, *at) for stop, at in found.items()])
    km = {stop: at for stop, _, at in JINGZHANG}
    hop_m = {line: length_m for line, (*_, length_m, _) in FEEDERS.items()}
    lengths = dict(subway_m)
    for line, _, _, _, _, calls in trips:
        for start, end in pairwise([stop for stop, _ in calls]):
            if line.startswith("JINGZHANG"):
                lengths[start, end] = abs(km[end] - km[start]) * 1000
            elif line in hop_m:
                lengths[start, end] = hop_m[line]
            elif line == "JINGJIN":
                (_, x1, y1), (_, x2, y2) = found[start], found[end]
                lengths[start, end] = round(((x1 - x2) ** 2 + (y1 - y2) ** 2) ** 0.5)
    rows: list[Sequence[object]] = [(f"{a}>{b}", a, b, length, "rail") for (a, b), length in sorted(lengths.items())]
    for stop, (_, near, length_m) in PLACES.items():
        for ends in ((stop, place_of(name, stations)) for name in near):
            rows += [(">".join(pair), *pair, length_m, "walk") for pair in (ends, ends[::-1])]
    write_csv(folder / "link.csv", "link_id,from_node_id,to_node_id,length,allowed_uses", rows)


def write_demand(folder: Path) -> None:
    """Write synthetic regional commuters, to work and home again."""
    rows: list[Sequence[object]] = []
    for home, total in HOMES.items():
        rows += [(home, work, "to_work", round(total * share)) for work, share in JOBS.items()]
    rows += [(work, home, "to_home", commuters) for home, work, _, commuters in rows]
    write_csv(folder / "od.csv", "origin_stop_id,destination_stop_id,profile,commuters", rows)
    halves = [
        (name, f"{start}:00", clock(int(start[:2]) * 60 + int(start[3:]) + 30), share)
        for name, shares in (("to_work", TO_WORK), ("to_home", TO_HOME))
        for start, share in shares.items()
    ]
    write_csv(folder / "profile.csv", "profile,period_start,period_end,share", halves)


def build(data: Path, out: Path) -> None:
    """Write the whole folder.

    Parameters
    ----------
    data : Path
        Folder that holds ``beijing_subway`` and ``jingjinji_rail``.
    out : Path
        Network folder to write; files already there are replaced.
    """
    source = data / "beijing_subway" / "data"
    every = timetable.read_lines(source)
    stations = Stations(every, timetable.read_json5(source / "maps" / "real_distance.json5")["coordinates"])
    lines = [line for line in every if line.line_id in SUBWAY_LINES]
    book = sheets(next((data / "jingjinji_rail" / "output").glob("*.xlsx")))
    found = positions(book["xl/worksheets/sheet2.xml"], stations)
    trips: list[Trip] = []
    subway_m: dict[tuple[str, str], int] = {}
    places: dict[str, int] = {}
    cars = timetable.read_json5(source / "carriage_types.json5")
    for line in lines:
        runs = trips_of(line, timetable.read_runs(line))
        stop_of = {name: stations.platforms[name][line.line_id] for name in line.stations}
        for (start, end), length in link_lengths(line, [run for _, _, run in runs]).items():
            subway_m[stop_of[start], stop_of[end]] = length
        for trip, block, run in runs:
            kind = vehicle_type(run, line)
            places[kind] = run.cars * cars[line.car_type]["capacity"]
            calls = [(stop_of[name], minute) for name, minute in run.calls]
            trips.append((line.line_id, trip, run.direction, block, kind, calls))
    trips += [*intercity_trips(book["xl/worksheets/sheet4.xml"]), *zhangjiakou_trips(), *feeder_trips()]
    write_gtfs(out / "gtfs", found, lines, trips)
    write_transfers(out / "gtfs" / "transfers.txt", stations, lines, timetable.read_json5(source / "metadata.json5"))
    write_street_graph(out / "gmns", found, stations, subway_m, trips)
    kinds = [(kind, round(count * ASSUMED_SEATS_SHARE), count) for kind, count in sorted(places.items())]
    write_csv(
        out / "vehicles.csv",
        "vehicle_type,seats,capacity,dwell_rule,dead_time_s",
        [(*kind, "constant", 0) for kind in (*kinds, *ASSUMED_VEHICLES)],
    )
    write_demand(out / "demand")


def main() -> None:
    """Read the command line and write the folder."""
    parser = argparse.ArgumentParser(description="Write the network folder jingjinji.")
    parser.add_argument("data", type=Path, help="folder that holds beijing_subway and jingjinji_rail")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent / "jingjinji")
    arguments = parser.parse_args()
    build(arguments.data, arguments.out)


if __name__ == "__main__":
    main()
