"""Names keep to docs/glossary.md, and one name means one thing."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.syntax import nodes_of

ROOT = Path(__file__).resolve().parent.parent
GLOSSARY = ROOT / "docs" / "glossary.md"

GTFS = "GTFS has files, fields and terms of this name"
FOREIGN = {
    "beta": {
        "sim/model/parameters/traffic.py": "the exponent of the BPR function is called so everywhere",
        "sim/verification/theory/": "a formula in the letters of its source",
    },
    "delta": {
        "sim/advisor/privacy.py": "differential privacy is stated in epsilon and delta",
        "sim/model/parameters/privacy.py": "differential privacy is stated in epsilon and delta",
        "sim/verification/theory/": "a formula in the letters of its source",
    },
    "edge": {
        "sim/loading/exports/sumo.py": "SUMO calls a link so",
        "sim/metrics/profiles.py": "of the bins of a histogram",
        "sim/model/parameters/incentive.py": "of a discount in time",
        "sim/report/": "of the bins of a histogram",
        "sim/routing/": "of a graph",
    },
    "occupancy": {
        "sim/experiments/window_options.py": "the words of GTFS Realtime for how full a vehicle is",
        "sim/model/fullness.py": "the words of GTFS Realtime for how full a vehicle is",
    },
    "platoon": {"sim/verification/families/bunching.py": "of random arrivals, in the literature of the case"},
    "route": {
        "sim/loading/": GTFS,
        "sim/population/route_choice.py": "the choice of a journey option; the literature's name for it",
        "sim/verification/families/mandl": "Mandl's benchmark is stated in routes",
    },
    "score": {
        "sim/cli/advise.py": "of forecasts, as in Brier score",
        "sim/metrics/forecast_scores.py": "of forecasts, as in Brier score",
    },
    "shape": {"sim/loading/": GTFS, "sim/model/parameters/network.py": "the form of the input, not of a street"},
    "station": {"sim/loading/": GTFS},
    "stop_time": {"sim/loading/": GTFS},
}
"""Places where a word to avoid is right, by word and start of the path, with the reason."""

MOST_FILES = 3
"""Files that may share a name: the folder says the rest, as in model/traffic.py and loading/traffic.py."""
OFTEN = {"network.py": 4, "sweep.py": 4}
"""File names that stand more often than that, with their number today."""


@dataclass(frozen=True)
class Name:
    """A name that the program gives."""

    text: str
    path: str
    line: int

    def words(self) -> str:
        """Return it in small letters with single underscores around and between its words."""
        apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", self.text).lower()
        return f"_{re.sub('[^a-z0-9]+', '_', apart).strip('_')}_"


def words_to_avoid(page: str) -> set[str]:
    """Return the words between backticks in the last column of the tables of the glossary."""
    rows = [line.strip("|").split("|") for line in page.splitlines() if line.startswith("| ")]
    return {word for row in rows for word in re.findall(r"`([a-z_]+)`", row[-1])}


def names_in(path: str, source: str) -> Iterator[Name]:
    """Yield the names of the file, its classes, functions, scenario keys and table columns."""
    yield Name(Path(path).stem, path, 1)
    for node in nodes_of(source):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield Name(node.name, path, node.lineno)
        if isinstance(node, ast.ClassDef):
            for part in node.body:
                if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
                    yield Name(part.target.id, path, part.lineno)
        if isinstance(node, ast.Call) and "column" in ast.unparse(node.func).lower():
            for argument in node.args[:1]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield Name(argument.value, path, node.lineno)


def package() -> dict[str, str]:
    """Return the source of all modules of sim/ by path."""
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted((ROOT / "sim").rglob("*.py"))
    }


def names_to_avoid(sources: dict[str, str], words: set[str]) -> list[tuple[str, Name]]:
    """Return the words to avoid that occur in names, singular or plural."""
    patterns = {word: re.compile(rf"_{word}s?_") for word in words}
    return [
        (word, name)
        for path, source in sources.items()
        for name in names_in(path, source)
        for word, pattern in patterns.items()
        if pattern.search(name.words())
    ]


def doubled_classes(sources: dict[str, str]) -> dict[str, list[str]]:
    """Return the classes whose name stands more than once, with or without an underscore, with their places."""
    places: dict[str, list[str]] = {}
    for path, source in sources.items():
        for node in nodes_of(source):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name.lstrip("_"), []).append(path)
    return {name: found for name, found in places.items() if len(found) > 1}


def test_the_glossary_names_words_to_avoid():
    words = words_to_avoid(GLOSSARY.read_text(encoding="utf-8"))
    assert {"agent", "slot", "burn_in"} <= words


def test_names_keep_to_the_glossary():
    found = names_to_avoid(package(), words_to_avoid(GLOSSARY.read_text(encoding="utf-8")))
    used = set()
    wrong = []
    for word, name in found:
        excuses = [start for start in FOREIGN.get(word, {}) if name.path.startswith(start)]
        used.update((word, start) for start in excuses)
        if not excuses:
            wrong.append(f"{name.path}:{name.line}: {name.text}: the glossary avoids {word!r}")
    assert wrong == []
    listed = {(word, start) for word, starts in FOREIGN.items() for start in starts}
    assert sorted(listed - used) == [], "exceptions no longer needed"


def test_a_class_name_stands_once():
    assert doubled_classes(package()) == {}


def test_file_names_do_not_repeat_without_end():
    count = Counter(Path(path).name for path in package() if not path.endswith("__init__.py"))
    often = {name: number for name, number in count.items() if number > MOST_FILES}
    assert {name: number for name, number in often.items() if number > OFTEN.get(name, MOST_FILES)} == {}


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("sim/model/agents.py", ""),
        ("sim/model/people.py", "class TransitAgent: ..."),
        ("sim/model/people.py", "class Person:\n    def burn_in_s(self): ..."),
        ("sim/model/parameters/time.py", "class Time:\n    slots: int = 1"),
        ("sim/records/schema.py", "x = Column('agent_id', 'str')"),
    ],
)
def test_a_name_to_avoid_is_found(path, source):
    assert names_to_avoid({path: source}, {"agent", "slot", "burn_in"}) != []


def test_names_that_only_hold_the_letters_are_left_alone():
    source = "class Slotted:\n    reagent: int\n\ndef burning(): ..."
    assert names_to_avoid({"sim/model/people.py": source}, {"agent", "slot", "burn_in"}) == []


def test_a_doubled_class_is_found():
    sources = {"sim/a.py": "class One: ...\nclass _Own: ...", "sim/b.py": "class _One: ...\nclass Other: ..."}
    assert doubled_classes(sources) == {"One": ["sim/a.py", "sim/b.py"]}
