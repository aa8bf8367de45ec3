"""Metrics of what a saving consists of: the parts of the fall of the generalized cost against `none`.

They add up to the fall of `mean_generalized_cost_min` against `none` (`tests/functional/test_saving_parts.py`).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from sim.metrics.metric import JOURNEYS, OWN, PERSONS, Metric
from sim.metrics.paired_changes import SHIFT_LIMITS_MIN
from sim.metrics.replication_facts import ReplicationFacts

_TRACED = (
    "People who leave at another time than under `none` are followed over the vehicles and queues of the same day "
    "under `none`, each as one more commuter who displaces nobody, leaving as under `none` and as under the strategy. "
)
_UNCHANGED = "with X0 and X1 the journeys of that day at the two departures, 0 for those who leave as under none"


def _mean_of(column: str) -> Callable[[ReplicationFacts], float]:
    """Return how the mean of a column over all journeys with a known cost is computed."""

    def compute(facts: ReplicationFacts) -> float:
        journeys = facts.journeys
        known = ~np.isnan(journeys[column]) & ~np.isnan(journeys["generalized_cost_min"])
        return float(journeys[column][known].mean()) if known.any() else math.nan

    return compute


def _share_within(limit_min: int) -> Callable[[ReplicationFacts], float]:
    """Return how the share of the saving is computed that people have who shift by at most so much."""

    def compute(facts: ReplicationFacts) -> float:
        changes = facts.changes
        if changes is None:
            return math.nan
        known = np.isfinite(changes.change_min)
        saved_min = -float(changes.change_min[known].sum())
        within = known & (changes.shift_s <= 60.0 * limit_min)
        return -float(changes.change_min[within].sum()) / saved_min if saved_min > 0.0 else math.nan

    return compute


SAVING_METRICS = (
    Metric(
        "saved_by_timing_min",
        "saved by timing",
        "min",
        "higher",
        JOURNEYS,
        f"{_TRACED}This part is the difference of the waits until a first vehicle comes, full or not: a vehicle met "
        "better within the headway. Whoever does not arrive, and was left behind by no full vehicle, met none that "
        "takes them there: then it is all of the difference but for the next part.",
        _mean_of("saved_by_timing_min"),
        paired=True,
        told=(("parts", 1),),
        phrase="meeting a vehicle better",
        head="timing",
        formula=f"mean(wait_weight x (first wait of X0 - first wait of X1)) / 60 {_UNCHANGED}",
        source=OWN,
    ),
    Metric(
        "saved_by_wish_min",
        "saved by arriving as wished",
        "min",
        "higher",
        JOURNEYS,
        "The next part: the difference of the costs of being early or late of the same two journeys, both at the "
        "congestion of the day under `none`.",
        _mean_of("saved_by_wish_min"),
        paired=True,
        told=(("parts", 2),),
        phrase="arriving nearer to the wish",
        head="wish",
        formula=f"mean(schedule delay cost of X0 - schedule delay cost of X1) {_UNCHANGED}",
        source="schedule delay: Small 1982",
    ),
    Metric(
        "saved_by_avoiding_min",
        "saved by avoiding congestion",
        "min",
        "higher",
        JOURNEYS,
        "The next part: all other differences of the same two journeys, that is crowding, waits after full vehicles "
        "and time on board, which people avoid by leaving at another time. Congestion itself stays as it was, but "
        "for what they bring along themselves to vehicles that they would not have taken.",
        _mean_of("saved_by_avoiding_min"),
        paired=True,
        told=(("parts", 3),),
        phrase="avoiding congestion that stays as it is",
        head="avoiding",
        formula=f"mean(cost of X0 - cost of X1) less the two parts before, {_UNCHANGED}",
        source=OWN,
    ),
    Metric(
        "saved_by_relief_min",
        "saved by relief",
        "min",
        "higher",
        JOURNEYS,
        "The last part: what vehicles and queues changed by have brought everybody, those who leave as under `none` "
        "included. Only this part and the one before are congestion, and only this one is less of it. Whoever leaves "
        "as under `none` and arrives under one of the two alone has all of the difference here.",
        _mean_of("saved_by_relief_min"),
        paired=True,
        told=(("parts", 4),),
        phrase="less congestion for all",
        head="relief",
        formula="mean(fall of generalized_cost_min) less the three parts before and saved_on_fare_min",
        source=OWN,
    ),
    Metric(
        "saved_on_fare_min",
        "saved on fares",
        "min",
        "neither",
        JOURNEYS,
        "Fall of the fares in the generalized cost, which operators pay.",
        _mean_of("saved_on_fare_min"),
        paired=True,
        silent_at_zero=True,
        told=(("parts", 5),),
        phrase="lower fares",
        head="fares",
        formula="mean(fall of fare_min)",
        source=OWN,
    ),
    *(
        Metric(
            f"saved_within_{limit}_min_share",
            f"share saved by shifts up to {limit} min",
            "share",
            "neither",
            PERSONS,
            f"What people save who leave at most {limit} min earlier or later than under `none`, those who leave as "
            "under `none` included, over what all save. It tells how a saving is spread; a plan that asks for no "
            "larger shift may save more or less than this. Not told where the interval of "
            "`mean_generalized_cost_min` shows no saving.",
            _share_within(limit),
            paired=True,
            of_saving=True,
            told=(("within", place),),
            phrase=f"the share saved by shifts of at most {limit} min",
            formula=f"sum(fall of generalized_cost_min; |departure_s - that under `none`| <= {60 * limit}) / "
            "sum(fall of generalized_cost_min)",
            source=OWN,
        )
        for place, limit in enumerate(SHIFT_LIMITS_MIN, 1)
    ),
)
