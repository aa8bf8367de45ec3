"""``peakshift advise``: departure windows for one journey."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.options import json_option
from sim.cli.output import print_json, progress_bar, text_width
from sim.cli.places import find_scenario
from sim.errors import SimError, UnknownNameError

if TYPE_CHECKING:
    from sim.experiments.advice import WindowOption
    from sim.model.network import Network
    from sim.model.scenario import Scenario
    from sim.records.table import Table


def _clock_time(_context: click.Context, _option: click.Parameter, value: str) -> float:
    """Read a time of day as seconds after midnight of the service day."""
    from sim.units import parse_clock

    try:
        return parse_clock(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command(short_help="Recommend when to leave for a journey.")
@click.argument("source", metavar="SCENARIO|RUN")
@click.option("--from", "origin", metavar="STOP", required=True, help="Stop of departure, by id or name.")
@click.option("--to", "destination", metavar="STOP", required=True, help="Stop of arrival, by id or name.")
@click.option("--arrive-by", callback=_clock_time, metavar="HH:MM", required=True, help="Preferred arrival.")
@json_option
def advise(source: str, origin: str, destination: str, arrive_by: float, as_json: bool) -> None:
    """Recommend departure windows for a journey, best first.

    A run folder is read as it is: what was observed in it without advice, where it holds that.
    A scenario is simulated without advice first.
    """
    from sim.report.terminal import advice_table

    journey = (origin, destination, arrive_by)
    windows = _from_run(Path(source), *journey) if Path(source).is_dir() else _from_scenario(source, *journey)
    options = [window.as_dict() for window in windows]
    if as_json:
        print_json(options)
    else:
        click.echo(advice_table(options, text_width()))


def _from_scenario(source: str, origin: str, destination: str, arrive_by_s: float) -> list[WindowOption]:
    from sim import api
    from sim.experiments.advice import advise_from_tables

    scenario = api.load_scenario(find_scenario(source))
    start, end = _checked(scenario, origin, destination, arrive_by_s)
    with progress_bar("simulating") as progress:
        result = api.run(scenario, strategy="none", progress=progress)
    return advise_from_tables(scenario, result.tables, start, end, arrive_by_s)


def _from_run(path: Path, origin: str, destination: str, arrive_by_s: float) -> list[WindowOption]:
    from sim.experiments.advice import advise_from_tables
    from sim.loading.from_manifest import scenario_from_manifest
    from sim.records.folder import read_run_folder

    run = read_run_folder(path)
    scenario = scenario_from_manifest(run.manifest, path / "manifest.json")
    start, end = _checked(scenario, origin, destination, arrive_by_s)
    tables = {name: _unadvised(run.table(name)) for name in ("stop_visits", "legs")}
    return advise_from_tables(scenario, tables, start, end, arrive_by_s)


def _checked(scenario: Scenario, origin: str, destination: str, arrive_by_s: float) -> tuple[str, str]:
    """Return the ids of the stops, after making sure that vehicles run around the time wished."""
    from sim.units import format_clock_short

    service, population = scenario.service, scenario.parameters.population
    first_s, last_s = float(service.scheduled_departure_s.min()), float(service.scheduled_arrival_s.max())
    if not first_s <= arrive_by_s <= last_s + population.earlier_flexibility_s:
        span = f"{format_clock_short(first_s)} to {format_clock_short(last_s)}"
        raise SimError(f"--arrive-by: no vehicle runs around {format_clock_short(arrive_by_s)}, only {span}")
    network = scenario.network
    return _find_stop(network, origin, "--from"), _find_stop(network, destination, "--to")


def _unadvised(table: Table) -> Table:
    """Return the rows of strategy none, all rows where it was not run."""
    if "none" not in table.categories["strategy"]:
        return table
    return table.where(table.equals("strategy", "none"))


def _find_stop(network: Network, text: str, option: str) -> str:
    """Return the id of the stop of that id, or of the one stop of that name."""
    from sim.loading.hints import did_you_mean, listed

    if text in network.stop_index:
        return text
    named = [
        stop for stop, name in zip(network.stop_id, network.stop_name, strict=True) if name.lower() == text.lower()
    ]
    if len(named) == 1:
        return named[0]
    if named:
        raise UnknownNameError(f"{option}: several stops are called {text!r}; give the id of one: {listed(named)}")
    hint = did_you_mean(text, [*network.stop_id, *network.stop_name])
    count = len(network.stop_id)
    raise UnknownNameError(
        f"{option}: {text!r} is not a stop of {network.name}{hint}; its {count} stops: {listed(network.stop_id)}"
    )
