"""Commuters that the service fails: who did not arrive, and who waited beyond reason, with the commonest places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from sim.arrays import BoolArray, IntArray
from sim.metrics.grouping import split_by_run
from sim.metrics.metric import BASELINE
from sim.records.table import Table

TOLD_SHARE: Final = 0.03
"""Share of the commuters from which on it is told that they are not served; assumed."""
NO_JOURNEY_SHARE: Final = 0.01
"""Share from which on it is told that commuters have no journey at all, which no luck mends; assumed."""
LONG_WAIT_S: Final = 3600.0
"""Wait for one vehicle that is beyond reason; assumed."""
_CAUSE_SHARE: Final = 0.0005
"""Causes that concern fewer are left to the section of the report."""


def unserved(tables: Mapping[str, Table], stop_names: Mapping[str, str]) -> dict[str, Any]:
    """Sum up who did not arrive and who waited beyond reason, under `none` or else the first strategy.

    Parameters
    ----------
    tables : mapping of str to Table
        `journeys` and `legs`.
    stop_names : mapping of str to str
        By stop id.

    Returns
    -------
    dict of str to Any
        `strategy`, `told_share`, `not_arrived_share`, `causes` (the commonest first, each with its share of all
        commuters and the origin of most of them), `long_wait_min`, `long_wait_share` and `long_wait_at`; empty
        where neither share is above what is told.
    """
    journeys, legs = split_by_run(tables["journeys"]), split_by_run(tables["legs"])
    strategies = list(dict.fromkeys(strategy for strategy, _ in journeys))
    if not strategies:
        return {}
    strategy = BASELINE if BASELINE in strategies else strategies[0]
    count = _Count(tables["journeys"], tables["legs"])
    for key, run in journeys.items():
        if key[0] == strategy:
            count.add(run, legs.get(key))
    return count.facts(strategy, stop_names)


class _Count:
    """Counts over the runs of one strategy."""

    def __init__(self, journeys: Table, legs: Table) -> None:
        self.causes = journeys.categories["cause"]
        self.origins = journeys.categories["origin_stop_id"]
        self.boarded_at = legs.categories["board_stop_id"]
        self.commuters = 0
        self.by_cause = np.zeros((len(self.causes), len(self.origins)), dtype=np.int64)
        self.long_waits = 0
        self.long_at = np.zeros(len(self.boarded_at), dtype=np.int64)

    def add(self, journeys: Table, legs: Table | None) -> None:
        """Count one replication."""
        self.commuters += len(journeys)
        left = ~journeys.equals("outcome", "arrived")
        np.add.at(self.by_cause, (journeys["cause"][left], journeys["origin_stop_id"][left]), 1)
        if legs is None or not len(legs):
            return
        long: BoolArray = (legs["board_s"] - legs["wait_from_s"]) > LONG_WAIT_S
        stops: IntArray = legs["board_stop_id"][long]
        self.long_at += np.bincount(stops, minlength=len(self.boarded_at))
        self.long_waits += len(set(zip(legs["day"][long].tolist(), legs["commuter_id"][long].tolist(), strict=True)))

    def facts(self, strategy: str, stop_names: Mapping[str, str]) -> dict[str, Any]:
        """Return shares and places; nothing where hardly anybody is concerned."""
        people = max(self.commuters, 1)
        missing, waiting = self.by_cause.sum() / people, self.long_waits / people
        without = sum(
            counts.sum() / people
            for name, counts in zip(self.causes, self.by_cause, strict=True)
            if name == "no_journey_option"
        )
        if max(missing, waiting) <= TOLD_SHARE and without <= NO_JOURNEY_SHARE:
            return {}
        causes = [
            {
                "cause": self.causes[row],
                "share": float(counts.sum() / people),
                **_place(counts, self.origins, stop_names),
            }
            for row, counts in enumerate(self.by_cause)
            if counts.sum() / people >= _CAUSE_SHARE
        ]
        return {
            "strategy": strategy,
            "told_share": NO_JOURNEY_SHARE if without > NO_JOURNEY_SHARE else TOLD_SHARE,
            "not_arrived_share": float(missing),
            "causes": sorted(causes, key=lambda cause: -cause["share"]),
            "long_wait_min": LONG_WAIT_S / 60.0,
            "long_wait_share": float(waiting),
            "long_wait_at": _place(self.long_at, self.boarded_at, stop_names) if self.long_waits else {},
        }


def _place(counts: IntArray, stops: tuple[str, ...], stop_names: Mapping[str, str]) -> dict[str, Any]:
    """Return the stop with most of them, its name and its share of them."""
    row = int(counts.argmax())
    share = float(counts[row] / max(counts.sum(), 1))
    return {"stop_id": stops[row], "stop": stop_names.get(stops[row], stops[row]), "stop_share": share}
