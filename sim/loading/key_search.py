"""Scenario keys found and explained by a text, for `peakshift keys`."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, get_args, get_origin

from sim.errors import UnknownNameError
from sim.loading.hints import did_you_mean
from sim.loading.name_search import holds, plain_words
from sim.loading.removed_keys import REMOVED_KEYS
from sim.loading.scenario_keys import (
    ScenarioKey,
    all_keys,
    bounds_text,
    file_keys,
    kind_of,
    kind_of_value,
    section_of,
    type_text,
)
from sim.loading.scenario_reference import default_text, source_of, type_words
from sim.model.parameters.fields import NOT_A_NUMBER

_EXAMPLES: Final = MappingProxyType(
    {
        "clock time": '"07:30"',
        "duration": "15 min",
        "length": "400 m",
        "speed": "25 km/h",
        "rate": "120 /h",
        "stop": "Main Street",
        "line": '"1"',
    }
)
"""Values of keys without a default, by kind."""
_EXAMPLES_BY_TYPE: Final = MappingProxyType({str: "mine", int: "1", float: "0.5", bool: "true"})
_OTHER_KEYS: Final = "{more_people: {demand.scale: 1.2}}"
"""Keys with other values, by a name of the user's."""
_LATER: Final = '"09:30"'
_FEW: Final = 3
_FOR_EXAMPLE: Final = re.compile(r"\s*For example\s+`([^`]+)`(?:, or `[^`]+`)?\.?", re.DOTALL)


def found_keys(text: str) -> list[ScenarioKey]:
    """Return the keys that a text is about, the likeliest first.

    A key of exactly that path or name stands alone in front; then keys with all words of the text in their path, then
    those with the words in what is said of them.

    Parameters
    ----------
    text : str
        A path such as ``advisor.window``, a part of it, or words.

    Raises
    ------
    UnknownNameError
        Where no key has to do with it.
    """
    keys = list(all_keys())
    sought = _letters(text)
    by_rank: dict[int, list[ScenarioKey]] = {}
    for key in keys:
        rank = _rank(key, text, sought)
        if rank is not None:
            by_rank.setdefault(rank, []).append(key)
    found = [key for rank in sorted(by_rank) for key in by_rank[rank]]
    if not found:
        names = [name for key in keys for name in (key.path, key.path.rpartition(".")[2])]
        raise UnknownNameError(f"no key of a scenario has to do with {text!r}{did_you_mean(text, names)}")
    return by_rank[0] if by_rank.get(0) else found


def removed_keys(text: str) -> dict[str, str]:
    """Return the keys of earlier versions that a text is about, with what to write instead."""
    return {path: removed.instead for path, removed in REMOVED_KEYS.items() if holds((path,), text)}


def key_facts(key: ScenarioKey) -> dict[str, Any]:
    """Return all there is to say of a key, as texts."""
    source = source_of(key)
    section = "" if key.section is None else inspect.cleandoc(key.section.__doc__ or "")
    return {
        "key": key.path,
        "what": key.field.description or "",
        "about": " ".join(_FOR_EXAMPLE.sub("", section).split()),
        "type": type_words(key),
        "bounds": bounds_text(key.name, key.field),
        "default": default_text(key).replace("`", ""),
        "source": "" if source == NOT_A_NUMBER else source,
        "specialist": key.specialist,
        "keys": file_keys(key.section) if key.section else [],
        "example": example_text(key),
        "set": _override(key),
    }


def example_text(key: ScenarioKey) -> str:
    """Return lines of a scenario file with the key in its place."""
    own = _declared_example(key)
    if own is not None:
        return own
    kinds = [_declared_item(child) for child in all_keys() if _is_inside(child, key)]
    if any(kinds):
        return "\n".join(_nested(key.path, [item for item in kinds if item]))
    return "\n".join(_nested(key.path, _value(key) if key.section is None else _members(key)))


def _members(key: ScenarioKey) -> list[str]:
    """Return the lines inside a section: the keys that it needs, or else the first few of every day."""
    lines = [line for child in _shown_inside(key) for line in _member(child)]
    kind = type_text(key.field)
    if kind.startswith("names"):
        return ["NAME:", *(f"  {line}" for line in lines)]
    if kind.startswith("list"):
        return [f"{'  ' if place else '- '}{line}" for place, line in enumerate(lines)]
    return lines


def _shown_inside(key: ScenarioKey) -> list[ScenarioKey]:
    inside = [child for child in all_keys() if _is_inside(child, key)]
    needed = [child for child in inside if child.required]
    plain = [child for child in inside if child.section is None and not child.specialist]
    return needed or plain[:_FEW] or inside[:1]


def _member(key: ScenarioKey) -> list[str]:
    name = key.path.rpartition(".")[2]
    if key.section is None:
        return [f"{name}: {_value(key)}"]
    return [f"{name}:", *(f"  {line}" for line in _members(key))]


