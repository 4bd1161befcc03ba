"""The fleet's charts as figures that stand alone: SVG with the colours of paper inside."""

from __future__ import annotations

import re
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


def exhibits(case: Case) -> list[Block]:
    """Give the charts in the order of the report; what there is nothing to draw of is said."""
    lang, page = case.lang, case.page
    n_shown = {
        "accounts": say("chart.shown_accounts", lang, n=MAX_ROWS, total=page.n_members)
        if page.n_members > MAX_ROWS
        else "",
        "nodes": say("chart.shown_accounts", lang, n=MAX_NODES, total=page.n_members)
        if page.n_members > MAX_NODES
        else "",
    }
    zoom = say("chart.zoom_how", lang, first=page.zoom_from, last=page.zoom_to)
    drawn: list[tuple[str, Chart | None, str, float, str]] = [
        ("raster", page.raster, f"{say('chart.raster_how', lang)} {n_shown['accounts']}", 1.0, "events"),
        ("zoom", page.zoom, zoom, 1.0, "events"),
        ("timeline", page.timeline, say("chart.timeline_how", lang), 1.0, ""),
        ("network", page.network, f"{say('casefile.network_how', lang)} {n_shown['nodes']}", 0.62, "links"),
        ("stability", page.stability, say("chart.stability_how", lang), 0.7, ""),
        ("targets", page.targets, say("chart.targets_how", lang), 0.7, "targets"),
    ]
    blocks: list[Block] = []
    for name, chart, how, width, what in drawn:
        title = say(f"chart.{name}", lang)
        if chart is None or not chart.n_total:
            blocks.append(Paragraph(text=say("casefile.no_picture", lang, title=Shown(title)), style="muted"))
            continue
        bounded = what and chart.n_shown < chart.n_total
        shown = (
            say(
                "chart.shown",
                lang,
                n=chart.n_shown,
                total=chart.n_total,
                what=Shown(say(f"chart.what_{what}", lang)),
            )
            if bounded
            else ""
        )
        number = len([one for one in blocks if isinstance(one, Figure)]) + 1
        blocks.append(
            Figure(
                name=f"exhibits/{number:02d}-{name}.svg",
                title=title,
                caption=say("list.space", lang).join(part for part in (how.strip(), shown) if part),
                svg=stand_alone(str(chart.markup)),
                width=width,
                keys=_keys(name, lang),
            )
        )
    return blocks


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
