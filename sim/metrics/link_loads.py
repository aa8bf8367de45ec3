"""How full vehicles are from stop to next stop in the busiest hour, over all lines: what a load map shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.metrics.grouping import combine, next_visits, ratio, split_by_run, sum_by_group
from sim.records.table import Table

HOUR_S: Final = 3600.0
"""Planners size service by the peak hour."""

_STEP_S: Final = 900.0
"""The hour begins on a quarter, as counts do."""


@dataclass(frozen=True)
class LinkLoads:
    """Loads between stops that follow each other on some trip, all lines together.

    Attributes
    ----------
    start_s : float
        Start of the busiest hour in seconds after midnight.
    stop_ids : tuple of (str, str)
        Stop and next stop of each link.
    load_factor : dict of str to ndarray, shape (links,)
        By strategy: persons over places of the vehicles that leave the first stop within the hour, over all
        replications and days; NaN where none did.
    """

    start_s: float
    stop_ids: tuple[tuple[str, str], ...]
    load_factor: dict[str, FloatArray]


def link_loads(stop_visits: Table) -> LinkLoads | None:
    """Return the loads of the links in the hour in which most persons ride under the first strategy.

    Branches, expresses and short turns are told apart by the stop that a vehicle really goes to next.

    Parameters
    ----------
    stop_visits : Table

    Returns
    -------
    LinkLoads or None
        None where no vehicle went from one stop to another.
    """
    names = stop_visits.categories["stop_id"]
    runs = {key: _rides(run) for key, run in split_by_run(stop_visits).items()}
    if not any(len(rides.link) for rides in runs.values()):
        return None
    first = next(iter(runs))[0]
    start_s = _busiest_hour_s([rides for (strategy, _), rides in runs.items() if strategy == first])
    links = np.unique(np.concatenate([rides.link for rides in runs.values()]))
    strategies = dict.fromkeys(strategy for strategy, _ in runs)
    sums = {strategy: np.zeros((2, len(links))) for strategy in strategies}
    for (strategy, _), rides in runs.items():
        within = rides.within(start_s)
        place = np.searchsorted(links, rides.link[within])
        for row, values in enumerate((rides.load, rides.capacity)):
            sums[strategy][row] += sum_by_group(place, values[within], len(links))
    ends = [(names[link // len(names)], names[link % len(names)]) for link in links.tolist()]
    return LinkLoads(start_s, tuple(ends), {name: ratio(load, places) for name, (load, places) in sums.items()})


@dataclass(frozen=True)
class _LinkRides:
    """Rides of vehicles from a stop to the next one, each of shape (rides,)."""

    link: IntArray
    departure_s: FloatArray
    load: IntArray
    capacity: IntArray

    def within(self, start_s: float) -> BoolArray:
        return (self.departure_s >= start_s) & (self.departure_s < start_s + HOUR_S)


def _rides(visits: Table) -> _LinkRides:
    """Read the rides of one run."""
    rows, next_rows = next_visits(visits)
    # A vehicle that the end of the day, or a breakdown, kept from leaving has no departure.
    left = np.isfinite(visits["departure_s"][rows])
    rows, next_rows = rows[left], next_rows[left]
    stops = len(visits.categories["stop_id"])
    link = combine((visits["stop_id"][rows], stops), (visits["stop_id"][next_rows], stops))
    return _LinkRides(link, *(visits[name][rows] for name in ("departure_s", "departing_load", "capacity")))


def _busiest_hour_s(runs: list[_LinkRides]) -> float:
    """Return the start of the hour in which most persons leave stops on board, the earliest of equals."""
    departures_s = np.concatenate([rides.departure_s for rides in runs])
    load = np.concatenate([rides.load for rides in runs])
    if not len(departures_s):
        return 0.0
    quarter = np.floor_divide(departures_s, _STEP_S).astype(np.int64)
    low = int(quarter.min())
    by_quarter = sum_by_group(quarter - low, load, int(quarter.max()) - low + 1)
    hours = np.convolve(by_quarter, np.ones(round(HOUR_S / _STEP_S)))[round(HOUR_S / _STEP_S) - 1 :]
    return float(low + int(hours.argmax())) * _STEP_S
