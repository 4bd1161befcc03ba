"""What forms between looks. It only says when a look is due: what a lead rests on is the look's own evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from samehand.arrays import BOOL, I64, U64
from samehand.kernels import forming as kernel
from samehand.kernels.forming import LAST, LOOKED_AT, MUTED, N_RECENT, PARTNERS, STRENGTH, WAYS
from samehand.online.arriving import times_of

TARGET_WINDOW_US: Final = 600_000_000
"""Who comes to a target within this meets there."""
STEP_WINDOW_US: Final = 2_000_000
"""Who does the same to whatever target within this acts in step, unless everybody does it all the time."""
_BUSY: Final = 4.0
"""Actions that more often than this fall into such a window say nothing of a step."""
LEAST_RISEN: Final = 3
"""So many accounts that meet others again and again, or more than at the last look, call for a look. Fewer than a fleet
has: some of its accounts may have risen before a look that was taken for others."""
_DAY_US: Final = 86_400_000_000
PLACES: Final = {"features": 1, "pairs": 8, "accounts": 2}
"""Places of each table an active account."""
_PLACED_AS: Final = {"recent": "features", "meetings": "pairs", "numbers": "accounts"}
"""Tables whose places are those of another."""
BYTES_AN_ACCOUNT: Final = (
    PLACES["features"] * (16 + 8 * (2 * N_RECENT + 1))
    + PLACES["pairs"] * (24 + 4)
    + PLACES["accounts"] * (16 + 16)
)
"""Memory of all tables for each active account that there is room for."""


def hashes(values: pa.Array[Any]) -> U64:
    """Hash texts, the same in every process; nulls are 0."""
    texts = values.cast(pa.large_string())
    buffers: Any = texts.buffers()
    places = np.frombuffer(buffers[1], np.int64)[texts.offset : texts.offset + len(texts) + 1]
    out: U64 = np.zeros(len(texts), np.uint64)
    if len(texts):
        kernel.hash_texts(np.frombuffer(buffers[2] or b"\0", np.uint8), places, out)
    out[texts.is_null().to_numpy(zero_copy_only=False)] = 0
    return out


class Forming:
    """Who met whom again and again on different targets, or in step, since it was last looked at."""

    def __init__(self, active_accounts: int) -> None:
        n = {name: WAYS * max(1, share * active_accounts // WAYS) for name, share in PLACES.items()}
        self.tables: dict[str, Any] = {
            "features": np.zeros((n["features"], 2), np.int64),
            "recent": np.zeros((n["features"], 2 * N_RECENT + 1), np.int64),
            "pairs": np.zeros((n["pairs"], 3), np.int64),
            "meetings": np.zeros(n["pairs"], np.int32),
            "accounts": np.zeros((n["accounts"], 2), np.int64),
            "numbers": np.zeros((n["accounts"], 4), np.int32),
        }
        self.n_risen = 0
        self._day = 0

    def take(self, events: pa.Table) -> None:
        """Take the events of a tick in, in any order."""
        if not events.num_rows:
            return
        events = events.combine_chunks()
        times = times_of(events)
        account = hashes(events["account"].combine_chunks())
        action = hashes(events["action"].combine_chunks())
        target = hashes(events["target"].combine_chunks())
        on_target = np.where(target == 0, np.uint64(0), target ^ (action << np.uint64(1)))
        in_step = np.where(_quiet(action, times), ~action, np.uint64(0))
        order = np.argsort(np.tile(times, 2), kind="stable")
        windows = np.repeat(np.array([TARGET_WINDOW_US, STEP_WINDOW_US]), len(times))
        t = self.tables
        self.n_risen += kernel.meet(
            np.tile(account, 2)[order],
            np.concatenate([on_target, in_step])[order],
            np.tile(times, 2)[order],
            windows[order],
            t["features"],
            t["recent"],
            t["pairs"],
            t["meetings"],
            t["accounts"],
            t["numbers"],
        )
        self._forget(int(times.max()) // _DAY_US)

    def looked(self, in_leads: list[str]) -> None:
        """Say that a look was taken, and which accounts are in leads: they call for none."""
        numbers, keys = self.tables["numbers"], self.tables["accounts"][:, 0]
        kernel.settle_looked_at(numbers)
        known = hashes(pa.array(in_leads, pa.string())).view(np.int64)
        numbers[:, MUTED] = np.isin(keys, known) & (keys != 0)
        self.n_risen = 0

    def restless(self) -> dict[int, int]:
        """Give the accounts with partners whom they meet again and again, by hash, with their number of partners."""
        numbers = self.tables["numbers"]
        some = np.flatnonzero(numbers[:, PARTNERS] >= kernel.LEAST_PARTNERS)
        keys: I64 = self.tables["accounts"][some, 0]
        return dict(zip(keys.view(np.uint64).tolist(), numbers[some, PARTNERS].tolist(), strict=True))

    @property
    def n_active(self) -> int:
        """Accounts that have met others often."""
        return int(np.count_nonzero(self.tables["accounts"][:, LAST]))

    def save(self, file: Path) -> None:
        """Write the places of the tables that are in use."""
        used = {name: np.flatnonzero(self.tables[name][:, 0]) for name in PLACES}
        kept = {name: table[used[_PLACED_AS.get(name, name)]] for name, table in self.tables.items()}
        places = {f"at_{name}": at for name, at in used.items()}
        with open(file, "wb") as stream:
            np.savez(stream, allow_pickle=False, risen=np.array([self.n_risen, self._day]), **places, **kept)

    def load(self, file: Path) -> None:
        """Read tables that ``save`` wrote.

        Raises:
            ValueError, OSError, KeyError, IndexError: They are damaged, or of another size.
        """
        with np.load(file) as stored:
            self.n_risen, self._day = stored["risen"].tolist()
            for name, table in self.tables.items():
                table[:] = 0
                table[stored[f"at_{_PLACED_AS.get(name, name)}"]] = stored[name]

    def _forget(self, day: int) -> None:
        if self._day and day > self._day:
            kernel.halve(self.tables["meetings"], self.tables["numbers"])
        self._day = max(self._day, day)


def _quiet(action: U64, times: I64) -> BOOL:
    """Tell events of actions that are so rare in these that to do it at one moment says something."""
    span = max(int(times.max() - times.min()), STEP_WINDOW_US)
    _, code, n = np.unique(action, return_inverse=True, return_counts=True)
    quiet: BOOL = n[code] * STEP_WINDOW_US / span <= _BUSY
    return quiet


__all__ = ["BYTES_AN_ACCOUNT", "LOOKED_AT", "STRENGTH", "Forming", "hashes"]
