"""Calibrate running time noise and dwell against the record of Xiamen BRT line 2.

``peakshift calibrate`` simulates the observed day on a grid of values and prints how well each fits what the
values can change: in how many separate minutes, and in how many groups of consecutive minutes, people boarded
at each busy stop, and how far boardings lie from the passage of a vehicle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.errors import InputError, Problem
from sim.experiments.xiamen_record import (
    RAW,
    groups,
    load_record,
    nearest_gap_min,
    simulate_record,
)
from sim.units import IntArray

NOISE = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4)
DEAD_TIMES_S = (0.0, 5.0, 10.0)
LEAST_BOARDINGS = 100
"""Stops with fewer boardings say little about when vehicles came."""


@dataclass(frozen=True)
class Fit:
    """How well one pair of values fits.

    Attributes
    ----------
    cv : float
        Coefficient of variation of the running time noise.
    dead_time_s : float
        Time at each stop beside that of passengers.
    minutes, groups : float
        Separate minutes and groups of minutes with boardings, summed over busy stops; means over days.
    gap_min : float
        Mean gap between an observed boarding and the nearest simulated passage.
    error : float
        Root mean square of the relative errors of minutes and groups, by stop.
    """

    cv: float
    dead_time_s: float
    minutes: float
    groups: float
    gap_min: float
    error: float


def busy_stops(observed: Sequence[IntArray]) -> list[int]:
    """Return the stops after the first with at least 100 boardings."""
    return [stop for stop, minutes in enumerate(observed) if stop > 0 and len(minutes) >= LEAST_BOARDINGS]


def observed_counts(observed: Sequence[IntArray]) -> tuple[int, int]:
    """Return separate minutes and groups with boardings, summed over busy stops."""
    stops = busy_stops(observed)
    return sum(len(np.unique(observed[stop])) for stop in stops), sum(groups(observed[stop]) for stop in stops)


def fit(observed: Sequence[IntArray], cv: float, dead_time_s: float, replications: int) -> Fit:
    """Simulate the day with one pair of values and compare.

    Parameters
    ----------
    observed : sequence of ndarray of int
        Minutes of boardings by stop.
    cv : float
    dead_time_s : float
        In seconds.
    replications : int
        Simulated days.
    """
    noise = "{distribution: none}" if cv == 0 else f"{{distribution: lognormal, cv: {cv}}}"
    vehicle = (
        f"{{seats: 30, capacity: 90, doors: 2, dwell_rule: sum, dead_time: {dead_time_s} s, boarding: 2.0 s, "
        "alighting: 1.75 s, boarding_channels: 2, alighting_channels: 2, standee_friction: 0.5 s}"
    )
    settings = (
        f"replications={replications}",
        f"service.running_time_noise={noise}",
        f"service.vehicles={{brt_12m: {vehicle}}}",
    )
    days = simulate_record(load_record(settings))
    stops = busy_stops(observed)
    seen = [[day[stop] for stop in stops] for day in map(days.boarding_minutes, range(replications))]
    minutes = np.array([[len(at) for at in day] for day in seen], dtype=np.float64)
    grouped = np.array([[groups(at) for at in day] for day in seen], dtype=np.float64)
    gaps = [
        nearest_gap_min(observed[stop], passages[stop])
        for passages in map(days.passages_s, range(replications))
        for stop in stops
    ]
    true = np.array([[len(np.unique(observed[stop])), groups(observed[stop])] for stop in stops])
    relative = np.stack([minutes.mean(axis=0), grouped.mean(axis=0)], axis=1) / true - 1.0
    return Fit(
        cv=cv,
        dead_time_s=dead_time_s,
        minutes=float(minutes.mean(axis=0).sum()),
        groups=float(grouped.mean(axis=0).sum()),
        gap_min=float(np.concatenate(gaps).mean()),
        error=float(np.sqrt((relative**2).mean())),
    )


def calibrate(
    observed: Sequence[IntArray],
    replications: int,
    noise: Sequence[float] = NOISE,
    dead_times_s: Sequence[float] = DEAD_TIMES_S,
) -> list[Fit]:
    """Fit every pair of values of the grid.

    Raises
    ------
    InputError
        When no stop after the first has boardings enough.
    """
    if not busy_stops(observed):
        message = f"no stop after the first has {LEAST_BOARDINGS} boardings; too few to say when vehicles came"
        raise InputError([Problem(str(RAW), 0, 0, "", message)])
    return [fit(observed, cv, dead_s, replications) for dead_s in dead_times_s for cv in noise]


def table(fits: Sequence[Fit], observed: Sequence[IntArray]) -> str:
    """Return the fits as a Markdown table, the least error marked."""
    minutes, grouped = observed_counts(observed)
    best = min(fits, key=lambda one: one.error)
    lines = [
        "| noise (cv) | time at stops (s) | minutes with boardings | groups of minutes | error | mean gap (min) |",
        "|---|---|---|---|---|---|",
        f"| observed | | {minutes} | {grouped} | | |",
    ]
    for one in fits:
        mark = "**" if one is best else ""
        lines.append(
            f"| {one.cv:g} | {one.dead_time_s:g} | {one.minutes:.0f} | {one.groups:.0f} | "
            f"{mark}{one.error:.3f}{mark} | {one.gap_min:.2f} |"
        )
    return "\n".join(lines) + "\n"
