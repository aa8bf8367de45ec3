"""Change of generalized cost against `none`, commuter by commuter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.metrics.grouping import split_by_run
from sim.metrics.metric import BASELINE
from sim.metrics.order_statistics import quantiles_of_parts
from sim.metrics.paired_changes import LOSS_THRESHOLD_MIN, BaselineJourneys, paired_cost_change_min
from sim.metrics.persons import of_persons
from sim.metrics.profiles import GAIN_GROUPS
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
    share : ndarray, shape (groups, bins)
        Of all commuter-days matched, by `GAIN_GROUPS`; sums to 1.
    mean_change_min : ndarray, shape (groups,)
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

    def moved_min() -> Iterator[FloatArray]:
        for _, change_min, _ in _changes(journeys, strategies):
            every_min = np.abs(change_min)
            yield every_min[every_min > LOSS_THRESHOLD_MIN]

    reach_min = float(quantiles_of_parts(moved_min, [0.98], 0.05)[0])
    reach_min = max(np.nan_to_num(reach_min - LOSS_THRESHOLD_MIN), 4.0)
    bin_min = next((width for width in _GAIN_BINS_MIN if reach_min / width <= _MOST_GAIN_BINS), _GAIN_BINS_MIN[-1])
    bins = min(_MOST_GAIN_BINS, int(np.ceil(reach_min / bin_min)))
    beyond_min = LOSS_THRESHOLD_MIN + bin_min * np.arange(bins + 1)
    edges_min = np.concatenate([-beyond_min[::-1], beyond_min])
    sums: dict[str, tuple[IntArray, FloatArray]] = {}
    for name, change_min, group in _changes(journeys, strategies):
        beyond = np.sign(change_min) * (np.abs(change_min) > LOSS_THRESHOLD_MIN)
        steps = np.ceil((np.abs(change_min) - LOSS_THRESHOLD_MIN) / bin_min)
        place = bins + (beyond * np.clip(steps, 1, bins)).astype(np.int64)
        cells = np.bincount(group * (2 * bins + 1) + place, minlength=len(GAIN_GROUPS) * (2 * bins + 1))
        total_min = np.bincount(group, weights=change_min, minlength=len(GAIN_GROUPS))
        before = sums.get(name, (np.zeros(len(cells), np.int64), np.zeros(len(GAIN_GROUPS))))
        sums[name] = (before[0] + cells, before[1] + total_min)
    found = {}
    for name in (name for name in strategies if name in sums):
        cells, total_min = sums[name]
        by_group = cells.reshape(len(GAIN_GROUPS), -1)
        persons = by_group.sum(axis=1)
        mean_min = np.where(persons > 0, total_min / np.maximum(persons, 1), np.nan)
        found[name] = CostChanges(edges_min, by_group / persons.sum(), mean_min)
    if not found:
        raise NothingToShowError(nobody_compared(strategies))
    return found


def nobody_compared(strategies: Sequence[str]) -> str:
    """Say why no commuter is compared with themselves without advice.

    Parameters
    ----------
    strategies : sequence of str
        All that were run.
    """
    if any(strategy != BASELINE for strategy in strategies):
        return "Nobody travelled, so there is nobody whose costs could be compared."
    return "There is no strategy beside none whose commuters could be compared."


def _changes(journeys: Table, strategies: Sequence[str]) -> Iterator[tuple[str, FloatArray, IntArray]]:
    """Yield strategy, cost changes in minutes and groups of the commuter-days of each run matched with `none`."""
    runs = split_by_run(journeys)
    for replication in sorted({number for _, number in runs}):
        if (BASELINE, replication) not in runs:
            continue
        none = BaselineJourneys.of(runs[BASELINE, replication])
        for strategy in strategies:
            other = runs.get((strategy, replication))
            if strategy == BASELINE or other is None:
                continue
            change_min, rows_none, rows = paired_cost_change_min(none, other)
            moved = none.departure_s[rows_none] != other["departure_s"][rows]
            there, change_min = of_persons(change_min, other.where(rows))
            known = np.isfinite(change_min)
            if known.any():
                complied, advised = other["complied"][rows[there]], other["advised"][rows[there]]
                group = np.select([complied & moved[there], complied, advised], [0, 1, 2], 3)[known].astype(np.int64)
                yield strategy, change_min[known], group
