"""Short words for decisions in tests."""

from __future__ import annotations

from typing import Any

from samehand.cases.model import Action, Case
from samehand.cases.store import CaseStore


def decide(store: CaseStore, case_id: int, action: Action, **given: Any) -> Case:
    """Decide a case as it is now."""
    said = {"reviewer": "ann", "reason": "they post as one", "policy": "spam 3.2"} | given
    said.setdefault("expected_version", store.case(case_id).lead.version)
    return store.decide(case_id, action, **said)


def undo(store: CaseStore, case_id: int, reviewer: str = "ann") -> Case:
    """Undo the latest decision of a case as it is now."""
    version = store.case(case_id).lead.version
    return store.undo(case_id, reviewer=reviewer, reason="wrong one", expected_version=version)


def second(store: CaseStore, case_id: int, *, agrees: bool, reviewer: str = "bob") -> Case:
    """Second a case as it is now."""
    version = store.case(case_id).lead.version
    return store.second(case_id, reviewer=reviewer, agrees=agrees, reason="looked", expected_version=version)


def present(case: Case) -> set[str]:
    """Members that were not removed."""
    return {member.account for member in case.members if not member.removed}
