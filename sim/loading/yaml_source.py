"""YAML 1.2 text to plain data, with the place of every key.

The core schema of YAML 1.2 is applied here and not by the parser: ``6:30``, ``no`` and dates
stay text, tags are refused and never executed, a key given twice is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from sim.errors import Problem

Scalar = None | bool | int | float | str
Path = tuple[str | int, ...]

_CORE_TAGS = ("!", "!!str", "tag:yaml.org,2002:str")
_NULL = re.compile(r"^(?:~|null|Null|NULL|)$")
_BOOL = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")
_INT = re.compile(r"^[-+]?[0-9]{1,300}$")
_BASED = re.compile(r"^0(?:o[0-7]{1,300}|x[0-9a-fA-F]{1,300})$")
_FLOAT = re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$")
_SPECIAL = re.compile(r"^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$")
_MOST_NODES = 2_000_000
_DEEPEST = 100


@dataclass(frozen=True)
class SourcePosition:
    """File as the user named it, line and column counted from 1 (0 where unknown)."""

    file: str
    line: int = 0
    column: int = 0

    def problem(self, key: str, message: str) -> Problem:
        """Return a problem at this place."""
        return Problem(self.file, self.line, self.column, key, message)


@dataclass(frozen=True)
class Node:
    """A value of the file.

    Attributes
    ----------
    value : scalar, dict of Node or list of Node
    text : str
        A scalar as it is written; empty for mappings and lists.
    place : SourcePosition
        Where the key of the value stands, or the value itself in a list.
    size : int
        Number of values in it, itself included, aliases counted in full.
    """

    value: Any
    text: str
    place: SourcePosition
    size: int = 1


def dotted(path: Sequence[str | int]) -> str:
    """Write a path as ``demand.flows.0.origin``."""
    return ".".join(str(part) for part in path)


def to_data(node: Node) -> Any:
    """Return plain dicts, lists and scalars."""
    if isinstance(node.value, dict):
        return {key: to_data(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [to_data(child) for child in node.value]
    return node.value


def find(root: Node, path: Sequence[str | int]) -> Node:
    """Return the node at a path, or the deepest one on the way to it."""
    node = root
    for part in path:
        child = child_of(node, part)
        if child is None:
            return node
        node = child
    return node


def child_of(node: Node, part: str | int) -> Node | None:
    """Return a direct child by key or position, or None."""
    if isinstance(node.value, dict):
        return node.value.get(str(part))
    if isinstance(node.value, list) and isinstance(part, int) and 0 <= part < len(node.value):
        child: Node = node.value[part]
        return child
    return None


def leaves(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Yield path and node of every scalar."""
    if isinstance(node.value, dict):
        for key, child in node.value.items():
            yield from leaves(child, (*path, key))
    elif isinstance(node.value, list):
        for position, child in enumerate(node.value):
            yield from leaves(child, (*path, position))
    else:
        yield path, node


def plain_scalar(text: str) -> Scalar:
    """Read an unquoted scalar by the core schema of YAML 1.2."""
    if _NULL.match(text):
        return None
    if _BOOL.match(text):
        return text.lower() == "true"
    if _INT.match(text):
        return int(text)
    if _BASED.match(text):
        return int(text, 0)
    if _FLOAT.match(text):
        return float(text)
    if _SPECIAL.match(text):
        return float(text.replace(".", "").lower())
    return text


