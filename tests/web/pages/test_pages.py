"""Every page opens, in both languages, with what it has to say and nothing that runs."""

import dataclasses
import re

import pytest

from samehand.cases.store import CaseStore
from samehand.run_folder import LATER
from tests.report.fake_run import fake_run
from tests.report.hostile import HOSTILE, hostile_run
from tests.report.page import Page
from tests.web.pages.made import OUTSIDER, browsing, made_run, plain, written

PAGES = (
    "/", "/?status=all&which=both&sort=doubt&assignee=-&page=9", "/cases/1", f"/cases/1?near={OUTSIDER}",
    "/cases/1?member=user&by=weakest&members=2", "/cases/1/events", "/cases/1/events?what=own&account=user_000001",
    "/cases/1/events?row=1", "/runs/1/account?id=user_000001", f"/runs/1/account?id={OUTSIDER}", "/search?q=phone-1",
    "/compare", "/compare?one=1&other=2", "/detect", "/help", "/sign-in",
)  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_page_opens_in_both_languages_without_script_or_style_of_its_own(store, tmp_path, lang):
    with browsing(store, lang, logs=tmp_path) as visit:
        for path in PAGES:
            html = visit.page(path)
            page = Page(html)
            assert f'<html lang="{"zh-Hans" if lang == "zh" else "en"}">' in html
            assert [one.attributes["src"] for one in page.all("script")] == ["/static/review.js"], path
            assert not page.all("style"), path
            assert not [
                one for one in page.elements if "style" in one.attributes or "onclick" in one.attributes
            ], path
            assert len(page.all("h1")) == 1, path
            assert page.elements[0].attributes["lang"] == page.all("html")[0].attributes["lang"]


def test_every_field_has_a_label_and_every_id_stands_once(visit):
    for path in PAGES:
        page = Page(visit.page(path))
        ids = [one.attributes["id"] for one in page.elements if "id" in one.attributes]
        assert len(ids) == len(set(ids)), path
        labels = {one.attributes.get("for") for one in page.all("label")}
        for field in [*page.all("input"), *page.all("select"), *page.all("textarea")]:
            named = (
                field.attributes.get("id") in labels
                or "aria-label" in field.attributes
                or "label" in field.parents
            )
            assert named or field.attributes.get("type") == "hidden", (path, field.attributes)


@pytest.mark.parametrize(
    "path",
    ["/cases/99", "/cases/0", "/cases/x", "/cases/99999999999999999999", "/cases/1/nothing", "/nothing",
     "/runs/7/account?id=a", "/runs/1/account?id=nobody", "/compare?one=77&other=1", "/compare?one=x",
     "/detect/unknown"],
)  # fmt: skip
def test_what_is_not_there_is_said_on_a_page(visit, path):
    assert "There is no such page" in visit.page(path, 404)


def test_the_guard_stands_before_pages(visit):
    answer = visit.client.get("/cases/1")
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert visit.client.post("/cases/1/decide", data={"action": "confirm"}).status_code == 403


def test_language_is_chosen_and_remembered_and_leads_nowhere_else(visit):
    answer = visit.client.get("/language/zh?next=/cases/1", follow_redirects=False)
    assert answer.headers["location"] == "/cases/1"
    assert "疑似受控群组" in visit.page("/cases/1")
    answer = visit.client.get("/language/en?next=https://evil.example/", follow_redirects=False)
    assert answer.headers["location"] == "/"


def test_queue_filters_and_sorts(visit):
    text = visit.page("/")
    assert re.findall(r'class="lead" href="[^"]*">(F\d+)', text) == ["F0001", "F0002", "F0003"]
    text = visit.page("/?which=candidates")
    assert re.findall(r'class="lead" href="[^"]*">(F\d+)', text) == ["F0004", "F0005"]
    assert "F0001" not in plain(visit.page("/?behaviour=mass_add"))
    assert "Nothing here" in visit.page("/?status=confirmed")
    assert "F0001" in visit.page("/?status=nonsense&sort=%3Cb%3E&page=-1&run=x")


def test_search_finds_accounts_devices_addresses_and_targets(visit):
    text = plain(visit.page("/search?q=phone-3"))
    assert "Devices" in text
    assert "phone-3 → F0001 (1 account" in text
    assert "stranger → in no fleet" in plain(visit.page("/search?q=STRANG"))
    assert "F0002" in plain(visit.page("/search?q=f0002"))
    assert "Nothing in this run" in plain(visit.page("/search?q=nothing-like-it"))
    assert "Addresses" in plain(visit.page("/search?q=10.0.0.1"))


def test_case_shows_both_sides_the_events_behind_figures_and_what_if(visit):
    html = visit.page("/cases/1")
    text = plain(html)
    for part in ("What speaks against it", "What speaks for one hand", "What if", "More like this", OUTSIDER,
                 "Of these, 1 were cleared before", "Try it first on"):  # fmt: skip
        assert part in text, part
    assert text.index("What speaks against it") < text.index("What speaks for one hand")
    assert 'href="/cases/1/events?what=together"' in html


