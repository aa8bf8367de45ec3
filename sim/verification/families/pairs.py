"""Common random numbers: what a comparison of two runs gains when people and their times are the same.

The same passengers meet vehicles at even headways H that come a share f of a headway later in one
run than in the other. Waits W and W' are uniform with variance H^2 / 12, W' - W is f H for all but a
share f of the people and -(1 - f) H for these; so the correlation is r = 1 - 6 f (1 - f).
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.model.parameters import ScenarioParameters
from sim.verification.case import REFERENCE, Case, Params, Tables, number, reference_of
from sim.verification.one_stop import Stretch, by_replication, counted_journeys, journeys_where, one_stop_scenario
from sim.verification.verdict import Tolerance

PASSENGERS = 8.0
REPLICATIONS = 60
WARM_UP = 2
TARGET_SE = 0.0085
MOST_PASSENGERS = 5_000_000
LEAST_CORRELATION = -0.5
"""Correlation where vehicles come half a headway later."""


def _shift(params: Params) -> float:
    """Return the share f of a headway with which waits have the correlation wished."""
    return 0.5 - math.sqrt(max(0.25 - (1.0 - float(params["r"])) / 6.0, 0.0))


def _variance(params: Params) -> float:
    return float(params["headway"]) ** 2 / 12.0


def _passengers(params: Params) -> float:
    """Return how many passengers a small standard error needs: few of them make most of the difference."""
    shift = _shift(params)
    fourth = shift * (1.0 - shift) * (shift**3 + (1.0 - shift) ** 3)
    return (fourth / (shift * (1.0 - shift)) ** 2 - 0.6) / TARGET_SE**2


def _objection(params: Params) -> str:
    if _passengers(params) > MOST_PASSENGERS:
        return (
            f"would need {_passengers(params):.2g} passengers, at most {MOST_PASSENGERS:,} are simulated; take less r"
        )
    return ""


def _stretch(params: Params) -> Stretch:
    headways = math.ceil(_passengers(params) / REPLICATIONS / PASSENGERS)
    return Stretch(60.0 * float(params["headway"]), WARM_UP, headways, 3)


def _world(later: bool, params: Params) -> ScenarioParameters:
    """Return a stop whose vehicles come on time or a share of a headway later."""
    stretch = _stretch(params)
    first_s = _shift(params) * stretch.headway_s if later else 0.0
    scenario = one_stop_scenario(
        name=f"verify-pair-{params['headway']:g}-{params['r']:g}",
        description=f"Random passengers at a stop with even headways, vehicles {first_s:g} s after the full headway.",
        stretch=stretch,
        dispatch={"headway": {"mean": stretch.headway_s, "first": first_s, "trips": stretch.trips}},
        capacity=None,
        passengers=PASSENGERS,
    )
    return scenario.model_copy(update={"replications": REPLICATIONS})


def _waits_min(tables: Tables, params: Params) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return replication and the waits of the same people in both runs; NaN where the people differ."""
    journeys, other = tables["journeys"], reference_of(tables)["journeys"]
    rows = counted_journeys(tables, _stretch(params))
    same = len(journeys) == len(other) and np.array_equal(journeys["departure_s"], other["departure_s"])
    wait = journeys["wait_s"][rows] / 60.0
    before = other["wait_s"][rows] / 60.0 if same else np.full_like(wait, np.nan)
    return journeys["replication"][rows], wait, before


def _variance_of_difference(tables: Tables, params: Params) -> FloatArray:
    replication, wait, before = _waits_min(tables, params)
    return _variances(replication, wait - before)


def _variances(replication: IntArray, values: FloatArray) -> FloatArray:
    """Return the variance within each replication."""
    return by_replication(replication, values**2) - by_replication(replication, values) ** 2


def _gain(tables: Tables, params: Params) -> FloatArray:
    """Return the variance of separate draws, Var(W) + Var(W'), over that of the paired difference."""
    replication, wait, before = _waits_min(tables, params)
    apart = _variances(replication, wait) + _variances(replication, before)
    gain: FloatArray = apart / _variances(replication, wait - before)
    return gain


def _sql(value: str, params: Params) -> str:
    columns = "replication, commuter_id, departure_s, wait_s / 60 as"
    return (
        f"select avg(x) from (select {value} as x from (select {columns} w from 'tables/journeys.parquet') join "
        f"(select {columns} b from '{REFERENCE}/tables/journeys.parquet') using (replication, commuter_id, "
        f"departure_s) where {journeys_where(_stretch(params))} group by replication)"
    )


KEYS = (number("r", "", least=LEAST_CORRELATION, most=0.99), number("headway", "minutes", least=0.1, most=1440.0))
DEFAULTS: tuple[Params, ...] = tuple({"r": correlation, "headway": 10.0} for correlation in (0.5, 0.8, 0.95))
SOURCE = "variance of a paired difference, Law and Kelton 2000, Simulation Modeling and Analysis, section 11.2"


def _case(name: str, **parts: Any) -> Case:
    return Case(
        id=f"paired.{name}",
        keys=KEYS,
        defaults=DEFAULTS,
        usual=1,
        objection=_objection,
        scenario=partial(_world, True),
        reference=partial(_world, False),
        source=SOURCE,
        **parts,
    )


CASES: tuple[Case, ...] = (
    _case(
        "variance",
        quantity="variance in minutes^2 of the same passenger's difference of waits in two runs",
        theory=lambda params: 2.0 * _variance(params) * (1.0 - float(params["r"])),
        measure=_variance_of_difference,
        tolerance=Tolerance("mc", 0.02),
        formula="Var(D) = Var(X) + Var(Y) - 2 Cov(X, Y), with equal variances 2 H^2/12 (1 - r)",
        recompute=partial(_sql, "var_pop(w - b)"),
    ),
    _case(
        "gain",
        quantity="variance of the difference with separate draws over that with common random numbers",
        theory=lambda params: 1.0 / (1.0 - float(params["r"])),
        measure=_gain,
        tolerance=Tolerance("mc", 0.02),
        formula="1 / (1 - r)",
        recompute=partial(_sql, "(var_pop(w) + var_pop(b)) / var_pop(w - b)"),
    ),
)
