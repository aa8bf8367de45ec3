"""Imports of published feeds, and of feeds that were broken on purpose, with the expected verdicts.

The broken feeds are those of Google's transfeed; its own tests say what is wrong with each.
"""

from __future__ import annotations

import csv
import zipfile

import numpy as np
import pytest

from sim.errors import NetworkError
from sim.loading.exports import EXPORTS
from sim.loading.feeds.cleaning import clean_feed
from sim.loading.feeds.import_options import ImportOptions
from sim.loading.feeds.importing import import_network
from sim.loading.feeds.lengths import trip_lengths_m
from sim.loading.feeds.text_rows import read_numbers
from sim.loading.network_files import NetworkFiles
from sim.loading.network_folder import load_network
from sim.loading.problems import ProblemCollector

# Trips that reach the network, what is dropped or repaired, and what else is worth a look.
IMPORTED: dict[str, tuple[int, dict[str, int], dict[str, int]]] = {
    "bad_date_format": (
        4,
        {
            "station": 1,
            "calendar_row": 1,
            "trip_never_runs": 7,
            "visit_of_dropped_trip": 20,
            "route_without_trips": 4,
            "fare_of_dropped_route": 3,
            "stop_unused": 7,
        },
        {},
    ),
    "bad_eol.zip": (11, {"header_spaces": 1}, {"windows_line_ends": 2}),
    "bad_utf8": (11, {"latin_1": 5}, {"unknown_column": 1}),
    "contains_null": (11, {"null_bytes": 1}, {}),
    "duplicate_schedule_id": (11, {"calendar_repeated": 1}, {}),
    "duplicate_stop": (11, {}, {}),  # two stops at the same place, which is no fault
    "duplicate_stop_sequence": (1, {"visit_sequence_repeated": 1}, {}),
    "empty_file": (11, {}, {"empty_file": 1}),
    "extra_row_cells": (11, {}, {}),  # one blank value too many
    "filter_unusual_trips": (21, {}, {"empty_file": 1}),
    "flatten_feed": (8, {"trip_without_times": 1, "trip_too_short": 2, "route_without_trips": 3, "stop_unused": 3}, {}),
    "good_feed": (11, {"station": 1}, {}),
    "good_feed.zip": (11, {"station": 1}, {}),
    "googletransit": (11, {"nested_folder": 1, "station": 1}, {}),
    "invalid_agency_ids": (11, {"agency_repeated": 1}, {}),
    "invalid_route_agency": (11, {"route_agency_unknown": 1}, {}),
    "missing_agency": (11, {}, {}),
    "missing_column": (11, {"missing_column": 1}, {}),
    "missing_departure_time": (1, {"time_one_of_two": 1, "stop_unused": 1}, {}),
    "missing_endpoint_times": (9, {"time_blank_at_end": 2, "trip_too_short": 2}, {}),
    "missing_row_cells": (11, {}, {"short_rows": 1}),
    "missing_weekday_column": (11, {"missing_column": 1}, {}),
    "negative_stop_sequence": (11, {"visit_sequence_negative": 1}, {}),
    "only_calendar_dates": (11, {}, {"calendar_dates_only": 2}),
    "repeated_route_name": (11, {"route_without_trips": 1}, {}),
    "same_short_long_name": (11, {}, {}),
    "undefined_stop": (11, {"visit_stop_unknown": 1}, {}),
    "unknown_file": (11, {"station": 1}, {"unknown_file": 1}),
    "unrecognized_columns": (11, {}, {"unknown_column": 12}),
    "unused_stop": (11, {"stop_unused": 1}, {}),
    "utf16": (11, {"utf_16": 10}, {}),
    "utf8bom": (11, {"byte_order_mark": 2}, {}),
}
NO_FEED = "neither a network folder nor a zip of GTFS tables"
REFUSED: dict[str, tuple[str, ...]] = {
    "au-sydney-entrances": ("routes.txt", "trips.txt", "stop_times.txt", "calendar.txt"),
    "missing_calendar": ("calendar.txt",),
    "missing_routes": ("routes.txt",),
    "missing_stop_times": ("stop_times.txt",),
    "missing_stops": ("stops.txt",),
    "missing_trips": ("trips.txt",),
    "one_line.kml": (NO_FEED,),
    "one_stop.kml": (NO_FEED,),
    "unknown_format.zip": (NO_FEED,),
    "upgrade_translations": ("routes.txt", "stop_times.txt", "calendar.txt"),
}
UTM_SCALE = (0.99980, 0.99985)
"""Ground to UTM zone 55 around Cairns: 0.9996 (1 + x^2 / 2 R^2), x = 138 to 146 km from 147 degrees east."""


