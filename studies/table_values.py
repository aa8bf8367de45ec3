"""What the tables of docs/ show: commands run again, and their numbers with intervals over replications."""

from __future__ import annotations

import csv
import math
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from ruamel.yaml import YAML

import sim
from sim.advisor import DEFAULT_STRATEGIES
from sim.arrays import FloatArray
from sim.metrics.registry import METRICS
from sim.metrics.statistics import estimate
from sim.report.metric_words import metric_words
from sim.units import parse_clock

if TYPE_CHECKING:
    import pandas

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Number:
    """A cell of a table: a mean over replications, in the unit shown.

    Attributes
    ----------
    value : float
    half_width : float
        Of the 95 % interval; NaN with one replication.
    replications : int
    is_change : bool
        Whether it is a difference, which is shown with its sign.
    """

    value: float
    half_width: float
    replications: int
    is_change: bool = False


Cells = dict[tuple[str, str], Number]
"""By name of row and column."""


@dataclass(frozen=True)
class Command:
    """A command line of peakshift, as far as tables need it.

    Attributes
    ----------
    verb : str
        run, compare or sweep.
    scenario : str
    overrides : tuple of str
    strategies : tuple of str
    vary : tuple of (str, tuple of str)
    """

    verb: str
    scenario: str
    overrides: tuple[str, ...]
    strategies: tuple[str, ...]
    vary: tuple[tuple[str, tuple[str, ...]], ...]

    @classmethod
    def read(cls, line: str, more: str = "") -> Command:
        """Read a command line and options that are laid over it.

        Raises
        ------
        ValueError
            When it holds something else.
        """
        program, verb, scenario, *rest = [*shlex.split(line), *shlex.split(more)]
        if program != "peakshift" or verb not in {"run", "compare", "sweep"} or len(rest) % 2:
            raise ValueError(f"{line}: not a command that a table can be made of")
        overrides, strategies, vary = [], list(DEFAULT_STRATEGIES), {}
        for option, value in zip(rest[::2], rest[1::2], strict=True):
            if option == "--set":
                overrides.append(value)
            elif option == "--replications":
                overrides.append(f"replications={value}")
            elif option == "--strategies":
                strategies = value.split(",")
            elif option == "--vary":
                name, _, values = value.partition("=")
                vary[name] = tuple(values.split(","))
            elif option not in {"--out", "--jobs"}:
                raise ValueError(f"{line}: {option} is not read here")
        return cls(verb, Path(scenario).stem, tuple(overrides), tuple(strategies), tuple(vary.items()))


@cache
def _result(command: Command, jobs: int) -> Any:
    scenario = ROOT / "scenarios" / f"{command.scenario}.yaml"
    if command.verb == "run":
        return sim.run(scenario, overrides=command.overrides, jobs=jobs)
    if command.verb == "compare":
        return sim.compare(scenario, command.strategies, overrides=command.overrides, jobs=jobs)
    values = {name: [YAML(typ="safe").load(value) for value in texts] for name, texts in command.vary}
    return sim.sweep(scenario, values, command.strategies, overrides=command.overrides, jobs=jobs)


def values_of(spec: Mapping[str, Any], *, reduced: bool, jobs: int = 1) -> Cells:
    """Run what a table is made of, and return its numbers.

    Parameters
    ----------
    spec : mapping
        The comment above the table: `command`, and `metrics` (strategies beside each other), `metric` (a sweep) or
        `rows` and `columns` (groups of journeys); with `baseline`, what is said of the people of that name.
    reduced : bool
        Lay the options of `reduced` over the commands.
    jobs : int
    """
    more = spec.get("reduced", "") if reduced else ""
    named = spec["command"] if isinstance(spec["command"], Mapping) else {"": spec["command"]}
    commands = {name: Command.read(line, more) for name, line in named.items()}
    if "metrics" in spec or "metric" in spec:
        result = _result(commands[""], jobs)
        count, people = int(result.manifest["replications"]), spec.get("baseline")
        summary = result.summary if people is None else result.summary["baselines"][people]
        return _of_strategies(spec["metrics"], summary, count) if "metrics" in spec else _of_sweep(spec, summary, count)
    return _of_groups(spec, {name: _result(command, jobs) for name, command in commands.items()})


