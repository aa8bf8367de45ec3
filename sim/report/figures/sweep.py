"""The curve of a sweep: cost against a key, a line per strategy, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sim.metrics.metric import BASELINE
from sim.report.charts.chart import Axis, Band, Chart, Curve, Dots, GuideLine, Mark, NothingToShowError, Panel
from sim.report.metric_words import metric_unit, metric_words
from sim.report.numbers import to_number
from sim.report.strategy_looks import StrategyLooks, legend

_MOST_PANELS = 12


def curves_chart(curves: Sequence[Mapping[str, Any]], along: str, looks: StrategyLooks) -> Chart:
    """Show the difference against none along a key with its 95 % intervals.

    Parameters
    ----------
    curves : sequence of mapping
        As in the summary of a sweep.
    along : str
        Key path of the horizontal axis.
    looks : StrategyLooks

    Raises
    ------
    NothingToShowError
        When no curve runs along that key.
    """
    chosen = [curve for curve in curves if curve["along"] == along]
    panels: dict[str, list[Mapping[str, Any]]] = {}
    for curve in chosen:
        panels.setdefault(fixed_words(curve["fixed"]), []).append(curve)
    if not panels:
        raise NothingToShowError(f"No curve runs along {along}: it needs two values that are numbers.")
    words = metric_words(str(chosen[0]["metric"]))
    unit = metric_unit(str(chosen[0]["metric"]), {"unit": "min"})
    y = Axis(f"{words.label} against {BASELINE} ({unit})", has_grid=True)
    colours = looks.colours(dict.fromkeys(str(curve["strategy"]) for curve in chosen))
    shown = [
        Panel(title, tuple(mark for line in lines for mark in _line(line, colours)) or (), Axis(along), y)
        for title, lines in list(panels.items())[:_MOST_PANELS]
    ]
    caption = (
        "Each line is a strategy, the band its 95 % interval over replications; above 0 commuters are worse off than "
        "without advice. A ring marks the best value of a strategy, a cross where its mean turns from gain to loss."
    )
    return Chart(caption, tuple(shown), "wide" if len(shown) == 1 else "half", 230.0, legend(looks, colours))


def fixed_words(fixed: Mapping[str, Any]) -> str:
    """Name the other keys of a panel; empty where there are none."""
    return ", ".join(f"{key} = {value}" for key, value in fixed.items())


def _line(line: Mapping[str, Any], colours: Mapping[str, str]) -> list[Mark]:
    colour = colours[str(line["strategy"])]
    x = np.array(line["x"], dtype=np.float64)
    mean = np.array([to_number(value) for value in line["difference"]])
    half = np.nan_to_num(np.array([to_number(value) for value in line["half_width"]]))
    marks: list[Mark] = [GuideLine(y=0.0), Band(x, mean - half, mean + half, colour), Curve(x, mean, colour)]
    marks.append(Dots(x, mean, colour, radius=2.5))
    if line["best_at"] is not None:
        best = np.flatnonzero(x == float(line["best_at"]))[:1]
        marks.append(Dots(x[best], mean[best], colour, "ring"))
    if line["crosses_zero_at"] is not None:
        marks.append(Dots(np.array([float(line["crosses_zero_at"])]), np.zeros(1), colour, "cross"))
    return marks
