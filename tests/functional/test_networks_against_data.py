"""The shipped network folders: rebuilt from the data, cross-footed, and their sources named."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

NETWORKS = Path(__file__).resolve().parents[2] / "networks"
XIAMEN = NETWORKS / "xiamen_brt2"
MANDL = NETWORKS / "mandl"
FOLDERS = [XIAMEN, MANDL]


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def seconds(clock: str) -> int:
    hours, minutes, rest = map(int, clock.split(":"))
    return hours * 3600 + minutes * 60 + rest


def stops_and_times(folder: Path) -> dict[str, list[tuple[str, int]]]:
    trips: dict[str, list[tuple[str, int]]] = {}
    for row in read(folder / "gtfs" / "stop_times.txt"):
        assert row["arrival_time"] == row["departure_time"]
        trips.setdefault(row["trip_id"], []).append((row["stop_id"], seconds(row["arrival_time"])))
        assert int(row["stop_sequence"]) == len(trips[row["trip_id"]])
    return trips


def links(folder: Path) -> dict[str, dict[str, str]]:
    return {row["link_id"]: row for row in read(folder / "gmns" / "link.csv")}


def free_running_time_s(link: dict[str, str]) -> float:
    return float(link["length"]) / (float(link["free_speed"]) / 3.6)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_script_rebuilds_the_same_bytes(folder: Path, shared_data: Path, tmp_path: Path) -> None:
    script = NETWORKS / f"build_{folder.name}.py"
    subprocess.run([sys.executable, str(script), str(shared_data), "--out", str(tmp_path)], check=True)
    rebuilt = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    shipped = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    shipped.pop(Path("SOURCE.md"))
    assert rebuilt.keys() == shipped.keys()
    assert [name for name in shipped if shipped[name] != rebuilt[name]] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_files_are_plain_utf8_with_lf(folder: Path) -> None:
    tables = [path for path in folder.rglob("*") if path.suffix in {".csv", ".txt"}]
    assert len(tables) >= 11
    for path in tables:
        content = path.read_bytes()
        content.decode("utf-8")
        assert b"\r" not in content
        assert content.endswith(b"\n")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_references_resolve(folder: Path) -> None:
    stops = {row["stop_id"] for row in read(folder / "gtfs" / "stops.txt")}
    routes = {row["route_id"] for row in read(folder / "gtfs" / "routes.txt")}
    services = {row["service_id"] for row in read(folder / "gtfs" / "calendar.txt")}
    agencies = {row["agency_id"] for row in read(folder / "gtfs" / "agency.txt")}
    vehicles = {row["vehicle_type"] for row in read(folder / "vehicles.csv")}
    trips = read(folder / "gtfs" / "trips.txt")
    assert {row["agency_id"] for row in read(folder / "gtfs" / "routes.txt")} == agencies
    assert {row["route_id"] for row in trips} == routes
    assert {row["service_id"] for row in trips} == services
    assert {row["vehicle_type"] for row in trips} == vehicles
    assert {row["node_id"] for row in read(folder / "gmns" / "node.csv")} == stops
    ends = {(row["from_node_id"], row["to_node_id"]) for row in links(folder).values()}
    assert {stop for end in ends for stop in end} == stops
    patterns = stops_and_times(folder)
    assert patterns.keys() == {row["trip_id"] for row in trips}
    ridden = {(a, b) for calls in patterns.values() for (a, _), (b, _) in pairwise(calls)}
    assert ridden <= ends
    for row in read(folder / "demand" / "od.csv"):
        assert row["origin_stop_id"] in stops
        assert row["destination_stop_id"] in stops
        assert int(row["commuters"]) > 0


@pytest.mark.parametrize(
    ("folder", "holders", "notices"),
    [
        (XIAMEN, ["Copyright (c) 2022 bonny2016"], 1),
        (MANDL, ["Copyright (c) 2018 Renato Arbex", "Copyright (c) 2022 bonny2016"], 2),
    ],
    ids=["xiamen_brt2", "mandl"],
)
def test_source_page_carries_the_licence(folder: Path, holders: list[str], notices: int) -> None:
    text = (folder / "SOURCE.md").read_text(encoding="utf-8")
    words = " ".join(text.split())
    for holder in holders:
        assert holder in text
    assert words.count("Permission is hereby granted, free of charge,") == notices
    assert words.count("shall be included in all copies or substantial portions of the Software") == notices
    assert words.count('THE SOFTWARE IS PROVIDED "AS IS"') == notices
    assert re.search(r"\b[0-9a-f]{40}\b", text)
    for label in ("**assumed**", "**derived**", "**schematic**"):
        assert label in text


class TestXiamen:
    def test_totals(self) -> None:
        demand = read(XIAMEN / "demand" / "od.csv")
        assert sum(int(row["commuters"]) for row in demand) == 4346
        assert len(read(XIAMEN / "gtfs" / "trips.txt")) == 124
        assert len(read(XIAMEN / "gtfs" / "stops.txt")) == 36
        assert len(links(XIAMEN)) == 35
        assert {int(row["origin_stop_id"]) for row in demand} == set(range(35))
        assert {int(row["destination_stop_id"]) for row in demand} == set(range(1, 36))
        assert all(int(row["origin_stop_id"]) < int(row["destination_stop_id"]) for row in demand)

    def test_periods_are_quarter_hours_of_the_day(self) -> None:
        for row in read(XIAMEN / "demand" / "od.csv") + read(XIAMEN / "traffic.csv"):
            start, end = seconds(row["period_start"]), seconds(row["period_end"])
            assert start % 900 == 0
            assert end == start + 900

    def test_every_trip_calls_at_every_stop_and_none_overtakes(self) -> None:
        trips = list(stops_and_times(XIAMEN).values())
        assert all([stop for stop, _ in calls] == [str(stop) for stop in range(36)] for calls in trips)
        for earlier, later in pairwise(trips):
            assert earlier[0][1] < later[0][1]
            assert all(a <= b for (_, a), (_, b) in zip(earlier, later, strict=True))

    def test_timetable_is_the_running_times_cumulated(self) -> None:
        observed = {
            (row["link_id"], seconds(row["period_start"])): int(row["running_time_s"])
            for row in read(XIAMEN / "traffic.csv")
        }
        steps = {(row["from_node_id"], row["to_node_id"]): name for name, row in links(XIAMEN).items()}
        compared = 0
        for calls in stops_and_times(XIAMEN).values():
            for (start, left), (end, reached) in pairwise(calls):
                running_time_s = observed.get((steps[start, end], left // 900 * 900))
                if running_time_s is not None:
                    assert reached - left == running_time_s
                    compared += 1
        # The rest of the 4,340 steps fall in gaps of the data.
        assert compared > 4200

    def test_free_running_time_is_the_least_observed(self) -> None:
        least: dict[str, int] = {}
        for row in read(XIAMEN / "traffic.csv"):
            running_time_s = int(row["running_time_s"])
            assert running_time_s > 0
            least[row["link_id"]] = min(running_time_s, least.get(row["link_id"], running_time_s))
        free = {name: free_running_time_s(row) for name, row in links(XIAMEN).items()}
        assert free == pytest.approx(least)
        assert sum(least.values()) == 44 * 60


class TestXiamenReadings:
    """The readings of the data that SOURCE.md argues for."""

    @pytest.fixture
    def boardings(self, shared_data: Path) -> dict[int, list[int]]:
        at_stop: dict[int, list[int]] = {}
        path = shared_data / "xiamen_brt2" / "data" / "line_2" / "passenger" / "direction_0.csv"
        for row in read(path):
            at_stop.setdefault(int(row["FROM_STATION"]), []).append(int(row["BOARD_MINUTE"]))
        return at_stop

    @pytest.fixture
    def dispatches(self) -> set[int]:
        return {calls[0][1] // 60 for calls in stops_and_times(XIAMEN).values()}

    def test_dispatches_are_the_boarding_minutes_at_the_first_stop(
        self, boardings: dict[int, list[int]], dispatches: set[int]
    ) -> None:
        assert set(boardings[0]) == dispatches
        assert Counter(b - a for a, b in pairwise(sorted(dispatches)))[1] == 50

    def test_boardings_at_stop_1_fit_the_link_to_the_next_stop(
        self, boardings: dict[int, list[int]], dispatches: set[int]
    ) -> None:
        passages = {calls[1][1] // 60 for calls in stops_and_times(XIAMEN).values()}
        minutes_into_stop_1 = 1
        other_reading = {dispatch + minutes_into_stop_1 for dispatch in dispatches}
        assert len(boardings[1]) == 120
        assert sum(minute in passages for minute in boardings[1]) == 61
        assert sum(minute in other_reading for minute in boardings[1]) == 2

    def test_synthetic_arrival_minutes_are_unusable(self, shared_data: Path) -> None:
        path = shared_data / "xiamen_brt2" / "data" / "line_2" / "passenger" / "direction_0.csv"
        rows = read(path)
        assert len(rows) == 4346
        assert sum(int(row["ARRIVAL_MINUTE"]) > int(row["BOARD_MINUTE"]) for row in rows) == 1991


class TestMandl:
    def test_totals(self) -> None:
        demand = {
            (row["origin_stop_id"], row["destination_stop_id"]): int(row["commuters"])
            for row in read(MANDL / "demand" / "od.csv")
        }
        assert len(demand) == 172
        assert sum(demand.values()) == 15570
        assert all(demand[b, a] == count for (a, b), count in demand.items())
        assert len(read(MANDL / "gtfs" / "stops.txt")) == 15
        ends = [(row["from_node_id"], row["to_node_id"]) for row in links(MANDL).values()]
        assert len(ends) == len(set(ends)) == 42
        assert len({frozenset(pair) for pair in ends}) == 21

    @pytest.mark.parametrize(("size", "total_route_time_min"), [(4, 149), (6, 221)])
    def test_route_sets_have_the_published_length(self, size: int, total_route_time_min: int) -> None:
        agency = f"mumford_2013_{size}"
        routes = {r["route_id"] for r in read(MANDL / "gtfs" / "routes.txt") if r["agency_id"] == agency}
        assert routes == {f"m{size}_{number}" for number in range(1, size + 1)}
        calls = stops_and_times(MANDL)
        both_ways: list[dict[str, list[tuple[str, int]]]] = [{}, {}]
        for row in read(MANDL / "gtfs" / "trips.txt"):
            if row["route_id"] in routes:
                both_ways[int(row["direction_id"])][row["route_id"]] = calls[row["trip_id"]]
        for way in both_ways:
            assert way.keys() == routes
            assert sum(trip[-1][1] - trip[0][1] for trip in way.values()) == total_route_time_min * 60
        for route in routes:
            there, back = ([stop for stop, _ in way[route]] for way in both_ways)
            assert there == back[::-1]

    def test_stop_times_are_free_running_times(self) -> None:
        free = {(row["from_node_id"], row["to_node_id"]): free_running_time_s(row) for row in links(MANDL).values()}
        for calls in stops_and_times(MANDL).values():
            for (start, left), (end, reached) in pairwise(calls):
                assert reached - left == pytest.approx(free[start, end])

    def test_every_trip_has_one_headway(self) -> None:
        rows = read(MANDL / "gtfs" / "frequencies.txt")
        assert sorted(row["trip_id"] for row in rows) == sorted(stops_and_times(MANDL))
        assert {(r["start_time"], r["end_time"], r["headway_secs"], r["exact_times"]) for r in rows} == {
            ("05:00:00", "24:00:00", "300", "0")
        }

    def test_profile_is_the_xiamen_boardings_by_hour(self) -> None:
        hours: Counter[int] = Counter()
        for row in read(XIAMEN / "demand" / "od.csv"):
            hours[seconds(row["period_start"]) // 3600] += int(row["commuters"])
        profile = read(MANDL / "demand" / "profile.csv")
        assert sum(Decimal(row["share"]) for row in profile) == 1
        shares = {seconds(row["period_start"]) // 3600: float(row["share"]) for row in profile}
        assert shares == pytest.approx({hour: count / 4346 for hour, count in hours.items()}, abs=1e-6)
        assert all(seconds(row["period_end"]) == seconds(row["period_start"]) + 3600 for row in profile)
