"""Which vehicles people board at a service point, where that differs by the hour.

A row of a leg boards the vehicles of a stop pattern that are due between two times. Rows of a leg at one service point
that are ridden and followed alike are one group with several spans of time; rows of other legs with the same spans
share it. Whoever looks back at a day may thus ask what people met who waited for these vehicles, and no others
(tests/functional/test_forecast_by_hour.py). With real time the vehicles of a group are other ones each day, and
each leg has groups of its own. So have rides to a stop that is closed for a while: whoever boards a vehicle that runs
past it is expected to get there no sooner than with the next one that stops there
(tests/functional/test_closed_goals.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.journeys import LegTable
from sim.model.service import Service
from sim.population.real_time_sets import RealTimeSets
from sim.population.systematic_sampling import group_rows


@dataclass(frozen=True)
class BoardingGroups:
    """Groups of vehicles that people wait for. The first ones are all vehicles of each service point.

    Attributes
    ----------
    point : ndarray of int, shape (groups,)
        Service point of each group.
    group, visit : ndarray of int, shape (entries,)
        Which visits are in which group; sorted by visit, those of all vehicles first.
    of_row : ndarray of int, shape (rows of legs,)
        Group of each row.
    chosen : RealTimeSets or None
        Where people know real times: which of the last entries they would have boarded on a day.
    alight : ndarray of int, shape (entries,), or None
        Visit at which people of the group get out, where that stop is closed for a while; -1 elsewhere.
    """

    point: IntArray
    group: IntArray
    visit: IntArray
    of_row: IntArray
    chosen: RealTimeSets | None = None
    alight: IntArray | None = None

    def __len__(self) -> int:
        """Count the groups."""
        return len(self.point)

    def of_day(self, arrival_s: FloatArray, closed: BoolArray) -> BoardingGroups:
        """Return the groups with the vehicles that people would have boarded on a day, and got out of where they want.

        Parameters
        ----------
        arrival_s : ndarray of float, shape (visits,)
            When each vehicle came to each of its stops on the day.
        closed : ndarray of bool, shape (visits,)
            Where it ran past.
        """
        if self.chosen is None and self.alight is None:
            return self
        kept = np.ones(len(self.visit), dtype=np.bool_)
        if self.chosen is not None:
            boarded = self.chosen.boarded(arrival_s)
            kept[len(kept) - len(boarded) :] = boarded
        if self.alight is not None:
            kept &= (self.alight < 0) | ~closed[self.alight]
        return replace(self, group=self.group[kept], visit=self.visit[kept], chosen=None, alight=None)

    @cached_property
    def of_visits(self) -> tuple[IntArray, IntArray]:
        """The groups of each visit one after the other, and where those of each begin, shape (visits + 1,)."""
        order = np.argsort(self.visit, kind="stable")
        # Each visit is in the group of its service point.
        counts = np.bincount(self.visit)
        return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), self.group[order]


def boarding_groups(
    service: Service, visit_point: IntArray, points: int, rows: RowPlaces | None, ends_broken: BoolArray | None = None
) -> BoardingGroups:
    """Put the vehicles that rows of legs board into groups.

    Parameters
    ----------
    service : Service
    visit_point : ndarray of int, shape (visits,)
    points : int
        Number of service points.
    rows : RowPlaces or None
        Of the legs that people may ride.
    ends_broken : ndarray of bool, shape (trips,), or None
        Whose vehicles break down for good; it counts where people know real times.
    """
    if rows is not None and rows.legs.known_vehicles is not None:
        broken = np.zeros(len(service.trip_id), dtype=np.bool_) if ends_broken is None else ends_broken
        chosen = RealTimeSets(rows.legs.known_vehicles, service, broken)
        return _groups_by_leg(service, visit_point, points, rows, chosen)
    point, visit, alight = [], [], []
    of_row = np.zeros(0, dtype=np.int64) if rows is None else rows.point.copy()
    if rows is not None:
        # In order of visits at each point, as they have to be in each group.
        order = np.argsort(visit_point, kind="stable")
        due_s = service.scheduled_departure_s[order]
        ptr = np.searchsorted(visit_point[order], np.arange(points + 1)).tolist()
        number: dict[tuple[int, bytes, int], int] = {}
        for mine, spans in [*rows.by_the_hour(), *rows.all_day_to_closed_stops()]:
            at = int(rows.point[mine[0]])
            hops = int(rows.hops[mine[0]]) if rows.closes[mine[0]] else 0
            key = (at, spans.tobytes(), hops)
            if key not in number:
                number[key] = points + len(number)
                there_s = due_s[ptr[at] : ptr[at + 1]]
                place = spans[:, 0].searchsorted(there_s, side="right") - 1
                inside = (place >= 0) & (there_s <= spans[np.maximum(place, 0), 1])
                point.append(at)
                visit.append(order[ptr[at] : ptr[at + 1]][inside])
                alight.append(_alighting(service, visit[-1], hops))
            of_row[mine] = number[key]
    sizes = np.array([len(one) for one in visit], dtype=np.int64)
    group = np.repeat(points + np.arange(len(visit)), sizes)
    return BoardingGroups(
        np.concatenate([np.arange(points), point]).astype(np.int64),
        np.concatenate([visit_point, group]).astype(np.int64),
        np.concatenate([np.arange(len(visit_point)), *visit]).astype(np.int64),
        of_row,
        alight=_where_any(np.concatenate([np.full(len(visit_point), -1, dtype=np.int64), *alight])),
    )


def _alighting(service: Service, visit: IntArray, hops: int | IntArray) -> IntArray:
    """Return where people get out who board at visits and ride so many stops; -1 for none, and on a further trip."""
    there = np.minimum(visit + hops, len(service.visit_trip) - 1)
    same = (there > visit) & (service.visit_trip[there] == service.visit_trip[visit])
    found: IntArray = np.where(same, there, -1)
    return found


def _where_any(alight: IntArray) -> IntArray | None:
    return alight if (alight >= 0).any() else None


def _groups_by_leg(
    service: Service, visit_point: IntArray, points: int, rows: RowPlaces, chosen: RealTimeSets
) -> BoardingGroups:
    """Return groups of their own for each leg, with all vehicles from which people choose there."""
    numbers = rows.ridden_alike()
    first = np.unique(numbers, return_index=True)[1]
    known = chosen.known
    hops = np.where(rows.closes, rows.hops, 0)[known.leg_row]
    return BoardingGroups(
        np.concatenate([np.arange(points), rows.point[first]]).astype(np.int64),
        np.concatenate([visit_point, points + numbers[known.leg_row]]).astype(np.int64),
        np.concatenate([np.arange(len(visit_point)), known.visit]).astype(np.int64),
        points + numbers,
        chosen,
        _where_any(
            np.concatenate([np.full(len(visit_point), -1, dtype=np.int64), _alighting(service, known.visit, hops)])
        ),
    )


@dataclass(frozen=True)
class RowPlaces:
    """Where the rows of legs board and how far they ride; arrays (rows,) but for the legs.

    Attributes
    ----------
    legs : LegTable
    point : ndarray of int
        Service point.
    hops : ndarray of int
        Stops from boarding to alighting.
    closes : ndarray of bool
        Whether the stop of alighting is closed for a while.
    """

    legs: LegTable
    point: IntArray
    hops: IntArray
    closes: BoolArray

    def ridden_alike(self) -> IntArray:
        """Return a number for each row, the same for rows of a leg that are ridden and followed alike."""
        legs = self.legs
        leg = np.repeat(np.arange(len(legs)), np.diff(legs.set_ptr))
        walk = np.unique(legs.next_walk_s, return_inverse=True)[1].reshape(-1)
        return group_rows(leg, self.point, self.hops, legs.next_leg, walk)

    def all_day_to_closed_stops(self) -> list[tuple[IntArray, FloatArray]]:
        """Return the rows that are boarded all day and ridden to a stop that closes, by place and way, in one span."""
        legs = self.legs
        some = np.flatnonzero(self.closes & ~np.isfinite(legs.from_s) & ~np.isfinite(legs.until_s))
        alike = group_rows(self.point[some], self.hops[some])
        order = np.argsort(alike, kind="stable")
        bounds = np.flatnonzero(np.diff(alike[order])) + 1
        all_day = np.array([[-np.inf, np.inf]])
        return [(some[rows], all_day) for rows in np.split(order, bounds) if len(rows)]

    def by_the_hour(self) -> list[tuple[IntArray, FloatArray]]:
        """Return the rows of each group that is not boarded all day, and its spans of time, shape (spans, 2)."""
        legs = self.legs
        some = np.flatnonzero(np.isfinite(legs.from_s) | np.isfinite(legs.until_s))
        leg = np.repeat(np.arange(len(legs)), np.diff(legs.set_ptr))
        keys = (leg[some], self.point[some], self.hops[some], legs.next_leg[some], legs.next_walk_s[some])
        from_s, until_s = legs.from_s[some], legs.until_s[some]
        order = np.lexsort((until_s, from_s, *keys[::-1]))
        new = np.ones(len(order), dtype=np.bool_)
        new[1:] = np.any([np.diff(key[order]) != 0 for key in keys], axis=0)
        rows, spans = some[order], np.stack([from_s[order], until_s[order]], axis=1)
        # Patterns of one point have the same spans.
        differs = new.copy()
        differs[1:] |= (spans[1:] != spans[:-1]).any(axis=1)
        first = [*np.flatnonzero(new).tolist(), len(rows)]
        span_at, spans = np.append(np.cumsum(differs) - differs, differs.sum())[first].tolist(), spans[differs]
        return [
            (rows[start:end], spans[start_span:end_span])
            for (start, end), (start_span, end_span) in zip(pairwise(first), pairwise(span_at), strict=True)
        ]
