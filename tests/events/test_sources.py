from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from samehand.errors import InputError, OptionError, SamehandError
from samehand.events.read import read_events
from samehand.events.sources import find_sources
from tests.events.logs import at, rows, table, write

HEADER = "time,account,target\n"


def csv_file(path: Path, account: str, minute: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return write(path, f"{HEADER}2026-03-02T08:{minute:02d}:00Z,{account},x\n")


def accounts(*args: object, **options: object) -> list[str]:
    return [row["account"] for row in rows(read_events(*args, **options))]  # type: ignore[arg-type]


def test_the_files_of_a_pattern_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b", "a", "c"):
        csv_file(tmp_path / f"{name}.csv", name)
    csv_file(tmp_path / "deep" / "er" / "d.csv", "d")
    assert accounts(str(tmp_path / "*.csv")) == ["a", "b", "c"]
    assert accounts(str(tmp_path / "**" / "*.csv")) == ["a", "b", "c", "d"]
    assert accounts([tmp_path / "c.csv", str(tmp_path / "a.csv")]) == ["c", "a"]


def test_row_numbers_run_through_all_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(
            tmp_path / f"{name}.csv",
            f"{HEADER}2026-03-02T08:00:00Z,{name}1,x\n2026-03-02T08:00:00Z,{name}2,x\n",
        )
    pq.write_table(table([at(2026, 3, 2), at(2026, 3, 3)], account=["c1", "c2"]), tmp_path / "c.parquet")
    found = rows(read_events(tmp_path))
    assert [(row["event_id"], row["account"]) for row in found] == [
        *((1, "a1"), (2, "a2"), (3, "b1"), (4, "b2")),
        *((5, "c1"), (6, "c2")),
    ]


def test_a_folder_is_read_with_its_subfolders_and_without_other_files(tmp_path: Path) -> None:
    csv_file(tmp_path / "a.csv", "a")
    csv_file(tmp_path / "sub" / "b.csv", "b")
    csv_file(tmp_path / "_old" / "c.csv", "c")
    csv_file(tmp_path / ".d.csv", "d")
    write(tmp_path / "README.md", "no log")
    events = read_events(tmp_path)
    assert [row["account"] for row in rows(events)] == ["a", "b"]
    assert [(item.what, item.count) for item in events.quality.left_out] == [("files that are no logs", 1)]


def test_a_file_is_read_once(tmp_path: Path) -> None:
    csv_file(tmp_path / "a.csv", "a")
    csv_file(tmp_path / "b.csv", "b")
    events = read_events([tmp_path / "a.csv", str(tmp_path / "*.csv")])
    assert events.quality.n_rows == 2
    assert [(item.what, item.count) for item in events.quality.left_out] == [("files named twice", 1)]


def test_an_empty_file_among_others_is_passed_over_and_said(tmp_path: Path) -> None:
    csv_file(tmp_path / "a.csv", "a")
    csv_file(tmp_path / "b.csv", "b")
    write(tmp_path / "c.csv", "")
    events = read_events(tmp_path)
    assert [(item.what, item.count) for item in events.quality.left_out] == [("empty files", 1)]


@pytest.mark.parametrize(
    "name", ["log[1].csv", "it's.csv", "a*b.csv", "日志.csv", "with space #1.csv", 'q"uote;.csv']
)
def test_odd_file_names(tmp_path: Path, name: str) -> None:
    write(tmp_path / name, f"{HEADER}2026-03-02T08:00:00Z,a,x\n2026-03-02T08:00:00Z,b,x\n")
    csv_file(tmp_path / "log1.csv", "other")
    assert accounts(str(tmp_path / name)) == ["a", "b"]
    parquet = tmp_path / name.replace(".csv", ".parquet")
    pq.write_table(table([at(2026, 3, 2), at(2026, 3, 3)]), parquet)
    assert accounts(parquet) == ["a0", "a1"]


def test_sources_are_hashed(tmp_path: Path) -> None:
    paths = [csv_file(tmp_path / f"{name}.csv", name) for name in "ab"]
    events = read_events([*paths, table([at(2026, 3, 2)], target=["x"])])
    assert [(source.name, source.n_bytes, source.sha256) for source in events.sources] == [
        *(
            (path.name, len(path.read_bytes()), hashlib.sha256(path.read_bytes()).hexdigest())
            for path in paths
        ),
        ("in memory", None, None),
    ]


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("missing.csv", InputError, "missing.csv: no such file"),
        ("*.ndjson", InputError, "the pattern matches no file"),
        ("notes.txt", InputError, "a file of unknown kind"),
        ("empty.csv", InputError, "the file is empty"),
        ("folder", InputError, "no log among the 1 files of the folder"),
        ("*.txt", InputError, "no log among the 1 files of the pattern"),
        ("log.csv#Sheet2", OptionError, "only a workbook has sheets"),
        ("http://example.org/log.csv", OptionError, "cannot read http:// addresses"),
        ("s3://bucket/log.parquet", OptionError, "cannot read s3:// addresses"),
    ],
)
def test_sources_that_cannot_be_read(
    tmp_path: Path, name: str, error: type[SamehandError], message: str
) -> None:
    write(tmp_path / "notes.txt", "x")
    write(tmp_path / "empty.csv", "")
    csv_file(tmp_path / "log.csv", "a")
    (tmp_path / "folder").mkdir()
    write(tmp_path / "folder" / "notes.md", "x")
    with pytest.raises(error, match=message) as raised:
        read_events(name if "://" in name else str(tmp_path / name))
    assert raised.value.exit_code == 2
    assert raised.value.hint


