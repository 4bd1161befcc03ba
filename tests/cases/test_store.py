"""What decisions do, the same in SQLite and PostgreSQL."""

from __future__ import annotations

import pytest

from samehand.cases.audit_check import check_audit
from samehand.cases.errors import ConflictError, NotFoundError, RefusedError
from samehand.cases.model import Action, Choice, LeadQuery, Status
from tests.cases.steps import decide, present, second, undo


def test_a_run_becomes_a_queue(store) -> None:
    leads = store.leads()
    assert [lead.name for lead in leads.rows] == [f"F{i:04d}" for i in range(1, 7)]
    assert {lead.status for lead in leads.rows} == {Status.open}
    assert leads.total == 6
    assert sum(lead.n_accounts for lead in leads.rows) == sum(
        len(store.case(one.case_id).members) for one in leads.rows
    )
    first = store.case(1).lead
    assert first.reported
    assert first.layers
    assert first.first_time < first.last_time
    assert first.version == 1


def test_pages_and_questions(store) -> None:
    assert [one.rank for one in store.leads(limit=2, offset=2).rows] == [3, 4]
    assert store.leads(limit=2, offset=2).total == 6
    assert store.leads(LeadQuery(reported=False)).total == 2
    assert store.leads(LeadQuery(statuses=frozenset())).total == 0
    assert store.leads(LeadQuery(text="f0003")).rows[0].case_id == 3
    assert store.leads(LeadQuery(text="F%")).total == 0
    member = store.case(2).members[-1].account
    assert [one.case_id for one in store.leads(LeadQuery(text=member)).rows] == [2]
    assert store.leads(LeadQuery(text=member, in_accounts=False)).total == 0
    store.assign(4, "bob", actor="ann", expected_version=1)
    assert [one.case_id for one in store.leads(LeadQuery(assignee="bob")).rows] == [4]
    assert store.leads(LeadQuery(assignee="")).total == 5
    assert store.leads(LeadQuery(run_id=2)).total == 0


@pytest.mark.parametrize(
    ("action", "status"),
    [
        (Action.confirm, Status.confirmed),
        (Action.dismiss, Status.dismissed),
        (Action.need_more, Status.need_more),
    ],
)
def test_judgements(store, action, status) -> None:
    case = decide(store, 1, action)
    assert (case.lead.status, case.lead.version) == (status, 2)
    made = case.decisions[0]
    assert (made.reviewer, made.reason, made.policy, made.stands) == (
        "ann",
        "they post as one",
        "spam 3.2",
        True,
    )
    assert store.leads(LeadQuery(statuses=frozenset({status}))).total == 1
    back = undo(store, 1, "bob")
    assert (back.lead.status, back.lead.version) == (Status.open, 3)
    assert back.decisions[0].undone_by == "bob"
    assert not back.decisions[0].stands
    with pytest.raises(RefusedError, match="no decision to undo"):
        undo(store, 1)


def test_split_and_its_undo(store) -> None:
    before = store.case(1)
    chosen = [member.account for member in before.members[:2]]
    parent = decide(store, 1, Action.split_off, accounts=chosen)
    child = store.case(parent.decisions[0].other_case)
    assert present(child) == set(chosen)
    assert present(parent) == present(before) - set(chosen)
    assert (child.lead.name, child.lead.status, child.lead.n_accounts) == ("F0001-2", Status.open, 2)
    assert parent.lead.n_accounts == before.lead.n_accounts - 2
    assert store.history(child.lead.case_id)[0].action == "split_off"
    store.note(child.lead.case_id, "a note does not stand in the way", author="bob")
    whole = undo(store, 1)
    assert present(whole) == present(before)
    child = store.case(child.lead.case_id)
    assert (child.lead.status, child.lead.merged_into, child.lead.n_accounts) == (Status.merged, 1, 0)


def test_merge_and_its_undo(store) -> None:
    one, other = present(store.case(2)), present(store.case(3))
    gone = decide(store, 2, Action.merge, into=3)
    assert (gone.lead.status, gone.lead.merged_into, gone.lead.n_accounts) == (Status.merged, 3, 0)
    whole = store.case(3)
    assert present(whole) == one | other
    assert whole.lead.n_accounts == len(one | other)
    assert {member.fleet_id for member in whole.members} == {"F0002", "F0003"}
    with pytest.raises(RefusedError, match="was merged into case 3"):
        decide(store, 2, Action.confirm)
    decide(store, 3, Action.confirm)
    with pytest.raises(ConflictError, match="F0003 was decided since by ann"):
        undo(store, 2)
    undo(store, 3)
    undo(store, 2)
    assert (present(store.case(2)), present(store.case(3))) == (one, other)


def test_remove_a_member_and_its_undo(store) -> None:
    decide(store, 1, Action.confirm)
    account = store.case(1).members[0].account
    case = decide(store, 1, Action.remove_member, accounts=[account], reason="appeal granted")
    assert case.lead.status is Status.confirmed
    assert account not in present(case)
    assert [member.account for member in case.members if member.removed] == [account]
    with pytest.raises(RefusedError, match="no member"):
        decide(store, 1, Action.remove_member, accounts=[account])
    assert account in present(undo(store, 1))


