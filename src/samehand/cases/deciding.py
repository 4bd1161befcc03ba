"""What decisions do to cases. Each function changes all that belongs together, in a transaction of its caller."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select, update

from samehand.casefile.exports.measures import LONGEST_EXPLANATION, Measure, wrong_measure
from samehand.cases import outbox
from samehand.cases.audit import Detail
from samehand.cases.changes import Order, change, seen
from samehand.cases.clock import from_us, now_us
from samehand.cases.errors import RefusedError
from samehand.cases.membership import Effect, merge, present, put_back, remove, split, take_back
from samehand.cases.model import JUDGEMENTS, SECONDED, Action, Status
from samehand.cases.reading import lead, texts
from samehand.cases.schema import DECISIONS


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
    if order.measure is not None:
        _check_measure(order, order.measure)
    if order.action in JUDGEMENTS:
        if order.accounts or order.into is not None:
            raise RefusedError(
                f"{order.action} is about the whole fleet", hint="leave out accounts and the other case"
            )
        status = Status.second if order.needs_second else JUDGEMENTS[order.action]
        return _conclude(connection, order, row, Effect({"status": status}))
    regroup = {Action.split_off: split, Action.merge: merge, Action.remove_member: remove}[order.action]
    return _conclude(connection, order, row, regroup(connection, order, row))


def _check_measure(order: Order, measure: Measure) -> None:
    """Refuse a measure that no statement of reasons could be made of."""
    if order.action is not Action.confirm:
        raise RefusedError(f"{order.action} takes no measure", hint="a measure goes with confirm")
    if wrong := wrong_measure(measure.territory, measure.until, from_us(now_us()).date()):
        raise RefusedError(wrong, where="measure", hint="such as EEA, EU, or DE and FR; a day to come")
    if len(order.reason) > LONGEST_EXPLANATION:
        raise RefusedError(
            f"with a measure the reason goes into a statement of reasons, and has {len(order.reason):,} characters",
            hint=f"at most {LONGEST_EXPLANATION:,}; more can go into a note",
        )


def _conclude(connection: Connection, order: Order, row: Any, effect: Effect) -> int:
    """Write the decision, the case, the audit log and the message."""
    decided = {
        "case_id": row.case_id,
        "action": order.action,
        "reviewer": order.reviewer,
        "reason": order.reason,
        "policy": order.policy,
        "measure": None if order.measure is None else msgspec.json.encode(order.measure).decode(),
        "decided_at_us": now_us(),
        "accounts": msgspec.json.encode(effect.accounts).decode(),
        "other_case": effect.other_case,
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
        measure=order.measure,
        needs_second=order.needs_second,
        accounts=tuple(effect.accounts),
        other_case=effect.other_case,
    )
    change(connection, row, order.reviewer, "decide", detail, **effect.values)
    outbox.announce(connection, "decided", int(number))
    return int(number)


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
        take_back(connection, row, made, reviewer, accounts)
        values |= {"status": made.status_before, "merged_into": None}
    if made.action == Action.remove_member:
        put_back(connection, row.run_id, accounts)
    if accounts:
        values |= {"n_accounts": len(present(connection, case_id))}
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
