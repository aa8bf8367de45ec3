"""Which vehicles may use a link: what its `allowed_uses` say, in the words of GMNS and of vehicle types."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final, Literal

import numpy as np

from sim.arrays import BoolArray
from sim.model.network import Network
from sim.model.service import Mode, Service

Way = Literal["road", "track", "water", "foot"]
"""What a link is made for."""

_WORDS: Final[MappingProxyType[Way, frozenset[str]]] = MappingProxyType(
    {
        "road": frozenset(
            {"bus", "coach", "trolleybus", "auto", "car", "drive", "motor", "truck", "taxi", "hov", "road"}
        ),
        "track": frozenset(
            {"rail", "metro", "subway", "tram", "train", "light_rail", "cable_car", "funicular", "track"}
        ),
        "water": frozenset({"ferry", "boat", "water"}),
        "foot": frozenset({"walk", "pedestrian", "foot", "ped", "bike", "bicycle", "cycle"}),
    }
)
_WAY_OF_MODE: Final[MappingProxyType[Mode, Way]] = MappingProxyType(
    {"bus": "road", "metro": "track", "rail": "track", "tram": "track", "ferry": "water"}
)


def way_of(mode: Mode) -> Way | None:
    """Return what vehicles of a mode run on; None where that is not known, and any way will do."""
    return _WAY_OF_MODE.get(mode)


def ways_of_uses(uses: str) -> frozenset[Way]:
    """Return what a link is made for by its `allowed_uses`, words with commas between; nothing if none is known."""
    words = {word.strip().lower() for word in uses.split(",")}
    return frozenset(way for way, known in _WORDS.items() if not known.isdisjoint(words))


def open_links(network: Network, way: Way | None) -> BoolArray:
    """Tell on which links vehicles may run by what the links themselves say, shape (links,).

    A link that says nothing is open to all.

    Parameters
    ----------
    network : Network
    way : str or None
        What the vehicles run on; None for vehicles of which nothing is known.
    """
    said = _said(None if network.streets is None else network.streets.uses, len(network.link_id))
    return np.array([uses != {"foot"} if way is None else not uses or way in uses for uses in said], dtype=np.bool_)


def usable_links(network: Network, service: Service, way: Way | None) -> BoolArray:
    """Tell on which links vehicles may run that are made for a way, shape (links,).

    A link whose uses are not said is open to vehicles like those that run over it by the timetable, and to all
    where none does. Nobody drives on a link for walking alone.

    Parameters
    ----------
    network : Network
    service : Service
        Patterns with their links.
    way : str or None
        None for vehicles of which nothing is known.
    """
    run_over: dict[int, set[Way | None]] = {}
    for pattern in service.patterns:
        made_for = way_of(service.lines[pattern.line].mode)
        for link in (link for hop in pattern.links for link in hop):
            run_over.setdefault(link, set()).add(made_for)
    said = _said(None if network.streets is None else network.streets.uses, len(network.link_id))
    usable = np.zeros(len(network.link_id), dtype=np.bool_)
    for link, uses in enumerate(said):
        found: set[Way | None] = set(uses) or run_over.get(link, set())
        usable[link] = found != {"foot"} if way is None else not found or bool(found & {way, None})
    return usable


def _said(link_uses: Sequence[str] | None, links: int) -> list[frozenset[Way]]:
    if link_uses is None:
        return [frozenset()] * links
    known = {uses: ways_of_uses(uses) for uses in set(link_uses)}
    return [known[uses] for uses in link_uses]
