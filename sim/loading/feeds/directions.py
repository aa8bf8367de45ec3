"""Directions of trips that a feed leaves out, told apart by the order of their stops."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.loading.csv_tables import TextArray, TextTable
from sim.loading.feeds.import_report import ImportLedger
from sim.loading.feeds.stop_times import CleanStopTimes
from sim.loading.feeds.text_rows import index_of, read_numbers, rows_of, texts, with_column
from sim.model.distances import distance_m

_ACROSS_M = 300.0
"""Stops within this distance may be the two sides of one place. Assumed; a longer block is rare."""


@dataclass(frozen=True)
class _Pattern:
    """Stops of some trips of a route, in their order, and the trips."""

    stops: tuple[int, ...]
    trips: list[int]


def tell_directions(tables: dict[str, TextTable], visits: CleanStopTimes, ledger: ImportLedger) -> None:
    """Give every trip without a direction one.

    The stop pattern of a route with the most trips is direction 0, unless other trips of the route say theirs. Any
    other pattern is set beside the one known already with which it shares the most stops (the same stop, or the
    nearest within 300 m, as of two sides of a street): where it passes these in the same order it has the same
    direction, else the other one. Patterns that share fewer than two places are compared by the way from their first
    to their last stop.

    Parameters
    ----------
    tables : dict of str to TextTable
        ``trips`` is exchanged; its rows, and those of ``stops``, are those of the visits.
    visits : CleanStopTimes
    ledger : ImportLedger
    """
    table = tables["trips"]
    words = table.text("direction_id").copy()
    missing = words == ""
    ledger.add("direction_missing", table.file, int(missing.sum()))
    if not missing.any():
        return
    routes = rows_of(table.text("route_id"), index_of(tables["routes"].text("route_id")))
    wanted = np.isin(routes, np.unique(routes[missing]))
    order = np.flatnonzero(wanted[visits.trip])
    cuts = np.flatnonzero(np.diff(visits.trip[order])) + 1
    of_route: dict[int, dict[tuple[int, ...], list[int]]] = {}
    for part in np.split(order, cuts) if len(order) else []:
        trip = int(visits.trip[part[0]])
        patterns = of_route.setdefault(int(routes[trip]), {})
        patterns.setdefault(tuple(visits.stop[part].tolist()), []).append(trip)
    places = _StopPositions(tables["stops"])
    for patterns in of_route.values():
        found = [_Pattern(stops, trips) for stops, trips in patterns.items()]
        _tell_of_route(sorted(found, key=lambda one: (-len(one.trips), one.stops)), words, places)
    words[words == ""] = "0"
    tables["trips"] = with_column(table, "direction_id", texts(words.tolist()))


def _tell_of_route(patterns: list[_Pattern], words: TextArray, places: _StopPositions) -> None:
    known: list[tuple[_Pattern, str]] = []
    for pattern in patterns:
        said = sorted({words[trip] for trip in pattern.trips} - {""})
        if said:
            known.append((pattern, said[0]))
    rest = [pattern for pattern in patterns if all(pattern is not one for one, _ in known)]
    for pattern, direction in known:
        _say(pattern, direction, words)
    for pattern in rest:
        direction = _direction(pattern, known, places) if known else "0"
        _say(pattern, direction, words)
        known.append((pattern, direction))


def _say(pattern: _Pattern, direction: str, words: TextArray) -> None:
    for trip in pattern.trips:
        words[trip] = words[trip] or direction


def _direction(pattern: _Pattern, known: list[tuple[_Pattern, str]], places: _StopPositions) -> str:
    """Return the direction of a pattern beside those that are known."""
    best, most, sign = known[0], 0, 0
    for one in known:
        shared, order = places.order(one[0].stops, pattern.stops)
        if shared > most and order:
            best, most, sign = one, shared, order
    if most < 2:
        sign = places.heading(best[0].stops, pattern.stops)
    return best[1] if sign >= 0 else {"0": "1", "1": "0"}[best[1]]


class _StopPositions:
    """Where stops are, to tell which of them are the two sides of one place."""

    def __init__(self, stops: TextTable) -> None:
        self.lat: FloatArray = read_numbers(stops.text("stop_lat"))
        self.lon: FloatArray = read_numbers(stops.text("stop_lon"))

    def order(self, one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, int]:
        """Return how many places two patterns share, and +1 or -1 for the same or the opposite order; 0 for neither."""
        position = self._positions(one, other)
        steps = np.diff(position[position >= 0])
        return int((position >= 0).sum()), int(np.sign((steps > 0).sum() - (steps < 0).sum()))

    def _positions(self, one: tuple[int, ...], other: tuple[int, ...]) -> IntArray:
        """Return for every stop of the other pattern its place in the first one, -1 where there is none."""
        first = {stop: place for place, stop in reversed(list(enumerate(one)))}
        found = np.array([first.get(stop, -1) for stop in other], dtype=np.int64)
        rows, ends = np.array(other)[found < 0], np.array(one)
        if len(rows) and np.isfinite(self.lat[ends]).all():
            metres = distance_m(
                self.lon[rows][:, None], self.lat[rows][:, None], self.lon[ends], self.lat[ends], geographic=True
            )
            nearest = metres.argmin(axis=1)
            near = metres[np.arange(len(rows)), nearest] <= _ACROSS_M
            found[found < 0] = np.where(near, nearest, -1)
        return found

    def heading(self, one: tuple[int, ...], other: tuple[int, ...]) -> int:
        """Return -1 where two patterns lead opposite ways from their first to their last stop, else 0 or +1."""
        ways = []
        for stops in (one, other):
            east = (self.lon[stops[-1]] - self.lon[stops[0]]) * np.cos(np.radians(self.lat[stops[0]]))
            ways.append((east, self.lat[stops[-1]] - self.lat[stops[0]]))
        along = float(np.dot(ways[0], ways[1]))
        return 0 if np.isnan(along) else int(np.sign(along))
