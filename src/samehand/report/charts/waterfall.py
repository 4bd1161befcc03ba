"""How the judgement of a fleet adds up: a bar a layer, each beginning where the one before ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from samehand.report.charts.svg import Chart, Sheet, Wording
from samehand.texts.catalogue import say
from samehand.texts.fusion import layer_name, signed

_LEFT: Final = 176
_WIDE: Final = 380
_RIGHT: Final = 64
_ROW: Final = 20
_TOP: Final = 6


def draw_waterfall(rows: Sequence[Mapping[str, Any]], wording: Wording, lang: str) -> Chart:
    """Draw what counts of a fleet's rows of ``layer_bits``, in their order, and what it comes to.

    Args:
        rows: Of the fleet.
        wording: What the chart says.
        lang: Language of the labels.
    """
    counting = [row for row in rows if row["counts"]]
    steps, total = [], 0.0
    for row in counting:
        steps.append((layer_name(row, lang), total, total + row["weight_bits"]))
        total += row["weight_bits"]
    steps.append((say("fusion.in_all", lang), 0.0, total))
    low = min(0.0, *(min(a, b) for _, a, b in steps))
    high = max(1.0, *(max(a, b) for _, a, b in steps))
    unit = _WIDE / (high - low)
    sheet = Sheet(_LEFT + _WIDE + _RIGHT, _TOP + len(steps) * _ROW + 4, wording)
    zero = _LEFT - low * unit
    sheet.line(zero, _TOP, zero, _TOP + len(steps) * _ROW, "axis")
    for place, (name, start, end) in enumerate(steps):
        y = _TOP + place * _ROW
        css = "bar" if end >= start else "bar-against"
        sheet.text(_LEFT - 8, y + 14, name, "name end")
        sheet.rect(
            _LEFT + (min(start, end) - low) * unit, y + 3, max(abs(end - start) * unit, 1), _ROW - 6, css
        )
        sheet.text(_LEFT + (max(start, end) - low) * unit + 5, y + 14, signed(round(end - start, 1)), "label")
    return Chart(sheet.render(), len(counting), len(counting))
