"""Who did not arrive and why, and what hindered vehicles: counts in words for the report."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.metrics.grouping import day_blocks, split_by_run
from sim.model.outcome import Cause, Disruption, TableCode
from sim.records.table import Table
from sim.report.numbers import format_number
from sim.report.report_data import ReportData


@dataclass(frozen=True)
class CountRow:
    """What happened how often under one strategy.

    Attributes
    ----------
    strategy : str
    what : str
        In words.
    name : str
        As in the tables.
    count : str
        Mean number per day and replication.
    """

    strategy: str
    what: str
    name: str
    count: str


def cause_rows(data: ReportData) -> list[CountRow]:
    """Return how many commuters did not arrive, by cause; none where everybody did.

    Parameters
    ----------
    data : ReportData
    """
    return _counts(data, data.tables["journeys"], "cause", Cause)


def hindrance_rows(data: ReportData) -> list[CountRow]:
    """Return how many visits of vehicles a disruption hindered, by kind; none where nothing did.

    Parameters
    ----------
    data : ReportData
    """
    return _counts(data, data.tables["stop_visits"], "disruption", Disruption)


def _counts(data: ReportData, table: Table, column: str, codes: type[TableCode]) -> list[CountRow]:
    if column not in table.categories:
        return []
    days = len({key[1:] for key in day_blocks(data.tables["journeys"]).keys}) or 1
    names, rows = table.categories[column], []
    known = [*codes.table_names(), *sorted(set(names) - {*codes.table_names()})]
    totals = dict.fromkeys(data.strategies, np.zeros(len(names), np.int64))
    for (strategy, _), run in split_by_run(table).items():
        totals[strategy] = totals[strategy] + np.bincount(run[column], minlength=len(names))
    for strategy, counts in totals.items():
        number = dict(zip(names, counts.tolist(), strict=True))
        rows += [
            CountRow(
                data.looks.label(strategy),
                codes.words_of(name),
                name,
                format_number(number[name] / days, 1),
            )
            for name in known
            if name and number.get(name)
        ]
    return rows
