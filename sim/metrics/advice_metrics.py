"""Metrics of advice: when people leave, and what it changes for them against `none`."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from sim.arrays import FloatArray
from sim.metrics.metric import JOURNEYS, OWN, PERSONS, RIDES, THERE, Metric
from sim.metrics.numbers import MINUTE_S, gini, mean, peak_to_mean_ratio, share
from sim.metrics.paired_changes import BACK_FILL, DIRECT_SHIFT, DISPLACED_LOAD, LOSS_THRESHOLD_MIN, PairedChanges
from sim.metrics.replication_facts import ReplicationFacts

ADVISED_SHARE = "advised_share"
"""Name of the metric that tells whether anybody was advised."""

LASTING_REGRET = "lasting_regret_p95_min"
"""Name of the metric that a bound on regret is held against."""

ADVICE_METRICS = (
    Metric(
        "peak_to_mean_ratio",
        "peak to mean",
        "",
        "lower",
        RIDES,
        "Boardings in the busiest observation period over the mean of the periods from the first to the last with "
        "any boarding.",
        lambda facts: peak_to_mean_ratio(facts.legs["board_s"], facts.period_s),
        headline=6,
        formula=(
            "max_p b_p / mean_p b_p with b_p the boardings of period p, from the first to the last period with any"
        ),
        source="peak spreading as a ratio: this program's",
        told=(("differences", 8),),
    ),
    Metric(
        "mean_departure_shift_min",
        "mean departure shift",
        "min",
        "neither",
        THERE,
        "Mean of departure minus habitual departure of all commuters, later positive; journeys back apart.",
        lambda facts: mean(facts.shift_s) / MINUTE_S,
        formula="sum(departure_s - habitual_departure_s) / n / 60",
        source=OWN,
    ),
    Metric(
        "mean_absolute_departure_shift_min",
        "mean size of shift",
        "min",
        "neither",
        THERE,
        "Mean distance between departure and habitual departure of all commuters; journeys back apart.",
        lambda facts: mean(np.abs(facts.shift_s)) / MINUTE_S,
        formula="sum(|departure_s - habitual_departure_s|) / n / 60",
        source=OWN,
    ),
    Metric(
        ADVISED_SHARE,
        "share advised",
        "share",
        "neither",
        THERE,
        "Commuters that received a window over all.",
        lambda facts: share(facts.journeys["advised"][facts.is_first]),
        formula="#(advised) / n",
        source=OWN,
    ),
    Metric(
        "complied_share",
        "share complied",
        "share",
        "neither",
        "advised journeys, whatever their outcome",
        "Advised commuters that left inside their window over all advised, those that would have left then anyway "
        "among them (complied_anyway_share).",
        lambda facts: share(facts.journeys["complied"][facts.journeys["advised"]]),
        formula="#(window_start_s <= departure_s < window_end_s) / n",
        source=OWN,
    ),
    Metric(
        "complied_anyway_share",
        "share of followers as by habit",
        "share",
        "neither",
        "persons that complied, and days",
        "Commuters that complied and whose departure under `none` lies inside the window too, over all that complied: "
        "they would have left then anyway.",
        lambda facts: _of(facts, lambda found: share(found.anyway[found.complied])),
        formula="#(window_start_s <= departure_s under `none` < window_end_s) / n",
        source=OWN,
        paired=True,
    ),
    Metric(
        "winners_share",
        "winners",
        "share",
        "higher",
        PERSONS,
        f"Commuters whose generalized cost is more than {LOSS_THRESHOLD_MIN:g} min below that of the same "
        "commuter on the same day under `none`.",
        lambda facts: _of(facts, lambda found: float((found.change_min < -LOSS_THRESHOLD_MIN).mean())),
        paired=True,
        title="Better off",
        told=(("winners", 1),),
        formula="#(change < -1 min) / n with change = cost - cost under `none`, there and back together",
        source="threshold assumed",
    ),
    Metric(
        "losers_share",
        "losers",
        "share",
        "lower",
        PERSONS,
        f"Commuters whose generalized cost is more than {LOSS_THRESHOLD_MIN:g} min above that of the same "
        "commuter on the same day under `none`.",
        lambda facts: _of(facts, lambda found: float((found.change_min > LOSS_THRESHOLD_MIN).mean())),
        paired=True,
        headline=12,
        title="Worse off",
        told=(("losers", 1), ("sweep", 4)),
        head="worse off (%)",
        formula="#(change > 1 min) / n with change = cost - cost under `none`, there and back together",
        source="threshold assumed",
    ),
    Metric(
        "direct_shift_share",
        "left at another time as advised",
        "share",
        "neither",
        PERSONS,
        "Commuters that complied and leave at another time than under `none`.",
        lambda facts: _of(facts, lambda found: float((found.kind == DIRECT_SHIFT).mean())),
        paired=True,
        told=(("direct_shift", 1), ("sweep", 5)),
        head="moved (%)",
        formula="#(complied and departure_s differs from that under `none`) / n",
        source=OWN,
    ),
    Metric(
        "back_fill_share",
        "left at another time by own choice",
        "share",
        "neither",
        PERSONS,
        "Commuters that leave at another time than under `none` without having complied: they come back into the "
        "room that others left.",
        lambda facts: _of(facts, lambda found: float((found.kind == BACK_FILL).mean())),
        paired=True,
        told=(("back_fill", 1),),
        formula="#(not complied and departure_s differs from that under `none`) / n",
        source=OWN,
    ),
    Metric(
        "direct_shift_min",
        "cost change of direct shift",
        "min per day",
        "lower",
        PERSONS,
        "Change of the total generalized cost against `none` of those that complied and leave at another time; "
        "with the next two it sums to the change of the total.",
        lambda facts: _of(facts, lambda found: float(found.by_class_min[DIRECT_SHIFT])),
        paired=True,
        formula="sum(change; complied and departure_s differs from that under `none`) / days",
        source=OWN,
    ),
    Metric(
        "displaced_load_min",
        "cost change of displaced load",
        "min per day",
        "lower",
        PERSONS,
        "Change of the total generalized cost against `none` of those that leave as under `none` and meet others "
        "on the way.",
        lambda facts: _of(facts, lambda found: float(found.by_class_min[DISPLACED_LOAD])),
        paired=True,
        formula="sum(change; departure_s as under `none`) / days",
        source=OWN,
    ),
    Metric(
        "back_fill_min",
        "cost change of back-fill",
        "min per day",
        "lower",
        PERSONS,
        "Change of the total generalized cost against `none` of those that leave at another time without having "
        "complied.",
        lambda facts: _of(facts, lambda found: float(found.by_class_min[BACK_FILL])),
        paired=True,
        formula="sum(change; not complied and departure_s differs from that under `none`) / days",
        source=OWN,
    ),
    Metric(
        "mean_regret_min",
        "mean regret",
        "min",
        "lower",
        "persons that complied, and days",
        "Mean change of generalized cost against `none` of those that complied; negative where following pays.",
        lambda facts: _of(facts, lambda found: _mean_of_all(found.change_min[found.complied])),
        paired=True,
        formula="sum(change) / n",
        source=OWN,
    ),
    Metric(
        "largest_regret_min",
        "largest regret",
        "min",
        "lower",
        "persons that complied, and days",
        "Largest change of generalized cost against `none` of anybody who complied, in any replication.",
        lambda facts: _of(facts, lambda found: _largest(found.change_min[found.complied])),
        paired=True,
        formula="max(change)",
        source=OWN,
        statistic="largest",
    ),
    Metric(
        LASTING_REGRET,
        "lasting regret, 95 of 100",
        "min",
        "lower",
        "persons that complied and left at another time on any day kept",
        "What 95 of 100 of those that moved stay below in the mean change of generalized cost against `none` over the "
        "days kept (95th percentile): the figure that a bound on regret is held against.",
        lambda facts: _of(facts, lambda found: _percentile(found.lasting_regret_min, 95.0)),
        paired=True,
        formula="95th percentile over persons of the mean change over days",
        source=OWN,
    ),
    Metric(
        "largest_loss_min",
        "largest loss",
        "min",
        "lower",
        PERSONS,
        "Largest change of generalized cost against `none` of anybody, in any replication.",
        lambda facts: _of(facts, lambda found: float(np.nanmax(found.change_min, initial=-np.inf))),
        paired=True,
        formula="max(change)",
        source=OWN,
        statistic="largest",
    ),
    Metric(
        "loss_gini_share",
        "concentration of losses",
        "share",
        "lower",
        PERSONS,
        "Gini coefficient over all commuters of the loss against `none`, gains counting as no loss: 0 where all "
        "lose alike, near 1 where few bear it all.",
        lambda facts: _of(facts, lambda found: gini(np.maximum(np.nan_to_num(found.change_min), 0.0))),
        paired=True,
        formula="G(max(change, 0)) with G(x) = sum_i sum_j |x_i - x_j| / (2 n^2 mean(x))",
        source="Gini 1912",
    ),
    Metric(
        "saving_taken_share",
        "saving taken",
        "share",
        "higher",
        JOURNEYS,
        "Fall of the total generalized cost against `none` over the fall from `none` to the least of "
        "gap_to_optimum_share: the share of the possible saving, or where that is a bound, at least this share.",
        lambda facts: facts.saving_taken_share(),
        paired=True,
        told=(("saving", 1),),
        formula=(
            "((T0 - F0) - (T - F)) / (T0 x gap_to_optimum_share under `none`) with T the total cost, F its "
            "fares, 0 for `none`"
        ),
        source=OWN,
    ),
)


def _of(facts: ReplicationFacts, compute: Callable[[PairedChanges], float]) -> float:
    """Return a metric of the changes against `none`; NaN where there are none."""
    return math.nan if facts.changes is None else compute(facts.changes)


def _mean_of_all(values: FloatArray) -> float:
    return float(values.mean()) if len(values) else math.nan


def _largest(values: FloatArray) -> float:
    return float(values.max()) if len(values) else math.nan


def _percentile(values: FloatArray, share_percent: float) -> float:
    return float(np.percentile(values, share_percent)) if len(values) else math.nan
