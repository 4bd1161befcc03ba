"""Deciding in pages: reasons are asked for, every decision is in the history, nothing happens twice."""

import re

import pytest

from samehand.cases.model import Action, Status
from samehand.cases.people import People
from tests.web.pages.made import browsing, plain

PASSWORD = "a long enough one"  # noqa: S105
GIVEN = {"reason": "one script <b>", "policy": "spam 3.2", "version": "1"}


@pytest.mark.parametrize(
    ("action", "status"),
    [("confirm", Status.confirmed), ("dismiss", Status.dismissed), ("need_more", Status.need_more)],
)
def test_a_judgement_is_taken_with_its_reason_and_shown_in_the_history(visit, store, action, status):
    text = plain(visit.send("/cases/1/decide", GIVEN | {"action": action}))
    assert store.case(1).lead.status is status
    assert "one script <b>" in text
    assert "(spam 3.2)" in text
    entry = store.history(1)[-1]
    assert (entry.action, entry.actor, entry.detail.policy) == ("decide", "local", "spam 3.2")


@pytest.mark.parametrize("missing", ["reason", "policy", "action", "version"])
def test_nothing_is_decided_without_all_that_is_asked(visit, store, missing):
    fields = GIVEN | {"action": "confirm"}
    fields[missing] = " "
    visit.send("/cases/1/decide", fields, 422)
    assert store.case(1).lead.status is Status.open
    assert not store.case(1).decisions


def test_what_was_written_is_kept_when_a_decision_is_refused(visit):
    html = visit.send("/cases/1/decide", GIVEN | {"action": "dismiss", "policy": " "}, 422)
    assert "one script &lt;b&gt;</textarea>" in html
    assert re.search(r'value="dismiss" required checked', html)


def test_who_is_late_learns_of_it_and_changes_nothing(visit, store):
    store.note(1, "hm", author="ann")
    store.decide(1, Action.need_more, reviewer="ann", reason="r", policy="p", expected_version=1)
    text = plain(visit.send("/cases/1/decide", GIVEN | {"action": "confirm"}, 409))
    assert "ann" in text
    assert store.case(1).lead.status is Status.need_more


def test_members_are_removed_and_split_off(visit, store):
    accounts = [member.account for member in store.case(1).members]
    html = visit.send("/cases/1/decide", GIVEN | {"action": "remove_member", "account": accounts[:2]})
    assert html.count("removed by a reviewer") == 2
    assert store.case(1).lead.n_accounts == len(accounts) - 2
    version = str(store.case(1).lead.version)
    visit.send("/cases/1/decide", GIVEN | {"action": "split", "account": accounts[2:5], "version": version})
    part = next(lead for lead in store.leads().rows if lead.name == "F0001-2")
    assert part.n_accounts == 3
    assert "F0001-2" in visit.page(f"/cases/{part.case_id}")
    assert "as it was found" in plain(visit.page(f"/cases/{part.case_id}"))


def test_a_merge_moves_the_members_and_is_undone(visit, store):
    before, account = store.case(1).lead.n_accounts, store.case(2).members[0].account
    html = visit.send("/cases/2/decide", GIVEN | {"action": "merge", "into": "1"})
    assert "Open that case" in html
    assert store.case(1).lead.n_accounts > before
    assert "from F0002" in plain(visit.page(f"/cases/1?member={account}"))
    assert "F0001" in visit.page(f"/runs/1/account?id={account}")
    version = str(store.case(2).lead.version)
    visit.send("/cases/2/undo", {"reason": "wrong one", "version": version})
    assert store.case(1).lead.n_accounts == before


def test_a_decision_that_needs_two_waits_for_another_person(store):
    people = People(store.database)
    for name in ("ann", "bob"):
        people.add(name, "reviewer", PASSWORD, actor="setup")
    with browsing(store, sign_in=True) as visit:
        sign_in(visit, "ann")
        visit.send("/cases/1/decide", GIVEN | {"action": "confirm", "second": "yes"}, page="/cases/1")
        assert store.case(1).lead.status is Status.second
        version = str(store.case(1).lead.version)
        agrees = {"agrees": "yes", "reason": "so do I", "version": version}
        visit.send("/cases/1/second", agrees, 422, page="/cases/1")
        visit.send("/sign-out", {}, page="/cases/1")
        sign_in(visit, "bob")
        text = plain(visit.send("/cases/1/second", agrees, page="/cases/1"))
        assert "You agreed" in text
    assert store.case(1).lead.status is Status.confirmed


