"""Parameters written as a scenario file that loads to the same parameters."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq

from sim.loading.network_places import find_network, way_to_network
from sim.loading.scenario_keys import kind_of
from sim.locations import networks_dir
from sim.model.parameters import ScenarioParameters
from sim.model.scenario import Scenario
from sim.units import format_clock, parse_clock

_LINE_WIDTH = 4096
_LATEST_CLOCK_S = 999 * 3600.0
"""Clock times of files have at most three digits of hours; later ones are written in seconds."""
_BASE_UNITS: Final = {"duration": "s", "length": "m", "speed": "m/s", "rate": "/s"}


def dump_parameters(parameters: ScenarioParameters) -> str:
    """Write parameters as YAML: every key by the name it has in files, units with the values.

    Keys without a value are left out; all others are written, whether default or not.
    """
    return _yaml(_plain(parameters))


def dump_given(scenario: Scenario, place: Path, **keys: Any) -> str:
    """Write a scenario as YAML with the keys that were given, by its file or laid over it, and no defaults.

    Parameters
    ----------
    scenario : Scenario
        With a `folder`.
    place : Path
        Folder of the file to be, from which relative paths in it count.
    **keys
        Parameters with other values.
    """
    parameters, folder = scenario.parameters, Path() if scenario.folder is None else scenario.folder
    network = parameters.network
    if network.folder is not None and (found := find_network(network.folder, folder)) not in (
        None,
        networks_dir() / network.folder,
    ):
        keys["network"] = network.model_copy(update={"folder": way_to_network(found, place)})
    if counted := parameters.advisor.forecast.counts.files:
        files = tuple(_seen_from(place, folder / name) for name in counted)
        forecast = parameters.advisor.forecast
        counts = forecast.counts.model_copy(update={"files": files})
        forecast = forecast.model_copy(update={"counts": counts})
        keys["advisor"] = parameters.advisor.model_copy(update={"forecast": forecast})
    return _yaml(_plain(parameters.model_copy(update=keys), only_given=True))


def _seen_from(place: Path, path: Path) -> str:
    """Return a path relative to a folder, which both may be moved with."""
    return Path(os.path.relpath(path.resolve(), place.resolve())).as_posix()


def _yaml(document: Any) -> str:
    yaml = YAML(typ="rt", pure=True)
    yaml.width = _LINE_WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    yaml.dump(document, stream)
    return stream.getvalue()


def _plain(value: Any, kind: str = "", *, only_given: bool = False) -> Any:
    if isinstance(value, BaseModel):
        return {
            field.alias or name: _plain(getattr(value, name), kind_of(field), only_given=only_given)
            for name, field in type(value).model_fields.items()
            if (name in value.model_fields_set if only_given else getattr(value, name) is not None)
        }
    if isinstance(value, dict):
        return {name: _plain(item, kind, only_given=only_given) for name, item in value.items()}
    if isinstance(value, tuple | list):
        items = CommentedSeq([_plain(item, kind, only_given=only_given) for item in value])
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
