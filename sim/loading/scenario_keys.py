"""The keys a scenario file may have, read off the parameter classes.

The reference page, the suggestions for misspelt keys and the writing of scenarios all use
this one table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from sim.model.parameters import ScenarioParameters

_KINDS = ("clock time", "duration", "length", "rate")
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
    """

    path: str
    name: str
    field: FieldInfo
    section: type[BaseModel] | None

    @property
    def required(self) -> bool:
        """Whether the key must be given."""
        return self.field.is_required()

    @property
    def default(self) -> Any:
        """Value where the file is silent."""
        default = self.field.get_default(call_default_factory=True, validated_data={})
        return None if default is PydanticUndefined else default


def all_keys(model: type[BaseModel] = ScenarioParameters, prefix: str = "") -> Iterator[ScenarioKey]:
    """Yield every key in the order of declaration, those of a section after the section."""
    for name, field in model.model_fields.items():
        path = prefix + (field.alias or name)
        section = section_of(field.annotation)
        yield ScenarioKey(path, name, field, section)
        if section is not None:
            yield from all_keys(section, f"{path}{_inside(field.annotation)}.")


def file_keys(model: type[BaseModel]) -> list[str]:
    """List the keys of a section as a scenario file writes them."""
    return [field.alias or name for name, field in model.model_fields.items()]


def section_at(path: Sequence[str | int]) -> type[BaseModel] | None:
    """Return the parameter class that describes the mapping at a path of the file, if one does."""
    model: type[BaseModel] | None = ScenarioParameters
    named_by_user = False
    for part in path:
        if isinstance(part, int):
            continue
        if named_by_user:
            named_by_user = False
            continue
        fields = {} if model is None else {field.alias: field for field in model.model_fields.values()}
        if part not in fields:
            return None
        annotation = fields[part].annotation
        named_by_user = get_origin(annotation) is dict
        model = section_of(annotation)
    return None if named_by_user else model


def section_of(annotation: Any) -> type[BaseModel] | None:
    """Return the parameter class in an annotation such as ``tuple[Flow, ...]``, if there is one."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (section_of(part) for part in get_args(annotation))
    return next((section for section in found if section is not None), None)


def kind_of(field: FieldInfo) -> str:
    """Return ``clock time``, ``duration``, ``length`` or ``rate``, or an empty text."""
    return _kind(field.annotation, field.metadata)


def type_text(field: FieldInfo) -> str:
    """Say in a planner's words what a value must be."""
    return _type_text(field.annotation, kind_of(field))


def bounds_text(field: FieldInfo) -> str:
    """Say within which bounds a value must lie; empty where there are none."""
    parts = []
    for name, words in _COMPARISONS:
        parts += [f"{words} {value:g}" for value in _metadata(field, name)]
    parts += [
        f"at least {value} {'value' if value == 1 else 'values'}"
        for value in _metadata(field, "min_length")
        if _is_list(field)
    ]
    parts += ["not empty" for _ in _metadata(field, "min_length") if not _is_list(field)]
    parts += [f"letters, digits and `_.-` (`{value}`)" for value in _metadata(field, "pattern")]
    return ", ".join(parts)


def _metadata(field: FieldInfo, name: str) -> list[Any]:
    found = [getattr(item, name, None) for item in field.metadata]
    return [value for value in found if value is not None]


def _is_list(field: FieldInfo) -> bool:
    return "list" in type_text(field)


def _kind(annotation: Any, metadata: Sequence[Any]) -> str:
    for item in metadata:
        schema = getattr(item, "json_schema", None)
        if isinstance(schema, dict) and schema.get("format") in _KINDS:
            return str(schema["format"])
    for part in get_args(annotation):
        found = _kind(part, getattr(part, "__metadata__", ()))
        if found:
            return found
    return ""


def _type_text(annotation: Any, kind: str) -> str:
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type_text(parts[0], kind)
    if origin is Literal:
        return "one of " + ", ".join(f"`{part}`" for part in parts)
    if origin is tuple:
        if parts[-1] is Ellipsis:
            return f"list of {_plural(_type_text(parts[0], kind))}"
        return " and ".join(_type_text(part, kind) for part in parts)
    if origin is dict:
        return "names with a section each"
    if section_of(annotation) is not None and origin is None:
        return "section"
    if origin is not None:
        texts = [_type_text(part, kind) for part in parts if part is not type(None)]
        return texts[0]
    return kind or {str: "text", int: "whole number", float: "number", bool: "true or false"}[annotation]


def _plural(text: str) -> str:
    return {"text": "texts", "number and number": "pairs of numbers"}.get(text, f"{text}s")


def _inside(annotation: Any) -> str:
    origin = get_origin(annotation)
    return {tuple: "[]", dict: ".NAME"}.get(origin, "") if origin is not None else ""
