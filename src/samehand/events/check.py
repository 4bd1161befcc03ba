"""What a log is like before anything is concluded from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """Something that was bounded, skipped or dropped, with its count: nothing is lost in silence."""

    what: str
    """What was left out, in the user's words: "rows without an account"."""
    count: int
    """How many."""
    why: str
    """Why, and what follows from it."""


@dataclass(frozen=True, kw_only=True)
class HotTarget:
    """A target that draws a visible share of all events."""

    target: str
    n_events: int
    share: float
    """Of all events that name a target."""


@dataclass(frozen=True, kw_only=True)
class Quality:
    """The state of a log, counted while it was read."""

    n_rows: int
    """Rows in the source."""
    n_events: int
    """Rows that are used."""
    n_accounts: int
    first_time: datetime
    last_time: datetime
    n_duplicates: int
    """Rows that repeat an earlier row in every role; kept once."""
    missing: dict[str, int]
    """Role -> used rows without a value in it."""
    clock_resolution_us: int
    """The finest step that the clock shows: 1, 1000, 1_000_000 (seconds), 60_000_000 (minutes), ..."""
    time_format: str
    """How the times were understood: "ISO with offset", "epoch milliseconds", "naive, taken as UTC", ..."""
    hot_targets: tuple[HotTarget, ...]
    left_out: tuple[LeftOut, ...]
    warnings: tuple[str, ...]
    """Clock anomalies and other things a reader of the result must know, a sentence each."""
