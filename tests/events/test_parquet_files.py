from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from samehand.errors import InputError
from samehand.events.read import read_events
from tests.events.logs import at, rows, table, write

TIMES = [at(2026, 3, 2), at(2026, 3, 3)]


def save(path: Path, log: pa.Table) -> Path:
    pq.write_table(log, path)
    return path


def test_a_file_that_is_cut_short(tmp_path: Path) -> None:
    log = save(tmp_path / "log.parquet", table(TIMES * 1000, account=["a", "b"] * 1000))
    log.write_bytes(log.read_bytes()[:-100])
    with pytest.raises(InputError, match=r"log\.parquet: no whole Parquet file"):
        read_events(log)


def test_a_file_that_is_damaged_inside(tmp_path: Path) -> None:
    accounts = [f"account-{i * 7919 % 9973}" for i in range(20_000)]
    log = save(tmp_path / "log.parquet", table(TIMES * 10_000, account=accounts))
    content = bytearray(log.read_bytes())
    content[200:40_000] = bytes(39_800)
    log.write_bytes(content)
    with pytest.raises(InputError):
        read_events(log)


def test_a_file_of_another_kind(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no whole Parquet file"):
        read_events(write(tmp_path / "log.parquet", "time,account\n"))


def test_a_file_without_rows(tmp_path: Path) -> None:
    log = save(tmp_path / "log.parquet", table(pa.array([], pa.timestamp("us"))))
    with pytest.raises(InputError, match="no rows, only a header"):
        read_events(log)


def test_nested_columns(tmp_path: Path) -> None:
    users = pa.array([{"id": 7, "name": "x"}, {"id": 8, "name": "y"}])
    log = save(tmp_path / "log.parquet", pa.table({"time": TIMES, "user": users}))
    assert [row["account"] for row in rows(read_events(log, {"account": "user.id"}))] == [7, 8]
    assert read_events(log).mapping.columns("account") == ("user.id",)
    with pytest.raises(InputError, match=r"(?s)'user' is nested.*one of its fields: user\.id, user\.name"):
        read_events(log, {"account": "user"})


def test_a_map_is_refused(tmp_path: Path) -> None:
    maps = pa.array([[("k", 1)], [("k", 2)]], pa.map_(pa.string(), pa.int64()))
    log = save(tmp_path / "log.parquet", table(TIMES, device=maps))
    with pytest.raises(InputError, match="the column 'device' is nested"):
        read_events(log, {"device": "device"})


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (pa.array([1, 2], pa.int8()), [1, 2]),
        (pa.array([1, 2**63 - 1], pa.uint64()), [1, 2**63 - 1]),
        (pa.array([1, 2**63], pa.uint64()), ["1", "9223372036854775808"]),
        (pa.array([1.0, 2.0], pa.float64()), [1, 2]),
        (pa.array([1.0, 2.5], pa.float32()), ["1", "2.5"]),
        (pa.array([Decimal(1), Decimal(2)], pa.decimal128(20, 0)), [1, 2]),
        (pa.array([Decimal("1.00"), Decimal("2.00")], pa.decimal128(20, 2)), [1, 2]),
        (pa.array([Decimal("1.50"), Decimal("2.00")], pa.decimal128(20, 2)), ["1.50", "2"]),
        (pa.array(["1", "2"], pa.string()), ["1", "2"]),
        (pa.array(["a", "b"], pa.large_string()), ["a", "b"]),
        (pa.array(["a", "b"], pa.string()).dictionary_encode(), ["a", "b"]),
        (pa.array([b"a", b"\xff"], pa.binary()), ["a", "ff"]),
    ],
)
def test_accounts_keep_their_type(tmp_path: Path, ids: pa.Array, expected: list[object]) -> None:
    events = read_events(save(tmp_path / "log.parquet", table(TIMES, account=ids)))
    assert [row["account"] for row in rows(events)] == expected
    assert events.account_type == (pa.int64() if isinstance(expected[0], int) else pa.string())
    assert events.schema == events.to_arrow().schema


def test_not_a_number_is_no_id(tmp_path: Path) -> None:
    log = table(TIMES * 2, account=[1.0, 2.0, 3.0, float("nan")], target=[5.0, float("nan"), None, 6.0])
    events = read_events(save(tmp_path / "log.parquet", log))
    assert [(row["account"], row["target"]) for row in rows(events)] == [(1, "5"), (2, None), (3, None)]
    assert [(item.what, item.count) for item in events.quality.left_out] == [("rows without an account", 1)]


