"""Reads what is known of accounts from before: who was banned, and who was looked at and cleared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samehand.arrays import BOOL
from samehand.errors import InputError
from samehand.events.account_tables import ACCOUNT, AccountTable, column_of, read_account_table

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
    return _take(read_account_table(source, "--known", _HINT))


def _take(given: AccountTable) -> KnownAccounts:
    table, where = given.table, given.where
    account = column_of(table, ACCOUNT)
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
        name=given.name,
        n_bytes=given.n_bytes,
        sha256=given.sha256,
        accounts=once["account"].combine_chunks(),
        banned=once["banned_min"].to_numpy(),
    )


def _statuses(table: pa.Table, where: str) -> BOOL:
    """Whether each row says banned; all do where no column says more."""
    column = column_of(table, _STATUS)
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


def _is_text(type_: pa.DataType) -> bool:
    if pa.types.is_dictionary(type_):
        return _is_text(type_.value_type)
    return pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_)


def _first(marks: BOOL) -> str:
    """Number of the first row that is marked, from 1, the header not counted."""
    return f"{int(marks.argmax()) + 1:,}"
