"""A change of a case: asked for by somebody who saw a version, written with an entry of the audit log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, select, update

from samehand.casefile.exports.measures import Measure
from samehand.cases import audit
from samehand.cases.audit import Detail
from samehand.cases.clock import from_us, now_us
from samehand.cases.errors import ConflictError
from samehand.cases.model import Action, Status
from samehand.cases.reading import case_row, lead
from samehand.cases.schema import AUDIT, CASES


@dataclass(frozen=True, kw_only=True)
class Order:
    """A decision that somebody wants to take."""

    case_id: int
    action: Action
    reviewer: str
    reason: str
    policy: str
    expected_version: int
    accounts: tuple[str, ...] = ()
    into: int | None = None
    needs_second: bool = False
    measure: Measure | None = None


def seen(connection: Connection, case_id: int, expected_version: int) -> Any:
    """Give the row of a case that is still as somebody saw it.

    Raises:
        NotFoundError: There is no such case.
        ConflictError: It was changed since.
    """
    row = case_row(connection, case_id)
    if row.version != expected_version:
        last = connection.execute(
            select(AUDIT).where(AUDIT.c.case_id == case_id).order_by(AUDIT.c.number.desc()).limit(1)
        ).one_or_none()
        by = (
            ""
            if last is None
            else f" by {last.actor} at {from_us(last.at_us):%Y-%m-%d %H:%M:%S} UTC ({last.action})"
        )
        raise ConflictError(
            f"{lead(row).name} was changed{by}: you saw version {expected_version}, it has version {row.version}",
            where=f"case {case_id}",
            hint="look at it again, then decide. Nothing of yours was written",
        )
    return row


def change(
    connection: Connection, row: Any, actor: str, action: str, detail: Detail, **values: object
) -> int:
    """Give a case new values and its next version, and write so into the audit log; the version is returned."""
    version = int(row.version) + 1
    status = Status(str(values.get("status", row.status)))
    assignee = values.get("assignee", row.assignee)
    connection.execute(
        update(CASES)
        .where(CASES.c.case_id == row.case_id)
        .values(version=version, updated_at_us=now_us(), **values)
    )
    detail = msgspec.structs.replace(
        detail, status=status, version=version, assignee=None if assignee is None else str(assignee)
    )
    audit.append(connection, actor, action, row.case_id, detail)
    return version
