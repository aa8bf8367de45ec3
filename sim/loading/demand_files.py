"""Demand of a network folder: ``demand/od.csv``, with a profile over the day where it has none.

Counts are commuters, times seconds after midnight.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.loading.columns import check_periods, clocks, numbers, references, report_rows
from sim.loading.csv_tables import TextTable
from sim.loading.gtfs_tables import Stops
from sim.loading.network_files import NetworkFiles
from sim.loading.problems import ProblemCollector
from sim.loading.table_specs import OD, PROFILE
from sim.model.demand import Demand, Placement

_SHARE_TOLERANCE = 1e-6
_GOLDEN_SHARE = (5**0.5 - 1) / 2


@dataclass(frozen=True)
class _DemandProfile:
    """How demand is spread over the day: shares of half-open periods, in seconds after midnight."""

    name: str
    start_s: FloatArray
    end_s: FloatArray
    share: FloatArray


def no_demand() -> Demand:
    """Return demand without any flow."""
    return make_demand([], [], [], [], [], [])


def make_demand(
    origin: object, destination: object, start_s: object, end_s: object, commuters: object, series: object
) -> Demand:
    """Return flows with random placement and derived preferred arrivals, from columns."""
    count = len(np.asarray(origin))
    return Demand(
        origin=np.asarray(origin, dtype=np.int64),
        destination=np.asarray(destination, dtype=np.int64),
        start_s=np.asarray(start_s, dtype=np.float64),
        end_s=np.asarray(end_s, dtype=np.float64),
        commuters=np.asarray(commuters, dtype=np.float64),
        placement=np.full(count, int(Placement.RANDOM), dtype=np.int64),
        series=np.asarray(series, dtype=np.int64),
        preferred_arrival_s=np.full(count, np.nan),
    )


def read_demand(
    files: NetworkFiles, stops: Stops | None, served: IntArray | None, collector: ProblemCollector
) -> Demand:
    """Read the demand files; a network without them has no demand.

    Parameters
    ----------
    files, collector
        Files of the network, and where to report.
    stops : Stops or None
        Stops of the feed.
    served : ndarray of int or None
        Rows of the stops that some line serves or some walk link leads to.
    """
    od = files.table(OD, required=False)
    if od is None:
        if files.kind == "network" and not files.has(OD.name):
            collector.mention(
                files.shown_file(OD.name), "the network has no demand of its own; `peakshift demand` makes one"
            )
        return no_demand()
    commuters = numbers(od, "commuters", collector, at_least=0)
    with_periods = od.has("period_start") or od.has("period_end")
    profiles = None if with_periods else _read_profiles(files, collector)
    start, end = _periods(od, collector) if with_periods else (np.zeros(len(od)), np.ones(len(od)))
    if stops is None:
        return no_demand()
    origin = references(od, "origin_stop_id", stops.index, "stop of stops.txt", collector)
    destination = references(od, "destination_stop_id", stops.index, "stop of stops.txt", collector)
    same = (origin == destination) & (origin >= 0)
    report_rows(od, same, "destination_stop_id", "origin and destination are the same stop", collector)
    pair = np.unique(origin * (len(stops.index) + 1) + destination, return_inverse=True)[1].astype(np.int64)
    named = _profile_of_rows(od, profiles, collector)
    _check_repeated(od, np.stack([pair, named, start, end]), collector)
    if served is not None:
        _check_served(od, (origin, destination), served, collector)
    if collector.problems:
        return no_demand()
    if with_periods or profiles is None:
        return make_demand(origin, destination, start, end, commuters, pair)
    parts = []
    # By name, since rounding gives the rows offsets in turn: another order of the file's rows changes nobody.
    by_name = np.lexsort((commuters, od.text("destination_stop_id"), od.text("origin_stop_id")))
    for number, profile in enumerate(profiles):
        mine = by_name[named[by_name] == number]
        row, period, counts = spread_over_profile(commuters[mine], profile.share)
        parts.append((mine[row], profile.start_s[period], profile.end_s[period], counts))
    rows, start, end, counts = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    order = np.lexsort((start, rows))
    rows = rows[order]
    return make_demand(origin[rows], destination[rows], start[order], end[order], counts[order], pair[rows])


def spread_over_profile(commuters: FloatArray, share: FloatArray) -> tuple[IntArray, IntArray, FloatArray]:
    """Spread daily commuters over the periods of a profile.

    Whole numbers stay whole and keep their sum: the cumulative profile of each row is rounded
    systematically from an offset of its own. The offsets run evenly through (0, 1), so that all
    rows together follow the profile closely. Fractions are spread as fractions.

    Parameters
    ----------
    commuters : ndarray of float, shape (rows,)
        Daily commuters.
    share : ndarray of float, shape (periods,)
        Share of each period, summing to 1.

    Returns
    -------
    row, period : ndarray of int, shape (flows,)
        Where each flow comes from; flows of 0 are left out.
    counts : ndarray of float, shape (flows,)
        Commuters of each flow.
    """
    cumulative = np.concatenate([[0.0], np.cumsum(share)])
    cumulative[-1] = 1.0
    offset = np.modf((np.arange(len(commuters)) + 0.5) * _GOLDEN_SHARE)[0]
    passed = np.floor(commuters[:, None] * cumulative + offset[:, None])
    # The last step must not fall short by a rounding error of the product.
    passed[:, -1] = commuters + np.floor(offset)
    whole = np.diff(passed, axis=1)
    counts = np.where((commuters == np.floor(commuters))[:, None], whole, commuters[:, None] * share)
    row, period = np.nonzero(counts > 0)
    return row.astype(np.int64), period.astype(np.int64), counts[row, period]


def _periods(table: TextTable, collector: ProblemCollector) -> tuple[FloatArray, FloatArray]:
    start = clocks(table, "period_start", collector)
    end = clocks(table, "period_end", collector)
    backwards = end <= start
    report_rows(table, backwards, "period_end", "must be after period_start", collector)
    return start, end


def _read_profiles(files: NetworkFiles, collector: ProblemCollector) -> list[_DemandProfile] | None:
    """Read ``demand/profile.csv``: one profile, or several that the column ``profile`` tells apart."""
    if not files.has(PROFILE.name):
        message = "the columns period_start,period_end are missing, and there is no demand/profile.csv instead"
        collector.problem(files.shown_file(OD.name), message, line=1, key="period_start")
        return None
    table = files.table(PROFILE)
    if table is None:
        return None
    start = clocks(table, "period_start", collector)
    end = clocks(table, "period_end", collector)
    share = numbers(table, "share", collector, at_least=0)
    names = table.text("profile")
    known = {name: number for number, name in enumerate(dict.fromkeys(names.tolist()))}
    number = np.array([known[name] for name in names], dtype=np.int64)
    check_periods(table, start, end, number, collector)
    profiles = []
    for name, place in known.items():
        mine = np.flatnonzero(number == place)
        mine = mine[np.argsort(start[mine], kind="stable")]
        total = float(share[mine].sum())
        if abs(total - 1) > _SHARE_TOLERANCE:
            whose = f" of profile {name!r}" if name else ""
            collector.problem(table.file, f"the shares{whose} sum to {total:.6g}; they must sum to 1", key="share")
        profiles.append(_DemandProfile(name, start[mine], end[mine], share[mine]))
    return profiles


def _profile_of_rows(od: TextTable, profiles: list[_DemandProfile] | None, collector: ProblemCollector) -> IntArray:
    """Return the number of the profile of each row of the table; 0 where rows have periods."""
    if profiles is None:
        return np.zeros(len(od), dtype=np.int64)
    index = {profile.name: number for number, profile in enumerate(profiles)}
    if not od.has("profile") and "" in index:
        return np.full(len(od), index[""], dtype=np.int64)
    return references(od, "profile", index, "profile of demand/profile.csv", collector)


def _check_repeated(table: TextTable, keys: FloatArray, collector: ProblemCollector) -> None:
    """Report rows of the same stops, profile and period; periods may overlap, as tables of several sources do."""
    order = np.lexsort(keys[::-1])
    before, after = order[:-1], order[1:]
    same = (keys[:, before] == keys[:, after]).all(axis=0)
    first = before[same]
    what = "stops and period" if table.has("period_start") else "stops"
    report_rows(
        table,
        after[same],
        "origin_stop_id",
        lambda place: f"duplicate: line {table.line[first[place]]} has the same {what}",
        collector,
    )


def _check_served(
    table: TextTable, ends: tuple[IntArray, IntArray], served: IntArray, collector: ProblemCollector
) -> None:
    for column, stop in zip(("origin_stop_id", "destination_stop_id"), ends, strict=True):
        unserved = (stop >= 0) & ~np.isin(stop, served)
        report_rows(table, unserved, column, "no line serves this stop, and no walk link leads to it", collector)
