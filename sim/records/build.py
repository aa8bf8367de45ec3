"""From a day's arrays to the tables of the contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.model.outcome import CAUSE_NAMES, DISRUPTION_NAMES, OUTCOME_NAMES
from sim.model.service import Service
from sim.records.day import DayRecords
from sim.records.schema import DENIED_BOARDINGS, JOURNEYS, LEGS, STOP_VISITS, TableSchema
from sim.records.table import Table
from sim.units import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class CommuterColumns:
    """What the journeys table says beyond what the engine saw, one row per commuter.

    Attributes
    ----------
    origin, destination : ndarray of int
        Rows of stops.
    preferred_arrival_s, habitual_departure_s : ndarray of float
    schedule_delay_early_s, schedule_delay_late_s : ndarray of float
    generalized_cost_min, least_cost_min, optimum_cost_min : ndarray of float
    fare, fare_discount, fare_min : ndarray of float
    advised, complied : ndarray of bool
    window_start_s, window_end_s : ndarray of float
    income_class, flexibility_class : ndarray of int
        Rows of the names in `Places`.
    outward : ndarray of int
        Row of the journey there of journeys back; -1 for all others.
    """

    origin: IntArray
    destination: IntArray
    preferred_arrival_s: FloatArray
    habitual_departure_s: FloatArray
    schedule_delay_early_s: FloatArray
    schedule_delay_late_s: FloatArray
    generalized_cost_min: FloatArray
    least_cost_min: FloatArray
    optimum_cost_min: FloatArray
    fare: FloatArray
    fare_discount: FloatArray
    fare_min: FloatArray
    advised: BoolArray
    complied: BoolArray
    window_start_s: FloatArray
    window_end_s: FloatArray
    income_class: IntArray
    flexibility_class: IntArray
    outward: IntArray


@dataclass(frozen=True)
class RowKey:
    """Which run the rows belong to."""

    replication: int
    day: int
    strategy: str


@dataclass(frozen=True)
class Places:
    """What tables say of the network.

    Attributes
    ----------
    stop_id : tuple of str
        Ids of the stops by row.
    distance_m : ndarray of float, shape (visits,)
        Way from each visit to the next of its trip; 0 at the last.
    co2_g_per_km : float
        Emission of vehicles; NaN where none is to be worked out.
    income_class, flexibility_class : tuple of str
        Names of the classes of commuters.
    energy_kwh_per_km : float
        Use of vehicles; NaN where none is to be worked out.
    """

    stop_id: tuple[str, ...]
    distance_m: FloatArray
    co2_g_per_km: float
    income_class: tuple[str, ...] = ("",)
    flexibility_class: tuple[str, ...] = ("",)
    energy_kwh_per_km: float = float("nan")


def day_tables(
    service: Service,
    places: Places,
    commuters: CommuterColumns,
    day: DayRecords,
    standing_s: FloatArray,
    row_key: RowKey,
) -> dict[str, Table]:
    """Build journeys, legs, stop visits and denied boardings of one day.

    Parameters
    ----------
    service : Service
    places : Places
    commuters : CommuterColumns
    day : DayRecords
    standing_s : ndarray of float, shape (rides,)
        How long each rider stood between stops.
    row_key : RowKey
    """
    maker = _Maker(service, places, row_key)
    return {
        JOURNEYS.name: maker.journeys(commuters, day),
        LEGS.name: maker.legs(day, standing_s),
        STOP_VISITS.name: maker.stop_visits(day),
        DENIED_BOARDINGS.name: maker.denied_boardings(day),
    }


class _Maker:
    def __init__(self, service: Service, places: Places, row_key: RowKey) -> None:
        self.service = service
        self.places = places
        self.stop_id = places.stop_id
        self.row_key = row_key

    def _table(
        self, schema: TableSchema, columns: Mapping[str, NDArray[Any]], categories: Mapping[str, tuple[str, ...]]
    ) -> Table:
        rows = len(next(iter(columns.values())))
        keys = {
            "replication": np.full(rows, self.row_key.replication, dtype=np.int64),
            "day": np.full(rows, self.row_key.day, dtype=np.int64),
            "strategy": np.zeros(rows, dtype=np.int64),
        }
        return Table(schema, {**keys, **columns}, {"strategy": (self.row_key.strategy,), **categories})

    def journeys(self, commuters: CommuterColumns, day: DayRecords) -> Table:
        columns: dict[str, NDArray[Any]] = {
            "commuter_id": np.arange(len(day.departure_s)),
            "origin_stop_id": commuters.origin,
            "destination_stop_id": commuters.destination,
            "preferred_arrival_s": commuters.preferred_arrival_s,
            "habitual_departure_s": commuters.habitual_departure_s,
            "departure_s": day.departure_s,
            "arrival_s": day.arrival_s,
            "wait_s": day.wait_s,
            "in_vehicle_s": day.in_vehicle_s,
            "walk_s": day.walk_s,
            "transfers": day.transfers,
            "denied_boardings": day.denied_boardings,
            "schedule_delay_early_s": commuters.schedule_delay_early_s,
            "schedule_delay_late_s": commuters.schedule_delay_late_s,
            "generalized_cost_min": commuters.generalized_cost_min,
            "fare": commuters.fare,
            "fare_discount": commuters.fare_discount,
            "fare_min": commuters.fare_min,
            "least_cost_min": commuters.least_cost_min,
            "optimum_cost_min": commuters.optimum_cost_min,
            "advised": commuters.advised,
            "complied": commuters.complied,
            "window_start_s": commuters.window_start_s,
            "window_end_s": commuters.window_end_s,
            "outcome": day.outcome,
            "cause": day.cause,
            "income_class": commuters.income_class,
            "flexibility_class": commuters.flexibility_class,
            "outward_commuter_id": commuters.outward,
        }
        stops = self.stop_id
        names = {
            "origin_stop_id": stops,
            "destination_stop_id": stops,
            "outcome": OUTCOME_NAMES,
            "cause": CAUSE_NAMES,
            "income_class": self.places.income_class,
            "flexibility_class": self.places.flexibility_class,
        }
        return self._table(JOURNEYS, columns, names)

    def legs(self, day: DayRecords, standing_s: FloatArray) -> Table:
        service = self.service
        rows = np.flatnonzero(day.ride_board_visit >= 0)
        board, alight = day.ride_board_visit[rows], day.ride_alight_visit[rows]
        stop = service.visit_stop
        planned = day.ride_planned_alight_stop[rows]
        columns = {
            "commuter_id": day.ride_commuter[rows],
            "leg": day.ride_number[rows],
            "trip_id": service.visit_run[board],
            "board_stop_id": stop[board],
            "alight_stop_id": np.where(alight >= 0, stop[alight], planned),
            "wait_from_s": day.ride_wait_from_s[rows],
            "board_s": day.ride_board_s[rows],
            "alight_s": day.ride_alight_s[rows],
            "standing_s": standing_s[rows],
        }
        names = {"trip_id": service.trip_id, "board_stop_id": self.stop_id, "alight_stop_id": self.stop_id}
        return self._table(LEGS, columns, names)

    def stop_visits(self, day: DayRecords) -> Table:
        service = self.service
        departed = np.isfinite(day.visit_departure_s)
        seam = self._seams(departed)
        departed[seam - 1] = False
        rows = np.flatnonzero(departed)
        # A vehicle that goes on as another trip came as the one before, and stays for one visit.
        came = rows - np.isin(rows, seam)
        trip = service.visit_trip[rows]
        pattern = service.trip_pattern[trip]
        line = np.array([pattern.line for pattern in service.patterns], dtype=np.int64)
        direction = np.array([pattern.direction_id for pattern in service.patterns], dtype=np.int64)
        goes_on = np.append(np.isfinite(day.visit_arrival_s[1:]), False)
        distance_m = np.where(goes_on, self.places.distance_m, 0.0)[rows]
        columns = {
            "trip_id": service.trip_run[trip],
            "block_id": service.trip_block[trip],
            "line_id": line[pattern],
            "direction_id": direction[pattern],
            "stop_id": service.visit_stop[rows],
            "stop_sequence": rows - service.visit_ptr[service.trip_run[trip]],
            "scheduled_arrival_s": service.scheduled_arrival_s[came],
            "arrival_s": day.visit_arrival_s[came],
            "departure_s": day.visit_departure_s[rows],
            "boardings": day.visit_boardings[rows],
            "alightings": day.visit_alightings[rows] + np.where(came < rows, day.visit_alightings[came], 0),
            "denied_boardings": day.visit_denied[rows],
            "departing_load": day.visit_load[rows],
            "seats": service.trip_seats[trip],
            "capacity": service.trip_capacity[trip],
            "holding_s": day.visit_holding_s[rows],
            "disruption": np.maximum(day.visit_disruption[came], day.visit_disruption[rows]),
            "distance_m": distance_m,
            "co2_g": distance_m / 1000.0 * self.places.co2_g_per_km,
            "energy_kwh": distance_m / 1000.0 * self.places.energy_kwh_per_km,
        }
        names = {
            "trip_id": service.trip_id,
            "block_id": service.block_id,
            "line_id": tuple(item.line_id for item in service.lines),
            "stop_id": self.stop_id,
            "disruption": DISRUPTION_NAMES,
        }
        return self._table(STOP_VISITS, columns, names)

    def _seams(self, departed: BoolArray) -> IntArray:
        """Return the first visits of trips as which vehicles went on that had run to the end of the trip before."""
        service = self.service
        if service.continues is None:
            return np.zeros(0, dtype=np.int64)
        first = service.visit_ptr[:-1][service.continues]
        seams: IntArray = first[departed[first] & departed[first - 1]]
        return seams

    def denied_boardings(self, day: DayRecords) -> Table:
        order = np.lexsort((day.denied_commuter, day.denied_time_s))
        visit = day.denied_visit[order]
        columns = {
            "commuter_id": day.denied_commuter[order],
            "trip_id": self.service.visit_run[visit],
            "stop_id": self.service.visit_stop[visit],
            "time_s": day.denied_time_s[order],
        }
        return self._table(DENIED_BOARDINGS, columns, {"trip_id": self.service.trip_id, "stop_id": self.stop_id})
