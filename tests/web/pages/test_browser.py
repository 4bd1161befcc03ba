"""The app in a real browser: the work of a reviewer, by mouse and by keys; hostile names and texts run nothing."""

import contextlib
import os
import socket
import threading

import pytest
import uvicorn

from samehand.cases.model import Status
from samehand.cases.store import CaseStore
from samehand.web.app import create_app
from samehand.web.settings import AppSettings
from tests.report.hostile import HOSTILE, hostile_run
from tests.report.page import CHROMIUM
from tests.web.pages.made import OUTSIDER, written

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars",
]  # fmt: skip


@pytest.fixture(scope="module")
def chromium():
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is missing, and CI has to have it (Debian package chromium)")
        pytest.skip("needs Chromium (Debian package chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@contextlib.contextmanager
def served(store):
    """Serve an app on a free port of this machine; give its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(AppSettings(store=store)), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@contextlib.contextmanager
def tab(chromium, address, **options):
    """Open a tab in which nothing may go wrong unseen: no dialog, no error, nothing blocked, nothing from elsewhere."""
    context = chromium.new_context(base_url=address, locale="en-US", **options)
    page, wrong = context.new_page(), []
    page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("request", lambda sent: wrong.append(sent.url) if not sent.url.startswith(address) else None)
    yield page
    assert wrong == []
    context.close()


def test_a_reviewer_filters_opens_removes_decides_and_sees_the_entry(chromium, store):
    with served(store) as address, tab(chromium, address) as page:
        page.goto("/")
        page.select_option("#f-which", "candidates")
        page.click("text=Show")
        assert page.locator("a.lead").all_inner_texts() == ["F0004", "F0005"]
        page.goto("/")
        page.click("a.lead >> text=F0001")
        box = page.locator("#members input[name=account]").nth(1)
        account = box.get_attribute("value")
        box.check()
        page.fill("#members-reason", "came by coincidence")
        page.fill("#members-policy", "spam 3.2")
        page.click("text=Remove from the fleet")
        assert "The ticked members were removed." in page.inner_text("main")
        page.check("input[name=action][value=confirm]")
        page.fill("#judge-reason", "one script, all night")
        assert page.input_value("#judge-policy") == "spam 3.2"
        page.click("#judge button.main")
        last = page.locator("table.audit tbody tr").last.inner_text()
        assert "Confirm" in last
        assert "one script, all night" in last
        assert "spam 3.2" in last
        assert page.locator("h1 .status").inner_text() == "confirmed"
    case = store.case(1)
    assert case.lead.status is Status.confirmed
    assert [member.account for member in case.members if member.removed] == [account]


def test_the_keyboard_is_enough(chromium, store):
    with served(store) as address, tab(chromium, address) as page:
        page.goto("/")
        page.keyboard.press("j")
        page.keyboard.press("j")
        assert page.evaluate("document.activeElement.textContent") == "F0002"
        page.keyboard.press("k")
        page.keyboard.press("x")
        assert page.locator("tr[data-lead] input:checked").count() == 1
        page.keyboard.press("?")
        page.wait_for_selector("dialog[open] kbd")
        page.keyboard.press("Escape")
        page.wait_for_selector("dialog", state="detached")
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") == "q"
        page.keyboard.type("jcd")
        assert page.input_value("#q") == "jcd"
        page.keyboard.press("Escape")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_url("**/cases/1")
        page.keyboard.press("j")
        page.wait_for_url("**/cases/2")
        page.keyboard.press("u")
        page.wait_for_url(address + "/")
        page.keyboard.press("j")
        page.keyboard.press("d")
        page.wait_for_url("**/cases/1?decide=dismiss")
        page.wait_for_selector("#judge-reason:focus")
        page.keyboard.type("a choir")
        page.keyboard.press("Tab")
        page.keyboard.type("fairness 1")
        page.keyboard.press("Enter")
        page.wait_for_url("**/cases/1?done=dismiss")
    assert store.case(1).decisions[0].reason == "a choir"
    assert store.case(1).lead.status is Status.dismissed


def test_a_dot_of_the_network_shows_its_neighbours(chromium, store):
    with served(store) as address, tab(chromium, address) as page:
        page.goto("/cases/1")
        assert page.locator("circle.node-outside").count() == 0
        page.fill("#near", OUTSIDER)
        page.click("#network button")
        assert page.locator("circle.node-outside title").all_text_contents() == [OUTSIDER]
        page.locator("circle.node-outside").click()
        assert page.locator("#near").input_value() == OUTSIDER


def test_it_works_without_javascript(chromium, store):
    with served(store) as address, tab(chromium, address, java_script_enabled=False) as page:
        page.goto("/")
        page.fill("#q", "phone-1")
        page.click("header button")
        assert "Devices" in page.inner_text("main")
        page.goto("/cases/2")
        page.check("input[name=action][value=need_more]")
        page.fill("#judge-reason", "ask the school")
        page.fill("#judge-policy", "p")
        page.click("#judge button.main")
        assert "needs more" in page.inner_text("h1")
    assert store.case(2).lead.status is Status.need_more


@pytest.mark.parametrize("lang", ["en-US", "zh-CN"])
def test_a_phone_has_no_page_that_is_wider_than_it(chromium, store, lang):
    with served(store) as address, tab(chromium, address, viewport={"width": 390, "height": 800}) as page:
        page.set_extra_http_headers({"accept-language": lang})
        for path in ("/", "/cases/1", "/cases/1/events", f"/runs/1/account?id={OUTSIDER}", "/search?q=user", "/help",
                     "/compare?one=1&other=2"):  # fmt: skip
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, path


def test_hostile_names_and_texts_run_nothing(chromium, tmp_path):
    info, tables = hostile_run()
    with CaseStore.open(tmp_path / "cases.sqlite") as store:
        store.register_run(written(tmp_path / "run", info, tables), actor="setup")
        for text in (*HOSTILE[:8], HOSTILE[17]):
            store.note(1, text, author="eve")
        accounts = [str(account) for account in tables.members["account"].to_pylist()[:8]]
        with served(store) as address, tab(chromium, address) as page:
            for path in ("/", "/cases/1", "/cases/1/events", "/compare?one=1&other=2"):
                page.goto(path)
                assert page.title().endswith("samehand"), path
            page.keyboard.press("?")
            page.wait_for_selector("dialog[open] kbd")
            for account in accounts:
                page.goto("/")
                page.fill("#q", account)
                page.keyboard.press("Enter")
                page.wait_for_selector("main .hits a")
                page.click("main .hits a")
                page.wait_for_selector("main h1")
                assert page.title().endswith("samehand")


def test_contrast_is_enough_in_light_and_dark(chromium, store):
    with served(store) as address:
        for scheme in ("light", "dark"):
            with tab(chromium, address, color_scheme=scheme) as page:
                for path in ("/", "/cases/1"):
                    page.goto(path)
                    assert page.evaluate(CONTRAST) == [], (scheme, path)


# What WCAG 2 asks of text, 4.5 to 1, of every element that has text of its own.
CONTRAST = """() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const linear = (v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = (c) => c.slice(0, 3).map((v) => linear(v / 255))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const below = (e) => {
    for (; e; e = e.parentElement) {
      const c = rgb(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  const weak = [];
  for (const e of document.querySelectorAll("body *")) {
    if (e.closest("svg, .hidden, .skip, option, tr.gone") || !e.offsetParent) continue;
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
    const [a, b] = [light(rgb(getComputedStyle(e).color)), light(below(e))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) weak.push(e.tagName + " " + e.className + " " + e.textContent.slice(0, 40));
  }
  return [...new Set(weak)];
}"""
