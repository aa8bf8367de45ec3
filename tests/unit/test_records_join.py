"""Parquet files joined by their row groups: rows, statistics and filters are where the new footer says."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import RunFolderError
from sim.records.column import TableSchema, flag, real, text, whole
from sim.records.parquet import write_table
from sim.records.parquet_join import join_parquet
from sim.records.stored_tables import stored_table
from sim.records.table import Table, concatenate
from sim.records.thrift_compact import (
    BINARY,
    FALSE,
    I64,
    LIST,
    STRUCT,
    TRUE,
    Field,
    Items,
    read_structure,
    write_structure,
)

SCHEMA = TableSchema("things", ("n",), (whole("n", ""), real("x_s", "s", ""), flag("good", ""), text("stop_id", "")))


def part(first: int, rows: int) -> Table:
    n = np.arange(first, first + rows, dtype=np.int64)
    x_s = np.where(n % 5 == 0, np.nan, n / 7.0)
    return Table(
        SCHEMA, {"n": n, "x_s": x_s, "good": n % 3 == 0, "stop_id": n % 4}, {"stop_id": ("a", "b", "Größe", "")}
    )


def written(folder: Path, sizes: list[int]) -> tuple[list[Path], list[Table]]:
    paths, tables, first = [], [], 0
    for number, rows in enumerate(sizes):
        tables.append(part(first, rows))
        paths.append(folder / f"{number}.parquet")
        write_table(tables[-1], paths[-1])
        first += rows
    return paths, tables


@pytest.mark.parametrize("sizes", [[3], [3, 4], [0, 5], [5, 0, 2], [0, 0], [200_000, 1, 130_000], [1] * 20])
def test_joined_files_hold_the_rows_of_their_parts_in_order(tmp_path: Path, sizes: list[int]) -> None:
    paths, tables = written(tmp_path, sizes)
    join_parquet(paths, tmp_path / "joined.parquet")
    found, wanted = stored_table(tmp_path / "joined.parquet", SCHEMA), concatenate(tables)
    for name in ("n", "x_s", "good"):
        np.testing.assert_array_equal(found[name], wanted[name])
    assert found.text("stop_id").tolist() == wanted.text("stop_id").tolist()


def test_readers_find_rows_by_statistics_and_filters(tmp_path: Path) -> None:
    paths, _ = written(tmp_path, [150_000, 150_000, 10])
    join_parquet(paths, tmp_path / "joined.parquet")
    source = f"read_parquet('{tmp_path}/joined.parquet')"
    for n in (0, 149_999, 150_000, 299_999, 300_009):
        assert duckdb.sql(f"select n, stop_id from {source} where n = {n}").fetchall() == [
            (n, ("a", "b", "Größe", "")[n % 4])
        ]
    assert duckdb.sql(f"select count(*) from {source} where stop_id = 'b'").fetchall() == [(75_003,)]
    groups = duckdb.sql(f"select count(distinct row_group_id) from parquet_metadata('{tmp_path}/joined.parquet')")
    assert groups.fetchall() == [(5,)]


def test_one_file_alone_stays_as_it_is(tmp_path: Path) -> None:
    paths, _ = written(tmp_path, [1000])
    join_parquet(paths, tmp_path / "joined.parquet")
    assert (tmp_path / "joined.parquet").read_bytes() == paths[0].read_bytes()


def test_broken_parts_and_those_of_another_schema_are_refused(tmp_path: Path) -> None:
    paths, _ = written(tmp_path, [10, 10])
    other = TableSchema("things", ("n",), (whole("n", ""),))
    write_table(Table(other, {"n": np.arange(3)}, {}), tmp_path / "other.parquet")
    with pytest.raises(RunFolderError, match="other columns"):
        join_parquet([paths[0], tmp_path / "other.parquet"], tmp_path / "joined.parquet")
    whole_file = paths[1].read_bytes()
    for cut in (0, 6, len(whole_file) - 5):
        paths[1].write_bytes(whole_file[:cut])
        with pytest.raises(RunFolderError, match="no whole Parquet file"):
            join_parquet(paths, tmp_path / "joined.parquet")
    paths[1].write_bytes(whole_file[:-20] + bytes([0x1D] * 12) + whole_file[-8:])
    with pytest.raises(RunFolderError):
        join_parquet(paths, tmp_path / "joined.parquet")


values = st.recursive(
    st.one_of(
        st.tuples(st.just(I64), st.integers(-(2**63), 2**63 - 1)),
        st.tuples(st.just(BINARY), st.binary(max_size=200)),
        st.sampled_from([(TRUE, True), (FALSE, False)]),
        st.tuples(st.just(LIST), st.lists(st.integers(-5, 2**40), max_size=40).map(lambda items: Items(I64, items))),
    ),
    lambda inner: st.tuples(
        st.just(STRUCT),
        st.dictionaries(st.integers(1, 300), inner, max_size=5).map(
            lambda fields: [Field(number, *fields[number]) for number in sorted(fields)]
        ),
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.integers(1, 300), values, max_size=6))
def test_structures_come_back_as_written(fields: dict[int, tuple[int, object]]) -> None:
    structure = [Field(number, *fields[number]) for number in sorted(fields)]
    assert read_structure(write_structure(structure)) == structure
