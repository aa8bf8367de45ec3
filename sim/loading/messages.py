"""Problems of validation in words a planner can act on."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from sim.errors import Problem
from sim.loading.hints import did_you_mean, listed
from sim.loading.removed_keys import removed_key
from sim.loading.scenario_keys import all_keys, bound_text, file_keys, section_at, wanted_text
from sim.loading.yaml_source import Node, Path, child_of, dotted, find
from sim.units import WIDE_COLON, WIDE_COLON_HINT

_PERCENT: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([%\uff05]?)")

_COMPARED: Final = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}
_WANTED: Final = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "string": "text",
    "tuple": "a list",
    "dict": "a section of names",
    "model": "a section of keys",
}


def explain(error: dict[str, Any], root: Node) -> Problem | None:
    """Turn one error of pydantic into a problem with its place.

    Returns None for an error that only follows from another one.
    """
    path: Path = tuple(part for part in error["loc"] if part != "[key]" and not _is_branch(part))
    kind = str(error["type"])
    node = find(root, path)
    # A value that is a quantity or a word fails as both: what looks like a number is told what is wrong with that.
    branches = [part for part in error["loc"] if _is_branch(part)]
    if branches and (kind == "literal_error") == _has_digit(node):
        return None
    if kind == "extra_forbidden":
        return node.place.problem(dotted(path), unknown_key(path))
    if kind == "missing":
        return node.place.problem(dotted(path), "missing; it must be given")
    if kind == "too_short" and isinstance(node.value, list | dict):
        least = error["ctx"]["min_length"]
        if len(node.value) >= least:
            return None
        wanted = f"{least} value" if least == 1 else f"{least} values"
        return node.place.problem(dotted(path), f"needs at least {wanted}, found {len(node.value)}")
    return node.place.problem(dotted(path), _sentence(kind, error, node, path))


def _is_branch(part: str | int) -> bool:
    """Tell whether a part of a place names a member of a union, as ``literal['auto']`` or ``float``, and no key."""
    return isinstance(part, str) and (("[" in part and part != "[key]") or part == "float")


def _has_digit(node: Node) -> bool:
    return isinstance(node.value, int | float) or any(letter.isdigit() for letter in node.text)


def unknown_key(path: Path) -> str:
    """Say that a key is unknown and which one may be meant."""
    removed = removed_key(path)
    if removed:
        return removed
    name = str(path[-1])
    section = section_at(path[:-1])
    siblings = file_keys(section) if section is not None else []
    hint = did_you_mean(name, siblings)
    if not hint:
        elsewhere = [key.path for key in all_keys() if key.path.rpartition(".")[2] == name]
        # A key that was put one section too high is nearer than one of the same name in another section.
        nearest = max(elsewhere, key=lambda found: _shared(found, path), default=None)
        hint = "" if nearest is None else f" (did you mean {nearest!r}?)"
    if WIDE_COLON in name:
        hint = f"; {WIDE_COLON_HINT}, with a space after it"
    return f"unknown key{hint}" + ("" if hint or not siblings else f"; known here: {listed(siblings)}")


def _shared(key: str, path: Path) -> int:
    """Return how many sections a key shares with a path of the file, from the first on."""
    of_key = [part for part in key.replace("[]", "").split(".") if part]
    of_path = [part for part in path if isinstance(part, str)]
    return next((number for number, pair in enumerate(zip(of_key, of_path, strict=False)) if len(set(pair)) > 1), 0)


def _as_share(node: Node) -> str:
    """Say how a percentage is written, where one was given for a number of at most 1 or for any number."""
    match = _PERCENT.fullmatch(node.text.strip())
    if match is None or not (match[2] or 1.0 < float(match[1]) <= 100.0):
        return ""
    return f"; {match[1]} % is written {float(match[1]) / 100.0:g}"


def _sentence(kind: str, error: dict[str, Any], node: Node, path: Path) -> str:
    context = error.get("ctx", {})
    if kind == "literal_error" and any(map(_is_branch, error["loc"])):
        options = re.findall("'(.*?)'", str(context["expected"]))
        return f"must be a {wanted_text(path)}, found {_found(node)}{did_you_mean(node.text, options)}"
    if kind == "value_error":
        return str(context["error"])
    if kind in _COMPARED:
        name, words = _COMPARED[kind]
        is_share = name == "le" and context[name] == 1 and not wanted_text(path).startswith("whole number")
        hint = _as_share(node) if is_share else ""
        return f"must be {words} {bound_text(path, context[name])}, found {_found(node)}{hint}"
    if kind in _SENTENCES:
        return _SENTENCES[kind](context, node)
    for start, wanted in _WANTED.items():
        if kind.startswith(f"{start}_"):
            if node.value is None:
                return f"is empty; give {wanted}, or leave the key out"
            return f"must be {wanted}, found {_found(node)}{_as_share(node) if start == 'float' else ''}"
    return f"{error['msg']}, found {_found(node)}"


def _choices(context: dict[str, Any], node: Node) -> str:
    expected = str(context["expected"])
    options = [part.strip("'") for part in expected.replace(" or ", ", ").split(", ")]
    return f"must be {expected}, found {_found(node)}{did_you_mean(node.text, options)}"


def _found(node: Node) -> str:
    if isinstance(node.value, dict):
        return "a section of keys"
    if isinstance(node.value, list):
        return f"a list of {len(node.value)}"
    if node.value is None:
        return "nothing"
    return repr(node.text) if isinstance(node.value, str) else node.text


def _not_a_folder_name(_context: dict[str, Any], node: Node) -> str:
    if node.text and not node.text.strip("."):
        return f"must hold a letter, digit, '_' or '-' beside dots, found {_found(node)}"
    return f"may hold only letters, digits, '_', '.' and '-', found {_found(node)}"


_SENTENCES: Final[dict[str, Callable[[dict[str, Any], Node], str]]] = {
    "literal_error": _choices,
    "int_from_float": lambda _, node: f"must be a whole number, found {_found(node)}",
    "int_parsing_size": lambda _, node: f"is too large a number: {_found(node)}",
    "finite_number": lambda _, node: f"must be a finite number, found {_found(node)}",
    "string_too_short": lambda _, __: "must not be empty",
    "string_too_long": lambda context, node: (
        f"may have {context['max_length']} letters, since files are named after it; found {len(node.text)}"
    ),
    "string_pattern_mismatch": _not_a_folder_name,
    "too_long": lambda context, node: (
        f"takes {context['max_length']} values, found {len(node.value) if child_of(node, 0) else _found(node)}"
    ),
}
