"""Ways of pairs of stops by period of departure, and journey options from them.

An option holds from its period on until the next one of the pair: rows are there only where something changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.journeys import JourneyOptions, LegTable
from sim.model.parameters import JourneyParameters
from sim.routing.path_size import PathSizes
from sim.routing.patterns import PatternOffer
from sim.routing.ragged import first_hits, pointers
from sim.routing.walks import Walks


@dataclass(frozen=True)
class Ways:
    """Ways of pairs and periods, of which each may have several; arrays (ways,) or (ways, rides).

    Costs are in equivalent seconds, walks in seconds; -1 stands for legs that are not there.

    Attributes
    ----------
    owner : ndarray of int
        Row of the pair and period.
    cost_s : ndarray of float
    leg : ndarray of int, shape (ways, rides)
        None for walking all the way.
    walk_s : ndarray of float, shape (ways, rides)
        Walk before each leg.
    egress_s : ndarray of float
        Walk after the last leg, or all the way.
    ridden : ndarray of int, shape (ways, rides, 3)
        The ride expected on each leg: pattern, and positions of boarding and alighting; shape (ways, 0, 3) where
        nobody asks what ways share.
    """

    owner: IntArray
    cost_s: FloatArray
    leg: IntArray
    walk_s: FloatArray
    egress_s: FloatArray
    ridden: IntArray

    @classmethod
    def blank(cls, owner: IntArray, cost_s: FloatArray, most_rides: int, journeys: JourneyParameters) -> Ways:
        """Return ways whose legs are still to be filled in."""
        shape = (len(owner), most_rides)
        legs = np.full(shape, -1, dtype=np.int64)
        of_size = (*shape, 3) if journeys.choice == "path_size_logit" else (len(owner), 0, 3)
        ridden = np.full(of_size, -1, dtype=np.int64)
        return cls(owner, cost_s, legs, np.zeros(shape), np.zeros(len(owner)), ridden)

    @classmethod
    def on_foot(
        cls, wanted: IntArray, walks: Walks, weight: float, most_rides: int, journeys: JourneyParameters
    ) -> Ways:
        """Return walks all the way, where they are short enough.

        Parameters
        ----------
        wanted : ndarray of int, shape (rows, 3)
            Origin, destination and period.
        walks : Walks
        weight : float
            Of walking.
        most_rides : int
        journeys : JourneyParameters
        """
        on_foot_s = walks.all_the_way(journeys)
        first = np.flatnonzero(np.append(True, (np.diff(wanted[:, :2], axis=0) != 0).any(axis=1)))[: len(wanted)]
        of_pair = [on_foot_s.get((start, goal), np.nan) for start, goal in wanted[first, :2].tolist()]
        walk_s = np.repeat(np.array(of_pair, dtype=float), np.diff(np.append(first, len(wanted))))
        rows = np.flatnonzero(np.isfinite(walk_s))
        ways = cls.blank(rows, weight * walk_s[rows], most_rides, journeys)
        ways.egress_s[:] = walk_s[rows]
        return ways

    def at(self, rows: IntArray | BoolArray) -> Ways:
        """Return some of the ways."""
        legs = self.leg[rows], self.walk_s[rows], self.egress_s[rows], self.ridden[rows]
        return Ways(self.owner[rows], self.cost_s[rows], *legs)

    @classmethod
    def joined(cls, parts: Sequence[Ways]) -> Ways:
        """Return the ways of all parts in the order of their rows; of a row, those of earlier parts first."""
        whole = cls(
            np.concatenate([part.owner for part in parts]),
            np.concatenate([part.cost_s for part in parts]),
            np.concatenate([part.leg for part in parts]),
            np.concatenate([part.walk_s for part in parts]),
            np.concatenate([part.egress_s for part in parts]),
            np.concatenate([part.ridden for part in parts]),
        )
        return whole.at(np.argsort(whole.owner, kind="stable"))


def options_of(
    wanted: IntArray, ways: Ways, journeys: JourneyParameters, legs: LegTable, offers: Sequence[PatternOffer]
) -> JourneyOptions:
    """Return ways as journey options, a row for each pair and every period in which something changes.

    Parameters
    ----------
    wanted : ndarray of int, shape (rows, 3)
        Origin, destination and period, sorted.
    ways : Ways
        In the order of their rows.
    journeys : JourneyParameters
    legs : LegTable
    offers : sequence of PatternOffer
    """
    kept = _changes(wanted, ways, journeys.choice != "deterministic")
    # The first row of a pair holds before its period too.
    first = np.diff(wanted[kept, 0] * (1 + wanted[:, 1].max(initial=0)) + wanted[kept, 1], prepend=-1) != 0
    is_kept = np.zeros(len(wanted), dtype=np.bool_)
    is_kept[kept] = True
    ways = ways.at(is_kept[ways.owner])
    used = ways.leg >= 0
    options = JourneyOptions(
        pairs=wanted[kept, :2],
        period=np.where(first, 0, wanted[kept, 2]),
        period_s=journeys.departure_period_s,
        option_ptr=pointers(np.bincount(ways.owner, minlength=len(wanted))[kept]),
        leg_ptr=pointers(used.sum(axis=1)),
        leg=ways.leg[used],
        walk_before_s=ways.walk_s[used],
        egress_walk_s=ways.egress_s,
        cost_min=ways.cost_s / 60.0,
        path_size=np.ones(len(ways.cost_s)),
        legs=legs,
    )
    if journeys.choice == "path_size_logit":
        sizes, bounds = PathSizes(offers), options.option_ptr.tolist()
        rides = [[(p, b, a) for p, b, a in way if p >= 0] for way in ways.ridden.tolist()]
        for row in np.flatnonzero(np.diff(options.option_ptr) > 1).tolist():
            part = slice(bounds[row], bounds[row + 1])
            options.path_size[part] = sizes.of_pair(rides[part])
    return options


def _changes(wanted: IntArray, ways: Ways, drawn: bool) -> IntArray:
    """Return the rows in which a pair has other ways than before; one at least for each pair.

    Where one way is taken it counts which is cheapest, where one is drawn what each costs. Where a pair has no way any
    more people go on as before, and wait in vain.
    """
    if not len(wanted):
        return np.zeros(0, dtype=np.int64)
    pair = pointers((np.diff(wanted[:, :2], axis=0) != 0).any(axis=1))
    count = np.bincount(ways.owner, minlength=len(wanted))
    some = np.bincount(pair, count) > 0
    rows: IntArray = np.flatnonzero((count > 0) | ~some[pair])
    count = count[rows]
    new = np.ones(len(rows), dtype=np.bool_)
    new[1:] = (np.diff(pair[rows]) != 0) | (np.diff(count) != 0)
    # Rows without ways are gone, so that the ways of the row before stand before those of a row, one for one.
    of_way = np.repeat(np.arange(len(rows)), count)
    mine = np.flatnonzero(~new[of_way])
    before = mine - count[of_way[mine]]
    other = np.zeros(len(mine), dtype=np.bool_)
    for column in (ways.leg, ways.walk_s, ways.egress_s[:, None]):
        other |= (column[mine] != column[before]).any(axis=1)
    if drawn:
        other |= ways.cost_s[mine] != ways.cost_s[before]
    else:
        bounds = pointers(count)
        full = np.flatnonzero(count)
        place = np.zeros(len(rows), dtype=np.int64)
        if len(full):
            least_s = np.minimum.reduceat(ways.cost_s, bounds[:-1][full])
            hits = ways.cost_s == np.repeat(least_s, count[full])
            place[full] = first_hits(hits, np.append(bounds[:-1][full], bounds[-1])) - bounds[:-1][full]
        new[1:] |= np.diff(place) != 0
    new[of_way[mine[other]]] = True
    return rows[new]
