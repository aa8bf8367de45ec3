"""Scenarios of cases as small declarations, and what measures read from tables again and again.

A case lays out lines, flows and vehicles with the keys of a scenario file; everything else is the default of that
file. Times are in seconds after midnight.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from sim.arrays import FloatArray
from sim.model.parameters import ScenarioParameters
from sim.records.table import Table
from sim.verification.case import Tables

LINE: Final = "line"
REPLICATIONS = 30
"""Fewest replications of a stochastic case; a verdict needs 20, more make its interval steadier."""

STOP_RUN_S = 60.0
"""Running time of a line with one stop and its end; it has no part in the answers."""

ROOMY: Final = 1_000_000
"""Places of a vehicle that everybody boards."""

Section = dict[str, Any]


def line(name: str, stops: Sequence[str], running_times_s: Sequence[float], **keys: Any) -> Section:
    """Declare a line; `departures` or `headway` among the keys says when its vehicles run."""
    return {"id": name, "stops": list(stops), "running_times": list(running_times_s), "vehicle": "bus", **keys}


def flow(origin: str, destination: str, start_s: float, end_s: float, **keys: Any) -> Section:
    """Declare commuters from stop to stop who leave in a period: so many `commuters`, or at a `rate` per second."""
    amount = {key: keys.pop(key) for key in ("commuters", "rate") if key in keys}
    return {
        "origin": origin,
        "destination": destination,
        "pieces": [{"start": start_s, "end": end_s, **amount}],
        **keys,
    }


def headways(mean_s: float, trips: int, first_s: float = 0.0, **law: Any) -> Section:
    """Declare headways of a line, even ones unless a distribution is named."""
    return {"headway": {"mean": mean_s, "first": first_s, "trips": trips, **law}}


def scenario(
    name: str,
    lines: Sequence[Section],
    flows: Sequence[Section],
    vehicles: Mapping[str, Section],
    service: Mapping[str, Any] | None = None,
    **sections: Any,
) -> ScenarioParameters:
    """Return a scenario of one day and one replication.

    Parameters
    ----------
    name : str
    lines, flows : sequence of dict
        See `line` and `flow`.
    vehicles : mapping
        Keys of each vehicle type.
    service : mapping or None
        Further keys of the section `service`.
    **sections
        Further sections and keys of a scenario file, also in the place of those made here.
    """
    made = {
        "name": name,
        "replications": 1,
        "days": 1,
        "network": {"lines": list(lines)},
        "demand": {"flows": list(flows)},
        "service": {"vehicles": dict(vehicles), **(service or {})},
    }
    return ScenarioParameters.model_validate({**made, **sections})


def seed_of(name: str) -> int:
    """Return a seed for a name with its parameters in it, so that parameter sets do not share their luck."""
    return zlib.crc32(name.encode())


def stop_names(links: int) -> list[str]:
    """Return s0, s1 and so on, the stops of a line with so many links."""
    return [f"s{stop}" for stop in range(links + 1)]


def one_rider(start_s: float) -> list[Section]:
    """Return flows of a single commuter on the first link, for cases about empty vehicles."""
    return [flow("s0", "s1", start_s, start_s, commuters=1)]


@dataclass(frozen=True)
class Stretch:
    """What a replication simulates at one stop and which part of it counts.

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
        """Start of the counted part."""
        return self.warm_up * self.headway_s

    @property
    def end_s(self) -> float:
        """End of the counted part and of demand."""
        return (self.warm_up + self.counted) * self.headway_s

    def scenario(
        self, name: str, description: str, dispatch: Section, capacity: int | None, passengers: float
    ) -> ScenarioParameters:
        """Return the scenario of a line from stop a to stop b, Poisson passengers at a, no dwell.

        Parameters
        ----------
        name : str
            Gives the seed, see `seed_of`.
        description : str
        dispatch : dict
            `headway` or `departures` of the line.
        capacity : int or None
            Places of a vehicle; None for as many as are needed.
        passengers : float
            Mean number of passengers per headway.
        """
        rate = passengers / self.headway_s
        return scenario(
            name,
            [line(LINE, "ab", [STOP_RUN_S], **dispatch)],
            [flow("a", "b", 0.0, self.end_s, rate=rate, placement="poisson")],
            {"bus": {"seats": 0, "capacity": ROOMY if capacity is None else capacity}},
            {"no_dwell": True},
            description=description,
            seed=seed_of(name),
            period=self.trips * self.headway_s,
        )

    def journeys(self, tables: Tables) -> Table:
        """Return the journeys that start in the counted part."""
        journeys = tables["journeys"]
        departure_s = journeys["departure_s"]
        return journeys.where((departure_s >= self.start_s) & (departure_s < self.end_s))

    def waits_min(self, tables: Tables) -> FloatArray:
        """Return the waits in minutes of these journeys; NaN where somebody was not served."""
        # A wait that the end of the day cuts off would be too short and pass unseen, so it makes the mean NaN, which
        # no verdict lets pass (test_what_was_not_measured_fails).
        journeys = self.journeys(tables)
        return np.where(np.isfinite(journeys["arrival_s"]), journeys["wait_s"] / 60.0, np.nan)


def mean_of(values: FloatArray) -> float:
    """Return the mean, summed one value after the other; NaN where there is none."""
    # In this order the last digit does not depend on the version of NumPy, whose own sum goes by blocks.
    return float(np.bincount(np.zeros(len(values), dtype=np.int64), values)[0] / len(values)) if len(values) else np.nan


def times_at(tables: Tables, stop: int, column: str) -> FloatArray:
    """Return a time of every trip at a stop in seconds, in order of the schedule, shape (trips,)."""
    visits = tables["stop_visits"]
    visits = visits.where(visits["stop_sequence"] == stop)
    times: FloatArray = visits[column][np.argsort(visits["scheduled_arrival_s"], kind="stable")]
    return times
