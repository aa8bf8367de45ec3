"""The columns of the table of simulated days, kept or not."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from sim.arrays import IntArray
from sim.records.column import TableSchema, real, text, whole
from sim.records.day_facts import SettlingDay
from sim.records.day_tables import DAY, REPLICATION, STRATEGY

DAYS = TableSchema[Sequence[SettlingDay]](
    "days",
    ("strategy", "replication", "day"),
    (
        whole("replication", REPLICATION, lambda days: _integers(day.key.replication for day in days)),
        whole("day", DAY, lambda days: _integers(day.key.day for day in days)),
        text(
            "strategy",
            STRATEGY,
            lambda days: np.zeros(len(days), dtype=np.int64),
            lambda days: (days[0].key.strategy,),
        ),
        real(
            "departure_change_s",
            "s",
            "mean change of departure since the day before; NaN on the first",
            lambda days: np.array([day.departure_change_s for day in days]),
        ),
        real(
            "relative_gap_share",
            "share",
            "what those who decide for themselves could have saved by other departure windows, over what they paid; "
            "NaN where all keep to their habit",
            lambda days: np.array([day.relative_gap_share for day in days]),
        ),
        real(
            "mean_generalized_cost_min",
            "min",
            "mean generalized cost of all commuters",
            lambda days: np.array([day.mean_cost_min for day in days]),
        ),
        whole("advised", "commuters who were advised on the day", lambda days: _integers(day.advised for day in days)),
        whole(
            "asked",
            "commuters asked to leave in another window than they would have by habit, or as they have learned",
            lambda days: _integers(day.asked for day in days),
        ),
        whole("kept", "those of them who did", lambda days: _integers(day.kept for day in days)),
        whole(
            "missed_discount",
            "those of these who did not get the discount that they left at another time for; 0 without discounts",
            lambda days: _integers(day.missed_discount for day in days),
        ),
        real(
            "expected_compliance_share",
            "share",
            "share of the advised who the advisor expected to follow (advisor.expected_compliance), also where plans "
            "are made for the share of bookings that are kept (booked); NaN on days without advice",
            lambda days: np.array([day.expected_compliance_share for day in days]),
        ),
        real(
            "rehearsed_change_min",
            "min",
            "what the plan of the day changed in rehearsals on draws of their own: mean generalized cost of all "
            "commuters less that without advice; given out only where the interval lies below 0; NaN where nothing "
            "was rehearsed",
            lambda days: np.array([math.nan if day.rehearsal is None else day.rehearsal.change_min for day in days]),
        ),
        real(
            "rehearsed_half_width_min",
            "min",
            "half width of its 95 % interval",
            lambda days: np.array(
                [math.nan if day.rehearsal is None else day.rehearsal.half_width_min for day in days]
            ),
        ),
    ),
    "a simulated day, kept or not",
)


def _integers(values: Iterable[int]) -> IntArray:
    return np.array(list(values), dtype=np.int64)
