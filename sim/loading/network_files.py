"""Where the files of a network lie: a network folder, a bare GTFS folder, or a GTFS zip."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from sim.errors import NetworkError, Problem
from sim.loading.available_memory import available_memory, gigabytes
from sim.loading.csv_tables import TextTable, parse_table
from sim.loading.feed_zip import DAMAGED, zip_members
from sim.loading.hints import did_you_mean, listed
from sim.loading.problems import ProblemCollector, shown_path
from sim.loading.table_specs import TableSpec

Kind = Literal["network", "gtfs"]

_FEED_MARKS = ("stops.txt", "stop_times.txt", "trips.txt")
_MARKS = ("gtfs", "gmns", "vehicles.csv", "SOURCE.md")
_MOST_COLUMNS_TOLD = 20


class NetworkFiles:
    """Files of one network by their path in the network folder format.

    A bare feed is seen as a folder that has nothing but ``gtfs/``.

    Attributes
    ----------
    name : str
        Name of the folder or zip, without ending.
    shown : str
        Path as the user sees it.
    kind : str
        ``network`` for the folder format, ``gtfs`` for a bare feed.
    source : str
        Stands for ``SOURCE.md`` where a bare feed has none.
    inner : str
        Folder inside of the zip or folder in which a bare feed lies; blank where it lies at the top.
    other_feeds : tuple of str
        Folders that hold a feed too and are not read.
    collector : ProblemCollector
    """

    def __init__(self, path: Path, collector: ProblemCollector) -> None:
        self.shown = shown_path(path)
        self.collector = collector
        self.kind: Kind = "gtfs"
        self.name = path.resolve().name
        self.source = ""
        self.inner = ""
        self.other_feeds: tuple[str, ...] = ()
        self._hashes: dict[str, str] = {}
        self._ready: dict[str, TextTable] = {}
        self._members: dict[str, tuple[str, int, Callable[[], bytes]]] = {}
        if path.is_dir():
            self._open_folder(path)
        elif path.is_file():
            self.name = path.stem
            self._open_zip(path)
        else:
            raise NetworkError([Problem(self.shown, 0, 0, "", "there is no such network folder or GTFS zip")])

    @property
    def hashes(self) -> tuple[tuple[str, str], ...]:
        """Name and SHA-256 of every file read so far, sorted by name."""
        return tuple(sorted(self._hashes.items()))

    def shown_file(self, name: str) -> str:
        """Return the path of a file as the user sees it, whether it exists or not."""
        member = self._members.get(name.lower())
        if member is not None:
            return member[0]
        return f"{self.shown}/{name if self.kind == 'network' else name.removeprefix('gtfs/')}"

    @property
    def names(self) -> tuple[str, ...]:
        """Paths of all files in the network folder format, in lower case."""
        return tuple(self._members)

    def use_tables(self, tables: Mapping[str, TextTable]) -> None:
        """Take these tables, by path in the network folder, in the place of all files."""
        self._members = {}
        self._ready = dict(tables)

    def has(self, name: str) -> bool:
        """Tell whether a file is there."""
        return name.lower() in self._ready or name.lower() in self._members

    def bytes(self, name: str) -> bytes | None:
        """Return the content of a file, or None where it is missing."""
        member = self._members.get(name.lower())
        if member is None:
            return None
        shown, size, read = member
        # A table takes several times its text; what cannot even be read in is told before.
        if (there_is := available_memory()) < size:
            self.collector.problem(shown, f"holds {gigabytes(size)}, and there are {gigabytes(there_is)} of memory")
            return None
        try:
            data = read()
        except DAMAGED as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            self.collector.problem(shown, f"cannot be read: {reason or 'it is damaged'}")
            return None
        inside = name if self.kind == "network" else name.removeprefix("gtfs/")
        self._hashes[f"{self.name}/{inside}"] = hashlib.sha256(data).hexdigest()
        return data

    def table(self, spec: TableSpec, *, required: bool = True) -> TextTable | None:
        """Read a table and check its columns.

        Parameters
        ----------
        spec : TableSpec
            What the table should be like.
        required : bool
            Whether it is a problem if the file is missing.

        Returns
        -------
        TextTable or None
            None where there is no table to work with; what is wrong is in the collector.
        """
        ready = self._ready.get(spec.name)
        if ready is not None:
            return ready
        file = self.shown_file(spec.name)
        if not self.has(spec.name):
            if required:
                columns = ",".join(spec.required)
                self.collector.problem(file, f"the file is missing; it needs the columns {columns}")
            return None
        data = self.bytes(spec.name)
        table = None if data is None else parse_table(data, file, self.collector)
        if table is None:
            return None
        complete = self._has_columns(table, spec)
        if not len(table) and not spec.may_be_empty:
            self.collector.problem(file, "the table has a header and no rows", line=1)
            return None
        return table if complete else None

    def _has_columns(self, table: TextTable, spec: TableSpec) -> bool:
        """Tell whether a table has the columns that it needs; say which are missing, and which nobody knows."""
        missing = [name for name in spec.required if not table.has(name)]
        unknown = [name for name in table.columns if name not in spec.known]
        for name in missing:
            hint = did_you_mean(name, unknown)
            there = listed(table.columns)
            self.collector.problem(table.file, f"this column is missing{hint}; the header is {there}", line=1, key=name)
        for name in unknown[:_MOST_COLUMNS_TOLD]:
            hint = did_you_mean(name, [known for known in spec.known if not table.has(known)])
            self.collector.mention(table.file, f"unknown column, kept and not used{hint}", line=1, key=name)
        if len(unknown) > _MOST_COLUMNS_TOLD:
            message = f"{len(unknown) - _MOST_COLUMNS_TOLD} more unknown columns, kept and not used"
            self.collector.mention(table.file, message, line=1)
        return not missing

    def _open_folder(self, path: Path) -> None:
        folder_format = is_network(path)
        feeds = [] if folder_format else _feed_folders(path)
        if not folder_format and not feeds:
            message = "neither a network folder (gtfs/, vehicles.csv, SOURCE.md) nor a GTFS feed (stops.txt, ...)"
            # Feeds are often handed over as a folder with the zip in it: what to name instead is then known.
            zips = sorted(file.name for file in path.glob("*.zip"))
            message += f"; if {zips[0]} in it is one, name that" if zips else ""
            raise NetworkError([Problem(self.shown, 0, 0, "", message)])
        self.kind = "network" if folder_format else "gtfs"
        names = ["*.csv", "SOURCE.md", "gtfs/*.txt", "gmns/*.csv", "demand/*.csv"]
        patterns = names if self.kind == "network" else ["*.txt", "*.TXT"]
        if feeds:
            self._keep_first([feed.relative_to(path).as_posix() for feed in feeds])
        for pattern in patterns:
            for file in sorted(filter(Path.is_file, (feeds[0] if feeds else path).glob(pattern))):
                inside = file.relative_to(path).as_posix()
                logical = inside if self.kind == "network" else f"gtfs/{file.name}"
                self._members[logical.lower()] = (f"{self.shown}/{inside}", file.stat().st_size, file.read_bytes)

    def _open_zip(self, path: Path) -> None:
        try:
            members = zip_members(path)
        except PermissionError:
            raise NetworkError([Problem(self.shown, 0, 0, "", "may not be read by this user")]) from None
        except DAMAGED:
            message = "neither a network folder nor a zip of GTFS tables"
            raise NetworkError([Problem(self.shown, 0, 0, "", message)]) from None
        found = [member.path for member in members if member.path.name.lower() == "stops.txt"]
        stops = sorted(found, key=lambda path: (len(path.parts), str(path)))
        if not stops:
            raise NetworkError([Problem(self.shown, 0, 0, "", "the zip holds no stops.txt: not a GTFS feed")])
        self._keep_first(list(dict.fromkeys(str(member.parent) for member in stops)))
        for member in members:
            if member.path.parent == stops[0].parent and member.path.suffix.lower() == ".txt":
                shown = f"{self.shown}/{member.path}"
                self._members[f"gtfs/{member.path.name.lower()}"] = (shown, member.size, member.read)

    def _keep_first(self, folders: Sequence[str]) -> None:
        self.inner = "" if folders[0] == "." else folders[0]
        self.other_feeds = tuple(folders[1:])


def is_network(path: Path) -> bool:
    """Tell whether a folder is meant to be in the network folder format."""
    return any((path / name).exists() for name in _MARKS)


def _feed_folders(path: Path) -> list[Path]:
    """Return the folder itself if it holds a feed, else those inside that do, at most two levels down."""
    for pattern in ("*", "*/*", "*/*/*"):
        found = {file.parent for file in path.glob(pattern) if file.name.lower() in _FEED_MARKS and file.is_file()}
        if found:
            return sorted(found)
    return []
