"""A scenario while it is edited, and what tells one edit from another that contradicts it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sim.model.network import Network
from sim.model.notes import Note, note
from sim.model.parameters import LinkDisruptionParameters
from sim.model.service import Service
from sim.units import format_clock_short

Hours = tuple[float, float]
"""Half-open stretch of the service day in seconds."""


class EditError(Exception):
    """An edit that cannot be made.

    Parameters
    ----------
    path : tuple of str or int
        Where in the edit the reason stands, from its kind on.
    message : str
    """

    def __init__(self, path: Sequence[str | int], message: str) -> None:
        super().__init__(message)
        self.path = tuple(path)
        self.message = message


@dataclass
class Draft:
    """Network, service and slow or closed links, as the edits made so far have left them.

    Attributes
    ----------
    network : Network
    service : Service
    links : tuple of LinkDisruptionParameters
    notes : list of Note
        A sentence for each edit, for reports.
    taken : dict of tuple to list of (start, end, number of the edit)
        What an edit has settled for some hours, so that another one that settles it again is told.
    cancelled : dict of str to int
        Trips that an edit has cancelled, by id, with its number.
    """

    network: Network
    service: Service
    links: tuple[LinkDisruptionParameters, ...]
    notes: list[Note] = field(default_factory=list)
    taken: dict[tuple[str, ...], list[tuple[float, float, int]]] = field(default_factory=dict)
    cancelled: dict[str, int] = field(default_factory=dict)

    def settle(self, what: tuple[str, ...], hours: Hours, number: int, words: str) -> None:
        """Note what an edit settles.

        Parameters
        ----------
        what : tuple of str
            For example headway, line and direction.
        hours : (float, float)
        number : int
            Of the edit in `service.changes`.
        words : str
            What is settled, for the message.

        Raises
        ------
        EditError
            When an edit before it has settled the same for some of these hours.
        """
        start_s, end_s = hours
        for other_start_s, other_end_s, other in self.taken.get(what, []):
            low, high = max(start_s, other_start_s), min(end_s, other_end_s)
            if low < high:
                when = "" if (low, high) == WHOLE_DAY else f" {hours_words((low, high))}"
                raise EditError((), f"contradicts service.changes.{other}: both set {words}{when}")
        self.taken.setdefault(what, []).append((start_s, end_s, number))


WHOLE_DAY: Hours = (0.0, float("inf"))


def hours_words(hours: Hours) -> Note:
    """Write hours as in ``from 07:00 to 09:00``."""
    start_s, end_s = hours
    if end_s == float("inf"):
        return note("from_on", first=format_clock_short(start_s)) if start_s else note("all_day")
    return note("from_to", first=format_clock_short(start_s), last=format_clock_short(end_s))
