"""A scenario file with overrides, validated key by key, every key with its place."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any, Final

from pydantic import ValidationError

from sim.errors import Problem, ScenarioError
from sim.loading.bare_numbers import bare_number
from sim.loading.columns import LARGEST
from sim.loading.declared_variants import DeclaredVariant, taken_out, with_variant
from sim.loading.messages import explain
from sim.loading.problems import shown_path
from sim.loading.scenario_keys import is_users_name
from sim.loading.yaml_source import Node, Path, SourcePosition, child_of, dotted, find, leaves, parse_yaml, to_data
from sim.model.parameters import ScenarioParameters

OVERRIDE_FILE = "--set"

MOST_PROBLEMS: Final = 200
"""Problems of one kind that are told of a file."""

_SMALLEST = 1e-9


@dataclass(frozen=True)
class ScenarioSource:
    """Where each key of a scenario stands; without a file, nowhere.

    Attributes
    ----------
    root : Node or None
    """

    root: Node | None = None

    def problem(self, path: Path, message: str) -> Problem:
        """Return a problem at a key, or at the section that should hold it."""
        place = find(self.root, path).place if self.root is not None else SourcePosition("")
        return place.problem(dotted(path), message)


MAPPING = "scenario"
"""What messages call a scenario that was given as a mapping."""


def read_source(path: FilePath, overrides: Sequence[str] = (), variant: DeclaredVariant | None = None) -> Node:
    """Read a scenario file without the variants it declares, and lay a variant and overrides over it.

    Raises
    ------
    ScenarioError
        If the file is not a readable YAML mapping or an override cannot be applied.
    """
    root, _, problems = _parsed(path)
    if root is not None and isinstance(root.value, dict) and variant is not None:
        root, found = with_variant(root, variant)
        problems += found
    return _overridden(root, problems, overrides)


def read_mapping(keys: Mapping[str, Any], overrides: Sequence[str] = ()) -> tuple[Node, str]:
    """Take the keys of a scenario from a mapping as from a file, and lay overrides over it.

    Returns
    -------
    Node
    str
        The text that the keys were read from; JSON is YAML.

    Raises
    ------
    ScenarioError
        When a value is of no kind that a scenario file can hold, or an override cannot be applied.
    """
    try:
        text = json.dumps(keys, indent=1, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        message = f"a scenario holds texts, numbers, lists and mappings only: {error}"
        raise ScenarioError([Problem(MAPPING, 0, 0, "", message)]) from None
    root, problems = parse_yaml(text, MAPPING)
    root = None if root is None else _nowhere(root)
    if root is not None and isinstance(root.value, dict) and not problems:
        root, _, problems = taken_out(root)
    return _overridden(root, problems, overrides), text


def _nowhere(node: Node) -> Node:
    """Return a node without lines and columns, since nobody has seen the text it was read from."""
    value = node.value
    if isinstance(value, dict):
        value = {key: _nowhere(inner) for key, inner in value.items()}
    elif isinstance(value, list):
        value = [_nowhere(inner) for inner in value]
    return replace(node, value=value, place=SourcePosition(node.place.file))


def _overridden(root: Node | None, problems: list[Problem], overrides: Sequence[str]) -> Node:
    for override in overrides:
        if root is not None and isinstance(root.value, dict):
            root, found = _override(root, override)
            problems += found
    if problems or root is None:
        raise ScenarioError(problems)
    return root


def declared_variants(path: FilePath) -> tuple[DeclaredVariant, ...]:
    """Return the variants that a scenario file declares.

    Raises
    ------
    ScenarioError
        If the file is not a readable YAML mapping, or what it says of variants is not of their form.
    """
    _, variants, problems = _parsed(path)
    if problems:
        raise ScenarioError(problems)
    return variants


def _parsed(path: FilePath) -> tuple[Node | None, tuple[DeclaredVariant, ...], list[Problem]]:
    """Return the root of a scenario file without its variants, these, and what is wrong with the form."""
    file = shown_path(path)
    root, problems = parse_yaml(_text(path, file), file)
    if root is None and not problems:
        problems = [Problem(file, 0, 0, "", "the file is empty; a scenario needs at least name and network")]
    if root is not None and not isinstance(root.value, dict):
        problems = [root.place.problem("", "the top level must be a mapping such as `name: my_scenario`")]
    if root is None or problems:
        return root, (), problems
    return taken_out(root)


def validate(root: Node) -> ScenarioParameters:
    """Check all keys of a scenario by themselves.

    Raises
    ------
    ScenarioError
        With every key that is unknown, missing, of the wrong kind or out of bounds.
    """
    for _ in range(2):
        try:
            parameters = ScenarioParameters.model_validate(to_data(root), by_alias=True, by_name=False)
        except ValidationError as error:
            errors: list[Any] = list(error.errors())
            texts = [item["loc"] for item in errors if _is_unquoted_number(item, root)]
            if not texts:
                raise ScenarioError(in_file_order([*_explained(errors, root), *_without_unit(root)])) from None
            for path in texts:
                root = _put(root, path, _as_text(find(root, path)))
        else:
            problems = [*_misread_booleans(root, parameters), *_beyond_reason(root, parameters), *_without_unit(root)]
            if problems:
                raise ScenarioError(in_file_order(problems))
            return parameters
    raise AssertionError("numbers turned into text are not numbers any more")


def without_keys(root: Node, problems: Iterable[Problem]) -> ScenarioParameters | None:
    """Leave out the keys that have problems, so that the rest of the file can be looked at as well.

    Only keys below a section are left out, never items of lists nor what the user has given a name, such as a vehicle
    type: what refers to these would seem wrong too (test_what_names_a_wrong_vehicle_type_is_not_called_wrong).

    Returns
    -------
    ScenarioParameters or None
        None where the rest is no scenario.
    """
    keys = {problem.key for problem in problems}
    if len(keys) > MOST_PROBLEMS or any(is_users_name(key.split(".")) for key in keys):
        return None
    for key in keys:
        root = _cut(root, key.split("."))
    try:
        return validate(root)
    except ScenarioError:
        return None


def _cut(root: Node, path: Sequence[str]) -> Node:
    head, *rest = path
    if not isinstance(root.value, dict) or head not in root.value:
        return root
    children = {name: child for name, child in root.value.items() if rest or name != head}
    if rest:
        children[head] = _cut(root.value[head], rest)
    return replace(root, value=children)


def in_file_order(problems: Iterable[Problem]) -> list[Problem]:
    """Sort problems of one scenario by their place in the file, those of overrides last."""
    return sorted(problems, key=lambda problem: (problem.file == OVERRIDE_FILE, problem.line, problem.column))


def _text(path: FilePath, file: str) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        message = "there is no such file"
    except IsADirectoryError:
        message = "this is a folder; a scenario file (.yaml) is wanted"
    except UnicodeDecodeError as error:
        message = f"not UTF-8 text at byte {error.start + 1}; save the file as UTF-8"
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
    raise ScenarioError([Problem(file, 0, 0, "", message)])


def _override(root: Node, text: str) -> tuple[Node, list[Problem]]:
    name, equals, value = text.partition("=")
    name = name.strip()
    if not equals or not name:
        message = f"{text!r} is not an override; write key.path=value, for example advisor.penetration=0.3"
        return root, [Problem(OVERRIDE_FILE, 0, 0, "", message)]
    place = SourcePosition(OVERRIDE_FILE)
    node, problems = parse_yaml(value, OVERRIDE_FILE)
    if problems:
        return root, [replace(problem, line=0, column=0, key=name) for problem in problems]
    path: list[str | int] = []
    parent = root
    for part in name.split("."):
        is_list = isinstance(parent.value, list)
        message = _dead_end(parent, part, dotted(path))
        if message:
            return root, [place.problem(name, message)]
        path.append(int(part) if is_list else part)
        parent = child_of(parent, path[-1]) or Node({}, "", place)
    return _put(root, path, _placed(node or Node(None, "", place), place)), []


def _dead_end(parent: Node, part: str, name: str) -> str:
    """Say why a key cannot be set below a value; empty where it can."""
    if isinstance(parent.value, list):
        count = len(parent.value)
        if part.isdigit() and int(part) < count:
            return ""
        wanted = f"give a position from 0 to {count - 1}, not {part!r}" if count else "give the whole list"
        return f"{name} is a list of {count}; {wanted}"
    if isinstance(parent.value, dict) or parent.value is None:
        return ""
    return f"{name} is {parent.text} and holds no keys"


def _put(root: Node, path: Sequence[str | int], value: Node) -> Node:
    """Return the tree with one value exchanged; sections on the way are made where missing."""
    if not path:
        return value
    head, *rest = path
    old = child_of(root, head) or Node({}, "", value.place)
    child = _put(old, rest, value)
    if isinstance(root.value, list) and isinstance(head, int):
        return replace(root, value=[*root.value[:head], child, *root.value[head + 1 :]])
    children = root.value if isinstance(root.value, dict) else {}
    return replace(root, value={**children, str(head): child})


def _placed(node: Node, place: SourcePosition) -> Node:
    value = node.value
    if isinstance(value, dict):
        value = {key: _placed(child, place) for key, child in value.items()}
    elif isinstance(value, list):
        value = [_placed(child, place) for child in value]
    return replace(node, value=value, place=place)


def _is_unquoted_number(error: Any, root: Node) -> bool:
    """Tell whether text is wanted and a number was written, as in ``origin: 07``."""
    value = find(root, error["loc"]).value
    return error["type"] == "string_type" and isinstance(value, int | float) and not isinstance(value, bool)


def _as_text(node: Node) -> Node:
    return replace(node, value=node.text)


def _explained(errors: list[Any], root: Node) -> list[Problem]:
    # To explain a key takes a look at all keys there are; of hundreds of thousands nobody reads more than the first.
    told = errors
    if len(errors) > MOST_PROBLEMS:
        places = [find(root, error["loc"]).place for error in errors]
        order = sorted(range(len(errors)), key=lambda row: (places[row].line, places[row].column))
        told = [errors[row] for row in order[:MOST_PROBLEMS]]
    problems = in_file_order(problem for error in told if (problem := explain(error, root)) is not None)
    return problems + _left_out(problems, len(errors) - len(told))


def _left_out(problems: Sequence[Problem], count: int) -> list[Problem]:
    """Say how many more problems there are."""
    return [replace(problems[-1], key="", message=f"{count:,} more problems are not listed")] if count else []


def _without_unit(root: Node) -> list[Problem]:
    """Find bare numbers where a quantity is wanted."""
    found = [(path, node, bare_number(path, node.value, node.text)) for path, node in leaves(root)]
    problems = [node.place.problem(dotted(path), message) for path, node, message in found if message]
    return [*problems[:MOST_PROBLEMS], *_left_out(problems, max(len(problems) - MOST_PROBLEMS, 0))]


def _misread_booleans(root: Node, parameters: ScenarioParameters) -> list[Problem]:
    """Find true and false where a number is wanted: pydantic would read them as 1 and 0."""
    found = []
    for path, node in leaves(root):
        if isinstance(node.value, bool) and not isinstance(_value_at(parameters, path), bool):
            found.append(node.place.problem(dotted(path), f"must be a number, found {node.text}"))
    return found


def _beyond_reason(root: Node, parameters: ScenarioParameters) -> list[Problem]:
    """Find numbers with which the arithmetic of the simulation would break."""
    found = []
    for path, node in leaves(root):
        value = _value_at(parameters, path)
        if path == ("seed",) or isinstance(value, bool) or not isinstance(value, int | float):
            continue
        if abs(value) > LARGEST:
            message = f"is too large a number: {node.text}; at most {LARGEST:g} is accepted (times in seconds)"
            found.append(node.place.problem(dotted(path), message))
        elif 0 < abs(value) < _SMALLEST:
            message = f"is too small a number: {node.text}; 0, or at least {_SMALLEST:g} is accepted"
            found.append(node.place.problem(dotted(path), message))
    return found


def _value_at(value: Any, path: Path) -> Any:
    for part in path:
        if isinstance(part, int) or isinstance(value, dict):
            value = value[part]
        else:
            names = {field.alias: name for name, field in type(value).model_fields.items()}
            value = getattr(value, names[part])
    return value
