"""Counts at stops: by the id of a stop, or by a name that no other stop has."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import InputError
from sim.loading.stop_counts import read_stop_counts

NAMES = ("Market", "Harbour", "Harbour", "s1")


def read(tmp_path: Path, stop: str) -> list[int]:
    path = tmp_path / "counts.csv"
    path.write_text(f"counts,stop_id,start,end,persons\nboarding,{stop},07:00,08:00,9\n", encoding="utf-8")
    return read_stop_counts(path, ("s1", "s2", "s3", "s4"), ("L",), NAMES).stop.tolist()


def test_a_stop_goes_by_its_id_or_by_a_name_of_its_own(tmp_path):
    assert read(tmp_path, "s2") == [1]
    assert read(tmp_path, "Market") == [0]
    # An id wins over a name that looks like it: the fourth stop is called as the first is numbered.
    assert read(tmp_path, "s1") == [0]


def test_a_name_of_two_stops_is_told_with_their_ids(tmp_path):
    with pytest.raises(InputError) as told:
        read(tmp_path, "Harbour")
    (problem,) = told.value.problems
    assert problem.message == "several stops are called 'Harbour'; give the id of one: s2, s3"
    with pytest.raises(InputError, match="there is no stop of the run 'Harbur'"):
        read(tmp_path, "Harbur")
