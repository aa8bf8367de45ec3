"""All replications of a run or comparison: in one process or several, kept as they are done, put together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from sim.advisor import Strategy
from sim.advisor.baselines import BASELINES, Baseline, baseline_by_name
from sim.advisor.compiled_scenario import CompiledScenario
from sim.advisor.loop import compile_scenario
from sim.engine import HoldingRule
from sim.experiments.memory import require_memory
from sim.experiments.pieces import run_key
from sim.experiments.replications import ReplicationTables, measured_replication
from sim.experiments.workers import DayCount, Progress, SharedInput, in_processes
from sim.metrics.summary import ReplicationValues, by_metric
from sim.model.journeys import JourneyOptions
from sim.model.scenario import Scenario
from sim.records.baseline_rows import RowsOfTables, with_baseline
from sim.records.parquet import count_rows
from sim.records.parquet_join import join_parquet
from sim.records.parts_folder import PartsFolder, PartWriter, StoredPart
from sim.records.progress_note import ProgressNote
from sim.records.schema import FURTHER_TABLES, TABLES
from sim.records.stored_tables import StoredTables, joined_names
from sim.records.table import Table, concatenate
from sim.scratch import scratch_folder

Usual = Callable[[], JourneyOptions]
_ALL = (*TABLES, *FURTHER_TABLES)


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
    settling : dict of str to float
        How the people the people that advice was given to came to where it found them, on average over replications.
    baselines : dict of str to SimulatedRun
        Where there are several, each by name, the first one again among them; all else is of the first.
    stored : StoredTables or None
        The files that hold the tables of all baselines; None in memory.
    """

    tables: Mapping[str, Table]
    values: ReplicationValues
    convergence: dict[str, dict[str, float | None]]
    optimum_exact: bool
    parts: PartsFolder | None
    settling: dict[str, float] = field(default_factory=dict)
    baselines: dict[str, SimulatedRun] = field(default_factory=dict)
    stored: StoredTables | None = None


