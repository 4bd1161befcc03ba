"""The lockstep raster: accounts in rows, time to the right; what was done together stands out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from samehand.report.charts.svg import Chart, Sheet, Wording, short
from samehand.report.charts.time_axis import TimeScale, draw_time_axis
from samehand.report.dossier import Bools, FleetEvents, Ints

MAX_ROWS: Final = 250
_WIDTH: Final = 1000.0
_SECOND: Final = 1_000_000
_MINUTE: Final = 60 * _SECOND
_LABELS_UP_TO: Final = 45
_LABEL_WIDTH: Final = 150.0


@dataclass(frozen=True)
class Window:
    """A part of the time of a fleet, both ends included."""

    start_us: int
    end_us: int


@dataclass(frozen=True)
class Acts:
    """What a raster shows, and how much of it at most."""

    events: FleetEvents
    names: Sequence[str]
    """Of all members."""
    max_marks: int


def whole_window(events: FleetEvents) -> Window:
    """Give the window of all events."""
    return Window(int(events.time_us[0]), int(events.time_us[-1])) if len(events.time_us) else Window(0, 1)


def best_window(events: FleetEvents, scale_us: int | None) -> Window:
    """Find the window in which most is done together, a few scales long, with what is in it in the middle."""
    together = events.time_us[events.coaction]
    whole = whole_window(events)
    if not len(together):
        return whole
    length = max(8 * (scale_us or _MINUTE), _MINUTE)
    if length >= whole.end_us - whole.start_us:
        return whole
    ends = np.searchsorted(together, together + length, side="right")
    first = int(np.argmax(ends - np.arange(len(together))))
    low, high = int(together[first]), int(together[ends[first] - 1])
    start = (low + high - length) // 2 // _SECOND * _SECOND
    return Window(start, start + length)


def order_by_first_coaction(events: FleetEvents, n_members: int, window: Window) -> Ints:
    """Give the members that act in ``window``, in the order of their first event together in all the time."""
    known = events.member >= 0
    together = known & events.coaction
    first = np.full(n_members, np.iinfo(np.int64).max)
    np.minimum.at(first, events.member[together], events.time_us[together])
    order = np.lexsort((np.arange(n_members), first))
    inside = known & (events.time_us >= window.start_us) & (events.time_us <= window.end_us)
    return order[np.isin(order, events.member[inside])]


def draw_raster(acts: Acts, window: Window, wording: Wording, marked: Window | None = None) -> Chart:
    """Draw the events in ``window``; ``marked`` is a window to point out."""
    events, names = acts.events, acts.names
    order = order_by_first_coaction(events, len(names), window)
    # Where there are more accounts than rows, the most certain ones are shown: members come in that order.
    rows = order if len(order) <= MAX_ROWS else order[order < np.sort(order)[MAX_ROWS]]
    height = min(13.0, max(2.4, 380 / max(len(rows), 1)))
    labelled = 0 < len(rows) <= _LABELS_UP_TO
    left, top = (_LABEL_WIDTH if labelled else 8.0), 8.0
    bottom = top + max(len(rows), 1) * height
    sheet = Sheet(_WIDTH, bottom + 22, wording)
    scale = TimeScale(window.start_us, window.end_us, left + 4, _WIDTH - 8)
    if marked is not None:
        x = scale.x(marked.start_us)
        sheet.rect(x - 1, top - 6, max(scale.x(marked.end_us) - x, 2) + 2, bottom - top + 6, "zoomed")
    draw_time_axis(sheet, scale, bottom, top)
    if labelled:
        for number, member in enumerate(rows.tolist()):
            text = names[member]
            shown = text if len(text) <= 22 else text[:21] + "…"
            sheet.text(left - 4, top + (number + 0.75) * height, shown, "name end")
    n_total = int(np.count_nonzero((events.time_us >= window.start_us) & (events.time_us <= window.end_us)))
    n_shown = _draw_marks(sheet, acts, rows, scale, (top, height))
    return Chart(sheet.render(), n_shown, n_total)


def _draw_marks(sheet: Sheet, acts: Acts, rows: Ints, scale: TimeScale, at: tuple[float, float]) -> int:
    """Draw upright strokes for events made together and dots for others; return how many events.

    Strokes and dots have the fleet's colour where the event was driven, and are pale where it was the account's own.
    """
    events = acts.events
    row_of = np.full(int(events.member.max(initial=0)) + 1, -1)
    row_of[rows] = np.arange(len(rows))
    row = np.where(events.member >= 0, row_of[events.member], -1)
    inside = (row >= 0) & (events.time_us >= scale.start_us) & (events.time_us <= scale.end_us)
    top, height = at
    long = max(height * 0.8, 2.0)
    upright = (top + (height - long) / 2, f"v{short(long)}")
    round_mark = (top + height / 2, "h0")
    kinds = (
        ("stroke", events.coaction & events.driven, upright),
        ("stroke-own", events.coaction & ~events.driven, upright),
        ("dot-driven", ~events.coaction & events.driven, round_mark),
        ("dot", ~events.coaction & ~events.driven, round_mark),
    )
    room, n_shown, paths = acts.max_marks, 0, []
    for name, chosen, (y, stroke) in kinds:  # where there is no room for all, the telling ones are shown
        marks, n_events = _thin(events, row, inside & chosen, scale, room)
        room, n_shown = room - len(marks[0]), n_shown + n_events
        paths.append((_marks(marks, y, height, stroke), name))
    for path, name in reversed(paths):
        if path or name in {"dot", "stroke"}:
            sheet.path(path, name)
    return n_shown


def _thin(
    events: FleetEvents, row: Ints, chosen: Bools, scale: TimeScale, most: int
) -> tuple[tuple[Ints, Ints], int]:
    """Give (row, half pixels) of at most ``most`` marks for the chosen events, and how many events these are.

    Events of one account that fall on the same half pixel are one mark; where there are still too many marks,
    every so many of them are left out, evenly.
    """
    index = np.flatnonzero(chosen)
    half = np.round(
        2
        * (
            scale.x0
            + (events.time_us[index] - scale.start_us)
            * ((scale.x1 - scale.x0) / max(scale.end_us - scale.start_us, 1))
        )
    ).astype(np.int64)
    marks, counts = np.unique(np.stack([row[index], half]), axis=1, return_counts=True)
    n = marks.shape[1]
    if n > most:
        keep = np.arange(most) * n // max(most, 1)
        marks, counts = marks[:, keep], counts[keep]
    return (marks[0], marks[1]), int(counts.sum())


def _marks(marks: tuple[Ints, Ints], top: float, height: float, stroke: str) -> str:
    """Write one path of many short strokes; within a row moves are relative, which halves the length."""
    parts: list[str] = []
    back = "-" + stroke[1:] if stroke[0] == "v" else " 0"
    last_row, last_half = -1, 0
    for row, half in zip(marks[0].tolist(), marks[1].tolist(), strict=True):
        if row == last_row:
            parts.append(f"m{short((half - last_half) / 2)}{back}{stroke}")
        else:
            parts.append(f"M{short(half / 2)} {short(top + row * height)}{stroke}")
        last_row, last_half = row, half
    return "".join(parts)
