"""Edits of the service: what each does to trips, times and links, and what is told of one that cannot be made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.invariants import check_invariants
from support.small_feed import write_feed

import sim
from sim.errors import ScenarioError
from sim.loading.scenario import build_scenario, load_with_mentions
from sim.model.scenario import Scenario

TEXT = """\
name: edited
days: 1
replications: 2
network:
  stops: [{id: a, x: 0, y: 0}, {id: b, x: 1000 m, y: 0}, {id: c, x: 2000 m, y: 0}, {id: d, x: 3000 m, y: 0}]
  lines:
    - {id: A, stops: [a, b, c], running_times: [2 min, 3 min], lengths: [1000 m, 1000 m], vehicle: bus,
       departures: ["23:40", "23:50", "24:00", "24:10"]}
    - {id: B, stops: [c, d], running_times: [2 min], lengths: [1000 m], vehicle: bus,
       headway: {mean: 10 min, first: "23:40", trips: 6}}
demand:
  flows: [{origin: a, destination: d, pieces: [{start: "23:40", end: "24:10", commuters: 20}]}]
service:
  vehicles: {bus: {seats: 10, capacity: 20}, big: {seats: 20, capacity: 50}}
  running_time_noise: {distribution: gamma, cv: 0.3}
  changes: CHANGES
