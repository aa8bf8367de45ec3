"""The content of `summary.json`: every metric with its 95 % interval over replications."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from sim.arrays import FloatArray
from sim.metrics.grouping import RunKey, no_rows, split_by_run
from sim.metrics.metric import BASELINE, Metric
from sim.metrics.paired_changes import BaselineJourneys
from sim.metrics.registry import METRICS, metrics_told, replication_metrics
from sim.metrics.replication_facts import BaselineRun
from sim.metrics.statistics import Estimate, estimate, holm, largest, p_value, paired_difference
from sim.records.table import Table

_USED = ("journeys", "legs", "stop_visits")
_WHERE_KNOWN = ("days",)

CORRECTED_FAMILIES: Final = (metrics_told("verdict")[:1], metrics_told("consequence"), metrics_told("ways"))
"""Metrics that sentences speak of, by what is told of together."""

CALLED_CLEAR: Final = (
    "only where its interval excludes 0 and, of the cost and the other metrics that sentences speak of, would if it "
    "were as wide as the number of differences looked at asks for (Holm 1979); of all others one in 20 may be so by "
    "chance"
)
"""When a difference is called better or worse, as pages, reports and the terminal say it."""

_TOLD = ("mean", "half_width", "difference", "difference_half_width")
"""Keys of the numbers that a comparison tells of a metric."""

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
        Those that are paired are NaN where `none` is not among the strategies.

    Raises
    ------
    ValueError
        When the strategies do not have the same replications, or rows are not in order.
    """
    used = [*_USED, *(name for name in _WHERE_KNOWN if name in tables)]
    runs = {name: split_by_run(tables[name]) for name in used}
    journeys = runs["journeys"]
    strategies, replications = _runs_there_are(journeys, runs["stop_visits"])

    def of_run(strategy: str, replication: int) -> dict[str, Table]:
        return {name: runs[name].get((strategy, replication), no_rows(tables[name])) for name in used}

    values: dict[str, list[dict[str, float]]] = {strategy: [] for strategy in strategies}
    for replication in replications:
        baseline = None
        if (BASELINE, replication) in journeys:
            none = of_run(BASELINE, replication)
            baseline = BaselineRun.of(BaselineJourneys.of(none["journeys"]), replication_metrics(none, period_s))
        for strategy in strategies:
            values[strategy].append(replication_metrics(of_run(strategy, replication), period_s, baseline))
    return {strategy: by_metric(rows) for strategy, rows in values.items()}


def _runs_there_are(journeys: Collection[RunKey], visits: Collection[RunKey]) -> tuple[list[str], list[int]]:
    """Return strategies in their order and replications rising, from the runs that have journeys and visits.

    Raises
    ------
    ValueError
        When people travelled in a replication under one strategy and under another one not.
    """
    # Where demand is drawn it may happen that nobody travels in a replication; vehicles run all the same.
    known = dict.fromkeys([*journeys, *visits])
    strategies = list(dict.fromkeys(strategy for strategy, _ in known))
    replications = sorted({replication for _, replication in known})
    travelled = {replication for _, replication in journeys}
    missing = [key for key in _all_keys(strategies, replications) if key[1] in travelled and key not in journeys]
    if missing:
        raise ValueError(f"journeys: no rows of strategy {missing[0][0]}, replication {missing[0][1]}")
    return strategies, replications


def by_metric(rows: Sequence[Mapping[str, float]]) -> dict[str, FloatArray]:
    """Turn the metrics of replications into one array per metric, shape (replications,)."""
    return {metric.name: np.array([row.get(metric.name, math.nan) for row in rows]) for metric in METRICS}


def run_summary(tables: Mapping[str, Table], period_s: float) -> dict[str, Any]:
    """Return the summary of a run: ``{"metrics": {name: {"mean", "half_width", "unit"}}}``.

    What cannot be computed is None, which JSON writes as null. Metrics that are the largest over
    replications have ``"largest"``, and neither mean nor half-width.

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
    return summarise_run(values)


def summarise_run(values: ReplicationValues) -> dict[str, Any]:
    """Return mean and interval of every metric of the one strategy that was run."""
    by_name = next(iter(values.values()), {})
    return {
        "metrics": {
            metric.name: {**_interval(metric, by_name[metric.name]), "unit": metric.unit}
            for metric in METRICS
            if by_name
        }
    }


def comparison_summary(tables: Mapping[str, Table], period_s: float) -> dict[str, Any]:
    """Return the summary of a comparison.

    ``{"strategies": {name: {metric: {"mean", "half_width", "difference", "difference_half_width",
    "unit"}}}}``, the difference paired against `none` by replication: 0 for `none` itself, the metric itself where
    it is paired already, None where `none` is not among the strategies. What cannot be computed is None, which JSON
    writes as null. Metrics that verdicts speak of have `adjusted_p_value` too.

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
    reference = values.get(BASELINE, {})
    corrected = _corrected(values)
    strategies: dict[str, dict[str, dict[str, Any]]] = {}
    for strategy, by_name in values.items():
        strategies[strategy] = {}
        for metric in METRICS:
            own = by_name[metric.name]
            difference = _difference(metric, own, reference.get(metric.name), strategy == BASELINE)
            strategies[strategy][metric.name] = {
                **_interval(metric, own),
                "difference": _known(difference.mean),
                "difference_half_width": _known(difference.half_width),
                "unit": metric.unit,
            }
            if (strategy, metric.name) in corrected:
                strategies[strategy][metric.name]["adjusted_p_value"] = _known(corrected[strategy, metric.name])
        if not _shows_a_saving(strategies[strategy]):
            # Shares of a saving that may be none are shares of chance, of any size. It is decided here alone, so that
            # no two tables say different things (test_no_share_of_a_saving_that_is_not_shown).
            for metric in METRICS:
                if metric.of_saving:
                    strategies[strategy][metric.name] |= dict.fromkeys(_TOLD)
    return strategies


