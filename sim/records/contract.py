"""Columns that other programs rely on: every run folder has them, whichever version wrote it.

A table may have further columns, and versions to come may add some. Where a folder of an earlier
version lacks a further column, it reads as blank.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_KEY = "replication day strategy"

CONTRACT: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        table: (*_KEY.split(), *columns.split())
        for table, columns in {
            "journeys": "commuter_id origin_stop_id destination_stop_id preferred_arrival_s habitual_departure_s "
            "departure_s arrival_s wait_s in_vehicle_s walk_s transfers denied_boardings schedule_delay_early_s "
            "schedule_delay_late_s generalized_cost_min advised complied window_start_s window_end_s outcome cause",
            "legs": "commuter_id leg trip_id board_stop_id alight_stop_id wait_from_s board_s alight_s",
            "stop_visits": "trip_id block_id line_id direction_id stop_id stop_sequence scheduled_arrival_s arrival_s "
            "departure_s boardings alightings denied_boardings departing_load capacity holding_s",
            "denied_boardings": "commuter_id trip_id stop_id time_s",
            "periods": "line_id direction_id stop_id period_start_s load load_factor mean_wait_s running_time_s "
            "denied_boardings",
        }.items()
    }
)
"""Names of columns by table."""


def required(table: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return those columns of a table, of all its names, without which it cannot be read."""
    return CONTRACT.get(table, names)
