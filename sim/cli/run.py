"""``peakshift run``: simulate a scenario as written."""

from __future__ import annotations

import click

from sim.cli.completion import complete_scenarios
from sim.cli.options import SimulationSettings, simulation_options
from sim.cli.output import counted, echo, print_json, print_sentences, text_width
from sim.cli.run_folders import run_folder, say_where
from sim.loading.shipped import find_scenario


@click.command(short_help="Simulate a scenario as written.")
@click.argument("scenario", shell_complete=complete_scenarios)
@simulation_options
def run(scenario: str, settings: SimulationSettings) -> None:
    """Simulate SCENARIO as written and write a run folder.

    Finished replications are kept beside it until it is written: called again after an interruption, the command
    goes on from them.

    SCENARIO is a scenario file, or the name of one that comes with peakshift. Its own advisor
    strategy is used, none unless it names one.
    """
    from sim import api
    from sim.cli.simulation import finish, load, simulating
    from sim.report.terminal import run_table, verdict

    path = find_scenario(scenario)
    loaded = load(path, settings)
    folder = run_folder(settings.out, loaded.name, "run", path)
    with simulating(folder) as progress:
        result = api.run(loaded, jobs=settings.jobs, progress=progress, folder=folder)
    finish(result, path, folder)
    if settings.as_json:
        print_json({**result.summary, "run_folder": str(folder)})
        return
    manifest = result.manifest
    echo(f"{loaded.name}: {counted(manifest['replications'], 'replication')}, strategy {manifest['strategies'][0]}\n")
    echo(run_table(result.summary, text_width()))
    echo()
    print_sentences(verdict(result.summary))
    say_where(folder)
