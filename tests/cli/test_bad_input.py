"""Broken scenario and network files: each is answered by a line that names the place and what would be accepted.

The tables are data: what is broken, and the line that must come, from the file's name on. Every case starts from
the sound files of `tests.support.small_network`, which a test below holds to be without problems.
"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.small_network import FILES, SCENARIO, changed, changed_scenario, write_network

from sim.cli.main import main


def complaints(path: Path) -> list[str]:
    """Return the lines on stderr of ``peakshift validate PATH``, after a look at its exit code."""
    done = CliRunner().invoke(main, ["validate", str(path)])
    lines = done.stderr.splitlines()
    assert done.exit_code == (1 if lines else 0), done.output
    return lines


# --- scenario files: text that is exchanged, what stands there instead, the line ---

SCENARIOS: dict[str, tuple[str, str, str]] = {
    "misspelt key": (
        "    - id: L",
        "    - vehicel: bus\n      id: L",
        "s.yaml:4:7: network.lines.0.vehicel: unknown key (did you mean 'vehicle'?)",
    ),
    "key of another section": (
        "name: small",
        "name: small\npenetration: 0.5",
        "s.yaml:2:1: penetration: unknown key (did you mean 'advisor.penetration'?)",
    ),
    "key like no other": (
        "      vehicle: bus",
        "      vehicle: bus\n      zzz: 1",
        "s.yaml:8:7: network.lines.0.zzz: unknown key; known here: id, stops, passes, running_times, lengths, vehicle, "
        "departures, headway",
    ),
    "name missing": ("name: small", "seed: 1", "s.yaml:1:1: name: missing; it must be given"),
    "name with a blank": (
        "name: small",
        "name: my scenario",
        "s.yaml:1:1: name: may hold only letters, digits, '_', '.' and '-', found 'my scenario'",
    ),
    "name of a folder that is there already": (
        "name: small",
        'name: ".."',
        "s.yaml:1:1: name: must hold a letter, digit, '_' or '-' beside dots, found '..'",
    ),
    "vehicle without capacity": (
        "{seats: 30, capacity: 60}",
        "{seats: 30}",
        "s.yaml:11:5: service.vehicles.bus.capacity: missing; it must be given",
    ),
    "capacity 0": (
        "capacity: 60",
        "capacity: 0",
        "s.yaml:11:22: service.vehicles.bus.capacity: must be at least 1, found 0",
    ),
    "more seats than places": (
        "capacity: 60",
        "capacity: 20",
        "s.yaml:11:5: service.vehicles.bus: 30 seats are more than the capacity of 20",
    ),
    "name that no file can have": (
        "name: small",
        f"name: {'n' * 300}",
        "s.yaml:1:1: name: may have 100 letters, since files are named after it; found 300",
    ),
    "advice for a stop that is not there": (
        "name: small",
        "name: small\nadvisor: {only_destinations: [NOPE]}",
        "s.yaml:2:31: advisor.only_destinations.0: unknown stop 'NOPE'; there are A, B",
    ),
    "discount at a stop that is not there": (
        "name: small",
        "name: small\nadvisor:\n  incentive:\n    discounts: [{start: 6:00, end: 7:00, discount: 0.5, stops: [NOPE]}]",
        "advisor.incentive.discounts.0.stops.0: unknown stop 'NOPE'; there are A, B",
    ),
    "least headway of a mode that does not run": (
        "service:\n",
        "service:\n  minimum_headways: [{modes: [tram], headway: 90 s}]\n",
        "service.minimum_headways.0.modes: has no effect: there is no line of tram; modes are bus",
    ),
    "spread of another distribution": (
        "service:\n",
        "service:\n  running_time_noise: {distribution: normal, sigma: 10 s, cv: 0.2}\n",
        "service.running_time_noise: cv has no effect with distribution normal; leave it out",
    ),
    "spread without a distribution": (
        "service:\n",
        "service:\n  running_time_noise: {sigma: 10 s}\n",
        "service.running_time_noise: sigma has no effect with distribution none; leave it out",
    ),
    "spread of headways without a distribution": (
        "departures: [6:30, 7:00]",
        "headway: {mean: 10 min, cv: 0.5, first: 6:00, trips: 9}",
        "s.yaml:8:7: network.lines.0.headway: cv has no effect with distribution deterministic; leave it out",
    ),
    "crowding that would fall below no crowding": (
        "name: small",
        "name: small\npreferences: {crowding: {kind: table, table: [[0, 3], [0.4, 1]]}}",
        "preferences.crowding: the last line of the table goes on and makes the multiplier -2 at full load; it must be "
        "at least 1 there",
    ),
    "strategy that does not exist": (
        "name: small",
        "name: small\nadvisor: {strategy: everybody_first}",
        "s.yaml:2:11: advisor.strategy: 'everybody_first' is not a strategy",
    ),
    "half a seat": (
        "seats: 30",
        "seats: 30.5",
        "s.yaml:11:11: service.vehicles.bus.seats: must be a whole number, found 30.5",
    ),
    "text for a number": (
        "seats: 30",
        "seats: many",
        "s.yaml:11:11: service.vehicles.bus.seats: must be a whole number, found 'many'",
    ),
    "true for a number": (
        "seats: 30",
        "seats: true",
        "s.yaml:11:11: service.vehicles.bus.seats: must be a number, found true",
    ),
    "key of a stretch one section too high": (
        "      destination: B",
        "      destination: B\n      start: 07:00",
        "s.yaml:16:7: demand.flows.0.start: unknown key (did you mean 'demand.flows[].pieces[].start'?)",
    ),
    "wide colon after a key": (
        "demand:\n",
        "advisor\uff1a {strategy: none}\ndemand:\n",
        "s.yaml:12:1: advisor\uff1a {strategy: unknown key; write ':' and "
        "not the wide '\uff1a' of Chinese keyboards, with a space after it",
    ),
    "wide colon in a clock time": (
        "start: 6:00",
        "start: 6\uff1a00",
        "s.yaml:17:12: demand.flows.0.pieces.0.start: '6\uff1a00' is not a clock time; write HH:MM or HH:MM:SS, past "
        "24:00 where needed; write ':' and not the wide '\uff1a' of Chinese keyboards",
    ),
    "unknown choice": (
        "demand:\n",
        "advisor: {compliance_rule: fixed}\ndemand:\n",
        "s.yaml:12:11: advisor.compliance_rule: must be 'fixed_share', 'independent' or 'falling', found 'fixed' "
        "(did you mean 'fixed_share'?)",
    ),
    "clock time without minutes": (
        "departures: [6:30, 7:00]",
        "departures: [6:30, 7h00]",
        "s.yaml:8:26: network.lines.0.departures.1: '7h00' is not a clock time; write HH:MM or HH:MM:SS, past 24:00 "
        "where needed",
    ),
    "departures not in order": (
        "departures: [6:30, 7:00]",
        "departures: [7:00, 6:30]",
        "s.yaml:4:7: network.lines.0: departures must be in order of time",
    ),
    "duration with a unit of length": (
        "[5 min]",
        "[5 km]",
        "s.yaml:6:23: network.lines.0.running_times.0: '5 km' is not a duration; write for example 90 s, 6 min or ",
    ),
    "too few running times": (
        "stops: [A, B]",
        "stops: [A, B, C]",
        "s.yaml:4:7: network.lines.0: 3 stops need 2 running_times, not 1",
    ),
    "one stop": (
        "stops: [A, B]",
        "stops: [A]",
        "s.yaml:5:7: network.lines.0.stops: needs at least 2 values, found 1",
    ),
    "text for a list": (
        "stops: [A, B]",
        "stops: A to B",
        "s.yaml:5:7: network.lines.0.stops: must be a list, found 'A to B'",
    ),
    "empty section": (
        "  vehicles:\n    bus: {seats: 30, capacity: 60}",
        "  running_time_noise:",
        "s.yaml:10:3: service.running_time_noise: is empty; give a section of keys, or leave the key out",
    ),
    "number for a section": (
        "demand:\n",
        "population: 3\ndemand:\n",
        "s.yaml:12:1: population: must be a section of keys, found 3",
    ),
    "share above 1": (
        "demand:\n",
        "advisor: {penetration: 30}\ndemand:\n",
        "s.yaml:12:11: advisor.penetration: must be at most 1, found 30; 30 % is written 0.3",
    ),
    "window of no width": (
        "demand:\n",
        "advisor: {window: 0 min}\ndemand:\n",
        "s.yaml:12:11: advisor.window: must be more than 0, found '0 min'",
    ),
    "advice after the last day": (
        "demand:\n",
        "advisor: {strategy: individual, first_day: 6}\ndemand:\n",
        "s.yaml:12:33: advisor.first_day: advice would start on day 6, but the last day is 5",
    ),
    "strategy without a name": (
        "demand:\n",
        "advisor: {strategy: ''}\ndemand:\n",
        "s.yaml:12:11: advisor.strategy: must not be empty; none stands for no advice",
    ),
    "unknown stop": (
        "origin: A",
        "origin: Q7",
        "s.yaml:14:7: demand.flows.0.origin: unknown stop 'Q7'; the stops are A, B",
    ),
    "stop placed twice": (
        "  lines:\n",
        "  stops: [{id: Z, x: 0, y: 0}, {id: Z, x: 0, y: 9 m}]\n  lines:\n",
        "s.yaml:3:33: network.stops.1.id: duplicate 'Z', first at network.stops.0",
    ),
    "journey to where it starts": (
        "destination: B",
        "destination: A",
        "s.yaml:14:7: demand.flows.0: origin and destination are the same stop",
    ),
    "piece that ends before it starts": (
        "end: 7:00",
        "end: 5:00",
        "s.yaml:17:11: demand.flows.0.pieces.0: end is before start",
    ),
    "neither rate nor commuters": (
        ", commuters: 10",
        "",
        "s.yaml:17:11: demand.flows.0.pieces.0: give either rate or commuters",
    ),
    "negative demand": (
        "commuters: 10",
        "commuters: -10",
        "s.yaml:17:36: demand.flows.0.pieces.0.commuters: must be at least 0, found -10",
    ),
    "demand that is no number": (
        "commuters: 10",
        "commuters: .nan",
        "s.yaml:17:36: demand.flows.0.pieces.0.commuters: must be a finite number, found .nan",
    ),
    "number beyond all reason": (
        "capacity: 60",
        "capacity: 99999999999999999999",
        "s.yaml:11:22: service.vehicles.bus.capacity: must be at most 10,000,000, found 99999999999999999999",
    ),
    "period of no length": (
        "name: small",
        "name: small\nadvisor: {incentive: {stagger: 1e-300 s}}",
        "advisor.incentive.stagger: is too small a number: 1e-300 s; 0, or at least 1e-09 is accepted",
    ),
    "period shorter than a second": (
        "name: small",
        "name: small\nperiod: 0.5 s",
        "s.yaml:2:1: period: must be at least 1 s, found '0.5 s'",
    ),
    "unknown vehicle type": (
        "vehicle: bus",
        "vehicle: buss",
        "s.yaml:7:7: network.lines.0.vehicle: unknown vehicle type 'buss' (did you mean 'bus'?); "
        "service.vehicles has bus",
    ),
    "stop that follows itself": (
        "[A, B]",
        "[A, A]",
        "s.yaml:5:18: network.lines.0.stops.1: the stop 'A' follows itself",
    ),
    "horizon without a vehicle": (
        "demand:\n",
        "horizon: {start: 5:00, end: 6:10}\ndemand:\n",
        "s.yaml:12:1: horizon: no trip departs in it; the trips depart from 06:30:00 to 07:00:00",
    ),
    "demand outside the horizon": (
        "demand:\n",
        "horizon: {start: 6:20}\ndemand:\n",
        "s.yaml:18:12: demand.flows.0.pieces.0.start: 06:00:00 is outside the horizon",
    ),
    "end of the horizon before its start": (
        "demand:\n",
        "horizon: {start: 9:00, end: 6:00}\ndemand:\n",
        "s.yaml:12:1: horizon: end must be after start",
    ),
    "more days kept than simulated": (
        "name: small",
        "name: small\ndays: 2\ndays_kept: 3",
        "days_kept = 3 is more than days = 2",
    ),
    "folder and lines": (
        "  lines:\n",
        "  folder: mandl\n  lines:\n",
        "s.yaml:2:1: network: give either a folder or lines",
    ),
    "agency without a folder": (
        "  lines:\n",
        "  agencies: [x]\n  lines:\n",
        "s.yaml:3:3: network.agencies: has no meaning without network.folder",
    ),
    "key given twice": (
        "      vehicle: bus\n",
        "      vehicle: bus\n      vehicle: bus\n",
        "s.yaml:8:7: network.lines.0.vehicle: given twice, first on line 7; remove one of the two",
    ),
    "tag": (
        "name: small",
        "name: !!python/name:os.system small",
        "s.yaml:1:7: name: the tag tag:yaml.org,2002:python/name:os.system is not accepted; write plain values",
    ),
    "tab": (
        "    bus: {",
        "\tbus: {",
        "s.yaml:11:1: not YAML: while scanning for the next token found character '\\t' that cannot start any token; "
        "indent by spaces, not by tabs",
    ),
    "bracket not closed": (
        "stops: [A, B]",
        "stops: [A, B",
        "not YAML: while parsing a flow sequence expected ',' or ']', but got ':'",
    ),
}
WHOLE_SCENARIOS: dict[str, tuple[bytes, str]] = {
    "empty file": (b"", "s.yaml: the file is empty; a scenario needs at least name and network"),
    "comments only": (b"# later\n", "s.yaml: the file is empty; a scenario needs at least name and network"),
    "list": (b"- name: x\n", "s.yaml:1:1: the top level must be a mapping such as `name: my_scenario`"),
    "one word": (b"hello\n", "s.yaml:1:1: the top level must be a mapping such as `name: my_scenario`"),
    "not UTF-8": (b"name: caf\xe9\n", "s.yaml: not UTF-8 text at byte 10; save the file as UTF-8"),
    "zip": (b"PK\x03\x04\x00", "s.yaml: not YAML: "),
    "two documents": (
        b"name: a\n---\nname: b\n",
        "s.yaml:2:1: a second YAML document starts here; one is accepted",
    ),
    "unknown network": (
        b"name: x\nnetwork: {folder: mandel}\n",
        "s.yaml:2:11: network.folder: there is no network 'mandel' (did you mean 'mandl'?); networks/ has ",
    ),
    "no folder of that path": (
        b"name: x\nnetwork: {folder: ./cities/../mandel}\n",
        "/mandel; a path counts from the folder of the scenario",
    ),
    "unknown agency": (
        b"name: x\nnetwork:\n  folder: mandl\n  agencies: [mumford_2013]\n",
        "s.yaml:4:3: network.agencies: the network has no agency 'mumford_2013' (did you mean ",
    ),
    "unknown line": (
        b"name: x\nnetwork: {folder: mandl, lines_used: [m9_1]}\n",
        "s.yaml:2:26: network.lines_used: the network has no line 'm9_1' (did you mean 'm6_1'?); it has m4_1, ",
    ),
    "date without service": (
        b"name: x\nnetwork: {folder: mandl, date: 2031-01-01}\n",
        "s.yaml:2:26: network.date: no trip of the lines wanted runs on this date; the calendar runs from 2018-06-01",
    ),
    "no date": (
        b"name: x\nnetwork: {folder: mandl, date: monday}\n",
        "s.yaml:2:26: network.date: 'monday' is not a date; write YYYY-MM-DD",
    ),
    "stop without a line": (
        SCENARIO.replace("  lines:\n", "  stops: [{id: C}]\n  lines:\n").replace("origin: A", "origin: C").encode(),
        "s.yaml:15:7: demand.flows.0.origin: no line serves the stop 'C'",
    ),
    "vehicle of a folder by halves": (
        b"name: x\nnetwork: {folder: mandl}\nservice: {vehicles: {bus: {seats: 10}}}\n",
        "s.yaml:3:22: service.vehicles.bus.capacity: missing; it must be given",
    ),
}

# --- network folders: files that are exchanged (None: left out), the line ---

FOLDERS: dict[str, tuple[dict[str, str | bytes | None], str]] = {
    "no stops": ({"gtfs/stops.txt": None}, "gtfs/stops.txt: the file is missing; it needs the columns stop_id"),
    "no vehicles": (
        {"vehicles.csv": None},
        "vehicles.csv: the file is missing; it needs the columns vehicle_type,seats,capacity",
    ),
    "no calendar": ({"gtfs/calendar.txt": None}, "gtfs/calendar.txt: the file is missing; it needs the columns "),
    "no source": ({"SOURCE.md": None}, "SOURCE.md: the file is missing; say where each figure comes from"),
    "links without nodes": (
        {"gmns/node.csv": None},
        "gmns/node.csv: the file is missing; it needs the columns node_id,x_coord,y_coord",
    ),
    "empty table": ({"gtfs/trips.txt": ""}, "gtfs/trips.txt: the file is empty; a header line and rows are needed"),
    "header only": (
        {"gtfs/routes.txt": "route_id,route_type\n"},
        "gtfs/routes.txt:1: the table has a header and no rows",
    ),
    "missing column": (
        changed("gtfs/stop_times.txt", "stop_sequence", "sequence"),
        "gtfs/stop_times.txt:1: stop_sequence: this column is missing (did you mean 'sequence'?); the header is "
        "trip_id, arrival_time, departure_time, stop_id, sequence",
    ),
    "semicolons": (
        {"vehicles.csv": "vehicle_type;seats;capacity\nbus;30;60\n"},
        "vehicles.csv:1: columns are separated by ';'; separate them by ','",
    ),
    "comma not quoted": (
        changed("demand/od.csv", "07:00:00,4", "07:00:00,1,004"),
        "demand/od.csv:2: 6 values, but the header names 5; is a comma not quoted?",
    ),
    "stop twice": (
        changed("gtfs/stops.txt", "C,Gamma", "A,Gamma"),
        "gtfs/stops.txt:4: stop_id: duplicate 'A', first on line 2",
    ),
    "trip twice": (
        changed("gtfs/trips.txt", "week,t2", "week,t1"),
        "gtfs/trips.txt:3: trip_id: duplicate 't1', first on line 2",
    ),
    "link twice": (
        changed("gmns/link.csv", "bc,B,C", "ab,B,C"),
        "gmns/link.csv:3: link_id: duplicate 'ab', first on line 2",
    ),
    "two links between the same nodes": (
        changed("gmns/link.csv", "ca,C,A", "xx,B,C"),
        "gmns/link.csv:4: link_id: a second link between the same two nodes; one in each direction is accepted",
    ),
    "latitude": (
        changed("gtfs/stops.txt", "A,Alpha,,", "A,Alpha,-91,0"),
        "gtfs/stops.txt:2: stop_lat: must be at least -90, found -91",
    ),
    "unknown stop": (
        changed("gtfs/stop_times.txt", "07:10:00,C,3", "07:10:00,D,3"),
        "gtfs/stop_times.txt:4: stop_id: there is no stop of stops.txt 'D'",
    ),
    "unknown trip": (
        changed("gtfs/stop_times.txt", "t3,09:00:00", "t33,09:00:00"),
        "gtfs/stop_times.txt:8: trip_id: there is no trip of trips.txt 't33' (did you mean 't3'?)",
    ),
    "unknown route": (
        changed("gtfs/trips.txt", "R,end", "RR,end"),
        "gtfs/trips.txt:4: route_id: there is no route of routes.txt 'RR'",
    ),
    "unknown service": (
        changed("gtfs/trips.txt", "R,end", "R,weekend"),
        "gtfs/trips.txt:4: service_id: the calendar has no service 'weekend'",
    ),
    "unknown agency": (
        changed("gtfs/routes.txt", "R,one", "R,two"),
        "gtfs/routes.txt:2: agency_id: there is no such agency in agency.txt",
    ),
    "unknown vehicle type": (
        changed("gtfs/trips.txt", "b1,bus", "b1,buss"),
        "gtfs/trips.txt:2: vehicle_type: there is no vehicle type 'buss' (did you mean 'bus'?); known are bus",
    ),
    "bad clock time": (
        changed("gtfs/stop_times.txt", "07:05:00", "7h05"),
        "gtfs/stop_times.txt:3: arrival_time: '7h05' is not a clock time; write HH:MM or HH:MM:SS",
    ),
    "arrival before the last departure": (
        changed("gtfs/stop_times.txt", "07:10:00,07:10:00", "07:04:00,07:10:00"),
        "gtfs/stop_times.txt:4: arrival_time: times run backwards: 07:04:00 is before the departure from the stop "
        "before, 07:05:30 on line 3",
    ),
    "departure before arrival": (
        changed("gtfs/stop_times.txt", "07:05:30", "07:04:30"),
        "gtfs/stop_times.txt:3: departure_time: times run backwards: before arrival_time",
    ),
    "no time at the last stop": (
        changed("gtfs/stop_times.txt", "t2,06:40:00,06:40:00", "t2,,"),
        "gtfs/stop_times.txt:7: arrival_time: the first and the last stop of a trip need a time",
    ),
    "sequence twice": (
        changed("gtfs/stop_times.txt", "A,1\nt1,07:05:00,07:05:30,B,2", "A,2\nt1,07:05:00,07:05:30,B,2"),
        "gtfs/stop_times.txt:3: stop_sequence: this trip has the same stop_sequence twice",
    ),
    "bad date": (
        changed("gtfs/calendar.txt", "20240101", "1 January"),
        "gtfs/calendar.txt:2: start_date: '1 January' is not a date; write YYYYMMDD",
    ),
    "calendar that ends before it starts": (
        changed("gtfs/calendar.txt", "20240101,20240131", "20240131,20240101"),
        "gtfs/calendar.txt:2: end_date: must not be before start_date",
    ),
    "no day with service": (
        {"gtfs/calendar.txt": FILES["gtfs/calendar.txt"].replace(",1", ",0")},
        "no trip of the lines wanted ever runs; the calendar runs from 2024-01-01 to 2024-01-31",
    ),
    "headway 0": (
        {"gtfs/frequencies.txt": "trip_id,start_time,end_time,headway_secs\nt1,06:00:00,07:00:00,0\n"},
        "gtfs/frequencies.txt:2: headway_secs: must be more than 0, found 0",
    ),
    "capacity 0": (changed("vehicles.csv", "30,60", "30,0"), "vehicles.csv:2: capacity: must be at least 1, found 0"),
    "more seats than places": (
        changed("vehicles.csv", "30,60", "70,60"),
        "vehicles.csv:2: seats: must not be more than capacity",
    ),
    "capacity beyond all reason": (
        changed("vehicles.csv", "30,60", "30,99999999999999999999"),
        "vehicles.csv:2: capacity: at most 1e+12 is accepted, found 99999999999999999999",
    ),
    "unknown dwell rule": (
        {"vehicles.csv": "vehicle_type,seats,capacity,dwell_rule\nbus,30,60,slow\n"},
        "vehicles.csv:2: dwell_rule: must be one of constant, sum, max",
    ),
    "link that is not there": (
        changed("gmns/link.csv", "bc,B,C", "bc,C,B"),
        "gmns/link.csv: there is no link from 'B' to 'C'; trip 't1' of line 'R' needs one",
    ),
    "link to nowhere": (
        changed("gmns/link.csv", "ca,C,A", "ca,C,Z"),
        "gmns/link.csv:4: to_node_id: there is no such node in gmns/node.csv",
    ),
    "link of no length": (
        changed("gmns/link.csv", "A,B,1000", "A,B,0"),
        "gmns/link.csv:2: length: must be more than 0, found 0",
    ),
    "payment without passengers": (
        {"vehicles.csv": "vehicle_type,seats,capacity,dwell_rule,fare_payment\nbus,30,60,headway,ticket\n"},
        "vehicles.csv:2: fare_payment: has no effect with this dwell_rule; it needs sum or max",
    ),
    "dwell longer than the headway": (
        {"vehicles.csv": "vehicle_type,seats,capacity,dwell_rule,dwell_per_headway\nbus,30,60,headway,1\n"},
        "vehicles.csv:2: dwell_per_headway: must be less than 1",
    ),
    "unknown payment": (
        {"vehicles.csv": "vehicle_type,seats,capacity,fare_payment\nbus,30,60,tiket\n"},
        "vehicles.csv:2: fare_payment: must be one of prepaid, visual, ticket, exact_change, validator, magstripe, "
        "smart_card, smart_card_tcrp100; found 'tiket' (did you mean 'ticket'?)",
    ),
    "traffic on an unknown link": (
        changed("traffic.csv", "bc,07", "bd,07"),
        "traffic.csv:4: link_id: there is no link 'bd'",
    ),
    "traffic of no time": (
        changed("traffic.csv", "08:00:00,200,", "08:00:00,0,"),
        "traffic.csv:2: running_time_s: must be more than 0, found 0",
    ),
    "traffic twice over": (
        changed("traffic.csv", "09:00:00,150,", "09:00:00,150,0.5"),
        "traffic.csv:3: running_time_s: give either running_time_s or speed_factor",
    ),
    "traffic that says nothing": (
        changed("traffic.csv", "bc,07:00:00,08:00:00,,0.5", "bc,07:00:00,08:00:00,,"),
        "traffic.csv:4: running_time_s: give either running_time_s or speed_factor, or volume_per_h, or one of the "
        "former and volume_per_h",
    ),
    "traffic of less than nothing": (
        {"traffic.csv": "link_id,period_start,period_end,volume_per_h\nab,07:00:00,08:00:00,-5\n"},
        "traffic.csv:2: volume_per_h: must be at least 0, found -5",
    ),
    "traffic of an unknown class": (
        {
            "traffic.csv": "link_class,period_start,period_end,volume_per_h\nstret,07:00:00,08:00:00,5\n",
            "gmns/link.csv": FILES["gmns/link.csv"].replace("allowed_uses", "facility_type").replace(",bus", ",street"),
        },
        "traffic.csv:2: link_class: there is no class of links 'stret' (did you mean 'street'?); facility_type of "
        "gmns/link.csv has street",
    ),
    "traffic of nothing in particular": (
        {"traffic.csv": "period_start,period_end,volume_per_h\n07:00:00,08:00:00,5\n"},
        "traffic.csv:2: link_id: give either link_id or link_class",
    ),
    "running time of a class": (
        {
            "traffic.csv": "link_class,period_start,period_end,running_time_s\nstreet,07:00:00,08:00:00,5\n",
            "gmns/link.csv": FILES["gmns/link.csv"].replace("allowed_uses", "facility_type").replace(",bus", ",street"),
        },
        "traffic.csv:2: running_time_s: a class of links cannot have one running time; give speed_factor or "
        "volume_per_h",
    ),
    "traffic period backwards": (
        changed("traffic.csv", "07:00:00,08:00:00,200", "08:00:00,07:00:00,200"),
        "traffic.csv:2: period_end: must be after period_start",
    ),
    "traffic periods that overlap": (
        changed("traffic.csv", "08:00:00,09:00:00", "07:30:00,09:00:00"),
        "traffic.csv:3: period_start: overlaps the period of line 2 for the same thing",
    ),
    "negative demand": (
        changed("demand/od.csv", "07:00:00,4", "07:00:00,-4"),
        "demand/od.csv:2: commuters: must be at least 0, found -4",
    ),
    "demand from an unknown stop": (
        changed("demand/od.csv", "A,C,07", "X,C,07"),
        "demand/od.csv:4: origin_stop_id: there is no stop of stops.txt 'X'",
    ),
    "demand to where it starts": (
        changed("demand/od.csv", "A,B", "A,A"),
        "demand/od.csv:2: destination_stop_id: origin and destination are the same stop",
    ),
    "demand twice": (
        changed("demand/od.csv", "A,C,07:00:00,08:00:00", "A,C,06:00:00,07:00:00"),
        "demand/od.csv:4: origin_stop_id: duplicate: line 3 has the same stops and period",
    ),
    "demand period backwards": (
        changed("demand/od.csv", "A,B,06:00:00,07:00:00", "A,B,07:00:00,07:00:00"),
        "demand/od.csv:2: period_end: must be after period_start",
    ),
    "demand without periods or profile": (
        {"demand/od.csv": "origin_stop_id,destination_stop_id,commuters\nA,B,3\n"},
        "demand/od.csv:1: period_start: the columns period_start,period_end are missing, and there is no "
        "demand/profile.csv instead",
    ),
    "shares that do not sum to 1": (
        {
            "demand/od.csv": "origin_stop_id,destination_stop_id,commuters\nA,B,3\n",
            "demand/profile.csv": "period_start,period_end,share\n06:00,07:00,0.5\n07:00,08:00,0.4\n",
        },
        "demand/profile.csv: share: the shares sum to 0.9; they must sum to 1",
    ),
    "UTF-16": (
        {"gtfs/stops.txt": FILES["gtfs/stops.txt"].encode("utf-16")},
        "gtfs/stops.txt: this is UTF-16 text; save the file as UTF-8",
    ),
}


def zip_of(members: dict[str, bytes]) -> bytes:
    """Return the bytes of a zip."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


