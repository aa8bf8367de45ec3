"""When commuters leave and arrive, how long they wait, and how far from the preferred arrival they come."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.arrays import FloatArray
from sim.metrics.metric import BASELINE
from sim.metrics.profiles import TimeProfile
from sim.report.charts.chart import Axis, Chart, Corner, Curve, GuideLine, LegendEntry, Panel, Steps
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
    unit = f"Commuters per {format_number(data.period_s / 60.0, 0)} min"
    panels = tuple(
        Panel(title, _by_period(data, counts), Axis("Time of day", is_clock=True), Axis(unit, 0.0, has_grid=True))
        for title, counts in (
            ("Departures", {name: profile.departures for name, profile in profiles.items()}),
            ("Arrivals", {name: profile.arrivals for name, profile in profiles.items()}),
        )
    )
    caption = (
        "Commuters who leave and who arrive in each period, mean over replications; a lower and broader hill is a "
        "spread peak."
    )
    return Chart(caption, panels, "half", 190.0, data.legend(profiles))


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
    marks, legend = [], []
    for name, profile in profiles.items():
        median_min = float(profile.quantiles_min[len(profile.quantiles_min) // 2])
        label = data.looks.label(name)
        if np.isfinite(median_min):
            side = "early" if median_min < 0 else "late"
            label = f"{label}: median {format_number(abs(median_min), 1)} min {side}"
        legend.append(LegendEntry(label, data.colours[name]))
        marks.append(Steps(profile.bin_edges_min, profile.share * 100.0, data.colours[name], _width(name)))
    panel = Panel(
        "",
        (GuideLine(x=0.0), *marks, Corner("← too early", "left"), Corner("too late →", "right")),
        Axis("Arrival minus preferred arrival (min)"),
        Axis("Share of those who arrived (%)", 0.0, has_grid=True),
    )
    caption = (
        "Left of the line commuters are early, right of it late; the outermost steps also hold all that lies beyond "
        "them."
    )
    return Chart(caption, (panel,), "wide", 190.0, tuple(legend))


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
    by_departure = Panel(
        "Mean wait by departure",
        _by_period(data, {name: profile.mean_wait_min for name, profile in profiles.items()}),
        Axis("Time of day of departure", is_clock=True),
        Axis("Mean wait (min)", 0.0, has_grid=True),
    )
    exceedance = Panel(
        "Share who wait longer than …",
        tuple(Curve(waits_min, share * 100.0, data.colours[name], _width(name)) for name, share in longer.items()),
        Axis("Wait (min)", 0.0, float(waits_min[-1])),
        Axis("Share of those who arrived (%)", 0.0, 100.0, has_grid=True),
    )
    caption = (
        "First the mean wait of those who leave in each period, then the share of commuters who wait longer than the "
        "time below."
    )
    return Chart(caption, (by_departure, exceedance), "half", 190.0, data.legend(profiles))


def _by_period(data: ReportData, by_strategy: Mapping[str, FloatArray]) -> tuple[Steps, ...]:
    profile: TimeProfile = next(iter(data.time_profiles.values()))
    edges_s = np.append(profile.period_starts_s, profile.period_starts_s[-1] + data.period_s)
    return tuple(Steps(edges_s, values, data.colours[name], _width(name)) for name, values in by_strategy.items())


def _width(strategy: str) -> float:
    """Draw none broader, so that it shows behind the others."""
    return 2.8 if strategy == BASELINE else 1.6
