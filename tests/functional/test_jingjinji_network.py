"""The shipped regional network: rebuilt from the data, cross-footed, and a commute of five pieces on it."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.loading.network_folder import load_network
from sim.records.table import Table

NETWORKS = Path(__file__).resolve().parents[2] / "networks"
FOLDER = NETWORKS / "jingjinji"
BEFORE = "network.agencies=[subway, jingjin, feeders, jingzhang_before]"

Call = tuple[str, int]


def read(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def calls() -> dict[str, dict[str, list[Call]]]:
    """Stops and minutes by line and trip."""
    line = {row["trip_id"]: row["route_id"] for row in read("gtfs/trips.txt")}
    found: dict[str, dict[str, list[Call]]] = {}
    for row in read("gtfs/stop_times.txt"):
        hours, minutes, _ = map(int, row["departure_time"].split(":"))
        trips = found.setdefault(line[row["trip_id"]], {})
        trips.setdefault(row["trip_id"], []).append((row["stop_id"], hours * 60 + minutes))
    return found


def test_script_rebuilds_the_same_bytes(shared_data: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyjson5", reason="the build script reads JSON5: pip install peakshift[test]")
    script = NETWORKS / "build_jingjinji.py"
    subprocess.run([sys.executable, str(script), str(shared_data), "--out", str(tmp_path)], check=True)
    rebuilt = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    shipped = {path.relative_to(FOLDER): path.read_bytes() for path in FOLDER.rglob("*") if path.is_file()}
    shipped.pop(Path("SOURCE.md"))
    assert rebuilt.keys() == shipped.keys()
    assert [name for name in shipped if shipped[name] != rebuilt[name]] == []


def test_loads_without_a_remark() -> None:
    loaded = load_network(FOLDER)
    assert loaded.mentions == ()
    assert any("synthetic" in note for note in loaded.network.notes)
    assert loaded.demand.commuters.sum() == 2 * 6900


def test_trains_to_tianjin_are_those_of_the_timetable(calls: dict[str, dict[str, list[Call]]]) -> None:
    trains = calls["JINGJIN"]
    assert len(trains) == 158
    assert trains["C2003"] == [("BJN", 6 * 60 + 12), ("TJ", 6 * 60 + 45)]
    nonstop = Counter(stops[-1][1] - stops[0][1] for stops in trains.values() if len(stops) == 2)
    assert nonstop == {33: 107}


def test_zhangjiakou_is_174_km_and_47_minutes_away(calls: dict[str, dict[str, list[Call]]]) -> None:
    length = {(row["from_node_id"], row["to_node_id"]): int(row["length"]) for row in read("gmns/link.csv")}
    assert length["BJB", "ZJK"] == length["ZJK", "BJB"] == 174_000
    times = Counter(stops[-1][1] - stops[0][1] for stops in calls["JINGZHANG"].values())
    assert set(times) == {47, 68}
    assert {stops[-1][1] - stops[0][1] for stops in calls["JINGZHANG_BEFORE"].values()} == {187}
    for stops in calls["JINGZHANG"].values():
        assert sum(length[a, b] for (a, _), (b, _) in pairwise(stops)) == 174_000


def test_subway_lines_are_those_of_the_beijing_network(calls: dict[str, dict[str, list[Call]]]) -> None:
    with (NETWORKS / "beijing_subway" / "gtfs" / "stop_times.txt").open(encoding="utf-8", newline="") as file:
        lines = ("L2-", "L4-", "L8-", "L13-")
        theirs = {
            (row["trip_id"], row["stop_id"], row["departure_time"])
            for row in csv.DictReader(file)
            if row["trip_id"].startswith(lines)
        }
    ours = {
        (row["trip_id"], row["stop_id"], row["departure_time"])
        for row in read("gtfs/stop_times.txt")
        if row["trip_id"].startswith(lines)
    }
    assert ours == theirs


class TestRegionalCommute:
    @pytest.fixture(scope="class")
    @staticmethod
    def tables(project_root: Path) -> list[Mapping[str, Table]]:
        """After and before the fast train; a day without advice."""
        settings = ("replications=1", "days=1", "days_kept=1", "demand.scale=0.5")
        path = project_root / "scenarios" / "jingjinji_regional.yaml"
        return [sim.run(sim.load_scenario(path, (*settings, *more))).tables for more in ((), (BEFORE,))]

    @staticmethod
    def door_to_door_min(journeys: Table, home: str) -> np.ndarray:
        mine = journeys.equals("origin_stop_id", home) & journeys.equals("outcome", "arrived")
        return (journeys["arrival_s"][mine] - journeys["departure_s"][mine]) / 60

    def test_it_is_walk_feeder_train_subway_walk(self, tables: list[dict[str, Table]]) -> None:
        journeys, legs = tables[0]["journeys"], tables[0]["legs"]
        mine = journeys.equals("origin_stop_id", "H-TJ1") & journeys.equals("destination_stop_id", "W-XD")
        arrived = mine & journeys.equals("outcome", "arrived")
        assert (journeys["transfers"][arrived] == 2).all()
        # 500 m at either end and two changes of 6 and 8 minutes.
        assert journeys["walk_s"][arrived] == pytest.approx(1000 / 1.2 + 14 * 60, abs=1)
        one = int(journeys["commuter_id"][arrived][0])
        stops = [
            (legs.text("board_stop_id")[row], legs.text("alight_stop_id")[row])
            for row in np.flatnonzero(legs["commuter_id"] == one)
        ]
        assert stops[0] == ("TJF-B", "TJF-TJ")
        assert stops[1] == ("TJ", "BJN")
        assert stops[2][0].startswith("L4-")

    def test_the_fast_train_saves_what_the_timetable_says_or_more(self, tables: list[dict[str, Table]]) -> None:
        after, before = (self.door_to_door_min(part["journeys"], "H-ZJ2") for part in tables)
        assert len(after) > 300
        # 140 minutes on board, and shorter waits, since there are more trains.
        assert before.mean() - after.mean() > 140
        assert after.min() >= 47
        assert before.min() >= 187

    def test_who_lives_in_tianjin_notices_nothing(self, tables: list[dict[str, Table]]) -> None:
        after, before = (self.door_to_door_min(part["journeys"], "H-TJ2") for part in tables)
        assert after.mean() == pytest.approx(before.mean(), rel=0.02)


@pytest.mark.parametrize("engine", ["simpy", "compiled"])
def test_journeys_end_with_the_walk_from_the_station_also_beside_strategies(engine):
    """All journeys over named stops have a walk at their end here; a few go by strategies, which decide on the way."""
    scenario = sim.load_scenario(
        "jingjinji_regional", {"days": 1, "replications": 1, "demand.scale": 0.1, "engine": engine}
    )
    tables = sim.run(scenario).tables
    journeys, legs = tables["journeys"], tables["legs"]
    out_s = np.full(len(journeys), -np.inf)
    np.maximum.at(out_s, legs["commuter_id"], legs["alight_s"])
    arrived = journeys.equals("outcome", "arrived") & (journeys["in_vehicle_s"] > 0)
    assert (journeys["arrival_s"][arrived] - out_s[arrived] >= 60.0).mean() > 0.8
