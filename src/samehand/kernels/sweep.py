"""Sweeps over traces: who is near whom on the same feature.

All kernels here take traces ordered by (feature, time, account) as three parallel arrays and handle the events in
``[start, stop)``; they look beyond that range for neighbours. A caller may therefore cut the work anywhere, run the
pieces on threads or machines, and add the results up.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
U8 = NDArray[np.uint8]
U64 = NDArray[np.uint64]

N_BINS = 8
"""Densities fall into bins by powers of four: 0, 1-3, 4-15, ..., 4096 and more."""

_MIX = np.uint64(0x9E3779B97F4A7C15)


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


@njit(nogil=True, cache=True)
def n_visits(feature: I32, time: I64, window: int, counts: I32, cap: int, start: int, stop: int) -> int:
    """Count the pairs of cold events that ``count_pairs`` would visit: the cost of a sweep, before paying it."""
    total = 0
    hi = start
    prefix_cold = 0  # cold events in (i, hi)
    n = len(time)
    for i in range(start, stop):
        if hi <= i:
            hi = i + 1
            prefix_cold = 0
        elif counts[i] <= cap:
            prefix_cold -= 1
        while hi < n and feature[hi] == feature[i] and time[hi] - time[i] <= window:
            prefix_cold += counts[hi] <= cap
            hi += 1
        if counts[i] <= cap:
            total += prefix_cold
    return total


@njit(nogil=True, inline="always")
def bin_of(count: int) -> int:
    """The bin of a density."""
    b = 0
    while count > 0 and b < N_BINS - 1:
        count >>= 2
        b += 1
    return b


@njit(nogil=True, cache=True)
def sum_by_bin(account: I32, counts: I32, cap: int, start: int, stop: int, out: F32) -> None:
    """Add up the densities of each account's events by bin, into ``out`` (accounts x bins).

    Events of a density above ``cap`` are left out, as they are when pairs are counted.
    """
    for i in range(start, stop):
        if counts[i] <= cap:
            out[account[i], bin_of(counts[i])] += counts[i]


@njit(nogil=True, inline="always")
def _key(a: int, b: int) -> np.uint64:
    if a < b:
        return (np.uint64(a) << np.uint64(32)) | np.uint64(b)
    return (np.uint64(b) << np.uint64(32)) | np.uint64(a)


@njit(nogil=True, inline="always")
def _slot(key: np.uint64, shift: np.uint64) -> np.uint64:
    # Fibonacci hashing, with the halves mixed first: account codes are small and dense.
    return ((key ^ (key >> np.uint64(29))) * _MIX) >> shift


@njit(nogil=True, cache=True)
def count_pairs(
    account: I32,
    feature: I32,
    time: I64,
    avoid: I32,
    window: int,
    counts: I32,
    cap: int,
    start: int,
    stop: int,
    table: U8,
    shift: np.uint64,
) -> None:
    """Add each co-action of two cold events to a table of saturating counters, by hash of the pair.

    A counter can only overcount (pairs that share a place, a pair that meets twice on one feature), so a pair whose
    counter stays below k has certainly fewer than k co-actions. Tables of several pieces add up.

    Args:
        account, feature, time, window, start, stop: As in ``density``.
        avoid: Events with equal values of at least 0 are no co-action (empty: all count).
        counts, cap: Density of each event, and the density up to which it may bring pairs.
        table: Counters, 2**bits of them.
        shift: 64 - bits.
    """
    n = len(time)
    use_avoid = len(avoid) > 0
    for i in range(start, stop):
        if counts[i] > cap:
            continue
        j = i + 1
        while j < n and feature[j] == feature[i] and time[j] - time[i] <= window:
            avoided = use_avoid and avoid[i] >= 0 and avoid[i] == avoid[j]
            if counts[j] <= cap and account[j] != account[i] and not avoided:
                slot = _slot(_key(account[i], account[j]), shift)
                if table[slot] < 255:
                    table[slot] += 1
            j += 1


@njit(nogil=True, cache=True)
def emit_pairs(
    account: I32,
    feature: I32,
    time: I64,
    avoid: I32,
    window: int,
    counts: I32,
    cap: int,
    start: int,
    stop: int,
    table: U8,
    shift: np.uint64,
    least: int,
    occasion: int,
    keys: U64,
    units: I64,
) -> int:
    """Write the co-actions whose counter reached ``least``; give their number, also where there is no room for all.

    Args:
        account, feature, time, avoid, window, start, stop, table, shift: As in ``count_pairs``.
        counts, cap: Density of each event, and the density up to which it may bring pairs.
        least: Fewest co-actions of a pair that is of interest.
        occasion: Microseconds; co-actions on one feature count anew in each occasion. 0: once on each feature.
        keys: Receives (smaller account << 32 | larger account).
        units: Receives (what the co-action counts for: feature, or feature and occasion) * N_BINS + bin of the larger
            of the two densities, in parallel.
    """
    n = len(time)
    use_avoid = len(avoid) > 0
    room = len(keys)
    n_out = 0
    for i in range(start, stop):
        if counts[i] > cap:
            continue
        j = i + 1
        while j < n and feature[j] == feature[i] and time[j] - time[i] <= window:
            avoided = use_avoid and avoid[i] >= 0 and avoid[i] == avoid[j]
            if counts[j] <= cap and account[j] != account[i] and not avoided:
                key = _key(account[i], account[j])
                if table[_slot(key, shift)] >= least:
                    if n_out < room:
                        keys[n_out] = key
                        unit = np.int64(feature[i])
                        if occasion > 0:
                            unit = (unit << 36) + time[i] // occasion
                        units[n_out] = unit * N_BINS + bin_of(max(counts[i], counts[j]))
                    n_out += 1
            j += 1
    return n_out


@njit(nogil=True, cache=True)
def count_units(keys: U64, units: I64, least: int, pair_keys: U64, by_bin: I32) -> int:
    """Count the distinct units of each key, by bin; a unit that comes in several bins counts in the lowest.

    Args:
        keys: Keys in ascending order.
        units: As from ``emit_pairs``, in parallel, in any order within a key.
        least: Keys of fewer distinct units are left out.
        pair_keys: Receives each key once.
        by_bin: Receives its numbers of units (keys x bins).

    Returns:
        Number of keys.
    """
    n_out = 0
    i = 0
    while i < len(keys):
        j = i + 1
        while j < len(keys) and keys[j] == keys[i]:
            j += 1
        if j - i >= least:
            run = np.sort(units[i:j])
            by_bin[n_out, :] = 0
            distinct = 0
            for x in range(len(run)):
                if x == 0 or run[x] // N_BINS != run[x - 1] // N_BINS:
                    by_bin[n_out, run[x] % N_BINS] += 1
                    distinct += 1
            if distinct >= least:
                pair_keys[n_out] = keys[i]
                n_out += 1
        i = j
    return n_out
