"""``peakshift keys``: scenario keys found and explained."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from sim.cli.options import json_option
from sim.cli.output import counted, echo, print_facts, print_json, print_wrapped, text_of, text_width

if TYPE_CHECKING:
    from sim.loading.scenario_keys import ScenarioKey

_EXPLAINED: Final = 3
"""So many keys are explained one by one; more are listed."""


@click.command(short_help="Find and explain keys of scenario files.")
@click.argument("text", nargs=-1)
@json_option
def keys(text: tuple[str, ...], as_json: bool) -> None:
    """Find the keys of a scenario file that TEXT is about, and explain them.

    TEXT is a path as in advisor.window, a part of one, or words as in "hold vehicles": all must stand in the path or
    in the sentence of a key. Without TEXT the sections are listed. Keys of earlier versions are told too.
    """
    from sim.errors import UnknownNameError
    from sim.loading.key_search import found_keys, key_facts, removed_keys
    from sim.loading.scenario_keys import all_keys

    sought = text_of(text)
    removed = removed_keys(sought) if sought else {}
    try:
        found = found_keys(sought) if sought else [key for key in all_keys() if "." not in key.path]
    except UnknownNameError:
        if not removed:
            raise
        found = []
    if as_json:
        print_json({"keys": [key_facts(key) for key in found], "removed": removed})
        return
    if sought and len(found) <= _EXPLAINED:
        _explain([key_facts(key) for key in found])
    else:
        _list(found)
    if found and removed:
        echo()
    _tell_removed(removed)


def _explain(facts: Sequence[Mapping[str, Any]]) -> None:
    for place, fact in enumerate(facts):
        if place:
            echo()
        words = {
            "key": f"{fact['key']}{_mark(fact['specialist'])}",
            "what": fact["what"],
            "": fact["about"],
            "type": ", ".join(filter(None, (fact["type"].replace("`", ""), fact["bounds"].replace("`", "")))),
            "default": fact["default"],
            "source": fact["source"],
            "keys": ", ".join(fact["keys"]),
            "once": fact["set"],
        }
        print_facts({name: value for name, value in words.items() if value})
        echo("in a file")
        for line in fact["example"].splitlines():
            _echo_yaml(line)


def _echo_yaml(line: str) -> None:
    """Print a line of a scenario file, broken where the terminal ends; YAML reads on where a line is indented more."""
    from rich.cells import cell_len

    words = line.lstrip()
    indent = " " * (4 + len(line) - len(words))
    if cell_len(indent + words) <= text_width() or "#" in words:
        echo(f"{indent}{words}")
        return
    print_wrapped(words, indent, f"{indent}    ")


def _list(found: Sequence[ScenarioKey]) -> None:
    for key in found:
        sentence = " ".join((key.field.description or "").split())
        echo(f"{key.path}{_mark(key.specialist)}")
        echo(textwrap.indent(textwrap.shorten(sentence, text_width() - 4, placeholder=" …"), "    "))
    echo(f"\n{counted(len(found), 'key')}; peakshift keys with the whole path explains one")


def _mark(specialist: bool) -> str:
    return "  (for specialists)" if specialist else ""


def _tell_removed(removed: Mapping[str, str]) -> None:
    for path, instead in removed.items():
        print_wrapped(f"{path} is a key of earlier versions; leave it out: {instead}", "", "    ")
