"""Commuters that the service fails: who did not arrive, and who waited beyond reason, with the commonest places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.metrics.grouping import split_by_run
from sim.metrics.long_waits import EARLY, long_waits
from sim.metrics.metric import BASELINE
from sim.model.outcome import Cause
from sim.records.table import Table

TOLD_SHARE: Final = 0.03
"""Share of the commuters from which on it is told that they are not served; assumed."""
NO_JOURNEY_SHARE: Final = 0.01
"""Share from which on it is told that commuters have no journey at all, which no luck mends; assumed."""
_CAUSE_SHARE: Final = 0.0005
"""Causes that concern fewer are left to the section of the report."""
REASONS: Final = ("full", "early", "passed", "closed")
"""Words for `FULL`, `EARLY`, `PASSED` and `CLOSED` of `sim.metrics.long_waits`."""


def unserved(tables: Mapping[str, Table], stop_names: Mapping[str, str]) -> dict[str, Any]:
    """Sum up who did not arrive and who waited beyond reason, under `none` or else the first strategy.

    Parameters
    ----------
    tables : mapping of str to Table
        `journeys`, `legs` and `stop_visits`.
    stop_names : mapping of str to str
        By stop id.

    Returns
    -------
    dict of str to Any
        `strategy`, `told_share`, `not_arrived_share`, `causes` (the commonest first, each with its share of all
        commuters and the origin of most of them), `long_wait_share` and `long_wait_at` (the stop of most of them, with
        `reason`, median `wait_min` and `headway_min` there); empty where neither share is above what is told.
    """
    journeys, legs, visits = (split_by_run(tables[name]) for name in ("journeys", "legs", "stop_visits"))
    strategies = list(dict.fromkeys(strategy for strategy, _ in journeys))
    if not strategies:
        return {}
    strategy = BASELINE if BASELINE in strategies else strategies[0]
    count = _Count(tables["journeys"], tables["legs"])
    for key, run in journeys.items():
        if key[0] == strategy:
            count.add(run, legs.get(key), visits.get(key))
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
        self.long_stop: list[IntArray] = []
        self.long_facts: list[FloatArray] = []

    def add(self, journeys: Table, legs: Table | None, visits: Table | None) -> None:
        """Count one replication."""
        self.commuters += len(journeys)
        left = ~journeys.equals("outcome", "arrived")
        np.add.at(self.by_cause, (journeys["cause"][left], journeys["origin_stop_id"][left]), 1)
        if legs is None or visits is None or not len(legs):
            return
        found = long_waits(journeys, legs, visits)
        wait_s = (legs["board_s"] - legs["wait_from_s"])[found.leg]
        self.long_stop.append(legs["board_stop_id"][found.leg])
        self.long_facts.append(np.stack([found.reason, wait_s / 60.0, found.headway_s / 60.0], axis=1))
        people = zip(legs["day"][found.leg].tolist(), legs["commuter_id"][found.leg].tolist(), strict=True)
        self.long_waits += len(set(people))

    def facts(self, strategy: str, stop_names: Mapping[str, str]) -> dict[str, Any]:
        """Return shares and places; nothing where hardly anybody is concerned."""
        people = max(self.commuters, 1)
        missing, waiting = self.by_cause.sum() / people, self.long_waits / people
        without = sum(
            counts.sum() / people
            for name, counts in zip(self.causes, self.by_cause, strict=True)
            if name == Cause.NO_JOURNEY_OPTION.table_name
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
            "long_wait_share": float(waiting),
            "long_wait_at": self._longest(stop_names) if self.long_waits else {},
        }

    def _longest(self, stop_names: Mapping[str, str]) -> dict[str, Any]:
        """Return where most wait beyond reason, how long, at which headway, and why most of them do."""
        stop, facts = np.concatenate(self.long_stop), np.concatenate(self.long_facts)
        counts = np.bincount(stop, minlength=len(self.boarded_at))
        here = facts[stop == counts.argmax()]
        reason = int(np.bincount(here[:, 0].astype(np.int64), minlength=len(REASONS)).argmax())
        here = here[here[:, 0] == reason]
        headway_min = {} if reason == EARLY else {"headway_min": float(np.median(here[:, 2]))}
        wait_min = float(np.median(here[:, 1]))
        return {
            **_place(counts, self.boarded_at, stop_names),
            "reason": REASONS[reason],
            "wait_min": wait_min,
            **headway_min,
        }


def _place(counts: IntArray, stops: tuple[str, ...], stop_names: Mapping[str, str]) -> dict[str, Any]:
    """Return the stop with most of them, its name and its share of them."""
    row = int(counts.argmax())
    share = float(counts[row] / max(counts.sum(), 1))
    return {"stop_id": stops[row], "stop": stop_names.get(stops[row], stops[row]), "stop_share": share}
