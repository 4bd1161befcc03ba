"""All pairs of rows that share a feature within a time window: the step that both tools have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from samehand.compat.ids import Flags, Integers
from samehand.errors import InputError

MAX_PAIRS: Final = 100_000_000
"""More pairs than this are refused: as a table they would fill the memory of an ordinary machine."""
_CHUNK: Final = 4_000_000


def with_a_neighbour(feature: Integers, time: npt.NDArray[np.float64], window_s: float) -> Integers:
    """Give the positions, ascending, of the rows that share their feature with another row within the window.

    >>> with_a_neighbour(np.array([1, 1, 1, 2]), np.array([0.0, 9.0, 30.0, 9.0]), 10)
    array([0, 1])
    """
    order = np.lexsort((time, feature))
    near = (feature[order[1:]] == feature[order[:-1]]) & (time[order[1:]] - time[order[:-1]] <= window_s)
    paired = np.zeros(len(order), dtype=np.bool_)
    paired[order[1:][near]] = True
    paired[order[:-1][near]] = True
    return np.flatnonzero(paired)


def last_within(feature: Integers, time: npt.NDArray[np.float64], window_s: float) -> Integers:
    """Give, for rows in order of feature and time, the last row of the feature at most ``window_s`` later.

    Compares ``later - earlier <= window_s`` in double precision, as the tools do. Found by bisection.

    >>> last_within(np.array([1, 1, 1, 2]), np.array([0.0, 5.0, 10.0, 10.0]), 5)
    array([1, 2, 2, 3])
    """
    n_rows = len(feature)
    borders = np.flatnonzero(feature[1:] != feature[:-1]) + 1
    begins = np.concatenate(([0], borders, [n_rows]))
    high = np.repeat(begins[1:] - 1, np.diff(begins))
    low = np.arange(n_rows)
    open_rows = np.flatnonzero(low < high)
    while len(open_rows):
        middle = (low[open_rows] + high[open_rows] + 1) // 2
        inside = time[middle] - time[open_rows] <= window_s
        low[open_rows[inside]] = middle[inside]
        high[open_rows[~inside]] = middle[~inside] - 1
        open_rows = open_rows[low[open_rows] < high[open_rows]]
    return low


def pairs_within(
    feature: Integers,
    time: npt.NDArray[np.float64],
    window_s: float,
    keep: Callable[[Integers, Integers], Flags],
) -> tuple[Integers, Integers]:
    """Give the pairs of rows with one feature within the window, in order of the first row, then the second.

    Args:
        feature: One code a row; rows are ordered by it, then by time.
        time: Seconds, finite.
        window_s: Largest difference, inclusive.
        keep: Told the first and the second row of many pairs at a time, says which to keep.

    Raises:
        InputError: More than MAX_PAIRS pairs would be kept.
    """
    last = last_within(feature, time, window_s)
    counts = last - np.arange(len(last))
    ends = np.cumsum(counts)
    parts: list[tuple[Integers, Integers]] = []
    n_kept = begin = 0
    while begin < len(counts):
        done = int(ends[begin - 1]) if begin else 0
        stop = max(begin + 1, int(np.searchsorted(ends, done + _CHUNK, side="right")))
        first = np.repeat(np.arange(begin, stop), counts[begin:stop])
        second = (
            first
            + 1
            + np.arange(done, done + len(first))
            - np.repeat(ends[begin:stop] - counts[begin:stop], counts[begin:stop])
        )
        kept = keep(first, second)
        parts.append((first[kept], second[kept]))
        n_kept += len(parts[-1][0])
        if n_kept > MAX_PAIRS:
            raise InputError(f"more than {MAX_PAIRS:,} pairs at this window", hint="a smaller --window")
        begin = stop
    empty = np.empty(0, dtype=np.int64)
    return np.concatenate([empty, *(p[0] for p in parts)]), np.concatenate([empty, *(p[1] for p in parts)])
