"""An archive of GTFS-Realtime as counts: how late vehicles were and how full, by what the feed said last of each stop.

Trips are found by their ids, stops by theirs. Delays are taken as they are told; where only times are, the time zone
follows from the timetable: the difference is rounded to quarters of an hour, which all zones keep to.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Final

import numpy as np

from sim.loading.counts.places import CountedPlaces
from sim.loading.gtfs_calendar import parse_date
from sim.loading.problems import ProblemCollector
from sim.model.counted import CountedDay
from sim.model.fullness import OCCUPANCY

_QUARTER_S: Final = 900.0
_FEWEST_SHOWN: Final = 3
_BOUNDS: Final = tuple(limit if math.isfinite(limit) else 1.0 for limit, _ in OCCUPANCY)
LOAD_FACTORS: Final = {
    **{word: (low + high) / 2.0 for (_, word), (low, high) in zip(OCCUPANCY, pairwise((0.0, *_BOUNDS)), strict=True)},
    "EMPTY": 0.0,
    "FULL": 1.0,
    "NOT_ACCEPTING_PASSENGERS": 1.0,
}
"""Load factor that a word of the standard stands for: the middle of what it is used for here."""

_LIBRARY: Final = "reading GTFS-Realtime needs the bindings: pip install 'peakshift[web]'"
_DAY: Final = "%Y%m%d"


def read_realtime(
    messages: Sequence[tuple[str, bytes]], file: str, places: CountedPlaces, collector: ProblemCollector
) -> tuple[list[CountedDay], list[str]]:
    """Read messages of trip updates and vehicle positions.

    Parameters
    ----------
    messages : sequence of (str, bytes)
        Name and content of each.
    file : str
        The archive, for messages.
    places : CountedPlaces
    collector : ProblemCollector
        Takes up what is wrong.

    Returns
    -------
    list of CountedDay
        By date; none where something is wrong.
    list of str
        What was not used, and why.
    """
    try:
        from google.protobuf.message import DecodeError
        from google.transit import gtfs_realtime_pb2 as bindings
    except ImportError:
        collector.problem(file, _LIBRARY)
        return [], []
    archive, feeds = _Archive(places), []
    for name, data in messages:
        feed: Any = bindings.FeedMessage()
        try:
            feed.ParseFromString(data)
        except DecodeError:
            collector.problem(file, f"{name} is no message of GTFS-Realtime")
            continue
        feeds.append(feed)
    for feed in sorted(feeds, key=lambda feed: int(feed.header.timestamp)):
        archive.take(feed, bindings)
    if not archive.rows and not collector.problems:
        collector.problem(file, archive.nothing())
    return list(archive.days()), archive.notes(file)


class _Archive:
    """What was said last of each vehicle at each stop.

    Parameters
    ----------
    places : CountedPlaces
    """

    def __init__(self, places: CountedPlaces) -> None:
        self.places = places
        self.rows = defaultdict[str, dict[int, dict[str, float]]](lambda: defaultdict(dict))
        self.unknown: set[str] = set()
        self.known: set[str] = set()

    def take(self, feed: Any, bindings: Any) -> None:
        """Take a message; it goes before all earlier ones."""
        word = bindings.VehiclePosition.OccupancyStatus.Name
        for entity in feed.entity:
            if entity.HasField("trip_update"):
                update = entity.trip_update
                day = self._day(update.trip, update.timestamp or feed.header.timestamp)
                for visit, told in self._stops(update.trip.trip_id, update.stop_time_update):
                    self._take_stop(self.rows[day][visit], told, visit, day, word)
            if entity.HasField("vehicle"):
                vehicle = entity.vehicle
                day = self._day(vehicle.trip, vehicle.timestamp or feed.header.timestamp)
                left = self._left(vehicle, bindings)
                share = _load_factor(vehicle, "occupancy_status", word)
                if vehicle.HasField("occupancy_percentage"):
                    share = vehicle.occupancy_percentage / 100.0
                if left is not None and share is not None:
                    self.rows[day][left]["load_factor"] = share

    def _day(self, trip: Any, timestamp: int) -> str:
        """Return the day a trip began; that of the message where the trip does not tell it."""
        begun = parse_date(trip.start_date)
        if begun is not None:
            return begun.isoformat().replace("-", "")
        return f"{datetime.fromtimestamp(min(int(timestamp), 2**35), UTC):{_DAY}}"

    def _visits(self, trip_id: str) -> range:
        row = self.places.trip_row.get(trip_id)
        (self.unknown if row is None else self.known).add(trip_id)
        return range(0) if row is None else self.places.of_trip(row)

    def _stops(self, trip_id: str, told: Any) -> Iterator[tuple[int, Any]]:
        """Yield the visits that stops of an update are of, in order: a trip may come to a stop more than once."""
        visits, stops = self._visits(trip_id), self.places.service.visit_stop
        index, at = self.places.network.stop_index, visits.start
        for one in told:
            stop = index.get(one.stop_id, -1)
            numbered = visits.start + one.stop_sequence
            if not (one.HasField("stop_sequence") and at <= numbered < visits.stop and stops[numbered] == stop):
                numbered = next((visit for visit in range(at, visits.stop) if stops[visit] == stop), -1)
            if numbered >= 0:
                at = numbered + 1
                yield numbered, one

    def _take_stop(self, row: dict[str, float], told: Any, visit: int, day: str, word: Any) -> None:
        share = _load_factor(told, "departure_occupancy_status", word)
        if share is not None:
            row["load_factor"] = share
        event = told.departure if told.HasField("departure") else told.arrival
        if event.HasField("delay"):
            row["late_s"] = float(event.delay)
        elif event.HasField("time"):
            midnight_s = datetime.strptime(day, _DAY).replace(tzinfo=UTC).timestamp()
            service = self.places.service
            due_s = service.scheduled_departure_s if told.HasField("departure") else service.scheduled_arrival_s
            row["apart_s"] = float(event.time) - midnight_s - float(due_s[visit])

    def _left(self, told: Any, bindings: Any) -> int | None:
        """Return the stop that a vehicle has left, or stands at; None where it has come to none yet."""
        visits = self._visits(told.trip.trip_id)
        stop = self.places.network.stop_index.get(told.stop_id, -1)
        own = [visit for visit in visits if self.places.service.visit_stop[visit] == stop]
        if not own:
            return None
        numbered = visits.start + told.current_stop_sequence
        visit = numbered if numbered in own else own[0]
        stands = told.current_status == bindings.VehiclePosition.VehicleStopStatus.STOPPED_AT
        before = visit if stands else visit - 1
        return before if before >= visits.start else None

    def days(self) -> Iterator[CountedDay]:
        """Yield the days, by date."""
        for date, rows in sorted(self.rows.items()):
            visit = np.array(sorted(rows), dtype=np.int64)
            column = {
                name: np.array([rows[one].get(name, np.nan) for one in visit.tolist()], dtype=np.float64)
                for name in ("load_factor", "late_s", "apart_s")
            }
            zone_s = _zone_s(column["apart_s"])
            late_s = np.where(np.isfinite(column["late_s"]), column["late_s"], column["apart_s"] - zone_s)
            load = column["load_factor"] * self.places.service.trip_capacity[self.places.service.visit_trip[visit]]
            nothing = np.full(len(visit), np.nan)
            yield CountedDay(date, visit, load, nothing, nothing, late_s)

    def nothing(self) -> str:
        """Say why nothing could be used."""
        if not self.known and self.unknown:
            shown = ", ".join(sorted(self.unknown)[:_FEWEST_SHOWN])
            return f"none of its {len(self.unknown):,} trips is one of the scenario (the first: {shown})"
        return "no message tells how late or how full a vehicle was at a stop of the scenario"

    def notes(self, file: str) -> list[str]:
        """Say what was not used."""
        if not self.unknown or not self.known:
            return []
        return [f"{file}: {len(self.unknown):,} of {len(self.unknown | self.known):,} trips are none of the scenario"]


def _zone_s(apart_s: Any) -> float:
    """Return how far the clock of the timetable is from UTC, by what is usual between the two."""
    known = apart_s[np.isfinite(apart_s)]
    return round(float(np.median(known)) / _QUARTER_S) * _QUARTER_S if len(known) else 0.0


def _load_factor(told: Any, field: str, word: Any) -> float | None:
    """Return the load factor that an occupancy stands for; None where none is told, or nothing known."""
    if not told.HasField(field):
        return None
    return LOAD_FACTORS.get(word(getattr(told, field)))
