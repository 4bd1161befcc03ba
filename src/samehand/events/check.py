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
    """Events that are used. A row that names several targets is several events."""
    n_accounts: int
    first_time: datetime
    last_time: datetime
    n_duplicates: int
    """Events that repeat an earlier one in every role (also in the id, where the log has ids); kept once."""
    missing: dict[str, int]
    """Role -> events without a value in it."""
    clock_resolution_us: int
    """The coarsest step that 99.9 % of the times keep: 1, 1000, 1_000_000 (seconds), 60_000_000, ..."""
    time_format: str
    """How the times were understood: "ISO with offset", "epoch milliseconds", "naive, taken as UTC", ..."""
    hot_targets: tuple[HotTarget, ...]
    left_out: tuple[LeftOut, ...]
    warnings: tuple[str, ...]
    """Clock anomalies and other things a reader of the result must know, a sentence each."""
