"""The page: what it says, that it works offline, that it is bounded, and that everybody can read it."""

import json
import re
from dataclasses import replace
from html import unescape

import pytest

from samehand.report.html import HtmlPage, asset, content_security_policy
from samehand.texts import LANGUAGES, say
from tests.report.fake_run import fake_run
from tests.report.page import Page

N_ACCOUNTS = fake_run(4, 120)[0].n_accounts_reported


def render(info, tables, lang="en"):
    return HtmlPage().render(info, tables, lang).decode()


@pytest.fixture(scope="module")
def pages():
    return {lang: Page(render(*fake_run(4, 120), lang)) for lang in LANGUAGES}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_answer_comes_first(pages, lang):
    html = pages[lang].html
    main = html.index("<main>")
    answer = html.index("<strong>" + say("answer.some", lang, n_fleets=4, n_accounts=N_ACCOUNTS))
    assert main < answer < html.index('id="ranking"') < html.index('id="quality"') < html.index('id="method"')
    assert html.index('id="method"') < html.index('id="fleets"')
    assert {e.attributes["lang"] for e in pages[lang].all("html")} == {{"en": "en", "zh": "zh-Hans"}[lang]}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reported_fleet_has_a_section_and_no_candidate_has(pages, lang):
    sections = [e.attributes["id"] for e in pages[lang].with_class("fleet-body")]
    assert sections == ["F0001", "F0002", "F0003", "F0004"]
    links = [e.attributes["href"] for e in pages[lang].all("a") if "th" in e.parents]
    assert links == [f"#{s}" for s in sections]
    assert "F0006" in pages[lang].html


def test_what_speaks_against_is_never_folded_and_stands_level(pages):
    page = pages["en"]
    sides = page.with_class("side")
    assert [e.attributes["class"] for e in sides] == ["side for", "side against"] * 4
    assert {e.parents.count("details") for e in sides} == {1}
    assert len({e.parents for e in sides}) == 1


def test_surrogates_0_is_said_in_a_banner():
    with_estimate = render(*fake_run(2, 20))
    without = render(*fake_run(2, 20, surrogates=0))
    assert say("answer.no_estimate", "en") not in with_estimate
    banner = without.index(say("answer.no_estimate", "en"))
    assert banner < without.index('class="tiles"')
    assert "was run again on" not in without
    assert "such groups in a log like this one" not in without


@pytest.mark.parametrize("n_unreported", [0, 3])
@pytest.mark.parametrize("surrogates", [0, 20])
def test_no_fleet_is_said_plainly_with_what_it_means(n_unreported, surrogates):
    html = render(*fake_run(0, 0, n_unreported=n_unreported, surrogates=surrogates))
    assert say("answer.none", "en") in html
    assert "does not show that there is none" in html
    assert ("at the wanted false-discovery rate" in html) == (surrogates > 0)
    assert ('id="fleets"' in html) is False
    assert (say("candidates.summary", "en", n=n_unreported) in html) == (n_unreported > 0)


def test_the_page_asks_for_nothing_from_anywhere(pages):
    for page in pages.values():
        for element in page.elements:
            for name, value in element.attributes.items():
                assert not name.startswith("on"), element
                assert name != "style", element
                if name in {"src", "href", "action", "srcset", "data", "poster"}:
                    assert value.startswith(("#", "data:,")), element
        assert not page.all("img") + page.all("iframe") + page.all("object") + page.all("base")
        assert "@import" not in page.html
        assert "url(" not in page.html


def test_the_policy_allows_exactly_our_script_and_style(pages):
    page = pages["en"]
    scripts = [e for e in page.all("script") if e.attributes.get("type") != "application/json"]
    (policy,) = [e.attributes["content"] for e in page.all("meta") if "http-equiv" in e.attributes]
    assert policy == content_security_policy(scripts[0].text, page.all("style")[0].text)
    assert len(scripts) == len(page.all("style")) == 1
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    head = page.html[: page.html.index("Content-Security-Policy")]
    assert "<script" not in head
    assert "<style" not in head


def test_embedded_data_parses_and_is_all_the_members(pages):
    boxes = [e for e in pages["en"].all("script") if e.attributes.get("type") == "application/json"]
    *members, words = [json.loads(e.text) for e in boxes]
    assert words["page"] == "{start}–{end} of {n}"
    assert sum(len(rows) for rows in members) == N_ACCOUNTS
    assert len({row[0] for rows in members for row in rows}) == N_ACCOUNTS


