"""Rows of a log before they take a platform's own form: numbers only, one array a column."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

NONE = -1
"""No target, no text, no outcome; for a device or an address: what the account uses at that time anyway."""


@dataclass(frozen=True)
class Rows:
    """Events as parallel arrays of equal length."""

    time: Floats
    """Seconds since the start of the world, UTC."""
    account: Ints
    """Number of the account, 0 .. accounts - 1."""
    action: Ints
    """Index into the style's actions."""
    target: Ints
    """Space and number, see ``target_of``; NONE where the action has no target."""
    text: Ints
    """Below NONE: a text of ``Texts``; 0 or more: the seed of a text of one's own; NONE: no text."""
    device: Ints
    address: Ints
    """IPv4 as a number."""
    outcome: Ints
    """0 or 1: refused or accepted."""
    fleet: Ints
    """Number of the fleet whose controller made the event; NONE: made by the account's owner."""

    @classmethod
    def of(
        cls, time: Floats, account: npt.ArrayLike, action: npt.ArrayLike, target: npt.ArrayLike, **others: Any
    ) -> Self:
        """Build rows, spreading single values over all of them; columns that are not given are NONE."""
        columns = {"account": account, "action": action, "target": target, "text": NONE, "device": NONE}
        columns |= {"address": NONE, "outcome": NONE, "fleet": NONE} | others
        n = len(time)
        spread = {name: np.broadcast_to(np.asarray(v, dtype=np.int64), n) for name, v in columns.items()}
        return cls(time=np.asarray(time, dtype=np.float64), **spread)

    @classmethod
    def empty(cls) -> Self:
        """No rows."""
        return cls.of(np.empty(0), [], [], [])

    @classmethod
    def concat(cls, parts: Iterable[Rows]) -> Self:
        """Put rows one after the other."""
        chosen = [cls.empty(), *parts]
        names = [field.name for field in dataclasses.fields(cls)]
        return cls(**{name: np.concatenate([getattr(part, name) for part in chosen]) for name in names})

    def take(self, which: Mask | Ints) -> Self:
        """Keep the rows of a mask, or those of an index in its order."""
        return type(self)(**{f.name: getattr(self, f.name)[which] for f in dataclasses.fields(self)})

    def replace(self, **columns: npt.ArrayLike) -> Self:
        """Put other values into some columns."""
        spread = {k: np.broadcast_to(np.asarray(v, dtype=np.int64), len(self)) for k, v in columns.items()}
        return dataclasses.replace(self, **spread)  # type: ignore[arg-type]  # arrays, built by name

    def __len__(self) -> int:
        return len(self.time)


def mix(*parts: npt.ArrayLike) -> npt.NDArray[np.uint64]:
    """Hash whole numbers to 64 bits (splitmix64): a draw that depends on its arguments and on nothing else.

    What an account has or does "at that hour" is drawn so, and not from a generator: adding fleets to a world
    then leaves every innocent row as it was.
    """
    state: Any = np.uint64(0x9E3779B97F4A7C15)
    with np.errstate(over="ignore"):
        for part in parts:
            z = np.asarray(part).astype(np.int64).astype(np.uint64) + state
            z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            state = (z ^ (z >> np.uint64(31))) + np.uint64(0x9E3779B97F4A7C15)
    return np.asarray(np.atleast_1d(state), dtype=np.uint64)


def uniform(*parts: npt.ArrayLike) -> Floats:
    """Hash whole numbers to [0, 1)."""
    return (mix(*parts) >> np.uint64(11)) / float(1 << 53)
