"""Tables of docs/ that come out of simulations: each names its command, and is written and checked by it.

Above such a table stands a comment, of YAML after the word ``numbers``; the table ends with the first line that is
none of its rows::

    <!-- numbers
    command: peakshift compare olympic_surge
    metrics: {mean wait (min): mean_wait_min}
    reduced: --replications 2
    -->

``replications`` says of how many the table is: one number, or one for each command where commands have names.
``python -m studies.page_tables`` writes all of them anew, or those of the pages named; `studies.table_values` says what
a comment may ask for. ``tests/functional/test_page_tables.py`` runs each with the options of `reduced` laid over it and
compares. There ``--set baselines=[habit]`` leaves out people who have adapted, where a table is not about them: the
others are simulated as before (test_two_baselines). ``measured:`` instead of a command is for clock times and memory,
which no test repeats.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from sim.metrics.statistics import t_quantile
from sim.report.numbers import format_interval, format_number
from studies.table_values import ROOT, Cells, Number, values_of

_COMMENT = re.compile(r"<!-- numbers\n(.*?)-->\n", re.DOTALL)
_NUMBER = re.compile(r"([+−-]?[\d,]+(?:\.\d+)?)(?: ± ([\d,]+(?:\.\d+)?))?")
_STANDARD_ERRORS = 4.0
"""How far a part of the replications may lie from all of them; a false alarm in some ten thousand cells."""


@dataclass(frozen=True)
class PageTable:
    """A table of a page with the comment above it.

    Attributes
    ----------
    page : Path
    spec : mapping
        What the comment says.
    start, end : int
        Where what stands below the comment, up to the last row, lies in the text of the page.
    text : str
        The rows.
    """

    page: Path
    spec: Mapping[str, Any]
    start: int
    end: int
    text: str

    @property
    def name(self) -> str:
        """Page and number of the place, for messages."""
        return f"{self.page.name}: {next(iter(self.spec.values()))}"

    def replications(self, column: str) -> int:
        """Return of how many replications a column is: each command of a table may have a number of its own."""
        number = self.spec["replications"]
        if not isinstance(number, Mapping):
            return int(number)
        return int(number[self.spec["columns"][column].split()[0].partition("/")[0]])

    def cells(self) -> Iterator[tuple[str, str, str]]:
        """Return row, column and text of each cell."""
        head, _, *rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in self.lines()]
        for row in rows:
            yield from ((row[0], column, cell) for column, cell in zip(head[1:], row[1:], strict=True))

    def lines(self) -> list[str]:
        """Return the lines of the table."""
        return self.text.strip("\n").split("\n")


def tables_of(page: Path) -> list[PageTable]:
    """Find the tables of a page that have a comment."""
    text = page.read_text(encoding="utf-8")
    found = []
    for comment in _COMMENT.finditer(text):
        rows = re.compile(r"\n*((?:\|[^\n]*\n)*)").match(text, comment.end())
        assert rows is not None
        spec = YAML(typ="safe").load(comment[1])
        found.append(PageTable(page, spec, comment.end(), rows.end(1), rows[1]))
    return found


def written(spec: Mapping[str, Any], cells: Cells) -> str:
    """Write a table.

    Parameters
    ----------
    spec : mapping
    cells : dict of (str, str) to Number
    """
    rows, columns = (list(dict.fromkeys(key[place] for key in cells)) for place in (0, 1))
    lines = [[spec.get("corner", ""), *columns], ["---"] * (len(columns) + 1)]
    for row in rows:
        decimals = spec.get("decimals", {}).get(row, _decimals([cells[row, column] for column in columns]))
        lines.append([row, *(_text(cells[row, column], decimals) for column in columns)])
    ruled = [f"| {' | '.join(line)} |".replace("|  |", "| |") for line in lines]
    ruled[1] = "|" + "---|" * (len(columns) + 1)
    return "\n".join(ruled) + "\n"


def _decimals(cells: Sequence[Number]) -> int:
    """Return as many decimals as show the narrowest interval with one digit, from 0 to 2."""
    halves = [cell.half_width for cell in cells if cell.half_width > 0]
    return 1 if not halves else min(max(-math.floor(math.log10(min(halves))), 0), 2)


def _text(cell: Number, decimals: int) -> str:
    if math.isinf(cell.value):
        return "never"
    return format_interval(cell.value, cell.half_width, decimals, sign=cell.is_change)


def disagreements(table: PageTable, *, jobs: int = 1) -> list[str]:
    """Run a table at reduced size, and return the cells whose numbers are not those of the page.

    A mean of k of the n replications may differ from that of all by the standard error of that difference,
    s sqrt(1/k - 1/n) with s from the interval on the page, times four.

    Parameters
    ----------
    table : PageTable
    jobs : int
    """
    found = values_of(table.spec, reduced=True, jobs=jobs)
    wrong, compared = [], 0
    for row, column, text in table.cells():
        number = found.get((row, column))
        if number is None or (shown := _shown(text)) is None:
            continue
        compared += 1
        all_of = table.replications(column)
        spread = shown[1] * math.sqrt(all_of) / t_quantile(all_of)
        allowed = _STANDARD_ERRORS * spread * math.sqrt(max(1.0 / number.replications - 1.0 / all_of, 0.0)) + shown[2]
        if not abs(number.value - shown[0]) <= allowed:
            wrong.append(f"{table.name}: {row}, {column}: {text} on the page, now {format_number(number.value, 2)}")
    if not compared:
        wrong.append(f"{table.name}: no cell of the table comes out of its command")
    return wrong


def _shown(text: str) -> tuple[float, float, float] | None:
    """Read value, half width and what rounding both may hide; None where a cell holds no number."""
    match = _NUMBER.fullmatch(text.replace("**", "").removesuffix(" %"))
    if match is None:
        return None
    value, half = (float((part or "0").replace("−", "-").replace(",", "")) for part in match.groups())
    unit = 10.0 ** -len(match[1].partition(".")[2])
    # A half width that is shown as 0 may be as large as half of its last digit.
    return value, half + unit / 2.0, unit / 2.0


def rewrite(page: Path, *, jobs: int = 1) -> int:
    """Write the tables of a page anew and return their number."""
    tables = [table for table in tables_of(page) if "command" in table.spec]
    # From the last to the first, so that places stay.
    for table in reversed(tables):
        text = page.read_text(encoding="utf-8")
        cells = values_of(table.spec, reduced=False, jobs=jobs)
        rest = text[table.end :].lstrip("\n")
        page.write_text(f"{text[: table.start]}\n{written(table.spec, cells)}\n{rest}", encoding="utf-8")
    return len(tables)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the pages named, or all of them."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("pages", nargs="*", type=Path, default=sorted((ROOT / "docs").glob("*.md")))
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args(arguments)
    for page in given.pages:
        count = rewrite(page, jobs=given.jobs)
        if count:
            sys.stdout.write(f"{page.name}: {count} tables written\n")


if __name__ == "__main__":
    main()