def _difference(metric: Metric, own: FloatArray, reference: FloatArray | None, is_baseline: bool) -> Estimate:
    """Return the difference against `none`, NaN where `none` was not run or the metric says nothing.

    What compares people with themselves under `none` is a difference already, and no second one is taken: of people
    who follow there are none under `none`, and the largest loss less nothing is no mean over replications
    (test_a_paired_metric_is_its_own_difference).
    """
    if reference is None or np.isnan(own).all():
        return Estimate(math.nan, math.nan)
    if is_baseline:
        return Estimate(0.0, 0.0)
    if metric.statistic == "largest":
        return largest(own)
    return estimate(own) if metric.paired else paired_difference(own, reference)


def _shows_a_saving(metrics: Mapping[str, Mapping[str, Any]]) -> bool:
    """Tell whether the total cost falls, beyond its interval where there is one."""
    entry = metrics[metrics_told("verdict")[0].name]
    change, half_width = entry["difference"], entry["difference_half_width"]
    return change is not None and -change > (half_width or 0.0)


def _corrected(values: ReplicationValues) -> dict[tuple[str, str], float]:
    """Return the p-values of the differences that verdicts speak of, made larger for how many they look at.

    Each family is all strategies by the metrics that are told of together, so that with a chance of 5 % at most one of
    it is claimed that is none, whichever strategy a verdict then picks.
    """
    reference = values.get(BASELINE, {})
    others = [strategy for strategy in values if strategy != BASELINE] if reference else []
    found: dict[tuple[str, str], float] = {}
    for family in CORRECTED_FAMILIES:
        looked_at = [(strategy, metric.name) for strategy in others for metric in family]
        chances = [p_value(values[strategy][name] - reference[name]) for strategy, name in looked_at]
        found |= dict(zip(looked_at, holm(chances), strict=True))
    return found


def changes_between(values: ReplicationValues, reference: ReplicationValues) -> dict[str, dict[str, dict[str, Any]]]:
    """Return how every metric of every strategy changes against the same strategy elsewhere, paired by replication.

    Parameters
    ----------
    values, reference : dict of str to dict of str to ndarray, shape (replications,)
        Strategy, then metric, then one value per replication: here, and at the point or variant that changes are
        told from.

    Returns
    -------
    dict of str to dict of str to dict
        Strategy, then metric, then `change` and `change_half_width`. None stands for what is not known: where the
        strategy was not run there, or with another number of replications.
    """
    changes: dict[str, dict[str, dict[str, Any]]] = {}
    for strategy, by_name in values.items():
        there = reference.get(strategy, {})
        changes[strategy] = {}
        for metric in METRICS:
            own, other = by_name[metric.name], there.get(metric.name)
            change = Estimate(math.nan, math.nan)
            if other is not None and len(other) == len(own):
                change = _change(metric, own, other)
            changes[strategy][metric.name] = {
                "change": _known(change.mean),
                "change_half_width": _known(change.half_width),
            }
    return changes


def _change(metric: Metric, own: FloatArray, other: FloatArray) -> Estimate:
    """Return the change of a metric from elsewhere; of the largest of something it is that of what is told of it."""
    if metric.statistic == "largest":
        return Estimate(largest(own).mean - largest(other).mean, math.nan)
    return paired_difference(own, other)


def _all_keys(strategies: Iterable[str], replications: Iterable[int]) -> list[RunKey]:
    numbers = list(replications)
    return [(strategy, number) for strategy in strategies for number in numbers]


def _interval(metric: Metric, values: FloatArray) -> dict[str, float | None]:
    if metric.statistic == "largest":
        return {"largest": _known(largest(values).mean), "mean": None, "half_width": None}
    value = estimate(values)
    return {"mean": _known(value.mean), "half_width": _known(value.half_width)}


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
