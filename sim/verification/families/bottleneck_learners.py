"""The bottleneck learned day by day: from a habit far off, people come to the equilibrium on their own.

They know nothing of theory; each day is simulated and teaches what windows would have cost. Best reply
cycles in this world for ever and has no row: there is nothing to which it comes near.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from sim.arrays import FloatArray
from sim.model.parameters import ScenarioParameters
from sim.verification.bottleneck_line import KEYS, MARGIN_WINDOWS, WINDOWS, Flow, Peak, peak_objection
from sim.verification.case import Case, Params, Tables, number
from sim.verification.families.bottleneck import V1, V2
from sim.verification.theory.bottleneck import Bottleneck
from sim.verification.verdict import Tolerance

DAYS = 250
KEPT = 10
"""Days over whose mean cost is compared: what is left of swinging evens out."""

LEAST_COMMUTERS = 2000
"""Commuters of a scenario, so that a window is used by more than a few of them."""

VEHICLES = 100
"""Vehicles in the peak: large ones leave fewer people behind again and again, who are all recorded."""

FAR_OFF: Final = Tolerance("fluid", 0.03)
LOGIT_SETS: Final = ({**V1, "theta": 100.0}, {**V2, "theta": 60.0})
THETA: Final = number("theta", "per unit of cost", above=0.0)


def _peak(params: Params) -> Peak:
    names = ("N", "s", "alpha", "beta", "gamma", "tstar")
    theory = Bottleneck(*(float(params[name]) for name in names))
    scale = max(math.ceil(LEAST_COMMUTERS / theory.commuters), 1)
    return Peak(theory, max(int(scale * theory.commuters / VEHICLES), 1), WINDOWS, scale)


def _learning(
    name: str, params: Params, habit: tuple[float, float], behaviour: Mapping[str, Any]
) -> ScenarioParameters:
    peak = _peak(params)
    changes = {"days": DAYS, "days_kept": KEPT, "behaviour": behaviour}
    return peak.scenario(name, (Flow("b", peak.theory, 1.0, habit),), changes)


def _averaging(params: Params) -> ScenarioParameters:
    """Return days of successive averages that start with everybody leaving just before the arrival wished."""
    peak = _peak(params)
    wished, window = peak.theory.wished, peak.window_s / 3600.0
    return _learning("verify-bottleneck-msa", params, (wished - window, wished), {"departure_choice": "msa"})


def _drawing(params: Params) -> ScenarioParameters:
    """Return days of logit learners who start evenly spread over almost all windows with service."""
    peak = _peak(params)
    margin = (MARGIN_WINDOWS - 1) * peak.window_s / 3600.0
    behaviour = {"departure_choice": "logit", "reconsider": "msa", "logit_scale": float(params["theta"]) / 60.0}
    habit = (peak.theory.opens - margin, peak.theory.closes + margin)
    return _learning("verify-bottleneck-logit", params, habit, behaviour)


def _mean_total(tables: Tables, params: Params) -> FloatArray:
    """Return the mean total cost of the kept days in costs per hour; NaN where somebody did not arrive."""
    journeys = tables["journeys"]
    cost = np.where(np.isfinite(journeys["arrival_s"]), journeys["generalized_cost_min"], np.nan)
    return np.array([cost.sum() / len(np.unique(journeys["day"])) / 60.0 / _peak(params).scale])


SHARED: Final[dict[str, Any]] = {
    "usual": 1,
    "objection": peak_objection,
    "theory": lambda params: _peak(params).theory.equilibrium,
    "measure": _mean_total,
    "tolerance": FAR_OFF,
    "formula": "d N^2 / s",
    "source": "Vickrey 1969, AER 59; Arnott, de Palma and Lindsey 1990, JUE 27:111-130",
    "recompute": lambda params: (
        f"select sum(generalized_cost_min) / 60 / {_peak(params).scale} / count(distinct day) "
        "from 'tables/journeys.parquet'"
    ),
}

CASES: tuple[Case, ...] = (
    Case(
        id="bottleneck.learned_msa",
        quantity="mean total cost of a day after learning by successive averages, all having left at once before",
        keys=KEYS,
        defaults=(V2, V1),
        scenario=_averaging,
        **SHARED,
    ),
    Case(
        id="bottleneck.learned_logit",
        quantity="mean total cost of a day after learning by logit with a large scale, all having been spread evenly",
        keys=(*KEYS, THETA),
        defaults=LOGIT_SETS,
        scenario=_drawing,
        **SHARED,
    ),
)
