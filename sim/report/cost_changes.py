"""Change of generalized cost against `none`, commuter by commuter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.metrics.metric import BASELINE
from sim.metrics.paired_changes import LOSS_THRESHOLD_MIN, BaselineJourneys, paired_cost_change_min
from sim.metrics.persons import of_persons
from sim.records.table import Table
from sim.report.charts.chart import NothingToShowError

_GAIN_BINS_MIN = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0)
_MOST_GAIN_BINS = 20


@dataclass(frozen=True)
class CostChanges:
    """Change of generalized cost against `none` per commuter-day, one strategy.

    Attributes
    ----------
    bin_edges_min : ndarray, shape (bins + 1,)
        Minutes, losses positive; the same for all strategies of a call. The outermost bins hold what
        lies beyond them too, the middle one everything within `LOSS_THRESHOLD_MIN`.
    share : ndarray, shape (3, bins)
        Of all commuter-days matched, by `GAIN_GROUPS`; sums to 1.
    mean_change_min : ndarray, shape (3,)
        Mean change of each group in minutes; NaN where it is empty.
    """

    bin_edges_min: FloatArray
    share: FloatArray
    mean_change_min: FloatArray


def cost_changes(journeys: Table, strategies: Sequence[str]) -> dict[str, CostChanges]:
    """Return the distribution of cost changes against `none` by strategy.

    Raises
    ------
    NothingToShowError
        When there is nothing to compare.
    """
    changes = {name: _changes(journeys, name) for name in strategies if name != BASELINE}
    known = {name: parts for name, parts in changes.items() if len(parts[0])}
    if not known:
        raise NothingToShowError("There is no strategy beside none whose commuters could be compared.")
    every_min = np.abs(np.concatenate([change_min for change_min, _ in known.values()]))
    moved_min = every_min[every_min > LOSS_THRESHOLD_MIN]
    reach_min = float(np.percentile(moved_min, 98.0)) if len(moved_min) else LOSS_THRESHOLD_MIN
    reach_min = max(reach_min - LOSS_THRESHOLD_MIN, 4.0)
    bin_min = next((width for width in _GAIN_BINS_MIN if reach_min / width <= _MOST_GAIN_BINS), _GAIN_BINS_MIN[-1])
    bins = min(_MOST_GAIN_BINS, int(np.ceil(reach_min / bin_min)))
    outward_min = LOSS_THRESHOLD_MIN + bin_min * np.arange(bins + 1)
    edges_min = np.concatenate([-outward_min[::-1], outward_min])
    found = {}
    for name, (change_min, group) in known.items():
        beyond = np.sign(change_min) * (np.abs(change_min) > LOSS_THRESHOLD_MIN)
        steps = np.ceil((np.abs(change_min) - LOSS_THRESHOLD_MIN) / bin_min)
        place = bins + (beyond * np.clip(steps, 1, bins)).astype(np.int64)
        cells = np.bincount(group * (2 * bins + 1) + place, minlength=3 * (2 * bins + 1))
        total_min = np.bincount(group, weights=change_min, minlength=3)
        persons = np.bincount(group, minlength=3)
        mean_min = np.where(persons > 0, total_min / np.maximum(persons, 1), np.nan)
        found[name] = CostChanges(edges_min, cells.reshape(3, -1) / len(change_min), mean_min)
    return found


def _changes(journeys: Table, strategy: str) -> tuple[FloatArray, IntArray]:
    """Return cost change in minutes and group of every commuter-day matched with `none`."""
    changes, groups = [np.zeros(0)], [np.zeros(0, np.int64)]
    for replication in np.unique(journeys["replication"]):
        here = journeys["replication"] == replication
        none = journeys.where(here & journeys.equals("strategy", BASELINE))
        other = journeys.where(here & journeys.equals("strategy", strategy))
        if len(none) and len(other):
            change_min, _, rows = paired_cost_change_min(BaselineJourneys.of(none), other)
            there, change_min = of_persons(change_min, other.where(rows))
            known = np.isfinite(change_min)
            complied, advised = other["complied"][rows[there]], other["advised"][rows[there]]
            changes.append(change_min[known])
            groups.append(np.where(complied, 0, np.where(advised, 1, 2))[known].astype(np.int64))
    return np.concatenate(changes), np.concatenate(groups)
