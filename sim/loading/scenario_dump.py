"""Parameters written as a scenario file that loads to the same parameters."""

from __future__ import annotations

import io
from typing import Any, Final

from pydantic import BaseModel
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq

from sim.loading.scenario_keys import kind_of
from sim.model.parameters import ScenarioParameters
from sim.units import format_clock, parse_clock

_LINE_WIDTH = 4096
_LATEST_CLOCK_S = 999 * 3600.0
"""Clock times of files have at most three digits of hours; later ones are written in seconds."""
_BASE_UNITS: Final = {"duration": "s", "length": "m", "speed": "m/s", "rate": "/s"}


def dump_parameters(parameters: ScenarioParameters) -> str:
    """Write parameters as YAML: every key by the name it has in files, units with the values.

    Keys without a value are left out; all others are written, whether default or not.
    """
    yaml = YAML(typ="rt", pure=True)
    yaml.width = _LINE_WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    yaml.dump(_plain(parameters), stream)
    return stream.getvalue()


def _plain(value: Any, kind: str = "") -> Any:
    if isinstance(value, BaseModel):
        return {
            field.alias or name: _plain(getattr(value, name), kind_of(field))
            for name, field in type(value).model_fields.items()
            if getattr(value, name) is not None
        }
    if isinstance(value, dict):
        return {name: _plain(item, kind) for name, item in value.items()}
    if isinstance(value, tuple | list):
        items = CommentedSeq([_plain(item, kind) for item in value])
        if not any(isinstance(item, dict | CommentedSeq) for item in items):
            items.fa.set_flow_style()
        return items
    return _with_unit(value, kind) if isinstance(value, float) else value


def _with_unit(value: float, kind: str) -> str | float:
    """Write a quantity as people do where that keeps it exactly, else in its base unit."""
    if kind == "clock time":
        exact = 0 <= value < _LATEST_CLOCK_S and parse_clock(format_clock(value)) == value
        return format_clock(value) if exact else f"{value!r} s"
    if kind == "duration" and value.is_integer():
        return f"{int(value) // 60} min" if value and value % 60 == 0 else f"{int(value)} s"
    if kind == "length" and value.is_integer():
        return f"{int(value)} m"
    return f"{value!r} {_BASE_UNITS[kind]}" if kind in _BASE_UNITS else value
