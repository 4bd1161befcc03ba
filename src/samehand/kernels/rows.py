"""Who was near whom, one account after the other.

Kernels here take traces ordered by (feature, time, account) and the same traces gathered by account: the events of
account a are ``order[first[a] : first[a + 1]]``, in that order. They handle one range of accounts, so that pieces can
run on threads. An account has few neighbours beside the log's size, so what is counted of them stays in the cache.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit

from samehand.arrays import F32, F64, I32, I64, U8
from samehand.kernels.pairs import local_test
from samehand.kernels.sweep import N_BINS, bin_of
from samehand.kernels.units import NO_UNIT, Exempt, count_unit, is_exempt, unit_of, units_an_event

MOST_TALLY_BITS: Final = 22
HOT: Final = 15
"""Instead of a bin: the event is in too crowded a moment to take part."""
_MIX = np.uint64(0x9E3779B97F4A7C15)


@njit(nogil=True, cache=True)
def reach(feature: I32, time: I64, window: int, lowest: I32, highest: I32) -> None:
    """Find the first and the last event within the window of each event on its feature.

    Args:
        feature, time: Of each event, in order.
        window: Microseconds, inclusive.
        lowest, highest: Receive the places.
    """
    n = len(time)
    lo = 0
    hi = 0
    for i in range(n):
        while feature[lo] != feature[i] or time[i] - time[lo] > window:
            lo += 1
        hi = max(hi, i)
        while hi + 1 < n and feature[hi + 1] == feature[i] and time[hi + 1] - time[i] <= window:
            hi += 1
        lowest[i], highest[i] = lo, hi


@njit(nogil=True, cache=True)
def label(account: I32, counts: I32, cap: int, labels: I32) -> None:
    """Pack what a sweep reads of a neighbour into one number: its account * 16 + the bin of its density.

    Args:
        account: Of each event.
        counts, cap: Density of each event; the bin is 15 where it is above the cap.
        labels: Receives the numbers; an array of 64-bit integers, where there are more than 2**27 accounts.
    """
    for i in range(len(account)):
        labels[i] = np.int64(account[i]) << 4 | (bin_of(counts[i]) if counts[i] <= cap else HOT)


@njit(nogil=True, cache=True)
def collect_pairs(
    labels: I32,
    feature: I32,
    time: I64,
    exempt: Exempt,
    first: I64,
    order: I32,
    lowest: I32,
    highest: I32,
    n_events: I64,
    n_around: I64,
    occasion: int,
    begin: int,
    end: int,
    mass: F32,
    limit: float,
) -> tuple[I32, I32, I32, F64, F64]:
    """Find the pairs with two co-actions or more that are surprising against the density around each of the two.

    Args:
        labels: As from ``label``.
        feature, time: Of each event.
        exempt: What is no co-action.
        first, order: Events that take part, by account.
        lowest, highest: As from ``reach``, in parallel with ``order``.
        n_events: All events of each account.
        n_around: Sum of the densities of each account's events that take part.
        occasion: Microseconds, no fewer than the window; co-actions on one feature count anew in each occasion. 0: once
            on each feature.
        begin, end: Pairs whose smaller account is in ``[begin, end)`` are found.
        mass: Summed density and number of each account's events by bin, as from ``taking.sum_by_bin``.
        limit: Natural log of the largest p-value that is of interest.

    Returns:
        Both accounts, the co-actions by bin of density (pairs x N_BINS), the log p-values and the expected numbers; in
        order of the smaller account.
    """
    tally = np.zeros(256, np.uint8)
    table = np.zeros(512, np.int32)
    partner, units, numbers = _room(256)
    own, near, near_label = _room_for_meetings(256, labels)
    scratch = np.empty((5, N_BINS), np.float64)
    found_a, found_b, found_bins, found_p, found_rate = _room_for_found(1024)
    n_found = 0
    for a in range(begin, end):
        if n_around[a] < 2:
            continue
        if len(near) <= n_around[a]:
            own, near, near_label = _room_for_meetings(2 * n_around[a], labels)
        n_met = _meet(labels, first, order, lowest, highest, a, own, near, near_label)
        bits = 6
        while 1 << bits < 8 * n_met and bits < MOST_TALLY_BITS:
            bits += 1
        if len(tally) < 1 << bits:
            tally = np.zeros(1 << bits, np.uint8)
        n_most = _tally(near_label, n_met, tally, bits)
        table_bits = 6
        while 1 << table_bits < 2 * n_most:
            table_bits += 1
        if len(partner) < n_most:
            partner, units, numbers = _room(2 * n_most)
        if len(table) < 1 << table_bits:
            table = np.zeros(1 << table_bits, np.int32)
        n = _look_closer(
            own, near, near_label, n_met, labels, feature, time, exempt, occasion,
            tally, bits, table, table_bits, partner, units, numbers,
        )  # fmt: skip
        if n_found + n > len(found_a):
            more = _room_for_found(2 * (n_found + n))
            more[0][:n_found], more[1][:n_found] = found_a[:n_found], found_b[:n_found]
            more[2][:n_found] = found_bins[:n_found]
            more[3][:n_found], more[4][:n_found] = found_p[:n_found], found_rate[:n_found]
            found_a, found_b, found_bins, found_p, found_rate = more
        n_found = _test_partners(
            a, n, partner, numbers, mass, n_events, len(time), units_an_event(occasion), limit, scratch,
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
def _meet(
    labels: I32,
    first: I64,
    order: I32,
    lowest: I32,
    highest: I32,
    a: int,
    own: I32,
    near: I32,
    near_label: I32,
) -> int:
    """Write down an account's meetings with accounts of larger codes: its event, the other's, and the other's label.

    Nothing is asked of them yet, so that one trip to memory need not wait for another.

    Returns:
        Number of meetings.
    """
    beyond = ((a + 1) << 4) - 1
    n = 0
    touched = 0
    for x in range(first[a], first[a + 1]):  # all trips to memory at once
        touched |= labels[lowest[x]] | labels[highest[x]]
    near_label[0] = touched
    for x in range(first[a], first[a + 1]):
        i = order[x]
        for j in range(lowest[x], highest[x] + 1):
            own[n], near[n], near_label[n] = i, j, labels[j]
            n += (labels[j] > beyond) & (labels[j] & 15 != HOT)  # otherwise the next one takes its place
    return n


@njit(nogil=True, cache=True)
def _tally(near_label: I32, n_met: int, tally: U8, bits: int) -> int:
    """Count an account's meetings by a hash of the other account, in ``tally``.

    A counter can only overcount, so who meets a counter below 2 has certainly met the account but once. Most have, and
    need not be looked at closer.

    Returns:
        Number of meetings that have to be looked at.
    """
    tally[: 1 << bits] = 0
    n = 0
    for meeting in range(n_met):
        at = _place(near_label[meeting] >> 4, bits)
        n += (tally[at] > 0) + (tally[at] == 1)  # the second meeting brings the first along
        tally[at] = 2 - (tally[at] == 0)
    return n


@njit(nogil=True, cache=True)
def _look_closer(
    own: I32,
    near: I32,
    near_label: I32,
    n_met: int,
    labels: I32,
    feature: I32,
    time: I64,
    exempt: Exempt,
    occasion: int,
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
    table[: 1 << bits] = 0
    n = 0
    for meeting in range(n_met):
        other = near_label[meeting] >> 4
        if tally[_place(other, tally_bits)] < 2:
            continue
        i, j = own[meeting], near[meeting]
        if is_exempt(exempt, i, j):
            continue
        slot = _place(other, bits)
        while table[slot] != 0 and partner[table[slot] - 1] != other:
            slot = (slot + 1) & ((1 << bits) - 1)
        if table[slot] == 0:
            partner[n] = other
            units[n, 0] = NO_UNIT
            units[n, 2] = NO_UNIT
            for z in range(N_BINS):
                numbers[n, z] = 0
            n += 1
            table[slot] = n
        at = table[slot] - 1
        b = int(max(labels[i] & 15, near_label[meeting] & 15))
        count_unit(units, at, numbers, at, unit_of(feature, time, i, j, occasion), b)
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
    per_event: int,
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
        log_p, rate = local_test(
            numbers, at, mass, n_events, a, partner[at], total, per_event, limit, scratch
        )
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


@njit(nogil=True, cache=True)
def _room_for_meetings(n: int, labels: I32) -> tuple[I32, I32, I32]:
    return np.empty(n + 1, np.int32), np.empty(n + 1, np.int32), np.empty(n + 1, labels.dtype)
