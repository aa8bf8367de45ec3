"""The way of one departure through the program: which modules hand it on, from the draw to the report.

A module is on the way where another module gets something from it that holds the departure. A module that looks at it
only (a metric, a figure, the advisor's view of a day) is beside the way. The departure is a number that occurs once in
the demand, looked for in all that functions give back: arrays, tables, containers and attributes of our own objects.
`docs/design-notes.md` tells the way to readers; this test holds the page against what happens.
"""

from __future__ import annotations

import re
import sys
from array import array
from collections.abc import Iterable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import numpy as np
import pytest

import sim

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "sim"
MOST_MODULES = 20
BY_WAYS = {
    "population/observation.py",
    "population/own_places.py",
    "advisor/rehearsal/stage.py",
    "advisor/sight.py",
    "population/saving_parts.py",
}
"""Hand on to the score of forecasts: when riders had joined queues, which are departures too, and rehearsed days;
to the advisor, and to the parts of a saving: when people leave without advice."""
DEEPEST = 8
MOST_LOOKS = 3000
"""Calls of one function that are looked at: what holds the departure comes early in a small world."""


def holds(value: object, number: float, depth: int = 0, seen: set[int] | None = None) -> bool:
    """Tell whether a number can be reached from a value."""
    seen = set() if seen is None else seen
    if isinstance(value, float):
        return value == number
    if isinstance(value, np.ndarray):
        return value.dtype == np.float64 and bool((value == number).any())
    if isinstance(value, array):
        return value.typecode == "d" and number in value
    if depth > DEEPEST or id(value) in seen or isinstance(value, str | bytes | type):
        return False
    seen.add(id(value))
    return any(holds(part, number, depth + 1, seen) for part in parts_of(value))


def parts_of(value: object) -> Iterable[object]:
    """Return what a container or an object of the program consists of."""
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)
    if not type(value).__module__.startswith("sim"):
        return ()
    slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    inside = [getattr(value, name) for name in slots if isinstance(name, str) and hasattr(value, name)]
    return [*getattr(value, "__dict__", {}).values(), *inside]


class Watch:
    """Looks at what functions of the program give to those of other modules.

    Parameters
    ----------
    number : float
        What is looked for.
    """

    def __init__(self, number: float) -> None:
        self.number = number
        self.given_back: set[CodeType] = set()
        self._looks: dict[CodeType, int] = {}
        self._busy = False

    def __call__(self, frame: FrameType, event: str, result: Any) -> None:
        """Look at what a function gives back, unless it does so while we look."""
        code, caller = frame.f_code, frame.f_back
        if self._busy or event != "return" or not code.co_filename.startswith(str(PACKAGE)):
            return
        if code in self.given_back or caller is None or caller.f_code.co_filename == code.co_filename:
            return
        looks = self._looks[code] = self._looks.get(code, 0) + 1
        if looks > MOST_LOOKS:
            return
        self._busy = True
        try:
            if holds(result, self.number):
                self.given_back.add(code)
        finally:
            self._busy = False

    def modules(self) -> set[str]:
        """Return the modules that hand the number on."""
        return {str(Path(code.co_filename).relative_to(PACKAGE)) for code in self.given_back}


def way_of_a_departure(folder: Path) -> set[str]:
    """Simulate, measure and report a small world, and return the modules that hand on one departure."""
    overrides = {"days": 2, "replications": 1, "engine": "simpy", "baselines": ["habit"]}
    scenario = sim.load_scenario("two_lines_lesson", overrides)
    strategies = ["none", "individual"]
    journeys = sim.compare(scenario, strategies).tables["journeys"]
    by_habit = journeys["departure_s"] == journeys["habitual_departure_s"]
    numbers, counts = np.unique(journeys["departure_s"][by_habit], return_counts=True)
    watch = Watch(float(numbers[counts == len(strategies)][len(numbers) // 3]))
    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        sim.compare(scenario, strategies).write(folder)
    finally:
        sys.setprofile(before)
    return watch.modules()


def test_the_way_of_a_departure_is_short_and_the_one_that_the_notes_tell(tmp_path: Path) -> None:
    notes = (ROOT / "docs" / "design-notes.md").read_text(encoding="utf-8")
    told = re.findall(r"^\d+\. `sim/([a-z_/]+\.py)`", notes.split("## The way of one departure")[1], re.MULTILINE)
    found = way_of_a_departure(tmp_path / "run")
    assert all(f"sim/{module}" in notes for module in BY_WAYS)
    assert found <= set(told) | BY_WAYS, "hands a departure on, and docs/design-notes.md does not say so"
    assert set(told) | BY_WAYS <= found, "no longer on the way: take it out of docs/design-notes.md"
    assert len(told) < MOST_MODULES


class Holder:
    """Holds a value, as an object of the program does."""

    __module__ = "sim.something"

    def __init__(self, inside: object) -> None:
        self.inside = inside


@pytest.mark.parametrize(
    "value",
    [
        2.5,
        np.array([1.0, 2.5]),
        [{"a": (array("d", [2.5]),)}],
        Holder({"a": np.array([2.5])}),
    ],
)
def test_a_number_is_found_wherever_it_is_held(value: object) -> None:
    assert holds(value, 2.5)
    assert not holds(value, 2.25)
