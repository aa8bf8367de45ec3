"""What the scenario's parameter classes are made of.

A field named ``window_s`` is written ``window`` in a scenario file: units are part of names
inside the program, and part of the value (``15 min``) in files.
"""

from __future__ import annotations

import re
from copy import copy
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, Optional

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, WithJsonSchema, create_model

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


def key(
    default: Any,
    description: str,
    source: str,
    *,
    specialist: bool = False,
    keys_listed_elsewhere: bool = False,
    **bounds: Any,
) -> Any:
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
    keys_listed_elsewhere : bool
        Whether the sections in it repeat the keys of another one, as the sentence says, and list none of their own.
    **bounds : Any
        Bounds and lengths as in `pydantic.Field`.
    """
    extra: dict[str, JsonValue] = {"source": source}
    if specialist:
        extra["specialist"] = True
    if keys_listed_elsewhere:
        extra["keys_listed_elsewhere"] = True
    # Sections are made when a scenario is read, and not on import, which takes as long as all the rest of it.
    start: dict[str, Any] = {"default_factory": default} if isinstance(default, type) else {"default": default}
    return Field(**start, description=description, json_schema_extra=extra, **bounds)


def every_key_optional(name: str, section: type[Parameters]) -> type[Parameters]:
    """Return a section with the keys and bounds of another one, none of which must be given.

    Parameters
    ----------
    name : str
        Name of the class.
    section : type of Parameters
    """
    fields: dict[str, Any] = {}
    for own, field in section.model_fields.items():
        left_out = copy(field)
        left_out.default, left_out.default_factory = None, None
        fields[own] = (Optional[field.annotation], left_out)  # noqa: UP045
    return create_model(name, __base__=Parameters, __module__=section.__module__, **fields)


def _quantity_schema(what: str, example: str) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [{"const": 0}, {"type": "string"}], "format": what, "examples": [example]})


LONGEST_S: Final = 10_000 * 3600.0
"""Latest clock time, and longest duration: more than a year of running. Assumed, as all these bounds are."""
FARTHEST_M: Final = 20_000_000.0
"""Longest length and farthest position: half the way round the Earth."""
FASTEST_M_PER_S: Final = 1_000 / 3.6
"""Highest speed: 1,000 km/h."""
MOST_PER_S: Final = 1_000.0
"""Highest rate: 3.6 million an hour."""
MOST_PEOPLE: Final = 100_000_000
"""Most people, or cars, that one number may stand for."""
MOST_MONEY: Final = 1_000_000
"""Highest price, in the currency of a scenario."""

# Every number of a scenario has an upper bound that nobody who runs a service would reach: a slip of the keyboard is
# told at once and does not fill the memory. tests/unit/test_parameter_bounds.py goes through all keys.
Clock = Annotated[
    float,
    BeforeValidator(parse_clock),
    Field(ge=-LONGEST_S, le=LONGEST_S),
    _quantity_schema("clock time", "07:30"),
]
Duration = Annotated[
    float,
    BeforeValidator(parse_duration),
    Field(ge=-LONGEST_S, le=LONGEST_S),
    _quantity_schema("duration", "15 min"),
]
Length = Annotated[
    float, BeforeValidator(parse_length), Field(ge=-FARTHEST_M, le=FARTHEST_M), _quantity_schema("length", "400 m")
]
Speed = Annotated[float, BeforeValidator(parse_speed), Field(le=FASTEST_M_PER_S), _quantity_schema("speed", "25 km/h")]
Rate = Annotated[float, BeforeValidator(parse_rate), Field(le=MOST_PER_S), _quantity_schema("rate", "120 /h")]
Name = Annotated[str, Field(min_length=1)]
OF_EVERY_KEY: Final = MappingProxyType(
    {"clock time": LONGEST_S, "duration": LONGEST_S, "length": FARTHEST_M, "speed": FASTEST_M_PER_S, "rate": MOST_PER_S}
)
"""Bound that holds for each key of a kind, in both directions where it can be below 0."""


@dataclass(frozen=True)
class NameOf:
    """Marks texts that name a stop or a line of the network: by id, or by a name that only one has.

    Loading puts the id in place of the name (`sim.loading.naming`), so that nothing after it knows of names.
    """

    what: Literal["stop", "line"]


StopName = Annotated[str, Field(min_length=1), NameOf("stop")]
LineName = Annotated[str, Field(min_length=1), NameOf("line")]
