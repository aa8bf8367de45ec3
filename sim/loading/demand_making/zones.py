"""Zones of an OD table and the stops that people of each zone use."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.errors import InputError
from sim.loading.columns import numbers, references, report_rows, unique_ids, unused_columns
from sim.loading.csv_tables import TextTable, parse_table
from sim.loading.hints import listed
from sim.loading.problems import ProblemCollector, shown_path
from sim.model.distances import distance_m
from sim.model.network import Network

NEAREST: Final = 3
WITHIN_M: Final = 800.0
"""Stops of a centroid and how far they may be, unless the user says otherwise; assumed, ten minutes on foot."""

_POSITIONS: Final = {True: ("lon", "lat"), False: ("x", "y")}


@dataclass(frozen=True)
class ZoneOptions:
    """What the user says of the zones.

    Attributes
    ----------
    file : Path
        CSV file: ``zone_id,stop_id,share``, or ``zone_id,lat,lon`` (``x,y`` where the network is in metres).
    within_m : float
        How far the stops of a centroid may be.
    nearest : int
        Most stops of a centroid; each gets the same share.
    leave_out : bool
        Leave out zones without a stop that some trip calls at, instead of refusing the table.
    """

    file: Path
    within_m: float = WITHIN_M
    nearest: int = NEAREST
    leave_out: bool = False


@dataclass(frozen=True)
class Zones:
    """Zones and their stops.

    Attributes
    ----------
    file : str
        Name as the user knows it.
    index : dict of str to int
        Row of each zone.
    line : ndarray of int, shape (zones,)
        Line of the file that names the zone first.
    ptr : ndarray of int, shape (zones + 1,)
        Where the stops of each zone begin; some zones may have none.
    stop : ndarray of int
        Rows of stops, all of them served.
    share : ndarray of float
        Sums to 1 in each zone that has stops.
    why_none : tuple of str, shape (zones,)
        Why a zone has no stops, for those that have none.
    how : str
        In words.
    unused : str
        Columns of the file that nothing is done with; empty where there are none.
    """

    file: str
    index: dict[str, int]
    line: IntArray
    ptr: IntArray
    stop: IntArray
    share: FloatArray
    why_none: tuple[str, ...]
    how: str
    unused: str


def read_zones(wishes: ZoneOptions, network: Network, served: IntArray) -> Zones:
    """Read which stops each zone uses, or find them around its centroid.

    Parameters
    ----------
    wishes : ZoneOptions
    network : Network
    served : ndarray of int
        Rows of the stops at which some trip calls; nobody starts or ends elsewhere.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    collector = ProblemCollector()
    shown = shown_path(wishes.file)
    table = parse_table(wishes.file.read_bytes(), shown, collector)
    zones = None
    if table is not None and not table.has("zone_id"):
        collector.problem(
            shown, f"this column is missing; the header is {listed(table.columns)}", line=1, key="zone_id"
        )
    elif table is not None and table.has("stop_id"):
        zones = _of_stops(table, network, served, collector)
    elif table is not None:
        zones = _of_centroids(table, wishes, network, served, collector)
    if zones is None or collector.problems:
        raise InputError(collector.problems)
    return zones


def _of_stops(table: TextTable, network: Network, served: IntArray, collector: ProblemCollector) -> Zones:
    stop = references(table, "stop_id", network.stop_index, "stop of the network", collector)
    share = numbers(table, "share", collector, at_least=0) if table.has("share") else np.ones(len(table))
    ids = table.text("zone_id")
    report_rows(table, [row for row, zone in enumerate(ids) if not zone], "zone_id", "must not be empty", collector)
    index = {zone: row for row, zone in enumerate(dict.fromkeys(ids))}
    zone = np.array([index[name] for name in ids], dtype=np.int64)
    codes = zone * (len(network.stop_id) + 1) + stop
    again = np.setdiff1d(np.flatnonzero(stop >= 0), np.unique(codes, return_index=True)[1])
    report_rows(table, again, "stop_id", "the zone names this stop twice", collector)
    use = np.isin(stop, served) & (share > 0)
    order = np.flatnonzero(use)[np.argsort(zone[use], kind="stable")]
    first = np.unique(zone, return_index=True)[1]
    why = tuple("no line serves the stops given, or their shares are 0" for _ in index)
    shares = "shares of the file" if table.has("share") else "equal shares of the stops named"
    return _packed(
        table,
        ("zone_id", "stop_id", "share"),
        index,
        table.line[first],
        (zone[order], stop[order], share[order]),
        why,
        shares,
    )