def test_every_broken_feed_has_a_verdict(shared_data):
    there = {path.name for path in (shared_data / "gtfs" / "broken").iterdir()} - {"SOURCE.txt"}
    assert there == IMPORTED.keys() | REFUSED.keys()


@pytest.mark.parametrize("name", IMPORTED)
def test_a_broken_feed_is_mended_as_stated(shared_data, tmp_path, name):
    trips, changed, noted = IMPORTED[name]
    report = import_network(shared_data / "gtfs" / "broken" / name, tmp_path / "net")
    assert report.after["trips"] == trips
    assert {entry.name: entry.count for entry in report.entries if entry.kind != "noted"} == changed
    assert {rule: report.count(rule) for rule in noted} == noted
    assert len(load_network(tmp_path / "net").service.trip_id) > 0


@pytest.mark.parametrize("name", REFUSED)
def test_a_feed_that_lacks_too_much_is_refused_with_the_reason(shared_data, tmp_path, name):
    with pytest.raises(NetworkError) as caught:
        import_network(shared_data / "gtfs" / "broken" / name, tmp_path / "net")
    problems = caught.value.problems
    assert len(problems) == len(REFUSED[name])
    for problem, expected in zip(problems, REFUSED[name], strict=True):
        assert expected in str(problem)
        assert NO_FEED in str(problem) or "the file is missing" in problem.message
    assert not (tmp_path / "net").exists()


def test_durations_and_distances_of_cairns_are_those_of_gtfs_kit(shared_data):
    with (shared_data / "gtfs" / "cairns_trip_stats.csv").open(encoding="utf-8", newline="") as file:
        expected = {row["trip_id"]: row for row in csv.DictReader(file)}
    feed = clean_feed(NetworkFiles(shared_data / "gtfs" / "cairns_gtfs.zip", ProblemCollector()))
    stops, trips, visits = feed.tables["stops"], feed.tables["trips"], feed.visits
    lat, lon = read_numbers(stops.text("stop_lat")), read_numbers(stops.text("stop_lon"))
    names = trips.text("trip_id")
    assert len(names) == 1339
    assert set(names) == set(expected)
    hours = (visits.arrival_s[visits.ends()] - visits.departure_s[visits.starts()]) / 3600
    assert hours == pytest.approx([float(expected[name]["duration"]) for name in names], abs=1e-9)
    length_km = trip_lengths_m(trips, visits, lat, lon, feed.shapes) / 1000
    # Theirs are lengths in the projection UTM, ours on the ground: all differ by its scale and nothing else.
    scale = np.array([float(expected[name]["distance"]) for name in names]) / length_km
    assert scale.min() > UTM_SCALE[0]
    assert scale.max() < UTM_SCALE[1]


