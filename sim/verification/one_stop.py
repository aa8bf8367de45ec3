"""The scenario that cases about one stop share: a line from a to b, Poisson passengers at a, no dwell."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.parameters import ScenarioParameters
from sim.verification.case import Tables

RUN_S = 60.0
"""Running time from a to b; it has no part in the answers."""

REPLICATIONS = 30
"""Fewest replications; a verdict needs 20, more make its interval steadier."""


@dataclass(frozen=True)
class Stretch:
    """What a replication simulates and which part of it counts.

    Attributes
    ----------
    headway_s : float
        Mean headway in seconds.
    warm_up : int
        Headways at the start that do not count.
    counted : int
        Headways that count.
    extra : int
        Vehicles beyond, so that everybody who came in the counted part is served.
    """

    headway_s: float
    warm_up: int
    counted: int
    extra: int

    @property
    def trips(self) -> int:
        """Number of vehicles."""
        return self.warm_up + self.counted + self.extra

    @property
    def start_s(self) -> float:
        """Start of the counted part, seconds after midnight."""
        return self.warm_up * self.headway_s

    @property
    def end_s(self) -> float:
        """End of the counted part and of demand, seconds after midnight."""
        return (self.warm_up + self.counted) * self.headway_s


def seed_of(name: str) -> int:
    """Return a seed for a name with its parameters in it, so that parameter sets do not share their luck."""
    return zlib.crc32(name.encode())


def one_stop_scenario(
    name: str, description: str, stretch: Stretch, dispatch: Mapping[str, Any], capacity: int | None, passengers: float
) -> ScenarioParameters:
    """Return the scenario of a line from stop a to stop b.

    Parameters
    ----------
    name : str
        Gives the seed, see `seed_of`.
    description : str
    stretch : Stretch
    dispatch : mapping
        `headway` or `departures` of the line, as in a scenario file.
    capacity : int or None
        Places of a vehicle; None for as many as are needed.
    passengers : float
        Mean number of passengers per headway.
    """
    vehicle = {"seats": 0, "capacity": capacity if capacity is not None else 1}
    piece = {"start": 0.0, "end": stretch.end_s, "rate": passengers / stretch.headway_s}
    flow = {"origin": "a", "destination": "b", "placement": "poisson", "pieces": [piece]}
    line = {"id": "line", "stops": ["a", "b"], "running_times": [RUN_S], "vehicle": "bus", **dispatch}
    return ScenarioParameters.model_validate(
        {
            "name": name,
            "description": description,
            "seed": seed_of(name),
            "replications": 1,
            "days": 1,
            "period": stretch.trips * stretch.headway_s,
            "network": {"lines": [line]},
            "demand": {"flows": [flow]},
            "service": {
                "vehicles": {"bus": vehicle},
                "no_dwell": True,
                "unlimited_capacity": capacity is None,
            },
        }
    )


def counted_waits_min(tables: Tables, stretch: Stretch) -> tuple[IntArray, FloatArray]:
    """Return replication and wait in minutes of everybody who left in the counted part; NaN where not served."""
    journeys = tables["journeys"]
    rows = counted_journeys(tables, stretch)
    wait = np.where(np.isfinite(journeys["arrival_s"][rows]), journeys["wait_s"][rows] / 60.0, np.nan)
    return journeys["replication"][rows], wait


def counted_journeys(tables: Tables, stretch: Stretch) -> BoolArray:
    """Return the mask of journeys that start in the counted part."""
    departure_s = tables["journeys"]["departure_s"]
    mask: BoolArray = (departure_s >= stretch.start_s) & (departure_s < stretch.end_s)
    return mask


def journeys_where(stretch: Stretch) -> str:
    """Return the same as a condition of SQL."""
    return f"departure_s >= {stretch.start_s!r} and departure_s < {stretch.end_s!r}"


def by_replication(replication: IntArray, value: FloatArray) -> FloatArray:
    """Return the mean of each replication, shape (replications,); one NaN where there is no value at all."""
    if not len(replication):
        return np.full(1, np.nan)
    row = np.unique(replication, return_inverse=True)[1]
    mean: FloatArray = np.bincount(row, value) / np.bincount(row)
    return mean