ZIPS: dict[str, tuple[bytes, str]] = {
    "no zip": (b"hello", "feed.zip: neither a network folder nor a zip of GTFS tables"),
    "no feed": (zip_of({"readme.txt": b"hi"}), "feed.zip: the zip holds no stops.txt: not a GTFS feed"),
    "half a feed": (
        zip_of({"stops.txt": FILES["gtfs/stops.txt"].encode()}),
        "feed.zip/stop_times.txt: the file is missing; it needs the columns ",
    ),
}


def assert_told(lines: list[str], expected: str) -> None:
    assert [line for line in lines if expected in line], f"{expected!r} is not in:\n" + "\n".join(lines)
    assert all("\n" not in line and "Traceback" not in line for line in lines)


def test_the_files_that_are_broken_here_are_sound(tmp_path):
    scenario = tmp_path / "s.yaml"
    scenario.write_text(SCENARIO, encoding="utf-8")
    assert complaints(scenario) == []
    assert complaints(write_network(tmp_path / "net")) == []
    assert len(SCENARIOS) + len(WHOLE_SCENARIOS) + len(FOLDERS) + len(ZIPS) > 100


@pytest.mark.parametrize(("old", "new", "expected"), SCENARIOS.values(), ids=SCENARIOS)
def test_a_broken_scenario(tmp_path, old, new, expected):
    path = tmp_path / "s.yaml"
    path.write_text(changed_scenario(old, new), encoding="utf-8")
    assert_told(complaints(path), expected)


