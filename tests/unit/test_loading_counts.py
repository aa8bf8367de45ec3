"""Files of counts: matched to the vehicles of a scenario, and refused in a sentence where they cannot be."""

from __future__ import annotations

import gzip
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from google.transit import gtfs_realtime_pb2 as realtime
from support.small_network import FILES, write_network

from sim.errors import ScenarioError
from sim.loading.scenario import scenario_of_mapping
from sim.model.scenario import Scenario

HEAD = "line,stop,time,direction,boardings,alightings,load\n"


@pytest.fixture(scope="module", autouse=True)
def network(tmp_path_factory) -> Path:
    """Both directions of a line of three stops, called Ring, and a second line; a vehicle every 20 min."""
    folder, ways = tmp_path_factory.mktemp("network"), [("A", 0, "abc"), ("A", 1, "cba"), ("B", 0, "ade")]
    trips, times = (
        ["route_id,service_id,trip_id,direction_id,vehicle_type"],
        ["trip_id,arrival_time,departure_time,stop_id,stop_sequence"],
    )
    for line, direction, stops in ways:
        for number in range(6):
            trip = f"{line}{direction}-{number}"
            trips.append(f"{line},week,{trip},{direction},bus")
            for place, stop in enumerate(stops):
                minute = 6 * 60 + 20 * number + 10 * place
                clock = f"{minute // 60:02d}:{minute % 60:02d}:00"
                times.append(f"{trip},{clock},{clock},{stop},{place + 1}")
    write_network(
        folder,
        {
            **dict.fromkeys(FILES),
            "SOURCE.md": FILES["SOURCE.md"],
            "vehicles.csv": "vehicle_type,seats,capacity\nbus,10,20\n",
            "gtfs/agency.txt": FILES["gtfs/agency.txt"],
            "gtfs/calendar.txt": FILES["gtfs/calendar.txt"],
            "gtfs/stops.txt": "stop_id,stop_name,stop_lat,stop_lon\n" + "".join(f"{one},{one},,\n" for one in "abcde"),
            "gtfs/routes.txt": "route_id,agency_id,route_short_name,route_type\nA,one,Ring,3\nB,one,B,3\n",
            "gtfs/trips.txt": "\n".join(trips) + "\n",
            "gtfs/stop_times.txt": "\n".join(times) + "\n",
        },
    )
    NETWORK.append(folder)
    return folder


NETWORK: list[Path] = []


def scenario(
    *files: Path, network: dict[str, Any] | None = None, base: dict[str, Any] | None = None, **more: Any
) -> Scenario:
    """Return a scenario with counts."""
    pieces = [{"start": "06:00", "end": "07:00", "commuters": 1}]
    return scenario_of_mapping(
        {
            "name": "counts",
            "network": network or {"folder": str(NETWORK[-1])},
            "demand": {"flows": [{"origin": "a", "destination": "c", "pieces": pieces}]},
            "advisor": {"forecast": {"counts": {"files": [str(file) for file in files]}, **more}},
            **(base or {}),
        }
    )


