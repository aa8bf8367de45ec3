"""Hand arrays to the library and take them from it.

The structures are those of `arrays.h`, read from there: each is filled from the dataclass of the same name, by the
names of its fields.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import numpy as np

from sim.compiled.build import ENGINE

_STRUCT = re.compile(r"typedef struct \{(.*?)\} (\w+);", re.DOTALL)
_FIELD = re.compile(r"^ {4}(?:const )?(\w+) (\*?)(\w+);", re.MULTILINE)
_VALUES: Final = {"int64_t": ctypes.c_int64, "double": ctypes.c_double, "uint8_t": ctypes.c_uint8}
_DTYPES: Final[Mapping[str, np.dtype[Any]]] = {
    "int64_t": np.dtype(np.int64),
    "int32_t": np.dtype(np.int32),
    "double": np.dtype(np.float64),
    "uint8_t": np.dtype(np.bool_),
}

Field = tuple[str, str, bool]
"""Name, type in C, and whether it is an array."""


@cache
def declared() -> dict[str, tuple[Field, ...]]:
    """Return the fields of every structure of `arrays.h`."""
    text = (ENGINE.folder / "arrays.h").read_text()
    return {
        name: tuple((field, kind, bool(star)) for kind, star, field in _FIELD.findall(body))
        for body, name in _STRUCT.findall(text)
    }


@cache
def structure(name: str) -> type[ctypes.Structure]:
    """Return the structure of a name, for ctypes."""
    fields: list[tuple[str, Any]] = []
    for field, kind, is_array in declared()[name]:
        fields.append((field, ctypes.c_void_p if is_array else _VALUES.get(kind) or structure(kind)))
    return type(name, (ctypes.Structure,), {"_fields_": fields})


def filled(name: str, source: Any, kept: list[Any]) -> ctypes.Structure:
    """Return a structure filled from an object with the attributes that it names.

    Parameters
    ----------
    name : str
        Of a structure without others in it.
    source : object
        A dataclass, or a mapping of names to values.
    kept : list
        Gets every array that the structure points into; they have to live as long as it is used.

    Raises
    ------
    TypeError
        Where an array is of another type than declared.
    """
    found = structure(name)()
    for field, kind, is_array in declared()[name]:
        value = source[field] if isinstance(source, Mapping) else getattr(source, field)
        setattr(found, field, _pointer(f"{name}.{field}", value, _DTYPES[kind], kept) if is_array else value)
    return found


def _pointer(name: str, value: np.ndarray[Any, Any] | None, dtype: np.dtype[Any], kept: list[Any]) -> int | None:
    if value is None:
        return None
    if value.dtype != dtype:
        raise TypeError(f"{name} is of type {value.dtype}, not {dtype}")
    array = np.ascontiguousarray(value)
    kept.append(array)
    return int(array.ctypes.data)


def blank(name: str, sizes: Mapping[str, int]) -> dict[str, np.ndarray[Any, Any]]:
    """Return new arrays for all fields of a structure, each as long as the beginning of its name says.

    Parameters
    ----------
    name : str
    sizes : mapping of str to int
        Lengths by the part of a field's name before the first underscore.
    """
    return {field: np.empty(sizes[field.split("_")[0]], dtype=_DTYPES[kind]) for field, kind, _ in declared()[name]}
