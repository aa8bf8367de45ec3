"""Laps of a ring and trips that go on as others: passengers stay on board, and all else holds as before."""

from __future__ import annotations

import numpy as np
import pytest
from support.invariants import check_invariants
from support.small_network import write_network

import sim
from sim.loading import through_services
from sim.metrics.travel_order import stop_places
from sim.units import format_clock

STOPS = "ABCDE"
LAP_MIN = (0, 8, 16, 24, 32, 39)
"""Minutes from the start of a lap to its stops A, B, C, D, E and A again; the train leaves a minute later."""
TRAIN = {"vehicles.csv": "vehicle_type,seats,capacity,dwell_rule,dead_time_s\ntrain,10,40,constant,0\n"}
NOTHING = dict.fromkeys(("traffic.csv", "demand/od.csv", "gmns/node.csv", "gmns/link.csv"))


def feed(trips):
    """Return a feed of (line, trip, block, [(stop, minute)])."""
    rows = ["route_id,service_id,trip_id,direction_id,block_id,vehicle_type"]
    times = ["trip_id,arrival_time,departure_time,stop_id,stop_sequence"]
    for line, trip, block, visits in trips:
        rows.append(f"{line},week,{trip},0,{block},train")
        for place, (stop, minute) in enumerate(visits):
            clock = format_clock(minute * 60.0)
            times.append(f"{trip},{clock},{clock},{stop},{place}")
    lines = dict.fromkeys(line for line, *_ in trips)
    stops = dict.fromkeys(stop for *_, visits in trips for stop, _ in visits)
    return {
        **NOTHING,
        **TRAIN,
        "gtfs/routes.txt": "route_id,route_type\n" + "".join(f"{line},1\n" for line in lines),
        "gtfs/stops.txt": "stop_id,stop_name,stop_lat,stop_lon\n"
        + "".join(
            f"{stop},{stop},{40 + 0.01 * place},{116 + 0.01 * (place % 2)}\n" for place, stop in enumerate(stops)
        ),
        "gtfs/trips.txt": "\n".join(rows) + "\n",
        "gtfs/stop_times.txt": "\n".join(times) + "\n",
    }


def ring(laps=4, trains=4):
    """Return laps from A to A of trains every ten minutes from seven o'clock on."""
    return [
        (
            "R",
            f"v{train}l{lap}",
            f"b{train}",
            [(s, 420 + 10 * train + 40 * lap + m) for s, m in zip([*STOPS, "A"], LAP_MIN, strict=True)],
        )
        for train in range(trains)
        for lap in range(laps)
    ]


RIDERS = {"DB": 60, "AC": 60, "CA": 60}


def result_of(tmp_path, trips, rule, riders=None, service="", until="8:30", files=None, **sections):
    """Return the run of a scenario file, after a look at its tables."""
    write_network(tmp_path / "net", {**feed(trips), **(files or {})})
    flows = "".join(
        f"\n    - {{origin: {a}, destination: {b}, pieces: [{{start: '7:30', end: '{until}', commuters: {count}}}]}}"
        for (a, b), count in (riders or RIDERS).items()
    )
    more = "".join(f"{name}: {text}\n" for name, text in sections.items())
    (tmp_path / "s.yaml").write_text(
        f"name: through\ndays: 1\nreplications: 1\nnetwork: {{folder: net}}\n"
        f"service: {{through_services: {rule}{service}}}\ndemand:\n  flows:{flows}\n{more}"
    )
    result = sim.run(sim.load_scenario(tmp_path / "s.yaml"))
    check_invariants(result.tables)
    return result


def of_pair(result, pair, column):
    journeys = result.tables["journeys"]
    mine = (journeys.text("origin_stop_id") == pair[0]) & (journeys.text("destination_stop_id") == pair[1])
    return journeys[column][mine]


def causes(result):
    names, counts = np.unique(result.tables["journeys"].text("cause").astype(str), return_counts=True)
    return dict(zip(names.tolist(), counts.tolist(), strict=True))


