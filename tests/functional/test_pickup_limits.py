"""Stops where a vehicle takes up nobody, or lets out nobody: journeys keep to it and nobody is lost."""

from __future__ import annotations

import pytest
from support.invariants import check_invariants
from support.small_network import write_network

import sim
from sim.loading.network_folder import load_network

STOPS = "stop_id,stop_name,stop_lat,stop_lon\nA,A,,\nB,B,,\nC,C,,\nD,D,,\n"
LINKS = "link_id,from_node_id,to_node_id,length\nab,A,B,1000\nbc,B,C,1000\ncd,C,D,1000\n"
NODES = "node_id,name,x_coord,y_coord\n" + "".join(f"{stop},{stop},{at}000,0\n" for at, stop in enumerate("ABCD"))
# The express lets nobody get in at B and nobody get out at C; the local line does both.
EXCHANGE = {("x", "B"): "1,0", ("x", "C"): "0,1"}


def feed(lines):
    trips, times = ["route_id,service_id,trip_id"], ["trip_id,arrival_time,departure_time,stop_id,stop_sequence"]
    times[0] += ",pickup_type,drop_off_type"
    for line, minute in lines:
        for hour in range(7, 11):
            trip = f"{line}{hour}"
            trips.append(f"{line},week,{trip}")
            for at, stop in enumerate("ABCD"):
                clock = f"{hour:02d}:{minute + 5 * at:02d}:00"
                times.append(f"{trip},{clock},{clock},{stop},{at},{EXCHANGE.get((line, stop), '0,0')}")
    return {
        "gtfs/routes.txt": "route_id,route_type\n" + "".join(f"{line},3\n" for line, _ in lines),
        "gtfs/trips.txt": "\n".join(trips) + "\n",
        "gtfs/stop_times.txt": "\n".join(times) + "\n",
        "gtfs/stops.txt": STOPS,
        "gmns/link.csv": LINKS,
        "gmns/node.csv": NODES,
        "vehicles.csv": "vehicle_type,seats,capacity,dwell_rule,dead_time_s\nbus,30,60,constant,0\n",
        "traffic.csv": None,
        "demand/od.csv": None,
    }


def run_of(tmp_path, lines, routing, **sections):
    write_network(tmp_path / "small", feed(lines))
    pairs = ("AB", "AC", "AD", "BC", "BD", "CD")
    flows = "".join(
        f"\n    - {{origin: {a}, destination: {b}, pieces: [{{start: '6:50', end: '8:00', commuters: 6}}]}}"
        for a, b in pairs
    )
    more = "".join(f"{name}: {text}\n" for name, text in sections.items())
    file = tmp_path / "s.yaml"
    file.write_text(
        f"name: limits\ndays: 1\nreplications: 1\nnetwork: {{folder: small}}\njourneys: {{routing: {routing}}}\n"
        f"demand:\n  flows:{flows}\n{more}"
    )
    result = sim.run(sim.load_scenario(file))
    check_invariants(result.tables)
    return result


def outcomes(result):
    """Return the causes by origin and destination, and the lines ridden."""
    journeys, legs = result.tables["journeys"], result.tables["legs"]
    pairs = [a + b for a, b in zip(journeys.text("origin_stop_id"), journeys.text("destination_stop_id"), strict=True)]
    causes = {pair: set() for pair in pairs}
    for pair, cause in zip(pairs, journeys.text("cause").tolist(), strict=True):
        causes[pair].add(cause)
    lines = {pair: set() for pair in pairs}
    pair_of = dict(zip(journeys["commuter_id"].tolist(), pairs, strict=True))
    for person, trip in zip(legs["commuter_id"].tolist(), legs.text("trip_id").tolist(), strict=True):
        lines[pair_of[person]].add(trip[0])
    return causes, lines


@pytest.mark.parametrize("routing", ["frequency", "strategy", "timetable"])
def test_nobody_boards_or_alights_where_the_feed_says_so(tmp_path, routing):
    causes, lines = outcomes(run_of(tmp_path, [("x", 0), ("y", 30)], routing))
    assert set().union(*causes.values()) == {""}
    assert lines["BC"] == lines["BD"] == {"y"}
    assert "x" not in lines["AC"]
    assert "x" in lines["AD"]
    assert "x" in lines["CD"]


@pytest.mark.parametrize("routing", ["frequency", "strategy", "timetable"])
def test_who_has_no_other_line_has_no_service(tmp_path, routing):
    result = run_of(tmp_path, [("x", 0)], routing)
    causes, _ = outcomes(result)
    none = {"no_journey_option"}
    assert causes == {"AB": {""}, "AC": none, "AD": {""}, "BC": none, "BD": none, "CD": {""}}
    visits = result.tables["stop_visits"]
    at_b, at_c = (visits.text("stop_id") == stop for stop in "BC")
    assert visits["boardings"][at_b].sum() == visits["alightings"][at_c].sum() == 0
    assert visits["alightings"][at_b].sum() == visits["boardings"][at_c].sum() == 6


def test_who_was_carried_past_a_closed_stop_gets_out_where_people_may(tmp_path):
    closed = "{closed_stops: [{stop: B, start: '0:00', end: '30:00'}]}"
    result = run_of(tmp_path, [("x", 0)], "frequency", disruptions=closed)
    causes, _ = outcomes(result)
    assert causes["AB"] == {"stop_closed"}
    legs = result.tables["legs"]
    journeys = result.tables["journeys"]
    to_b = journeys["commuter_id"][journeys.text("destination_stop_id") == "B"]
    mine = [stop for who, stop in zip(legs["commuter_id"], legs.text("alight_stop_id"), strict=True) if who in to_b]
    assert set(mine) == {"D"}


def test_riders_of_a_broken_vehicle_board_again_only_where_they_may(tmp_path):
    broken = "{breakdowns: [{trip: x7, stop: B, duration: 10 min}]}"
    result = run_of(tmp_path, [("x", 0), ("y", 30)], "frequency", disruptions=broken)
    _, lines = outcomes(result)
    assert lines["AD"] == {"x", "y"}
    legs = result.tables["legs"]
    again = legs.text("board_stop_id") == "B"
    assert {trip[0] for trip in legs.text("trip_id")[again].tolist()} == {"y"}


def test_trips_of_a_line_with_other_limits_are_patterns_of_their_own(tmp_path):
    files = feed([("x", 0)])
    files["gtfs/stop_times.txt"] = files["gtfs/stop_times.txt"].replace(
        "x9,09:05:00,09:05:00,B,1,1", "x9,09:05:00,09:05:00,B,1,0"
    )
    patterns = load_network(write_network(tmp_path / "small", files)).service.patterns
    assert [(pattern.no_boarding, pattern.no_alighting) for pattern in patterns] == [
        (frozenset({1}), frozenset({2})),
        (frozenset(), frozenset({2})),
    ]
