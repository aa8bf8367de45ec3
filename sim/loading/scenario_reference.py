"""Writes the scenario reference and the JSON Schema from the parameter classes.

``python -m sim.loading.scenario_reference`` writes both; with ``--check`` it writes nothing and exits
with 1 where one is out of date.
"""

from __future__ import annotations

import argparse
import inspect
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from sim.loading.removed_keys import REMOVED_KEYS
from sim.loading.scenario_keys import ScenarioKey, all_keys, bounds_text, kind_of, quantity_text, type_text
from sim.model.parameters import ScenarioParameters
from sim.model.parameters.fields import NOT_A_NUMBER

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
REFERENCE_PAGE = "scenario-reference.md"
SCHEMA_PAGE = "scenario.schema.json"

_HEAD = """\
# Scenario reference

Every key a scenario file may have. This page is generated: edit `sim/model/parameters/` and run `make docs`.

## Conventions

- A scenario is one YAML file (YAML 1.2: `6:30` and `no` are text, not numbers). `name` and `network` must be given.
- Keys of sections are written with dots here: `advisor.window` stands for `window:` under `advisor:`. `[]` stands for
  the items of a list, `NAME` for a name of yours. `--set advisor.window="10 min"` changes one key for one run,
  `--set demand.flows.0.placement=even` one in the first item of a list (items count from 0).
- An unknown key is an error, and so is a key given twice. All problems are told at once, with line and column.
- **Clock time**: `HH:MM` or `HH:MM:SS` of the service day, past `24:00` where needed (`25:10`), or seconds after
  midnight (`25200 s`). **Duration**: `90 s`, `6 min`, `1.5 h`. **Length**: `400 m`, `1.2 km`. **Speed**: `25 km/h`,
  `7 m/s`. **Rate**: `120 /h`, `2 /min`, `0.03 /s`. A number without a unit is an error in all of them, but for 0.
  **Share**: a fraction, `0.2` for 20 %. All other numbers are written without a unit; where they have one, their
  bounds or their sentence name it.
- Beside the bounds of each key: no clock time or duration is beyond 10,000 h, no length beyond 20,000 km, no speed
  beyond 1,000 km/h, no rate beyond 1,000 /s.
- **Stop**, **line**: the id, or a name that only one has, in any case; `peakshift network stops NETWORK TEXT` and
  `peakshift network lines NETWORK TEXT` find both.
- Names and ids may be written without quotes even where they look like numbers; they are kept as written (`007`).
- **For specialists** are keys that most scenarios leave alone: they set what a calibration or a study of one part of
  the model is about. They stand after the others, in tables of their own.
- **Default** "required": the key must be given; "none": nothing is assumed where it is missing.
- **Source** says where the default comes from: a publication, or *assumed*. A dash stands for keys that carry no figure
  of the world, such as names and switches.
"""

_GONE = """\
## Keys of earlier versions

A file that has one of them is told the same.

| key | instead |
|---|---|"""


def reference_text() -> str:
    """Return the reference page."""
    parts = [_HEAD]
    top, sections = _by_section()
    parts.append("## Top level\n\n" + _table(sorted(top, key=lambda key: key.specialist)))
    for key, rows in sections:
        title = f"## `{key.path}`" if "." not in key.path else f"### `{key.path}`"
        parts.append(f"{title}\n\n{_section_text(key)}\n\n{_tables(key, rows)}")
    gone = [f"| `{path}` | {removed.instead}. |" for path, removed in REMOVED_KEYS.items()]
    parts.append("\n".join([_GONE, *gone, ""]))
    return "\n".join(parts)


def schema_text() -> str:
    """Return the JSON Schema of a scenario file."""
    schema = ScenarioParameters.model_json_schema(by_alias=True)
    _tidy(schema)
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "peakshift scenario",
    }
    return json.dumps({**head, **{key: value for key, value in schema.items() if key not in head}}, indent=2) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check the generated pages; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m sim.loading.scenario_reference", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a page is out of date")
    parser.add_argument("--docs", type=Path, default=DOCS, help="folder of the pages")
    given = parser.parse_args(arguments)
    stale = []
    for name, text in ((REFERENCE_PAGE, reference_text()), (SCHEMA_PAGE, schema_text())):
        page = given.docs / name
        if not given.check:
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(text, encoding="utf-8", newline="\n")
        elif not page.exists() or page.read_text(encoding="utf-8") != text:
            stale.append(page)
    for page in stale:
        sys.stderr.write(f"{page} is out of date; run `python -m sim.loading.scenario_reference`\n")
    return 1 if stale else 0


