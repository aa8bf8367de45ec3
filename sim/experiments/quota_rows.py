"""Places on vehicles that advice gave out on a day, and those that are left, by line, stop and period."""

from __future__ import annotations

import numpy as np

from sim.advisor import DayResult, ReplicationWorld
from sim.arrays import FloatArray, IntArray
from sim.model.service import Service
from sim.population.systematic_sampling import group_rows
from sim.records.day import DayRecords
from sim.records.day_facts import RowKey
from sim.records.quota_table import QUOTAS
from sim.records.table import Cells, Table, assemble


def quota_rows(world: ReplicationWorld, result: DayResult, key: RowKey) -> Table | None:
    """Count the places of a day; None where nobody followed.

    Parameters
    ----------
    world : ReplicationWorld
    result : DayResult
    key : RowKey
    """
    scenario, records = world.compiled.scenario, result.records
    service, period_s = scenario.service, scenario.parameters.period_s
    given = _on_board(service, result, records)
    known = np.flatnonzero(np.isfinite(records.visit_departure_s) & (given > 0))
    if not len(known):
        return None
    pattern = service.trip_pattern[service.visit_trip]
    lines = np.array([one.line for one in service.patterns], dtype=np.int64)[pattern]
    directions = np.array([one.direction_id for one in service.patterns], dtype=np.int64)[pattern]
    period = np.floor(np.nan_to_num(records.visit_departure_s) / period_s).astype(np.int64)
    columns = lines, directions, service.visit_sequence, service.visit_stop, period
    # Every vehicle of a place counts, also those that nobody who followed was on.
    group = group_rows(*columns)
    place = np.unique(group[known])
    mine = np.flatnonzero(np.isfinite(records.visit_departure_s) & np.isin(group, place))
    row = np.searchsorted(place, group[mine])
    first = mine[np.unique(row, return_index=True)[1]]

    def total(values: IntArray) -> IntArray:
        return np.bincount(row, values[mine], len(place)).astype(np.int64)

    capacity, load, taken = total(service.trip_capacity[service.visit_trip]), total(records.visit_load), total(given)
    target = scenario.parameters.advisor.target_load_factor
    left = np.maximum(np.floor(target * capacity + 1e-9).astype(np.int64) - load, 0)
    order = np.lexsort((period[first], service.visit_sequence[first], directions[first], lines[first]))
    columns_of = {
        "replication": np.full(len(place), key.replication, dtype=np.int64),
        "day": np.full(len(place), key.day, dtype=np.int64),
        "strategy": np.zeros(len(place), dtype=np.int64),
        "line_id": lines[first][order],
        "direction_id": directions[first][order],
        "stop_id": service.visit_stop[first][order],
        "period_start_s": _seconds(period[first][order], period_s),
        "capacity": capacity[order],
        "given_out": taken[order],
        "others": (load - taken)[order],
        "left": left[order],
        "quota": (taken + left)[order],
    }
    names = {
        "strategy": (key.strategy,),
        "line_id": tuple(line.line_id for line in service.lines),
        "stop_id": tuple(scenario.network.stop_id),
    }
    return assemble(QUOTAS, Cells(columns_of, names))


def _seconds(period: IntArray, period_s: float) -> FloatArray:
    return np.asarray(period * period_s, dtype=np.float64)


def _on_board(service: Service, result: DayResult, records: DayRecords) -> IntArray:
    """Count at each visit the riders who leave it on board and followed advice, shape (visits,)."""
    rides = np.flatnonzero((records.ride_board_visit >= 0) & result.complied[records.ride_commuter])
    visits = len(records.visit_load)
    board, alight = records.ride_board_visit[rides], records.ride_alight_visit[rides]
    # Whoever is still on board at the end stays to the last stop of the trip, and not into the next one.
    alight = np.where(alight >= 0, alight, service.visit_ptr[service.visit_trip[board] + 1] - 1)
    change = np.bincount(board, minlength=visits + 1) - np.bincount(alight, minlength=visits + 1)
    on_board: IntArray = np.cumsum(change)[:visits].astype(np.int64)
    return on_board
