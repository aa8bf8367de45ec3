"""Everything that somebody may do whom a full vehicle leaves behind, from a scenario file as a planner writes it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.invariants import check_invariants
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim

SCENARIO = """\
name: left_behind
replications: 1
days: 1
network:
  stops:
    - {id: a, x: 0, y: 0}
    - {id: near, x: 0, y: 200 m}
    - {id: by, x: 4 km, y: 3 km}
    - {id: b, x: 8 km, y: 0}
  lines:
    - {id: fast, stops: [a, b], running_times: [10 min], vehicle: small,
       headway: {mean: 20 min, first: "07:00", trips: 8}}
    - {id: slow, stops: [a, by, b], running_times: [12 min, 12 min], vehicle: bus,
       headway: {mean: 4 min, first: "07:02", trips: 50}}
    - {id: other, stops: [near, b], running_times: [15 min], vehicle: bus,
       headway: {mean: 6 min, first: "07:00", trips: 30}}
service:
  vehicles:
    small: {seats: 5, capacity: 5}
    bus: {seats: 40, capacity: 80}
demand:
  flows:
    - {origin: a, destination: b, pieces: [{start: "07:00", end: "08:00", commuters: 60}]}
journeys: {walk_all_the_way: false, walk_detour: 1}
preferences: {wait_weight: 0.1, transfer_penalty: 0}
"""
HOME = """\
  lines:
    - {id: feeder, stops: [home, a], running_times: [10 min], vehicle: bus,
       headway: {mean: 5 min, first: "07:00", trips: 30}}