def _by_section() -> tuple[list[ScenarioKey], list[tuple[ScenarioKey, list[ScenarioKey]]]]:
    """Return the keys of the top level, and of each section in the order of declaration."""
    keys = list(all_keys())
    sections = [(key, list(_children(key, keys))) for key in keys if key.section is not None]
    return [key for key in keys if "." not in key.path], sections


def _children(section: ScenarioKey, keys: list[ScenarioKey]) -> list[ScenarioKey]:
    found = []
    for key in keys:
        rest = key.path.removeprefix(section.path).removeprefix("[]").removeprefix(".NAME")
        if key.path.startswith(section.path) and rest.startswith(".") and "." not in rest[1:]:
            found.append(key)
    return found


def _section_text(key: ScenarioKey) -> str:
    # inspect.cleandoc: Python 3.13 takes the indentation out of docstrings, older ones leave it in.
    text = inspect.cleandoc(key.section.__doc__ or "") if key.section is not None else ""
    kind = type_text(key.field)
    if kind.startswith("list"):
        return f"{text}\n\nA list of such sections; `[]` stands for each of them."
    if kind.startswith("names"):
        return f"{text}\n\nOne such section for each `NAME`."
    return text


def _tables(section: ScenarioKey, keys: Sequence[ScenarioKey]) -> str:
    """Return the table of a section, keys for specialists in one of their own after those of every day."""
    if section.specialist:
        return f"All of this section is for specialists.\n\n{_table(keys)}"
    everyday = [key for key in keys if not key.specialist]
    specialist = [key for key in keys if key.specialist]
    parts = [_table(everyday)] if everyday else []
    return "\n".join([*parts, "For specialists:\n\n" + _table(specialist)] if specialist else parts)


def _table(keys: Sequence[ScenarioKey]) -> str:
    lines = ["| key | type | bounds | default | what it is | source |", "|---|---|---|---|---|---|"]
    lines += [_row(key) for key in keys]
    return "\n".join(lines) + "\n"


def _row(key: ScenarioKey) -> str:
    name = key.path if key.section is None else f"{key.path}: ..."
    source = source_of(key)
    cells = [
        f"`{name}`",
        type_words(key),
        bounds_text(key.name, key.field),
        default_text(key),
        key.field.description or "",
        "–" if source == NOT_A_NUMBER else source,
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def type_words(key: ScenarioKey) -> str:
    """Say what a value of a key must be."""
    text = type_text(key.field)
    if text == "number" and key.name.endswith("_share"):
        return "share"
    return text


def source_of(key: ScenarioKey) -> str:
    """Return where the default of a key comes from."""
    extra = key.field.json_schema_extra
    source = extra.get("source", "") if isinstance(extra, dict) else ""
    return str(source)


def default_text(key: ScenarioKey) -> str:
    """Write the default of a key as the reference page does, numbers between backticks."""
    if key.required:
        return "required"
    if key.section is not None:
        default = key.default
        if default is None:
            return "none"
        return "see below" if isinstance(default, BaseModel) else "empty"
    return _value(key)


def _value(key: ScenarioKey) -> str:
    """Write the default of a key that is no section."""
    value = key.default
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    if isinstance(value, tuple | dict):
        return "`" + json.dumps(value) + "`" if value else "empty"
    if isinstance(value, str):
        return f"`{value}`" if value else "empty"
    text = quantity_text(value, key.name, key.field)
    if kind_of(key.field):
        return f"`{text}`"
    # Only the number may stand in a file.
    number, _, unit = text.partition(" ")
    return f"`{number}` {unit}".rstrip()


def _tidy(schema: Any) -> None:
    """Drop what editors do not need: class names as titles, bounds that texts with units cannot have."""
    if isinstance(schema, list):
        for item in schema:
            _tidy(item)
    if not isinstance(schema, dict):
        return
    for name in ("title", "ge", "gt", "le", "lt"):
        if isinstance(schema.get(name), str | int | float):
            del schema[name]
    if "format" in schema:
        # A checker that knows the formats of the standard must not stumble over ours.
        schema["x-quantity"] = schema.pop("format")
    for value in list(schema.values()):
        _tidy(value)


if __name__ == "__main__":
    sys.exit(main())
