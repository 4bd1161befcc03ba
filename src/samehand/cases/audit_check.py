"""Checks the audit log: that the chain is whole, and that cases and decisions are what the log says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, select

from samehand.cases.audit import GENESIS, Detail, chained
from samehand.cases.database import Database
from samehand.cases.model import Action, Decision
from samehand.cases.reading import decisions
from samehand.cases.redaction import PLAIN, Redaction
from samehand.cases.schema import AUDIT, AUDIT_HEAD, CASES, MEMBERS, NOTES

_MOST: Final = 100
"""Problems that are told."""


@dataclass(frozen=True, kw_only=True)
class AuditCheck:
    """What was found."""

    n_entries: int
    head: str
    """Hash of the last entry. Who writes it down elsewhere can later tell that nothing before it was changed."""
    problems: tuple[str, ...]
    """Empty: the log is whole, and the tables agree with it. At most 100 are told."""


def check_audit(
    database: Database, known_head: str | None = None, redaction: Redaction = PLAIN
) -> AuditCheck:
    """Check every hash of the log, and cases, decisions and notes against it.

    Args:
        database: Of the store.
        known_head: A head that was written down earlier and must still be in the log.
        redaction: How accounts are named in problems; what is checked stays the same.

    Raises:
        StoreError: The database cannot be read.
    """
    with database.reading() as connection:
        said = _Said()
        problems = list(_chain(connection, said))
        if known_head is not None and known_head.lower() not in said.hashes:
            problems.append(f"the head {known_head} is not in the log: entries were removed or rewritten")
        for compare in (_decisions, _cases, _notes):
            problems += compare(connection, said)
        problems += _members(connection, said, redaction)
        head = connection.execute(select(AUDIT_HEAD)).one()
    return AuditCheck(n_entries=head.number, head=head.hash, problems=tuple(problems[:_MOST]))


class _Said:
    """What the log says, as far as tables can be compared with it."""

    def __init__(self) -> None:
        self.hashes = {GENESIS}
        self.states: dict[int, tuple[Any, ...]] = {}
        """Case -> status, version, assignee after its last entry."""
        self.decided: dict[int, tuple[Any, ...]] = {}
        """Decision -> what ``_of`` gives."""
        self.seconded: dict[int, tuple[Any, ...]] = {}
        self.undone: dict[int, str] = {}
        self.notes: dict[int, tuple[Any, ...]] = {}
        self.moves: list[tuple[int, tuple[str, ...], int, bool]] = []
        """Case, members, the case that they are in from then on, whether they are removed."""

    def hear(self, row: Any, detail: Detail) -> None:
        if detail.version is not None and row.case_id is not None:
            self.states[row.case_id] = detail.status, detail.version, detail.assignee
        number = detail.decision_id or 0
        if row.action == "decide":
            accounts = detail.accounts or ()
            judged = detail.decision, detail.reason, detail.policy, detail.measure, detail.needs_second
            self.decided[number] = row.case_id, row.actor, *judged, accounts, detail.other_case
            removed = detail.decision == Action.remove_member
            self.moves.append((row.case_id, accounts, detail.other_case or row.case_id, removed))
        elif row.action == "second":
            self.seconded[number] = row.actor, detail.agreed, detail.reason
        elif row.action == "undo":
            self.undone[number] = row.actor
            self.moves.append((row.case_id, detail.accounts or (), row.case_id, False))
        elif row.action == "note":
            self.notes[detail.note_id or 0] = row.case_id, row.actor, detail.text


def _chain(connection: Connection, said: _Said) -> Iterator[str]:
    before, expected = GENESIS, 1
    rows = connection.execution_options(yield_per=1_000).execute(select(AUDIT).order_by(AUDIT.c.number))
    for row in rows:
        if row.number != expected:
            yield f"entry {expected} is missing"
        counted = chained(before, row.number, row.at_us, row.actor, row.action, row.case_id, row.detail)
        if counted != row.hash:
            yield f"entry {row.number} was changed, or the one before it"
        before, expected = row.hash, row.number + 1
        said.hashes.add(row.hash)
        try:
            said.hear(row, msgspec.json.decode(row.detail, type=Detail))
        except msgspec.DecodeError:
            yield f"entry {row.number} cannot be read"
    head = connection.execute(select(AUDIT_HEAD)).one()
    if (head.number, head.hash) != (expected - 1, before):
        yield f"the log ends at entry {expected - 1}, and should end at {head.number}"


def _decisions(connection: Connection, said: _Said) -> Iterator[str]:
    there: set[int] = set()
    for one in decisions(connection):
        there.add(one.decision_id)
        if said.decided.get(one.decision_id) != _of(one):
            yield f"decision {one.decision_id} is not what the log says"
        second = None if one.second_reviewer is None else (one.second_reviewer, one.agreed, one.second_reason)
        if said.seconded.get(one.decision_id) != second:
            yield f"what the second reviewer said of decision {one.decision_id} is not what the log says"
        if said.undone.get(one.decision_id) != one.undone_by:
            yield f"whether decision {one.decision_id} was undone is not what the log says"
    for number in sorted(said.decided.keys() - there):
        yield f"decision {number} is missing"


def _of(one: Decision) -> tuple[Any, ...]:
    judged = one.action, one.reason, one.policy, one.measure, one.needs_second
    return one.case_id, one.reviewer, *judged, one.accounts, one.other_case


def _cases(connection: Connection, said: _Said) -> Iterator[str]:
    there = {
        row.case_id: (row.status, row.version, row.assignee) for row in connection.execute(select(CASES))
    }
    for number, state in sorted(said.states.items()):
        if there.get(number) != state:
            yield f"case {number} is not as the log says"
    for number, state in sorted(there.items()):
        if number not in said.states and state != ("open", 1, None):
            yield f"case {number} was changed, and the log does not say so"


def _members(connection: Connection, said: _Said, redaction: Redaction) -> Iterator[str]:
    cases = {row.case_id: row for row in connection.execute(select(CASES))}
    first = {(row.run_id, row.fleet_id): row.case_id for row in cases.values() if row.part == 1}
    moved = {
        (cases[case_id].run_id, account): (now, removed)
        for case_id, accounts, now, removed in said.moves
        for account in accounts
        if case_id in cases
    }
    for row in connection.execution_options(yield_per=10_000).execute(select(MEMBERS)):
        expected = moved.get((row.run_id, row.account), (first.get((row.run_id, row.fleet_id)), False))
        if (row.case_id, row.removed) != expected:
            yield f"{redaction.id(row.account)!r} of run {row.run_id} is not in the case that the log says"


def _notes(connection: Connection, said: _Said) -> Iterator[str]:
    there = {row.note_id: (row.case_id, row.author, row.text) for row in connection.execute(select(NOTES))}
    for number in sorted(there.keys() | said.notes.keys()):
        if there.get(number) != said.notes.get(number):
            yield f"note {number} is not what the log says"
