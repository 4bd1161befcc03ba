"""Small tables that name accounts, such as those that were banned before: read, and their ids as a log writes them."""

from __future__ import annotations

import gzip
import hashlib
import io
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from samehand.errors import InputError
from samehand.events.formats.encodings import not_utf8

ACCOUNT: Final = frozenset(
    "account account_id user_id uid 账号 账户 帐号 账号id 账户id 用户id 用户编号".split()  # noqa: SIM905
)
"""Names of the column of accounts, in lower case."""


@dataclass(frozen=True, eq=False)
class AccountTable:
    """A table that a user gave, as it was read."""

    table: pa.Table
    name: str
    """File name without its folder, or "in memory"."""
    n_bytes: int | None
    sha256: str | None
    """Of the file's bytes; None where there is no file."""
    where: str
    """For errors."""


def read_account_table(source: object, where: str, hint: str) -> AccountTable:
    """Read a CSV (also .gz) or Parquet file, or anything with an Arrow stream. All columns of a CSV file are text.

    Args:
        source: The file or the table.
        where: What stands for a table that has no file, in errors.
        hint: What to give instead.

    Raises:
        InputError: It cannot be read.
    """
    if hasattr(source, "__arrow_c_stream__"):
        return AccountTable(pa.table(source), "in memory", None, None, where)
    if not isinstance(source, (str, PathLike)):
        raise InputError(f"cannot take a {type(source).__name__}", where=where, hint="a file or a table")
    path = Path(source)
    try:
        content = path.read_bytes()
        plain = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except (OSError, EOFError) as error:
        raise InputError(
            f"cannot be read: {getattr(error, 'strerror', None) or error}", where=str(path), hint=hint
        ) from error
    table = _parse(path, plain, hint)
    return AccountTable(table, path.name, len(content), hashlib.sha256(content).hexdigest(), str(path))


def _parse(path: Path, content: bytes, hint: str) -> pa.Table:
    if not content.strip():
        raise InputError("is empty", where=str(path), hint=hint)
    try:
        if content[:4] == b"PAR1":
            return pq.read_table(io.BytesIO(content))
        head = content.removeprefix(b"\xef\xbb\xbf").splitlines()[0]
        separator = max(b",;\t", key=lambda sign: (head.count(sign), sign == ord(",")))
        content.decode("utf-8")
        names = [name.strip().strip('"') for name in head.decode("utf-8").split(chr(separator))]
        return pa_csv.read_csv(
            io.BytesIO(content),
            parse_options=pa_csv.ParseOptions(delimiter=chr(separator)),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""]
            ),
        )
    except UnicodeDecodeError as error:
        raise not_utf8(path, "none") from error
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"cannot be read as CSV or Parquet: {error}", where=str(path), hint=hint) from error


def column_of(table: pa.Table, names: frozenset[str]) -> str | None:
    """Give the first column with one of the names, whatever its case."""
    return next((name for name in table.column_names if name.strip().casefold() in names), None)


def as_ids(accounts: pa.Array[Any], type_: pa.DataType) -> pa.Array[Any]:
    """Write accounts that are given as text as a log has its ids; null for those that cannot be in it."""
    if not pa.types.is_integer(type_):
        return accounts.cast(type_)
    return pa.array([_whole_number(str(text)) for text in accounts.to_pylist()], type_)


def _whole_number(text: str) -> int | None:
    """Give the number that a text writes as a log does.

    >>> [_whole_number(text) for text in ("17", "017", "1e3", "9" * 30, "-4")]
    [17, None, None, None, -4]
    """
    if not text.removeprefix("-").isdecimal() or len(text) > 20 or not text.isascii():
        return None
    number = int(text)
    return number if str(number) == text and -(2**63) <= number < 2**63 else None
