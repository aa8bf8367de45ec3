"""What `manifest.json` and `summary.json` are made of, as far as a report reads them.

A folder may come from an earlier version, which left keys out, or from somebody's editor. Keys that are there
have to be of their kind; which of them are there is asked where they are used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from sim.errors import RunFolderError


@dataclass(frozen=True)
class OrEmpty:
    """An object with keys of its own, or without any where there is nothing to say."""

    keys: Mapping[str, Any]


_ANY_NAME: Final = "*"
"""Stands for all keys that have no entry of their own."""
_TEXT, _NUMBER = (str,), (int, float, type(None))
_FIGURE = (int, float)
_COUNT = (int,)
_PERHAPS_TEXT = (str, type(None))
_SCENARIO: Final[Mapping[str, Any]] = MappingProxyType(
    {"description": _PERHAPS_TEXT, "advisor": {"incentive": {"preset": _TEXT, "applies_at": _TEXT}}}
)
_NODE: Final[Mapping[str, Any]] = MappingProxyType({"x": _NUMBER, "y": _NUMBER, "name": _TEXT})

MANIFEST: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "kind": _TEXT,
        "name": _TEXT,
        "created": _TEXT,
        "duration_s": _NUMBER,
        "seed": _COUNT,
        "replications": _COUNT,
        "days": _COUNT,
        "days_kept": _COUNT,
        "strategies": [_TEXT],
        "strategy_facts": [
            {
                "!name": _TEXT,
                "label": _TEXT,
                "colour": _TEXT,
                "sentence": _TEXT,
                "sees": _TEXT,
                "fairness": _TEXT,
                "offers_discounts": (bool,),
                "variant_of": _TEXT,
            }
        ],
        "scenario": _SCENARIO,
        "versions": {_ANY_NAME: _TEXT},
        "inputs": {_ANY_NAME: _TEXT},
        "notes": [_TEXT],
        "warnings": [_TEXT],
        "stops": [{"!stop_id": _TEXT, **_NODE}],
        "nodes": [{"!node_id": _TEXT, **_NODE}],
        "lines": [
            {"!line_id": _TEXT, "name": _TEXT, "directions": [{"direction_id": _COUNT, "!stop_ids": [_TEXT]}]},
        ],
        "links": [{"!from": _TEXT, "!to": _TEXT}],
        "engine": {"name": _TEXT, "reason": _TEXT},
        "baselines": [{"!name": _TEXT, "label": _TEXT, "premise": _PERHAPS_TEXT}],
    }
)
"""Kinds by key: types, a list of one kind, or keys of their own; ``!`` marks keys that have to be there."""

_INTERVAL: Final[Mapping[str, Any]] = MappingProxyType(
    {"!mean": _NUMBER, "!half_width": _NUMBER, "unit": _TEXT, _ANY_NAME: _NUMBER}
)
_METRICS: Final[Mapping[str, Any]] = MappingProxyType({_ANY_NAME: _INTERVAL})

_STRATEGIES: Final[Mapping[str, Any]] = MappingProxyType({_ANY_NAME: _METRICS})
_ESTIMATE: Final[Mapping[str, Any]] = MappingProxyType({"!mean": _NUMBER, "!half_width": _NUMBER})
_CLASSES: Final[Mapping[str, Any]] = MappingProxyType(
    {
        _ANY_NAME: [
            {
                "!kind": _TEXT,
                "!group": _TEXT,
                "!commuter_days": _COUNT,
                "!mean_change_min": _ESTIMATE,
                "largest_loss_min": {_ANY_NAME: _NUMBER},
                _ANY_NAME: _ESTIMATE,
            }
        ]
    }
)
_PLACE: Final[Mapping[str, Any]] = MappingProxyType({"!stop": _TEXT, "!stop_id": _TEXT, "!stop_share": _FIGURE})
_UNSERVED: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "!strategy": _TEXT,
        "!told_share": _FIGURE,
        "!not_arrived_share": _FIGURE,
        "!causes": [{"!cause": _TEXT, "!share": _FIGURE, **_PLACE}],
        "!long_wait_share": _FIGURE,
        "!long_wait_at": OrEmpty({"!wait_min": _FIGURE, "headway_min": _FIGURE, "!reason": _TEXT, **_PLACE}),
    }
)

SUMMARY: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "metrics": _METRICS,
        "strategies": _STRATEGIES,
        "classes": _CLASSES,
        "optimum": {"kind": _TEXT, "note": _TEXT},
        "unserved": OrEmpty(_UNSERVED),
        "baselines": {
            _ANY_NAME: {
                "label": _TEXT,
                "!strategies": _STRATEGIES,
                "classes": _CLASSES,
                "settling": {"!days": _NUMBER, "!relative_gap_share": _NUMBER, "!departure_change_s": _NUMBER},
            }
        },
    }
)


def check_json(value: Mapping[str, Any], shape: Mapping[str, Any], file: str) -> None:
    """Make sure that a file holds what it should, where it holds anything.

    Parameters
    ----------
    value : mapping
        What was read.
    shape : mapping
        `MANIFEST` or `SUMMARY`.
    file : str
        Name for the message.

    Raises
    ------
    RunFolderError
        With the first key that is of another kind.
    """
    problem = next(_misfits(value, shape, ""), None)
    if problem is not None:
        raise RunFolderError(f"{file}: {problem}; was it edited? `run` and `compare` write it anew")


def _misfits(value: Any, shape: Any, path: str) -> Iterator[str]:
    if isinstance(shape, OrEmpty):
        if value != {}:
            yield from _misfits(value, shape.keys, path)
    elif isinstance(shape, Mapping):
        yield from _misfits_of_mapping(value, shape, path)
    elif isinstance(shape, list):
        if not isinstance(value, list):
            yield f"{path}: must be a list"
            return
        for place, item in enumerate(value):
            yield from _misfits(item, shape[0], f"{path}.{place}")
    elif not isinstance(value, shape) or (isinstance(value, bool) and bool not in shape):
        wanted = {str: "text", bool: "true or false"}.get(shape[0], "a number")
        yield f"{path}: must be {wanted}"


def _misfits_of_mapping(value: Any, shape: Mapping[str, Any], path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: must be an object"
        return
    before = f"{path}." if path else ""
    kinds = {name.removeprefix("!"): kind for name, kind in shape.items()}
    yield from (f"{before}{name[1:]}: is missing" for name in shape if name.startswith("!") and name[1:] not in value)
    for name, item in value.items():
        kind = kinds.get(name, kinds.get(_ANY_NAME))
        if kind is not None:
            yield from _misfits(item, kind, f"{before}{name}")
