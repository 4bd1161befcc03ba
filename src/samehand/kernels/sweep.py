"""Sweeps over traces: who is near whom on the same feature.

All kernels here take traces ordered by (feature, time, account) as three parallel arrays and handle the events in
``[start, stop)``; they look beyond that range for neighbours. A caller may therefore cut the work anywhere, run the
pieces on threads or machines, and add the results up.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from samehand.arrays import I32, I64

MOST_POWERS = 12
"""Powers of four that are told apart where densities are summed by size."""
NO_CAP = np.iinfo(np.int32).max
"""No density is larger."""
N_BINS = 8
"""Densities fall into bins by powers of four: 0, 1-3, 4-15, ..., 4096 and more."""


@njit(nogil=True, cache=True)
def density(
    account: I32, feature: I32, time: I64, window: int, start: int, stop: int, seen: I32, out: I32
) -> None:
    """Count, for each event, the events of other accounts on its feature within ``window`` on either side.

    Args:
        account: Account code of each event.
        feature: Feature code of each event.
        time: Microseconds.
        window: Microseconds, inclusive.
        start: First event to handle.
        stop: One past the last.
        seen: Scratch, zeros, one place an account; zeros again afterwards.
        out: Receives the counts at ``[start, stop)``.
    """
    n = len(time)
    lo = start
    while lo > 0 and feature[lo - 1] == feature[start] and time[start] - time[lo - 1] <= window:
        lo -= 1
    hi = lo
    for i in range(start, stop):
        if feature[lo] != feature[i]:
            while lo < hi:
                seen[account[lo]] -= 1
                lo += 1
            lo = i
            hi = i
        while hi < n and feature[hi] == feature[i] and time[hi] - time[i] <= window:
            seen[account[hi]] += 1
            hi += 1
        while time[i] - time[lo] > window:
            seen[account[lo]] -= 1
            lo += 1
        out[i] = hi - lo - seen[account[i]]
    while lo < hi:
        seen[account[lo]] -= 1
        lo += 1


@njit(nogil=True, inline="always")
def bin_of(count: int) -> int:
    """The bin of a density."""
    b = 0
    while count > 0 and b < N_BINS - 1:
        count >>= 2
        b += 1
    return b


@njit(nogil=True, cache=True)
def mean_share(part: I32, whole: I32) -> float:
    """Mean of part / whole over the places where the whole is above 0; 1 where there is none."""
    summed = 0.0
    n = 0
    for i in range(len(whole)):
        if whole[i] > 0:
            summed += part[i] / whole[i]
            n += 1
    return summed / n if n else 1.0


@njit(nogil=True, cache=True)
def sum_by_power(counts: I32) -> I64:
    """Sum up densities by their size: those up to 4, those up to 4**2, ..., at last all that are larger."""
    out = np.zeros(MOST_POWERS, np.int64)
    for count in counts:
        power = 0
        while power < MOST_POWERS - 1 and count > 4 << (2 * power):
            power += 1
        out[power] += count
    return out
