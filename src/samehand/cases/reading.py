"""Rows of the store as what they mean, and questions to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, false, func, or_, select

from samehand.casefile.exports.measures import Measure
from samehand.cases.clock import from_us
from samehand.cases.errors import NotFoundError
from samehand.cases.model import (
    Action,
    Case,
    Decision,
    Lead,
    LeadQuery,
    Leads,
    Member,
    Note,
    RegisteredRun,
    Status,
)
from samehand.cases.registering import registered
from samehand.cases.schema import CASES, DECISIONS, MEMBERS, NOTES, RUNS
from samehand.cases.wording import storable


def runs(connection: Connection) -> tuple[RegisteredRun, ...]:
    """All registered runs, oldest first."""
    return tuple(registered(row) for row in connection.execute(select(RUNS).order_by(RUNS.c.run_id)))


def run(connection: Connection, run_id: int) -> RegisteredRun:
    """A registered run.

    Raises:
        NotFoundError: There is none of this number.
    """
    row = connection.execute(select(RUNS).where(RUNS.c.run_id == run_id)).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no run {run_id}", hint="`samehand cases list`")
    return registered(row)


def leads(connection: Connection, query: LeadQuery, limit: int, offset: int) -> Leads:
    """A page of leads in order of run and rank, and how many there are in all."""
    wanted = _wanted(select(CASES), query)
    total = connection.execute(select(func.count()).select_from(wanted.subquery())).scalar_one()
    ordered = wanted.order_by(CASES.c.run_id, CASES.c.rank, CASES.c.part).limit(limit).offset(offset)
    return Leads(int(total), tuple(lead(row) for row in connection.execute(ordered)))


def _wanted(asked: Select[Any], query: LeadQuery) -> Select[Any]:
    if query.run_id is not None:
        asked = asked.where(CASES.c.run_id == query.run_id)
    if query.statuses is not None:
        asked = asked.where(CASES.c.status.in_(sorted(query.statuses)) if query.statuses else false())
    if query.assignee is not None:
        has_it = (
            CASES.c.assignee == storable(query.assignee) if query.assignee else CASES.c.assignee.is_(None)
        )
        asked = asked.where(has_it)
    if query.reported is not None:
        asked = asked.where(CASES.c.reported == query.reported)
    if query.text:
        text = storable(query.text)
        named = CASES.c.fleet_id.startswith(text.upper(), autoescape=True)
        holds = select(MEMBERS.c.case_id).where(MEMBERS.c.account == text)
        asked = asked.where(or_(named, CASES.c.case_id.in_(holds)) if query.in_accounts else named)
    return asked


def lead(row: Any) -> Lead:
    """Make a lead of a row of ``cases``."""
    return Lead(
        case_id=row.case_id,
        run_id=row.run_id,
        fleet_id=row.fleet_id,
        name=row.fleet_id if row.part == 1 else f"{row.fleet_id}-{row.part}",
        rank=row.rank,
        reported=row.reported,
        status=Status(row.status),
        version=row.version,
        assignee=row.assignee,
        n_accounts=row.n_accounts,
        n_events=row.n_events,
        first_time=from_us(row.first_time_us),
        last_time=from_us(row.last_time_us),
        score_bits=row.score_bits,
        q_value=row.q_value,
        posterior=row.posterior,
        innocent=row.innocent,
        innocent_weight=row.innocent_weight,
        layers=texts(row.layers),
        behaviours=texts(row.behaviours),
        updated_at=from_us(row.updated_at_us),
        merged_into=row.merged_into,
    )


def case_row(connection: Connection, case_id: int) -> Any:
    """The row of a case.

    Raises:
        NotFoundError: There is none of this number.
    """
    row = connection.execute(select(CASES).where(CASES.c.case_id == case_id)).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no case {case_id}", hint="`samehand cases list`")
    return row


def case(connection: Connection, case_id: int) -> Case:
    """A case with its members, decisions and notes.

    Raises:
        NotFoundError: There is none of this number.
    """
    row = case_row(connection, case_id)
    members = connection.execute(
        select(MEMBERS.c.account, MEMBERS.c.fleet_id, MEMBERS.c.bits, MEMBERS.c.removed)
        .where(MEMBERS.c.case_id == case_id)
        .order_by(MEMBERS.c.bits.desc(), MEMBERS.c.account)
    ).all()
    notes = connection.execute(select(NOTES).where(NOTES.c.case_id == case_id).order_by(NOTES.c.note_id))
    return Case(
        lead=lead(row),
        members=tuple(
            Member(account=account, fleet_id=fleet_id, bits=bits, removed=removed)
            for account, fleet_id, bits, removed in members  # by place: thousands are read for a page
        ),
        decisions=decisions(connection, case_id),
        notes=tuple(note(one) for one in notes),
    )


def has_account(connection: Connection, names: Sequence[str]) -> bool:
    """Tell whether one of some names is a member of any case."""
    asked = select(MEMBERS.c.account).where(MEMBERS.c.account.in_([storable(name) for name in names]))
    return connection.execute(asked.limit(1)).first() is not None


def decisions(connection: Connection, case_id: int | None = None) -> tuple[Decision, ...]:
    """All decisions, or those of one case, oldest first."""
    asked = select(DECISIONS).order_by(DECISIONS.c.decision_id)
    if case_id is not None:
        asked = asked.where(DECISIONS.c.case_id == case_id)
    return tuple(decision(row) for row in connection.execute(asked))


def decision(row: Any) -> Decision:
    """Make a decision of a row of ``decisions``."""
    return Decision(
        decision_id=row.decision_id,
        case_id=row.case_id,
        action=Action(row.action),
        reviewer=row.reviewer,
        reason=row.reason,
        policy=row.policy,
        measure=None if row.measure is None else msgspec.json.decode(row.measure, type=Measure),
        decided_at=from_us(row.decided_at_us),
        accounts=texts(row.accounts),
        other_case=row.other_case,
        needs_second=row.needs_second,
        agreed=row.agreed,
        second_reviewer=row.second_reviewer,
        second_reason=row.second_reason,
        second_at=None if row.second_at_us is None else from_us(row.second_at_us),
        undone_by=row.undone_by,
        undone_at=None if row.undone_at_us is None else from_us(row.undone_at_us),
    )


def note(row: Any) -> Note:
    """Make a note of a row of ``notes``."""
    return Note(
        note_id=row.note_id,
        case_id=row.case_id,
        author=row.author,
        text=row.text,
        written_at=from_us(row.written_at_us),
    )


def texts(listed: str) -> tuple[str, ...]:
    """Read a list of texts that is kept as JSON."""
    return msgspec.json.decode(listed, type=tuple[str, ...])
