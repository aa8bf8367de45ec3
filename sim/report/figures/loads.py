"""Load along a line by time of day: heat maps side by side, and their difference against none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure

from sim.arrays import FloatArray
from sim.metrics.metric import BASELINE
from sim.metrics.profiles import LoadProfile
from sim.report.material import NothingToShowError
from sim.report.strategy_looks import UNSAID, StrategyLooks
from sim.report.style import CHANGE_MAP, clock_axis, load_map, new_figure, steps, stop_axis, styled

_ACROSS = 4
"""Most panels in a row."""


@styled
def load_figure(
    profiles: Mapping[str, LoadProfile],
    period_s: float,
    stop_names: Mapping[str, str],
    looks: StrategyLooks = UNSAID,
) -> Figure:
    """Draw the load factor by stop and time of day, a panel per strategy on one scale.

    Parameters
    ----------
    profiles : mapping of str to LoadProfile
        Of one direction of a line, by strategy.
    period_s : float
        Length of an observation period in seconds.
    stop_names : mapping of str to str
        Names by id; a stop without one goes by its id.
    """
    highest = max((_highest(profile.load_factor) for profile in profiles.values()), default=0.0)
    norm = Normalize(0.0, max(1.0, highest))
    panels = {name: profile.load_factor for name, profile in profiles.items()}
    return _heat_maps(profiles, panels, period_s, stop_names, load_map(), norm, "Load factor", looks)


@styled
def load_change_figure(
    profiles: Mapping[str, LoadProfile],
    period_s: float,
    stop_names: Mapping[str, str],
    looks: StrategyLooks = UNSAID,
) -> Figure:
    """Draw the change of the mean load against none by stop and time of day, a panel per other strategy.

    Raises
    ------
    NothingToShowError
        When none, or any other strategy, is not there.
    """
    if BASELINE not in profiles or len(profiles) < 2:
        raise NothingToShowError("A change of load needs the strategy none and another one.")
    base = profiles[BASELINE].load
    panels = {name: profile.load - base for name, profile in profiles.items() if name != BASELINE}
    reach = max(1.0, *(_highest(np.abs(panel)) for panel in panels.values()))
    return _heat_maps(
        profiles,
        panels,
        period_s,
        stop_names,
        CHANGE_MAP,
        Normalize(-reach, reach),
        "Persons per vehicle",
        looks,
    )


def _heat_maps(
    profiles: Mapping[str, LoadProfile],
    panels: Mapping[str, FloatArray],
    period_s: float,
    stop_names: Mapping[str, str],
    colour_map: str | Colormap,
    norm: Normalize,
    scale_label: str,
    looks: StrategyLooks,
) -> Figure:
    any_profile = next(iter(profiles.values()), None)
    if any_profile is None or not len(any_profile.period_starts_s):
        raise NothingToShowError("No vehicle ran, so there is no load to show.")
    names = [stop_names.get(stop, stop) for stop in any_profile.stop_ids]
    edges_s = steps(any_profile.period_starts_s, period_s)
    panel_in = float(np.clip(0.17 * len(names), 1.2, 5.4))

    def draw(axes: Axes, strategy: str, across: int) -> None:
        values = np.ma.masked_invalid(panels[strategy])
        rows = np.arange(len(names) + 1) - 0.5
        mesh = axes.pcolormesh(edges_s, rows, values, cmap=colour_map, norm=norm, rasterized=True)
        mesh.set_edgecolor("face")
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set_title(looks.label(strategy))
        clock_axis(axes.xaxis, edges_s[0], edges_s[-1], max(5, 12 // across))
        axes.spines[:].set_visible(False)

    figure, grid = _panels(list(panels), panel_in, draw)
    for row in grid:
        stop_axis(row[0], names, panel_in)
    shown = [axes for row in grid for axes in row]
    bar = figure.colorbar(shown[0].collections[0], ax=shown, label=scale_label, fraction=0.05, aspect=25, pad=0.02)
    bar.outline.set_visible(False)
    return figure


def _panels(
    strategies: Sequence[str], panel_in: float, draw: Callable[[Axes, str, int], None]
) -> tuple[Figure, list[list[Axes]]]:
    """Lay out a panel per strategy in rows, and draw each."""
    down = -(-len(strategies) // _ACROSS)
    across = -(-len(strategies) // down)
    figure = new_figure(down * (panel_in + 0.75))
    spec = figure.add_gridspec(down, across)
    grid: list[list[Axes]] = []
    for place, strategy in enumerate(strategies):
        row, column = divmod(place, across)
        axes = figure.add_subplot(spec[row, column])
        draw(axes, strategy, across)
        if column:
            axes.set_yticks([])
            grid[-1].append(axes)
        else:
            grid.append([axes])
        if row == down - 1 or place + across >= len(strategies):
            axes.set_xlabel("Time of day" if across < 3 else "")
    return figure, grid


def _highest(values: FloatArray) -> float:
    return float(np.nanmax(values)) if np.isfinite(values).any() else 0.0
