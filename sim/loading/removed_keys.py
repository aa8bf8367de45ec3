"""Keys that earlier versions had: an old file is told what to write instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple


class RemovedKey(NamedTuple):
    """A key that is no more.

    Attributes
    ----------
    default : object
        Its default as a manifest has it. Runs go on as if it stood there.
    instead : str
        What holds now, or what to write, as the second half of a sentence.
    """

    default: Any
    instead: str


REMOVED_KEYS: Final = MappingProxyType(
    {
        "behaviour.sharpness": RemovedKey(
            0.25, "the choice of learners by successive averages gets sharper at the rate of its default, 0.25 a day"
        ),
        "behaviour.trend_days": RemovedKey(
            4.0, "learners by successive averages expect costs to go on changing for its default, 4 days"
        ),
        "demand.return_leg.schedule_factor": RemovedKey(
            0.0, "coming home before or after the usual time costs nothing, as by its default"
        ),
        "journeys.path_size_weight": RemovedKey(
            1.0,
            "the size of an option counts with its default, 1, as in Ben-Akiva and Bierlaire 1999; "
            "journeys.logit_scale weighs cost against it",
        ),
        "journeys.use_transfers": RemovedKey(
            True,
            "the transfers of a network are always used; take transfers.txt out of a copy of the folder to do without",
        ),
        "service.longest_stay": RemovedKey(
            600.0, "passengers stay on board for scheduled stays of up to its default, 10 min"
        ),
        "traffic.area.least_speed": RemovedKey(
            0.01, "buses creep through gridlock at its default, 1 % of the free speed"
        ),
        "traffic.conical_alpha": RemovedKey(
            8.0,
            "the conical function has its default, 8; calibrate by traffic.delay: bpr, which has two parameters",
        ),
    }
)
"""By the path of the key."""


def removed_key(path: str) -> str:
    """Say what replaced a key of an earlier version, in words that go on after its path; empty for all other keys."""
    found = REMOVED_KEYS.get(path)
    return "" if found is None else f"is a key of earlier versions; leave it out: {found.instead}"


def without_removed_keys(scenario: Mapping[str, Any]) -> dict[str, Any]:
    """Return the scenario of a manifest without the removed keys that had their default, which holds without them."""
    left: dict[str, Any] = dict(scenario)
    for path, removed in REMOVED_KEYS.items():
        left = _without(left, path.split("."), removed.default)
    return left


def _without(values: dict[str, Any], path: Sequence[str], default: object) -> dict[str, Any]:
    """Return a section without what a path in it leads to, if that has a value."""
    name, *rest = path
    if not rest:
        return {key: value for key, value in values.items() if key != name or value != default}
    inside = values.get(name)
    return {**values, name: _without(inside, rest, default)} if isinstance(inside, dict) else values
