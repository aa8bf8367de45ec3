"""What rides cost, by hand: flat, by distance, and as a feed's zones and transfers say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.small_feed import write_feed
from support.small_network import changed, write_network
from support.worlds import bus_line, flow, world

from sim.arrays import FloatArray
from sim.errors import NetworkError, ScenarioError
from sim.loading.exports import EXPORTS
from sim.loading.feeds.importing import import_network
from sim.loading.network_folder import load_network
from sim.loading.scenario import build_scenario
from sim.model.parameters import ScenarioParameters
from sim.model.scenario import Scenario
from sim.model.tariffs import PaidRides, Tariff

Chain = Sequence[tuple[str, str, float]]
"""Rides of a journey: stops of boarding and alighting, time of boarding."""


def priced(tariff: Tariff | None, scenario: Scenario, journeys: Sequence[Chain]) -> list[float]:
    """Charge journeys given by the names of stops, each ride on the one pattern that goes that way."""
    assert tariff is not None
    stops = scenario.network.stop_id
    rows: list[tuple[int, int, int, int, float]] = []
    for number, chain in enumerate(journeys):
        for board, alight, time_s in chain:
            for pattern, item in enumerate(scenario.service.patterns):
                names = [stops[stop] for stop in item.stops]
                if board in names and alight in names[names.index(board) + 1 :]:
                    rows.append((number, pattern, names.index(board), names.index(alight), time_s))
                    break
            else:
                raise AssertionError(f"no line from {board} to {alight}")
    columns: list[Any] = [np.array(column) for column in zip(*rows, strict=True)]
    paid: FloatArray = tariff.charge(PaidRides(len(journeys), *columns))
    return paid.tolist()


def two_lines(**fares: Any) -> Scenario:
    """L from A over B to C and M from C over D to E, 10 min at 30 km/h from stop to stop; K from A to E."""
    lines = [
        bus_line("L", "ABC", [600, 600], [0, 600]),
        bus_line("M", "CDE", [600, 600], [0, 600]),
        bus_line("K", "AE", [2400], [0]),
    ]
    return world(lines, [flow("A", "E", 0, 600, 1)], fares=fares)


ONE: Chain = [("A", "B", 0.0)]
TWO: Chain = [("A", "C", 0.0), ("C", "E", 1500.0)]


def test_flat_fares_are_paid_once_a_journey_or_at_each_boarding() -> None:
    once = two_lines(kind="flat", fare=2)
    assert priced(once.tariff, once, [ONE, [], TWO]) == [2, 0, 2]
    each = two_lines(kind="flat", fare=2, charged="boarding")
    assert priced(each.tariff, each, [ONE, [], TWO]) == [2, 0, 4]


def test_by_distance_all_rides_of_a_journey_count_together() -> None:
    scenario = two_lines(kind="distance", bands=[[0, 3], ["6 km", 4], ["20 km", 7]])
    assert sorted(scenario.network.link_length_m) == [5000, 5000, 5000, 5000, 20000]
    half: Chain = [("A", "B", 0.0), ("C", "D", 1500.0)]
    assert priced(scenario.tariff, scenario, [ONE, half, TWO, [("A", "E", 0.0)]]) == [3, 4, 7, 7]


@pytest.mark.parametrize(
    ("fares", "problem"),
    [
        ({"kind": "flat"}, "kind flat needs fare"),
        ({"kind": "distance"}, "kind distance needs bands"),
        ({"kind": "none", "fare": 2}, "fare has no meaning with kind none"),
        ({"kind": "none", "value_of_time": 2}, "value_of_time has no meaning"),
        ({"kind": "distance", "bands": [[1, 3]]}, "must begin at 0 m"),
        ({"kind": "distance", "bands": [[0, 3], [5, 4], [5, 5]]}, "in order of distance"),
        ({"kind": "distance", "bands": [[0, -3]]}, "at least 0"),
    ],
)
def test_what_fares_must_say(fares: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        ScenarioParameters.model_validate({"name": "x", "network": {"folder": "y"}, "fares": fares})


def test_a_network_without_fares_is_told() -> None:
    with pytest.raises(ScenarioError, match=r"fares.*network has no meaning without network.folder"):
        two_lines(kind="network")


FARES = "route_ids,from_m,fare\nR,0,3\nR,2500,5\n"


def with_fares(folder: Path, fares: str) -> Scenario:
    write_network(folder, {"fares.csv": fares})
    parameters = {"name": "x", "network": {"folder": str(folder)}, "fares": {"kind": "network"}}
    return build_scenario(ScenarioParameters.model_validate(parameters), folder)


def test_fares_of_a_network_folder(tmp_path: Path) -> None:
    """A to B is 1 km, A to C 3 km."""
    scenario = with_fares(tmp_path / "net", FARES)
    assert priced(scenario.tariff, scenario, [ONE, [("A", "C", 0.0)], [("A", "B", 0), ("B", "C", 600)]]) == [3, 5, 5]
    others = with_fares(tmp_path / "others", "route_ids,from_m,fare\n*,0,4\n")
    assert priced(others.tariff, others, [ONE]) == [4]


@pytest.mark.parametrize(
    ("fares", "problem"),
    [
        ("route_ids,from_m,fare\nQ,0,3\n", "unknown line 'Q'"),
        ("route_ids,from_m,fare\nR,10,3\n", "must begin at 0"),
        ("route_ids,from_m,fare\nR,0,3\nR *,0,3\n", "in two groups"),
        ("route_ids,from_m,fare\nR,0,3\nR,5,3\nR,4,3\n", "in order of distance"),
        ("route_ids,from_m,fare\nR,0,-3\n", "at least 0"),
        ("route_ids,from_m\nR,0\n", "this column is missing"),
    ],
)
def test_bad_fares_of_a_network_folder(tmp_path: Path, fares: str, problem: str) -> None:
    with pytest.raises(ScenarioError, match=problem):
        with_fares(tmp_path / "net", fares)


def test_a_line_that_no_row_names_is_free_and_said_so(tmp_path: Path) -> None:
    folder = write_network(
        tmp_path / "net",
        {
            "fares.csv": "route_ids,from_m,fare\nS,0,3\n",
            **changed("gtfs/routes.txt", "R,one,7,3\n", "R,one,7,3\nS,one,8,3\n"),
        },
    )
    assert any("so riding there is free" in mention.message for mention in load_network(folder).mentions)


STOPS = (
    "stop_id,stop_name,stop_lat,stop_lon,zone_id\n"
    "A,Alpha,1,10,1\nB,Beta,1.01,10,1\nC,Gamma,1.03,10,2\nD,Delta,1.05,10,3\n"
)
FEED = {
    "stops.txt": STOPS,
    "agency.txt": (
        "agency_id,agency_name,agency_url,agency_timezone\n"
        "one,One,https://example.org,UTC\ntwo,Two,https://example.org,UTC\n"
    ),
    "routes.txt": "route_id,agency_id,route_short_name,route_type\nR,one,7,3\nS,two,8,3\n",
    "trips.txt": "route_id,service_id,trip_id,direction_id\nR,week,t1,0\nS,week,t2,0\n",
    "stop_times.txt": (
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
        "t1,07:00:00,07:00:00,A,1\nt1,07:05:00,07:05:00,B,2\nt1,07:10:00,07:10:00,C,3\n"
        "t2,07:15:00,07:15:00,C,1\nt2,07:20:00,07:20:00,D,2\n"
    ),
}


def of_feed(tmp_path: Path, attributes: str, rules: str) -> Scenario:
    """Import a feed with fares and read them from the folder: R from A over B to C, S from C to D."""
    head = "fare_id,price,currency_type,payment_method,transfers,transfer_duration,agency_id\n"
    fares = {"fare_attributes.txt": head + attributes}
    if rules:
        fares["fare_rules.txt"] = "fare_id,route_id,origin_id,destination_id,contains_id\n" + rules
    import_network(write_feed(tmp_path / "feed", {**FEED, **fares}), tmp_path / "net")
    parameters = {
        "name": "x",
        "network": {"folder": str(tmp_path / "net")},
        "demand": {"scale": 0},
        "fares": {"kind": "network"},
    }
    return build_scenario(ScenarioParameters.model_validate(parameters), tmp_path)


AC: Chain = [("A", "C", 0.0)]
ACD: Chain = [("A", "C", 0.0), ("C", "D", 900.0)]


@pytest.mark.parametrize(
    ("attributes", "rules", "expected"),
    [
        # one fare for everything, each boarding anew: A to B, A to C, A to C and on to D
        ("f,2,EUR,0,0,,\n", "", [2, 2, 4]),
        ("f,2,EUR,0,1,,\n", "", [2, 2, 2]),
        ("f,2,EUR,0,,,\n", "", [2, 2, 2]),
        ("f,2,EUR,0,,899,\n", "", [2, 2, 4]),
        ("f,2,EUR,0,,900,\n", "", [2, 2, 2]),
        # by line and by agency
        ("f,2,EUR,0,0,,\ng,3,EUR,0,0,,\n", "f,R,,,\ng,S,,,\n", [2, 2, 5]),
        ("f,2,EUR,0,0,,one\ng,3,EUR,0,0,,two\n", "", [2, 2, 5]),
        # by zone of the first and the last stop; the cheapest that holds
        ("f,2,EUR,0,0,,\ng,3,EUR,0,1,,\n", "f,,1,1,\ng,,1,2,\ng,,1,3,\n", [2, 3, 3]),
        ("f,2,EUR,0,0,,\ng,9,EUR,0,1,,\n", "f,,1,,\nf,,2,,\ng,,1,3,\n", [2, 2, 4]),
        # by all zones passed
        ("f,2,EUR,0,,,\ng,3,EUR,0,,,\nh,4,EUR,0,,,\n", "f,,,,1\ng,,,,1\ng,,,,2\nh,,,,1\nh,,,,2\nh,,,,3\n", [2, 3, 4]),
        # no fare holds on S: free
        ("f,2,EUR,0,0,,\n", "f,R,,,\n", [2, 2, 2]),
    ],
)
def test_fares_of_a_feed(tmp_path: Path, attributes: str, rules: str, expected: list[float]) -> None:
    scenario = of_feed(tmp_path, attributes, rules)
    assert priced(scenario.tariff, scenario, [ONE, AC, ACD]) == expected


def test_fares_of_a_feed_are_kept_and_written_back(tmp_path: Path) -> None:
    of_feed(tmp_path, "f,2,EUR,0,0,,\ng,3,EUR,0,1,,\n", "f,,1,1,\ng,,1,2,\ng,,1,3,\n")
    folder = tmp_path / "net"
    (file,) = EXPORTS["gtfs"](load_network(folder), folder, tmp_path / "out.zip")
    import_network(file, tmp_path / "again")
    for name in ("fare_attributes", "fare_rules", "stops"):
        path = Path("gtfs") / f"{name}.txt"
        assert (tmp_path / "again" / path).read_bytes() == (folder / path).read_bytes()
    bare = tmp_path / "feed"
    (of_bare,) = EXPORTS["gtfs"](load_network(bare), bare, tmp_path / "bare.zip")
    import_network(of_bare, tmp_path / "third")
    assert (tmp_path / "third/gtfs/fare_rules.txt").read_bytes() == (folder / "gtfs/fare_rules.txt").read_bytes()


def test_a_feed_used_directly_brings_its_fares(tmp_path: Path) -> None:
    imported = of_feed(tmp_path, "f,2,EUR,0,0,,\n", "f,R,,,\n")
    parameters = imported.parameters.model_dump()
    parameters["network"] = {"folder": str(tmp_path / "feed")}
    bare = build_scenario(ScenarioParameters.model_validate(parameters), tmp_path)
    assert priced(bare.tariff, bare, [ONE, ACD]) == [2, 2]


def test_fares_of_version_2_alone_are_told_as_not_read(tmp_path: Path) -> None:
    """Where there is nothing else, a scenario that counts on them is told what to give in their place."""
    version_2 = {
        "fare_products.txt": "fare_product_id,amount,currency\none,2,EUR\n",
        "fare_leg_rules.txt": "fare_product_id\none\n",
    }
    feed = write_feed(tmp_path / "feed", {**FEED, **version_2})
    report = import_network(feed, tmp_path / "net")
    (entry,) = (one for one in report.entries if one.name == "fares_of_version_2")
    assert "fare_leg_rules.txt, fare_products.txt" in entry.sentence()
    assert "fares of GTFS version 2 are not read: write fares.csv, or give fares.kind" in entry.sentence()
    for folder in ("net", "feed"):
        parameters = ScenarioParameters.model_validate(
            {
                "name": "x",
                "network": {"folder": str(tmp_path / folder)},
                "demand": {"scale": 0},
                "fares": {"kind": "network"},
            }
        )
        with pytest.raises(ScenarioError, match=r"no fares of GTFS version 1 .*, which alone are read"):
            build_scenario(parameters, tmp_path)


def test_bad_fares_in_a_folder_are_told(tmp_path: Path) -> None:
    of_feed(tmp_path, "f,2,EUR,0,0,,\n", "")
    (tmp_path / "net/gtfs/fare_rules.txt").write_text("fare_id,route_id,origin_id\nq,R,1\nf,Q,1\nf,R,99\n")
    with pytest.raises(NetworkError) as raised:
        load_network(tmp_path / "net")
    told = [(problem.line, problem.key, problem.message) for problem in raised.value.problems]
    # A zone that no stop has is no fault: nobody pays for it.
    assert told == [
        (2, "fare_id", "there is no such fare of fare_attributes.txt"),
        (3, "route_id", "there is no such route"),
    ]
