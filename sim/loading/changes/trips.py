"""Another headway, trips added, cancelled or retimed, and other vehicle types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.loading.changes.choice import chosen_trips, hours_of, refuse_laws, trips_of_line, vehicle_row
from sim.loading.changes.draft import WHOLE_DAY, Draft, EditError, hours_words
from sim.loading.trip_rows import in_order, trip_starts_s, with_copies
from sim.model.notes import Note, note
from sim.model.parameters.changes import (
    AddedTripsParameters,
    CancelledTripsParameters,
    HeadwayChangeParameters,
    RetimedTripsParameters,
    TripChoiceParameters,
    VehicleChangeParameters,
)
from sim.model.service import Service
from sim.model.service_trips import keep_trips
from sim.units import format_clock

_SAME_S = 0.5
"""A trip that leaves within this of a new time is the trip of that time."""


def change_headway(draft: Draft, item: HeadwayChangeParameters, number: int) -> None:
    """Let a line run at another headway for some hours.

    The new times are in step with the first trip that is there, so that where the headway is halved every trip
    stays and one comes between any two: what stays keeps its id, and with it its luck
    (test_loading_changes.py::test_a_halved_headway_keeps_every_trip).

    Raises
    ------
    EditError
    """
    hours = hours_of(item.start_s, item.end_s)
    rows = trips_of_line(draft.service, item.line, item.direction, hours)
    refuse_laws(draft.service, rows, "line")
    kind = None if item.vehicle is None else vehicle_row(draft.service, item.vehicle, "vehicle")
    of_row = np.array([pattern.direction_id for pattern in draft.service.patterns])[draft.service.trip_pattern[rows]]
    for direction in np.unique(of_row).tolist():
        words = f"the headway of line {item.line}, direction {direction},"
        draft.settle(("headway", item.line, str(direction)), hours, number, words)
    # Rows change with every direction, ids do not.
    directions = [(way, {draft.service.trip_id[row] for row in rows[of_row == way]}) for way in np.unique(of_row)]
    for direction, there in directions:
        ids = _at_even_headways(draft, item, int(direction), there)
        if kind is not None:
            draft.service = _with_vehicle(draft.service, ids, kind)
        when = hours_words(hours)
        values = {"line": item.line, "direction": int(direction), "trips": len(ids), "before": len(there)}
        draft.notes.append(note("edit_headway", **values, hours=when))


def _at_even_headways(draft: Draft, item: HeadwayChangeParameters, direction: int, there: set[str]) -> set[str]:
    """Put trips at even headways in place of those there, and return their ids."""
    service = draft.service
    rows = np.array([row for row, name in enumerate(service.trip_id) if name in there], dtype=np.int64)
    starts_s = trip_starts_s(service)[rows]
    times_s = _times(starts_s, item)
    nearest = np.argmin(np.abs(starts_s[:, None] - times_s[None, :]), axis=0)
    stays: dict[int, str] = {}
    for place, time_s in enumerate(times_s.tolist()):
        name = service.trip_id[int(rows[nearest[place]])]
        if abs(starts_s[nearest[place]] - time_s) < _SAME_S and name not in stays.values():
            stays[place] = name
    new = [(time_s, int(rows[nearest[place]])) for place, time_s in enumerate(times_s.tolist()) if place not in stays]
    names = _new_names(service, item.line, direction, [time_s for time_s, _ in new])
    service = with_copies(service, [(time_s, name, like) for (time_s, like), name in zip(new, names, strict=True)])
    gone = there - set(stays.values())
    draft.service = keep_trips(service, np.array([name not in gone for name in service.trip_id]))
    return {*names, *stays.values()}


def _times(starts_s: FloatArray, item: HeadwayChangeParameters) -> FloatArray:
    """Return the new departures in seconds, in step with the first present one."""
    first = float(starts_s.min())
    first -= np.floor((first - item.start_s) / item.every_s + 1e-9) * item.every_s
    end_s = float(starts_s.max()) + _SAME_S if item.end_s is None else item.end_s
    if item.start_s == 0.0:
        first = float(starts_s.min())
    count = max(int(np.ceil((end_s - first) / item.every_s - 1e-9)), 1)
    return np.asarray(first + item.every_s * np.arange(count), dtype=np.float64)


def add_trips(draft: Draft, item: AddedTripsParameters, number: int) -> None:
    """Add trips, each like the trip of its direction nearest in time.

    Raises
    ------
    EditError
    """
    service = draft.service
    rows = trips_of_line(service, item.line, item.direction, WHOLE_DAY)
    kind = None if item.vehicle is None else vehicle_row(service, item.vehicle, "vehicle")
    starts_s = trip_starts_s(service)[rows]
    times_s = sorted(item.departures)
    for time_s in times_s:
        words = f"a trip of line {item.line}, direction {item.direction}, at {format_clock(time_s)}"
        what = ("added", item.line, str(item.direction), format_clock(time_s))
        draft.settle(what, WHOLE_DAY, number, words)
    like = [int(rows[np.argmin(np.abs(starts_s - time_s))]) for time_s in times_s]
    names = _new_names(service, item.line, item.direction, times_s)
    draft.service = with_copies(service, list(zip(times_s, names, like, strict=True)))
    if kind is not None:
        draft.service = _with_vehicle(draft.service, set(names), kind)
    draft.notes.append(note("edit_trips_more", line=item.line, direction=item.direction, trips=len(names)))


def cancel_trips(draft: Draft, item: CancelledTripsParameters, number: int) -> None:
    """Leave trips out.

    Raises
    ------
    EditError
    """
    service, rows = draft.service, chosen_trips(draft, item)
    refuse_laws(service, rows, "trips" if item.trips else "line")
    if len(rows) == len(service.trip_id):
        raise EditError(("trips" if item.trips else "line",), "leaves no trip at all")
    names = {service.trip_id[row] for row in rows.tolist()}
    draft.cancelled |= dict.fromkeys([*names, *item.trips], number)
    draft.service = keep_trips(service, np.array([name not in names for name in service.trip_id]))
    draft.notes.append(note("edit_trips_cancelled", which=_choice_words(item), trips=len(names)))


def retime_trips(draft: Draft, item: RetimedTripsParameters, number: int) -> None:
    """Let trips run at other times, or take longer or shorter from stop to stop.

    Raises
    ------
    EditError
    """
    service, rows = draft.service, chosen_trips(draft, item)
    refuse_laws(service, rows, "trips" if item.trips else "line")
    for row in rows.tolist():
        draft.settle(("times", service.trip_id[row]), WHOLE_DAY, number, f"times of the trip {service.trip_id[row]!r}")
    if trip_starts_s(service)[rows].min() + item.shift_s < 0:
        raise EditError(("shift",), "lets a trip leave before 00:00 of the service day")
    factors = {
        row: np.full(int(service.visit_ptr[row + 1] - service.visit_ptr[row]) - 1, item.running_factor)
        for row in rows.tolist()
    }
    draft.service = in_order(with_running_times(service, factors, item.shift_s))
    draft.notes.append(note("edit_trips_retimed", which=_choice_words(item), trips=len(rows)))


def change_vehicle(draft: Draft, item: VehicleChangeParameters, number: int) -> None:
    """Let trips be run by another type of vehicle.

    Raises
    ------
    EditError
    """
    service, rows = draft.service, chosen_trips(draft, item)
    kind = vehicle_row(service, item.type, "type")
    names = {service.trip_id[row] for row in rows.tolist()}
    for name in sorted(names):
        draft.settle(("vehicle", name), WHOLE_DAY, number, f"the vehicle of the trip {name!r}")
    draft.service = _with_vehicle(service, names, kind)
    draft.notes.append(note("edit_vehicle", which=_choice_words(item), trips=len(names), type=item.type))


def with_running_times(service: Service, factors: dict[int, FloatArray], later_s: float = 0.0) -> Service:
    """Return the service with other running times of some trips; how long they stand at stops remains.

    Parameters
    ----------
    service : Service
    factors : dict of int to ndarray of float, shape (stops - 1,)
        By row of the trip: multiple of the running time of each hop.
    later_s : float
        How much later these trips start.
    """
    arrival_s, departure_s = service.scheduled_arrival_s.copy(), service.scheduled_departure_s.copy()
    for row, factor in factors.items():
        visits = slice(int(service.visit_ptr[row]), int(service.visit_ptr[row + 1]))
        arrives, leaves = arrival_s[visits].copy(), departure_s[visits].copy()
        added_s = np.concatenate([[0.0], np.cumsum((arrives[1:] - leaves[:-1]) * (factor - 1.0))]) + later_s
        arrival_s[visits], departure_s[visits] = arrives + added_s, leaves + added_s
    return replace(service, scheduled_arrival_s=arrival_s, scheduled_departure_s=departure_s)


def _with_vehicle(service: Service, trips: set[str], kind: int) -> Service:
    """Return the service with another type of vehicle for some trips.

    A block is what one vehicle runs. Where another type takes over some trips of one they are a block of their own:
    else the big vehicle of the peak would wait for the small one that is late
    (test_loading_changes.py::test_another_vehicle_leaves_the_block_of_the_first).
    """
    rows = np.array([name in trips for name in service.trip_id])
    kinds: IntArray = np.where(rows, kind, service.trip_vehicle_type)
    block, names = service.trip_block.copy(), list(service.block_id)
    kept = np.unique(block[kinds != kind])
    for old in np.intersect1d(block[rows], kept).tolist():
        name = f"{service.block_id[old]}:{service.vehicle_types[kind].vehicle_type}"
        if name not in names:
            names.append(name)
        block[rows & (service.trip_block == old)] = names.index(name)
    return replace(service, trip_vehicle_type=kinds, trip_block=block, block_id=tuple(names))


def _new_names(service: Service, line: str, direction: int, times_s: Sequence[float]) -> list[str]:
    """Name new trips after line, direction and time, so that the same trip has the same name in all variants."""
    known, names = set(service.trip_id), list[str]()
    for time_s in times_s:
        name = f"{line}:{direction}@{format_clock(time_s)}"
        while name in known:
            name += "+"
        known.add(name)
        names.append(name)
    return names


def _choice_words(item: TripChoiceParameters) -> Note:
    """Name the trips of an edit in a sentence."""
    if item.line is None:
        return note("trips_named", trips=list(item.trips))
    hours = hours_words(hours_of(item.start_s, item.end_s))
    if item.direction is None:
        return note("trips_of_line", line=item.line, hours=hours)
    return note("trips_of_direction", line=item.line, direction=item.direction, hours=hours)
