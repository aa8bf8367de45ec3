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
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from sim.arrays import FloatArray
from sim.model.parameters import ScenarioParameters
from sim.records.table import Table
from sim.verification.case import Params, RefusedError, Tables, number, whole_number
from sim.verification.scenarios import LINE, headways, line, scenario
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
    params : mapping
        Parameters of the case, for those that are not about the bottleneck.
    """

    theory: Bottleneck
    places: int = 1
    windows: int = WINDOWS
    scale: int = 1
    params: Params = field(default_factory=dict)

    @classmethod
    def of(cls, params: Params) -> Peak:
        """Return the peak of the parameters of a case, with few places in a vehicle.

        Raises
        ------
        RefusedError
            When nobody would queue, or too many commuters would be simulated.
        """
        if params["alpha"] <= params["beta"]:
            raise RefusedError(
                f"alpha = {params['alpha']:g} must be greater than beta = {params['beta']:g}: nobody would queue"
            )
        theory = Bottleneck(*(float(params[name]) for name in ("N", "s", "alpha", "beta", "gamma", "tstar")))
        peak = cls(theory, scale=max(math.ceil(LEAST_QUEUE / theory.longest_queue), 1), params=params)
        if theory.commuters * peak.scale > MOST_COMMUTERS:
            if peak.scale > 1:
                raise RefusedError(
                    f"at most {theory.longest_queue:.3g} of N = {params['N']:g} would queue, too few for a fluid; "
                    "take a larger beta or gamma"
                )
            raise RefusedError(f"N = {params['N']:g} is more than {MOST_COMMUTERS:,}, which are simulated at most")
        return peak.with_places(FEW)

    def with_places(self, share: float) -> Peak:
        """Return the peak with vehicles whose places are a share of the longest queue."""
        return replace(self, places=max(int(share * self.scale * self.theory.longest_queue), 1))

    @property
    def share(self) -> float:
        """The share that follows advice."""
        return float(self.params["p"])

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
        law = headways(headway_s, trips, first_s)
        start_s = self.clock_s(theory.opens) - MARGIN_WINDOWS * self.window_s
        span_s = start_s + (2 * MARGIN_WINDOWS + self.windows) * self.window_s - start_s
        world = {
            "period": self.window_s,
            "horizon": {"start": start_s},
            "population": {"earlier_flexibility": span_s, "later_flexibility": span_s},
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
        return scenario(
            name,
            [line(LINE, stops, [RIDE_S] * (len(stops) - 1), vehicle="vehicle", **law)],
            [self._flow(flow, stops.index(flow.destination)) for flow in flows],
            {"vehicle": {"seats": 0, "capacity": self.places}},
            {"no_dwell": True},
            **{**world, **changes, "advisor": advisor},
        )

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


def last_day(tables: Tables) -> Table:
    """Return the journeys of the last kept day."""
    journeys = tables["journeys"]
    return journeys.where(journeys["day"] == journeys["day"].max())


def total_cost(tables: Tables, peak: Peak) -> float:
    """Return the total cost of the last day in costs per hour; NaN where somebody did not arrive."""
    journeys = last_day(tables)
    cost = np.where(np.isfinite(journeys["arrival_s"]), journeys["generalized_cost_min"], np.nan)
    return float(cost.sum()) / 60.0 / peak.scale


def queue_time(tables: Tables, peak: Peak) -> float:
    """Return the hours that all wait together."""
    return float(last_day(tables)["wait_s"].sum()) / HOUR_S / peak.scale


def schedule_cost(tables: Tables, peak: Peak) -> float:
    """Return the cost of being early and late."""
    journeys, theory = last_day(tables), peak.theory
    early, late = journeys["schedule_delay_early_s"].sum(), journeys["schedule_delay_late_s"].sum()
    return float(theory.beta * early + theory.gamma * late) / HOUR_S / peak.scale


def longest_wait(tables: Tables, _: Peak) -> float:
    """Return the longest wait in hours."""
    return float(last_day(tables)["wait_s"].max()) / HOUR_S


def longest_queue(tables: Tables, peak: Peak) -> float:
    """Return the longest queue in commuters."""
    legs = tables["legs"]
    times = np.concatenate([legs["wait_from_s"], legs["board_s"]])
    change = np.concatenate([np.ones(len(legs)), -np.ones(len(legs))])
    return float(np.cumsum(change[np.lexsort((change, times))]).max()) / peak.scale


def first_departure(tables: Tables, peak: Peak) -> float:
    """Return the first departure in hours."""
    return float(peak.hour(last_day(tables)["departure_s"].min()))


def last_departure(tables: Tables, peak: Peak) -> float:
    """Return the last departure in hours."""
    return float(peak.hour(last_day(tables)["departure_s"].max()))


def on_time_departure(tables: Tables, peak: Peak) -> float:
    """Return the departure in hours of the commuter who arrives nearest to the wish."""
    journeys = last_day(tables)
    nearest = np.abs(journeys["arrival_s"] - journeys["preferred_arrival_s"]).argmin()
    return float(peak.hour(journeys["departure_s"][nearest]))


def rate_before(tables: Tables, peak: Peak) -> float:
    """Return departures per hour of commuters who are early."""
    hour, early = _departures(tables, peak)
    return _rate(hour[: early - peak.places], peak)


def rate_after(tables: Tables, peak: Peak) -> float:
    """Return departures per hour of commuters who are late."""
    hour, early = _departures(tables, peak)
    return _rate(hour[early + peak.places :], peak)


def _departures(tables: Tables, peak: Peak) -> tuple[FloatArray, int]:
    """Return all departures in order, in hours, and how many are of commuters who arrive by the wish."""
    # First come, first served: commuters arrive in the order in which they leave. A vehicle that arrives about the
    # wish has commuters from before and after t_n on board, so that the rates keep a vehicle away from there.
    journeys = last_day(tables)
    early = int((journeys["arrival_s"] <= journeys["preferred_arrival_s"]).sum())
    return peak.hour(np.sort(journeys["departure_s"])), early


def _rate(hour: FloatArray, peak: Peak) -> float:
    return float(len(hour) - 1) / float(hour[-1] - hour[0]) / peak.scale if len(hour) > 1 else math.nan


def least_deviation(tables: Tables, peak: Peak) -> float:
    """Return what the cheapest departure would cost one more commuter.

    That commuter takes the place of the next one to join, or the first vehicle that ran empty.
    """
    legs, visits, theory = tables["legs"], tables["stop_visits"], peak.theory
    order = np.argsort(legs["wait_from_s"], kind="stable")
    joined_s, board_s = legs["wait_from_s"][order], legs["board_s"][order]
    empty = visits.equals("stop_id", "a") & (visits["boardings"] == 0)
    empty_s = np.append(np.sort(visits["arrival_s"][empty]), np.inf)
    opens_s, closes_s = peak.clock_s(theory.opens), peak.clock_s(theory.closes)
    leaves_s = np.linspace(opens_s - 10 * peak.window_s, closes_s + 10 * peak.window_s, 20_001)
    next_s = np.append(board_s, np.inf)[np.searchsorted(joined_s, leaves_s, side="right")]
    boards_s = np.minimum(next_s, empty_s[np.searchsorted(empty_s, leaves_s)])
    late_s = boards_s + RIDE_S - last_day(tables)["preferred_arrival_s"][0]
    away = np.where(late_s > 0, theory.gamma * late_s, -theory.beta * late_s)
    return float((theory.alpha * (boards_s - leaves_s) + away).min()) / HOUR_S


def dearest(tables: Tables, _: Peak) -> float:
    """Return the highest cost of a commuter."""
    return float(last_day(tables)["generalized_cost_min"].max()) / 60.0


BOTTLENECK = (
    whole_number("N", least=100),
    number("s", "commuters per hour", above=0.0),
    number("alpha", "", above=0.0),
    number("beta", "", above=0.0),
    number("gamma", "", above=0.0),
    number("tstar", "hours"),
)
SOURCE = "Vickrey 1969, AER 59; Arnott, de Palma and Lindsey 1990, JUE 27:111-130"
