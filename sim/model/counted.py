"""What was counted on vehicles on real days, by the vehicles of the scenario."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.model.notes import note


@dataclass(frozen=True)
class CountedDay:
    """What was counted on one day; a row for each vehicle at a stop of which something is known.

    Attributes
    ----------
    date : str
        As in the files; empty where they tell no date.
    visit : ndarray of int, shape (rows,)
        Rows of visits of the service, ascending, each once.
    load : ndarray of float, shape (rows,)
        Persons on board when the vehicle leaves, in persons of the scenario; NaN where unknown.
    boardings : ndarray of float, shape (rows,)
        Persons who boarded; NaN where unknown.
    left_behind : ndarray of float, shape (rows,)
        Persons for whom there was no room; NaN where unknown.
    late_s : ndarray of float, shape (rows,)
        How much later than scheduled the vehicle left; NaN where unknown.
    """

    date: str
    visit: IntArray
    load: FloatArray
    boardings: FloatArray
    left_behind: FloatArray
    late_s: FloatArray


@dataclass(frozen=True)
class CountedDays:
    """What an agency has counted, which the advisor sees beside the simulated days.

    Attributes
    ----------
    days : tuple of CountedDay
        By date.
    share : float
        Weight of the counted days together; the simulated days have the rest.
    notes : tuple of str
        What was not used of the files, and why.
    """

    days: tuple[CountedDay, ...]
    share: float
    notes: tuple[str, ...] = ()

    def sentences(self, visits: int) -> tuple[str, ...]:
        """Say what the advisor sees of them, for the manifest and the report.

        Parameters
        ----------
        visits : int
            Vehicles at stops of a simulated day.
        """
        known = np.unique(np.concatenate([day.visit for day in self.days]))
        days = note("several_days", number=len(self.days)) if len(self.days) > 1 else note("one_day")
        share, counts = f"{self.share:.0%}", {"known": f"{len(known):,}", "visits": f"{visits:,}"}
        said = note("counts_seen", days=days, share=share, **counts)
        return (said, *self.notes)
