"""Network folders and GTFS feeds: what they mean, and what else is accepted."""

from __future__ import annotations

import zipfile
from typing import get_args

import numpy as np
import pytest
from support.small_network import FILES, changed, write_network

from sim.errors import NetworkError
from sim.loading.network_folder import load_network
from sim.loading.validate import validate_path
from sim.model.parameters import VehicleParameters
from sim.model.service import DwellRuleName

BUS = VehicleParameters(seats=10, capacity=20)


@pytest.fixture
def small(tmp_path):
    return load_network(write_network(tmp_path / "small"))


def test_the_network_is_that_of_the_folder(small):
    network = small.network
    assert (network.name, network.stop_id, network.stop_name) == ("small", ("A", "B", "C"), ("Alpha", "Beta", "Gamma"))
    assert network.link_id == ("ab", "bc", "ca")
    assert network.link_from.tolist() == [0, 1, 2]
    assert network.link_to.tolist() == [1, 2, 0]
    assert network.link_length_m.tolist() == [1000, 2000, 3000]
    assert network.stop_x.tolist() == [0, 1000, 1000]
    assert (network.geographic, network.schematic) == (False, True)
    assert network.notes == ("gmns/node.csv: schematic",)


def test_free_running_time_is_observed_then_by_length_and_speed_then_scheduled(small, tmp_path):
    # ab: least of traffic.csv; bc: 2 km at 30 km/h; ca: 3 km at 36 km/h.
    assert small.network.link_running_time_s.tolist() == [150.0, 240.0, 300.0]
    # The timetable keeps its time: 07:05:30 to 07:10:00, the quicker of the two trips.
    assert small.service.patterns[0].pace == (1.0, 270.0 / 240.0)
    without = load_network(write_network(tmp_path, changed("gmns/link.csv", "2000,30", "2000,")))
    assert without.network.link_running_time_s.tolist() == [150.0, 270.0, 300.0]
    assert without.service.patterns[0].pace == ()


def test_a_speed_factor_divides_the_free_running_time(small):
    times = small.network.link_times
    assert times.link.tolist() == [0, 0, 1]
    assert times.start_s.tolist() == [25_200, 28_800, 25_200]
    assert times.end_s.tolist() == [28_800, 32_400, 28_800]
    assert times.running_time_s.tolist() == [200.0, 150.0, 480.0]


def test_the_service_is_that_of_the_first_date_with_most_trips(small):
    service = small.service
    assert service.trip_id == ("t2", "t1")
    # The blank time at B lies between 150 s of free running time, as observed, and 240 s, by the free speed.
    at_b_s = 23_400 + 600 * 150 / (150 + 240)
    assert service.scheduled_departure_s == pytest.approx([23_400, at_b_s, 24_000, 25_200, 25_530, 25_800], abs=1e-5)
    assert service.scheduled_arrival_s == pytest.approx([23_400, at_b_s, 24_000, 25_200, 25_500, 25_800], abs=1e-5)
    assert [pattern.stops for pattern in service.patterns] == [(0, 1, 2)]
    assert [pattern.links for pattern in service.patterns] == [((0,), (1,))]
    assert [service.block_id[block] for block in service.trip_block] == ["t2", "b1"]
    assert (service.lines[0].line_id, service.lines[0].name, service.lines[0].mode) == ("R", "7", "bus")
    kind = service.vehicle_types[0]
    assert (kind.seats, kind.capacity, kind.boarding_s, kind.alighting_s) == (30, 60, 2.5, 1.75)


def test_of_equally_busy_dates_the_first_is_taken(tmp_path):
    dates = "service_id,date,exception_type\nlate,20240105,1\nearly,20240104,1\nend,20240103,1\n"
    trips = FILES["gtfs/trips.txt"].replace("R,week,t1", "R,late,t1").replace("R,week,t2", "R,early,t2")
    changes = {"gtfs/calendar.txt": None, "gtfs/calendar_dates.txt": dates, "gtfs/trips.txt": trips}
    assert load_network(write_network(tmp_path, changes)).service.trip_id == ("t3",)


