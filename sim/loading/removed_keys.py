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
        "advisor.booking.assumed_bookings": RemovedKey(
            20.0, "the expectation of advisor.booking.kept counts as its default, 20 bookings that were seen"
        ),
        "advisor.booking.least_kept": RemovedKey(
            0.5, "at least half of the bookings are expected to be kept, as by its default"
        ),
        "advisor.least_saving": RemovedKey(
            0.1, "earliest_relief asks for a shift that saves at least its default, a tenth of the cost of the habit"
        ),
        "advisor.rehearsal.proving_draws": RemovedKey(
            None,
            "plans are proved on 8 to 32 draws, the fewer the more people there are, and up to 128 where days differ",
        ),
        "advisor.same_for_all.target": RemovedKey(
            "least_crowded",
            "advisor.same_for_all.start says that one window is told, and which; without it the least crowded one is",
        ),
        "behaviour.sharpness": RemovedKey(
            0.25, "the choice of learners by successive averages gets sharper at the rate of its default, 0.25 a day"
        ),
        "behaviour.trend_days": RemovedKey(
            4.0, "learners by successive averages expect costs to go on changing for its default, 4 days"
        ),
        "demand.return_leg.schedule_factor": RemovedKey(
            0.0, "coming home before or after the usual time costs nothing, as by its default"
        ),
        "demand.use_network_demand": RemovedKey(
            True, "demand.scale: 0 leaves the demand of the network folder out, and demand.gravity takes its place"
        ),
        "disruptions.crowds": RemovedKey(
            [],
            "give it as a flow of demand.flows, which is the same: {origin: A, destination: B, "
            "pieces: [{start: '19:00', end: '19:30', commuters: 500}]}",
        ),
        "disruptions.extra_trips": RemovedKey(
            [],
            "give it as an edit of service.changes, which may name a vehicle type too: "
            "- add_trips: {line: '1', departures: ['07:10']}",
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
        "service.changes[].new_line.running_factor": RemovedKey(
            1.0, "a further edit says the same of it: - retime_trips: {line: X1, running_factor: 0.9}"
        ),
        "service.dwell.standee_friction": RemovedKey(
            0.5,
            "standing passengers cost its default, 0.5 s; service.vehicles.NAME.standee_friction says it for a type",
        ),
        "service.energy.acceleration_m_s2": RemovedKey(1.0, "energy by motion goes by its default, 1.0 m/s2"),
        "service.energy.deceleration_m_s2": RemovedKey(1.2, "energy by motion goes by its default, 1.2 m/s2"),
        "service.longest_stay": RemovedKey(
            600.0, "passengers stay on board for scheduled stays of up to its default, 10 min"
        ),
        "service.unlimited_capacity": RemovedKey(
            False, "give vehicles a capacity that nobody fills, 1000000 for example"
        ),
        "service.use_traffic": RemovedKey(
            True, "the running times of traffic.csv are always used; take it out of a copy of the folder to do without"
        ),
        "traffic.area.initial_cars": RemovedKey(
            0.0, "let cars come to the area by traffic.area.inflow before the time that matters"
        ),
        "traffic.area.least_speed": RemovedKey(
            0.01, "buses creep through gridlock at its default, 1 % of the free speed"
        ),
        "traffic.conical_alpha": RemovedKey(
            8.0,
            "the conical function has its default, 8; calibrate by traffic.delay: bpr, which has two parameters",
        ),
        "traffic.signals.largest_saturation": RemovedKey(
            0.95, "the random delay grows up to its default, 95 % of capacity, as Webster's formula has no value at 1"
        ),
        "traffic.signals.priority_limit": RemovedKey(10.0, "green is kept, and red is cut, by up to its default, 10 s"),
        "traffic.signals.use_network": RemovedKey(
            True, "the signals of a network are always used; take them out of a copy of the folder to do without"
        ),
    }
)
"""By the path of the key; `[]` stands for the items of a list."""


def removed_key(path: Sequence[str | int]) -> str:
    """Say what replaced a key of an earlier version, in words that go on after its path; empty for all other keys.

    Parameters
    ----------
    path : sequence of str or int
        Keys, and positions in lists.
    """
    found = REMOVED_KEYS.get("".join("[]" if isinstance(part, int) else f".{part}" for part in path).removeprefix("."))
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
    inside = values.get(name.removesuffix("[]"))
    if isinstance(inside, dict):
        return {**values, name: _without(inside, rest, default)}
    if isinstance(inside, list):
        items = [_without(item, rest, default) if isinstance(item, dict) else item for item in inside]
        return {**values, name.removesuffix("[]"): items}
    return values
