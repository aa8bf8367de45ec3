"""All metrics in the order of a summary, and those of one replication of one strategy."""

from __future__ import annotations

import math
from collections.abc import Mapping

from sim.metrics.advice_metrics import ADVICE_METRICS
from sim.metrics.cost_metrics import COST_METRICS, DISTRIBUTION_METRICS
from sim.metrics.metric import Metric, Telling
from sim.metrics.replication_facts import BaselineRun, ReplicationFacts
from sim.metrics.return_metrics import RETURN_METRICS
from sim.metrics.saving_metrics import SAVING_METRICS
from sim.metrics.service_metrics import SERVICE_METRICS, SETTLING_METRICS
from sim.metrics.travel_metrics import TRAVEL_METRICS
from sim.records.table import Table

METRICS: tuple[Metric, ...] = (
    *TRAVEL_METRICS,
    *COST_METRICS,
    *ADVICE_METRICS,
    *SAVING_METRICS,
    *DISTRIBUTION_METRICS,
    *RETURN_METRICS,
    *SERVICE_METRICS,
    *SETTLING_METRICS,
)
"""Each is a number of one replication of one strategy."""


def metric_named(name: str) -> Metric | None:
    """Return the metric of that name; None where there is none."""
    return next((metric for metric in METRICS if metric.name == name), None)


def metrics_told(telling: Telling) -> tuple[Metric, ...]:
    """Return the metrics that a report speaks of somewhere, in their order there."""
    told = [(place, metric) for metric in METRICS if (place := metric.place(telling)) is not None]
    return tuple(metric for _, metric in sorted(told, key=lambda entry: entry[0]))


def replication_metrics(
    tables: Mapping[str, Table], period_s: float, baseline: BaselineRun | None = None
) -> dict[str, float]:
    """Compute every metric of a replication.

    Means and shares run over all commuters of all kept days, counts and totals are divided by the number
    of those days. A metric that nothing can be said about is NaN: the mean wait where nobody arrived, or
    a comparison with `none` where that was not run.

    Parameters
    ----------
    tables : mapping of str to Table
        At least `journeys`, `legs` and `stop_visits`, of one strategy and one replication; `days` where known.
    period_s : float
        Length of an observation period in seconds.
    baseline : BaselineRun or None
        The same replication under `none`, where it was run; see `BaselineRun.of`.

    Returns
    -------
    dict of str to float
        By name, in the order of the registry.
    """
    facts = ReplicationFacts(tables, period_s, baseline)
    return {
        metric.name: math.nan if metric.paired and baseline is None else metric.compute(facts) for metric in METRICS
    }