@pytest.mark.parametrize("routing", ["frequency", "strategy", "timetable"])
@pytest.mark.parametrize("boarding", ["present_at_arrival", "during_dwell"])
def test_who_rides_on_beyond_the_seam_of_a_ring_does_not_change(tmp_path, routing, boarding):
    options = {"service": f", boarding_rule: {boarding}", "journeys": f"{{routing: {routing}}}"}
    apart, loops = (result_of(tmp_path, ring(), rule, **options) for rule in ("apart", "loops"))
    assert set(of_pair(apart, "DB", "transfers").tolist()) == {1}
    assert loops.tables["journeys"]["transfers"].max() == 0
    assert causes(apart) == causes(loops) == {"": 180}
    for column in ("wait_s", "in_vehicle_s"):
        for pair in ("AC", "CA"):
            np.testing.assert_array_equal(of_pair(apart, pair, column), of_pair(loops, pair, column))
    # The same trains bring them: the minute at A is waited on the platform, or on board.
    np.testing.assert_array_equal(of_pair(apart, "DB", "arrival_s"), of_pair(loops, "DB", "arrival_s"))
    np.testing.assert_allclose(of_pair(loops, "DB", "in_vehicle_s") - of_pair(apart, "DB", "in_vehicle_s"), 60.0)


def test_tables_name_the_laps_of_a_train_after_the_first_and_have_the_seam_once(tmp_path):
    visits = result_of(tmp_path, ring(laps=3, trains=1), "loops").tables["stop_visits"]
    assert set(visits.text("trip_id").tolist()) == {"v0l0"}
    assert "".join(visits.text("stop_id").tolist()) == "ABCDE" * 3 + "A"
    assert (np.diff(visits["stop_sequence"]) > 0).all()
    at_a = visits.text("stop_id") == "A"
    stays_s = (visits["departure_s"] - visits["arrival_s"])[at_a]
    assert stays_s.tolist() == [0.0, 60.0, 60.0, 0.0]
    assert visits["departing_load"][at_a].max() > 0


def test_who_boarded_before_the_seam_keeps_his_seat_beyond_it(tmp_path):
    result = result_of(tmp_path, ring(laps=4, trains=1), "loops", {"DB": 25, "AC": 25})
    visits, legs = result.tables["stop_visits"], result.tables["legs"]
    to_next_s = np.append(visits["arrival_s"][1:] - visits["departure_s"][:-1], 0.0)
    beyond = np.maximum(visits["departing_load"] - visits["seats"], 0)
    assert beyond.max() > 5
    assert legs["standing_s"].sum() == pytest.approx(float((beyond * to_next_s).sum()))


def test_a_stay_that_is_too_long_parts_the_laps(tmp_path, monkeypatch):
    monkeypatch.setattr(through_services, "LONGEST_STAY_S", 30.0)
    apart = result_of(tmp_path, ring(), "loops")
    assert set(of_pair(apart, "DB", "transfers").tolist()) == {1}


INTERLINED = [
    (line, f"{line}{train}", f"b{train}", [(stop, 440 + 15 * train + minute) for stop, minute in visits])
    for train in range(8)
    for line, visits in (
        ("P", [("A", 0), ("B", 6), ("C", 12)]),
        ("Q", [("C", 14), ("D", 20), ("E", 26)]),
        ("S", [("E", 28), ("F", 34)]),
    )
]


def test_blocks_go_on_as_other_lines_and_one_seam_is_ridden_over(tmp_path):
    riders = {"AE": 20, "BD": 20, "AF": 20, "CD": 20}
    loops = result_of(tmp_path, INTERLINED, "loops", riders)
    blocks = result_of(tmp_path, INTERLINED, "blocks", riders)
    for pair, apart, joined in (("AE", 1, 0), ("BD", 1, 0), ("AF", 2, 1), ("CD", 0, 0)):
        assert set(of_pair(loops, pair, "transfers").tolist()) == {apart}
        assert set(of_pair(blocks, pair, "transfers").tolist()) == {joined}
    visits = blocks.tables["stop_visits"]
    first = visits.text("trip_id") == "P0"
    assert "".join(visits.text("line_id")[first].tolist()) == "PPQQSS"
    assert "".join(visits.text("stop_id")[first].tolist()) == "ABCDEF"


