"""The scenario that cases about a line of stops share, and what is read from its vehicles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sim.arrays import FloatArray
from sim.model.parameters import ScenarioParameters
from sim.verification.case import Tables

LINE = "line"


def line_scenario(
    name: str,
    description: str,
    running_times_s: Sequence[float],
    dispatch: Mapping[str, Any],
    vehicle: Mapping[str, Any],
    changes: Mapping[str, Any],
) -> ScenarioParameters:
    """Return the scenario of a line over stops s0, s1, and so on.

    Parameters
    ----------
    name, description : str
    running_times_s : sequence of float
        One for each link, in seconds.
    dispatch : mapping
        `headway` or `departures` of the line, and `lengths`, as in a scenario file.
    vehicle : mapping
        Keys of the vehicle type.
    changes : mapping
        Further sections of a scenario file; `service` is laid over the one made here.
    """
    stops = [f"s{number}" for number in range(len(running_times_s) + 1)]
    line = {"id": LINE, "stops": stops, "running_times": list(running_times_s), "vehicle": "bus", **dispatch}
    rest = {key: value for key, value in changes.items() if key != "service"}
    return ScenarioParameters.model_validate(
        {
            "name": name,
            "description": description,
            "replications": 1,
            "days": 1,
            "network": {"lines": [line]},
            "service": {"vehicles": {"bus": dict(vehicle)}, **changes.get("service", {})},
            **rest,
        }
    )


def one_rider(start_s: float) -> dict[str, Any]:
    """Return demand of a single commuter on the first link, for cases about empty vehicles."""
    piece = {"start": start_s, "end": start_s, "commuters": 1}
    return {"flows": [{"origin": "s0", "destination": "s1", "pieces": [piece]}]}


def times_at(tables: Tables, stop: int, column: str) -> FloatArray:
    """Return a time of every trip at a stop, in order of the schedule, shape (replications, trips); seconds."""
    visits = tables["stop_visits"]
    rows = np.flatnonzero(visits["stop_sequence"] == stop)
    replication = visits["replication"][rows]
    order = np.lexsort((visits["scheduled_arrival_s"][rows], replication))
    times: FloatArray = visits[column][rows][order].reshape(len(np.unique(replication)), -1)
    return times


def trip_name(number: int) -> str:
    """Return the id of a trip of the line, counted from 0."""
    return f"{LINE}-{number + 1:04d}"
