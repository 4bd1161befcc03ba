"""Accounts, sessions and tokens."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text, update

from samehand.cases import people as module
from samehand.cases.audit_check import check_audit
from samehand.cases.clock import now_us
from samehand.cases.errors import ForbiddenError, NotFoundError, RefusedError
from samehand.cases.model import Role
from samehand.cases.people import People
from samehand.cases.schema import METADATA, SESSIONS
from samehand.cases.store import CaseStore

PASSWORD = "four unrelated words"  # noqa: S105


@pytest.fixture(autouse=True)
def _quick(monkeypatch) -> None:
    """Argon2 with the least work: the tests are about what is done with it."""
    quick = module.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(module, "_HASHER", quick)
    monkeypatch.setattr(module, "_NOBODY", quick.hash("nobody"))


@pytest.fixture
def people(lite) -> People:
    return _with_ann(lite)


@pytest.fixture
def everywhere(store) -> People:
    return _with_ann(store)


def _with_ann(store: CaseStore) -> People:
    found = People(store.database)
    found.add("ann", Role.admin, PASSWORD, actor="setup")
    return found


def test_the_hash_is_argon2_with_todays_costs(monkeypatch, sqlite_made) -> None:
    monkeypatch.undo()
    assert module._HASHER.hash(PASSWORD).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_signing_in_and_out(everywhere) -> None:
    assert everywhere.any_admin()
    secret = everywhere.sign_in("ann", PASSWORD)
    user = everywhere.of_session(secret)
    assert user is not None
    assert (user.name, user.role) == ("ann", Role.admin)
    assert everywhere.of_session(secret + "x") is None
    assert everywhere.of_session("") is None
    everywhere.sign_out(secret)
    assert everywhere.of_session(secret) is None
    everywhere.sign_out(secret)


@pytest.mark.parametrize(
    ("name", "password"),
    [("ann", "wrong"), ("ann", ""), ("bob", PASSWORD), ("", ""), ("ann", "x" * 9999), ("a\ud800", "b")],
)
def test_what_does_not_fit_is_not_told_apart(people, name, password) -> None:
    with pytest.raises(ForbiddenError, match="name and password do not fit, or the account is closed"):
        people.sign_in(name, password)


def test_a_session_ends(everywhere, store) -> None:
    secret = everywhere.sign_in("ann", PASSWORD)
    with store.database.writing() as connection:
        connection.execute(update(SESSIONS).values(expires_at_us=now_us() - 1))
    assert everywhere.of_session(secret) is None
    everywhere.sign_in("ann", PASSWORD)
    with store.database.reading() as connection:
        assert len(connection.execute(select(SESSIONS)).all()) == 1  # the old one was swept


@pytest.mark.parametrize(
    "change", [{"password": "another few words"}, {"active": False}, {"role": Role.viewer}]
)
def test_a_change_ends_sessions(people, change) -> None:
    people.add("bob", Role.lead, PASSWORD, actor="ann")
    secret = people.sign_in("bob", PASSWORD)
    _, token = people.add_token("bob", "export", actor="ann")
    people.change("bob", actor="ann", **change)
    assert people.of_session(secret) is None
    assert (people.of_token(token) is None) == ("active" in change)
    if "role" not in change:
        with pytest.raises(ForbiddenError):
            people.sign_in("bob", PASSWORD)


def test_somebody_stays_admin(everywhere) -> None:
    for change in ({"active": False}, {"role": Role.lead}):
        with pytest.raises(RefusedError, match="nobody would be left"):
            everywhere.change("ann", actor="ann", **change)
    assert everywhere.any_admin()
    everywhere.add("bob", Role.admin, PASSWORD, actor="ann")
    assert not everywhere.change("ann", actor="bob", active=False).active


@pytest.mark.parametrize(
    ("name", "password", "said"),
    [
        ("ann", PASSWORD, "ann has an account"),
        ("", PASSWORD, "the name is missing"),
        ("a b", PASSWORD, "no name for an account"),
        ("<b>", PASSWORD, "no name for an account"),
        ("bob", "short", "has 5 characters"),
        ("bob", "x" * 1001, "has 1001 characters"),
        ("bob", "aaaaaaaaaaaa", "too easy"),
        ("bobbobbobbob1", "Bobbobbobbob1", "too easy"),
    ],
)
def test_accounts_that_cannot_be(people, name, password, said) -> None:
    with pytest.raises(RefusedError, match=said):
        people.add(name, Role.viewer, password, actor="ann")
    assert [user.name for user in people.users()] == ["ann"]


def test_tokens(everywhere) -> None:
    made, secret = everywhere.add_token("ann", "nightly export", actor="ann")
    assert made.purpose == "nightly export"
    user = everywhere.of_token(secret)
    assert user is not None
    assert user.name == "ann"
    assert everywhere.of_session(secret) is None
    everywhere.revoke_token(made.token_id, actor="ann")
    assert everywhere.of_token(secret) is None
    assert [token.revoked for token in everywhere.tokens()] == [True]
    with pytest.raises(NotFoundError):
        everywhere.revoke_token(99, actor="ann")
    with pytest.raises(NotFoundError):
        everywhere.add_token("bob", "export", actor="ann")


def test_no_secret_is_kept(people, lite) -> None:
    secret = people.sign_in("ann", PASSWORD)
    _, token = people.add_token("ann", "export", actor="ann")
    with lite.database.reading() as connection:
        kept = " ".join(
            str(tuple(row))
            for name in METADATA.tables
            for row in connection.execute(text(f"SELECT * FROM {name}"))  # noqa: S608
        )
    for hidden in (secret, token, PASSWORD):
        assert hidden not in kept


def test_people_are_in_the_record(people, lite) -> None:
    people.change("ann", actor="ann", password="another few words")  # noqa: S106
    with lite.database.reading() as connection:
        actions = connection.execute(text("SELECT action, detail FROM audit ORDER BY number")).all()
    assert [action for action, _ in actions] == ["register", "user_added", "user_changed"]
    assert check_audit(lite.database).problems == ()


def test_roles_include_those_below() -> None:
    assert [[one.may(other) for other in Role] for one in Role] == [
        [True, False, False, False],
        [True, True, False, False],
        [True, True, True, False],
        [True, True, True, True],
    ]
