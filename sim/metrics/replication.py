"""All metrics of one replication of one strategy, by their entries."""

from __future__ import annotations

import math
from collections.abc import Mapping

from sim.metrics.paired_changes import BaselineJourneys
from sim.metrics.registry import METRICS
from sim.metrics.replication_facts import BaselineRun, ReplicationFacts
from sim.records.table import Table


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
        The same replication under `none`, where it was run; see `baseline_run`.

    Returns
    -------
    dict of str to float
        By name, in the order of the registry.
    """
    facts = ReplicationFacts(tables, period_s, baseline)
    return {
        metric.name: math.nan if metric.paired and baseline is None else metric.compute(facts) for metric in METRICS
    }


def baseline_run(tables: Mapping[str, Table], period_s: float) -> BaselineRun:
    """Return what other strategies, and `none` itself, are paired with.

    Parameters
    ----------
    tables : mapping of str to Table
        Of one replication under `none`.
    period_s : float
        Length of an observation period in seconds.
    """
    return baseline_of(BaselineJourneys.of(tables["journeys"]), replication_metrics(tables, period_s))


def baseline_of(journeys: BaselineJourneys, metrics: Mapping[str, float]) -> BaselineRun:
    """Return the same from the journeys and the metrics of the replication under `none`."""
    return BaselineRun(
        journeys,
        total_min=metrics["total_generalized_cost_min"],
        fares_min=metrics["fare_cost_min"],
        gap_share=metrics["gap_to_optimum_share"],
    )
