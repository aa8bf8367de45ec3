"""Tables that are counted from those of a day: periods, account, fairness.

`sim.metrics` counts; every column has its values under its own name (`sim.records.table.Cells`).
"""

from __future__ import annotations

from sim.records.column import Column, TableSchema, real, text, whole
from sim.records.table import Cells

_KEY: tuple[Column[Cells], ...] = (
    whole("replication", "replication, from 0"),
    whole("day", "simulated day, from 0"),
    text("strategy", "advice strategy of the run"),
)

PERIODS = TableSchema[Cells](
    "periods",
    ("strategy", "replication", "day", "line", "direction_id", "stop_sequence", "period_start_s"),
    (
        *_KEY,
        text("line_id", "line"),
        whole("direction_id", "direction, 0 or 1"),
        text("stop_id", "stop"),
        real("period_start_s", "s", "start of the observation period of departures"),
        whole("vehicles", "vehicles that departed in the period"),
        real("load", "", "mean departing load per vehicle"),
        real("load_factor", "share", "sum of departing loads over sum of capacities"),
        real("mean_wait_s", "s", "mean wait of those who boarded; NaN where nobody did"),
        real("running_time_s", "s", "mean time to the next stop; NaN at the last stop"),
        whole("boardings", "persons who boarded"),
        whole("alightings", "persons who alighted"),
        whole("denied_boardings", "persons who found no place"),
    ),
    "a stop of a line and direction in an observation period in which a vehicle left it",
)


def _change_by_part(what: str) -> tuple[Column[Cells], ...]:
    parts = ("direct_shift", "displaced_load", "back_fill")
    return tuple(whole(f"{what}_{part}", f"change of {what} by {part}") for part in parts)


ACCOUNT = TableSchema[Cells](
    "account",
    ("strategy", "replication", "day", "line", "direction_id", "stop", "period_start_s"),
    (
        *_KEY,
        text("line_id", "line"),
        whole("direction_id", "direction, 0 or 1"),
        text("stop_id", "stop"),
        real("period_start_s", "s", "start of the observation period of departures"),
        whole("boardings_none", "persons who boarded without advice"),
        whole("boardings", "persons who boarded under the strategy"),
        *_change_by_part("boardings"),
        whole("load_none", "departing loads of all vehicles of the period, summed, without advice"),
        whole("load", "the same under the strategy"),
        *_change_by_part("load"),
        whole("capacity_none", "capacities of the vehicles of the period, summed, without advice"),
        whole("capacity", "the same under the strategy"),
    ),
    "a stop of a line and direction in an observation period, under a strategy against `none`",
)

FAIRNESS = TableSchema[Cells](
    "fairness",
    ("strategy", "replication", "kind", "group"),
    (
        text("strategy", "advice strategy of the run"),
        whole("replication", "replication, from 0"),
        text("kind", "what tells classes apart: advice, habit, ride, left behind, income, flexibility, zone"),
        text("group", "class of commuters"),
        whole("commuter_days", "commuters of the class on all kept days"),
        real("mean_cost_none_min", "min", "mean generalized cost without advice, there and back"),
        real("mean_change_min", "min", "mean change of it against none"),
        real("winners_share", "share", "of the class, those who gain more than a minute"),
        real("losers_share", "share", "of the class, those who lose more than a minute"),
        real("largest_loss_min", "min", "largest change of anybody of the class"),
        real("loss_gini_share", "share", "Gini coefficient of losses within the class; NaN where none"),
        real("saved_by_timing_min", "min", "mean of the column of that name of journeys, there and back"),
        real("saved_by_wish_min", "min", "the same"),
        real("saved_by_avoiding_min", "min", "the same"),
        real("saved_by_relief_min", "min", "the same"),
        real("saved_on_fare_min", "min", "the same"),
        real(
            "saved_within_5_min",
            "min",
            "saving of people who leave at most 5 min earlier or later than under none, over all of the class",
        ),
        real("saved_within_10_min", "min", "the same for 10 min"),
        real("saved_within_15_min", "min", "the same for 15 min"),
        real("saved_within_30_min", "min", "the same for 30 min"),
    ),
    "a class of commuters under a strategy against `none`, in a replication",
)
