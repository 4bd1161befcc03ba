"""The report as one HTML file that works offline: it asks for nothing, and no text from the log can run."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from importlib.resources import files
from itertools import islice
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from samehand.fleets.control_counts import KNOWN
from samehand.report.charts.network import MAX_NODES
from samehand.report.charts.raster import MAX_ROWS
from samehand.report.dossier import Fleet, open_dossiers, read_fleets
from samehand.report.fleet_page import (
    FEW_FLEETS,
    MANY_FLEETS,
    MEMBERS_A_PAGE,
    FleetPage,
    Told,
    build_fleet_page,
)
from samehand.run_folder import RunInfo, RunTables
from samehand.texts import check_lang, label, say, visible
from samehand.texts import figures as write
from samehand.texts.names import MAX_NAME, Shown

MAX_SECTIONS: Final = 300
"""Fleets that get a section of their own; the others stand in the table."""
SMALL_PAGE: Final = 50
"""With more sections than this, less of each fleet is put into the page."""
MAX_MEMBERS: Final = 50_000
"""Members whose rows are put into the page, over all fleets."""
MAX_CANDIDATES: Final = 500
"""Candidates not reported that are listed."""
MAX_KNOWN: Final = 20
"""Groups known to be innocent that are named where they would have been accused."""
PRINT_OPEN: Final = 25
"""With more fleets than this, paper shows the sections that are open on the screen, else all."""
HTML_LANG: Final = {"en": "en", "zh": "zh-Hans"}
_SIZE_MARK: Final = "\ue000"
"""A private-use character: in no text from the log, since ``visible`` writes those as their code point."""


@dataclass(frozen=True)
class HtmlPage:
    """One self-contained page for the screen and for paper."""

    name: str = "html"
    suffix: str = ".html"

    def render(self, info: RunInfo, tables: RunTables, lang: str) -> bytes:
        """Render the page."""
        fleets = read_fleets(tables.fleets)
        reported = tuple(fleet for fleet in fleets if fleet.reported)
        candidates = tuple(fleet for fleet in fleets if not fleet.reported)
        shown = reported[:MAX_SECTIONS]
        script, style = asset("page.js"), asset("style.css")
        text = (
            environment(lang)
            .get_template("report.html.j2")
            .render(
                info=info,
                config=info.config,
                quality=info.quality,
                controls=info.controls,
                accused_known=_accused_known(tables),
                max_known=MAX_KNOWN,
                reported=reported,
                candidates=candidates[:MAX_CANDIDATES],
                n_candidates=len(candidates),
                weakest=min(reported, key=lambda fleet: fleet.score_bits, default=None),
                pages=_pages(tables, shown, lang, Told(info.known, info.quality.n_accounts)),
                n_sections=len(shown),
                print_open=len(shown) <= PRINT_OPEN,
                html_lang=HTML_LANG[lang],
                policy=content_security_policy(script, style),
                script=script,
                style=style,
                size=_SIZE_MARK,
            )
        )
        return _state_size(text)


def _accused_known(tables: RunTables) -> list[dict[str, Any]]:
    rows = tables.controls.to_pylist()
    return [row for row in rows if row["kind"] == KNOWN and row["n_accused"]]


def _pages(tables: RunTables, fleets: tuple[Fleet, ...], lang: str, told: Told) -> Iterator[FleetPage]:
    bounds, room = FEW_FLEETS if len(fleets) <= SMALL_PAGE else MANY_FLEETS, MAX_MEMBERS
    for dossier in open_dossiers(tables, fleets):
        bounds = replace(bounds, members=max(min(bounds.members, room), MEMBERS_A_PAGE))
        page = build_fleet_page(dossier, tables.timeline, lang, bounds, told)
        room -= len(page.members)
        yield page


def content_security_policy(script: str, style: str) -> str:
    """Allow the page's own script and style by their hashes, and nothing else from anywhere."""
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (script, style)]
    return (
        f"default-src 'none'; script-src 'sha256-{hashes[0]}'; style-src 'sha256-{hashes[1]}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _state_size(text: str) -> bytes:
    """Put the size of the file into its text."""
    n_bytes = len(text.encode())
    return text.replace(_SIZE_MARK, _file_size(n_bytes), 1).encode()


def _file_size(n_bytes: int) -> str:
    if n_bytes < 1000:
        return f"{n_bytes} B"
    return f"{n_bytes / 1e6:.1f} MB" if n_bytes >= 1e6 else f"{n_bytes / 1e3:.0f} kB"


def asset(name: str) -> Markup:
    """Read the page's own script or style, which must match its hash to the byte."""
    text = files(__package__).joinpath("templates", name).read_text(encoding="utf-8")
    return Markup(text)  # noqa: S704  (a file of this package)


def environment(lang: str) -> Environment:
    """Make the template engine: everything is escaped, and a name that is not defined is an error."""
    made = Environment(
        loader=PackageLoader("samehand.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    language = check_lang(lang)
    made.globals.update(
        t=_speaker(language),
        known=Shown,
        label=partial(_label, language),
        lang=language,
        members_a_page=MEMBERS_A_PAGE,
        max_rows=MAX_ROWS,
        max_nodes=MAX_NODES,
    )
    made.filters.update(
        number=write.number,
        percent=write.percent,
        p_value=write.p_value,
        duration=lambda us: write.duration(us, language),
        moment=lambda time: write.moment(time, language),
        day=lambda time: write.day(time, language),
        file_size=_file_size,
        visible=lambda value, longest=MAX_NAME: visible(str(value), longest),
        head=lambda values, n: list(islice(values, n)),
    )
    return made


def _speaker(lang: str) -> Callable[..., str]:
    def t(key: str, **figures: Any) -> str:
        return say(key, lang, **figures)

    return t


def _label(lang: str, kind: str, name: str) -> str:
    return label(kind, name, lang)
