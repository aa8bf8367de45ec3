"""Tables of docs/ come out of the commands that stand above them, and nothing else is left to rot there."""

from __future__ import annotations

import math
import os
import re
from pathlib import Path

import pytest

from studies.page_tables import PageTable, disagreements, rewrite, tables_of, written
from studies.table_values import Command, Number

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs").glob("*.md"))
TABLES = [table for page in PAGES for table in tables_of(page) if "command" in table.spec]
LONG = {"beijing-early-bird.md", "two-lines-lesson.md", "xiamen-surge-sweep.md"}
"""Pages whose tables take minutes at any size; run where PEAKSHIFT_LONG_TABLES is set, and before a release."""

PAGE = """# A page

<!-- numbers
command: >-
  peakshift compare two_lines_lesson --set days=2 --set baselines=[habit] --replications 3 --strategies none,individual
metrics: {mean wait (min): mean_wait_min, worse off (%): losers_share}
replications: 3
reduced: --replications 2
-->
| | none | individual |
|---|---|---|
| mean wait (min) | 0 | 0 |

Text after it.
"""


@pytest.mark.parametrize("table", TABLES, ids=lambda table: f"{table.page.stem}-{table.start}")
def test_the_table_of_a_page_comes_out_of_its_command(table: PageTable) -> None:
    if table.page.name in LONG and not os.environ.get("PEAKSHIFT_LONG_TABLES"):
        pytest.skip("takes minutes; set PEAKSHIFT_LONG_TABLES to run it")
    assert disagreements(table) == []


def test_pages_about_results_name_the_commands_of_their_tables() -> None:
    """A page that was made by simulations has no table of figures without a comment above it."""
    pages = {table.page.name for table in TABLES}
    assert pages == LONG | {"jingjinji-regional.md", "olympic-surge.md"}
    for page in (page for page in PAGES if page.name in pages):
        rules = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("|---")]
        assert len(rules) == len(tables_of(page)), page.name


@pytest.mark.parametrize("table", TABLES, ids=lambda table: f"{table.page.stem}-{table.start}")
def test_a_table_says_of_how_many_replications_its_columns_are(table: PageTable) -> None:
    """Catches a column of five replications that is judged as one of two, by the interval of two."""
    command = table.spec["command"]
    named = command if isinstance(command, dict) else {"": command}
    said = {name: re.findall(r"--replications (\d+)", line) for name, line in named.items()}
    for _, column, _ in table.cells():
        name = table.spec["columns"][column].split()[0].partition("/")[0] if isinstance(command, dict) else ""
        if said[name]:
            assert [table.replications(column)] == [int(number) for number in said[name]], column


def test_a_page_is_written_and_agrees_and_a_changed_number_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE, encoding="utf-8")
    assert rewrite(page) == 1
    text = page.read_text(encoding="utf-8")
    assert text.startswith(PAGE.split("| |", maxsplit=1)[0])
    assert text.endswith("\n\nText after it.\n")
    (table,) = tables_of(page)
    assert [row for row, _, _ in table.cells()] == ["mean wait (min)"] * 2 + ["worse off (%)"] * 2
    assert disagreements(table) == []
    shown = next(cell for _, column, cell in table.cells() if column == "none").split(" ± ")[0]
    page.write_text(text.replace(f"| {shown} ±", f"| {float(shown) * 1.5:.2f} ±"), encoding="utf-8")
    (wrong,) = disagreements(tables_of(page)[0])
    assert wrong.startswith("page.md: ")
    page.write_text(text.replace("| none |", "| nobody |").replace("| individual |", "| all |"), encoding="utf-8")
    assert "no cell of the table comes out of its command" in disagreements(tables_of(page)[0])[0]


def test_cells_are_written_as_reports_write_them() -> None:
    cells = {
        ("a", "x"): Number(1.234, 0.04, 5),
        ("a", "y"): Number(-0.5, 0.11, 5, is_change=True),
        ("b", "x"): Number(math.inf, math.nan, 5),
        ("b", "y"): Number(12.0, 3.0, 5),
    }
    assert written({"corner": "what"}, cells).splitlines() == [
        "| what | x | y |",
        "|---|---|---|",
        "| a | 1.23 ± 0.04 | −0.50 ± 0.11 |",
        "| b | never | 12 ± 3 |",
    ]


@pytest.mark.parametrize(
    "line", ["peakshift verify", "peakshift run a --engine simpy", "rm -r x", "peakshift run a --set"]
)
def test_a_command_that_no_table_can_be_made_of(line: str) -> None:
    with pytest.raises(ValueError, match=r"not a command|not read here|not enough"):
        Command.read(line)
