"""Writes a log as samehand's own events: one Parquet file with the columns of ``columns.events``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa

from samehand.columns import ROLES, Role
from samehand.events.check import LeftOut
from samehand.events.duplicates import count_shared_ids, drop_duplicates
from samehand.events.formats.interface import LoadedPart
from samehand.events.ids import (
    ID_ROLES,
    IdTypes,
    id_value,
    plain_text,
    risk_tags,
    stands_for_nothing,
    value_or_null,
)
from samehand.events.mapping import Mapping
from samehand.events.sql import Session, fetch_row, literal
from samehand.events.targets import TargetColumn, hits, is_simple
from samehand.events.times.decide import TimeDecision

_EVENTS: Final = "events_of_the_log"


@dataclass(frozen=True, kw_only=True)
class Understanding:
    """Everything that was decided about a log before its rows are converted."""

    mapping: Mapping
    times: TimeDecision
    ids: IdTypes
    targets: tuple[TargetColumn, ...]

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles that the events have, always with an event id: the row number where the log has none."""
        found: set[Role] = {"event_id", *(item.role for item in self.mapping.roles)}
        preset = self.mapping.preset
        if len(self.targets) > 1 or (preset and preset.action):
            found.add("action")
        return tuple(role for role in ROLES if role in found)

    @property
    def has_event_ids(self) -> bool:
        """Whether the log names its events."""
        return bool(self.mapping.columns("event_id"))

    @property
    def compared(self) -> tuple[Role, ...]:
        """The roles in which a duplicate equals an earlier event."""
        return tuple(role for role in self.roles if role != "event_id" or self.has_event_ids)

    def id_type(self, role: Role) -> pa.DataType:
        """The type of an id."""
        is_row_number = role == "event_id" and not self.has_event_ids
        return pa.int64() if is_row_number or role in self.ids.numbers else pa.string()


