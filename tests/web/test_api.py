"""The JSON API: what it does, for whom, and how it says no."""

from __future__ import annotations

import pytest

from samehand.cases.audit_check import check_audit
from samehand.cases.model import Action, Role
from samehand.cases.redaction import redaction_of
from tests.cases.steps import decide
from tests.web.client import bearer, client_of

DECISION = {"action": "confirm", "reason": "they post as one", "policy": "spam 3.2", "expected_version": 1}


def test_from_the_queue_to_a_decision(lite) -> None:
    client = client_of(lite)
    assert client.get("/api/v1/runs").json()[0]["run_id"] == 1
    leads = client.get(
        "/api/v1/leads", params={"status": ["open", "second"], "reported": True, "limit": 2}
    ).json()
    assert leads["total"] == 4
    assert [lead["name"] for lead in leads["rows"]] == ["F0001", "F0002"]
    case = client.get("/api/v1/cases/1").json()
    assert case["lead"]["version"] == 1
    assert len(case["members"]) == case["lead"]["n_accounts"]
    made = client.post("/api/v1/cases/1/decisions", json=DECISION)
    assert made.status_code == 201
    assert made.json()["lead"]["status"] == "confirmed"
    late = client.post("/api/v1/cases/1/decisions", json=DECISION | {"action": "dismiss"})
    assert late.status_code == 409
    assert "F0001 was changed by local" in late.json()["found"]
    history = client.get("/api/v1/cases/1/history").json()
    assert [entry["action"] for entry in history] == ["decide"]
    assert history[0]["detail"]["policy"] == "spam 3.2"
    undone = client.post("/api/v1/cases/1/undo", json={"reason": "wrong", "expected_version": 2})
    assert undone.json()["lead"]["status"] == "open"
    audit = client.get("/api/v1/audit").json()
    assert audit["problems"] == []
    assert audit["head"] == check_audit(lite.database).head


def test_a_measure_goes_in_and_comes_out(lite) -> None:
    client = client_of(lite)
    plain = {"kind": "content_removed"}
    wrong = client.post(
        "/api/v1/cases/1/decisions", json=DECISION | {"measure": plain | {"territory": ["US"]}}
    )
    assert (wrong.status_code, wrong.json()["found"][:19]) == (422, "the territory is US")
    made = client.post(
        "/api/v1/cases/1/decisions", json=DECISION | {"measure": plain | {"territory": ["EU"]}}
    )
    measure = made.json()["decisions"][0]["measure"]
    assert len(measure.pop("territory")) == 27
    assert measure == {"kind": "content_removed", "ground": "terms", "automated": "no", "until": None}
    assert client.get("/api/v1/cases/1/history").json()[0]["detail"]["measure"]["kind"] == "content_removed"
    many = {
        "choices": [{"case_id": 2, "expected_version": 1}], "action": "confirm", "reason": "r", "policy": "p",
        "measure": plain,
    }  # fmt: skip
    (other,) = client.post("/api/v1/decisions", json=many).json()
    assert len(other["decisions"][0]["measure"]["territory"]) == 30


def test_regrouping(lite) -> None:
    client = client_of(lite)
    account = lite.case(1).members[0].account
    split = client.post(
        "/api/v1/cases/1/decisions", json=DECISION | {"action": "split", "accounts": [account]}
    ).json()
    child = split["decisions"][0]["other_case"]
    assert [member["account"] for member in client.get(f"/api/v1/cases/{child}").json()["members"]] == [
        account
    ]
    merged = client.post(f"/api/v1/cases/{child}/decisions", json=DECISION | {"action": "merge", "into": 1})
    assert merged.json()["lead"]["merged_into"] == 1
    removed = client.post(
        "/api/v1/cases/1/decisions",
        json=DECISION | {"action": "remove_member", "accounts": [account], "expected_version": 3},
    )
    assert [one["account"] for one in removed.json()["members"] if one["removed"]] == [account]


def test_two_reviewers(lite) -> None:
    ann, bob = bearer(lite, Role.reviewer, "ann"), bearer(lite, Role.reviewer, "bob")
    client = client_of(lite, sign_in=True, second_for=frozenset({Action.confirm}))
    made = client.post("/api/v1/cases/1/decisions", json=DECISION, headers=ann).json()
    assert made["lead"]["status"] == "second"  # the app demands it
    said = {"agrees": True, "reason": "looked", "expected_version": 2}
    assert client.post("/api/v1/cases/1/second", json=said, headers=ann).status_code == 422
    assert (
        client.post("/api/v1/cases/1/second", json=said, headers=bob).json()["lead"]["status"] == "confirmed"
    )
    agreement = client.get("/api/v1/agreement", headers=ann).json()
    assert (agreement["n_seconded"], agreement["n_agreed"], agreement["share"]) == (1, 1, 1.0)
    assert 0 < agreement["low"] < agreement["high"] == 1.0
    assert agreement["pairs"] == [{"first": "ann", "second": "bob", "n_seconded": 1, "n_agreed": 1}]


SEEN = {"reason": "x", "expected_version": 2}
ASKED = [
    ("get", "/api/v1/leads", None, Role.viewer),
    ("get", "/api/v1/cases/1", None, Role.viewer),
    ("get", "/api/v1/audit", None, Role.lead),
    ("post", "/api/v1/cases/1/decisions", DECISION, Role.reviewer),
    ("post", "/api/v1/cases/1/notes", {"text": "x"}, Role.reviewer),
    ("post", "/api/v1/cases/2/undo", SEEN, Role.lead),  # the decision is ann's
    ("post", "/api/v1/cases/3/second", SEEN | {"agrees": True}, Role.reviewer),
    ("put", "/api/v1/cases/4/assignee", {"assignee": "zoe", "expected_version": 1}, Role.lead),
    (
        "post",
        "/api/v1/decisions",
        {
            "choices": [{"case_id": 5, "expected_version": 1}],
            "action": "dismiss",
            "reason": "x",
            "policy": "y",
        },
        Role.lead,
    ),
]


