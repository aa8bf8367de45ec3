"""Whether a simulation agrees with theory."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy

from sim.arrays import FloatArray

MOST_SE_SHARE = 0.02
"""A Monte Carlo run whose standard error is a larger share of the answer proves nothing."""

LEAST_BATCHES = 20
SE_MULTIPLE = 3.0
MOST_MC_SHARE = 0.01
"""What a stochastic case accepts at least where its standard error is very small."""

CONFIDENCE = 0.95
MORE = 1.1
"""Replications over those that a standard error says are needed, as it is an estimate itself."""

NINE_IN_TEN = 1.2815515655446004
"""Standard errors by which a bias must pass the tolerance to be caught 9 times in 10: the normal quantile of 0.9."""


BIAS = 0.02
"""Bias, as a share of theory, for which a verdict says how likely it would have been seen."""


@dataclass(frozen=True)
class Tolerance:
    """How near to theory a simulation has to come.

    Attributes
    ----------
    kind : str
        exact: arithmetic; fluid: a continuum met by many discrete commuters; mc: Monte Carlo,
        where the distance may also be three standard errors, provided that these are small.
    rel_share : float
        Accepted distance as a share of the theory's value; of mc at most `MOST_MC_SHARE` counts.
    abs : float
        Accepted distance where that share would be less (exact and fluid only).
    approximate : bool
        The scenario only comes near to what theory is about, so that all of `rel_share` counts.
    """

    kind: Literal["exact", "fluid", "mc"]
    rel_share: float
    abs: float = 0.0
    approximate: bool = False

    @property
    def floor(self) -> float:
        """Share of theory that a stochastic case accepts however small its standard error is."""
        return self.rel_share if self.approximate else min(self.rel_share, MOST_MC_SHARE)


@dataclass(frozen=True)
class Verdict:
    """Simulation beside theory.

    Attributes
    ----------
    simulation : float or list of float
        Mean over replications.
    half_width : float or list of float
        Half width of its 95 % interval over replications; 0 for a single replication of a
        case without chance.
    tolerance : float or list of float
        Accepted distance between simulation and theory.
    passed : bool
    reason : str
        Why not; empty where passed.
    catches : float or None
        Bias, as a share of theory, that would have failed 9 times in 10; None where there is no chance.
    power : float or None
        Chance with which a bias of `BIAS` would have failed; None where there is no chance in the simulation.
    """

    simulation: float | list[float]
    half_width: float | list[float]
    tolerance: float | list[float]
    passed: bool
    reason: str
    catches: float | None = None
    power: float | None = None


def judge(theory: float | FloatArray, values: FloatArray, tolerance: Tolerance, catch: float | None = None) -> Verdict:
    """Compare the values of replications with theory.

    Parameters
    ----------
    theory : float or ndarray of float, shape (values,)
    values : ndarray of float, shape (replications,) or (replications, values)
    tolerance : Tolerance
    catch : float or None
        Bias, as a share of theory, that has to be caught 9 times in 10 for a stochastic case to pass.
    """
    exact = np.asarray(theory, dtype=np.float64)
    mean = values.mean(axis=0)
    replications = len(values)
    error = np.zeros_like(mean)
    half_width = np.zeros_like(mean)
    if replications > 1:
        error = values.std(axis=0, ddof=1) / math.sqrt(replications)
        half_width = error * float(scipy.special.stdtrit(replications - 1, (1.0 + CONFIDENCE) / 2.0))
    catches = power = None
    if tolerance.kind == "mc":
        accepted = np.maximum(tolerance.floor * np.abs(exact), SE_MULTIPLE * error)
        # A mean that is off by the tolerance and 1.28 standard errors more stays inside of it once in ten times.
        catches = float(((accepted + NINE_IN_TEN * error) / np.abs(exact)).max())
        beyond = BIAS * np.abs(exact) - accepted
        with np.errstate(divide="ignore", invalid="ignore"):
            power = float(scipy.special.ndtr(beyond / error).min())
    else:
        accepted = np.maximum(tolerance.rel_share * np.abs(exact), tolerance.abs)
    if not np.isfinite(mean).all():
        catches = power = None  # what was not measured catches nothing
    reason = _objection(exact, mean, error, accepted, replications, tolerance)
    if not reason and catch is not None and catches is not None and not catches <= max(catch, tolerance.floor):
        reason = f"run too short: a bias of less than {catches:.1%} may go unseen, {catch:.1%} was asked for"
    return Verdict(_plain(mean), _plain(half_width), _plain(accepted), not reason, reason, catches, power)


def replications_to_catch(theory: float | FloatArray, values: FloatArray, tolerance: Tolerance, bias: float) -> int:
    """Return how many replications in all let a bias of a share of theory be caught 9 times in 10.

    Parameters
    ----------
    theory : float or ndarray of float, shape (values,)
    values : ndarray of float, shape (replications,) or (replications, values)
        Those at hand; their standard error says how many more are needed (Stein 1945).
    tolerance : Tolerance
    bias : float
        Share of theory; no number of replications catches one within what the tolerance accepts anyway.
    """
    if bias <= tolerance.floor:
        return len(values)
    verdict = judge(theory, values, tolerance)
    if verdict.catches is None or not math.isfinite(verdict.catches) or verdict.catches <= bias:
        return len(values)
    error = values.std(axis=0, ddof=1) / math.sqrt(len(values))
    share = float((error / np.abs(np.asarray(theory, dtype=np.float64))).max())
    wanted = min(bias / (SE_MULTIPLE + NINE_IN_TEN), (bias - tolerance.floor) / NINE_IN_TEN)
    return math.ceil(len(values) * (share / wanted) ** 2 * MORE)


def _objection(
    exact: FloatArray,
    mean: FloatArray,
    error: FloatArray,
    accepted: FloatArray,
    replications: int,
    tolerance: Tolerance,
) -> str:
    if mean.shape != exact.shape:
        return f"{mean.size} values were measured, theory gives {exact.size}"
    if not np.isfinite(mean).all():
        return "not measured: the tables lack what the number needs, such as the arrival of everybody"
    if tolerance.kind == "mc":
        if replications < LEAST_BATCHES:
            return f"run too short: {replications} batches, at least {LEAST_BATCHES} are needed"
        if (error > MOST_SE_SHARE * np.abs(exact)).any():
            return f"run too short: the standard error is more than {MOST_SE_SHARE:.0%} of the exact value"
    if (np.abs(mean - exact) > accepted).any():
        return "simulation and theory differ by more than the tolerance"
    return ""


def _plain(values: FloatArray) -> float | list[float]:
    return float(values) if values.ndim == 0 else [float(value) for value in values]
