"""Parameters of a scenario with other values of some keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from sim.errors import Problem, ScenarioError
from sim.loading.messages import unknown_key
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


def _problem(place: str, kind: str, path: tuple[int | str, ...], message: str) -> Problem:
    text = unknown_key(path) if kind == "extra_forbidden" else message.removeprefix("Value error, ")
    return Problem(place, 0, 0, ".".join(str(part) for part in path), text)
