"""All replications of a run or comparison: in one process or several, kept as they are done, put together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from sim.advisor import Strategy
from sim.advisor.loop import CompiledScenario, compile_scenario
from sim.engine import HoldingRule
from sim.experiments.memory import require_memory
from sim.experiments.pieces import run_key
from sim.experiments.replications import ReplicationTables, measured_replication
from sim.experiments.workers import DayCount, Progress, SharedInput, end_with_parent
from sim.metrics.summary import ReplicationValues, by_metric
from sim.model.journeys import JourneyOptions
from sim.model.scenario import Scenario
from sim.records.parquet_join import join_parquet
from sim.records.parts_folder import PartsFolder, PartWriter, StoredPart
from sim.records.schema import COMPARISON_TABLES, COURSE_TABLES, TABLES
from sim.records.stored_tables import StoredTables, joined_names
from sim.records.table import Table, concatenate

Usual = Callable[[], JourneyOptions]
_ALL = (*TABLES, *COURSE_TABLES, *COMPARISON_TABLES)


@dataclass(frozen=True)
class SimulatedRun:
    """What came of all replications.

    Attributes
    ----------
    tables : mapping of str to Table
        Sorted by strategy as given, then replication, then day; with `account` and `fairness` where `none`
        and another strategy were run. On disk where the run is kept, else in memory.
    values : dict of str to dict of str to ndarray, shape (replications,)
        Strategy, then metric.
    convergence : dict
        By strategy: `days_simulated`, the mean number of days that were not skipped, and
        `departure_change_s`, the mean change of departure from the last day but one to the
        last; None where there was one day only.
    optimum_exact : bool
        Whether the least total cost is the system optimum on all kept days, and not a bound below it.
    parts : PartsFolder or None
        Where finished replications are kept.
    """

    tables: Mapping[str, Table]
    values: ReplicationValues
    convergence: dict[str, dict[str, float | None]]
    optimum_exact: bool
    parts: PartsFolder | None


def simulate_run(
    scenario: Scenario,
    strategies: Sequence[Strategy],
    jobs: int = 1,
    progress: Progress | None = None,
    holding: HoldingRule | None = None,
    folder: Path | None = None,
    usual: Usual | None = None,
) -> SimulatedRun:
    """Simulate all replications under all strategies.

    Strategies meet the same people, the same wishes and the same chance in a replication
    (common random numbers), so that their results can be paired.

    Parameters
    ----------
    scenario : Scenario
    strategies : sequence of Strategy
        In the order of the tables.
    jobs : int
        Processes to use; the results are the same whatever their number.
    progress : callable or None
        Told (finished, total) simulated days.
    holding : HoldingRule or None
        Control of vehicles, instead of that of the scenario; picklable for several processes.
    folder : Path or None
        Run folder to be. Finished replications are kept beside it, so that memory does not grow with their
        number, and a run that was killed goes on from them. None keeps everything in memory.
    usual : callable or None
        Returns the journey options of `scenario.wishes_of`, which several variants have in common.

    Raises
    ------
    RunFolderError
        When replications cannot be kept there.
    ScenarioError
        When a day needs more memory than there is.
    """
    require_memory(scenario)
    parts = None if folder is None else PartsFolder(folder, run_key(scenario, strategies, holding))
    run = _Run(scenario, strategies, holding, parts, usual)
    if parts is None:
        return run.in_memory(jobs, progress)
    try:
        return run.kept(parts, jobs, progress)
    except BaseException:
        parts.release()
        raise


@dataclass(frozen=True)
class _Task:
    """One replication; `folder` and `name` say where it is kept, or that it is returned."""

    compiled: SharedInput[CompiledScenario] | CompiledScenario
    strategies: Sequence[Strategy]
    replication: int
    days: DayCount
    folder: Path | None
    name: str

    def run_elsewhere(self) -> list[ReplicationTables]:
        """Simulate in a process of its own."""
        end_with_parent()
        return self.run()

    def run(self) -> list[ReplicationTables]:
        """Simulate; nothing is returned of what is kept."""
        compiled = self.compiled.get() if isinstance(self.compiled, SharedInput) else self.compiled
        results = measured_replication(compiled, self.strategies, self.replication, self.days)
        if self.folder is None:
            return list(results)
        writer = PartWriter(self.folder, self.name)
        for result in results:
            writer.add(_facts_of(result), result.tables)
        writer.finish()
        return []


@dataclass(frozen=True)
class _Run:
    scenario: Scenario
    strategies: Sequence[Strategy]
    holding: HoldingRule | None
    parts: PartsFolder | None
    usual: Usual | None

    def in_memory(self, jobs: int, progress: Progress | None) -> SimulatedRun:
        """Hold the tables of all replications."""
        total = self.scenario.parameters.replications
        with TemporaryDirectory(prefix="peakshift-") as scratch:
            done = list(self._simulate(range(total), Path(scratch), jobs, progress))
        by_strategy = [part[row] for row in range(len(self.strategies)) for part in done]
        tables = {
            schema.name: concatenate([part.tables[schema.name] for part in by_strategy if schema.name in part.tables])
            for schema in _ALL
            if any(schema.name in part.tables for part in by_strategy)
        }
        return self._put_together(tables, [[_facts_of(result) for result in part] for part in done])

    def kept(self, parts: PartsFolder, jobs: int, progress: Progress | None) -> SimulatedRun:
        """Simulate what is not kept yet, and join what is."""
        total = self.scenario.parameters.replications
        missing = [number for number in range(total) if parts.find(number) is None]
        for _ in self._simulate(missing, parts.path, jobs, progress):
            pass
        done = [parts.opened(number) for number in range(total)]
        return self._put_together(self._joined(parts, done), [part.facts for part in done])

    def _simulate(
        self, numbers: Sequence[int], scratch: Path, jobs: int, progress: Progress | None
    ) -> Iterator[list[ReplicationTables]]:
        """Simulate replications in order."""
        parameters = self.scenario.parameters
        of_one = len(self.strategies) * parameters.days
        total = parameters.replications * of_one
        before = total - len(numbers) * of_one

        def told(days: int) -> None:
            if progress is not None:
                progress(before + days, total)

        told(0)
        if not numbers:
            return
        compiled = compile_scenario(self.scenario, self.holding, None if self.usual is None else self.usual())
        processes = min(jobs, len(numbers))
        if processes == 1:
            days = DayCount(told=told)
            for number in numbers:
                yield self._task(compiled, number, days).run()
            return
        import joblib

        days = DayCount(scratch / ".days")
        # A rule of the user's own may be of a class that other processes cannot import; joblib sends that too.
        shared = SharedInput(compiled, scratch / ".input") if self.holding is None else compiled
        work = (joblib.delayed(self._task(shared, number, days).run_elsewhere)() for number in numbers)
        watched: AbstractContextManager[None] = nullcontext() if progress is None else days.watched(told)
        with watched:
            yield from joblib.Parallel(n_jobs=processes, return_as="generator")(work)
        told(len(numbers) * of_one)

    def _task(self, compiled: SharedInput[CompiledScenario] | CompiledScenario, number: int, days: DayCount) -> _Task:
        folder, name = (None, "") if self.parts is None else (self.parts.path, self.parts.name_of(number))
        return _Task(compiled, self.strategies, number, days, folder, name)

    def _joined(self, parts: PartsFolder, done: Sequence[StoredPart]) -> StoredTables:
        """Put the files of all replications together, strategy by strategy."""
        folder = parts.path / ".tables"
        folder.mkdir(exist_ok=True)
        order = [(row, part) for row in range(len(self.strategies)) for part in done]
        names = {}
        for schema in _ALL:
            own = [(row, part) for row, part in order if schema.name in part.names[row]]
            if own:
                join_parquet(
                    [part.table_file(row, schema.name) for row, part in own], folder / f"{schema.name}.parquet"
                )
                names[schema.name] = joined_names([part.names[row][schema.name] for row, part in own])
        return StoredTables(folder, names)

    def _put_together(self, tables: Mapping[str, Table], facts: Sequence[Sequence[Mapping[str, Any]]]) -> SimulatedRun:
        values, convergence = {}, {}
        for row, strategy in enumerate(self.strategies):
            own = [part[row] for part in facts]
            values[strategy.name] = by_metric([entry["metrics"] for entry in own])
            change_s = float(np.mean([entry["departure_change_s"] for entry in own]))
            convergence[strategy.name] = {
                "days_simulated": float(np.mean([entry["days_simulated"] for entry in own])),
                "departure_change_s": change_s if np.isfinite(change_s) else None,
            }
        exact = all(entry["optimum_exact"] for part in facts for entry in part)
        return SimulatedRun(tables, values, convergence, exact, self.parts)


def _facts_of(result: ReplicationTables) -> dict[str, Any]:
    """Return what is kept of a strategy besides its tables; NaN and infinity as Python's JSON has them."""
    return {
        "days_simulated": result.days_simulated,
        "departure_change_s": result.departure_change_s,
        "optimum_exact": result.optimum_exact,
        "metrics": dict(result.metrics),
    }
