"""Cases, decisions and entries of the log as they are shown where ids and texts are hidden."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

import msgspec

from samehand.cases.audit import AuditEntry
from samehand.cases.model import Case, Decision
from samehand.cases.redaction import Redaction
from samehand.cases.store import CaseStore

_WORD: Final = re.compile(r"[^\s,;:()\"'“”‘’，；：（）、。]+")


class Hiding:
    """Shows what is in the store without the names and words of those it is about; or, not redacted, as it is.

    The store itself and the hashes of its log stay what they are.
    """

    def __init__(self, store: CaseStore, redaction: Redaction) -> None:
        self._store = store
        self.redaction = redaction

    def case(self, case: Case) -> Case:
        """Show a case."""
        if not self.redaction.on:
            return case
        return replace(
            case,
            members=tuple(replace(one, account=self.redaction.id(one.account)) for one in case.members),
            decisions=tuple(self.decision(one) for one in case.decisions),
            notes=tuple(replace(one, text=self.redaction.text(one.text)) for one in case.notes),
        )

    def decision(self, made: Decision) -> Decision:
        """Show a decision."""
        return replace(
            made,
            reason=self.redaction.text(made.reason),
            policy=self.policy(made.policy),
            second_reason=self._text(made.second_reason),
            accounts=tuple(self.redaction.id(account) for account in made.accounts),
        )

    def entry(self, entry: AuditEntry) -> AuditEntry:
        """Show an entry of the log."""
        if not self.redaction.on:
            return entry
        said = entry.detail
        hidden = msgspec.structs.replace(
            said,
            reason=self._text(said.reason),
            policy=None if said.policy is None else self.policy(said.policy),
            text=self._text(said.text),
            accounts=said.accounts and tuple(self.redaction.id(one) for one in said.accounts),
        )
        return replace(entry, detail=hidden)

    def policy(self, policy: str) -> str:
        """Show the rule that a decision rests on, which is hidden only where it names an account."""
        if not self.redaction.on or not self._store.has_account(_WORD.findall(policy)):
            return policy
        return self.redaction.text(policy)

    def _text(self, text: str | None) -> str | None:
        return None if text is None else self.redaction.text(text)
