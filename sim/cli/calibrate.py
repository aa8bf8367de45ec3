"""``peakshift calibrate``: running time noise and time at stops against what was observed on a line."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import Whole, json_option
from sim.cli.output import echo, print_json, print_sentences, table_width
from sim.loading.shipped import find_network, find_scenario

if TYPE_CHECKING:
    from sim.experiments.calibration import Fit
    from sim.model.scenario import Scenario


def _numbers(_context: click.Context, option: click.Parameter, value: str) -> tuple[float, ...]:
    """Read numbers with commas between them, each from 0 to what makes sense."""
    most = 2.0 if option.name == "noise" else 120.0
    try:
        numbers = tuple(float(part) for part in value.split(","))
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a list of numbers such as 0,0.1,0.2") from None
    for number in numbers:
        if not 0 <= number <= most:
            raise click.BadParameter(f"{number:g} is not from 0 to {most:g}")
    return numbers


@click.command(short_help="Fit running time noise and time at stops to observations.")
@click.argument("source", metavar="SCENARIO|NETWORK")
@click.option("--line", metavar="LINE", help="Line that was observed; may be left out where there is only one.")
@click.option("--direction", type=Whole(0, 1), metavar="0|1", help="Its direction_id, where it has both.")
@click.option(
    "--counts",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="CSV of boardings by minute: stop_id,time,boardings.",
)
@click.option(
    "--running-times",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="CSV of running times: from_stop_id,to_stop_id,departure,running_time_s.",
)
@click.option(
    "--noise",
    callback=_numbers,
    default="0,0.05,0.1,0.15,0.2,0.3,0.4",
    show_default=True,
    metavar="CV,CV,...",
    help="Coefficients of variation of the running time noise to try.",
)
@click.option(
    "--dead-times",
    callback=_numbers,
    default="0,5,10",
    show_default=True,
    metavar="S,S,...",
    help="Times at each stop beside that of passengers to try.",
)
@click.option(
    "--replications",
    type=Whole(1, 1000),
    default=5,
    show_default=True,
    metavar="N",
    help="Simulated days for each pair of values.",
)
@json_option
def calibrate(
    source: str,
    line: str | None,
    direction: int | None,
    noise: tuple[float, ...],
    dead_times: tuple[float, ...],
    replications: int,
    as_json: bool,
    **files: Path | None,
) -> None:
    """Simulate the line without advice for each pair of values, and say how well each fits what was observed.

    Counts say in how many separate minutes, and groups of such minutes, people boarded at each busy stop; the
    gap from a boarding to the nearest bus stands beside them. Running times say mean and spread by pair of stops
    and hour. Formats, and what the result is worth: docs/calibration.md.
    """
    if not any(files.values()):
        raise click.UsageError("name at least one of --counts and --running-times")
    from sim.experiments import calibration
    from sim.loading.observations import read_observations

    scenario = _scenario(source, replications)
    found = calibration.line_direction(scenario, line, direction)
    observed = read_observations(found.stops, files["counts"], files["running_times"], found.in_order)
    fits = calibration.calibrate(scenario, found, observed, noise, dead_times)
    best = min(fits, key=lambda one: one.error)
    minutes, groups = calibration.observed_counts(observed, found)
    if as_json:
        facts: dict[str, Any] = {"line": found.line_id, "direction": found.direction_id}
        facts["observed"] = {"minutes": minutes, "groups": groups}
        print_json({**facts, "best": asdict(best), "fits": [asdict(one) for one in fits]})
        return
    _print_table(fits, minutes, groups)
    print_sentences([f"Least error with noise {best.cv:g} and {best.dead_time_s:g} s at stops."])


def _scenario(source: str, replications: int) -> Scenario:
    """Return one day of a scenario file, or of a network folder with its own demand."""
    from sim.loading.scenario import build_scenario, load_scenario
    from sim.model.parameters import ScenarioParameters

    if Path(source).is_dir() or source.lower().endswith(".zip"):
        folder = find_network(source).resolve()
        values = {"name": folder.stem, "days": 1, "replications": replications, "network": {"folder": str(folder)}}
        return build_scenario(ScenarioParameters.model_validate(values), Path())
    overrides = ("days=1", "days_kept=1", f"replications={replications}")
    return load_scenario(find_scenario(source), overrides)


def _print_table(fits: list[Fit], minutes: int, groups: int) -> None:
    from sim.report.text_grid import fitted_grid

    def cell(value: float | None, digits: int) -> str:
        return "" if value is None else f"{value:.{digits}f}"

    header = ["noise (cv)", "time at stops (s)", "minutes", "groups", "mean gap (min)", "mean", "spread", "error"]
    rows = [["observed", "", str(minutes), str(groups), "", "", "", ""]] if minutes else []
    rows += [
        [
            f"{one.cv:g}",
            f"{one.dead_time_s:g}",
            cell(one.minutes, 0),
            cell(one.groups, 0),
            cell(one.gap_min, 2),
            cell(one.running_time_error, 3),
            cell(one.spread_error, 3),
            f"{one.error:.3f}",
        ]
        for one in fits
    ]
    # What nobody observed has no column: where times alone were given, minutes and groups say nothing.
    told = [place for place in range(len(header)) if any(row[place] for row in rows)]
    echo(
        fitted_grid([header[place] for place in told], [[row[place] for place in told] for row in rows], table_width())
    )