def sign_in(visit, name, password=PASSWORD, status=200):
    return visit.send("/sign-in", {"name": name, "password": password, "next": "/"}, status, page="/sign-in")


def test_who_may_only_look_sees_no_forms_and_can_decide_nothing(store):
    People(store.database).add("vic", "viewer", PASSWORD, actor="setup")
    with browsing(store, sign_in=True) as visit:
        assert 'lang="en"' in sign_in(visit, "vic", "not the password", 403)
        sign_in(visit, "vic")
        html = visit.page("/cases/1")
        assert 'action="/cases/1/decide" class="stacked"' not in html
        assert 'action="/bulk"' in visit.page("/")
        assert 'value="confirm">' not in visit.page("/")
        visit.send("/cases/1/decide", GIVEN | {"action": "confirm"}, 403, page="/cases/1")
        visit.page("/detect", 403)
    assert store.case(1).lead.status is Status.open


def test_bulk_first_shows_how_many_accounts_it_touches(visit, store):
    cases = {"case": ["1:1", "2:1"], "action": "dismiss"}
    n = store.case(1).lead.n_accounts + store.case(2).lead.n_accounts
    text = plain(visit.send("/bulk", cases))
    assert f"It touches {n} accounts" in text
    assert store.case(1).lead.status is Status.open
    visit.send("/bulk", cases | {"seen": "yes", "reason": "choirs", "policy": " "}, 422)
    assert store.case(1).lead.status is Status.open
    visit.send("/bulk", cases | {"seen": "yes", "reason": "choirs", "policy": "p"})
    assert [store.case(one).lead.status for one in (1, 2)] == [Status.dismissed] * 2


@pytest.mark.parametrize(
    "fields",
    [
        {"action": "dismiss"},
        {"action": "split", "case": "1:1"},
        {"action": "confirm", "case": "x"},
        {"action": "confirm", "case": "99:1"},
    ],
)
def test_bulk_that_makes_no_sense_is_refused(visit, fields):
    visit.send("/bulk", fields, 404 if "99" in str(fields) else 422)


def test_notes_and_assignment(visit, store):
    visit.send("/cases/1/note", {"text": "see <script>alert(1)</script>"})
    assert "&lt;script&gt;alert(1)" in visit.page("/cases/1")
    visit.send("/cases/1/assign", {"mine": "yes", "version": "1"})
    assert store.case(1).lead.assignee == "local"
    assert "F0002" not in visit.page("/?assignee=local")
    visit.send("/cases/1/assign", {"assignee": "", "version": str(store.case(1).lead.version)})
    assert store.case(1).lead.assignee is None


def measured(**changes):
    return {
        "version": "1", "action": "confirm", "reason": "one script", "policy": "spam 3.2", "second": "",
        "measure": "account_suspended", "territory": "de, FR", "ground": "law", "automated": "partly", "until": "",
    } | changes  # fmt: skip


def test_a_measure_is_taken_with_a_decision_and_shown(visit, store):
    page = plain(visit.send("/cases/1/decide", measured(), page="/cases/1"))
    assert "account suspended; against the law; DE, FR; partly by automated means" in page
    made = store.case(1).decisions[-1].measure
    assert (made.kind, made.territory, made.ground, made.until) == (
        "account_suspended",
        ("DE", "FR"),
        "law",
        None,
    )


def test_the_whole_area_is_one_word(visit, store):
    page = plain(visit.send("/cases/1/decide", measured(territory="EEA"), page="/cases/1"))
    assert "against the law; EEA; partly" in page
    assert len(store.case(1).decisions[-1].measure.territory) == 30


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"territory": "DE, US"}, "the territory is US"),
        ({"territory": ""}, "the territory is empty"),
        ({"until": "soon"}, "the measure cannot be read"),
        ({"until": "2020-01-01"}, "it ends on 2020-01-01"),
        ({"measure": "beheaded"}, "the measure cannot be read"),
        ({"action": "dismiss"}, "dismiss takes no measure"),
    ],
)
def test_a_measure_that_cannot_be_is_refused_and_the_form_kept(visit, store, changes, said):
    page = visit.send("/cases/1/decide", measured(**changes), status=422, page="/cases/1")
    assert said in plain(page)
    assert "one script</textarea>" in page
    assert store.case(1).decisions == ()


def test_a_measure_for_many(visit, store):
    asked = measured(case=["1:1", "2:1"], seen="yes")
    assert "account suspended" in plain(visit.send("/bulk", {"case": ["1:1"], "action": "confirm"}))
    visit.send("/bulk", asked)
    assert {store.case(number).decisions[-1].measure.kind for number in (1, 2)} == {"account_suspended"}
