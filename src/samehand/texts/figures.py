"""Numbers, shares, durations (from µs) and times (in UTC) as a person reads them in each language."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Final

_SUPERSCRIPT: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_UNITS: Final = {
    "en": {"d": "d", "h": "h", "min": "min", "s": "s", "ms": "ms", "us": "µs"},
    "zh": {"d": "天", "h": "小时", "min": "分钟", "s": "秒", "ms": "毫秒", "us": "微秒"},
}
_SECOND: Final = 1_000_000

UNKNOWN: Final = "—"
"""A figure that was not measured."""


def number(value: float | None) -> str:
    """Write a count or a measured figure: two or three digits that tell, never rounded to zero.

    >>> [number(x) for x in (0, 7, 12345, 0.2, 3.14159, 1234.5, 0.00012, 1.23e-7)]
    ['0', '7', '12,345', '0.2', '3.1', '1,234', '0.00012', '1.2×10⁻⁷']
    """
    if value is None:
        return UNKNOWN
    if not math.isfinite(value):
        return "∞" if value == math.inf else "−∞" if value == -math.inf else UNKNOWN
    if value == int(value):
        return f"{int(value):,}".replace("-", "−")
    size = abs(value)
    if size >= 10:
        text = f"{size:,.0f}" if size >= 100 else f"{size:.1f}"
    elif size >= 1e-4:
        digits = 1 - math.floor(math.log10(size))
        text = f"{size:.{digits}f}".rstrip("0").rstrip(".")
    else:
        mantissa, exponent = f"{size:.1e}".split("e")
        text = f"{mantissa}×10{str(int(exponent)).translate(_SUPERSCRIPT)}"
    return f"−{text}" if value < 0 else text


def percent(share: float | None) -> str:
    """Write a share; one that is neither none nor all never reads as such.

    >>> [percent(x) for x in (0, 0.051, 0.1234, 0.00004, 0.987, 0.99999, 1)]
    ['0%', '5.1%', '12%', '<0.1%', '98.7%', '>99.9%', '100%']
    """
    if share is None or not math.isfinite(share):
        return UNKNOWN
    if 0 < share < 0.001:
        return "<0.1%"
    if 0.999 < share < 1:
        return ">99.9%"
    digits = 0 if 0.1 <= share <= 0.9 else 1  # a tenth of a percent tells something near the ends only
    return f"{share * 100:.{digits}f}".removesuffix(".0") + "%"


def p_value(value: float | None) -> str:
    """Write a probability; one too small for a float is a bound, not zero.

    >>> [p_value(x) for x in (0.0, 3e-12, 0.04)]
    ['<10⁻³⁰⁰', '3.0×10⁻¹²', '0.04']
    """
    return "<10⁻³⁰⁰" if value is not None and value < 1e-300 else number(value)


def duration(us: float, lang: str) -> str:
    """Write a span of time in its one or two largest units.

    >>> [duration(s * 1e6, "en") for s in (0.25, 2, 58, 60, 600, 3600, 5400, 86400, 1e6)]
    ['250 ms', '2 s', '58 s', '60 s', '10 min', '1 h', '1 h 30 min', '24 h', '11 d 14 h']
    >>> duration(3.6e9, "zh")
    '1 小时'
    """
    unit = _UNITS[lang]
    if us < 1000:
        return f"{us:.0f} {unit['us' if us else 's']}"
    if us < _SECOND:
        return f"{us / 1000:.0f} {unit['ms']}"
    seconds = us / _SECOND
    if seconds < 119.5:
        text = f"{seconds:.1f}".removesuffix(".0") if seconds < 10 else f"{seconds:.0f}"
        return f"{text} {unit['s']}"
    whole = round(seconds)
    if whole < 3600:
        return _two(whole, 60, unit["min"], unit["s"], 1)
    if whole < 172_800:
        return _two(whole, 3600, unit["h"], unit["min"], 60)
    return _two(whole, 86_400, unit["d"], unit["h"], 3600)


def _two(seconds: int, large: int, large_name: str, small_name: str, small: int) -> str:
    seconds = round(seconds / small) * small
    rest = seconds % large // small
    return f"{seconds // large} {large_name}" + (f" {rest} {small_name}" if rest else "")


def moment(time: datetime, lang: str) -> str:
    """Write a time in UTC, to the second; tables and files for machines hold the finer part.

    >>> moment(datetime(2024, 3, 1, 12, 0, 5, tzinfo=UTC), "en")
    '2024-03-01 12:00:05 UTC'
    >>> moment(datetime(2024, 3, 1, 12, 0, 5, tzinfo=UTC), "zh")
    '2024年3月1日 12:00:05 UTC'
    """
    time = time.astimezone(UTC)
    return f"{day(time, lang)} {time:%H:%M:%S} UTC"


def day(time: datetime, lang: str) -> str:
    """Write the day, in UTC, of a time.

    >>> day(datetime(2024, 3, 1, tzinfo=UTC), "zh")
    '2024年3月1日'
    """
    time = time.astimezone(UTC)
    return f"{time.year}年{time.month}月{time.day}日" if lang == "zh" else f"{time.year:04d}-{time:%m-%d}"
