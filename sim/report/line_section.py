"""Every line and direction of a run: its loads, and a table of its stops, to be opened one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from markupsafe import Markup

from sim.metrics.profiles import LoadProfile
from sim.report.charts.chart import NothingToShowError
from sim.report.charts.svg import chart_html
from sim.report.figures.loads import load_chart
from sim.report.numbers import format_number
from sim.report.report_data import Direction, ReportData
from sim.units import format_clock_short

MOST_DRAWN: Final = 80
"""Directions with pictures of their loads, those with most boardings; the others have their table of stops."""


@dataclass(frozen=True)
class StopRow:
    """A stop of a direction as texts: departures and boardings of the first strategy, and a cell per strategy.

    A cell holds when vehicles leave fullest, and how often somebody found no place.
    """

    stop: str
    departures: str
    boardings: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class LineEntry:
    """One direction of a line: what to call it, its picture, and the rows of its stops, with columns per strategy."""

    title: str
    boardings: str
    picture: Markup
    columns: tuple[str, ...]
    rows: tuple[StopRow, ...]


def line_entries(data: ReportData) -> list[LineEntry]:
    """Return every direction in which vehicles ran, that with most boardings first.

    Parameters
    ----------
    data : ReportData
    """
    by_direction: dict[Direction, dict[str, LoadProfile]] = {}
    for profile in data.load_profiles:
        by_direction.setdefault((profile.line_id, profile.direction_id), {})[profile.strategy] = profile
    boardings = {key: float(next(iter(found.values())).boardings.sum()) for key, found in by_direction.items()}
    ordered = sorted(by_direction, key=lambda key: (-boardings[key], key))
    return [
        LineEntry(
            data.direction_title(key),
            format_number(boardings[key], 0),
            _picture(data, key) if place < MOST_DRAWN else Markup(),
            tuple(data.looks.label(name) for name in data.in_order(by_direction[key])),
            _rows(data, list(data.in_order(by_direction[key]).values())),
        )
        for place, key in enumerate(ordered)
    ]


def _picture(data: ReportData, direction: Direction) -> Markup:
    try:
        chart = load_chart(data, direction)
    except NothingToShowError:
        return Markup()
    return Markup(chart_html(chart, f"Load by stop and time of day, {data.direction_title(direction)}."))


def _rows(data: ReportData, profiles: Sequence[LoadProfile]) -> tuple[StopRow, ...]:
    first = profiles[0]
    return tuple(
        StopRow(
            data.stop_names.get(stop, stop),
            format_number(float(first.vehicles[place].sum()), 0),
            format_number(float(first.boardings[place].sum()), 0),
            tuple(_cell(profile, place) for profile in profiles),
        )
        for place, stop in enumerate(first.stop_ids)
    )


def _cell(profile: LoadProfile, place: int) -> tuple[str, str]:
    """Return when vehicles leave a stop fullest, and how often somebody found no place there."""
    factor = profile.load_factor[place]
    denied = float(profile.denied_boardings[place].sum())
    left = f"{format_number(denied, 0 if denied >= 1.0 else 1)} denied" if denied else ""
    if not np.isfinite(factor).any():
        return "", left
    peak = int(np.nanargmax(factor))
    if factor[peak] == 0.0:
        return "empty", left
    share = format_number(100.0 * float(factor[peak]), 0)
    return f"{share} % at {format_clock_short(float(profile.period_starts_s[peak]))}", left
