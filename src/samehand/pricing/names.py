"""Ids for planted accounts and events that no account, target or event of the log has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from samehand.arrays import I64
from samehand.events.sql import Session, fetch_row, literal

ROOM: Final = 1 << 32
"""Numbers that are free one after the other: many more than are planted."""
_SMALLEST: Final = -(2**63)
_LARGEST: Final = 2**63 - 1


@dataclass(frozen=True)
class FreshIds:
    """Ids that the log does not have."""

    type: pa.DataType
    first: int
    """The first free number, where ids are numbers."""
    prefix: str
    """What no id of the log begins with, where ids are text."""

    def take(self, numbers: I64) -> pa.Array[Any]:
        """The ids with these numbers, from 0 on."""
        if pa.types.is_integer(self.type):
            return pa.array(self.first + numbers, self.type)
        return pa.array([f"{self.prefix}{number:07d}" for number in numbers.tolist()], pa.string())


def fresh_ids(session: Session, role: str, type_: pa.DataType, also: tuple[str, ...] = ()) -> FreshIds:
    """Find ids that neither a column of the view ``events`` nor the columns ``also`` have.

    Args:
        session: Has the view ``events``.
        role: The column of the ids.
        type_: Of the ids, int64 or text.
        also: Columns of text that may hold ids, too, such as targets that are accounts.
    """
    if pa.types.is_integer(type_):
        return FreshIds(type_, _free_number(session, role, also), "")
    prefix = "planted-"
    columns = [f'"{name}"' for name in (role, *also)]
    while any(_some_begin(session, column, prefix) for column in columns):
        prefix = f"x{prefix}"
    return FreshIds(type_, 0, prefix)


def _some_begin(session: Session, column: str, prefix: str) -> bool:
    query = f"SELECT count(*) AS n FROM events WHERE starts_with({column}, {literal(prefix)})"  # noqa: S608
    return bool(fetch_row(session, query)["n"])


def _free_number(session: Session, role: str, also: tuple[str, ...]) -> int:
    parts = (f'SELECT TRY_CAST("{name}" AS BIGINT) AS id FROM events' for name in (role, *also))  # noqa: S608
    numbers = " UNION ALL ".join(parts)
    ends = fetch_row(session, f"SELECT min(id) AS low, max(id) AS high FROM ({numbers})")  # noqa: S608
    low, high = ends["low"] or 0, ends["high"] or 0
    if high <= _LARGEST - ROOM:
        return int(high) + 1
    if low >= _SMALLEST + ROOM:
        return int(low) - ROOM
    # Ids all over the range, such as hashes: behind the id that the widest gap follows.
    widest = fetch_row(
        session,
        "SELECT id FROM (SELECT id, lead(id) OVER (ORDER BY id)::HUGEINT - id AS gap FROM "  # noqa: S608
        f"(SELECT DISTINCT id FROM ({numbers}) WHERE id IS NOT NULL)) ORDER BY gap DESC NULLS LAST, id LIMIT 1",
    )
    return int(np.int64(widest["id"])) + 1
