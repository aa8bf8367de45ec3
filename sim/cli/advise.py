"""``peakshift advise``: departure windows for one journey."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.options import json_option
from sim.cli.output import print_json, progress_bar, text_width
from sim.errors import SimError
from sim.loading.shipped import find_scenario

if TYPE_CHECKING:
    from sim.experiments.window_options import WindowOption
    from sim.model.scenario import Scenario
    from sim.records.table import Table


def _clock_time(_context: click.Context, _option: click.Parameter, value: str) -> float:
    """Read a time of day as seconds after midnight of the service day."""
    from sim.units import parse_clock

    try:
        return parse_clock(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _duration(_context: click.Context, _option: click.Parameter, value: str | None) -> float | None:
    """Read a duration that is not negative, in seconds."""
    from sim.units import parse_duration

    if value is None:
        return None
    try:
        length_s = parse_duration(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    if length_s < 0:
        raise click.BadParameter(f"{value!r} is negative")
    return length_s


@dataclass(frozen=True)
class _Journey:
    """What was asked for; times in seconds."""

    origin: str
    destination: str
    arrive_by_s: float
    earlier_s: float | None
    later_s: float | None


@click.command(short_help="Recommend when to leave for a journey.")
@click.argument("source", metavar="SCENARIO|RUN")
@click.option("--from", "origin", metavar="STOP", required=True, help="Stop of departure, by id or name.")
@click.option("--to", "destination", metavar="STOP", required=True, help="Stop of arrival, by id or name.")
@click.option("--arrive-by", callback=_clock_time, metavar="HH:MM", required=True, help="Preferred arrival.")
@click.option(
    "--earlier",
    callback=_duration,
    metavar="DURATION",
    help="How much earlier than the scheduled journey needs one could leave, as '30 min'; else as the scenario has it.",
)
@click.option("--later", callback=_duration, metavar="DURATION", help="How much later than that.")
@json_option
def advise(
    source: str,
    origin: str,
    destination: str,
    arrive_by: float,
    earlier: float | None,
    later: float | None,
    as_json: bool,
) -> None:
    """Recommend departure windows for a journey, best first.

    A run folder is read as it is: what was observed in it without advice, where it holds that.
    A scenario is simulated without advice first.
    """
    from sim.report.terminal import advice_table

    journey = _Journey(origin, destination, arrive_by, earlier, later)
    windows = _from_run(Path(source), journey) if Path(source).is_dir() else _from_scenario(source, journey)
    options = [window.as_dict() for window in windows]
    if as_json:
        print_json(options)
    else:
        click.echo(advice_table(options, text_width()))


def _from_scenario(source: str, journey: _Journey) -> list[WindowOption]:
    from sim import api

    scenario = api.load_scenario(find_scenario(source))
    ends = _checked(scenario, journey)
    with progress_bar("simulating") as progress:
        result = api.run(scenario, strategy="none", progress=progress)
    return _windows(scenario, result.tables, ends, journey)


def _from_run(path: Path, journey: _Journey) -> list[WindowOption]:
    from sim.loading.from_manifest import scenario_from_manifest
    from sim.records.folder import read_run_folder

    run = read_run_folder(path)
    scenario = scenario_from_manifest(run.manifest, path / "manifest.json")
    ends = _checked(scenario, journey)
    tables = {name: _unadvised(run.table(name)) for name in ("stop_visits", "legs")}
    return _windows(scenario, tables, ends, journey)


def _windows(
    scenario: Scenario, tables: Mapping[str, Table], ends: tuple[str, str], journey: _Journey
) -> list[WindowOption]:
    from sim.experiments.advice import advise_from_tables, flexibility_of

    flexibility = flexibility_of(scenario, journey.earlier_s, journey.later_s)
    return advise_from_tables(scenario, tables, *ends, journey.arrive_by_s, flexibility)


def _checked(scenario: Scenario, journey: _Journey) -> tuple[str, str]:
    """Return the ids of the stops, after making sure that vehicles run around the time wished."""
    from sim.loading.stop_search import find_stop
    from sim.units import format_clock_short

    service, arrive_by_s = scenario.service, journey.arrive_by_s
    earlier_s = scenario.parameters.population.earlier_flexibility_s if journey.earlier_s is None else journey.earlier_s
    first_s, last_s = float(service.scheduled_departure_s.min()), float(service.scheduled_arrival_s.max())
    if not first_s <= arrive_by_s <= last_s + earlier_s:
        span = f"{format_clock_short(first_s)} to {format_clock_short(last_s)}"
        raise SimError(f"--arrive-by: no vehicle runs around {format_clock_short(arrive_by_s)}, only {span}")
    network = scenario.network
    ends = find_stop(network, journey.origin, "--from"), find_stop(network, journey.destination, "--to")
    if ends[0] == ends[1]:
        raise SimError(f"--from and --to are the same stop, {ends[0]}")
    return ends


def _unadvised(table: Table) -> Table:
    """Return the rows of strategy none, all rows where it was not run."""
    if "none" not in table.categories["strategy"]:
        return table
    return table.where(table.equals("strategy", "none"))
