"""When commuters leave and arrive, how long they wait, and how far from the wished time they come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.arrays import FloatArray
from sim.metrics.metric import BASELINE
from sim.metrics.profiles import ArrivalProfile, TimeProfile
from sim.report.material import NothingToShowError
from sim.report.strategy_looks import UNSAID, StrategyLooks
from sim.report.style import INK, MUTED, clock_axis, new_figure, steps, styled
from sim.report.words import format_number


@styled
def departures_figure(profiles: Mapping[str, TimeProfile], period_s: float, looks: StrategyLooks = UNSAID) -> Figure:
    """Draw departures above and arrivals below, commuters per observation period of `period_s` seconds."""
    _need(profiles)
    figure = new_figure(4.9)
    upper, lower = figure.subplots(2, 1, sharex=True)
    colours = looks.colours(profiles)
    unit = f"Commuters per {format_number(period_s / 60.0, 0)} min"
    for name, profile in profiles.items():
        edges_s = steps(profile.period_starts_s, period_s)
        for axes, counts in ((upper, profile.departures), (lower, profile.arrivals)):
            axes.stairs(counts, edges_s, color=colours[name], label=looks.label(name), **_line(name))
    for axes, title in ((upper, "Departures"), (lower, "Arrivals")):
        axes.set_title(title)
        axes.set_ylabel(unit)
        axes.set_ylim(bottom=0.0)
        axes.grid(axis="y")
    edges_s = steps(next(iter(profiles.values())).period_starts_s, period_s)
    lower.set_xlim(edges_s[0], edges_s[-1])
    clock_axis(lower.xaxis, edges_s[0], edges_s[-1], 12)
    lower.set_xlabel("Time of day")
    figure.align_ylabels()
    _legend(figure, upper, profiles)
    return figure


@styled
def arrivals_figure(profiles: Mapping[str, ArrivalProfile], looks: StrategyLooks = UNSAID) -> Figure:
    """Draw how far from the preferred arrival commuters arrive, with the median of each strategy."""
    _need(profiles)
    figure = new_figure(3.5)
    axes = figure.subplots()
    colours = looks.colours(profiles)
    for name, profile in profiles.items():
        edges_min = profile.bin_edges_min
        label = looks.label(name)
        median_min = float(profile.quantiles_min[len(profile.quantiles_min) // 2])
        if np.isfinite(median_min):
            side = "early" if median_min < 0 else "late"
            label = f"{looks.label(name)} (median {format_number(abs(median_min), 1)} min {side})"
        axes.stairs(profile.share * 100.0, edges_min, color=colours[name], label=label, **_line(name))
    axes.axvline(0.0, color=INK, linewidth=1.0)
    axes.set_xlim(edges_min[0], edges_min[-1])
    axes.set_ylim(bottom=0.0)
    axes.set_xlabel("Arrival minus preferred arrival (min)")
    axes.set_ylabel("Share of those who arrived (%)")
    axes.grid(axis="y")
    axes.set_title("← too early", loc="left", fontsize=9.5, fontweight="normal", color=MUTED)
    axes.set_title("too late →", loc="right", fontsize=9.5, fontweight="normal", color=MUTED)
    _legend(figure, axes, profiles)
    return figure


@styled
def waits_figure(
    profiles: Mapping[str, TimeProfile],
    period_s: float,
    waits_min: FloatArray,
    longer_shares: Mapping[str, FloatArray],
    looks: StrategyLooks = UNSAID,
) -> Figure:
    """Draw the mean wait by period of departure, and the share of commuters who wait longer than so long.

    Parameters
    ----------
    profiles : mapping of str to TimeProfile
    period_s : float
        Length of a period in seconds.
    waits_min : ndarray, shape (points,)
        Waits in minutes.
    longer_shares : mapping of str to ndarray, shape (points,)
        Share of those who arrived that waited longer, by strategy.
    """
    _need(profiles)
    figure = new_figure(3.6)
    left, right = figure.subplots(1, 2)
    colours = looks.colours(profiles)
    for name, profile in profiles.items():
        edges_s = steps(profile.period_starts_s, period_s)
        left.stairs(
            profile.mean_wait_min, edges_s, baseline=None, color=colours[name], label=looks.label(name), **_line(name)
        )
    for name, share in longer_shares.items():
        right.plot(waits_min, share * 100.0, color=colours[name], **_line(name))
    left.set_title("Mean wait by departure")
    left.set_ylabel("Mean wait (min)")
    left.set_xlabel("Time of day of departure")
    left.set_ylim(bottom=0.0)
    left.set_xlim(edges_s[0], edges_s[-1])
    clock_axis(left.xaxis, edges_s[0], edges_s[-1], 6)
    right.set_title("Who waits longer than …")
    right.set_xlabel("Wait (min)")
    right.set_ylabel("Share of those who arrived (%)")
    right.set_xlim(0.0, waits_min[-1])
    right.set_ylim(0.0, 100.0)
    left.grid(axis="y")
    right.grid(axis="y")
    _legend(figure, left, profiles)
    return figure


def _line(strategy: str) -> dict[str, Any]:
    """Draw none broader and behind the others."""
    return {"linewidth": 2.6, "zorder": 2.0} if strategy == BASELINE else {"linewidth": 1.6, "zorder": 2.5}


def _legend(figure: Figure, axes: Axes, strategies: Iterable[str]) -> None:
    handles, labels = axes.get_legend_handles_labels()
    if len(list(strategies)) > 1:
        across = 4 if sum(len(label) for label in labels) < 60 else 2
        figure.legend(handles, labels, loc="outside upper left", ncols=min(across, len(labels)))


def _need(profiles: Mapping[str, object]) -> None:
    if not profiles:
        raise NothingToShowError("No commuter travelled, so there is nothing to show.")
