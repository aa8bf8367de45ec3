"""What people know of the times of vehicles: frequencies by period of the day, or the timetable.

Trips of a stop pattern fall into runs: a gap longer than people would wait without a look at the timetable begins a new
run. They know when the first and the last vehicle of a run come. In between they know how often vehicles come, by
periods that are as long as the frequency does not change.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.service import Service

CHANGE_THRESHOLD = 15.0
"""Log-likelihood ratio, over the dispersion of the gaps, from which two parts of a run are two periods (assumed; the
chance of a split where nothing changes is about 1 %, see `tests/unit/test_routing_service_levels.py`)."""

LEAST_DISPERSION = 0.02
"""Dispersion of gaps that count as even (assumed)."""

FEWEST_GAPS = 3
"""Gaps of a period at least (assumed)."""


@dataclass(frozen=True)
class TripLevels:
    """What people expect of each trip, by the period in which it comes.

    Attributes
    ----------
    headway_s : ndarray of float, shape (trips,)
        Mean time between two vehicles of the pattern before this one; 0 where people know when it comes.
    latest_s : ndarray of float, shape (trips,)
        How much later than its time people may still have to wait for the next one: a headway, or 0 where they know
        when it comes.
    """

    headway_s: FloatArray
    latest_s: FloatArray


def trip_levels(service: Service, known_above_s: float) -> TripLevels:
    """Find the periods of each stop pattern.

    Parameters
    ----------
    service : Service
    known_above_s : float
        Gap from which people know the times of vehicles; 0 where they know the timetable.
    """
    trips = len(service.trip_id)
    levels = TripLevels(np.zeros(trips), np.zeros(trips))
    starts_s = service.scheduled_departure_s[service.visit_ptr[:-1]]
    for mine in trips_by_pattern(service):
        order = mine[np.argsort(starts_s[mine], kind="stable")]
        levels.headway_s[order], levels.latest_s[order] = levels_of(starts_s[order], known_above_s)
    return levels


def trips_by_pattern(service: Service) -> list[IntArray]:
    """Return the trips of each pattern that has any."""
    order = np.argsort(service.trip_pattern, kind="stable")
    bounds = np.flatnonzero(np.diff(service.trip_pattern[order])) + 1
    return [part for part in np.split(order, bounds) if len(part)]


def levels_of(due_s: FloatArray, known_above_s: float) -> tuple[FloatArray, FloatArray]:
    """Return headways and latest waits of vehicles of one pattern; see `TripLevels`.

    Parameters
    ----------
    due_s : ndarray of float, shape (vehicles,)
        Rising, seconds after midnight.
    known_above_s : float
    """
    headway_s, latest_s = np.zeros(len(due_s)), np.zeros(len(due_s))
    gaps_s = np.diff(due_s)
    opens = np.ones(len(due_s), dtype=np.bool_)
    opens[1:] = (gaps_s > known_above_s) | (known_above_s <= 0)
    bounds = [*np.flatnonzero(opens).tolist(), len(due_s)]
    for first, end in pairwise(bounds):
        if end - first > 1:
            headway_s[first + 1 : end] = np.maximum(period_headways(gaps_s[first : end - 1]), 1.0)
    latest_s[:-1] = np.where(opens[1:], 0.0, headway_s[:-1])
    return headway_s, latest_s


def period_headways(gaps_s: FloatArray) -> FloatArray:
    """Return for each gap the mean gap of its period.

    A run is split where the two parts differ most in frequency, as long as they differ by more than chance: the
    likelihood ratio of two rates against one, divided by the dispersion of the gaps (a quasi-likelihood, McCullagh and
    Nelder 1989), which is small where vehicles come evenly.

    Parameters
    ----------
    gaps_s : ndarray of float, shape (gaps,)
    """
    found = np.empty(len(gaps_s))
    parts = [(0, len(gaps_s))]
    while parts:
        first, end = parts.pop()
        place = _change(gaps_s[first:end])
        if place is None:
            found[first:end] = gaps_s[first:end].mean()
        else:
            parts += [(first, first + place), (first + place, end)]
    return found


def _change(gaps_s: FloatArray) -> int | None:
    """Return where the frequency changes most, or None where it does not change by more than chance."""
    count = len(gaps_s)
    mean_s = float(gaps_s.mean())
    if count < 2 * FEWEST_GAPS or mean_s <= 0:
        return None
    before = np.arange(FEWEST_GAPS, count - FEWEST_GAPS + 1)
    total_s = np.cumsum(gaps_s)
    first_s = np.maximum(total_s[before - 1] / before, 1e-6)
    second_s = np.maximum((total_s[-1] - total_s[before - 1]) / (count - before), 1e-6)
    ratio = 2.0 * (before * np.log(mean_s / first_s) + (count - before) * np.log(mean_s / second_s))
    # Differences of neighbours tell how even the gaps are, whatever the frequency does over the day.
    dispersion = float((np.diff(gaps_s) ** 2).mean()) / 2.0 / mean_s**2
    best = int(ratio.argmax())
    return int(before[best]) if ratio[best] > CHANGE_THRESHOLD * max(dispersion, LEAST_DISPERSION) else None


def is_constant(service: Service, known_above_s: float) -> bool:
    """Tell whether every stop has the same service all day: one period, over the same hours but for a headway.

    Then attractive sets that hold all day are right at any time.

    Parameters
    ----------
    service : Service
    known_above_s : float
    """
    levels = trip_levels(service, known_above_s)
    first_s, last_s, usual_s = (np.zeros(len(service.visit_stop)) for _ in range(3))
    boards = service.visit_boards.copy()
    boards[service.visit_ptr[1:] - 1] = False
    for mine in trips_by_pattern(service):
        headway_s = levels.headway_s[mine]
        usual = headway_s[headway_s > 0]
        if len(usual) != len(mine) - 1 or not len(usual) or np.ptp(usual) > 1e-6:
            return False
        length = int(np.diff(service.visit_ptr)[mine[0]])
        visits = service.visit_ptr[mine][:, None] + np.arange(length)
        due_s = service.scheduled_departure_s[visits]
        first_s[visits], last_s[visits], usual_s[visits] = due_s.min(axis=0), due_s.max(axis=0), usual[0]
    return _same_hours(service.visit_stop[boards], first_s[boards], last_s[boards], usual_s[boards])


def _same_hours(stop: IntArray, first_s: FloatArray, last_s: FloatArray, headway_s: FloatArray) -> bool:
    """Tell whether at each stop all patterns begin and end no more than their headway apart from the widest span."""
    if not len(stop):
        return True
    earliest_s, latest_s = np.full(stop.max() + 1, np.inf), np.full(stop.max() + 1, -np.inf)
    np.minimum.at(earliest_s, stop, first_s)
    np.maximum.at(latest_s, stop, last_s)
    same: BoolArray = (first_s <= earliest_s[stop] + headway_s) & (last_s >= latest_s[stop] - headway_s)
    return bool(same.all())
