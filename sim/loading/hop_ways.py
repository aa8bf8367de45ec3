"""Over which links trips run from stop to stop: the one that leads there, else the shortest way by time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.arrays import BoolArray
from sim.loading.gtfs_tables import Lines, Stops, Trips
from sim.loading.gtfs_times import StopTimes
from sim.loading.hints import listed
from sim.loading.problems import ProblemCollector
from sim.loading.street import hops_of
from sim.model.link_uses import Way, open_links, way_of
from sim.model.network import Network
from sim.model.ways import StreetWays, time_of


class HopWays:
    """The links of runs from stop to stop.

    Parameters
    ----------
    network : Network
    scheduled_s : dict of int to float
        Least scheduled running time by ``from * stops + to``.
    observed : ndarray of bool, shape (links,)
        Whether the free running time of a link is an observed one, of the vehicles themselves.
    """

    def __init__(self, network: Network, scheduled_s: dict[int, float], observed: BoolArray) -> None:
        self.network, self.scheduled_s, self.observed = network, scheduled_s, observed
        self._ways: dict[Way | None, StreetWays] = {}

    def links(self, start: int, end: int, made_for: Way | None) -> tuple[int, ...]:
        """Return the links from a stop to the next one in order; none where no way leads there.

        Parameters
        ----------
        start, end : int
            Rows of stops.
        made_for : str or None
            What the vehicles run on.
        """
        row = self.network.link_index.get((start, end))
        if row is not None:
            return (row,)
        if made_for not in self._ways:
            self._ways[made_for] = StreetWays(self.network, open_links(self.network, made_for))
        way = self._ways[made_for].shortest(start, end)
        return () if way is None else way.links

    def pace(self, start: int, end: int, links: Sequence[int]) -> float:
        """Return the least scheduled running time of a run over the free one of its links."""
        scheduled_s = self.scheduled_s.get(start * len(self.network.stop_id) + end, np.nan)
        free_s = time_of(links, self.network.link_running_time_s)
        if self.observed[list(links)].all() or np.isnan(scheduled_s) or free_s in (0.0, scheduled_s):
            return 1.0
        return scheduled_s / free_s


def check_ways_are_there(
    ways: HopWays, feed: tuple[Stops, Lines, Trips, StopTimes], file: str, collector: ProblemCollector
) -> None:
    """Report every run of a trip that no way leads over, and mention those that run over several links.

    Parameters
    ----------
    ways : HopWays
    feed : tuple of Stops, Lines, Trips and StopTimes
    file : str
        Of the links, as the user knows it.
    collector : ProblemCollector
    """
    stops, lines, trips, times = feed
    hops = hops_of(times)
    ids, names = list(stops.index), trips.text("trip_id")
    trip_of = np.searchsorted(times.ptr, hops, side="right") - 1
    mode_of_trip = [lines.lines[line].mode for line in trips.line.tolist()]
    first: dict[tuple[int, int, Way | None], int] = {}
    pairs = zip(times.stop[hops].tolist(), times.stop[hops + 1].tolist(), trip_of.tolist(), strict=True)
    for start, end, trip in pairs:
        first.setdefault((start, end, way_of(mode_of_trip[trip])), trip)
    lacking: list[str] = []
    by_stops: list[str] = []
    for (start, end, made_for), trip in first.items():
        found = ways.links(start, end, made_for) if start != end else (0,)
        if not found:
            line = lines.lines[int(trips.line[trip])].line_id
            lacking.append(
                f"there is no link from {ids[start]!r} to {ids[end]!r}; trip {names[trip]!r} of line {line!r} needs "
                "one, or a way over other links"
            )
        elif (ways.network.link_to[list(found[:-1])] < len(ids)).any():
            by_stops.append(f"{ids[start]} to {ids[end]}")
    collector.problem_rows(file, [0] * len(lacking), "", lacking.__getitem__)
    if by_stops:
        message = "there is no link of their own for these runs, which lead past other stops: "
        collector.mention(file, message + listed(by_stops))
