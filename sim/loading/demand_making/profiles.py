"""How demand spreads over the day: shipped profiles with their sources, and profiles of the user."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np

from sim.arrays import FloatArray
from sim.errors import InputError, Problem
from sim.loading.columns import check_periods, clocks, numbers
from sim.loading.csv_tables import parse_table
from sim.loading.hints import did_you_mean, listed
from sim.loading.problems import ProblemCollector, shown_path

_HOUR_S: Final = 3600.0


@dataclass(frozen=True)
class Profile:
    """Shares of a day's demand by period.

    Attributes
    ----------
    name : str
    source : str
        Where the shares come from.
    start_s, end_s : ndarray of float, shape (periods,)
        Seconds after midnight.
    share : ndarray of float, shape (periods,)
        Sums to 1.
    """

    name: str
    source: str
    start_s: FloatArray
    end_s: FloatArray
    share: FloatArray


_SHIPPED: Final = MappingProxyType(
    {
        "xiamen_brt2": (
            6,
            (78, 442, 634, 323, 242, 149, 181, 158, 158, 200, 305, 360, 471, 290, 156, 140, 59),
            "boardings by hour of Xiamen BRT line 2, one direction, a day of June 2018 "
            "(github.com/bonny2016/bus-holding-control, MIT; see networks/xiamen_brt2/SOURCE.md)",
        ),
        "two_peaks": (
            6,
            (3, 10, 14, 7, 4, 4, 4, 4, 4, 5, 8, 12, 11, 5, 3, 2),
            "assumed: percent by hour with a peak from 8 and one from 17 o'clock",
        ),
        "flat": (6, (1,) * 16, "assumed: the same in every hour from 6 to 22"),
    }
)
"""First hour, counts by hour and source of each shipped profile."""


def shipped_profiles() -> dict[str, Profile]:
    """Return the profiles that come with peakshift, by name."""
    profiles = {}
    for name, (first, counts, source) in _SHIPPED.items():
        start = np.arange(first, first + len(counts), dtype=np.float64) * _HOUR_S
        shares = np.array(counts, dtype=np.float64) / sum(counts)
        profiles[name] = Profile(name, source, start, start + _HOUR_S, shares)
    return profiles


def find_profile(text: str) -> Profile:
    """Return the shipped profile of that name, or read a CSV file ``period_start,period_end,share``.

    Counts will do for shares: they are divided by their sum.

    Raises
    ------
    InputError
        When there is neither, or the file is not usable.
    """
    shipped = shipped_profiles()
    if text in shipped:
        return shipped[text]
    path = Path(text)
    if not path.is_file():
        hint = did_you_mean(text, shipped)
        message = f"neither a CSV file nor a profile that comes with peakshift{hint}; those are {listed(shipped)}"
        raise InputError([Problem(text, 0, 0, "profile", message)])
    shown, collector = shown_path(path), ProblemCollector()
    table = parse_table(path.read_bytes(), shown, collector)
    if table is not None:
        for name in ("period_start", "period_end", "share"):
            if not table.has(name):
                collector.problem(shown, "this column is missing", line=1, key=name)
    if table is None or collector.problems:
        raise InputError(collector.problems)
    start, end = clocks(table, "period_start", collector), clocks(table, "period_end", collector)
    share = numbers(table, "share", collector, at_least=0)
    check_periods(table, start, end, np.zeros(len(table), dtype=np.int64), collector)
    if not collector.problems and not share.sum() > 0:
        collector.problem(shown, "the shares sum to 0", key="share")
    if collector.problems:
        raise InputError(collector.problems)
    return Profile(path.stem, f"the file {path.name}", start, end, share / share.sum())
