"""Any order of decisions: the record agrees, every account is in one case, and undoing all gives back the beginning."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.cases.audit_check import check_audit
from samehand.cases.errors import ConflictError, RefusedError
from samehand.cases.model import Action, Status
from samehand.cases.store import CaseStore
from tests.cases.steps import decide, present, second, undo

STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["confirm", "dismiss", "second", "agree", "refuse", "split", "merge", "remove", "undo", "note"]
        ),
        st.integers(1, 8),
        st.integers(1, 8),
    ),
    min_size=1,
    max_size=12,
)


def _step(store: CaseStore, what: str, case_id: int, other: int) -> None:
    match what:
        case "confirm" | "dismiss":
            decide(store, case_id, Action(what))
        case "second":
            decide(store, case_id, Action.confirm, needs_second=True)
        case "agree" | "refuse":
            second(store, case_id, agrees=what == "agree")
        case "split" | "remove":
            members = sorted(present(store.case(case_id)))
            action = Action.split_off if what == "split" else Action.remove_member
            decide(store, case_id, action, accounts=members[:other])
        case "merge":
            decide(store, case_id, Action.merge, into=other)
        case "undo":
            undo(store, case_id)
        case "note":
            store.note(case_id, what, author="bob")


def _undo_all(store: CaseStore) -> None:
    """Undo latest first: nothing that stands was built on what is undone."""
    while True:
        left = [one for one in store.decisions() if one.undone_at is None and one.agreed is not False]
        if not left:
            return
        undo(store, left[-1].case_id)


@settings(max_examples=8)
@given(steps=STEPS)
def test_any_order_of_decisions(sqlite_made, steps) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        CaseStore.open(shutil.copy(sqlite_made, Path(folder) / "cases.sqlite")) as store,
    ):
        first = {number: present(store.case(number)) for number in range(1, 7)}
        everybody = sorted(account for members in first.values() for account in members)
        for what, case_id, other in steps:
            n_cases = store.leads().total
            try:
                _step(store, what, min(case_id, n_cases), min(other, n_cases))
            except (RefusedError, ConflictError):
                continue
        cases = [store.case(lead.case_id) for lead in store.leads().rows]
        assert sorted(member.account for case in cases for member in case.members) == everybody
        assert all(case.lead.n_accounts == len(present(case)) for case in cases)
        assert check_audit(store.database).problems == ()

        _undo_all(store)
        assert {number: present(store.case(number)) for number in range(1, 7)} == first
        assert {store.case(number).lead.status for number in range(1, 7)} == {Status.open}
        assert check_audit(store.database).problems == ()
