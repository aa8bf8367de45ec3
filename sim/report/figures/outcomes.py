"""What the advice changes: metrics against none with intervals, and who wins and who loses."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from sim.metrics.metric import BASELINE
from sim.metrics.paired_changes import LOSS_THRESHOLD_MIN
from sim.metrics.profiles import GAIN_GROUPS
from sim.report.material import CostChanges, NothingToShowError
from sim.report.strategy_looks import UNSAID, StrategyLooks
from sim.report.style import INK, MUTED, new_figure, styled, tint
from sim.report.words import (
    HEADLINE_METRICS,
    NOT_AGAINST_BASELINE,
    format_number,
    metric_unit,
    metric_words,
    ordered_strategies,
    shown,
    to_number,
)

_METRICS_ACROSS = 4
_MOST_METRICS = 8
_FIRST_METRICS = (
    "mean_generalized_cost_min",
    "mean_wait_min",
    "standing_passenger_min",
    "denied_share",
    "mean_schedule_delay_early_min",
    "mean_schedule_delay_late_min",
    "on_time_share",
    "peak_to_mean_ratio",
)
_CHANGES_ACROSS = 3
_TINTS = (1.0, 0.55, 0.25)


@styled
def differences_figure(
    strategies: Mapping[str, Mapping[str, Mapping[str, Any]]], looks: StrategyLooks = UNSAID
) -> Figure:
    """Draw the difference of the headline metrics against none as dots with 95 % intervals.

    Parameters
    ----------
    strategies : mapping
        As `strategies` of a comparison's summary.

    Raises
    ------
    NothingToShowError
        When no metric has a difference against none.
    """
    names = [name for name in ordered_strategies(strategies) if name != BASELINE]
    wanted = dict.fromkeys([*_FIRST_METRICS, *HEADLINE_METRICS])
    metrics = [metric for metric in wanted if _has_difference(strategies, names, metric)][:_MOST_METRICS]
    if not metrics:
        raise NothingToShowError("No metric has a difference against none to show.")
    down = -(-len(metrics) // _METRICS_ACROSS)
    panel_in = 0.95 + 0.26 * len(names)
    figure = new_figure(down * panel_in + 0.1)
    spec = figure.add_gridspec(down, _METRICS_ACROSS)
    colours, labels = looks.colours(names), [looks.label(name) for name in names]
    for place, metric in enumerate(metrics):
        row, column = divmod(place, _METRICS_ACROSS)
        axes = figure.add_subplot(spec[row, column])
        _dots(axes, strategies, names, metric, colours)
        axes.set_yticks(range(len(names)), labels=labels if column == 0 else [""] * len(names))
    return figure


@styled
def cost_changes_figure(changes: Mapping[str, CostChanges], looks: StrategyLooks = UNSAID) -> Figure:
    """Draw how many commuters gain and lose how much against none, by whether they followed the advice."""
    if not changes:
        raise NothingToShowError("There is no strategy beside none whose commuters could be compared.")
    down = -(-len(changes) // _CHANGES_ACROSS)
    across = -(-len(changes) // down)
    figure = new_figure(down * 2.75 + 0.35)
    grid = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)
    colours = looks.colours(changes)
    for axes, (name, change) in zip(grid.flat, changes.items(), strict=False):
        _stack(axes, change, colours[name])
        axes.set_title(looks.label(name))
    for axes in grid.flat[len(changes) :]:
        axes.set_visible(False)
    for axes in grid.flat[max(0, len(changes) - across) : len(changes)]:
        axes.tick_params(axis="x", labelbottom=True)
    highest = max(_without_middle(change).sum(axis=0).max() for change in changes.values()) * 100.0
    grid[0][0].set_ylim(0.0, max(highest * 1.35, 1e-3))
    for axes in grid[:, 0]:
        axes.set_ylabel("Share of commuters (%)")
    figure.supxlabel("Change of generalized cost against none (min); left gains, right loses", fontsize=9.5)
    handles = [
        Patch(facecolor=tint(MUTED, strength), label=group) for group, strength in zip(GAIN_GROUPS, _TINTS, strict=True)
    ]
    figure.legend(handles=handles, loc="outside upper left", ncols=3)
    return figure


def _has_difference(
    strategies: Mapping[str, Mapping[str, Mapping[str, Any]]], names: Sequence[str], metric: str
) -> bool:
    differences = [to_number(strategies[name].get(metric, {}).get("difference")) for name in names]
    return metric not in NOT_AGAINST_BASELINE and any(not math.isnan(difference) for difference in differences)


def _dots(
    axes: Axes,
    strategies: Mapping[str, Mapping[str, Mapping[str, Any]]],
    names: Sequence[str],
    metric: str,
    colours: Mapping[str, str],
) -> None:
    ends = [0.0]
    for place, name in enumerate(names):
        entry = strategies[name].get(metric, {})
        difference = shown(metric, entry.get("difference"))
        half_width = shown(metric, entry.get("difference_half_width"))
        if math.isnan(difference):
            continue
        has_interval = not math.isnan(half_width)
        if has_interval:
            axes.plot([difference - half_width, difference + half_width], [place, place], color=colours[name])
        fill = colours[name] if has_interval else "none"
        axes.plot(difference, place, "o", color=colours[name], markerfacecolor=fill, markersize=5.5)
        ends += [difference - half_width, difference + half_width] if has_interval else [difference]
    axes.axvline(0.0, color=INK, linewidth=0.9, zorder=1.5)
    axes.set_ylim(len(names) - 0.5, -0.5)
    beside = 0.15 * (max(ends) - min(ends)) or 1.0
    axes.set_xlim(min(ends) - beside, max(ends) + beside)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    words = metric_words(metric)
    unit = metric_unit(metric, next(iter(strategies.values())).get(metric, {}))
    unit = "percentage points" if unit == "%" else unit
    axes.set_title(words.label, fontsize=9.5)
    better = {-1: "← better", 1: "better →"}.get(words.better, "")
    axes.set_xlabel(", ".join(part for part in (unit, better) if part), fontsize=8.5)


def _stack(axes: Axes, change: CostChanges, colour: str) -> None:
    edges_min, shares = change.bin_edges_min, _without_middle(change) * 100.0
    below = np.zeros(shares.shape[1])
    widths_min = np.diff(edges_min)
    for group, strength in zip(shares, _TINTS, strict=True):
        axes.bar(
            edges_min[:-1], group, widths_min, bottom=below, align="edge", color=tint(colour, strength), linewidth=0.0
        )
        below = below + group
    middle = change.share.shape[1] // 2
    parts = (change.share[:, :middle].sum(), change.share[:, middle].sum(), change.share[:, middle + 1 :].sum())
    gain, same, loss = (format_number(part * 100.0, 0) for part in parts)
    axes.axvline(0.0, color=INK, linewidth=0.9)
    axes.set_xlim(edges_min[0], edges_min[-1])
    axes.text(0.02, 0.97, f"{gain} % gain", transform=axes.transAxes, ha="left", va="top")
    axes.text(0.98, 0.97, f"{loss} % lose", transform=axes.transAxes, ha="right", va="top")
    note = f"{same} % within ±{LOSS_THRESHOLD_MIN:g} min"
    axes.set_title(note, loc="right", color=MUTED, fontsize=8.5, fontweight="normal")
    axes.grid(axis="y")


def _without_middle(change: CostChanges) -> Any:
    shares = change.share.copy()
    shares[:, shares.shape[1] // 2] = 0.0
    return shares
