"""Waiting for vehicles at random headways, with room for everybody (Osuna and Newell 1972)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any, Final

import numpy as np

from sim.model.parameters import ScenarioParameters
from sim.verification.case import Case, Param, Params, RefusedError, Tables, number
from sim.verification.scenarios import REPLICATIONS, Section, Stretch, headways, mean_of
from sim.verification.theory import headway_waits
from sim.verification.theory.headway_waits import LawKind, TheoryHeadways
from sim.verification.verdict import Tolerance

PASSENGERS = 4.0
"""Passengers per headway: enough that headways and not passengers decide how long to run."""

WARM_UP = 20
MOST_HEADWAYS = 3_000_000
MOST_IN_TURN = 100
"""Headways after which two in fixed shares come in the same order again."""

MEAN_TARGET, SD_TARGET = 0.0035, 0.008
"""Standard errors to aim at as shares of the answer."""

LAWS = (
    "deterministic; exponential; gamma shape K or gamma cv X; uniform A..B or uniform cv X; "
    "two-point A/B or two-point cv X (each with chance 1/2, or chance as the share of the first, of the shorter one "
    "with cv); pairs A/B (in turns); X may also be given as cv"
)
_NUMBER = r"(\d+(?:\.\d*)?|\.\d+)"
_WITH_ENDS = re.compile(rf"^(uniform|two-point|pairs)\s+{_NUMBER}\s*(?:\.\.|/)\s*{_NUMBER}$")
_WITH_SHAPE = re.compile(rf"^gamma\s+shape\s+{_NUMBER}$")
_WITH_CV = re.compile(rf"^(gamma|uniform|two-point)\s+cv\s+{_NUMBER}$")
_MOST_CV: Final = {"uniform": 3.0**-0.5, "two-point": 1.0, "pairs": 1.0}


@dataclass(frozen=True)
class RandomHeadways:
    """A stop at which vehicles come by a law, and the relative variance of what is measured.

    Attributes
    ----------
    text : str
        The law as the user wrote it.
    law : TheoryHeadways
        In minutes.
    needed : float
        Headways that make the standard error of the measure small enough.
    """

    text: str
    law: TheoryHeadways
    needed: float

    @classmethod
    def of(cls, variance: Callable[[TheoryHeadways, float], float], target: float, params: Params) -> RandomHeadways:
        """Read the law; theory says how long a run must be."""
        law = read_headways(params)
        needed = variance(law, PASSENGERS) / target**2
        if needed > MOST_HEADWAYS:
            raise RefusedError(
                f"would need {needed:.2g} headways to be measured, at most {MOST_HEADWAYS:,} are accepted; "
                "take headways that vary less"
            )
        return cls(str(params["headway"]), law, needed)

    @property
    def stretch(self) -> Stretch:
        """The same stretch for all measures: only the number of replications differs."""
        needed = headway_waits.relative_variance_of_mean(self.law, PASSENGERS) / MEAN_TARGET**2
        turn = self.turn[1]
        counted = turn * math.ceil(min(max(needed / REPLICATIONS, 500.0), 5000.0) / turn)
        warm_up = turn * math.ceil(WARM_UP / turn)
        extra = 2 + math.ceil(6.0 * self.law.cv * math.sqrt(warm_up + counted))
        return Stretch(self.law.mean * 60.0, warm_up, counted, extra)

    @property
    def turn(self) -> tuple[int, int]:
        """How many of so many headways are short, where they take turns; what counts is whole turns."""
        return Fraction(self.law.short_share).limit_denominator(MOST_IN_TURN).as_integer_ratio()

    def dispatch(self) -> Section:
        """Return when vehicles run, as a scenario file says it."""
        law, trips = self.law, self.stretch.trips
        if law.kind in ("pairs", "shares"):
            short_s, long_s = (end * 60.0 for end in law.ends)
            short, turn = self.turn
            # Of any `turn` headways in a row exactly `short` are short ones, spread as evenly as can be.
            place = np.arange(trips)
            is_short = (place * short) % turn < short
            return {"departures": np.cumsum(np.where(is_short, short_s, long_s)).tolist()}
        spread = {} if law.kind in ("deterministic", "exponential") else {"cv": law.cv}
        return headways(law.mean * 60.0, trips, distribution=law.kind, **spread)

    def scenario(self) -> ScenarioParameters:
        """Return the stop with as many replications as are needed."""
        name = re.sub(r"[^A-Za-z0-9.]+", "-", self.text)
        made = self.stretch.scenario(
            f"verify-wait-{name}-{self.law.mean:g}",
            f"Random passengers at a stop with headways {self.text}, mean {self.law.mean:g} min.",
            self.dispatch(),
            None,
            PASSENGERS,
        )
        replications = max(REPLICATIONS, math.ceil(self.needed / self.stretch.counted))
        return made.model_copy(update={"replications": replications})


def read_headways(params: Params) -> TheoryHeadways:
    """Return the law of headways in minutes that parameters name; raises `RefusedError` with what is wrong."""
    text, mean = " ".join(str(params["headway"]).replace("_", "-").split()), float(params["mean"])
    chance = float(params.get("chance", 0.5))
    if "chance" in params and not text.startswith("two-point"):
        raise RefusedError(f"chance has no meaning with headway {text!r}; it goes with two-point")
    if "cv" in params:
        if text not in ("gamma", "uniform", "two-point"):
            raise RefusedError(f"cv has no meaning with headway {text!r}; it goes with gamma, uniform or two-point")
        return _with_cv(text, mean, float(params["cv"]), chance)
    if text == "deterministic":
        return TheoryHeadways("deterministic", mean, 0.0)
    if text == "exponential":
        return TheoryHeadways("exponential", mean, 1.0)
    if match := _WITH_ENDS.match(text):
        return _with_ends(match[1], mean, (float(match[2]), float(match[3])), chance)
    if (match := _WITH_SHAPE.match(text)) and float(match[1]) > 0:
        return TheoryHeadways("gamma", mean, float(match[1]) ** -0.5)
    if match := _WITH_CV.match(text):
        return _with_cv(match[1], mean, float(match[2]), chance)
    raise RefusedError(f"headway {text!r} is not a law; accepted are {LAWS}")


def _with_ends(law: str, mean: float, ends: tuple[float, float], chance: float) -> TheoryHeadways:
    """Return a law with two ends, the first of which has the chance."""
    found = chance * ends[0] + (1.0 - chance) * ends[1]
    if not math.isclose(found, mean, rel_tol=1e-9):
        raise RefusedError(f"headways {ends[0]:g} and {ends[1]:g} have mean {found:g}, but mean is {mean:g}")
    short_share = chance if ends[0] <= ends[1] else 1.0 - chance
    spread = math.sqrt(short_share * (1.0 - short_share)) * abs(ends[1] - ends[0])
    return _with_cv(law, mean, spread / mean * _MOST_CV[law], short_share)


def _with_cv(law: str, mean: float, cv: float, short_share: float) -> TheoryHeadways:
    if law == "gamma":
        if cv <= 0:
            raise RefusedError("gamma headways need a cv greater than 0")
        return TheoryHeadways("gamma", mean, cv)
    most = math.sqrt(short_share / (1.0 - short_share)) * _MOST_CV[law]
    if cv > most * (1.0 + 1e-12):
        raise RefusedError(f"{law} headways with cv {cv:g} would be negative; at most {most:.6f} is accepted")
    if law == "two-point":
        kind: LawKind = "two_point" if short_share == 0.5 else "shares"
        return TheoryHeadways(kind, mean, cv, short_share)
    return TheoryHeadways("pairs" if law == "pairs" else "uniform", mean, cv)


def _sd(tables: Tables, stop: RandomHeadways) -> float:
    waits_min = stop.stretch.waits_min(tables)
    return math.sqrt(mean_of(waits_min**2) - mean_of(waits_min) ** 2)


SETS: tuple[Params, ...] = tuple(
    {"headway": headway, "mean": 10}
    for headway in ("deterministic", "exponential", "gamma shape 4", "uniform 5..15", "two-point 2/18")
)
wait: Callable[..., Case[RandomHeadways]] = partial(
    Case,
    params=(
        Param("headway", f"one of: {LAWS}; in minutes", lambda value: isinstance(value, str)),
        number("mean", "minutes", least=0.1, most=1440.0),
        number("cv", "shares of the mean", least=0.01, most=10.0),
        number("chance", "of the first of two headways", least=0.01, most=0.99),
    ),
    sets=SETS,
    scenario=RandomHeadways.scenario,
    source="Osuna and Newell 1972, Transportation Science 6:52-72",
)

CASES: tuple[Case[Any], ...] = (
    wait(
        id="wait.osuna",
        quantity="mean wait in minutes",
        world=partial(RandomHeadways.of, headway_waits.relative_variance_of_mean, MEAN_TARGET),
        theory=lambda stop: headway_waits.mean_wait(stop.law),
        measure=lambda tables, stop: mean_of(stop.stretch.waits_min(tables)),
        tolerance=Tolerance("mc", 0.01),
        formula="E[W] = E[H^2] / (2 E[H]) = E[H]/2 (1 + CV^2)",
    ),
    wait(
        id="wait.osuna_sd",
        quantity="standard deviation of the wait in minutes",
        sets=(*SETS, {"headway": "pairs 0/20", "mean": 10}),
        world=partial(RandomHeadways.of, headway_waits.relative_variance_of_sd, SD_TARGET),
        theory=lambda stop: headway_waits.wait_sd(stop.law),
        measure=_sd,
        tolerance=Tolerance("mc", 0.02),
        formula="SD[W]^2 = E[H^3] / (3 E[H]) - E[W]^2",
    ),
)
