"""The timeline of tracks: one lane a track, boxes for fleets by their time, lines for links between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from samehand.report.charts.svg import Chart, Sheet, Wording, short
from samehand.report.charts.time_axis import TimeScale, draw_time_axis
from samehand.texts import label, say, visible
from samehand.texts.rows import Row
from samehand.tracking.folder import TrackInfo

MAX_LANES: Final = 120
_WIDTH: Final = 1000.0
_LEFT: Final = 62.0
_RIGHT: Final = 14.0
_LANE: Final = 30.0
_BOX: Final = 16.0
_BAND: Final = 18.0
_NARROW: Final = 34.0
"""A box narrower than this has its number beside it."""
_CSS: Final[dict[str, str]] = {"split": "changed", "merged": "changed"}


@dataclass(frozen=True)
class _Box:
    """Where a fleet, or the end of a track, stands."""

    x0: float
    x1: float
    y: float


def draw_tracks(info: TrackInfo, tracks: Sequence[Row], links: Sequence[Row], lang: str) -> Chart:
    """Draw the first lanes; ``tracks`` and ``links`` are rows of the tables."""
    ids = sorted({row["track_id"] for row in tracks})
    lane_of = {track: lane for lane, track in enumerate(ids[:MAX_LANES])}
    top = 8 + _BAND * len(info.runs)
    base = top + _LANE * len(lane_of) + 6
    wording = Wording("tracks", say("track.chart_title", lang), say("track.chart_text", lang))
    sheet = Sheet(_WIDTH, base + 24, wording)
    ends = [_us(time) for run in info.runs for time in (run.first_time, run.last_time)]
    scale = TimeScale(min(ends), max(ends), _LEFT, _WIDTH - _RIGHT)
    _draw_runs(sheet, info, scale)
    draw_time_axis(sheet, scale, base, top)
    boxes: dict[tuple[int, str], _Box] = {}
    last: dict[str, float] = {}
    for row in tracks:
        if row["track_id"] in lane_of:
            box = _box(row, info, scale, top + (lane_of[row["track_id"]] + 0.5) * _LANE, last)
            boxes[row["run"], row["fleet_id"] or row["track_id"]] = box
            last[row["track_id"]] = max(box.x1, last.get(row["track_id"], 0.0))
    for link in links:
        one, other = (boxes.get((link[f"{end}_run"], link[f"{end}_fleet"])) for end in ("from", "to"))
        if one is not None and other is not None:
            sheet.path(_curve(one, other), "go-traces" if link["re_armed"] else "go-accounts")
    for track, lane in lane_of.items():
        sheet.text(_LEFT - 8, top + lane * _LANE + _LANE / 2 + 4, visible(track), "name end")
    for row in tracks:
        if row["track_id"] in lane_of:
            _draw(sheet, row, boxes[row["run"], row["fleet_id"] or row["track_id"]], lang)
    return Chart(sheet.render(), len(lane_of), len(ids))


def _draw_runs(sheet: Sheet, info: TrackInfo, scale: TimeScale) -> None:
    for place, run in enumerate(info.runs):
        x0, x1, y = scale.x(_us(run.first_time)), scale.x(_us(run.last_time)), 4 + place * _BAND
        sheet.rect(x0, y, max(x1 - x0, 1.5), _BAND - 5, "run-band")
        sheet.text(_LEFT - 8, y + _BAND - 8, f"R{run.run}", "label end")
        before = x0 > _WIDTH * 0.75
        sheet.text(
            x1 - 4 if before else x0 + 4, y + _BAND - 8, visible(run.name, 30), f"label{' end' * before}"
        )


def _box(row: Row, info: TrackInfo, scale: TimeScale, y: float, last: dict[str, float]) -> _Box:
    """Place a row in the middle of its lane; ``last``: where what stands there so far ends."""
    if row["fleet_id"] is None:
        begins = scale.x(_us(info.runs[row["run"] - 1].first_time))
        x = min(max(begins, last.get(row["track_id"], 0.0)) + 9, _WIDTH - 6)
        return _Box(x, x, y)
    x0, x1 = scale.x(_us(row["first_time"])), scale.x(_us(row["last_time"]))
    if row["run"] % 2 == 0 and any(row["run"] in pair for pair in info.overlaps):
        y += 4  # so that boxes of runs that overlap can be told apart
    return _Box(x0, max(x1, x0 + 3), y)


def _draw(sheet: Sheet, row: Row, box: _Box, lang: str) -> None:
    if row["fleet_id"] is None:
        mark = f"M{short(box.x0 - 4)} {short(box.y - 4)}l8 8m0 -8l-8 8"
        sheet.path(mark, "gone")
        return
    look = _CSS.get(row["status"], row["status"]) if row["reported"] else "unreported"
    sheet.rect(box.x0, box.y - _BOX / 2, box.x1 - box.x0, _BOX, f"fleet-{look}")
    number = f"{row['n_accounts']:,}"
    title = say(
        "track.chart_fleet", lang, run=f"R{row['run']}", fleet=row["fleet_id"], n_accounts=row["n_accounts"],
        status=label("track_status", row["status"], lang),
    )  # fmt: skip
    sheet.circle((box.x0 + box.x1) / 2, box.y, _BOX / 2, "point", title)
    if box.x1 - box.x0 >= _NARROW:
        sheet.text((box.x0 + box.x1) / 2, box.y + 4, number, "inside middle")
    elif box.x1 > _WIDTH - 40:
        sheet.text(box.x0 - 4, box.y + 4, number, "inside end")
    else:
        sheet.text(box.x1 + 4, box.y + 4, number, "inside")


def _curve(one: _Box, other: _Box) -> str:
    """From the end of a box to the beginning of another, which may be earlier where runs overlap."""
    bend = max(abs(other.x0 - one.x1) / 2, 14.0)
    return (
        f"M{short(one.x1)} {short(one.y)}C{short(one.x1 + bend)} {short(one.y)} "
        f"{short(other.x0 - bend)} {short(other.y)} {short(other.x0)} {short(other.y)}"
    )


def _us(time: datetime) -> int:
    return round(time.timestamp() * 1e6)
