"""New peaks that advice makes: where, how high, who feeds them, and how to stagger them away.

A *rebound* is a period at a stop of a line whose load factor rises against `none` beyond its interval,
that is a peak now and was none before (or is now higher than any period was), while another period of
the same stop is relieved: the peak has moved, not gone. Load factors are compared and not loads, so
that a vehicle that leaves a minute earlier, and so in another period, makes no rebound.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.metrics.grouping import split_by_run
from sim.metrics.metric import BASELINE
from sim.metrics.onboard import riders_of_visits
from sim.metrics.paired_changes import DIRECT_SHIFT, journey_classes
from sim.metrics.return_pairs import outward_rows
from sim.metrics.statistics import Estimate, estimate
from sim.records.table import Table

PEAK_SHARE = 0.8
"""A local peak counts from this share of the stop's highest load factor without advice; assumed."""

LEAST_LOAD_FACTOR = 0.3
"""Fuller than this a vehicle has to be for a peak: below, everybody sits; assumed."""

LEAST_RISE_SHARE = 0.05
"""Least rise as a share of the stop's highest load factor without advice; assumed."""

MOST_STEPS = 4
"""Periods before and after a rebound over which staggering is tried; assumed."""


@dataclass(frozen=True)
class Rebound:
    """A new peak under one strategy.

    Attributes
    ----------
    strategy, line_id, stop_id : str
    direction_id : int
    period_start_s, period_s : float
        The observation period, seconds after midnight and its length.
    load_factor_none, load_factor : float
        Persons over capacity of the vehicles that leave the stop in the period.
    change : Estimate
        Of the load factor, paired by replication.
    highest_none : float
        Highest mean load factor of any period at the stop without advice.
    relieved_start_s : float
        Period whose load factor fell most.
    relieved : float
        By how much.
    rise : float
        Persons per day more who leave the stop in the period.
    direct_shift : float
        Part of the rise made by those who followed advice.
    window_start_s, window_end_s : float
        Advised window that feeds the period most; NaN where no follower rides in it.
    stagger : tuple of (float, float)
        Starts of the fewest neighbouring periods with vehicles over which the rise can be spread so
        that it makes no peak, and the persons that each takes of it, in order of time; over all
        `MOST_STEPS` on both sides where that does not suffice.
    level : float
        Load factor up to which these periods are filled then.
    """

    strategy: str
    line_id: str
    direction_id: int
    stop_id: str
    period_start_s: float
    period_s: float
    load_factor_none: float
    load_factor: float
    change: Estimate
    highest_none: float
    relieved_start_s: float
    relieved: float
    rise: float
    direct_shift: float
    window_start_s: float
    window_end_s: float
    stagger: tuple[tuple[float, float], ...]
    level: float

    @property
    def is_higher_than_before(self) -> bool:
        """Tell whether no period at the stop was as full without advice."""
        return self.load_factor > self.highest_none


def find_rebounds(account: Table, tables: Mapping[str, Table], period_s: float, most: int = 3) -> list[Rebound]:
    """Find the worst new peaks of every strategy.

    Of each line and direction only the stop with the highest rise is named, for the riders of one
    stop are those of the next.

    Parameters
    ----------
    account : Table
        As `sim.metrics.account.account_table` makes it.
    tables : mapping of str to Table
        `journeys`, `legs` and `stop_visits` of the same runs.
    period_s : float
        Length of an observation period in seconds.
    most : int
        How many to return for each strategy.

    Returns
    -------
    list of Rebound
        By strategy, the highest rise first; empty with fewer than two replications, which cannot show
        a rise.
    """
    found = []
    for strategy in account.categories["strategy"]:
        own = account.where(account.equals("strategy", strategy))
        if len(np.unique(own["replication"])) < 2:
            continue
        best: dict[tuple[int, int], Rebound] = {}
        for place, rebound in _candidates(own, strategy, period_s):
            if place not in best or rebound.change.mean > best[place].change.mean:
                best[place] = rebound
        worst = sorted(best.values(), key=lambda rebound: -rebound.change.mean)[:most]
        found += [_with_window(rebound, tables) for rebound in worst]
    return found


def _candidates(own: Table, strategy: str, period_s: float) -> Iterator[tuple[tuple[int, int], Rebound]]:
    """Yield line and direction and every rebound of one strategy."""
    for stop in stop_grids(own, period_s):
        for place in new_peaks(stop.none, stop.factor, stop.runs):
            grid = (stop.first, place, period_s)
            yield stop.key, _rebound(strategy, stop.names, stop.key[1], grid, (stop.none, stop.factor), stop.counts)