def written(tmp_path: Path, *rows: str, head: str = HEAD) -> Path:
    file = tmp_path / "counts.csv"
    file.write_text(head + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return file


def test_rows_are_of_the_vehicles_nearest_in_time_each_of_its_own(tmp_path):
    """Both rows are nearest to the vehicle due at 06:20; only one of them can be of it."""
    file = written(tmp_path, "A,a,06:14,0,3,0,", "ring,a,06:28,0,4,0,", "B,a,06:00,,7,0,", "A,b,06:25,0,1,2,")
    (day,) = scenario(file).counted.days
    found = scenario(file)
    service = found.service
    told = {
        (service.lines[service.patterns[service.trip_pattern[service.visit_trip[visit]]].line].line_id,
         found.network.stop_id[service.visit_stop[visit]],
         float(service.scheduled_departure_s[visit])): (load, boardings)
        for visit, load, boardings in zip(day.visit.tolist(), day.load.tolist(), day.boardings.tolist(), strict=True)
    }  # fmt: skip
    at = {key: value for key, value in told.items() if key[0] == "A" and key[1] == "a"}
    assert at == {("A", "a", 22800.0): (3.0, 3.0), ("A", "a", 24000.0): (4.0, 4.0)}
    assert told["B", "a", 21600.0] == (7.0, 7.0)


def test_loads_follow_from_boardings_and_alightings_where_all_stops_before_were_counted(tmp_path):
    file = written(tmp_path, "A,a,06:00,0,8,0,", "A,b,06:10,0,3,5,", "A,b,06:30,0,3,5,", "A,b,06:50,0,1,2,9")
    counted = scenario(file).counted
    (day,) = counted.days
    assert np.array_equal(day.load, [8.0, 6.0, np.nan, 9.0], equal_nan=True)
    (note,) = counted.notes
    assert "1 of 4 rows tell boardings and no load" in note


def test_counters_that_miss_people_leave_nobody_on_board_and_are_told(tmp_path):
    # A blank cell, or one of people of the trip before, at the first stop says nothing: nobody was on board.
    file = written(tmp_path, "A,a,06:00,0,2,,", "A,b,06:10,0,1,3,", "A,c,06:20,0,0,1,", "B,a,06:00,0,4,6,")
    counted = scenario(file).counted
    (day,) = counted.days
    assert day.load.tolist() == [2.0, 1.0, 0.0, 4.0]
    (note,) = counted.notes
    assert "in 2 of 4 rows more get out than were on board" in note


def test_times_of_a_table_tell_how_late_vehicles_were(tmp_path):
    """Of a time in whole minutes the second nearest to the timetable: 06:00 is on time, 06:19 is a second early."""
    rows = "A,a,06:02:10,0,1,0,", "A,b,06:09:30,0,1,0,", "A,a,06:19,0,1,0,", "A,a,06:40,0,1,0,", "A,a,07:05,0,1,0,"
    (day,) = scenario(written(tmp_path, *rows)).counted.days
    assert day.late_s.tolist() == [130.0, -30.0, -1.0, 0.0, 300.0]


def test_days_are_told_apart_by_date_and_files_go_together(tmp_path):
    first = written(tmp_path, "2026-03-02,B,a,06:00,5", "2026-03-03,B,a,06:00,6", head="date,line,stop,time,load\n")
    second = tmp_path / "more.csv"
    second.write_text("date,line,stop,time,load\n2026-03-03,B,d,06:10,4\n", encoding="utf-8")
    found = scenario(first, second)
    assert [(day.date, day.load.tolist()) for day in found.counted.days] == [
        ("2026-03-02", [5.0]),
        ("2026-03-03", [6.0, 4.0]),
    ]
    assert {"counts.csv", "more.csv"} <= {name for name, _ in found.input_hashes}


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        (["X,a,06:00,,1,0,1"], "line: there is no line 'X'"),
        (["A,x,06:00,,1,0,1"], "stop: there is no stop 'x'"),
        ([",a,06:00,,1,0,1"], "line: must name a line"),
        (["B,c,06:00,,1,0,1"], "stop: the line does not stop there"),
        (["A,b,06:00,,1,0,1"], "direction: vehicles of both directions stop there; give 0 or 1"),
        (["A,b,06:00,2,1,0,1"], "direction: the line stops there in direction 0, 1"),
        (["B,a,6h,,1,0,1"], "time:"),
        (["B,a,06:00,,-1,0,1"], "boardings: must be at least 0"),
        (["B,a,06:00,,many,0,1"], "boardings: a number is wanted"),
        (["B,a,06:00,,nan,0,1"], "boardings: a number is wanted"),
        (["B,a,06:00,,,3,"], "load: a row needs a load, or boardings"),
        (["B,a,06:00,,1,0,300"], "load: more than 3 times the 20 places of the vehicle"),
        (["B,a,12:00,,1,0,1"], "time: no vehicle without another row is due there within 30 min"),
        (["B,a,06:00,,1,0,1"] * 7, "time: 7 rows for the 6 vehicles there are on that day"),
    ],
)
def test_what_is_wrong_with_a_row_is_told_with_its_line(tmp_path, rows, wanted):
    with pytest.raises(ScenarioError) as refused:
        scenario(written(tmp_path, *rows))
    (first, *_) = refused.value.problems
    assert wanted in str(first)
    assert first.line >= 2
    assert first.file.endswith("counts.csv")


def test_a_trip_is_named_by_its_id(tmp_path):
    head, trip = "line,stop,time,trip,load\n", scenario().service.trip_id
    of_b = next(name for name in trip if name.startswith("B"))
    (day,) = scenario(written(tmp_path, f"B,d,09:00,{of_b},4", head=head)).counted.days
    assert day.load.tolist() == [4.0]
    with pytest.raises(ScenarioError, match="trip: the scenario has no trip 'B-x'"):
        scenario(written(tmp_path, "B,d,09:00,B-x,4", head=head))
    with pytest.raises(ScenarioError, match="trip: the trip does not stop there"):
        scenario(written(tmp_path, f"A,c,09:00,{of_b},4", head=head))


