"""Runs of steps: what accounts do one thing after the other, and with which pauses."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from samehand.arrays import BOOL, I32, I64

_ODD: int = 0x9E3779B97F4A7C15
_MIX: int = 0xBF58476D1CE4E5B9


@njit(nogil=True, cache=True)
def hash_runs(
    first: I64,
    order: I32,
    action: I32,
    time: I64,
    n_steps: int,
    longest_pause: int,
    pauses_an_octave: int,
    whole: BOOL,
    hashes: I64,
) -> None:
    """Hash each run of steps of one account: its actions and rounded pauses.

    Args:
        first, order: Events by account, each account's in order of time: ``order[first[a] : first[a + 1]]``.
        action: Of each event, -1 for none.
        time: Microseconds.
        n_steps: Actions of a run, two or more.
        longest_pause: Microseconds; no run goes on after a pause so long.
        pauses_an_octave: How finely pauses are told apart, on a logarithmic scale of seconds.
        whole: Receives, by event, whether a run begins with it.
        hashes: Receives its hash there, 0 or more.
    """
    for a in range(len(first) - 1):
        since = first[a]
        for x in range(first[a], first[a + 1]):
            if x > first[a] and time[order[x]] - time[order[x - 1]] >= longest_pause:
                since = x
            if x - since < n_steps - 1:
                continue
            begin = x - n_steps + 1
            code = np.uint64(0)
            for y in range(begin, x + 1):
                code = _mixed(code, action[order[y]] + 1)
                if y < x:
                    pause = time[order[y + 1]] - time[order[y]]
                    octaves = math.log2(max(pause, 1) / 1e6 + 1) * pauses_an_octave
                    code = _mixed(code, round(octaves))
            whole[order[begin]] = True
            hashes[order[begin]] = np.int64(code)


@njit(nogil=True, inline="always")
def _mixed(code: np.uint64, more: int) -> np.uint64:
    """Mix another number into a hash (splitmix64, Steele, Lea and Flood 2014); equal numbers stay equal."""
    x = (code + np.uint64(more)) * np.uint64(_ODD)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(_MIX)
    return (x ^ (x >> np.uint64(31))) & np.uint64(0x7FFFFFFFFFFFFFFF)
