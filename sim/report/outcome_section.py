"""Who did not arrive and why, and what hindered vehicles: counts in words for the report."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from sim.metrics.grouping import day_blocks, split_by_run
from sim.records.table import Table
from sim.report.numbers import format_number
from sim.report.report_data import ReportData

CAUSES: Final = MappingProxyType(
    {
        "no_journey_option": "no way to go there: no line, or none within the walks and transfers allowed",
        "last_vehicle_gone": "came after the last vehicle that goes there",
        "last_vehicle_full": "found no place on the last vehicle",
        "patience_exhausted": "waited longer than their patience and gave up",
        "horizon_while_walking": "still walking at the end of the horizon",
        "horizon_while_waiting": "still waiting at the end of the horizon",
        "horizon_while_riding": "still on board at the end of the horizon",
        "trip_cancelled": "counted on a trip that was cancelled, and no other one came",
        "vehicle_broke_down": "their vehicle broke down, and no other one took them on",
        "stop_closed": "their stop was closed or missed, and no vehicle took them on",
        "outward_not_ended": "did not get there, so there was no way back",
        "horizon_before_return": "had not set out for the way back at the end of the horizon",
    }
)
"""What the causes of table `journeys` mean."""

HINDRANCES: Final = MappingProxyType(
    {
        "link_slow": "the vehicle ran over a link that was slow",
        "detour": "it went round a link that was closed",
        "link_closed": "it waited before a link that was closed",
        "behind_broken_vehicle": "it waited behind a broken vehicle",
        "stop_closed": "it passed a closed stop",
        "stop_missed": "it missed the stop, to which no open way led",
        "vehicle_broke_down": "it broke down",
    }
)
"""What the entries of column `disruption` of table `stop_visits` mean."""


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
    return _counts(data, data.tables["journeys"], "cause", CAUSES)


def hindrance_rows(data: ReportData) -> list[CountRow]:
    """Return how many visits of vehicles a disruption hindered, by kind; none where nothing did.

    Parameters
    ----------
    data : ReportData
    """
    return _counts(data, data.tables["stop_visits"], "disruption", HINDRANCES)


def _counts(data: ReportData, table: Table, column: str, words: MappingProxyType[str, str]) -> list[CountRow]:
    if column not in table.categories:
        return []
    days = len({key[1:] for key in day_blocks(data.tables["journeys"]).keys}) or 1
    names, rows = table.categories[column], []
    known = [*words, *sorted(set(names) - words.keys())]
    totals = dict.fromkeys(data.strategies, np.zeros(len(names), np.int64))
    for (strategy, _), run in split_by_run(table).items():
        totals[strategy] = totals[strategy] + np.bincount(run[column], minlength=len(names))
    for strategy, counts in totals.items():
        number = dict(zip(names, counts.tolist(), strict=True))
        rows += [
            CountRow(
                data.looks.label(strategy),
                words.get(name, name.replace("_", " ")),
                name,
                format_number(number[name] / days, 1),
            )
            for name in known
            if name and number.get(name)
        ]
    return rows
