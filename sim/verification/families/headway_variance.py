"""Headways on a line with random passengers and running times: their variance, and the wait it makes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from sim.model.parameters import ScenarioParameters
from sim.verification.case import Case, Param, Params, RefusedError, Tables, is_number, number, whole_number
from sim.verification.scenarios import LINE, ROOMY, flow, headways, line, mean_of, scenario, stop_names, times_at
from sim.verification.theory import bunching
from sim.verification.verdict import LEAST_BATCHES, Tolerance

RUN_MIN = 10.0
"""Least running time of a link."""

MOST_STOPS = 60
LINE_STOPS = 10
"""Links of the line where the parameters do not ask for more, so that cases share a run."""

COUNTED_TRIPS = 500
TARGET_SE = 0.0145
SD_SHARES = 2.5
"""Theory holds while the standard deviation of headways is less than H over this."""

MOST_PASSENGERS = 5_000_000


@dataclass(frozen=True)
class NoisyLine:
    """A line with even dispatches, Poisson passengers and normal running-time noise; times in minutes.

    Attributes
    ----------
    headway, boarding, sigma : float
        H, minutes that a passenger takes to board, standard deviation of a running time.
    rate : float
        Passengers a minute at each stop.
    stop : int
        Where headways are measured.
    alpha : float or None
        Of forward headway control at every stop but the first; None for no control.
    links : int
        Links of the line.
    """

    headway: float
    boarding: float
    sigma: float
    rate: float
    stop: int
    alpha: float | None
    links: int

    @classmethod
    def of(cls, params: Params, beyond: int = 0) -> NoisyLine:
        """Return the line of parameters, so many links longer than to the stop where the default is too short.

        Raises
        ------
        RefusedError
            When headways vary too much for theory, or the run would be too long.
        """
        control, stop = params["control"], int(params["stop"])
        headway, boarding, sigma, rate = (float(params[name]) for name in ("H", "b", "sigma", "lam"))
        alpha = None if control is None else float(control)
        world = cls(headway, boarding, sigma, rate, stop, alpha, max(LINE_STOPS, stop + beyond))
        if world.share >= 1:
            raise RefusedError(f"lam x b = {world.share:g} must be less than 1")
        if world.stop > MOST_STOPS:
            raise RefusedError(f"at most {MOST_STOPS} stops are simulated")
        spread = math.sqrt(world.variance())
        if spread > world.headway / SD_SHARES:
            raise RefusedError(
                f"headways at stop {world.stop} have a standard deviation of {spread:.3g} min; "
                f"theory holds below H / {SD_SHARES}; take fewer stops or less noise"
            )
        passengers = world.rate * world.headway * world.links * COUNTED_TRIPS * world.replications
        if passengers > MOST_PASSENGERS:
            raise RefusedError(f"would need {passengers:.2g} passengers, at most {MOST_PASSENGERS:,} are simulated")
        return world

    @property
    def share(self) -> float:
        """The dwell that a unit of headway adds, k."""
        return self.rate * self.boarding

    @property
    def warm_up(self) -> int:
        """First vehicles that do not count."""
        return 2 * self.links

    @property
    def replications(self) -> int:
        """Replications that make the standard error small: headways close by are correlated."""
        return max(LEAST_BATCHES, math.ceil(3.6 / TARGET_SE**2 / COUNTED_TRIPS))

    def variance(self, stop: int | None = None) -> float:
        """Return the variance of headways at a stop."""
        noise = bunching.noise_variance(self.headway, self.rate, self.boarding, self.sigma)
        return bunching.headway_variance(noise, self.share, self.alpha, self.stop if stop is None else stop)

    def mean_wait(self) -> float:
        """Return the mean wait of passengers who come at random."""
        return self.headway / 2.0 * (1.0 + self.variance() / self.headway**2)

    @property
    def slack(self) -> float:
        """A slack with which holding is hardly ever negative: 6 standard deviations."""
        return 0.0 if self.alpha is None else 6.0 * (self.alpha + self.share) * math.sqrt(self.variance(self.links))

    @property
    def run(self) -> float:
        """Running time of a link."""
        return max(RUN_MIN, 8.0 * self.sigma)

    def first_at(self, stop: int) -> float:
        """Return when the first vehicle comes to a stop on average, after midnight."""
        return self.headway + stop * (self.run + self.share * self.headway) + max(stop - 1, 0) * self.slack

    def scenario(self) -> ScenarioParameters:
        """Return the line with passengers at every stop who ride to its end."""
        trips, links = self.warm_up + COUNTED_TRIPS, self.links
        flows = [
            flow(
                f"s{stop}",
                f"s{links}",
                60.0 * (self.first_at(stop) - self.headway),
                60.0 * (self.first_at(stop) + (trips - 1) * self.headway),
                rate=self.rate / 60.0,
                placement="poisson",
            )
            for stop in range(links)
        ]
        service: dict[str, Any] = {
            "running_time_noise": {"distribution": "normal", "sigma": 60.0 * self.sigma},
        }
        if self.alpha is not None:
            service["holding"] = {
                "rule": "forward_headway",
                "alpha": self.alpha,
                "marginal_dwell": self.share,
                "slack": 60.0 * self.slack,
                "headway": 60.0 * self.headway,
            }
        law = headways(60.0 * self.headway, trips, distribution="deterministic")
        control = "none" if self.alpha is None else f"{self.alpha:g}"
        return scenario(
            f"verify-bunching-variance-{control}",
            [line(LINE, stop_names(links), [60.0 * self.run] * links, **law)],
            flows,
            {"bus": {"seats": 0, "capacity": ROOMY, "dead_time": 0, "boarding": 60.0 * self.boarding, "alighting": 0}},
            service,
            description=f"Random passengers and running times on a line, control {control}.",
            period=60.0 * self.headway * trips,
            replications=self.replications,
        )

    def measured_variance(self, tables: Tables) -> float:
        """Return the mean square of the deviation of headways from H; theory knows their mean."""
        arrival_s = times_at(tables, self.stop, "arrival_s")[self.warm_up :]
        return float(((np.diff(arrival_s) / 60.0 - self.headway) ** 2).mean())

    def measured_wait(self, tables: Tables) -> float:
        """Return the mean wait in minutes of passengers at the stop who come while vehicles count."""
        first = self.first_at(self.stop)
        start_s, end_s = (
            60.0 * (first + trips * self.headway) for trips in (self.warm_up, self.warm_up + COUNTED_TRIPS - 10)
        )
        journeys = tables["journeys"]
        departure_s = journeys["departure_s"]
        here = journeys.equals("origin_stop_id", f"s{self.stop}") & (departure_s >= start_s) & (departure_s < end_s)
        return mean_of(journeys["wait_s"][here] / 60.0)


STOPS = (1, 5, 10)
SETS: tuple[Params, ...] = tuple(
    {"H": 6.0, "lam": 1.0, "b": 0.05, "sigma": 0.3, "stop": stop, "control": control}
    for stop in STOPS
    for control in (None, 0.2)
)
noisy: Callable[..., Case[NoisyLine]] = partial(
    Case,
    params=(
        *(number(name, "minutes", above=0.0) for name in ("H", "b", "sigma")),
        number("lam", "passengers a minute", above=0.0),
        whole_number("stop", least=1),
        Param(
            "control",
            "null for none, or alpha, a number between 0 and 1",
            lambda value: value is None or (is_number(value) and 0 < value < 1),
        ),
    ),
    scenario=NoisyLine.scenario,
)

CASES: tuple[Case[Any], ...] = (
    noisy(
        id="bunching.headway_var",
        quantity="variance of headways in minutes^2 at stop n",
        sets=SETS,
        world=NoisyLine.of,
        theory=NoisyLine.variance,
        measure=lambda tables, world: world.measured_variance(tables),
        tolerance=Tolerance("mc", 0.03),
        formula="S/(k(1 + k)) [(1 + 2k)^n P_n(x) - 1]; with control S/(a(1 - a)) [1 - (1 - 2a)^n P_n(x)]; "
        "S = sigma^2 + b^2 lam H",
        source="closed form of the linear recursions by Legendre polynomials; Poisson passengers by a martingale",
    ),
    noisy(
        id="bunching.passenger_wait",
        quantity="mean wait in minutes at stop n",
        sets=tuple({**params, "stop": 5} for params in SETS[:2]),
        world=partial(NoisyLine.of, beyond=1),
        theory=NoisyLine.mean_wait,
        measure=lambda tables, world: world.measured_wait(tables),
        tolerance=Tolerance("mc", 0.01),
        formula="H/2 (1 + Var(h)/H^2)",
        source="Osuna and Newell 1972 with the variance of headways at the stop",
    ),
)
