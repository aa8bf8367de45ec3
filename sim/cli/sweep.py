"""``peakshift sweep``: strategies over a grid of values, going on where it stopped."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.advisor.defaults import DEFAULT_STRATEGIES
from sim.cli.compare import named_strategies
from sim.cli.completion import complete_keys, complete_scenarios
from sim.cli.failures import interruptible
from sim.cli.options import SimulationSettings, simulation_options
from sim.cli.output import counted, echo, print_json, print_sentences, progress_bar, table_width
from sim.cli.run_folders import RUNS, check_writable
from sim.cli.workers import workers
from sim.loading.shipped import find_scenario

if TYPE_CHECKING:
    from sim.api import SweepResult


@click.command(short_help="Simulate strategies over a grid of values of some keys.")
@click.argument("scenario", shell_complete=complete_scenarios)
@click.option(
    "--vary",
    "varied",
    shell_complete=complete_keys,
    metavar="KEY=V1,V2,...",
    multiple=True,
    required=True,
    help="Values of a key, as in --vary advisor.penetration=0,0.1,0.2; several keys make a grid.",
)
@click.option(
    "--strategies",
    metavar="NAME,NAME,...",
    default=None,
    show_default=f"{','.join(DEFAULT_STRATEGIES)}, and none alone where no day has advice",
    help="What to compare; none is always run, and differences are taken against it.",
)
@click.option("--shard", metavar="I/N", help="Run only part I of N, into the folder of --catalogue.")
@click.option(
    "--catalogue",
    metavar="DIR",
    help="Folder that all shards write to.  Without --shard and --collect the part is read from a Slurm job array "
    "(SLURM_ARRAY_TASK_ID) or an indexed Job of Kubernetes (JOB_COMPLETION_INDEX, JOB_COMPLETIONS).  "
    "[default: runs/NAME-shards]",
)
@click.option("--collect", is_flag=True, help="Put all shards in the folder of --catalogue together; run nothing.")
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Use the workers of a Dask scheduler, as in tcp://10.0.0.1:8786, instead of --jobs processes here.",
)
@simulation_options
def sweep(
    scenario: str,
    varied: tuple[str, ...],
    strategies: str | None,
    shard: str | None,
    catalogue: str | None,
    collect: bool,
    cluster: str | None,
    settings: SimulationSettings,
) -> None:
    """Simulate SCENARIO under several strategies at every combination of values, on the same draws.

    Keys of service and demand may be varied too: levels are shown, and changes against the first point.

    SCENARIO is a scenario file, or the name of one that comes with peakshift. Every finished piece of
    work is kept in the folder (default: runs/NAME-sweep): called again after an interruption, or with
    more values, strategies or replications, the command runs only what is missing.

    On several machines, run the same command with --shard 1/N to --shard N/N on each, and then once with
    --collect: the result is that of one process. See docs/scaling.md.
    """
    from sim import api
    from sim.cli.simulation import warn
    from sim.loading.scenario import read_parameters

    names = None if strategies is None else named_strategies(strategies)
    vary = _grid(varied)
    path = find_scenario(scenario)
    parameters, _ = read_parameters(path, settings.overrides)
    shards = RUNS / f"{parameters.name}-shards" if catalogue is None else Path(catalogue)
    if shard is not None or (catalogue is not None and not collect):
        if collect or settings.out is not None:
            raise click.UsageError(
                "--shard writes to --catalogue alone; name --collect and --out in a call of their own"
            )
        _run_shard(path, vary, names, (shard, shards), settings, cluster)
        return
    folder = RUNS / f"{parameters.name}-sweep" if settings.out is None else Path(settings.out)
    check_writable(folder)
    with _kept_in(folder), workers(settings.jobs, cluster) as jobs, progress_bar("sweeping", "pieces") as progress:
        result = api.sweep(
            path,
            vary,
            names,
            overrides=settings.overrides,
            folder=folder,
            jobs=jobs,
            progress=progress,
            collect=shards if collect else None,
        )
    warn(result.manifest)
    if settings.as_json:
        print_json({**result.summary, "sweep_folder": str(folder)})
    else:
        _print_result(result, parameters.name, folder)


def _kept_in(folder: Path) -> AbstractContextManager[None]:
    return interruptible(lambda: f"interrupted; finished work is kept in {folder}, the same command goes on from there")


def _print_result(result: SweepResult, name: str, folder: Path) -> None:
    """Print the table of a sweep, what it means, and where its files are."""
    from sim.report.strategy_looks import StrategyLooks
    from sim.report.sweep_section import (
        LEGEND,
        PARTS_LEGEND,
        by_baseline,
        parts_rows,
        settled_sentences,
        sweep_rows,
        sweep_table,
        verdict_by_strategy,
    )

    points = counted(len(result.summary["points"]), "point")
    echo(f"{name}: {counted(result.manifest['replications'], 'replication')} at {points}\n")
    has_parts = False
    keys, looks = list(result.summary["vary"]), StrategyLooks.of(result.manifest).by_name()
    for label, summary in by_baseline(result.summary).items():
        if label:
            echo(f"against {label}\n")
        echo(sweep_table(keys, *sweep_rows(summary), table_width()))
        echo()
        for sentences in (settled_sentences(summary), *(said for _, said in verdict_by_strategy(summary, looks))):
            if sentences:
                print_sentences(sentences)
                echo()
        head, rows = parts_rows(summary)
        if rows:
            has_parts = True
            echo(sweep_table(keys, head, rows, table_width()))
            echo()
    legends = [LEGEND, *([PARTS_LEGEND] if has_parts else [])]
    print_sentences(legends)
    echo(f"\nsweep folder  {folder}\nreport        {folder / 'report.html'}")


def _run_shard(
    path: Path,
    vary: dict[str, tuple[object, ...]],
    names: list[str] | None,
    shard: tuple[str | None, Path],
    settings: SimulationSettings,
    cluster: str | None,
) -> None:
    """Run one part of the sweep, into the folder of all parts, and say what was done."""
    from sim import api
    from sim.experiments.shards import Shard

    named, folder = shard
    part = str(Shard.of_array_job(os.environ)) if named is None else named
    with (
        _kept_in(folder),
        workers(settings.jobs, cluster) as jobs,
        progress_bar(f"shard {part}", "pieces") as progress,
    ):
        report = api.sweep_shard(
            path,
            vary,
            names,
            shard=part,
            catalogue=folder,
            overrides=settings.overrides,
            jobs=jobs,
            progress=progress,
        )
    if settings.as_json:
        done = {"shard": str(report.shard), "pieces": report.pieces, "run": report.run}
        print_json({**done, "catalogue": str(report.catalogue)})
        return
    echo(f"shard {report.shard}: {counted(report.pieces, 'piece')}, {report.run} of them run now")
    echo(f"catalogue     {report.catalogue}")


def _grid(varied: tuple[str, ...]) -> dict[str, tuple[object, ...]]:
    from sim.errors import InputError, Problem
    from sim.experiments.sweep_points import parse_vary

    vary: dict[str, tuple[object, ...]] = {}
    for text in varied:
        key, values = parse_vary(text)
        if key in vary:
            raise InputError([Problem("--vary", 0, 0, key, "is varied twice; name all its values in one --vary")])
        vary[key] = values
    return vary
