"""Common random numbers: what a comparison of two runs gains when people and their times are the same.

The same passengers meet vehicles at even headways H that come a share f of a headway later in one
run than in the other. Waits W and W' are uniform with variance H^2 / 12, W' - W is f H for all but a
share f of the people and -(1 - f) H for these; so the correlation is r = 1 - 6 f (1 - f).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from sim.arrays import FloatArray
from sim.model.parameters import ScenarioParameters
from sim.verification.case import REFERENCE, Case, Params, RefusedError, Tables, number
from sim.verification.scenarios import Stretch, headways, mean_of
from sim.verification.verdict import Tolerance

PASSENGERS = 8.0
REPLICATIONS = 60
WARM_UP = 2
TARGET_SE = 0.0085
MOST_PASSENGERS = 5_000_000
LEAST_CORRELATION = -0.5
"""Correlation where vehicles come half a headway later."""


@dataclass(frozen=True)
class Pair:
    """A correlation of waits, and the headway in minutes."""

    correlation: float
    headway_min: float

    @classmethod
    def of(cls, params: Params) -> Pair:
        """Return the pair of parameters; raises `RefusedError` where too many passengers would be needed."""
        pair = cls(float(params["r"]), float(params["headway"]))
        if pair.passengers > MOST_PASSENGERS:
            raise RefusedError(
                f"would need {pair.passengers:.2g} passengers, at most {MOST_PASSENGERS:,} are simulated; take less r"
            )
        return pair

    @property
    def shift(self) -> float:
        """The share f of a headway with which waits have the correlation wished."""
        return 0.5 - math.sqrt(max(0.25 - (1.0 - self.correlation) / 6.0, 0.0))

    @property
    def passengers(self) -> float:
        """Passengers for a small standard error: few of them make most of the difference."""
        shift = self.shift
        fourth = shift * (1.0 - shift) * (shift**3 + (1.0 - shift) ** 3)
        return (fourth / (shift * (1.0 - shift)) ** 2 - 0.6) / TARGET_SE**2

    @property
    def stretch(self) -> Stretch:
        """What a replication simulates."""
        return Stretch(60.0 * self.headway_min, WARM_UP, math.ceil(self.passengers / REPLICATIONS / PASSENGERS), 3)

    def scenario(self, later: bool = True) -> ScenarioParameters:
        """Return a stop whose vehicles come on time or a share of a headway later."""
        stretch = self.stretch
        first_s = self.shift * stretch.headway_s if later else 0.0
        made = stretch.scenario(
            f"verify-pair-{self.headway_min:g}-{self.correlation:g}",
            f"Random passengers at a stop with even headways, vehicles {first_s:g} s after the full headway.",
            headways(stretch.headway_s, stretch.trips, first_s),
            None,
            PASSENGERS,
        )
        return made.model_copy(update={"replications": REPLICATIONS})

    def waits_min(self, tables: Tables) -> tuple[FloatArray, FloatArray]:
        """Return the waits of the same people in both runs; NaN in the second where the people differ."""
        wait, other = (
            self.stretch.journeys({"journeys": tables[name]}) for name in ("journeys", f"{REFERENCE}journeys")
        )
        same = len(wait) == len(other) and np.array_equal(wait["departure_s"], other["departure_s"])
        before = other["wait_s"] / 60.0 if same else np.full(len(wait), np.nan)
        return wait["wait_s"] / 60.0, before


def _variance(values: FloatArray) -> float:
    return mean_of(values**2) - mean_of(values) ** 2


def _variance_of_difference(tables: Tables, pair: Pair) -> float:
    wait, before = pair.waits_min(tables)
    return _variance(wait - before)


def _gain(tables: Tables, pair: Pair) -> float:
    """Return the variance of separate draws, Var(W) + Var(W'), over that of the paired difference."""
    wait, before = pair.waits_min(tables)
    return (_variance(wait) + _variance(before)) / _variance(wait - before)


paired: Callable[..., Case[Pair]] = partial(
    Case,
    params=(number("r", "", least=LEAST_CORRELATION, most=0.99), number("headway", "minutes", least=0.1, most=1440.0)),
    sets=tuple({"r": correlation, "headway": 10.0} for correlation in (0.5, 0.8, 0.95)),
    usual=1,
    world=Pair.of,
    scenario=Pair.scenario,
    reference=partial(Pair.scenario, later=False),
    tolerance=Tolerance("mc", 0.02),
    source="variance of a paired difference, Law and Kelton 2000, Simulation Modeling and Analysis, section 11.2",
)

CASES: tuple[Case[Any], ...] = (
    paired(
        id="paired.variance",
        quantity="variance in minutes^2 of the same passenger's difference of waits in two runs",
        theory=lambda pair: 2.0 * (pair.headway_min**2 / 12.0) * (1.0 - pair.correlation),
        measure=_variance_of_difference,
        formula="Var(D) = Var(X) + Var(Y) - 2 Cov(X, Y), with equal variances 2 H^2/12 (1 - r)",
    ),
    paired(
        id="paired.gain",
        quantity="variance of the difference with separate draws over that with common random numbers",
        theory=lambda pair: 1.0 / (1.0 - pair.correlation),
        measure=_gain,
        formula="1 / (1 - r)",
    ),
)
