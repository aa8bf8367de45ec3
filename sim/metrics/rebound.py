"""New peaks that advice makes: where, how high, who feeds them, and how to stagger them away.

A *rebound* is a period at a stop of a line whose load factor rises against `none` beyond its interval,
that is a peak now and was none before (or is now higher than any period was), while another period of
the same stop is relieved: the peak has moved, not gone. Load factors are compared and not loads, so
that a vehicle that leaves a minute earlier, and so in another period, makes no rebound.

Where chance decides which window an advisor recommends, the peak is at another time in each replication,
and the mean over replications shows no rebound at any one. Such a *wandering peak* is looked for within
each replication: draws are shared with `none`, so that what differs is the advice's doing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.metrics.grouping import of_strategy, recode, split_by_run
from sim.metrics.load_peaks import PEAK_SHARE, StopGrid, is_new_peak, new_peaks, stop_grids
from sim.metrics.metric import BASELINE
from sim.metrics.onboard import riders_of_visits
from sim.metrics.paired_changes import DIRECT_SHIFT, journey_classes
from sim.metrics.persons import first_rows
from sim.metrics.statistics import Estimate, estimate
from sim.records.table import Table

MOST_STEPS = 4
"""Periods before and after a rebound over which staggering is tried; assumed."""

LEAST_WANDERING_RISE_SHARE = 0.25
"""Least rise of a peak whose time differs by replication, as a share of the stop's highest load factor without
advice; more than that of a rebound, since the period is picked among all of a day; assumed."""


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
        own = of_strategy(account, strategy)
        # One draw of chance has no interval, and a peak in it may be that draw.
        if len(np.unique(own["replication"])) < 2:
            continue
        best: dict[tuple[int, int], Rebound] = {}
        for place, rebound in _candidates(own, strategy, period_s):
            if place not in best or rebound.change.mean > best[place].change.mean:
                best[place] = rebound
        worst = sorted(best.values(), key=lambda rebound: -rebound.change.mean)[:most]
        found += _with_windows(worst, tables)
    return found


def _candidates(own: Table, strategy: str, period_s: float) -> Iterator[tuple[tuple[int, int], Rebound]]:
    """Yield line and direction and every rebound of one strategy."""
    for stop in stop_grids(own, period_s):
        for place in new_peaks(stop.none, stop.factor, stop.runs):
            grid = (stop.first, place, period_s)
            yield stop.key, _rebound(strategy, stop.names, stop.key[1], grid, (stop.none, stop.factor), stop.counts)


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
    # The first vessels, by height, that hold the amount without reaching the next one: all lower levels overflow.
    return float(levels[int(np.flatnonzero(levels <= following)[0])])


def _with_windows(rebounds: Sequence[Rebound], tables: Mapping[str, Table]) -> list[Rebound]:
    """Add to the rebounds of one strategy the advised window of which most followers ride in the period."""
    runs = {name: split_by_run(tables[name]) for name in ("journeys", "legs", "stop_visits")}
    starts: list[list[FloatArray]] = [[] for _ in rebounds]
    widths_s = [float("nan")] * len(rebounds)
    for key in runs["journeys"] if rebounds else ():
        if key[0] != rebounds[0].strategy or key not in runs["legs"]:
            continue
        own, none = runs["journeys"][key], runs["journeys"][BASELINE, key[1]]
        kind = journey_classes(none["departure_s"], own)
        for number, rebound in enumerate(rebounds):
            days, commuters = _riders_in_cell(rebound, runs["stop_visits"][key], runs["legs"][key])
            persons = int(own["commuter_id"].max(initial=0)) + 1
            found = np.searchsorted(own["day"] * persons + own["commuter_id"], days * persons + commuters)
            followers = first_rows(own)[found[kind[found] == DIRECT_SHIFT]]
            starts[number].append(own["window_start_s"][followers])
            widths = own["window_end_s"][followers] - own["window_start_s"][followers]
            widths_s[number] = float(widths[0]) if len(widths) else widths_s[number]
    return [_with_window(*parts) for parts in zip(rebounds, starts, widths_s, strict=True)]


def _with_window(rebound: Rebound, starts: Sequence[FloatArray], width_s: float) -> Rebound:
    values, counts = np.unique(np.concatenate([*starts, np.zeros(0)]), return_counts=True)
    if not len(values):
        return rebound
    start_s = float(values[counts.argmax()])
    return replace(rebound, window_start_s=start_s, window_end_s=start_s + width_s)


def _riders_in_cell(rebound: Rebound, visits: Table, legs: Table) -> tuple[IntArray, IntArray]:
    """Return day and commuter of the rides on board of vehicles that leave the stop in the period."""
    # Only vehicles of the line can be there: the others need not be looked through.
    visits = visits.where(visits.equals("line_id", rebound.line_id) & (visits["direction_id"] == rebound.direction_id))
    trips = np.zeros(len(visits.categories["trip_id"]) + 1, dtype=np.bool_)
    trips[visits["trip_id"]] = True
    legs = legs.where(trips[recode(legs, "trip_id", visits.categories["trip_id"])])
    here = visits.equals("stop_id", rebound.stop_id) & (
        np.floor_divide(visits["departure_s"], rebound.period_s) * rebound.period_s == rebound.period_start_s
    )
    leg, visit = riders_of_visits(visits, legs)
    rows = leg[here[visit]]
    return legs["day"][rows], legs["commuter_id"][rows]


@dataclass(frozen=True)
class WanderingPeak:
    """A new peak at one stop whose time differs by replication.

    Attributes
    ----------
    strategy, line_id, stop_id : str
    direction_id : int
    starts_s : tuple of float
        Start of the period in each replication, seconds after midnight.
    load_factor_none, load_factor : float
        In those periods, without advice and with it, mean over replications.
    change : Estimate
        Of the load factor in those periods.
    """

    strategy: str
    line_id: str
    direction_id: int
    stop_id: str
    starts_s: tuple[float, ...]
    load_factor_none: float
    load_factor: float
    change: Estimate


def wandering_peak(account: Table, strategy: str, period_s: float) -> WanderingPeak | None:
    """Find the stop with the highest new peak of one strategy, at whatever time it is in each replication.

    Parameters
    ----------
    account : Table
        As `sim.metrics.account.account_table` makes it.
    strategy : str
    period_s : float
        Length of an observation period in seconds.

    Returns
    -------
    WanderingPeak or None
        None where some replication has no new peak at any stop that has one in the others, or their rise cannot
        be told from 0.
    """
    best: WanderingPeak | None = None
    for stop in stop_grids(of_strategy(account, strategy), period_s):
        places = [_highest_rise(stop, number) for number in range(len(stop.none))]
        if len(places) < 2 or min(places) < 0:
            continue
        rows = np.arange(len(places))
        before, after = stop.none[rows, places], stop.factor[rows, places]
        change = estimate(after - before)
        if change.mean - change.half_width <= 0 or (best is not None and change.mean <= best.change.mean):
            continue
        best = WanderingPeak(
            strategy=strategy,
            line_id=stop.names["line_id"],
            direction_id=stop.key[1],
            stop_id=stop.names["stop_id"],
            starts_s=tuple((stop.first + place) * period_s for place in places),
            load_factor_none=float(before.mean()),
            load_factor=float(after.mean()),
            change=change,
        )
    return best


def _highest_rise(stop: StopGrid, replication: int) -> int:
    """Return the period of the new peak that rises most in a replication; -1 where there is none."""
    before, after = stop.none[replication], stop.factor[replication]
    change: FloatArray = np.where(stop.runs, after - before, -np.inf)
    highest = float(before.max(initial=0.0))
    if not (change[stop.runs] < 0).any():
        return -1
    fits = [
        place
        for place in np.argsort(-change, kind="stable").tolist()
        if change[place] >= max(LEAST_WANDERING_RISE_SHARE * highest, 1e-9)
        and after[place] >= PEAK_SHARE * highest
        and is_new_peak(before, after, place)
    ]
    return fits[0] if fits else -1
