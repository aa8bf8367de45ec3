"""Which vehicles people board at a service point, where that differs by the hour.

A row of a leg boards the vehicles of a stop pattern that are due between two times. Rows of a leg at one service point
that are ridden and followed alike are one group with several spans of time; rows of other legs with the same spans
share it. Whoever looks back at a day may thus ask what people met who waited for these vehicles, and no others
(tests/functional/test_forecast_by_hour.py). With real time the vehicles of a group are other ones each day, and
each leg has groups of its own. So have rides that may end before their stop or run past it, as it is closed for a while
or missed, or as a vehicle breaks down for good: whoever boards such a vehicle is expected to get there no sooner than
with the next one that takes them all the way (tests/functional/test_closed_goals.py and test_put_out.py).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Final

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
        Visit at which people of the group get out, where rides may end before it or run past it; -1 elsewhere.
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
            Where nobody could board: it ran past, or broke down for good.
        """
        if self.chosen is None and self.alight is None:
            return self
        kept = np.ones(len(self.visit), dtype=np.bool_)
        if self.chosen is not None:
            boarded = self.chosen.boarded(arrival_s)
            kept[len(kept) - len(boarded) :] = boarded
        if self.alight is not None:
            # Whoever is put out on the way waits there for the vehicle for which they could have waited before. Where
            # one breaks down for good it lets out all the same, and comes to no stop behind.
            comes = np.isfinite(arrival_s)
            not_reached, runs_past = np.cumsum(~comes), closed & np.append(comes[1:], False)
            takes_there = (not_reached[self.alight] == not_reached[self.visit]) & ~runs_past[self.alight]
            kept &= (self.alight < 0) | takes_there
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
        for mine, spans in [*rows.by_the_hour(), *rows.all_day_where_cut_short()]:
            at = int(rows.point[mine[0]])
            visits = int(rows.visits[mine[0]]) if rows.cut_short[mine[0]] else 0
            key = (at, spans.tobytes(), visits)
            if key not in number:
                number[key] = points + len(number)
                there_s = due_s[ptr[at] : ptr[at + 1]]
                place = spans[:, 0].searchsorted(there_s, side="right") - 1
                inside = (place >= 0) & (there_s <= spans[np.maximum(place, 0), 1])
                point.append(at)
                visit.append(order[ptr[at] : ptr[at + 1]][inside])
                alight.append(_alighting(service, visit[-1], visits))
            of_row[mine] = number[key]
    sizes = np.array([len(one) for one in visit], dtype=np.int64)
    group = np.repeat(points + np.arange(len(visit)), sizes)
    return BoardingGroups(
        np.concatenate([np.arange(points), point]).astype(np.int64),
        np.concatenate([visit_point, group]).astype(np.int64),
        np.concatenate([np.arange(len(visit_point)), *visit]).astype(np.int64),
        of_row,
        alight=_where_any(len(visit_point), *alight),
    )


def _alighting(service: Service, visit: IntArray, visits: int | IntArray) -> IntArray:
    """Return where people get out who board at visits and ride to one so far behind; -1 for none, and beyond a run."""
    run = service.runs.of_visit
    there = np.minimum(visit + visits, len(run) - 1)
    found: IntArray = np.where((there > visit) & (run[there] == run[visit]), there, -1)
    return found


def _where_any(visits: int, *alight: IntArray) -> IntArray | None:
    """Lay where people get out behind as many entries without; None if that is nowhere."""
    found = np.concatenate([np.full(visits, -1, dtype=np.int64), *alight])
    return found if (found >= 0).any() else None


def _groups_by_leg(
    service: Service, visit_point: IntArray, points: int, rows: RowPlaces, chosen: RealTimeSets
) -> BoardingGroups:
    """Return groups of their own for each leg, with all vehicles from which people choose there."""
    numbers = rows.ridden_alike()
    first = np.unique(numbers, return_index=True)[1]
    known = chosen.known
    visits = np.where(rows.cut_short, rows.visits, 0)[known.leg_row]
    return BoardingGroups(
        np.concatenate([np.arange(points), rows.point[first]]).astype(np.int64),
        np.concatenate([visit_point, points + numbers[known.leg_row]]).astype(np.int64),
        np.concatenate([np.arange(len(visit_point)), known.visit]).astype(np.int64),
        points + numbers,
        chosen,
        _where_any(len(visit_point), _alighting(service, known.visit, visits)),
    )


@dataclass(frozen=True)
class CutShort:
    """Where rides may end before the stop of alighting, or run past it.

    Attributes
    ----------
    closing : collection of int
        Stops that are closed for a while.
    patterns : collection of int
        Stop patterns of which some vehicle misses stops, or ends before the last one.
    """

    closing: Collection[int] = ()
    patterns: Collection[int] = ()


NOTHING_CUT_SHORT: Final = CutShort()


@dataclass(frozen=True)
class RowPlaces:
    """Where the rows of legs board and how far they ride; arrays (rows,) but for the legs.

    Attributes
    ----------
    legs : LegTable
    point : ndarray of int
        Service point.
    hops, visits : ndarray of int
        Stops and visits from boarding to alighting: a stop at which a trip goes on as another is two visits.
    cut_short : ndarray of bool
        Whether some vehicle may run past the stop of alighting, or end before it.
    """

    legs: LegTable
    point: IntArray
    hops: IntArray
    visits: IntArray
    cut_short: BoolArray

    def ridden_alike(self) -> IntArray:
        """Return a number for each row, the same for rows of a leg that are ridden and followed alike."""
        legs = self.legs
        leg = np.repeat(np.arange(len(legs)), np.diff(legs.set_ptr))
        walk = np.unique(legs.next_walk_s, return_inverse=True)[1].reshape(-1)
        return group_rows(leg, self.point, self.hops, legs.next_leg, walk)

    def all_day_where_cut_short(self) -> list[tuple[IntArray, FloatArray]]:
        """Return the rows that are boarded all day and may be cut short, by place and way, in one span."""
        legs = self.legs
        some = np.flatnonzero(self.cut_short & ~np.isfinite(legs.from_s) & ~np.isfinite(legs.until_s))
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
