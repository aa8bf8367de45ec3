"""Metrics of the way there and the way back, where journeys back are linked: the evening of a morning policy."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from sim.arrays import BoolArray
from sim.metrics.metric import OWN, Metric
from sim.metrics.numbers import period_counts
from sim.metrics.replication_facts import ReplicationFacts

RETURN_METRICS = (
    Metric(
        "outward_cost_min",
        "cost of journeys there",
        "min per day",
        "lower",
        "journeys there",
        "Sum of the generalized cost of the journeys there, where the scenario links journeys back.",
        lambda facts: _where_linked(facts, lambda: _cost_min(facts, facts.is_first)),
        formula="sum(generalized_cost_min) / days",
        told=(("ways", 1),),
        source=OWN,
    ),
    Metric(
        "outward_denied_boardings",
        "denied boardings on the way there",
        "per day",
        "lower",
        "journeys there",
        "Times that a commuter found no place on a journey there.",
        lambda facts: _where_linked(facts, lambda: _denied(facts, facts.is_first)),
        formula="sum(denied_boardings) / days",
        source=OWN,
    ),
    Metric(
        "outward_peak_boardings",
        "highest peak on the way there",
        "per period",
        "lower",
        "rides on journeys there",
        "Boardings on journeys there in the observation period that has most.",
        lambda facts: _where_linked(facts, lambda: _peak_boardings(facts, facts.ride_is_first)),
        formula="max_p b_p / days with b_p the boardings of period p on all days",
        source=OWN,
    ),
    Metric(
        "return_cost_min",
        "cost of journeys back",
        "min per day",
        "lower",
        "journeys back",
        "Sum of the generalized cost of the journeys back, where the scenario links journeys back.",
        lambda facts: _where_linked(facts, lambda: _cost_min(facts, ~facts.is_first)),
        formula="sum(generalized_cost_min) / days",
        told=(("ways", 2),),
        source=OWN,
    ),
    Metric(
        "return_denied_boardings",
        "denied boardings on the way back",
        "per day",
        "lower",
        "journeys back",
        "Times that a commuter found no place on a journey back.",
        lambda facts: _where_linked(facts, lambda: _denied(facts, ~facts.is_first)),
        formula="sum(denied_boardings) / days",
        source=OWN,
    ),
    Metric(
        "return_peak_boardings",
        "highest peak on the way back",
        "per period",
        "lower",
        "rides on journeys back",
        "Boardings on journeys back in the observation period that has most.",
        lambda facts: _where_linked(facts, lambda: _peak_boardings(facts, ~facts.ride_is_first)),
        formula="max_p b_p / days with b_p the boardings of period p on all days",
        source=OWN,
    ),
)


def _where_linked(facts: ReplicationFacts, compute: Callable[[], float]) -> float:
    """Return a metric that tells journeys there and back apart; NaN where none leads back."""
    return math.nan if facts.is_first.all() else compute()


def _cost_min(facts: ReplicationFacts, mask: BoolArray) -> float:
    return facts.per_day(float(np.nan_to_num(facts.journeys["generalized_cost_min"])[mask].sum()))


def _denied(facts: ReplicationFacts, mask: BoolArray) -> float:
    return facts.per_day(float(facts.journeys["denied_boardings"][mask].sum()))


def _peak_boardings(facts: ReplicationFacts, rides: BoolArray) -> float:
    counts = period_counts(facts.legs["board_s"][rides], facts.period_s)
    return facts.per_day(float(counts.max(initial=0)))
