"""Sentences on what privacy costs: advice from released counts against the same advice from unperturbed ones."""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray
from sim.metrics.statistics import paired_difference
from sim.records.table import Table
from sim.report.numbers import format_interval
from sim.report.report_data import ReportData


def privacy_sentences(data: ReportData) -> list[str]:
    """Say what noise in the advisor's data costs, where a strategy was run with and without it."""
    sentences = []
    journeys, visits = data.tables["journeys"], data.tables["stop_visits"]
    for strategy, variant in data.looks.open_variants().items():
        names = (strategy, variant)
        if not set(names) <= set(data.strategies):
            continue
        cost = [_by_replication(journeys, name, journeys["generalized_cost_min"]) for name in names]
        crowding = [
            _by_replication(visits, name, visits["departing_load"] ** 2.0 / visits["capacity"]) for name in names
        ]
        load = [_by_replication(visits, name, visits["departing_load"].astype(np.float64)) for name in names]
        factor = [100.0 * part / whole for part, whole in zip(crowding, load, strict=True)]
        more_min, fuller = paired_difference(cost[0], cost[1]), paired_difference(factor[0], factor[1])
        sentences.append(
            f"What the advisor must not see costs, with {data.looks.label(strategy)}, "
            f"{format_interval(more_min.mean, more_min.half_width, 2, sign=True)} min per commuter, and riders "
            f" meet vehicles {format_interval(fuller.mean, fuller.half_width, 2, sign=True)} percentage "
            f"points fuller than with {data.looks.label(variant)}, the same advice from complete counts without "
            "noise (95 % intervals, same draws)."
        )
    return sentences


def _by_replication(table: Table, strategy: str, values: FloatArray) -> FloatArray:
    """Return the mean of a column in each replication of a strategy."""
    own = table.equals("strategy", strategy)
    number = table["replication"][own]
    return np.array([values[own][number == replication].mean() for replication in np.unique(number)])
