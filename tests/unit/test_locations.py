"""The folders that come with peakshift are found in a wheel and in a clone."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim import locations
from sim.errors import SimError

FINDERS = [(locations.scenarios_dir, "scenarios"), (locations.networks_dir, "networks")]


@pytest.mark.parametrize(("find", "name"), FINDERS)
def test_a_clone_has_them_beside_the_package(find, name, project_root):
    assert find() == project_root / name


@pytest.mark.parametrize(("find", "name"), FINDERS)
def test_a_wheel_has_them_inside_the_package_and_these_win(find, name, tmp_path, monkeypatch):
    package = tmp_path / "sim"
    inside, beside = package / "bundled" / name, tmp_path / name
    beside.mkdir(parents=True)
    monkeypatch.setattr(locations, "_PACKAGE", package)
    assert find() == beside
    inside.mkdir(parents=True)
    assert find() == inside


@pytest.mark.parametrize(("find", "name"), FINDERS)
def test_a_missing_folder_is_named_with_the_places_searched(find, name, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(locations, "_PACKAGE", tmp_path / "sim")
    with pytest.raises(SimError, match=name) as caught:
        find()
    assert str(tmp_path / "sim" / "bundled" / name) in str(caught.value)