def test_trips_that_leave_together_are_sorted_by_id(tmp_path):
    times = (
        FILES["gtfs/stop_times.txt"]
        .replace("t2,06:30:00,06:30:00", "t2,07:00:00,07:00:00")
        .replace("t2,06:40:00,06:40:00", "t2,07:10:00,07:10:00")
    )
    for name, order in (
        ("a", ["R,week,t1,0,b1,bus", "R,week,t2,0,,bus"]),
        ("b", ["R,week,t2,0,,bus", "R,week,t1,0,b1,bus"]),
    ):
        trips = "\n".join(
            ["route_id,service_id,trip_id,direction_id,block_id,vehicle_type", *order, "R,end,t3,1,b1,bus\n"]
        )
        changes = {"gtfs/stop_times.txt": times, "gtfs/trips.txt": trips}
        assert load_network(write_network(tmp_path / name, changes)).service.trip_id == ("t1", "t2")


def test_another_date_runs_other_trips(tmp_path):
    loaded = load_network(write_network(tmp_path), date="2024-01-06")
    assert loaded.service.trip_id == ("t3",)
    assert loaded.service.patterns[0].direction_id == 1


def test_exceptions_of_the_calendar_add_and_remove_services(tmp_path):
    dates = "service_id,date,exception_type\nend,20240102,1\nweek,20240102,2\n"
    folder = write_network(tmp_path, {"gtfs/calendar_dates.txt": dates})
    assert load_network(folder, date="2024-01-02").service.trip_id == ("t3",)
    assert load_network(folder, date="2024-01-03").service.trip_id == ("t2", "t1")


def test_a_calendar_of_dates_alone_is_enough(tmp_path):
    dates = "service_id,date,exception_type\nweek,20240103,1\nend,20240102,1\n"
    folder = write_network(tmp_path, {"gtfs/calendar.txt": None, "gtfs/calendar_dates.txt": dates})
    assert load_network(folder).service.trip_id == ("t2", "t1")


def test_frequencies_repeat_a_trip_up_to_their_end(tmp_path):
    table = "trip_id,start_time,end_time,headway_secs\nt1,06:00:00,06:30:00,600\nt1,06:30:00,07:00:00,900\n"
    service = load_network(write_network(tmp_path, {"gtfs/frequencies.txt": table})).service
    assert service.trip_id == (
        "t1@06:00:00",
        "t1@06:10:00",
        "t1@06:20:00",
        "t1@06:30:00",
        "t2",
        "t1@06:45:00",
    )
    first = service.scheduled_arrival_s[:3]
    assert first.tolist() == [21_600, 21_900, 22_200]
    assert len(set(service.trip_block.tolist())) == 6


def test_the_demand_is_that_of_the_folder(small):
    demand = small.demand
    assert demand.origin.tolist() == [0, 0, 0]
    assert demand.destination.tolist() == [1, 2, 2]
    assert demand.commuters.tolist() == [4, 3, 5]
    assert demand.start_s.tolist() == [21_600, 21_600, 25_200]
    assert demand.series[1] == demand.series[2] != demand.series[0]


def test_every_file_read_is_in_the_hashes(small):
    assert {name for name, _ in small.input_hashes} == {f"small/{name}" for name in FILES}


def test_unknown_columns_are_kept_and_mentioned(tmp_path):
    folder = write_network(tmp_path, {"vehicles.csv": "vehicle_type,seats,capacity,colour,dors\nbus,30,60,red,2\n"})
    mentions = [str(mention) for mention in load_network(folder).mentions]
    assert len(mentions) == 2
    assert "vehicles.csv:1: colour: unknown column" in mentions[0]
    assert "(did you mean 'doors'?)" in mentions[1]


def test_a_stop_without_a_line_is_mentioned_and_no_problem_unless_somebody_wants_to_go_there(tmp_path):
    stops = changed("gtfs/stops.txt", "C,Gamma,,\n", "C,Gamma,,\nD,Delta,,\n")
    loaded = load_network(write_network(tmp_path / "a", stops))
    assert "no line serves these stops: D" in str(loaded.mentions[0])
    demand = changed("demand/od.csv", "A,B,06", "A,D,06")
    with pytest.raises(NetworkError, match=r"od\.csv:2: destination_stop_id: no line serves this stop"):
        load_network(write_network(tmp_path / "b", {**stops, **demand}))


