"""Same seed, same bytes, whatever the number of processes; another seed, other numbers."""

from __future__ import annotations

import hashlib
from pathlib import Path

from support.command import process, remarks


def digests(folder: Path) -> dict[str, str]:
    files = [folder / "summary.json", *sorted((folder / "tables").glob("*.parquet"))]
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def test_bytes_depend_on_the_seed_and_on_nothing_else(here):
    for out, options in {
        "first": ["--seed", "3"],
        "parallel": ["--seed", "3", "--jobs", "2"],
        "other": ["--seed", "4"],
    }.items():
        done = process("compare", "tiny.yaml", "--set", "days=2", "--out", out, *options, cwd=here)
        assert (done.returncode, remarks(done.stderr)) == (0, [])
    first = digests(here / "first")
    assert len(first) == 11
    assert digests(here / "parallel") == first
    other = digests(here / "other")
    assert [name for name in first if first[name] == other[name]] == []
