"""Which engine runs a scenario, and what is said about it."""

from __future__ import annotations

import re
import sys
from enum import IntEnum

import pytest

from sim.compiled import PREFERENCE, NoLibraryError
from sim.compiled.build import ENGINE
from sim.engine import rules
from sim.engine.simulate import choose_engine
from sim.errors import EngineError
from sim.model import journeys
from sim.model.outcome import Cause, Disruption


@pytest.fixture(autouse=True)
def no_preference(monkeypatch):
    monkeypatch.delenv(PREFERENCE, raising=False)


@pytest.fixture
def without_kernel(monkeypatch):
    def load():
        raise NoLibraryError("it was not compiled")

    monkeypatch.setattr(sys.modules[choose_engine.__module__], "load", load)


@pytest.fixture
def with_kernel(monkeypatch):
    monkeypatch.setattr(sys.modules[choose_engine.__module__], "load", object)


def test_auto_takes_the_compiled_engine_where_it_is(with_kernel):
    assert choose_engine("auto").name == "compiled"


def test_auto_takes_simpy_where_nothing_was_compiled_and_says_why(without_kernel):
    chosen = choose_engine("auto")
    assert (chosen.name, chosen.reason) == ("simpy", "the compiled engine cannot be used: it was not compiled")


def test_auto_takes_simpy_for_a_holding_rule_in_python(with_kernel):
    chosen = choose_engine("auto", own_holding=True)
    assert (chosen.name, chosen.reason) == ("simpy", "the holding rule is in Python")


def test_what_is_asked_for_is_taken(with_kernel):
    assert [choose_engine(name).name for name in ("simpy", "compiled")] == ["simpy", "compiled"]


def test_compiled_cannot_ask_a_rule_in_python(with_kernel):
    with pytest.raises(EngineError, match="cannot ask a holding rule in Python; use auto or simpy"):
        choose_engine("compiled", own_holding=True)


def test_compiled_without_a_library_is_one_line(without_kernel):
    with pytest.raises(EngineError) as error:
        choose_engine("compiled")
    assert str(error.value) == "the compiled engine cannot be used: it was not compiled"


def test_an_unknown_engine_is_refused():
    with pytest.raises(EngineError, match="there is no engine quick; there are auto, simpy and compiled"):
        choose_engine("quick")


@pytest.mark.parametrize(("wanted", "chosen"), [("auto", "simpy"), ("compiled", "compiled")])
def test_a_preference_decides_only_where_auto_would(monkeypatch, with_kernel, wanted, chosen):
    monkeypatch.setenv(PREFERENCE, "simpy")
    assert choose_engine(wanted).name == chosen


def test_a_preference_for_the_compiled_engine_leaves_rules_in_python_to_simpy(monkeypatch, with_kernel):
    monkeypatch.setenv(PREFERENCE, "compiled")
    assert choose_engine("auto", own_holding=True).name == "simpy"


ENUMERATIONS: dict[str, type[IntEnum]] = {
    "BOARDING": rules.BoardingRule,
    "DWELL": rules.DwellKind,
    "HOLDING": rules.HoldingKind,
    "CAUSE": Cause,
    "DISRUPTION": Disruption,
}
LEGS = {name: getattr(journeys, name) for name in ("AS_PLANNED", "AT_GOAL", "NO_FALLBACK", "ON_FOOT")}


def test_numbers_of_the_kernel_are_those_of_the_enumerations():
    text = (ENGINE.folder / "numbers.h").read_text()
    pairs = re.findall(r"\b([A-Z]+)_([A-Z_]+) = (-?\d+)", text)
    compared = 0
    for kind, name, number in pairs:
        if kind in ENUMERATIONS:
            assert ENUMERATIONS[kind][name] == int(number), name
            compared += 1
        elif kind == "LEG":
            assert LEGS[name] == int(number), name
            compared += 1
    assert compared == len([pair for pair in pairs if pair[0] != "FAILED"]) == 27
