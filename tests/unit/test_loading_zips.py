"""Feeds in zips: names written in odd ways, damaged files, and zips that would fill the memory."""

from __future__ import annotations

import random
import struct
import zipfile
from pathlib import Path

import pytest
from support.small_feed import FEED, write_feed, zip_feed

from sim.errors import NetworkError
from sim.loading import feed_zip
from sim.loading.network_folder import load_network


def written(path: Path, names: dict[str, str], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """Write the feed with members of other names; the rest keep theirs."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, text in FEED.items():
            archive.writestr(names.get(name, name), text)
    return path


def complaints(path: Path) -> list[str]:
    with pytest.raises(NetworkError) as caught:
        load_network(path)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("before", ["./", "sub//", "sub/./", "a/../b/"])
def test_names_written_in_odd_ways_are_read(tmp_path, before):
    path = written(tmp_path / "feed.zip", {name: before + name for name in FEED})
    assert load_network(path).service.trip_id == load_network(zip_feed(tmp_path / "plain.zip")).service.trip_id


def test_a_folder_is_no_table(tmp_path):
    path = zip_feed(tmp_path / "feed.zip", {"stops.txt": None})
    with zipfile.ZipFile(path, "a") as archive:
        archive.mkdir("stops.txt/")
    assert complaints(path) == [f"{path}: the zip holds no stops.txt: not a GTFS feed"]
    folder = write_feed(tmp_path / "feed", {"stops.txt": None})
    (folder / "stops.txt").mkdir()
    assert complaints(folder)[0].startswith(f"{folder}/stops.txt: the file is missing")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_only_ordinary_zips_are_read(tmp_path, method):
    found = complaints(written(tmp_path / "feed.zip", {}, method))
    assert "cannot be read: it is packed in another way than 'deflate'; pack the feed again" in found[0]


@pytest.mark.parametrize("seed", range(60))
def test_damage_is_told_in_lines(tmp_path, seed):
    path = written(tmp_path / "feed.zip", {}, zipfile.ZIP_DEFLATED if seed % 2 else zipfile.ZIP_STORED)
    chance, data = random.Random(seed), bytearray(path.read_bytes())
    for _ in range(chance.choice([1, 3, 30])):
        data[chance.randrange(len(data))] = chance.randrange(256)
    path.write_bytes(bytes(data[: chance.choice([len(data), len(data) - 30, len(data) // 2])]))
    problems = []
    try:
        load_network(path)
    except NetworkError as error:
        problems = [str(problem) for problem in error.problems]
    assert all(problem.startswith(str(path)) for problem in problems)


def test_a_password_is_told(tmp_path):
    path = zip_feed(tmp_path / "feed.zip")
    data = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + flags] |= 1
            at = data.find(mark, at + 4)
    path.write_bytes(bytes(data))
    assert "is encrypted" in complaints(path)[0]


def declared(path: Path, size: int) -> None:
    """Let the zip declare another size of stops.txt, in both places."""
    data = path.read_bytes()
    true = struct.pack("<I", len(FEED["stops.txt"]))
    assert data.count(true) == 2
    path.write_bytes(data.replace(true, struct.pack("<I", size)))


def test_a_table_that_grows_too_much_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    path = written(tmp_path / "feed.zip", {})
    declared(path, 2_000_000_000)
    opened, unpack = [], zipfile.ZipFile.open
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *given: opened.append(given[1].filename) or unpack(*given))
    found = complaints(path)
    assert found[0].startswith(f"{path}/stops.txt: cannot be read: it would grow from 0.0 GB to 2.0 GB when unpacked")
    assert "trips.txt" in opened
    assert "stops.txt" not in opened


def test_no_more_is_unpacked_than_declared(tmp_path, monkeypatch):
    path = tmp_path / "packed.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in FEED.items():
            archive.writestr(name, text + ("\n" * 20_000_000 if name == "stops.txt" else ""))
    data, true = path.read_bytes(), struct.pack("<I", len(FEED["stops.txt"]) + 20_000_000)
    path.write_bytes(data.replace(true, struct.pack("<I", len(FEED["stops.txt"]))))
    taken = []
    read = zipfile.ZipExtFile.read
    monkeypatch.setattr(zipfile.ZipExtFile, "read", lambda self, n=-1: taken.append(n) or read(self, n))
    assert "Bad CRC-32" in complaints(path)[0]
    assert set(taken) == {feed_zip._CHUNK}


def test_what_memory_cannot_hold_is_told_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr("sim.loading.network_files.available_memory", lambda: 100.0)
    folder = write_feed(tmp_path / "feed", {"stops.txt": FEED["stops.txt"] + " " * 100})
    found = complaints(folder)
    assert f"{folder}/stops.txt: holds 0.0 GB, and there are 0.0 GB of memory" in found


def test_a_zip_that_one_may_not_read_is_not_called_no_zip(tmp_path, monkeypatch):
    def refused(*_):
        raise PermissionError(13, "Permission denied")

    written(tmp_path / "feed.zip", {})
    load_network(tmp_path / "feed.zip")
    monkeypatch.setattr("sim.loading.network_files.zip_members", refused)
    with pytest.raises(NetworkError, match=r"feed\.zip: may not be read by this user$"):
        load_network(tmp_path / "feed.zip")
