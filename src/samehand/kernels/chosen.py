"""Chosen pairs of accounts: their events taken out of each other's density, and their co-actions counted again.

Kernels here take traces ordered by (feature, time, account), the same traces gathered by account (the events of account
a are ``order[first[a] : first[a + 1]]``, in that order), and pairs by their first account. What an account shares with
its partners is found in one of two ways, whichever is less work: by walking over all that is around its events, or by
merging its events with those of each partner.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from samehand.arrays import BOOL, I32, I64
from samehand.kernels.rows import HOT
from samehand.kernels.sweep import bin_of
from samehand.kernels.units import NO_UNIT, Exempt, count_unit, is_exempt, unit_of


@njit(nogil=True, cache=True)
def take_out(
    lowest: I32,
    highest: I32,
    account: I32,
    first: I64,
    order: I32,
    who: I32,
    who_first: I64,
    partner: I32,
    walks: BOOL,
    cap: int,
    begin: int,
    end: int,
    counts: I32,
) -> None:
    """Take the events of suspects out of each other's density, so that they are not their own background.

    Args:
        lowest, highest: As from ``rows.reach``.
        account: Of each event.
        first, order: Events by account.
        who: Accounts with suspects.
        who_first, partner: The suspects of ``who[r]`` are ``partner[who_first[r] : who_first[r + 1]]``.
        walks: Whether to walk around the events of ``who[r]``; the answer is the same.
        cap: Events of a higher density are left as they are: they take no part.
        begin, end: Handles ``who[begin:end]``.
        counts: Density of each event within the window; changed in place.
    """
    mark = np.zeros(len(first) - 1, np.uint8)  # bytes, so that more of them fit into the cache
    touched = np.zeros(1, np.int64)
    for r in range(begin, end):
        own, own_end = first[who[r]], first[who[r] + 1]
        _touch(lowest, highest, account, order, own, own_end, touched)
        if walks[r]:
            for x in range(who_first[r], who_first[r + 1]):
                mark[partner[x]] = 1
            for x in range(own, own_end):
                i = order[x]
                if counts[i] <= cap:
                    n = 0
                    for j in range(lowest[i], highest[i] + 1):
                        n += mark[account[j]]
                    counts[i] -= n
            for x in range(who_first[r], who_first[r + 1]):
                mark[partner[x]] = 0
        else:
            for x in range(who_first[r], who_first[r + 1]):
                _take_out_one(lowest, highest, first, order, own, own_end, partner[x], cap, counts)


@njit(nogil=True, cache=True)
def _touch(lowest: I32, highest: I32, labels: I32, order: I32, own: int, own_end: int, touched: I64) -> None:
    """Look at the ends of what is around an account's events: all trips to memory at once, none waits for another."""
    for x in range(own, own_end):
        i = order[x]
        touched[0] |= labels[lowest[i]] | labels[highest[i]]


@njit(nogil=True, inline="always")
def _take_out_one(
    lowest: I32,
    highest: I32,
    first: I64,
    order: I32,
    own: int,
    own_end: int,
    other: int,
    cap: int,
    counts: I32,
) -> None:
    """Take one account's events out of the density of the events at ``order[own:own_end]``."""
    y, last = first[other], first[other + 1]
    for x in range(own, own_end):
        i = order[x]
        while y < last and order[y] < lowest[i]:
            y += 1
        if y == last:
            break
        if order[y] > highest[i] or counts[i] > cap:
            continue
        n = 0
        while y + n < last and order[y + n] <= highest[i]:
            n += 1
        # What is left never rises above the cap, so the event takes part as long as it did before.
        counts[i] -= n


@njit(nogil=True, cache=True)
def mark_other_bins(account: I32, before: I32, after: I32, changed: BOOL) -> None:
    """Mark the accounts of events whose density is in another bin than before."""
    for i in range(len(account)):
        if before[i] != after[i] and bin_of(before[i]) != bin_of(after[i]):
            changed[account[i]] = True


@njit(nogil=True, cache=True)
def count_shared(
    lowest: I32,
    highest: I32,
    labels: I32,
    counts: I32,
    feature: I32,
    time: I64,
    exempt: Exempt,
    first: I64,
    order: I32,
    who: I32,
    who_first: I64,
    partner: I32,
    walks: BOOL,
    occasion: int,
    begin: int,
    end: int,
    by_bin: I32,
) -> None:
    """Count chosen pairs' co-actions again, by bin of the densities given here.

    Args:
        lowest, highest: As from ``rows.reach``.
        labels, feature, time, exempt, occasion: As in ``rows.collect_pairs``.
        counts: Density of each event, by which the co-actions are binned; ``labels`` say which of them take part.
        first, order: Events by account.
        who, who_first, partner: Pairs, by their first account: ``who[r]`` with each of
            ``partner[who_first[r] : who_first[r + 1]]``.
        walks: Whether to walk around the events of ``who[r]``; the answer is the same.
        begin, end: Handles ``who[begin:end]``.
        by_bin: Receives the numbers, in parallel with ``partner`` (pairs x N_BINS); zeros before.
    """
    place = np.full(len(first) - 1, -1, np.int32)
    offset = who_first[begin]
    units = np.full((who_first[end] - offset, 4), NO_UNIT, np.int64)
    touched = np.zeros(1, np.int64)
    for r in range(begin, end):
        own, own_end = first[who[r]], first[who[r] + 1]
        _touch(lowest, highest, labels, order, own, own_end, touched)
        if walks[r]:
            for at in range(who_first[r], who_first[r + 1]):
                place[partner[at]] = at
            for x in range(own, own_end):
                i = order[x]
                if labels[i] & 15 == HOT:  # there may be very much around it
                    continue
                for j in range(lowest[i], highest[i] + 1):
                    at = place[labels[j] >> 4]
                    if at >= 0:
                        _count_one(
                            i, j, labels, counts, feature, time, exempt, occasion, units, at - offset, by_bin, at
                        )  # fmt: skip
            for at in range(who_first[r], who_first[r + 1]):
                place[partner[at]] = -1
        else:
            for at in range(who_first[r], who_first[r + 1]):
                y, last = first[partner[at]], first[partner[at] + 1]
                for x in range(own, own_end):
                    i = order[x]
                    while y < last and order[y] < lowest[i]:
                        y += 1
                    if y == last:
                        break
                    z = y
                    while z < last and order[z] <= highest[i]:
                        j = order[z]
                        _count_one(
                            i, j, labels, counts, feature, time, exempt, occasion, units, at - offset, by_bin, at
                        )  # fmt: skip
                        z += 1


@njit(nogil=True, inline="always")
def _count_one(
    i: int,
    j: int,
    labels: I32,
    counts: I32,
    feature: I32,
    time: I64,
    exempt: Exempt,
    occasion: int,
    units: I64,
    at: int,
    by_bin: I32,
    into: int,
) -> None:
    """Count events ``i`` and ``j`` of a pair as a co-action, if they are one."""
    if labels[i] & 15 != HOT and labels[j] & 15 != HOT and not is_exempt(exempt, i, j):
        unit = unit_of(feature, time, i, j, occasion)
        count_unit(units, at, by_bin, into, unit, bin_of(max(counts[i], counts[j])))
