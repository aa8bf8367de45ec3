"""Metrics of cost: in total, against the least that all could reach together, and how it is spread over commuters."""

from __future__ import annotations

from sim.metrics.metric import JOURNEYS, OWN, Metric
from sim.metrics.numbers import gini, mean

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
        told=(("verdict", 1), ("run", 1), ("sweep", 1), ("differences", 1), ("variants", 1)),
        head="cost (min)",
        formula="sum(generalized_cost_min) / n",
        source="generalized cost: docs/scenario-reference.md, preferences",
    ),
    Metric(
        "total_generalized_cost_min",
        "total generalized cost",
        "min per day",
        "lower",
        JOURNEYS,
        "Sum of the generalized cost of all commuters, in equivalent minutes on board.",
        lambda facts: facts.per_day(facts.total_min),
        told=(("verdict", 2), ("total", 1)),
        formula="sum(generalized_cost_min) / days",
        source="generalized cost: docs/scenario-reference.md, preferences",
    ),
    Metric(
        "fare_revenue",
        "fares paid",
        "currency per day",
        "neither",
        JOURNEYS,
        "Fares that all commuters paid, in the currency of the scenario; unknown where it has no fares.",
        lambda facts: facts.per_day(facts.money("fare")),
        formula="sum(fare) / days",
        source=OWN,
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
        formula="sum(fare_min) / days",
        source=OWN,
    ),
    Metric(
        "discount_cost",
        "fares let off",
        "currency per day",
        "neither",
        JOURNEYS,
        "What discounts let off, those that travelled then anyway included; with fares paid it is the full fare "
        "of all.",
        lambda facts: facts.per_day(facts.money("fare_discount")),
        formula="sum(fare_discount) / days",
        source=OWN,
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
        told=(("possible", 1),),
        formula=("(T - F - L) / T with T = sum(generalized_cost_min), F = sum(fare_min), L = sum(optimum_cost_min)"),
        source=OWN,
    ),
)

DISTRIBUTION_METRICS = (
    Metric(
        "cost_gini_share",
        "inequality of cost",
        "share",
        "lower",
        JOURNEYS,
        "Gini coefficient of the generalized cost over all journeys: a journey back counts beside the one there.",
        lambda facts: gini(facts.journeys["generalized_cost_min"]),
        formula="G(generalized_cost_min) with G(x) = sum_i sum_j |x_i - x_j| / (2 n^2 mean(x))",
        source="Gini 1912",
    ),
)