def _entry(name: str, entry: Mapping[str, Any], replications: int, *, is_change: bool) -> Number:
    factor = 100.0 if metric_words(name).percent else 1.0
    pair = ("difference", "difference_half_width") if is_change else ("mean", "half_width")
    mean, half = (math.nan if entry.get(key) is None else float(entry[key]) * factor for key in pair)
    return Number(mean, half, replications, is_change)


def _of_strategies(metrics: Mapping[str, str], summary: Mapping[str, Any], count: int) -> Cells:
    paired = {metric.name for metric in METRICS if metric.paired}
    return {
        (row, strategy): _entry(
            name,
            entries[name],
            count,
            is_change=strategy != "none" and name not in paired and "difference" in entries[name],
        )
        for row, name in metrics.items()
        for strategy, entries in summary["strategies"].items()
    }


def _of_sweep(spec: Mapping[str, Any], summary: Mapping[str, Any], count: int) -> Cells:
    name, also = spec["metric"], spec.get("also", {})
    cells: Cells = {}
    for point in summary["points"]:
        row = ", ".join(f"{value:g}" if isinstance(value, float) else str(value) for value in point["values"].values())
        for strategy, entries in point["strategies"].items():
            cells[row, strategy] = _entry(name, entries[name], count, is_change=strategy != "none")
        for column, source in also.items():
            strategy, metric = source.split()
            cells[row, column] = _entry(metric, point["strategies"][strategy][metric], count, is_change=False)
    return cells


def _of_groups(spec: Mapping[str, Any], results: Mapping[str, Any]) -> Cells:
    cells: Cells = {}
    origins = _origins(spec.get("origins_from"))
    for column, text in spec["columns"].items():
        source, quantity = text.split()
        journeys = _journeys(source, results)
        if origins is not None:
            journeys = journeys[journeys.origin_stop_id.isin(origins)]
        for row, chosen in spec["rows"].items():
            mine = journeys[_chosen(journeys, chosen)]
            found = [
                _quantity(quantity, mine[mine.replication == number]) for number in sorted(set(journeys.replication))
            ]
            cells[row, column] = _estimated(np.array(found))
    return cells


def _journeys(source: str, results: Mapping[str, Any]) -> pandas.DataFrame:
    """Return the journeys of a command by its name, or of a strategy of the only one, or ``name/strategy``."""
    name, _, strategy = source.partition("/")
    if name not in results:
        name, strategy = "", source
    frame = results[name].journeys
    return frame[frame.strategy == strategy] if strategy else frame


def _chosen(journeys: pandas.DataFrame, chosen: Any) -> pandas.Series[bool]:
    """Choose rows by a list of origins (all where empty) or a span of departures such as ``06:15-06:30``."""
    if isinstance(chosen, str):
        start, end = map(parse_clock, chosen.split("-"))
        return (journeys.departure_s >= start) & (journeys.departure_s < end)
    return journeys.origin_stop_id.isin(chosen) if chosen else journeys.departure_s.notna()


def _quantity(name: str, journeys: pandas.DataFrame) -> float:
    """Measure a group of journeys of one replication; those that did not arrive last for ever.

    Raises
    ------
    ValueError
        When there is no such quantity.
    """
    minutes = ((journeys.arrival_s - journeys.departure_s) / 60.0).where(journeys.outcome == "arrived", np.inf)
    within = re.fullmatch(r"within_(\d+)_min", name)
    if within:
        return 100.0 * float((minutes <= float(within[1])).mean())
    measures: Mapping[str, Callable[[], float]] = {
        "median_min": lambda: float(minutes.median()),
        "arrived_percent": lambda: 100.0 * float((journeys.outcome == "arrived").mean()),
        "mean_wait_min": lambda: float(journeys.wait_s[journeys.outcome == "arrived"].mean() / 60.0),
        "commuters": lambda: float(len(journeys)),
    }
    if name not in measures:
        raise ValueError(f"{name}: no quantity of a table; there are {', '.join(measures)} and within_N_min")
    return measures[name]()


def _estimated(values: FloatArray) -> Number:
    if np.isinf(values).any():
        return Number(math.inf, math.nan, len(values))
    found = estimate(values)
    return Number(found.mean, found.half_width, len(values))


def _origins(file: str | None) -> Sequence[str] | None:
    if file is None:
        return None
    with (ROOT / file).open(encoding="utf-8", newline="") as rows:
        return sorted({row["stop_id"] for row in csv.DictReader(rows)})
