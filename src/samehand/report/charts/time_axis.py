"""The time axis that raster and timeline share: where a time stands, and ticks at round UTC times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from samehand.report.charts.svg import Sheet

_SECOND: Final = 1_000_000
_DAY: Final = 86_400 * _SECOND
_STEPS: Final = tuple(
    [10**k for k in range(6)]
    + [n * _SECOND for n in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800)]
    + [n * 3600 * _SECOND for n in (1, 2, 3, 6, 12)]
    + [n * _DAY for n in (1, 2, 7, 14, 28, 91, 182, 365, 730, 3650)]
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class TimeScale:
    """Maps the times start_us..end_us to x0..x1."""

    start_us: int
    end_us: int
    x0: float
    x1: float

    def x(self, time_us: float) -> float:
        """Where a time stands."""
        return self.x0 + (time_us - self.start_us) * (self.x1 - self.x0) / max(self.end_us - self.start_us, 1)


def ticks(start_us: int, end_us: int, most: int) -> list[tuple[int, str]]:
    """Give at most ``most`` + 1 round UTC times between two times, with labels that say just enough.

    >>> ticks(0, 3_600_000_000, 2)
    [(0, '01-01 00:00'), (1800000000, '00:30'), (3600000000, '01:00')]
    >>> ticks(0, 2_000_000, 2)
    [(0, '01-01 00:00:00'), (1000000, '00:00:01'), (2000000, '00:00:02')]
    """
    span = end_us - start_us
    step = next((s for s in _STEPS if span <= s * most), _STEPS[-1])
    marks: list[tuple[int, str]] = []
    day = ""
    for at in range(-(-start_us // step) * step, end_us + 1, step):
        time = _EPOCH + timedelta(microseconds=at)
        date = f"{time:%m-%d}" if span < 300 * _DAY else f"{time.year}-{time:%m-%d}"
        if step >= _DAY:
            marks.append((at, date))
        else:
            clock = f"{time:%H:%M}" if step >= 60 * _SECOND else f"{time:%H:%M:%S}"
            clock += f".{time.microsecond:06d}".rstrip("0").rstrip(".") if step < _SECOND else ""
            marks.append((at, clock if date == day else f"{date} {clock}"))
        day = date
    return marks


def draw_time_axis(sheet: Sheet, scale: TimeScale, y: float, top: float) -> None:
    """Draw the axis line at ``y`` with its labels below, and pale lines up to ``top``."""
    for at, text in ticks(scale.start_us, scale.end_us, 7):
        x = scale.x(at)
        sheet.line(x, top, x, y, "grid")
        # A label at an end of the axis is moved in, so that it is not cut.
        place = " middle" if scale.x0 + 30 < x < scale.x1 - 30 else " end" if x > scale.x0 + 30 else ""
        sheet.text(x, y + 14, text, f"label{place}")
    sheet.line(scale.x0, y, scale.x1, y, "axis")
