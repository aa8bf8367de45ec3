"""Who gains and who loses, class by class: by what people did, by their habit, by income and flexibility.

A change is that of the generalized cost of all journeys of a person on a day against the same person,
day and draws under `none`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.arrays import BoolArray, FloatArray
from sim.metrics.grouping import split_by_run
from sim.metrics.metric import BASELINE
from sim.metrics.numbers import gini
from sim.metrics.paired_changes import (
    LOSS_THRESHOLD_MIN,
    SHIFT_LIMITS_MIN,
    BaselineJourneys,
    paired_cost_change_min,
)
from sim.metrics.persons import of_persons
from sim.metrics.statistics import estimate, largest
from sim.records.schema import FAIRNESS
from sim.records.table import DTYPES, Cells, Table, assemble, concatenate

SLACK_MIN = 10.0
"""Minutes before the preferred arrival from which a commuter counts as having time to spare; assumed."""

SAVED = (
    "saved_by_timing_min",
    "saved_by_wish_min",
    "saved_by_avoiding_min",
    "saved_by_relief_min",
    "saved_on_fare_min",
)
"""Columns of `journeys` that a saving consists of; means of a class stand under the same names."""

WITHIN = tuple(f"saved_within_{limit}_min" for limit in SHIFT_LIMITS_MIN)
"""Columns of what people of a class save who shift by at most so many minutes, over all of the class."""

MEASURES = ("mean_change_min", "winners_share", "losers_share", "loss_gini_share", *SAVED, *WITHIN)
"""Columns of the table that are estimated over replications."""


def fairness_table(tables: Mapping[str, Table]) -> Table:
    """Return gains and losses of every class against `none`, by strategy and replication.

    Parameters
    ----------
    tables : mapping of str to Table
        At least `journeys` of several strategies, `none` among them.

    Returns
    -------
    Table
        Under the schema `fairness`; a class without anybody has no row.
    """
    runs = split_by_run(tables["journeys"])
    parts = [
        fairness_of_run(runs[BASELINE, replication], own)
        for (strategy, replication), own in runs.items()
        if strategy != BASELINE and (BASELINE, replication) in runs
    ]
    return concatenate(parts) if parts else _table([])


def fairness_of_run(none: Table, own: Table) -> Table:
    """Return gains and losses of every class in one replication under one strategy.

    Parameters
    ----------
    none, own : Table
        `journeys` of the same replication under `none` and under the strategy.
    """
    _, rows_none, rows_own = paired_cost_change_min(BaselineJourneys.of(none), own)
    return fairness_of_pairs(none.where(rows_none), own.where(rows_own))


def fairness_of_pairs(before: Table, after: Table, everybody: bool = False) -> Table:
    """Return gains and losses of every class from one run to another, in one replication.

    Parameters
    ----------
    before, after : Table
        `journeys` of the same persons and days, matched row by row; rows of the result are of the strategy of `after`.
    everybody : bool
        Whether all persons together are a class too, the first.
    """
    change_min = after["generalized_cost_min"] - before["generalized_cost_min"]
    there, change_min = of_persons(change_min, after)
    saved_min = {name: of_persons(after[name], after)[1] for name in SAVED}
    cost_min = of_persons(before["generalized_cost_min"], before)[1]
    shift_s = np.abs(after["departure_s"] - before["departure_s"])[there]
    rows: list[dict[str, Any]] = []
    classes = _groups(before.where(there), after.where(there))
    if everybody:
        classes = chain([("all", "everybody", np.ones(len(there), dtype=np.bool_))], classes)
    for kind, group, members in classes:
        known = members & np.isfinite(change_min)
        if known.any():
            strategy = after.categories["strategy"][int(after["strategy"][0])]
            key = {"strategy": strategy, "replication": int(after["replication"][0]), "kind": kind, "group": group}
            parts = {name: float(values[known].mean()) for name, values in saved_min.items()}
            for name, limit_min in zip(WITHIN, SHIFT_LIMITS_MIN, strict=True):
                parts[name] = -float(np.where(shift_s <= 60.0 * limit_min, change_min, 0.0)[known].mean())
            rows.append({**key, **_sum_up(change_min[known], cost_min[known]), **parts})
    return _table(rows)


def class_summary(fairness: Table) -> dict[str, list[dict[str, Any]]]:
    """Return gains and losses by strategy and class with 95 % intervals over replications, for JSON.

    Parameters
    ----------
    fairness : Table
        As `fairness_table` makes it.

    Returns
    -------
    dict of str to list of dict
        By strategy: `kind`, `group`, `commuter_days`, each of `MEASURES` as mean and half-width, and
        `largest_loss_min` as the largest over replications; None where it cannot be said.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    code = fairness["kind"] * len(fairness.categories["group"]) + fairness["group"]
    for strategy in fairness.categories["strategy"]:
        own = fairness.equals("strategy", strategy)
        found[strategy] = []
        for number in np.unique(code[own]).tolist():
            part = fairness.where(own & (code == number))
            found[strategy].append(
                {
                    "kind": part.text("kind")[0],
                    "group": part.text("group")[0],
                    "commuter_days": int(part["commuter_days"].sum()),
                    **{name: _estimate(part[name]) for name in MEASURES},
                    "largest_loss_min": {"largest": _known(largest(part["largest_loss_min"]).mean)},
                }
            )
    return found


