"""Files of accounts that were banned or cleared before: what is read, and what is refused."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from samehand.errors import InputError
from samehand.events.known import KnownAccounts, read_known


def said(known: KnownAccounts) -> dict[str, bool]:
    return dict(zip(known.accounts.to_pylist(), known.banned.tolist(), strict=True))


def written(folder: Path, text: str | bytes) -> Path:
    file = folder / "known.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


@pytest.mark.parametrize(
    "text",
    [
        "account,status\na,banned\nb,cleared\n",
        "\ufeffaccount,status\r\na,banned\r\nb,cleared\r\n",
        "账号;状态\na;封禁\nb;正常\n",
        "note\tuser_id\tStatus\nx\ta\t Banned \ny\tb\tCLEARED\n",
        "account,status\na,banned\nb,cleared\na,banned\n",
    ],
)
def test_files_that_say_the_same(tmp_path, text) -> None:
    known = read_known(written(tmp_path, text))
    assert said(known) == {"a": True, "b": False}
    assert (known.name, known.n_bytes) == ("known.csv", len(text.encode()))
    assert known.sha256 is not None


def test_without_a_status_all_were_banned(tmp_path) -> None:
    assert said(read_known(written(tmp_path, "account\n007\n1e3\n"))) == {"007": True, "1e3": True}


def test_parquet_and_tables(tmp_path) -> None:
    table = pa.table({"account": pa.array([7, 8], pa.int64()), "status": ["banned", "cleared"]})
    pq.write_table(table, tmp_path / "known.parquet")
    for source in (tmp_path / "known.parquet", str(tmp_path / "known.parquet"), table, pl.DataFrame(table)):
        assert said(read_known(source)) == {"7": True, "8": False}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ("is empty",)),
        ("account,status\n", ("holds no account",)),
        ("who,status\na,banned\n", ("no column of accounts among 'who', 'status'",)),
        ("account,status\na,banned\nb,maybe\n", ("1 rows have another status", "'maybe' in row 2", "封禁")),
        ("account,status\na,banned\nb,\n", ("None in row 2",)),
        ("account,status\n,banned\nb,banned\n", ("1 rows without an account", "row 1")),
        ("account,status\na,banned\na,cleared\n", ("banned as well as cleared", "'a'")),
        ("account,status\na\n", ("cannot be read as CSV or Parquet",)),
        ("账号,状态\n甲,封禁\n".encode("gbk"), ("not UTF-8",)),
        (b"PAR1 and nothing more", ("cannot be read as CSV or Parquet",)),
    ],
)
def test_files_that_are_refused(tmp_path, text, parts) -> None:
    file = written(tmp_path, text)
    with pytest.raises(InputError) as refused:
        read_known(file)
    assert str(file) in str(refused.value)
    assert "Try: " in str(refused.value)
    for part in parts:
        assert part in str(refused.value)


def test_what_is_no_file_is_refused(tmp_path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read_known(tmp_path / "nowhere.csv")
    with pytest.raises(InputError, match="cannot take a int"):
        read_known(7)
    with pytest.raises(InputError, match="holds double, which is no account"):
        read_known(pa.table({"account": [1.5]}))
