"""The audit log: no row can be changed, and whoever changes one nevertheless is found out."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy import text

from samehand.cases.audit_check import check_audit
from samehand.cases.errors import StoreError
from samehand.cases.model import Action
from tests.cases.steps import decide, second, undo


def _work(store) -> None:
    decide(store, 1, Action.confirm, needs_second=True)
    second(store, 1, agrees=True)
    store.note(2, "a remark", author="ann")
    store.assign(2, "bob", actor="ann", expected_version=1)
    decide(store, 3, Action.split_off, accounts=[store.case(3).members[0].account])
    decide(store, 4, Action.dismiss)
    undo(store, 4)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'eve' WHERE number = 2",
        "DELETE FROM audit WHERE number = 2",
        "DELETE FROM audit",
    ],
)
def test_the_database_refuses_to_change_the_log(store, statement) -> None:
    _work(store)
    with pytest.raises(StoreError, match="append-only"), store.database.writing() as connection:
        connection.execute(text(statement))
    assert check_audit(store.database).problems == ()


def test_a_whole_log(store) -> None:
    _work(store)
    found = check_audit(store.database)
    assert found.problems == ()
    assert found.n_entries == 9  # the split is two entries, the registration one
    head = found.head
    decide(store, 5, Action.confirm)
    assert check_audit(store.database, head.upper()).problems == ()
    assert check_audit(store.database).head != head
    assert "is not in the log" in check_audit(store.database, "0" * 63 + "1").problems[0]


WITHOUT_TRIGGERS = ("DROP TRIGGER audit_stays_update", "DROP TRIGGER audit_stays_delete")


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (["UPDATE audit SET actor = 'eve' WHERE number = 2"], "entry 2 was changed"),
        (["UPDATE audit SET at_us = at_us + 1 WHERE number = 3"], "entry 3 was changed"),
        (["UPDATE audit SET detail = '{}' WHERE number = 4"], "entry 4 was changed"),
        (["UPDATE audit SET detail = 'x' WHERE number = 4"], "entry 4 cannot be read"),
        (["UPDATE audit SET case_id = 5 WHERE number = 2"], "entry 2 was changed"),
        (["DELETE FROM audit WHERE number = 5"], "entry 5 is missing"),
        (["DELETE FROM audit WHERE number = 9"], "the log ends at entry 8, and should end at 9"),
        (["UPDATE cases SET status = 'confirmed' WHERE case_id = 6"], "case 6 was changed"),
        (["UPDATE cases SET status = 'dismissed' WHERE case_id = 1"], "case 1 is not as the log says"),
        (["UPDATE cases SET assignee = NULL WHERE case_id = 2"], "case 2 is not as the log says"),
        (
            ["UPDATE decisions SET reason = 'other' WHERE decision_id = 1"],
            "decision 1 is not what the log says",
        ),
        (["UPDATE decisions SET agreed = 0 WHERE decision_id = 1"], "the second reviewer said of decision 1"),
        (["UPDATE decisions SET undone_by = NULL WHERE decision_id = 3"], "whether decision 3 was undone"),
        (["DELETE FROM decisions WHERE decision_id = 3"], "decision 3 is missing"),
        (["UPDATE notes SET text = 'other'"], "note 1 is not what the log says"),
        (["DELETE FROM notes"], "note 1 is not what the log says"),
        (
            [
                "UPDATE members SET case_id = 2 WHERE account = (SELECT account FROM members WHERE case_id = 1 LIMIT 1)"
            ],
            "is not in the case that the log says",
        ),
        (["UPDATE members SET removed = 1 WHERE case_id = 7"], "is not in the case that the log says"),
    ],
)
def test_what_was_changed_behind_its_back_is_found(lite, statements, said) -> None:
    _work(lite)
    changing = sqlite3.connect(lite.database.where)
    with changing:
        for statement in (*WITHOUT_TRIGGERS, *statements):
            changing.execute(statement)
    changing.close()
    problems = check_audit(lite.database).problems
    assert any(said in problem for problem in problems), problems


def test_a_new_chain_does_not_hold_a_head_that_was_written_down(lite) -> None:
    """Whoever rewrites everything makes a whole log, but not the head that somebody has on paper."""
    _work(lite)
    head = check_audit(lite.database).head
    changing = sqlite3.connect(lite.database.where)
    with changing:
        for statement in (
            *WITHOUT_TRIGGERS,
            "DELETE FROM audit WHERE number = 9",
            "UPDATE audit_head SET number = 8, hash = (SELECT hash FROM audit WHERE number = 8)",
            "UPDATE cases SET status = 'dismissed', version = 2 WHERE case_id = 4",
            "UPDATE decisions SET undone_by = NULL, undone_at_us = NULL WHERE case_id = 4",
        ):
            changing.execute(statement)
    changing.close()
    assert check_audit(lite.database).problems == ()
    assert "is not in the log" in check_audit(lite.database, head).problems[0]