def _groups(none: Table, own: Table) -> Iterator[tuple[str, str, BoolArray]]:
    """Yield kind, words and members of each class; people of `none` and the strategy matched row by row."""
    complied, advised = own["complied"], own["advised"]
    early_min = np.nan_to_num(none["schedule_delay_early_s"]) / 60.0
    late = np.nan_to_num(none["schedule_delay_late_s"]) > 0
    ride_s = none["in_vehicle_s"]
    short = ride_s <= np.median(ride_s) if len(ride_s) else np.zeros(0, dtype=np.bool_)
    denied = none["denied_boardings"] > 0
    yield "advice", "followed the advice", complied
    yield "advice", "advised, did not follow", advised & ~complied
    yield "advice", "not advised", ~advised
    yield "habit", f"by habit over {SLACK_MIN:g} min early", early_min > SLACK_MIN
    yield "habit", "by habit just in time", (early_min <= SLACK_MIN) & ~late
    yield "habit", "by habit late", late
    yield "ride", "shorter half of the rides", short
    yield "ride", "longer half of the rides", ~short
    yield "left behind", "left behind by habit", denied
    yield "left behind", "never left behind by habit", ~denied
    for kind in ("income", "flexibility"):
        for number, name in enumerate(own.categories[f"{kind}_class"]):
            if name:
                yield kind, f"{kind}: {name}", own[f"{kind}_class"] == number
    zones = own.categories["origin_zone"]
    for number, name in enumerate(zones):
        if name or len(zones) > 1:
            yield "zone", f"from {name or 'elsewhere'}", own["origin_zone"] == number


def _sum_up(change_min: FloatArray, cost_none_min: FloatArray) -> dict[str, Any]:
    return {
        "commuter_days": len(change_min),
        "mean_cost_none_min": float(cost_none_min.mean()),
        "mean_change_min": float(change_min.mean()),
        "winners_share": float((change_min < -LOSS_THRESHOLD_MIN).mean()),
        "losers_share": float((change_min > LOSS_THRESHOLD_MIN).mean()),
        "largest_loss_min": float(change_min.max()),
        "loss_gini_share": gini(np.maximum(change_min, 0.0)),
    }


def _table(rows: list[dict[str, Any]]) -> Table:
    columns: dict[str, NDArray[Any]] = {}
    categories: dict[str, tuple[str, ...]] = {}
    for column in FAIRNESS.columns:
        values = [row[column.name] for row in rows]
        if column.kind == "text":
            categories[column.name] = tuple(dict.fromkeys(values))
            values = [categories[column.name].index(value) for value in values]
        columns[column.name] = np.array(values, dtype=DTYPES[column.kind])
    return assemble(FAIRNESS, Cells(columns, categories))


def _estimate(values: FloatArray) -> dict[str, float | None]:
    item = estimate(values)
    return {"mean": _known(item.mean), "half_width": _known(item.half_width)}


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
