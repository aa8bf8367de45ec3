"""Columns as entries: one assembler reads them, the page of tables is made of them, and other processes know them."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim
from sim.records.baseline_rows import BASELINE_COLUMN, baseline_schema
from sim.records.column import TableSchema, real, text, whole
from sim.records.reference import main, reference_text
from sim.records.schema import FURTHER_TABLES, TABLES
from sim.records.table import Cells, Table, assemble

ALL = (*TABLES, *FURTHER_TABLES)
SPEEDS = np.array([2.0, 4.0])


def test_a_further_column_is_one_entry() -> None:
    before = TableSchema("speeds", (), (real("speed", "m/s", "speed", lambda speeds: speeds),))
    after = TableSchema("speeds", (), (*before.columns, real("speed_km_h", "km/h", "", lambda speeds: 3.6 * speeds)))
    assert assemble(after, SPEEDS)["speed_km_h"].tolist() == [7.2, 14.4]
    assert "speed_km_h" not in assemble(before, SPEEDS).columns


def test_counted_values_are_read_under_the_name_of_the_column() -> None:
    schema = TableSchema("counts", (), (whole("n", "number"), text("stop_id", "stop")))
    table = assemble(schema, Cells({"n": np.array([3, 4]), "stop_id": np.array([1, 0])}, {"stop_id": ("a", "b")}))
    assert table["n"].tolist() == [3, 4]
    assert table.text("stop_id").tolist() == ["b", "a"]


@pytest.mark.parametrize(
    ("read", "message"), [(lambda n: n, "t.n is int64"), (lambda n: n[:1].astype(float), "different lengths")]
)
def test_what_an_entry_reads_is_checked(read, message: str) -> None:
    schema = TableSchema("t", (), (real("x", "", "", lambda n: n.astype(float)), real("n", "", "", read)))
    with pytest.raises(ValueError, match=message):
        assemble(schema, np.array([1, 2]))


def test_an_entry_without_a_reading_needs_counted_values() -> None:
    with pytest.raises(TypeError, match="needs counted values, not ndarray"):
        assemble(TableSchema("t", (), (whole("n", ""),)), SPEEDS)


@pytest.mark.parametrize("schema", ALL, ids=lambda schema: schema.name)
def test_another_process_gets_the_declared_table_itself(schema: TableSchema) -> None:
    columns = {name: np.zeros(0, dtype=np.int64) for name in schema.names}
    columns |= {column.name: np.zeros(0) for column in schema.columns if column.kind == "float64"}
    columns |= {column.name: np.zeros(0, dtype=bool) for column in schema.columns if column.kind == "bool"}
    names = {column.name: () for column in schema.columns if column.kind == "text"}
    assert pickle.loads(pickle.dumps(Table(schema, columns, names))).schema is schema


def test_page_of_tables_names_every_column_with_its_sentence(tmp_path: Path) -> None:
    page = reference_text()
    for schema in ALL:
        _, _, section = page.partition(f"### {schema.name}\n")
        section = section.partition("###")[0]
        assert f"A row is {schema.sentence}." in section
        for column in schema.columns:
            assert f"`{column.name}`" in section
            assert f"| {column.kind} | {column.unit} | {column.description} |" in section
    baseline = baseline_schema(TABLES[0]).column(BASELINE_COLUMN)
    assert f"| `baseline` | text |  | {baseline.description} |" in page
    assert main(tmp_path) == 0
    assert (tmp_path / "tables.md").read_text(encoding="utf-8") == page
    assert main(tmp_path / "missing") == 1


def test_vehicles_dwell_as_long_as_they_stand_without_being_held() -> None:
    line = bus_line("L", "ABC", [300, 300], [0, 600])
    bus = {"bus": {**INSTANT_BUS, "dead_time": 20}}
    visits = sim.run(world([line], [flow("A", "C", 0, 600, 10)], bus)).stop_visits
    stood_s = visits["departure_s"] - visits["arrival_s"]
    assert (visits["dwell_s"] + visits["holding_s"]).tolist() == stood_s.tolist()
    assert 20.0 in set(visits["dwell_s"])
