"""A bare GTFS feed small enough to work out by hand, to be written and broken."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

FEED: dict[str, str] = {
    "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\none,One,https://example.org,UTC\n",
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\nA,Alpha,1,10\nB,Beta,1.01,10\nC,Gamma,1.03,10\n",
    "routes.txt": "route_id,agency_id,route_short_name,route_type\nR,one,7,3\n",
    "calendar.txt": (
        "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
        "week,1,1,1,1,1,0,0,20240101,20240131\n"
    ),
    "trips.txt": "route_id,service_id,trip_id,direction_id\nR,week,t1,0\nR,week,t2,0\n",
    "stop_times.txt": (
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
        "t1,07:00:00,07:00:00,A,1\n"
        "t1,07:05:00,07:05:30,B,2\n"
        "t1,07:10:00,07:10:00,C,3\n"
        "t2,08:00:00,08:00:00,A,1\n"
        "t2,08:05:00,08:05:00,B,2\n"
        "t2,08:10:00,08:10:00,C,3\n"
    ),
}

Changes = Mapping[str, str | bytes | None]


SHAPES = (
    "shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\n"
    "s,1,10,1\ns,1,10.01,2\ns,1.01,10.01,3\ns,1.01,10,4\ns,1.03,10,5\n"
)
SHAPED = {
    "trips.txt": "route_id,service_id,trip_id,direction_id,shape_id\nR,week,t1,0,s\nR,week,t2,0,s\n",
    "shapes.txt": SHAPES,
}


def write_feed(folder: Path, changes: Changes | None = None) -> Path:
    """Write the feed as a folder, with files exchanged, or left out where None; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in {**FEED, **(changes or {})}.items():
        if content is not None:
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return folder


def zip_feed(path: Path, changes: Changes | None = None, inside: str = "") -> Path:
    """Write the feed as a zip, the tables in a folder inside where one is named; return the path."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**FEED, **(changes or {})}.items():
            if content is not None:
                archive.writestr(inside + name, content)
    return path


def edit(name: str, *pairs: tuple[str, str]) -> dict[str, str | bytes | None]:
    """Return one file of the feed with texts in it exchanged, each at its first place."""
    text = FEED[name]
    for old, new in pairs:
        assert old in text, f"{old!r} is not in {name}"
        text = text.replace(old, new, 1)
    return {name: text}


def more(name: str, rows: str) -> dict[str, str | bytes | None]:
    """Return one file of the feed with rows added."""
    return {name: FEED[name] + rows}
