"""What stands before the app: names, forms, bodies, rates, headers, sessions."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from samehand.cases.errors import ForbiddenError
from samehand.cases.model import Role
from samehand.cases.people import People
from samehand.web.guard import CSRF_HEADER, LARGEST_BODY
from samehand.web.limits import RateLimit
from samehand.web.security import next_page
from tests.web.client import HOME, PASSWORD, bearer, client_of

NOTE = "/api/v1/cases/1/notes"


def n_notes(store) -> int:
    return len(store.case(1).notes)


def test_security_headers_are_on_every_answer(asked) -> None:
    client = asked
    for path in ("/", "/nowhere", "/api/v1/leads", "/api/v1/cases/999", "/api/openapi.json", "/static/x.css"):
        headers = client.get(path).headers
        assert headers["content-security-policy"] == (
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
            "frame-ancestors 'none'; form-action 'self'; base-uri 'none'"
        )
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert ("no-store" in headers.get("cache-control", "")) == (not path.startswith("/static/"))
        assert "strict-transport-security" not in headers
    refused = client.get("/", headers={"Host": "evil.example"})
    assert refused.status_code == 421
    assert "content-security-policy" in refused.headers


def test_cookies_are_hidden_from_scripts_and_by_https_only_for_https(lite, asked) -> None:
    cookie = asked.get("/").headers["set-cookie"]
    assert cookie.startswith("samehand=")
    assert cookie.endswith("; HttpOnly; Path=/; SameSite=Lax")
    secure = client_of(lite, secure=True).get("/")
    assert secure.headers["set-cookie"].startswith("__Host-samehand=")
    assert secure.headers["set-cookie"].endswith("; Secure")
    assert "max-age=" in secure.headers["strict-transport-security"]


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example:80", "", "[::2]:8000"]
)
def test_only_its_own_names_are_answered(asked, host) -> None:
    """A page of evil.example whose name is made to point to 127.0.0.1 must learn nothing."""
    assert asked.get("/", headers={"Host": host}).status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8000", "LOCALHOST", "[::1]:9", "[::1]"])
def test_its_own_names(asked, host) -> None:
    assert asked.get("/", headers={"Host": host}).status_code == 200


def test_the_single_user_is_nobody_behind_a_proxy(lite, asked) -> None:
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        assert asked.get("/", headers={header: "10.0.0.1"}).status_code == 403
    assert client_of(lite, sign_in=True).get("/sign-in", headers={"Via": "proxy"}).status_code == 200


def test_a_form_needs_the_token_of_its_own_session(lite) -> None:
    client, other = client_of(lite), client_of(lite)
    mine, others = client.get("/").json()["csrf"], other.get("/").json()["csrf"]
    assert mine != others
    for given in ({}, {CSRF_HEADER: ""}, {CSRF_HEADER: others}, {CSRF_HEADER: mine[:-1]}, {CSRF_HEADER: "é"}):
        headers = {name: value.encode("latin-1") for name, value in given.items()}
        assert client.post(NOTE, json={"text": "x"}, headers=headers).status_code == 403
    assert n_notes(lite) == 0
    assert client.post(NOTE, json={"text": "x"}, headers={CSRF_HEADER: mine}).status_code == 201
    assert n_notes(lite) == 1


def test_a_form_without_script(lite) -> None:
    client = client_of(lite, sign_in=True)
    csrf = client.get("/sign-in").json()["csrf"]
    fields = {"name": "nobody", "password": "guess"}
    page = {"Accept": "text/html"}
    refused = client.post("/sign-in", data=fields, headers=page)
    assert (refused.status_code, refused.text) == (
        403,
        "this form is not of this session; load the page again",
    )
    for odd in (
        {"csrf": ["wrong", csrf]},
        {"csrf": csrf.upper()},
        {f"x{i}": "" for i in range(60_000)} | {"csrf": csrf},
    ):
        assert client.post("/sign-in", data=fields | odd).status_code == 403
    multipart = {"file": ("x", b"x")}
    assert client.post("/sign-in", data=fields | {"csrf": csrf}, files=multipart).status_code == 403
    with pytest.raises(
        ForbiddenError, match="do not fit"
    ):  # the form was taken; the bare page says no by raising
        client.post("/sign-in", data=fields | {"csrf": csrf}, headers={"Origin": HOME})


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:8001"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_what_comes_from_another_page_is_refused(untouched, asked, headers) -> None:
    assert asked.post(NOTE, json={"text": "x"}, headers=headers).status_code == 403
    csrf = asked.get("/").json()["csrf"]
    assert asked.post(NOTE, json={"text": "x"}, headers=headers | {CSRF_HEADER: csrf}).status_code == 403
    assert n_notes(untouched[0]) == 0


def test_a_program_on_this_machine_needs_no_form(lite) -> None:
    client = client_of(lite)
    assert client.post(NOTE, json={"text": "x"}).status_code == 201
    as_form = {"Content-Type": "text/plain"}  # what a foreign page can send without being asked
    assert client.post(NOTE, content=b'{"text": "x"}', headers=as_form).status_code == 403
    assert client_of(lite, sign_in=True).post(NOTE, json={"text": "x"}).status_code == 403


def test_bodies_are_bounded(lite) -> None:
    client = client_of(lite)
    assert client.post(NOTE, content=b"x" * (LARGEST_BODY + 1)).status_code == 413
    assert client.post(NOTE, json={"text": "x" * 10_000}).status_code == 201


def test_too_many_requests(lite, monkeypatch) -> None:
    monkeypatch.setattr("samehand.web.security.RateLimit", lambda **_: RateLimit(3, 0.001))
    client = client_of(lite)
    assert [client.get("/static/none").status_code for _ in range(5)] == [404] * 3 + [429] * 2
    refused = client.get("/")
    assert int(refused.headers["retry-after"]) > 900
    assert "content-security-policy" in refused.headers


def test_tokens_of_a_bucket_come_back() -> None:
    now = 0.0
    limit = RateLimit(2, 0.5, clock=lambda: now)
    assert [limit.take("a"), limit.take("a"), limit.take("a")] == [0, 0, 2]
    assert limit.take("b") == 0
    now = 1.0
    assert limit.take("a") == 1
    now = 2.0
    assert limit.take("a") == 0
    now = 1_000.0
    assert [limit.take("a"), limit.take("a"), limit.take("a") > 0] == [0, 0, True]


def test_a_limit_forgets_the_one_not_seen_for_longest() -> None:
    limit = RateLimit(1, 0.001, clock=lambda: 0.0)
    assert limit.take("first") == 0
    for number in range(10_000):
        limit.take(f"address {number}")
    assert limit.take("first") == 0
    assert limit.take("address 9999") > 0


def _sign_in(client, name: str, password: str, back: str = "") -> int:
    csrf = client.get(f"/sign-in{back}").json()["csrf"]
    return client.post("/sign-in", data={"name": name, "password": password, "csrf": csrf}).status_code


def test_signing_in_and_out(lite) -> None:
    People(lite.database).add("ann", Role.reviewer, PASSWORD, actor="setup")
    client = client_of(lite, sign_in=True)
    sent = client.get("/?status=open")
    assert (sent.status_code, sent.headers["location"]) == (303, "/sign-in?next=%2F%3Fstatus%3Dopen")
    assert client.get("/api/v1/leads").status_code == 401
    assert client.get("/api/v1/leads").headers["www-authenticate"] == "Bearer"
    before = client.cookies["samehand"]
    assert _sign_in(client, "ann", PASSWORD) == 200
    assert client.cookies["samehand"] != before  # who planted a cookie before knows nothing of the session
    start = client.get("/").json()
    assert start["name"] == "ann"
    assert client.post(NOTE, json={"text": "x"}, headers={CSRF_HEADER: start["csrf"]}).status_code == 201
    assert lite.case(1).notes[0].author == "ann"
    stolen = dict(client.cookies)
    assert client.post("/sign-out", data={"csrf": start["csrf"]}).status_code == 200
    assert client.get("/").status_code == 303
    thief = client_of(lite, sign_in=True)
    thief.cookies.update(stolen)
    assert thief.get("/").status_code == 303


def test_guessing_passwords_is_slow(lite) -> None:
    from samehand.web.security import Doorkeeper, TooOftenError
    from samehand.web.settings import AppSettings

    People(lite.database).add("ann", Role.reviewer, PASSWORD, actor="setup")
    keeper = Doorkeeper(AppSettings(store=lite, sign_in=True))

    def tried(address: str, name: str, password: str) -> str:
        request = Request({"type": "http", "client": (address, 1), "headers": []})
        try:
            keeper.sign_in(request, name, password)
        except Exception as error:  # noqa: BLE001
            return type(error).__name__
        return "in"

    assert [tried("10.0.0.1", "ann", "guess") for _ in range(11)] == ["ForbiddenError"] * 10 + [
        TooOftenError.__name__
    ]
    assert tried("10.0.0.2", "ann", PASSWORD) == TooOftenError.__name__  # from elsewhere, too
    assert tried("10.0.0.2", "bob", "guess") == "ForbiddenError"


def test_a_closed_account_is_out_at_once(lite) -> None:
    headers = bearer(lite, Role.reviewer, "ann")
    bearer(lite, Role.admin, "eve")
    client = client_of(lite, sign_in=True)
    assert client.get("/api/v1/me", headers=headers).json() == {"name": "ann", "role": "reviewer"}
    People(lite.database).change("ann", actor="eve", active=False)
    assert client.get("/api/v1/me", headers=headers).status_code == 401


def test_a_wrong_token_is_not_the_single_user(asked) -> None:
    client = asked
    for given in ("Bearer wrong", "bearer ", "Bearer é"):
        headers = {"Authorization": given.encode("latin-1")}
        assert client.get("/api/v1/me", headers=headers).status_code == 401
    assert client.get("/api/v1/me").status_code == 200


@pytest.mark.parametrize(
    "cookie", ["samehand=short", "samehand=" + "x" * 99, "samehand=\xe9" * 43, ";;;=", "a" * 5000]
)
def test_odd_cookies_are_replaced(asked, cookie) -> None:
    answer = asked.get("/", headers={"Cookie": cookie.encode("latin-1")})
    assert answer.status_code == 200
    assert "set-cookie" in answer.headers


def test_where_to_after_signing_in() -> None:
    for asked in (
        None,
        "",
        "evil",
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/a\nb",
        "javascript:1",
    ):
        assert next_page(asked) == "/"
    assert next_page("/cases/7?x=1") == "/cases/7?x=1"
