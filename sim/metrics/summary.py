"""The content of `summary.json`: every metric with its 95 % interval over replications."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from sim.arrays import FloatArray
from sim.metrics.blocks import RunKey, no_rows, split_by_run
from sim.metrics.registry import METRICS
from sim.metrics.replication import paired_commuter_metrics, replication_metrics
from sim.metrics.statistics import Estimate, estimate, paired_difference
from sim.records.table import Table

REFERENCE = "none"
"""Strategy that all differences are taken against."""

_USED = ("journeys", "legs", "stop_visits")
_WHERE_KNOWN = ("days",)

ReplicationValues = dict[str, dict[str, FloatArray]]
"""Strategy, then metric, then one value per replication."""


def metrics_by_replication(tables: Mapping[str, Table], period_s: float) -> ReplicationValues:
    """Compute every metric for every strategy and replication.

    Parameters
    ----------
    tables : mapping of str to Table
        At least `journeys`, `legs` and `stop_visits`, sorted as their schemas say.
    period_s : float
        Length of an observation period in seconds.

    Returns
    -------
    dict of str to dict of str to ndarray, shape (replications,)
        Strategies in the order of the tables, metrics in that of the registry, replications rising.
        winners_share and losers_share are NaN where `none` is not among the strategies.

    Raises
    ------
    ValueError
        When the strategies do not have the same replications, or rows are not in order.
    """
    used = [*_USED, *(name for name in _WHERE_KNOWN if name in tables)]
    runs = {name: split_by_run(tables[name]) for name in used}
    journeys = runs["journeys"]
    # Where demand is drawn it may happen that nobody travels in a replication; vehicles run all the same.
    known = list(dict.fromkeys([*journeys, *runs["stop_visits"]]))
    strategies = list(dict.fromkeys(strategy for strategy, _ in known))
    replications = sorted({replication for _, replication in known})
    travelled = {replication for _, replication in journeys}
    missing = [key for key in _all_keys(strategies, replications) if key[1] in travelled and key not in journeys]
    if missing:
        raise ValueError(f"journeys: no rows of strategy {missing[0][0]}, replication {missing[0][1]}")
    values: ReplicationValues = {}
    for strategy in strategies:
        rows: list[dict[str, float]] = []
        for replication in replications:
            key = (strategy, replication)
            own = {name: runs[name].get(key, no_rows(tables[name])) for name in used}
            against = journeys.get((REFERENCE, replication))
            paired = paired_commuter_metrics(against, own["journeys"]) if against is not None else {}
            rows.append({**replication_metrics(own, period_s), **paired})
        values[strategy] = {
            metric.name: np.array([row.get(metric.name, math.nan) for row in rows]) for metric in METRICS
        }
    return with_savings(values)


def with_savings(values: ReplicationValues) -> ReplicationValues:
    """Fill in the share of the possible saving that each strategy takes, where `none` is among them.

    Parameters
    ----------
    values : dict of str to dict of str to ndarray, shape (replications,)
    """
    if REFERENCE not in values:
        return values
    total_min = values[REFERENCE]["total_generalized_cost_min"]
    possible_min = total_min * values[REFERENCE]["gap_to_optimum_share"]
    fares_min = np.nan_to_num(values[REFERENCE]["fare_cost_min"])
    for by_name in values.values():
        # What is paid goes to the operator, so less of it is no saving.
        unpaid_min = by_name["total_generalized_cost_min"] - np.nan_to_num(by_name["fare_cost_min"])
        saved_min = total_min - fares_min - unpaid_min
        # The least total is the same for all strategies; a sweep works it out once.
        own_min, gap = by_name["total_generalized_cost_min"], by_name["gap_to_optimum_share"]
        left = np.divide(possible_min - saved_min, own_min, out=np.full(len(own_min), math.nan), where=own_min != 0)
        by_name["gap_to_optimum_share"] = np.where(np.isnan(gap), left, gap)
        by_name["saving_taken_share"] = np.divide(
            saved_min, possible_min, out=np.full(len(saved_min), math.nan), where=possible_min > 0
        )
    return values


def run_summary(tables: Mapping[str, Table], period_s: float) -> dict[str, Any]:
    """Return the summary of a run: ``{"metrics": {name: {"mean", "half_width", "unit"}}}``.

    What cannot be computed is None, which JSON writes as null.

    Parameters
    ----------
    tables : mapping of str to Table
        Of one strategy.
    period_s : float
        Length of an observation period in seconds.

    Raises
    ------
    ValueError
        When the tables hold more than one strategy, or rows are not in order.
    """
    values = metrics_by_replication(tables, period_s)
    if len(values) > 1:
        raise ValueError(f"a run has one strategy, not {', '.join(values)}")
    by_name = next(iter(values.values()), {})
    return {
        "metrics": {
            metric.name: {**_interval(estimate(by_name[metric.name])), "unit": metric.unit}
            for metric in METRICS
            if by_name
        }
    }


def comparison_summary(tables: Mapping[str, Table], period_s: float) -> dict[str, Any]:
    """Return the summary of a comparison.

    ``{"strategies": {name: {metric: {"mean", "half_width", "difference", "difference_half_width",
    "unit"}}}}``, the difference paired against `none` by replication: 0 for `none` itself, None where
    `none` is not among the strategies. What cannot be computed is None, which JSON writes as null.

    Parameters
    ----------
    tables : mapping of str to Table
        Of one or more strategies.
    period_s : float
        Length of an observation period in seconds.

    Raises
    ------
    ValueError
        When the strategies do not have the same replications, or rows are not in order.
    """
    return {"strategies": summarise_values(metrics_by_replication(tables, period_s))}


def summarise_values(values: ReplicationValues) -> dict[str, dict[str, dict[str, Any]]]:
    """Return mean, interval and difference against `none` of every metric of every strategy.

    Parameters
    ----------
    values : dict of str to dict of str to ndarray, shape (replications,)
        Strategy, then metric, then one value per replication.
    """
    reference = values.get(REFERENCE, {})
    strategies: dict[str, dict[str, dict[str, Any]]] = {}
    for strategy, by_name in values.items():
        strategies[strategy] = {}
        for metric in METRICS:
            own = by_name[metric.name]
            if strategy == REFERENCE:
                difference = Estimate(0.0, 0.0)
            else:
                difference = paired_difference(own, reference.get(metric.name, np.full(len(own), math.nan)))
            strategies[strategy][metric.name] = {
                **_interval(estimate(own)),
                "difference": _known(difference.mean),
                "difference_half_width": _known(difference.half_width),
                "unit": metric.unit,
            }
    return strategies


def _all_keys(strategies: Iterable[str], replications: Iterable[int]) -> list[RunKey]:
    numbers = list(replications)
    return [(strategy, number) for strategy in strategies for number in numbers]


def _interval(value: Estimate) -> dict[str, float | None]:
    return {"mean": _known(value.mean), "half_width": _known(value.half_width)}


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
