"""The store of cases: what reviewers see and decide, in SQLite or PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, Self

from sqlalchemy import insert

from samehand.casefile.exports.measures import Measure
from samehand.cases import audit, deciding, reading, registering
from samehand.cases.audit import AuditEntry, Detail
from samehand.cases.changes import Order, change, seen
from samehand.cases.clock import now_us
from samehand.cases.database import Database, open_database
from samehand.cases.errors import RefusedError
from samehand.cases.model import (
    JUDGEMENTS,
    Action,
    Case,
    Choice,
    Decision,
    LeadQuery,
    Leads,
    RegisteredRun,
)
from samehand.cases.schema import NOTES
from samehand.cases.wording import LONGEST_NAME, LONGEST_NOTE, LONGEST_POLICY, LONGEST_REASON, checked

LARGEST_BULK: Final = 1_000
"""Cases that one decision may be about."""


ALL: Final = LeadQuery()


class CaseStore:
    """Cases and decisions in one database. Safe for several threads and processes.

    Every method that changes something writes all of it, the entry of the audit log included, or nothing, and when it
    returns the change is on the disk. All may raise ``StoreError`` where the database fails. Changes of a case name the
    version that was seen; where somebody was faster, ``ConflictError`` says who, and nothing is written.

    Who may do what is not asked here: ``actor`` and ``reviewer`` are names that the caller has checked.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    @classmethod
    def open(cls, place: str | Path) -> Self:
        """Open a store, made where there is none.

        Args:
            place: Path of a SQLite file, or ``postgresql://user:password@host/database``.

        Raises:
            OptionError: The URL is of no known kind.
            StoreError: The database cannot be reached or written, or a newer samehand made it.
        """
        return cls(open_database(place))

    def close(self) -> None:
        """Close all connections."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def register_run(
        self, folder: str | Path, *, actor: str, again: bool = False, fleets: Iterable[str] | None = None
    ) -> RegisteredRun:
        """Enter a run and one open case for each of its candidate fleets; a run that is there already stays.

        Args:
            folder: A folder that ``samehand detect`` wrote.
            actor: Who registers it.
            again: Whether a folder whose run was replaced since is entered as a run of its own.
            fleets: Only these become cases, those of a run that is there already too; None: all.

        Raises:
            InputError: The folder is no whole run of this version, or was changed since it was registered.
        """
        folder = Path(folder)
        read = registering.read_for_review(folder)
        with self.database.writing() as connection:
            run_id = registering.register(
                connection,
                folder,
                read,
                checked(actor, "actor", LONGEST_NAME),
                again=again,
                fleets=None if fleets is None else frozenset(fleets),
            )
            return reading.run(connection, run_id)

    def runs(self) -> tuple[RegisteredRun, ...]:
        """All registered runs, oldest first."""
        with self.database.reading() as connection:
            return reading.runs(connection)

    def run(self, run_id: int) -> RegisteredRun:
        """A registered run.

        Raises:
            NotFoundError: There is none of this number.
        """
        with self.database.reading() as connection:
            return reading.run(connection, run_id)

    def leads(self, query: LeadQuery = ALL, *, limit: int = 100, offset: int = 0) -> Leads:
        """A page of leads in order of run and rank, and how many match in all."""
        with self.database.reading() as connection:
            return reading.leads(connection, query, limit, offset)

    def case(self, case_id: int) -> Case:
        """A case with its members, decisions and notes.

        Raises:
            NotFoundError: There is none of this number.
        """
        with self.database.reading() as connection:
            return reading.case(connection, case_id)

    def history(self, case_id: int) -> tuple[AuditEntry, ...]:
        """Everything that was done to a case, oldest first.

        Raises:
            NotFoundError: There is no such case.
        """
        with self.database.reading() as connection:
            reading.case_row(connection, case_id)
            return audit.history(connection, case_id)

    def decisions(self) -> tuple[Decision, ...]:
        """All decisions, oldest first."""
        with self.database.reading() as connection:
            return reading.decisions(connection)

    def has_account(self, names: Sequence[str]) -> bool:
        """Tell whether one of some names is an account of a fleet under review."""
        with self.database.reading() as connection:
            return reading.has_account(connection, names)

    def decide(
        self,
        case_id: int,
        action: Action,
        *,
        reviewer: str,
        reason: str,
        policy: str,
        expected_version: int,
        accounts: Sequence[str] = (),
        into: int | None = None,
        needs_second: bool = False,
        measure: Measure | None = None,
    ) -> Case:
        """Take a decision about a case; the case as it is then is returned.

        Args:
            case_id: The case.
            action: What is decided.
            reviewer: Who decides.
            reason: Why; required.
            policy: The rule of the platform that the decision rests on; required.
            expected_version: ``Lead.version`` as the reviewer saw it.
            accounts: Members to split off or to remove.
            into: The case that a merge goes into.
            needs_second: Whether a second reviewer must agree before it has effect; for confirm and dismiss.
            measure: What is done to the accounts, for statements of reasons; for confirm.

        Raises:
            NotFoundError: There is no such case.
            ConflictError: Somebody changed the case since.
            RefusedError: The decision makes no sense for the case, or lacks a reason or a policy.
        """
        order = Order(
            case_id=case_id,
            action=action,
            reviewer=checked(reviewer, "reviewer", LONGEST_NAME),
            reason=checked(reason, "reason", LONGEST_REASON),
            policy=checked(policy, "policy", LONGEST_POLICY),
            expected_version=expected_version,
            accounts=tuple(accounts),
            into=into,
            needs_second=needs_second,
            measure=measure,
        )
        with self.database.writing() as connection:
            deciding.decide(connection, order)
            return reading.case(connection, case_id)

    def decide_many(
        self,
        choices: Sequence[Choice],
        action: Action,
        *,
        reviewer: str,
        reason: str,
        policy: str,
        needs_second: bool = False,
        measure: Measure | None = None,
    ) -> tuple[Case, ...]:
        """Take the same decision (confirm, dismiss, need_more) about several cases: all of them, or none.

        Raises:
            NotFoundError: One of the cases is not there.
            ConflictError: Somebody changed one of them since.
            RefusedError: The decision makes no sense for one of them; or as in ``decide``.
        """
        if action not in JUDGEMENTS:
            raise RefusedError(f"{action} is for one case at a time", hint="confirm, dismiss or need_more")
        if not choices or len(choices) > LARGEST_BULK:
            raise RefusedError(f"{len(choices)} cases were chosen", hint=f"1 to {LARGEST_BULK}")
        orders = [
            Order(
                case_id=choice.case_id,
                action=action,
                reviewer=checked(reviewer, "reviewer", LONGEST_NAME),
                reason=checked(reason, "reason", LONGEST_REASON),
                policy=checked(policy, "policy", LONGEST_POLICY),
                expected_version=choice.expected_version,
                needs_second=needs_second,
                measure=measure,
            )
            for choice in choices
        ]
        with self.database.writing() as connection:
            for order in orders:
                deciding.decide(connection, order)
            return tuple(reading.case(connection, order.case_id) for order in orders)

    def second(
        self, case_id: int, *, reviewer: str, agrees: bool, reason: str, expected_version: int
    ) -> Case:
        """Agree or disagree, as a second reviewer, with the decision that waits; disagreement puts the case back.

        Raises:
            NotFoundError: There is no such case.
            ConflictError: Somebody changed the case since.
            RefusedError: Nothing waits, or it is the first reviewer who asks.
        """
        reviewer, reason = (
            checked(reviewer, "reviewer", LONGEST_NAME),
            checked(reason, "reason", LONGEST_REASON),
        )
        with self.database.writing() as connection:
            deciding.second(connection, case_id, reviewer, agrees, reason, expected_version)
            return reading.case(connection, case_id)

    def undo(self, case_id: int, *, reviewer: str, reason: str, expected_version: int) -> Case:
        """Take back the latest decision of a case, if nobody has built on it; again for the one before it.

        Raises:
            NotFoundError: There is no such case.
            ConflictError: Somebody changed the case, or the other one of a split or merge, since.
            RefusedError: There is nothing to undo.
        """
        reviewer, reason = (
            checked(reviewer, "reviewer", LONGEST_NAME),
            checked(reason, "reason", LONGEST_REASON),
        )
        with self.database.writing() as connection:
            deciding.undo(connection, case_id, reviewer, reason, expected_version)
            return reading.case(connection, case_id)

    def note(self, case_id: int, text: str, *, author: str) -> Case:
        """Add a remark to a case; it is no change of the case, so no version is asked for.

        Raises:
            NotFoundError: There is no such case.
            RefusedError: The text is empty or too long.
        """
        author, text = checked(author, "author", LONGEST_NAME), checked(text, "note", LONGEST_NOTE)
        with self.database.writing() as connection:
            row = reading.case_row(connection, case_id)
            written = insert(NOTES).values(case_id=case_id, author=author, text=text, written_at_us=now_us())
            number = connection.execute(written.returning(NOTES.c.note_id)).scalar_one()
            detail = Detail(
                status=row.status, version=row.version, assignee=row.assignee, note_id=number, text=text
            )
            audit.append(connection, author, "note", case_id, detail)
            return reading.case(connection, case_id)

    def assign(self, case_id: int, assignee: str | None, *, actor: str, expected_version: int) -> Case:
        """Give a case to somebody, or to nobody (None).

        Raises:
            NotFoundError: There is no such case.
            ConflictError: Somebody changed the case since.
        """
        actor = checked(actor, "actor", LONGEST_NAME)
        given = None if assignee is None else checked(assignee, "assignee", LONGEST_NAME)
        with self.database.writing() as connection:
            row = seen(connection, case_id, expected_version)
            change(connection, row, actor, "assign", Detail(), assignee=given)
            return reading.case(connection, case_id)
