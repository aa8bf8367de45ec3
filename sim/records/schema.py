"""All tables of a run by name; their columns are declared in `day_tables`, `course_table` and `derived_tables`."""

from __future__ import annotations

from typing import Any

from sim.records.column import Column, TableSchema
from sim.records.course_table import DAYS
from sim.records.day_tables import DENIED_BOARDINGS, JOURNEYS, LEGS, STOP_VISITS
from sim.records.derived_tables import ACCOUNT, FAIRNESS, PERIODS
from sim.records.forecast_table import FORECASTS
from sim.records.quota_table import QUOTAS

__all__ = [
    "ACCOUNT",
    "ADVICE_TABLES",
    "COMPARISON_TABLES",
    "COURSE_TABLES",
    "DAYS",
    "DENIED_BOARDINGS",
    "FAIRNESS",
    "FORECASTS",
    "FURTHER_TABLES",
    "JOURNEYS",
    "LEGS",
    "PERIODS",
    "QUOTAS",
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

ADVICE_TABLES: tuple[TableSchema[Any], ...] = (FORECASTS, QUOTAS)
"""What a folder holds besides where advice was followed; forecasts where days before it had advice as well."""

FURTHER_TABLES: tuple[TableSchema[Any], ...] = (*COURSE_TABLES, *COMPARISON_TABLES, *ADVICE_TABLES)
"""All that may come besides those of every run folder."""


def schema_named(name: str) -> TableSchema[Any] | None:
    """Return the declared table of that name; None where there is none."""
    return next((schema for schema in (*TABLES, *FURTHER_TABLES) if schema.name == name), None)
