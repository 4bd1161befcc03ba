"""Leads under review: one case each, however often they are told, with the run that they rest on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from samehand.cases.audit_check import check_audit
from samehand.cases.model import Action, Status
from samehand.cases.store import CaseStore
from samehand.online.kept import keep_run, run_of
from samehand.online.leads import Lead, Leads
from samehand.online.outbox import Outbox
from samehand.online.outputs import deliver
from samehand.online.reviewed import ReviewStore
from samehand.online.settings import open_settings
from samehand.online.sources.lines import GrowingFile
from samehand.online.watch import Watch
from samehand.web.app import create_app
from samehand.web.settings import AppSettings
from tests.online.served import served
from tests.online.streams import HOUR_US, SETTINGS, batch, told
from tests.postgres import run_sql

AT = "2026-03-02T12:00:00+00:00"


@pytest.fixture(scope="module")
def looked(tmp_path_factory) -> Path:
    """Give the state of a stream of which one look was kept; it raised three leads."""
    state = tmp_path_factory.mktemp("looked")
    leads = Leads().update(batch(), at=AT, look=1, at_least_bits=0.0)
    assert len(leads) == 3
    keep_run(state, batch(), leads[0])
    Outbox(state / "leads.ndjson").put(leads)
    return state


@pytest.fixture
def state(looked, tmp_path) -> Path:
    """Give a copy of it."""
    return Path(shutil.copytree(looked, tmp_path / "state"))


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path) -> Iterator[str]:
    """Path or URL of an empty database."""
    if request.param == "sqlite":
        yield str(tmp_path / "cases.sqlite")
        return
    server = request.getfixturevalue("postgres")
    run_sql(server, "CREATE DATABASE leads")
    yield server.address(database="leads")
    run_sql(server, "DROP DATABASE leads WITH (FORCE)")


@pytest.fixture
def store(place) -> Iterator[CaseStore]:
    with CaseStore.open(place) as opened:
        yield opened


def tell(state: Path, store: CaseStore, *, forgotten: bool = False) -> list[str]:
    """Tell the store the leads of a stream, as a process does that has just begun."""
    if forgotten:  # killed before it was remembered what was told
        shutil.rmtree(state / "outputs")
    warnings: list[str] = []
    assert deliver(state / "leads.ndjson", [ReviewStore(state, store, "here", warnings.append)]) == []
    return warnings


def later(lead: Lead, **changes: object) -> Lead:
    return msgspec.structs.replace(lead, time="2026-03-02T13:00:00+00:00", look=2, **changes)


def test_each_lead_is_one_case_however_often_it_is_told(state, store) -> None:
    for forgotten in (False, False, True):
        assert tell(state, store, forgotten=forgotten) == []
    found = store.leads()
    assert found.total == 3
    assert len(store.runs()) == 1
    leads = {frozenset(one.accounts): one for one in told(state)}
    for row in found.rows:
        case = store.case(row.case_id)
        lead = leads.pop(frozenset(one.account for one in case.members))
        assert (row.status, row.score_bits) == (Status.open, lead.score_bits)
        assert list(row.behaviours) == lead.behaviours
        (note,) = case.notes
        assert note.text.startswith(f"Lead {lead.fleet_id}, line {lead.seq}: raised at {AT} by look 1")
    assert not leads
    assert check_audit(store.database).problems == ()


def test_what_changes_later_is_a_note_and_the_decision_stays(state, store) -> None:
    tell(state, store)
    first = told(state)[0]
    (mine,) = [
        row
        for row in store.leads().rows
        if {one.account for one in store.case(row.case_id).members} == set(first.accounts)
    ]
    store.decide(
        mine.case_id, Action.confirm, reviewer="ann", reason="r", policy="p", expected_version=mine.version
    )
    lines = [
        later(first, seq=4, status="changed", accounts=[*first.accounts[1:], "newcomer\0"]),
        later(first, seq=5, status="merged", into="L00002"),
    ]
    Outbox(state / "leads.ndjson").put(lines)
    for forgotten in (False, True):
        assert tell(state, store, forgotten=forgotten) == []
    assert store.leads().total == 3
    case = store.case(mine.case_id)
    assert case.lead.status == Status.confirmed
    assert len(case.members) == len(first.accounts)
    texts = [one.text for one in case.notes][1:]
    assert len(texts) == 2
    assert f"no more: {first.accounts[0]}" in texts[0]
    assert "new: newcomer" in texts[0]
    assert "lead L00002" in texts[1]


def test_a_lead_whose_run_was_not_kept_makes_no_case_and_that_is_said(state, store) -> None:
    """A stream that was begun without the store: its lead comes under review when it is told again."""
    first = told(state)[0]
    shutil.rmtree(run_of(state, first))
    warnings = tell(state, store)
    assert [one.split(",")[0] for one in warnings] == [f"lead {one.fleet_id}" for one in told(state)]
    assert store.leads().total == 0
    again = later(first, seq=4, status="changed")
    keep_run(state, batch(), again)
    Outbox(state / "leads.ndjson").put([again])
    assert tell(state, store) == []
    assert store.leads().total == 1


def test_a_watch_puts_its_leads_into_the_queue_of_the_review_app(log, tmp_path) -> None:
    """The closing look only; then the pages of a case, as a reviewer opens them."""
    state = tmp_path / "state"
    settings = replace(SETTINGS, tick_us=3 * HOUR_US, look_every_us=14 * 24 * HOUR_US)
    with CaseStore.open(tmp_path / "cases.sqlite") as store:
        watching = Watch(state, open_settings(state, settings), [ReviewStore(state, store, "here")])
        watching.run(GrowingFile(log, settings, follow=False))
        watching.close()
        leads = {one.fleet_id for one in told(state)}
        assert store.leads().total == len(leads) >= 3
        case = store.case(store.leads().rows[0].case_id)
        with served(create_app(AppSettings(store=store))) as client:
            queue = client.get("/").text
            assert case.lead.name in queue
            page = client.get(f"/cases/{case.lead.case_id}")
            assert page.status_code == 200
            assert case.members[0].account in page.text
            assert "raised at" in page.text
            assert client.get(f"/search?q={case.members[0].account}").status_code == 200
