"""Vehicles that nobody could board where they came by."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from sim.arrays import BoolArray
from sim.metrics.grouping import next_arrival_s
from sim.model.outcome import PASSING, Disruption
from sim.records.table import Table


def passed(visits: Table) -> BoolArray:
    """Tell at which visits a vehicle ran past a stop that was closed, or missed it, shape (visits,)."""
    return _hindered(visits, PASSING)


def is_boardable(visits: Table) -> BoolArray:
    """Tell at which visits a vehicle could be boarded, shape (visits,).

    It could not where it passed the stop, or broke down there and went no farther.
    """
    ended = _hindered(visits, [Disruption.VEHICLE_BROKE_DOWN])
    if ended.any():
        ended &= np.isnan(next_arrival_s(visits))
    found: BoolArray = ~(passed(visits) | ended)
    return found


def _hindered(visits: Table, by: Iterable[Disruption]) -> BoolArray:
    found = np.zeros(len(visits), dtype=np.bool_)
    for disruption in by:
        found |= visits.equals("disruption", disruption.table_name)
    return found
