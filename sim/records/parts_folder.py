"""Finished replications of a run that is not finished: a hidden folder beside the run folder.

Each replication is a folder of Parquet files, one per table and strategy, and `facts.json`; it is
written under another name and then renamed, so that what is there is whole. A run that was killed goes on
from them. The folder has one owner, which holds a lock that the system takes away from a dead process;
what nobody owns is used again by the next run to the same place, or cleared away.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from sim.errors import RunFolderError
from sim.records.parquet import write_table
from sim.records.refused import not_written
from sim.records.stored_tables import Names
from sim.records.table import Table
from sim.scratch import entries_named, real_place, scratch_name

_LOCK = "owner.sqlite"

PART_FACTS = "facts.json"
"""File of a finished replication; written last."""

PARTS_SUFFIX = ".parts"
"""What the name of such a folder has behind that of the run folder to be."""

OLDER = "older"
"""Where the run folder that is being replaced lies for a moment."""


@dataclass(frozen=True)
class StoredPart:
    """One finished replication on disk.

    Attributes
    ----------
    folder : Path
    facts : tuple of dict
        What was said of each strategy when it was kept, in their order.
    names : tuple of mapping
        Per strategy, by table: names behind the codes of text columns.
    """

    folder: Path
    facts: tuple[dict[str, Any], ...]
    names: tuple[Mapping[str, Names], ...]

    def table_file(self, strategy: int, table: str) -> Path:
        """Return where a table of the strategy of that number lies."""
        return _file(self.folder, strategy, table)


class PartWriter:
    """Writes one replication, a strategy at a time, and gives it its name at the end.

    Parameters
    ----------
    folder : Path
        Of all parts.
    name : str
        Of this one.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._target = folder / name
        self._partial = folder / f".{name}.{scratch_name()}"
        self._entries: list[dict[str, Any]] = []
        # Most text columns share their names with those of the strategy and table before.
        self._lists: dict[tuple[str, ...], int] = {}

    def add(self, facts: Mapping[str, Any], tables: Mapping[str, Table]) -> None:
        """Write the tables of the next strategy.

        Raises
        ------
        RunFolderError
            When the disk refuses.
        """
        try:
            self._partial.mkdir(parents=True, exist_ok=True)
            for name, table in tables.items():
                write_table(table, _file(self._partial, len(self._entries), name))
        except OSError as error:
            raise not_written(self._target, error) from error
        names = {
            name: {column: self._number(own) for column, own in table.categories.items()}
            for name, table in tables.items()
        }
        self._entries.append({"facts": dict(facts), "names": names})

    def finish(self) -> None:
        """Give the part its name; from now on it counts as done.

        Raises
        ------
        RunFolderError
            When the disk refuses.
        """
        text = json.dumps({"lists": list(self._lists), "strategies": self._entries}, ensure_ascii=False)
        try:
            (self._partial / PART_FACTS).write_text(text, encoding="utf-8")
            # A part of that name that could not be opened is broken.
            shutil.rmtree(self._target, ignore_errors=True)
            self._partial.rename(self._target)
        except OSError as error:
            raise not_written(self._target, error) from error

    def _number(self, names: tuple[str, ...]) -> int:
        return self._lists.setdefault(tuple(names), len(self._lists))


class PartsFolder:
    """The finished parts of one run, and the only process that may use them; a context manager.

    Parameters
    ----------
    target : Path
        The run folder to be.
    key : str
        What the parts depend on; those of another key are cleared away.

    Raises
    ------
    RunFolderError
        When the folder cannot be made.
    """

    def __init__(self, target: Path, key: str) -> None:
        self._target = real_place(target)
        self._key = key
        stem = f".{self._target.name}{PARTS_SUFFIX}"
        self.path = self._target.with_name(stem)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = _locked(self.path)
            if lock is None:
                # Somebody else runs to the same place: keep apart, the last to finish stays.
                self.path = self._target.with_name(f"{stem}.{scratch_name()}")
                self.path.mkdir()
                lock = _locked(self.path)
            self._lock = lock
            self._clear(stem)
        except OSError as error:
            raise not_written(target, error) from error

    def __enter__(self) -> PartsFolder:
        """Return the folder itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let others own the folder; what is in it stays for them."""
        self.release()

    def name_of(self, replication: int) -> str:
        """Return the name of a part."""
        return f"{self._key}-{replication}"

    def find(self, replication: int) -> StoredPart | None:
        """Return a finished replication; None where it is not there."""
        return stored_part(self.path / self.name_of(replication))

    def opened(self, replication: int) -> StoredPart:
        """Return a finished replication.

        Raises
        ------
        RunFolderError
            When it is not there, or was changed by somebody else.
        """
        part = self.find(replication)
        if part is None:
            raise RunFolderError(f"{self.path / self.name_of(replication)}: cannot be read")
        return part

    def release(self) -> None:
        """Give the folder up; it stays where it holds a finished part."""
        if self._lock is None:
            return
        if not any(self._is_part(entry) for entry in self.path.iterdir()):
            shutil.rmtree(self.path, ignore_errors=True)
        self._lock.close()
        self._lock = None

    def remove(self) -> None:
        """Clear the folder away, its work being done."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _clear(self, stem: str) -> None:
        """Clear away what no living process owns: parts of another key, half-written ones, folders of the dead."""
        older = self.path / OLDER
        if older.is_dir() and not self._target.exists():
            older.rename(self._target)
        for entry in self.path.iterdir():
            if not self._is_part(entry) and not entry.name.startswith(_LOCK):
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        for other in entries_named(self._target.parent, f"{stem}."):
            if other != self.path and (lock := _locked(other)) is not None:
                lock.close()
                shutil.rmtree(other, ignore_errors=True)

    def _is_part(self, entry: Path) -> bool:
        return bool(self._key) and entry.name.startswith(f"{self._key}-")


def is_work_kept(target: Path) -> bool:
    """Tell whether finished replications of a run folder to be lie beside it.

    Parameters
    ----------
    target : Path
    """
    place = real_place(target)
    mine = entries_named(place.parent, f".{place.name}{PARTS_SUFFIX}")
    return any(any(folder.glob(f"*/{PART_FACTS}")) for folder in mine)


def stored_part(folder: Path) -> StoredPart | None:
    """Open a part; None where it is not there or is broken.

    It has all its tables, or it is none: a process that is killed while it clears parts away leaves facts whose tables
    are gone (test_a_run_killed_while_it_clears_away_what_it_kept_can_be_made_again).
    """
    try:
        read = json.loads((folder / PART_FACTS).read_text(encoding="utf-8"))
        lists = [tuple(names) for names in read["lists"]]
        part = StoredPart(
            folder,
            tuple(entry["facts"] for entry in read["strategies"]),
            tuple(
                {
                    table: {column: lists[number] for column, number in columns.items()}
                    for table, columns in entry["names"].items()
                }
                for entry in read["strategies"]
            ),
        )
        is_whole = all(
            part.table_file(number, table).is_file() for number, tables in enumerate(part.names) for table in tables
        )
        return part if is_whole else None
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _file(folder: Path, strategy: int, table: str) -> Path:
    return folder / f"{strategy}-{table}.parquet"


def _locked(folder: Path) -> sqlite3.Connection | None:
    """Take a lock on the folder that ends with this process, whatever ends it; None where another one has it."""
    connection = sqlite3.connect(folder / _LOCK, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error:
        connection.close()
        return None
    return connection
