"""The keys a scenario file may have, read off the parameter classes.

The reference page, the suggestions for misspelt keys and the writing of scenarios all use
this one table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from sim.model.parameters import ScenarioParameters
from sim.model.parameters.fields import OF_EVERY_KEY, NameOf, file_key
from sim.units import format_clock

_KINDS = ("clock time", "duration", "length", "rate", "speed")
_UNITS: Final = {"length": " m", "rate": " /s", "speed": " m/s"}
_UNITS_OF_NAMES: Final = {
    "_m2": " m²",
    "_km_h": " km/h",
    "_m_s2": " m/s²",
    "_days": " days",
    "_l_per_100km": " l per 100 km",
    "_kg_per_l": " kg per litre",
    "_kwh_per_km": " kWh per km",
    "_kg_per_kwh": " kg per kWh",
}
"""Units of keys that take bare numbers, by the end of the name."""
_COMPARISONS = (("ge", "at least"), ("gt", "more than"), ("le", "at most"), ("lt", "less than"))


@dataclass(frozen=True)
class ScenarioKey:
    """One key of a scenario file.

    Attributes
    ----------
    path : str
        Dotted path; ``[]`` stands for a position in a list, ``NAME`` for a name of the user's.
    name : str
        Name of the field inside the program.
    field : FieldInfo
        Its declaration.
    section : type or None
        Parameter class where the key holds further keys.
    specialist : bool
        Whether the key, or a section that it lies in, is declared to be for specialists.
    """

    path: str
    name: str
    field: FieldInfo
    section: type[BaseModel] | None
    specialist: bool

    @property
    def required(self) -> bool:
        """Whether the key must be given."""
        return self.field.is_required()

    @property
    def default(self) -> Any:
        """Value where the file is silent."""
        default = self.field.get_default(call_default_factory=True, validated_data={})
        return None if default is PydanticUndefined else default


def all_keys(
    model: type[BaseModel] = ScenarioParameters, prefix: str = "", specialist: bool = False
) -> Iterator[ScenarioKey]:
    """Yield every key in the order of declaration, those of a section after the section.

    Sections that repeat the keys of another one are one key.
    """
    for name, field in model.model_fields.items():
        path = prefix + (field.alias or file_key(name))
        section = None if _says(field, "keys_listed_elsewhere") else section_of(field.annotation)
        mine = specialist or _says(field, "specialist")
        yield ScenarioKey(path, name, field, section, mine)
        if section is not None:
            yield from all_keys(section, f"{path}{_inside(field.annotation)}.", mine)


def _says(field: FieldInfo, mark: str) -> bool:
    """Whether a key is declared with a mark."""
    extra = field.json_schema_extra
    return isinstance(extra, dict) and extra.get(mark) is True


def file_keys(model: type[BaseModel]) -> list[str]:
    """List the keys of a section as a scenario file writes them."""
    return [field.alias or file_key(name) for name, field in model.model_fields.items()]


def section_at(path: Sequence[str | int]) -> type[BaseModel] | None:
    """Return the parameter class that describes the mapping at a path of the file, if one does."""
    model, _, named_by_user = _walk(path)
    return None if named_by_user else model


def is_users_name(path: Sequence[str | int]) -> bool:
    """Tell whether the last part of a path is a name that the user has given, as that of a vehicle type."""
    return _walk(path[:-1])[2]


def bound_text(path: Sequence[str | int], value: float) -> str:
    """Write a bound of the key at a path of the file, with its unit; nothing is 0 of any unit."""
    _, key, _ = _walk(path)
    return f"{value:g}" if key is None or value == 0 else quantity_text(value, *key)


def wanted_text(path: Sequence[str | int]) -> str:
    """Write what the key at a path of the file may hold, as in a message: ``number or 'msa'``."""
    _, key, _ = _walk(path)
    return "" if key is None else type_text(key[1]).replace("`", "'")


def _walk(path: Sequence[str | int]) -> tuple[type[BaseModel] | None, tuple[str, FieldInfo] | None, bool]:
    """Return the class that a path of the file leads to, the last key, and whether a name of the user's is next."""
    model: type[BaseModel] | None = ScenarioParameters
    key: tuple[str, FieldInfo] | None = None
    named_by_user = False
    for part in path:
        if isinstance(part, int):
            continue
        if named_by_user:
            named_by_user = False
            continue
        items = {} if model is None else model.model_fields
        key = next(((name, field) for name, field in items.items() if part in (field.alias, file_key(name))), None)
        if key is None:
            return None, None, False
        annotation = key[1].annotation
        named_by_user = get_origin(annotation) is dict
        model = section_of(annotation)
    return model, key, named_by_user


def kind_at(path: Sequence[str | int]) -> str:
    """Return what kind of quantity a scalar at a path of the file must be, as `kind_of` does for a key.

    Positions count here: the first of a pair may be a length and the second a plain number.
    """
    annotation: Any = ScenarioParameters
    metadata: Sequence[Any] = ()
    for part in path:
        annotation, metadata = _part_of(annotation, part)
    return (
        ""
        if any(get_origin(option) is tuple for option in _options(annotation))
        else kind_of_value(annotation, metadata)
    )