def test_a_report_of_vehicles_that_turn_with_people_on_board(tmp_path):
    """C is a stop of Q alone, where all that come on P go on; a report looked for it among those of P, and failed."""
    result = result_of(tmp_path, INTERLINED, "blocks", {"AE": 20, "CD": 20})
    places = stop_places(result.tables["stop_visits"])
    lines, stops = (result.tables["stop_visits"].categories[name] for name in ("line_id", "stop_id"))
    named = [(lines[line], stops[stop]) for line, stop in zip(places.lines, places.stops, strict=True)]
    assert named == [tuple(place) for place in ("PA", "PB", "QC", "QD", "SE", "SF")]
    assert "Load" in result.report()


def test_fares_by_distance_are_those_of_the_whole_ride(tmp_path):
    fares = {"fares": "{kind: distance, bands: [[0, 1], [3 m, 2], [4 m, 3], [5 m, 4], [6 m, 5]]}"}
    riders = {"AE": 20, "CE": 20}
    blocks = result_of(tmp_path, INTERLINED, "blocks", riders, **fares)
    whole = [(line, trip, block, visits) for line, trip, block, visits in INTERLINED if line != "S"]
    one = [("T", a[1], a[2], [*a[3], *b[3][1:]]) for a, b in zip(whole[::2], whole[1::2], strict=True)]
    joined = result_of(tmp_path, one, "apart", riders, **fares)
    for pair in riders:
        assert len(set(of_pair(blocks, pair, "fare").tolist())) == 1
        assert of_pair(blocks, pair, "fare").tolist() == of_pair(joined, pair, "fare").tolist()


FARE_COLUMNS = "fare_id,price,currency_type,payment_method,transfers\n"
FEED_FARES = {
    "gtfs/fare_attributes.txt": FARE_COLUMNS + "p,2,EUR,0,0\nq,3,EUR,0,0\ns,7,EUR,0,0\n",
    "gtfs/fare_rules.txt": "fare_id,route_id\np,P\nq,Q\ns,S\n",
}
ONE_FARE = {
    "gtfs/fare_attributes.txt": FARE_COLUMNS + "one,2,EUR,0,0\n",
    "gtfs/fare_rules.txt": "fare_id,route_id\none,P\none,Q\none,S\n",
}
BANDS = {"fares.csv": "route_ids,from_m,fare\nP,0,2\nQ,0,3\nQ,1500,4\n*,0,7\n"}


@pytest.mark.parametrize(
    ("files", "paid"),
    [
        # C to D is 1.4 km, C to E 2.2 km: people from A pay for line P, and for the way on Q as all others do.
        (BANDS, {"AE": 6, "BD": 5, "AF": 13, "CD": 3, "AC": 2}),
        (FEED_FARES, {"AE": 5, "BD": 5, "AF": 12, "CD": 3, "AC": 2}),
        # A fare without transfers that holds on both lines takes one over the seam, and not into another vehicle.
        (ONE_FARE, {"AE": 2, "BD": 2, "AF": 4, "CD": 2, "AC": 2}),
    ],
)
def test_fares_by_line_are_those_of_every_line_ridden(tmp_path, files, paid):
    """They were those of the line that was boarded, all the way: A to E cost less than C to E."""
    riders = dict.fromkeys(paid, 10)
    result = result_of(tmp_path, INTERLINED, "blocks", riders, files=files, fares="{kind: network}")
    for pair, fare in paid.items():
        assert set(of_pair(result, pair, "fare").tolist()) == {fare}, pair


def test_everybody_gets_out_where_the_next_lap_is_cancelled(tmp_path):
    cancelled = {"disruptions": "{cancelled_trips: [v0l2, v3l3]}"}
    result = result_of(tmp_path, ring(), "loops", **cancelled)
    assert causes(result) == {"": 180}
    legs, trip = result.tables["legs"], result.tables["legs"].text("trip_id")
    put_out = (legs.text("alight_stop_id") == "A") & (legs.text("board_stop_id") == "D")
    assert put_out.sum() > 3
    assert set(trip[put_out].tolist()) == {"v0l0"}
    assert np.bincount(of_pair(result, "DB", "transfers")).tolist() == [60 - put_out.sum(), put_out.sum()]


