"""The feed of a simulated day, read back by the bindings that other programs use."""

from __future__ import annotations

from pathlib import Path

import pytest
from google.transit import gtfs_realtime_pb2 as realtime
from support.served import Served, write_comparison

from sim.model.fullness import occupancy_word
from sim.records.folder import read_run_folder

FEED = "/api/v1/runs/served/trip-updates.pb"
MIDNIGHT_S = 1767571200  # 2026-01-05 00:00 UTC


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory) -> Path:
    return write_comparison(tmp_path_factory.mktemp("realtime"))


def read(served: Served, query: str) -> realtime.FeedMessage:
    answer = served.ask(f"{FEED}?{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-protobuf"
    message = realtime.FeedMessage()
    message.ParseFromString(answer.content)
    assert message.IsInitialized()
    return message


def test_a_feed_read_back_says_what_the_table_says(run_folder):
    message = read(Served(run_folder), "strategy=none&at=07:30&date=2026-01-05")
    assert message.header.gtfs_realtime_version == "2.0"
    assert message.header.timestamp == MIDNIGHT_S + 7.5 * 3600
    visits = read_run_folder(run_folder).tables()["stop_visits"]
    own = visits.where(visits.equals("strategy", "none") & (visits["replication"] == 0))
    trips, stops = own.text("trip_id"), own.text("stop_id")
    told = {
        (entity.trip_update.trip.trip_id, update.stop_sequence): (entity.trip_update, update)
        for entity in message.entity
        for update in entity.trip_update.stop_time_update
    }
    begins = {trip: own["arrival_s"][trips == trip].min() for trip in set(trips)}
    expected = {
        row: (trips[row], int(own["stop_sequence"][row]))
        for row in range(len(own))
        if own["departure_s"][row] >= 7.5 * 3600 and begins[trips[row]] <= 8.5 * 3600
    }
    assert set(expected.values()) == told.keys()
    for row, key in expected.items():
        trip, update = told[key]
        assert update.stop_id == stops[row]
        assert trip.trip.route_id == "A"
        assert trip.trip.start_date == "20260105"
        assert abs(update.departure.time - MIDNIGHT_S - own["departure_s"][row]) <= 0.5
        assert abs(update.arrival.delay - (own["arrival_s"][row] - own["scheduled_arrival_s"][row])) <= 0.5
        word = occupancy_word(
            own["departing_load"][row] / own["capacity"][row], own["seats"][row] / own["capacity"][row]
        )
        assert update.departure_occupancy_status == realtime.VehiclePosition.OccupancyStatus.Value(word)


def test_a_feed_before_and_after_the_day_is_empty_and_whole(run_folder):
    served = Served(run_folder)
    assert len(read(served, "strategy=none&at=03:00").entity) == 0
    assert len(read(served, "strategy=coordinated&at=39:59").entity) == 0


def test_a_feed_can_be_of_any_day_that_posix_knows(run_folder):
    served = Served(run_folder)
    assert read(served, "strategy=none&at=00:00&date=1970-01-01").header.timestamp == 0
    late = read(served, "strategy=none&at=07:30&date=9999-12-31")
    assert late.entity[0].trip_update.trip.start_date == "99991231"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("strategy=nobody", 404),
        ("", 422),
        ("strategy=none&at=noon", 422),
        ("strategy=none&date=2026-02-31", 422),
        ("strategy=none&date=1969-12-31", 422),
        ("strategy=none&date=0015-01-01", 422),
    ],
)
def test_a_wrong_question_for_a_feed_is_refused(run_folder, query, status):
    assert Served(run_folder).ask(f"{FEED}?{query}").status_code == status
