"""Reads what is known of accounts from before: who was banned, and who was looked at and cleared."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from samehand.arrays import BOOL
from samehand.errors import InputError
from samehand.events.formats.encodings import not_utf8

_ACCOUNT: Final = frozenset(
    (
        "account",
        "account_id",
        "user_id",
        "uid",
        "账号",
        "账户",
        "帐号",
        "账号id",
        "账户id",
        "用户id",
        "用户编号",
    )
)
_STATUS: Final = frozenset(("status", "state", "状态", "账号状态", "处理结果"))
_BANNED: Final = frozenset(("banned", "ban", "suspended", "封禁", "已封禁", "封号", "已封号"))
_CLEARED: Final = frozenset(("cleared", "innocent", "正常", "解封", "已解封", "误封"))
_HINT: Final = (
    "a column account and, unless all were banned, a column status with banned or cleared (封禁, 正常)"
)


@dataclass(frozen=True, kw_only=True)
class KnownUse:
    """What a run was told of accounts from before. It is shown beside the evidence; it changes no rank and no rate."""

    name: str
    """File name without its folder, or "in memory"."""
    n_bytes: int | None
    sha256: str | None
    """Of the file's bytes; None where there is no file."""
    n_banned: int
    """Accounts of the log that were banned before."""
    n_cleared: int
    """Accounts of the log that were cleared before."""
    n_unknown: int
    """Accounts of the file that the log does not hold."""


@dataclass(frozen=True, eq=False)
class KnownAccounts:
    """The accounts that a file names, each once."""

    name: str
    n_bytes: int | None
    sha256: str | None
    accounts: pa.Array[Any]
    """As text."""
    banned: BOOL
    """Whether the account was banned; else it was cleared."""


def read_known(source: object) -> KnownAccounts:
    """Read a CSV or Parquet file, or anything with an Arrow stream: ``account`` and, optional, ``status``.

    Raises:
        InputError: It cannot be read, lacks accounts, has an unknown status, or both statuses for one account.
    """
    if hasattr(source, "__arrow_c_stream__"):
        return _take(pa.table(source), "in memory", None, None, "--known")
    if not isinstance(source, (str, PathLike)):
        raise InputError(
            f"cannot take a {type(source).__name__} for known accounts",
            where="known",
            hint="a file or a table",
        )
    path = Path(source)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror}", where=str(path), hint="a CSV or Parquet file that is there"
        ) from error
    table = _parse(path, content)
    return _take(table, path.name, len(content), hashlib.sha256(content).hexdigest(), str(path))


def _parse(path: Path, content: bytes) -> pa.Table:
    if not content.strip():
        raise InputError("is empty", where=str(path), hint=_HINT)
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
        raise InputError(f"cannot be read as CSV or Parquet: {error}", where=str(path), hint=_HINT) from error


def _take(table: pa.Table, name: str, n_bytes: int | None, sha256: str | None, where: str) -> KnownAccounts:
    account = _column(table, _ACCOUNT)
    if account is None:
        raise InputError(
            f"no column of accounts among {', '.join(map(repr, table.column_names))}", where=where, hint=_HINT
        )
    values = table[account]
    if not (pa.types.is_integer(values.type) or _is_text(values.type)):
        raise InputError(
            f"column {account!r} holds {values.type}, which is no account",
            where=where,
            hint="text or whole numbers",
        )
    accounts = pc.utf8_trim_whitespace(values.cast(pa.string()).combine_chunks())
    nobody = np.array([not one for one in accounts.to_pylist()], np.bool_)
    if nobody.any():
        raise InputError(
            f"{int(nobody.sum()):,} rows without an account, the first is row {_first(nobody)}",
            where=where,
            hint="remove them",
        )
    if not len(accounts):
        raise InputError("holds no account", where=where, hint=_HINT)
    banned = _statuses(table, where)
    rows = pa.table({"account": accounts, "banned": banned}).group_by("account", use_threads=False)
    once = rows.aggregate([("banned", "min"), ("banned", "max")])
    both = once.filter(pc.not_equal(once["banned_min"], once["banned_max"]))
    if both.num_rows:
        raise InputError(
            f"{both.num_rows:,} accounts are banned as well as cleared, such as {both['account'][0].as_py()!r}",
            where=where,
            hint="one row an account",
        )
    return KnownAccounts(
        name=name,
        n_bytes=n_bytes,
        sha256=sha256,
        accounts=once["account"].combine_chunks(),
        banned=once["banned_min"].to_numpy(),
    )


def _statuses(table: pa.Table, where: str) -> BOOL:
    """Whether each row says banned; all do where no column says more."""
    column = _column(table, _STATUS)
    if column is None:
        return np.ones(table.num_rows, np.bool_)
    given = table[column]
    if not _is_text(given.type):
        raise InputError(
            f"column {column!r} holds {given.type}", where=where, hint="banned or cleared (封禁, 正常)"
        )
    said = [None if one is None else one.strip().casefold() for one in given.to_pylist()]
    wrong = np.array([one not in _BANNED and one not in _CLEARED for one in said], np.bool_)
    if wrong.any():
        value = given[int(wrong.argmax())].as_py()
        raise InputError(
            f"{int(wrong.sum()):,} rows have another status, the first is {value!r} in row {_first(wrong)}",
            where=f"{where}, column {column!r}",
            hint="banned or cleared (封禁, 正常)",
        )
    return np.array([one in _BANNED for one in said], np.bool_)


def _column(table: pa.Table, names: frozenset[str]) -> str | None:
    return next((name for name in table.column_names if name.strip().casefold() in names), None)


def _is_text(type_: pa.DataType) -> bool:
    if pa.types.is_dictionary(type_):
        return _is_text(type_.value_type)
    return pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_)


def _first(marks: BOOL) -> str:
    """Number of the first row that is marked, from 1, the header not counted."""
    return f"{int(marks.argmax()) + 1:,}"
