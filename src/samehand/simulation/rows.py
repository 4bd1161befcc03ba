"""Rows of the log while they are still numbers: who did what to what, when. Equipment and names come last."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import pyarrow as pa

from samehand.simulation.chance import Floats, Ints, Mask, mix, uniform

ACTIONS: Final = ("view", "like", "share", "comment", "follow", "add_friend", "message", "register")
VIEW, LIKE, SHARE, COMMENT, FOLLOW, ADD_FRIEND, MESSAGE, REGISTER = range(len(ACTIONS))

OUTCOMES: Final = ("accepted", "replied", "ignored", "blocked")
ACCEPTED, REPLIED, IGNORED, BLOCKED = range(len(OUTCOMES))

NONE: Final = -1
ACCOUNT_TARGET: Final = 1 << 40
"""Targets below are items (posts, links, pages); an account is this much plus its number."""

REPEATED_VIEWS: Final = 0.2
"""Share of the repeated views that the log keeps; a second like or follow does nothing and is not logged."""
REPEATED_COMMENTS: Final = 0.3
_SPARED: Final = np.array(
    [{VIEW: REPEATED_VIEWS, COMMENT: REPEATED_COMMENTS, MESSAGE: 1.0}.get(a, 0.0) for a in range(8)]
)


@dataclass(frozen=True)
class Rows:
    """Events as arrays of one length, in any order."""

    time: Floats
    """Seconds since the log began."""
    account: Ints
    action: Ints
    target: Ints
    outcome: Ints
    content: Ints
    """Place in ``texts``."""
    order: Ints
    """Order or console step that the action serves; NONE in anyone's own life. It never reaches the log."""
    texts: pa.StringArray

    def __len__(self) -> int:
        return len(self.time)

    def take(self, chosen: Mask | Ints | slice) -> Rows:
        """Give the chosen rows."""
        arrays = {name: getattr(self, name)[chosen] for name in _COLUMNS}
        return Rows(**arrays, texts=self.texts)

    def within(self, window_s: float) -> Rows:
        """Give the rows that fall into the log."""
        return self.take((self.time >= 0) & (self.time < window_s))


_TYPES: Final = {
    "time": np.float64,
    "account": np.int32,
    "action": np.int8,
    "target": np.int64,
    "outcome": np.int8,
    "content": np.int32,
    "order": np.int32,
}
_COLUMNS: Final = tuple(field.name for field in fields(Rows) if field.name != "texts")
_NO_TEXTS: Final = pa.array([], pa.string())


def make_rows(
    time: Floats,
    account: Ints,
    action: Ints | int,
    target: Ints | int,
    *,
    outcome: Ints | int = NONE,
    order: Ints | int = NONE,
    texts: pa.StringArray | None = None,
    said: Mask | None = None,
) -> Rows:
    """Build rows from arrays or single values. ``texts``: contents of the rows in ``said`` (None: all)."""
    n = len(time)
    content = np.full(n, NONE, dtype=np.int32)
    if texts is not None:
        content[slice(None) if said is None else said] = np.arange(len(texts), dtype=np.int32)
    values = {
        "time": time,
        "account": account,
        "action": action,
        "target": target,
        "outcome": outcome,
        "order": order,
    }
    arrays = {
        name: np.broadcast_to(np.asarray(value), n).astype(_TYPES[name], copy=True)
        for name, value in values.items()
    }
    return Rows(**arrays, content=content, texts=_NO_TEXTS if texts is None else texts)


def no_rows() -> Rows:
    """Give no rows."""
    nothing = np.zeros(0)
    return make_rows(nothing, nothing.astype(np.int64), VIEW, NONE)


def join_rows(parts: list[Rows]) -> Rows:
    """Put rows one after another."""
    if not parts:
        return no_rows()
    shift = np.cumsum([0, *(len(part.texts) for part in parts)])
    content = [np.where(p.content >= 0, p.content + s, NONE) for p, s in zip(parts, shift[:-1], strict=True)]
    arrays = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in _COLUMNS
        if name != "content"
    }
    return Rows(
        **arrays,
        content=np.concatenate(content).astype(np.int32),
        texts=pa.concat_arrays([part.texts for part in parts]),
    )


def keep_first(rows: Rows, salt: int, n_fixed: int = 0) -> Mask:
    """Mark the rows that stay when nobody does the same to the same target twice.

    Messages repeat freely and views and comments sometimes. The first ``n_fixed`` rows are never dropped;
    others give way to them, and otherwise to the earlier in time.
    """
    deed = mix(rows.account, rows.action, rows.target)
    order = np.argsort(deed)
    same = np.zeros(len(rows) + 1, dtype=bool)
    same[1:-1] = deed[order[1:]] == deed[order[:-1]]
    # Only deeds done more than once need the order of time.
    repeated = order[same[1:] | same[:-1]]
    stands = (repeated < n_fixed).astype(np.int8)
    repeated = repeated[np.lexsort((rows.time[repeated], -stands, deed[repeated]))]
    again = np.zeros(len(rows), dtype=bool)
    again[repeated[1:]] = deed[repeated[1:]] == deed[repeated[:-1]]
    again[:n_fixed] = False
    doubtful = np.flatnonzero(again)
    action, moment = rows.action[doubtful], (rows.time[doubtful] * 1e6).astype(np.int64)
    again[doubtful] = uniform(rows.account[doubtful], rows.target[doubtful], moment, salt) >= _SPARED[action]
    return ~again
