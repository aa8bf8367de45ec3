"""A network folder written from a cleaned feed, whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np

from sim.errors import NetworkError, Problem
from sim.loading.csv_tables import TextArray, TextTable
from sim.loading.feeds.import_report import ImportReport
from sim.loading.feeds.lengths import FeedLinks
from sim.loading.feeds.planners_work import REPORT, Work, check_work, keep_work, written_hashes
from sim.loading.network_files import is_network
from sim.loading.network_folder import load_network
from sim.loading.problems import shown_path
from sim.loading.street import FurtherNodes, Links
from sim.loading.vehicle_types import vehicle_type
from sim.model.parameters import VehicleParameters
from sim.scratch import clear_scratch, entries_named, real_place, scratch_beside, scratch_name

Rows = tuple[Sequence[str], Sequence[Sequence[object]]]

_COLUMNS: Final = {
    "agency": ("agency_id", "agency_name", "agency_url", "agency_timezone"),
    "stops": ("stop_id", "stop_name", "stop_lat", "stop_lon", "zone_id"),
    "routes": ("route_id", "agency_id", "route_short_name", "route_long_name", "route_type", "route_color"),
    "trips": (
        "route_id",
        "service_id",
        "trip_id",
        "trip_headsign",
        "direction_id",
        "block_id",
        "shape_id",
        "vehicle_type",
    ),
    "calendar": (),
    "calendar_dates": (),
    "stop_times": (
        "trip_id",
        "arrival_time",
        "departure_time",
        "stop_id",
        "stop_sequence",
        "pickup_type",
        "drop_off_type",
    ),
    "frequencies": ("trip_id", "start_time", "end_time", "headway_secs", "exact_times"),
    "transfers": ("from_stop_id", "to_stop_id", "transfer_type", "min_transfer_time"),
    "fare_attributes": (),
    "fare_rules": (),
    "shapes": ("shape_id", "shape_pt_lat", "shape_pt_lon", "shape_pt_sequence", "shape_dist_traveled"),
}
"""Columns written of each table, as far as the feed has them; all of a table where there are none named."""
GTFS_TABLES: Final = tuple(_COLUMNS)
"""Names of the GTFS tables of a network folder, without ending."""
_VEHICLE_COLUMNS: Final = (
    "seats",
    "capacity",
    "doors",
    "dwell_rule",
    "dead_time_s",
    "boarding_s",
    "alighting_s",
    "boarding_channels",
    "alighting_channels",
    "standee_friction_s",
)


def write_network(
    out: Path,
    tables: Mapping[str, TextTable],
    links: FeedLinks,
    kinds: Mapping[str, VehicleParameters],
    report: ImportReport,
    today: date,
    work: Work = "ask",
) -> tuple[str, ...]:
    """Write the folder in the place of an older import, or anew.

    Returns
    -------
    tuple of str
        Files of the planner that are kept.

    Raises
    ------
    NetworkError
        When there is something else in its place, or work of a planner that nothing was said about, when the network
        cannot be read with the files that are kept, or when the disk refuses.
    """
    check_replaceable(out)
    check_work(out, work)
    kept: tuple[str, ...] = ()
    try:
        with _in_place_of(out) as folder:
            _write_all(folder, tables, links, kinds, report, today)
            if work == "keep" and out.is_dir():
                kept = keep_work(out, folder)
                _check_readable(folder, out)
    except OSError as error:
        raise _not_written(out, error) from error
    return kept


def _check_readable(folder: Path, out: Path) -> None:
    """Make sure that what is kept fits the feed, before it takes the place of what fits."""
    try:
        load_network(folder)
    except NetworkError as error:
        place = shown_path(folder)
        raise NetworkError(
            replace(problem, file=problem.file.replace(place, str(out)), message=f"does not fit: {problem.message}")
            for problem in error.problems
        ) from error


def put_back_replaced(out: Path) -> None:
    """Give an older import back the place that a process which was killed had taken it from.

    It is done before anything is asked of that place: the older import may hold a planner's work, and what lies under
    its scratch name is cleared away when the next one is written (tests/cli/test_command_import.py shows it).

    Raises
    ------
    NetworkError
        When the disk refuses.
    """
    place = real_place(out)
    if place.exists():
        return
    for left in entries_named(place.parent, _replaced(place))[-1:]:
        try:
            left.rename(place)
        except OSError as error:
            raise _not_written(out, error) from error


def _replaced(out: Path) -> str:
    """Return how the names start that an import has while another takes its place."""
    return f".{out.name}.replaced."


def _not_written(out: Path, error: OSError) -> NetworkError:
    return NetworkError([Problem(str(out), 0, 0, "", f"cannot be written: {error.strerror or error}")])


@contextmanager
def _in_place_of(out: Path) -> Iterator[Path]:
    """Give a folder beside a place to write to, and give it that place when it is whole."""
    out = real_place(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    replaced = _replaced(out)
    clear_scratch(out.parent, replaced)
    temporary, old = scratch_beside(out), out.with_name(replaced + scratch_name())
    try:
        temporary.mkdir()
        yield temporary
        if out.exists():
            out.rename(old)
            temporary.rename(out)
            shutil.rmtree(old)
        else:
            temporary.rename(out)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def check_replaceable(out: Path) -> None:
    """Make sure that a place is free or holds an import.

    Raises
    ------
    NetworkError
        When it does not.
    """
    if not out.exists():
        return
    if out.is_dir() and (not any(out.iterdir()) or ((out / REPORT).is_file() and is_network(out))):
        return
    message = "is there already and was not written by an import; say another place with --out"
    raise NetworkError([Problem(str(out), 0, 0, "", message)])


def table_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Write a table in UTF-8 with LF line ends."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def gtfs_bytes(name: str, table: TextTable) -> bytes:
    """Write a table of GTFS with the columns that are of use."""
    wanted = _COLUMNS[name] or tuple(table.columns)
    header = [column for column in wanted if table.has(column)]
    return table_bytes(header, zip(*(table.columns[column] for column in header), strict=True))


def _write_all(
    folder: Path,
    tables: Mapping[str, TextTable],
    links: FeedLinks,
    kinds: Mapping[str, VehicleParameters],
    report: ImportReport,
    today: date,
) -> None:
    (folder / "gtfs").mkdir()
    for name in _COLUMNS:
        if name in tables:
            (folder / "gtfs" / f"{name}.txt").write_bytes(gtfs_bytes(name, tables[name]))
    if links.known:
        (folder / "gmns").mkdir()
        (folder / "gmns" / "node.csv").write_bytes(table_bytes(*node_rows(tables["stops"], links)))
        (folder / "gmns" / "link.csv").write_bytes(table_bytes(*link_rows(tables["stops"], links)))
    (folder / "vehicles.csv").write_bytes(table_bytes(*vehicle_rows(kinds)))
    (folder / "SOURCE.md").write_text(source_text(report, today, lengths_known=links.known), encoding="utf-8")
    text = json.dumps({**report.as_dict(), "written": written_hashes(folder)}, indent=2, ensure_ascii=False) + "\n"
    (folder / REPORT).write_text(text, encoding="utf-8")


def node_rows(stops: TextTable, links: FeedLinks) -> Rows:
    """Return ``gmns/node.csv`` as header and rows; positions in degrees."""
    columns = (stops.text(name) for name in ("stop_id", "stop_name", "stop_lon", "stop_lat"))
    further = () if links.streets is None else _further(links.streets.links.further)
    return ("node_id", "name", "x_coord", "y_coord"), [*zip(*columns, strict=True), *further]


def _further(nodes: FurtherNodes) -> Iterator[tuple[str, ...]]:
    for node, x, y in zip(nodes.ids, nodes.x.tolist(), nodes.y.tolist(), strict=True):
        yield node, "", repr(x), repr(y)


def link_rows(stops: TextTable, links: FeedLinks) -> Rows:
    """Return ``gmns/link.csv`` as header and rows; lengths in metres, speeds in km/h."""
    ids = stops.text("stop_id")
    rows = [
        (f"{ids[a]}>{ids[b]}", ids[a], ids[b], f"{metres:.1f}", kinds)
        for a, b, metres, kinds in zip(links.start, links.end, links.length_m, links.used_by, strict=True)
    ]
    header: tuple[str, ...] = ("link_id", "from_node_id", "to_node_id", "length", "allowed_uses")
    if links.streets is None:
        return header, rows
    header = (*header, "free_speed", "lanes", "capacity", "name", "facility_type", "geometry")
    return header, [*((*row, "", "", "", "", "", "") for row in rows), *_street_rows(ids, links.streets.links)]


def _street_rows(stops: TextArray, links: Links) -> Iterator[tuple[str, ...]]:
    streets = links.streets
    if streets is None:
        return
    nodes = (*stops, *links.further.ids)
    lanes = np.where(np.isfinite(streets.lanes), streets.lanes, 1.0)
    unknown = np.full(len(links.ids), np.nan)
    # GMNS counts the capacity of a link per lane.
    capacity = unknown if links.capacity_per_s is None else links.capacity_per_s * 3600.0 / lanes
    for row, name in enumerate(links.ids):
        values = links.length_m[row], links.speed_m_per_s[row] * 3.6, streets.lanes[row], capacity[row]
        length, speed, lane, cars = (repr(float(value)) if np.isfinite(value) else "" for value in values)
        ends = nodes[links.start[row]], nodes[links.end[row]]
        facts = streets.name[row], streets.kind[row], streets.geometry[row]
        yield (name, *ends, length, streets.uses[row], speed, lane, cars, *facts)


def vehicle_rows(kinds: Mapping[str, VehicleParameters]) -> Rows:
    """Return ``vehicles.csv`` as header and rows."""
    known = {name: vehicle_type(name, kind) for name, kind in sorted(kinds.items())}
    rows = [(name, *(getattr(kind, column) for column in _VEHICLE_COLUMNS)) for name, kind in known.items()]
    return ("vehicle_type", *_VEHICLE_COLUMNS), rows


def source_text(report: ImportReport, today: date, *, lengths_known: bool) -> str:
    """Return ``SOURCE.md`` as far as a program can write it."""
    wishes = ", ".join(f"{name} {text}" for name, text in report.wishes.items()) or "none: the whole feed"
    lengths = _kind_of_lengths(report)
    links = f"| `gmns/link.csv`: length | {lengths} | **derived** |\n" if lengths_known else ""
    hashes = "\n".join(f"- `{name}`: `{digest}`" for name, digest in report.sha256)
    done = "\n".join(f"- {entry}" for kind in ("dropped", "repaired") for entry in report.of_kind(kind))
    return f"""\
# Sources

Imported by `peakshift network import` on {today} from the GTFS feed `{report.feed}`.
**To be filled in by you**: who publishes the feed, where it was found, its licence.

- Service dates: {report.first_date} to {report.last_date}
- What was asked for: {wishes}

| file here | made from | kind |
|---|---|---|
| `gtfs/*.txt` | the feed, with the changes below | as published |
{links}| `vehicles.csv` | route types of the feed | **assumed**: a feed has no vehicle types |

The network has no demand yet. Demand made by `peakshift demand` adds a row to the table above.

## What was dropped or repaired

{done or "Nothing."}

What was noted besides is in `{REPORT}`.

## SHA-256 of the files read

{hashes}
"""


def _kind_of_lengths(report: ImportReport) -> str:
    parts = {
        "lengths_of_streets": "the street graph",
        "lengths_of_shapes": "shapes of the feed",
        "no_shapes": "straight lines between stops",
    }
    return ", ".join(words for name, words in parts.items() if report.count(name))
