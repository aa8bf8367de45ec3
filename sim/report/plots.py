"""Figures of a result for a notebook: ``result.plot.load()`` and others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sim.records.table import Table
from sim.report.material import Material

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Plots:
    """The figures of the report, each made when it is asked for and returned as a matplotlib Figure.

    A line and direction may be named; otherwise it is the one with most boardings. Every method raises
    `NothingToShowError` where the tables hold nothing for its figure.

    Parameters
    ----------
    manifest, summary : mapping
        As in a run folder.
    tables : mapping of str to Table
        By name.
    """

    def __init__(self, manifest: Mapping[str, Any], summary: Mapping[str, Any], tables: Mapping[str, Table]) -> None:
        self._material = Material(manifest, summary, tables)

    def differences(self) -> Figure:
        """Draw the headline metrics against none with their intervals."""
        from sim.report.figures.outcomes import differences_figure

        return differences_figure(self._material.summary.get("strategies", {}), self._material.looks)

    def load(self, line_id: str | None = None, direction_id: int | None = None) -> Figure:
        """Draw the load factor by stop and time of day, a panel per strategy."""
        from sim.report.figures.loads import load_figure

        profiles = self._material.loads_along(*self._direction(line_id, direction_id))
        return load_figure(profiles, self._material.period_s, self._material.stop_names, self._material.looks)

    def load_change(self, line_id: str | None = None, direction_id: int | None = None) -> Figure:
        """Draw the load against none by stop and time of day, a panel per other strategy."""
        from sim.report.figures.loads import load_change_figure

        profiles = self._material.loads_along(*self._direction(line_id, direction_id))
        return load_change_figure(profiles, self._material.period_s, self._material.stop_names, self._material.looks)

    def departures(self) -> Figure:
        """Draw departures and arrivals by period."""
        from sim.report.figures.journeys import departures_figure

        return departures_figure(
            self._material.in_order(self._material.time_profiles), self._material.period_s, self._material.looks
        )

    def arrivals(self) -> Figure:
        """Draw arrivals against preferred arrivals."""
        from sim.report.figures.journeys import arrivals_figure

        return arrivals_figure(self._material.in_order(self._material.arrival_profiles), self._material.looks)

    def waiting(self) -> Figure:
        """Draw waits by period and their distribution."""
        from sim.report.figures.journeys import waits_figure

        waits_min, shares = self._material.wait_exceedance()
        profiles = self._material.in_order(self._material.time_profiles)
        return waits_figure(profiles, self._material.period_s, waits_min, shares, self._material.looks)

    def winners(self) -> Figure:
        """Draw how much commuters gain and lose against none."""
        from sim.report.figures.outcomes import cost_changes_figure

        return cost_changes_figure(self._material.cost_changes(), self._material.looks)

    def classes(self) -> Figure:
        """Draw who gains and who loses against none by class of commuters."""
        from sim.report.figures.classes import classes_figure

        return classes_figure(self._material.in_order(self._material.classes), self._material.looks)

    def account(self, line_id: str | None = None, direction_id: int | None = None) -> Figure:
        """Draw what direct shift, displaced load and back-fill change at the stop where most changes."""
        from sim.report.figures.account import account_figure

        accounts = self._material.account_of_stop(*self._direction(line_id, direction_id))
        return account_figure(accounts, self._material.period_s, self._material.looks)

    def vehicles(self, line_id: str | None = None, direction_id: int | None = None) -> Figure:
        """Draw the time-distance diagram of one direction of a line, first replication and kept day."""
        from sim.report.figures.vehicles import trajectories_figure

        trajectories = self._material.first_trajectories(*self._direction(line_id, direction_id))
        return trajectories_figure(trajectories, self._material.stop_names)

    def headways(self, line_id: str | None = None, direction_id: int | None = None) -> Figure:
        """Draw how far headways are off schedule along one direction of a line, all replications and kept days."""
        from sim.report.figures.headways import headways_figure

        deviations, stop_ids = self._material.headway_deviations(*self._direction(line_id, direction_id))
        return headways_figure(
            deviations, [self._material.stop_names.get(stop, stop) for stop in stop_ids], self._material.looks
        )

    def settling(self) -> Figure:
        """Draw cost, relative gap and change of departures from day to day."""
        from sim.report.figures.settling import settling_figure

        return settling_figure(self._material.in_order(self._material.courses), self._material.looks)

    def network(self) -> Figure:
        """Draw the stops and the links between them."""
        from sim.report.figures.network import network_figure

        return network_figure(self._material.manifest.get("stops", ()), self._material.manifest.get("links", ()))

    def _direction(self, line_id: str | None, direction_id: int | None) -> tuple[str, int]:
        if line_id is None:
            return self._material.busiest_direction()
        return line_id, 0 if direction_id is None else direction_id
