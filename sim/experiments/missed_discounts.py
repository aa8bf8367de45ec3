"""Commuters who left at another time for a discount, and did not get it."""

from __future__ import annotations

import numpy as np

from sim.advisor import DayResult, ReplicationWorld
from sim.advisor.rehearsal.free_exits import moved_and_missed
from sim.model.notes import note
from sim.records.table import Table

TOLD_SHARE = 0.01
"""Share of those who moved for a discount from which on it is told that they missed it (assumed)."""


def missed_discounts(world: ReplicationWorld, result: DayResult) -> int:
    """Count those who left at another time as asked, for a discount that their journey then was not in.

    Vehicles that the movers themselves fill come later than those of any day known before.

    Parameters
    ----------
    world : ReplicationWorld
    result : DayResult
    """
    if result.own_departure_s is None:
        return 0
    scenario, population = world.compiled.scenario, world.population
    moves = moved_and_missed(scenario, population, result.plan, result.own_departure_s, result.records)
    return int(moves[1].sum())


def missed_discount_notes(days: Table) -> list[str]:
    """Say how many of those who moved for a discount missed it, at first and at last, where it is more than a few.

    Parameters
    ----------
    days : Table
        Of a run.
    """
    notes: list[str] = []
    for name in dict.fromkeys(days.text("strategy").tolist()):
        asked = days.equals("strategy", name) & (days["kept"] > 0)
        if not days["missed_discount"][asked].sum() >= TOLD_SHARE * max(days["kept"][asked].sum(), 1):
            continue
        edges = (asked & (days["day"] == edge(days["day"][asked])) for edge in (np.min, np.max))
        first, last = (days["missed_discount"][rows].sum() / days["kept"][rows].sum() for rows in edges)
        notes.append(note("discount_missed", name=name, first=f"{100 * first:.0f}", last=f"{100 * last:.0f}"))
    return notes
