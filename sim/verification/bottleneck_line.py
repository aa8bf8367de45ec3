"""The bottleneck as a line of small, frequent vehicles with hard capacity.

A vehicle with c places leaves stop a every c / s, so that vehicles take people at the rate of the
capacity: few places where nobody should wait, more where many queue, as everybody in the queue is denied
boarding by every vehicle and recorded. Theory is about a fluid: where the longest queue would be a
few hundred commuters, each of theory's is several in the scenario, and capacity is so many times
larger; costs and counts are divided by that number. There is no dwell and waits are measured to boarding. Costs map one
to one: `wait_weight` is alpha, `early_penalty` beta, `late_penalty` gamma, the ride costs nothing and the
wished arrival is t* plus the ride.
The day is shifted so that t_q lies on the grid of departure windows, which changes no cost.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.arrays import FloatArray
from sim.model.parameters import ScenarioParameters
from sim.verification.case import Params, Tables, number, whole_number
from sim.verification.theory.bottleneck import Bottleneck

HOUR_S = 3600.0
RIDE_S = 60.0
WINDOWS = 100
"""Departure windows in a peak unless they have to fit."""

MARGIN_WINDOWS = 30
"""Windows with service before and after the peak."""

LEAST_QUEUE = 1500.0
"""Commuters in the longest queue of a scenario, so that it is like a fluid's."""

MOST_COMMUTERS = 60_000
MANY, SOME, FEW = 0.0025, 0.00125, 0.0006
"""Places of a vehicle over the longest queue: they make a wait that the fluid does not know."""


@dataclass(frozen=True)
class Flow:
    """Commuters who leave as in the equilibrium of a bottleneck, or by another habit.

    Attributes
    ----------
    destination : str
    like : Bottleneck
        Whose equilibrium gives the times.
    share : float
        Share of its commuters.
    habit : tuple of float or None
        Hours between which they leave evenly instead.
    """

    destination: str
    like: Bottleneck
    share: float
    habit: tuple[float, float] | None = None


@dataclass(frozen=True)
class Peak:
    """A bottleneck on the clock of a scenario.

    Attributes
    ----------
    theory : Bottleneck
    places : int
        Places of a vehicle.
    windows : int
        Departure windows, and observation periods, in the peak.
    scale : int
        Commuters of the scenario for each of theory.
    """

    theory: Bottleneck
    places: int = 1
    windows: int = WINDOWS
    scale: int = 1

    @property
    def window_s(self) -> float:
        """Width of a departure window and of an observation period in seconds."""
        return self.theory.length * HOUR_S / self.windows

    @property
    def shift_s(self) -> float:
        """Seconds after midnight of hour 0 of theory."""
        opens_s = self.theory.opens * HOUR_S
        windows = max(math.ceil(opens_s / self.window_s), MARGIN_WINDOWS + 1)
        return windows * self.window_s - opens_s

    def clock_s(self, hour: float) -> float:
        """Return a time of theory as seconds after midnight."""
        return hour * HOUR_S + self.shift_s

    def hour(self, clock_s: FloatArray) -> FloatArray:
        """Return seconds after midnight as time of theory."""
        return (clock_s - self.shift_s) / HOUR_S

    def scenario(
        self, name: str, flows: tuple[Flow, ...], changes: Mapping[str, Any], extra_windows: int = MARGIN_WINDOWS
    ) -> ScenarioParameters:
        """Return the scenario with its habitual departures and what a case adds.

        Parameters
        ----------
        name : str
        flows : tuple of Flow
        changes : mapping
            Keys of a scenario file beyond the world: days, advisor.
        extra_windows : int
            Windows with service after the peak.
        """
        theory = self.theory
        headway_s = self.places * HOUR_S / (theory.capacity * self.scale)
        before = math.ceil(MARGIN_WINDOWS * self.window_s / headway_s)
        trips = before + math.ceil((self.windows + extra_windows) * self.window_s / headway_s)
        first_s = self.clock_s(theory.opens) - (before + 0.5) * headway_s
        stops = ["a", *dict.fromkeys(flow.destination for flow in flows)]
        line = {
            "id": "line",
            "stops": stops,
            "running_times": [RIDE_S] * (len(stops) - 1),
            "vehicle": "vehicle",
            "headway": {"mean": headway_s, "first": first_s, "trips": trips},
        }
        start_s = self.clock_s(theory.opens) - MARGIN_WINDOWS * self.window_s
        end_s = start_s + (2 * MARGIN_WINDOWS + self.windows) * self.window_s
        world = {
            "name": name,
            "replications": 1,
            "days": 1,
            "period": self.window_s,
            "horizon": {"start": start_s},
            "network": {"lines": [line]},
            "demand": {"flows": [self._flow(flow, stops.index(flow.destination)) for flow in flows]},
            "population": {"earlier_flexibility": end_s - start_s, "later_flexibility": end_s - start_s},
            "service": {"vehicles": {"vehicle": {"seats": 0, "capacity": self.places}}, "no_dwell": True},
            "preferences": {
                "in_vehicle_weight": 0.0,
                "walk_weight": 0.0,
                "wait_weight": theory.alpha,
                "early_penalty": theory.beta,
                "late_penalty": theory.gamma,
                "crowding": {"kind": "none"},
            },
        }
        advisor = {
            "window": self.window_s,
            "placement": "even",
            "forecast": {"smoothing_days": 1},
            **changes.get("advisor", {}),
        }
        return ScenarioParameters.model_validate({**world, **changes, "advisor": advisor})

    def _flow(self, flow: Flow, hops: int) -> dict[str, Any]:
        like = flow.like
        edges: tuple[float, ...] = (like.opens, like.on_time, like.closes)
        rates: tuple[float, ...] = like.rates
        if flow.habit is not None:
            edges, rates = flow.habit, (like.commuters / (flow.habit[1] - flow.habit[0]),)
        pieces = [
            {
                "start": self.clock_s(start),
                "end": self.clock_s(end),
                "commuters": self.scale * flow.share * rate * (end - start),
            }
            for start, end, rate in zip(edges[:-1], edges[1:], rates, strict=True)
        ]
        return {
            "origin": "a",
            "destination": flow.destination,
            "placement": "even",
            "pieces": pieces,
            "preferred_arrival": self.clock_s(like.wished) + RIDE_S * hops,
        }


