"""The page docs/tables.md: every table and column of a run folder, written from their entries.

``python -m sim.records.reference`` writes it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from sim.records.baseline_rows import BASELINE_COLUMN, baseline_schema
from sim.records.column import Column, TableSchema
from sim.records.contract import CONTRACT
from sim.records.optimum_table import PLANS
from sim.records.pages import write_page
from sim.records.schema import ADVICE_TABLES, COMPARISON_TABLES, COURSE_TABLES, TABLES

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
    ("Where advice was given", "Those that there is something to say in.", ADVICE_TABLES),
    ("In the folder of a search for the best plan", "`plans.parquet`, without a folder of tables.", (PLANS,)),
)


_HEADER = ("| column | type | unit | meaning |", "|---|---|---|---|")

_BASELINES = f"""
## Where advice was given to people of two baselines

A comparison of habit and adapted commuters has one more column in every table, behind `strategy`. Rows are sorted by
it before all else. Rows of two baselines are of the same people on the same days: a program that knows nothing of
baselines reads those of one (`WHERE {BASELINE_COLUMN} = 'habit'`), which are as where that one is compared alone
(`baselines: [habit]`). In `summary.json`, `strategies` are those of the first baseline, and
`baselines.NAME.strategies` those of each.
"""


def reference_text() -> str:
    """Return the page."""
    blocks = [_HEAD]
    for title, sentence, schemas in _PARTS:
        blocks.append("\n".join([f"\n## {title}", *([f"\n{sentence}"] if sentence else [])]))
        blocks += [_section(schema) for schema in schemas]
    blocks.append("\n".join([_BASELINES, *_HEADER, _row(baseline_schema(TABLES[0]).column(BASELINE_COLUMN))]))
    return "\n".join(blocks) + "\n"


def _section(schema: TableSchema[Any]) -> str:
    promised = CONTRACT.get(schema.name, ())
    lines = [
        f"\n### {schema.name}\n",
        f"A row is {schema.sentence}. Sorted by {', '.join(schema.order)}.\n",
        *_HEADER,
    ]
    lines += [_row(column, is_promised=column.name in promised) for column in schema.columns]
    return "\n".join(lines)


def _row(column: Column[Any], *, is_promised: bool = False) -> str:
    name = f"**`{column.name}`**" if is_promised else f"`{column.name}`"
    return f"| {name} | {column.kind} | {column.unit} | {column.description} |"


def main(folder: Path = Path("docs")) -> int:
    """Write the page, and return an exit code."""
    return write_page(folder / "tables.md", reference_text())


if __name__ == "__main__":
    sys.exit(main())