def test_a_second_reviewer_who_agrees(store) -> None:
    case = decide(store, 1, Action.confirm, needs_second=True)
    assert case.lead.status is Status.second
    assert case.pending is not None
    assert not case.pending.stands
    with pytest.raises(RefusedError, match="waits for a second reviewer"):
        decide(store, 1, Action.dismiss, reviewer="bob")
    with pytest.raises(RefusedError, match="another person"):
        second(store, 1, agrees=True, reviewer="ann")
    agreed = second(store, 1, agrees=True)
    assert agreed.lead.status is Status.confirmed
    assert (agreed.decisions[0].second_reviewer, agreed.decisions[0].agreed) == ("bob", True)
    assert agreed.pending is None
    with pytest.raises(RefusedError, match="waits for nobody"):
        second(store, 1, agrees=True)
    assert undo(store, 1).lead.status is Status.open


def test_a_second_reviewer_who_disagrees(store) -> None:
    decide(store, 1, Action.need_more)
    decide(store, 1, Action.dismiss, needs_second=True)
    case = second(store, 1, agrees=False)
    assert case.lead.status is Status.need_more
    assert not case.decisions[1].stands
    assert undo(store, 1).lead.status is Status.open  # what was refused is not what is undone


def test_what_waits_can_be_withdrawn(store) -> None:
    decide(store, 1, Action.confirm, needs_second=True)
    case = undo(store, 1)
    assert case.lead.status is Status.open
    assert case.pending is None


def test_many_at_once_or_none(store) -> None:
    choices = [Choice(case_id=number, expected_version=1) for number in (4, 5, 6)]
    said = {"reviewer": "ann", "reason": "a class", "policy": "none broken"}
    decide(store, 5, Action.need_more, reviewer="bob")
    with pytest.raises(ConflictError, match="F0005 was changed by bob"):
        store.decide_many(choices, Action.dismiss, **said)
    assert store.case(4).lead.version == 1
    choices[1] = Choice(case_id=5, expected_version=2)
    assert {one.lead.status for one in store.decide_many(choices, Action.dismiss, **said)} == {
        Status.dismissed
    }
    with pytest.raises(RefusedError, match="one case at a time"):
        store.decide_many(choices, Action.merge, **said)
    with pytest.raises(RefusedError, match="0 cases"):
        store.decide_many([], Action.confirm, **said)
    with pytest.raises(ConflictError):  # the same case twice: the second time it is no longer as it was seen
        store.decide_many([Choice(case_id=1, expected_version=1)] * 2, Action.confirm, **said)
    assert store.case(1).lead.status is Status.open


def test_notes_and_assignment(store) -> None:
    case = store.note(1, "  asked the ad team 你好 \n", author="ann")
    assert [(note.author, note.text) for note in case.notes] == [("ann", "asked the ad team 你好")]
    assert case.lead.version == 1
    case = store.assign(1, "bob", actor="ann", expected_version=1)
    assert (case.lead.assignee, case.lead.version) == ("bob", 2)
    assert store.assign(1, None, actor="bob", expected_version=2).lead.assignee is None
    assert [entry.action for entry in store.history(1)] == ["note", "assign", "assign"]
    assert [entry.detail.version for entry in store.history(1)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"reason": "  \n"}, "the reason is missing"),
        ({"policy": ""}, "the policy is missing"),
        ({"reviewer": ""}, "the reviewer is missing"),
        ({"reason": "x" * 4001}, "the reason has 4,001 characters"),
        ({"reason": "a\0b"}, "cannot be kept"),
        ({"reason": "a\ud800b"}, "cannot be kept"),
        ({"accounts": ["user_000000"]}, "about the whole fleet"),
        ({"into": 2}, "about the whole fleet"),
        ({"action": Action.need_more, "needs_second": True}, "takes no second reviewer"),
        ({"action": Action.split_off}, "needs accounts"),
        ({"action": Action.split_off, "accounts": ["nobody"]}, "'nobody' is no member"),
        ({"action": Action.split_off, "accounts": ["nobody", "nobody"]}, "named twice"),
        ({"action": Action.remove_member, "accounts": ["nobody"], "into": 2}, "no other case"),
        ({"action": Action.merge}, "needs one other case"),
        ({"action": Action.merge, "into": 1}, "needs one other case"),
        ({"action": Action.merge, "into": 2, "accounts": ["nobody"]}, "and no accounts"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(lite, given, said) -> None:
    with pytest.raises(RefusedError, match=said):
        decide(lite, 1, **({"action": Action.confirm} | given))
    assert lite.case(1).lead.version == 1
    assert lite.case(1).decisions == ()
    assert check_audit(lite.database).n_entries == 1


def test_all_members_cannot_leave(lite) -> None:
    everybody = [member.account for member in lite.case(1).members]
    for action in (Action.split_off, Action.remove_member):
        with pytest.raises(RefusedError, match="all members"):
            decide(lite, 1, action, accounts=everybody)


def test_decided_cases_are_not_merged(lite) -> None:
    decide(lite, 2, Action.confirm)
    for one, other in ((1, 2), (2, 1)):
        with pytest.raises(RefusedError, match="undecided"):
            decide(lite, one, Action.merge, into=other)


def test_what_is_not_there(store) -> None:
    with pytest.raises(NotFoundError, match="no case 99"):
        store.case(99)
    with pytest.raises(NotFoundError, match="no case 99"):
        store.history(99)
    with pytest.raises(NotFoundError, match="no case 99"):
        store.note(99, "x", author="ann")
    with pytest.raises(NotFoundError, match="no case 99"):
        decide(store, 1, Action.merge, into=99)
    with pytest.raises(NotFoundError, match="no run 99"):
        store.run(99)
    assert check_audit(store.database).problems == ()
