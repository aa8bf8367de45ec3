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
    # A vehicle that goes on as another trip with people on board leaves as that one, and leaves once: rows are those of
    # the table of periods (test_rows_are_those_of_the_table_of_periods).
    visits, _ = service.runs.one_row_each(np.isfinite(records.visit_departure_s))
    if not (given[visits] > 0).any():
        return None
    lines, directions, stops, sequence = _places(service, visits)
    period = np.floor(records.visit_departure_s[visits] / period_s).astype(np.int64)
    # Every vehicle of a place counts, also those that nobody who followed was on; trips of a line may call at a stop
    # as their third or as their first one.
    group = group_rows(lines, directions, stops, period)
    place = np.unique(group[given[visits] > 0])
    mine = np.flatnonzero(np.isin(group, place))
    row = np.searchsorted(place, group[mine])
    first = mine[np.unique(row, return_index=True)[1]]

    def total(values: IntArray) -> IntArray:
        return np.bincount(row, values[visits[mine]], len(place)).astype(np.int64)

    capacity, load, taken = total(service.trip_capacity[service.visit_trip]), total(records.visit_load), total(given)
    target = scenario.parameters.advisor.target_load_factor
    left = np.maximum(np.floor(target * capacity + 1e-9).astype(np.int64) - load, 0)
    order = np.lexsort((period[first], stops[first], sequence[first], directions[first], lines[first]))
    columns_of = {
        "replication": np.full(len(place), key.replication, dtype=np.int64),
        "day": np.full(len(place), key.day, dtype=np.int64),
        "strategy": np.zeros(len(place), dtype=np.int64),
        "line_id": lines[first][order],
        "direction_id": directions[first][order],
        "stop_id": stops[first][order],
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


def _places(service: Service, visits: IntArray) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Return line, direction and stop of visits, and the smallest position of the three in a run on the day."""
    trip = service.visit_trip[visits]
    pattern = service.trip_pattern[trip]
    lines = np.array([one.line for one in service.patterns], dtype=np.int64)[pattern]
    directions = np.array([one.direction_id for one in service.patterns], dtype=np.int64)[pattern]
    stops = service.visit_stop[visits]
    place = group_rows(lines, directions, stops)
    smallest = np.full(len(visits), len(service.visit_stop), dtype=np.int64)
    np.minimum.at(smallest, place, visits - service.visit_ptr[service.runs.of_trip[trip]])
    return lines, directions, stops, smallest[place]


def _on_board(service: Service, result: DayResult, records: DayRecords) -> IntArray:
    """Count at each visit the riders who leave it on board and followed advice, shape (visits,)."""
    rides = np.flatnonzero((records.ride_board_visit >= 0) & result.complied[records.ride_commuter])
    visits = len(records.visit_load)
    board, alight = records.ride_board_visit[rides], records.ride_alight_visit[rides]
    # Whoever is still on board at the end stays as far as people may, and not into the next trip of the vehicle.
    alight = np.where(alight >= 0, alight, service.runs.last_reached[service.visit_trip[board]])
    change = np.bincount(board, minlength=visits + 1) - np.bincount(alight, minlength=visits + 1)
    on_board: IntArray = np.cumsum(change)[:visits].astype(np.int64)
    return on_board