def test_who_is_put_out_for_good_is_told_why(tmp_path):
    laps = [trip for trip in ring(trains=1) if trip[1] in ("v0l1", "v0l2")]
    assert causes(result_of(tmp_path, laps, "loops", {"DB": 12}, until="8:00")) == {"": 12}
    cancelled = {"disruptions": "{cancelled_trips: [v0l2]}"}
    result = result_of(tmp_path, laps, "loops", {"DB": 12}, until="8:00", **cancelled)
    assert causes(result) == {"trip_cancelled": 12}
    assert set(result.tables["legs"].text("alight_stop_id").tolist()) == {"A"}


def test_riders_of_a_train_that_breaks_down_beyond_the_seam_get_out_there(tmp_path):
    broken = "{trip: v0l2, stop: A, duration: 10 min}, {trip: v1l2, stop: B, duration: 60 min}"
    result = result_of(tmp_path, ring(), "loops", {**RIDERS, "DC": 30}, disruptions=f"{{breakdowns: [{broken}]}}")
    assert causes(result) == {"": 210}
    legs = result.tables["legs"]
    assert ((legs.text("board_stop_id") == "D") & (legs.text("alight_stop_id") == "A")).sum() > 3
    assert set(result.tables["stop_visits"].text("disruption").tolist()) == {"", "vehicle_broke_down"}


@pytest.mark.parametrize("end", ["7:39:30", "8:20:30", "8:21"])
def test_a_day_that_is_cut_off_at_the_seam_counts_who_is_on_board(tmp_path, end):
    result = result_of(tmp_path, ring(), "loops", horizon=f"{{start: '7:00', end: '{end}'}}")
    visits = result.tables["stop_visits"]
    riding = causes(result).get("horizon_while_riding", 0)
    last = np.append(np.diff(visits["trip_id"]) != 0, True)
    assert visits["departing_load"][last].sum() == riding
    assert riding > (0 if end.startswith("7") else 10)


@pytest.mark.parametrize("crowding", ["{}", "{kind: seated_standing}"])
def test_learners_and_advice_expect_what_riders_meet(tmp_path, crowding):
    result = result_of(
        tmp_path,
        ring(laps=6),
        "loops",
        preferences=f"{{crowding: {crowding}}}",
        population="{later_flexibility: 60 min}",
    )
    options = sim.advise(result, "D", "B", "08:30")
    assert options
    ride_min = float(of_pair(result, "DB", "in_vehicle_s").mean()) / 60.0
    # The minute at A is no part of what is expected.
    assert options[0].door_to_door_min - options[0].wait_min == pytest.approx(ride_min, abs=1.5)


def test_people_count_on_no_lap_that_is_cancelled(tmp_path) -> None:
    """Trains of every ten minutes go round; from 8:00 on three of four do not begin the next lap.

    People ride from D over the end of the lap to B and want to be there at 8:25. The next lap of v3 is there at 8:38;
    the last train before leaves D at 7:54 and is there at 8:18. Catches the train of 8:04 told as there at 8:28.
    """
    write_network(tmp_path / "net", feed(ring()))
    (tmp_path / "s.yaml").write_text(
        "name: laps\ndays: 4\nreplications: 1\nnetwork: {folder: net}\nservice: {through_services: loops}\n"
        "demand:\n  flows:\n    - {origin: D, destination: B, preferred_arrival: '08:25', placement: even,\n"
        "       pieces: [{start: '8:02', end: '8:07', commuters: 20}]}\n"
        "disruptions: {cancelled_trips: [v0l2, v1l2, v2l2]}\nadvisor: {penetration: 1, compliance: 1}\n"
        "preferences: {crowding: {kind: none}}\n"
    )
    result = sim.compare(sim.load_scenario(tmp_path / "s.yaml"), ["none", "individual", "coordinated"])
    check_invariants(result.against("habit").tables)
    strategies = result.against("habit").summary["strategies"]
    by_habit = {name: row["mean_generalized_cost_min"]["mean"] for name, row in strategies.items()}
    assert by_habit["none"] > 150.0
    assert max(by_habit["individual"], by_habit["coordinated"]) < 45.0
    journeys = result.against("adapted").tables["journeys"]
    assert np.median(journeys["arrival_s"]) <= 8 * 3600 + 18 * 60
