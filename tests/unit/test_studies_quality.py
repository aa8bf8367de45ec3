"""Mutants and the page about quality: what is changed, what is kept of what a command printed."""

from __future__ import annotations

import ast
import os

import pytest
from support.fuzzing import targets

from studies.mutation import EXPLAINED, SAMPLE, Mutant, is_killed, mutants_of, names_of
from studies.quality import ROOT, STEPS, found_in, page

SOURCE = """
from typing import Literal

def least(a: int, b: Literal[1, 2] = 2) -> float:
    if a < b and not a == 0:
        return a + 1.5
    return b
"""


def test_each_mutant_changes_one_thing_and_no_type():
    names = [mutant.name.split(" | ")[1] for mutant in mutants_of("m", SOURCE)]
    assert sorted(names) == [
        "0 -> 1",
        "1.5 -> 2.5",
        "2 -> 3",
        "a + 1.5 -> a - 1.5",
        "a < b -> a <= b",
        "a < b and (not a == 0) -> a < b or not a == 0",
        "a == 0 -> a != 0",
        "if a < b and (not a == 0) -> if not (a < b and (not a == 0))",
    ]
    original = ast.unparse(ast.parse(SOURCE))
    assert all(ast.unparse(mutant.tree) != original for mutant in mutants_of("m", SOURCE))


def test_no_two_mutants_share_a_name():
    """Two changes on one line that read the same are told apart; catches an explanation that stands for both."""
    twice = [mutant.name for mutant in mutants_of("m", "c = a + 1 if b else d + 1\n")]
    assert [name for name in twice if "| 1 -> 2" in name] == [
        "m: c = a + 1 if b else d + 1 | 1 -> 2",
        "m: c = a + 1 if b else d + 1 | 1 -> 2 (no. 2)",
    ]
    for module in ("sim.metrics.periods", "sim.metrics.rebound", "sim.engine.queues"):
        source = (ROOT / (module.replace(".", "/") + ".py")).read_text(encoding="utf-8")
        names = [mutant.name for mutant in mutants_of(module, source)]
        assert len(set(names)) == len(names), module


def test_what_is_explained_is_there():
    """Catches an explanation of a line that reads otherwise by now: it would stand for nothing, or for another line."""
    modules = {name.split(": ")[0] for name in EXPLAINED}
    sources = {module: (ROOT / (module.replace(".", "/") + ".py")).read_text(encoding="utf-8") for module in modules}
    known = {name for module, source in sources.items() for name in names_of(module, source).values()}
    assert not EXPLAINED.keys() - known


def test_modules_and_tests_of_the_sample_are_there():
    for modules in SAMPLE.values():
        for module, tests in modules.items():
            assert (ROOT / (module.replace(".", "/") + ".py")).is_file()
            assert all((ROOT / "tests" / name).is_file() for name in tests)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="mutants run in forked processes")
def test_a_mutant_is_killed_and_the_original_is_not():
    module, tests = "sim.metrics.order_statistics", SAMPLE["metrics"]["sim.metrics.order_statistics"]
    source = (ROOT / (module.replace(".", "/") + ".py")).read_text(encoding="utf-8")
    assert not is_killed(Mutant(module, "nothing changed", ast.parse(source)), tests)


def test_figures_are_taken_from_what_a_command_printed():
    assert found_in("versions", '{"same": ["3.11", "3.13"], "different": [], "not there": []}', 0)["found"] == (
        "the same: 3.11, 3.13; different: none"
    )
    printed = 'survived  sim.x: c = a + b | a + b -> a - b\n{"engine": {"tried": 12, "killed": 11, "survived": []}}'
    kept = found_in("mutation-engine", printed, 1)
    assert kept["found"] == "11 of 12 noticed"
    assert kept["survived"] == "`sim.x: c = a + b | a + b -> a - b`: not explained"
    with pytest.raises(ValueError, match="ended with 1"):
        found_in("fuzz-short", "1 failed, 19 passed", 1)
    with pytest.raises(ValueError, match="ended with 0"):
        found_in("fuzz-short", "nothing", 0)


def test_the_page_names_what_was_not_measured():
    text = page(
        {
            "mutation-engine": {
                "found": "11 of 12 noticed",
                "on": "2026-01-01",
                "survived": "`sim.x: a | a -> b`: not explained",
            }
        }
    )
    assert "| 11 of 12 noticed | 2026-01-01 |" in text
    assert "- `sim.x: a | a -> b`: not explained" in text
    in_ci = [step for step in STEPS.values() if step.in_ci]
    assert text.count("| in CI |") == len(in_ci)
    assert text.count("not measured yet") == len(STEPS) - 1 - len(in_ci)


def test_every_reader_has_a_step():
    assert {name.removeprefix("fuzz-") for name in STEPS if name.startswith("fuzz-")} - {"short"} == set(targets())
