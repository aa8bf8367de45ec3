"""``peakshift calibrate``: running time noise and time at stops against a record."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from sim.cli.options import json_option
from sim.cli.output import print_json, print_sentences


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


@click.command(short_help="Fit running time noise and time at stops to the record of Xiamen.")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder that holds xiamen_brt2 of github.com/bonny2016/bus-holding-control.",
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
    type=click.IntRange(1, 1000),
    default=5,
    show_default=True,
    metavar="N",
    help="Simulated days for each pair of values.",
)
@json_option
def calibrate(
    data: Path, noise: tuple[float, ...], dead_times: tuple[float, ...], replications: int, as_json: bool
) -> None:
    """Simulate the observed day of Xiamen BRT line 2 for each pair of values, and say how well each fits.

    Fitted are, by stop, the separate minutes in which people boarded and the groups of such minutes; the
    gap from a boarding to the nearest bus stands beside them. What the result is worth: docs/validation.md.
    """
    from sim.experiments.calibration import calibrate as fits_of
    from sim.experiments.calibration import observed_counts
    from sim.experiments.xiamen_record import read_boarding_minutes
    from sim.report.terminal import grid

    observed = read_boarding_minutes(data)
    fits = fits_of(observed, replications, noise, dead_times)
    best = min(fits, key=lambda one: one.error)
    minutes, grouped = observed_counts(observed)
    if as_json:
        facts: dict[str, Any] = {"observed": {"minutes": minutes, "groups": grouped}, "best": asdict(best)}
        print_json({**facts, "fits": [asdict(one) for one in fits]})
        return
    header = ["noise (cv)", "time at stops (s)", "minutes", "groups", "error", "mean gap (min)"]
    rows = [["observed", "", f"{minutes}", f"{grouped}", "", ""]]
    rows += [
        [
            f"{one.cv:g}",
            f"{one.dead_time_s:g}",
            f"{one.minutes:.0f}",
            f"{one.groups:.0f}",
            f"{one.error:.3f}",
            f"{one.gap_min:.2f}",
        ]
        for one in fits
    ]
    click.echo(grid(header, rows))
    print_sentences(
        [
            f"Least error with noise {best.cv:g} and {best.dead_time_s:g} s at stops.",
            "One day cannot tell noise from what else spreads boardings over minutes; docs/validation.md says why.",
        ]
    )
