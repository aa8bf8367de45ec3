"""Folders with a tiny scenario, and what the command makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from support.command import TINY, call


@pytest.fixture(scope="session", autouse=True)
def no_line_now_and_then() -> Iterator[None]:
    """Let a slow machine print what a fast one prints; tests of the line that is due after ten seconds ask for it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sim.cli.output._FIRST_LINE_S", float("inf"))
        yield


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder that holds tiny.yaml."""
    (tmp_path / "tiny.yaml").write_text(TINY, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def plain_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page without figures in the place of the report, where only the tables matter."""
    monkeypatch.setattr("sim.report.html.render_report", lambda *_: "<!doctype html><title>plain</title>")


@pytest.fixture(scope="session")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """The run folder of a comparison, not to be changed, and what the command printed."""
    folder = tmp_path_factory.mktemp("comparison")
    (folder / "tiny.yaml").write_text(TINY, encoding="utf-8")
    out = folder / "runs" / "tiny"
    return out, call("compare", folder / "tiny.yaml", "--out", out)
