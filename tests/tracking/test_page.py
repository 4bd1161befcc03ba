"""The page of a tracking: whole, offline, bounded, in both languages, and safe with any name."""

from __future__ import annotations

import re

import pytest

from samehand.errors import OptionError
from samehand.tracking import figure
from samehand.tracking.page import render_page
from samehand.tracking.track import Tracking, track
from tests.report.hostile import HOSTILE
from tests.report.page import Page, open_in_chromium, title_of
from tests.tracking.made import Fleet, names, others, run
from tests.tracking.test_follow import rearmed


def tracking_with(texts: list[str]) -> Tracking:
    before, _ = rearmed()
    before = Fleet(before.accounts, devices=texts, addresses=texts, texts=texts, targets=texts)
    after = Fleet(names("b", 0, 8), devices=texts, addresses=texts, texts=texts, targets=texts)
    stays, goes = Fleet(names("s", 0, 9)), Fleet(names("g", 0, 9))
    return track([run(before, stays, goes, *others(8, "x")), run(after, stays, *others(8, "y"), day=7)])


@pytest.fixture(scope="module")
def plain() -> Tracking:
    return tracking_with(names("thing", 0, 20))


def page_of(tracking: Tracking, lang: str = "en") -> Page:
    return Page(render_page(tracking.info, tracking.tables, lang).decode())


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_says_what_the_tables_say(plain, lang) -> None:
    page = page_of(plain, lang)
    text = " ".join(element.text for element in page.elements if element.tag not in {"style", "script"})
    assert all(row["track_id"] in text for row in plain.tracks.to_pylist())
    assert ("suspected re-armed" if lang == "en" else "疑似换号重来") in text
    assert page.all("html")[0].attributes["lang"] == {"en": "en", "zh": "zh-Hans"}[lang]
    assert len(page.with_class("fleet-re_armed")) == 2, "the fleet, and the key of colours"
    assert len(page.with_class("gone")) == 2
    assert len(page.with_class("go-traces")) == len(page.with_class("go-accounts")) == 1


def test_the_page_asks_for_nothing(plain) -> None:
    page = page_of(plain)
    assert not [e for e in page.elements if e.attributes.get("src") or e.tag in {"iframe", "object", "form"}]
    links = [e.attributes["href"] for e in page.elements if "href" in e.attributes]
    assert all(link.startswith(("#", "data:,")) for link in links)
    ids = {e.attributes["id"] for e in page.elements if "id" in e.attributes}
    assert {link[1:] for link in links if link.startswith("#")} <= ids


@pytest.fixture(scope="module")
def hostile() -> list[Tracking]:
    """Give trackings that show all hostile names between them: an example is one of five at most."""
    return [tracking_with(list(HOSTILE[i : i + 5])) for i in range(0, len(HOSTILE), 5)]


def test_hostile_names_add_no_kind_of_element_or_attribute(plain, hostile) -> None:
    harmless = page_of(plain)
    pages = [page_of(tracking) for tracking in hostile]
    for page in pages:
        assert {e.tag for e in page.elements} <= {e.tag for e in harmless.elements}
        assert {(e.tag, a) for e in page.elements for a in e.attributes} <= {
            (e.tag, a) for e in harmless.elements for a in e.attributes
        }
    html = "".join(page.html for page in pages)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066\u2067\ufffe\uffff]", html)
    assert "⟨U+202E⟩gnp.exe" in html
    assert "&lt;script&gt;document.title" in html


def test_no_hostile_name_runs_in_a_browser(hostile, tmp_path) -> None:
    html = render_page(*_parts(hostile[0]))
    assert title_of(open_in_chromium(html, tmp_path)) == "3 tracks · samehand"


def _parts(tracking: Tracking) -> tuple:
    return tracking.info, tracking.tables


def test_lanes_are_bounded_and_what_is_left_out_is_said(monkeypatch) -> None:
    monkeypatch.setattr(figure, "MAX_LANES", 2)
    tracking = track([run(*others(5, "x", reported=True)), run(day=7)])
    page = page_of(tracking)
    assert len(page.with_class("fleet-new")) == 2 + 1
    assert "Shown are the first 2 of 5; all are in tracks.parquet." in page.html


def test_the_mark_of_an_end_stands_behind_the_last_box() -> None:
    fleet = Fleet(names("a", 0, 12), targets=names("t", 0, 60))
    page = page_of(track([run(fleet), run(day=1)]))
    box = page.with_class("fleet-new")[-1].attributes
    end = next(e for e in page.with_class("gone") if "l8 8" in e.attributes["d"] and e.parents[-2] != "span")
    x = float(re.match(r"M([\d.]+)", end.attributes["d"]).group(1))
    assert x > float(box["x"]) + float(box["width"])


def test_the_page_is_the_same_each_time(plain) -> None:
    assert render_page(*_parts(plain)) == render_page(*_parts(plain))


def test_an_unknown_language_is_refused(plain) -> None:
    with pytest.raises(OptionError, match="no texts in language"):
        render_page(*_parts(plain), "fr")
