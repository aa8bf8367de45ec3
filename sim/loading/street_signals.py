"""Traffic signals of ``gmns/link.csv`` and ``gmns/node.csv``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.loading.columns import numbers, report_rows
from sim.loading.csv_tables import TextTable
from sim.loading.problems import ProblemCollector


def read_signals(table: TextTable, collector: ProblemCollector) -> tuple[FloatArray, ...]:
    """Return cycle (s), green share and offset (s) of the signal of each row; NaN where there is none."""
    cycle = numbers(table, "signal_cycle_s", collector, more_than=0, blank=np.nan)
    share = numbers(table, "signal_green_share", collector, more_than=0, blank=np.nan)
    offset = numbers(table, "signal_offset_s", collector, blank=0.0)
    report_rows(table, share > 1, "signal_green_share", "must be at most 1", collector)
    alone = np.isfinite(cycle) != np.isfinite(share)
    report_rows(table, alone, "signal_cycle_s", "a signal needs both signal_cycle_s and signal_green_share", collector)
    return cycle, share, np.where(np.isfinite(cycle), offset, np.nan)


def signals_of_links(
    of_links: Sequence[FloatArray], of_nodes: Sequence[FloatArray] | None, end_nodes: IntArray, turned: BoolArray
) -> tuple[FloatArray, ...]:
    """Return the signals at the ends of links: their own, or else those of the nodes where they end.

    A link's own signal is at the end that its row names, not at that of the way back.

    Parameters
    ----------
    of_links : sequence of ndarray of float, shape (links,)
        Cycle, green share and offset.
    of_nodes : sequence of ndarray of float, shape (nodes,), or None
    end_nodes : ndarray of int, shape (links,)
        Rows of ``node.csv``; -1 for those that are not there.
    turned : ndarray of bool, shape (links,)
        Whether a link is the way back of its row.
    """
    own = np.isfinite(of_links[0]) & ~turned
    none = np.full(len(end_nodes), np.nan)
    there = [none] * len(of_links) if of_nodes is None else [np.append(each, np.nan)[end_nodes] for each in of_nodes]
    return tuple(np.where(own, mine, other) for mine, other in zip(of_links, there, strict=True))
