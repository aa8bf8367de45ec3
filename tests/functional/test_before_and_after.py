"""docs/before-and-after.md: the table of the page comes out again, of fewer replications."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

import sim
from sim.api import VariantsResult

PAGE = Path(__file__).resolve().parents[2] / "docs" / "before-and-after.md"
REPLICATIONS = 2
T_OF_PAGE = 2.262
"""Student's t for 95 % of 10 replications, by which half widths of the page turn into deviations of one of them."""
CELL = re.compile(r"([+−]?[\d.,]+) ± ([\d.,]+)")


def numbers(cell: str) -> tuple[float, float, float]:
    """Return value, half width, and half of the last digit shown of a cell."""
    match = CELL.fullmatch(cell.strip())
    assert match is not None, cell
    value, half = (float(part.replace("−", "-").replace(",", "")) for part in match.groups())
    _, _, decimals = match[2].partition(".")
    return value, half, 0.5 * 10.0 ** -len(decimals)


def rows() -> dict[str, list[str]]:
    """Return the cells of the page's table by metric; the head under the empty name."""
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {cell[0]: cell[1:] for cell in cells}


@pytest.fixture(scope="module")
def result() -> VariantsResult:
    """The variants of the page, on the first day."""
    return sim.compare("mandl_what_if", ["none"], variants="declared", replications=REPLICATIONS, overrides={"days": 1})


def test_the_table_of_the_page_comes_out_again(result: VariantsResult):
    table = rows()
    head = table.pop("")
    assert head == ["as written", "half_headway", "street_closed", "both"]
    variants = result.summary["variants"]
    assert len(table) == 7
    wrong = []
    for metric, cells in table.items():
        for name, cell in zip(["mandl_what_if", *head[1:]], cells, strict=True):
            entry = variants[name]["strategies"]["none"][metric]
            found = entry["mean" if name == "mandl_what_if" else "change"]
            value, half, rounding = numbers(cell)
            # Replications of the page and of here are independent; 4 deviations of the difference of both means.
            deviation = (half + rounding) * math.sqrt(10) / T_OF_PAGE * math.sqrt(1 / 10 + 1 / REPLICATIONS)
            if abs(found - value) > 4.0 * deviation + rounding:
                wrong.append(f"{metric}, {name}: {found} here, {cell} on the page")
    assert wrong == []


def test_who_loses_most_by_the_closed_street_are_those_at_its_end(result: VariantsResult):
    places = result.summary["variants"]["street_closed"]["places"]["none"]
    assert {place["stop_id"] for place in places[-2:]} == {"4", "5"}
    assert min(place["mean_change_min"] for place in places[-2:]) > 3.0


def test_the_page_names_the_variants_of_the_scenario(result: VariantsResult):
    text = PAGE.read_text("utf-8")
    scenario = (PAGE.parents[1] / "scenarios" / "mandl_what_if.yaml").read_text("utf-8")
    for name in list(result.variants)[1:]:
        assert f"{name}:\n" in text
    for change in re.findall(r"- (?:headway|close_street): \{.*\}", scenario):
        assert change in text
