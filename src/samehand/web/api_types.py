"""What the API answers and ``cases.model`` does not have in a form for it."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import msgspec
from pydantic import BaseModel

from samehand.casefile.exports.measures import Measure
from samehand.cases.audit import AuditEntry
from samehand.cases.model import Action, Role, Status


class EventDetail(BaseModel):
    """What an entry says beside who, when and about which case; null: does not apply."""

    status: Status | None = None
    version: int | None = None
    assignee: str | None = None
    decision_id: int | None = None
    decision: Action | None = None
    reason: str | None = None
    policy: str | None = None
    measure: Measure | None = None
    needs_second: bool | None = None
    agreed: bool | None = None
    accounts: list[str] | None = None
    other_case: int | None = None
    note_id: int | None = None
    text: str | None = None
    run_id: int | None = None
    digest: str | None = None
    name: str | None = None
    role: Role | None = None


class Event(BaseModel):
    """One entry of the audit log."""

    number: int
    at: datetime
    actor: str
    action: str
    case_id: int | None
    detail: EventDetail
    hash: str

    @classmethod
    def of(cls, entry: AuditEntry) -> Self:
        """Make one of an entry."""
        return cls(
            number=entry.number,
            at=entry.at,
            actor=entry.actor,
            action=entry.action,
            case_id=entry.case_id,
            detail=EventDetail(**msgspec.to_builtins(entry.detail)),
            hash=entry.hash,
        )
