"""``peakshift validate``: look at input without running it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.exceptions import Exit

from sim.cli.completion import complete_scenarios_and_networks
from sim.cli.options import json_option, set_option
from sim.cli.output import echo, print_json
from sim.errors import InputError, Problem
from sim.loading.shipped import find_network, find_scenario

if TYPE_CHECKING:
    from sim.loading.validate import ValidationReport


@click.command(short_help="Check scenario files, network folders and GTFS zips.")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, shell_complete=complete_scenarios_and_networks)
@set_option
@json_option
def validate(paths: tuple[str, ...], settings: tuple[str, ...], as_json: bool) -> None:
    """Check scenario files with all they name, network folders and GTFS zips.

    Every problem is a line on stderr; with --json the list of problems is printed. Demand is held
    against the timetable: where more than 1 % (assumed) of the commuters have no journey, or more than
    3 % leave after the last vehicle or an hour before the next, that is said. So it is where flexibility
    holds no other departure window, and where nobody is advised or nobody follows.

    With --set scenarios are checked as `run` would take them; networks have no keys.
    """
    from sim.loading.validate import kind_of_path

    if settings and all(kind_of_path(Path(path)) != "scenario" for path in paths):
        raise click.UsageError("--set replaces keys of scenarios, and no PATH is a scenario")
    found: list[dict[str, Any]] = []
    for path in paths:
        problems, mentions, line = _checked(path, settings)
        found += [{"path": path, **asdict(problem)} for problem in problems]
        for problem in (*problems, *mentions):
            echo(" ".join(str(problem).split()), err=True)
        if not as_json:
            echo(line)
    if as_json:
        print_json(found)
    if found:
        raise Exit(1)


def _checked(path: str, settings: Sequence[str]) -> tuple[tuple[Problem, ...], Sequence[Problem | str], str]:
    """Return problems, mentions and the line that sums up."""
    from sim.experiments.advice_remarks import advice_remarks
    from sim.experiments.demand_check import demand_remarks
    from sim.experiments.memory import memory_problems
    from sim.experiments.refusals import refusals
    from sim.experiments.rounded_flows import rounding_remarks
    from sim.loading.validate import validate_path

    try:
        find = find_network if path.lower().endswith(".zip") else find_scenario
        report = validate_path(
            path if Path(path).exists() else find(path),
            (refusals,),
            (demand_remarks, rounding_remarks, advice_remarks),
            (memory_problems,),
            settings,
        )
    except InputError as error:
        return error.problems, error.advice, f"{path}: not found"
    if report.ok:
        remarks = [f"{path}: {remark}" for remark in report.remarks]
        return (), [*report.mentions, *remarks], f"{path}: ok ({_contents(report)})"
    count = len(report.problems)
    return report.problems, report.mentions, f"{path}: {count} problem{'s' if count > 1 else ''} ({report.kind})"


def _contents(report: ValidationReport) -> str:
    counts = ", ".join(_counted(count, name) for name, count in report.counts.items())
    return f"{report.kind}, {counts}"


def _counted(count: float, name: str) -> str:
    number = f"{count:,.0f}" if float(count).is_integer() else f"{count:,.1f}"
    return f"{number} {name.removesuffix('s') if count == 1 else name}"
