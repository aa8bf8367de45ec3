"""Where the vehicles of one direction of a line were, for the time-distance diagram."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.errors import UnknownNameError
from sim.metrics.grouping import StopPlaces, no_rows, split_by_run
from sim.metrics.travel_order import stop_places
from sim.records.table import Table


@dataclass(frozen=True)
class Trajectories:
    """Stop visits of one direction of a line on one day of one replication.

    Attributes
    ----------
    strategy, line_id : str
    replication, day, direction_id : int
    stop_ids : tuple of str
        In the order of travel.
    trip_ids : tuple of str
        By first arrival.
    first_visit : ndarray, shape (trips + 1,)
        Visits of trip i are those from first_visit[i] to first_visit[i + 1], in order of travel.
    place : ndarray, shape (visits,)
        Index into stop_ids.
    arrival_s, departure_s : ndarray, shape (visits,)
        Seconds after midnight.
    departing_load, capacity : ndarray, shape (visits,)
        Persons.
    """

    strategy: str
    replication: int
    day: int
    line_id: str
    direction_id: int
    stop_ids: tuple[str, ...]
    trip_ids: tuple[str, ...]
    first_visit: IntArray
    place: IntArray
    arrival_s: FloatArray
    departure_s: FloatArray
    departing_load: IntArray
    capacity: IntArray


def trajectories(
    stop_visits: Table,
    strategy: str,
    line_id: str,
    direction_id: int,
    *,
    replication: int = 0,
    day: int,
    places: StopPlaces | None = None,
) -> Trajectories:
    """Return the vehicle trajectories of one direction of a line on one day.

    Parameters
    ----------
    stop_visits : Table
        Of any strategies, replications and days.
    strategy, line_id : str
    direction_id : int
    replication, day : int
        As they are counted in the table.
    places : StopPlaces or None
        Those of the visits, where they are known.

    Raises
    ------
    UnknownNameError
        When no vehicle ran there and then.
    """
    places = stop_places(stop_visits) if places is None else places
    visits = split_by_run(stop_visits).get((strategy, replication), no_rows(stop_visits))
    here = visits.equals("line_id", line_id) & (visits["direction_id"] == direction_id)
    visits = visits.where(np.flatnonzero(here & (visits["day"] == day)))
    if not len(visits):
        raise UnknownNameError(
            f"no vehicle of line {line_id}, direction {direction_id}, ran under {strategy} in replication "
            f"{replication} on day {day}"
        )
    trips, first, inverse = np.unique(visits["trip_id"], return_index=True, return_inverse=True)
    by_start = np.lexsort((trips, visits["arrival_s"][first]))
    rank = np.empty(len(trips), dtype=np.int64)
    rank[by_start] = np.arange(len(trips))
    sequence = np.lexsort((visits["stop_sequence"], rank[inverse]))
    stops = places.stops[(places.lines == visits["line_id"][0]) & (places.directions == direction_id)]
    counts = np.bincount(rank[inverse])
    names = stop_visits.categories
    place = np.zeros(len(names["stop_id"]), dtype=np.int64)
    place[stops] = np.arange(len(stops))
    return Trajectories(
        strategy,
        replication,
        day,
        line_id,
        direction_id,
        tuple(names["stop_id"][code] for code in stops.tolist()),
        tuple(names["trip_id"][code] for code in trips[by_start].tolist()),
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        place[visits["stop_id"]][sequence],
        *(visits[name][sequence] for name in ("arrival_s", "departure_s", "departing_load", "capacity")),
    )
