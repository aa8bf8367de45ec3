"""When commuters leave and arrive, how long they wait, and how far from the preferred arrival they come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from sim.arrays import FloatArray
from sim.metrics.profiles import TimeProfile
from sim.report.charts.chart import Axis, Chart, Corner, Curve, GuideLine, LegendEntry, Panel, Steps
from sim.report.figures.changes import level_and_change
from sim.report.numbers import format_number
from sim.report.report_data import ReportData


def departures_chart(data: ReportData) -> Chart:
    """Show departures and arrivals, commuters per observation period.

    Parameters
    ----------
    data : ReportData

    Raises
    ------
    NothingToShowError
        When no commuter travelled.
    """
    profiles = data.in_order(data.time_profiles)
    axes = (
        Axis("Time of day", is_clock=True),
        Axis(f"Commuters per {format_number(data.period_s / 60.0, 0)} min", 0.0, has_grid=True),
    )
    panels = (
        *_by_period(data, "Departures", {name: profile.departures for name, profile in profiles.items()}, axes),
        *_by_period(data, "Arrivals", {name: profile.arrivals for name, profile in profiles.items()}, axes),
    )
    caption = (
        "Commuters who leave and who arrive in each period, mean over replications; a peak is spread where fewer "
        "travel at its height and more beside it."
    )
    return Chart(caption, panels, "half", 170.0, data.legend(profiles))


def arrivals_chart(data: ReportData) -> Chart:
    """Show how far from the preferred arrival commuters arrive, with the median of each strategy.

    Parameters
    ----------
    data : ReportData

    Raises
    ------
    NothingToShowError
        When nobody arrived.
    """
    profiles = data.in_order(data.arrival_profiles)
    legend = []
    for name, profile in profiles.items():
        median_min = float(profile.quantiles_min[len(profile.quantiles_min) // 2])
        label = data.looks.label(name)
        if np.isfinite(median_min):
            side = "early" if median_min < 0 else "late"
            label = f"{label}: median {format_number(abs(median_min), 1)} min {side}"
        legend.append(LegendEntry(label, data.colours[name]))
    edges_min = next(iter(profiles.values())).bin_edges_min
    panels = level_and_change(
        data,
        "",
        {name: profile.share * 100.0 for name, profile in profiles.items()},
        lambda share, colour: (Steps(edges_min, share, colour),),
        (Axis("Arrival minus preferred arrival (min)"), Axis("Share of those who arrived (%)", 0.0, has_grid=True)),
        (GuideLine(x=0.0),),
    )
    corners = (Corner("← too early", "left"), Corner("too late →", "right"))
    panels = (replace(panels[0], marks=(*panels[0].marks, *corners)), *panels[1:])
    caption = (
        "Left of the line commuters are early, right of it late; the outermost steps also hold all that lies beyond "
        "them."
    )
    return Chart(caption, panels, "half" if len(panels) > 1 else "wide", 190.0, tuple(legend))


def waiting_chart(data: ReportData) -> Chart:
    """Show the mean wait by period of departure, and the share of commuters who wait longer than so long.

    Parameters
    ----------
    data : ReportData

    Raises
    ------
    NothingToShowError
        When nobody arrived.
    """
    waits_min, longer = data.wait_exceedance()
    profiles = data.in_order(data.time_profiles)
    waits = {name: profile.mean_wait_min for name, profile in profiles.items()}
    clock, upwards = Axis("Time of day of departure", is_clock=True), Axis("Mean wait (min)", 0.0, has_grid=True)
    panels = (
        *_by_period(data, "Mean wait by departure", waits, (clock, upwards)),
        *level_and_change(
            data,
            "Share that waits longer than …",
            {name: share * 100.0 for name, share in longer.items()},
            lambda share, colour: (Curve(waits_min, share, colour),),
            (
                Axis("Wait (min)", 0.0, float(waits_min[-1])),
                Axis("Share of those who arrived (%)", 0.0, has_grid=True),
            ),
        ),
    )
    caption = (
        "First the mean wait of those who leave in each period, then the share of commuters who wait longer than the "
        "time below."
    )
    return Chart(caption, panels, "half", 170.0, data.legend(profiles))


def _by_period(
    data: ReportData, title: str, by_strategy: Mapping[str, FloatArray], axes: tuple[Axis, Axis]
) -> tuple[Panel, ...]:
    profile: TimeProfile = next(iter(data.time_profiles.values()))
    edges_s = np.append(profile.period_starts_s, profile.period_starts_s[-1] + data.period_s)
    return level_and_change(data, title, by_strategy, lambda values, colour: (Steps(edges_s, values, colour),), axes)
