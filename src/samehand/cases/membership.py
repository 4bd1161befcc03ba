"""Decisions that change who is in a case: split, merge, remove, and taking them back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select, update

from samehand.cases import audit
from samehand.cases.audit import Detail
from samehand.cases.changes import Order, change
from samehand.cases.clock import now_us
from samehand.cases.errors import ConflictError, RefusedError
from samehand.cases.model import Action, Status
from samehand.cases.reading import case_row, lead
from samehand.cases.schema import CASES, DECISIONS, MEMBERS

_CHUNK: Final = 500
"""Accounts in one statement."""


@dataclass(frozen=True)
class Effect:
    """What a decision does to its case, and to which other one."""

    values: Mapping[str, object]
    """New values of the case's row."""
    accounts: Sequence[str] = ()
    other_case: int | None = None


def split(connection: Connection, order: Order, row: Any) -> Effect:
    """Put chosen members into a new, open case of their own.

    Raises:
        RefusedError: They are not some of the present members.
    """
    members = _chosen(connection, order, row)
    if len(order.accounts) == len(members):
        raise RefusedError("these are all members", hint="leave some in the case, or decide it as it is")
    part = connection.execute(
        select(func.max(CASES.c.part)).where(CASES.c.run_id == row.run_id, CASES.c.fleet_id == row.fleet_id)
    ).scalar_one()
    copied = {column.name: getattr(row, column.name) for column in CASES.c if column.name != "case_id"}
    copied |= {
        "part": part + 1,
        "status": Status.open,
        "version": 1,
        "n_accounts": len(order.accounts),
        "updated_at_us": now_us(),
    }
    child = int(connection.execute(insert(CASES).values(copied).returning(CASES.c.case_id)).scalar_one())
    _set(connection, row.run_id, order.accounts, case_id=child)
    audit.append(
        connection,
        order.reviewer,
        "split_off",
        child,
        Detail(status=Status.open, version=1, assignee=row.assignee, other_case=row.case_id),
    )
    left = {"n_accounts": len(members) - len(order.accounts)}
    return Effect(left, order.accounts, child)


def merge(connection: Connection, order: Order, row: Any) -> Effect:
    """Put all members into another undecided case of the same run.

    Raises:
        RefusedError: There is no such case, or it is decided or of another run.
    """
    if order.into is None or order.into == row.case_id or order.accounts:
        raise RefusedError(
            "a merge needs one other case, and no accounts", hint="name the case that it goes into"
        )
    other = case_row(connection, order.into)
    if other.run_id != row.run_id:
        raise RefusedError(
            f"case {order.into} is of run {other.run_id}, this one of run {row.run_id}",
            hint="`samehand track` follows fleets from run to run",
        )
    undecided = {Status.open, Status.need_more}
    if row.status not in undecided or other.status not in undecided:
        raise RefusedError(
            "only undecided cases can be merged", hint="undo the decision on the other one first"
        )
    members = tuple(present(connection, row.case_id))
    _set(connection, row.run_id, members, case_id=order.into)
    change(
        connection,
        other,
        order.reviewer,
        "merged_in",
        Detail(other_case=row.case_id, accounts=members),
        n_accounts=other.n_accounts + len(members),
    )
    gone = {"status": Status.merged, "merged_into": order.into, "n_accounts": 0}
    return Effect(gone, members, order.into)


def remove(connection: Connection, order: Order, row: Any) -> Effect:
    """Take chosen members out of the case.

    Raises:
        RefusedError: They are not some of the present members.
    """
    members = _chosen(connection, order, row)
    if len(order.accounts) == len(members):
        raise RefusedError("these are all members", hint="dismiss the fleet instead")
    _set(connection, row.run_id, order.accounts, removed=True)
    left = {"n_accounts": len(members) - len(order.accounts)}
    return Effect(left, order.accounts)


def _chosen(connection: Connection, order: Order, row: Any) -> set[str]:
    """Give the present members, all chosen accounts among them."""
    if not order.accounts or order.into is not None:
        raise RefusedError(
            f"{order.action} needs accounts, and no other case", hint="name members of the case"
        )
    if len(set(order.accounts)) < len(order.accounts):
        raise RefusedError("an account is named twice", hint="name each once")
    members = set(present(connection, row.case_id))
    strange = [account for account in order.accounts if account not in members]
    if strange:
        raise RefusedError(f"{strange[0]!r} is no member of the case", hint="members that were not removed")
    return members


def present(connection: Connection, case_id: int) -> list[str]:
    """Members of a case that were not removed, in order."""
    asked = select(MEMBERS.c.account).where(MEMBERS.c.case_id == case_id, MEMBERS.c.removed.is_(False))
    return list(connection.execute(asked.order_by(MEMBERS.c.account)).scalars())


def put_back(connection: Connection, run_id: int, accounts: Sequence[str]) -> None:
    """Make members present again that were removed."""
    _set(connection, run_id, accounts, removed=False)


def _set(connection: Connection, run_id: int, accounts: Sequence[str], **values: object) -> None:
    for start in range(0, len(accounts), _CHUNK):
        chosen = MEMBERS.c.account.in_(accounts[start : start + _CHUNK])
        connection.execute(update(MEMBERS).where(MEMBERS.c.run_id == run_id, chosen).values(**values))


def take_back(connection: Connection, row: Any, made: Any, reviewer: str, accounts: tuple[str, ...]) -> None:
    """Bring members back from the other case of a split or merge.

    Raises:
        ConflictError: That case was decided since.
    """
    later = (DECISIONS.c.case_id == made.other_case) & (DECISIONS.c.decision_id > made.decision_id)
    stands = DECISIONS.c.undone_at_us.is_(None) & DECISIONS.c.agreed.is_not(False)
    other, built = (
        case_row(connection, made.other_case),
        connection.execute(select(DECISIONS).where(later & stands)),
    )
    if (first := built.first()) is not None:
        raise ConflictError(
            f"{lead(other).name} was decided since by {first.reviewer} ({first.action})",
            where=f"case {other.case_id}",
            hint="undo that first",
        )
    _set(connection, row.run_id, accounts, case_id=row.case_id)
    values: dict[str, object] = {"n_accounts": other.n_accounts - len(accounts)}
    if made.action == Action.split_off:
        values |= {"status": Status.merged, "merged_into": row.case_id}
    change(
        connection, other, reviewer, "taken_back", Detail(other_case=row.case_id, accounts=accounts), **values
    )
