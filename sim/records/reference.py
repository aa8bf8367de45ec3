"""The page docs/tables.md: every table and column of a run folder, written from their entries.

``python -m sim.records.reference`` writes it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from sim.records.column import TableSchema
from sim.records.contract import CONTRACT
from sim.records.pages import write_page
from sim.records.schema import COMPARISON_TABLES, COURSE_TABLES, TABLES

_HEAD = """# Tables of a run folder

<!-- Written by `make docs` from the entries in sim/records; change those. -->

`tables/NAME.parquet` in the folder of a run or comparison. Times are seconds after midnight of the service day,
and go on beyond 24 h; replications and days count from 0. What is not known is null. Rows are sorted by the columns
named under each table; `line`, `stop` and `trip` there stand for the order in the network, not that of ids.

Columns in **bold** are promised to other programs: every version writes them under this name and meaning. Others may
come and go with a line in the change log.
"""

_PARTS = (
    ("In every run folder", "Rows of the days that are kept.", TABLES),
    ("Of all simulated days", "", COURSE_TABLES),
    ("In the folder of a comparison with `none`", "", COMPARISON_TABLES),
)


def reference_text() -> str:
    """Return the page."""
    blocks = [_HEAD]
    for title, sentence, schemas in _PARTS:
        blocks.append("\n".join([f"\n## {title}", *([f"\n{sentence}"] if sentence else [])]))
        blocks += [_section(schema) for schema in schemas]
    return "\n".join(blocks) + "\n"


def _section(schema: TableSchema[Any]) -> str:
    promised = CONTRACT.get(schema.name, ())
    lines = [
        f"\n### {schema.name}\n",
        f"A row is {schema.sentence}. Sorted by {', '.join(schema.order)}.\n",
        "| column | type | unit | meaning |",
        "|---|---|---|---|",
    ]
    for column in schema.columns:
        name = f"**`{column.name}`**" if column.name in promised else f"`{column.name}`"
        lines.append(f"| {name} | {column.kind} | {column.unit} | {column.description} |")
    return "\n".join(lines)


def main(folder: Path = Path("docs")) -> int:
    """Write the page, and return an exit code."""
    return write_page(folder / "tables.md", reference_text())


if __name__ == "__main__":
    sys.exit(main())
