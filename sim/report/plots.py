"""Figures of a result for a notebook: ``result.plot.load()`` and others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sim.records.table import Table
from sim.report.charts.chart import Chart
from sim.report.figures.account import account_chart
from sim.report.figures.classes import classes_chart
from sim.report.figures.differences import differences_chart
from sim.report.figures.headways import headways_chart
from sim.report.figures.journeys import arrivals_chart, departures_chart, waiting_chart
from sim.report.figures.load_map import load_map_chart
from sim.report.figures.loads import load_change_chart, load_chart
from sim.report.figures.network import network_chart
from sim.report.figures.settling import settling_chart
from sim.report.figures.vehicles import vehicles_chart
from sim.report.figures.winners import winners_chart
from sim.report.report_data import Direction, ReportData

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Plots:
    """The figures of the report, each made when it is asked for and returned as a matplotlib Figure.

    A line and direction may be named; otherwise it is the one with most boardings. Where the tables hold nothing for a
    figure, its picture is the sentence that says so; of a line that was named `NothingToShowError` is raised.

    Parameters
    ----------
    manifest, summary : mapping
        As in a run folder.
    tables : mapping of str to Table
        By name.
    """

    def __init__(self, manifest: Mapping[str, Any], summary: Mapping[str, Any], tables: Mapping[str, Table]) -> None:
        self._data = ReportData(manifest, summary, tables)

    def differences(self) -> Figure:
        """Draw the headline metrics against none with their intervals."""
        return self._of_run(differences_chart)

    def load_map(self) -> Figure:
        """Draw how full vehicles are from stop to stop in the busiest hour, a map per strategy."""
        return self._of_run(load_map_chart)

    def load(self, line_id: str | None = None, direction_id: int | None = None) -> Figure:
        """Draw the load factor by stop and time of day, a panel per strategy."""
        return self._of_direction(load_chart, line_id, direction_id)

    def load_change(self, line_id: str | None = None, direction_id: int | None = None) -> Figure:
        """Draw the load against none by stop and time of day, a panel per other strategy."""
        return self._of_direction(load_change_chart, line_id, direction_id)

    def departures(self) -> Figure:
        """Draw departures and arrivals by period."""
        return self._of_run(departures_chart)

    def arrivals(self) -> Figure:
        """Draw arrivals against preferred arrivals."""
        return self._of_run(arrivals_chart)

    def waiting(self) -> Figure:
        """Draw waits by period and their distribution."""
        return self._of_run(waiting_chart)

    def winners(self) -> Figure:
        """Draw how much commuters gain and lose against none."""
        return self._of_run(winners_chart)

    def classes(self) -> Figure:
        """Draw who gains and who loses against none by class of commuters."""
        return self._of_run(classes_chart)

    def account(self, line_id: str | None = None, direction_id: int | None = None) -> Figure:
        """Draw what direct shift, displaced load and back-fill change at the stop where most changes."""
        return self._of_direction(account_chart, line_id, direction_id)

    def vehicles(self, line_id: str | None = None, direction_id: int | None = None) -> Figure:
        """Draw the time-distance diagram of one direction of a line, first replication and kept day."""
        return self._of_direction(vehicles_chart, line_id, direction_id)

    def headways(self, line_id: str | None = None, direction_id: int | None = None) -> Figure:
        """Draw how far headways are off schedule along one direction of a line, all replications and kept days."""
        return self._of_direction(headways_chart, line_id, direction_id)

    def settling(self) -> Figure:
        """Draw cost, relative gap and change of departures from day to day."""
        return self._of_run(settling_chart)

    def network(self) -> Figure:
        """Draw the stops and the links between them."""
        return self._of_run(network_chart)

    def _of_run(self, build: Callable[[ReportData], Chart]) -> Figure:
        from sim.report.charts.picture import picture_or_sentence

        return picture_or_sentence(lambda: build(self._data))

    def _of_direction(
        self, build: Callable[[ReportData, Direction], Chart], line_id: str | None, direction_id: int | None
    ) -> Figure:
        from sim.report.charts.picture import chart_picture, picture_or_sentence

        if line_id is None:
            return picture_or_sentence(lambda: build(self._data, self._data.busiest_direction))
        return chart_picture(build(self._data, (line_id, direction_id or 0)))
