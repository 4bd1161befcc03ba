"""The ways in which logs write times as text: how each is told, and how it becomes microseconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from samehand.events.sql import literal, literals

_CLOCK: Final = r"\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?"
_OFFSET: Final = r"\s?(Z|z|UTC|GMT|[+-]\d{2}(:?\d{2})?)(\[[\w/+-]+\])?"
_DAY: Final = r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}"
_COMPACT_DAY: Final = r"(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
_COMPACT_CLOCK: Final = r"([01]\d|2[0-3])[0-5]\d[0-5]\d"
_NUMBERED_DAY: Final = r"\d{1,2}[/-]\d{1,2}[/-]\d{4}"
_CLOCK_12: Final = r"\d{1,2}:\d{2}(:\d{2})?\s?[AaPp][Mm]"
_WEEKDAY: Final = r"([A-Za-z]{3,9},? )?"
_MONTH: Final = r"[A-Za-z]{3,9}"


@dataclass(frozen=True, kw_only=True)
class TimeForm:
    """One way of writing times."""

    name: str
    pattern: str
    """Regular expression for the whole text, blanks around it taken off."""
    micros: str
    """SQL over ``{t}``, the text: microseconds since 1970, NULL where it is no time after all."""
    has_zone: bool
    """Whether the text names its offset, so that the microseconds are UTC; otherwise they are local."""
    said: str
    """For people."""


def _local(text: str) -> str:
    return f"epoch_us(TRY_CAST({text} AS TIMESTAMP))"


def _strptime(text: str, formats: tuple[str, ...]) -> str:
    return f"epoch_us(try_strptime({text}, [{literals(formats)}]))"


def _rewrite(text: str, pattern: str, replacement: str) -> str:
    return f"regexp_replace({text}, {literal(pattern)}, {literal(replacement)})"


_DASHED: Final = _rewrite("replace({t}, ',', '.')", r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", r"\1-\2-\3")
_BARE_OFFSET: Final = _rewrite(
    _rewrite(_rewrite(_DASHED, r"\[.*\]$", ""), r"\s?([Zz]|UTC|GMT)$", "Z"),
    r"\s([+-]\d{2}(:?\d{2})?)$",
    r"\1",
)
_COMPACT_ISO: Final = _rewrite(
    _rewrite("{t}", r"^(\d{4})(\d{2})(\d{2})[T ]?", r"\1-\2-\3 "), r" (\d{2})(\d{2})(\d{2})$", r" \1:\2:\3"
)
_HALF_DAYS: Final = ("%Y-%m-%d %I:%M:%S %p", "%Y-%m-%d %I:%M %p", "%Y-%m-%d %I:%M:%S%p", "%Y-%m-%d %I:%M%p")
_CHINESE_DAY: Final = _rewrite("{t}", r"^(\d{4})年(\d{1,2})月(\d{1,2})日\s*", r"\1-\2-\3 ")
_CHINESE_CLOCK: Final = f"regexp_replace(regexp_replace({_CHINESE_DAY}, '[时点分]', ':', 'g'), '[:秒]+$', '')"
_CHINESE_HALF_DAY: Final = _rewrite(_CHINESE_CLOCK, r"(上午|下午)\s*(.*)$", r"\2 \1")
_CHINESE: Final = f"trim(replace(replace({_CHINESE_HALF_DAY}, '上午', 'AM'), '下午', 'PM'))"


def _half_days(text: str) -> str:
    """Read a day with a clock of 12 or 24 hours. A plain cast takes AM and PM for a zone, and drops them."""
    half = _strptime(f"upper({text})", _HALF_DAYS)
    return f"CASE WHEN regexp_matches({text}, '[AaPp][Mm]$') THEN {half} ELSE {_local(text)} END"


ISO_FORMS: Final[tuple[TimeForm, ...]] = (
    TimeForm(
        name="iso_offset",
        pattern=rf"{_DAY}[T ]\s?{_CLOCK}{_OFFSET}",
        micros=f"epoch_us(coalesce(TRY_CAST({{t}} AS TIMESTAMPTZ), TRY_CAST({_BARE_OFFSET} AS TIMESTAMPTZ)))",
        has_zone=True,
        said="ISO with offset",
    ),
    TimeForm(
        name="iso",
        pattern=rf"{_DAY}[T ]\s?{_CLOCK}",
        micros=f"epoch_us(coalesce(TRY_CAST({{t}} AS TIMESTAMP), TRY_CAST({_DASHED} AS TIMESTAMP)))",
        has_zone=False,
        said="ISO without offset",
    ),
    TimeForm(
        name="day", pattern=_DAY, micros=_local(_DASHED), has_zone=False, said="dates without time of day"
    ),
    TimeForm(
        name="compact",
        pattern=rf"{_COMPACT_DAY}([T ]?{_COMPACT_CLOCK})?",
        micros=_local(f"trim({_COMPACT_ISO})"),
        has_zone=False,
        said="digits (year, month, day, time)",
    ),
    TimeForm(
        name="compact_z",
        pattern=rf"{_COMPACT_DAY}T{_COMPACT_CLOCK}Z",
        micros=_strptime("{t}", ("%Y%m%dT%H%M%SZ",)),
        has_zone=True,
        said="digits with Z",
    ),
)
OTHER_FORMS: Final[tuple[TimeForm, ...]] = (
    TimeForm(
        name="chinese",
        pattern=r"\d{4}年\d{1,2}月\d{1,2}日(\s*(上午|下午)?\s*\d{1,2}[时点:]\d{1,2}(分|:\d{1,2}|分\d{1,2}秒)?)?",
        micros=_half_days(_CHINESE),
        has_zone=False,
        said="Chinese dates",
    ),
    TimeForm(
        name="dotted",
        pattern=rf"\d{{1,2}}\.\d{{1,2}}\.\d{{4}}(,?[T ]\s?{_CLOCK})?",
        micros=_local(_rewrite("{t}", r"^(\d{1,2})\.(\d{1,2})\.(\d{4}),?", r"\3-\2-\1")),
        has_zone=False,
        said="day.month.year",
    ),
    TimeForm(
        name="named_offset",
        pattern=rf"{_WEEKDAY}(\d{{1,2}}[ /-]{_MONTH}[ /-]\d{{4}}[ :]{_CLOCK}|{_MONTH} +\d{{1,2}} {_CLOCK}) "
        r"[+-]\d{4}( \d{4})?"
        rf"|{_WEEKDAY}\d{{1,2}} {_MONTH} \d{{4}} {_CLOCK} (GMT|UTC)",
        micros=_strptime(
            "regexp_replace({t}, ' (GMT|UTC)$', ' +0000')",
            (
                "%a %b %d %H:%M:%S %z %Y",
                "%a, %d %b %Y %H:%M:%S %z",
                "%d %b %Y %H:%M:%S %z",
                "%d/%b/%Y:%H:%M:%S %z",
                "%a %d %b %Y %H:%M:%S %z",
            ),
        ),
        has_zone=True,
        said="month names with offset",
    ),
    TimeForm(
        name="named",
        pattern=rf"{_WEEKDAY}(\d{{1,2}}[ -]{_MONTH}[ -]\d{{4}},?( {_CLOCK}| {_CLOCK_12})?"
        rf"|{_MONTH} +\d{{1,2}},? \d{{4}},?( {_CLOCK}| {_CLOCK_12})?|{_MONTH} +\d{{1,2}} {_CLOCK} \d{{4}})",
        micros=_strptime(
            "regexp_replace(replace({t}, ',', ''), '\\s+|-', ' ', 'g')",
            (
                *(
                    f"{weekday}{day}{clock}"
                    for weekday in ("", "%a ", "%A ")
                    for day in ("%d %b %Y", "%b %d %Y", "%d %B %Y", "%B %d %Y")
                    for clock in ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
                ),
                *("%a %b %d %H:%M:%S %Y", "%b %d %H:%M:%S %Y"),
            ),
        ),
        has_zone=False,
        said="month names",
    ),
)


def _numbered(name: str, order: str, said: str) -> TimeForm:
    day = _rewrite("{t}", r"^(\d{1,2})[/-](\d{1,2})[/-](\d{4}),?\s*", order + " ")
    return TimeForm(
        name=name,
        pattern=rf"{_NUMBERED_DAY}(,?[T ]\s?({_CLOCK}|{_CLOCK_12}))?",
        micros=_half_days(f"trim({day})"),
        has_zone=False,
        said=said,
    )


DAY_FIRST: Final = _numbered("day_first", r"\3-\2-\1", "day/month/year")
MONTH_FIRST: Final = _numbered("month_first", r"\3-\1-\2", "month/day/year")
"""The two readings of 03/04/2026; only a whole column can tell them apart."""
NUMBER: Final = r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?"
