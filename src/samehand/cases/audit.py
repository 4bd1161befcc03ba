"""The audit log: every change, in order, each entry bound to the one before it by a hash."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import Connection, insert, select, update

from samehand.casefile.exports.measures import Measure
from samehand.cases.clock import from_us, now_us
from samehand.cases.model import Action, Role, Status
from samehand.cases.schema import AUDIT, AUDIT_HEAD

GENESIS: Final = "0" * 64
"""What the first entry follows."""


class Detail(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an entry says beside who, when and about which case. What does not apply is left out."""

    status: Status | None = None
    """Of the case, after the entry; so are the next two."""
    version: int | None = None
    assignee: str | None = None
    decision_id: int | None = None
    decision: Action | None = None
    reason: str | None = None
    policy: str | None = None
    measure: Measure | None = None
    needs_second: bool | None = None
    agreed: bool | None = None
    accounts: tuple[str, ...] | None = None
    other_case: int | None = None
    note_id: int | None = None
    text: str | None = None
    run_id: int | None = None
    digest: str | None = None
    name: str | None = None
    """Of the account, token or webhook that is meant."""
    role: Role | None = None


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """One change."""

    number: int
    """1 is the first."""
    at: datetime
    actor: str
    action: str
    """register, decide, second, undo, note, assign, split_off, merged_in, ..."""
    case_id: int | None
    detail: Detail
    hash: str
    """SHA-256 over the hash before it and all of the entry."""


def append(
    connection: Connection, actor: str, action: str, case_id: int | None = None, detail: Detail | None = None
) -> int:
    """Write an entry at the end. Its number is returned.

    Args:
        connection: Of ``Database.writing``, which holds the lock of the log's head.
        actor: Who did it.
        action: What was done.
        case_id: To which case, if to one.
        detail: The particulars.
    """
    number, before = connection.execute(select(AUDIT_HEAD.c.number, AUDIT_HEAD.c.hash)).one()
    row = {
        "number": number + 1,
        "at_us": now_us(),
        "actor": actor,
        "action": action,
        "case_id": case_id,
        "detail": msgspec.json.encode(detail or Detail()).decode(),
    }
    digest = chained(before, *row.values())
    connection.execute(insert(AUDIT).values(**row, hash=digest))
    connection.execute(update(AUDIT_HEAD).values(number=number + 1, hash=digest))
    return int(number) + 1


def chained(before: str, *fields: int | str | None) -> str:
    """Hash an entry: SHA-256 of the hash before it, a line feed, and its fields in order as a JSON list.

    >>> chained("0" * 64, 1, 0, "ann", "note", 7, "{}")[:8]
    '9d65bd8c'
    """
    return hashlib.sha256(before.encode() + b"\n" + msgspec.json.encode(fields)).hexdigest()


def history(connection: Connection, case_id: int) -> tuple[AuditEntry, ...]:
    """Everything that was done to a case, oldest first."""
    rows = connection.execute(select(AUDIT).where(AUDIT.c.case_id == case_id).order_by(AUDIT.c.number))
    return tuple(
        AuditEntry(
            number=row.number,
            at=from_us(row.at_us),
            actor=row.actor,
            action=row.action,
            case_id=row.case_id,
            detail=msgspec.json.decode(row.detail, type=Detail),
            hash=row.hash,
        )
        for row in rows
    )