def test_the_report_of_cairns(shared_data, tmp_path):
    report = import_network(shared_data / "gtfs" / "cairns_gtfs.zip", tmp_path / "cairns")
    counts = {entry.name: entry.count for entry in report.entries}
    assert counts == {
        "windows_line_ends": 8,
        "time_past_midnight": 44,
        "time_unchanged": 6187,
        "time_by_distance": 65,
        "visit_same_stop": 4,
        "visit_no_exchange": 1217,
        "vehicle_assumed": 1339,
        "lengths_of_shapes": 495,
    }
    assert report.after == {"agency": 1, "routes": 22, "stops": 416, "trips": 1339, "stop_times": 37786}
    assert (report.first_date, report.last_date) == ("2014-05-26", "2014-12-28")
    loaded = load_network(tmp_path / "cairns", date="2014-06-07")
    assert (len(loaded.service.trip_id), len(loaded.network.link_id)) == (437, 495)
    # Exported and imported again it keeps its shapes; straight from stop to stop it would be a quarter shorter.
    (out,) = EXPORTS["gtfs"](loaded, tmp_path / "cairns", tmp_path / "again.zip")
    again = import_network(out, tmp_path / "again")
    assert (again.totals, again.count("lengths_of_shapes")) == (report.totals, 495)
    length_m = load_network(tmp_path / "again", date="2014-06-07").network.link_length_m
    assert length_m.tolist() == loaded.network.link_length_m.tolist()
    assert round(length_m.sum() / 1000.0, 1) == 546.5


def test_directions_of_cairns_come_out_of_the_order_of_stops(shared_data, tmp_path):
    """Without direction_id, trips of a route part in two as the feed parts them; only which is 0 may differ."""
    wishes = ImportOptions(date="2014-06-04")
    import_network(shared_data / "gtfs" / "cairns_gtfs.zip", tmp_path / "said", wishes)
    bare = tmp_path / "bare"
    with zipfile.ZipFile(shared_data / "gtfs" / "cairns_gtfs.zip") as feed:
        feed.extractall(bare)
    trips = bare / "trips.txt"
    trips.write_text(trips.read_text(encoding="utf-8-sig").replace("direction_id", "not_known"), encoding="utf-8")
    import_network(bare, tmp_path / "told", wishes)
    of_route: dict[str, set[tuple[str, str]]] = {}
    rows = [table_rows(tmp_path / name / "gtfs" / "trips.txt") for name in ("said", "told")]
    for said, told in zip(*rows, strict=True):
        of_route.setdefault(said["route_id"], set()).add((said["direction_id"], told["direction_id"]))
    assert len(of_route) == 20
    assert all(
        pairs in ({("0", "0")}, {("1", "0")}, {("0", "0"), ("1", "1")}, {("0", "1"), ("1", "0")})
        for pairs in of_route.values()
    )


def table_rows(file):
    with file.open(newline="", encoding="utf-8") as text:
        return list(csv.DictReader(text))


def test_two_lines_of_new_york_on_a_weekday(shared_data, tmp_path):
    feed = shared_data / "gtfs" / "nyc_subway_gtfs.zip"
    report = import_network(feed, tmp_path / "nyc", ImportOptions(date="2025-01-08"))
    counts = {entry.name: entry.count for entry in report.entries}
    assert counts == {
        "station": 91,
        "date_not_wanted": 1204,
        "visit_of_dropped_trip": 52_464,
        "time_past_midnight": 39,
        "transfer_of_stations": 87,
        "vehicle_assumed": 786,
        "lengths_of_shapes": 188,
    }
    loaded = load_network(tmp_path / "nyc")
    assert {line.mode for line in loaded.service.lines} == {"metro"}
    assert len(loaded.network.foot.transfer_s) == 348
    merged = import_network(feed, tmp_path / "merged", ImportOptions(date="2025-01-08", merge_stations=True))
    assert merged.after["stops"] == 91


def test_newport_and_its_coaches(shared_data, tmp_path):
    report = import_network(shared_data / "gtfs" / "newport" / "newport-20230613_gtfs.zip", tmp_path / "newport")
    counts = {entry.name: entry.count for entry in report.entries}
    assert counts == {
        "unused_file": 1,
        "unknown_column": 4,
        "several_agencies": 4,
        "route_type_extended": 4,
        "station": 1166,
        "entrance": 865,
        "direction_missing": 176,
        "time_past_midnight": 8,
        "visit_no_exchange": 33,
        "vehicle_assumed": 176,
        "lengths_of_shapes": 395,
        "no_shapes": 349,
    }
    assert report.after["stops"] == 655
    kinds = {kind.vehicle_type for kind in load_network(tmp_path / "newport").service.vehicle_types}
    assert kinds == {"bus", "coach"}
