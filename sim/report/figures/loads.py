"""Load along a line by time of day: heat maps side by side, and their difference against none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from sim.arrays import FloatArray
from sim.metrics.metric import BASELINE
from sim.metrics.profiles import LoadProfile
from sim.report.charts.chart import Axis, Chart, HeatMap, NothingToShowError, Panel, rows_axis
from sim.report.charts.colours import ColourScale, change_scale, load_scale
from sim.report.report_data import Direction, ReportData

_SHOWN_PERCENT: Final = 99.0
"""Share of the changes that the colours tell apart; the few largest would make all others look alike."""


def load_chart(data: ReportData, direction: Direction) -> Chart:
    """Show the load factor by stop and time of day, a panel per strategy on one scale.

    Parameters
    ----------
    data : ReportData
    direction : Direction

    Raises
    ------
    NothingToShowError
        When no vehicle ran there.
    """
    profiles = data.loads_along(direction)
    panels = {name: 100.0 * profile.load_factor for name, profile in profiles.items()}
    scale = load_scale(max((_highest(panel) for panel in panels.values()), default=0.0))
    caption = (
        "Mean load factor (persons as a percentage of capacity) of vehicles that leave each stop, "
        f"{data.direction_words(direction)}: the darker red, the fuller; blank where no vehicle ran."
    )
    return _heat_maps(data, profiles, panels, scale, caption)


def load_change_chart(data: ReportData, direction: Direction) -> Chart:
    """Show the change of the mean load against none by stop and time of day, a panel per other strategy.

    Parameters
    ----------
    data : ReportData
    direction : Direction

    Raises
    ------
    NothingToShowError
        When none, or any other strategy, is not there.
    """
    profiles = data.loads_along(direction)
    if BASELINE not in profiles or len(profiles) < 2:
        raise NothingToShowError("A change of load needs the strategy none and another one.")
    base = profiles[BASELINE].load
    panels = {name: profile.load - base for name, profile in profiles.items() if name != BASELINE}
    known = np.abs(np.concatenate([panel[np.isfinite(panel)] for panel in panels.values()]))
    reach = max(1.0, float(np.percentile(known, _SHOWN_PERCENT))) if len(known) else 1.0
    caption = (
        f"Persons per vehicle more (red) or fewer (blue) than without advice, {data.direction_words(direction)}; the "
        "outermost colours also hold all that lies beyond them."
    )
    return _heat_maps(data, profiles, panels, change_scale("Persons per vehicle", reach), caption)


def _heat_maps(
    data: ReportData,
    profiles: Mapping[str, LoadProfile],
    panels: Mapping[str, FloatArray],
    scale: ColourScale,
    caption: str,
) -> Chart:
    any_profile = next(iter(profiles.values()))
    if not len(any_profile.period_starts_s):
        raise NothingToShowError("No vehicle ran, so there is no load to show.")
    names = [data.stop_names.get(stop, stop) for stop in any_profile.stop_ids]
    edges_s = np.append(any_profile.period_starts_s, any_profile.period_starts_s[-1] + data.period_s)
    shown = tuple(
        Panel(
            data.looks.label(strategy),
            (HeatMap(edges_s, values, scale),),
            Axis("Time of day", is_clock=True),
            rows_axis(names),
        )
        for strategy, values in panels.items()
    )
    return Chart(caption, shown, "half", float(np.clip(15.0 * len(names), 90.0, 420.0)), scale=scale)


def _highest(values: FloatArray) -> float:
    return float(np.nanmax(values)) if np.isfinite(values).any() else 0.0
