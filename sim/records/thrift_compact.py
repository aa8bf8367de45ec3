"""The compact protocol of Apache Thrift, in which the footer of a Parquet file is written.

Just enough to read any structure, change numbers in it, and write it again: a structure is a list of
fields, a field its number, its type and its value.
https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, _MAP, STRUCT = range(1, 13)
_WHOLE = frozenset({I16, I32, I64})


@dataclass
class Field:
    """One field of a structure.

    Attributes
    ----------
    number : int
    kind : int
        Type of the protocol.
    value : Any
        int, bytes, `Sequence` or list of `Field`; the eight bytes of a double as they are.
    """

    number: int
    kind: int
    value: Any


@dataclass
class Items:
    """The elements of a list, all of one type."""

    kind: int
    values: list[Any]


def find(structure: list[Field], number: int) -> Field | None:
    """Return the field of that number; None where it is left out."""
    return next((field for field in structure if field.number == number), None)


def read_structure(data: bytes) -> list[Field]:
    """Read a structure.

    Raises
    ------
    ValueError
        When it holds a type that no Parquet footer has, or ends too early.
    """
    try:
        return _structure(_Reader(data))
    except IndexError as error:
        raise ValueError("ends within a structure") from error


def write_structure(structure: list[Field]) -> bytes:
    """Write a structure."""
    out = bytearray()
    _put_structure(out, structure)
    return bytes(out)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        if self.at + count > len(self.data):
            raise IndexError
        self.at += count
        return self.data[self.at - count : self.at]

    def byte(self) -> int:
        return self.take(1)[0]

    def unsigned(self) -> int:
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def signed(self) -> int:
        value = self.unsigned()
        return (value >> 1) ^ -(value & 1)


def _structure(reader: _Reader) -> list[Field]:
    fields: list[Field] = []
    number = 0
    while head := reader.byte():
        number = number + (head >> 4) if head >> 4 else reader.signed()
        fields.append(Field(number, head & 0x0F, _value(reader, head & 0x0F)))
    return fields


def _value(reader: _Reader, kind: int) -> Any:
    if kind in {TRUE, FALSE}:
        return kind == TRUE
    if kind in _WHOLE:
        return reader.signed()
    if kind == BYTE:
        return reader.byte()
    if kind == DOUBLE:
        return reader.take(8)
    if kind == BINARY:
        return reader.take(reader.unsigned())
    if kind == STRUCT:
        return _structure(reader)
    if kind in {LIST, SET}:
        head = reader.byte()
        count = reader.unsigned() if head >> 4 == 0x0F else head >> 4
        inner = head & 0x0F
        # Within a list a truth value takes a byte of its own.
        return Items(inner, [reader.byte() if inner == TRUE else _value(reader, inner) for _ in range(count)])
    raise ValueError(f"type {kind} is in no Parquet footer")


def _put_structure(out: bytearray, structure: list[Field]) -> None:
    before = 0
    for field in structure:
        step = field.number - before
        if 0 < step < 16:
            out.append(step << 4 | field.kind)
        else:
            out.append(field.kind)
            _put_unsigned(out, _zigzag(field.number))
        before = field.number
        _put_value(out, field.kind, field.value)
    out.append(0)


def _put_value(out: bytearray, kind: int, value: Any) -> None:
    if kind in {TRUE, FALSE}:
        return
    if kind in _WHOLE:
        _put_unsigned(out, _zigzag(value))
    elif kind == BYTE:
        out.append(value)
    elif kind == DOUBLE:
        out += value
    elif kind == BINARY:
        _put_unsigned(out, len(value))
        out += value
    elif kind == STRUCT:
        _put_structure(out, value)
    else:
        count = len(value.values)
        out.append(min(count, 15) << 4 | value.kind)
        if count >= 15:
            _put_unsigned(out, count)
        for item in value.values:
            if value.kind == TRUE:
                out.append(item)
            else:
                _put_value(out, value.kind, item)


def _put_unsigned(out: bytearray, value: int) -> None:
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)


def _zigzag(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1
