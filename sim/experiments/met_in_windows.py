"""What one more rider met on observed days, by departure window and place in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.service import Service
from sim.population.observation import VisitFacts
from sim.population.traced_journeys import TracedRides


@dataclass(frozen=True)
class MetInWindows:
    """Arrays of shape (days, windows, places).

    Attributes
    ----------
    arrival_s : ndarray of float
        At the destination, seconds after midnight; NaN where no vehicle leads there.
    first_visit : ndarray of int
        At which they board first; -1 where they board nothing.
    boards_first, left_behind, sits : ndarray of bool
        Whether the first vehicle that comes takes them everywhere, one leaves them behind, and they get there in seats.
    load_factor : ndarray of float
        The highest on their way; NaN where no vehicle leads there.
    fullest_visit : ndarray of int
        After which it is met; -1 on foot.
    waited_s : ndarray of float
        All waits for vehicles together.
    """

    arrival_s: FloatArray
    first_visit: IntArray
    boards_first: BoolArray
    left_behind: BoolArray
    sits: BoolArray
    load_factor: FloatArray
    fullest_visit: IntArray
    waited_s: FloatArray

    @classmethod
    def of(
        cls, ridden: Sequence[TracedRides], service: Service, days: Sequence[VisitFacts], places: int
    ) -> MetInWindows:
        """Lay out the rides of all days.

        Parameters
        ----------
        ridden : sequence of TracedRides
            One a day; places of windows one after the other.
        service : Service
        days : sequence of VisitFacts
        places : int
            Moments of each window.
        """
        on_days = list(zip(ridden, days, strict=True))
        fullest = [one.fullest(service, facts) for one, facts in on_days]
        shape = len(days), -1, places
        arrival_s = np.array([one.arrival_s for one in ridden]).reshape(shape)
        arrives = np.isfinite(arrival_s)
        # Whoever finds no vehicle meets no load and stands in none: they were told of empty vehicles and seats
        # (test_whoever_finds_no_vehicle_is_promised_no_seat).
        return cls(
            arrival_s=arrival_s,
            first_visit=np.array([one.first_visit for one in ridden]).reshape(shape),
            boards_first=np.array([one.boards_first for one in ridden]).reshape(shape),
            left_behind=np.array([one.left_behind for one in ridden]).reshape(shape),
            sits=arrives & np.array([one.sits(service, facts) for one, facts in on_days]).reshape(shape),
            load_factor=np.where(arrives, np.array([factor for factor, _ in fullest]).reshape(shape), np.nan),
            fullest_visit=np.array([visit for _, visit in fullest]).reshape(shape),
            waited_s=np.array([one.by_person(one.board_s - one.joined_s) for one in ridden]).reshape(shape),
        )

    def with_windows(self, rows: IntArray, others: MetInWindows) -> MetInWindows:
        """Return the same with what was met in some windows replaced.

        Parameters
        ----------
        rows : ndarray of int
            Windows.
        others : MetInWindows
            Of these alone.
        """
        replaced = []
        for column in fields(self):
            values = getattr(self, column.name).copy()
            values[:, rows] = getattr(others, column.name)
            replaced.append(values)
        return MetInWindows(*replaced)
