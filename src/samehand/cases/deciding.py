"""What decisions do to cases. Each function changes all that belongs together, in a transaction of its caller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, func, insert, select, update

from samehand.cases import audit, outbox
from samehand.cases.audit import Detail
from samehand.cases.clock import from_us, now_us
from samehand.cases.errors import ConflictError, RefusedError
from samehand.cases.model import JUDGEMENTS, SECONDED, Action, Status
from samehand.cases.reading import case_row, lead, texts
from samehand.cases.schema import AUDIT, CASES, DECISIONS, MEMBERS


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


def decide(connection: Connection, order: Order) -> int:
    """Take a decision; its number is returned.

    Raises:
        NotFoundError: There is no such case.
        ConflictError: The case was changed since its reviewer saw it.
        RefusedError: The decision makes no sense for the case.
    """
    row = seen(connection, order.case_id, order.expected_version)
    name = lead(row).name
    if row.status == Status.merged:
        raise RefusedError(
            f"{name} was merged into case {row.merged_into}", hint="decide that one, or undo the merge"
        )
    if row.status == Status.second:
        raise RefusedError(
            f"{name} waits for a second reviewer", hint="agree, disagree, or undo the decision"
        )
    if order.needs_second and order.action not in SECONDED:
        raise RefusedError(
            f"{order.action} takes no second reviewer", hint="confirm and dismiss can require one"
        )
    if order.action in JUDGEMENTS:
        if order.accounts or order.into is not None:
            raise RefusedError(
                f"{order.action} is about the whole fleet", hint="leave out accounts and the other case"
            )
        status = Status.second if order.needs_second else JUDGEMENTS[order.action]
        return _conclude(connection, order, row, {"status": status})
    if order.action is Action.split_off:
        return _split(connection, order, row)
    if order.action is Action.merge:
        return _merge(connection, order, row)
    return _remove(connection, order, row)


def _split(connection: Connection, order: Order, row: Any) -> int:
    present = _chosen(connection, order, row)
    if len(order.accounts) == len(present):
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
    _move(connection, row.run_id, order.accounts, child)
    audit.append(
        connection,
        order.reviewer,
        "split_off",
        child,
        Detail(status=Status.open, version=1, assignee=row.assignee, other_case=row.case_id),
    )
    left = {"n_accounts": len(present) - len(order.accounts)}
    return _conclude(connection, order, row, left, order.accounts, child, 1)


def _merge(connection: Connection, order: Order, row: Any) -> int:
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
    present = tuple(_present(connection, row.case_id))
    _move(connection, row.run_id, present, order.into)
    version = change(
        connection,
        other,
        order.reviewer,
        "merged_in",
        Detail(other_case=row.case_id, accounts=present),
        n_accounts=other.n_accounts + len(present),
    )
    gone = {"status": Status.merged, "merged_into": order.into, "n_accounts": 0}
    return _conclude(connection, order, row, gone, present, order.into, version)


def _remove(connection: Connection, order: Order, row: Any) -> int:
    present = _chosen(connection, order, row)
    if len(order.accounts) == len(present):
        raise RefusedError("these are all members", hint="dismiss the fleet instead")
    _set_removed(connection, row.run_id, order.accounts, removed=True)
    left = {"n_accounts": len(present) - len(order.accounts)}
    return _conclude(connection, order, row, left, order.accounts)


def _conclude(
    connection: Connection,
    order: Order,
    row: Any,
    values: Mapping[str, object],
    accounts: Sequence[str] = (),
    other_case: int | None = None,
    other_version: int | None = None,
) -> int:
    """Write the decision, the case, the audit log and the message."""
    decided = {
        "case_id": row.case_id,
        "action": order.action,
        "reviewer": order.reviewer,
        "reason": order.reason,
        "policy": order.policy,
        "decided_at_us": now_us(),
        "accounts": msgspec.json.encode(accounts).decode(),
        "other_case": other_case,
        "other_version": other_version,
        "status_before": row.status,
        "needs_second": order.needs_second,
    }
    number = connection.execute(
        insert(DECISIONS).values(decided).returning(DECISIONS.c.decision_id)
    ).scalar_one()
    detail = Detail(
        decision_id=number,
        decision=order.action,
        reason=order.reason,
        policy=order.policy,
        needs_second=order.needs_second,
        accounts=tuple(accounts),
        other_case=other_case,
    )
    change(connection, row, order.reviewer, "decide", detail, **values)
    outbox.announce(connection, "decided", int(number))
    return int(number)


def _chosen(connection: Connection, order: Order, row: Any) -> set[str]:
    """Give the present members, all chosen accounts among them."""
    if not order.accounts or order.into is not None:
        raise RefusedError(
            f"{order.action} needs accounts, and no other case", hint="name members of the case"
        )
    if len(set(order.accounts)) < len(order.accounts):
        raise RefusedError("an account is named twice", hint="name each once")
    present = set(_present(connection, row.case_id))
    strange = [account for account in order.accounts if account not in present]
    if strange:
        raise RefusedError(f"{strange[0]!r} is no member of the case", hint="members that were not removed")
    return present


def _present(connection: Connection, case_id: int) -> list[str]:
    asked = select(MEMBERS.c.account).where(MEMBERS.c.case_id == case_id, MEMBERS.c.removed.is_(False))
    return list(connection.execute(asked.order_by(MEMBERS.c.account)).scalars())


def _move(connection: Connection, run_id: int, accounts: Sequence[str], case_id: int) -> None:
    here = MEMBERS.c.run_id == run_id
    for account in accounts:
        connection.execute(update(MEMBERS).where(here, MEMBERS.c.account == account).values(case_id=case_id))


def _set_removed(connection: Connection, run_id: int, accounts: Sequence[str], *, removed: bool) -> None:
    here = MEMBERS.c.run_id == run_id
    for account in accounts:
        connection.execute(update(MEMBERS).where(here, MEMBERS.c.account == account).values(removed=removed))


def second(
    connection: Connection, case_id: int, reviewer: str, agrees: bool, reason: str, expected: int
) -> int:
    """Write what a second reviewer says of a decision that waits for one; the decision's number is returned.

    Raises:
        NotFoundError: There is no such case.
        ConflictError: The case was changed since.
        RefusedError: Nothing waits, or the reviewer is the first one.
    """
    row = seen(connection, case_id, expected)
    made = last_decision(connection, case_id)
    if row.status != Status.second or made is None:
        raise RefusedError(f"{lead(row).name} waits for nobody", hint="decide it")
    if made.reviewer == reviewer:
        raise RefusedError(
            "the second reviewer must be another person", hint="ask a colleague, or undo the decision"
        )
    connection.execute(
        update(DECISIONS)
        .where(DECISIONS.c.decision_id == made.decision_id)
        .values(agreed=agrees, second_reviewer=reviewer, second_reason=reason, second_at_us=now_us())
    )
    status = JUDGEMENTS[Action(made.action)] if agrees else made.status_before
    detail = Detail(decision_id=made.decision_id, decision=Action(made.action), agreed=agrees, reason=reason)
    change(connection, row, reviewer, "second", detail, status=status)
    outbox.announce(connection, "agreed" if agrees else "disagreed", made.decision_id)
    return int(made.decision_id)


def last_decision(connection: Connection, case_id: int) -> Any:
    """Give the row of the latest decision that was neither undone nor refused by a second reviewer, or None."""
    standing = (DECISIONS.c.undone_at_us.is_(None), DECISIONS.c.agreed.is_not(False))
    asked = select(DECISIONS).where(DECISIONS.c.case_id == case_id, *standing)
    return connection.execute(asked.order_by(DECISIONS.c.decision_id.desc()).limit(1)).one_or_none()


def undo(connection: Connection, case_id: int, reviewer: str, reason: str, expected: int) -> int:
    """Take back the latest decision of a case; its number is returned.

    Raises:
        NotFoundError: There is no such case.
        ConflictError: The case, or the other case of a split or merge, was changed since.
        RefusedError: There is nothing to undo.
    """
    row = seen(connection, case_id, expected)
    made = last_decision(connection, case_id)
    if made is None:
        raise RefusedError(f"{lead(row).name} has no decision to undo", hint="decide it")
    accounts = texts(made.accounts)
    values: dict[str, object] = {"status": made.status_before}
    if made.action in {Action.split_off, Action.merge}:
        _take_back(connection, row, made, reviewer, accounts)
        values |= {"status": made.status_before, "merged_into": None}
    if made.action == Action.remove_member:
        _set_removed(connection, row.run_id, accounts, removed=False)
    if accounts:
        values |= {"n_accounts": len(_present(connection, case_id))}
    connection.execute(
        update(DECISIONS)
        .where(DECISIONS.c.decision_id == made.decision_id)
        .values(undone_by=reviewer, undone_at_us=now_us())
    )
    detail = Detail(
        decision_id=made.decision_id, decision=Action(made.action), reason=reason, accounts=accounts
    )
    change(connection, row, reviewer, "undo", detail, **values)
    outbox.announce(connection, "undone", made.decision_id)
    return int(made.decision_id)


def _take_back(connection: Connection, row: Any, made: Any, reviewer: str, accounts: tuple[str, ...]) -> None:
    """Bring members back from the other case of a split or merge, if nobody has worked on it since."""
    other = seen(connection, made.other_case, made.other_version)
    _move(connection, row.run_id, accounts, row.case_id)
    values: dict[str, object] = {"n_accounts": other.n_accounts - len(accounts)}
    if made.action == Action.split_off:
        values |= {"status": Status.merged, "merged_into": row.case_id}
    change(
        connection, other, reviewer, "taken_back", Detail(other_case=row.case_id, accounts=accounts), **values
    )