def test_ids_that_a_float_cannot_hold_are_said(tmp_path: Path) -> None:
    log = table(TIMES, account=[2.0**60, 2.0**60 + 4096])
    events = read_events(save(tmp_path / "log.parquet", log))
    assert "2 values of role account are floating-point numbers above 2^53" in " ".join(
        events.quality.warnings
    )


def test_lists_are_taken_apart(tmp_path: Path) -> None:
    log = table(TIMES, target=[[1.0, 2.0, 2.0], None], action=["post", "post"])
    events = read_events(save(tmp_path / "log.parquet", log))
    assert [(row["event_id"], row["target"]) for row in rows(events)] == [(1, "1"), (1, "2"), (2, None)]
    assert events.quality.n_duplicates == 1


def test_other_lists_become_text(tmp_path: Path) -> None:
    log = table(TIMES, content=[["a", "b"], ["c"]])
    assert [row["content"] for row in rows(read_events(save(tmp_path / "log.parquet", log)))] == [
        '["a","b"]',
        '["c"]',
    ]


def test_a_list_is_no_account(tmp_path: Path) -> None:
    log = save(tmp_path / "log.parquet", pa.table({"time": TIMES, "account": [["a"], ["b"]]}))
    with pytest.raises(InputError, match=r"the column 'account' holds values of another kind \(list\)"):
        read_events(log, {"account": "account"})


def test_names_of_the_reader_may_be_names_of_columns(tmp_path: Path) -> None:
    log = pa.table({"file_row_number": TIMES, "file_index": ["a", "b"], "row": ["x", "y"], "us": ["1", "2"]})
    mapping = {"time": "file_row_number", "account": "file_index", "target": "row", "device": "us"}
    found = rows(read_events(save(tmp_path / "log.parquet", log), mapping))
    assert [(row["event_id"], row["account"], row["target"], row["device"]) for row in found] == [
        (1, "a", "x", "1"),
        (2, "b", "y", "2"),
    ]


def test_names_that_differ_in_case_only(tmp_path: Path) -> None:
    log = pa.table({"Account": ["x", "y"], "account": ["a", "b"], "time": TIMES, "hit": ["h", "i"]})
    found = rows(read_events(save(tmp_path / "log.parquet", log), {"account": "account", "target": "hit"}))
    assert [(row["account"], row["target"]) for row in found] == [("a", "h"), ("b", "i")]


def test_files_of_different_types(tmp_path: Path) -> None:
    save(tmp_path / "a.parquet", table(TIMES, account=[1, 2]))
    save(tmp_path / "b.parquet", table(["2026-03-02T08:00:00Z", "2026-03-02T09:00:00Z"], account=["2", "x"]))
    events = read_events(tmp_path)
    assert [row["account"] for row in rows(events)] == ["1", "2", "2", "x"]
    assert events.quality.n_accounts == 3
    said = " ".join(events.quality.warnings)
    assert (
        f"partly numbers and partly text (numbers in {tmp_path / 'a.parquet'}, "
        f"text in {tmp_path / 'b.parquet'})" in said
    )
    assert events.quality.time_format == "timestamps with zone in 2 rows; ISO with offset (Z) in 2 rows"


def test_folders_that_name_values_are_columns(tmp_path: Path) -> None:
    for i, action in enumerate(["like", "read"]):
        folder = tmp_path / f"action={action}" / "day=2026-03-02"
        folder.mkdir(parents=True)
        save(folder / "part.parquet", table(TIMES, account=[f"a{i}", f"b{i}"]))
    found = rows(read_events(tmp_path))
    assert [(row["event_id"], row["account"], row["action"]) for row in found] == [
        *((1, "a0", "like"), (2, "b0", "like"), (3, "a1", "read"), (4, "b1", "read")),
    ]


def test_many_files_keep_their_order(tmp_path: Path) -> None:
    for i in range(60):
        save(
            tmp_path / f"part-{i:03d}.parquet",
            table([at(2026, 3, 2)] * 500, account=range(500 * i, 500 * i + 500)),
        )
    result = read_events(tmp_path).to_arrow()
    assert result.column("account").to_pylist() == list(range(30_000))
    assert result.column("event_id").to_pylist() == list(range(1, 30_001))


def test_a_file_with_an_empty_column(tmp_path: Path) -> None:
    save(tmp_path / "a.parquet", table(TIMES, account=[1, 2], target=pa.nulls(2)))
    save(tmp_path / "b.parquet", table(TIMES, account=[3, 4], target=["x", "y"]))
    assert [row["target"] for row in rows(read_events(tmp_path))] == [None, None, "x", "y"]
