"""The tables that tell of advice: what was forecast for those who followed it, and the places that it gave out."""

from __future__ import annotations

from sim.advisor import DayResult, ReplicationWorld
from sim.experiments.quota_rows import quota_rows
from sim.experiments.scored_days import DayScorer
from sim.records.day_facts import RowKey
from sim.records.forecast_table import FORECASTS
from sim.records.quota_table import QUOTAS
from sim.records.table import Table, assemble, concatenate


class AdviceTables:
    """Collects them over the days of a run, one day after the other.

    Parameters
    ----------
    world : ReplicationWorld
    """

    def __init__(self, world: ReplicationWorld) -> None:
        self.world, self.scorer = world, DayScorer(world)
        self.days: dict[str, list[Table]] = {FORECASTS.name: [], QUOTAS.name: []}

    def see(self, result: DayResult, key: RowKey, is_kept: bool) -> None:
        """Take up the next day; its rows where it is kept, what later forecasts are made from in any case.

        Parameters
        ----------
        result : DayResult
        key : RowKey
        is_kept : bool
        """
        if is_kept and (scored := self.scorer.scored(result, key)) is not None:
            self.days[FORECASTS.name].append(assemble(FORECASTS, scored))
        if is_kept and (quotas := quota_rows(self.world, result, key)) is not None:
            self.days[QUOTAS.name].append(quotas)
        self.scorer.remember(result)

    def tables(self) -> dict[str, Table]:
        """Return the tables that have rows, by name."""
        return {name: concatenate(days) for name, days in self.days.items() if days}