def test_readable_without_eyes_or_mouse(pages):
    for page in pages.values():
        assert len(page.all("h1")) == 1
        assert all(e.attributes.get("scope") in {"col", "row"} for e in page.all("th"))
        charts = [e for e in page.all("svg") if e.attributes.get("aria-hidden") != "true"]
        assert len(charts) >= 4 * 4
        ids = [e.attributes["id"] for e in page.elements if "id" in e.attributes]
        assert len(ids) == len(set(ids))
        for chart in charts:
            assert chart.attributes["role"] == "img"
            assert set(chart.attributes["aria-labelledby"].split()) <= set(ids)
        assert all("tabindex" in e.attributes for e in page.with_class("scroll") if "role" in e.attributes)
        assert all(e.attributes.get("aria-label") or "id" in e.attributes for e in page.all("input"))


def test_colours_have_enough_contrast():
    style = str(asset("style.css"))
    palettes = [
        dict(re.findall(r"--([\w-]+): (#\w+)", block))
        for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    ]
    assert len(palettes) == 3
    for palette in palettes:
        for text in ("ink", "muted", "accent"):
            assert contrast(palette[text], palette["bg"]) >= 4.5
            assert contrast(palette[text], palette["panel"]) >= 4.5
        assert contrast(palette["ink"], palette["warn"]) >= 4.5
        for mark in ("co", "dot", "other", "for", "against", "zoom-line"):
            assert contrast(palette[mark], palette["bg"]) >= 2.5 if mark == "zoom-line" else 3, mark
        assert contrast(palette["co"], palette["zoom"]) >= 3


def contrast(one, other):
    """WCAG 2.2 contrast ratio."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_same_run_same_bytes(pages):
    assert render(*fake_run(4, 120)) == pages["en"].html


def test_the_size_is_stated(pages):
    html = pages["en"].html
    stated = int(re.search(r"This file: (\d+) kB", html).group(1))
    assert stated == pytest.approx(len(html.encode()) / 1000, abs=1)


def test_a_log_without_targets_or_actions_has_a_page_too():
    info, tables = fake_run(2, 20)
    bare = tables.member_events.drop_columns(["target", "action", "content"])
    html = render(info, replace(tables, member_events=bare))
    assert say("chart.targets_none", "en") in html


def test_200_fleets_and_20000_members_stay_bounded():
    html = render(*fake_run(200, 20_000))
    assert len(html.encode()) < 25e6
    page = Page(html)
    assert len(page.with_class("fleet-body")) == 200
    assert [("open" in e.attributes) for e in page.with_class("fleet")] == [True] + [False] * 199
    boxes = [e for e in page.all("script") if e.attributes.get("type") == "application/json"]
    assert sum(len(json.loads(e.text)) for e in boxes[:-1]) >= 20_000
    rows = [e for e in page.all("tr") if "tbody" in e.parents]
    assert len(rows) < 15_000
    assert re.search(r"Shown 2,5\d\d of [\d,]+ events\.|Shown [\d,]+ of [\d,]+ events\.", html)
    assert re.search(r"Shown [\d,]+ of [\d,]+ links\.", html)
    assert re.search(r"Shown are the 250 most certain of \d+ accounts\.", html)
    assert re.search(r"Shown are the 120 most certain of \d+ accounts\.", html)


def test_what_is_bounded_is_said(monkeypatch):
    run = fake_run(4, 200, n_unreported=5)
    for name, most in {"MAX_SECTIONS": 3, "MAX_CANDIDATES": 2, "MAX_MEMBERS": 100, "PRINT_OPEN": 2}.items():
        monkeypatch.setattr(f"samehand.report.html.{name}", most)
    html = render(*run)
    page = Page(html)
    assert say("fleets.shown", "en", n=3, total=4) in unescape(html)
    assert say("candidates.shown", "en", n=2, total=5) in html
    sizes = run[1].fleets["n_accounts"].to_pylist()[:3]
    shown = [int(e.attributes["data-n"]) for e in page.with_class("members")]
    assert shown[0] == sizes[0] < 100
    assert shown[1] == 100 - sizes[0] > 20
    assert shown[2] == 20, "every fleet shows a page of members, room or not"
    for n, size in zip(shown[1:], sizes[1:], strict=True):
        assert say("members.bounded", "en", n=n, total=size) in html
    assert not [e for e in page.with_class("fleet") if "print-open" in e.attributes["class"]]
    table = html[html.index('id="ranking"') : html.index('id="quality"')]
    assert 'href="#F0003"' in table
    assert 'href="#F0004"' not in table
