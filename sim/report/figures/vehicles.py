"""Time-distance diagram: where the vehicles of a line are, and how full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from sim.arrays import FloatArray
from sim.metrics.trajectories import Trajectories
from sim.report.material import NothingToShowError
from sim.report.style import clock_axis, load_map, new_figure, stop_axis, styled

_SPAN_S = 2.5 * 3600.0


@styled
def trajectories_figure(
    by_strategy: Mapping[str, Trajectories], stop_names: Mapping[str, str], span_s: float = _SPAN_S
) -> Figure:
    """Draw the vehicles of one direction of a line around its peak, coloured by load factor.

    Parameters
    ----------
    by_strategy : mapping of str to Trajectories
        One direction on one day, by strategy.
    stop_names : mapping of str to str
        Names by id.
    span_s : float
        Length of the time shown, in seconds.

    Raises
    ------
    NothingToShowError
        When no vehicle moved between two stops.
    """
    if not by_strategy or all(len(one.stop_ids) < 2 for one in by_strategy.values()):
        raise NothingToShowError("A time-distance diagram needs vehicles that run between at least two stops.")
    low_s, high_s = _around_peak(list(by_strategy.values()), span_s)
    first = next(iter(by_strategy.values()))
    names = [stop_names.get(stop, stop) for stop in first.stop_ids]
    across = 1 if len(by_strategy) == 1 else 2
    down = -(-len(by_strategy) // across)
    panel_in = float(np.clip(0.15 * len(names), 1.8, 4.2))
    figure = new_figure(down * (panel_in + 0.55))
    grid = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)
    norm = Normalize(0.0, 1.0)
    for axes, (strategy, one) in zip(grid.flat, by_strategy.items(), strict=False):
        _draw(axes, one, norm, low_s, high_s)
        axes.set_title(strategy)
    for axes in grid.flat[len(by_strategy) :]:
        axes.set_visible(False)
    grid[0][0].set_xlim(low_s, high_s)
    grid[0][0].set_ylim(len(names) - 0.5, -0.5)
    clock_axis(grid[0][0].xaxis, low_s, high_s, 6 if across == 2 else 12)
    for axes in grid[:, 0]:
        stop_axis(axes, names, panel_in)
    for axes in grid.flat[max(0, len(by_strategy) - across) :]:
        axes.tick_params(axis="x", labelbottom=True)
    lines = grid[0][0].collections[0]
    bar = figure.colorbar(lines, ax=list(grid.flat), label="Load factor", fraction=0.05, aspect=25, pad=0.02)
    bar.outline.set_visible(False)
    return figure


def _around_peak(every: Sequence[Trajectories], span_s: float) -> tuple[float, float]:
    """Return the time in seconds within which the most persons are on board at departures, start and end."""
    first = every[0]
    low_s = min(float(np.nanmin(one.arrival_s)) for one in every)
    high_s = max(float(np.nanmax(one.departure_s)) for one in every)
    if high_s - low_s <= span_s:
        return low_s, max(high_s, low_s + 1.0)
    known = np.isfinite(first.departure_s)
    times_s, loads = first.departure_s[known], first.departing_load[known]
    starts_s = np.arange(low_s, high_s - span_s + 1.0, 300.0)
    order = np.argsort(times_s)
    total = np.concatenate([[0.0], np.cumsum(loads[order])])
    ends = np.searchsorted(times_s[order], starts_s + span_s)
    best_s = float(starts_s[np.argmax(total[ends] - total[np.searchsorted(times_s[order], starts_s)])])
    return best_s, best_s + span_s


def _draw(axes: Axes, one: Trajectories, norm: Normalize, low_s: float, high_s: float) -> None:
    segments, factors = _segments(one)
    inside = (segments[:, 1, 0] >= low_s) & (segments[:, 0, 0] <= high_s)
    lines = LineCollection(
        list(segments[inside]), array=factors[inside], cmap=load_map(), norm=norm, linewidths=1.6, rasterized=True
    )
    axes.add_collection(lines)


def _segments(one: Trajectories) -> tuple[FloatArray, FloatArray]:
    """Return standing and running pieces as points (time, place), shape (pieces, 2, 2), and load factors."""
    factor = one.departing_load / np.maximum(one.capacity, 1)
    place = one.place.astype(np.float64)
    standing = np.stack([np.stack([one.arrival_s, place], axis=1), np.stack([one.departure_s, place], axis=1)], axis=1)
    goes_on = np.ones(len(place), dtype=np.bool_)
    goes_on[one.first_visit[1:] - 1] = False
    here = np.flatnonzero(goes_on)
    running = np.stack(
        [
            np.stack([one.departure_s[here], place[here]], axis=1),
            np.stack([one.arrival_s[here + 1], place[here + 1]], axis=1),
        ],
        axis=1,
    )
    segments, factors = np.concatenate([standing, running]), np.concatenate([factor, factor[here]])
    known = np.isfinite(segments).all(axis=(1, 2))
    return segments[known], factors[known]
