"""``peakshift optimum``: the best plan that a search finds, and how far any plan could be below it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sim.cli.completion import complete_scenarios
from sim.cli.options import Whole, json_option, set_option
from sim.cli.output import echo, print_json, print_wrapped, progress_bar, text_width
from sim.loading.shipped import find_scenario


@click.command(short_help="Search for the best plan, and bound what any plan could reach.")
@click.argument("scenario", metavar="SCENARIO", shell_complete=complete_scenarios)
@click.option(
    "--baseline",
    type=click.Choice(["habit", "adapted"]),
    default="habit",
    show_default=True,
    help="The people that advice is given to: those who leave by habit, or have settled by themselves.",
)
@click.option(
    "--out", metavar="DIR", help="Folder to write; an older search there is replaced.  [default: runs/NAME-optimum]"
)
@click.option("--seed", type=Whole(min=0), metavar="N", help="Seed, instead of the scenario's.")
@click.option("--replications", type=Whole(1, 1000), metavar="N", default=3, show_default=True, help="Repetitions.")
@click.option(
    "--rounds",
    type=Whole(1, 10_000),
    metavar="N",
    default=60,
    show_default=True,
    help="Rounds of improvement from each start.",
)
@click.option(
    "--fresh",
    type=Whole(2, 1000),
    metavar="N",
    default=6,
    show_default=True,
    help="Draws on which plans are tried that none was made with.",
)
@click.option(
    "--hindsight",
    type=Whole(0, 10_000),
    metavar="N",
    default=20,
    show_default=True,
    help="Rounds of improvement for each fresh draw by itself; 0 leaves hindsight out.",
)
@set_option
@json_option
def optimum(scenario: str, out: str | None, settings: tuple[str, ...], as_json: bool, **asked: Any) -> None:
    """Search for the best plan of departure windows by simulating plans, and say how much of it advice takes.

    The search knows what the advisor may know, starts from several plans, among them that of coordinated advice and
    where people settle by themselves, and is tried on draws that no plan was made with. Beside it stand the best plan
    with hindsight and a proven bound below all plans. Nothing is searched for where the advisor sees counts of real
    days, few or noisy ones: it does not know everybody who travels then.
    """
    from sim import api
    from sim.advisor.optimum.search import SearchSize
    from sim.cli.run_folders import RUNS, check_writable
    from sim.experiments.optimum import rows_of
    from sim.records.optimum_folder import check_optimum_folder
    from sim.report.numbers import format_number
    from sim.report.text_grid import fitted_grid

    path = find_scenario(scenario)
    loaded = api.load_scenario(path, overrides=list(settings))
    folder = RUNS / f"{loaded.name}-optimum" if out is None else Path(out)
    check_optimum_folder(folder)
    check_writable(folder)
    size = SearchSize(rounds=asked["rounds"], fresh=asked["fresh"], hindsight_rounds=asked["hindsight"])
    with progress_bar("searching", "rounds") as progress:
        found = api.optimum(
            path,
            baseline=asked["baseline"],
            size=size,
            seed=asked["seed"],
            replications=asked["replications"],
            overrides=list(settings),
            progress=progress,
        )
    found.write(folder)
    if as_json:
        print_json({**found.summary, "run_folder": str(folder)})
        return
    rows = [[name, format_number(mean, 2), format_number(half, 2)] for name, mean, half in rows_of(found.summary)]
    echo(fitted_grid(["plan, or bound below plans", "mean cost (min)", "±"], rows, text_width()))
    echo()
    print_wrapped(found.summary["answer"])
    echo(f"\nfolder  {folder}")
