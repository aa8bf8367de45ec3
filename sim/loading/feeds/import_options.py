"""What a user wants of a feed: a date, some routes, a box on the map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from sim.arrays import BoolArray
from sim.errors import NetworkError, Problem
from sim.loading.csv_tables import TextTable
from sim.loading.feeds.import_report import ImportLedger
from sim.loading.feeds.text_rows import kept, read_numbers
from sim.loading.gtfs_calendar import parse_date
from sim.loading.hints import did_you_mean, listed


@dataclass(frozen=True)
class Box:
    """A box on the map, in degrees."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True)
class ImportOptions:
    """Choices of an import.

    Attributes
    ----------
    date : str or None
        Only what runs on this date, ``YYYY-MM-DD``; all dates where None.
    routes : tuple of str
        Only these routes, by id or short name; all where empty.
    box : Box or None
        Only stops in this box.
    merge_stations : bool
        Make one stop of all platforms of a station.
    """

    date: str | None = None
    routes: tuple[str, ...] = ()
    box: Box | None = None
    merge_stations: bool = False

    def as_texts(self) -> dict[str, str]:
        """Return the wishes that were made, in words."""
        box = self.box
        said = {
            "date": self.date or "",
            "routes": ",".join(self.routes),
            "box": f"{box.west},{box.south},{box.east},{box.north}" if box else "",
            "merge_stations": "yes" if self.merge_stations else "",
        }
        return {name: text for name, text in said.items() if text}


def read_box(text: str) -> Box:
    """Read ``WEST,SOUTH,EAST,NORTH`` in degrees.

    Raises
    ------
    ValueError
        When it is no such box.
    """
    wanted = f"{text!r} is not a box; write WEST,SOUTH,EAST,NORTH in degrees"
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise ValueError(wanted) from None
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise ValueError(f"{wanted}, west before east and south before north")
    return Box(west, south, east, north)


def wanted_date(wishes: ImportOptions) -> date | None:
    """Return the date asked for.

    Raises
    ------
    NetworkError
        When it is no date.
    """
    if wishes.date is None:
        return None
    day = parse_date(wishes.date)
    if day is None:
        raise NetworkError([Problem("", 0, 0, "date", f"{wishes.date!r} is not a date; write YYYY-MM-DD")])
    return day


def choose_routes(tables: dict[str, TextTable], routes: Sequence[str], ledger: ImportLedger) -> None:
    """Keep the routes asked for, by id or else by short name.

    Raises
    ------
    NetworkError
        When there is no such route.
    """
    if not routes:
        return
    table = tables["routes"]
    ids, short = table.text("route_id"), table.text("route_short_name")
    keep = np.zeros(len(table), dtype=bool)
    problems = []
    for name in routes:
        found = (ids == name) if (ids == name).any() else (short == name)
        keep |= found
        if not found.any():
            known = [*dict.fromkeys(filter(None, short)), *ids]
            message = f"there is no route {name!r}{did_you_mean(name, known)}; there are {listed(sorted(set(known)))}"
            problems.append(Problem(table.file, 0, 0, "routes", message))
    if problems:
        raise NetworkError(problems)
    ledger.rows("route_not_wanted", table, ~keep, "route_id")
    tables["routes"] = kept(table, keep)


def in_box(table: TextTable, box: Box | None) -> BoolArray:
    """Tell which stops lie in a box; all of them where there is none."""
    if box is None:
        return np.ones(len(table), dtype=bool)
    lat, lon = read_numbers(table.text("stop_lat")), read_numbers(table.text("stop_lon"))
    with np.errstate(invalid="ignore"):
        inside: BoolArray = (lat >= box.south) & (lat <= box.north) & (lon >= box.west) & (lon <= box.east)
    return inside
