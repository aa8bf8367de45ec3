"""The bottleneck under change of scale and of time, as differences between two ordinary scenarios."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from sim.arrays import FloatArray
from sim.verification.bottleneck_line import KEYS, peak_objection, peak_of, total_cost
from sim.verification.case import REFERENCE, Case, Params, Tables, number, reference_of
from sim.verification.families.bottleneck import V2, equilibrium_scenario
from sim.verification.verdict import Tolerance

FOLDERS = ("", f"{REFERENCE}/")


def _scaled(params: Params) -> Params:
    factor = float(params["factor"])
    return {**params, "N": factor * params["N"], "s": factor * params["s"]}


def _shifted(params: Params) -> Params:
    return {**params, "tstar": params["tstar"] + float(params["hours"])}


def _ratio(changed: Callable[[Params], Params], tables: Tables, params: Params) -> FloatArray:
    cost = total_cost(tables, peak_of(changed(params)))
    return np.array([cost / total_cost(reference_of(tables), peak_of(params))])


def _sql(changed: Callable[[Params], Params], params: Params) -> str:
    """Return costs of both runs, each over its commuters for one of theory."""
    cost, before = (f"(select sum(generalized_cost_min) from '{folder}tables/journeys.parquet')" for folder in FOLDERS)
    return f"select {cost} / {peak_of(changed(params)).scale} / ({before} / {peak_of(params).scale})"


def _objection(changed: Callable[[Params], Params], params: Params) -> str:
    return peak_objection(params) or peak_objection(changed(params))


def _case(
    name: str,
    quantity: str,
    changed: Callable[[Params], Params],
    theory: Callable[[Params], float],
    formula: str,
    **parts: Any,
) -> Case:
    return Case(
        id=f"invariance.{name}",
        quantity=quantity,
        usual=1,
        objection=partial(_objection, changed),
        theory=theory,
        scenario=lambda params: equilibrium_scenario(changed(params)),
        measure=partial(_ratio, changed),
        formula=formula,
        source="Vickrey 1969, AER 59: the equilibrium depends on N / s only, and on times from t*",
        recompute=partial(_sql, changed),
        reference=equilibrium_scenario,
        **parts,
    )


CASES: tuple[Case, ...] = (
    _case(
        "scale",
        "total cost with factor times the commuters and the capacity, over that without",
        _scaled,
        lambda params: float(params["factor"]),
        "TC(f N, f s) = f TC(N, s)",
        keys=(*KEYS, number("factor", "", least=0.1, most=20.0)),
        defaults=({**V2, "factor": 2},),
        tolerance=Tolerance("fluid", 0.005),
    ),
    _case(
        "time_shift",
        "total cost with everything some hours later, over that without",
        _shifted,
        lambda _: 1.0,
        "TC does not depend on t*",
        keys=(*KEYS, number("hours", "hours", least=-24.0, most=24.0)),
        defaults=({**V2, "hours": 3},),
        tolerance=Tolerance("exact", 1e-6),
    ),
)
