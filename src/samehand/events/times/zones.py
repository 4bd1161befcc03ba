"""Converts local times to UTC by the rules of a zone; finds those that do not exist or exist twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from difflib import get_close_matches
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from samehand.errors import OptionError

_SECOND_US: Final = 1_000_000
_DAY_S: Final = 86_400
_EARLIEST_S: Final = int(datetime(1900, 1, 1, tzinfo=UTC).timestamp())
_LATEST_S: Final = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())
_CITIES: Final = {"beijing": "Asia/Shanghai", "peking": "Asia/Shanghai", "china": "Asia/Shanghai"}


def find_zone(name: str) -> tzinfo:
    """Find a time zone by its IANA name, or an offset such as ``+08:00``.

    Raises:
        OptionError: There is no such zone.
    """
    offset = re.fullmatch(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?", name.strip())
    if offset:
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        if minutes < 24 * 60:
            return timezone(timedelta(minutes=minutes if offset[1] == "+" else -minutes))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise OptionError(f"unknown time zone {name!r}", where="timezone", hint=_near(name)) from None


def _near(name: str) -> str:
    last = name.strip().replace(" ", "_").rpartition("/")[2]
    if last.lower() in _CITIES:
        return _CITIES[last.lower()]
    cities = {zone.rpartition("/")[2].lower(): zone for zone in sorted(available_timezones(), reverse=True)}
    near = [cities[city] for city in get_close_matches(last.lower(), cities, n=3)]
    return (
        f"{', '.join(near)}"
        if near
        else "a name such as Asia/Shanghai or Europe/Berlin, or an offset such as +08:00"
    )


@dataclass(frozen=True, kw_only=True)
class Shift:
    """A change of a zone's offset."""

    at_s: int
    """When, in seconds since 1970 UTC."""
    before_s: int
    """Offset from UTC until then."""
    after_s: int
    """Offset from then on."""


@dataclass(frozen=True, kw_only=True)
class ZoneRules:
    """The offsets of a zone over the span of a log.

    A local time that exists twice is taken as the earlier of both instants; one that does not exist is taken
    by the offset before the change, which moves it behind the gap (as PEP 495 has it with fold=0).
    """

    first_offset_s: int
    shifts: tuple[Shift, ...]

    def to_utc(self, local_us: str) -> str:
        """Give SQL that converts local microseconds to UTC microseconds."""
        offset_s = self.first_offset_s
        cases = []
        for shift in self.shifts:
            until_us = (shift.at_s + max(shift.before_s, shift.after_s)) * _SECOND_US
            cases.append(f"WHEN {local_us} < {until_us} THEN {local_us} - {offset_s * _SECOND_US}")
            offset_s = shift.after_s
        last = f"{local_us} - {offset_s * _SECOND_US}"
        return f"CASE {' '.join(cases)} ELSE {last} END" if cases else last

    def is_missing(self, local_us: str) -> str:
        """Give SQL that tells local times that do not exist: clocks went forward over them."""
        return _within(local_us, [(s.at_s + s.before_s, s.at_s + s.after_s) for s in self.shifts])

    def is_twofold(self, local_us: str) -> str:
        """Give SQL that tells local times that exist twice: clocks went back over them."""
        return _within(local_us, [(s.at_s + s.after_s, s.at_s + s.before_s) for s in self.shifts])


def _within(local_us: str, spans: list[tuple[int, int]]) -> str:
    tests = [
        f"({local_us} >= {start * _SECOND_US} AND {local_us} < {end * _SECOND_US})"
        for start, end in spans
        if start < end
    ]
    return " OR ".join(tests) or "false"


def read_rules(zone: tzinfo, first_us: int, last_us: int) -> ZoneRules:
    """Read the offsets of a zone that matter between two local times (microseconds, both inclusive)."""
    start = max(first_us // _SECOND_US - 2 * _DAY_S, _EARLIEST_S)
    end = min(last_us // _SECOND_US + 2 * _DAY_S, _LATEST_S)
    return ZoneRules(first_offset_s=_offset(zone, start), shifts=tuple(_shifts(zone, start, end)))


def _shifts(zone: tzinfo, start: int, end: int) -> Iterator[Shift]:
    before = _offset(zone, start)
    for day in range(start, end, _DAY_S):
        after = _offset(zone, day + _DAY_S)
        if after != before:
            low, high = day, day + _DAY_S  # the offset is `before` at low and `after` at high
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
            yield Shift(at_s=high, before_s=before, after_s=after)
            before = after


def _offset(zone: tzinfo, at_s: int) -> int:
    offset = datetime.fromtimestamp(at_s, tz=zone).utcoffset()
    return round(offset.total_seconds()) if offset else 0
