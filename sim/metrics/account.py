"""Where the change of boardings and loads comes from: direct shift, displaced load, back-fill.

For every line, direction, stop and period the count under a strategy less that under `none`, same
replication and day, is split by the commuters that made it:

- *direct shift*: commuters that complied and leave at another time. Each is taken away where they were under
  `none` and added where they are now.
- *back-fill*: commuters that leave at another time by their own choice, such as learners who come back
  into the room that others left.
- *displaced load*: commuters that leave as under `none` and still are elsewhere, since others took or left
  places on their vehicles.

Journeys that follow from others count with those (`sim.metrics.persons`). Every ride belongs to
exactly one commuter and day, and every commuter and day to exactly one class,
so the three parts sum to the total change, to the person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.arrays import FloatArray, IntArray
from sim.metrics.grouping import combine, no_rows, split_by_run
from sim.metrics.metric import BASELINE
from sim.metrics.onboard import loads_of_rides, visits_of_rides
from sim.metrics.paired_changes import CLASS_NAMES, journey_classes
from sim.records.schema import ACCOUNT
from sim.records.table import DTYPES, Cells, Table, assemble, concatenate


@dataclass(frozen=True)
class StopAccount:
    """Change of the load at one stop by period, persons per day.

    Attributes
    ----------
    period_starts_s : ndarray, shape (periods,)
    parts : ndarray, shape (3, periods)
        By `CLASS_NAMES`.
    """

    period_starts_s: FloatArray
    parts: FloatArray


def account_table(tables: Mapping[str, Table], period_s: float) -> Table:
    """Split the change of boardings and loads of every strategy against `none`.

    Parameters
    ----------
    tables : mapping of str to Table
        At least `journeys`, `legs` and `stop_visits` of several strategies, `none` among them.
    period_s : float
        Length of an observation period in seconds.

    Returns
    -------
    Table
        Under the schema `account`: a row per strategy but `none`, replication, day and cell in which
        anything was counted; empty where `none` is not among the strategies.

    Raises
    ------
    ValueError
        When the strategies do not have the same commuters, or tables do not fit together.
    """
    runs = {name: split_by_run(tables[name]) for name in ("journeys", "legs", "stop_visits")}
    parts: list[Table] = []
    for strategy, replication in runs["journeys"]:
        against = (BASELINE, replication)
        if strategy == BASELINE or against not in runs["journeys"]:
            continue
        own, none = (
            {name: runs[name].get(key, no_rows(tables[name])) for name in runs}
            for key in ((strategy, replication), against)
        )
        parts.append(account_of_run(none, own, period_s))
    if not parts:
        return _empty(tables)
    return concatenate(parts)


def account_of_run(none: Mapping[str, Table], own: Mapping[str, Table], period_s: float) -> Table:
    """Split the change of one replication of one strategy.

    Parameters
    ----------
    none, own : mapping of str to Table
        `journeys`, `legs` and `stop_visits` of the same replication under `none` and under the strategy.
    period_s : float
        Length of an observation period in seconds.

    Raises
    ------
    ValueError
        When the two do not have the same commuters, or tables do not fit together.
    """
    days = np.unique(own["journeys"]["day"]).tolist()
    parts = [_day_account(_of_day(none, day), _of_day(own, day), period_s) for day in days]
    return concatenate(parts) if parts else _empty(own)


def stop_accounts(
    account: Table, line_id: str, direction_id: int, period_s: float
) -> tuple[str, dict[str, StopAccount]]:
    """Return the stop of a direction where most changes, and its account by strategy.

    Parameters
    ----------
    account : Table
        As `sim.metrics.account.account_table` makes it.
    line_id : str
    direction_id : int
    period_s : float
        Length of an observation period in seconds.

    Returns
    -------
    str
        The stop; empty where nothing changed.
    dict of str to StopAccount
    """
    names = account.categories["stop_id"]
    moved = np.zeros(len(names))
    for _, here in _of_direction(account, line_id, direction_id):
        moved += np.bincount(here["stop_id"], np.abs(here["load"] - here["load_none"]), len(names))
    if not moved.any():
        return "", {}
    stop = names[int(moved.argmax())]
    along = _of_direction(account, line_id, direction_id)
    return stop, _by_strategy(
        [(strategy, here.where(here.equals("stop_id", stop))) for strategy, here in along], period_s
    )


def _of_direction(account: Table, line_id: str, direction_id: int) -> Iterator[tuple[str, Table]]:
    """Yield the rows of a direction of each run, with its strategy; one run at a time is in memory."""
    for (strategy, _), run in split_by_run(account).items():
        yield strategy, run.where(run.equals("line_id", line_id) & (run["direction_id"] == direction_id))


def _by_strategy(at_stop: Sequence[tuple[str, Table]], period_s: float) -> dict[str, StopAccount]:
    """Sum the change of the load at one stop over the runs of each strategy, per day."""
    days = len(
        {key for _, here in at_stop for key in zip(here["replication"].tolist(), here["day"].tolist(), strict=True)}
    )
    periods = [np.round(here["period_start_s"] / period_s).astype(np.int64) for _, here in at_stop]
    first, last = min(part.min() for part in periods if len(part)), max(part.max() for part in periods if len(part))
    starts_s = np.arange(first, last + 1).astype(np.float64) * period_s
    parts: dict[str, FloatArray] = {}
    for (strategy, here), period in zip(at_stop, periods, strict=True):
        if len(here):
            change = [np.bincount(period - first, here[f"load_{name}"], len(starts_s)) for name in CLASS_NAMES]
            parts[strategy] = parts.get(strategy, 0.0) + np.array(change)
    return {strategy: StopAccount(starts_s, change / days) for strategy, change in parts.items()}


def _of_day(run: Mapping[str, Table], day: int) -> dict[str, Table]:
    return {name: run[name].where(run[name]["day"] == day) for name in ("journeys", "legs", "stop_visits")}


def _day_account(none: Mapping[str, Table], own: Mapping[str, Table], period_s: float) -> Table:
    """Split the change of one day of one replication of one strategy."""
    before, after = none["journeys"], own["journeys"]
    if not np.array_equal(before["commuter_id"], after["commuter_id"]):
        raise ValueError("journeys: strategies do not have the same commuters in the same order")
    kind = journey_classes(before["departure_s"], after)
    periods = [np.floor_divide(run["stop_visits"]["departure_s"], period_s).astype(np.int64) for run in (none, own)]
    earliest = min(int(period.min(initial=0)) for period in periods)
    span = max(int(period.max(initial=0)) for period in periods) - earliest + 1
    keys = [
        _cell_keys(run["stop_visits"], period - earliest, span)
        for run, period in zip((none, own), periods, strict=True)
    ]
    cells, inverse = np.unique(np.concatenate(keys), return_inverse=True)
    groups = (inverse[: len(keys[0])], inverse[len(keys[0]) :])
    counts: dict[str, NDArray[Any]] = {}
    for name in ("boardings", "departing_load", "capacity"):
        word = {"departing_load": "load"}.get(name, name)
        for run, group, suffix in zip((none, own), groups, ("_none", ""), strict=True):
            counts[word + suffix] = _count(group, len(cells), run["stop_visits"][name])
    by_class = [_class_counts(run, group, len(cells), kind) for run, group in zip((none, own), groups, strict=True)]
    for number, word in enumerate(CLASS_NAMES):
        counts[f"boardings_{word}"] = by_class[1][number][0] - by_class[0][number][0]
        counts[f"load_{word}"] = by_class[1][number][1] - by_class[0][number][1]
    return _table(own["journeys"], none["stop_visits"], cells, (earliest, span, period_s), counts)


def _class_counts(
    run: Mapping[str, Table], group_of_visit: IntArray, cells: int, kind: IntArray
) -> list[tuple[IntArray, IntArray]]:
    """Count boardings and riders of each class by cell."""
    legs, visits = run["legs"], run["stop_visits"]
    board, alight = visits_of_rides(visits, legs)
    kind_of_ride = kind[np.searchsorted(run["journeys"]["commuter_id"], legs["commuter_id"])]
    counts = []
    for number in range(len(CLASS_NAMES)):
        mine = kind_of_ride == number
        loads = loads_of_rides(board[mine], alight[mine], len(visits))
        counts.append((_count(group_of_visit[board[mine]], cells), _count(group_of_visit, cells, loads)))
    return counts


def _cell_keys(stop_visits: Table, period: IntArray, span: int) -> IntArray:
    return combine(
        (stop_visits["line_id"], len(stop_visits.categories["line_id"])),
        (stop_visits["direction_id"], 2),
        (stop_visits["stop_id"], len(stop_visits.categories["stop_id"])),
        (period, span),
    )


def _count(group: IntArray, groups: int, values: IntArray | None = None) -> IntArray:
    return np.bincount(group, values, groups).astype(np.int64)


def _table(
    journeys: Table,
    stop_visits: Table,
    cells: IntArray,
    grid: tuple[int, int, float],
    counts: Mapping[str, NDArray[Any]],
) -> Table:
    earliest, span, period_s = grid
    stops = max(len(stop_visits.categories["stop_id"]), 1)
    place, period = np.divmod(cells, span)
    rest, stop = np.divmod(place, stops)
    line, direction = np.divmod(rest, 2)
    first = journeys.where(slice(0, 1))
    columns = {
        **{name: np.repeat(first[name], len(cells)) for name in ("replication", "day", "strategy")},
        "line_id": line,
        "direction_id": direction,
        "stop_id": stop,
        "period_start_s": (period + earliest) * float(period_s),
        **counts,
    }
    names = {name: stop_visits.categories[name] for name in ("line_id", "stop_id")}
    return assemble(ACCOUNT, Cells(columns, {"strategy": journeys.categories["strategy"], **names}))


def _empty(tables: Mapping[str, Table]) -> Table:
    columns: dict[str, NDArray[Any]] = {
        column.name: np.zeros(0, dtype=DTYPES[column.kind]) for column in ACCOUNT.columns
    }
    visits = tables["stop_visits"]
    names = {name: visits.categories[name] for name in ("strategy", "line_id", "stop_id")}
    return assemble(ACCOUNT, Cells(columns, names))
