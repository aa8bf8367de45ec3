"""A line on which vehicles bunch, or do not: the lateness of a platoon behind a late vehicle.

Passengers come at even rates, so that dwells are a share of headways. The recursions are linear and hold for the mean
of random passengers too; tests show that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

import numpy as np

from sim.model.parameters import ScenarioParameters
from sim.verification.case import Case, Param, Params, RefusedError, Tables, is_number, number, whole_number
from sim.verification.scenarios import (
    LINE,
    Section,
    line,
    one_rider,
    scenario,
    stop_names,
    times_at,
)
from sim.verification.theory import bunching
from sim.verification.verdict import Tolerance

RUN_S = 600.0
"""Running time of every link."""

ON_TIME = 2
"""Vehicles on time before the late one: the first has no headway of its own yet."""

DISPATCH_S = 3600.0
HEADWAY_MIN, LATE_MIN = 6.0, 1.0
MOST_STOPS, MOST_VEHICLES = 60, 40

Lateness = Callable[[float, int, int, float], float]
Rule = Literal["during_dwell", "present_at_arrival"]


@dataclass(frozen=True)
class Platoon:
    """A line with a late vehicle and those that follow, and the one that is asked about.

    Attributes
    ----------
    lateness : callable
        Theory: lateness of a vehicle at a stop, from k or alpha, stop, vehicle and the lateness at dispatch.
    share : float
        k, the dwell that a unit of headway adds, or alpha where headways are controlled.
    stop, vehicle : int
    headway_min, late_min : float
    column : str
        Time of a stop visit that theory is about.
    """

    lateness: Lateness
    share: float
    stop: int
    vehicle: int
    headway_min: float
    late_min: float
    column: str

    @classmethod
    def of(cls, lateness: Lateness, name: str, column: str, params: Params) -> Platoon:
        """Return the platoon of parameters, `name` being k or alpha; raises `RefusedError` where vehicles meet."""
        headway, late = float(params.get("H", HEADWAY_MIN)), float(params.get("e", LATE_MIN))
        stop, vehicle = int(params["stop"]), int(params["bus"])
        platoon = cls(lateness, float(params[name]), stop, vehicle, headway, late, column)
        if stop > MOST_STOPS or vehicle > MOST_VEHICLES:
            raise RefusedError(f"at most {MOST_STOPS} stops and bus {MOST_VEHICLES} are simulated")
        if abs(late) >= headway:
            raise RefusedError(f"e = {late:g} must be less than H = {headway:g}")
        for place in range(1, stop + 1):
            if platoon.shortest_headway(place) <= 0:
                raise RefusedError(
                    f"a bus catches up at stop {place}, where theory ends; take fewer stops, a smaller e or a larger H"
                )
        return platoon

    def expected(self) -> float:
        """Return the lateness of the vehicle at the stop in minutes."""
        return self.lateness(self.share, self.stop, self.vehicle, self.late_min)

    def shortest_headway(self, stop: int) -> float:
        """Return the least headway in minutes up to the vehicle after the one that is asked about."""
        row = [0.0, *(self.lateness(self.share, stop, other, self.late_min) for other in range(self.vehicle + 2))]
        return self.headway_min + float(min(np.diff(row)))

    @property
    def trip(self) -> int:
        """Number of the trip of the vehicle."""
        return ON_TIME + self.vehicle

    @property
    def place(self) -> int:
        """Position of the stop in a trip: arrivals count from the dispatch, departures from the first stop."""
        return self.stop - (self.column == "departure_s")

    def departures_s(self) -> list[float]:
        """Return the dispatches, one of them late."""
        departures = [DISPATCH_S + 60.0 * self.headway_min * trip for trip in range(self.trip + 1)]
        departures[ON_TIME] += 60.0 * self.late_min
        return departures

    def measure(self, tables: Tables) -> float:
        """Return the lateness in minutes against the first vehicle, which is on time."""
        times_s = times_at(tables, self.place, self.column)
        return float(times_s[self.trip] - times_s[0]) / 60.0 - self.trip * self.headway_min


def _even_scenario(name: str, service: Section, share: float, platoon: Platoon) -> ScenarioParameters:
    vehicle = {"seats": 0, "capacity": 10, "dwell_rule": "headway", "dead_time": 0, "dwell_per_headway": share}
    return scenario(
        f"verify-bunching-{name}",
        [line(LINE, stop_names(platoon.stop), [RUN_S] * platoon.stop, departures=platoon.departures_s())],
        one_rider(DISPATCH_S),
        {"bus": vehicle},
        service,
        description=f"Bus {ON_TIME + 1} is dispatched {platoon.late_min:g} min late; nobody else is.",
    )


def _loading(rule: Rule, platoon: Platoon) -> ScenarioParameters:
    return _even_scenario(rule.replace("_", "-"), {"boarding_rule": rule}, platoon.share, platoon)


@dataclass(frozen=True)
class Controlled:
    """A platoon under forward headway control, and the dwell that a unit of headway adds, k."""

    platoon: Platoon
    dwell_share: float

    @classmethod
    def of(cls, params: Params) -> Controlled:
        """Return the platoon of parameters."""
        return cls(Platoon.of(bunching.controlled_lateness, "alpha", "arrival_s", params), float(params["k"]))

    def scenario(self) -> ScenarioParameters:
        """Return a line with control at every stop, with slack enough that holding is never negative."""
        platoon, share = self.platoon, self.dwell_share
        holding = {
            "rule": "forward_headway",
            "control_stops": stop_names(platoon.stop - 1),
            "alpha": platoon.share,
            "marginal_dwell": share,
            "headway": 60.0 * platoon.headway_min,
            "slack": 180.0 * (platoon.share + share) * abs(platoon.late_min),
        }
        service = {"boarding_rule": "present_at_arrival", "holding": holding}
        return _even_scenario("control", service, share, platoon)


def _inside(name: str) -> Param:
    return Param(name, "a number between 0 and 1", lambda value: is_number(value) and 0 < value < 1)


WHERE: Final = (whole_number("stop", least=1), whole_number("bus", least=0))
PLACES = ((5, 0), (10, 0), (10, 1), (20, 1), (20, 2))
PLATOON = "of bus m at stop n in minutes, when bus 0 is dispatched e late"
EVEN_PARAMS: Final = (_inside("k"), *WHERE, number("H", "minutes", above=0.0), number("e", "minutes"))
even: Callable[..., Case[Platoon]] = partial(
    Case,
    params=EVEN_PARAMS,
    sets=tuple({"k": 0.05, "stop": stop, "bus": bus} for stop, bus in PLACES),
    theory=Platoon.expected,
    measure=lambda tables, platoon: platoon.measure(tables),
    tolerance=Tolerance("exact", 1e-9, 1e-6),
)
CASES: tuple[Case[Any], ...] = (
    even(
        id="bunching.newell_potts",
        world=partial(Platoon.of, bunching.departure_lateness, "k", "departure_s"),
        scenario=partial(_loading, "during_dwell"),
        quantity=f"lateness of departure {PLATOON}; passengers who come during the dwell board",
        formula="(1 - k) e[n, m] = e[n - 1, m] - k e[n, m - 1]",
        source="Newell and Potts 1964, Proc. 2nd ARRB Conf. 388-393",
    ),
    even(
        id="bunching.arrival_headway",
        world=partial(Platoon.of, bunching.arrival_lateness, "k", "arrival_s"),
        scenario=partial(_loading, "present_at_arrival"),
        quantity=f"lateness of arrival {PLATOON}; only those present at arrival board",
        formula="e[n + 1, m] = (1 + k) e[n, m] - k e[n, m - 1]",
        source="linear recursion for boarding by headways of arrivals",
    ),
    even(
        id="bunching.daganzo",
        params=(*EVEN_PARAMS, _inside("alpha")),
        sets=tuple({"k": 0.05, "alpha": 0.2, "stop": stop, "bus": bus} for stop, bus in PLACES),
        world=Controlled.of,
        theory=lambda world: world.platoon.expected(),
        scenario=Controlled.scenario,
        measure=lambda tables, world: world.platoon.measure(tables),
        quantity=f"lateness of arrival {PLATOON}; forward headway control at every stop",
        formula="e[n + 1, m] = (1 - a) e[n, m] + a e[n, m - 1], stable for 0 < a < 1",
        source="Daganzo 2009, TR-B 43:913-921",
    ),
)
