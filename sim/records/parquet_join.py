"""Parquet files of one schema put one after the other without reading a row.

The row groups are copied as they are, and the footer is written anew with their new places. So a table
of any number of replications is put together at the speed of the disk and in the memory of a buffer.
https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from sim.errors import RunFolderError
from sim.records.refused import not_written
from sim.records.thrift_compact import Field, Items, find, read_structure, write_structure

_MAGIC = b"PAR1"
_BUFFER = 1 << 20
_SCHEMA, _ROWS, _GROUPS = 2, 3, 4
_GROUP_COLUMNS, _GROUP_OFFSET, _GROUP_ORDINAL = 1, 5, 7
_CHUNK_META, _CHUNK_PLACES = 3, (2, 4, 6)
"""File offset, and those of the offset index and the column index."""
_META_PLACES = (9, 10, 11, 14)
"""Offsets of data pages, index pages, dictionary page and bloom filter."""


def join_parquet(parts: Sequence[Path], target: Path) -> None:
    """Write the rows of several files into one, in their order.

    Parameters
    ----------
    parts : sequence of Path
        At least one; written by `sim.records.parquet.write_table` under one schema.
    target : Path

    Raises
    ------
    RunFolderError
        When a part is broken or of another schema, or the disk refuses.
    """
    joined: list[Field] = []
    try:
        with target.open("wb") as out:
            out.write(_MAGIC)
            for part in parts:
                with part.open("rb") as source:
                    footer, body_bytes = _footer(source, part)
                    shift = out.tell() - len(_MAGIC)
                    source.seek(len(_MAGIC))
                    _copy(source, out, body_bytes - len(_MAGIC))
                if not joined:
                    joined = footer
                else:
                    _append(joined, footer, shift, part)
            text = write_structure(joined)
            out.write(text + len(text).to_bytes(4, "little") + _MAGIC)
    except OSError as error:
        raise not_written(target, error) from error


def _footer(source: BinaryIO, path: Path) -> tuple[list[Field], int]:
    """Return the footer and the number of bytes before it."""
    size = source.seek(0, 2)
    source.seek(max(size - 8, 0))
    tail = source.read(8)
    start = size - 8 - int.from_bytes(tail[:4], "little")
    if len(tail) < 8 or tail[4:] != _MAGIC or start < len(_MAGIC):
        raise RunFolderError(f"{path}: is no whole Parquet file")
    source.seek(start)
    try:
        return read_structure(source.read(size - 8 - start)), start
    except ValueError as error:
        raise RunFolderError(f"{path}: its footer {error}") from error


def _append(joined: list[Field], footer: list[Field], shift: int, path: Path) -> None:
    """Add the row groups of a footer to another, all places in the file moved by a number of bytes."""
    if find(joined, _SCHEMA) != find(footer, _SCHEMA):
        raise RunFolderError(f"{path}: has other columns than the parts before it")
    groups, rows = _items(joined, _GROUPS), _field(joined, _ROWS)
    for group in _items(footer, _GROUPS).values:
        _move(group, (_GROUP_OFFSET,), shift)
        ordinal = find(group, _GROUP_ORDINAL)
        if ordinal is not None:
            # An i16 in the format; beyond it readers are to do without.
            ordinal.value = len(groups.values)
            if len(groups.values) >= 2**15:
                group.remove(ordinal)
        for chunk in _items(group, _GROUP_COLUMNS).values:
            _move(chunk, _CHUNK_PLACES, shift)
            _move(_field(chunk, _CHUNK_META).value, _META_PLACES, shift)
        groups.values.append(group)
    rows.value += _field(footer, _ROWS).value


def _move(structure: list[Field], numbers: Sequence[int], shift: int) -> None:
    # Every place in the file is one of these fields, or the file could not be read afterwards
    # (tests/unit/test_records_join.py reads columns, statistics and filters).
    for number in numbers:
        field = find(structure, number)
        if field is not None and field.value:
            field.value += shift


def _field(structure: list[Field], number: int) -> Field:
    field = find(structure, number)
    if field is None:
        raise RunFolderError(f"a Parquet footer lacks field {number}")
    return field


def _items(structure: list[Field], number: int) -> Items:
    value: Items = _field(structure, number).value
    return value


def _copy(source: BinaryIO, out: BinaryIO, count: int) -> None:
    """Copy a number of bytes."""
    while count and (block := source.read(min(count, _BUFFER))):
        out.write(block)
        count -= len(block)
