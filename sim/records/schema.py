"""All tables of a run by name; their columns are declared in `day_tables` and `derived_tables`."""

from __future__ import annotations

from typing import Any

from sim.records.column import Column, TableSchema
from sim.records.day_tables import DAYS, DENIED_BOARDINGS, JOURNEYS, LEGS, STOP_VISITS
from sim.records.derived_tables import ACCOUNT, FAIRNESS, PERIODS

__all__ = [
    "ACCOUNT",
    "COMPARISON_TABLES",
    "COURSE_TABLES",
    "DAYS",
    "DENIED_BOARDINGS",
    "FAIRNESS",
    "JOURNEYS",
    "LEGS",
    "PERIODS",
    "STOP_VISITS",
    "TABLES",
    "Column",
    "TableSchema",
    "schema_named",
]

TABLES: tuple[TableSchema[Any], ...] = (JOURNEYS, LEGS, STOP_VISITS, DENIED_BOARDINGS, PERIODS)
"""What every run folder holds."""

COURSE_TABLES: tuple[TableSchema[Any], ...] = (DAYS,)
"""What a run folder holds besides of all simulated days, the ones that are not kept included."""

COMPARISON_TABLES: tuple[TableSchema[Any], ...] = (ACCOUNT, FAIRNESS)
"""What the folder of a comparison with `none` holds besides."""


def schema_named(name: str) -> TableSchema[Any] | None:
    """Return the declared table of that name; None where there is none."""
    return next((schema for schema in (*TABLES, *COURSE_TABLES, *COMPARISON_TABLES) if schema.name == name), None)