def simulate_run(
    scenario: Scenario,
    strategies: Sequence[Strategy],
    jobs: int = 1,
    progress: Progress | None = None,
    holding: HoldingRule | None = None,
    folder: Path | None = None,
    usual: Usual | None = None,
    baselines: Sequence[Baseline] = BASELINES[:1],
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
    baselines : sequence of Baseline
        The people that advice is given to, each in turn.

    Raises
    ------
    RunFolderError
        When replications cannot be kept there.
    ScenarioError
        When a day needs more memory than there is.
    """
    require_memory(scenario)
    parts = None if folder is None else PartsFolder(folder, run_key(scenario, strategies, holding, baselines))
    run = _Setup(scenario, strategies, holding, parts, usual, baselines)
    if parts is None:
        return run.in_memory(jobs, progress)
    try:
        return run.kept(parts, jobs, progress)
    except BaseException:
        parts.release()
        raise


@dataclass(frozen=True)
class _ReplicationTask:
    """One replication; `folder` and `name` say where it is kept, or that it is returned."""

    compiled: SharedInput[CompiledScenario] | CompiledScenario
    strategies: Sequence[Strategy]
    replication: int
    days: DayCount
    folder: Path | None
    name: str
    baselines: Sequence[str]

    def run(self) -> list[ReplicationTables]:
        """Simulate; nothing is returned of what is kept."""
        compiled = self.compiled.get() if isinstance(self.compiled, SharedInput) else self.compiled
        # Baselines are sent to other processes by name: their entries hold functions.
        chosen = [baseline_by_name(name) for name in self.baselines]
        results = measured_replication(compiled, self.strategies, self.replication, self.days, chosen)
        if self.folder is None:
            return list(results)
        writer = PartWriter(self.folder, self.name)
        for result in results:
            named = result.tables if len(chosen) == 1 else with_baseline(result.tables, result.baseline)
            writer.add(_facts_of(result), named)
        writer.finish()
        return []


@dataclass(frozen=True)
class _Setup:
    scenario: Scenario
    strategies: Sequence[Strategy]
    holding: HoldingRule | None
    parts: PartsFolder | None
    usual: Usual | None
    baselines: Sequence[Baseline]

    def in_memory(self, jobs: int, progress: Progress | None) -> SimulatedRun:
        """Hold the tables of all replications."""
        total = self.scenario.parameters.replications
        with scratch_folder() as scratch:
            done = list(self._simulate(range(total), scratch, jobs, progress))
        of_baseline = []
        for start in self._first_rows():
            by_strategy = [part[start + row] for row in range(len(self.strategies)) for part in done]
            of_baseline.append(
                {
                    schema.name: concatenate(
                        [part.tables[schema.name] for part in by_strategy if schema.name in part.tables]
                    )
                    for schema in _ALL
                    if any(schema.name in part.tables for part in by_strategy)
                }
            )
        return self._put_together(of_baseline, [[_facts_of(result) for result in part] for part in done], None)

    def kept(self, parts: PartsFolder, jobs: int, progress: Progress | None) -> SimulatedRun:
        """Simulate what is not kept yet, and join what is."""
        total = self.scenario.parameters.replications
        missing = [number for number in range(total) if parts.find(number) is None]
        for _ in self._simulate(missing, parts.path, jobs, progress):
            pass
        done = [parts.opened(number) for number in range(total)]
        stored, of_baseline = self._joined(parts, done)
        return self._put_together(of_baseline, [part.facts for part in done], stored)

    def _simulate(
        self, numbers: Sequence[int], scratch: Path, jobs: int, progress: Progress | None
    ) -> Iterator[list[ReplicationTables]]:
        """Simulate replications in order."""
        parameters = self.scenario.parameters
        of_one = sum(len(self.strategies) * parameters.days + baseline.most_days for baseline in self.baselines)
        total = parameters.replications * of_one
        before = total - len(numbers) * of_one

        note = None if self.parts is None else ProgressNote(self.parts.path)

        def told(days: int) -> None:
            if note is not None:
                note.tell(before + days, total)
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
        work = (joblib.delayed(self._task(shared, number, days).run)() for number in numbers)
        watched: AbstractContextManager[None] = nullcontext() if progress is None else days.watched(told)
        with watched:
            yield from in_processes(processes, work)
        told(len(numbers) * of_one)

    def _task(
        self, compiled: SharedInput[CompiledScenario] | CompiledScenario, number: int, days: DayCount
    ) -> _ReplicationTask:
        folder, name = (None, "") if self.parts is None else (self.parts.path, self.parts.name_of(number))
        names = [baseline.name for baseline in self.baselines]
        return _ReplicationTask(compiled, self.strategies, number, days, folder, name, names)

    def _first_rows(self) -> range:
        """Return the number of the first strategy of each baseline among what a replication gives."""
        return range(0, len(self.baselines) * len(self.strategies), len(self.strategies))

    def _joined(self, parts: PartsFolder, done: Sequence[StoredPart]) -> tuple[StoredTables, list[Mapping[str, Table]]]:
        """Put the files of all replications together, strategy by strategy; return them, and those of each baseline."""
        folder = parts.path / ".tables"
        folder.mkdir(exist_ok=True)
        order = [(row, part) for row in range(len(self.baselines) * len(self.strategies)) for part in done]
        names = {}
        of_baseline: list[dict[str, slice]] = [{} for _ in self.baselines]
        for schema in _ALL:
            own = [(row, part) for row, part in order if schema.name in part.names[row]]
            if own:
                join_parquet(
                    [part.table_file(row, schema.name) for row, part in own], folder / f"{schema.name}.parquet"
                )
                names[schema.name] = joined_names([part.names[row][schema.name] for row, part in own])
                for number, rows in enumerate(self._rows_of_baselines(own, schema.name)):
                    of_baseline[number][schema.name] = rows
        stored = StoredTables(folder, names)
        if len(self.baselines) == 1:
            return stored, [stored]
        return stored, [RowsOfTables(stored, rows) for rows in of_baseline]

    def _rows_of_baselines(self, own: Sequence[tuple[int, StoredPart]], table: str) -> Iterator[slice]:
        """Yield which rows of a joined file are of each baseline, whose strategies stand together."""
        lengths = [(row, count_rows(part.table_file(row, table))) for row, part in own]
        start = 0
        for first in self._first_rows():
            end = start + sum(length for row, length in lengths if first <= row < first + len(self.strategies))
            yield slice(start, end)
            start = end

    def _put_together(
        self,
        tables: Sequence[Mapping[str, Table]],
        facts: Sequence[Sequence[Mapping[str, Any]]],
        stored: StoredTables | None,
    ) -> SimulatedRun:
        runs = [self._of_baseline(*pair, facts) for pair in zip(tables, self._first_rows(), strict=True)]
        if len(runs) == 1:
            return replace(runs[0], stored=stored)
        named = {baseline.name: run for baseline, run in zip(self.baselines, runs, strict=True)}
        return replace(runs[0], baselines=named, stored=stored)

    def _of_baseline(
        self, tables: Mapping[str, Table], first: int, facts: Sequence[Sequence[Mapping[str, Any]]]
    ) -> SimulatedRun:
        values, convergence = {}, {}
        for row, strategy in enumerate(self.strategies, first):
            own = [part[row] for part in facts]
            values[strategy.name] = by_metric([entry["metrics"] for entry in own])
            change_s = float(np.mean([entry["departure_change_s"] for entry in own]))
            convergence[strategy.name] = {
                "days_simulated": float(np.mean([entry["days_simulated"] for entry in own])),
                "departure_change_s": change_s if np.isfinite(change_s) else None,
            }
        exact = all(entry["optimum_exact"] for part in facts for entry in part)
        settled = [part[first]["settling"] for part in facts]
        settling = {name: float(np.mean([entry[name] for entry in settled])) for name in settled[0]}
        return SimulatedRun(tables, values, convergence, exact, self.parts, settling)


def _facts_of(result: ReplicationTables) -> dict[str, Any]:
    """Return what is kept of a strategy besides its tables; NaN and infinity as Python's JSON has them."""
    return {
        "days_simulated": result.days_simulated,
        "departure_change_s": result.departure_change_s,
        "optimum_exact": result.optimum_exact,
        "metrics": dict(result.metrics),
        "settling": asdict(result.settling),
    }