@dataclass(frozen=True)
class StopGrid:
    """One stop of a line and direction under one strategy; arrays by replication and period.

    Attributes
    ----------
    key : tuple of (int, int)
        Code of the line, and direction.
    names : mapping of str to str
        `line_id` and `stop_id`.
    first : int
        Number of the first period.
    none, factor : ndarray of float, shape (replications, periods)
        Load factors without advice and under the strategy.
    runs : ndarray of bool, shape (periods,)
        Whether a vehicle always leaves in the period.
    counts : mapping of str to ndarray, shape (replications, periods)
        Per day, by columns of the account.
    """

    key: tuple[int, int]
    names: Mapping[str, str]
    first: int
    none: FloatArray
    factor: FloatArray
    runs: BoolArray
    counts: Mapping[str, FloatArray]


def stop_grids(own: Table, period_s: float) -> Iterator[StopGrid]:
    """Yield the stops of an account of one strategy.

    Parameters
    ----------
    own : Table
        Rows of one strategy of the table `account`.
    period_s : float
        Length of an observation period in seconds.
    """
    stops = len(own.categories["stop_id"])
    packed = (own["line_id"] * 2 + own["direction_id"]) * stops + own["stop_id"]
    order = np.argsort(packed, kind="stable")
    bounds = np.flatnonzero(np.diff(packed[order], prepend=-1) != 0)
    replications, replication = np.unique(own["replication"], return_inverse=True)
    days = len(np.unique(own["day"]))
    for start, end in zip(bounds.tolist(), [*bounds[1:].tolist(), len(order)], strict=True):
        rows = order[start:end]
        period = np.round(own["period_start_s"][rows] / period_s).astype(np.int64)
        first, span = int(period.min()), int(period.max() - period.min()) + 1
        shape = (len(replications), span)
        cell = replication[rows] * span + period - first
        counts = {
            name: np.bincount(cell, own[name][rows], shape[0] * span).reshape(shape) / days
            for name in ("load_none", "load", "load_direct_shift", "capacity_none", "capacity")
        }
        yield StopGrid(
            key=(int(own["line_id"][rows[0]]), int(own["direction_id"][rows[0]])),
            names={name: own.categories[name][int(own[name][rows[0]])] for name in ("line_id", "stop_id")},
            first=first,
            none=_factor(counts["load_none"], counts["capacity_none"]),
            factor=_factor(counts["load"], counts["capacity"]),
            runs=np.minimum(counts["capacity_none"], counts["capacity"]).min(axis=0) > 0,
            counts=counts,
        )


def _factor(load: FloatArray, capacity: FloatArray) -> FloatArray:
    """Return load over capacity, 0 where no vehicle runs."""
    return np.divide(load, capacity, out=np.zeros_like(load), where=capacity > 0)


def new_peaks(none: FloatArray, factor: FloatArray, runs: BoolArray) -> list[int]:
    """Return the periods of one stop that are rebounds.

    Only periods in which vehicles always run can be compared.

    Parameters
    ----------
    none, factor : ndarray of float, shape (replications, periods)
        Load factors without advice and with it.
    runs : ndarray of bool, shape (periods,)
    """
    before, after = none.mean(axis=0), factor.mean(axis=0)
    changes = [estimate(column) for column in (factor - none).T]
    highest = float(before.max(initial=0.0))
    if not any(change.mean + change.half_width < 0 for change in changes):
        return []
    peaks = []
    for place, change in enumerate(changes):
        rises = change.mean - change.half_width > 0 and change.mean >= LEAST_RISE_SHARE * highest
        is_new = is_new_peak(before, after, place)
        if runs[place] and rises and is_new and after[place] >= PEAK_SHARE * highest:
            peaks.append(place)
    return peaks


def is_new_peak(before: FloatArray, after: FloatArray, place: int) -> bool:
    """Tell whether a period is a peak with advice and was none without, or is higher than any period was.

    Parameters
    ----------
    before, after : ndarray of float, shape (periods,)
        Load factors without and with advice.
    place : int
    """
    if after[place] < LEAST_LOAD_FACTOR:
        return False
    highest = float(before.max(initial=0.0))
    if after[place] > highest:
        return True
    was_peak = _is_peak(before, place) and before[place] >= PEAK_SHARE * highest
    return _is_peak(after, place) and not was_peak


def _is_peak(factors: FloatArray, place: int) -> bool:
    around = factors[max(place - 1, 0) : place + 2]
    return bool(factors[place] >= around.max())


