"""Who was near whom, one account after the other.

Kernels here take traces ordered by (feature, time, account) and the same traces gathered by account: the events of
account a are ``order[first[a] : first[a + 1]]``, in that order. They handle one range of accounts, so that pieces can
run on threads. An account has few neighbours beside the log's size, so what is counted of them stays in the cache.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from samehand.kernels.pairs import local_test
from samehand.kernels.sweep import N_BINS, bin_of

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]

NO_UNIT: Final = np.iinfo(np.int64).min
_MIX = np.uint64(0x9E3779B97F4A7C15)


@njit(nogil=True, cache=True)
def collect_pairs(
    account: I32,
    feature: I32,
    time: I64,
    avoid: I32,
    first: I64,
    order: I32,
    window: int,
    counts: I32,
    cap: int,
    occasion: int,
    begin: int,
    end: int,
    mass: F32,
    limit: float,
) -> tuple[I32, I32, I32, F64, F64]:
    """Find the pairs with two co-actions or more that are surprising against the density around each of the two.

    Args:
        account, feature, time: Of each event.
        avoid: Events with equal values of at least 0 are no co-action (empty: all count).
        first, order: Events by account.
        window: Microseconds, inclusive.
        counts, cap: Density of each event, and the density up to which it may bring pairs.
        occasion: Microseconds, no fewer than the window; co-actions on one feature count anew in each occasion. 0: once
            on each feature.
        begin, end: Pairs whose smaller account is in ``[begin, end)`` are found.
        mass: Summed density of each account's events by bin, as from ``sweep.sum_by_bin``.
        limit: Natural log of the largest p-value that is of interest.

    Returns:
        Both accounts, the co-actions by bin of density (pairs x N_BINS), the log p-values and the expected numbers; in
        order of the smaller account.
    """
    use_avoid = len(avoid) > 0
    table = np.zeros(256, np.int32)
    partner, units, numbers = _room(256)
    found_a, found_b = np.empty(1024, np.int32), np.empty(1024, np.int32)
    found_bins = np.empty((1024, N_BINS), np.int32)
    found_p, found_rate = np.empty(1024, np.float64), np.empty(1024, np.float64)
    n_found = 0
    for a in range(begin, end):
        bits = 6
        table[:64] = 0
        n = 0
        for x in range(first[a], first[a + 1]):
            i = order[x]
            if counts[i] == 0 or counts[i] > cap:
                continue
            for step in (-1, 1):
                j = i + step
                while 0 <= j < len(time) and feature[j] == feature[i] and abs(time[j] - time[i]) <= window:
                    b = account[j]
                    if (
                        b > a
                        and counts[j] <= cap
                        and not (use_avoid and avoid[i] >= 0 and avoid[i] == avoid[j])
                    ):
                        slot = _slot_of(table, bits, partner, b)
                        if table[slot] == 0:
                            if n == len(partner):
                                partner, units, numbers = _more_room(partner, units, numbers)
                            partner[n] = b
                            units[n, 0] = NO_UNIT
                            units[n, 2] = NO_UNIT
                            numbers[n, :] = 0
                            n += 1
                            table[slot] = n
                            if 2 * n > 1 << bits:
                                bits += 1
                                table = _rehash(table, bits, partner, n)
                            at = n - 1
                        else:
                            at = table[slot] - 1
                        unit = np.int64(feature[i])
                        if occasion > 0:
                            unit = (unit << 34) + min(time[i], time[j]) // occasion
                        _count_unit(units[at], numbers[at], int(unit), bin_of(max(counts[i], counts[j])))
                    j += step
        for at in range(n):
            if numbers[at].sum() < 2:
                continue
            log_p, rate = local_test(
                numbers[at],
                mass[a],
                mass[partner[at]],
                first[a + 1] - first[a],
                first[partner[at] + 1] - first[partner[at]],
                len(time),
                limit,
            )
            if log_p > limit:
                continue
            if n_found == len(found_a):
                found_a, found_b = _twice(found_a), _twice(found_b)
                found_p, found_rate = _twice(found_p), _twice(found_rate)
                wider = np.empty((2 * n_found, N_BINS), np.int32)
                wider[:n_found] = found_bins
                found_bins = wider
            found_a[n_found], found_b[n_found] = a, partner[at]
            found_bins[n_found] = numbers[at]
            found_p[n_found], found_rate[n_found] = log_p, rate
            n_found += 1
    return found_a[:n_found], found_b[:n_found], found_bins[:n_found], found_p[:n_found], found_rate[:n_found]


@njit(nogil=True, inline="always")
def _slot_of(table: I32, bits: int, partner: I32, b: int) -> np.int64:
    """Place of an account in the table, or the free place where it belongs."""
    slot = np.int64((np.uint64(b) * _MIX) >> np.uint64(64 - bits))
    while table[slot] != 0 and partner[table[slot] - 1] != b:
        slot = (slot + 1) & ((1 << bits) - 1)
    return slot


@njit(nogil=True, cache=True)
def _rehash(table: I32, bits: int, partner: I32, n: int) -> I32:
    if len(table) < 1 << bits:
        table = np.zeros(1 << bits, np.int32)
    table[: 1 << bits] = 0
    for at in range(n):
        table[_slot_of(table, bits, partner, partner[at])] = at + 1
    return table


@njit(nogil=True, cache=True)
def _room(n: int) -> tuple[I32, I64, I32]:
    return np.empty(n, np.int32), np.empty((n, 4), np.int64), np.empty((n, N_BINS), np.int32)


@njit(nogil=True, cache=True)
def _more_room(partner: I32, units: I64, numbers: I32) -> tuple[I32, I64, I32]:
    n = len(partner)
    wider = _room(2 * n)
    wider[0][:n] = partner
    wider[1][:n] = units
    wider[2][:n] = numbers
    return wider


@njit(nogil=True)
def _twice(some: NDArray[Any]) -> NDArray[Any]:
    wider = np.empty(2 * len(some), some.dtype)
    wider[: len(some)] = some
    return wider


@njit(nogil=True, inline="always")
def _count_unit(units: I64, numbers: I32, unit: int, b: int) -> None:
    """Count a unit once, in the lowest of its bins.

    Units come in order but for one step back: where the earlier event is the other account's, the occasion before. So
    the last two are enough to know (unit, bin, unit before, bin).
    """
    if unit == units[0]:
        if b < units[1]:
            numbers[units[1]] -= 1
            numbers[b] += 1
            units[1] = b
    elif unit == units[2]:
        if b < units[3]:
            numbers[units[3]] -= 1
            numbers[b] += 1
            units[3] = b
    else:
        numbers[b] += 1
        if unit > units[0]:
            units[2], units[3] = units[0], units[1]
            units[0], units[1] = unit, b
        else:
            units[2], units[3] = unit, b


@njit(nogil=True, cache=True)
def take_out(
    account: I32,
    feature: I32,
    time: I64,
    first: I64,
    order: I32,
    who: I32,
    who_first: I64,
    partner: I32,
    window: int,
    begin: int,
    end: int,
    counts: I32,
) -> None:
    """Take the events of suspects out of each other's density, so that they are not their own background.

    Args:
        account, feature, time, first, order, window: As in ``collect_pairs``.
        who: Accounts with suspects.
        who_first, partner: The suspects of ``who[r]`` are ``partner[who_first[r] : who_first[r + 1]]``.
        begin, end: Handles ``who[begin:end]``.
        counts: Density of each event within the window; changed in place.
    """
    mark = np.full(len(first) - 1, -1, np.int32)
    for r in range(begin, end):
        for x in range(who_first[r], who_first[r + 1]):
            mark[partner[x]] = r
        for x in range(first[who[r]], first[who[r] + 1]):
            i = order[x]
            for step in (-1, 1):
                j = i + step
                while 0 <= j < len(time) and feature[j] == feature[i] and abs(time[j] - time[i]) <= window:
                    counts[i] -= mark[account[j]] == r
                    j += step


@njit(nogil=True, cache=True)
def count_shared(
    account: I32,
    feature: I32,
    time: I64,
    avoid: I32,
    first: I64,
    order: I32,
    who: I32,
    who_first: I64,
    partner: I32,
    window: int,
    counts: I32,
    original: I32,
    cap: int,
    occasion: int,
    begin: int,
    end: int,
    by_bin: I32,
) -> None:
    """Count chosen pairs' co-actions again, by bin of the densities given here.

    Args:
        account, feature, time, avoid, first, order, window, occasion: As in ``collect_pairs``.
        who, who_first, partner: Pairs, by their first account: ``who[r]`` with each of
            ``partner[who_first[r] : who_first[r + 1]]``.
        counts: Density of each event, by which the co-actions are binned.
        original, cap: Density by which events take part at all, and up to which.
        begin, end: Handles ``who[begin:end]``.
        by_bin: Receives the numbers, in parallel with ``partner`` (pairs x N_BINS); zeros before.
    """
    use_avoid = len(avoid) > 0
    place = np.full(len(first) - 1, -1, np.int64)
    units = np.empty((len(partner), 4), np.int64)
    for r in range(begin, end):
        for x in range(who_first[r], who_first[r + 1]):
            place[partner[x]] = x
            units[x, 0] = NO_UNIT
            units[x, 2] = NO_UNIT
        for x in range(first[who[r]], first[who[r] + 1]):
            i = order[x]
            if original[i] > cap:
                continue
            for step in (-1, 1):
                j = i + step
                while 0 <= j < len(time) and feature[j] == feature[i] and abs(time[j] - time[i]) <= window:
                    at = place[account[j]]
                    avoided = use_avoid and avoid[i] >= 0 and avoid[i] == avoid[j]
                    if at >= 0 and original[j] <= cap and not avoided:
                        unit = np.int64(feature[i])
                        if occasion > 0:
                            unit = (unit << 34) + min(time[i], time[j]) // occasion
                        _count_unit(units[at], by_bin[at], int(unit), bin_of(max(counts[i], counts[j])))
                    j += step
        for x in range(who_first[r], who_first[r + 1]):
            place[partner[x]] = -1
