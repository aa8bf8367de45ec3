from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from sim.errors import RunFolderError
from sim.records import folder as folder_module
from sim.records.folder import (
    RunFolder,
    check_replaceable,
    json_ready,
    read_run_folder,
    replace_report,
    write_run_folder,
)
from sim.records.schema import TABLES
from sim.records.table import DTYPES, Table

MANIFEST = {"name": "Größe", "seed": 7, "kind": "run"}
SUMMARY = {"metrics": {"mean_wait_min": {"mean": np.float64(2.5), "half_width": float("nan"), "unit": "min"}}}


def make_tables(rows: int = 3) -> dict[str, Table]:
    tables = {}
    for schema in TABLES:
        columns = {column.name: np.zeros(rows, dtype=DTYPES[column.kind]) for column in schema.columns}
        names = {column.name: ("x",) for column in schema.columns if column.kind == "text"}
        tables[schema.name] = Table(schema, columns, names)
    return tables


def write(path: Path, seed: int = 7, html: str = "<html></html>") -> None:
    write_run_folder(path, {**MANIFEST, "seed": seed}, SUMMARY, make_tables(), html)


def test_folder_holds_what_the_contract_names(tmp_path: Path) -> None:
    write(tmp_path / "runs" / "first")
    run = tmp_path / "runs" / "first"
    found = {str(path.relative_to(run)) for path in run.rglob("*") if path.is_file()}
    tables = ("denied_boardings", "journeys", "legs", "periods", "stop_visits")
    assert found == {"manifest.json", "report.html", "summary.json", *(f"tables/{t}.parquet" for t in tables)}
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["first"]


def test_folder_is_read_back(tmp_path: Path) -> None:
    write(tmp_path / "run")
    run = read_run_folder(tmp_path / "run")
    assert isinstance(run, RunFolder)
    assert run.manifest == {**MANIFEST, "format": 1}
    assert run.summary == {
        "metrics": {"mean_wait_min": {"mean": 2.5, "half_width": None, "unit": "min"}},
    }
    assert list(run.tables()) == [schema.name for schema in TABLES]
    assert len(run.table("legs")) == 3
    with pytest.raises(RunFolderError, match="no table trips; there are journeys, legs"):
        run.table("trips")


def test_json_keeps_the_order_of_keys_and_knows_no_nan(tmp_path: Path) -> None:
    write(tmp_path / "run")
    text = (tmp_path / "run" / "manifest.json").read_text(encoding="utf-8")
    assert list(json.loads(text)) == ["name", "seed", "kind", "format"]
    assert "Größe" in text
    assert "NaN" not in (tmp_path / "run" / "summary.json").read_text(encoding="utf-8")


def test_json_ready_turns_everything_into_plain_values() -> None:
    value = {
        1: (np.int64(3), np.bool_(True), np.inf),
        "array": np.array([1.0, np.nan]),
        "path": Path("a") / "b",
        "text": "x",
        "none": None,
    }
    assert json_ready(value) == {
        "1": [3, True, None],
        "array": [1.0, None],
        "path": "a/b",
        "text": "x",
        "none": None,
    }


def test_folder_has_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "ordinary").mkdir()
    write(tmp_path / "run")
    assert (tmp_path / "run").stat().st_mode == (tmp_path / "ordinary").stat().st_mode


def test_older_run_is_replaced(tmp_path: Path) -> None:
    write(tmp_path / "run", seed=1)
    write(tmp_path / "run", seed=2)
    assert read_run_folder(tmp_path / "run").manifest["seed"] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    write(tmp_path / "run")
    assert read_run_folder(tmp_path / "run").manifest["seed"] == 7


def test_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    with pytest.raises(RunFolderError, match=r"holds chapter\.txt.*name another folder"):
        write(tmp_path / "thesis")
    assert (tmp_path / "thesis" / "chapter.txt").read_text() == "years of work"
    assert [path.name for path in tmp_path.iterdir()] == ["thesis"]


