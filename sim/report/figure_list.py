"""The figures of a report in their order, each with a title and the words for those who do not see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sim.metrics.metric import BASELINE
from sim.report.charts.chart import Chart
from sim.report.figures.account import account_chart
from sim.report.figures.classes import classes_chart
from sim.report.figures.cost_change import cost_change_chart
from sim.report.figures.differences import differences_chart
from sim.report.figures.headways import headways_chart
from sim.report.figures.journeys import arrivals_chart, departures_chart, waiting_chart
from sim.report.figures.load_map import load_map_chart
from sim.report.figures.loads import load_change_chart, load_chart
from sim.report.figures.network import network_chart
from sim.report.figures.reliability import reliability_chart
from sim.report.figures.settling import settling_chart
from sim.report.figures.vehicles import vehicles_chart
from sim.report.figures.winners import winners_chart
from sim.report.numbers import format_number, join_words
from sim.report.report_data import Direction, ReportData
from sim.units import format_clock_short

Build = Callable[[ReportData], Chart]
Needs = Literal["nothing", "comparison", "days", "forecasts"]
Section = Literal["map", "figures", "people"]


@dataclass(frozen=True)
class Exhibit:
    """One figure of the report.

    Attributes
    ----------
    key : str
        Its name, also the anchor on the page.
    title : str
    build : callable
        Makes the chart; raises `NothingToShowError` with a sentence where the tables hold nothing for it.
    needs : str
        comparison: it is left out where nothing is compared with none; days: where one day was simulated;
        forecasts: where none was scored.
    section : str
        Of the page: map, figures, or people, that of those who win and lose.
    """

    key: str
    title: str
    build: Build
    needs: Needs = "nothing"
    section: Section = "figures"


def exhibits(data: ReportData) -> tuple[Exhibit, ...]:
    """Return the figures that suit the run, in the order of the report.

    Parameters
    ----------
    data : ReportData
    """
    fulfilled: dict[Needs, bool] = {
        "nothing": True,
        "comparison": BASELINE in data.strategies and len(data.strategies) > 1,
        "days": any(len(course.day) > 1 for course in data.convergence.values()),
        "forecasts": "forecasts" in data.tables,
    }
    return tuple(exhibit for exhibit in EXHIBITS if fulfilled[exhibit.needs])


def describe(data: ReportData, exhibit: Exhibit, chart: Chart) -> str:
    """Return what the figure shows, for those who do not see it."""
    strategies = join_words([data.looks.label(name) for name in data.strategies])
    text = f"{exhibit.title}, for {strategies}. {chart.caption}"
    if exhibit.key == "load":
        parts = []
        for strategy, profile in data.loads_along(data.busiest_direction).items():
            factor = np.nan_to_num(profile.load_factor, nan=0.0)
            stop, period = divmod(int(factor.argmax()), len(profile.period_starts_s))
            name = data.stop_names.get(profile.stop_ids[stop], profile.stop_ids[stop])
            start = format_clock_short(float(profile.period_starts_s[period]))
            highest = format_number(float(factor.max()), 2)
            parts.append(f"{data.looks.label(strategy)}: highest {highest} at {name} from {start}")
        text += f" {'; '.join(parts)}."
    return text


def _of_busiest(build: Callable[[ReportData, Direction], Chart]) -> Build:
    """Let a chart of one direction show the one with most boardings."""
    return lambda data: build(data, data.busiest_direction)


BRIEF_EXHIBIT = Exhibit("cost-change", "What the advice changes", cost_change_chart, "comparison")
"""The one picture of the first page."""

EXHIBITS = (
    Exhibit("differences", "What the advice changes", differences_chart, "comparison"),
    Exhibit("load-map", "Load map of the busiest hour", load_map_chart, section="map"),
    Exhibit("load", "Load by stop and time of day", _of_busiest(load_chart)),
    Exhibit("load-change", "Change of the load", _of_busiest(load_change_chart), "comparison"),
    Exhibit("account", "Where the change of the load comes from", _of_busiest(account_chart), "comparison"),
    Exhibit("departures", "Departures and arrivals", departures_chart),
    Exhibit("arrivals", "Arrivals against preferred arrival", arrivals_chart),
    Exhibit("waiting", "Waiting", waiting_chart),
    Exhibit("winners", "Winners and losers", winners_chart, "comparison", section="people"),
    Exhibit("classes", "Gains and losses by class", classes_chart, "comparison", section="people"),
    Exhibit("vehicles", "Time-distance diagram of the vehicles", _of_busiest(vehicles_chart)),
    Exhibit("headways", "Headways along the line", _of_busiest(headways_chart)),
    Exhibit("forecasts", "Forecasts and what happened", reliability_chart, "forecasts", section="people"),
    Exhibit("settling", "From day to day", settling_chart, "days"),
    Exhibit("network", "Network", network_chart),
)
