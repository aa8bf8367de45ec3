"""A simulated day as GTFS-Realtime: trip updates with how full vehicles are, for programs that read such feeds."""

from __future__ import annotations

from datetime import date as date_type
from typing import Any, Final

import numpy as np
from google.transit import gtfs_realtime_pb2 as realtime

from sim.app.load_view import shown_day
from sim.app.run_library import ServedRun
from sim.model.fullness import occupancy_word
from sim.records.table import Table
from sim.units import DAY_S

AHEAD_S: Final = 3600.0
"""Trips that begin later than this are left out, as of a feed in service; assumed."""

_VERSION: Final = "2.0"


def trip_updates(run: ServedRun, strategy: str, at_s: float, date: date_type) -> bytes:
    """Return what a feed of trip updates would say at a time of the day that is shown.

    A stop that a vehicle has left is no longer told. What is told of the rest is what will happen: a simulated day is
    known to its end. Times count from midnight in UTC, since a run knows no time zone.

    Parameters
    ----------
    run : ServedRun
    strategy : str
    at_s : float
        Seconds after midnight.
    date : date
        The day it shall be, from 1970 on.

    Returns
    -------
    bytes
        A FeedMessage.
    """
    midnight_s = (date - date_type(1970, 1, 1)).days * int(DAY_S)
    visits = shown_day(run, strategy)
    message: Any = realtime.FeedMessage()
    message.header.gtfs_realtime_version = _VERSION
    message.header.incrementality = realtime.FeedHeader.FULL_DATASET
    message.header.timestamp = midnight_s + int(at_s)
    known = np.flatnonzero(np.isfinite(visits["arrival_s"]) & np.isfinite(visits["departure_s"]))
    visits = visits.where(known)
    starts = np.flatnonzero(np.diff(visits["trip_id"], prepend=-1))
    for first, end in zip(starts.tolist(), [*starts[1:].tolist(), len(visits)], strict=True):
        if visits["arrival_s"][first] <= at_s + AHEAD_S and visits["departure_s"][end - 1] >= at_s:
            _add_trip(message, visits, first, end, at_s, midnight_s, f"{date.year:04d}{date:%m%d}")
    return bytes(message.SerializeToString())


def _add_trip(message: Any, visits: Table, first: int, end: int, at_s: float, midnight_s: int, date: str) -> None:
    def name(column: str) -> str:
        return visits.categories[column][int(visits[column][first])]

    entity = message.entity.add(id=name("trip_id"))
    update = entity.trip_update
    update.trip.trip_id = name("trip_id")
    update.trip.start_date = date
    update.trip.route_id = name("line_id")
    update.trip.direction_id = int(visits["direction_id"][first])
    update.trip.schedule_relationship = realtime.TripDescriptor.SCHEDULED
    update.vehicle.id = name("block_id")
    update.timestamp = midnight_s + int(at_s)
    stops = visits.categories["stop_id"]
    for row in range(first, end):
        if visits["departure_s"][row] < at_s:
            continue
        told = update.stop_time_update.add(
            stop_sequence=int(visits["stop_sequence"][row]), stop_id=stops[int(visits["stop_id"][row])]
        )
        for event, column in ((told.arrival, "arrival_s"), (told.departure, "departure_s")):
            event.time = midnight_s + round(float(visits[column][row]))
            due_s = float(visits[f"scheduled_{column}"][row])
            if np.isfinite(due_s):
                event.delay = round(float(visits[column][row]) - due_s)
        places = max(float(visits["capacity"][row]), 1.0)
        word = occupancy_word(float(visits["departing_load"][row]) / places, float(visits["seats"][row]) / places)
        told.departure_occupancy_status = realtime.VehiclePosition.OccupancyStatus.Value(word)
