"""An OD table of the user, as CSV or OMX, as demand of a network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.errors import InputError, Problem
from sim.loading.columns import clocks, numbers, references, report_rows, unused_columns
from sim.loading.csv_tables import TextTable, parse_table
from sim.loading.demand_making.flows import MadeDemand
from sim.loading.demand_making.profiles import Profile
from sim.loading.demand_making.zones import ZoneOptions, Zones, check_covered, read_zones, spread_over_stops
from sim.loading.feeds.text_rows import rows_of, texts
from sim.loading.hints import listed
from sim.loading.problems import ProblemCollector, shown_path
from sim.model.network import Network

_UNLESS = "unless you say otherwise here"
_PERIOD = ("period_start", "period_end")


@dataclass(frozen=True)
class _FlowEnds:
    """What the ends of a flow are called: stops of the network, or zones."""

    index: Mapping[str, int]
    what: str
    column: str


@dataclass(frozen=True)
class _TableFlows:
    origin: IntArray
    destination: IntArray
    commuters: FloatArray
    start_s: FloatArray | None = None
    end_s: FloatArray | None = None


def demand_of_table(
    path: Path,
    profile: Profile,
    network: Network,
    served: IntArray,
    matrix: str | None,
    wishes: ZoneOptions | None = None,
) -> MadeDemand:
    """Read an OD table between stops or zones.

    Parameters
    ----------
    path : Path
        CSV file ``origin_stop_id,destination_stop_id,commuters``, or ``origin_zone_id`` and
        ``destination_zone_id``, with ``period_start`` and ``period_end`` where it has periods; or an
        OMX file whose zones are stop ids, or those of `wishes`.
    profile : Profile
        Says when people travel, where the table has no periods.
    network : Network
    served : ndarray of int
        Rows of the stops at which some trip calls.
    matrix : str or None
        Name of the matrix of an OMX file; its only one by default.
    wishes : ZoneOptions or None
        Which stops the zones of the table use; None where it is between stops.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    zones = None if wishes is None else read_zones(wishes, network, served)
    flows, of_table = _read(path, network, zones, matrix, covered=wishes is None or wishes.leave_out)
    flows, left_out = _served(flows, served) if zones is None else _between_stops(flows, zones)
    if not flows.commuters.sum() > 0:
        message = f"nobody travels between two stops that lines serve; left out: {left_out}"
        raise InputError([Problem(shown_path(path), 0, 0, "commuters", message)])
    timed = flows.start_s is not None
    how = f"OD table `{path.name}`"
    if zones is not None and wishes is not None:
        how += f" between zones, `{wishes.file.name}`: {zones.how}"
    return MadeDemand(
        flows.origin,
        flows.destination,
        flows.commuters,
        start_s=flows.start_s,
        end_s=flows.end_s,
        profile=None if timed else profile,
        how=how + ("" if timed else f", profile {profile.name}"),
        kind=_UNLESS,
        facts={
            "commuters": f"{float(flows.commuters.sum()):,.1f}",
            "pairs of stops": f"{len(np.unique(flows.origin * len(network.stop_id) + flows.destination)):,}",
            **_zones_and_columns(zones, of_table),
            "left out": left_out,
            "time of day": "its own periods" if timed else f"{profile.name}: {profile.source}",
        },
    )


def _zones_and_columns(zones: Zones | None, unused: str) -> dict[str, str]:
    """Say how many zones have stops, and which columns of both tables are not used."""
    facts = {}
    if zones is not None:
        facts["zones"] = f"{int((np.diff(zones.ptr) > 0).sum()):,} of {len(zones.index):,} with stops, {zones.how}"
    files = [text for text in (unused, "" if zones is None else zones.unused) if text]
    return {**facts, "columns not used": "; ".join(files)} if files else facts


def _served(flows: _TableFlows, served: IntArray) -> tuple[_TableFlows, str]:
    """Return the flows between two stops that lines serve, and what is left out in words."""
    there = np.isin(flows.origin, served) & np.isin(flows.destination, served)
    use = there & (flows.origin != flows.destination) & (flows.commuters > 0)
    unserved, inner = float(flows.commuters[~there].sum()), float(flows.commuters[there & ~use].sum())
    return (
        _chosen(flows, use),
        f"{unserved:,.1f} commuters at stops that no line serves, {inner:,.1f} from a stop to itself",
    )