def _is_inside(key: ScenarioKey, section: ScenarioKey) -> bool:
    return key.path.rpartition(".")[0].removesuffix("[]").removesuffix(".NAME") == section.path and key is not section


def _rank(key: ScenarioKey, text: str, sought: str) -> int | None:
    numbered = key.path.replace("[]", ".0")
    if text == key.path or sought in (_letters(key.path), _letters(numbered)):
        return 0
    if sought == _letters(key.path.rpartition(".")[2]):
        return 1
    if holds((key.path,), text):
        return 2
    return 3 if holds((key.path, key.field.description or "", _section_words(key)), text) else None


def _letters(text: str) -> str:
    return plain_words(text).replace(" ", "")


def _section_words(key: ScenarioKey) -> str:
    return "" if key.section is None else key.section.__doc__ or ""


def _declared_example(key: ScenarioKey) -> str | None:
    """Return the example that the section of a key declares, where it has the key in it."""
    path, name = key.path, key.path.rpartition(".")[2]
    for section in _sections_above(path):
        item = _declared_item(section)
        if item and (path == section.path or re.search(rf"\b{name}: ", item)):
            return "\n".join(_nested(section.path.rpartition("[]")[0], [item]))
    return None


def _declared_item(key: ScenarioKey) -> str:
    """Return the example in the words that describe a section, an item of a list; empty where there is none."""
    match = _FOR_EXAMPLE.search(_section_words(key))
    return "" if match is None else " ".join(match[1].split())


def _sections_above(path: str) -> Iterator[ScenarioKey]:
    """Yield the section that a path names, or else the one right above it."""
    above = path.rpartition(".")[0].removesuffix("[]")
    sections = {key.path: key for key in all_keys() if key.section is not None}
    for name in (path, above):
        if name in sections:
            yield sections[name]


def _nested(path: str, value: str | Sequence[str]) -> Iterator[str]:
    """Yield the lines of a mapping that has a value at a path; several values are lines of their own."""
    indent, dash = "", ""
    parts = path.replace("[]", "[].").replace("..", ".").strip(".").split(".")
    for place, part in enumerate(parts):
        name = part.removesuffix("[]")
        last = place == len(parts) - 1
        line = f"{indent}{dash}{name}:"
        yield f"{line} {value}" if last and isinstance(value, str) and value else line
        indent += " " * (2 + len(dash))
        dash = "- " if part.endswith("[]") else ""
    if not isinstance(value, str):
        yield from (f"{indent}{line}" for line in value)


def _value(key: ScenarioKey) -> str:
    """Write a value that the key may have: its default, or one of the kind that it must be."""
    default = key.default
    if isinstance(default, bool):
        return "true" if default else "false"
    if default is not None and default not in ((), {}, "", 0.0):
        return default_text(key).replace("`", "") if kind_of(key.field) else _plain(default)
    if kind_of(key.field) == "clock time" and key.path.endswith("end"):
        return _LATER
    return _example(key.field.annotation, key.field.metadata)


def _example(annotation: Any, metadata: Sequence[Any]) -> str:
    """Write a value of a type."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _example(parts[0], annotation.__metadata__)
    if origin is Literal:
        return str(parts[0])
    if origin is tuple:
        least = next((item.min_length for item in metadata if hasattr(item, "min_length")), 1)
        items = [parts[0]] * least if parts[-1] is Ellipsis else parts
        return f"[{', '.join(_example(item, ()) for item in items)}]"
    if origin is dict:
        return _named_example(*parts)
    if origin is not None:
        return _example(parts[0], metadata)
    kind = kind_of_value(annotation, metadata)
    if annotation is int and kind not in _EXAMPLES:
        least = max((item.ge for item in metadata if hasattr(item, "ge")), default=0)
        return str(max(int(least), int(_EXAMPLES_BY_TYPE[int])))
    return _EXAMPLES.get(kind) or _EXAMPLES_BY_TYPE[annotation]


def _named_example(name: Any, inside: Any) -> str:
    """Write a name of the user's with a section, of which the first key is given; or with keys of anywhere."""
    section = section_of(inside)
    if section is None:
        return _OTHER_KEYS
    field = next(iter(section.model_fields.values()))
    return f"{{{_example(name, ())}: {{{file_keys(section)[0]}: {_example(field.annotation, field.metadata)}}}}}"


def _plain(value: Any) -> str:
    return json.dumps(value) if isinstance(value, tuple) else str(value)


def _override(key: ScenarioKey) -> str:
    """Write the key as an option `--set`; nothing for sections, which it cannot set."""
    if key.section is not None or "NAME" in key.path:
        return ""
    value = _value(key)
    quoted = f'"{value}"' if " " in value and '"' not in value else value
    return f"--set {key.path.replace('[]', '.0')}={quoted}"
