"""Every rule of the import on a made-up feed that needs it, and what then reaches the network."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.small_feed import FEED, SHAPED, SHAPES, Changes, edit, more, write_feed, zip_feed

from sim.errors import NetworkError
from sim.loading.feeds.cleaning import clean_feed, drop_unused_stops
from sim.loading.feeds.cleaning_rules import RULES
from sim.loading.feeds.import_options import Box, ImportOptions
from sim.loading.feeds.import_report import ImportLedger
from sim.loading.feeds.importing import import_network
from sim.loading.gtfs_calendar import Calendar, Week
from sim.loading.network_files import NetworkFiles
from sim.loading.network_folder import load_network
from sim.loading.problems import ProblemCollector

DATES = "service_id,date,exception_type\nweek,20240102,1\n"
FREQUENCIES = "trip_id,start_time,end_time,headway_secs,exact_times\nt1,06:00:00,07:00:00,1200,1\n"
STATION = "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station\n"
PLATFORMS = STATION + "A,Alpha,1,10,0,\nB,Beta,1.01,10,0,S\nC,Gamma,1.03,10,0,S\nS,Hall,1.02,10,1,\n"
# Rule -> the change of the feed that needs it, and how often it is then applied.
CASES: dict[str, tuple[Changes, int]] = {
    "byte_order_mark": ({"stops.txt": b"\xef\xbb\xbf" + FEED["stops.txt"].encode()}, 1),
    "latin_1": ({"stops.txt": FEED["stops.txt"].replace("Beta", "Bêta").encode("latin-1")}, 1),
    "utf_16": ({"stops.txt": FEED["stops.txt"].encode("utf-16")}, 1),
    "null_bytes": (edit("stops.txt", ("Beta", "Be\x00ta")), 1),
    "windows_line_ends": ({"stops.txt": FEED["stops.txt"].replace("\n", "\r\n")}, 1),
    "header_spaces": (edit("stop_times.txt", ("stop_id,stop_sequence", " stop_id , stop_sequence")), 2),
    "unknown_file": ({"colours.txt": "a,b\n1,2\n"}, 1),
    "unused_file": ({"levels.txt": "level_id\n1\n", "feed_info.txt": "feed_lang\nen\n"}, 2),
    "fares_of_version_2": ({"fare_products.txt": "fare_product_id\n1\n", "fare_leg_rules.txt": "leg_group_id\n1\n"}, 2),
    "unknown_column": (edit("routes.txt", ("route_short_name", "colour"), ("7", "red")), 1),
    "empty_file": ({"frequencies.txt": "", "transfers.txt": "from_stop_id,to_stop_id\n"}, 2),
    "unusable_file": ({"transfers.txt": "from,to\nA,B\n"}, 1),
    "missing_column": (edit("calendar.txt", ("thursday,", ""), ("1,1,1,1,1", "1,1,1,1")), 1),
    "extra_cells": (edit("stop_times.txt", ("A,1\n", "A,1,extra\n")), 1),
    "short_rows": (edit("trips.txt", ("t2,0", "t2")), 1),
    "several_time_zones": (more("agency.txt", "two,Two,https://example.org,Europe/Paris\n"), 2),
    "several_agencies": (more("agency.txt", "two,Two,https://example.org,UTC\n"), 2),
    "agency_repeated": (more("agency.txt", "one,Two,https://example.org,UTC\n,None,,\n"), 2),
    "route_repeated": (more("routes.txt", "R,one,8,3\n"), 1),
    "route_agency_unknown": (edit("routes.txt", ("R,one", "R,two")), 1),
    "route_type_unreadable": (edit("routes.txt", ("7,3", "7,bus")), 1),
    "route_type_extended": (edit("routes.txt", ("7,3", "7,702")), 1),
    "route_without_trips": (more("routes.txt", "S,one,8,3\n"), 1),
    "stop_repeated": (more("stops.txt", "A,Again,1,10\n,Nameless,1,10\n"), 2),
    "station": ({"stops.txt": PLATFORMS}, 1),
    "entrance": (edit("stops.txt", ("stop_lon\n", "stop_lon,location_type\n"), ("10\nB", "10,0\nD,Door,1,10,2\nB")), 1),
    "boarding_area": (
        {
            "stops.txt": STATION + "A,Alpha,1,10,0,\nP,Beta,1.01,10,0,\nB,Door 3,1.01,10,4,P\nC,Gamma,1.03,10,0,\n",
        },
        1,
    ),
    "station_with_visits": ({"stops.txt": PLATFORMS.replace("B,Beta,1.01,10,0,S", "B,Beta,1.01,10,1,")}, 1),
    "location_type_unreadable": (
        {"stops.txt": STATION + "A,Alpha,1,10,stop,\nB,Beta,1.01,10,,\nC,Gamma,1.03,10,,\n"},
        1,
    ),
    "position_of_station": ({"stops.txt": PLATFORMS.replace("B,Beta,1.01,10", "B,Beta,,")}, 1),
    "position_unusable": (edit("stops.txt", ("1.01,10", "91,10")), 1),
    "no_positions": ({"stops.txt": "stop_id\nA\nB\nC\n"}, 3),
    "weekday_unreadable": (edit("calendar.txt", ("0,0", "no,0")), 1),
    "calendar_row": (more("calendar.txt", "end,0,0,0,0,0,1,1,2024.01.01,20240131\n"), 1),
    "calendar_repeated": (more("calendar.txt", "week,0,0,0,0,0,1,1,20240101,20240131\n"), 1),
    "exception_row": ({"calendar_dates.txt": DATES + "week,20241301,2\nweek,20240103,3\n"}, 2),
    "calendar_dates_only": ({"calendar.txt": None, "calendar_dates.txt": DATES}, 1),
    "trip_repeated": (more("trips.txt", "R,week,t1,1\n"), 1),
    "trip_route_unknown": (more("trips.txt", "Q,week,t3,1\n"), 1),
    "trip_never_runs": (more("trips.txt", "R,never,t3,1\n"), 1),
    "trip_without_times": (more("trips.txt", "R,week,t3,1\n"), 1),
    "trip_too_short": ({**more("trips.txt", "R,week,t3,1\n"), **more("stop_times.txt", "t3,9:00:00,9:00:00,A,1\n")}, 1),
    "trip_backwards": (edit("stop_times.txt", ("t2,08:10:00,08:10:00", "t2,08:04:00,08:04:00")), 1),
    "direction_unreadable": (edit("trips.txt", ("t2,0", "t2,2")), 1),
    "direction_missing": (edit("trips.txt", ("t2,0", "t2,")), 1),
    "block_overlap": (
        {
            "trips.txt": "route_id,service_id,trip_id,block_id\nR,week,t1,b\nR,week,t2,b\n",
            **edit("stop_times.txt", ("t2,08:00:00,08:00:00", "t2,07:09:00,07:09:00")),
        },
        1,
    ),
    "visit_trip_unknown": (more("stop_times.txt", "t9,9:00:00,9:00:00,A,1\n"), 1),
    "visit_of_dropped_trip": (
        {**more("trips.txt", "R,never,t3,1\n"), **more("stop_times.txt", "t3,9:00:00,9:00:00,A,1\n")},
        1,
    ),
    "visit_stop_unknown": (edit("stop_times.txt", ("08:05:00,B", "08:05:00,X")), 1),
    "visit_sequence_unreadable": (edit("stop_times.txt", ("08:05:00,B,2", "08:05:00,B,two")), 1),
    "visit_sequence_negative": (edit("stop_times.txt", ("08:00:00,A,1", "08:00:00,A,-5")), 1),
    "visit_repeated": (more("stop_times.txt", "t2,08:10:00,08:10:00,C,3\n"), 1),
    "visit_sequence_repeated": (edit("stop_times.txt", ("08:05:00,B,2", "08:05:00,B,1")), 1),
    "visit_order_of_file": (
        {"stop_times.txt": "\n".join(line.rsplit(",", 1)[0] for line in FEED["stop_times.txt"].splitlines())},
        6,
    ),
    "time_unreadable": (edit("stop_times.txt", ("t2,08:05:00", "t2,8h05")), 1),
    "time_one_of_two": (edit("stop_times.txt", ("t2,08:05:00", "t2,")), 1),
    "time_blank_at_end": (edit("stop_times.txt", ("t2,08:10:00,08:10:00", "t2,,")), 1),
    "time_by_distance": (edit("stop_times.txt", ("t2,08:05:00,08:05:00", "t2,,")), 1),
    "time_evenly": ({"stops.txt": "stop_id\nA\nB\nC\n", **edit("stop_times.txt", ("t2,08:05:00,08:05:00", "t2,,"))}, 1),
    "time_past_midnight": (edit("stop_times.txt", ("t2,08:10:00,08:10:00", "t2,24:10:00,24:10:00")), 1),
    "time_wrapped": (
        edit(
            "stop_times.txt",
            ("t2,08:00:00,08:00:00", "t2,23:58:00,23:58:00"),
            ("t2,08:05:00,08:05:00", "t2,00:02:00,00:02:00"),
            ("t2,08:10:00,08:10:00", "t2,00:07:00,00:07:00"),
        ),
        1,
    ),
    "time_unchanged": (
        edit("stop_times.txt", ("t1,07:10:00", "t1,07:05:30"), ("t2,08:05:00,08:05:00", "t2,08:00:00,08:05:00")),
        2,
    ),
    "time_departure_early": (edit("stop_times.txt", ("07:05:30", "07:04:30")), 1),
    "visit_same_stop": (edit("stop_times.txt", ("08:10:00,C,3", "08:10:00,B,3")), 1),
    "visit_no_exchange": (
        edit("stop_times.txt", ("sequence\n", "sequence,pickup_type\n"), ("B,2", "B,2,1"), ("C,3", "C,3,1")),
        1,
    ),
    "visit_on_request": (
        edit("stop_times.txt", ("sequence\n", "sequence,drop_off_type\n"), ("A,1", "A,1,2"), ("B,2", "B,2,3")),
        1,
    ),
    "frequency_row": ({"frequencies.txt": FREQUENCIES + "t1,06:00:00,05:00:00,60,1\nt9,06:00:00,07:00:00,60,1\n"}, 2),
    "frequency_trips": ({"frequencies.txt": FREQUENCIES}, 1),
    "frequency_inexact": ({"frequencies.txt": FREQUENCIES.replace("1200,1", "1200,0")}, 1),
    "transfer_row": ({"transfers.txt": "from_stop_id,to_stop_id\nA,X\nA,B\n"}, 1),
    "several_currencies": (
        {"fare_attributes.txt": "fare_id,price,currency_type,transfers\none,2,EUR,0\ntwo,3,USD,0\nthree,3,USD,0\n"},
        2,
    ),
    "fare_row": (
        {
            "fare_attributes.txt": "fare_id,price,transfers\none,2,0\none,3,0\n,1,0\ndear,much,\nmany,1,9\n",
            "fare_rules.txt": "fare_id,route_id\none,R\ndear,R\n",
        },
        5,
    ),
    "fare_of_dropped_route": (
        {"fare_attributes.txt": "fare_id,price\none,2\n", "fare_rules.txt": "fare_id,route_id\none,Q\none,R\n"},
        1,
    ),
    "transfer_of_trips": (
        {"transfers.txt": "from_stop_id,to_stop_id,transfer_type,from_trip_id\nA,B,2,t1\nA,B,4,\nA,B,0,\n"},
        2,
    ),
    "transfer_of_stations": (
        {"stops.txt": PLATFORMS, "transfers.txt": "from_stop_id,to_stop_id,min_transfer_time\nS,S,90\n"},
        1,
    ),
    "shape_unusable": ({**SHAPED, "shapes.txt": SHAPES + "s,1.03,east,6\n"}, 1),
    "no_shapes": ({}, 2),
    "lengths_of_shapes": (SHAPED, 2),
    "vehicle_assumed": ({}, 2),
    "stop_unused": (more("stops.txt", "D,Delta,1,11\n"), 1),
}

# Rule -> the test below or elsewhere that tries it, as it needs more than a change of a file.
ELSEWHERE = {
    "nested_folder",
    "several_feeds",
    "route_not_wanted",
    "trip_not_wanted",
    "date_not_wanted",
    "stop_outside",
    "visit_outside",
    "frequency_moved",
    "stations_merged",
    "lengths_of_streets",
    "no_street",
    "speed_of_class",
    "street_not_open",
    "street_without_length",
    "stops_matched",
    "stops_off_streets",
}


def clean(path: Path, wishes: ImportOptions | None = None):
    return clean_feed(NetworkFiles(path, ProblemCollector()), wishes)


def visits_of(feed, trip: str) -> list[tuple[str, str, str]]:
    """Return stop, arrival and departure of each visit of a trip."""
    table = feed.tables["stop_times"]
    columns = [table.columns[name] for name in ("trip_id", "stop_id", "arrival_time", "departure_time")]
    return [row[1:] for row in zip(*columns, strict=True) if row[0] == trip]


def test_every_rule_has_a_case():
    assert CASES.keys() | ELSEWHERE == RULES.keys()
    assert not CASES.keys() & ELSEWHERE


@pytest.mark.parametrize("rule", CASES)
def test_the_rule_is_applied_counted_and_leaves_a_network_without_faults(tmp_path, rule):
    changes, count = CASES[rule]
    feed = write_feed(tmp_path / "feed", changes)
    report = import_network(feed, tmp_path / "net")
    assert report.count(rule) == count
    assert report.count(rule) == import_network(zip_feed(tmp_path / "feed.zip", changes), tmp_path / "net").count(rule)
    entry = next(entry for entry in report.entries if entry.name == rule)
    assert (entry.kind, entry.rule) == (RULES[rule].kind, RULES[rule].rule)
    written = load_network(tmp_path / "net")
    direct = load_network(feed)
    assert written.service.trip_id == direct.service.trip_id
    assert np.array_equal(written.service.scheduled_arrival_s, direct.service.scheduled_arrival_s)


def test_a_sound_feed_has_nothing_dropped_or_repaired(tmp_path):
    report = import_network(write_feed(tmp_path / "feed"), tmp_path / "net")
    assert report.of_kind("dropped") == report.of_kind("repaired") == ()
    assert report.after == report.before == {"agency": 1, "routes": 1, "stops": 3, "trips": 2, "stop_times": 6}
    assert (report.first_date, report.last_date) == ("2024-01-01", "2024-01-31")


def directions_of(feed):
    table = feed.tables["trips"]
    return dict(zip(table.text("trip_id"), table.text("direction_id"), strict=True))


BOTH_WAYS = {
    "stops.txt": FEED["stops.txt"] + "c,Gamma other side,1.03,10.001\nb,Beta other side,1.01,10.001\n",
    "trips.txt": "route_id,service_id,trip_id\n"
    + "".join(f"R,week,{trip}\n" for trip in ("t1", "t2", "back", "short")),
    "stop_times.txt": FEED["stop_times.txt"]
    + "".join(f"back,09:0{n}:00,09:0{n}:00,{stop},{n}\n" for n, stop in enumerate("cbA"))
    + "".join(f"short,09:0{n}:00,09:0{n}:00,{stop},{n}\n" for n, stop in enumerate("bA")),
}


def test_directions_that_are_missing_follow_from_the_order_of_stops(tmp_path):
    feed = clean(write_feed(tmp_path, BOTH_WAYS))
    assert directions_of(feed) == {"t1": "0", "t2": "0", "back": "1", "short": "1"}
    assert feed.report.count("direction_missing") == 4


def test_directions_that_are_given_lead_those_that_are_not(tmp_path):
    trips = BOTH_WAYS["trips.txt"].replace("trip_id\n", "trip_id,direction_id\n").replace("back", "back,0")
    feed = clean(write_feed(tmp_path, {**BOTH_WAYS, "trips.txt": trips}))
    assert directions_of(feed) == {"t1": "1", "t2": "1", "back": "0", "short": "0"}


def test_loops_are_told_apart_by_their_sense_and_ways_without_a_common_stop_by_where_they_lead(tmp_path):
    stops = FEED["stops.txt"] + "D,Delta,1.02,10.02\nX,Far,1.9,10\nY,Farther,1.8,10.1\n"
    ways = {"clockwise": "ABDCA", "against": "ACDBA", "away": "YX", "home": "XY"}
    rows = (f"{name},09:0{n}:00,09:0{n}:00,{stop},{n}\n" for name, way in ways.items() for n, stop in enumerate(way))
    changes = {
        "stops.txt": stops,
        "trips.txt": "route_id,service_id,trip_id\n" + "".join(f"R,week,{name}\n" for name in ways),
        "stop_times.txt": FEED["stop_times.txt"].partition("\n")[0] + "\n" + "".join(rows),
    }
    told = directions_of(clean(write_feed(tmp_path, changes)))
    assert told["clockwise"] != told["against"]
    assert told["away"] != told["home"]


def test_a_calendar_is_not_cut_after_three_years(tmp_path):
    late = "late,1,1,1,1,1,0,0,20290101,20991231\n"
    changes = {**more("calendar.txt", late), **edit("trips.txt", ("R,week,t2", "R,late,t2"))}
    feed = clean(write_feed(tmp_path / "a", changes))
    assert list(feed.tables["trips"].text("trip_id")) == ["t1", "t2"]
    assert feed.report.last_date == "2099-12-31"
    on = clean(write_feed(tmp_path / "b", changes), ImportOptions(date="2099-12-31"))
    assert list(on.tables["trips"].text("trip_id")) == ["t2"]


@given(st.data())
def test_different_days_hold_every_set_of_services_and_the_first_date_of_each(data):
    first = date(2024, 1, 1)
    days = st.integers(0, 40).map(lambda number: first + timedelta(days=number))
    weeks = {}
    for name in "abc":
        start, end = sorted((data.draw(days), data.draw(days)))
        weeks[name] = (tuple(data.draw(st.lists(st.booleans(), min_size=7, max_size=7))), start, end)
    exceptions = st.dictionaries(days, st.sets(st.sampled_from("abcd")), max_size=4)
    calendar = Calendar(
        {name: Week(*week) for name, week in weeks.items()}, data.draw(exceptions), data.draw(exceptions)
    )
    span = calendar.span()
    by_day = {}
    for number in range((span[1] - span[0]).days + 1):
        day = span[0] + timedelta(days=number)
        by_day.setdefault(frozenset(calendar.services(day)), day)
    found = {}
    for day in calendar.different_days():
        found.setdefault(frozenset(calendar.services(day)), day)
    assert {one: day for one, day in found.items() if one} == {one: day for one, day in by_day.items() if one}


def test_what_is_dropped_and_named_has_its_line(tmp_path):
    report = clean(write_feed(tmp_path, edit("stop_times.txt", ("08:05:00,B", "08:05:00,X")))).report
    entry = report.of_kind("dropped")[0]
    assert (entry.name, entry.examples) == ("visit_stop_unknown", ("line 6: 'X'",))
    assert str(entry) == (
        "stop_times.txt: 1 stop time dropped: stop times at a place that is no stop of stops.txt are dropped "
        "(line 6: 'X')"
    )


def test_blank_times_are_spread_by_distance_where_there_is_one(tmp_path):
    blank = edit("stop_times.txt", ("t2,08:05:00,08:05:00", "t2,,"), ("t2,08:00:00,08:00:00", "t2,07:59:00,08:00:00"))
    # B lies at a third of the way from A to C: 10 minutes from the departure at 08:00.
    assert visits_of(clean(write_feed(tmp_path / "a", blank)), "t2")[1] == ("B", "08:03:20", "08:03:20")
    nowhere = {**blank, "stops.txt": "stop_id\nA\nB\nC\n"}
    assert visits_of(clean(write_feed(tmp_path / "b", nowhere)), "t2")[1] == ("B", "08:05:00", "08:05:00")
    rows = blank["stop_times.txt"].replace("sequence\n", "sequence,shape_dist_traveled\n")
    for old, new in (("A,1\n", "A,1,0\n"), ("B,2\n", "B,2,8\n"), ("C,3\n", "C,3,10\n")):
        rows = rows.replace(old, new)
    assert visits_of(clean(write_feed(tmp_path / "c", {"stop_times.txt": rows})), "t2")[1][1] == "08:08:00"


def test_a_trip_over_midnight_stays_in_its_day(tmp_path):
    feed = clean(write_feed(tmp_path, CASES["time_wrapped"][0]))
    assert [arrival for _, arrival, _ in visits_of(feed, "t2")] == ["23:58:00", "24:02:00", "24:07:00"]


def test_a_day_is_added_between_arrival_and_departure_too(tmp_path):
    wait = edit(
        "stop_times.txt",
        ("t2,08:05:00,08:05:00", "t2,23:59:00,00:01:00"),
        ("t2,08:10:00,08:10:00", "t2,00:06:00,00:06:00"),
    )
    assert visits_of(clean(write_feed(tmp_path, wait)), "t2")[1:] == [
        ("B", "23:59:00", "24:01:00"),
        ("C", "24:06:00", "24:06:00"),
    ]


def test_a_stop_that_follows_itself_is_one_longer_visit(tmp_path):
    feed = clean(write_feed(tmp_path, edit("stop_times.txt", ("08:10:00,C,3", "08:12:00,B,3"))))
    assert visits_of(feed, "t2") == [("A", "08:00:00", "08:00:00"), ("B", "08:05:00", "08:12:00")]


def test_visits_go_in_the_order_of_their_numbers_whatever_the_file(tmp_path):
    header, *rows = FEED["stop_times.txt"].splitlines()
    shuffled = "\n".join([header, *rows[::-1]])
    assert visits_of(clean(write_feed(tmp_path, {"stop_times.txt": shuffled})), "t1") == visits_of(
        clean(write_feed(tmp_path / "plain")), "t1"
    )


def test_a_transfer_at_a_station_holds_between_its_platforms(tmp_path):
    table = clean(write_feed(tmp_path, CASES["transfer_of_stations"][0])).tables["transfers"]
    pairs = list(zip(table.text("from_stop_id"), table.text("to_stop_id"), strict=True))
    assert pairs == [("B", "B"), ("B", "C"), ("C", "B"), ("C", "C")]
    assert set(table.text("min_transfer_time")) == {"90"}


def test_platforms_may_become_one_stop(tmp_path):
    feed = clean(write_feed(tmp_path, {"stops.txt": PLATFORMS}), ImportOptions(merge_stations=True))
    assert feed.report.count("stations_merged") == 2
    assert list(feed.tables["stops"].text("stop_id")) == ["A", "S"]
    assert visits_of(feed, "t1") == [("A", "07:00:00", "07:00:00"), ("S", "07:05:00", "07:10:00")]


def test_platforms_that_become_one_stop_take_their_fare_zone_along(tmp_path):
    """Zones are given to platforms; the station had none, and fares from and to its zone held no more."""
    rows = PLATFORMS.splitlines()
    zones = "zone_id", "1", "", "2", ""
    stops = "".join(f"{row},{zone}\n" for row, zone in zip(rows, zones, strict=True))
    feed = clean(write_feed(tmp_path, {"stops.txt": stops}), ImportOptions(merge_stations=True))
    table = feed.tables["stops"]
    assert dict(zip(table.text("stop_id"), table.text("zone_id"), strict=True)) == {"A": "1", "S": "2"}


def test_a_boarding_area_stands_for_its_platform(tmp_path):
    feed = clean(write_feed(tmp_path, CASES["boarding_area"][0]))
    assert [stop for stop, _, _ in visits_of(feed, "t1")] == ["A", "P", "C"]


def test_frequencies_alone_or_beside_a_timetable(tmp_path):
    loaded = load_network(write_feed(tmp_path, {"frequencies.txt": FREQUENCIES}))
    assert loaded.service.trip_id == ("t1@06:00:00", "t1@06:20:00", "t1@06:40:00", "t2")


def test_the_date_with_most_trips_counts_each_run_of_a_frequency(tmp_path):
    """On Saturday a trip that runs three times; it counted once, and a day with two trips was taken for busier."""
    changes = {
        **more("calendar.txt", "end,0,0,0,0,0,1,0,20240101,20240131\n"),
        **more("trips.txt", "R,end,t3\n"),
        **more("stop_times.txt", "t3,06:00:00,06:00:00,A,1\nt3,06:05:00,06:05:00,B,2\n"),
        "frequencies.txt": FREQUENCIES.replace("t1,", "t3,"),
    }
    assert load_network(write_feed(tmp_path, changes)).service.trip_id == ("t3@06:00:00", "t3@06:20:00", "t3@06:40:00")


def test_the_longest_way_of_a_trip_inside_of_the_box_is_kept(tmp_path):
    stops = more("stops.txt", "D,Delta,1.04,10\nE,Epsilon,1.05,10\n")
    rows = "t1,07:20:00,07:20:00,D,4\nt1,07:30:00,07:30:00,E,5\n"
    changes = {**stops, **more("stop_times.txt", rows)}
    feed = clean(write_feed(tmp_path, changes), ImportOptions(box=Box(9, 1.005, 11, 1.045)))
    assert [stop for stop, _, _ in visits_of(feed, "t1")] == ["B", "C", "D"]
    assert feed.report.count("stop_outside") == 2
    assert feed.report.count("visit_outside") == 3
    apart = edit("stops.txt", ("B,Beta,1.01", "B,Beta,3"))
    rows = "t1,07:20:00,07:20:00,A,4\nt1,07:30:00,07:30:00,C,5\n"
    feed = clean(write_feed(tmp_path, {**apart, **more("stop_times.txt", rows)}), ImportOptions(box=Box(9, 0, 11, 2)))
    assert [stop for stop, _, _ in visits_of(feed, "t1")] == ["C", "A", "C"]


def test_a_box_leaves_times_inside_as_they_are(tmp_path):
    """The first stop is outside: frequencies that count from it, midnight after it, and a blank time between.

    Would catch the first stop inside taken for the one from which frequencies count: vehicles came 5 min too soon. And
    times that are read without those outside: they were of the morning before, or lost.
    """
    times = edit(
        "stop_times.txt",
        ("t2,08:00:00,08:00:00", "t2,23:50:00,23:50:00"),
        ("t2,08:05:00,08:05:00", "t2,00:10:00,00:10:00"),
        ("t2,08:10:00,08:10:00", "t2,00:15:00,00:15:00"),
    )
    blank = "R,week,t3\n", "t3,06:00:00,06:00:00,A,1\nt3,,,B,2\nt3,06:30:00,06:30:00,C,3\n"
    changes = {
        **more("trips.txt", blank[0]),
        "stop_times.txt": times["stop_times.txt"] + blank[1],
        "frequencies.txt": FREQUENCIES.replace("t1,06:00:00", "t1,06:30:00"),
    }
    feed = write_feed(tmp_path / "feed", changes)
    inside = ImportOptions(box=Box(9, 1.005, 11, 1.045))
    whole, part = clean(feed), clean(feed, inside)
    for trip in ("t1", "t2", "t3"):
        assert visits_of(part, trip) == visits_of(whole, trip)[1:]
    assert part.report.count("frequency_moved") == 1
    import_network(feed, tmp_path / "net", inside)
    service, all_of_it = load_network(tmp_path / "net").service, load_network(feed).service
    after_the_first = np.diff(all_of_it.visit_trip, prepend=-1) == 0
    assert sorted(service.scheduled_departure_s) == sorted(all_of_it.scheduled_departure_s[after_the_first])


def test_only_what_runs_on_a_date_is_taken(tmp_path):
    changes = {
        **more("calendar.txt", "end,0,0,0,0,0,1,1,20240101,20240131\n"),
        **edit("trips.txt", ("week,t2", "end,t2")),
    }
    write_feed(tmp_path / "feed", changes)
    report = import_network(tmp_path / "feed", tmp_path / "net", ImportOptions(date="2024-01-06"))
    assert (report.count("date_not_wanted"), report.first_date) == (1, "2024-01-06")
    assert load_network(tmp_path / "net").service.trip_id == ("t2",)
    with pytest.raises(NetworkError, match="no trip runs on 2025-01-01; the calendar runs from 2024-01-01 to"):
        clean(tmp_path / "feed", ImportOptions(date="2025-01-01"))
    with pytest.raises(NetworkError, match="'soon' is not a date"):
        clean(tmp_path / "feed", ImportOptions(date="soon"))


def test_only_the_routes_asked_for_are_taken(tmp_path):
    changes = {
        **more("routes.txt", "S,one,8,3\n"),
        **edit("trips.txt", ("R,week,t2", "S,week,t2")),
    }
    write_feed(tmp_path, changes)
    for name in ("S", "8"):
        feed = clean(tmp_path, ImportOptions(routes=(name,)))
        assert list(feed.tables["trips"].text("trip_id")) == ["t2"]
        assert (feed.report.count("route_not_wanted"), feed.report.count("trip_not_wanted")) == (1, 1)
    with pytest.raises(NetworkError, match="there is no route '9'; there are 7, 8, R, S"):
        clean(tmp_path, ImportOptions(routes=("9",)))


def test_a_feed_may_lie_in_a_folder_inside(tmp_path):
    report = clean(zip_feed(tmp_path / "a.zip", inside="x/y/")).report
    assert (report.count("nested_folder"), report.count("several_feeds")) == (1, 0)
    write_feed(tmp_path / "feeds" / "one")
    write_feed(tmp_path / "feeds" / "two")
    report = clean(tmp_path / "feeds").report
    assert (report.count("nested_folder"), report.count("several_feeds")) == (1, 1)


NOTHING = {
    "no trip runs": (edit("calendar.txt", ("1,1,1,1,1", "0,0,0,0,0")), "nothing in this feed can be used: no trip is"),
    "no dates": (edit("calendar.txt", ("20240131", "20230131")), "for the calendar has no usable date"),
    "no calendar": ({"calendar.txt": None}, "the file is missing; it needs the columns service_id,monday"),
    "broken calendar": ({"calendar.txt": "service,start\nx,y\n"}, "cannot be used: .*service_id: this column is miss"),
    "no stops": ({"stops.txt": None}, "the file is missing; it needs the columns stop_id"),
    "empty stops": ({"stops.txt": ""}, "the file is empty"),
    "no rows": ({"trips.txt": "route_id,service_id,trip_id\n"}, "the table has a header and no rows"),
    "no times": (edit("stop_times.txt", ("arrival_time", "x"), ("departure_time", "y")), "arrival_time: this column"),
    "nothing matches": ({"stops.txt": "stop_id\nX\nY\n"}, "6 stop times dropped"),
    "semicolons": ({"stops.txt": FEED["stops.txt"].replace(",", ";")}, "separate them by ','"),
}


@pytest.mark.parametrize("name", NOTHING)
def test_a_feed_that_yields_nothing_is_an_error_that_says_why(tmp_path, name):
    changes, message = NOTHING[name]
    with pytest.raises(NetworkError, match=message):
        import_network(write_feed(tmp_path / "feed", changes), tmp_path / "net")
    assert not (tmp_path / "net").exists()


@pytest.mark.parametrize("rows", ["B,C,2,30\nS,S,2,180\n", "S,S,2,180\nB,C,2,30\n"])
def test_a_transfer_between_platforms_goes_before_that_of_their_station(tmp_path, rows):
    """Whichever row comes first; the row of the station held for all where it did."""
    head = "from_stop_id,to_stop_id,transfer_type,min_transfer_time\n"
    feed = clean(write_feed(tmp_path, {"stops.txt": PLATFORMS, "transfers.txt": head + rows}))
    table = feed.tables["transfers"]
    columns = [table.text(name) for name in ("from_stop_id", "to_stop_id", "min_transfer_time")]
    told = {start + goal: time for start, goal, time in zip(*columns, strict=True)}
    assert told == {"BC": "30", "BB": "180", "CB": "180", "CC": "180"}


def test_stops_without_trips_are_left_out_with_their_transfers(tmp_path):
    changes = {**more("stops.txt", "D,Delta,1,11\n"), "transfers.txt": "from_stop_id,to_stop_id\nA,D\nA,B\n"}
    feed = drop_unused_stops(clean(write_feed(tmp_path, changes)), ImportLedger())
    assert list(feed.tables["transfers"].text("to_stop_id")) == ["B"]
    assert feed.visits.stop.max() == 2


def test_what_is_dropped_of_several_files_is_told_with_each_file(tmp_path):
    entries = clean(write_feed(tmp_path, CASES["fare_row"][0])).report.of_kind("dropped")
    (told,) = [str(entry) for entry in entries if entry.name == "fare_row"]
    assert told.startswith("fare_attributes.txt 4, fare_rules.txt 1: 5 rows dropped: ")
    ledger = ImportLedger()
    for file, count in (("feed/a.txt", 1), ("feed/b.txt", 1200), ("feed/a.txt", 2)):
        ledger.add("calendar_row", file, count)
    (entry,) = ledger.merged()
    assert str(entry).startswith("a.txt 3, b.txt 1,200: 1,203 rows dropped: ")
