"""A sweep in parts: the same bytes as in one process, whatever the number of parts and whichever is lost."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from support.sweeps import NAMES, swept_file

import sim
from sim.errors import RunFolderError, ShardError
from sim.records.catalogue import Catalogue

VARY = {"advisor.penetration": [0.4, 1]}
COMPARED = ("summary.json", "results.csv")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scenario that is swept."""
    return swept_file(tmp_path_factory.mktemp("parted"), "parted", replications=3, days=2, commuters=60)


@pytest.fixture(scope="module")
def whole(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that one process writes."""
    folder = tmp_path_factory.mktemp("whole") / "out"
    sim.sweep(file, VARY, NAMES, folder=folder)
    return folder


def run_shards(file: Path, catalogue: Path, count: int, *, left_out: int = 0) -> list[int]:
    """Run the shards in turn; return how many pieces each ran."""
    return [
        sim.sweep_shard(file, VARY, NAMES, shard=f"{number}/{count}", catalogue=catalogue).run
        for number in range(1, count + 1)
        if number != left_out
    ]


def content_of(folder: Path) -> dict[str, object]:
    """Return what a sweep found: its files byte for byte, its catalogue row by row, its manifest without times."""
    with closing(sqlite3.connect(folder / "sweep.sqlite")) as connection:
        rows = connection.execute("SELECT * FROM finished ORDER BY key").fetchall()
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    times = {"created", "duration_s"}
    return {
        **{name: (folder / name).read_bytes() for name in COMPARED},
        "catalogue": rows,
        "manifest": {key: value for key, value in manifest.items() if key not in times},
    }


@pytest.mark.parametrize("count", [1, 2, 7])
def test_shards_put_together_are_what_one_process_finds(file, whole, tmp_path, count):
    run = run_shards(file, tmp_path / "shards", count)
    assert len(run) == count
    sim.sweep(file, VARY, NAMES, folder=tmp_path / "out", collect=tmp_path / "shards")
    assert content_of(tmp_path / "out") == content_of(whole)


def test_a_lost_shard_costs_only_itself(file, whole, tmp_path):
    shards = tmp_path / "shards"
    run = run_shards(file, shards, 7, left_out=3)
    with pytest.raises(ShardError, match=r"of 15 pieces are missing; run again with --shard 3/7$"):
        sim.sweep(file, VARY, NAMES, folder=tmp_path / "out", collect=shards)
    again = run_shards(file, shards, 7)
    assert [done for done in again if done] == [again[2]]
    assert again[2] <= max(run) + 1
    sim.sweep(file, VARY, NAMES, folder=tmp_path / "out", collect=shards)
    assert content_of(tmp_path / "out") == content_of(whole)


def test_a_shard_goes_on_where_it_was_killed(file, tmp_path):
    class StoppedError(Exception):
        pass

    def stop_after_two(finished: int, _total: int) -> None:
        if finished == 2:
            raise StoppedError

    with pytest.raises(StoppedError):
        sim.sweep_shard(file, VARY, NAMES, shard="1/2", catalogue=tmp_path, progress=stop_after_two)
    report = sim.sweep_shard(file, VARY, NAMES, shard="1/2", catalogue=tmp_path)
    assert report.run == report.pieces - 2
    # One file and no journal: folders that machines share know no write-ahead logging.
    assert [path.name for path in tmp_path.iterdir()] == ["shard-1-of-2.sqlite"]


def test_shards_of_another_number_are_refused(file, tmp_path):
    sim.sweep_shard(file, VARY, NAMES, shard="7/7", catalogue=tmp_path)
    with pytest.raises(ShardError, match=r"holds shard 7/7, so this cannot be 1/1: .* write --shard I/7"):
        sim.sweep_shard(file, VARY, NAMES, shard="1/1", catalogue=tmp_path)


def test_nothing_to_collect_is_told(file, tmp_path):
    with pytest.raises(RunFolderError, match="holds no catalogue of a shard"):
        sim.sweep(file, VARY, NAMES, collect=tmp_path / "none")


def test_shards_that_disagree_are_refused(file, tmp_path):
    """The reference at the boundary of two shards is run by both; one machine that computes otherwise shows there."""
    run_shards(file, tmp_path, 2)
    path = tmp_path / "shard-1-of-2.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        keys = [key for (key,) in connection.execute("SELECT key FROM finished WHERE strategy = 'none'")]
    changed = 0
    with Catalogue(path) as catalogue:
        for key in keys:
            done = catalogue.find(key)
            assert done is not None
            # As the machine would have stored it, with a digest of its own.
            catalogue.store(key, replace(done, metrics={**done.metrics, "mean_wait_min": 99.0}))
            changed += 1
    assert changed > 0
    with pytest.raises(RunFolderError, match=r"shard-2-of-2.*none, replication \d, is not what another shard found"):
        sim.sweep(file, VARY, NAMES, collect=tmp_path)


def test_results_of_another_sweep_do_not_count(file, tmp_path):
    run_shards(file, tmp_path / "shards", 1)
    shutil.copytree(tmp_path / "shards", tmp_path / "copied")
    with pytest.raises(ShardError, match=r"15 of 15 pieces are missing"):
        sim.sweep(file, VARY, NAMES, overrides=["days=3"], collect=tmp_path / "copied")
