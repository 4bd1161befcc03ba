"""Writes a log as samehand's own events: one Parquet file with the columns of ``columns.events``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

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
from samehand.events.times.read import TimeReading

_EVENTS: Final = "events_of_the_log"


@dataclass(frozen=True, kw_only=True)
class Understanding:
    """Everything that was decided about a log before its rows are converted."""

    mapping: Mapping
    times: TimeReading
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


@dataclass(frozen=True, kw_only=True)
class Written:
    """The events as written."""

    file: Path
    n_events: int
    n_duplicates: int
    left_out: tuple[LeftOut, ...]
    warnings: tuple[str, ...]


def write_events(session: Session, log: Understanding, folder: Path) -> Written:
    """Convert all rows, keep exact duplicates once, and write ``events.parquet``.

    Args:
        session: Where the parts are.
        log: The parts, and what was decided.
        folder: Where to write.
    """
    parts = log.times.parts
    selects = [_select(part, log) for part in parts]
    session.execute(f"CREATE VIEW {_EVENTS} AS {' UNION ALL '.join(selects)}")
    gaps = _count_gaps(session, parts, log)
    compared = [role for role in log.roles if role != "event_id" or log.has_event_ids]
    n_rows = sum(part.n_rows for part in parts)
    n_duplicates = drop_duplicates(session, _EVENTS, compared, n_rows)
    file = folder / "events.parquet"
    kept, order = f"SELECT * FROM {_EVENTS}", ""  # noqa: S608
    if n_duplicates:  # the join loses the order of the rows
        kept += ' ANTI JOIN dropped_rows USING ("row", hit)'
        order = ' ORDER BY "row", hit'
    row = session.execute(
        f"COPY (SELECT {', '.join(log.roles)} FROM ({kept}){order}) TO {literal(str(file))} "  # noqa: S608
        "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
    ).fetchone()
    left_out = []
    if gaps.n_without_account:
        why = "without one they say nothing about any account"
        left_out.append(LeftOut(what="rows without an account", count=gaps.n_without_account, why=why))
    return Written(
        file=file,
        n_events=int(row[0]) if row else 0,
        n_duplicates=n_duplicates,
        left_out=tuple(left_out),
        warnings=(*_warn_of_words(gaps), *_warn_of_shared_ids(session, log, kept, n_rows)),
    )


def _warn_of_shared_ids(session: Session, log: Understanding, kept: str, n_rows: int) -> tuple[str, ...]:
    if not log.has_event_ids:
        return ()
    n_shared = count_shared_ids(session, f"({kept} WHERE hit <= 1)", n_rows)
    if not n_shared:
        return ()
    events = f"{n_shared:,} events carry the id of an earlier event with other content"
    return (f"{events}; all were kept. Ids cannot tell these events apart.",)


def _select(part: LoadedPart, log: Understanding) -> str:
    """Give the query for the events of one part: ``row``, ``hit`` (number within the row), and the roles."""
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


@dataclass(frozen=True, kw_only=True)
class _Gaps:
    """Values that are missing in the source."""

    n_without_account: int
    """Rows that have a time and no account."""
    n_words: dict[Role, int]
    """Texts such as ``null`` or ``-`` where an id should be."""


def _count_gaps(session: Session, parts: Sequence[LoadedPart], log: Understanding) -> _Gaps:
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
    return _Gaps(n_without_account=n_without_account, n_words={r: n for r, n in n_words.items() if n})


def _is_text(role: Role, part: LoadedPart, log: Understanding) -> bool:
    column = part.columns.get(next(iter(log.mapping.columns(role)), ""))
    return column is not None and column.kind in {"text", "untyped", "json"}


def _warn_of_words(gaps: _Gaps) -> tuple[str, ...]:
    if not gaps.n_words:
        return ()
    roles = ", ".join(f"{role} {n:,}" for role, n in gaps.n_words.items())
    return (f"Words such as null, NaN and - stand where values should be, and count as missing: {roles}.",)