"""


@pytest.fixture
def edited(tmp_path: Path):
    def load(changes: str) -> Scenario:
        path = tmp_path / "edited.yaml"
        path.write_text(TEXT.replace("CHANGES", changes), encoding="utf-8")
        return sim.load_scenario(path)

    return load


def minutes(scenario: Scenario, line: str) -> dict[str, float]:
    """Return the departure of each trip of a line in minutes after 23:00, by id."""
    service = scenario.service
    starts_s = service.scheduled_departure_s[service.visit_ptr[:-1]]
    lines = [service.lines[service.patterns[pattern].line].line_id for pattern in service.trip_pattern]
    return {
        trip: float(start - 23 * 3600) / 60
        for trip, start, own in zip(service.trip_id, starts_s, lines, strict=True)
        if own == line
    }


def test_a_halved_headway_keeps_every_trip(edited):
    plain, halved = edited("[]"), edited("[{headway: {line: A, every: 5 min}}]")
    before, after = minutes(plain, "A"), minutes(halved, "A")
    assert list(after.values()) == [40, 45, 50, 55, 60, 65, 70]
    assert {trip: time for trip, time in after.items() if trip in before} == before
    assert minutes(halved, "B") == minutes(plain, "B")
    # Those that stay have the same luck, link by link.
    visits = [sim.run(scenario, strategy="none").stop_visits for scenario in (plain, halved)]
    runs = []
    for table in visits:
        own = table[table.trip_id.isin(before)].reset_index(drop=True)
        trips = own.groupby(["replication", "trip_id"])
        runs.append((own.arrival_s - trips.departure_s.shift()).dropna().to_numpy())
    assert len(runs[0]) == 2 * 4 * 2
    assert np.allclose(*runs, atol=1e-5)


def test_hours_past_midnight_and_another_vehicle(edited):
    scenario = edited('[{headway: {line: A, start: "23:55", end: "24:08", every: 4 min, vehicle: big}}]')
    times = minutes(scenario, "A")
    assert list(times.values()) == [40, 50, 56, 60, 64, 70]
    assert [trip for trip in times if trip.startswith("A:0@")] == ["A:0@23:56:00", "A:0@24:04:00"]
    service = scenario.service
    names = [service.vehicle_types[kind].vehicle_type for kind in service.trip_vehicle_type]
    kinds = dict(zip(service.trip_id, names, strict=True))
    assert [kinds[trip] for trip in times] == ["bus", "bus", "big", "big", "big", "bus"]


def test_trips_are_added_cancelled_and_retimed_in_order(edited):
    scenario = edited(
        '[{add_trips: {line: A, departures: ["24:20"], vehicle: big}}, {cancel_trips: {trips: [A-0002]}},'
        ' {retime_trips: {line: A, start: "24:00", shift: -1 min, running_factor: 0.5}}]'
    )
    assert minutes(scenario, "A") == {"A-0001": 40, "A-0003": 59, "A-0004": 69, "A:0@24:20:00": 79}
    service = scenario.service
    last = service.trip_id.index("A:0@24:20:00")
    arrivals = service.scheduled_arrival_s[service.visit_ptr[last] : service.visit_ptr[last + 1]]
    assert np.diff(arrivals).tolist() == [60, 90]
    # One trip is told as one.
    said = " ".join(scenario.network.notes)
    assert "trips added: 1" in said
    assert "trips A-0002: trips that do not run: 1" in said
    assert "trips retimed: 3" in said
    assert "1 trips" not in said


def test_a_moved_stop_changes_times_in_proportion(edited):
    scenario = edited("[{move_stop: {stop: b, x: 500, y: 0}}]")
    network, service = scenario.network, scenario.service
    assert network.link_length_m.tolist() == [500, 1500, 1000]
    arrivals = service.scheduled_arrival_s[: service.visit_ptr[1]]
    assert np.diff(arrivals).tolist() == [60, 270]
    assert network.stop_x[network.stop_index["b"]] == 500


def test_streets_for_some_hours_become_disruptions_of_links_once(edited):
    scenario = edited(
        '[{close_street: {from_stop: a, to_stop: b, start: "23:00", end: "23:45"}},'
        ' {slow_street: {from_stop: b, to_stop: c, speed_factor: 0.5, start: "01:00"}}]'
    )
    closed, slow = scenario.parameters.disruptions.links
    assert (closed.from_stop, closed.to_stop, closed.speed_factor, closed.end_s) == ("a", "b", 0, 23.75 * 3600)
    assert (slow.speed_factor, slow.start_s) == (0.5, 3600)
    assert slow.end_s > scenario.service.scheduled_arrival_s.max()
    # A scenario is built again from its manifest: its edits are there twice then, and count once.
    again = build_scenario(scenario.parameters, Path())
    assert again.parameters == scenario.parameters


def test_a_street_that_is_slow_all_day_is_in_the_timetable(edited):
    scenario = edited("[{slow_street: {from_stop: b, to_stop: c, speed_factor: 0.5}}]")
    arrivals = scenario.service.scheduled_arrival_s[: scenario.service.visit_ptr[1]]
    assert np.diff(arrivals).tolist() == [120, 360]
    assert not scenario.parameters.disruptions.links


def test_a_street_that_is_closed_all_day_sends_vehicles_round_or_ends_them(edited):
    ends = edited("[{close_street: {from_stop: b, to_stop: c}}]")
    assert ends.network.notes[-1] == "changed in the scenario: line 'A' direction 0 ends at 'b': no way leads on to 'c'"
    assert minutes(ends, "A") == minutes(edited("[]"), "A")
    line = "{new_line: {id: X, stops: [a, c], vehicle: bus, departures: ['05:00'], straight_speed: 36 km/h}}"
    # The way back of the new line is laid straight; the way there is that of line A.
    round_about = edited(f"[{line}, {{close_street: {{from_stop: c, to_stop: a}}}}]")
    assert "line 'X' direction 1 does not run: no way leads on from 'c'" in round_about.network.notes[-1]
    result = sim.run(ends)
    check_invariants(result.tables)
    assert set(result.journeys.outcome) == {"no_service"}


def test_a_new_line_runs_over_the_links_there_are(edited):
    scenario = edited(
        '[{new_line: {id: X, stops: [a, d], vehicle: big, start: "23:40", end: "24:00", every: 10 min,'
        " both_directions: false}}, {retime_trips: {line: X, running_factor: 0.5}},"
        " {headway: {line: X, every: 5 min}}]"
    )
    assert list(minutes(scenario, "X").values()) == [40, 45, 50]
    pattern = scenario.service.patterns[-1]
    assert [scenario.network.link_id[link] for link in pattern.links[0]] == ["a>b", "b>c", "c>d"]
    result = sim.run(scenario)
    check_invariants(result.tables)
    # People who come before its last vehicle ride it, and those who come later do as before.
    first = result.legs[result.legs.board_stop_id == "a"]
    in_time = first.wait_from_s <= 23 * 3600 + 50 * 60
    assert (first.trip_id.str.startswith("X:0@") == in_time).all()
    assert 0 < in_time.sum() < len(first)


def test_a_straight_link_is_laid_where_it_may(edited):
    scenario = edited(
        '[{new_line: {id: X, stops: [d, a], vehicle: big, departures: ["23:40"], both_directions: false,'
        " straight_speed: 36 km/h}}]"
    )
    network = scenario.network
    assert network.link_id[-1] == "d>a"
    assert (network.link_length_m[-1], network.link_running_time_s[-1]) == (3900, 390)


def on_a_feed(tmp_path: Path, changes: str, types: str = "{big: {seats: 20, capacity: 50}}") -> Scenario:
    """A line of a feed, number 7, from Alpha to Gamma and back, that one bus of block b runs from 6:00 to 10:40."""
    trips = [("t", 6, "A B C"), ("u", 7, "C B A"), ("v", 8, "A B C"), ("w", 9, "C B A"), ("x", 10, "A B C")]
    feed = {
        "routes.txt": "route_id,agency_id,route_short_name,route_long_name,route_type\nR,one,7,Alpha - Gamma,3\n",
        "trips.txt": "route_id,service_id,trip_id,block_id\n" + "".join(f"R,week,{name},b\n" for name, _, _ in trips),
        "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
        + "".join(
            f"{name},{hour}:{20 * place:02d}:00,{hour}:{20 * place:02d}:00,{stop},{place}\n"
            for name, hour, stops in trips
            for place, stop in enumerate(stops.split())
        ),
    }
    write_feed(tmp_path / "feed", feed)
    piece = "{start: '06:00', end: '10:00', commuters: 40}"
    text = (
        "name: on_a_feed\ndays: 1\nreplications: 1\nnetwork: {folder: feed}\n"
        f"demand: {{flows: [{{origin: A, destination: C, pieces: [{piece}]}}]}}\n"
        f"service:\n  vehicles: {types}\n"
        "  running_time_noise: {distribution: gamma, cv: 0.3}\n"
        f"  changes: {changes}\n"
    )
    (tmp_path / "on_a_feed.yaml").write_text(text, encoding="utf-8")
    return sim.load_scenario(tmp_path / "on_a_feed.yaml")


@pytest.mark.parametrize("line", ["R", "7", "alpha - gamma", "7 · Alpha - Gamma"])
def test_another_vehicle_leaves_the_block_of_the_first(tmp_path, line):
    """Whatever the line is called by: its id, number, name, or both as `peakshift network lines` shows them."""
    edit = f'[{{vehicle: {{line: "{line}", start: "07:00", end: "09:00", type: big}}}}]'
    scenario = on_a_feed(tmp_path, edit)
    service = scenario.service
    kinds = [service.vehicle_types[kind].vehicle_type for kind in service.trip_vehicle_type]
    blocks = [service.block_id[block] for block in service.trip_block]
    assert dict(zip(service.trip_id, zip(kinds, blocks, strict=True), strict=True)) == {
        "t": ("bus", "b"),
        "u": ("big", "b:big"),
        "v": ("big", "b:big"),
        "w": ("bus", "b"),
        "x": ("bus", "b"),
    }
    tables = sim.run(scenario).tables
    check_invariants(tables)
    visits = tables["stop_visits"]
    ran = set(zip(visits.text("trip_id"), visits.text("block_id"), strict=True))
    assert {trip for trip, block in ran if block == "b"} == {"t", "w", "x"}


def test_a_block_that_changes_its_vehicle_for_the_whole_day_stays_one(tmp_path):
    for edit in ("{vehicle: {line: R, type: big}}", "{vehicle: {line: R, end: '08:30', type: big}}"):
        service = on_a_feed(tmp_path, f"[{edit}]").service
        assert len(set(service.trip_block.tolist())) == (2 if "08:30" in edit else 1)
    # Two edits of one type make one block of it, and what is of its own block stays so.
    twice = "[{vehicle: {trips: [u], type: big}}, {vehicle: {trips: [w], type: big}}]"
    assert sorted(on_a_feed(tmp_path, twice).service.block_id) == ["b", "b:big"]
    often = "[{headway: {line: R, direction: 0, start: '06:00', end: '10:30', every: 1 h, vehicle: big}}]"
    service = on_a_feed(tmp_path, often).service
    big = [service.vehicle_types[kind].vehicle_type == "big" for kind in service.trip_vehicle_type]
    assert (sum(big), len(big)) == (5, 7)
    blocks = [service.block_id[block] for block in service.trip_block]
    assert [name for name, own in zip(blocks, big, strict=True) if not own] == ["b", "b"]


@pytest.mark.parametrize(
    ("types", "usual"),
    [
        ("{big: {seats: 20, capacity: 50}}", "bus"),
        ("{big: {seats: 20, capacity: 50}, own: {seats: 9, capacity: 9}}", "own"),
        ("{big: {seats: 20, capacity: 50}, bus: {seats: 9, capacity: 9}}", "bus"),
    ],
)
def test_a_vehicle_for_an_edit_is_for_it_alone(tmp_path, types, usual):
    """On a feed, which has no vehicle types: others are of the one type declared besides, or by the route type."""
    for edit in ("vehicle: {trips: [u], type: big}", "add_trips: {line: R, departures: ['06:10'], vehicle: big}"):
        service = on_a_feed(tmp_path, f"[{{{edit}}}]", types).service
        kinds = [service.vehicle_types[kind].vehicle_type for kind in service.trip_vehicle_type]
        assert (kinds.count("big"), kinds.count(usual)) == (1, len(kinds) - 1)
        (room,) = {kind.capacity for kind in service.vehicle_types if kind.vehicle_type == usual}
        assert room == (9 if "9" in types else 80)


def test_one_type_for_all_trips_of_a_feed_is_told(tmp_path):
    on_a_feed(tmp_path, "[]")
    scenario, mentions = load_with_mentions(tmp_path / "on_a_feed.yaml")
    assert {kind.vehicle_type for kind in scenario.service.vehicle_types} == {"big"}
    assert any("no trip names a vehicle type, so that all are run by big" in item.message for item in mentions)


def test_people_without_a_vehicle_have_no_service_and_are_told_of(tmp_path):
    path = tmp_path / "edited.yaml"
    path.write_text(TEXT.replace("CHANGES", "[{cancel_trips: {line: A}}]"), encoding="utf-8")
    scenario, mentions = load_with_mentions(path)
    assert [problem.message for problem in mentions] == [
        "leave 20 commuters (100.0%) without a vehicle at their first or last stop: a, b"
    ]
    assert mentions[0].line == 16
    result = sim.run(scenario)
    check_invariants(result.tables)
    assert set(result.journeys.outcome) == {"no_service"}


@pytest.mark.parametrize(
    ("changes", "key", "message"),
    [
        ("[{headway: {line: A, every: 5 min}}, {headway: {line: A, start: '24:00', every: 4 min}}]",
         "1.headway", "contradicts service.changes.0: both set the headway of line A, direction 0, from 24:00 on"),
        ("[{headway: {line: B, every: 5 min}}]", "0.headway.line", "departures of line 'B' are drawn by a law"),
        ("[{headway: {line: AA, every: 5 min}}]", "0.headway.line", "unknown line 'AA'"),
        ("[{headway: {line: A, start: '05:00', end: '06:00', every: 5 min}}]", "0.headway.line",
         "no trip of line 'A' leaves its first stop from 05:00 to 06:00"),
        ("[{headway: {line: A, start: '23:00', end: '01:00', every: 5 min}}]", "0.headway", "go on past 24:00"),
        ("[{cancel_trips: {trips: [A-0002]}}, {vehicle: {trips: [A-0002], type: big}}]", "1.vehicle.trips.0",
         "contradicts service.changes.0"),
        ("[{vehicle: {line: A, type: big}}, {vehicle: {trips: [A-0002], type: bus}}]", "1.vehicle",
         "contradicts service.changes.0: both set the vehicle of the trip 'A-0002'"),
        ("[{retime_trips: {line: A, shift: 5 min}}, {retime_trips: {line: A, shift: 1 min}}]", "1.retime_trips",
         "contradicts service.changes.0"),
        ("[{retime_trips: {line: A, shift: -24 h}}]", "0.retime_trips.shift", "before 00:00"),
        ("[{retime_trips: {line: A}}]", "0.retime_trips", "changes nothing"),
        ("[{vehicle: {line: A, type: huge}}]", "0.vehicle.type",
         "unknown vehicle type 'huge'; there are bus, big; service.vehicles declares further ones"),
        ("[{cancel_trips: {trips: [A-0009]}}]", "0.cancel_trips.trips.0", "unknown trip 'A-0009'"),
        ("[{cancel_trips: {}}]", "0.cancel_trips", "give either trips or line"),
        ("[{move_stop: {stop: b, x: 2000, y: 0}}]", "0.move_stop.x", "on its neighbour 'c'"),
        ("[{move_stop: {stop: bb, x: 2000, y: 0}}]", "0.move_stop.stop", "unknown stop 'bb'"),
        ("[{close_street: {from_stop: a, to_stop: d}}]", "0.close_street", "no link from 'a' to 'd'"),
        ("[{slow_street: {from_stop: a, to_stop: b, speed_factor: 0.5}}, {close_street: {from_stop: a, to_stop: b}}]",
         "1.close_street", "contradicts service.changes.0"),
        ("[{close_street: {from_stop: a, to_stop: b}}, {close_street: {from_stop: a, to_stop: b}}]",
         "1.close_street", "contradicts service.changes.0: both set the street from a to b"),
        ("[{new_line: {id: A, stops: [a, b], vehicle: bus, departures: ['23:00']}}]", "0.new_line.id", "already"),
        ("[{new_line: {id: X, stops: [a, b], vehicle: bus, departures: ['23:00']}}]", "0.new_line.stops.0",
         "no links lead from 'b' to 'a'"),
        ("[{new_line: {id: X, stops: [a, b], vehicle: bus, every: 5 min}}]", "0.new_line", "every needs an end"),
        ("[{headway: {line: A, every: 5 min}, cancel_trips: {line: A}}]", "0", "give one of headway, add_trips"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_told_with_its_place(edited, changes, key, message):
    with pytest.raises(ScenarioError) as caught:
        edited(changes)
    (problem,) = caught.value.problems
    assert problem.key == f"service.changes.{key}"
    assert message in problem.message
    assert problem.line == 16


FREQUENCIES = {"frequencies.txt": "trip_id,start_time,end_time,headway_secs\nt1,07:00:00,08:00:00,1200\n"}


def test_trips_by_frequencies_are_edited_like_others(tmp_path):
    write_feed(tmp_path / "feed", FREQUENCIES)
    path = tmp_path / "feed.yaml"
    head = "name: feed\nnetwork: {folder: feed}\ndemand: {scale: 0}\nservice:\n  changes: "

    def trips(changes: str) -> list[str]:
        path.write_text(head + changes, encoding="utf-8")
        return list(sim.load_scenario(path).service.trip_id)

    assert trips("[]") == ["t1@07:00:00", "t1@07:20:00", "t1@07:40:00", "t2"]
    assert trips("[{cancel_trips: {trips: [t1]}}]") == ["t2"]
    assert trips("[{cancel_trips: {trips: ['t1@07:20:00']}}]") == ["t1@07:00:00", "t1@07:40:00", "t2"]
    # The line by its name, "7".
    assert trips("[{headway: {line: '7', start: '07:00', end: '07:40', every: 10 min}}]") == [
        "t1@07:00:00", "R:0@07:10:00", "t1@07:20:00", "R:0@07:30:00", "t1@07:40:00", "t2",
    ]  # fmt: skip


PIECES = "pieces: [{start: '06:50', end: '07:00', commuters: 3}]"
TWINS = {"stops.txt": "stop_id,stop_name,stop_lat,stop_lon\nA,Alpha,1,10\nB,Beta,1.01,10\nC,Beta,1.03,10\n"}


def test_names_stand_for_ids_wherever_a_stop_or_line_is_wanted(tmp_path):
    write_feed(tmp_path / "feed")
    path = tmp_path / "named.yaml"
    path.write_text(
        "name: named\nnetwork: {folder: feed, lines_used: ['7']}\n"
        f"demand: {{flows: [{{origin: alpha, destination: Gamma, {PIECES}}}]}}\n"
        "service:\n"
        "  stops: {Beta: {berths: 1}}\n"
        "  holding: {control_stops: [Beta]}\n"
        "  changes: [{add_trips: {line: '7', departures: ['09:00']}}]\n"
        "disruptions:\n"
        "  closed_stops: [{stop: Beta, start: '07:00', end: '08:00'}]\n"
        "advisor: {only_destinations: [Gamma]}\n",
        encoding="utf-8",
    )
    parameters = sim.load_scenario(path).parameters
    flow = parameters.demand.flows[0]
    assert (flow.origin, flow.destination) == ("A", "C")
    assert list(parameters.service.stops) == ["B"]
    assert parameters.service.holding.control_stops == ("B",)
    assert parameters.disruptions.closed_stops[0].stop == "B"
    assert parameters.service.changes[0].add_trips.line == "R"
    assert parameters.advisor.only_destinations == ("C",)


def test_a_name_that_several_have_is_told_with_their_ids(tmp_path):
    write_feed(tmp_path / "feed", TWINS)
    path = tmp_path / "named.yaml"
    path.write_text(
        "name: named\nnetwork: {folder: feed}\n"
        f"demand: {{flows: [{{origin: Alpha, destination: beta, {PIECES}}}]}}\n",
        encoding="utf-8",
    )
    with pytest.raises(ScenarioError) as caught:
        sim.load_scenario(path)
    # Nothing besides: the name is known, and what it leads to is not looked at before one is chosen.
    assert [p.message for p in caught.value.problems] == ["several stops are called 'beta'; give the id of one: B, C"]


def test_a_misspelt_name_of_a_stop_is_told_with_the_name_that_is_like_it(tmp_path):
    write_feed(tmp_path / "feed", TWINS)
    path = tmp_path / "named.yaml"
    flows = f"demand: {{flows: [{{origin: Alfa, destination: B, {PIECES}}}]}}\n"
    path.write_text(f"name: named\nnetwork: {{folder: feed}}\n{flows}", encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"unknown stop 'Alfa' \(did you mean 'Alpha'\?\)"):
        sim.load_scenario(path)