def _of_centroids(
    table: TextTable, wishes: ZoneOptions, network: Network, served: IntArray, collector: ProblemCollector
) -> Zones | None:
    columns = _POSITIONS[network.geographic]
    if not all(table.has(name) for name in columns):
        message = f"a zone needs either stop_id (and share) or {columns[0]} and {columns[1]} of its centroid"
        collector.problem(table.file, f"{message}; the header is {listed(table.columns)}", line=1)
        return None
    place = served[np.isfinite(network.stop_x[served]) & np.isfinite(network.stop_y[served])]
    if not len(place):
        collector.problem(table.file, "the stops of the network have no positions; give zone_id,stop_id,share instead")
        return None
    index = unique_ids(table, "zone_id", collector)
    x, y = (numbers(table, name, collector) for name in columns)
    if network.geographic:
        report_rows(table, np.abs(y) > 90, "lat", "is no latitude; are lat and lon exchanged?", collector)
    if collector.problems:
        return None
    zones: list[int] = []
    stops: list[int] = []
    why = []
    for row in range(len(index)):
        far_m = distance_m(x[row], y[row], network.stop_x[place], network.stop_y[place], network.geographic)
        near = np.argsort(far_m, kind="stable")[: wishes.nearest]
        inside = near[far_m[near] <= wishes.within_m]
        zones += [row] * len(inside)
        stops += place[inside].tolist()
        stop, nearest_m = network.stop_id[place[near[0]]], float(far_m[near[0]])
        why.append(f"the nearest with a trip, {stop!r}, is {nearest_m:,.0f} m away, more than {wishes.within_m:g} m")
    found = np.array(zones, dtype=np.int64), np.array(stops, dtype=np.int64), np.ones(len(zones))
    how = f"equal shares of the {wishes.nearest} nearest stops within {wishes.within_m:g} m (assumed)"
    return _packed(table, ("zone_id", *columns), index, table.line, found, tuple(why), how)


def _packed(
    table: TextTable,
    known: tuple[str, ...],
    index: dict[str, int],
    line: IntArray,
    found: tuple[IntArray, IntArray, FloatArray],
    why_none: tuple[str, ...],
    how: str,
) -> Zones:
    zone, stop, share = found
    count = np.bincount(zone, minlength=len(index))
    total = np.bincount(zone, weights=share, minlength=len(index))
    ptr = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    unused = unused_columns(table, known)
    return Zones(table.file, index, line, ptr, stop, share / total[zone], why_none, how, unused)


def check_covered(zones: Zones, used: IntArray, collector: ProblemCollector) -> None:
    """Report every zone that people travel from or to and that has no stops.

    Parameters
    ----------
    zones : Zones
    used : ndarray of int
        Rows of zones with commuters.
    collector : ProblemCollector
    """
    ids = tuple(zones.index)
    bare = [row for row in np.unique(used).tolist() if zones.ptr[row] == zones.ptr[row + 1]]
    advice = "; give it stops, take a larger --within, or leave such zones out with --leave-out-zones"
    collector.problem_rows(
        zones.file,
        [int(zones.line[row]) for row in bare],
        "zone_id",
        lambda place: f"zone {ids[bare[place]]!r} has no stops: {zones.why_none[bare[place]]}{advice}",
    )


def spread_over_stops(
    zones: Zones, origin: IntArray, destination: IntArray
) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
    """Spread flows between zones over the stops of both.

    Parameters
    ----------
    zones : Zones
    origin, destination : ndarray of int, shape (flows,)
        Rows of zones.

    Returns
    -------
    flow : ndarray of int, shape (parts,)
        Row of the flow that each part belongs to.
    from_stop, to_stop : ndarray of int, shape (parts,)
        Never the same: what would go from a stop to itself is shared out among the other parts.
    share : ndarray of float, shape (parts,)
        Sums to 1 for each flow, except for flows that have no parts: a zone without stops, or the
        same single stop at both ends.
    """
    starts, ends = np.diff(zones.ptr)[origin], np.diff(zones.ptr)[destination]
    count = starts * ends
    flow = np.repeat(np.arange(len(origin)), count)
    part = np.arange(len(flow)) - np.repeat(np.cumsum(count) - count, count)
    first = zones.ptr[origin[flow]] + part // ends[flow]
    second = zones.ptr[destination[flow]] + part % ends[flow]
    apart = zones.stop[first] != zones.stop[second]
    flow, first, second = flow[apart], first[apart], second[apart]
    share = zones.share[first] * zones.share[second]
    total = np.bincount(flow, weights=share, minlength=len(origin))
    return flow, zones.stop[first], zones.stop[second], share / total[flow]
