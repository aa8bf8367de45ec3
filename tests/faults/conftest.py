"""Commands that are broken off, and what they give when nothing disturbs them."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.command import TINY
from support.faults import Files, files_of, finish

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"

COMMANDS: dict[str, list[str]] = {
    "run": ["run", "tiny.yaml", "--replications", "6"],
    "compare": ["compare", "tiny.yaml", "--strategies", "none,individual", "--replications", "4"],
    "sweep": ["sweep", "tiny.yaml", "--vary", "advisor.penetration=0.2,0.4", "--strategies", "none,individual"],
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder that holds tiny.yaml alone."""
    (tmp_path / "tiny.yaml").write_text(TINY, encoding="utf-8")
    return tmp_path


@dataclass(frozen=True)
class Undisturbed:
    """A command that nothing disturbed: what it gave, and how many seconds it took on this machine as it is now."""

    files: Files
    took_s: float


class _Commands(dict[str, Undisturbed]):
    """Runs a command when it is asked about for the first time."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def __missing__(self, name: str) -> Undisturbed:
        begun = time.monotonic()
        finish(*COMMANDS[name], "--out", name, cwd=self.folder)
        self[name] = Undisturbed(files_of(self.folder / name), time.monotonic() - begun)
        return self[name]


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Undisturbed]:
    """What each command gives, by its name."""
    folder = tmp_path_factory.mktemp("undisturbed")
    (folder / "tiny.yaml").write_text(TINY, encoding="utf-8")
    return _Commands(folder)
