"""Counts beside what was simulated: over the day, and stop by stop."""

from __future__ import annotations

from typing import Final

import numpy as np

from sim.arrays import FloatArray
from sim.report.charts.chart import MUTED, Axis, Chart, Curve, Dots, LegendEntry, Panel, Steps

_OBSERVED, _SIMULATED = MUTED, "#0072b2"
_WORDS: Final = {
    "gate_entry": "Through gates on the way in",
    "joining": "Coming to the stop",
    "boarding": "Boarding",
    "alighting": "Getting out",
    "load": "On board of vehicles that leave",
    "gate_exit": "Through gates on the way out",
}
"""What was counted, in words."""


def count_fit_chart(
    counts: list[str], start_s: FloatArray, end_s: FloatArray, observed: FloatArray, simulated: FloatArray
) -> Chart:
    """Show for everything that was counted persons per hour over the day, and each count beside its simulated one.

    Parameters
    ----------
    counts : list of str
        What was counted.
    start_s, end_s, observed, simulated : ndarray of float, shape (rows,)
    """
    panels = []
    kinds = np.array(counts, dtype=object)
    for kind in dict.fromkeys(counts):
        rows = np.flatnonzero(kinds == kind)
        edges = np.unique(np.concatenate([start_s[rows], end_s[rows]]))
        marks = [
            Steps(edges, _per_hour(edges, start_s[rows], end_s[rows], values[rows]), colour, 2.0)
            for values, colour in ((observed, _OBSERVED), (simulated, _SIMULATED))
        ]
        panels.append(
            Panel(
                f"{_WORDS[kind]}: all counted stops",
                tuple(marks),
                Axis("Time of day", is_clock=True),
                Axis("Persons per hour", 0.0, has_grid=True),
            )
        )
        most = max(float(observed[rows].max()), float(simulated[rows].max()), 1.0)
        alike = Curve(np.array([0.0, most]), np.array([0.0, most]), _OBSERVED, 1.0)
        dots = Dots(observed[rows], simulated[rows], _SIMULATED, radius=2.5)
        panels.append(
            Panel(
                f"{_WORDS[kind]}: count by count",
                (alike, dots),
                Axis("Observed persons", 0.0, 1.05 * most),
                Axis("Simulated persons", 0.0, 1.05 * most, has_grid=True),
            )
        )
    legend = (LegendEntry("observed", _OBSERVED), LegendEntry("simulated, average day", _SIMULATED))
    caption = (
        "Left: persons per hour over all stops that were counted; right: a dot for each count, on the line where both "
        "are the same."
    )
    return Chart(caption, tuple(panels), "half", 200.0, legend)


def _per_hour(edges: FloatArray, start_s: FloatArray, end_s: FloatArray, persons: FloatArray) -> FloatArray:
    """Return persons per hour between edges; counts are spread evenly over their periods, NaN where none holds."""
    found = np.full(len(edges) - 1, np.nan)
    for place, middle in enumerate((edges[1:] + edges[:-1]) / 2.0):
        here = (start_s <= middle) & (middle < end_s)
        if here.any():
            found[place] = float((persons[here] / (end_s[here] - start_s[here])).sum()) * 3600.0
    return found
