"""The floor against the delay, one line a size, beside the packing bound."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from samehand.pricing.outcome import Floor, bound_words, floor_words
from samehand.report.charts.svg import Chart, Sheet, Wording, short
from samehand.texts import figures, say

N_COLOURS: Final = 6
_WIDTH: Final = 760.0
_HEIGHT: Final = 380.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 64.0, 120.0, 30.0, 56.0
_LINE: Final = 14.0
"""Room that a label needs."""


@dataclass(frozen=True)
class _Scale:
    """Places of delays and rates, both by their logarithms."""

    delays: tuple[float, float]
    rates: tuple[float, float]

    def x(self, delay_us: float) -> float:
        low, high = (math.log(delay) for delay in self.delays)
        share = (math.log(delay_us) - low) / (high - low) if high > low else 0.5
        return _LEFT + 14 + share * (_WIDTH - _LEFT - _RIGHT - 28)

    def y(self, rate: float) -> float:
        low, high = (math.log(one) for one in self.rates)
        share = (math.log(rate) - low) / (high - low)
        return _HEIGHT - _BOTTOM - min(max(share, 0.0), 1.0) * (_HEIGHT - _TOP - _BOTTOM)


def draw_floors(floors: Sequence[Floor], lang: str) -> Chart:
    """Draw the floors; the bound is cut off where it is far above all rates that were tried."""
    wording = Wording("floors", say("price.figure_title", lang), say("price.figure_text", lang))
    sheet = Sheet(_WIDTH, _HEIGHT, wording)
    rates = sorted({one.rate_per_day for floor in floors for one in floor.tried})
    delays = sorted({floor.delay_us for floor in floors})
    scale = _Scale((delays[0], delays[-1]), (rates[0] / 2, rates[-1] * 2))
    _draw_axes(sheet, scale, delays, rates, lang)
    ends = []
    for number, (_, group) in enumerate(groupby(floors, key=lambda floor: floor.n_accounts)):
        line = sorted(group, key=lambda floor: floor.delay_us)
        colour = f"s{number % N_COLOURS}"
        sheet.path(
            _through([(scale.x(one.delay_us), scale.y(one.bound_per_day)) for one in line]), f"bound {colour}"
        )
        dots = [(scale.x(one.delay_us), scale.y(one.floor_per_day or rates[0] / 2)) for one in line]
        sheet.path(_through(dots), f"floor {colour}")
        for (x, y), one in zip(dots, line, strict=True):
            title = say(
                "price.dot",
                lang,
                n_accounts=one.n_accounts,
                delay=one.delay_us,
                floor=floor_words(one, lang),
                bound=bound_words(one),
            )
            if one.kind == "never_found":
                sheet.line(x, y, x, y - 16, f"floor {colour}")
            sheet.circle(x, y, 4, f"mark {colour}", title)
        ends.append((dots[-1][1], say("price.line", lang, n_accounts=line[0].n_accounts), colour))
    _label(sheet, ends)
    return Chart(sheet.render(), len(floors), len(floors))


def _through(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{short(x)} {short(y)}" for x, y in points)


def _draw_axes(sheet: Sheet, scale: _Scale, delays: Sequence[int], rates: Sequence[float], lang: str) -> None:
    base, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    for rate in rates:
        sheet.line(_LEFT, scale.y(rate), right, scale.y(rate), "grid")
        sheet.text(_LEFT - 8, scale.y(rate) + 4, figures.number(rate), "label end")
    for delay in delays:
        sheet.line(scale.x(delay), _TOP, scale.x(delay), base, "grid")
        sheet.text(scale.x(delay), base + 18, figures.duration(delay, lang), "label middle")
    sheet.line(_LEFT, base, right, base, "axis")
    sheet.line(_LEFT, _TOP, _LEFT, base, "axis")
    sheet.text(_LEFT - 56, _TOP - 14, say("price.axis_rate", lang), "panel")
    sheet.text((_LEFT + right) / 2, base + 42, say("price.axis_delay", lang), "panel middle")


def _label(sheet: Sheet, ends: list[tuple[float, str, str]]) -> None:
    """Write the size at the end of each line, moved apart where lines end at one place."""
    last = -math.inf
    for y, text, colour in sorted(ends):
        last = max(y, last + _LINE)
        sheet.circle(_WIDTH - _RIGHT + 12, last, 4, f"mark {colour}")
        sheet.text(_WIDTH - _RIGHT + 22, last + 4, text, "name")
