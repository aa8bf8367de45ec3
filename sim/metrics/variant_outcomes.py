"""Variants beside each other: levels, differences against none and against the base, who gains and who loses."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.metrics.fairness import class_summary, fairness_of_pairs
from sim.metrics.grouping import split_by_run
from sim.metrics.persons import first_rows, is_first, later_rows, of_persons
from sim.metrics.statistics import estimate
from sim.metrics.summary import ReplicationValues, changes_between, summarise_values
from sim.records.table import Table, concatenate

_PLACES: Final = 5
"""Stops named at either end of those that gain and lose most."""
_FEWEST: Final = 10.0
"""Commuters and days a replication that a stop needs to be named; the mean of a few persons is chance. Assumed."""


@dataclass(frozen=True)
class VariantOutcome:
    """What was measured of a variant.

    Attributes
    ----------
    name : str
    values : ReplicationValues
        Strategy, then metric, then one value per replication.
    journeys : Table
        Of all strategies and replications.
    unserved : mapping
        Commuters whom the service fails (`sim.metrics.unserved`); empty where there are hardly any.
    """

    name: str
    values: ReplicationValues
    journeys: Table
    unserved: Mapping[str, Any]


def variants_summary(outcomes: Sequence[VariantOutcome]) -> dict[str, Any]:
    """Return the summary of variants; the first is the base that changes are told from.

    ``{"base", "strategies": [...], "variants": {name: {"strategies": as in a comparison, each metric with "change" and
    "change_half_width" against the same strategy in the base, "unserved", "people", "gains", "places"}}}``. `people`
    counts commuters of a replication here, in the base and in both. `gains` has by strategy gains and losses of the
    persons that are in both, by class as in `sim.metrics.fairness`, everybody first; `places` where they live: the
    stops of origin with the largest gain and loss. What cannot be said is None.

    Parameters
    ----------
    outcomes : sequence of VariantOutcome
        With the same strategies and numbers of replications.
    """
    base = outcomes[0]
    runs = split_by_run(base.journeys)
    variants = {}
    for outcome in outcomes:
        strategies = summarise_values(outcome.values)
        for strategy, changes in changes_between(outcome.values, base.values).items():
            for metric, change in changes.items():
                strategies[strategy][metric].update(change)
        pairs = _Pairs.of(runs, outcome)
        variants[outcome.name] = {
            "strategies": strategies,
            "unserved": dict(outcome.unserved),
            "people": pairs.people(),
            "gains": {} if outcome is base else pairs.gains(),
            "places": {} if outcome is base else pairs.places(),
        }
    return {"base": base.name, "strategies": list(base.values), "variants": variants}


def same_persons(base: Table, own: Table) -> tuple[IntArray, IntArray]:
    """Find the persons that two variants have in common, in one replication under one strategy.

    A person is known by day, origin, destination and habitual departure, and by number among those for whom all these
    are the same. That is what their random numbers are drawn by, so that they have the same luck.

    Parameters
    ----------
    base, own : Table
        `journeys`.

    Returns
    -------
    rows_base, rows_own : ndarray of int, shape (journeys in common,)
        Rows of the journeys of these persons, of those that follow from others where both have them.
    """
    first_base, first_own = (np.flatnonzero(first_rows(table) == np.arange(len(table))) for table in (base, own))
    keys = np.concatenate([_person_columns(base, first_base, base), _person_columns(own, first_own, base)])
    group = np.unique(keys, axis=0, return_inverse=True)[1].reshape(-1)
    numbered = [_numbered(part) for part in (group[: len(first_base)], group[len(first_base) :])]
    _, places_base, places_own = np.intersect1d(numbered[0], numbered[1], return_indices=True)
    rows_base, rows_own = first_base[places_base], first_own[places_own]
    later_base, later_own = later_rows(base)[rows_base], later_rows(own)[rows_own]
    both = (later_base >= 0) & (later_own >= 0)
    return np.concatenate([rows_base, later_base[both]]), np.concatenate([rows_own, later_own[both]])


@dataclass(frozen=True)
class _Pairs:
    """Journeys of the persons in common: of each strategy and replication those of the base, and those of a variant."""

    parts: Mapping[str, Sequence[tuple[Table, Table]]]
    commuters: tuple[float, float, float]

    @classmethod
    def of(cls, base: Mapping[tuple[str, int], Table], outcome: VariantOutcome) -> _Pairs:
        parts: dict[str, list[tuple[Table, Table]]] = {}
        counts = []
        for (strategy, replication), own in split_by_run(outcome.journeys).items():
            before = base.get((strategy, replication))
            if before is None:
                continue
            rows_base, rows_own = same_persons(before, own)
            pair = before.where(rows_base), own.where(rows_own)
            parts.setdefault(strategy, []).append(pair)
            counts.append([_persons(table) for table in (own, before, pair[0])])
        means = np.mean(counts, axis=0).tolist() if counts else [0.0, 0.0, 0.0]
        return cls(parts, (means[0], means[1], means[2]))

    def people(self) -> dict[str, float]:
        here, base, both = self.commuters
        return {"here": here, "base": base, "both": both}

    def gains(self) -> dict[str, list[dict[str, Any]]]:
        tables = [
            fairness_of_pairs(before, own, everybody=True)
            for pairs in self.parts.values()
            for before, own in pairs
            if len(own)
        ]
        return class_summary(concatenate(tables)) if tables else {}

    def places(self) -> dict[str, list[dict[str, Any]]]:
        return {strategy: list(_places(pairs)) for strategy, pairs in self.parts.items()}


def _places(pairs: Sequence[tuple[Table, Table]]) -> Iterator[dict[str, Any]]:
    """Yield the stops of origin with the largest mean gain and loss, the largest gain first."""
    by_stop: dict[str, list[FloatArray]] = {}
    for before, own in pairs:
        there, cost_min = of_persons(own["generalized_cost_min"], own)
        change_min = cost_min - of_persons(before["generalized_cost_min"], before)[1]
        names, code = own.categories["origin_stop_id"], own["origin_stop_id"][there]
        known = np.isfinite(change_min)
        count = np.bincount(code[known], minlength=len(names))
        total = np.bincount(code[known], change_min[known], minlength=len(names))
        for row in np.flatnonzero(count).tolist():
            by_stop.setdefault(names[row], []).append(np.array([count[row], total[row] / count[row]]))
    rows: list[dict[str, Any]] = []
    for stop, found in by_stop.items():
        counts, means = np.array(found).T
        if counts.sum() / len(pairs) >= _FEWEST:
            value = estimate(means)
            rows.append(
                {
                    "stop_id": stop,
                    "commuters": float(counts.sum() / len(pairs)),
                    "mean_change_min": _known(value.mean),
                    "half_width": _known(value.half_width),
                }
            )
    rows.sort(key=lambda row: float(row["mean_change_min"] or 0.0))
    yield from rows if len(rows) <= 2 * _PLACES else [*rows[:_PLACES], *rows[-_PLACES:]]


def _person_columns(table: Table, rows: IntArray, base: Table) -> IntArray:
    """Return what persons are known by, as whole numbers; stops by their number in the base, or beyond those."""
    columns = [table["day"][rows]]
    for name in ("origin_stop_id", "destination_stop_id"):
        known = {stop: number for number, stop in enumerate(base.categories[name])}
        code = np.array(
            [known.get(stop, len(known) + number) for number, stop in enumerate(table.categories[name])], dtype=np.int64
        )
        columns.append(code[table[name][rows]] if len(code) else np.zeros(0, dtype=np.int64))
    departure_s: FloatArray = np.ascontiguousarray(table["habitual_departure_s"][rows], dtype=np.float64)
    columns.append(departure_s.view(np.int64))
    return np.stack(columns, axis=1)


def _numbered(group: IntArray) -> IntArray:
    """Return keys of group and number within it, in the order of the rows."""
    order = np.argsort(group, kind="stable")
    first = np.searchsorted(group[order], group[order])
    number = np.empty(len(group), dtype=np.int64)
    number[order] = np.arange(len(group)) - first
    most = len(group) + 1
    return group * np.int64(2**31) + np.minimum(number, most)


def _persons(journeys: Table) -> float:
    days = max(len(np.unique(journeys["day"])), 1)
    return float(np.count_nonzero(is_first(journeys))) / days


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
