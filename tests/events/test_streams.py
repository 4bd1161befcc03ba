from __future__ import annotations

from datetime import datetime

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from samehand.errors import InputError
from samehand.events.read import read_events
from tests.events.logs import at, rows, table

TIMES = [datetime(2026, 3, 2), datetime(2026, 3, 3)]
ROWS = "(TIMESTAMP '2026-03-02', 1, 'x'), (TIMESTAMP '2026-03-03', 2, NULL)"
QUERY = f"SELECT * FROM (VALUES {ROWS}) v(time, account, target)"  # noqa: S608
EXPECTED = [(at(2026, 3, 2), 1, "x"), (at(2026, 3, 3), 2, None)]


def arrow() -> pa.Table:
    return pa.table({"time": TIMES, "account": [1, 2], "target": ["x", None]})


@pytest.mark.parametrize(
    "make",
    [
        arrow,
        lambda: arrow().to_reader(),
        lambda: arrow().to_batches()[0],
        lambda: pl.from_arrow(arrow()),
        lambda: arrow().to_pandas(),
        lambda: pd.DataFrame({"time": TIMES, "account": [1, 2], "target": ["x", None]}, index=["i", "j"]),
        lambda: duckdb.connect().sql(QUERY),
    ],
    ids=["PyArrow table", "PyArrow reader", "PyArrow batch", "Polars", "pandas", "with an index", "DuckDB"],
)
def test_anything_with_an_arrow_stream(make: object) -> None:
    events = read_events(make())  # type: ignore[operator]
    assert [(row["time"], row["account"], row["target"]) for row in rows(events)] == EXPECTED
    assert events.account_type == pa.int64()
    assert events.sources[0].name == "in memory"


def test_types_that_libraries_bring_along() -> None:
    frame = pl.DataFrame(
        {
            "time": [at(2026, 3, 2), at(2026, 3, 3)],
            "account": pl.Series(["a", "b"], dtype=pl.Categorical),
            "target": [["x", "y"], ["z"]],
        }
    )
    assert [(row["account"], row["target"]) for row in rows(read_events(frame))] == [
        *(("a", "x"), ("a", "y"), ("b", "z")),
    ]


def test_nan_in_a_pandas_column_of_ids() -> None:
    frame = pd.DataFrame({"time": TIMES * 2, "account": [1, 2, None, 3], "target": [7, None, 8, 9]})
    events = read_events(frame)
    assert [(row["account"], row["target"]) for row in rows(events)] == [(1, "7"), (2, None), (3, "9")]


def test_a_column_of_mixed_objects_is_refused() -> None:
    frame = pd.DataFrame({"time": TIMES, "account": [1, "x"]})
    with pytest.raises(InputError, match=r"(?s)the DataFrame cannot be read.*give each column one type"):
        read_events(frame)


def test_a_table_without_rows() -> None:
    with pytest.raises(InputError, match="in memory: no rows, only a header"):
        read_events(arrow().slice(0, 0))


def test_a_stream_that_breaks_off() -> None:
    def batches() -> object:
        yield arrow().to_batches()[0]
        raise OSError("the line went dead")

    reader = pa.RecordBatchReader.from_batches(arrow().schema, batches())  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"the rows cannot be read: .*the line went dead"):
        read_events(reader)


def test_a_name_that_stands_there_twice() -> None:
    log = pa.Table.from_arrays(
        [pa.array(TIMES), pa.array(["a", "b"]), pa.array(["c", "d"])], ["time", "x", "x"]
    )
    found = rows(read_events(log, {"account": "x (2)"}))
    assert [row["account"] for row in found] == ["c", "d"]


def test_several_tables_are_one_log() -> None:
    found = rows(
        read_events([table([at(2026, 3, 2)], account=["a"]), table([at(2026, 3, 2)], account=["b"])])
    )
    assert [(row["event_id"], row["account"]) for row in found] == [(1, "a"), (2, "b")]


def test_the_order_of_a_long_stream_is_kept() -> None:
    n = 300_000
    log = pa.table({"time": pa.array(range(1_772_438_701, 1_772_438_701 + n)), "account": pa.array(range(n))})
    reader = log.to_reader(max_chunksize=1_000)
    result = read_events(reader).to_arrow()
    assert result.column("account").to_pylist() == list(range(n))
    assert result.column("event_id").to_pylist() == list(range(1, n + 1))
