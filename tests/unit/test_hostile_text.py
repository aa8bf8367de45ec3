"""Text that is long, or that commands a terminal, is harmless in what users are told."""

from __future__ import annotations

import pytest

from sim.errors import MOST_LETTERS, Problem, ScenarioError, shortened, visible
from sim.loading.hints import did_you_mean
from sim.loading.scenario_source import MOST_PROBLEMS, read_source, validate
from sim.units import parse_clock, parse_duration, parse_length, parse_rate, parse_speed


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("厦门 Café", "厦门 Café"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("back\b\b\rover", r"back\x08\x08\x0dover"),
        ("\x9b2J", r"\x9b2J"),
        ("a\u202egnp.exe", r"a\u202egnp.exe"),
        ("\u2066isolated\u2069", r"\u2066isolated\u2069"),
        ("next\u2028line", r"next\u2028line"),
    ],
)
def test_what_commands_a_terminal_is_spelled_out(text, shown):
    assert visible(text) == shown


def test_a_long_text_keeps_both_ends():
    text = "'" + "1" * 100_000 + "' is not a duration; write for example 90 s"
    short = shortened(text)
    assert short.startswith("'1111")
    assert short.endswith("is not a duration; write for example 90 s")
    assert "letters left out" in short
    assert len(short) < MOST_LETTERS + 40
    assert shortened("x" * MOST_LETTERS) == "x" * MOST_LETTERS


def test_a_problem_is_short_whatever_it_quotes():
    assert len(str(Problem("s.yaml", 1, 1, "k" * 100_000, "v" * 100_000))) < 2 * MOST_LETTERS + 100


@pytest.mark.parametrize("parse", [parse_clock, parse_duration, parse_length, parse_rate, parse_speed])
@pytest.mark.parametrize("text", ["1" * 300_000 + "!", "1." + "1" * 300_000 + "!", "1" + " " * 300_000 + "!"])
def test_a_long_text_is_refused_in_one_pass(parse, text):
    # With time that grows by the square of the length this test would take hours.
    with pytest.raises(ValueError, match="is not a"):
        parse(text)


def test_names_too_long_to_compare_get_no_suggestion():
    assert did_you_mean("x" * 100_000, ["y" * 100_000, "x" * 99_999]) == ""
    assert did_you_mean("stopp", ["y" * 100_000, "stop"]) == " (did you mean 'stop'?)"


def test_of_many_unknown_keys_the_first_are_told(tmp_path):
    file = tmp_path / "s.yaml"
    file.write_text("".join(f"key{number}: 1\n" for number in range(3000)), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        validate(read_source(file))
    problems = caught.value.problems
    assert len(problems) == MOST_PROBLEMS + 1
    assert problems[-1].message == "2,802 more problems are not listed"  # name and network are missing besides


def test_of_many_bare_numbers_the_first_are_told(tmp_path):
    flows = "".join(f"  - {{origin: a, destination: b, pieces: [{{start: {row}, end: 9}}]}}\n" for row in range(1, 900))
    file = tmp_path / "s.yaml"
    file.write_text(f"name: many\nnetwork: {{folder: grid}}\ndemand:\n  flows:\n{flows}", encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        validate(read_source(file))
    assert len(caught.value.problems) <= 2 * MOST_PROBLEMS + 2
    assert "more problems are not listed" in caught.value.problems[-1].message