def _read(
    path: Path, network: Network, zones: Zones | None, matrix: str | None, *, covered: bool
) -> tuple[_TableFlows, str]:
    """Read the table, and name its columns that are not used; where not `covered`, zones of commuters need stops."""
    collector = ProblemCollector()
    shown = shown_path(path)
    if zones is None:
        places = _FlowEnds(network.stop_index, "stop of the network", "stop_id")
    else:
        places = _FlowEnds(zones.index, f"zone of {zones.file}", "zone_id")
    flows, unused = None, ""
    if path.suffix.lower() == ".omx":
        flows = _of_omx(path, shown, places, matrix, collector)
    else:
        table = parse_table(path.read_bytes(), shown, collector)
        if table is not None:
            flows = _of_csv(table, places, collector)
            unused = unused_columns(table, (*_ends(places), "commuters", *_PERIOD))
    if zones is not None and flows is not None and not covered:
        between = (flows.commuters > 0) & (flows.origin != flows.destination)
        check_covered(zones, np.concatenate([flows.origin[between], flows.destination[between]]), collector)
    if collector.problems or flows is None:
        raise InputError(collector.problems)
    return flows, unused


def _chosen(flows: _TableFlows, rows: BoolArray | IntArray) -> _TableFlows:
    return _TableFlows(
        flows.origin[rows],
        flows.destination[rows],
        flows.commuters[rows],
        None if flows.start_s is None else flows.start_s[rows],
        None if flows.end_s is None else flows.end_s[rows],
    )


def _between_stops(flows: _TableFlows, zones: Zones) -> tuple[_TableFlows, str]:
    """Spread flows between zones over stops; say what is left out."""
    covered = np.diff(zones.ptr) > 0
    there = covered[flows.origin] & covered[flows.destination]
    apart = flows.origin != flows.destination
    use = _chosen(flows, there & apart & (flows.commuters > 0))
    flow, start, end, share = spread_over_stops(zones, use.origin, use.destination)
    alone = np.bincount(flow, minlength=len(use.origin)) == 0
    parts = _chosen(use, flow)
    spread = _TableFlows(start, end, parts.commuters * share, parts.start_s, parts.end_s)
    left_out = (
        f"{float(flows.commuters[~there].sum()):,.1f} commuters of zones without stops, "
        f"{float(flows.commuters[there & ~apart].sum()):,.1f} within a zone, "
        f"{float(use.commuters[alone].sum()):,.1f} between zones that share their only stop"
    )
    return _added_up(spread), left_out


def _of_csv(table: TextTable, places: _FlowEnds, collector: ProblemCollector) -> _TableFlows | None:
    ends, timed = _ends(places), any(table.has(name) for name in _PERIOD)
    for name in (*ends, "commuters", *(_PERIOD if timed else ())):
        if not table.has(name):
            message = f"this column is missing; the header is {listed(table.columns)}"
            if name == "origin_stop_id" and table.has("origin_zone_id"):
                message += "; say with --zones which stops the zones use"
            collector.problem(table.file, message, line=1, key=name)
    if collector.problems:
        return None
    origin, destination = (references(table, name, places.index, places.what, collector) for name in ends)
    commuters = numbers(table, "commuters", collector, at_least=0)
    if not timed:
        return _added_up(_TableFlows(origin, destination, commuters))
    start, end = clocks(table, "period_start", collector), clocks(table, "period_end", collector)
    report_rows(table, end <= start, "period_end", "must be after period_start", collector)
    return _added_up(_TableFlows(origin, destination, commuters, start, end))


def _ends(places: _FlowEnds) -> tuple[str, str]:
    return f"origin_{places.column}", f"destination_{places.column}"


