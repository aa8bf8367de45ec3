"""Running times by link and period from ``traffic.csv``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.loading.columns import check_periods, clocks, numbers, references, report_rows
from sim.loading.csv_tables import TextTable
from sim.loading.findings import Findings
from sim.loading.street import Links
from sim.model.network import LinkTimes
from sim.units import FloatArray, IntArray


@dataclass(frozen=True)
class Traffic:
    """Rows of ``traffic.csv``.

    Attributes
    ----------
    link : ndarray of int, shape (rows,)
    start_s, end_s : ndarray of float, shape (rows,)
        Half-open periods, seconds after midnight.
    running_time_s, speed_factor : ndarray of float, shape (rows,)
        One of both; the other is NaN.
    """

    link: IntArray
    start_s: FloatArray
    end_s: FloatArray
    running_time_s: FloatArray
    speed_factor: FloatArray

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
        if not len(self.link):
            return None
        given = np.isfinite(self.running_time_s)
        time = np.where(given, self.running_time_s, free_s[self.link] / self.speed_factor)
        order = np.lexsort((self.start_s, self.link))
        return LinkTimes(self.link[order], self.start_s[order], self.end_s[order], time[order])


def read_traffic(table: TextTable, links: Links, findings: Findings) -> Traffic:
    """Turn the rows of ``traffic.csv`` into numbers and check them."""
    index = {link: row for row, link in enumerate(links.ids)}
    link = references(table, "link_id", index, "link", findings)
    start = clocks(table, "period_start", findings)
    end = clocks(table, "period_end", findings)
    time = numbers(table, "running_time_s", findings, more_than=0, blank=np.nan)
    factor = numbers(table, "speed_factor", findings, more_than=0, blank=np.nan)
    given = (table.text("running_time_s") != "").astype(int) + (table.text("speed_factor") != "").astype(int)
    message = "give either running_time_s or speed_factor"
    report_rows(table, given != 1, "running_time_s", message, findings)
    check_periods(table, start, end, link, findings)
    return Traffic(link, start, end, time, factor)
