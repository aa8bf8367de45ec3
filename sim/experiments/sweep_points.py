"""The points of a sweep: a scenario for every combination of values of the keys varied."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sim.errors import InputError, Problem, ScenarioError
from sim.loading.crowding_table import with_mean_table
from sim.loading.naming import with_ids
from sim.loading.overrides import value_text, with_values
from sim.loading.scenario import load_scenario, read_parameters, scenario_of_mapping
from sim.loading.scenario_source import OVERRIDE_FILE
from sim.loading.yaml_source import parse_yaml, to_data
from sim.model.parameters import ScenarioParameters
from sim.model.scenario import Scenario

MOST_POINTS = 10_000
"""A grid beyond this is taken for a slip of the pen."""

_PARAMETERS_ALONE = frozenset(
    {"advisor", "behaviour", "days", "days_kept", "period", "population", "preferences", "replications", "seed"}
)
"""Keys whose change leaves network, trips and demand alone, so that these need not be built again."""


@dataclass(frozen=True)
class SweepPoint:
    """One combination of values.

    Attributes
    ----------
    values : mapping of str to Any
        By key path, in the order given.
    scenario : Scenario
    """

    values: Mapping[str, Any]
    scenario: Scenario


def parse_vary(text: str) -> tuple[str, tuple[Any, ...]]:
    """Read ``key.path=v1,v2,...``; each value as in YAML 1.2, commas inside brackets part no values.

    Raises
    ------
    InputError
        When it is not of that form, or a value is named twice.
    """
    name, equals, tail = text.partition("=")
    name = name.strip()
    if not name or not equals:
        raise InputError([Problem("--vary", 0, 0, text, "write key=value,value,..., as in advisor.penetration=0,0.5")])
    values = []
    for part in _split(tail):
        node, problems = parse_yaml(part, f"--vary {name}")
        if problems:
            raise InputError(problems)
        if node is None:
            raise InputError([Problem("--vary", 0, 0, name, "a value is missing between the commas")])
        values.append(to_data(node))
    _check_values(name, values)
    return name, tuple(values)


def points_of_file(
    path: Path | str, overrides: Sequence[str], vary: Mapping[str, Sequence[Any]]
) -> tuple[SweepPoint, ...]:
    """Read a scenario file once for every combination of values.

    The network is loaded again only where a key changes it.

    Parameters
    ----------
    path : Path or str
    overrides : sequence of str
        Texts ``key.path=value``, the same for all points.
    vary : mapping of str to sequence
        Values by key path.

    Raises
    ------
    ScenarioError
        When a key or a value is not accepted.
    """
    loaded: dict[str, Scenario] = {}
    points = []
    for values in _grid(vary):
        texts = [*overrides, *(f"{key}={value_text(value)}" for key, value in values.items())]
        with _named_as_varied(vary):
            parameters, _ = read_parameters(path, texts)
        sections = parameters.model_dump(mode="json", by_alias=True)
        built_from = json.dumps({key: value for key, value in sections.items() if key not in _PARAMETERS_ALONE})
        if built_from not in loaded:
            with _named_as_varied(vary):
                loaded[built_from] = load_scenario(path, texts)
        scenario = with_alone(loaded[built_from], parameters)
        points.append(SweepPoint(values, scenario))
    return tuple(points)


def points_of_mapping(
    keys: Mapping[str, Any], overrides: Sequence[str], vary: Mapping[str, Sequence[Any]]
) -> tuple[SweepPoint, ...]:
    """Make a scenario of the keys of a file for every combination of values.

    Parameters
    ----------
    keys : mapping of str to Any
    overrides, vary
        As for `points_of_file`.

    Raises
    ------
    ScenarioError
        When a key or a value is not accepted.
    """
    points = []
    for values in _grid(vary):
        texts = [*overrides, *(f"{key}={value_text(value)}" for key, value in values.items())]
        with _named_as_varied(vary):
            points.append(SweepPoint(values, scenario_of_mapping(keys, texts)))
    return tuple(points)


def points_of_scenario(scenario: Scenario, vary: Mapping[str, Sequence[Any]]) -> tuple[SweepPoint, ...]:
    """Change a loaded scenario for every combination of values.

    Parameters
    ----------
    scenario : Scenario
    vary : mapping of str to sequence
        Values by key path; not of the sections from which network, trips and demand are built.

    Raises
    ------
    ScenarioError
        When a key or a value is not accepted.
    """
    for key in vary:
        if key.split(".")[0] not in _PARAMETERS_ALONE:
            message = "changes what is built from files; give the path of the scenario file instead of a Scenario"
            raise ScenarioError([Problem("vary", 0, 0, key, message)])
    points = []
    for values in _grid(vary):
        parameters = with_values(scenario.parameters, values)
        points.append(SweepPoint(values, replace(scenario, parameters=parameters)))
    return tuple(points)


def has_advice(point: SweepPoint) -> bool:
    """Tell whether the days of a point reach the first one with advice, so that strategies can differ."""
    parameters = point.scenario.parameters
    return parameters.advisor.first_day < parameters.days


def check_advice_is_given(points: Sequence[SweepPoint]) -> None:
    """Refuse points whose days end before the first advice: all strategies would be one.

    Raises
    ------
    ScenarioError
        Naming the first such point's scenario.
    """
    for point in points:
        if not has_advice(point):
            parameters = point.scenario.parameters
            first, last = parameters.advisor.first_day, parameters.days - 1
            message = f"advice would start on day {first}, but the last day is {last}"
            raise ScenarioError([Problem(parameters.name, 0, 0, "advisor.first_day", message)])


def with_alone(built: Scenario, wanted: ScenarioParameters) -> Scenario:
    """Return a built scenario with the values of the keys from which nothing is built.

    All other keys stay as loading has left them: it puts ids in place of names, and adds what follows from the service.

    Parameters
    ----------
    built : Scenario
    wanted : ScenarioParameters
        That differ in such keys alone.
    """
    alone = {
        name: getattr(wanted, name)
        for name, field in ScenarioParameters.model_fields.items()
        if (field.alias or name) in _PARAMETERS_ALONE
    }
    named = with_ids(built.parameters.model_copy(update=alone), built.network, built.service.lines, _unplaced)[0]
    parameters = with_mean_table(named, built.service)
    return replace(built, parameters=parameters)


def _unplaced(path: tuple[str | int, ...], message: str) -> Problem:
    """Make a problem of a key that was read without one before."""
    return Problem("", 0, 0, ".".join(map(str, path)), message)


@contextmanager
def _named_as_varied(vary: Mapping[str, Sequence[Any]]) -> Iterator[None]:
    """Let a problem with the value of a key that varies name the option --vary, where the user wrote it."""
    try:
        yield
    except ScenarioError as error:
        raise ScenarioError(
            replace(problem, file="--vary")
            if problem.file == OVERRIDE_FILE and any(_lie_together(problem.key, key) for key in vary)
            else problem
            for problem in error.problems
        ) from error


def _lie_together(one: str, other: str) -> bool:
    """Say whether two key paths are the same, or one is a section of the other."""
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def _grid(vary: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    size = 1
    for key, wanted in vary.items():
        _check_values(key, wanted)
        size *= len(wanted)
    if size > MOST_POINTS:
        message = f"{size} combinations are too many; at most {MOST_POINTS} are run in one sweep"
        raise InputError([Problem("--vary", 0, 0, "", message)])
    return [dict(zip(vary, combination, strict=True)) for combination in itertools.product(*vary.values())]


def _check_values(key: str, values: Sequence[Any]) -> None:
    if not values:
        raise InputError([Problem("--vary", 0, 0, key, "has no value")])
    if key == "advisor.strategy":
        raise InputError([Problem("--vary", 0, 0, key, "strategies are named by --strategies instead")])
    if key == "baselines":
        message = "every point has the baselines of the scenario; name them there or with --set"
        raise InputError([Problem("--vary", 0, 0, key, message)])
    texts = [value_text(value) for value in values]
    twice = next((text for text in texts if texts.count(text) > 1), None)
    if twice is not None:
        raise InputError([Problem("--vary", 0, 0, key, f"the value {twice} is given twice")])


def _split(text: str) -> list[str]:
    """Split at commas outside of brackets and quotes."""
    parts, depth, quote, current = [], 0, "", ""
    for letter in text:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in "[{":
            depth += 1
        elif letter in "]}":
            depth -= 1
        if letter == "," and not depth and not quote:
            parts.append(current)
            current = ""
        else:
            current += letter
    return [*parts, current]
