"""The columns of the table of places on vehicles that advice gave out, and of those that are left."""

from __future__ import annotations

from sim.records.column import TableSchema, real, text, whole
from sim.records.table import Cells

QUOTAS = TableSchema[Cells](
    "quotas",
    ("strategy", "replication", "day", "line", "direction_id", "stop_sequence", "period_start_s"),
    (
        whole("replication", "replication, from 0"),
        whole("day", "simulated day, from 0"),
        text("strategy", "advice strategy of the run"),
        text("line_id", "line"),
        whole("direction_id", "direction, 0 or 1"),
        text("stop_id", "stop"),
        real("period_start_s", "s", "start of the observation period of departures"),
        whole("capacity", "places of the vehicles that left in the period"),
        whole("given_out", "riders among them who followed advice"),
        whole("others", "all other riders"),
        whole("left", "places left up to the target load factor (advisor.target_load_factor), at least 0"),
        whole("quota", "places that advice may give out: those given out and those left"),
    ),
    "a stop of a line and direction in an observation period in which somebody who followed advice left it on board",
)
