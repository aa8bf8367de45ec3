"""Files of counts, each read as what it is."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from sim.errors import Problem
from sim.loading.counts.places import CountedPlaces
from sim.loading.counts.realtime import read_realtime
from sim.loading.counts.tables import read_count_table
from sim.loading.feed_zip import DAMAGED, zip_members
from sim.loading.inline import PlaceKey
from sim.loading.problems import ProblemCollector, shown_path
from sim.model.counted import CountedDay, CountedDays
from sim.model.network import Network
from sim.model.parameters import ScenarioParameters
from sim.model.service import Service

_KEY: Final = ("advisor", "forecast", "counts")
_FEED: Final = (".pb", ".pb.gz")
MOST_BYTES: Final = 512 * 1024**2
"""Largest file of counts; assumed."""

Hashes = tuple[tuple[str, str], ...]


def counted_of(
    parameters: ScenarioParameters, base_dir: Path, network: Network, service: Service, place: PlaceKey
) -> tuple[CountedDays | None, Hashes, list[Problem]]:
    """Read what a scenario names as counts of real days.

    Parameters
    ----------
    parameters : ScenarioParameters
    base_dir : Path
        Folder from which relative paths count.
    network : Network
    service : Service
        As it is simulated.
    place : callable
        Makes a problem of a key path and a message.

    Returns
    -------
    CountedDays or None
        None where there are none, or something is wrong.
    tuple of (str, str)
        Name and SHA-256 of every file.
    list of Problem
    """
    wanted = parameters.advisor.forecast.counts
    if not wanted.files:
        return None, (), _useless_share(parameters, place)
    problems = _hidden(parameters, place)
    collector, days, notes, hashes = ProblemCollector(), list[CountedDay](), list[str](), list[tuple[str, str]]()
    places = CountedPlaces(network, service, parameters.service.capacity_scale)
    for number, name in enumerate(wanted.files):
        path = base_dir / name
        try:
            content = list(_contents(path))
        except DAMAGED as error:
            # What is no table and no feed says so itself.
            why = str(error) if type(error) is ValueError else f"cannot be read: {_reason(error)}"
            problems.append(place((*_KEY, "files", number), f"{name}: {why}"))
            continue
        hashes += [(inside, hashlib.sha256(data).hexdigest()) for inside, data in content]
        if path.suffix.lower() == ".csv":
            found, said = read_count_table(content[0][1], shown_path(path), places, collector)
        else:
            found, said = read_realtime(content, shown_path(path), places, collector)
        days += found
        notes += said
    problems += collector.problems
    if problems:
        return None, (), problems
    return CountedDays(tuple(_joined(days)), wanted.share, tuple(notes)), tuple(hashes), []


def _reason(error: Exception) -> str:
    """Return why a file cannot be read, without the path that the system repeats."""
    told = error.strerror if isinstance(error, OSError) else str(error)
    return told or "it is damaged"


def _useless_share(parameters: ScenarioParameters, place: PlaceKey) -> list[Problem]:
    counts = parameters.advisor.forecast.counts
    if "share" in counts.model_fields_set and counts.share != type(counts).model_fields["share"].default:
        return [place((*_KEY, "share"), "has no effect without files")]
    return []


def _hidden(parameters: ScenarioParameters, place: PlaceKey) -> list[Problem]:
    """Refuse counts where the advisor must not see vehicles one by one: they are laid on the simulated day as it is."""
    forecast = parameters.advisor.forecast
    if forecast.privacy.mechanism == "none" and forecast.coverage_share >= 1.0:
        return []
    message = "cannot be used together with coverage below 1 or a privacy mechanism; leave one of them out"
    return [place((*_KEY, "files"), message)]


def _contents(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of a file, or of all feeds in a folder or zip, by name.

    Raises
    ------
    ValueError
        When there is nothing that can be read.
    """
    if path.is_dir():
        yield from _of_folder(path)
    elif not path.is_file():
        raise ValueError("there is no such file")
    elif path.suffix.lower() == ".zip":
        yield from _of_zip(path)
    elif path.suffix.lower() == ".csv" or _is_feed(path.name):
        yield path.name, _unpacked(path.name, _read(path))
    else:
        kinds = " or ".join(_FEED)
        raise ValueError(f"counts are a table (.csv), or GTFS-Realtime ({kinds}, or a folder or .zip of such files)")


def _of_folder(path: Path) -> Iterator[tuple[str, bytes]]:
    files = sorted(file for file in path.rglob("*") if file.is_file())
    feeds = [file for file in files if _is_feed(file.name)]
    if not feeds:
        raise ValueError(_no_feed("folder", [file.name for file in files]))
    for file in feeds:
        yield f"{path.name}/{file.relative_to(path).as_posix()}", _unpacked(file.name, _read(file))


def _of_zip(path: Path) -> Iterator[tuple[str, bytes]]:
    members = sorted(zip_members(path), key=lambda one: str(one.path))
    packed = [one for one in members if _is_feed(one.path.name)]
    if not packed:
        raise ValueError(_no_feed("zip", [one.path.name for one in members]))
    yield from ((f"{path.name}/{one.path}", _unpacked(one.path.name, one.read())) for one in packed)


def _is_feed(name: str) -> bool:
    return name.lower().endswith(_FEED)


def _no_feed(what: str, names: list[str]) -> str:
    """Say that there is no message, and what there is instead."""
    instead = f"; it has {len(names):,} others (the first: {names[0]})" if names else ""
    return f"the {what} has no {' or '.join(_FEED)} file{instead}"


def _unpacked(name: str, data: bytes) -> bytes:
    """Return the content of a file; of one that is packed and damaged, nothing, which is no message."""
    if not name.lower().endswith(".gz"):
        return data
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            content = packed.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        return b""
    if len(content) > MOST_BYTES:
        raise ValueError(f"{name} is larger than {MOST_BYTES // 1024**2} MB when unpacked")
    return content


def _read(file: Path) -> bytes:
    if file.stat().st_size > MOST_BYTES:
        raise ValueError(f"{file.name} is larger than {MOST_BYTES // 1024**2} MB")
    return file.read_bytes()


def _joined(days: list[CountedDay]) -> Iterator[CountedDay]:
    """Put days of the same date together; what a later file says of a vehicle goes before what an earlier one says."""
    for date in sorted({day.date for day in days}):
        same = [day for day in days if day.date == date]
        visit = np.unique(np.concatenate([day.visit for day in same]))
        columns = {name: np.full(len(visit), np.nan) for name in ("load", "boardings", "left_behind", "late_s")}
        for day in same:
            at = np.searchsorted(visit, day.visit)
            for name, column in columns.items():
                told = getattr(day, name)
                column[at] = np.where(np.isfinite(told), told, column[at])
        yield CountedDay(date, visit, **columns)
