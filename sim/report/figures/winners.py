"""How much commuters gain and lose against none, by what happened to them."""

from __future__ import annotations

from typing import Final

import numpy as np

from sim.metrics.paired_changes import LOSS_THRESHOLD_MIN
from sim.metrics.profiles import GAIN_GROUPS
from sim.report.charts.chart import MUTED, Axis, Bars, Chart, Corner, GuideLine, LegendEntry, Mark, Panel
from sim.report.cost_changes import CostChanges
from sim.report.numbers import format_number
from sim.report.report_data import ReportData

_STRENGTHS: Final = (1.0, 0.7, 0.45, 0.22)


def winners_chart(data: ReportData) -> Chart:
    """Show the distribution of cost changes against none, a panel per strategy.

    Parameters
    ----------
    data : ReportData

    Raises
    ------
    NothingToShowError
        When there is nothing to compare.
    """
    changes = data.cost_changes
    tops = [_without_middle(change).sum(axis=0).max() for change in changes.values()]
    top = max(float(max(tops)) * 135.0, 1e-3)
    panels = tuple(_panel(data.looks.label(name), data.colours[name], change, top) for name, change in changes.items())
    legend = tuple(LegendEntry(group, MUTED, strength) for group, strength in zip(GAIN_GROUPS, _STRENGTHS, strict=True))
    caption = (
        "Each commuter's cost compared with the same commuter's on the same day without advice; the middle is left "
        "blank and counted in words, the outermost bars hold all that lies beyond them."
    )
    return Chart(caption, panels, "half", 150.0, legend)


def _panel(label: str, colour: str, change: CostChanges, top: float) -> Panel:
    shares = _without_middle(change) * 100.0
    tops = np.cumsum(shares, axis=0)
    marks: list[Mark] = [
        Bars(change.bin_edges_min, high - share, high, colour, strength)
        for share, high, strength in zip(shares, tops, _STRENGTHS, strict=True)
    ]
    middle = change.share.shape[1] // 2
    parts = (change.share[:, :middle].sum(), change.share[:, middle].sum(), change.share[:, middle + 1 :].sum())
    gain, same, loss = (format_number(part * 100.0, 0) for part in parts)
    marks += [GuideLine(x=0.0), Corner(f"{gain} % gain", "left"), Corner(f"{loss} % lose", "right")]
    return Panel(
        label,
        tuple(marks),
        Axis("Change of generalized cost against none (min); left gains"),
        Axis("Share of commuters (%)", 0.0, top, has_grid=True),
        f"{same} % within ±{LOSS_THRESHOLD_MIN:g} min",
    )


def _without_middle(change: CostChanges) -> np.ndarray:
    shares = change.share.copy()
    shares[:, shares.shape[1] // 2] = 0.0
    return shares
