"""The catalogue of a sweep: what was altered in it is not believed, what is damaged is told in a line."""

from __future__ import annotations

import random
import sqlite3

import numpy as np
import pytest

from sim.errors import RunFolderError
from sim.records.catalogue import Catalogue, Finished

METRICS = {"mean_wait_min": 4.5, "unknown": float("nan")}
PIECE = Finished("individual", 3, METRICS, np.arange(6.0).reshape(2, 3), np.arange(3.0))


def kept(path, shared=False):
    with Catalogue(path, shared) as catalogue:
        catalogue.store("key", PIECE)
        catalogue.store("other", PIECE)
    return path


def test_what_was_stored_is_found(tmp_path):
    with Catalogue(kept(tmp_path / "sweep.sqlite")) as catalogue:
        assert catalogue.find("key").equals(PIECE)
        assert catalogue.find("nothing") is None
        assert catalogue.distrusted == 0


@pytest.mark.parametrize(
    "change",
    [
        "metrics = replace(metrics, '4.5', '1.5')",
        "metrics = 7",
        "metrics = '[]'",
        "paired = zeroblob(10)",
        "paired = 'text'",
        "settled = zeroblob(10)",
        "strategy = 'coordinated'",
        "replication = replication + 1",
        "replication = 'three'",
        "digest = ''",
        "key = 'moved'",
    ],
)
def test_a_row_that_was_altered_is_not_believed(tmp_path, change):
    path = kept(tmp_path / "sweep.sqlite")
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(f"UPDATE finished SET {change} WHERE key = 'key'")
    connection.close()
    with Catalogue(path) as catalogue:
        found = catalogue.find("moved" if change.startswith("key") else "key")
        assert found is None
        assert catalogue.distrusted == 1
        assert catalogue.find("other").equals(PIECE)
        catalogue.store("key", PIECE)
        assert catalogue.find("key").equals(PIECE)


def test_a_catalogue_of_an_earlier_version_is_gone_on_with(tmp_path):
    path = kept(tmp_path / "sweep.sqlite")
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("ALTER TABLE finished DROP COLUMN digest")
    connection.close()
    with Catalogue(path) as catalogue:
        assert catalogue.find("key") is None
        catalogue.store("key", PIECE)
        assert catalogue.find("key").equals(PIECE)


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_file_gives_the_piece_or_nothing_or_an_error(tmp_path, seed):
    chance, path = random.Random(seed), kept(tmp_path / "sweep.sqlite", shared=True)
    data = bytearray(path.read_bytes())
    for _ in range(chance.choice([1, 20, 400])):
        data[chance.randrange(len(data))] = chance.randrange(256)
    path.write_bytes(bytes(data[: chance.choice([len(data), len(data), 5000])]))
    found, told = None, str(path)
    try:
        with Catalogue(path) as catalogue:
            found = catalogue.find("key")
            catalogue.store("more", PIECE)
    except RunFolderError as error:
        told = str(error)
    assert found is None or found.equals(PIECE)
    assert told.startswith(str(path))


def test_a_file_that_cannot_be_made_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("sim.records.catalogue._LAYOUT", "no SQL")
    with pytest.raises(RunFolderError):
        Catalogue(tmp_path / "sweep.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_a_catalogue_that_another_process_writes_to_is_read_meanwhile(tmp_path, monkeypatch):
    monkeypatch.setattr("sim.records.catalogue._PATIENCE_S", 0.05)
    with Catalogue(tmp_path / "sweep.sqlite") as mine:
        mine.store("key", PIECE)
    writer = sqlite3.connect(tmp_path / "sweep.sqlite", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    with Catalogue(tmp_path / "sweep.sqlite") as other:
        assert other.find("key").equals(PIECE)
    writer.close()
