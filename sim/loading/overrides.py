"""Parameters of a scenario with other values of some keys."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from sim.errors import InputError, Problem, ScenarioError
from sim.loading.bare_numbers import bare_numbers_in
from sim.loading.messages import unknown_key
from sim.loading.yaml_source import Path, dotted
from sim.model.parameters import ScenarioParameters


def with_values(parameters: ScenarioParameters, values: Mapping[str, Any], place: str = "vary") -> ScenarioParameters:
    """Return parameters with other values of some keys.

    Parameters
    ----------
    parameters : ScenarioParameters
    values : mapping of str to Any
        By key path as in a scenario file, such as ``advisor.penetration``.
    place : str
        Where the values come from, for the message.

    Raises
    ------
    ScenarioError
        When a key or a value is not accepted.
    """
    bare = [found for key, value in values.items() for found in bare_numbers_in(_path(key), value)]
    if bare:
        raise ScenarioError(Problem(place, 0, 0, dotted(path), message) for path, message in bare)
    data = parameters.model_dump(by_alias=True)
    for key, value in values.items():
        *sections, last = key.split(".")
        inner = data
        for section in sections:
            inner = inner.setdefault(section, {})
            if not isinstance(inner, dict):
                raise ScenarioError([Problem(place, 0, 0, key, f"{section} has no keys of its own")])
        inner[last] = value
    try:
        return ScenarioParameters.model_validate(data, by_alias=True, by_name=False)
    except ValidationError as error:
        problems = [_problem(place, item["type"], item["loc"], item["msg"]) for item in error.errors()]
        raise ScenarioError(problems) from None


def _path(key: str) -> Path:
    return tuple(int(part) if part.isdigit() else part for part in key.split("."))


def override_texts(overrides: Sequence[str] | Mapping[str, Any]) -> list[str]:
    """Return overrides of a scenario file as texts ``key.path=value``.

    Parameters
    ----------
    overrides : sequence of str, or mapping of str to Any
        Such texts, or values by key path; numbers and arrays of NumPy are taken as those of Python.

    Raises
    ------
    InputError
        When they are neither, or a value is nothing that a scenario file can hold.
    """
    if isinstance(overrides, str):
        return [overrides]
    if isinstance(overrides, Mapping):
        return [f"{key}={value_text(plain_value(value, 'overrides', str(key)))}" for key, value in overrides.items()]
    texts = list(overrides) if isinstance(overrides, Iterable) else [overrides]
    if not all(isinstance(text, str) for text in texts):
        message = f"write values by key path, as in {{'advisor.penetration': 0.3}}; found {overrides!r}"
        raise InputError([Problem("arguments", 0, 0, "overrides", message)])
    return texts


def plain_value(value: Any, place: str, key: str) -> Any:
    """Return a value as a scenario file can hold it: numbers and arrays of NumPy and pandas as those of Python.

    Parameters
    ----------
    value : Any
    place, key : str
        Where it comes from, for the message.

    Raises
    ------
    InputError
        When a scenario file cannot hold it.
    """
    if isinstance(value, str):
        return value
    try:
        return json.loads(json.dumps(value, default=_of_numpy))
    except (TypeError, ValueError):
        message = f"no scenario file can hold a {type(value).__name__}; give a number, a text, a list or a mapping"
        raise InputError([Problem(place, 0, 0, key, message)]) from None


def _of_numpy(value: Any) -> Any:
    """Return what an object of NumPy or pandas holds, and the text of a path; Python writes neither as JSON."""
    return value.tolist() if hasattr(value, "tolist") else os.fspath(value)


def value_text(value: Any) -> str:
    """Write a value so that YAML reads the same again; JSON is YAML."""
    return json.dumps(value) if not isinstance(value, str) else value


def _problem(place: str, kind: str, path: tuple[int | str, ...], message: str) -> Problem:
    text = unknown_key(path) if kind == "extra_forbidden" else message.removeprefix("Value error, ")
    return Problem(place, 0, 0, ".".join(str(part) for part in path), text)
