"""The fleet's charts as figures that stand alone: SVG with the colours of paper inside."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from samehand.casefile.blocks import Block, Figure, Paragraph
from samehand.casefile.case import Case
from samehand.casefile.glyphs import has_ideographs
from samehand.report.charts.network import MAX_NODES
from samehand.report.charts.raster import MAX_ROWS
from samehand.report.charts.svg import Chart
from samehand.report.html import asset
from samehand.texts import say
from samehand.texts.names import Shown

_LATIN: Final = "'Libertinus Serif', serif"
_CHINESE: Final = "'Noto Sans CJK SC', 'Noto Sans SC', 'Source Han Sans SC', sans-serif"


@dataclass(frozen=True, kw_only=True)
class _Drawn:
    """A chart with its words."""

    name: str
    chart: Chart | None
    how: str
    width: float = 1.0
    what: str = ""
    """What it may show only some of; a key of ``chart.what_``."""


def exhibits(case: Case) -> list[Block]:
    """Give the charts in the order of the report; what there is nothing to draw of is said."""
    blocks: list[Block] = []
    number = 0
    for one in _drawn(case):
        key = "fusion.title" if one.name == "fusion" else f"chart.{one.name}"
        title = say(key, case.lang)
        if one.chart is None or not one.chart.n_total:
            nothing = say("casefile.no_picture", case.lang, title=Shown(title))
            blocks.append(Paragraph(text=nothing, style="muted"))
            continue
        number += 1
        shown = _shown(one.chart, one.what, case.lang)
        blocks.append(
            Figure(
                name=f"exhibits/{number:02d}-{one.name}.svg",
                title=title,
                caption=say("list.space", case.lang).join(part for part in (one.how, shown) if part),
                svg=stand_alone(str(one.chart.markup)),
                width=one.width,
                keys=_keys(one.name, case.lang),
            )
        )
    return blocks


def _drawn(case: Case) -> list[_Drawn]:
    lang, page = case.lang, case.page
    zoom = say("chart.zoom_how", lang, first=page.zoom_from, last=page.zoom_to)
    raster = say("chart.raster_how", lang) + _most(MAX_ROWS, page.n_members, lang)
    network = say("casefile.network_how", lang) + _most(MAX_NODES, page.n_members, lang)
    posterior = case.fleet.posterior
    likely = "" if posterior is None else say("fusion.posterior", lang, posterior=posterior)
    fusion = say("list.space", lang).join([say("fusion.how", lang), likely])
    return [
        _Drawn(name="raster", chart=page.raster, how=raster, what="events"),
        _Drawn(name="zoom", chart=page.zoom, how=zoom, what="events"),
        _Drawn(name="timeline", chart=page.timeline, how=say("chart.timeline_how", lang)),
        _Drawn(name="network", chart=page.network, how=network, width=0.62, what="links"),
        _Drawn(name="stability", chart=page.stability, how=say("chart.stability_how", lang), width=0.7),
        _Drawn(
            name="targets", chart=page.targets, how=say("chart.targets_how", lang), width=0.7, what="targets"
        ),
        _Drawn(name="fusion", chart=page.fusion, how=fusion, width=0.7),
    ]


def _most(most: int, total: int, lang: str) -> str:
    """Say that only the most certain members are shown, where there are more."""
    if total <= most:
        return ""
    return say("list.space", lang) + say("chart.shown_accounts", lang, n=most, total=total)


def _shown(chart: Chart, what: str, lang: str) -> str:
    """Say how much a chart shows of what there is, where it is not all."""
    if not what or chart.n_shown == chart.n_total:
        return ""
    named = Shown(say(f"chart.what_{what}", lang))
    return say("chart.shown", lang, n=chart.n_shown, total=chart.n_total, what=named)


_KEYS: Final = {
    "raster": (
        ("stroke", "together"),
        ("stroke-own", "together_own"),
        ("dot-driven", "alone_driven"),
        ("dot", "alone"),
    ),
    "timeline": (("bar", "together"), ("bar-pale", "alone"), ("bar-other", "others")),
    "targets": (("bar", "members"), ("bar-other", "others")),
    "stability": (("heat-none", "none"), ("heat-few", "few"), ("heat-half", "half"), ("heat-most", "most")),
}
_MARKS: Final = {
    "stroke": "M11 1v10",
    "dot": "M10.9 6h0.2",
    "bar": "M4 12v-11h12v11z",
    "heat": "M1 1h20v10h-20z",
}


def _keys(name: str, lang: str) -> list[tuple[str, str]]:
    """Give the marks of a chart, each as a small picture with its meaning."""
    return [
        (
            stand_alone(
                '<svg viewBox="0 0 22 12" width="22" height="12">'
                f'<path class="{css}" d="{_MARKS[css.partition("-")[0]]}"/></svg>'
            ),
            say(f"chart.key_{key}", lang),
        )
        for css, key in _KEYS.get(name, ())
    ]


def stand_alone(svg: str) -> str:
    """Give an inline ``<svg>`` of the report the name space and style that it needs in a file of its own."""
    # Typst takes the first family that is installed, and any other font for what that one lacks.
    fonts = _CHINESE if has_ideographs(svg) else _LATIN
    style = f"<style>svg text{{font-family:{fonts}}}{_style()}</style>"
    return svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1).replace(">", f">{style}", 1)


@cache
def _style() -> str:
    """The rules of the page's style sheet that are about charts, with the colours of paper written out."""
    sheet = str(asset("style.css"))
    rules = re.findall(r"^svg [^{]*\{[^}]*\}", sheet, re.MULTILINE)
    paper = sheet[sheet.index("@media print") :]
    colours = dict(re.findall(r"--([\w-]+): (#\w+)", paper[: paper.index("}")]))
    text = re.sub(r"var\(--([\w-]+)\)", lambda match: colours[match.group(1)], "".join(rules))
    # A page is narrower than a screen: what stands free of rows of names is written larger.
    return f"{text}svg .label{{font-size:13.5px}}"