def test_people_may_live_where_only_a_walk_link_leads(tmp_path):
    files = {
        **changed("gtfs/stops.txt", "C,Gamma,,\n", "C,Gamma,,\nD,Delta,,\n"),
        **changed("demand/od.csv", "A,B,06", "A,D,06"),
        "gmns/node.csv": FILES["gmns/node.csv"] + "D,0,0\n",
        "gmns/link.csv": (
            "link_id,from_node_id,to_node_id,length,allowed_uses\n"
            "ab,A,B,1000,bus\nbc,B,C,1000,bus\nba,B,A,1000,bus\ncb,C,B,1000,bus\nbd,B,D,300,walk\n"
        ),
    }
    loaded = load_network(write_network(tmp_path, files))
    assert loaded.mentions == ()
    assert loaded.network.foot is not None
    assert loaded.network.foot.link_length_m.tolist() == [300.0]


def test_stations_and_entrances_are_no_stops(tmp_path):
    stops = "stop_id,stop_name,location_type\nS,Station,1\nA,Alpha,0\nE,Door,2\nB,Beta,\nC,Gamma,\n"
    loaded = load_network(write_network(tmp_path, {"gtfs/stops.txt": stops}))
    assert loaded.network.stop_id == ("A", "B", "C")


def test_degrees_go_before_drawn_positions(tmp_path):
    stops = "stop_id,stop_name,stop_lat,stop_lon\nA,,0,0\nB,,0,1\nC,,1,1\n"
    network = load_network(write_network(tmp_path, {"gtfs/stops.txt": stops})).network
    assert (network.geographic, network.schematic) == (True, False)
    assert network.stop_x.tolist() == [0, 1, 1]
    assert network.stop_name == ("A", "B", "C")


def test_only_the_agencies_and_lines_wanted_run(tmp_path):
    more = {
        "gtfs/agency.txt": FILES["gtfs/agency.txt"] + "two,Two,https://example.org,UTC\n",
        "gtfs/routes.txt": FILES["gtfs/routes.txt"] + "S,two,8,1\n",
        **changed("gtfs/trips.txt", "R,week,t2", "S,week,t2"),
    }
    folder = write_network(tmp_path, more)
    assert load_network(folder, agencies=["two"]).service.trip_id == ("t2",)
    assert load_network(folder, agencies=["two"]).service.lines[0].mode == "metro"
    assert load_network(folder, lines=["R"]).service.trip_id == ("t1",)
    with pytest.raises(NetworkError, match=r"no agency 'tow' \(did you mean 'two'\?\); it has one, two"):
        load_network(folder, agencies=["tow"])
    with pytest.raises(NetworkError, match="no line 'Q'; it has R, S"):
        load_network(folder, lines=["Q"])


def test_a_bare_feed_is_a_network_of_its_stop_to_stop_links(tmp_path):
    stops = "stop_id,stop_name,stop_lat,stop_lon\nA,,1,0\nB,,2,0\nC,,3,0\n"
    feed = {name: text for name, text in FILES.items() if name.startswith("gtfs/")}
    trips = feed["gtfs/trips.txt"].replace(",vehicle_type", "").replace(",bus", "")
    folder = tmp_path / "feed"
    folder.mkdir()
    for name, text in {**feed, "gtfs/stops.txt": stops, "gtfs/trips.txt": trips}.items():
        (folder / name.removeprefix("gtfs/")).write_text(text, encoding="utf-8")
    loaded = load_network(folder, vehicles={"tram": BUS})
    assert loaded.network.link_id == ("A>B", "B>C")
    assert loaded.network.link_running_time_s.tolist() == [300.0, 270.0]
    # One degree on a sphere of the earth's mean radius.
    assert loaded.network.link_length_m == pytest.approx([111_195.08] * 2, rel=1e-6)
    assert loaded.service.vehicle_types[0].vehicle_type == "tram"
    assert len(loaded.demand) == 0
    assumed = load_network(folder)
    assert [kind.vehicle_type for kind in assumed.service.vehicle_types] == ["bus"]
    assert any("its figures are assumed" in str(mention) for mention in assumed.mentions)
    assert assumed.network.notes == ("vehicles.csv: assumed",)

    archive = tmp_path / "feed.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for table in folder.iterdir():
            file.writestr(f"__MACOSX/{table.name}", b"\x00")
            file.writestr(f"inner/{table.name.capitalize()}", table.read_bytes())
    zipped = load_network(archive, vehicles={"tram": BUS})
    assert zipped.network.link_id == loaded.network.link_id
    assert np.array_equal(zipped.service.scheduled_arrival_s, loaded.service.scheduled_arrival_s)
    assert validate_path(archive).kind == "gtfs"
    assert validate_path(archive).ok