def _rebound(
    strategy: str,
    names: Mapping[str, str],
    direction: int,
    grid: tuple[int, int, float],
    factors: tuple[FloatArray, FloatArray],
    counts: Mapping[str, FloatArray],
) -> Rebound:
    first, place, period_s = grid
    before, after = (factor.mean(axis=0) for factor in factors)
    change = after - before
    relieved = int(change.argmin())
    rise = float((counts["load"] - counts["load_none"]).mean(axis=0)[place])
    limit = max(float(before[place]), PEAK_SHARE * float(before.max()))
    load, capacity = counts["load"].mean(axis=0), counts["capacity"].mean(axis=0)
    shares, level = _staggered(load, capacity, place, max(rise, 0.0), limit)
    return Rebound(
        strategy=strategy,
        line_id=names["line_id"],
        direction_id=direction,
        stop_id=names["stop_id"],
        period_start_s=(first + place) * period_s,
        period_s=period_s,
        load_factor_none=float(before[place]),
        load_factor=float(after[place]),
        change=estimate((factors[1] - factors[0])[:, place]),
        highest_none=float(before.max()),
        relieved_start_s=(first + relieved) * period_s,
        relieved=float(-change[relieved]),
        rise=rise,
        direct_shift=float(counts["load_direct_shift"].mean(axis=0)[place]),
        window_start_s=float("nan"),
        window_end_s=float("nan"),
        stagger=tuple(((first + other) * period_s, persons) for other, persons in shares),
        level=level,
    )


def _staggered(
    load: FloatArray, capacity: FloatArray, place: int, rise: float, limit: float
) -> tuple[list[tuple[int, float]], float]:
    """Spread a rise over the fewest neighbouring periods with vehicles that keep it below a limit."""
    ground = load.copy()
    ground[place] -= rise
    around = np.flatnonzero(capacity > 0)
    shares, level = [(place, rise)], float(load[place] / capacity[place])
    for steps in range(1, MOST_STEPS + 1):
        near = around[np.abs(around - place) <= steps]
        level = _water_level(ground[near], capacity[near], rise)
        filled = np.maximum(level * capacity[near] - ground[near], 0.0)
        shares = [(int(other), float(part)) for other, part in zip(near, filled, strict=True) if part > 0]
        if level <= limit:
            break
    return shares, level


def _water_level(ground: FloatArray, width: FloatArray, amount: float) -> float:
    """Return the level to which an amount fills up vessels of given contents and widths."""
    order = np.argsort(ground / width, kind="stable")
    heights = (ground / width)[order]
    levels = (np.cumsum(ground[order]) + amount) / np.cumsum(width[order])
    following = np.append(heights[1:], np.inf)
    return float(levels[int(np.flatnonzero(levels <= following)[0])])


def _with_window(rebound: Rebound, tables: Mapping[str, Table]) -> Rebound:
    """Add the advised window of which most followers ride in the period."""
    runs = {name: split_by_run(tables[name]) for name in ("journeys", "legs", "stop_visits")}
    starts: list[FloatArray] = []
    width_s = float("nan")
    for strategy, replication in runs["journeys"]:
        if strategy != rebound.strategy or (strategy, replication) not in runs["legs"]:
            continue
        key = (strategy, replication)
        own, none = runs["journeys"][key], runs["journeys"][BASELINE, replication]
        visits, legs = runs["stop_visits"][key], runs["legs"][key]
        kind = journey_classes(none["departure_s"], own)
        rows = _riders_in_cell(rebound, visits, legs)
        persons = int(own["commuter_id"].max(initial=0)) + 1
        found = np.searchsorted(
            own["day"] * persons + own["commuter_id"], legs["day"][rows] * persons + legs["commuter_id"][rows]
        )
        followers = outward_rows(own)[found[kind[found] == DIRECT_SHIFT]]
        starts.append(own["window_start_s"][followers])
        widths = own["window_end_s"][followers] - own["window_start_s"][followers]
        width_s = float(widths[0]) if len(widths) else width_s
    values, counts = np.unique(np.concatenate([*starts, np.zeros(0)]), return_counts=True)
    if not len(values):
        return rebound
    start_s = float(values[counts.argmax()])
    return replace(rebound, window_start_s=start_s, window_end_s=start_s + width_s)


def _riders_in_cell(rebound: Rebound, visits: Table, legs: Table) -> IntArray:
    """Return the rides on board of vehicles that leave the stop in the period."""
    here = (
        visits.equals("line_id", rebound.line_id)
        & visits.equals("stop_id", rebound.stop_id)
        & (visits["direction_id"] == rebound.direction_id)
        & (np.floor_divide(visits["departure_s"], rebound.period_s) * rebound.period_s == rebound.period_start_s)
    )
    leg, visit = riders_of_visits(visits, legs)
    rows: IntArray = leg[here[visit]]
    return rows
