"""Which links the classes of a scenario's traffic stand for."""

from __future__ import annotations

from collections.abc import Sequence

from sim.model.parameters import TrafficParameters


def named_links(links: Sequence[str] | None, link_id: Sequence[str]) -> list[int]:
    """Return the rows of links that are named, of all where None."""
    wanted = None if links is None else set(links)
    return [row for row, link in enumerate(link_id) if wanted is None or link in wanted]


def links_of_classes(traffic: TrafficParameters, link_id: Sequence[str]) -> dict[str, list[int]]:
    """Return the rows of the links of each class; a class that names none takes those of no other one.

    Parameters
    ----------
    traffic : TrafficParameters
    link_id : sequence of str
        Ids of all links.
    """
    named = {link for item in traffic.classes.values() for link in item.links or ()}
    found = {}
    for name, item in traffic.classes.items():
        rows = named_links(item.links, link_id)
        found[name] = rows if item.links is not None else [row for row in rows if link_id[row] not in named]
    return found
