"""An OD table of the user, as CSV or OMX, as demand of a network."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from sim.errors import InputError
from sim.loading.columns import clocks, numbers, references, report_rows
from sim.loading.csv_tables import TextTable, parse_table
from sim.loading.demand_making.flows import MadeDemand
from sim.loading.demand_making.profiles import Profile
from sim.loading.feeds.tables import rows_of, texts
from sim.loading.findings import Findings, shown_path
from sim.model.network import Network
from sim.units import FloatArray, IntArray

_UNLESS = "unless you say otherwise here"


@dataclass(frozen=True)
class _Flows:
    origin: IntArray
    destination: IntArray
    commuters: FloatArray
    start_s: FloatArray | None = None
    end_s: FloatArray | None = None


def demand_of_table(path: Path, profile: Profile, network: Network, served: IntArray, matrix: str | None) -> MadeDemand:
    """Read an OD table between stops.

    Parameters
    ----------
    path : Path
        CSV file ``origin_stop_id,destination_stop_id,commuters``, with ``period_start`` and
        ``period_end`` where it has periods; or an OMX file whose zones are stop ids.
    profile : Profile
        Says when people travel, where the table has no periods.
    network : Network
    served : ndarray of int
        Rows of the stops at which some trip calls.
    matrix : str or None
        Name of the matrix of an OMX file; its only one by default.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    findings = Findings()
    shown = shown_path(path)
    flows = None
    if path.suffix.lower() == ".omx":
        flows = _of_omx(path, shown, network, matrix, findings)
    else:
        table = parse_table(path.read_bytes(), shown, findings)
        if table is not None:
            flows = _of_csv(table, network, findings)
    if findings.problems or flows is None:
        raise InputError(findings.problems)
    there = np.isin(flows.origin, served) & np.isin(flows.destination, served)
    use = there & (flows.origin != flows.destination) & (flows.commuters > 0)
    unserved, inner = float(flows.commuters[~there].sum()), float(flows.commuters[there & ~use].sum())
    timed = flows.start_s is not None and flows.end_s is not None
    when = "its own periods" if timed else f"{profile.name}: {profile.source}"
    return MadeDemand(
        flows.origin[use],
        flows.destination[use],
        flows.commuters[use],
        start_s=flows.start_s[use] if flows.start_s is not None else None,
        end_s=flows.end_s[use] if flows.end_s is not None else None,
        profile=None if timed else profile,
        how=f"OD table `{path.name}`" + ("" if timed else f", profile {profile.name}"),
        kind=_UNLESS,
        facts={
            "commuters": f"{float(flows.commuters[use].sum()):,.1f}",
            "pairs of stops": f"{len(np.unique(flows.origin[use] * len(network.stop_id) + flows.destination[use])):,}",
            "left out": f"{unserved:,.1f} commuters at stops that no line serves, {inner:,.1f} from a stop to itself",
            "time of day": when,
        },
    )


def _of_csv(table: TextTable, network: Network, findings: Findings) -> _Flows | None:
    for name in ("origin_stop_id", "destination_stop_id", "commuters"):
        if not table.has(name):
            there = ",".join(table.columns)
            findings.problem(table.file, f"this column is missing; the header is {there}", line=1, key=name)
    if findings.problems:
        return None
    what = "stop of the network"
    origin = references(table, "origin_stop_id", network.stop_index, what, findings)
    destination = references(table, "destination_stop_id", network.stop_index, what, findings)
    commuters = numbers(table, "commuters", findings, at_least=0)
    if not table.has("period_start"):
        return _added_up(_Flows(origin, destination, commuters))
    start, end = clocks(table, "period_start", findings), clocks(table, "period_end", findings)
    report_rows(table, end <= start, "period_end", "must be after period_start", findings)
    return _added_up(_Flows(origin, destination, commuters, start, end))


def _of_omx(path: Path, shown: str, network: Network, matrix: str | None, findings: Findings) -> _Flows | None:
    """Read a matrix of an OMX file (HDF5 with /data and /lookup; zones are named by its first lookup)."""
    try:
        hdf5: Any = import_module("h5py")
    except ImportError:
        message = "OMX files need h5py (pip install 'peakshift[omx]'), or write the table as CSV"
        findings.problem(shown, message)
        return None
    try:
        with hdf5.File(path, "r") as file:
            names = sorted(file["data"])
            chosen = matrix if matrix is not None else names[0]
            if chosen not in names or (matrix is None and len(names) > 1):
                findings.problem(shown, f"the matrices are {', '.join(names)}; say which with --matrix")
                return None
            values = np.asarray(file["data"][chosen], dtype=np.float64)
            lookups = sorted(file["lookup"]) if "lookup" in file else []
            zones = [_zone(zone) for zone in np.asarray(file["lookup"][lookups[0]])] if lookups else []
    except (OSError, KeyError, ValueError, TypeError) as error:
        findings.problem(shown, f"not an OMX file: {error}")
        return None
    if values.ndim != 2 or values.shape[0] != values.shape[1] or len(zones) != len(values):
        findings.problem(shown, "the matrix must be square, with a lookup that names the stop of each zone")
        return None
    rows = rows_of(texts(zones), network.stop_index)
    unknown = [zone for zone, row in zip(zones, rows, strict=True) if row < 0]
    if unknown:
        findings.problem(shown, f"{len(unknown)} zones are no stops of the network: {', '.join(unknown[:5])}")
        return None
    if not np.isfinite(values).all() or (values < 0).any():
        findings.problem(shown, f"matrix {chosen} has values that are negative or no numbers")
        return None
    start, end = np.nonzero(values)
    return _added_up(_Flows(rows[start], rows[end], values[start, end]))


def _added_up(flows: _Flows) -> _Flows:
    """Add up rows of the same pair and period."""
    zero = np.zeros(len(flows.origin))
    start = flows.start_s if flows.start_s is not None else zero
    end = flows.end_s if flows.end_s is not None else zero
    keys = np.stack([flows.origin, flows.destination, start, end], axis=1).astype(np.float64)
    distinct, place = np.unique(keys, axis=0, return_inverse=True)
    commuters = np.bincount(place.ravel(), weights=flows.commuters, minlength=len(distinct)).astype(np.float64)
    origin, destination = distinct[:, 0].astype(np.int64), distinct[:, 1].astype(np.int64)
    if flows.start_s is None:
        return _Flows(origin, destination, commuters)
    return _Flows(origin, destination, commuters, distinct[:, 2], distinct[:, 3])


def _zone(value: object) -> str:
    text = value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value)
    return text.removesuffix(".0")