@pytest.mark.parametrize(("data", "expected"), WHOLE_SCENARIOS.values(), ids=WHOLE_SCENARIOS)
def test_a_scenario_that_is_wrong_altogether(tmp_path, data, expected):
    path = tmp_path / "s.yaml"
    path.write_bytes(data)
    assert_told(complaints(path), expected)


@pytest.mark.parametrize(("changes", "expected"), FOLDERS.values(), ids=FOLDERS)
def test_a_broken_network_folder(tmp_path, changes, expected):
    assert_told(complaints(write_network(tmp_path / "net", changes)), expected)


@pytest.mark.parametrize(("data", "expected"), ZIPS.values(), ids=ZIPS)
def test_a_broken_feed(tmp_path, data, expected):
    path = tmp_path / "feed.zip"
    path.write_bytes(data)
    assert_told(complaints(path), expected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("gone.yaml", "gone.yaml: there is no such file"),
        ("gone.zip", "gone.zip: there is no such folder or GTFS zip"),
        ("empty", "empty: neither a network folder (gtfs/, vehicles.csv, SOURCE.md) nor a GTFS feed"),
    ],
)
def test_a_path_that_leads_to_nothing(tmp_path, name, expected):
    (tmp_path / "empty").mkdir()
    assert_told(complaints(tmp_path / name), expected)