def peak_of(params: Params, places_share: float = FEW) -> Peak:
    """Return the peak of the parameters of a case.

    Parameters
    ----------
    params : mapping
    places_share : float
        Places of a vehicle over the longest queue.
    """
    names = ("N", "s", "alpha", "beta", "gamma", "tstar")
    theory = Bottleneck(*(float(params[name]) for name in names))
    queue = theory.longest_wait * theory.capacity
    scale = max(math.ceil(LEAST_QUEUE / queue), 1)
    return Peak(theory, max(int(places_share * scale * queue), 1), scale=scale)


def fitting_windows(theory: Bottleneck, hour: float) -> int:
    """Return a number of windows in the peak with which a time falls between two of them, as nearly as may be.

    Parameters
    ----------
    theory : Bottleneck
    hour : float
        Time within the peak.
    """
    numbers = np.arange(WINDOWS - 40, WINDOWS + 61)
    place = (hour - theory.opens) / theory.length * numbers
    misfit = np.round(np.abs(place - np.round(place)), 2)
    return int(numbers[np.lexsort((np.abs(numbers - WINDOWS), misfit))[0]])


def peak_objection(params: Params) -> str:
    """Return why the bottleneck cannot be verified, or an empty text."""
    if params["alpha"] <= params["beta"]:
        return f"alpha = {params['alpha']:g} must be greater than beta = {params['beta']:g}: nobody would queue"
    peak = peak_of(params)
    commuters = peak.theory.commuters * peak.scale
    if commuters <= MOST_COMMUTERS:
        return ""
    if peak.scale > 1:
        queue = peak.theory.longest_wait * peak.theory.capacity
        return (
            f"at most {queue:.3g} of N = {params['N']:g} would queue, too few for a fluid; take a larger beta or gamma"
        )
    return f"N = {params['N']:g} is more than {MOST_COMMUTERS:,}, which are simulated at most"


def total_cost(tables: Tables, peak: Peak) -> float:
    """Return the total cost of the last day in costs per hour; NaN where somebody did not arrive."""
    journeys = last_day(tables)
    cost = np.where(np.isfinite(journeys["arrival_s"]), journeys["generalized_cost_min"], np.nan)
    return float(cost.sum()) / 60.0 / peak.scale


def last_day(tables: Tables) -> Any:
    """Return the journeys of the last kept day."""
    journeys = tables["journeys"]
    return journeys.where(journeys["day"] == journeys["day"].max())


KEYS = (
    whole_number("N", least=100),
    number("s", "commuters per hour", above=0.0),
    number("alpha", "", above=0.0),
    number("beta", "", above=0.0),
    number("gamma", "", above=0.0),
    number("tstar", "hours"),
)
