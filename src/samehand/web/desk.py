"""What a visitor may see and do: the store behind the rights of a role, and behind redaction. Pages and API use it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from samehand.casefile.exports.measures import Measure
from samehand.cases.audit import AuditEntry
from samehand.cases.errors import ForbiddenError, RefusedError
from samehand.cases.model import Action, Case, Choice, Decision, LeadQuery, Leads, RegisteredRun, Role
from samehand.cases.redaction import Redaction
from samehand.web.hiding import Hiding
from samehand.web.security import Visitor
from samehand.web.settings import AppSettings


class Desk:
    """Cases as one visitor sees them. Errors are those of ``CaseStore``, and ForbiddenError.

    Args:
        settings: Of the app.
        visitor: Who works.
        redaction: What hides ids and texts, or hides nothing.
    """

    def __init__(self, settings: AppSettings, visitor: Visitor, redaction: Redaction) -> None:
        self._store = settings.store
        self._second_for = settings.second_for
        self.visitor = visitor
        self.redaction = redaction
        self._hiding = Hiding(settings.store, redaction)

    def runs(self) -> tuple[RegisteredRun, ...]:
        """Runs under review, oldest first."""
        return self._store.runs()

    def leads(self, query: LeadQuery, *, limit: int, offset: int) -> Leads:
        """A page of leads; redacted, accounts cannot be looked for by their names."""
        query = replace(query, in_accounts=query.in_accounts and not self.redaction.on)
        return self._store.leads(query, limit=limit, offset=offset)

    def case(self, case_id: int) -> Case:
        """A case with its members, decisions and notes."""
        return self._hiding.case(self._store.case(case_id))

    def history(self, case_id: int) -> tuple[AuditEntry, ...]:
        """Everything that was done to a case, oldest first."""
        return tuple(self._hiding.entry(entry) for entry in self._store.history(case_id))

    def decisions(self) -> tuple[Decision, ...]:
        """All decisions, oldest first."""
        return tuple(self._hiding.decision(one) for one in self._store.decisions())

    def decide(
        self,
        case_id: int,
        action: Action,
        *,
        reason: str,
        policy: str,
        expected_version: int,
        accounts: Sequence[str] = (),
        into: int | None = None,
        needs_second: bool = False,
        measure: Measure | None = None,
    ) -> Case:
        """Take a decision; takes a reviewer. ``accounts`` are named as they are shown."""
        self._ask(Role.reviewer)
        if self.redaction.on and accounts:
            members = self._store.case(case_id).members
            known = {
                self.redaction.id(member.account): member.account for member in members if not member.removed
            }
            if any(account not in known for account in accounts):  # a true name, too: none must be tried out
                raise RefusedError("this is no member of the case", hint="members as they are shown")
            accounts = [known[account] for account in accounts]
        decided = self._store.decide(
            case_id,
            action,
            reviewer=self.visitor.name,
            reason=reason,
            policy=policy,
            expected_version=expected_version,
            accounts=accounts,
            into=into,
            needs_second=needs_second or action in self._second_for,
            measure=measure,
        )
        return self._hiding.case(decided)

    def decide_many(
        self,
        choices: Sequence[Choice],
        action: Action,
        *,
        reason: str,
        policy: str,
        needs_second: bool = False,
        measure: Measure | None = None,
    ) -> tuple[Case, ...]:
        """Take the same decision about several cases, all or none; takes a lead."""
        self._ask(Role.lead)
        decided = self._store.decide_many(
            choices,
            action,
            reviewer=self.visitor.name,
            reason=reason,
            policy=policy,
            needs_second=needs_second or action in self._second_for,
            measure=measure,
        )
        return tuple(self._hiding.case(one) for one in decided)

    def second(self, case_id: int, *, agrees: bool, reason: str, expected_version: int) -> Case:
        """Agree or disagree as second reviewer; takes a reviewer who is not the first."""
        self._ask(Role.reviewer)
        name = self.visitor.name
        return self._hiding.case(
            self._store.second(
                case_id, reviewer=name, agrees=agrees, reason=reason, expected_version=expected_version
            )
        )

    def undo(self, case_id: int, *, reason: str, expected_version: int) -> Case:
        """Take back the latest decision; takes its reviewer, or a lead."""
        self._ask(Role.reviewer)
        if not self.may_undo(self._store.case(case_id)):
            raise ForbiddenError("the decision is another reviewer's", hint="ask them, or a lead")
        name = self.visitor.name
        return self._hiding.case(
            self._store.undo(case_id, reviewer=name, reason=reason, expected_version=expected_version)
        )

    def may_undo(self, case: Case) -> bool:
        """Tell whether the visitor may take back the latest decision of a case, if there is one."""
        if not self.visitor.role.may(Role.reviewer):
            return False
        last = next(
            (one for one in reversed(case.decisions) if one.undone_at is None and one.agreed is not False),
            None,
        )
        return last is None or last.reviewer == self.visitor.name or self.visitor.role.may(Role.lead)

    def note(self, case_id: int, text: str) -> Case:
        """Add a remark; takes a reviewer."""
        self._ask(Role.reviewer)
        return self._hiding.case(self._store.note(case_id, text, author=self.visitor.name))

    def assign(self, case_id: int, assignee: str | None, *, expected_version: int) -> Case:
        """Give a case to somebody or nobody; reviewers may take what nobody has and give back what is theirs."""
        self._ask(Role.reviewer)
        now = self._store.case(case_id).lead.assignee
        own = {now, assignee} <= {None, self.visitor.name}
        if not own and not self.visitor.role.may(Role.lead):
            raise ForbiddenError(
                "cases of others are given by a lead", hint="take one that nobody has, or ask a lead"
            )
        return self._hiding.case(
            self._store.assign(case_id, assignee, actor=self.visitor.name, expected_version=expected_version)
        )

    def _ask(self, role: Role) -> None:
        if not self.visitor.role.may(role):
            raise ForbiddenError(
                f"{self.visitor.name} is {self.visitor.role}; this takes a {role}", hint="ask an admin"
            )
