"""How much of single commuters the advisor's data may give away."""

from __future__ import annotations

from typing import Literal

from sim.model.parameters.fields import ASSUMED, MOST_PEOPLE, Parameters, key


class PrivacyParameters(Parameters):
    """Noise that hides every single commuter in the counts that the advisor sees.

    Differential privacy (Dwork and others 2006) by commuter and day: whether the records of one
    commuter of one day are among the data changes the chance of any release by a factor of at most
    exp(epsilon), but for a chance of delta with Gaussian noise.
    """

    mechanism: Literal["none", "discrete_laplace", "gaussian"] = key(
        "none",
        "none: the advisor sees counts as they are; discrete_laplace: whole-number noise of two-sided geometric law "
        "(Ghosh, Roughgarden, Sundararajan 2009); gaussian: normal noise as small as epsilon and delta allow (Balle "
        "and Wang 2018).",
        ASSUMED,
    )
    epsilon: float = key(1.0, "Privacy budget of one commuter and day.", ASSUMED, gt=0, le=100)
    delta: float = key(1e-6, "Chance that the bound does not hold (gaussian).", ASSUMED, gt=0, lt=0.1)
    total_epsilon: float | None = key(
        None,
        "Budget of one commuter over all days, spent by epsilon a day; when it is spent the advisor keeps what it has "
        "and sees no further day. No limit where missing.",
        ASSUMED,
        gt=0,
        le=1_000_000,
    )
    most_counts: int = key(
        25,
        "Counts (stop, period and kind) that one commuter may enter in a day; further ones are left out. Noise grows "
        "with it.",
        ASSUMED,
        ge=1,
        le=1_000_000,
    )
    minimum_cell: int = key(
        0, "Noisy counts below this are shown as 0, so that small groups do not appear.", ASSUMED, ge=0, le=MOST_PEOPLE
    )
