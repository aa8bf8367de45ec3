"""What rides cost: flat fares, fares by distance, and fares by line and zone as in a GTFS feed.

Amounts are in the currency of the scenario. Whoever boards no vehicle pays nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, Protocol

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.service import Service

NO_GROUP = -1
ANYWHERE = ""
"""Zone or line of a rule that holds for all."""


@dataclass(frozen=True)
class PaidRides:
    """Rides of journeys, in order of journeys and, within one, of time.

    Attributes
    ----------
    journeys : int
        Number of journeys, with rides or without.
    journey : ndarray of int, shape (rides,)
    pattern, board, alight : ndarray of int, shape (rides,)
        Stop pattern and the positions of boarding and alighting in it.
    board_s : ndarray of float, shape (rides,)
        When it is boarded; only differences within a journey count.
    """

    journeys: int
    journey: IntArray
    pattern: IntArray
    board: IntArray
    alight: IntArray
    board_s: FloatArray


@dataclass(frozen=True)
class RiddenLines:
    """Which line people on board are on, along each pattern.

    Attributes
    ----------
    line, onward_line : ndarray of int, shape (patterns,)
        Rows of the line of the pattern itself, and of that as which it goes on; the same where it does not.
    end : ndarray of int, shape (patterns,)
        Position of the last stop of the pattern itself.
    """

    line: IntArray
    onward_line: IntArray
    end: IntArray

    def goes_on(self, pattern: IntArray, alight: IntArray) -> BoolArray:
        """Tell which rides lead over to another line; the stop where a vehicle goes on has two positions."""
        beyond, other = alight > self.end[pattern] + 1, self.line[pattern] != self.onward_line[pattern]
        return np.asarray(beyond & other, dtype=np.bool_)

    def at(self, pattern: int, position: int) -> int:
        """Return the row of the line on which a vehicle leaves or reaches a position."""
        return int((self.line if position <= self.end[pattern] else self.onward_line)[pattern])


def ridden_lines(service: Service) -> RiddenLines:
    """Return which line people on board are on.

    Parameters
    ----------
    service : Service
    """
    parts = [item.parts() for item in service.patterns]
    return RiddenLines(
        line=np.array([ridden[0].line for ridden in parts], dtype=np.int64),
        onward_line=np.array([ridden[-1].line for ridden in parts], dtype=np.int64),
        end=np.array([len(ridden[0].stops) - 1 for ridden in parts], dtype=np.int64),
    )


class Tariff(Protocol):
    """Says what journeys cost."""

    def charge(self, rides: PaidRides) -> FloatArray:
        """Return the fare of each journey, shape (journeys,)."""
        ...

    def on(self, service: Service, link_length_m: FloatArray) -> Tariff:
        """Return the tariff for a service with the same rows of patterns, on other ways or links of other lengths."""
        ...


@dataclass(frozen=True)
class FlatTariff:
    """The same fare for everybody, once a journey or at each boarding."""

    fare: float
    charged: Literal["journey", "boarding"]

    def charge(self, rides: PaidRides) -> FloatArray:
        """Return the fare of each journey, shape (journeys,)."""
        boardings = np.bincount(rides.journey, minlength=rides.journeys)
        times = boardings if self.charged == "boarding" else np.minimum(boardings, 1)
        return self.fare * times.astype(np.float64)

    def on(self, service: Service, link_length_m: FloatArray) -> FlatTariff:  # noqa: ARG002 - the same everywhere
        """Return the tariff itself."""
        return self


@dataclass(frozen=True)
class DistanceTariff:
    """Fares by the way ridden: within a group of lines the ways of all rides of a journey are added up.

    Attributes
    ----------
    way_m : tuple of ndarray of float
        Way from the first stop to each stop of every pattern, in metres.
    lines : RiddenLines
    line_group : ndarray of int, shape (lines,)
        Group of each line; `NO_GROUP` where riding is free.
    bands : tuple of (ndarray of float, ndarray of float)
        For each group the ways in metres from which on a fare holds, from 0, and the fares.
    """

    way_m: tuple[FloatArray, ...]
    lines: RiddenLines
    line_group: IntArray
    bands: tuple[tuple[FloatArray, FloatArray], ...]

    def charge(self, rides: PaidRides) -> FloatArray:
        """Return the fare of each journey, shape (journeys,)."""
        first = np.concatenate([[0], np.cumsum([len(way) for way in self.way_m])]).astype(np.int64)
        way_m = np.concatenate([*self.way_m, np.zeros(0)])
        on = np.flatnonzero(self.lines.goes_on(rides.pattern, rides.alight))
        over = rides.pattern[on]
        alight = rides.alight.copy()
        alight[on] = self.lines.end[over]
        ridden_m = np.concatenate(
            [
                way_m[first[rides.pattern] + alight] - way_m[first[rides.pattern] + rides.board],
                way_m[first[over] + rides.alight[on]] - way_m[first[over] + alight[on]],
            ]
        )
        rider = np.concatenate([rides.journey, rides.journey[on]])
        group = self.line_group[np.concatenate([self.lines.line[rides.pattern], self.lines.onward_line[over]])]
        paid = np.zeros(rides.journeys)
        for number, (from_m, fares) in enumerate(self.bands):
            mine = np.flatnonzero(group == number)
            journey = rider[mine]
            total_m = np.bincount(journey, ridden_m[mine], rides.journeys)
            payers = np.flatnonzero(np.bincount(journey, minlength=rides.journeys))
            paid[payers] += fares[np.searchsorted(from_m, total_m[payers], side="right") - 1]
        return paid

    def on(self, service: Service, link_length_m: FloatArray) -> DistanceTariff:
        """Return the tariff by the ways of another service."""
        return replace(self, way_m=ways_m(service, link_length_m), lines=ridden_lines(service))


@dataclass(frozen=True)
class ZoneRule:
    """Where a fare holds: lines, zones of the first and last stop, and all zones passed; empty for any."""

    line: str = ANYWHERE
    origin: str = ANYWHERE
    destination: str = ANYWHERE
    contains: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ZoneFare:
    """One fare of a feed (``fare_attributes.txt``), and where it holds (``fare_rules.txt``).

    Attributes
    ----------
    fare_id : str
    price : float
    transfers : float
        Changes of vehicle that it covers; infinite for any number.
    duration_s : float
        Time from the first boarding to the last within which it is good; infinite for any.
    agency : str
        Agency whose lines it holds on; empty for all.
    rules : tuple of ZoneRule
        It holds where any of them does; everywhere where there are none.
    """

    fare_id: str
    price: float
    transfers: float
    duration_s: float
    agency: str
    rules: tuple[ZoneRule, ...]


Hop = tuple[int, int, int]
"""A ride, or the part of one on a line, as pattern and positions where it begins and ends."""


class ZoneTariff:
    """Fares of a GTFS feed: each journey pays the cheapest way to cover all of its rides.

    A fare may cover several rides in a row, as far as its transfers and its duration go; its zones
    are those of the first and the last stop. A ride that no fare can cover is free. A ride on which the
    vehicle goes on as another line is one on each of the two, between which no transfer is counted.

    Parameters
    ----------
    service : Service
    fares : sequence of ZoneFare
    stop_zone : sequence of str
        Zone of each stop; empty for none.
    """

    def __init__(self, service: Service, fares: Sequence[ZoneFare], stop_zone: Sequence[str]) -> None:
        self.fares = tuple(fares)
        self.stop_zone = tuple(stop_zone)
        self.ridden = ridden_lines(service)
        self.lines = [(item.line_id, item.agency_id) for item in service.lines]
        self.zones = [tuple(stop_zone[stop] for stop in item.reached_stops()) for item in service.patterns]
        self.limits_s = np.unique([fare.duration_s for fare in fares]) if fares else np.zeros(0)

    def charge(self, rides: PaidRides) -> FloatArray:
        """Return the fare of each journey, shape (journeys,)."""
        paid = np.zeros(rides.journeys)
        known: dict[tuple[object, ...], float] = {}
        starts = np.searchsorted(rides.journey, np.arange(rides.journeys + 1)).tolist()
        hops: list[Hop] = list(zip(rides.pattern.tolist(), rides.board.tolist(), rides.alight.tolist(), strict=True))
        for journey, (start, end) in enumerate(pairwise(starts)):
            if end > start:
                chain = hops[start:end]
                waits = self._limits_passed(rides.board_s[start:end]) if end > start + 1 else ()
                key = (*chain, waits)
                if key not in known:
                    known[key] = self._cheapest(*self._by_line(chain, rides.board_s[start:end]))
                paid[journey] = known[key]
        return paid

    def on(self, service: Service, link_length_m: FloatArray) -> ZoneTariff:  # noqa: ARG002 - zones know no lengths
        """Return the tariff by the stops of another service."""
        return ZoneTariff(service, self.fares, self.stop_zone)

    def _by_line(self, chain: Sequence[Hop], board_s: FloatArray) -> tuple[list[Hop], FloatArray]:
        """Part rides on which the vehicle goes on as another line; return parts, and when their rides are boarded."""
        pattern, _, alight = np.array(chain, dtype=np.int64).T
        goes_on = self.ridden.goes_on(pattern, alight)
        parts: list[Hop] = []
        for (row, begin, end), parted in zip(chain, goes_on.tolist(), strict=True):
            last = int(self.ridden.end[row])
            parts += [(row, begin, last), (row, last + 1, end)] if parted else [(row, begin, end)]
        return parts, np.repeat(board_s, 1 + goes_on)

    def _limits_passed(self, board_s: FloatArray) -> tuple[int, ...]:
        """Return how many of the durations pass between any two boardings: all that times can matter for."""
        between_s = (board_s[None, :] - board_s[:, None])[np.triu_indices(len(board_s), 1)]
        return tuple(np.searchsorted(self.limits_s, between_s).tolist())

    def _cheapest(self, chain: Sequence[Hop], board_s: FloatArray) -> float:
        """Return the least sum of fares that cover as many rides of a chain as can be, by dynamic programming."""
        best: list[tuple[int, float]] = [(0, 0.0)]
        for end in range(1, len(chain) + 1):
            # Rides that nothing covers are counted first, so that nobody saves money by leaving one uncovered.
            found = [(best[end - 1][0] + 1, best[end - 1][1])]
            for start in range(end):
                within_s = float(board_s[end - 1] - board_s[start])
                prices = [fare.price for fare in self.fares if self._covers(fare, chain[start:end], within_s)]
                found += [(best[start][0], best[start][1] + min(prices))] if prices else []
            best.append(min(found))
        return best[-1][1]

    def _covers(self, fare: ZoneFare, part: Sequence[Hop], within_s: float) -> bool:
        # Nobody boards beyond the last stop of a pattern itself: a part that begins there is ridden to on board.
        transfers = sum(1 for pattern, begin, _ in part[1:] if begin <= self.ridden.end[pattern])
        if transfers > fare.transfers or within_s > fare.duration_s:
            return False
        lines = [self.lines[self.ridden.at(pattern, begin)] for pattern, begin, _ in part]
        if fare.agency and any(agency != fare.agency for _, agency in lines):
            return False
        if not fare.rules:
            return True
        fits = self._rules_for(fare, part)
        return all(any(rule.line in (ANYWHERE, line) for rule in fits) for line, _ in lines)

    def _rules_for(self, fare: ZoneFare, part: Sequence[Hop]) -> list[ZoneRule]:
        """Return the rules of a fare for the zones where a part of a journey begins, ends and passes."""
        origin, destination = self.zones[part[0][0]][part[0][1]], self.zones[part[-1][0]][part[-1][2]]
        passed = frozenset(
            zone for pattern, board, alight in part for zone in self.zones[pattern][board : alight + 1] if zone
        )
        return [
            rule
            for rule in fare.rules
            if rule.origin in (ANYWHERE, origin)
            and rule.destination in (ANYWHERE, destination)
            and (not rule.contains or rule.contains == passed)
        ]


TariffMaker = Callable[[Service, FloatArray], Tariff]
"""Makes the tariff of a network for its service, given the lengths of its links in metres."""


def ways_m(service: Service, link_length_m: FloatArray) -> tuple[FloatArray, ...]:
    """Return the way from the first stop to each stop of every pattern, in metres.

    Parameters
    ----------
    service : Service
    link_length_m : ndarray of float, shape (links,)
    """
    return tuple(
        np.cumsum([0.0, *(float(link_length_m[list(links)].sum()) for links in item.reached_links())])
        for item in service.patterns
    )