def test_a_scenario_on_a_broken_network_names_the_files_of_the_network(tmp_path):
    write_network(tmp_path / "net", changed("vehicles.csv", "30,60", "30,0"))
    path = tmp_path / "s.yaml"
    path.write_text("name: x\nnetwork: {folder: net}\n", encoding="utf-8")
    assert_told(complaints(path), "net/vehicles.csv:2: capacity: must be at least 1, found 0")


@pytest.mark.parametrize("command", ["run", "compare"])
def test_the_commands_that_simulate_answer_in_the_same_way(tmp_path, command):
    path = tmp_path / "s.yaml"
    path.write_text(changed_scenario("capacity: 60", "capacity: 0"), encoding="utf-8")
    done = CliRunner().invoke(main, [command, str(path), "--out", str(tmp_path / "out"), "--set", "seeed=1"])
    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        f"{path}:11:22: service.vehicles.bus.capacity: must be at least 1, found 0",
        "--set: seeed: unknown key (did you mean 'seed'?)",
    ]
    assert not (tmp_path / "out").exists()


def test_problems_as_json_keep_file_line_and_key_apart(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text(changed_scenario("capacity: 60", "capacity: 0"), encoding="utf-8")
    done = CliRunner().invoke(main, ["validate", "--json", str(path)])
    (problem,) = json.loads(done.stdout)
    assert done.exit_code == 1
    assert (problem["file"], problem["line"], problem["key"]) == (str(path), 11, "service.vehicles.bus.capacity")


def test_validate_looks_at_every_path(tmp_path):
    sound, broken = tmp_path / "a.yaml", tmp_path / "b.yaml"
    sound.write_text(SCENARIO, encoding="utf-8")
    broken.write_text("", encoding="utf-8")
    done = CliRunner().invoke(main, ["validate", str(broken), str(sound), str(tmp_path / "none.zip")])
    assert done.exit_code == 1
    assert len(done.stderr.splitlines()) == 2
    assert f"{sound}: ok" in done.stdout


@pytest.mark.parametrize("command", ["run", "compare"])
def test_a_network_in_the_place_of_a_scenario_is_told_what_is_wanted(command, tmp_path):
    folder = write_network(tmp_path / "net")
    archive = tmp_path / "feed.zip"
    with zipfile.ZipFile(archive, "w") as feed:
        feed.writestr("stops.txt", "stop_id\n")
    for place in (folder, archive):
        done = CliRunner().invoke(main, [command, str(place)])
        assert done.exit_code == 1
        line = f"{place}: is a network, not a scenario; `peakshift init {place}` writes a scenario that runs on it"
        assert done.stderr.splitlines() == [line]
