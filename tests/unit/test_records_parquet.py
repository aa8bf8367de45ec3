from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pytest

from sim.errors import RunFolderError
from sim.records.contract import CONTRACT
from sim.records.parquet import write_table
from sim.records.schema import DENIED_BOARDINGS, TABLES, Column, TableSchema
from sim.records.stored_tables import stored_table
from sim.records.table import DTYPES, Table

SCHEMA = TableSchema(
    "things",
    ("n",),
    (
        Column("n", "int64", "", ""),
        Column("x_s", "float64", "s", ""),
        Column("good", "bool", "", ""),
        Column("stop_id", "text", "", ""),
        Column("cause", "text", "", ""),
    ),
)
NAMES = ("never used", "it's", "", "Größe 厦门", "007", "None")


def make_table(rows: int, names: tuple[str, ...] = NAMES) -> Table:
    n = np.arange(rows, dtype=np.int64)
    x = n / 7.0
    x[3::5] = np.nan
    return Table(
        SCHEMA,
        {"n": n - 2, "x_s": x, "good": n % 3 == 0, "stop_id": 1 + n[::-1] % 5, "cause": 0 * n},
        {"stop_id": names, "cause": ("",)},
    )


def assert_same(left: Table, right: Table) -> None:
    assert left.schema is right.schema
    for column in left.schema.columns:
        if column.kind == "text":
            assert left.text(column.name).tolist() == right.text(column.name).tolist()
        else:
            assert left[column.name].dtype == right[column.name].dtype
            np.testing.assert_array_equal(left[column.name], right[column.name])


@pytest.mark.parametrize("rows", [0, 1, 11, 300_000])
def test_what_is_read_is_what_was_written(tmp_path: Path, rows: int) -> None:
    table = make_table(rows)
    write_table(table, tmp_path / "t.parquet")
    assert_same(stored_table(tmp_path / "t.parquet", SCHEMA), table)


def test_names_come_back_in_the_order_of_first_use(tmp_path: Path) -> None:
    write_table(make_table(4), tmp_path / "t.parquet")
    assert stored_table(tmp_path / "t.parquet", SCHEMA).categories["stop_id"] == (
        "007",
        "Größe 厦门",
        "",
        "it's",
    )


def test_extreme_numbers_survive(tmp_path: Path) -> None:
    table = make_table(3)
    table.columns["x_s"][:] = [np.inf, -0.0, 1e-320]
    table.columns["n"][:] = [2**63 - 1, -(2**63), 0]
    write_table(table, tmp_path / "t.parquet")
    back = stored_table(tmp_path / "t.parquet", SCHEMA)
    assert_same(back, table)
    assert np.signbit(back["x_s"][1])


def test_columns_have_the_declared_types_and_nan_is_null_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    write_table(make_table(5), path)
    connection = duckdb.connect()
    types = connection.execute(f"describe select * from '{path}'").fetchall()
    assert [(row[0], row[1]) for row in types] == [
        ("n", "BIGINT"),
        ("x_s", "DOUBLE"),
        ("good", "BOOLEAN"),
        ("stop_id", "VARCHAR"),
        ("cause", "VARCHAR"),
    ]
    assert connection.execute(f"select n from '{path}' where x_s is null").fetchall() == [(1,)]
    assert connection.execute(f"select count(*) from '{path}' where cause is null").fetchall() == [(0,)]


def test_bytes_hang_on_content_only(tmp_path: Path) -> None:
    table = make_table(200_000)
    order = (3, 5, 4, 0, 2, 1)
    recoded = Table(
        SCHEMA,
        {**table.columns, "stop_id": np.argsort(order)[table["stop_id"]]},
        {"stop_id": tuple(NAMES[i] for i in order), "cause": ("", "unused")},
    )
    (tmp_path / "elsewhere").mkdir()
    write_table(table, tmp_path / "a.parquet")
    write_table(recoded, tmp_path / "elsewhere" / "b.parquet")
    first = (tmp_path / "a.parquet").read_bytes()
    assert (tmp_path / "elsewhere" / "b.parquet").read_bytes() == first
    recoded.columns["x_s"][17] += 1e-9
    write_table(recoded, tmp_path / "elsewhere" / "b.parquet")
    assert (tmp_path / "elsewhere" / "b.parquet").read_bytes() != first


