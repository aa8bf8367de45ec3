"""Where people can walk between stops: walk links of the street graph and transfers of the feed."""

from __future__ import annotations

from itertools import product

import numpy as np

from sim.arrays import BoolArray
from sim.loading.columns import choices, numbers, report_rows
from sim.loading.csv_tables import TextArray, TextTable
from sim.loading.gtfs_tables import Stops
from sim.loading.network_files import NetworkFiles
from sim.loading.problems import ProblemCollector
from sim.loading.street import Links
from sim.loading.table_specs import TRANSFERS
from sim.model.network import FootPaths

NO_TRANSFER = "3"
TAKES_TIME = "2"


def read_foot_paths(
    files: NetworkFiles, stops: Stops | None, links: Links | None, collector: ProblemCollector
) -> FootPaths | None:
    """Read ``transfers.txt`` and put it together with links to walk on; None where there are neither.

    Parameters
    ----------
    files : NetworkFiles
    stops : Stops or None
    links : Links or None
        Those of ``gmns/link.csv``.
    collector : ProblemCollector
    """
    if stops is None:
        return None
    walked = np.zeros(0, dtype=np.int64)
    if links is not None and links.walkable is not None:
        walked = np.flatnonzero(links.walkable & np.isfinite(links.length_m))
    transfers = _transfers(files, stops, collector)
    if not len(walked) and not transfers:
        return None
    ends = np.array(list(transfers), dtype=np.int64).reshape(-1, 2)
    some = links is not None and len(walked) > 0
    return FootPaths(
        link_from=links.start[walked] if links is not None and some else walked,
        link_to=links.end[walked] if links is not None and some else walked,
        link_length_m=links.length_m[walked] if links is not None and some else np.zeros(0),
        transfer_from=ends[:, 0],
        transfer_to=ends[:, 1],
        transfer_s=np.array(list(transfers.values()), dtype=np.float64),
    )


def _transfers(files: NetworkFiles, stops: Stops, collector: ProblemCollector) -> dict[tuple[int, int], float]:
    """Return the least time of transfers between stops: NaN for none given, infinite for no transfer.

    A row between stations holds for all their stops, unless a row names the stops themselves.
    """
    table = files.table(TRANSFERS, required=False)
    if table is None:
        return {}
    kinds = choices(table, "transfer_type", collector, ("0", "1", "2", "3", "4", "5"), blank="0")
    # Where a transfer is said to take time, and not how much, it is as long as the way: two stops may be far apart.
    least_s = numbers(table, "min_transfer_time", collector, at_least=0, blank=np.nan)
    time_s = np.where(kinds == NO_TRANSFER, np.inf, np.where(kinds == TAKES_TIME, least_s, np.nan))
    of_lines = _are_of_lines(table, kinds)
    if of_lines.any():
        collector.mention(table.file, f"{int(of_lines.sum())} transfers of single lines or trips are not used")
    starts, goals = table.text("from_stop_id"), table.text("to_stop_id")
    for column, texts in (("from_stop_id", starts), ("to_stop_id", goals)):
        unknown = np.array([text not in stops.places for text in texts], dtype=np.bool_) & ~of_lines
        report_rows(table, unknown, column, "there is no such stop or station in stops.txt", collector)
    found: dict[tuple[int, int], tuple[bool, float]] = {}
    for row in np.flatnonzero(~of_lines).tolist():
        named = starts[row] in stops.index and goals[row] in stops.index
        for pair in product(stops.places.get(starts[row], ()), stops.places.get(goals[row], ())):
            if named or not found.get(pair, (False, 0.0))[0]:
                found[pair] = (named, float(time_s[row]))
    return {pair: time_s for pair, (_, time_s) in found.items()}


def _are_of_lines(table: TextTable, kinds: TextArray) -> BoolArray:
    """Tell which transfers are of single lines or trips."""
    found = np.isin(kinds, ("4", "5"))
    for column in ("from_route_id", "to_route_id", "from_trip_id", "to_trip_id"):
        if table.has(column):
            found |= np.array([bool(text) for text in table.text(column)], dtype=np.bool_)
    return found
