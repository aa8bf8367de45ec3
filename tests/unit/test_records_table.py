from __future__ import annotations

import numpy as np
import pytest
from support.tables import rows_of, table_of

from sim.records.schema import DENIED_BOARDINGS, TABLES, Column, TableSchema
from sim.records.table import Table, concatenate

SCHEMA = TableSchema("t", ("n",), (Column("n", "int64", "", "number"), Column("stop_id", "text", "", "stop")))
N = np.array([1, 2, 3])
CODES = np.array([1, 0, 1])


def make(names: tuple[str, ...] = ("a", "b")) -> Table:
    return Table(SCHEMA, {"n": N, "stop_id": CODES}, {"stop_id": names})


def test_texts_are_kept_as_codes() -> None:
    table = make()
    assert len(table) == 3
    assert table["stop_id"].tolist() == [1, 0, 1]
    assert table.text("stop_id").tolist() == ["b", "a", "b"]
    assert table.equals("stop_id", "b").tolist() == [True, False, True]
    assert table.equals("stop_id", "unknown").tolist() == [False, False, False]


@pytest.mark.parametrize("rows", [slice(1, None), np.array([False, True, True]), np.array([1, 2])])
def test_rows_are_taken_by_slice_mask_or_number(rows: slice | np.ndarray) -> None:
    part = make().where(rows)
    assert part["n"].tolist() == [2, 3]
    assert part.text("stop_id").tolist() == ["a", "b"]


def test_slice_does_not_copy() -> None:
    assert np.shares_memory(make().where(slice(0, 2))["n"], N)


@pytest.mark.parametrize(
    ("columns", "categories", "message"),
    [
        ({"n": N}, {"stop_id": ()}, "columns do not match the schema: stop_id"),
        ({"n": N, "stop_id": CODES, "more": N}, {"stop_id": ()}, "do not match the schema: more"),
        ({"n": N[:2], "stop_id": CODES}, {"stop_id": ()}, r"different lengths \[2, 3\]"),
        ({"n": N.astype(float), "stop_id": CODES}, {"stop_id": ()}, r"t\.n is float64, not int64"),
        ({"n": N, "stop_id": CODES}, {}, r"t\.stop_id has no names for its codes"),
    ],
)
def test_table_that_is_not_of_its_schema_is_refused(columns, categories, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Table(SCHEMA, columns, categories)


def test_tables_one_after_the_other_share_names() -> None:
    joined = concatenate([make(), make(("b", "c")), make().where(slice(0, 0))])
    assert joined["n"].tolist() == [1, 2, 3, 1, 2, 3]
    assert joined.text("stop_id").tolist() == ["b", "a", "b", "c", "b", "c"]
    assert joined.categories["stop_id"] == ("a", "b", "c")


def test_no_tables_and_tables_of_two_kinds_are_refused() -> None:
    with pytest.raises(ValueError, match="no tables"):
        concatenate([])
    with pytest.raises(ValueError, match="different schemas"):
        concatenate([make(), table_of(DENIED_BOARDINGS, [])])


def test_data_frame_has_texts() -> None:
    frame = make().to_pandas()
    assert frame.columns.tolist() == ["n", "stop_id"]
    assert frame["stop_id"].tolist() == ["b", "a", "b"]


def test_rows_come_back_from_a_table_made_of_them() -> None:
    rows = [{"strategy": "none", "commuter_id": 3, "trip_id": "t", "stop_id": "s", "time_s": 5.0}]
    assert rows_of(table_of(DENIED_BOARDINGS, rows)) == [{"replication": 0, "day": 0, **rows[0]}]


def test_schemas_have_every_column_of_the_contract() -> None:
    contract = {
        "journeys": "replication day strategy commuter_id origin_stop_id destination_stop_id preferred_arrival_s "
        "habitual_departure_s departure_s arrival_s wait_s in_vehicle_s walk_s transfers denied_boardings "
        "schedule_delay_early_s schedule_delay_late_s generalized_cost_min advised complied window_start_s "
        "window_end_s outcome cause",
        "legs": "replication day strategy commuter_id leg trip_id board_stop_id alight_stop_id wait_from_s board_s "
        "alight_s",
        "stop_visits": "replication day strategy trip_id block_id line_id direction_id stop_id stop_sequence "
        "scheduled_arrival_s arrival_s departure_s boardings alightings denied_boardings departing_load capacity "
        "holding_s",
        "denied_boardings": "replication day strategy commuter_id trip_id stop_id time_s",
        "periods": "replication day strategy line_id direction_id stop_id period_start_s load load_factor "
        "mean_wait_s running_time_s denied_boardings",
    }
    assert {schema.name for schema in TABLES} == set(contract)
    for schema in TABLES:
        assert set(contract[schema.name].split()) <= set(schema.names)


def test_columns_with_a_dimension_say_it_in_their_names() -> None:
    for schema in TABLES:
        for column in schema.columns:
            assert column.description
            if column.unit in {"s", "min"}:
                assert column.name.endswith(f"_{column.unit}")
            else:
                assert not column.name.endswith(("_s", "_min"))


OF_ALL_KINDS = TableSchema(
    "kinds",
    ("n",),
    (
        Column("n", "int64", "", "number"),
        Column("cost_min", "float64", "min", "cost"),
        Column("left", "bool", "", "whether they left"),
        Column("stop_id", "text", "", "stop"),
    ),
)


def of_all_kinds(rows: int) -> Table:
    """Return a table with a column of each kind, whose first cost is unknown."""
    n = np.arange(rows)
    cost_min = np.where(n == 0, np.nan, 0.5 * n)
    return Table(
        OF_ALL_KINDS,
        {"n": n, "cost_min": cost_min, "left": n % 2 == 0, "stop_id": n % 2},
        {"stop_id": ("奥林匹克公园", 'a "quoted" stop')},
    )


@pytest.mark.parametrize("rows", [0, 1, 5, 300_000])
def test_polars_takes_a_table_as_it_is(rows: int) -> None:
    polars = pytest.importorskip("polars", reason="needs polars, which nothing else here does")
    table = of_all_kinds(rows)
    frame = polars.DataFrame(table)
    assert frame.columns == ["n", "cost_min", "left", "stop_id"]
    assert [str(kind) for kind in frame.dtypes] == ["Int64", "Float64", "Boolean", "String"]
    assert np.array_equal(frame["n"].to_numpy(), table["n"])
    assert frame["cost_min"].null_count() == min(rows, 1)
    assert np.array_equal(frame["cost_min"].to_numpy()[1:], table["cost_min"][1:])
    assert np.array_equal(frame["left"].to_numpy(), table["left"])
    assert frame["stop_id"].to_list() == table.text("stop_id").tolist()


def test_a_table_gives_an_arrow_stream_without_further_libraries() -> None:
    """What polars and others look for; its name is in the Arrow PyCapsule interface."""
    stream = of_all_kinds(3).where(slice(1, None)).__arrow_c_stream__()
    assert type(stream).__name__ == "PyCapsule"
    assert '"arrow_array_stream"' in repr(stream)
