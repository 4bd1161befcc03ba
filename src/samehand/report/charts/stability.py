"""How much of a fleet stands at each window and cut: a row a window, a column a cut, darker where more stands."""

from __future__ import annotations

from itertools import groupby
from typing import Final

import pyarrow as pa

from samehand.report.charts.svg import Chart, Sheet, Wording, short
from samehand.texts import label, say
from samehand.texts.figures import duration, number

STEPS: Final = (("heat-none", 0.0), ("heat-few", 0.5), ("heat-half", 0.9), ("heat-most", 1.1))
"""Class of a cell, and the share of the members below which (none: at which) it has it."""
_LEFT: Final = 176
_CELL: Final = 32
_ROW: Final = 16
_TOP: Final = 4


def draw_stability(rows: pa.Table, layers: tuple[str, ...], wording: Wording, lang: str) -> Chart:
    """Draw the share of the members that stands, for the layers that see the fleet.

    Args:
        rows: Of the fleet, by layer, scale and falling cut.
        layers: The layers to draw.
        wording: What the chart says.
        lang: Language of the labels.
    """
    cells = [row for row in rows.to_pylist() if row["layer"] in layers]
    lines = [list(line) for _, line in groupby(cells, lambda row: (row["layer"], row["scale_us"]))]
    cuts = [row["cut"] for row in lines[0]] if lines else []
    bottom = _TOP + len(lines) * _ROW
    sheet = Sheet(_LEFT + len(cuts) * _CELL + 8, bottom + 36, wording)
    paths = dict.fromkeys([css for css, _ in STEPS], "")
    for place, line in enumerate(lines):
        y = _TOP + place * _ROW
        name = f"{label('layer', line[0]['layer'], lang)} · {duration(line[0]['scale_us'], lang)}"
        sheet.text(_LEFT - 8, y + 12, name, "name end")
        for column, row in enumerate(line):
            at = f"M{short(_LEFT + column * _CELL)} {short(y)}"
            paths[_class_of(row["share_standing"])] += f"{at}h{_CELL - 1}v{_ROW - 1}h-{_CELL - 1}z"
    for css, d in paths.items():
        sheet.path(d, css)
    for column, cut in enumerate(cuts):
        if column % 2 == 0:
            sheet.text(
                _LEFT + (column + 0.5) * _CELL, bottom + 13, number(cut).removeprefix("1.0×"), "label middle"
            )
    if cuts:
        sheet.text(_LEFT, bottom + 30, say("chart.stability_axis", lang), "label")
    return Chart(sheet.render(), len(lines), len(lines))


def _class_of(share: float) -> str:
    return STEPS[0][0] if share == 0 else next(css for css, below in STEPS[1:] if share < below)
