"""Demand as flows: how many commuters leave one stop for another in a stretch of time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from sim.arrays import FloatArray, IntArray


class Placement(IntEnum):
    """How the habitual departures of a flow are put into its stretch of time."""

    EVEN = 0
    RANDOM = 1
    POISSON = 2


@dataclass(frozen=True)
class Demand:
    """Flows, one per row.

    Attributes
    ----------
    origin, destination : ndarray of int, shape (flows,)
        Row numbers of stops.
    start_s, end_s : ndarray of float, shape (flows,)
        Stretch of habitual departures [start, end), seconds after midnight.
    commuters : ndarray of float, shape (flows,)
        Number (RANDOM, EVEN) or expectation (POISSON). Whole numbers are kept; the
        fraction of a number is drawn (RANDOM) or carried on from row to row (EVEN).
    placement : ndarray of int, shape (flows,)
        Values of `Placement`.
    series : ndarray of int, shape (flows,)
        Rows of one flow that is given in several stretches share a number; EVEN counts on
        through a series.
    preferred_arrival_s : ndarray of float, shape (flows,)
        Common preferred arrival; NaN where derived per commuter.
    """

    origin: IntArray
    destination: IntArray
    start_s: FloatArray
    end_s: FloatArray
    commuters: FloatArray
    placement: IntArray
    series: IntArray
    preferred_arrival_s: FloatArray

    def __len__(self) -> int:
        """Count the flows."""
        return len(self.origin)

    def pairs(self) -> IntArray:
        """List the origin-destination pairs with demand, sorted, shape (pairs, 2)."""
        wanted = self.commuters > 0
        stacked = np.stack([self.origin[wanted], self.destination[wanted]], axis=1)
        return np.unique(stacked, axis=0) if len(stacked) else np.zeros((0, 2), dtype=np.int64)


def join(parts: list[Demand]) -> Demand:
    """Put flows of several sources one after the other; series stay apart."""
    offset = 0
    series = []
    for part in parts:
        series.append(part.series + offset)
        offset += int(part.series.max(initial=-1)) + 1

    def column(name: str) -> FloatArray | IntArray:
        return np.concatenate([getattr(part, name) for part in parts])

    return Demand(
        origin=column("origin").astype(np.int64),
        destination=column("destination").astype(np.int64),
        start_s=column("start_s").astype(np.float64),
        end_s=column("end_s").astype(np.float64),
        commuters=column("commuters").astype(np.float64),
        placement=column("placement").astype(np.int64),
        series=np.concatenate(series),
        preferred_arrival_s=column("preferred_arrival_s").astype(np.float64),
    )
