"""YAML by the rules of 1.2, with places."""

from __future__ import annotations

import pytest

from sim.loading.yaml_source import find, parse_yaml, to_data


def read(text):
    node, problems = parse_yaml(text, "f.yaml")
    return (None if node is None else to_data(node)), [str(problem) for problem in problems]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("6:30", "6:30"),
        ("no", "no"),
        ("off", "off"),
        ("2024-01-31", "2024-01-31"),
        ("010", 10),
        ("0x1F", 31),
        ("0o17", 15),
        ("1_000", "1_000"),
        ("1e3", 1000.0),
        ("-2.5", -2.5),
        (".inf", float("inf")),
        ("true", True),
        ("yes", "yes"),
        ("~", None),
        ("null", None),
        ("", None),
        ("'12'", "12"),
        ('"true"', "true"),
        ("!!str 12", "12"),
        ("|-\n  two\n  lines", "two\nlines"),
    ],
)
def test_scalars_follow_the_core_schema(text, value):
    data, problems = read(f"key: {text}\n")
    assert problems == []
    assert data == {"key": value}
    assert type(data["key"]) is type(value)


def test_every_key_knows_its_line_and_column():
    node, _ = parse_yaml("a:\n  b: 1\n  c:\n    - x\n    - {d: 2}\n", "f.yaml")
    assert node is not None
    places = {path: find(node, path).place for path in [("a",), ("a", "c"), ("a", "c", 0), ("a", "c", 1, "d")]}
    assert {path: (place.line, place.column) for path, place in places.items()} == {
        ("a",): (1, 1),
        ("a", "c"): (3, 3),
        ("a", "c", 0): (4, 7),
        ("a", "c", 1, "d"): (5, 8),
    }


def test_a_missing_key_is_placed_at_its_section():
    node, _ = parse_yaml("top: 1\na:\n  b: 1\n", "f.yaml")
    assert node is not None
    assert find(node, ("a", "x", "y")).place.line == 2


def test_a_key_given_twice_is_a_problem_that_names_both_lines():
    data, problems = read("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n")
    assert problems == ["f.yaml:5:3: b.c: given twice, first on line 3; remove one of the two"]
    assert data["b"]["c"] == 1


def test_tags_are_refused_and_never_executed():
    _, problems = read("a: !!python/object/apply:os.getcwd []\nb: !thing 1\n")
    assert [problem.split(": ")[0] for problem in problems] == ["f.yaml:1:4", "f.yaml:2:4"]
    assert "python/object" in problems[0]


def test_anchors_stand_for_their_value_at_the_place_of_the_alias():
    node, problems = parse_yaml("a: &x [1, 2]\nb: *x\n", "f.yaml")
    assert node is not None
    assert to_data(node) == {"a": [1, 2], "b": [1, 2]}
    assert problems == []
    assert find(node, ("b",)).place.line == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: &a [*a]", "refers to itself"),
        ("a: *b", "names an anchor that is not there"),
        ("a: 1\n---\nb: 2\n", "a second YAML document"),
        ("a: [1\nb: 2\n", "f.yaml:2:2: not YAML"),
        ("a:\n\t- b\n", "f.yaml:2:1: not YAML"),
        ("a: 'x\n", "not YAML"),
        ("\x01", "not YAML"),
        ("[" * 5000, "nested too deep"),
        ("? [1]\n: 2\n", "a key must be text"),
    ],
)
def test_what_cannot_be_used_is_one_problem(text, words):
    _, problems = read(text)
    assert len(problems) == 1
    assert words in problems[0]


def test_aliases_that_blow_up_are_stopped():
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    data, problems = read("\n".join(lines))
    assert data is None
    assert "aliases counted in full" in problems[0]


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n"])
def test_an_empty_document_is_nothing(text):
    assert read(text) == (None, [])
