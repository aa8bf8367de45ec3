"""How the cost of commuters changes against themselves under `none`, and what class of change it is.

A change is the generalized cost of a commuter and day under a strategy less that of the same commuter
on the same day and draws under `none`. The classes by what changed split the change of the total
exactly (`sim.metrics.account`; `test_the_parts_sum_to_the_change_in_every_cell`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.metrics.persons import first_rows, of_persons
from sim.records.table import Table

LOSS_THRESHOLD_MIN = 1.0
"""Change of a commuter's generalized cost in minutes from which it counts as lost or won; assumed."""

SHIFT_LIMITS_MIN = (5, 10, 15, 30)
"""Shifts of departure up to which savings are told apart, in minutes."""

DIRECT_SHIFT, DISPLACED_LOAD, BACK_FILL = 0, 1, 2
"""Classes of commuter-days by what changed, see `change_classes`."""

CLASS_NAMES = ("direct_shift", "displaced_load", "back_fill")


@dataclass(frozen=True)
class BaselineJourneys:
    """What other strategies are paired with: the journeys of one replication under `none`.

    Attributes
    ----------
    day, commuter_id : ndarray of int, shape (journeys,)
    cost_min, departure_s : ndarray of float, shape (journeys,)
        Generalized cost in minutes, and departure in seconds after midnight.
    """

    day: IntArray
    commuter_id: IntArray
    cost_min: FloatArray
    departure_s: FloatArray

    @classmethod
    def of(cls, journeys: Table) -> BaselineJourneys:
        """Take them from the table of one replication under `none`."""
        return cls(journeys["day"], journeys["commuter_id"], journeys["generalized_cost_min"], journeys["departure_s"])


@dataclass(frozen=True)
class PairedChanges:
    """Changes of one replication under a strategy.

    Attributes
    ----------
    by_class_min : ndarray of float, shape (3,)
        Change of the total generalized cost per day, by `CLASS_NAMES`.
    kind : ndarray of int, shape (persons,)
        Class of each person and day.
    change_min : ndarray of float, shape (persons,)
        Change of generalized cost of all journeys of the person and day; losses positive.
    complied, anyway : ndarray of bool, shape (persons,)
        Who left inside the window, and whose departure under `none` lies inside it too.
    shift_s : ndarray of float, shape (persons,)
        By how much each leaves at another time than under `none`, earlier or later.
    person : ndarray of int, shape (persons,)
        Who it is, the same on all days.
    """

    by_class_min: FloatArray
    kind: IntArray
    change_min: FloatArray
    complied: BoolArray
    anyway: BoolArray
    shift_s: FloatArray
    person: IntArray

    @property
    def lasting_regret_min(self) -> FloatArray:
        """Mean change over the days of each person that complied and left at another time on any of them."""
        moved = self.complied & (self.shift_s > 0.0)
        _, number = np.unique(self.person, return_inverse=True)
        days, moves = np.bincount(number), np.bincount(number, moved)
        mean_min: FloatArray = np.bincount(number, np.nan_to_num(self.change_min)) / np.maximum(days, 1)
        return mean_min[moves > 0]


def paired_changes(baseline: BaselineJourneys, journeys: Table) -> PairedChanges | None:
    """Compare every person and day with the same one under `none`; None where both have none in common.

    Parameters
    ----------
    baseline : BaselineJourneys
    journeys : Table
        Of the same replication under a strategy, rows in any order.
    """
    change_min, rows_none, rows = paired_cost_change_min(baseline, journeys)
    if not len(change_min):
        return None
    other = journeys if len(rows) == len(journeys) and np.array_equal(rows, np.arange(len(rows))) else None
    return changes_of(change_min, baseline.departure_s[rows_none], journeys.where(rows) if other is None else other)


def changes_of(change_min: FloatArray, departure_none_s: FloatArray, other: Table) -> PairedChanges:
    """Sum changes of journeys up by class and by person.

    Parameters
    ----------
    change_min : ndarray of float, shape (pairs,)
        Change of generalized cost of each journey, losses positive.
    departure_none_s : ndarray of float, shape (pairs,)
        Departures under `none`, seconds after midnight.
    other : Table
        `journeys` of one replication under the strategy, matched row by row.
    """
    kind = journey_classes(departure_none_s, other)
    days = len(np.unique(other["day"]))
    sums = np.bincount(kind, np.nan_to_num(change_min), len(CLASS_NAMES)) / max(days, 1)
    there, change_min = of_persons(change_min, other)
    anyway = (other["window_start_s"] <= departure_none_s) & (departure_none_s < other["window_end_s"])
    shift_s = np.abs(other["departure_s"] - departure_none_s)
    complied, person = other["complied"][there], other["commuter_id"][there]
    return PairedChanges(sums, kind[there], change_min, complied, anyway[there], shift_s[there], person)


def paired_cost_change_min(baseline: BaselineJourneys, journeys: Table) -> tuple[FloatArray, IntArray, IntArray]:
    """Match commuter-days and take the change of generalized cost against `none`.

    Returns
    -------
    change_min : ndarray, shape (pairs,)
        Generalized cost under the strategy less that under `none`, in minutes.
    rows_none, rows : ndarray, shape (pairs,)
        Rows of the two that were matched.
    """
    commuter, day = journeys["commuter_id"], journeys["day"]
    if np.array_equal(baseline.commuter_id, commuter) and np.array_equal(baseline.day, day):
        rows_none = rows = np.arange(len(commuter), dtype=np.int64)
    else:
        persons = 1 + max(int(ids.max(initial=0)) for ids in (baseline.commuter_id, commuter))
        none_key, own_key = baseline.day * persons + baseline.commuter_id, day * persons + commuter
        _, rows_none, rows = np.intersect1d(none_key, own_key, return_indices=True)
    return journeys["generalized_cost_min"][rows] - baseline.cost_min[rows_none], rows_none, rows


def journey_classes(departure_none_s: FloatArray, other: Table) -> IntArray:
    """Class journeys by what changed against `none`, see `change_classes`; all of a person and day alike.

    A journey that follows from another one begins when it does because of that one, so what moved the first journey
    moved the others.

    Parameters
    ----------
    departure_none_s : ndarray of float, shape (rows,)
        Departures under `none`, seconds after midnight.
    other : Table
        `journeys` under the strategy, matched row by row.
    """
    kind = change_classes(departure_none_s, other["departure_s"], other["complied"])
    of_person: IntArray = kind[first_rows(other)]
    return of_person


def change_classes(departure_none_s: FloatArray, departure_s: FloatArray, complied: BoolArray) -> IntArray:
    """Class journeys by what changed against `none`.

    Commuters that complied and leave at another time are `DIRECT_SHIFT`. Those that leave at another
    time without having complied are `BACK_FILL`. Those that leave as under `none` are `DISPLACED_LOAD`:
    whatever changes for them, others have caused.

    Parameters
    ----------
    departure_none_s, departure_s : ndarray of float, shape (pairs,)
        Departures under `none` and under the strategy, seconds after midnight.
    complied : ndarray of bool, shape (pairs,)
        Under the strategy.
    """
    # Exactly one class for each, so that the classes' parts sum to the change of the total
    # (`test_the_parts_sum_to_the_change_in_every_cell`).
    moved = departure_s != departure_none_s
    return np.where(moved, np.where(complied, DIRECT_SHIFT, BACK_FILL), DISPLACED_LOAD).astype(np.int64)