def test_bytes_are_the_same_in_another_process(tmp_path: Path) -> None:
    write_table(make_table(150_000), tmp_path / "a.parquet")
    code = (
        "import sys, pathlib; sys.path[:0] = sys.argv[1:3]; import test_records_parquet as t\n"
        "t.write_table(t.make_table(150_000), pathlib.Path(sys.argv[3]))"
    )
    here = Path(__file__).resolve()
    subprocess.run(
        [sys.executable, "-c", code, str(here.parent), str(here.parents[2]), str(tmp_path / "b.parquet")],
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "7"},
    )
    digests = [hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in ("a.parquet", "b.parquet")]
    assert digests[0] == digests[1]


def test_names_of_folders_are_taken_literally(tmp_path: Path) -> None:
    folder = tmp_path / "a[1]*? it's"
    folder.mkdir()
    (tmp_path / "a1").mkdir()
    write_table(make_table(3), folder / "t.parquet")
    assert len(stored_table(folder / "t.parquet", SCHEMA)) == 3


def test_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match=r"nothing\.parquet: no such file"):
        stored_table(tmp_path / "nothing.parquet", SCHEMA)


def test_missing_folder_is_said_on_writing(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="cannot be written"):
        write_table(make_table(1), tmp_path / "no" / "t.parquet")


def test_file_that_is_no_parquet_is_said(tmp_path: Path) -> None:
    (tmp_path / "t.parquet").write_text("hello")
    with pytest.raises(RunFolderError, match=r"t\.parquet: cannot be read: "):
        stored_table(tmp_path / "t.parquet", SCHEMA)


def test_what_an_earlier_version_did_not_write_is_blank(tmp_path: Path) -> None:
    further = (Column("fare", "float64", "", ""), Column("group", "text", "", ""), Column("of", "int64", "", ""))
    newer = TableSchema("denied_boardings", ("time_s",), (*DENIED_BOARDINGS.columns, *further))
    zeros = {column.name: np.zeros(2, DTYPES[column.kind]) for column in DENIED_BOARDINGS.columns}
    older = Table(DENIED_BOARDINGS, zeros, dict.fromkeys(("strategy", "trip_id", "stop_id"), ("x",)))
    write_table(older, tmp_path / "t.parquet")
    table = stored_table(tmp_path / "t.parquet", newer)
    assert np.isnan(table["fare"]).all()
    assert table.text("group").tolist() == ["", ""]
    assert table["of"].tolist() == [-1, -1]


def test_missing_column_is_said(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    duckdb.connect().execute(f"copy (select 1 as n, 2.0 as x_s, true as good) to '{path}' (format parquet)")
    with pytest.raises(RunFolderError, match="table things has no column stop_id, cause"):
        stored_table(path, SCHEMA)


@pytest.mark.parametrize(
    ("select", "message"),
    [
        (
            "'abc' as n, 1.0 as x_s, true as good, 'a' as stop_id, '' as cause",
            "Could not convert string 'abc'",
        ),
        ("null as n, 1.0 as x_s, true as good, 'a' as stop_id, '' as cause", "column n has missing values"),
    ],
)
def test_values_of_the_wrong_kind_are_said(tmp_path: Path, select: str, message: str) -> None:
    path = tmp_path / "t.parquet"
    duckdb.connect().execute(f"copy (select {select}) to '{path}' (format parquet)")
    table = stored_table(path, SCHEMA)
    with pytest.raises(RunFolderError, match=message):
        table["n"]


def test_table_of_another_writer_is_read(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    duckdb.connect().execute(
        "copy (select 1::int as n, 'nan'::float as x_s, 1 as good, null as stop_id, 5 as cause, 9 as more)"
        f" to '{path}' (format parquet)"
    )
    table = stored_table(path, SCHEMA)
    assert (table["n"][0], table["good"][0], table.text("stop_id")[0], table.text("cause")[0]) == (
        1,
        True,
        "",
        "5",
    )
    assert np.isnan(table["x_s"][0])


def test_tables_have_the_columns_that_others_rely_on() -> None:
    assert {
        table.name: tuple(name for name in table.names if name in CONTRACT[table.name]) for table in TABLES
    } == CONTRACT
    for table in TABLES:
        for column in table.columns:
            assert (column.kind == "float64") >= column.name.endswith("_s"), f"{table.name}.{column.name}"