"""


def day(tmp_path: Path, *overrides: str, text: str = SCENARIO) -> pd.DataFrame:
    """Run the scenario and return its journeys, with the line last boarded, empty for none."""
    file = tmp_path / "left_behind.yaml"
    file.write_text(text, encoding="utf-8")
    result = sim.run(sim.load_scenario(file, list(overrides)))
    check_invariants(result.tables)
    line = result.legs.sort_values("leg").groupby("commuter_id").trip_id.last().str.split("-").str[0]
    journeys = result.journeys.set_index("commuter_id")
    return journeys.assign(line=line.reindex(journeys.index).fillna(""))


def left_behind(journeys: pd.DataFrame) -> pd.DataFrame:
    return journeys[journeys.denied_boardings > 0]


def test_they_wait_on(tmp_path: Path) -> None:
    """The wait hardly weighs, so everybody had chosen the fast line alone, which takes 5 every 20 minutes.

    People left behind by its last vehicle take the slow line, since no other comes.
    """
    journeys = day(tmp_path)
    mine = left_behind(journeys)
    assert len(mine) > 30
    assert set(mine.line) == {"fast", "slow"}
    assert mine.denied_boardings.max() > 3
    assert mine[mine.line == "slow"].arrival_s.min() > mine[mine.line == "fast"].arrival_s.max()


def test_they_take_another_line(tmp_path: Path) -> None:
    journeys = day(tmp_path, "behaviour.on_denied=reconsider", "preferences.wait_weight=1")
    mine = left_behind(journeys)
    assert len(mine) > 20
    # both lines are attractive now; the slow one comes five times as often
    assert (mine.line == "slow").mean() > 0.6
    assert set(mine.line) <= {"slow", "fast"}


def test_they_walk_to_another_stop(tmp_path: Path) -> None:
    """The other line takes 9 minutes less than the slow one, and starts 200 m away."""
    settings = ("behaviour.on_denied=reconsider", "preferences.wait_weight=1", "journeys.longest_walk=200 m")
    mine = left_behind(day(tmp_path, *settings))
    assert set(mine.line) == {"other"}
    assert (mine.walk_s > 200 / 1.2).all()
    too_far = left_behind(day(tmp_path, *settings[:2], "journeys.longest_walk=199 m"))
    assert set(too_far.line) == {"slow"}


def test_they_walk_on_to_where_they_want_to_go(tmp_path: Path) -> None:
    close = SCENARIO.replace("id: b, x: 8 km", "id: b, x: 600 m")
    settings = ("behaviour.on_denied=reconsider", "journeys.longest_walk=600 m", "preferences.wait_weight=0.6")
    journeys = day(tmp_path, *settings, text=close)
    mine = left_behind(journeys)
    assert len(mine)
    assert set(mine.line) == {""}
    assert set(mine.outcome) == {"arrived"}
    assert (mine.in_vehicle_s == 0).all()
    assert (mine.wait_s == 0).all()
    assert (mine.walk_s > 500).all()
    assert np.allclose(mine.walk_s, mine.arrival_s - mine.departure_s)


@pytest.mark.parametrize("on_denied", ["wait", "reconsider"])
def test_they_give_up_after_their_patience(tmp_path: Path, on_denied: str) -> None:
    settings = ("behaviour.patience=25 min", f"behaviour.on_denied={on_denied}")
    journeys = day(tmp_path, *settings)
    gone = journeys[journeys.outcome == "gave_up"]
    assert len(gone) > 20
    assert set(gone.cause) == {"patience_exhausted"}
    assert (gone.wait_s == 25 * 60).all()
    assert (gone.line == "").all()
    assert (journeys[journeys.outcome == "arrived"].wait_s <= 25 * 60).all()


def test_who_is_never_left_behind_does_the_same_either_way(tmp_path: Path) -> None:
    small = "demand.flows.0.pieces.0.commuters=4"
    waits, reconsiders = day(tmp_path, small), day(tmp_path, small, "behaviour.on_denied=reconsider")
    assert not len(left_behind(waits))
    pd.testing.assert_frame_equal(waits, reconsiders)


def test_any_number_of_transfers_up_to_the_limit(tmp_path: Path) -> None:
    """Six lines one after the other: five transfers, and no way with four."""
    stops = "abcdefg"
    lines = [
        f"    - {{id: {x}{y}, stops: [{x}, {y}], running_times: [5 min], vehicle: bus, "
        f'headway: {{mean: 5 min, first: "07:00", trips: 40}}}}'
        for x, y in pairwise(stops)
    ]
    chain = (
        "name: chain\nreplications: 1\ndays: 1\nnetwork:\n  lines:\n" + "\n".join(lines) + "\nservice:\n  vehicles:\n"
        "    bus: {seats: 40, capacity: 80}\ndemand:\n  flows:\n"
        '    - {origin: a, destination: g, pieces: [{start: "07:00", end: "08:00", commuters: 20}]}\n'
    )
    for routing in ("frequency", "timetable"):
        enough = day(tmp_path, "journeys.max_transfers=5", f"journeys.routing={routing}", text=chain)
        assert set(enough.outcome) == {"arrived"}
        assert set(enough.transfers) == {5}
        too_few = day(tmp_path, "journeys.max_transfers=4", f"journeys.routing={routing}", text=chain)
        assert set(too_few.cause) == {"no_journey_option"}
    open_ended = day(tmp_path, "journeys.routing=strategy", "journeys.max_transfers=0", text=chain)
    assert set(open_ended.transfers) == {5}


def test_who_walks_on_after_a_ride_has_waited_for_that_ride_only(tmp_path: Path) -> None:
    """Those left behind where they change walk the rest; their time at that stop belongs to the walk."""
    text = SCENARIO.replace("id: b, x: 8 km", "id: b, x: 720 m").replace("origin: a", "origin: home")
    text = text.replace("  lines:\n", HOME, 1).replace("  stops:\n", "  stops:\n    - {id: home, x: -9 km, y: 0}\n", 1)
    settings = ("behaviour.on_denied=reconsider", "journeys.longest_walk=720 m", "preferences.wait_weight=0.6")
    mine = left_behind(day(tmp_path, *settings, text=text))
    assert len(mine) > 10
    assert set(mine.line) == {"feeder"}
    assert (mine.transfers == 0).all()
    assert (mine.wait_s <= 5 * 60).all()
    assert (mine.walk_s >= 600).all()


@pytest.mark.parametrize("engine", ["simpy", "auto"])
@pytest.mark.parametrize("boarding_rule", ["present_at_arrival", "during_dwell"])
def test_whoever_the_second_of_two_vehicles_takes_at_once_was_denied_by_the_first(engine, boarding_rule):
    """As docs/metrics.md says: three people, two vehicles of two places in one instant, and nobody waits any longer."""
    scenario = world(
        [bus_line(name, "AB", [600], [21600.0]) for name in ("L", "M")],
        [flow("A", "B", 21000.0, 21500.0, 3)],
        {"bus": {**INSTANT_BUS, "seats": 2, "capacity": 2}},
        days=1,
        service={"boarding_rule": boarding_rule},
        engine=engine,
    )
    result = sim.run(scenario)
    journeys = result.journeys
    assert sorted(journeys.denied_boardings) == [0, 0, 1]
    assert set(journeys.arrival_s) == {22200.0}
    legs = result.legs
    assert set(legs.board_s) == {21600.0}
    refused = journeys.commuter_id[journeys.denied_boardings > 0]
    assert set(legs.trip_id[legs.commuter_id.isin(refused)]) != set(legs.trip_id[~legs.commuter_id.isin(refused)])
    assert result.summary["metrics"]["denied_boardings"]["mean"] == 1.0
