"""The fleet's events over time, above those of all other accounts: one time axis, each on its own scale."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from samehand.report.charts.svg import Chart, Sheet, Wording, short
from samehand.report.charts.time_axis import TimeScale, draw_time_axis
from samehand.report.dossier import FleetEvents, Ints
from samehand.texts import say

MAX_BINS: Final = 168
_WIDTH: Final = 1000.0
_LEFT: Final = 60.0
_PANEL: Final = 90.0


def bin_edges(timeline: pa.Table) -> tuple[Ints, Ints]:
    """Give the edges of at most ``MAX_BINS`` equal bins and the events of the whole log in each.

    >>> import pyarrow as pa
    >>> [a.tolist() for a in bin_edges(pa.table({"time": [0, 10, 20], "n_events": [1, 2, 3]}))]
    [[0, 10, 20, 30], [1, 2, 3]]
    """
    starts = timeline["time"].cast(pa.int64()).to_numpy()
    counts = timeline["n_events"].to_numpy()
    width = int(starts[1] - starts[0]) if len(starts) > 1 else 3_600_000_000
    merged = -(-len(starts) // MAX_BINS)
    cuts = np.arange(0, len(starts), merged)
    n_bins = len(cuts)
    return int(starts[0]) + np.arange(n_bins + 1) * width * merged, np.add.reduceat(counts, cuts)


def draw_timeline(events: FleetEvents, timeline: pa.Table, wording: Wording, lang: str) -> Chart | None:
    """Draw the timeline of a fleet; None where the run holds no timeline."""
    if not timeline.num_rows:
        return None
    edges, everyone = bin_edges(timeline)
    together = np.histogram(events.time_us[events.coaction], edges)[0]
    all_of_fleet = np.histogram(events.time_us, edges)[0]
    others = np.maximum(everyone - all_of_fleet, 0)
    height = 2 * _PANEL + 74
    sheet = Sheet(_WIDTH, height, wording)
    scale = TimeScale(int(edges[0]), int(edges[-1]), _LEFT, _WIDTH - 8)
    base, low_base = 20 + _PANEL, 48 + 2 * _PANEL
    draw_time_axis(sheet, scale, low_base, 20)
    sheet.text(_LEFT, 13, say("chart.timeline_fleet", lang), "panel")
    sheet.text(_LEFT, base + 21, say("chart.timeline_others", lang), "panel")
    most = _draw_scale(sheet, all_of_fleet, base)
    sheet.path(_bars(all_of_fleet, edges, scale, base, most), "bar-pale")
    sheet.path(_bars(together, edges, scale, base, most), "bar")
    most = _draw_scale(sheet, others, low_base)
    sheet.path(_bars(others, edges, scale, low_base, most), "bar-other")
    n_shown = int(all_of_fleet.sum())
    return Chart(sheet.render(), n_shown, len(events.time_us))


def _draw_scale(sheet: Sheet, counts: Ints, base: float) -> int:
    most = max(int(counts.max(initial=0)), 1)
    sheet.text(_LEFT - 6, base - _PANEL + 9, f"{most:,}", "label end")
    sheet.text(_LEFT - 6, base, "0", "label end")
    sheet.line(_LEFT, base, _WIDTH - 8, base, "axis")
    return most


def _bars(counts: Ints, edges: Ints, scale: TimeScale, base: float, most: int) -> str:
    bars: list[str] = []
    for i in np.flatnonzero(counts).tolist():
        x0, x1 = scale.x(int(edges[i])), scale.x(int(edges[i + 1]))
        tall = max(counts[i] / most * _PANEL, 0.8)
        bars.append(
            f"M{short(x0)} {short(base)}v-{short(tall)}h{short(max(x1 - x0 - 0.6, 0.8))}v{short(tall)}z"
        )
    return "".join(bars)
