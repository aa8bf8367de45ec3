"""A report of a run on disk holds columns of one run at a time, however many replications and strategies there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.worlds import bus_line, flow, world

import sim
from sim.metrics.grouping import split_by_run
from sim.records import stored_tables
from sim.records.folder import RunFolder, read_run_folder
from sim.report.html import render_report

NAMES = ["none", "same_for_all", "individual"]


def run_folder(path: Path, replications: int) -> RunFolder:
    line = bus_line("L", "ABC", [300, 300], range(0, 7200, 600))
    bus = {"bus": {"seats": 4, "capacity": 8}}
    more = {"days": 3, "days_kept": 2, "replications": replications, "advisor": {"penetration": 0.5}}
    scenario = world([line], [flow("A", "C", 600, 4800, 60), flow("A", "B", 600, 4800, 30)], bus, **more)
    sim.compare(scenario, NAMES).write(path)
    return read_run_folder(path)


class Counted:
    """Counts the rows that are read of each table, and the most bytes that are kept."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, most_bytes: int) -> None:
        self.rows: dict[str, int] = {}
        read = stored_tables.read_columns

        def counting(path: Path, *args: Any) -> dict[str, Any]:
            columns = read(path, *args)
            rows = max((len(column) for column in columns.values()), default=0)
            self.rows[path.stem] = max(self.rows.get(path.stem, 0), rows)
            return columns

        monkeypatch.setattr(stored_tables, "read_columns", counting)
        monkeypatch.setattr(stored_tables, "WHOLE_ROWS", 0)
        monkeypatch.setattr(stored_tables, "MOST_BYTES", most_bytes)


@pytest.mark.parametrize("replications", [1, 2, 4])
def test_a_report_reads_one_run_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, replications: int) -> None:
    run = run_folder(tmp_path / "run", replications)
    in_one_go = render_report(run.manifest, run.summary, run.tables())
    # The account and the scores of forecasts are of one strategy, whose replications are looked at side by side.
    of_strategies = {"account", "forecasts"}
    largest = {
        name: max(len(part) for part in split_by_run(table).values()) * (replications if name in of_strategies else 1)
        for name, table in run.tables().items()
        if name not in {"days", "fairness"}
    }
    counted = Counted(monkeypatch, most_bytes=1)
    assert render_report(run.manifest, run.summary, run.tables()) == in_one_go
    assert {"journeys", "periods", "account", "stop_visits"} <= set(counted.rows)
    for name, rows in largest.items():
        assert counted.rows.get(name, 0) <= rows, name


def test_rows_asked_for_are_those_of_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_folder(tmp_path / "run", 2)
    whole = {name: {column: table[column] for column in table.columns} for name, table in run.tables().items()}
    Counted(monkeypatch, most_bytes=1)
    for name in ("journeys", "legs", "stop_visits"):
        first = 0
        table = run.tables()[name]
        for part in split_by_run(table).values():
            inner = part.where(slice(1, None)).where(slice(0, 3))
            for column in part.columns:
                np.testing.assert_array_equal(part[column], whole[name][column][first : first + len(part)])
                np.testing.assert_array_equal(inner[column], whole[name][column][first + 1 : first + 4])
            first += len(part)
        assert first == len(table)
