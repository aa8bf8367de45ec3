"""What the scenario's parameter classes are made of.

A field named ``window_s`` is written ``window`` in a scenario file: units are part of names
inside the program, and part of the value (``15 min``) in files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, WithJsonSchema

from sim.units import parse_clock, parse_duration, parse_length, parse_rate, parse_speed

ASSUMED = "assumed"
NOT_A_NUMBER = "not a number of the world"
"""Source of keys that choose how the program works and carry no figure of the world."""

_UNIT_SUFFIX = re.compile(r"_(?:m_per_s|m2|s|m|share|per_s)$")


def file_key(field_name: str) -> str:
    """Return the name a field has in a scenario file: without its unit suffix."""
    return _UNIT_SUFFIX.sub("", field_name)


class Parameters(BaseModel):
    """A frozen section of a scenario that refuses unknown keys."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=file_key,
        validate_by_name=True,
        validate_by_alias=True,
        allow_inf_nan=False,
        strict=False,
        defer_build=True,
    )


def key(default: Any, description: str, source: str, *, specialist: bool = False, **bounds: Any) -> Any:
    """Declare a key with its default, a sentence and the source of the default.

    Parameters
    ----------
    default : Any
        Value where the file is silent; ``...`` where the key must be given; the class of a section
        for the section with all its own defaults.
    description : str
        One sentence for the scenario reference.
    source : str
        Where the default comes from, or ``assumed``.
    specialist : bool
        Whether the key, and all keys below it, are for people who calibrate or study this part of the model.
    **bounds : Any
        Bounds and lengths as in `pydantic.Field`.
    """
    extra: dict[str, JsonValue] = {"source": source}
    if specialist:
        extra["specialist"] = True
    # Sections are made when a scenario is read, and not on import, which takes as long as all the rest of it.
    start: dict[str, Any] = {"default_factory": default} if isinstance(default, type) else {"default": default}
    return Field(**start, description=description, json_schema_extra=extra, **bounds)


def _quantity_schema(what: str, example: str) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [{"const": 0}, {"type": "string"}], "format": what, "examples": [example]})


Clock = Annotated[float, BeforeValidator(parse_clock), _quantity_schema("clock time", "07:30")]
Duration = Annotated[float, BeforeValidator(parse_duration), _quantity_schema("duration", "15 min")]
Length = Annotated[float, BeforeValidator(parse_length), _quantity_schema("length", "400 m")]
Speed = Annotated[float, BeforeValidator(parse_speed), _quantity_schema("speed", "25 km/h")]
Rate = Annotated[float, BeforeValidator(parse_rate), _quantity_schema("rate", "120 /h")]
Name = Annotated[str, Field(min_length=1)]


@dataclass(frozen=True)
class NameOf:
    """Marks texts that name a stop or a line of the network: by id, or by a name that only one has.

    Loading puts the id in place of the name (`sim.loading.naming`), so that nothing after it knows of names.
    """

    what: Literal["stop", "line"]


StopName = Annotated[str, Field(min_length=1), NameOf("stop")]
LineName = Annotated[str, Field(min_length=1), NameOf("line")]
