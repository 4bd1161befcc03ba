"""The page of a tracking: one self-contained HTML file, offline, like the report of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from markupsafe import Markup

from samehand.placing import write_named
from samehand.report.html import HTML_LANG, asset, content_security_policy, environment
from samehand.texts import check_lang, label, visible
from samehand.texts.rows import Row
from samehand.tracking.figure import draw_tracks
from samehand.tracking.folder import TrackInfo
from samehand.tracking.tables import TrackTables
from samehand.tracking.words import say_link

MAX_ROWS: Final = 2_000
"""Rows of each table that are put into the page."""
_MOST_WORDS: Final = 80
"""Longest example that is shown whole."""


@dataclass(frozen=True)
class LinkLine:
    """One row of the table of links."""

    row: Row
    sentence: str
    examples: Sequence[tuple[str, Sequence[str]]]
    """Kind of trace, and what is shared of it."""


def render_page(info: TrackInfo, tables: TrackTables, lang: str = "en") -> bytes:
    """Render the page; words are in ``lang``.

    Raises:
        OptionError: The language is unknown.
    """
    language = check_lang(lang)
    tracks, links = tables.tracks.to_pylist(), tables.links.to_pylist()
    script, style = asset("page.js"), Markup(asset("style.css") + asset("track.css"))  # noqa: S704  (our own files)
    last = [row["status"] for row in tracks if row["run"] == len(info.runs)]
    text = (
        environment(language)
        .get_template("track.html.j2")
        .render(
            info=info,
            tracks=tracks[:MAX_ROWS],
            n_places=len(tracks),
            links=[_line(row, language) for row in links[:MAX_ROWS]],
            n_re_armed=sum(row["re_armed"] for row in links),
            last={status: last.count(status) for status in ("new", "re_armed", "gone")},
            chart=draw_tracks(info, tracks, links, language),
            html_lang=HTML_LANG[language],
            policy=content_security_policy(script, style),
            script=script,
            style=style,
        )
    )
    return str(text).encode()


def write_page(info: TrackInfo, tables: TrackTables, path: Path, lang: str) -> None:
    """Write the page whole or not at all.

    Raises:
        OptionError: The language is unknown, or the file cannot be written.
    """
    write_named(path, render_page(info, tables, lang), "the page")


def _line(row: Row, lang: str) -> LinkLine:
    return LinkLine(
        row=row,
        sentence=say_link(row, lang),
        examples=[
            (label("trace", one["trace"], lang), [visible(text, _MOST_WORDS) for text in one["examples"]])
            for one in row["traces"]
            if one["examples"]
        ],
    )
