"""Looks at the clock of a log: how fine it is, and what is odd about its times."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np

from samehand.events.sql import Ask

_SECOND_US: Final = 1_000_000
_HOUR_US: Final = 3600 * _SECOND_US
_DAY_US: Final = 24 * _HOUR_US
_QUARTER_US: Final = 15 * 60 * _SECOND_US
_STEPS_US: Final = (
    1_000,
    10_000,
    100_000,
    1 * _SECOND_US,
    10 * _SECOND_US,
    60 * _SECOND_US,
    300 * _SECOND_US,
    _QUARTER_US,
)
"""Steps that every zone's offset is a multiple of; hours and days are looked at in quarters."""
_EXCEPTIONS: Final = 0.001
_CHANCE: Final = 1e-3
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_1990: Final = datetime(1990, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Clock:
    """The clock of a log."""

    resolution_us: int
    warnings: tuple[str, ...]


def read_clock(ask: Ask, times: str, n_events: int, now: datetime) -> Clock:
    """Find the clock's resolution and its anomalies.

    Args:
        ask: Answers queries; they are written so that DuckDB and Spark read them alike.
        times: What stands after FROM; has the column ``us``, microseconds since 1970.
        n_events: Rows of it.
        now: Later times are in the future.
    """
    counts = _count(ask, times, now)
    resolution_us = _find_resolution(ask, times, n_events, counts)
    warnings = [
        *_outside(counts, n_events),
        *_crowded_instants(ask, times, n_events),
        *_silences(ask, times),
    ]
    if resolution_us >= _DAY_US:
        warnings.append(
            "All times are at midnight: the log knows days only, and nothing finer can be seen in it."
        )
    return Clock(resolution_us=resolution_us, warnings=tuple(warnings))


def _count(ask: Ask, times: str, now: datetime) -> dict[str, Any]:
    counts = {f"off_{step}": f"us % {step} <> 0" for step in _STEPS_US}
    counts |= {
        "n_future": f"us > {_micros(now)}",
        "n_before_1990": f"us < {_micros(_1990)}",
        "n_zero": "us = 0",
    }
    columns = ", ".join(f"count(*) FILTER (WHERE {where}) AS {name}" for name, where in counts.items())
    row = ask(f"SELECT {columns}, max(us) FROM {times}")[0]  # noqa: S608
    return dict(zip((*counts, "last"), row, strict=True))


def _micros(time: datetime) -> int:
    return round(time.timestamp()) * _SECOND_US


def _find_resolution(ask: Ask, times: str, n_events: int, counts: dict[str, Any]) -> int:
    """Find the coarsest step that the times keep, where that is no accident of few rows."""
    found = 1
    for step in _STEPS_US:
        if counts[f"off_{step}"] > _EXCEPTIONS * n_events or not _is_evident(step // found, n_events):
            return found
        found = step
    query = f"SELECT {_begin('us', _QUARTER_US)} % {_DAY_US}, count(*) FROM {times} GROUP BY ALL"  # noqa: S608
    quarters = np.zeros(96, np.int64)
    for quarter, n in ask(query):
        quarters[quarter // _QUARTER_US % 96] += n
    wanted = (1 - _EXCEPTIONS) * n_events
    # A day's midnight lies an hour apart in summer and winter, so two neighbouring hours count as one.
    days = quarters + np.roll(quarters, -4)
    if days.max() >= wanted and _is_evident(_DAY_US // _QUARTER_US, n_events):
        return _DAY_US
    hours = quarters.reshape(24, 4).sum(axis=0)
    return _HOUR_US if hours.max() >= wanted and _is_evident(_HOUR_US // _QUARTER_US, n_events) else found


def _is_evident(ratio: int, n_events: int) -> bool:
    """Tell whether times of a finer clock would hardly keep a step this many times as coarse by accident."""
    return n_events * math.log(ratio) > -math.log(_CHANCE) - 1e-9


def _outside(counts: dict[str, Any], n_events: int) -> list[str]:
    warnings = []
    if counts["n_future"]:
        warnings.append(
            f"{counts['n_future']:,} of {n_events:,} times are in the future, up to {_show(counts['last'])}: is the "
            "unit or the time zone right?"
        )
    if counts["n_before_1990"]:
        zero = f", {counts['n_zero']:,} of them exactly 1970-01-01 00:00" if counts["n_zero"] else ""
        warnings.append(f"{counts['n_before_1990']:,} of {n_events:,} times are before 1990{zero}.")
    return warnings


def _crowded_instants(ask: Ask, times: str, n_events: int) -> list[str]:
    """Find single instants with more than 1 % of all events."""
    least = max(100, 0.01 * n_events)
    where = "true"
    for bin_us in (_HOUR_US, 60 * _SECOND_US):
        # An hour or minute that holds fewer events cannot hold such an instant.
        bins = _begin("us", bin_us)
        grouped = f"(SELECT {bins} AS bin, count(*) AS n FROM {times} WHERE {where} GROUP BY ALL)"  # noqa: S608
        crowded = [str(row[0]) for row in ask(f"SELECT bin FROM {grouped} WHERE n > {least}")]  # noqa: S608
        if not crowded:
            return []
        where = f"{bins} IN ({', '.join(crowded)})"
    query = f"""
        SELECT us, n FROM (SELECT us, count(*) AS n FROM {times} WHERE {where} GROUP BY us)
        WHERE n > {least} ORDER BY n DESC, us LIMIT 3"""  # noqa: S608
    return [
        f"{n:,} events ({n / n_events:.1%}) carry the very same time {_show(us)}: it may be the time of an "
        "import, and accounts that share it seem to act together."
        for us, n in ask(query)
    ]


def _begin(us: str, bin_us: int) -> str:
    """Give SQL for the begin of the bin that a time lies in; below 0, for the end."""
    return f"({us} - {us} % {bin_us})"


def _silences(ask: Ask, times: str) -> list[str]:
    """Find gaps that are longer than a day and than ten times the usual gap between hours with events."""
    query = f"""
        SELECT min(us) AS first, max(us) AS last FROM {times}
        GROUP BY {_begin("us", _HOUR_US)} ORDER BY 1"""  # noqa: S608
    bounds = np.array(ask(query), np.int64).reshape(-1, 2)
    gaps = bounds[1:, 0] - bounds[:-1, 1]
    if len(gaps) == 0:
        return []
    least = max(_DAY_US, 10 * float(np.median(gaps)))
    long = np.flatnonzero(gaps > least)
    if len(long) == 0:
        return []
    longest = long[np.argsort(-gaps[long], kind="stable")[:3]]
    spans = ", ".join(f"{_show(bounds[i, 1])} to {_show(bounds[i + 1, 0])}" for i in sorted(longest.tolist()))
    hours = f"{least / _HOUR_US:.0f} hours"
    return [f"{len(long)} gaps without any event are longer than {hours}, the longest {spans}."]


def _show(us: int) -> str:
    time = _EPOCH + timedelta(microseconds=int(us))
    return time.isoformat(sep=" ").removesuffix("+00:00")
