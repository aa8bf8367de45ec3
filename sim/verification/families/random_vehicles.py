"""One stop, vehicles with few free places that come at random: M/M^[c]/1."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np

from sim.arrays import FloatArray
from sim.verification.case import Case, number
from sim.verification.families.bulk_stop import (
    KEYS,
    Effort,
    Load,
    as_float,
    journeys_sql,
    left_behind,
    left_full,
    measure_visits,
    measure_wait,
    nobody_left,
    stop_case,
    visits_sql,
)
from sim.verification.theory import bulk_service

RANDOM_KEYS = (number("mean_headway", "minutes", least=0.1, most=1440.0), *KEYS[1:])
RANDOM_DEFAULTS = tuple(
    {"mean_headway": 10.0, "capacity": capacity, "arrivals_per_headway": arrivals}
    for capacity, arrivals in ((10, 8.0), (40, 32.0))
)
SOURCE = (
    "M/M^[c]/1, Kleinrock 1975, Queueing Systems 1, section 4.6; c capacity, a arrivals_per_headway, H mean_headway"
)
PARTS: Final[dict[str, Any]] = {"keys": RANDOM_KEYS, "defaults": RANDOM_DEFAULTS, "usual": 1, "source": SOURCE}
ROOT = "a = r + r^2 + ... + r^c"


def _root(load: Load) -> float:
    return bulk_service.random_vehicles_root(load.arrivals, load.capacity)


def _of_queue(value: Callable[[FloatArray, Load], FloatArray]) -> Callable[[Load], float]:
    """Return the relative variance of the mean over vehicles of a value of the queue that they meet."""
    return lambda load: bulk_service.random_vehicles_relative_variance(
        load.arrivals, load.capacity, lambda queue: value(queue, load), sampled=True
    )


WAIT = Effort(0.03, lambda load: bulk_service.random_vehicles_relative_variance(load.arrivals, load.capacity))
FULL = Effort(0.02, _of_queue(lambda queue, load: as_float(queue >= load.capacity)))
LEAVES = Effort(0.02, _of_queue(lambda queue, load: as_float(queue > load.capacity)))
LEFT = Effort(0.03, _of_queue(lambda queue, load: np.maximum(queue - load.capacity, 0.0)))

CASES: tuple[Case, ...] = (
    stop_case(
        "poisson_bus_mean_wait",
        "mean wait in minutes for vehicles at random",
        WAIT,
        lambda load: load.headway_min * bulk_service.random_vehicles_mean_wait(load.arrivals, load.capacity),
        f"E[W] = r/(1 - r) H/a with {ROOT}",
        measure=measure_wait,
        recompute=partial(journeys_sql, "wait_s / 60"),
        **PARTS,
    ),
    stop_case(
        "poisson_bus_p_full",
        "share of vehicles at random that leave full",
        FULL,
        lambda load: _root(load) ** load.capacity,
        f"P(full) = r^c with {ROOT}",
        measure=partial(measure_visits, left_full),
        recompute=partial(visits_sql, "(departing_load = capacity)::int"),
        **PARTS,
    ),
    stop_case(
        "poisson_bus_p_leaves",
        "share of vehicles at random that leave somebody behind",
        LEAVES,
        lambda load: _root(load) ** (load.capacity + 1),
        f"P(leaves someone) = r^(c + 1) with {ROOT}",
        measure=partial(measure_visits, lambda tables: 1.0 - nobody_left(tables)),
        recompute=partial(visits_sql, "(denied_boardings > 0)::int"),
        **PARTS,
    ),
    stop_case(
        "poisson_bus_mean_left",
        "mean number of passengers a vehicle at random leaves behind",
        LEFT,
        lambda load: _root(load) ** (load.capacity + 1) / (1.0 - _root(load)),
        f"E[left] = r^(c + 1) / (1 - r) with {ROOT}",
        measure=partial(measure_visits, left_behind),
        recompute=partial(visits_sql, "denied_boardings"),
        **PARTS,
    ),
)
