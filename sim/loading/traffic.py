"""Running times and background traffic by link and period from ``traffic.csv``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.loading.columns import check_periods, clocks, numbers, report_rows
from sim.loading.csv_tables import TextTable
from sim.loading.hints import did_you_mean, listed
from sim.loading.problems import ProblemCollector
from sim.loading.street import Links
from sim.model.network import LinkTimes, LinkVolumes


@dataclass(frozen=True)
class Traffic:
    """Rows of ``traffic.csv``, one for each link that a class stands for.

    Attributes
    ----------
    link : ndarray of int, shape (rows,)
    start_s, end_s : ndarray of float, shape (rows,)
        Half-open periods, seconds after midnight.
    running_time_s, speed_factor : ndarray of float, shape (rows,)
        At most one of both; NaN where not given.
    volume_per_s : ndarray of float, shape (rows,)
        Cars per second; NaN where not given.
    """

    link: IntArray
    start_s: FloatArray
    end_s: FloatArray
    running_time_s: FloatArray
    speed_factor: FloatArray
    volume_per_s: FloatArray

    def least_s(self, links: int) -> FloatArray:
        """Return the least running time given for each link in seconds; NaN where none."""
        least = np.full(links, np.inf)
        given = np.isfinite(self.running_time_s)
        np.minimum.at(least, self.link[given], self.running_time_s[given])
        return np.where(np.isfinite(least), least, np.nan)

    def link_times(self, free_s: FloatArray) -> LinkTimes | None:
        """Return running times sorted by link and start; a speed factor divides the free time.

        Parameters
        ----------
        free_s : ndarray of float, shape (links,)
            Free running times in seconds.
        """
        given = np.isfinite(self.running_time_s)
        time = np.where(given, self.running_time_s, free_s[self.link] / self.speed_factor)
        order = self._sorted(np.isfinite(time))
        return LinkTimes(self.link[order], self.start_s[order], self.end_s[order], time[order]) if len(order) else None

    def link_volumes(self) -> LinkVolumes | None:
        """Return background traffic sorted by link and start."""
        order = self._sorted(np.isfinite(self.volume_per_s))
        columns = (self.link[order], self.start_s[order], self.end_s[order], self.volume_per_s[order])
        return LinkVolumes(*columns) if len(order) else None

    def _sorted(self, wanted: BoolArray) -> IntArray:
        rows: IntArray = np.lexsort((self.start_s, self.link))
        return rows[wanted[rows]]


def read_traffic(table: TextTable, links: Links, collector: ProblemCollector) -> Traffic:
    """Turn the rows of ``traffic.csv`` into numbers and check them.

    A row is about a link, or about all links of a class (`facility_type` of ``link.csv``) of
    which no row is about the link itself.
    """
    link, group, members = _named(table, links, collector)
    start = clocks(table, "period_start", collector)
    end = clocks(table, "period_end", collector)
    time = numbers(table, "running_time_s", collector, more_than=0, blank=np.nan)
    factor = numbers(table, "speed_factor", collector, more_than=0, blank=np.nan)
    volume = numbers(table, "volume_per_h", collector, at_least=0, blank=np.nan) / 3600.0
    has_time, has_factor, has_volume = (
        table.text(name) != "" for name in ("running_time_s", "speed_factor", "volume_per_h")
    )
    message = "give either running_time_s or speed_factor"
    report_rows(table, has_time & has_factor, "running_time_s", message, collector)
    message = "give either running_time_s or speed_factor, or volume_per_h, or one of the former and volume_per_h"
    report_rows(table, ~(has_time | has_factor | has_volume), "running_time_s", message, collector)
    message = "a class of links cannot have one running time; give speed_factor or volume_per_h"
    report_rows(table, has_time & (group >= len(links.ids)), "running_time_s", message, collector)
    check_periods(table, start, end, group, collector)
    rows, link, share = _spread(link, group, members, len(links.ids))
    return Traffic(link, start[rows], end[rows], time[rows] * share, factor[rows], volume[rows])


def _named(
    table: TextTable, links: Links, collector: ProblemCollector
) -> tuple[IntArray, IntArray, dict[int, tuple[tuple[int, float], ...]]]:
    """Return the link of each row, a number for what it is about, and its links by this number.

    Links come with the share of a running time that falls to them: parts of a link that a stop divides have theirs.
    """
    index = {link: row for row, link in enumerate(links.ids)}
    members: dict[str, list[int]] = {}
    for row, name in enumerate(links.link_class or ()):
        members.setdefault(name, []).append(row)
    members.pop("", None)
    number = {name: len(index) + place for place, name in enumerate(members)}
    ids, classes = table.text("link_id"), table.text("link_class")
    both = np.array([bool(text) == bool(name) for text, name in zip(ids, classes, strict=True)], dtype=np.bool_)
    report_rows(table, both, "link_id", "give either link_id or link_class", collector)
    named = {text: links.rows_named(text, index) for text in set(ids)}
    link = np.array([named[text][0][0] if named[text] else -1 for text in ids], dtype=np.int64)
    of_class = np.array([number.get(name, -1) for name in classes], dtype=np.int64)
    unknown = np.flatnonzero((link < 0) & (ids != "") & ~both)
    report_rows(
        table,
        unknown,
        "link_id",
        lambda place: f"there is no link {ids[unknown[place]]!r}{did_you_mean(ids[unknown[place]], index)}",
        collector,
    )
    strange = np.flatnonzero((of_class < 0) & (classes != "") & ~both)
    known = f"facility_type of gmns/link.csv has {listed(members)}" if members else "gmns/link.csv has no facility_type"
    report_rows(
        table,
        strange,
        "link_class",
        lambda place: (
            f"there is no class of links {classes[strange[place]]!r}"
            f"{did_you_mean(classes[strange[place]], members)}; {known}"
        ),
        collector,
    )
    of_number = {found[0][0]: found for found in named.values() if found}
    of_number |= {number[name]: tuple((row, 1.0) for row in rows) for name, rows in members.items()}
    return link, np.where(link >= 0, link, of_class), of_number


def _spread(
    link: IntArray, group: IntArray, members: dict[int, tuple[tuple[int, float], ...]], links: int
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return row of the table, link and share for each row about a link and each link that a class stands for."""
    of_link = np.flatnonzero(link >= 0)
    found = [(row, *member) for row in of_link.tolist() for member in members[int(link[row])]]
    own = {member for _, member, _ in found}
    for row in np.flatnonzero(group >= links).tolist():
        found += [(row, *member) for member in members[int(group[row])] if member[0] not in own]
    columns = np.array(found, dtype=np.float64).reshape(-1, 3)
    return columns[:, 0].astype(np.int64), columns[:, 1].astype(np.int64), columns[:, 2]
