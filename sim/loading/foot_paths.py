"""Where people can walk between stops: walk links of the street graph and transfers of the feed."""

from __future__ import annotations

import numpy as np

from sim.loading.columns import choices, numbers, report_rows
from sim.loading.csv_tables import TextTable
from sim.loading.findings import Findings
from sim.loading.gtfs_tables import Stops
from sim.loading.network_files import NetworkFiles
from sim.loading.table_specs import LINKS, TRANSFERS
from sim.model.network import FootPaths
from sim.units import FloatArray, IntArray

NO_TRANSFER = "3"
TAKES_TIME = "2"
WALK_WORDS = frozenset({"walk", "pedestrian", "foot", "ped"})
"""Words of `allowed_uses` that let people walk on a link; its words are separated by commas."""


def read_foot_paths(files: NetworkFiles, stops: Stops | None, findings: Findings) -> FootPaths | None:
    """Read the walk links of ``gmns/link.csv`` and ``transfers.txt``; None where there are neither.

    Parameters
    ----------
    files : NetworkFiles
    stops : Stops or None
    findings : Findings
    """
    if stops is None or not (files.has(TRANSFERS.name) or files.has(LINKS.name)):
        return None
    link_from, link_to, length_m = _walk_links(files, stops)
    start, goal, least_s = _transfers(files, stops, findings)
    if not len(link_from) and not len(start):
        return None
    return FootPaths(link_from, link_to, length_m, start, goal, least_s)


def _walk_links(files: NetworkFiles, stops: Stops) -> tuple[IntArray, IntArray, FloatArray]:
    """Return ends and lengths of links that people may walk on; what is wrong with them is said elsewhere."""
    unheard = Findings()
    table = files.table(LINKS, required=False) if files.has(LINKS.name) else None
    if table is None or not table.has("allowed_uses"):
        return _none(), _none(), np.zeros(0)
    length_m = numbers(table, "length", unheard, more_than=0)
    start, goal = (_rows(table, stops, column) for column in ("from_node_id", "to_node_id"))
    walkable = np.array([_is_walk(text) for text in table.text("allowed_uses")], dtype=np.bool_)
    kept = np.flatnonzero(walkable & (start >= 0) & (goal >= 0) & np.isfinite(length_m))
    return start[kept], goal[kept], length_m[kept]


def _is_walk(allowed_uses: str) -> bool:
    return not WALK_WORDS.isdisjoint(word.strip().lower() for word in allowed_uses.split(","))


def _transfers(files: NetworkFiles, stops: Stops, findings: Findings) -> tuple[IntArray, IntArray, FloatArray]:
    """Return stops of transfers and their least time: NaN for none given, infinite for no transfer."""
    table = files.table(TRANSFERS, required=False)
    if table is None:
        return _none(), _none(), np.zeros(0)
    kind = choices(table, "transfer_type", findings, ("0", "1", "2", "3", "4", "5"), blank="0")
    least_s = numbers(table, "min_transfer_time", findings, at_least=0, blank=np.nan)
    start, goal = (_rows(table, stops, column) for column in ("from_stop_id", "to_stop_id"))
    for column, rows in (("from_stop_id", start), ("to_stop_id", goal)):
        texts = table.text(column)
        unknown = (rows < 0) & np.array([bool(text) for text in texts], dtype=np.bool_)
        report_rows(table, unknown, column, "there is no such stop in stops.txt", findings)
    of_lines = np.zeros(len(table), dtype=np.bool_)
    for column in ("from_route_id", "to_route_id", "from_trip_id", "to_trip_id"):
        if table.has(column):
            of_lines |= np.array([bool(text) for text in table.text(column)], dtype=np.bool_)
    in_seat = np.isin(kind, ("4", "5"))
    if (of_lines | in_seat).any():
        left_out = int((of_lines | in_seat).sum())
        findings.mention(table.file, f"{left_out} transfers of single lines or trips are not used")
    kept = np.flatnonzero(~of_lines & ~in_seat & (start >= 0) & (goal >= 0))
    time_s = np.where(kind == TAKES_TIME, np.nan_to_num(least_s), np.nan)
    time_s = np.where(kind == NO_TRANSFER, np.inf, time_s)
    return start[kept], goal[kept], time_s[kept]


def _rows(table: TextTable, stops: Stops, column: str) -> IntArray:
    return np.array([stops.index.get(text, -1) for text in table.text(column)], dtype=np.int64)


def _none() -> IntArray:
    return np.zeros(0, dtype=np.int64)
