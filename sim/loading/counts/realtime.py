"""An archive of GTFS-Realtime as counts: how late vehicles were and how full, by what the feed said last of each stop.

Trips are found by their ids, stops by theirs. Delays are taken as they are told; where only times are, they are held
against the timetable by the time zone of the feed. Where it names none, or times are an hour or more apart from it, the
zone follows from the timetable: the difference is rounded to quarters of an hour, which all zones keep to. What is not
used is counted, by why.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

import numpy as np

from sim.loading.counts.places import CountedPlaces
from sim.loading.counts.service_clock import ServiceClock
from sim.loading.gtfs_calendar import parse_date
from sim.loading.problems import ProblemCollector
from sim.model.counted import CountedDay
from sim.model.fullness import load_factor_of

_QUARTER_S: Final = 900.0
_OFF_S: Final = 3600.0
"""Usual difference from the timetable from which times are not believed to be in the time zone of the feed; assumed."""
_MOST_PERCENT: Final = 300
"""Most that is believed of an occupancy, as of a row of a table of counts; assumed."""
_FEWEST_SHOWN: Final = 3

_LIBRARY: Final = "reading GTFS-Realtime needs the bindings: pip install 'peakshift[web]'"
_UNUSED: Final = {
    "no_trip": "{count:,} of {all:,} vehicles and updates name no trip",
    "no_stop": "{count:,} of {all:,} positions are before the first stop, or at none of their trip",
    "no_occupancy": "{count:,} of {all:,} positions tell no occupancy that can be used",
    "other_stop": "{count:,} of {all:,} stops of updates are none of their trip",
    "cancelled": "{count:,} of {all:,} updates cancel their trip, which runs as simulated",
    "no_day": "{count:,} of {all:,} vehicles and updates tell no day and no time",
}
"""What is said of messages that are not used, by why."""


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
    feeds, unread = [], list[str]()
    for name, data in messages:
        feed: Any = bindings.FeedMessage()
        try:
            feed.ParseFromString(data)
        except DecodeError:
            feed.Clear()
        # What has no header is none either: an empty file is read without a complaint.
        if feed.HasField("header"):
            feeds.append(feed)
        else:
            unread.append(name)
    if not feeds:
        collector.problem(file, _no_message(unread))
        return [], []
    archive = _Archive(places, bindings)
    # What was said later counts, in whatever order the files are; of equal times, the later file.
    for feed in sorted(feeds, key=lambda feed: int(feed.header.timestamp)):
        archive.take(feed)
    if not archive.rows:
        collector.problem(file, f"{archive.nothing()}{_besides(archive.sentences())}")
        return [], []
    said = [*_of_messages(unread, feeds), *archive.sentences(), *archive.off_zone()]
    return list(archive.days()), [f"{file}: {sentence}" for sentence in said]


def _of_messages(unread: Sequence[str], feeds: Sequence[Any]) -> Iterator[str]:
    """Say how many messages could not be read, and how many say nothing."""
    if unread:
        yield f"{len(unread):,} of {len(unread) + len(feeds):,} messages cannot be read (the first: {unread[0]})"
    empty = sum(not feed.entity for feed in feeds)
    if empty:
        yield f"{empty:,} of {len(unread) + len(feeds):,} messages are empty"


def _no_message(unread: Sequence[str]) -> str:
    if len(unread) == 1:
        return "this is no message of GTFS-Realtime"
    return f"none of its {len(unread):,} files is a message of GTFS-Realtime (the first: {unread[0]})"


def _besides(sentences: Sequence[str]) -> str:
    return "".join(f"; {sentence}" for sentence in sentences)


class _Archive:
    """What was said last of each vehicle at each stop.

    Parameters
    ----------
    places : CountedPlaces
    bindings : module
        That of GTFS-Realtime.
    """

    def __init__(self, places: CountedPlaces, bindings: Any) -> None:
        self.places, self.bindings = places, bindings
        self.clock = ServiceClock(places.network.time_zone)
        self.rows = defaultdict[date, dict[int, dict[str, float]]](lambda: defaultdict(dict))
        self.unknown: set[str] = set()
        self.known: set[str] = set()
        self.unused, self.seen = Counter[str](), Counter[str]()

    def take(self, feed: Any) -> None:
        """Take a message; it goes before all earlier ones."""
        for entity in feed.entity:
            if entity.HasField("trip_update"):
                self._take_update(entity.trip_update, int(feed.header.timestamp))
            if entity.HasField("vehicle"):
                self._take_position(entity.vehicle, int(feed.header.timestamp))

    def _take_update(self, update: Any, sent_s: int) -> None:
        visits = self._visits(update.trip)
        if not visits:
            return
        relation = self.bindings.TripDescriptor.ScheduleRelationship
        if not self._used("cancelled", update.trip.schedule_relationship != relation.CANCELED):
            return
        day = self._day(update.trip, visits, update.timestamp or sent_s)
        if not self._used("no_day", day is not None):
            return
        assert day is not None
        for visit, told in self._stops(visits, update.stop_time_update):
            self._take_stop(day, visit, told)

    def _take_position(self, vehicle: Any, sent_s: int) -> None:
        visits = self._visits(vehicle.trip)
        if not visits:
            return
        day = self._day(vehicle.trip, visits, vehicle.timestamp or sent_s)
        if not self._used("no_day", day is not None):
            return
        assert day is not None
        left = self._left(vehicle, visits)
        if not self._used("no_stop", left is not None):
            return
        assert left is not None
        share = self._load_factor(vehicle, "occupancy_status", left)
        if vehicle.HasField("occupancy_percentage") and vehicle.occupancy_percentage <= _MOST_PERCENT:
            share = vehicle.occupancy_percentage / 100.0
        if self._used("no_occupancy", share is not None):
            assert share is not None
            self.rows[day][left]["load_factor"] = share

    def _used(self, why: str, is_used: bool) -> bool:
        """Count something as used, or as not used for a reason; return which."""
        self.seen[why] += 1
        self.unused[why] += not is_used
        return is_used

    def _day(self, trip: Any, visits: range, moment_s: int) -> date | None:
        """Return the day a trip began; where it does not tell it, the one on which it ran nearest to a moment."""
        begun = parse_date(trip.start_date)
        if begun is not None or not moment_s:
            return begun
        due_s = self.places.service.scheduled_departure_s
        ends_s = self.places.service.scheduled_arrival_s[visits[-1]]
        return self.clock.day_of(min(moment_s, 2**35), float(due_s[visits[0]]), float(ends_s))

    def _visits(self, trip: Any) -> range:
        """Return the visits of a trip; of one with frequencies that which starts when it is told to."""
        if not self._used("no_trip", bool(trip.trip_id)):
            return range(0)
        rows = self.places.trip_row
        row = rows.get(trip.trip_id, rows.get(f"{trip.trip_id}@{trip.start_time:0>8}"))
        (self.unknown if row is None else self.known).add(trip.trip_id)
        return range(0) if row is None else self.places.of_trip(row)

    def _stops(self, visits: range, told: Any) -> Iterator[tuple[int, Any]]:
        """Yield the visits that stops of an update are of, in order: a trip may come to a stop more than once."""
        stops = self.places.service.visit_stop
        index, at = self.places.network.stop_index, visits.start
        for one in told:
            stop = index.get(one.stop_id, -1)
            numbered = visits.start + one.stop_sequence
            if not (one.HasField("stop_sequence") and at <= numbered < visits.stop and stops[numbered] == stop):
                numbered = next((visit for visit in range(at, visits.stop) if stops[visit] == stop), -1)
            if self._used("other_stop", numbered >= 0):
                at = numbered + 1
                yield numbered, one

    def _take_stop(self, day: date, visit: int, told: Any) -> None:
        row: dict[str, float] = {}
        share = self._load_factor(told, "departure_occupancy_status", visit)
        if share is not None:
            row["load_factor"] = share
        event = told.departure if told.HasField("departure") else told.arrival
        if event.HasField("delay"):
            row["late_s"] = float(event.delay)
        elif event.HasField("time"):
            service = self.places.service
            due_s = service.scheduled_departure_s if told.HasField("departure") else service.scheduled_arrival_s
            row["apart_s"] = float(event.time) - self.clock.midnight_s(day) - float(due_s[visit])
        if not row:
            return
        known = self.rows[day][visit]
        if row.keys() & {"late_s", "apart_s"}:
            # A delay that was told before a time holds no longer, nor does a time that was told before a delay.
            known.pop("late_s", None)
            known.pop("apart_s", None)
        known.update(row)

    def _left(self, told: Any, visits: range) -> int | None:
        """Return the stop that a vehicle has left, or stands at; None where it has come to none yet."""
        stop = self.places.network.stop_index.get(told.stop_id, -1)
        own = [visit for visit in visits if self.places.service.visit_stop[visit] == stop]
        if not own:
            return None
        # Feeds number stops from 0 or 1: of a stop that a trip comes to twice, as at both ends of a ring, the visit
        # nearest to the number is meant (test_a_vehicle_at_the_end_of_a_ring_is_not_at_its_beginning).
        visit = min(own, key=lambda one: abs(one - visits.start - told.current_stop_sequence))
        stands = told.current_status == self.bindings.VehiclePosition.VehicleStopStatus.STOPPED_AT
        before = visit if stands else visit - 1
        return before if before >= visits.start else None

    def _load_factor(self, told: Any, field: str, visit: int) -> float | None:
        """Return the load factor that an occupancy stands for; None where none is told, or nothing known."""
        if not told.HasField(field):
            return None
        word = self.bindings.VehiclePosition.OccupancyStatus.Name(getattr(told, field))
        return load_factor_of(word, float(self.places.service.visit_seats_share[visit]))

    def days(self) -> Iterator[CountedDay]:
        """Yield the days, by date."""
        for day, rows in sorted(self.rows.items()):
            visit = np.array(sorted(rows), dtype=np.int64)
            column = {
                name: np.array([rows[one].get(name, np.nan) for one in visit.tolist()], dtype=np.float64)
                for name in ("load_factor", "late_s", "apart_s")
            }
            apart_s = column["apart_s"] - self._zone_s(rows)
            late_s = np.where(np.isfinite(column["late_s"]), column["late_s"], apart_s)
            load = column["load_factor"] * self.places.service.trip_capacity[self.places.service.visit_trip[visit]]
            nothing = np.full(len(visit), np.nan)
            yield CountedDay(f"{day:%Y%m%d}", visit, load, nothing, nothing, late_s)

    def _zone_s(self, rows: Mapping[int, Mapping[str, float]]) -> float:
        """Return how far times of a day are from the clock of the feed: 0, or as is usual where that is far."""
        apart_s = [row["apart_s"] for row in rows.values() if "apart_s" in row]
        usual_s = float(np.median(apart_s)) if apart_s else 0.0
        if self.clock.is_known and abs(usual_s) < _OFF_S:
            return 0.0
        return round(usual_s / _QUARTER_S) * _QUARTER_S

    def off_zone(self) -> list[str]:
        """Say on how many days times are far from the time zone of the feed."""
        off = [zone_s for rows in self.rows.values() if (zone_s := self._zone_s(rows))] if self.clock.is_known else []
        if not off:
            return []
        return [
            f"times of {len(off):,} of {len(self.rows):,} days are {off[0] / 3600:+g} h off the feed's time zone, "
            f"{self.places.network.time_zone}, and are taken to be in the one that fits the timetable"
        ]

    def nothing(self) -> str:
        """Say why nothing could be used."""
        if not self.known and self.unknown:
            shown = ", ".join(sorted(self.unknown)[:_FEWEST_SHOWN])
            return (
                f"none of its {len(self.unknown):,} trips is one of the scenario (the first: {shown}); its "
                "network must come from the feed that the archive belongs to"
            )
        return "no message tells how late or how full a vehicle was at a stop of the scenario"

    def sentences(self) -> list[str]:
        """Say what was not used."""
        said = []
        if self.unknown and self.known:
            trips = len(self.unknown | self.known)
            said.append(f"{len(self.unknown):,} of {trips:,} trips are none of the scenario")
        return said + [
            words.format(count=self.unused[why], all=self.seen[why])
            for why, words in _UNUSED.items()
            if self.unused[why]
        ]
