"""What is to be said of a platform so that a world can be made of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal


class Space(IntEnum):
    """What an action is done to."""

    POST = 0  # thread, item, article, repository, URL
    PAGE = 1  # seller, official account
    PERSON = 2  # another account, also one that never acts in the log
    GROUP = 3  # chat group
    NOTHING = 4


@dataclass(frozen=True)
class Action:
    """One verb of a platform."""

    name: str
    share: float
    """Of the events of ordinary life."""
    space: Space = Space.POST
    once: bool = True
    """The platform keeps one such event of an account on a target."""
    text: bool = False


Clock = Literal["minutes, Arrow timestamp", "naive local text", "epoch ms", "ISO text", "epoch s"]


@dataclass(frozen=True, kw_only=True)
class Style:
    """A platform. Numbers of posts, pages and people are for 20,000 accounts and grow with the accounts."""

    name: str
    columns: dict[str, str]
    """Role -> the platform's own column name, in the platform's order."""
    clock: Clock
    timezone: str | None = None
    """Zone of naive times."""
    start: str
    """First day, a Monday, 00:00 UTC."""
    days: int = 14
    zones: tuple[tuple[float, float], ...]
    """Offsets from UTC in hours, with their share of the accounts; the first is where the platform lives."""
    hours: str
    """Name of the curve of a day, see ``HOURS``."""
    weekend: float = 1.0
    """Activity on Saturday and Sunday against other days."""
    interests: int
    loyalty: float
    """Share of sessions that an account spends on its first interest."""
    posts: int
    lifetime_h: float
    """Attention to a post falls by e in this time."""
    popularity: float
    """Pareto exponent of the posts; smaller is heavier."""
    tail: int = 0
    """Cold posts that hardly anyone ever touches."""
    tail_share: float = 0.0
    trending_share: float = 0.0
    """Events on posts that go to the day's list of 25, the same for everyone."""
    pages: int = 500
    events_per_account: float
    activity_sigma: float
    """Of the logarithm: how unequal the accounts are."""
    session_events: float
    gap_s: float
    """Median pause between two events of a session."""
    actions: tuple[Action, ...]
    react: tuple[tuple[str, float], ...]
    """What one does to a post that one likes, with probabilities; the first is what fleets sell."""
    follow: str | None = None
    contact: str | None = None
    message: str | None = None
    sign_up: str | None = None
    bonus: str | None = None
    """What a new account gets by signing up."""
    crowds: tuple[str, ...]
    fleets: tuple[tuple[str, int, int], ...]
    """Kind, least and most accounts."""

    def index(self, action: str) -> int:
        """Find an action's number by its name."""
        return [a.name for a in self.actions].index(action)


HOURS = {
    "evening": (3, 2, 1, 1, 1, 1, 2, 3, 4, 5, 5, 5, 6, 6, 5, 5, 6, 7, 9, 11, 13, 12, 9, 5),
    "office": (4, 3, 2, 2, 2, 2, 3, 5, 8, 10, 11, 10, 8, 9, 11, 11, 10, 8, 7, 7, 8, 8, 7, 5),
    "commute": (2, 1, 1, 0, 1, 2, 6, 12, 10, 6, 5, 6, 9, 7, 5, 5, 6, 9, 11, 9, 10, 11, 8, 4),
}
"""Weight of each local hour."""
