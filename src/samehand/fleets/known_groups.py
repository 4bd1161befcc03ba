"""Groups that the user knows to be innocent, from a table of account and group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samehand.arrays import I32
from samehand.engines.interface import Engine
from samehand.errors import InputError
from samehand.events.account_tables import ACCOUNT, as_ids, column_of, read_account_table

_GROUP: Final = frozenset(("group", "群组", "组", "分组"))
HINT: Final = "a CSV or Parquet file with the columns account, group"


@dataclass(frozen=True)
class KnownGroups:
    """Groups by name, as they were given."""

    source: str
    """File name without its folder, or "in memory"."""
    accounts: Mapping[str, tuple[str, ...]]
    """Group -> its accounts as text, each once."""


def read_known_groups(source: object) -> KnownGroups:
    """Read groups of accounts that are known to be innocent.

    Args:
        source: A CSV or Parquet file, or a table with an Arrow stream; with the columns account, group. An account may
            be in several groups.

    Raises:
        InputError: It cannot be read, lacks a column, has rows without a value or none at all, or a group of one.
    """
    given = read_account_table(source, "--innocent", HINT)
    table, where = given.table, given.where
    texts = []
    for name, names in (("account", ACCOUNT), ("group", _GROUP)):
        column = column_of(table, names)
        if column is None:
            raise InputError(
                f"the column {name!r} is missing (found: {', '.join(table.column_names)})",
                where=where,
                hint=HINT,
            )
        texts.append(_texts(table[column], name, where))
    accounts, groups = texts
    found: dict[str, dict[str, None]] = {}
    for account, group in zip(accounts, groups, strict=True):
        found.setdefault(group, {})[account] = None
    if not found:
        raise InputError("there is no group in it", where=where, hint=HINT)
    alone = [group for group, members in found.items() if len(members) < 2]
    if alone:
        more = f" (and {len(alone) - 1:,} more)" if len(alone) > 1 else ""
        raise InputError(
            f"the group {alone[0]!r} has one account{more}",
            where=where,
            hint="groups of several accounts: nobody moves together alone",
        )
    return KnownGroups(given.name, {group: tuple(members) for group, members in found.items()})


def _texts(values: pa.ChunkedArray[Any], name: str, where: str) -> list[str]:
    try:
        if pa.types.is_floating(values.type):  # what pandas makes of numbers with gaps
            values = values.cast(pa.int64())
        texts = pc.cast(values, pa.string()).to_pylist()
    except pa.ArrowException as error:
        raise InputError(
            f"the column {name!r} holds no ids or names: {error}",
            where=where,
            hint="ids as they are in the log",
        ) from error
    n_empty = sum(not text for text in texts)
    if n_empty:
        raise InputError(
            f"the column {name!r} has {n_empty:,} rows without a value",
            where=where,
            hint="leave out accounts that are in no group",
        )
    return [text for text in texts if text]


@dataclass(frozen=True)
class FoundGroups:
    """The known groups as far as the log holds them."""

    source: str
    """As in ``KnownGroups``."""
    codes: Mapping[str, I32]
    """Group -> codes of its accounts, ascending."""
    n_accounts: int
    """Accounts that were given."""
    n_unknown: int
    """Those of them that are not in the log."""


def find_known_groups(engine: Engine, known: KnownGroups) -> FoundGroups:
    """Look the accounts of known groups up in a log.

    Raises:
        InputError: The log holds none of them.
    """
    names = list(dict.fromkeys(account for members in known.accounts.values() for account in members))
    id_type = engine.account_ids(np.empty(0, np.int32)).type
    codes = engine.account_codes(as_ids(pa.array(names, pa.string()), id_type))
    code_of = dict(zip(names, codes.tolist(), strict=True))
    n_unknown = int((codes < 0).sum())
    if n_unknown == len(names):
        raise InputError(
            f"none of its {n_unknown:,} accounts is in the log, such as {names[0]!r}",
            where=known.source,
            hint="account ids as they are in the log",
        )
    in_log = {
        group: np.unique([code_of[name] for name in members if code_of[name] >= 0]).astype(np.int32)
        for group, members in known.accounts.items()
    }
    return FoundGroups(known.source, in_log, len(names), n_unknown)
