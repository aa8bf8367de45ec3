"""Input at random into all readers: errors for the user may come of it, and nothing else.

A few examples here, always the same; 10,000 of each reader with ``HYPOTHESIS_PROFILE=thorough``.
"""

from __future__ import annotations

import os
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.fuzzing import TOKENS, Target, targets

from fuzz.guided import MOST_KEPT, kept
from sim.errors import SimError

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
SLOW = frozenset({"app", "run_folder"})
"""A report or an answer is made of what is read, which takes part of a second."""

_NAMES = tuple(targets())


def examples(name: str) -> int:
    return 10_000 if THOROUGH else 10 if name in SLOW else 40


@cache
def target(name: str) -> Target:
    return targets()[name]()


@st.composite
def edited(draw: st.DrawFn, seeds: tuple[bytes, ...]) -> bytes:
    """Draw good input with a few places of it taken out, exchanged or filled in."""
    data = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(data)))
        length = draw(st.one_of(st.integers(0, 12), st.just(0), st.integers(0, len(data) - start)))
        data = data[:start] + draw(st.one_of(st.sampled_from(TOKENS), st.binary(max_size=8))) + data[start + length :]
    return data


@pytest.mark.parametrize("name", _NAMES)
def test_a_reader_tells_whatever_is_wrong(name):
    reader = target(name)

    @settings(max_examples=examples(name), suppress_health_check=list(HealthCheck))
    @given(st.one_of(edited(reader.seeds), edited(reader.seeds), st.binary(max_size=200)))
    def read(data: bytes) -> None:
        reader(data)

    read()


@pytest.mark.parametrize("name", _NAMES)
def test_input_that_once_reached_new_lines_is_told(name):
    inputs = kept(name)
    assert len(inputs) <= MOST_KEPT
    for data in inputs:
        target(name)(data)


FOUND = (("counts", b"stop_id,period_start,period_end,boardings\n"),)
"""Input that once was a fault."""


@pytest.mark.parametrize(("name", "data"), FOUND)
def test_what_was_a_fault_is_told(name, data):
    with pytest.raises(SimError):
        target(name).read(data)


@pytest.mark.parametrize("name", _NAMES)
def test_seeds_are_good_input(name):
    reader = target(name)
    for seed in reader.seeds:
        reader.read(seed)
