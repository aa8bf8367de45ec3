"""Who pays: changes of cost matched by commuter, by class, and how unevenly they fall.

A change is the generalized cost of a commuter and day under a strategy less that of the same commuter
on the same day and draws under `none`. Classes by what a person did split the change of the total
exactly: see `sim.metrics.account`.
"""

from __future__ import annotations

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.metrics.persons import of_persons, outward_rows
from sim.metrics.registry import LOSS_THRESHOLD_MIN
from sim.records.table import Table

DIRECT_SHIFT, DISPLACED_LOAD, BACK_FILL = 0, 1, 2
"""Classes of commuter-days by what changed, see `change_classes`."""

CLASS_NAMES = ("direct_shift", "displaced_load", "back_fill")


def journey_classes(departure_none_s: FloatArray, other: Table) -> IntArray:
    """Class journeys by what changed against `none`, see `change_classes`; those back as those there.

    A journey back begins when it does because of the journey there, so its commuter's advice in the
    morning is what shifts the evening.

    Parameters
    ----------
    departure_none_s : ndarray of float, shape (rows,)
        Departures under `none`, seconds after midnight.
    other : Table
        `journeys` under the strategy, matched row by row.
    """
    kind = change_classes(departure_none_s, other["departure_s"], other["complied"])
    of_person: IntArray = kind[outward_rows(other)]
    return of_person


def change_classes(departure_none_s: FloatArray, departure_s: FloatArray, complied: BoolArray) -> IntArray:
    """Class journeys by what changed against `none`.

    Who complied and leaves at another time is `DIRECT_SHIFT`; who leaves at another time without
    having complied is `BACK_FILL`; who leaves as under `none` is `DISPLACED_LOAD`: whatever changes for
    him, others have caused.

    Parameters
    ----------
    departure_none_s, departure_s : ndarray of float, shape (pairs,)
        Departures under `none` and under the strategy, seconds after midnight.
    complied : ndarray of bool, shape (pairs,)
        Under the strategy.
    """
    moved = departure_s != departure_none_s
    return np.where(moved, np.where(complied, DIRECT_SHIFT, BACK_FILL), DISPLACED_LOAD).astype(np.int64)


def change_metrics(change_min: FloatArray, departure_none_s: FloatArray, other: Table) -> dict[str, float]:
    """Return the metrics that compare commuters with themselves under `none`, journeys there and back together.

    Parameters
    ----------
    change_min : ndarray of float, shape (pairs,)
        Change of generalized cost of each journey, losses positive.
    departure_none_s : ndarray of float, shape (pairs,)
        Departures under `none`, seconds after midnight.
    other : Table
        `journeys` of one replication under the strategy, matched row by row.
    """
    if not len(change_min):
        return {}
    kind = journey_classes(departure_none_s, other)
    days = len(np.unique(other["day"]))
    sums = np.bincount(kind, np.nan_to_num(change_min), len(CLASS_NAMES)) / max(days, 1)
    there, change_min = of_persons(change_min, other)
    kind, known = kind[there], np.nan_to_num(change_min)
    followed = change_min[other["complied"][there]]
    return {
        "winners_share": float((change_min < -LOSS_THRESHOLD_MIN).mean()),
        "losers_share": float((change_min > LOSS_THRESHOLD_MIN).mean()),
        "largest_loss_min": float(np.nanmax(change_min, initial=-np.inf)),
        "mean_regret_min": float(followed.mean()) if len(followed) else float("nan"),
        "largest_regret_min": float(followed.max()) if len(followed) else float("nan"),
        "loss_gini_share": gini(np.maximum(known, 0.0)),
        "direct_shift_share": float((kind == DIRECT_SHIFT).mean()),
        "back_fill_share": float((kind == BACK_FILL).mean()),
        **{f"{name}_min": float(total) for name, total in zip(CLASS_NAMES, sums, strict=True)},
    }


def gini(values: FloatArray) -> float:
    """Return the Gini coefficient: half the mean distance of two persons over the mean.

    0 where all have the same, near 1 where one has all; NaN where there is nothing to share out.

    Parameters
    ----------
    values : ndarray of float, shape (persons,)
        Not negative; NaN is left out.
    """
    known = np.sort(values[np.isfinite(values)])
    total = float(known.sum())
    if total <= 0:
        return float("nan")
    count = len(known)
    rank = np.arange(1, count + 1)
    return float(((2 * rank - count - 1) * known).sum() / (count * total))
