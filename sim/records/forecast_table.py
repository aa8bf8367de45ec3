"""The columns of the table of forecasts: what followers of advice were told, and what happened."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.records.column import TableSchema, flag, real, whole
from sim.records.day_facts import RowKey
from sim.records.day_tables import KEY


@dataclass(frozen=True)
class ScoredForecasts:
    """Forecasts for some who followed the advice of a day, and their journeys; arrays of shape (journeys,).

    Attributes
    ----------
    key : RowKey
    commuter : ndarray of int
    days_seen : int
        Days that the forecasts were made from: rehearsals of the plan, or days before.
    first_vehicle_share, seat_share, on_time_share : ndarray of float
        Forecast chances.
    door_to_door_min, load_factor : ndarray of float
        Forecast time, and load factor at the fullest part of the way.
    took_first_vehicle, sat, was_on_time : ndarray of bool
    took_min, met_load_factor : ndarray of float
        NaN where the journey did not end.
    """

    key: RowKey
    commuter: IntArray
    days_seen: int
    first_vehicle_share: FloatArray
    seat_share: FloatArray
    on_time_share: FloatArray
    door_to_door_min: FloatArray
    load_factor: FloatArray
    took_first_vehicle: BoolArray
    sat: BoolArray
    was_on_time: BoolArray
    took_min: FloatArray
    met_load_factor: FloatArray

    def __len__(self) -> int:
        """Count the journeys."""
        return len(self.commuter)


FORECASTS = TableSchema[ScoredForecasts](
    "forecasts",
    ("strategy", "replication", "day", "commuter_id"),
    (
        *KEY,
        whole("commuter_id", "commuter, as in journeys", lambda rows: rows.commuter),
        whole(
            "days_seen",
            "days that the forecast was made from: rehearsals of the plan, or days before where nothing is rehearsed",
            lambda rows: np.full(len(rows), rows.days_seen, dtype=np.int64),
        ),
        real(
            "first_vehicle_share",
            "share",
            "forecast chance that the first vehicle has room, at every stop, wherever in the window one leaves",
            lambda rows: rows.first_vehicle_share,
        ),
        flag(
            "took_first_vehicle",
            "whether it was so: they boarded, and no vehicle left them behind",
            lambda rows: rows.took_first_vehicle,
        ),
        real("seat_share", "share", "forecast chance of a seat for the whole way", lambda rows: rows.seat_share),
        flag("sat", "whether they sat all the way", lambda rows: rows.sat),
        real("on_time_share", "share", "forecast chance to arrive as wished", lambda rows: rows.on_time_share),
        flag("was_on_time", "whether they did", lambda rows: rows.was_on_time),
        real("door_to_door_min", "min", "forecast journey time", lambda rows: rows.door_to_door_min),
        real("took_min", "min", "what it took; NaN where the journey did not end", lambda rows: rows.took_min),
        real(
            "load_factor",
            "share",
            "forecast load factor at the fullest part of the way, of those who get there; NaN where nobody does",
            lambda rows: rows.load_factor,
        ),
        real(
            "met_load_factor",
            "share",
            "what they met; NaN where the journey did not end",
            lambda rows: rows.met_load_factor,
        ),
    ),
    "a journey that followed advice, of at most 1,000 spread over those of a day",
)