def test_vehicle_types_of_a_scenario_replace_those_of_the_folder(tmp_path):
    service = load_network(write_network(tmp_path), vehicles={"bus": BUS}).service
    assert [kind.capacity for kind in service.vehicle_types] == [20]
    assert service.trip_capacity.tolist() == [20, 20]


def test_with_two_types_every_trip_must_name_one(tmp_path):
    two = {"vehicles.csv": "vehicle_type,seats,capacity\nbus,30,60\ntram,60,160\n"}
    trips = changed("gtfs/trips.txt", "t1,0,b1,bus", "t1,0,b1,tram")
    assert load_network(write_network(tmp_path / "a", {**two, **trips})).service.trip_capacity.tolist() == [60, 160]
    blank = changed("gtfs/trips.txt", "t1,0,b1,bus", "t1,0,b1,")
    with pytest.raises(NetworkError, match=r"trips\.txt:2: vehicle_type: .*known are bus, tram"):
        load_network(write_network(tmp_path / "b", {**two, **blank}))


def test_lengths_without_positions_follow_from_running_time(tmp_path):
    folder = write_network(tmp_path, {"gmns/node.csv": None, "gmns/link.csv": None, "traffic.csv": None})
    network = load_network(folder).network
    assert np.isnan(network.stop_x).all()
    assert network.link_id == ("A>B", "B>C")
    assert network.link_length_m.tolist() == [2500.0, 2250.0]


def test_rows_may_stand_in_any_order(tmp_path):
    header, *rows = FILES["gtfs/stop_times.txt"].splitlines()
    shuffled = "\n".join([header, *sorted(rows, key=lambda row: row[::-1])]) + "\n"
    other = load_network(write_network(tmp_path / "a", {"gtfs/stop_times.txt": shuffled})).service
    service = load_network(write_network(tmp_path / "b")).service
    assert np.array_equal(other.scheduled_departure_s, service.scheduled_departure_s)
    assert other.trip_id == service.trip_id


def test_problems_of_several_files_are_told_at_once(tmp_path):
    broken = {
        **changed("vehicles.csv", "bus,30,60", "bus,30,0"),
        **changed("gtfs/stops.txt", "B,Beta", "A,Beta"),
        **changed("demand/od.csv", "A,B,06:00:00,07:00:00,4", "A,B,06:00:00,07:00:00,-4"),
        "SOURCE.md": None,
    }
    with pytest.raises(NetworkError) as caught:
        load_network(write_network(tmp_path, broken))
    files = {problem.file.rsplit("/", maxsplit=1)[-1] for problem in caught.value.problems}
    assert {"vehicles.csv", "stops.txt", "od.csv", "SOURCE.md"} <= files


def test_vehicles_csv_names_every_dwell_rule(tmp_path):
    rules = get_args(DwellRuleName)
    columns = "vehicle_type,seats,capacity,dwell_rule,dwell_per_headway,fare_payment,alighting_door,standee_friction_s"
    rows = [f"{rule},1,2,{rule},0.25,{'ticket,front' if rule in ('sum', 'max') else ','}," for rule in rules]
    folder = write_network(
        tmp_path / "small",
        {
            "vehicles.csv": "\n".join([columns, *rows]) + "\n",
            "gtfs/trips.txt": FILES["gtfs/trips.txt"].replace(",bus\n", ",headway\n"),
        },
    )
    kinds = {kind.vehicle_type: kind for kind in load_network(folder).service.vehicle_types}
    assert {name: kind.dwell_rule for name, kind in kinds.items()} == {rule: rule for rule in rules}
    assert kinds["headway"].dwell_per_headway == 0.25
    paid = kinds["max"]
    assert (paid.boarding_s, paid.alighting_s, paid.standee_friction_s) == (3.0, 2.5, 0.5)
    assert (kinds["dueker"].boarding_s, kinds["dueker"].standee_friction_s) == (2.0, 0.0)
