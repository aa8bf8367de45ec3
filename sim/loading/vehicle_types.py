"""Vehicle types from ``vehicles.csv`` and from scenario parameters."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, get_args

import numpy as np

from sim.arrays import IntArray
from sim.loading.columns import choices, numbers, report_rows, unique_ids
from sim.loading.csv_tables import TextTable
from sim.loading.gtfs_tables import Trips
from sim.loading.hints import did_you_mean, listed
from sim.loading.network_files import NetworkFiles
from sim.loading.problems import ProblemCollector
from sim.loading.table_specs import VEHICLES
from sim.model.parameters import BY_PASSENGER, AlightingDoor, FarePayment, VehicleParameters
from sim.model.parameters.dwell import ALIGHTING_S, BOARDING_S, STANDEE_FRICTION_S
from sim.model.service import DwellRuleName, VehicleType

_COUNTS = ("doors", "boarding_channels", "alighting_channels")
_TIMES = ("dead_time_s", "boarding_s", "alighting_s")
_RATES = ("dwell_per_headway",)
_OPTIONAL_TIMES = ("standee_friction_s",)
_WORDS: Final = MappingProxyType(
    {
        "dwell_rule": get_args(DwellRuleName),
        "fare_payment": get_args(FarePayment),
        "alighting_door": get_args(AlightingDoor),
    }
)


def vehicle_type(name: str, parameters: VehicleParameters) -> VehicleType:
    """Return the vehicle type that parameters describe."""
    payment, door = parameters.fare_payment, parameters.alighting_door
    friction_s = parameters.standee_friction_s
    if friction_s is None:
        friction_s = STANDEE_FRICTION_S if payment is not None else 0.0
    return VehicleType(
        vehicle_type=name,
        seats=parameters.seats,
        capacity=parameters.capacity,
        doors=parameters.doors,
        standing_area_m2=standing_area_m2(parameters),
        dwell_rule=parameters.dwell_rule,
        dead_time_s=parameters.dead_time_s,
        boarding_s=parameters.boarding_s if payment is None else BOARDING_S[payment],
        alighting_s=parameters.alighting_s if door is None else ALIGHTING_S[door],
        boarding_channels=parameters.boarding_channels,
        alighting_channels=parameters.alighting_channels,
        standee_friction_s=friction_s,
        dwell_per_headway=parameters.dwell_per_headway,
        own_fare_payment=payment is not None,
        own_door=door is not None,
    )


STANDING_PER_M2 = 4.0
"""Persons standing on a square metre of a full vehicle where nothing else is said (assumed)."""


def standing_area_m2(parameters: VehicleParameters) -> float:
    """Return the floor for those who stand, in square metres."""
    if parameters.standing_area_m2 is not None:
        return parameters.standing_area_m2
    return (parameters.capacity - parameters.seats) / STANDING_PER_M2


def vehicle_types(
    files: NetworkFiles, given: Mapping[str, VehicleParameters], collector: ProblemCollector
) -> dict[str, VehicleType]:
    """Read ``vehicles.csv``, with the types of a scenario added or in their place.

    Columns that are missing take the defaults of the scenario parameters.

    Parameters
    ----------
    files, collector
        Files of the network, and where to report.
    given : mapping of str to VehicleParameters
        Types of a scenario.
    """
    kinds: dict[str, VehicleType] = {}
    table = files.table(VEHICLES, required=files.kind == "network" and not given)
    if table is not None:
        kinds = _of_table(table, collector)
    for name, parameters in given.items():
        kinds[name] = vehicle_type(name, parameters)
    return kinds


def _of_table(table: TextTable, collector: ProblemCollector) -> dict[str, VehicleType]:
    defaults = VehicleParameters(seats=0, capacity=1)
    rows = unique_ids(table, "vehicle_type", collector)
    values = {
        "seats": numbers(table, "seats", collector, at_least=0, whole=True),
        "capacity": numbers(table, "capacity", collector, at_least=1, whole=True),
    }
    for name in _COUNTS:
        values[name] = numbers(table, name, collector, at_least=1, whole=True, blank=float(getattr(defaults, name)))
    for name in (*_TIMES, *_RATES):
        values[name] = numbers(table, name, collector, at_least=0, blank=float(getattr(defaults, name)))
    optional = {name: numbers(table, name, collector, at_least=0, blank=np.nan) for name in _OPTIONAL_TIMES}
    optional["standing_area_m2"] = numbers(table, "standing_area_m2", collector, more_than=0, blank=np.nan)
    blanks = {"dwell_rule": defaults.dwell_rule}
    words = {
        name: choices(table, name, collector, options, blank=blanks.get(name, "")) for name, options in _WORDS.items()
    }
    too_many = values["seats"] > values["capacity"]
    report_rows(table, too_many, "seats", "must not be more than capacity", collector)
    too_long = values["dwell_per_headway"] >= 1
    report_rows(table, too_long, "dwell_per_headway", "must be less than 1", collector)
    idle = ~np.isin(words["dwell_rule"].astype(str), BY_PASSENGER)
    for name in ("fare_payment", "alighting_door"):
        message = f"has no effect with this dwell_rule; it needs {' or '.join(BY_PASSENGER)}"
        report_rows(table, idle & (words[name] != ""), name, message, collector)
        words[name][idle] = ""
    usable = np.all([np.isfinite(column) for column in values.values()], axis=0) & ~too_many & ~too_long
    kinds = {}
    for name, row in rows.items():
        cells: dict[str, object] = {column: cell[row] for column, cell in values.items()}
        cells |= {column: cell[row] for column, cell in optional.items() if np.isfinite(cell[row])}
        cells |= {column: cell[row] for column, cell in words.items() if cell[row]}
        # A row with a problem still names a type, so that trips may refer to it.
        kinds[name] = vehicle_type(name, VehicleParameters.model_validate(cells) if usable[row] else defaults)
    return kinds


def kind_of_trip(
    trips: Trips, kinds: Mapping[str, VehicleType], files: NetworkFiles, collector: ProblemCollector
) -> IntArray:
    """Return the row of the vehicle type of each trip; blanks take the only type there is."""
    index = {name: row for row, name in enumerate(kinds)}
    texts = trips.text("vehicle_type")
    only = 0 if len(kinds) == 1 else -1
    rows = np.array([index.get(text, -1) if text else only for text in texts], dtype=np.int64)
    if not kinds:
        return rows
    if not trips.table.has("vehicle_type"):
        if only < 0:
            known = listed(kinds)
            message = f"this column is missing; it must name one of the vehicle types {known}"
            collector.problem(files.shown_file("gtfs/trips.txt"), message, line=1, key="vehicle_type")
        return rows
    bad = np.flatnonzero(rows < 0)
    report_rows(
        trips.table,
        bad,
        "vehicle_type",
        lambda place: (
            f"there is no vehicle type {texts[bad[place]]!r}{did_you_mean(texts[bad[place]], kinds)}; "
            f"known are {listed(kinds)}"
        ),
        collector,
    )
    return rows