def test_run_with_a_note_added_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path / "run", seed=1)
    (tmp_path / "run" / "note.md").write_text("look at line 2")
    with pytest.raises(RunFolderError, match=r"holds note\.md"):
        check_replaceable(tmp_path / "run", "run")


def test_folder_of_tables_only_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "data" / "tables").mkdir(parents=True)
    with pytest.raises(RunFolderError, match=r"has no manifest\.json"):
        write(tmp_path / "data")


def test_file_in_the_way_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("x")
    with pytest.raises(RunFolderError, match="is a file"):
        write(tmp_path / "run")


def test_nothing_is_left_when_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "run", seed=1)

    def full_disk(table: Table, path: Path) -> None:
        path.write_text("half")
        if path.stem == "periods":
            raise RunFolderError("no space left")

    monkeypatch.setattr(folder_module, "write_table", full_disk)
    with pytest.raises(RunFolderError, match="no space left"):
        write(tmp_path / "run", seed=2)
    assert read_run_folder(tmp_path / "run").manifest["seed"] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_older_run_comes_back_when_the_last_step_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "run", seed=1)
    rename = Path.replace
    calls = []

    def refuse_second(self: Path, target: Path) -> Path:
        calls.append(target)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", refuse_second)
    with pytest.raises(RunFolderError, match="No space left on device"):
        write(tmp_path / "run", seed=2)
    assert read_run_folder(tmp_path / "run").manifest["seed"] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_parent_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(RunFolderError, match="cannot be written"):
        write(tmp_path / "file" / "run")


@pytest.mark.parametrize(
    ("kind", "summary"),
    [
        ("run", {}),
        ("run", {"metrics": 3}),
        ("run", {"metrics": {"mean_wait_min": 3}}),
        ("comparison", {"metrics": {}}),
        ("comparison", {"strategies": {"none": 3}}),
        ("comparison", {"strategies": {"none": {"mean_wait_min": 3}}}),
    ],
)
def test_a_summary_without_metrics_in_their_place_is_refused(tmp_path: Path, kind: str, summary: object) -> None:
    write_run_folder(tmp_path / "run", {**MANIFEST, "kind": kind}, SUMMARY, make_tables(), "<html></html>")
    (tmp_path / "run" / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    with pytest.raises(RunFolderError, match=r"summary\.json: does not hold the metrics"):
        read_run_folder(tmp_path / "run")


def test_all_tables_are_asked_for(tmp_path: Path) -> None:
    tables = make_tables()
    tables["other"] = tables.pop("legs")
    with pytest.raises(RunFolderError, match="missing or unknown: legs, other"):
        write_run_folder(tmp_path / "run", MANIFEST, SUMMARY, tables, "")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda run: run.rename(run.with_name("gone")), "no such folder"),
        (
            lambda run: (run / "manifest.json").unlink(),
            r"manifest\.json is missing, so this is not a run folder",
        ),
        (lambda run: (run / "summary.json").unlink(), r"summary\.json is missing"),
        (lambda run: (run / "manifest.json").write_text("{"), "cannot be read"),
        (lambda run: (run / "manifest.json").write_text("[]"), "an object is expected"),
        (
            lambda run: (run / "manifest.json").write_text('{"format": 99}'),
            "format: 99 is not readable here, 1 is",
        ),
        (lambda run: (run / "manifest.json").write_bytes(b"\xff"), "cannot be read"),
        (lambda run: (run / "tables" / "legs.parquet").unlink(), r"tables/legs\.parquet is missing"),
    ],
)
def test_broken_run_folder_is_said(tmp_path: Path, spoil, message: str) -> None:
    write(tmp_path / "run")
    spoil(tmp_path / "run")
    with pytest.raises(RunFolderError, match=message):
        read_run_folder(tmp_path / "run")


def test_report_is_replaced(tmp_path: Path) -> None:
    write(tmp_path / "run")
    path = replace_report(tmp_path / "run", "<p>new</p>")
    assert path.read_text(encoding="utf-8") == "<p>new</p>"
    assert len(list((tmp_path / "run").iterdir())) == 4
    with pytest.raises(RunFolderError, match="cannot be written"):
        replace_report(tmp_path / "absent", "")