def test_an_expanded_account_brings_its_neighbours_into_the_network(visit):
    assert 'class="node-outside"' not in visit.page("/cases/1")
    assert 'class="node-outside"' in visit.page(f"/cases/1?near={OUTSIDER}")


def test_without_signing_in_there_is_the_way_to_it_alone(store):
    with browsing(store, sign_in=True) as visit:
        answer = visit.client.get("/cases/1", follow_redirects=False)
        assert answer.headers["location"] == "/sign-in?next=%2Fcases%2F1"
        assert 'type="password"' in visit.page("/sign-in")
        assert 'href="/compare"' not in visit.page("/sign-in")


def test_hostile_names_and_texts_are_escaped_on_every_page(tmp_path):
    info, tables = hostile_run()
    with CaseStore.open(tmp_path / "cases.sqlite") as store:
        store.register_run(written(tmp_path / "<b>run", info, tables), actor="setup")
        store.note(1, HOSTILE[0], author=HOSTILE[2][:64])
        account = str(tables.members["account"][0].as_py())
        with browsing(store) as visit:
            for path in ("/", "/cases/1", "/cases/1/events", "/compare?one=1&other=2", "/search"):
                check_nothing_runs(visit.page(path))
            for text in (account, *HOSTILE[:6]):
                check_nothing_runs(visit.client.get("/search", params={"q": text}).text)
                check_nothing_runs(visit.client.get("/runs/1/account", params={"id": text}).text)
                check_nothing_runs(
                    visit.client.get("/cases/1", params={"near": text, "member": text, "done": text}).text
                )
                check_nothing_runs(visit.client.get("/cases/1/events", params={"target": text}).text)


def check_nothing_runs(html):
    page = Page(html)
    assert [one.attributes.get("src") for one in page.all("script")] == ["/static/review.js"]
    assert not page.all("img")
    assert not [name for one in page.elements for name in one.attributes if name.startswith("on")]
    links = [one.attributes.get("href") or "" for one in page.elements]
    assert not [link for link in links if link.strip().lower().startswith("javascript")]


def test_a_run_without_fleets_and_one_without_optional_tables(tmp_path):
    nothing = written(tmp_path / "nothing", *fake_run(0, 0, n_unreported=0))
    older = written(tmp_path / "older", *without_later_columns())
    for name in LATER:
        (older / f"{name}.parquet").unlink()
    (older / "driven.parquet").unlink()
    with CaseStore.open(tmp_path / "cases.sqlite") as store:
        store.register_run(nothing, actor="setup")
        with browsing(store) as visit:
            assert "Nothing here" in visit.page("/")
        store.register_run(older, actor="setup")
        with browsing(store) as visit:
            assert "this run does not say" in plain(visit.page("/cases/1"))
            for path in (
                "/",
                "/cases/1/events?what=own",
                "/runs/2/account?id=user_000001",
                "/compare?one=1&other=2",
            ):
                visit.page(path)


def without_later_columns():
    info, tables = fake_run(2, 30)
    later = ["n_driven", "share_driven", "part_time", "known"]
    return info, dataclasses.replace(tables, members=tables.members.drop_columns(later))


def test_ids_that_are_numbers_are_found_as_they_are_written(tmp_path):
    with CaseStore.open(tmp_path / "cases.sqlite") as store:
        store.register_run(written(tmp_path / "numbers", *fake_run(2, 30, ids="int")), actor="setup")
        with browsing(store) as visit:
            assert "9007199254740994" in visit.page("/search?q=9007199254740994")
            assert "suspected fleet" in visit.page("/runs/1/account?id=9007199254740994")
            assert "9007199254740994" in plain(visit.page("/cases/1/events?account=9007199254740994"))


def test_redacted_pages_name_nobody(tmp_path):
    with CaseStore.open(tmp_path / "cases.sqlite") as store:
        store.register_run(written(tmp_path / "run", *made_run()), actor="setup")
        with browsing(store, redact=True) as visit:
            shown = re.findall(r'name="account" value="(~\w+)"', visit.page("/cases/1"))
            for path in ("/cases/1", "/cases/1/events", f"/runs/1/account?id={shown[0]}", f"/cases/1?near={shown[0]}",
                         "/compare?one=1&other=2"):  # fmt: skip
                assert not re.search(r"user_0|post_\d|phone-|10\.0\.0|stranger|hello", visit.page(path)), path
            form = {
                "action": "remove_member",
                "account": shown[0],
                "reason": "r",
                "policy": "p",
                "version": "1",
            }
            visit.send("/cases/1/decide", form, page="/cases/1")
            assert "removed by a reviewer" in visit.page("/cases/1")
        assert sum(member.removed for member in store.case(1).members) == 1


def test_a_run_whose_folder_changed_is_said_and_the_rest_stays(store, run_folder, tmp_path):
    other = written(tmp_path / "other", *fake_run(1, 20, seed=3))
    store.register_run(other, actor="setup")
    (other / "fleets.parquet").write_bytes(b"")
    with browsing(store) as visit:
        assert "F0001" in visit.page("/")
        visit.page("/cases/1")
        visit.page("/cases/6", 422)
