"""The table of a search for the best plan: what each plan costs on each fresh draw, and bounds below all plans."""

from __future__ import annotations

from sim.records.column import TableSchema, real, text, whole
from sim.records.table import Cells

PLANS = TableSchema[Cells](
    "plans",
    ("replication", "plan", "draw"),
    (
        whole("replication", "replication, from 0"),
        text(
            "plan",
            "none, individual, coordinated; best found: by the search, with foresight only; hindsight: the best for "
            "this draw alone; bound: below every plan; bound, same vehicles: below every plan of windows if vehicles "
            "ran as under the best plan",
        ),
        whole("draw", "fresh draw, from 0, which no plan but that of hindsight was made with; -1: mean of all"),
        real("mean_cost_min", "min", "mean generalized cost of all commuters"),
    ),
    "a plan, or a bound, on a fresh draw of running times, dispatch and compliance",
)
