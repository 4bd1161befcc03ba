"""Measures the quality of a log once its events are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from samehand.columns import Role
from samehand.events.check import HotTarget, LeftOut, Quality
from samehand.events.clock import read_clock
from samehand.events.sql import Session, fetch_row, literal

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
    session: Session, file: Path, roles: Sequence[Role], notes: ReadingNotes, now: datetime
) -> Quality:
    """Measure the events of a file.

    Args:
        session: The session.
        file: As ``write_events`` wrote it; not empty.
        roles: Its columns.
        notes: What was noticed before.
        now: Later times count as in the future.
    """
    events = f"read_parquet([{literal(str(file))}])"
    present = ", ".join(f'count("{role}") AS "has_{role}"' for role in roles)
    counts = fetch_row(
        session,
        f'SELECT count(*) AS n, {present}, epoch_us(min("time")) AS first, epoch_us(max("time")) AS last '  # noqa: S608
        f"FROM {events}",
    )
    n = counts["n"]
    n_accounts = fetch_row(session, f"SELECT count(DISTINCT account) AS n FROM {events}")["n"]  # noqa: S608
    clock = read_clock(session, events, n, now)
    return Quality(
        n_rows=notes.n_rows,
        n_events=n,
        n_accounts=n_accounts,
        first_time=_EPOCH + timedelta(microseconds=counts["first"]),
        last_time=_EPOCH + timedelta(microseconds=counts["last"]),
        n_duplicates=notes.n_duplicates,
        missing={role: n - counts[f"has_{role}"] for role in roles},
        clock_resolution_us=clock.resolution_us,
        time_format=notes.time_format,
        hot_targets=_hot_targets(session, events, counts["has_target"]) if "target" in roles else (),
        left_out=notes.left_out,
        warnings=(*notes.warnings, *clock.warnings),
    )


def _hot_targets(session: Session, events: str, n_targeted: int) -> tuple[HotTarget, ...]:
    session.execute(
        f"CREATE OR REPLACE TEMP TABLE target_counts AS "  # noqa: S608
        f"SELECT target, count(*) AS n FROM {events} WHERE target IS NOT NULL GROUP BY target"
    )
    median = fetch_row(session, "SELECT quantile_disc(n, 0.5) AS n FROM target_counts")["n"]
    top = session.execute(
        f"SELECT target, n FROM target_counts ORDER BY n DESC, target LIMIT {_N_HOT}"  # noqa: S608
    ).fetchall()
    session.execute("DROP TABLE target_counts")
    return tuple(
        HotTarget(target=target, n_events=n, share=n / n_targeted)
        for target, n in top
        if n >= _HOT_EVENTS and (n > _HOT_SHARE * n_targeted or n > _HOT_TIMES_MEDIAN * median)
    )
