"""The bottleneck with reserved entry: some have a slot without waiting, the others are in equilibrium around the slots.

Let m of N people have slots that take the whole capacity s in a stretch next to the wished time t*, before or after it.
The others pass in the rest of the peak. The first of them meets no queue and pays beta (t* - t_q), the last one
gamma (t_q' - t*); in equilibrium both pay the same as everybody, and capacity is never idle between, so that
t_q' - t_q = N / s as without slots. So the others pay d N / s each, d = beta gamma / (beta + gamma), as before: they
neither gain nor lose. Those with a slot pay for being early or late alone, on average beta m / (2 s) in slots before
t* and gamma m / (2 s) in slots after it. Together

    TC = (N - m) d N / s + beta m^2 / (2 s)    before,  for m up to gamma / (beta + gamma) N,
    TC = (N - m) d N / s + gamma m^2 / (2 s)   after,   for m up to beta / (beta + gamma) N.

With beta below gamma, as where being late is worse than being early, slots before the wished time save more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np

from sim.model.parameters import ScenarioParameters
from sim.verification.bottleneck_world import BOTTLENECK, RIDE_S, Peak, dearest, total_cost
from sim.verification.case import Case, Params, RefusedError, Tables, number, one_of
from sim.verification.scenarios import flow, line, scenario
from sim.verification.theory.bottleneck import Bottleneck
from sim.verification.verdict import Tolerance

MARGIN_HOURS = 0.5
"""Service before and after the peak, in hours."""

SETS: Final[tuple[Params, ...]] = tuple(
    {"N": 4000, "s": 2000.0, "alpha": 2.0, "beta": 1.0, "gamma": 4.0, "tstar": 9.0, "booked": 0.2, "side": side}
    for side in ("before", "after")
)


@dataclass(frozen=True)
class ReservedEntry:
    """Slots next to the wished time of a peak, and the others around them.

    Attributes
    ----------
    peak : Peak
    booked : float
        Share of people who have one.
    side : str
        before or after the wished time.
    """

    peak: Peak
    booked: float
    side: str

    @classmethod
    def of(cls, params: Params) -> ReservedEntry:
        """Return the slots of the parameters of a case.

        Raises
        ------
        RefusedError
            When more have slots than would pass on that side of the wished time.
        """
        peak, share, side = Peak.of(params), float(params["booked"]), str(params["side"])
        theory = peak.theory
        dear = theory.gamma if side == "before" else theory.beta
        most = dear / (theory.beta + theory.gamma)
        if share > most:
            raise RefusedError(f"booked = {share:g} must be at most {most:.3g}, the share that passes {side} tstar")
        return cls(peak, share, side)

    @property
    def theory(self) -> Bottleneck:
        """The bottleneck without slots."""
        return self.peak.theory

    @property
    def hours(self) -> float:
        """How long all slots take together."""
        return self.booked * self.theory.length

    @property
    def closed(self) -> tuple[float, float]:
        """From when to when all capacity is for those with slots."""
        wished = self.theory.wished
        return (wished - self.hours, wished) if self.side == "before" else (wished, wished + self.hours)

    @property
    def others_pay(self) -> float:
        """What each without a slot pays, d N / s."""
        return self.theory.delta * self.theory.length

    def total(self) -> float:
        """Return the total cost."""
        theory = self.theory
        slope = theory.beta if self.side == "before" else theory.gamma
        booked = self.booked * theory.commuters
        return (theory.commuters - booked) * self.others_pay + slope * booked * self.hours / 2.0

    def joins(self, passes: float) -> float:
        """Return when somebody without a slot joins the queue who passes at a time."""
        theory = self.theory
        away = theory.beta * max(theory.wished - passes, 0.0) + theory.gamma * max(passes - theory.wished, 0.0)
        return passes - (self.others_pay - away) / theory.alpha

    def scenario(self) -> ScenarioParameters:
        """Return the scenario: a line of small vehicles for each kind, which run at each other's times."""
        peak, theory = self.peak, self.theory
        headway_h = peak.places / (theory.capacity * peak.scale)
        first, last = theory.opens - MARGIN_HOURS, theory.opens + theory.length + MARGIN_HOURS
        passes = first + (np.arange(int((last - first) / headway_h)) + 0.5) * headway_h
        reserved = (passes >= self.closed[0]) & (passes < self.closed[1])
        rate, wished_s = theory.capacity * peak.scale, peak.clock_s(theory.wished) + RIDE_S
        open_hours = ((theory.opens, self.closed[0]), (self.closed[1], theory.opens + theory.length))
        pieces = [
            {
                "start": peak.clock_s(self.joins(start)),
                "end": peak.clock_s(self.joins(end)),
                "commuters": rate * (end - start),
            }
            for start, end in open_hours
            if end > start + 1e-9
        ]
        keys = {"placement": "even", "preferred_arrival": wished_s}
        booked = [peak.clock_s(hour) for hour in self.closed]
        people = [
            {"origin": "a", "destination": "b", "pieces": pieces, **keys},
            flow("c", "d", booked[0], booked[1], commuters=rate * self.hours, **keys),
        ]
        lines = [
            line(name, ends, [RIDE_S], vehicle="vehicle", departures=[peak.clock_s(hour) for hour in hours.tolist()])
            for name, ends, hours in (("open", ["a", "b"], passes[~reserved]), ("slots", ["c", "d"], passes[reserved]))
        ]
        return scenario(
            f"verify-booked-slots-{self.side}-{self.booked:g}",
            lines,
            people,
            {"vehicle": {"seats": 0, "capacity": peak.places}},
            {"no_dwell": True},
            description=f"The bottleneck, {self.booked:.0%} of all with slots {self.side} the wished time.",
            period=900.0,
            horizon={"start": peak.clock_s(first)},
            preferences={
                "in_vehicle_weight": 0.0,
                "walk_weight": 0.0,
                "wait_weight": theory.alpha,
                "early_penalty": theory.beta,
                "late_penalty": theory.gamma,
                "crowding": {"kind": "none"},
            },
        )


def _total(tables: Tables, world: ReservedEntry) -> float:
    return total_cost(tables, world.peak)


def _dearest(tables: Tables, world: ReservedEntry) -> float:
    return dearest(tables, world.peak)


_case: Callable[..., Case[ReservedEntry]] = partial(
    Case,
    params=(*BOTTLENECK, number("booked", "share with slots", above=0.0, most=1.0), one_of("side", "before", "after")),
    sets=SETS,
    world=ReservedEntry.of,
    scenario=ReservedEntry.scenario,
    tolerance=Tolerance("fluid", 0.005),
    source="derived in the module from Vickrey 1969, AER 59, and Arnott, de Palma and Lindsey 1990, JUE 27:111-130",
)

CASES: tuple[Case[Any], ...] = (
    _case(
        id="booking.slots",
        quantity="total cost of the bottleneck where some have slots next to the wished time",
        theory=lambda world: world.total(),
        measure=_total,
        formula="(N - m) d N / s + k m^2 / (2 s), m booked N, k beta before t* and gamma after it",
    ),
    _case(
        id="booking.others",
        quantity="highest cost of anybody: those without slots pay as without any",
        theory=lambda world: world.others_pay,
        measure=_dearest,
        formula="d N / s",
    ),
)
