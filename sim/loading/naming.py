"""Stops and lines by the names that people know: ids are put in their place, once, before anything is looked up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from sim.errors import Problem
from sim.loading.hints import listed
from sim.loading.inline import KeyPath, PlaceKey
from sim.model.network import Network
from sim.model.parameters import ScenarioParameters
from sim.model.parameters.fields import NameOf
from sim.model.service import Line


@dataclass(frozen=True)
class Called:
    """Ids of stops or lines by what they are called.

    Attributes
    ----------
    ids : frozenset of str
    by_name : mapping of str to list of str
        Ids by name in small letters.
    """

    ids: frozenset[str]
    by_name: Mapping[str, list[str]]

    @classmethod
    def of(cls, ids: Sequence[str], names: Sequence[Sequence[str]]) -> Called:
        """Take ids and the names of each, in the same order."""
        by_name: dict[str, list[str]] = {}
        for own_id, own in zip(ids, names, strict=True):
            for name in own:
                by_name.setdefault(name.strip().lower(), []).append(own_id)
        return cls(frozenset(ids), by_name)

    def called(self, text: str) -> list[str]:
        """Return the id itself, or all ids of that name; none where it is unknown."""
        return [text] if text in self.ids else self.by_name.get(text.strip().lower(), [])


def names_of_lines(lines: Sequence[Line]) -> Called:
    """Return the ids of lines by what they are called."""
    return Called.of([line.line_id for line in lines], [line.names for line in lines])


def names_of_stops(network: Network) -> Called:
    """Return the ids of stops by what they are called."""
    return Called.of(network.stop_id, [(name,) for name in network.stop_name])


def several(what: str, text: str, ids: Sequence[str]) -> str:
    """Say that a name is not enough."""
    return f"several {what}s are called {text!r}; give the id of one: {listed(ids)}"


def with_ids(
    parameters: ScenarioParameters, network: Network, lines: Sequence[Line], place: PlaceKey
) -> tuple[ScenarioParameters, list[Problem]]:
    """Return parameters with ids in place of the names of stops and lines, and the names that several have.

    What is no name of the network stays as it is: the check of the key says so.

    Parameters
    ----------
    parameters : ScenarioParameters
    network : Network
    lines : sequence of Line
    place : callable
        Makes a problem of a key path and a message.
    """
    naming = _Naming({"stop": names_of_stops(network), "line": names_of_lines(lines)}, place, [])
    return naming.section(parameters, ()), naming.problems


@dataclass(frozen=True)
class _Naming:
    names: Mapping[str, Called]
    place: PlaceKey
    problems: list[Problem]

    def section(self, section: Any, path: KeyPath) -> Any:
        """Return a section of parameters with ids."""
        changed = {}
        for name, field in type(section).model_fields.items():
            value = getattr(section, name)
            found = self.value(value, field.annotation, field.metadata, (*path, field.alias or name))
            if found is not value:
                changed[name] = found
        return section.model_copy(update=changed) if changed else section

    def value(self, value: Any, annotation: Any, metadata: Sequence[Any], path: KeyPath) -> Any:
        """Return a value with ids; the same object where it holds no name."""
        if isinstance(value, BaseModel):
            return self.section(value, path)
        if isinstance(value, str):
            mark = next(_marks(annotation, metadata), None)
            return value if mark is None else self.one(value, mark.what, path)
        if isinstance(value, tuple) and value:
            parts = [self.value(item, annotation, metadata, (*path, number)) for number, item in enumerate(value)]
            return tuple(parts) if any(a is not b for a, b in zip(parts, value, strict=True)) else value
        if isinstance(value, dict) and value and get_origin(annotation) is dict:
            key, inner = get_args(annotation)
            return {
                self.value(name, key, (), (*path, name)): self.value(item, inner, (), (*path, name))
                for name, item in value.items()
            }
        return value

    def one(self, text: str, what: str, path: KeyPath) -> str:
        """Return the id of the one stop or line of that name."""
        found = self.names[what].called(text)
        if len(found) > 1:
            self.problems.append(self.place(path, several(what, text, found)))
        # Of several any will do: the problem ends the reading, and the name is not told as unknown as well.
        return found[0] if found else text


def _marks(annotation: Any, metadata: Sequence[Any] = ()) -> Iterator[NameOf]:
    """Yield what an annotation says of the texts in it."""
    yield from (item for item in metadata if isinstance(item, NameOf))
    if get_origin(annotation) is Annotated:
        yield from _marks(get_args(annotation)[0], annotation.__metadata__)
    else:
        for part in get_args(annotation):
            yield from _marks(part)