@pytest.mark.parametrize("role", list(Role))
def test_who_may_do_what(lite, role) -> None:
    decide(lite, 2, Action.confirm)
    decide(lite, 3, Action.confirm, needs_second=True)
    headers = bearer(lite, role)
    client = client_of(lite, sign_in=True)
    for method, path, sent, needed in ASKED:
        before = check_audit(lite.database).head
        nobody = client.request(method, path, json=sent)
        assert nobody.status_code == (
            401 if method == "get" else 403
        )  # to the guard it is a form without a token
        answer = client.request(method, path, json=sent, headers=headers)
        if role.may(needed):
            assert answer.status_code < 300, answer.text
        else:
            assert answer.status_code == 403
            assert check_audit(lite.database).head == before


def test_reviewers_take_and_give_back_what_is_theirs(lite) -> None:
    headers = bearer(lite, Role.reviewer, "ann")
    client, path = client_of(lite, sign_in=True), "/api/v1/cases/1/assignee"
    assert (
        client.put(path, json={"assignee": "ann", "expected_version": 1}, headers=headers).status_code == 200
    )
    assert (
        client.put(path, json={"assignee": None, "expected_version": 2}, headers=headers).status_code == 200
    )
    lite.assign(1, "bob", actor="lead", expected_version=3)
    for assignee in (None, "ann"):
        taken = client.put(path, json={"assignee": assignee, "expected_version": 4}, headers=headers)
        assert taken.status_code == 403
    mine = client.post("/api/v1/cases/2/decisions", json=DECISION, headers=headers)
    assert mine.json()["decisions"][0]["reviewer"] == "ann"
    assert client.post(
        "/api/v1/cases/2/undo", json={"reason": "x", "expected_version": 2}, headers=headers
    ).is_success


@pytest.mark.parametrize(
    ("path", "sent", "status"),
    [
        ("/api/v1/cases/1/decisions", DECISION | {"reason": ""}, 422),
        ("/api/v1/cases/1/decisions", DECISION | {"reason": "   "}, 422),
        ("/api/v1/cases/1/decisions", {**DECISION, "policy": None}, 422),
        ("/api/v1/cases/1/decisions", DECISION | {"action": "ban"}, 422),
        ("/api/v1/cases/1/decisions", DECISION | {"extra": 1}, 422),
        ("/api/v1/cases/1/decisions", DECISION | {"expected_version": 0}, 422),
        ("/api/v1/cases/99/decisions", DECISION, 404),
        ("/api/v1/cases/0/decisions", DECISION, 422),
        ("/api/v1/cases/99999999999999999999/decisions", DECISION, 422),
        ("/api/v1/cases/1/decisions", DECISION | {"action": "merge", "into": 99}, 404),
        ("/api/v1/cases/1/notes", {"text": "a\0b"}, 422),
        ("/api/v1/cases/1/second", {"agrees": True, "reason": "x", "expected_version": 1}, 422),
        ("/api/v1/cases/1/nothing", {}, 404),
    ],
)
def test_what_is_refused_says_why(untouched, asked, path, sent, status) -> None:
    answer = asked.post(path, json=sent)
    assert answer.status_code == status
    assert set(answer.json()) == {"found", "where", "hint"}
    assert answer.json()["found"]
    assert check_audit(untouched[0].database).n_entries == 1


def test_a_database_that_fails_is_said_and_not_shown(lite, monkeypatch) -> None:
    from samehand.cases.errors import StoreError

    def fail(*_: object) -> None:
        raise StoreError("the database does not answer", where="db.example")

    monkeypatch.setattr("samehand.cases.reading.leads", fail)
    assert client_of(lite).get("/api/v1/leads").status_code == 503


def test_redacted_nothing_tells_who_it_is(lite) -> None:
    everybody = {member.account for number in range(1, 7) for member in lite.case(number).members}
    one = lite.case(1).members[0].account
    decide(lite, 1, Action.remove_member, accounts=[one], reason=f"{one} appealed")
    lite.note(1, f"wrote to {one}", author="ann")
    client = client_of(lite, redact=True)
    case = client.get("/api/v1/cases/1")
    history = client.get("/api/v1/cases/1/history")
    for answer in (case, history):
        assert not [account for account in everybody if account in answer.text]
        assert "appealed" not in answer.text
        assert "wrote to" not in answer.text
    assert client.get("/api/v1/leads", params={"text": one}).json()["total"] == 0
    shown = next(member["account"] for member in case.json()["members"] if not member["removed"])
    sent = DECISION | {"action": "split", "accounts": [shown], "expected_version": 2}
    assert client.post("/api/v1/cases/1/decisions", json=sent).status_code == 201
    moved = lite.case(7).members[0].account
    assert redaction_of(lite.database, on=True).id(moved) == shown


def test_redacted_a_name_that_was_guessed_is_neither_taken_nor_told(lite) -> None:
    """Whoever may not see names must not learn by trial whether an account is a member."""
    member, removed = (one.account for one in lite.case(1).members[:2])
    client = client_of(lite, redact=True)
    decide(lite, 1, Action.remove_member, accounts=[removed])
    shown = redaction_of(lite.database, on=True).id(removed)
    answers = [
        client.post("/api/v1/cases/1/decisions", json=DECISION | {"action": "split", "accounts": [account]})
        for account in (member, "user_999999", shown)
    ]
    assert [answer.status_code for answer in answers] == [422] * 3
    assert [answer.json()["found"] for answer in answers] == ["this is no member of the case"] * 3
