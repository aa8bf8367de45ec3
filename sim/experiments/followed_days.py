"""Days of a run on which advice was given, with the rides of those who followed it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.arrays import IntArray
from sim.errors import UnknownNameError
from sim.experiments.observed_days import boarding_visits, observed_days
from sim.experiments.place_ledger import Followers
from sim.metrics.grouping import of_strategy
from sim.model.scenario import Scenario
from sim.population.observation import VisitFacts
from sim.records.table import Table


def advising_strategy(tables: Mapping[str, Table], wanted: str | None) -> str:
    """Return the strategy of a run whose days are read: the one wanted, else the last that advised anybody.

    Where nobody was advised it is the first one that was run.

    Parameters
    ----------
    tables : mapping of str to Table
        `journeys` among them.
    wanted : str or None

    Raises
    ------
    UnknownNameError
        When the strategy wanted was not run.
    """
    journeys = tables["journeys"]
    # Without commuters there is no journey: the vehicles ran under the strategies all the same.
    names = journeys.categories["strategy"] or tables["stop_visits"].categories["strategy"]
    if wanted is not None:
        if wanted not in names:
            raise UnknownNameError(f"the run holds no strategy {wanted!r}; there are {', '.join(names)}")
        return wanted
    row = np.unique(journeys["strategy"][journeys["advised"].astype(bool)])
    return names[int(row[-1])] if len(row) else names[0]


def followed_days(scenario: Scenario, tables: Mapping[str, Table], strategy: str) -> list[tuple[VisitFacts, Followers]]:
    """Rebuild the days on which a strategy advised somebody, each with the rides of those who followed its advice.

    Days before its first day with advice, or on which it had nothing better to say than to leave as usual, show nothing
    of what its followers meet. Where it advised nobody on any day these are all its days.

    Parameters
    ----------
    scenario : Scenario
        The one that made the tables.
    tables : mapping of str to Table
        `journeys`, `legs` and `stop_visits`.
    strategy : str
    """
    own = {name: of_strategy(tables[name], strategy) for name in ("journeys", "legs", "stop_visits")}
    days = observed_days(scenario, own)
    keys = _day_keys(own["stop_visits"])
    advised = set(_day_keys(own["journeys"].where(own["journeys"]["advised"].astype(bool)))) or set(keys)
    return [
        (facts, _followers(scenario, facts, *(_of_day(own[name], key) for name in ("journeys", "legs"))))
        for key, facts in zip(keys, days, strict=True)
        if key in advised
    ]


def _day_keys(visits: Table) -> list[tuple[int, int]]:
    pairs = np.stack([visits["replication"], visits["day"]], axis=1)
    return [(int(replication), int(day)) for replication, day in np.unique(pairs, axis=0).tolist()]


def _of_day(table: Table, key: tuple[int, int]) -> Table:
    return table.where((table["replication"] == key[0]) & (table["day"] == key[1]))


def _followers(scenario: Scenario, facts: VisitFacts, journeys: Table, legs: Table) -> Followers:
    follows = journeys["commuter_id"][journeys["complied"].astype(bool)]
    rides = legs.where(np.isin(legs["commuter_id"], follows) & np.isfinite(legs["alight_s"]))
    if not len(rides):
        return Followers(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    board = boarding_visits(scenario, rides, facts.departure_s)
    return Followers(board, _alighting_visits(scenario, rides, board))


def _alighting_visits(scenario: Scenario, legs: Table, board: IntArray) -> IntArray:
    """Find the visit at which each leg got out: the first one of its run after boarding at its stop."""
    service = scenario.service
    stop_row = scenario.network.stop_index
    stops = np.array([stop_row[name] for name in legs.categories["alight_stop_id"]], dtype=np.int64)
    visits = len(service.visit_stop)
    code = (service.runs.of_visit * len(stop_row) + service.visit_stop) * visits + np.arange(visits)
    order = np.argsort(code, kind="stable")
    wanted = (service.runs.of_visit[board] * len(stop_row) + stops[legs["alight_stop_id"]]) * visits + board + 1
    found: IntArray = order[np.minimum(np.searchsorted(code[order], wanted), visits - 1)]
    return found