@dataclass(frozen=True, kw_only=True)
class Gaps:
    """Values that are missing in the source."""

    n_without_account: int
    """Rows that have a time and no account."""
    n_words: dict[Role, int]
    """Texts such as ``null`` or ``-`` where an id should be."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """The events as written."""

    n_events: int
    n_duplicates: int
    n_shared_ids: int
    """Events with the id of an earlier event that has other content."""
    gaps: Gaps

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Rows that have a time and are no events."""
        if not self.gaps.n_without_account:
            return ()
        why = "without one they say nothing about any account"
        return (LeftOut(what="rows without an account", count=self.gaps.n_without_account, why=why),)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader of the result has to know."""
        found = []
        if self.gaps.n_words:
            roles = ", ".join(f"{role} {n:,}" for role, n in self.gaps.n_words.items())
            found.append(
                f"Words such as null, NaN and - stand where values should be, and count as missing: {roles}."
            )
        if self.n_shared_ids:
            events = f"{self.n_shared_ids:,} events carry the id of an earlier event with other content"
            found.append(f"{events}; all were kept. Ids cannot tell these events apart.")
        return tuple(found)


def write_events(session: Session, parts: Sequence[LoadedPart], log: Understanding, file: Path) -> Written:
    """Convert all rows, keep exact duplicates once, and write a file of Parquet.

    Args:
        session: Where the parts are.
        parts: The parts, with their times.
        log: What was decided.
        file: Where to write.
    """
    session.execute(f"CREATE VIEW {_EVENTS} AS {select_events(parts, log)}")
    gaps = count_gaps(session, parts, log)
    n_rows = sum(part.n_rows for part in parts)
    n_duplicates = drop_duplicates(session, _EVENTS, log.compared, n_rows)
    kept, order = f"SELECT * FROM {_EVENTS}", ""  # noqa: S608
    if n_duplicates:  # the join loses the order of the rows
        kept += ' ANTI JOIN dropped_rows USING ("row", hit)'
        order = ' ORDER BY "row", hit'
    row = session.execute(
        f"COPY (SELECT {', '.join(log.roles)} FROM ({kept}){order}) TO {literal(str(file))} "  # noqa: S608
        "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
    ).fetchone()
    n_shared = count_shared_ids(session, f"({kept} WHERE hit <= 1)", n_rows) if log.has_event_ids else 0
    return Written(
        n_events=int(row[0]) if row else 0, n_duplicates=n_duplicates, n_shared_ids=n_shared, gaps=gaps
    )


def select_events(parts: Sequence[LoadedPart], log: Understanding) -> str:
    """Give the query for the events of some parts: ``row``, ``hit`` (number within the row), and the roles.

    Args:
        parts: The parts, with their times.
        log: What was decided.
    """
    return " UNION ALL ".join(_select(part, log) for part in parts)


def _select(part: LoadedPart, log: Understanding) -> str:
    action = _action(part, log)
    values = {role: _value(role, part, log) for role in log.roles if role not in {"time", "action", "target"}}
    values["time"] = "make_timestamptz(us)"
    if is_simple(log.targets):
        values["action"] = action
        values["target"] = _value("target", part, log)
        inner = f'SELECT "row", 0 AS hit, {_as_columns(values, log.roles)} FROM {part.view}'  # noqa: S608
    else:
        listed = ", ".join(f"{sql} AS {role}" for role, sql in values.items())
        inner = (
            f'SELECT "row", hit, h.action AS action, h.target AS target, {", ".join(values)} FROM '  # noqa: S608
            f"(SELECT * EXCLUDE (hs), unnest(hs) AS h, generate_subscripts(hs, 1) AS hit FROM "
            f'(SELECT "row", {listed}, {hits(log.targets, part, action)} AS hs FROM {part.view}))'
        )
    order = ", ".join(["row", "hit", *log.roles])
    return f'SELECT {order} FROM ({inner}) WHERE "time" IS NOT NULL AND account IS NOT NULL'  # noqa: S608


def _as_columns(values: dict[Role, str], roles: Sequence[Role]) -> str:
    return ", ".join(f'{values[role]} AS "{role}"' for role in roles)


def _action(part: LoadedPart, log: Understanding) -> str:
    preset = log.mapping.preset
    if not log.mapping.columns("action") and preset and preset.action:
        return literal(preset.action)
    return _value("action", part, log)


def _value(role: Role, part: LoadedPart, log: Understanding) -> str:
    names = log.mapping.columns(role)
    if role == "event_id" and not names:
        return '"row"'
    if role == "risk":
        return risk_tags([(name, part.columns[name]) for name in names if name in part.columns])
    column = part.columns.get(names[0]) if names else None
    if column is None:
        return f"CAST(NULL AS {'BIGINT' if role in log.ids.numbers else 'VARCHAR'})"
    if role in ID_ROLES:
        return id_value(role, column, log.ids)
    return value_or_null(role, plain_text(column))


def count_gaps(session: Session, parts: Sequence[LoadedPart], log: Understanding) -> Gaps:
    """Count the values that are missing in some parts.

    Args:
        session: Where the parts are.
        parts: The parts, with their times.
        log: What was decided.
    """
    n_without_account = 0
    n_words: Counter[Role] = Counter()
    for part in parts:
        counts = [
            f"count(*) FILTER (WHERE {_value('account', part, log)} IS NULL AND us IS NOT NULL) AS gone"
        ]
        roles = [role for role in log.roles if role not in {"time", "content"} and _is_text(role, part, log)]
        for role in roles:
            text = plain_text(part.columns[log.mapping.columns(role)[0]])
            counts.append(f'count(*) FILTER (WHERE {stands_for_nothing(text)}) AS "{role}"')
        found = fetch_row(session, f"SELECT {', '.join(counts)} FROM {part.view}")  # noqa: S608
        n_without_account += found.pop("gone")
        n_words.update({role: found[role] for role in roles})
    return Gaps(n_without_account=n_without_account, n_words={r: n for r, n in n_words.items() if n})


def _is_text(role: Role, part: LoadedPart, log: Understanding) -> bool:
    column = part.columns.get(next(iter(log.mapping.columns(role)), ""))
    return column is not None and column.kind in {"text", "untyped", "json"}
