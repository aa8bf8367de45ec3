"""Which trips an edit is about."""

from __future__ import annotations

import numpy as np

from sim.arrays import IntArray
from sim.loading.changes.draft import Draft, EditError, Hours, hours_words
from sim.loading.hints import did_you_mean, listed
from sim.loading.trip_rows import trip_starts_s
from sim.model.network import Network
from sim.model.parameters.changes import TripChoiceParameters
from sim.model.service import Service


def chosen_trips(draft: Draft, choice: TripChoiceParameters) -> IntArray:
    """Return the rows of the trips that an edit names, or of those of its line within its hours.

    Raises
    ------
    EditError
        When there are none.
    """
    if choice.line is not None:
        return trips_of_line(draft.service, choice.line, choice.direction, hours_of(choice.start_s, choice.end_s))
    rows = [row for number, trip in enumerate(choice.trips) for row in _named(draft, trip, ("trips", number))]
    return np.unique(np.array(rows, dtype=np.int64))


def hours_of(start_s: float, end_s: float | None) -> Hours:
    """Return the hours of an edit; without an end they last for all of the day."""
    return start_s, float("inf") if end_s is None else end_s


def trips_of_line(service: Service, line: str, direction: int | None, hours: Hours) -> IntArray:
    """Return the rows of the trips of a line that leave their first stop within some hours.

    Raises
    ------
    EditError
        When there is no such line, or it has no such trip.
    """
    lines = [item.line_id for item in service.lines]
    if line not in lines:
        raise EditError(("line",), f"unknown line {line!r}{did_you_mean(line, lines)}; there are {listed(lines)}")
    patterns = [
        number
        for number, pattern in enumerate(service.patterns)
        if lines[pattern.line] == line and direction in (None, pattern.direction_id)
    ]
    starts_s = trip_starts_s(service)
    of_line = np.isin(service.trip_pattern, patterns)
    rows: IntArray = np.flatnonzero(of_line & (starts_s >= hours[0]) & (starts_s < hours[1]))
    if not len(rows):
        way = "" if direction is None else f" in direction {direction}"
        raise EditError(("line",), f"no trip of line {line!r}{way} leaves its first stop {hours_words(hours)}")
    return rows


def refuse_laws(service: Service, rows: IntArray, key: str) -> None:
    """Refuse to edit trips whose departures are drawn: they follow each other.

    Raises
    ------
    EditError
    """
    for law in service.headway_laws:
        if np.isin(rows, law.trips).any():
            line = service.lines[service.patterns[int(service.trip_pattern[law.trips[0]])].line].line_id
            message = f"departures of line {line!r} are drawn by a law; change headway of it in network.lines instead"
            raise EditError((key,), message)


def stop_row(network: Network, stop: str, path: tuple[str | int, ...]) -> int:
    """Return the row of a stop.

    Raises
    ------
    EditError
        When there is no such stop.
    """
    if stop not in network.stop_index:
        hint = did_you_mean(stop, [*network.stop_id, *network.stop_name])
        raise EditError(path, f"unknown stop {stop!r}{hint}; there are {listed(network.stop_id)}")
    return network.stop_index[stop]


def vehicle_row(service: Service, name: str, key: str) -> int:
    """Return the row of a vehicle type.

    Raises
    ------
    EditError
        When there is no such type.
    """
    names = [kind.vehicle_type for kind in service.vehicle_types]
    if name not in names:
        known = f"there are {listed(names)}; service.vehicles declares further ones"
        raise EditError((key,), f"unknown vehicle type {name!r}{did_you_mean(name, names)}; {known}")
    return names.index(name)


def _named(draft: Draft, trip: str, path: tuple[str | int, ...]) -> list[int]:
    """Return the rows of the trip of that id, or of all its repetitions by frequencies."""
    ids = draft.service.trip_id
    found = [row for row, name in enumerate(ids) if name == trip or name.startswith(f"{trip}@")]
    if not found:
        if trip in draft.cancelled:
            message = f"contradicts service.changes.{draft.cancelled[trip]}, by which the trip {trip!r} does not run"
            raise EditError(path, message)
        raise EditError(path, f"unknown trip {trip!r}{did_you_mean(trip, ids)}; there are {listed(ids)}")
    return found
