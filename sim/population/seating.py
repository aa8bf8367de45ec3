"""Who sits and who stands, from the records of a day.

Seats go to those who boarded first; a seat that becomes free is taken by whoever stands and
boarded first. Those who sit are therefore always the first on board, in order of boarding, and
nobody who sits ever stands again.
"""

from __future__ import annotations

from heapq import heappush, heappushpop

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.model.service import Service
from sim.records.day import DayRecords


def sitting_from(service: Service, day: DayRecords) -> IntArray:
    """Return the visit from which each rider sits, shape (rides,).

    The visit of boarding for riders who sit at once, that of alighting for those who stand all the way;
    -1 where the ride was not boarded.

    Parameters
    ----------
    service : Service
    day : DayRecords
    """
    sits = day.ride_board_visit.copy()
    seats = service.trip_seats
    full = np.zeros(len(seats), dtype=np.bool_)
    standing = np.flatnonzero(day.visit_load > seats[service.visit_trip])
    full[service.visit_run[standing]] = True
    boarded = np.flatnonzero(day.ride_board_visit >= 0)
    rides = boarded[full[service.visit_run[day.ride_board_visit[boarded]]]]
    # In one visit, people board in the order in which they had joined the queues of the stop.
    order = rides[np.lexsort((rides, day.ride_wait_from_s[rides], day.ride_board_visit[rides]))]
    trip = service.visit_run[day.ride_board_visit[order]]
    last = service.run_ends[np.searchsorted(service.run_ends, day.ride_board_visit[order])]
    alight = np.where(day.ride_alight_visit[order] >= 0, day.ride_alight_visit[order], last)
    bounds = np.flatnonzero(np.diff(trip, prepend=-1, append=-1))
    found = sits[order].tolist()
    leaves = alight.tolist()
    for first, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        _seat_riders(found, leaves, range(first, end), int(seats[trip[first]]))
    sits[order] = np.minimum(found, alight)
    return sits


def standing_s(service: Service, day: DayRecords) -> FloatArray:
    """Return how long each rider stood while the vehicle ran from stop to stop, in seconds, shape (rides,).

    Summed over riders it is what vehicles carried beyond their seats; 0 where the ride was not
    boarded, and up to where the vehicle got to for riders still on board.

    Parameters
    ----------
    service : Service
    day : DayRecords
    """
    to_next_s = np.append(day.visit_arrival_s[1:], np.nan) - day.visit_departure_s
    to_next_s[service.visit_ptr[1:] - 1] = 0.0
    run_s = np.concatenate([[0.0], np.cumsum(np.nan_to_num(to_next_s))])
    board, sits = np.maximum(day.ride_board_visit, 0), np.maximum(sitting_from(service, day), 0)
    return np.where(day.ride_board_visit >= 0, run_s[sits] - run_s[board], 0.0)


def _seat_riders(sits: list[int], leaves: list[int], riders: range, seats: int) -> None:
    """Seat the riders of one trip, given in order of boarding.

    A rider sits as soon as fewer than `seats` of those before them are on board, which is when
    the one of them leaves who is the `seats`-th from the last to leave.
    """
    if not seats:
        for rider in riders:
            sits[rider] = leaves[rider]
        return
    latest: list[int] = []
    for rider in riders:
        if len(latest) < seats:
            heappush(latest, leaves[rider])
        else:
            sits[rider] = max(sits[rider], latest[0])
            heappushpop(latest, leaves[rider])
