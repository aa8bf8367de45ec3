"""Options that several commands share."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

import click

from sim.cli.completion import complete_keys

_MOST_JOBS: Final = 1024


def _number_of_jobs(_context: click.Context, _option: click.Parameter, value: str) -> int | Literal["auto"]:
    """Read a number of processes from 1, or ``auto`` for one per processor."""
    if value == "auto":
        return "auto"
    try:
        jobs = int(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is neither a whole number nor auto") from None
    if not 1 <= jobs <= _MOST_JOBS:
        raise click.BadParameter(f"{value} is not from 1 to {_MOST_JOBS}; auto takes one process per processor")
    return jobs


class Whole(click.IntRange):
    """A whole number within bounds; click calls its own an integer range, which no number is."""

    name = "whole number"


class Within(click.FloatRange):
    """A finite number within bounds; click's own range lets `nan` pass."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number, or refuse it."""
        number = float(super().convert(value, param, ctx))
        if math.isnan(number):
            self.fail(f"{value} is not a number.", param, ctx)
        return number


def duration_s(_context: click.Context, _option: click.Parameter, value: str | None) -> float | None:
    """Read a duration that is not negative, in seconds; the callback of an option."""
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
class SimulationSettings:
    """What `run` and `compare` can be told besides the scenario.

    Attributes
    ----------
    out : str or None
        Run folder.
    jobs : int or "auto"
        Processes.
    overrides : tuple of str
        Texts ``key.path=value`` for the loader, those of the options among them.
    as_json : bool
    """

    out: str | None
    jobs: int | Literal["auto"]
    overrides: tuple[str, ...]
    as_json: bool


jobs_option = click.option(
    "--jobs",
    callback=_number_of_jobs,
    metavar="N|auto",
    default="1",
    show_default=True,
    help="Processes to use; the results are the same with any number.",
)
engine_option = click.option(
    "--engine",
    type=click.Choice(["auto", "simpy", "compiled"]),
    help="Program that runs the days, instead of the scenario's; the results are the same.",
)
set_option = click.option(
    "--set",
    "settings",
    shell_complete=complete_keys,
    metavar="KEY=VALUE",
    multiple=True,
    help="Replace a key of the scenario, as in --set advisor.penetration=0.3; may be given several times.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, and nothing else.")


_SIMULATION_OPTIONS = (
    click.option(
        "--out",
        metavar="DIR",
        help="Folder to write; an older run there is replaced, an older sweep goes on.  "
        "[default: runs/NAME, for a sweep runs/NAME-sweep, for variants runs/NAME-variants]",
    ),
    click.option("--seed", type=Whole(min=0), metavar="N", help="Seed, instead of the scenario's."),
    click.option(
        "--replications",
        type=Whole(1, 100_000),
        metavar="N",
        help="Independent repetitions, instead of the scenario's.",
    ),
    jobs_option,
    engine_option,
    click.option(
        "--days-kept",
        type=Whole(min=1),
        metavar="N",
        help="How many last days the tables hold, instead of what the scenario says.",
    ),
    click.option(
        "--observed",
        metavar="FILE",
        multiple=True,
        help="Counts of real days that the advisor sees beside the simulated ones: a table (line, stop, time, load or "
        "boardings and alightings) or an archive of GTFS-Realtime; may be given several times.",
    ),
    set_option,
    json_option,
)


_COUNTS_KEY: Final = "advisor.forecast.counts.files"
_OPTION_OF_KEY: Final = MappingProxyType({"days_kept": "--days-kept", _COUNTS_KEY: "--observed"})
"""Options that do not go by the name of the key which they set."""


@contextmanager
def blaming_options(keys: Collection[str]) -> Iterator[None]:
    """Name the option in problems with what it gave: it reaches the scenario as `--set` does.

    Parameters
    ----------
    keys : collection of str
        Keys that were given by options of their own.

    Raises
    ------
    InputError
        As within, each problem by the option that people wrote.
    """
    from sim.errors import InputError, Problem
    from sim.loading.scenario_source import OVERRIDE_FILE

    def told(problem: Problem) -> Problem:
        key = next((key for key in keys if f"{problem.key}.".startswith(f"{key}.")), None)
        if problem.file != OVERRIDE_FILE or key is None:
            return problem
        return replace(problem, file=_OPTION_OF_KEY.get(key, f"--{key}"), key="")

    try:
        yield
    except InputError as error:
        raise type(error)([told(problem) for problem in error.problems], error.advice) from error


def simulation_options(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a simulation; they come as one argument, `settings`."""

    @wraps(function)
    def collected(
        *args: Any,
        out: str | None,
        seed: int | None,
        replications: int | None,
        days_kept: int | None,
        jobs: int | Literal["auto"],
        engine: str | None,
        settings: tuple[str, ...],
        as_json: bool,
        **others: Any,
    ) -> None:
        observed: tuple[str, ...] = others.pop("observed")
        # On the command line a path counts from the current folder, and in a scenario from its file.
        counts = json.dumps([str(Path(file).resolve()) for file in observed]) if observed else None
        given: dict[str, int | str | None] = {
            "seed": seed,
            "replications": replications,
            "days_kept": days_kept,
            "engine": engine,
        }
        given[_COUNTS_KEY] = counts
        by_option = {key: value for key, value in given.items() if value is not None}
        overrides = (*settings, *(f"{key}={value}" for key, value in by_option.items()))
        with blaming_options(by_option):
            function(*args, settings=SimulationSettings(out, jobs, overrides, as_json), **others)

    decorated: Callable[..., None] = collected
    for option in reversed(_SIMULATION_OPTIONS):
        decorated = option(decorated)
    return decorated
