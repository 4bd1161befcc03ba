"""Who was near whom, one account after the other.

Kernels here take traces ordered by (feature, time, account) and the same traces gathered by account: the events of
account a are ``order[first[a] : first[a + 1]]``, in that order. They handle one range of accounts, so that pieces can
run on threads. An account has few neighbours beside the log's size, so what is counted of them stays in the cache.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from samehand.kernels.pairs import local_test
from samehand.kernels.sweep import N_BINS, bin_of

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
U8 = NDArray[np.uint8]

NO_UNIT: Final = np.iinfo(np.int64).min
MOST_TALLY_BITS: Final = 22
HOT: Final = 15
"""Instead of a bin: the event is in too crowded a moment to take part."""
_MIX = np.uint64(0x9E3779B97F4A7C15)


@njit(nogil=True, cache=True)
def lay_out(feature: I32, time: I64, window: int) -> I64:
    """Lay the features end to end on one line, such that events are near on it just where they are near in the log.

    Two events are on one feature and within the window of each other if, and only if, their places on the line are
    within the window. Reading one number instead of two halves the trips to memory. On a very long line the numbers
    wrap around; differences of neighbours, which is all that is asked of them, stay right.

    Args:
        feature, time: Of each event, in order.
        window: Microseconds.
    """
    line = np.zeros(len(time), np.int64)
    for i in range(1, len(time)):
        gap = window + 1
        if feature[i] == feature[i - 1]:
            gap = min(gap, time[i] - time[i - 1])
        line[i] = line[i - 1] + gap
    return line


@njit(nogil=True, cache=True)
def label(account: I32, counts: I32, cap: int) -> I64:
    """Pack what a sweep reads of a neighbour into one number: its account * 16 + the bin of its density.

    Args:
        account: Of each event.
        counts, cap: Density of each event; the bin is 15 where it is above the cap.
    """
    labels = np.empty(len(account), np.int64)
    for i in range(len(account)):
        labels[i] = np.int64(account[i]) << 4 | (bin_of(counts[i]) if counts[i] <= cap else HOT)
    return labels


@njit(nogil=True, cache=True)
def collect_pairs(
    line: I64,
    labels: I64,
    feature: I32,
    time: I64,
    avoid: I32,
    first: I64,
    order: I32,
    n_events: I64,
    n_around: I64,
    window: int,
    occasion: int,
    begin: int,
    end: int,
    mass: F32,
    limit: float,
) -> tuple[I32, I32, I32, F64, F64]:
    """Find the pairs with two co-actions or more that are surprising against the density around each of the two.

    Args:
        line: As from ``lay_out``, for this window.
        labels: As from ``label``.
        feature, time: Of each event.
        avoid: Events with equal values of at least 0 are no co-action (empty: all count).
        first, order: Events that take part, by account.
        n_events: All events of each account.
        n_around: Sum of the densities of each account's events that take part.
        window: Microseconds, inclusive.
        occasion: Microseconds, no fewer than the window; co-actions on one feature count anew in each occasion. 0: once
            on each feature.
        begin, end: Pairs whose smaller account is in ``[begin, end)`` are found.
        mass: Summed density of each account's events by bin, as from ``sweep.sum_by_bin``.
        limit: Natural log of the largest p-value that is of interest.

    Returns:
        Both accounts, the co-actions by bin of density (pairs x N_BINS), the log p-values and the expected numbers; in
        order of the smaller account.
    """
    tally = np.zeros(256, np.uint8)
    table = np.zeros(512, np.int32)
    partner, units, numbers = _room(256)
    scratch = np.empty((3, N_BINS), np.float64)
    found_a, found_b, found_bins, found_p, found_rate = _room_for_found(1024)
    n_found = 0
    for a in range(begin, end):
        if n_around[a] < 2:
            continue
        bits = 6
        while 1 << bits < 2 * n_around[a] and bits < MOST_TALLY_BITS:
            bits += 1
        if len(tally) < 1 << bits:
            tally = np.zeros(1 << bits, np.uint8)
        n_most = _tally(line, labels, first, order, window, a, tally, bits)
        table_bits = 6
        while 1 << table_bits < 2 * n_most:
            table_bits += 1
        if len(partner) < n_most:
            partner, units, numbers = _room(2 * n_most)
        if len(table) < 1 << table_bits:
            table = np.zeros(1 << table_bits, np.int32)
        n = _look_closer(
            line, labels, feature, time, avoid, first, order, window, occasion, a,
            tally, bits, table, table_bits, partner, units, numbers,
        )  # fmt: skip
        if n_found + n > len(found_a):
            more = _room_for_found(2 * (n_found + n))
            more[0][:n_found], more[1][:n_found] = found_a[:n_found], found_b[:n_found]
            more[2][:n_found] = found_bins[:n_found]
            more[3][:n_found], more[4][:n_found] = found_p[:n_found], found_rate[:n_found]
            found_a, found_b, found_bins, found_p, found_rate = more
        n_found = _test_partners(
            a, n, partner, numbers, mass, n_events, len(line), limit, scratch,
            n_found, found_a, found_b, found_bins, found_p, found_rate,
        )  # fmt: skip
    return found_a[:n_found], found_b[:n_found], found_bins[:n_found], found_p[:n_found], found_rate[:n_found]


@njit(nogil=True, cache=True)
def _room_for_found(n: int) -> tuple[I32, I32, I32, F64, F64]:
    bins = np.empty((n, N_BINS), np.int32)
    return (
        np.empty(n, np.int32),
        np.empty(n, np.int32),
        bins,
        np.empty(n, np.float64),
        np.empty(n, np.float64),
    )


@njit(nogil=True, cache=True)
def _tally(line: I64, labels: I64, first: I64, order: I32, window: int, a: int, tally: U8, bits: int) -> int:
    """Count an account's meetings by a hash of the other account, in ``tally``.

    A counter can only overcount, so who meets a counter below 2 has certainly met the account but once. Most have, and
    need not be looked at closer.

    Returns:
        Number of meetings that have to be looked at.
    """
    beyond = ((a + 1) << 4) - 1
    tally[: 1 << bits] = 0
    n = 0
    for x in range(first[a], first[a + 1]):
        i = np.int64(order[x])
        for step in (-1, 1):
            j = i + step
            while 0 <= j < len(line) and abs(line[j] - line[i]) <= window:
                if labels[j] > beyond and labels[j] & 15 != HOT:
                    at = _place(labels[j] >> 4, bits)
                    n += (tally[at] > 0) + (tally[at] == 1)  # the second meeting brings the first along
                    tally[at] = 2 - (tally[at] == 0)
                j += step
    return n


@njit(nogil=True, cache=True)
def _look_closer(
    line: I64,
    labels: I64,
    feature: I32,
    time: I64,
    avoid: I32,
    first: I64,
    order: I32,
    window: int,
    occasion: int,
    a: int,
    tally: U8,
    tally_bits: int,
    table: I32,
    bits: int,
    partner: I32,
    units: I64,
    numbers: I32,
) -> int:
    """Count an account's co-actions with each account that the tally has twice; give the number of such accounts.

    No array grows here: where one may, each access to it costs more than all the rest.
    """
    beyond = ((a + 1) << 4) - 1
    use_avoid = len(avoid) > 0
    table[: 1 << bits] = 0
    n = 0
    for x in range(first[a], first[a + 1]):
        i = np.int64(order[x])
        own_bin = labels[i] & 15
        for step in (-1, 1):
            j = i + step
            while 0 <= j < len(line) and abs(line[j] - line[i]) <= window:
                met = labels[j] > beyond and labels[j] & 15 != HOT
                avoided = use_avoid and avoid[i] >= 0 and avoid[i] == avoid[j]
                if met and not avoided and tally[_place(labels[j] >> 4, tally_bits)] >= 2:
                    slot = _place(labels[j] >> 4, bits)
                    while table[slot] != 0 and partner[table[slot] - 1] != labels[j] >> 4:
                        slot = (slot + 1) & ((1 << bits) - 1)
                    if table[slot] == 0:
                        partner[n] = labels[j] >> 4
                        units[n, 0] = NO_UNIT
                        units[n, 2] = NO_UNIT
                        for z in range(N_BINS):
                            numbers[n, z] = 0
                        n += 1
                        table[slot] = n
                    unit = np.int64(feature[i])
                    if occasion > 0:
                        unit = (unit << 34) + min(time[i], time[j]) // occasion
                    at = table[slot] - 1
                    _count_unit(units, at, numbers, at, int(unit), int(max(own_bin, labels[j] & 15)))
                j += step
    return n


@njit(nogil=True, cache=True)
def _test_partners(
    a: int,
    n: int,
    partner: I32,
    numbers: I32,
    mass: F32,
    n_events: I64,
    total: int,
    limit: float,
    scratch: F64,
    n_found: int,
    found_a: I32,
    found_b: I32,
    found_bins: I32,
    found_p: F64,
    found_rate: F64,
) -> int:
    """Test an account with each of its partners; write down those of interest and give the new number of all found."""
    for at in range(n):
        n_units = 0
        for z in range(N_BINS):
            n_units += numbers[at, z]
        if n_units < 2:
            continue
        log_p, rate = local_test(numbers, at, mass, n_events, a, partner[at], total, limit, scratch)
        if log_p > limit:
            continue
        found_a[n_found], found_b[n_found] = a, partner[at]
        for z in range(N_BINS):
            found_bins[n_found, z] = numbers[at, z]
        found_p[n_found], found_rate[n_found] = log_p, rate
        n_found += 1
    return n_found


@njit(nogil=True, inline="always")
def _place(b: int, bits: int) -> np.int64:
    return np.int64((np.uint64(b) * _MIX) >> np.uint64(64 - bits))


@njit(nogil=True, cache=True)
def _room(n: int) -> tuple[I32, I64, I32]:
    return np.empty(n, np.int32), np.empty((n, 4), np.int64), np.empty((n, N_BINS), np.int32)


@njit(nogil=True, inline="always")
def _count_unit(units: I64, at: int, numbers: I32, into: int, unit: int, b: int) -> None:
    """Count a unit once, in the lowest of its bins.

    Units come in order but for one step back: where the earlier event is the other account's, the occasion before. So
    the last two are enough to know (unit, bin, unit before, bin). Tables and places are passed, not rows of tables: to
    take a row is dearer than all the rest.
    """
    if unit == units[at, 0]:
        if b < units[at, 1]:
            numbers[into, units[at, 1]] -= 1
            numbers[into, b] += 1
            units[at, 1] = b
    elif unit == units[at, 2]:
        if b < units[at, 3]:
            numbers[into, units[at, 3]] -= 1
            numbers[into, b] += 1
            units[at, 3] = b
    else:
        numbers[into, b] += 1
        if unit > units[at, 0]:
            units[at, 2], units[at, 3] = units[at, 0], units[at, 1]
            units[at, 0], units[at, 1] = unit, b
        else:
            units[at, 2], units[at, 3] = unit, b


@njit(nogil=True, cache=True)
def take_out(
    line: I64,
    account: I32,
    first: I64,
    order: I32,
    who: I32,
    who_first: I64,
    partner: I32,
    window: int,
    cap: int,
    begin: int,
    end: int,
    counts: I32,
) -> None:
    """Take the events of suspects out of each other's density, so that they are not their own background.

    Args:
        line, window: As in ``collect_pairs``.
        account: Of each event.
        first, order: Events by account.
        who: Accounts with suspects.
        who_first, partner: The suspects of ``who[r]`` are ``partner[who_first[r] : who_first[r + 1]]``.
        cap: Events of a higher density are left as they are: they take no part.
        begin, end: Handles ``who[begin:end]``.
        counts: Density of each event within the window; changed in place.
    """
    mark = np.full(len(first) - 1, -1, np.int32)
    for r in range(begin, end):
        for x in range(who_first[r], who_first[r + 1]):
            mark[partner[x]] = r
        for x in range(first[who[r]], first[who[r] + 1]):
            i = order[x]
            if counts[i] > cap:
                continue
            for step in (-1, 1):
                j = i + step
                while 0 <= j < len(line) and abs(line[j] - line[i]) <= window:
                    counts[i] -= mark[account[j]] == r
                    j += step


@njit(nogil=True, cache=True)
def count_shared(
    line: I64,
    labels: I64,
    counts: I32,
    feature: I32,
    time: I64,
    avoid: I32,
    first: I64,
    order: I32,
    who: I32,
    who_first: I64,
    partner: I32,
    window: int,
    occasion: int,
    begin: int,
    end: int,
    by_bin: I32,
) -> None:
    """Count chosen pairs' co-actions again, by bin of the densities given here.

    Args:
        line, labels, feature, time, avoid, window, occasion: As in ``collect_pairs``.
        counts: Density of each event, by which the co-actions are binned; ``labels`` say which of them take part.
        first, order: Events by account.
        who, who_first, partner: Pairs, by their first account: ``who[r]`` with each of
            ``partner[who_first[r] : who_first[r + 1]]``.
        begin, end: Handles ``who[begin:end]``.
        by_bin: Receives the numbers, in parallel with ``partner`` (pairs x N_BINS); zeros before.
    """
    use_avoid = len(avoid) > 0
    place = np.full(len(first) - 1, -1, np.int64)
    units = np.empty((who_first[end] - who_first[begin], 4), np.int64)
    for r in range(begin, end):
        for x in range(who_first[r], who_first[r + 1]):
            place[partner[x]] = x
            units[x - who_first[begin], 0] = NO_UNIT
            units[x - who_first[begin], 2] = NO_UNIT
        for x in range(first[who[r]], first[who[r] + 1]):
            i = order[x]
            if labels[i] & 15 == HOT:
                continue
            for step in (-1, 1):
                j = i + step
                while 0 <= j < len(line) and abs(line[j] - line[i]) <= window:
                    at = place[labels[j] >> 4]
                    avoided = use_avoid and avoid[i] >= 0 and avoid[i] == avoid[j]
                    if at >= 0 and labels[j] & 15 != HOT and not avoided:
                        unit = np.int64(feature[i])
                        if occasion > 0:
                            unit = (unit << 34) + min(time[i], time[j]) // occasion
                        b = bin_of(max(counts[i], counts[j]))
                        _count_unit(units, at - who_first[begin], by_bin, at, int(unit), b)
                    j += step
        for x in range(who_first[r], who_first[r + 1]):
            place[partner[x]] = -1
