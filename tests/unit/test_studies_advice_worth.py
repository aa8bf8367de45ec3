"""The page on what advice is worth: as its study writes it, and a case of it measured at reduced size."""

from __future__ import annotations

import re

import pytest

from sim.advisor.optimum.search import SearchSize
from studies.advice_worth import CASES, PAGE, WorthCase, found_in, main, measured, page


def test_page_is_what_the_study_writes_from_what_is_kept() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(found_in())


def test_a_case_is_measured_and_shown() -> None:
    """At a tenth of the people: costs in the order that they must have, and parts that add up to what is saved."""
    case = WorthCase("two-lines", "two lines", "two_lines_lesson", {"demand.scale": 0.1, "service.capacity_scale": 0.1})
    entry = measured(case, "habit", SearchSize(rounds=2, draws=2, fresh=2, hindsight_rounds=0), replications=2)
    costs = {name: value["mean"] for name, value in entry["costs_min"].items()}
    assert costs["bound"] <= min(costs["none"], costs["coordinated"], costs["best found"])
    assert sum(entry["parts_min"].values()) == pytest.approx(costs["none"] - costs["coordinated"], abs=1e-9)
    assert entry["saved_min"]["mean"] == pytest.approx(costs["none"] - costs["coordinated"], abs=1e-9)
    text = page({"two-lines/habit": entry})
    none, saved = entry["costs_min"]["none"], entry["saved_min"]
    assert f"| two lines (lesson) | habit | 15 | 2 × 2 | {none['mean']:.1f} ± {none['half_width']:.1f} |" in text
    assert f"| {saved['mean']:+.2f} ± {saved['half_width']:.2f} |\n" in text.replace("−", "-")
    assert text.count("Not measured yet") == 1


def test_a_case_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["atlantis"]) == 2
    assert "two-lines" in capsys.readouterr().err
    assert {"xiamen-1", "xiamen-4", "xiamen-6", "xiamen-8", "beijing", "event", "bottleneck"} <= set(CASES)


CLAIM = re.compile(
    r"a fall from (\S+) to (\S+) min against habit, (\S+) min of it by less congestion for all, and from (\S+) "
    r"to (\S+) against adapted commuters\. With (\S+) draws of people the latter, (\S+ ± \S+) min, may be chance\. "
    r"With eight times the demand it is a fall from (\S+) to (\S+) min "
    r"against habit, and from (\S+) to (\S+) against adapted commuters:"
)


def rows_of(text: str, heads: str) -> dict[tuple[str, str], dict[str, str]]:
    """Return the rows of the table of a page whose header holds a word, by case and people."""
    header, _, *rows = next(table for table in re.findall(r"(?:^\|.*\n)+", text, re.M) if heads in table).splitlines()
    names, *cells = ([cell.strip() for cell in row.strip("|").split("|")] for row in (header, *rows))
    return {(row[0], row[1]): dict(zip(names, row, strict=True)) for row in cells}


def test_the_claim_of_the_readme_is_the_page_on_what_advice_is_worth() -> None:
    text = PAGE.read_text(encoding="utf-8")
    costs, parts = rows_of(text, "hindsight"), rows_of(text, "less congestion")
    told = []
    for multiple in (4, 8):
        case = f"Xiamen, {multiple} times the demand, windows as wide as the advisor chooses"
        for people in ("habit", "adapted commuters"):
            told += [costs[case, people][name].split(" ± ")[0] for name in ("none", "coordinated")]
            if (multiple, people) == (4, "habit"):
                told.append(parts[case, people]["less congestion"].removeprefix("+"))
            if (multiple, people) == (4, "adapted commuters"):
                saved = parts[case, people]["all together"].removeprefix("+")
                told += [{"4": "four"}[costs[case, people]["draws"].split(" ")[0]], saved]
                # Chance it may be as long as the interval reaches over nothing.
                assert float(saved.split(" ± ")[0]) < float(saved.split(" ± ")[1])
    readme = " ".join((PAGE.parent.parent / "README.md").read_text(encoding="utf-8").split())
    (claim,) = CLAIM.findall(readme)
    assert list(claim) == told
