"""All metrics, in the order of a summary."""

from __future__ import annotations

from sim.metrics.advice_metrics import ADVICE_METRICS
from sim.metrics.cost_metrics import COST_METRICS, DISTRIBUTION_METRICS
from sim.metrics.metric import Metric, Telling
from sim.metrics.return_metrics import RETURN_METRICS
from sim.metrics.service_metrics import SERVICE_METRICS, SETTLING_METRICS
from sim.metrics.travel_metrics import TRAVEL_METRICS

METRICS: tuple[Metric, ...] = (
    *TRAVEL_METRICS,
    *COST_METRICS,
    *ADVICE_METRICS,
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
