"""Curves of strategies beside that without advice: curves that lie on each other show little, differences do."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sim.arrays import FloatArray
from sim.metrics.metric import BASELINE
from sim.report.charts.chart import Axis, GuideLine, Mark, Panel
from sim.report.report_data import ReportData

Draw = Callable[[FloatArray, str], tuple[Mark, ...]]
"""Makes marks of values and a colour."""


def level_and_change(
    data: ReportData,
    title: str,
    curves: Mapping[str, FloatArray],
    draw: Draw,
    axes: tuple[Axis, Axis],
    behind: tuple[Mark, ...] = (),
) -> tuple[Panel, ...]:
    """Return a panel of values without advice and one of what each strategy changes; else one panel with all curves.

    Parameters
    ----------
    data : ReportData
    title : str
    curves : mapping of str to ndarray, shape (points,)
        By strategy, of one shape.
    draw : callable
    axes : tuple of (Axis, Axis)
        Across and up, the latter of the values; that of the changes finds its own ends.
    behind : tuple of Mark
        What lies behind the curves of every panel.
    """
    across, up = axes
    if BASELINE not in curves or len(curves) == 1:
        marks = [mark for name, values in curves.items() for mark in draw(values, data.colours[name])]
        return (Panel(title, (*behind, *marks), across, up),)
    without, colour = curves[BASELINE], data.colours[BASELINE]
    changes = [
        mark
        for name, values in curves.items()
        if name != BASELINE
        for mark in draw(values - without, data.colours[name])
    ]
    change = Axis(f"{up.label}, more or less", has_grid=up.has_grid)
    return (
        Panel(_headed(title, "without advice"), (*behind, *draw(without, colour)), across, up),
        Panel(_headed(title, "what advice changes"), (*behind, GuideLine(y=0.0), *changes), across, change),
    )


def _headed(title: str, what: str) -> str:
    return f"{title}: {what}" if title else f"{what[:1].upper()}{what[1:]}"