def _part_of(annotation: Any, part: str | int) -> tuple[Any, Sequence[Any]]:
    """Return annotation and metadata of an item of a list, a name of the user's or a key of a section."""
    for option in _options(annotation):
        items = get_args(option)
        if isinstance(part, int) and get_origin(option) is tuple and (items[-1] is Ellipsis or part < len(items)):
            item = items[0] if items[-1] is Ellipsis else items[part]
            return item, getattr(item, "__metadata__", ())
        if isinstance(part, str) and get_origin(option) is dict:
            return items[1], getattr(items[1], "__metadata__", ())
        if isinstance(option, type) and issubclass(option, BaseModel):
            field = next(
                (field for name, field in option.model_fields.items() if part in (field.alias, file_key(name))), None
            )
            if field is not None:
                return field.annotation, field.metadata
    return None, ()


def _options(annotation: Any) -> Sequence[Any]:
    """Return the members of a union, or the annotation alone."""
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)


def section_of(annotation: Any) -> type[BaseModel] | None:
    """Return the parameter class in an annotation such as ``tuple[Flow, ...]``, if there is one."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (section_of(part) for part in get_args(annotation))
    return next((section for section in found if section is not None), None)


def kind_of(field: FieldInfo) -> str:
    """Return ``clock time``, ``duration``, ``length``, ``rate``, ``speed``, ``stop`` or ``line``, or an empty text."""
    return kind_of_value(field.annotation, field.metadata)


def type_text(field: FieldInfo) -> str:
    """Say in a planner's words what a value must be."""
    return _type_text(field.annotation, kind_of(field))


def bounds_text(name: str, field: FieldInfo) -> str:
    """Say within which bounds a value must lie, with their units; empty where there are none.

    Parameters
    ----------
    name : str
        Name of the field inside the program, which tells the unit of a bare number.
    field : FieldInfo
    """
    parts = []
    general = OF_EVERY_KEY.get(kind_of(field))
    for comparison, words in _COMPARISONS:
        own = [value for value in _metadata(field, comparison) if abs(value) != general]
        parts += [f"{words} {quantity_text(value, name, field)}" for value in own]
    for value in _metadata(field, "min_length"):
        parts.append(f"at least {value} {'value' if value == 1 else 'values'}" if _is_list(field) else "not empty")
    parts += [f"letters, digits and `_.-` (`{value}`)" for value in _metadata(field, "pattern")]
    return ", ".join(parts)


def quantity_text(value: float, name: str, field: FieldInfo) -> str:
    """Write a value of a key with its unit."""
    kind = kind_of(field)
    if kind == "clock time":
        return format_clock(value)
    if kind == "duration" and value >= 86400 and value % 3600 == 0:
        return f"{int(value) // 3600:,} h"
    if kind == "duration":
        return f"{value / 60:g} min" if value and value % 60 == 0 else f"{value:g} s"
    by_name = (unit for end, unit in _UNITS_OF_NAMES.items() if name.endswith(end))
    digits = f"{int(value):,}" if value == int(value) else f"{value:g}"
    return f"{digits}{_UNITS.get(kind) or next(by_name, '')}"


def _metadata(field: FieldInfo, name: str) -> list[Any]:
    """Return what a key, or a kind of value that it may have besides words such as `auto`, says of something."""
    items = list(field.metadata)
    for option in _options(field.annotation):
        for item in getattr(option, "__metadata__", ()):
            items += item.metadata if isinstance(item, FieldInfo) else [item]
    found = [getattr(item, name, None) for item in items]
    return [value for value in found if value is not None]


def _is_list(field: FieldInfo) -> bool:
    return "list" in type_text(field)


def kind_of_value(annotation: Any, metadata: Sequence[Any]) -> str:
    """Return the kind of a value of some type, as `kind_of` does for a key."""
    for item in metadata:
        if isinstance(item, NameOf):
            return item.what
        schema = getattr(item, "json_schema", None)
        if isinstance(schema, dict) and schema.get("format") in _KINDS:
            return str(schema["format"])
    for part in get_args(annotation):
        found = kind_of_value(part, getattr(part, "__metadata__", ()))
        if found:
            return found
    return ""


def _type_text(annotation: Any, kind: str) -> str:
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return kind or _type_text(parts[0], kind)
    if origin is Literal:
        names = [f"`{part}`" for part in parts]
        return names[0] if len(names) == 1 else "one of " + ", ".join(names)
    if origin is tuple:
        if parts[-1] is Ellipsis:
            return f"list of {_plural(_part_text(parts[0]))}"
        return ", ".join(map(_part_text, parts))
    if origin is dict:
        return "names with a section each"
    if section_of(annotation) is not None and origin is None:
        return "section"
    if origin is not None:
        return " or ".join(_part_text(part) for part in parts if part is not type(None))
    return kind or {str: "text", int: "whole number", float: "number", bool: "true or false"}[annotation]


def _part_text(annotation: Any) -> str:
    """Say what a part of a value must be, as one of a pair."""
    return _type_text(annotation, kind_of_value(annotation, getattr(annotation, "__metadata__", ())))


def _plural(text: str) -> str:
    """Say what the items of a list are."""
    if text.startswith("one of "):
        return f"values, each {text}"
    if ", " in text:
        count = {2: "pairs", 3: "triples"}[text.count(",") + 1]
        return f"{count} ({text})"
    return f"{text}s"


def _inside(annotation: Any) -> str:
    origin = get_origin(annotation)
    return {tuple: "[]", dict: ".NAME"}.get(origin, "") if origin is not None else ""