def test_a_missing_file_names_its_neighbour(tmp_path: Path) -> None:
    csv_file(tmp_path / "events_monday.csv", "a")
    with pytest.raises(InputError, match=r"Try: events_monday\.csv, which is there"):
        read_events(tmp_path / "event_monday.csv")


@pytest.mark.parametrize("source", [[], 7, None, {"a": 1}])
def test_what_is_no_source(source: object) -> None:
    with pytest.raises(InputError):
        find_sources(source)


def test_files_of_different_columns_are_joined_by_name(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "time,account,device\n2026-03-02T08:00:00Z,a,d1\n")
    write(tmp_path / "b.csv", "account,time\nb,2026-03-02T08:00:00Z\n")
    events = read_events(tmp_path)
    assert [(row["account"], row["device"]) for row in rows(events)] == [("a", "d1"), ("b", None)]
    assert (
        f"The column device (device) is missing in 1 sources, first {tmp_path / 'b.csv'}."
        in events.quality.warnings
    )


def test_a_file_without_the_account_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "time,account\n2026-03-02T08:00:00Z,a\n")
    write(tmp_path / "b.csv", "time,who\n2026-03-02T08:00:00Z,b\n")
    with pytest.raises(
        InputError, match=r"b\.csv: no column 'account' for the account, which other files have"
    ):
        read_events(tmp_path)


@pytest.mark.parametrize("ending", [".gz", ".zst", ".GZ"])
@pytest.mark.parametrize("kind", ["csv", "ndjson", "parquet"])
def test_compressed_files(tmp_path: Path, kind: str, ending: str) -> None:
    log = tmp_path / f"log.{kind}"
    if kind == "csv":
        write(log, f"{HEADER}2026-03-02T08:00:00Z,a,x\n2026-03-02T08:00:00Z,b,x\n")
    elif kind == "ndjson":
        write(
            log,
            '{"time":"2026-03-02T08:00:00Z","account":"a"}\n{"time":"2026-03-02T08:00:00Z","account":"b"}\n',
        )
    else:
        pq.write_table(table([at(2026, 3, 2), at(2026, 3, 3)], account=["a", "b"]), log)
    packed = log.with_name(log.name + ending)
    codec = "zstd" if ending == ".zst" else "gzip"
    with pa.output_stream(packed, compression=codec) as stream:
        stream.write(log.read_bytes())
    assert accounts(packed) == ["a", "b"]


@pytest.mark.parametrize("kind", ["csv", "ndjson", "parquet"])
@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_a_compressed_file_that_is_cut_short(tmp_path: Path, kind: str, ending: str) -> None:
    log = tmp_path / f"log.{kind}"
    if kind == "csv":
        write(log, HEADER + "".join(f"2026-03-02T08:00:00Z,a{i * 7919 % 9973},x{i}\n" for i in range(50_000)))
    elif kind == "ndjson":
        lines = (f'{{"time":"2026-03-02T08:00:00Z","account":"a{i * 7919 % 9973}"}}\n' for i in range(50_000))
        write(log, "".join(lines))
    else:
        pq.write_table(table([at(2026, 3, 2)] * 10_000), log)
    packed = log.with_name(log.name + ending)
    with pa.output_stream(packed, compression="zstd" if ending == ".zst" else "gzip") as stream:
        stream.write(log.read_bytes())
    whole = packed.read_bytes()
    packed.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(InputError, match=r"cannot be|no whole|not valid") as raised:
        read_events(packed)
    assert str(packed) in raised.value.where


def test_a_file_that_is_not_compressed_after_all(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no whole gzip file"):
        read_events(csv_file(tmp_path / "log.csv.gz", "a"))


def test_a_gzip_file_of_several_members(tmp_path: Path) -> None:
    packed = tmp_path / "log.csv.gz"
    first, second = f"{HEADER}2026-03-02T08:00:00Z,a,x\n", "2026-03-02T08:00:00Z,b,x\n"
    packed.write_bytes(gzip.compress(first.encode()) + gzip.compress(second.encode()))
    assert accounts(packed) == ["a", "b"]
