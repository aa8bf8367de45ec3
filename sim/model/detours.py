"""What closed and slow links do to the way from stop to stop, by time of leaving.

A vehicle keeps to its way while all links of it are open, however slow. Where one is closed it goes round: by the
shortest way by time over links that are open then, to the next stop, or where no way leads there to the next one
that can be reached; stops between are missed. Where no way leads on, or vehicles are told not to go round, it waits
before the closed link until that is open. Of a vehicle the time of leaving the stop decides.

Everything is worked out before the run: engines see closures, and factors on running times by stretch of time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sim.model.link_uses import Way, usable_links, way_of
from sim.model.network import Network
from sim.model.parameters.disruptions import LinkDisruptionParameters
from sim.model.service import Service, StopPattern
from sim.model.signals import Signal, mean_way_delay_s
from sim.model.ways import StreetWays, time_of
from sim.units import quantize_one

SLOW = -1
"""Number of missed stops of a stretch on the usual way, which is merely slow."""


@dataclass(frozen=True)
class Hindrance:
    """How vehicles of a pattern that leave a stop within a stretch of time get to the next one.

    Attributes
    ----------
    pattern, place : int
        Row of the pattern, and position of the stop that is left.
    start_s, end_s : float
        Half-open stretch; of the times of leaving.
    factor : float or None
        Factor on the running time to the next stop; None where the way is closed and the vehicle waits.
    added_s : float
        Seconds added to it, where the usual way takes no time at all.
    missed : int
        Stops that are missed on the way; `SLOW` where the vehicle keeps to its way.
    links : tuple of int
        The links it runs over then; none where it waits.
    """

    pattern: int
    place: int
    start_s: float
    end_s: float
    factor: float | None
    added_s: float = 0.0
    missed: int = SLOW
    links: tuple[int, ...] = ()

    @property
    def goes_round(self) -> bool:
        """Whether vehicles leave their way."""
        return self.factor is not None and self.missed != SLOW


@dataclass(frozen=True)
class _LinkState:
    """A stretch of time in which the same links are closed and slow.

    Attributes
    ----------
    closed : frozenset of int
    waiting : frozenset of int
        Closed links before which vehicles wait, road vehicles or not.
    going : frozenset of int
        Closed links round which they go, whatever they are.
    slow : dict of int to float
        Factor on the running time of slow links.
    """

    start_s: float
    end_s: float
    closed: frozenset[int]
    waiting: frozenset[int]
    going: frozenset[int]
    slow: dict[int, float]


def links_named(network: Network, item: LinkDisruptionParameters) -> list[int]:
    """Return the rows of the links that an entry of `disruptions.links` names; none where they are not there.

    Parameters
    ----------
    network : Network
    item : LinkDisruptionParameters
    """
    if item.link is not None:
        row = network.link_row.get(item.link, -1)
    else:
        ends = (network.node_index.get(node or "", -1) for node in (item.from_stop, item.to_stop))
        row = network.link_index.get((next(ends), next(ends)), -1)
    return [row] if row >= 0 else []


def find_hindrances(
    network: Network,
    service: Service,
    disruptions: Sequence[LinkDisruptionParameters],
    signals: Mapping[int, Signal] | None = None,
) -> list[Hindrance]:
    """Return how closed and slow links hinder vehicles, by pattern, position and time.

    Of one position no stretch in which vehicles go round overlaps another one, or one in which they wait or are slow;
    so at any time of leaving one way is meant (tests/functional/test_detours.py).

    Parameters
    ----------
    network : Network
    service : Service
    disruptions : sequence of LinkDisruptionParameters
    signals : mapping of int to Signal, optional
        By link; on a way round their mean delay is added.
    """
    if not disruptions:
        return []
    named = [(item, links_named(network, item)) for item in disruptions]
    touched = {link for _, links in named for link in links}
    stretches = list(_stretches(named))
    rounds = _Rounds(network, service, signals or {})
    found: list[Hindrance] = []
    for number, pattern in enumerate(service.patterns):
        for place, links in enumerate(pattern.links):
            if touched.isdisjoint(links):
                continue
            off_way = [
                rounds.off_way(number, place, stretch) for stretch in stretches if not stretch.closed.isdisjoint(links)
            ]
            found += off_way
            left = [(item.start_s, item.end_s) for item in off_way if item.goes_round]
            found += _slow(network, (number, place), links, named, left)
    return found


def _stretches(named: Sequence[tuple[LinkDisruptionParameters, list[int]]]) -> Iterator[_LinkState]:
    """Yield the stretches between all times at which something begins or ends, those with a closed link alone."""
    spans = [(quantize_one(item.start_s), quantize_one(item.end_s), item, links) for item, links in named]
    edges = sorted({edge for start_s, end_s, _, _ in spans for edge in (start_s, end_s)})
    for start_s, end_s in pairwise(edges):
        now = [(item, links) for begin_s, until_s, item, links in spans if begin_s <= start_s < until_s]
        closed = {link: item for item, links in now if item.speed_factor == 0 for link in links}
        if closed:
            waits, round_it = (
                frozenset(link for link, item in closed.items() if item.detour is wanted) for wanted in (False, True)
            )
            yield _LinkState(start_s, end_s, frozenset(closed), waits, round_it, _slowness(now))


def _slowness(now: Sequence[tuple[LinkDisruptionParameters, list[int]]]) -> dict[int, float]:
    """Return by slow link how many times as long it takes; factors of several disruptions are multiplied."""
    slow: dict[int, float] = {}
    for item, links in now:
        for link in links if item.speed_factor else ():
            slow[link] = slow.get(link, 1.0) / item.speed_factor
    return slow


def _slow(
    network: Network,
    at: tuple[int, int],
    links: tuple[int, ...],
    named: Sequence[tuple[LinkDisruptionParameters, list[int]]],
    left: Sequence[tuple[float, float]],
) -> Iterator[Hindrance]:
    """Yield the stretches in which vehicles keep to a slow way, in the order of the entries."""
    whole_s = time_of(links, network.link_running_time_s)
    for item, rows in named:
        for link in rows if item.speed_factor else ():
            if link not in links:
                continue
            own_s = links.count(link) * float(network.link_running_time_s[link])
            share = own_s / whole_s if whole_s > 0 else 1.0
            factor = 1.0 + share * (1.0 / item.speed_factor - 1.0)
            for start_s, end_s in _without((quantize_one(item.start_s), quantize_one(item.end_s)), left):
                yield Hindrance(*at, start_s, end_s, factor, links=links)


def _without(span: tuple[float, float], left: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Yield the parts of a span outside of others, which are in order."""
    start_s, end_s = span
    for from_s, until_s in left:
        if until_s <= start_s or from_s >= end_s:
            continue
        if start_s < from_s:
            yield start_s, from_s
        start_s = until_s
    if start_s < end_s:
        yield start_s, end_s


