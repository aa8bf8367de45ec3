"""Who gains and who loses by where they begin their journey and by when they leave by habit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.metrics.grouping import ratio, split_by_run, sum_by_group
from sim.metrics.metric import BASELINE
from sim.metrics.paired_changes import BaselineJourneys, paired_cost_change_min
from sim.metrics.persons import of_persons
from sim.metrics.statistics import estimate
from sim.records.table import Table


def gains_by_place(journeys: Table, period_s: float) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Return the mean change of cost against `none` by stop of origin and by period of the habitual departure.

    Parameters
    ----------
    journeys : Table
        Of several strategies, `none` among them.
    period_s : float
        Length of a period in seconds.

    Returns
    -------
    dict
        By strategy: `by_stop` and `by_period`, a dict for each place or period with its name (`stop_id` or
        `period_start_s`), `persons` a day, `mean_change_min` and `half_width` over replications; a group without
        anybody is left out. Empty without `none`.
    """
    runs = split_by_run(journeys)
    names = journeys.categories["origin_stop_id"]
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for strategy in dict.fromkeys(name for name, _ in runs if name != BASELINE):
        pairs = [
            (runs[BASELINE, replication], own)
            for (name, replication), own in runs.items()
            if name == strategy and (BASELINE, replication) in runs
        ]
        if not pairs:
            continue
        stops = [_by_group(none, own, lambda rows: rows["origin_stop_id"], len(names)) for none, own in pairs]
        periods = [_by_group(none, own, lambda rows: _period(rows, period_s), _PERIODS) for none, own in pairs]
        found[strategy] = {
            "by_stop": _told(stops, lambda place: {"stop_id": names[place]}),
            "by_period": _told(periods, lambda place: {"period_start_s": place * period_s}),
        }
    return found


_PERIODS = 4096
"""More periods than a day has, however short they are."""


def _period(journeys: Table, period_s: float) -> IntArray:
    period: IntArray = np.clip(journeys["habitual_departure_s"] // period_s, 0, _PERIODS - 1).astype(np.int64)
    return period


def _by_group(
    none: Table, own: Table, group_of: Callable[[Table], IntArray], groups: int
) -> tuple[FloatArray, FloatArray]:
    """Return mean change in minutes and persons a day by group in one replication, each of shape (groups,)."""
    change_min, _, rows = paired_cost_change_min(BaselineJourneys.of(none), own)
    after = own.where(rows)
    there, change_min = of_persons(change_min, after)
    known = np.isfinite(change_min)
    group = group_of(after.where(there))[known]
    persons = sum_by_group(group, np.ones(len(group)), groups)
    days = max(len(np.unique(own["day"])), 1)
    return ratio(sum_by_group(group, change_min[known], groups), persons), persons / days


def _told(
    replications: list[tuple[FloatArray, FloatArray]], name: Callable[[int], dict[str, Any]]
) -> list[dict[str, Any]]:
    changes = np.array([change for change, _ in replications])
    persons = np.array([number for _, number in replications]).mean(axis=0)
    told = []
    for place in np.flatnonzero(persons).tolist():
        found = estimate(changes[:, place])
        told.append(
            {
                **name(place),
                "persons": float(persons[place]),
                "mean_change_min": found.mean,
                "half_width": found.half_width,
            }
        )
    return told
