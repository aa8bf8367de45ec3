"""Variants of a scenario, as its file declares them under `variants`: each a few keys with other values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sim.errors import Problem
from sim.loading.yaml_source import Node, SourcePosition, child_of, to_data

KEY: Final = "variants"
_NAME: Final = re.compile(r"(?=.{1,100}$)[A-Za-z0-9_.-]*[A-Za-z0-9_-][A-Za-z0-9_.-]*")
_OF_THE_FILE: Final = ("name", KEY, "variant_of")


@dataclass(frozen=True)
class DeclaredVariant:
    """A variant as a file declares it.

    Attributes
    ----------
    name : str
    node : Node
        Mapping of keys, by dotted path or in sections, to values.
    """

    name: str
    node: Node

    def changes(self) -> dict[str, Any]:
        """Return the values by dotted path, for people to read."""
        return dict(_flat(self.node, ""))


def taken_out(root: Node) -> tuple[Node, tuple[DeclaredVariant, ...], list[Problem]]:
    """Part the root of a scenario file into the scenario itself, its variants, and what is wrong with these.

    Parameters
    ----------
    root : Node
        A mapping.
    """
    declared = root.value.get(KEY)
    if declared is None:
        return root, (), []
    rest = replace(root, value={name: child for name, child in root.value.items() if name != KEY})
    if declared.value is None:
        return rest, (), []
    if not isinstance(declared.value, dict):
        message = "must be names, each with the keys it changes, as in `more_buses: {service.capacity_scale: 1.2}`"
        return rest, (), [declared.place.problem(KEY, message)]
    problems = [problem for name, node in declared.value.items() for problem in _problems_of(name, node)]
    variants = tuple(DeclaredVariant(name, node) for name, node in declared.value.items())
    return rest, () if problems else variants, problems


def with_variant(root: Node, variant: DeclaredVariant) -> tuple[Node, list[Problem]]:
    """Lay the values of a variant over a scenario; mappings are merged, lists and all else exchanged."""
    problems: list[Problem] = []
    for name, node in variant.node.value.items():
        root = _laid(root, name.split("."), node, problems, (name, node.place))
    return root, problems


def _problems_of(name: str, node: Node) -> list[Problem]:
    path = f"{KEY}.{name}"
    if _NAME.fullmatch(name) is None:
        message = "a variant, and so its folder, is called by letters, digits and `_.-` alone, 100 at most"
        return [node.place.problem(path, message)]
    if not isinstance(node.value, dict) or not node.value:
        return [node.place.problem(path, "must be the keys that it changes, as in `advisor.penetration: 0.3`")]
    return [
        child.place.problem(f"{path}.{key}", "cannot be changed by a variant; its name is the one it stands under")
        for key, child in node.value.items()
        if key in _OF_THE_FILE
    ]


def _laid(root: Node, path: list[str], value: Node, problems: list[Problem], said: tuple[str, SourcePosition]) -> Node:
    """Return a tree with a value laid over it at a path."""
    if not path:
        if isinstance(value.value, dict) and isinstance(root.value, dict):
            for key, child in value.value.items():
                root = _laid(root, [key], child, problems, (f"{said[0]}.{key}", child.place))
            return root
        return value
    head, *rest = path
    if isinstance(root.value, list):
        if not head.isdigit() or int(head) >= len(root.value):
            wanted = f"give a position from 0 to {len(root.value) - 1}" if root.value else "give the whole list"
            problems.append(said[1].problem(said[0], f"leads into a list of {len(root.value)}; {wanted}"))
            return root
        place = int(head)
        child = _laid(root.value[place], rest, value, problems, said)
        return replace(root, value=[*root.value[:place], child, *root.value[place + 1 :]])
    if not isinstance(root.value, dict) and root.value is not None:
        problems.append(said[1].problem(said[0], f"leads into {root.text}, which holds no keys"))
        return root
    children: Mapping[str, Node] = root.value or {}
    old = child_of(replace(root, value=dict(children)), head)
    child = _laid(old or Node({}, "", value.place), rest, value, problems, said) if rest or old else value
    return replace(root, value={**children, head: child})


def _flat(node: Node, path: str) -> list[tuple[str, Any]]:
    if isinstance(node.value, dict) and node.value:
        return [item for name, child in node.value.items() for item in _flat(child, f"{path}.{name}".lstrip("."))]
    return [(path, to_data(node))]
