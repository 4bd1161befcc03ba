"""Measures the quality of a log once its events are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from samehand.columns import Role
from samehand.events.check import HotTarget, LeftOut, Quality
from samehand.events.clock import read_clock
from samehand.events.sql import Ask

_HOT_SHARE: Final = 0.01
_HOT_TIMES_MEDIAN: Final = 100
_HOT_EVENTS: Final = 100  # in a small log, every second target has more than 1 %
_N_HOT: Final = 20
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class ReadingNotes:
    """What was noticed while the log was read."""

    n_rows: int
    n_duplicates: int
    time_format: str
    left_out: tuple[LeftOut, ...]
    warnings: tuple[str, ...]


def measure(
    ask: Ask, events: str, times: str, roles: Sequence[Role], notes: ReadingNotes, now: datetime
) -> Quality:
    """Measure events.

    Args:
        ask: Answers queries; they are written so that DuckDB and Spark read them alike.
        events: What stands after FROM for the events; they are not empty.
        times: The same with the column ``us``, microseconds since 1970.
        roles: Columns of the events.
        notes: What was noticed before.
        now: Later times count as in the future.
    """
    present = ", ".join(f"count({role})" for role in roles)
    n_accounts, *counts = ask(f"SELECT count(DISTINCT account), count(*), {present} FROM {events}")[0]  # noqa: S608
    n, has = counts[0], dict(zip(roles, counts[1:], strict=True))
    first, last = ask(f"SELECT min(us), max(us) FROM {times}")[0]  # noqa: S608
    clock = read_clock(ask, times, n, now)
    return Quality(
        n_rows=notes.n_rows,
        n_events=n,
        n_accounts=n_accounts,
        first_time=_EPOCH + timedelta(microseconds=first),
        last_time=_EPOCH + timedelta(microseconds=last),
        n_duplicates=notes.n_duplicates,
        missing={role: n - has[role] for role in roles},
        clock_resolution_us=clock.resolution_us,
        time_format=notes.time_format,
        hot_targets=_hot_targets(ask, events, has["target"]) if "target" in roles else (),
        left_out=notes.left_out,
        warnings=(*notes.warnings, *clock.warnings),
    )


def _hot_targets(ask: Ask, events: str, n_targeted: int) -> tuple[HotTarget, ...]:
    counts = f"(SELECT target, count(*) AS n FROM {events} WHERE target IS NOT NULL GROUP BY target)"  # noqa: S608
    median = ask(f"SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY n) FROM {counts}")[0][0]  # noqa: S608
    top = ask(f"SELECT target, n FROM {counts} ORDER BY n DESC, target LIMIT {_N_HOT}")  # noqa: S608
    return tuple(
        HotTarget(target=target, n_events=n, share=n / n_targeted)
        for target, n in top
        if n >= _HOT_EVENTS and (n > _HOT_SHARE * n_targeted or n > _HOT_TIMES_MEDIAN * median)
    )
