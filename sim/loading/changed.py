"""Parameters of a scenario with other values of some keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from sim.errors import Problem, ScenarioError
from sim.loading.messages import unknown_key
from sim.model.parameters import ScenarioParameters

_PLACE = "vary"


def with_values(parameters: ScenarioParameters, values: Mapping[str, Any]) -> ScenarioParameters:
    """Return parameters with other values of some keys.

    Parameters
    ----------
    parameters : ScenarioParameters
    values : mapping of str to Any
        By key path as in a scenario file, such as ``advisor.penetration``.

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
                raise ScenarioError([Problem(_PLACE, 0, 0, key, f"{section} has no keys of its own")])
        inner[last] = value
    try:
        return ScenarioParameters.model_validate(data, by_alias=True, by_name=False)
    except ValidationError as error:
        raise ScenarioError([_problem(item["type"], item["loc"], item["msg"]) for item in error.errors()]) from None


def _problem(kind: str, place: tuple[int | str, ...], message: str) -> Problem:
    text = unknown_key(place) if kind == "extra_forbidden" else message
    return Problem(_PLACE, 0, 0, ".".join(str(part) for part in place), text)
