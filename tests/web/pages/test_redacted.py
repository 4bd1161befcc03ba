"""Hidden names: no page and no answer of the API names anybody of the run, or quotes a text."""

import dataclasses
import re
from html import unescape
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from samehand.cases.audit_check import check_audit
from samehand.cases.model import Action
from samehand.cases.store import CaseStore
from samehand.web.redacted import HIDDEN, SHOWN
from tests.cases.steps import decide, second, undo
from tests.web.pages.made import browsing, made_run

IDS = ("account", "account_a", "account_b", "device", "address", "target", "event_id")
MOST_OF_A_KIND = 3
"""Pages of one form, such as those of accounts, that are visited."""


@pytest.fixture(scope="module")
def secrets():
    """Ids and texts of the run."""
    _, tables = made_run()
    found = set()
    for table in (tables.members, tables.member_events, tables.edges, tables.driven):
        for name in set(table.column_names) & set(IDS):
            found |= {str(one) for one in pc.unique(table[name]).drop_null().to_pylist()}
    shared = set(pc.unique(tables.layer_bits["value"]).drop_null().to_pylist())
    assert len(found) > 100
    assert len(shared) == 1
    texts = set(pc.unique(tables.member_events["content"]).drop_null().to_pylist()) | shared
    assert "hello" in texts
    return found, texts


@pytest.fixture
def reviewed(store):
    """A store in which names stand wherever a reviewer can write one."""
    names = [member.account for member in store.case(1).members]
    said = f"{names[0]} appealed"
    decide(store, 1, Action.remove_member, accounts=names[:1], reason=said, policy=f"spam 3.2 ({names[0]})")
    decide(store, 1, Action.split_off, accounts=names[1:3], reason=said, policy="spam 3.2")
    decide(store, 2, Action.confirm, reason=said, policy=f"asked by {names[2]}", needs_second=True)
    store.second(2, reviewer="bob", agrees=False, reason=said, expected_version=store.case(2).lead.version)
    decide(store, 3, Action.confirm, reason=said, policy="spam 3.2")
    second_of(store, said)
    undo(store, 3)
    store.note(1, said, author="ann")
    return store


def second_of(store: CaseStore, said: str) -> None:
    decide(store, 4, Action.dismiss, reason=said, policy=f"{said}", needs_second=True)
    second(store, 4, agrees=True)


def leaks(text, secrets):
    ids, texts = secrets
    words = set(re.findall(r"[\w.-]+", unescape(text)))
    return sorted(words & ids) + [one for one in texts if one in unescape(text)]


def crawl(visit):
    """Give every page that can be reached by links, a few of each form."""
    waiting, seen, counted = ["/", "/search?q=1", "/detect"], set(), {}
    while waiting:
        path = waiting.pop(0)
        form = re.sub(r"\d+", "N", urlsplit(path).path) + str(sorted(re.findall(r"(\w+)=", path)))
        if path in seen or counted.get(form, 0) >= MOST_OF_A_KIND:
            continue
        seen.add(path)
        counted[form] = counted.get(form, 0) + 1
        answer = visit.client.get(path)
        yield path, answer.text
        links = re.findall(r'href="(/[^"#]*)', answer.text)
        waiting += [unescape(link) for link in links if not link.startswith("/static")]


def test_no_page_names_anybody(reviewed, secrets, tmp_path):
    with browsing(reviewed, redact=True, logs=tmp_path) as visit:
        pages = dict(crawl(visit))
        bulk = visit.send("/bulk", {"case": ["1:3", "2:3"], "action": "confirm"})
    assert {path: leaks(text, secrets) for path, text in pages.items() if leaks(text, secrets)} == {}
    assert leaks(bulk, secrets) == []
    forms = {re.sub(r"\d+", "N", urlsplit(path).path) for path in pages}
    assert {"/", "/search", "/compare", "/help", "/cases/N", "/cases/N/events", "/runs/N/account"} <= forms
    assert "▒▒▒" in pages["/cases/1"]
    assert "(spam 3.2)" in pages["/cases/1"], "a rule that names nobody is shown"


def test_every_column_of_words_is_known_to_be_shown_or_hidden():
    """A column that somebody adds is not shown by oversight."""
    _, tables = made_run()
    words = {
        name
        for field in dataclasses.fields(tables)
        for name, kind in _named(getattr(tables, field.name).schema)
        if pa.types.is_string(kind)
    }
    assert words - SHOWN - HIDDEN == set()
    assert not SHOWN & HIDDEN


def _named(schema):
    """Names of columns and the types of what is in them."""
    for field in schema:
        kind = field.type
        if pa.types.is_list(kind):
            kind = kind.value_type
        yield field.name, kind.key_type if pa.types.is_map(kind) else kind


def test_no_answer_of_the_api_names_anybody(reviewed, secrets):
    cases = [lead.case_id for lead in reviewed.leads().rows]
    with browsing(reviewed, redact=True) as visit:
        described = visit.client.get("/api/openapi.json").json()["paths"]
        asked = [path for path, methods in described.items() if "get" in methods]
        for path in asked:
            for case in cases:
                answer = visit.client.get("/api" + path.format(case_id=case))
                assert answer.status_code == 200, path
                assert leaks(answer.text, secrets) == [], path
        first = next(iter(secrets[0]))
        assert visit.client.get("/api/v1/leads", params={"text": first}).json()["total"] == 0
    assert {"/v1/cases/{case_id}/history", "/v1/audit", "/v1/cases/{case_id}"} <= set(asked)


def test_what_the_audit_finds_is_said_without_names_and_the_chain_stays_whole(reviewed, secrets):
    assert check_audit(reviewed.database).problems == ()
    with reviewed.database.writing() as connection:
        connection.exec_driver_sql("UPDATE members SET removed = TRUE WHERE case_id = 5")
    with browsing(reviewed, redact=True) as visit:
        found = visit.client.get("/api/v1/audit").json()
    assert len(found["problems"]) > 1
    assert all("of run 1 is not in the case" in one for one in found["problems"])
    assert leaks(str(found), secrets) == []


def test_without_redaction_they_are_all_there(reviewed, secrets):
    """The search above can find something."""
    with browsing(reviewed) as visit:
        for path in ("/cases/1", "/api/v1/cases/1/history", "/api/v1/cases/1", "/cases/1/events"):
            assert leaks(visit.client.get(path).text, secrets), path


def test_a_large_fleet_that_is_drawn_at_the_start_is_counted_as_it_is_shown(reviewed, monkeypatch):
    """What is prepared is prepared of the names that are shown; else no member would be touched."""
    monkeypatch.setattr("samehand.web.site._LARGE", 1)
    pages = []
    for redact in (False, True):
        with browsing(reviewed, redact=redact) as visit:
            pages.append(visit.page("/cases/3"))
    touched = [re.search(r"It touches ([\d,]+) account", page).group(1) for page in pages]
    assert touched[0] == touched[1] != "0"