def parse_yaml(text: str, file: str) -> tuple[Node | None, list[Problem]]:
    """Read one YAML document.

    Parameters
    ----------
    text : str
        The document.
    file : str
        Name for the places of problems.

    Returns
    -------
    Node or None
        The document; None where it is empty or cannot be read.
    list of Problem
        What is wrong with it as YAML.
    """
    builder = _Builder(file)
    try:
        return builder.document(iter(YAML(typ="safe", pure=True).parse(text))), builder.problems
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = SourcePosition(file, mark.line + 1, mark.column + 1) if mark else SourcePosition(file)
        what = " ".join(str(part) for part in (error.context, error.problem) if part)
        tab = "; indent by spaces, not by tabs" if "'\\t'" in what else ""
        return None, [place.problem("", f"not YAML: {what}{tab}")]
    except RecursionError:
        return None, [SourcePosition(file).problem("", "not usable: lists or mappings are nested too deep")]
    except _TooBigError as error:
        return None, [error.place.problem("", str(error))]
    except (YAMLError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        return None, [SourcePosition(file).problem("", f"not YAML: {reason}")]


class _TooBigError(Exception):
    def __init__(self, place: SourcePosition, message: str) -> None:
        super().__init__(message)
        self.place = place


class _Builder:
    """Builds nodes from the events of the parser."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.anchors: dict[str, Node | None] = {}
        self.depth = 0

    def document(self, events: Iterator[Event]) -> Node | None:
        root: Node | None = None
        documents = 0
        for event in events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._note(self._place(event), "", "a second YAML document starts here; one is accepted")
                    break
            elif isinstance(event, ScalarEvent | MappingStartEvent | SequenceStartEvent | AliasEvent):
                root = self._node(event, events, ())
        empty = root is None or (root.value is None and root.text == "")
        return None if empty else root

    def _node(self, event: Event, events: Iterator[Event], path: Path) -> Node:
        place = self._place(event)
        if isinstance(event, AliasEvent):
            return self._alias(event, place, path)
        self._check_tag(event, place, path)
        anchor = getattr(event, "anchor", None)
        if anchor:
            self.anchors[anchor] = None
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _TooBigError(place, "not usable: lists or mappings are nested too deep")
        if isinstance(event, MappingStartEvent):
            node = self._mapping(place, events, path)
        elif isinstance(event, SequenceStartEvent):
            node = self._sequence(place, events, path)
        else:
            node = self._scalar(event, place)
        self.depth -= 1
        if node.size > _MOST_NODES:
            raise _TooBigError(place, f"not usable: more than {_MOST_NODES} values, aliases counted in full")
        if anchor:
            self.anchors[anchor] = node
        return node

    def _alias(self, event: Event, place: SourcePosition, path: Path) -> Node:
        name = str(getattr(event, "anchor", ""))
        target = self.anchors.get(name)
        if target is None:
            reason = "refers to itself" if name in self.anchors else "names an anchor that is not there"
            self._note(place, dotted(path), f"alias *{name} {reason}")
            return Node(None, "", place)
        return replace(target, place=place)

    def _check_tag(self, event: Event, place: SourcePosition, path: Path) -> None:
        tag = getattr(event, "tag", None)
        if tag is not None and str(tag) not in _CORE_TAGS:
            self._note(place, dotted(path), f"the tag {tag} is not accepted; write plain values")

    def _scalar(self, event: Event, place: SourcePosition) -> Node:
        text = str(getattr(event, "value", ""))
        plain = getattr(event, "style", None) in (None, "") and getattr(event, "tag", None) is None
        return Node(plain_scalar(text) if plain else text, text, place)

    def _sequence(self, place: SourcePosition, events: Iterator[Event], path: Path) -> Node:
        items: list[Node] = []
        for event in events:
            if isinstance(event, SequenceEndEvent):
                break
            items.append(self._node(event, events, (*path, len(items))))
        return Node(items, "", place, 1 + sum(item.size for item in items))

    def _mapping(self, place: SourcePosition, events: Iterator[Event], path: Path) -> Node:
        children: dict[str, Node] = {}
        for event in events:
            if isinstance(event, MappingEndEvent):
                break
            key_place = self._place(event)
            key_node = self._node(event, events, path)
            if isinstance(key_node.value, dict | list):
                self._note(key_place, dotted(path), "a key must be text, not a list or mapping")
            key = key_node.text
            child = replace(self._node(next(events), events, (*path, key)), place=key_place)
            if key in children:
                first = children[key].place.line
                message = f"given twice, first on line {first}; remove one of the two"
                self._note(key_place, dotted((*path, key)), message)
            else:
                children[key] = child
        return Node(children, "", place, 1 + sum(child.size for child in children.values()))

    def _note(self, place: SourcePosition, key: str, message: str) -> None:
        self.problems.append(place.problem(key, message))

    def _place(self, event: Event) -> SourcePosition:
        mark = event.start_mark
        return SourcePosition(self.file, mark.line + 1, mark.column + 1)
