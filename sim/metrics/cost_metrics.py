"""Metrics of cost: in total, against the least that all could reach together, there and back."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from sim.arrays import BoolArray
from sim.metrics.metric import JOURNEYS, Metric
from sim.metrics.numbers import gini, mean, period_counts
from sim.metrics.replication_facts import ReplicationFacts

COST_METRICS = (
    Metric(
        "mean_generalized_cost_min",
        "mean generalized cost",
        "min",
        "lower",
        JOURNEYS,
        "Mean generalized cost of all commuters, in equivalent minutes on board.",
        lambda facts: mean(facts.journeys["generalized_cost_min"]),
        headline=1,
        phrase="the mean generalized cost per commuter",
    ),
    Metric(
        "total_generalized_cost_min",
        "total generalized cost",
        "min per day",
        "lower",
        JOURNEYS,
        "Sum of the generalized cost of all commuters, in equivalent minutes on board.",
        lambda facts: facts.per_day(facts.total_min),
    ),
    Metric(
        "fare_revenue",
        "fares paid",
        "currency per day",
        "neither",
        JOURNEYS,
        "Fares that all commuters paid, in the currency of the scenario; unknown where it has no fares.",
        lambda facts: facts.per_day(float(facts.journeys["fare"].sum())),
    ),
    Metric(
        "fare_cost_min",
        "fares in the cost",
        "min per day",
        "neither",
        JOURNEYS,
        "Fares paid as a part of the total generalized cost. They go to the operator, so what advice could save, "
        "and saves, is counted without them.",
        lambda facts: facts.per_day(facts.fares_min),
        silent_at_zero=True,
    ),
    Metric(
        "discount_cost",
        "fares let off",
        "currency per day",
        "neither",
        JOURNEYS,
        "What discounts let off, those that travelled then anyway included; with fares paid it is the full fare "
        "of all.",
        lambda facts: facts.per_day(float(facts.journeys["fare_discount"].sum())),
    ),
    Metric(
        "gap_to_optimum_share",
        "gap to optimum",
        "share",
        "lower",
        JOURNEYS,
        "Total generalized cost above the least that all could reach together, over the total. The least is the "
        "system optimum, or a proven lower bound: then the gap to the optimum is at most this. `optimum` in the "
        "manifest says which, and what the bound leaves out.",
        lambda facts: facts.gap_share(),
        headline=13,
    ),
)

DISTRIBUTION_METRICS = (
    Metric(
        "cost_gini_share",
        "inequality of cost",
        "share",
        "lower",
        JOURNEYS,
        "Gini coefficient of the generalized cost over all commuters.",
        lambda facts: gini(facts.journeys["generalized_cost_min"]),
    ),
    Metric(
        "outward_cost_min",
        "cost of journeys there",
        "min per day",
        "lower",
        "journeys there",
        "Sum of the generalized cost of the journeys there, where the scenario links journeys back.",
        lambda facts: _where_linked(facts, lambda: _cost_min(facts, facts.there)),
    ),
    Metric(
        "outward_denied_boardings",
        "denied boardings on the way there",
        "per day",
        "lower",
        "journeys there",
        "Times that a commuter found no place on a journey there.",
        lambda facts: _where_linked(facts, lambda: _denied(facts, facts.there)),
    ),
    Metric(
        "outward_peak_boardings",
        "highest peak on the way there",
        "per period",
        "lower",
        "rides on journeys there",
        "Boardings on journeys there in the observation period that has most.",
        lambda facts: _where_linked(facts, lambda: _peak_boardings(facts, facts.ride_there)),
    ),
    Metric(
        "return_cost_min",
        "cost of journeys back",
        "min per day",
        "lower",
        "journeys back",
        "Sum of the generalized cost of the journeys back, where the scenario links journeys back.",
        lambda facts: _where_linked(facts, lambda: _cost_min(facts, ~facts.there)),
    ),
    Metric(
        "return_denied_boardings",
        "denied boardings on the way back",
        "per day",
        "lower",
        "journeys back",
        "Times that a commuter found no place on a journey back.",
        lambda facts: _where_linked(facts, lambda: _denied(facts, ~facts.there)),
    ),
    Metric(
        "return_peak_boardings",
        "highest peak on the way back",
        "per period",
        "lower",
        "rides on journeys back",
        "Boardings on journeys back in the observation period that has most.",
        lambda facts: _where_linked(facts, lambda: _peak_boardings(facts, ~facts.ride_there)),
    ),
)


def _where_linked(facts: ReplicationFacts, compute: Callable[[], float]) -> float:
    """Return a metric that tells journeys there and back apart; NaN where none leads back."""
    return math.nan if facts.there.all() else compute()


def _cost_min(facts: ReplicationFacts, mask: BoolArray) -> float:
    return facts.per_day(float(np.nan_to_num(facts.journeys["generalized_cost_min"])[mask].sum()))


def _denied(facts: ReplicationFacts, mask: BoolArray) -> float:
    return facts.per_day(float(facts.journeys["denied_boardings"][mask].sum()))


def _peak_boardings(facts: ReplicationFacts, rides: BoolArray) -> float:
    counts = period_counts(facts.legs["board_s"][rides], facts.period_s)
    return facts.per_day(float(counts.max(initial=0)))