def _of_omx(
    path: Path, shown: str, places: _FlowEnds, matrix: str | None, collector: ProblemCollector
) -> _TableFlows | None:
    """Read a matrix of an OMX file: HDF5 with /data, and /lookup that names the zones."""
    try:
        hdf5: Any = import_module("h5py")
    except ImportError:
        message = "OMX files need h5py (pip install 'peakshift[omx]'), or write the table as CSV"
        collector.problem(shown, message)
        return None
    try:
        with hdf5.File(path, "r") as file:
            names = sorted(file["data"])
            chosen = matrix if matrix is not None else names[0]
            if chosen not in names or (matrix is None and len(names) > 1):
                collector.problem(shown, f"the matrices are {', '.join(names)}; say which with --matrix")
                return None
            values = np.asarray(file["data"][chosen], dtype=np.float64)
            names = sorted(file["lookup"]) if "lookup" in file else []
            lookups = {name: [_zone(zone) for zone in np.asarray(file["lookup"][name])] for name in names}
    except (OSError, KeyError, ValueError, TypeError) as error:
        collector.problem(shown, f"not an OMX file: {error}")
        return None
    zones, rows, wrong = _of_lookups(lookups, places)
    wrong = wrong or _wrong_with_matrix(values, chosen, zones, rows, places)
    if wrong:
        collector.problem(shown, wrong)
        return None
    start, end = np.nonzero(values)
    return _added_up(_TableFlows(rows[start], rows[end], values[start, end]))


def _of_lookups(lookups: Mapping[str, list[str]], places: _FlowEnds) -> tuple[list[str], IntArray, str]:
    """Return the zones of the lookup whose names are all known, with their places, and what is wrong.

    A file may name its zones in several ways, by number and by county for example. Where none fits, the first is
    returned. Where several fit and say different things, nobody but the user can tell which is meant.
    """
    read = [(name, zones, rows_of(texts(zones), dict(places.index))) for name, zones in lookups.items()]
    fits = [entry for entry in read if len(entry[1]) and (entry[2] >= 0).all()]
    if len({tuple(rows.tolist()) for _, _, rows in fits}) > 1:
        told = " and ".join(name for name, _, _ in fits)
        return [], np.zeros(0, dtype=np.int64), f"its lookups {told} name the zones differently; leave one of them"
    _, zones, rows = (fits or read or [("", [], np.zeros(0, dtype=np.int64))])[0]
    return zones, rows, ""


def _wrong_with_matrix(values: FloatArray, name: str, zones: list[str], rows: IntArray, places: _FlowEnds) -> str:
    """Say why a matrix between zones cannot be used; empty where it can.

    Parameters
    ----------
    values : ndarray of float
        The matrix.
    name : str
        Of the matrix.
    zones : list of str
        Names of its rows and columns.
    rows : ndarray of int, shape (zones,)
        Place of each zone; -1 for none.
    places : _FlowEnds
    """
    if values.ndim != 2 or values.shape[0] != values.shape[1] or len(zones) != len(values):
        return "the matrix must be square, with a lookup that names the stop of each zone"
    unknown = [zone for zone, row in zip(zones, rows, strict=True) if row < 0]
    if unknown:
        advice = "; say with --zones which stops the zones use" if places.column == "stop_id" else ""
        return f"{len(unknown)} zones of its lookup are no {places.what}: {', '.join(unknown[:5])}{advice}"
    if not np.isfinite(values).all() or (values < 0).any():
        return f"matrix {name} has values that are negative or no numbers"
    return ""


def _added_up(flows: _TableFlows) -> _TableFlows:
    """Add up rows of the same pair and period."""
    zero = np.zeros(len(flows.origin))
    start = flows.start_s if flows.start_s is not None else zero
    end = flows.end_s if flows.end_s is not None else zero
    keys = np.stack([flows.origin, flows.destination, start, end], axis=1).astype(np.float64)
    distinct, place = np.unique(keys, axis=0, return_inverse=True)
    commuters = np.bincount(place.ravel(), weights=flows.commuters, minlength=len(distinct)).astype(np.float64)
    origin, destination = distinct[:, 0].astype(np.int64), distinct[:, 1].astype(np.int64)
    if flows.start_s is None:
        return _TableFlows(origin, destination, commuters)
    return _TableFlows(origin, destination, commuters, distinct[:, 2], distinct[:, 3])


def _zone(value: object) -> str:
    text = value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value)
    return text.removesuffix(".0")
