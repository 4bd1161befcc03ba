"""Evidence of a whole group: what its members did together, and how often others land where the group was.

Traces are ordered by (feature, time, account), as in ``sweep``; ``events`` are places in them, ascending.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numba import njit

from samehand.arrays import BOOL, F64, I32, I64, U8
from samehand.kernels.sweep import N_BINS, bin_of
from samehand.kernels.tail import OPEN, log_poisson_tail, log_weighted_tail
from samehand.kernels.units import Exempt, is_avoided

_NO_UNIT: Final = np.iinfo(np.int64).min


@njit(nogil=True, cache=True)
def count_partners(
    account: I32,
    feature: I32,
    time: I64,
    exempt: Exempt,
    window: int,
    events: I64,
    inside: BOOL,
    partners: U8,
) -> None:
    """Count, for each event, the group's other accounts on its feature within the window: 0, 1, or 2 and more.

    Args:
        account, feature, time: Of all events, in order.
        exempt: Which of these are no co-action; several of one post are.
        window: Microseconds, inclusive.
        events: Events of the group's accounts and of accounts to compare with it.
        inside: True for the events of the group.
        partners: Receives the numbers; zeros before. ``inside`` and ``partners`` are parallel to ``events``.
    """
    first_partner = np.full(len(events), -1, np.int32)
    for x in range(len(events)):
        i = events[x]
        for y in range(x + 1, len(events)):
            j = events[y]
            if feature[j] != feature[i] or time[j] - time[i] > window:
                break
            if account[j] == account[i] or is_avoided(exempt, i, j):
                continue
            if inside[y] and partners[x] < 2 and first_partner[x] != account[j]:
                first_partner[x] = account[j]
                partners[x] += 1
            if inside[x] and partners[y] < 2 and first_partner[y] != account[i]:
                first_partner[y] = account[i]
                partners[y] += 1


@njit(nogil=True, cache=True)
def cover(
    account: I32,
    feature: I32,
    time: I64,
    window: int,
    class_of: I32,
    ignore: U8,
    events: I64,
    crowded: int,
    covered: F64,
    reach: F64,
    others: I32,
    near: I32,
) -> int:
    """Look around the group's co-actions: which other accounts' events lie there, and in how crowded a moment.

    Args:
        account, feature, time, window: As in ``sweep.density``.
        class_of: Class of each event.
        ignore: By account, 0: background; 1: suspect, no background; 2: member.
        events: The members' events that were made together.
        crowded: Accounts near the group in moments with more background events than this are not listed.
        covered: Receives the number of background events near the group's, by class and bin of *their* density of
            background events (classes x N_BINS).
        reach: Receives, by class, the length of time (microseconds, over all features) that is near the group's events.
        others: Receives the number of background events near each of ``events``.
        near: Receives the accounts of events near the group's that are no member's; room for as many as there may be,
            or none.

    Returns:
        How many accounts ``near`` received, or would have.
    """
    n = len(time)
    n_near = 0
    x = 0
    while x < len(events):
        # One stretch of the feature: the group's events there, each within two windows of the one before.
        x_end = x + 1
        f = feature[events[x]]
        while (
            x_end < len(events)
            and feature[events[x_end]] == f
            and time[events[x_end]] - time[events[x_end - 1]] <= 2 * window
        ):
            x_end += 1
        begin, end = time[events[x]] - window, time[events[x_end - 1]] + window
        lo = events[x]
        while lo > 0 and feature[lo - 1] == f and time[lo - 1] >= begin - window:
            lo -= 1
        hi = events[x_end - 1]
        while hi < n and feature[hi] == f and time[hi] <= end + window:
            hi += 1
        before = np.zeros(hi - lo + 1, np.int32)  # background events in the stretch before each place
        for i in range(lo, hi):
            before[i - lo + 1] = before[i - lo] + (ignore[account[i]] == 0)
        reach[class_of[events[x]]] += end - begin
        left = lo
        right = lo
        z = x
        for i in range(lo, hi):
            while time[i] - time[left] > window:
                left += 1
            while right < hi and time[right] - time[i] <= window:
                right += 1
            crowd = before[right - lo] - before[left - lo]
            if z < x_end and events[z] == i:
                others[z] = crowd
                z += 1
            elif begin <= time[i] <= end:
                if ignore[account[i]] == 0:
                    covered[class_of[i], bin_of(crowd - 1)] += 1.0
                if ignore[account[i]] < 2 and crowd <= crowded:
                    if n_near < len(near):
                        near[n_near] = account[i]
                    n_near += 1
        x = x_end
    return n_near


@njit(nogil=True, cache=True)
def crowds_around(
    account: I32, feature: I32, time: I64, window: int, counts: I32, known: I64, events: I64, others: I32
) -> None:
    """Count the background events within the window around single events, into ``others``.

    Args:
        account, feature, time, window: As in ``cover``.
        counts: Density of each event: events of other accounts around it.
        known: All events of accounts that are no background, ascending.
        events: Any events, ascending.
        others: Receives the counts, without the event's own account.
    """
    lo = 0
    for x in range(len(events)):
        i = events[x]
        while lo < len(known) and (
            feature[known[lo]] < feature[i]
            or (feature[known[lo]] == feature[i] and time[known[lo]] < time[i] - window)
        ):
            lo += 1
        others[x] = counts[i]
        y = lo
        while y < len(known) and feature[known[y]] == feature[i] and time[known[y]] - time[i] <= window:
            others[x] -= account[known[y]] != account[i]
            y += 1


@njit(nogil=True, inline="always")
def _join_empty_bins(by_bin: I32, rates: F64) -> None:
    """Count meetings in a bin without a rate as in the next lower one; the lowest has that of a made-up event.

    Where no other event of an account's classes was in so crowded a moment near the group, nothing is known of how
    likely that is.
    """
    for z in range(N_BINS - 1, 0, -1):
        if rates[z] <= 0.0:
            by_bin[z - 1] += by_bin[z]
            by_bin[z] = 0


@njit(nogil=True, cache=True)
def log_member_p_values(
    least: int,
    hit_first: I64,
    hit_unit: I64,
    hit_others: I32,
    hit_partners: U8,
    class_first: I64,
    classes: I32,
    n_events: I32,
    covered: F64,
    background: F64,
    prior: F64,
    n_features: I32,
    expected: F64,
    out: F64,
) -> None:
    """Test, for each account, whether it lands where the group was more often than others of its kind do.

    Args:
        least: Partners that an event must have to count: 1, or 2 to ask whether the account lands where the group would
            have been together without it.
        hit_first: ``hit_first[a] : hit_first[a + 1]`` are the account's events that the group accompanies.
        hit_unit: What each counts for (feature, or feature and occasion), ascending within an account.
        hit_others: Background events around each.
        hit_partners: Partners of each, as from ``count_partners``.
        class_first, classes, n_events: The account's events by class, likewise compressed.
        covered, background: Background events near the group (classes x N_BINS), and all of them, by class.
        prior: Chance, by class, that an event never seen would lie near the group.
        n_features: Receives the distinct units of each account.
        expected: Receives what its own classes of events would give.
        out: Receives the natural log of the p-value.
    """
    rates = np.empty(N_BINS, np.float64)
    weights = np.empty(N_BINS, np.float64)
    by_bin = np.empty(N_BINS, np.int32)
    trials = np.full(N_BINS, OPEN)
    for a in range(len(out)):
        by_bin[:] = 0
        last_unit = np.int64(_NO_UNIT)
        last_bin = 0
        n_features[a] = 0
        for h in range(hit_first[a], hit_first[a + 1]):
            if hit_partners[h] < least:
                continue
            b = bin_of(hit_others[h])
            if hit_unit[h] != last_unit:
                by_bin[b] += 1
                n_features[a] += 1
                last_unit, last_bin = hit_unit[h], b
            elif b < last_bin:
                by_bin[last_bin] -= 1
                by_bin[b] += 1
                last_bin = b
        rates[:] = 0.0
        total = 0
        for c in range(class_first[a], class_first[a + 1]):
            around = max(background[classes[c]], 0.0) + 1.0
            for z in range(N_BINS):
                rates[z] += n_events[c] * covered[classes[c], z] / around
            rates[0] += n_events[c] * prior[classes[c]] / around
            total += n_events[c]
        expected[a] = rates.sum()
        _join_empty_bins(by_bin, rates)
        if rates[1:].max() <= 0.0:  # one kind of moment: no bound is needed
            out[a] = log_poisson_tail(by_bin[0], rates[0])
            continue
        for z in range(N_BINS):
            weights[z] = math.log1p(0.1 * total / (rates[z] + 1e-9))
        out[a] = log_weighted_tail(by_bin, rates, trials, weights)
