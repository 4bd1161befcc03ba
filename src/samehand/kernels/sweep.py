"""Sweeps over traces: who is near whom on the same feature.

All kernels here take traces ordered by (feature, time, account) as three parallel arrays and handle the events in
``[start, stop)``; they look beyond that range for neighbours. A caller may therefore cut the work anywhere, run the
pieces on threads or machines, and add the results up.
"""

from __future__ import annotations

from typing import Final

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
_MIX_ENTRIES = np.uint64(0xD6E8FEB86659FD93)
_NO_UNIT: Final = np.iinfo(np.int64).min


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
    part: int,
    part_shift: int,
    table: U8,
    shift: np.uint64,
) -> None:
    """Add each co-action of two cold events to a table of saturating counters, by hash of the pair.

    A counter can only overcount (pairs that share a place, a pair that meets twice on one feature), so a pair whose
    counter stays below k has certainly fewer than k co-actions. Tables of several pieces add up. The pairs fall into
    parts by the upper bits of their hash, each with a stretch of the table of its own, so that parts can be counted at
    the same time.

    Args:
        account, feature, time, window, start, stop: As in ``density``.
        avoid: Events with equal values of at least 0 are no co-action (empty: all count).
        counts, cap: Density of each event, and the density up to which it may bring pairs.
        part, part_shift: Only pairs with hash >> part_shift == part are counted.
        table: Counters, 2**bits of them.
        shift: 64 - bits.
    """
    n = len(time)
    use_avoid = len(avoid) > 0
    mine = np.uint64(part)
    to_part = np.uint64(part_shift)
    for i in range(start, stop):
        if counts[i] > cap:
            continue
        j = i + 1
        while j < n and feature[j] == feature[i] and time[j] - time[i] <= window:
            avoided = use_avoid and avoid[i] >= 0 and avoid[i] == avoid[j]
            if counts[j] <= cap and account[j] != account[i] and not avoided:
                slot = _slot(_key(account[i], account[j]), shift)
                if slot >> to_part == mine and table[slot] < 255:
                    table[slot] += 1
            j += 1


@njit(nogil=True, cache=True)
def collect_pairs(
    account: I32,
    feature: I32,
    time: I64,
    avoid: I32,
    window: int,
    counts: I32,
    cap: int,
    start: int,
    stop: int,
    part: int,
    part_shift: int,
    table: U8,
    shift: np.uint64,
    least: int,
    n_expected: int,
    occasion: int,
) -> tuple[U64, I32]:
    """Count the distinct features on which each pair of a part co-acts, by bin of the larger of the two densities.

    A feature on which a pair meets several times counts once, in the lowest of its bins. Only pairs whose counter
    reached ``least`` are looked at, and only those with that many distinct features are given back.

    Args:
        account, feature, time, avoid, window, counts, cap, start, stop, part, part_shift: As in ``count_pairs``.
        table, shift: As filled by ``count_pairs``, all parts and pieces of it.
        least: Fewest distinct features of a pair that is of interest; at least 1.
        n_expected: About how many pairs there are, to make room at once.
        occasion: Microseconds; co-actions on one feature count anew in each occasion. 0: once on each feature.

    Returns:
        Keys (smaller account << 32 | larger account) and numbers of features (keys x N_BINS), in no order.
    """
    n = len(time)
    use_avoid = len(avoid) > 0
    mine = np.uint64(part)
    to_part = np.uint64(part_shift)
    bits = 12
    while (1 << bits) < 2 * n_expected:
        bits += 1
    # An open hash table; an entry is: key, last unit and its bin, and eight counters of 16 bits in two words. A pair
    # meets on one unit (feature, or feature and occasion) in one stretch of the sweep, so the last unit is enough.
    entries = np.zeros((1 << bits, 4), np.int64)
    n_used = 0
    for i in range(start, stop):
        if counts[i] > cap:
            continue
        unit = np.int64(feature[i])
        if occasion > 0:
            unit = (unit << 34) + time[i] // occasion
        j = i + 1
        while j < n and feature[j] == feature[i] and time[j] - time[i] <= window:
            avoided = use_avoid and avoid[i] >= 0 and avoid[i] == avoid[j]
            if counts[j] <= cap and account[j] != account[i] and not avoided:
                key = _key(account[i], account[j])
                slot = _slot(key, shift)
                if slot >> to_part == mine and table[slot] >= least:
                    e = _find(entries, np.int64(key), bits)
                    if entries[e, 0] == 0:
                        entries[e, 0] = key
                        entries[e, 1] = _NO_UNIT
                        n_used += 1
                    _add(entries, e, int(unit), bin_of(max(counts[i], counts[j])))
                    if 2 * n_used > len(entries):
                        bits += 1
                        entries = _grow(entries, bits)
            j += 1
    return _unpack(entries, least)


@njit(nogil=True, inline="always")
def _find(entries: I64, key: np.int64, bits: int) -> np.int64:
    """Place of a key in the hash table, or the free place where it belongs. No key is 0: 0 would be account 0 twice."""
    # Another hash than that of the counters: the pairs of one part have the same upper bits there.
    mixed = (np.uint64(key) ^ (np.uint64(key) >> np.uint64(31))) * _MIX_ENTRIES
    e = np.int64(mixed >> np.uint64(64 - bits))
    while entries[e, 0] != 0 and entries[e, 0] != key:
        e = (e + 1) & (len(entries) - 1)
    return e


@njit(nogil=True, inline="always")
def _add(entries: I64, e: np.int64, unit: int, b: int) -> None:
    """Count a unit at an entry, or move it to a lower bin if it is the one counted last."""
    last = entries[e, 1]
    if last != _NO_UNIT and last >> 3 == unit:
        if b >= last & 7:
            return
        entries[e, 2 + ((last & 7) >> 2)] -= np.int64(1) << (((last & 7) & 3) * 16)
    entries[e, 1] = (unit << 3) | b
    word, shift = 2 + (b >> 2), (b & 3) * 16
    if (entries[e, word] >> shift) & 0xFFFF < 0x7FFF:
        entries[e, word] += np.int64(1) << shift


@njit(nogil=True, cache=True)
def _grow(entries: I64, bits: int) -> I64:
    larger = np.zeros((1 << bits, 4), np.int64)
    for e in range(len(entries)):
        if entries[e, 0] != 0:
            larger[_find(larger, entries[e, 0], bits)] = entries[e]
    return larger


@njit(nogil=True, cache=True)
def _unpack(entries: I64, least: int) -> tuple[U64, I32]:
    """Keys and counts by bin of the entries with enough units."""
    n_kept = 0
    for e in range(len(entries)):
        total = 0
        for b in range(N_BINS):
            total += (entries[e, 2 + (b >> 2)] >> ((b & 3) * 16)) & 0xFFFF
        entries[e, 1] = total
        n_kept += total >= least and entries[e, 0] != 0
    keys = np.empty(n_kept, np.uint64)
    by_bin = np.empty((n_kept, N_BINS), np.int32)
    n = 0
    for e in range(len(entries)):
        if entries[e, 0] != 0 and entries[e, 1] >= least:
            keys[n] = entries[e, 0]
            for b in range(N_BINS):
                by_bin[n, b] = (entries[e, 2 + (b >> 2)] >> ((b & 3) * 16)) & 0xFFFF
            n += 1
    return keys, by_bin
