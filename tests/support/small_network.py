"""A network folder and a scenario small enough to work out by hand, to be written and broken."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

FILES: dict[str, str] = {
    "SOURCE.md": (
        "# Made up\n\n| file here | made from | kind |\n|---|---|---|\n| `gmns/node.csv` | nothing | **schematic** |\n"
    ),
    "vehicles.csv": "vehicle_type,seats,capacity,boarding_s\nbus,30,60,2.5\n",
    "traffic.csv": (
        "link_id,period_start,period_end,running_time_s,speed_factor\n"
        "ab,07:00:00,08:00:00,200,\n"
        "ab,08:00:00,09:00:00,150,\n"
        "bc,07:00:00,08:00:00,,0.5\n"
    ),
    "gtfs/agency.txt": "agency_id,agency_name,agency_url,agency_timezone\none,One,https://example.org,UTC\n",
    "gtfs/stops.txt": "stop_id,stop_name,stop_lat,stop_lon\nA,Alpha,,\nB,Beta,,\nC,Gamma,,\n",
    "gtfs/routes.txt": "route_id,agency_id,route_short_name,route_type\nR,one,7,3\n",
    "gtfs/calendar.txt": (
        "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
        "week,1,1,1,1,1,0,0,20240101,20240131\n"
        "end,0,0,0,0,0,1,1,20240101,20240131\n"
    ),
    "gtfs/trips.txt": (
        "route_id,service_id,trip_id,direction_id,block_id,vehicle_type\n"
        "R,week,t1,0,b1,bus\n"
        "R,week,t2,0,,bus\n"
        "R,end,t3,1,b1,bus\n"
    ),
    "gtfs/stop_times.txt": (
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
        "t1,07:00:00,07:00:00,A,1\n"
        "t1,07:05:00,07:05:30,B,2\n"
        "t1,07:10:00,07:10:00,C,3\n"
        "t2,06:30:00,06:30:00,A,1\n"
        "t2,,,B,2\n"
        "t2,06:40:00,06:40:00,C,3\n"
        "t3,09:00:00,09:00:00,A,1\n"
        "t3,09:10:00,09:10:00,B,2\n"
    ),
    "gmns/node.csv": "node_id,name,x_coord,y_coord\nA,Alpha,0,0\nB,Beta,1000,0\nC,Gamma,1000,2000\n",
    "gmns/link.csv": (
        "link_id,from_node_id,to_node_id,length,free_speed,lanes,capacity,allowed_uses\n"
        "ab,A,B,1000,30,,,bus\n"
        "bc,B,C,2000,30,,,bus\n"
        "ca,C,A,3000,36,,,bus\n"
    ),
    "demand/od.csv": (
        "origin_stop_id,destination_stop_id,period_start,period_end,commuters\n"
        "A,B,06:00:00,07:00:00,4\n"
        "A,C,06:00:00,07:00:00,3\n"
        "A,C,07:00:00,08:00:00,5\n"
    ),
}

SCENARIO = """\
name: small
network:
  lines:
    - id: L
      stops: [A, B]
      running_times: [5 min]
      vehicle: bus
      departures: [6:30, 7:00]
service:
  vehicles:
    bus: {seats: 30, capacity: 60}
demand:
  flows:
    - origin: A
      destination: B
      pieces:
        - {start: 6:00, end: 7:00, commuters: 10}
"""


def write_network(folder: Path, changes: Mapping[str, str | bytes | None] | None = None) -> Path:
    """Write the network folder, with files exchanged, or left out where None; return the folder."""
    for name, text in {**FILES, **(changes or {})}.items():
        if text is None:
            continue
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return folder


def changed(name: str, old: str, new: str) -> dict[str, str]:
    """Return one file of the network folder with a text in it exchanged."""
    assert old in FILES[name], f"{old!r} is not in {name}"
    return {name: FILES[name].replace(old, new, 1)}


def changed_scenario(old: str, new: str) -> str:
    """Return the scenario with a text in it exchanged."""
    assert old in SCENARIO, f"{old!r} is not in the scenario"
    return SCENARIO.replace(old, new, 1)
