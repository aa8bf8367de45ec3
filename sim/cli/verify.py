"""``peakshift verify``: theory beside simulation."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import click

from sim.cli.completion import complete_cases
from sim.cli.failures import InputWrong
from sim.cli.options import Within, engine_option, jobs_option, json_option
from sim.cli.output import echo, print_json, print_wrapped, progress_bar, table_width

_MOST_LETTERS = 50
PASSED = ("pass", "passed", "ok")


@click.command(short_help="Put theory beside simulation.")
@click.argument("cases", metavar="[CASE]...", nargs=-1, shell_complete=complete_cases)
@click.option(
    "--set",
    "settings",
    metavar="KEY=VALUE",
    multiple=True,
    help="Replace a parameter of the cases, as in --set 'delta=[2, 1, 0]'; may be given several times.",
)
@click.option("--scenario-out", metavar="FILE", help="Write the scenario of the one CASE too, so that run repeats it.")
@click.option(
    "--run",
    "folders",
    type=click.Path(path_type=Path),
    metavar="DIR",
    multiple=True,
    help="Measure the one CASE in this run folder of its scenario instead of simulating; twice for a case about two "
    "scenarios, the reference second.",
)
@click.option(
    "--catch",
    type=Within(0.012, 0.5),
    metavar="SHARE",
    help="Simulate until every stochastic case would catch a bias of this share of theory 9 times in 10, as 0.02; "
    "takes several times as long.",
)
@click.option("--list", "lists", is_flag=True, help="Name all cases with what each is about, and simulate nothing.")
@jobs_option
@engine_option
@json_option
def verify(  # noqa: PLR0913 - one for each option
    cases: tuple[str, ...],
    *,
    settings: tuple[str, ...],
    scenario_out: str | None,
    folders: tuple[Path, ...],
    catch: float | None,
    lists: bool,
    jobs: int | Literal["auto"],
    engine: str | None,
    as_json: bool,
) -> None:
    """Simulate cases whose answer is known from theory, all of them unless some are named.

    The exit code is 1 where a case fails.
    """
    if scenario_out is not None and len(cases) != 1:
        raise click.UsageError("--scenario-out writes the scenario of one case; name exactly one CASE")
    if folders and len(cases) != 1:
        raise click.UsageError("--run measures one case; name exactly one CASE")
    from sim import verification
    from sim.api.arguments import number_of_processes

    if lists:
        _list(verification.case_quantities(), as_json)
        return
    if scenario_out is not None:
        verification.write_scenario(cases[0], settings, Path(scenario_out))
    if folders:
        rows = verification.measure_runs(cases[0], settings, folders)
    else:
        with progress_bar("simulating") as progress:
            processes = number_of_processes(jobs)
            rows = verification.run_cases(cases, settings, processes, progress, engine or "auto", catch)
    if as_json:
        print_json(rows)
    else:
        _print_table(rows, scenario_out)
    failed = [row for row in rows if row["verdict"] not in PASSED]
    if failed:
        raise InputWrong([_failure(row) for row in failed])


def _print_table(rows: list[dict[str, Any]], scenario_out: str | None) -> None:
    """Print the cases, a row each, and where the scenario of one was written."""
    from sim.report.terminal import verification_table

    echo(verification_table([{**row, "params": _short(row["params"])} for row in rows], table_width()))
    if scenario_out is not None:
        others = "" if len(rows) == 1 else f", with the first of the {len(rows)} sets of params; --set chooses others"
        echo(f"\nscenario  {scenario_out}{others}")


def _list(quantities: dict[str, str], as_json: bool) -> None:
    """Print the cases, a line or two each."""
    if as_json:
        print_json([{"case": case, "quantity": quantity} for case, quantity in quantities.items()])
        return
    for case, quantity in quantities.items():
        echo(case)
        print_wrapped(quantity, "    ", "    ")


def _short(params: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters with … for values that a table has no room for; JSON gives them whole."""
    return {name: value if len(str(value)) <= _MOST_LETTERS else "…" for name, value in params.items()}


def _failure(row: dict[str, Any]) -> str:
    reason = row.get("reason") or "theory and simulation disagree"
    return f"{row['case']}: {reason} (theory {row['theory']}, simulation {row['simulation']})"