def test_two_rows_of_one_vehicle_are_told(tmp_path):
    head = "line,stop,time,trip,load\n"
    first = next(name for name in scenario().service.trip_id if name.startswith("B"))
    with pytest.raises(ScenarioError, match="time: another row is of the same vehicle on that day") as refused:
        scenario(written(tmp_path, "B,a,06:00,,4", f"B,a,06:00,{first},5", head=head))
    assert [problem.line for problem in refused.value.problems] == [3]


def test_unknown_trips_are_told_a_hundred_at_most(tmp_path):
    rows = [f"B,a,06:00,x{number},4" for number in range(400)]
    with pytest.raises(ScenarioError) as refused:
        scenario(written(tmp_path, *rows, head="line,stop,time,trip,load\n"))
    assert len(refused.value.problems) <= 101


@pytest.mark.parametrize(
    ("name", "content", "wanted"),
    [
        ("counts.csv", "", "header"),
        ("counts.csv", "line,stop,load\n", "needs columns line, stop, time; missing: time"),
        ("counts.csv", "line,stop,time\nA,a,06:00\n", "needs a column load, or boardings and alightings"),
        ("counts.csv", "line,stop,time,load\n", "there are no rows"),
        ("counts.xls", "x", "counts are a table (.csv), or GTFS-Realtime"),
        ("feed.pb", "\x0a\x03no message", "feed.pb: this is no message of GTFS-Realtime"),
        ("feed.zip", "no zip", "cannot be read"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(tmp_path, name, content, wanted):
    file = tmp_path / name
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ScenarioError) as refused:
        scenario(file)
    assert wanted in str(refused.value)


def test_files_that_are_not_there_are_told(tmp_path):
    with pytest.raises(ScenarioError, match=r"advisor\.forecast\.counts\.files.0.*there is no such file"):
        scenario(tmp_path / "none.csv")
    with pytest.raises(ScenarioError, match=r"the folder has no \.pb or \.pb\.gz file"):
        scenario(tmp_path)
    with pytest.raises(ScenarioError, match=r"advisor\.forecast\.counts\.share: has no effect without files"):
        scenario(counts={"share": 0.7})


def test_counts_do_not_go_round_privacy(tmp_path):
    """Vehicles that nobody counted are as simulated, each by itself: whoever may not see those may not have counts."""
    file = written(tmp_path, "B,a,06:00,,1,0,1")
    for hidden in ({"coverage": 0.5}, {"privacy": {"mechanism": "discrete_laplace", "epsilon": 1.0}}):
        with pytest.raises(ScenarioError, match="cannot be used together with coverage below 1 or a privacy mechanism"):
            scenario(file, **hidden)


def feed(trip: str, at_s: int, **vehicle: Any) -> bytes:
    message = realtime.FeedMessage()
    message.header.gtfs_realtime_version, message.header.timestamp = "2.0", 1772409600 + at_s
    told = message.entity.add(id="one").vehicle
    told.trip.trip_id = trip
    for name, value in vehicle.items():
        setattr(told, name, value)
    return bytes(message.SerializeToString())


def test_positions_tell_how_full_a_vehicle_left_the_stop_before(tmp_path):
    """A zip and a folder of messages say the same; of two that speak of the same stop the later one counts."""
    trip = next(name for name in scenario().service.trip_id if name.startswith("B"))
    status = realtime.VehiclePosition
    messages = [
        feed(trip, 60, stop_id="d", current_status=status.IN_TRANSIT_TO, occupancy_percentage=20),
        feed(trip, 120, stop_id="d", current_status=status.IN_TRANSIT_TO, occupancy_percentage=45),
        feed(trip, 600, stop_id="d", current_status=status.STOPPED_AT, occupancy_status=status.FULL),
        feed("other", 600, stop_id="d", current_status=status.STOPPED_AT, occupancy_status=status.FULL),
        feed(trip, 900, stop_id="e", current_status=status.IN_TRANSIT_TO, occupancy_status=status.NO_DATA_AVAILABLE),
    ]
    folder = tmp_path / "archive"
    folder.mkdir()
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as packed:
        for number, message in enumerate(messages):
            (folder / f"{9 - number}.pb").write_bytes(message)
            packed.writestr(f"{number}.pb", message)
    for archive in (folder, tmp_path / "archive.zip"):
        counted = scenario(archive).counted
        (day,) = counted.days
        assert day.date == "20260302"
        assert day.load.tolist() == [9.0, 20.0]
        assert counted.notes == (
            f"{archive}: 1 of 2 trips are none of the scenario",
            f"{archive}: 1 of 4 positions tell no occupancy that can be used",
        )


@pytest.mark.parametrize(
    "day", ["20249999", "00000000", "".join(chr(0xFF10 + int(digit)) for digit in "20260302"), "soon"]
)
def test_a_day_that_is_none_is_that_of_the_message(tmp_path, day):
    message = realtime.FeedMessage()
    message.header.gtfs_realtime_version, message.header.timestamp = "2.0", 1772409600
    update = message.entity.add(id="one").trip_update
    update.trip.trip_id = next(name for name in scenario().service.trip_id if name.startswith("B"))
    update.trip.start_date = day
    told = update.stop_time_update.add(stop_id="d")
    told.departure.time = 1772409600 + 6 * 3600
    told.departure_occupancy_status = realtime.VehiclePosition.FULL
    (tmp_path / "feed.PB").write_bytes(message.SerializeToString())
    for archive in (tmp_path / "feed.PB", tmp_path):
        (found,) = scenario(archive).counted.days
        assert found.date == "20260302"


def test_a_feed_of_other_trips_is_told_so(tmp_path):
    file = tmp_path / "feed.pb"
    file.write_bytes(feed("other", 0, stop_id="a", occupancy_percentage=20))
    with pytest.raises(ScenarioError, match="none of its 1 trips is one of the scenario \\(the first: other\\)"):
        scenario(file)


def test_a_word_stands_for_a_load_by_the_seats_of_the_vehicle(tmp_path):
    """Few seats are free in a coach of 20 seats from 12 taken to 19.6; in a bus of 10 seats from 6 taken to 10."""
    file, trip = tmp_path / "feed.pb", next(name for name in scenario().service.trip_id if name.startswith("B"))
    few = realtime.VehiclePosition.FEW_SEATS_AVAILABLE
    stands = realtime.VehiclePosition.STOPPED_AT
    file.write_bytes(feed(trip, 60, stop_id="d", current_status=stands, occupancy_status=few))
    (bus,) = scenario(file).counted.days
    assert bus.load.tolist() == [8.0]
    coach = tmp_path / "coach"
    shutil.copytree(NETWORK[-1], coach)
    (coach / "vehicles.csv").write_text("vehicle_type,seats,capacity\nbus,20,20\n", encoding="utf-8")
    (day,) = scenario(file, network={"folder": str(coach)}).counted.days
    assert day.load.tolist() == [pytest.approx(15.8)]


MONDAY_S = 1772409600
"""Midnight of 2 March 2026 in UTC, in seconds of Unix."""


def update(trip: str, sent_s: int, *stops: tuple[str, int], **named: Any) -> bytes:
    """A message with an update of a trip: departures from stops, in seconds after midnight of that Monday in UTC."""
    message = realtime.FeedMessage()
    message.header.gtfs_realtime_version, message.header.timestamp = "2.0", MONDAY_S + sent_s
    told = message.entity.add(id="one").trip_update
    told.trip.trip_id = trip
    for name, value in named.items():
        setattr(told.trip, name, value)
    for stop, departs_s in stops:
        told.stop_time_update.add(stop_id=stop).departure.time = MONDAY_S + departs_s
    return bytes(message.SerializeToString())


def packed_as(folder: Path, *messages: bytes) -> Path:
    """Write messages into a folder, in an order that is not theirs in time."""
    folder.mkdir()
    for number, message in enumerate(messages):
        (folder / f"{number}.pb").write_bytes(message)
    return folder


def of_line_b() -> list[str]:
    """Trips of the line on which a vehicle leaves a at 06:00, 06:20 and so on, and d 10 min later."""
    return sorted(trip for trip in scenario().service.trip_id if trip.startswith("B"))


def in_zone(tmp_path: Path, zone: str, rows: str = "") -> Path:
    """The network of the tests in another time zone; with rows of ``frequencies.txt``, if any."""
    folder = tmp_path / "elsewhere"
    shutil.copytree(NETWORK[-1], folder)
    file = folder / "gtfs" / "agency.txt"
    file.write_text(file.read_text(encoding="utf-8").replace(",UTC", f",{zone}"), encoding="utf-8")
    if rows:
        head = "trip_id,start_time,end_time,headway_secs\n"
        (folder / "gtfs" / "frequencies.txt").write_text(head + rows, encoding="utf-8")
    return folder


def test_messages_that_cannot_be_read_are_left_out_and_counted(tmp_path):
    trip = of_line_b()[0]
    good = update(trip, 22000, ("a", 21600))
    archive = packed_as(tmp_path / "archive", b"", good, b"<html>503</html>", feed(trip, 0, stop_id="e"))
    (archive / "4.pb.gz").write_bytes(gzip.compress(update(trip, 22300, ("d", 22260))))
    (archive / "5.pb.gz").write_bytes(gzip.compress(good)[:-12])
    hollow = realtime.FeedMessage()
    hollow.header.gtfs_realtime_version = "2.0"
    (archive / "6.pb").write_bytes(hollow.SerializeToString())
    (archive / "notes.txt").write_text("not one of them", encoding="utf-8")
    counted = scenario(archive).counted
    (day,) = counted.days
    assert day.late_s.tolist() == [0.0, 60.0]
    assert counted.notes == (
        f"{archive}: 3 of 7 messages cannot be read (the first: archive/0.pb)",
        f"{archive}: 1 of 7 messages are empty",
        f"{archive}: 1 of 1 positions tell no occupancy that can be used",
    )


def test_an_archive_of_which_nothing_can_be_read_is_refused(tmp_path):
    with pytest.raises(
        ScenarioError, match=r"none of its 2 files is a message of GTFS-Realtime \(the first: archive/0"
    ):
        scenario(packed_as(tmp_path / "archive", b"", b"<html>503</html>"))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "feed.bin").write_bytes(b"")
    with pytest.raises(ScenarioError, match=r"no \.pb or \.pb\.gz file; it has 1 others \(the first: feed\.bin\)"):
        scenario(tmp_path / "other")


def test_what_is_not_used_is_counted_by_why(tmp_path):
    first, second, third, *_ = of_line_b()
    cancelled = realtime.TripDescriptor.CANCELED
    archive = packed_as(
        tmp_path / "archive",
        update(first, 22000, ("a", 21600), ("nowhere", 21700)),
        update(second, 22000, schedule_relationship=cancelled),
        update("", 22000, ("a", 21600)),
        feed(third, 22000, occupancy_percentage=20),
        feed(third, 22000, stop_id="e", occupancy_percentage=4_000_000_000),
    )
    notes = [note.removeprefix(f"{archive}: ") for note in scenario(archive).counted.notes]
    assert notes == [
        "1 of 5 vehicles and updates name no trip",
        "1 of 2 positions are before the first stop, or at none of their trip",
        "1 of 1 positions tell no occupancy that can be used",
        "1 of 2 stops of updates are none of their trip",
        "1 of 2 updates cancel their trip, which runs as simulated",
    ]


@pytest.mark.parametrize("delay_is_last", [False, True])
def test_of_a_delay_and_a_time_the_one_told_last_counts(tmp_path, delay_is_last):
    trip = of_line_b()[0]
    by_time = update(trip, 700 if not delay_is_last else 500, ("a", 6 * 3600 + 120), start_date="20260302")
    by_delay = realtime.FeedMessage()
    by_delay.header.gtfs_realtime_version, by_delay.header.timestamp = "2.0", MONDAY_S + 600
    told = by_delay.entity.add(id="one").trip_update
    told.trip.trip_id, told.trip.start_date = trip, "20260302"
    told.stop_time_update.add(stop_id="a").departure.delay = 300
    (day,) = scenario(packed_as(tmp_path / "archive", by_time, bytes(by_delay.SerializeToString()))).counted.days
    assert day.late_s.tolist() == [300.0 if delay_is_last else 120.0]


def test_what_a_refused_archive_has_is_said(tmp_path):
    archive = packed_as(tmp_path / "archive", feed(of_line_b()[0], 0, stop_id="e"))
    with pytest.raises(ScenarioError, match=r"how late or how full .*; 1 of 1 positions tell no occupancy"):
        scenario(archive)


def test_vehicles_that_are_all_late_are_late_where_the_feed_has_a_time_zone(tmp_path):
    """Would catch: taking the usual difference from the timetable for the zone, which hides 20 min of it or more."""
    folder = in_zone(tmp_path, "Asia/Shanghai")
    trips = of_line_b()[:3]
    east_s = 8 * 3600
    messages = [
        update(trip, 86000, ("a", 21600 + 1200 * number + 1300 - east_s), start_date="20260302")
        for number, trip in enumerate(trips)
    ]
    (day,) = scenario(packed_as(tmp_path / "archive", *messages), network={"folder": str(folder)}).counted.days
    assert day.late_s.tolist() == [1300.0] * 3


def test_times_far_from_the_zone_of_the_feed_are_taken_by_the_timetable_and_told(tmp_path):
    folder = in_zone(tmp_path, "Asia/Shanghai")
    archive = packed_as(tmp_path / "archive", update(of_line_b()[0], 22000, ("a", 21660), start_date="20260302"))
    counted = scenario(archive, network={"folder": str(folder)}).counted
    assert counted.days[0].late_s.tolist() == [60.0]
    assert counted.notes == (
        f"{archive}: times of 1 of 1 days are +8 h off the feed's time zone, Asia/Shanghai, and are taken to be in the "
        "one that fits the timetable",
    )


@pytest.mark.parametrize(("zone", "ahead_h"), [("Australia/Brisbane", 10), ("America/Los_Angeles", -8), ("", 0)])
def test_a_trip_without_a_date_is_of_the_day_on_which_it_ran(tmp_path, zone, ahead_h):
    """In Brisbane 06:00 is 20:00 of the day before in UTC."""
    folder = in_zone(tmp_path, zone)
    leaves_s = 21600 - ahead_h * 3600
    archive = packed_as(tmp_path / "archive", update(of_line_b()[0], leaves_s + 30, ("a", leaves_s + 60)))
    (day,) = scenario(archive, network={"folder": str(folder)}).counted.days
    assert (day.date, day.late_s.tolist()) == ("20260302", [60.0])


@pytest.mark.parametrize(("date", "midnight_s"), [("20260329", 1774735200), ("20261025", 1792882800)])
def test_a_day_of_the_archive_on_which_clocks_change(tmp_path, date, midnight_s):
    """Times count from twelve hours before noon: in Berlin 22:00 in UTC the day before in spring, 23:00 in autumn."""
    folder = in_zone(tmp_path, "Europe/Berlin")
    late = update(of_line_b()[0], 0, ("a", midnight_s + 21600 + 90 - MONDAY_S), start_date=date)
    counted = scenario(packed_as(tmp_path / "archive", late), network={"folder": str(folder)}).counted
    assert [(day.date, day.late_s.tolist()) for day in counted.days] == [(date, [90.0])]
    assert counted.notes == ()


def test_a_trip_with_frequencies_is_found_by_its_start(tmp_path):
    trip = of_line_b()[0]
    folder = in_zone(tmp_path, "UTC", f"{trip},07:00:00,08:00:00,1800\n")
    archive = packed_as(tmp_path / "archive", update(trip, 27000, ("d", 27630), start_time="7:30:00"))
    found = scenario(archive, network={"folder": str(folder)})
    (day,) = found.counted.days
    assert day.late_s.tolist() == [30.0]
    assert found.service.trip_id[found.service.visit_trip[day.visit[0]]] == f"{trip}@07:30:00"


@pytest.mark.parametrize("numbers_from", [0, 1])
def test_a_vehicle_at_the_end_of_a_ring_is_not_at_its_beginning(tmp_path, numbers_from):
    keys = {
        "lines": [
            {
                "id": "R",
                "stops": ["a", "b", "c", "a"],
                "running_times": ["5 min"] * 3,
                "vehicle": "bus",
                "headway": {"mean": "20 min", "first": "06:00", "trips": 3},
            }
        ]
    }
    base = {"network": keys, "service": {"vehicles": {"bus": {"seats": 10, "capacity": 20}}}}
    status = realtime.VehiclePosition
    told = {"stop_id": "a", "current_stop_sequence": 3 + numbers_from, "current_status": status.STOPPED_AT}
    trip = scenario(base=base).service.trip_id[0]
    archive = packed_as(tmp_path / "archive", feed(trip, 22500, occupancy_percentage=40, **told))
    found = scenario(archive, base=base)
    (day,) = found.counted.days
    assert day.visit.tolist() == [3]
    assert day.load.tolist() == [8.0]