class _Rounds:
    """Ways round closed links."""

    def __init__(self, network: Network, service: Service, signals: Mapping[int, Signal]) -> None:
        self.network, self.service, self.signals = network, service, signals
        self._ways: dict[Way | None, StreetWays] = {}

    def off_way(self, number: int, place: int, stretch: _LinkState) -> Hindrance:
        """Return what vehicles do whose way is closed in a stretch."""
        pattern = self.service.patterns[number]
        made_for = way_of(self.service.lines[pattern.line].mode)
        links = pattern.links[place]
        shut = stretch.closed.intersection(links)
        goes = shut.isdisjoint(stretch.waiting) and (made_for in ("road", None) or shut <= stretch.going)
        found = self._way(pattern, place, stretch, made_for) if goes else None
        if found is None:
            return Hindrance(number, place, stretch.start_s, stretch.end_s, None)
        missed, way_links, way_s = found
        usual_s = time_of(links, self.network.link_running_time_s)
        factor, added_s = (way_s / usual_s, 0.0) if usual_s > 0 else (1.0, way_s)
        added_s += mean_way_delay_s(way_links, self.signals)
        return Hindrance(
            number, place, stretch.start_s, stretch.end_s, factor, quantize_one(added_s), missed, way_links
        )

    def _way(
        self, pattern: StopPattern, place: int, stretch: _LinkState, made_for: Way | None
    ) -> tuple[int, tuple[int, ...], float] | None:
        """Return how many stops are missed, and links and time of the way to the one after them."""
        if made_for not in self._ways:
            self._ways[made_for] = StreetWays(self.network, usable_links(self.network, self.service, made_for))
        start = pattern.stops[place]
        for reached in range(place + 1, len(pattern.stops)):
            if pattern.stops[reached] == start:
                continue
            way = self._ways[made_for].shortest(
                start, pattern.stops[reached], closed=stretch.closed, factor=stretch.slow
            )
            if way is not None:
                return reached - place - 1, way.links, way.time_s
        return None
