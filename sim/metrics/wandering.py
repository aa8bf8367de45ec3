"""New peaks that advice makes in every replication, but at another time in each.

Where chance decides which window an advisor recommends, the mean over replications shows no rebound
at any one time. The rise is then looked for within each replication: draws are shared with `none`, so
that what differs is the advice's doing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import FloatArray
from sim.metrics.rebound import PEAK_SHARE, StopGrid, is_new_peak, stop_grids
from sim.metrics.statistics import Estimate, estimate
from sim.records.table import Table

LEAST_RISE_SHARE = 0.25
"""Least rise as a share of the stop's highest load factor; more than of a rebound at a time that all replications
share, since the period is picked among all of a day; assumed."""


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
    for stop in stop_grids(account.where(account.equals("strategy", strategy)), period_s):
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
        if change[place] >= max(LEAST_RISE_SHARE * highest, 1e-9)
        and after[place] >= PEAK_SHARE * highest
        and is_new_peak(before, after, place)
    ]
    return fits[0] if fits else -1
