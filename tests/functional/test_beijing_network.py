"""The shipped network of the Beijing subway: rebuilt from the data, compared with it, and cross-footed."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from sim.loading.network_folder import load_network

NETWORKS = Path(__file__).resolve().parents[2] / "networks"
FOLDER = NETWORKS / "beijing_subway"
LOOPS = ("L2", "L10")

Call = tuple[str, int]


def read(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def minutes(clock: str) -> int:
    hours, rest, seconds = map(int, clock.split(":"))
    assert seconds == 0
    return hours * 60 + rest


@pytest.fixture(scope="module")
def trips() -> dict[str, dict[str, str]]:
    return {row["trip_id"]: row for row in read("gtfs/trips.txt")}


@pytest.fixture(scope="module")
def calls() -> dict[str, list[Call]]:
    found: dict[str, list[Call]] = {}
    for row in read("gtfs/stop_times.txt"):
        assert row["arrival_time"] == row["departure_time"]
        found.setdefault(row["trip_id"], []).append((row["stop_id"], minutes(row["departure_time"])))
        assert int(row["stop_sequence"]) == len(found[row["trip_id"]])
    return found


@pytest.fixture(scope="module")
def stations() -> dict[str, str]:
    """Name of the station of each platform."""
    rows = read("gtfs/stops.txt")
    names = {row["stop_id"]: row["stop_name"] for row in rows if row["location_type"] == "1"}
    return {row["stop_id"]: names[row["parent_station"]] for row in rows if row["location_type"] == "0"}


@pytest.fixture(scope="module")
def lines(shared_data: Path) -> list[Any]:
    pyjson5 = pytest.importorskip("pyjson5", reason="the build script reads JSON5: pip install peakshift[test]")
    files = sorted((shared_data / "beijing_subway" / "data").glob("*.json5"))
    read_files = [pyjson5.decode(file.read_text(encoding="utf-8")) for file in files]
    return [line for line in read_files if "train_routes" in line]


class TestFolder:
    def test_totals(self, trips: dict[str, Any], calls: dict[str, list[Call]], stations: dict[str, str]) -> None:
        assert len(read("gtfs/routes.txt")) == 28
        assert len(set(stations.values())) == 425
        assert len(stations) == 540
        assert len(trips) == len(calls) == 11_080
        assert sum(map(len, calls.values())) == 230_453
        assert sum(file.stat().st_size for file in FOLDER.rglob("*")) < 15_000_000

    def test_loads_without_a_remark(self) -> None:
        loaded = load_network(FOLDER)
        assert loaded.mentions == ()
        assert "demand/od.csv: synthetic" in loaded.network.notes
        assert any("unofficial, in whole minutes" in note for note in loaded.network.notes)
        assert loaded.demand.commuters.sum() == 4_824_400
        assert not loaded.network.schematic

    def test_trains_run_forwards_over_links_of_their_line(self, calls: dict[str, list[Call]]) -> None:
        links = {
            (row["from_node_id"], row["to_node_id"]) for row in read("gmns/link.csv") if row["allowed_uses"] == "rail"
        }
        ridden = set()
        standing = 0
        for trip, stops in calls.items():
            line = trip.split("-")[0]
            for (start, left), (end, reached) in pairwise(stops):
                assert start.split("-")[0] == end.split("-")[0] == line
                assert reached >= left
                standing += reached == left
                ridden.add((start, end))
        assert standing == 2
        assert ridden <= links
        # Nothing is drawn that no train uses, but for the closing piece of the loops.
        assert len(links - ridden) <= 4

    def test_links_have_the_same_length_both_ways(self) -> None:
        lengths = {
            (row["from_node_id"], row["to_node_id"]): int(row["length"])
            for row in read("gmns/link.csv")
            if row["allowed_uses"] == "rail" and not row["link_id"].startswith("CAE")
        }
        both = [(length, lengths[b, a]) for (a, b), length in lengths.items() if (b, a) in lengths]
        assert len(both) > 1000
        assert all(there == back for there, back in both)

    def test_laps_close_and_blocks_hang_together(
        self, trips: dict[str, dict[str, str]], calls: dict[str, list[Call]]
    ) -> None:
        blocks: dict[str, list[list[Call]]] = {}
        for trip, row in trips.items():
            assert bool(row["block_id"]) == (row["route_id"] in LOOPS)
            if row["block_id"]:
                blocks.setdefault(row["block_id"], []).append(calls[trip])
        for laps in blocks.values():
            for before, after in pairwise(sorted(laps, key=lambda lap: lap[0][1])):
                assert before[-1][0] == after[0][0]
                assert 0 <= after[0][1] - before[-1][1] <= 6
        assert len(blocks) == 21 + 21 + 77 + 76

    def test_short_turns_and_expresses_are_there(self, calls: dict[str, list[Call]], stations: dict[str, str]) -> None:
        ends = Counter(stations[stops[-1][0]] for trip, stops in calls.items() if trip.startswith("L1-0"))
        assert ends["果园"] == 16
        assert ends["四惠"] == 35
        fast = [stops for trip, stops in calls.items() if trip.startswith("L6-1") and len(stops) == 26]
        names = [stations[stop] for stop, _ in fast[0]]
        assert len(fast) == 12
        assert names[:4] == ["潞城", "东夏园", "郝家府", "青年路"]

    def test_transfers_join_all_platforms_of_a_station(self, stations: dict[str, str]) -> None:
        rows = read("gtfs/transfers.txt")
        times = {(row["from_stop_id"], row["to_stop_id"]): int(row["min_transfer_time"]) for row in rows}
        assert len(times) == len(rows) == 262
        assert all((b, a) in times for a, b in times)
        assert all(30 <= time_s <= 660 for time_s in times.values())
        outside = {frozenset((stations[a], stations[b])) for a, b in times if stations[a] != stations[b]}
        assert len(outside) == 4
        walks = {
            (row["from_node_id"], row["to_node_id"]) for row in read("gmns/link.csv") if row["allowed_uses"] == "walk"
        }
        inside = {(a, b) for a in stations for b in stations if a != b and stations[a] == stations[b]}
        assert walks == inside
        assert inside == {pair for pair in times if stations[pair[0]] == stations[pair[1]]}

    def test_places_are_cars_times_places_of_a_car(self) -> None:
        per_car = {"A": 310, "B": 240, "B-": 235, "L": 218, "D": 219, "M": 172, "LRT": 60}
        for row in read("vehicles.csv"):
            kind = row["vehicle_type"]
            assert int(row["capacity"]) == int(kind[0]) * per_car[kind[1:]]
            assert int(row["seats"]) == round(int(row["capacity"]) * 0.16)

    def test_discount_holds_at_25_stations(self, stations: dict[str, str]) -> None:
        rows = read("fare_discounts.csv")
        assert {(row["entry_before"], row["fare_multiple"]) for row in rows} == {("07:00:00", "0.5")}
        assert len({row["station_name"] for row in rows}) == 25
        assert all(stations[row["stop_id"]] == row["station_name"] for row in rows)
        fares = [row for row in read("fares.csv") if "L1" in row["route_ids"].split()]
        assert [(int(row["from_m"]), int(row["fare"])) for row in fares][:3] == [(0, 3), (6100, 4), (12100, 5)]
        for before, after in pairwise(fares):
            assert int(after["from_m"]) == int(before["to_m"]) + 1

    def test_everybody_goes_to_work_and_home_again(self) -> None:
        ways: dict[bool, Counter[tuple[str, str]]] = {True: Counter(), False: Counter()}
        for row in read("demand/od.csv"):
            assert int(row["commuters"]) % 50 == 0
            home, work = row["origin_stop_id"], row["destination_stop_id"]
            to_work = row["profile"] != "to_home"
            ways[to_work][(home, work) if to_work else (work, home)] += int(row["commuters"])
        assert ways[True] == ways[False]
        assert sum(ways[True].values()) == 4_824_400 / 2

    def test_profiles_sum_to_one(self) -> None:
        totals: dict[str, Decimal] = {}
        for row in read("demand/profile.csv"):
            totals[row["profile"]] = totals.get(row["profile"], Decimal(0)) + Decimal(row["share"])
        assert set(totals) == {"to_work_near", "to_work_mid", "to_work_far", "to_home"}
        assert set(totals.values()) == {Decimal(1)}

    def test_source_page_carries_the_licence(self) -> None:
        text = (FOLDER / "SOURCE.md").read_text(encoding="utf-8")
        words = " ".join(text.split())
        assert "Copyright (c) 2025 Yihe Li" in text
        assert words.count("Permission is hereby granted, free of charge,") == 1
        assert "f1ac527531c63c96a5026aaf266b60f2e1d413a3" in text
        assert "Unofficial, in whole minutes, as of the data's date." in text


class TestAgainstData:
    def test_script_rebuilds_the_same_bytes(self, lines: list[Any], shared_data: Path, tmp_path: Path) -> None:
        script = NETWORKS / "build_beijing_subway.py"
        subprocess.run([sys.executable, str(script), str(shared_data), "--out", str(tmp_path)], check=True)
        rebuilt = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        shipped = {path.relative_to(FOLDER): path.read_bytes() for path in FOLDER.rglob("*") if path.is_file()}
        shipped.pop(Path("SOURCE.md"))
        assert rebuilt.keys() == shipped.keys()
        assert [name for name in shipped if shipped[name] != rebuilt[name]] == []

    def test_trains_call_when_the_timetables_say(
        self, lines: list[Any], trips: dict[str, dict[str, str]], calls: dict[str, list[Call]], stations: dict[str, str]
    ) -> None:
        """Departures by line, station and direction, counted from the files once more in another way."""
        names = {row["route_id"]: row["route_short_name"] for row in read("gtfs/routes.txt")}
        ours: dict[tuple[str, str, int], Counter[int]] = {}
        for trip, row in trips.items():
            stops = calls[trip]
            # The last call of a lap closes the loop and is in no timetable; runs to a depot end on the way.
            closes = row["route_id"] in LOOPS and "回库车" not in row["trip_short_name"]
            for stop, minute in stops[: len(stops) - closes]:
                key = (names[row["route_id"]], stations[stop], int(row["direction_id"]))
                ours.setdefault(key, Counter())[minute] += 1
        compared = 0
        for line in lines:
            if line["name"] in ("首都机场线", "6号线"):
                continue
            for key, wanted in _departures(line):
                assert ours[key] == wanted, key
                compared += 1
        assert compared == 2 * (540 - 5 - 36)


def _departures(line: Any) -> list[tuple[tuple[str, str, int], Counter[int]]]:
    group = next(name for name, days in line["date_groups"].items() if 3 in days["weekday"])
    found = []
    for station, directions in line["timetable"].items():
        for direction, groups in directions.items():
            wanted: Counter[int] = Counter()
            for part in groups[group]["schedule"]:
                hour, minute = map(int, part["first_train"].split(":"))
                at = hour * 60 + minute + (1440 if hour < 3 else 0)
                wanted[at] += 1
                stack = list(reversed(part["delta"]))
                while stack:
                    step = stack.pop()
                    if isinstance(step, list):
                        stack += list(reversed(step[1])) * step[0]
                    else:
                        at += step
                        wanted[at] += 1
            backwards = int(bool(line["train_routes"][direction].get("reversed")))
            found.append(((line["name"], station, backwards), wanted))
    return found
