"""Who pays: changes of cost matched by commuter, by class, and how unevenly they fall.

A change is the generalized cost of a commuter and day under a strategy less that of the same commuter
on the same day and draws under `none`. Classes by what a person did split the change of the total
exactly: see `sim.metrics.account`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from sim.metrics.registry import LOSS_THRESHOLD_MIN
from sim.records.table import Table
from sim.units import BoolArray, FloatArray, IntArray

DIRECT_SHIFT, DISPLACED_LOAD, BACK_FILL = 0, 1, 2
"""Classes of commuter-days by what changed, see `change_classes`."""

CLASS_NAMES = ("direct_shift", "displaced_load", "back_fill")

SLACK_MIN = 10.0
"""Minutes before the preferred arrival from which a commuter counts as having time to spare; assumed."""


@dataclass(frozen=True)
class ClassChange:
    """Change of cost of one class of commuters under one strategy.

    Attributes
    ----------
    group : str
        Words for the class.
    commuter_days : int
    winners_share, losers_share : float
        Of the class, beyond `LOSS_THRESHOLD_MIN`.
    mean_change_min : float
    largest_loss_min : float
        Of any commuter-day of the class; negative where all gain.
    """

    group: str
    commuter_days: int
    winners_share: float
    losers_share: float
    mean_change_min: float
    largest_loss_min: float


def change_classes(departure_none_s: FloatArray, departure_s: FloatArray, complied: BoolArray) -> IntArray:
    """Class commuter-days by what changed against `none`.

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


def change_metrics(
    change_min: FloatArray, departure_none_s: FloatArray, departure_s: FloatArray, complied: BoolArray, days: int
) -> dict[str, float]:
    """Return the metrics that compare commuters with themselves under `none`.

    Parameters
    ----------
    change_min : ndarray of float, shape (pairs,)
        Change of generalized cost, losses positive.
    departure_none_s, departure_s : ndarray of float, shape (pairs,)
    complied : ndarray of bool, shape (pairs,)
    days : int
        Days that the pairs come from.
    """
    if not len(change_min):
        return {}
    kind = change_classes(departure_none_s, departure_s, complied)
    known = np.nan_to_num(change_min)
    sums = np.bincount(kind, known, len(CLASS_NAMES)) / max(days, 1)
    followed = change_min[complied]
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


def class_changes(none: Table, other: Table, change_min: FloatArray) -> list[ClassChange]:
    """Sum up changes of cost by class of commuter.

    The scenario knows no incomes, so classes are what the tables tell: what people did, whether they
    had time to spare by habit, when they travel, and how far.

    Parameters
    ----------
    none, other : Table
        `journeys` under `none` and the strategy, matched row by row.
    change_min : ndarray of float, shape (rows,)
        Change of generalized cost, losses positive.
    """
    return [
        _sum_up(group, change_min[members])
        for group, members in _classes(none, other).items()
        if np.isfinite(change_min[members]).any()
    ]


def _classes(none: Table, other: Table) -> Mapping[str, BoolArray]:
    complied, advised = other["complied"], other["advised"]
    early_min = np.nan_to_num(none["schedule_delay_early_s"]) / 60.0
    late = np.nan_to_num(none["schedule_delay_late_s"]) > 0
    ride_s = none["in_vehicle_s"]
    short = ride_s <= np.median(ride_s) if len(ride_s) else np.zeros(0, dtype=np.bool_)
    denied = none["denied_boardings"] > 0
    return MappingProxyType(
        {
            "followed the advice": complied,
            "advised, did not follow": advised & ~complied,
            "not advised": ~advised,
            f"by habit over {SLACK_MIN:g} min early": early_min > SLACK_MIN,
            "by habit just in time": (early_min <= SLACK_MIN) & ~late,
            "by habit late": late,
            "shorter half of the rides": short,
            "longer half of the rides": ~short,
            "left behind by habit": denied,
            "never left behind by habit": ~denied,
        }
    )


def _sum_up(group: str, change_min: FloatArray) -> ClassChange:
    known = change_min[np.isfinite(change_min)]
    return ClassChange(
        group=group,
        commuter_days=len(known),
        winners_share=float((known < -LOSS_THRESHOLD_MIN).mean()),
        losers_share=float((known > LOSS_THRESHOLD_MIN).mean()),
        mean_change_min=float(known.mean()),
        largest_loss_min=float(known.max()),
    )
