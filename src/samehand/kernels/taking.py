"""What of each account's events takes part, and how much work it is.

Kernels here take the events of a log gathered by account (those of account a are ``order[first[a] : first[a + 1]]``)
and handle one range, so that pieces can run on threads: each piece writes places of its own.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from samehand.arrays import BOOL, F32, I32, I64
from samehand.kernels.sweep import N_BINS, bin_of


@njit(nogil=True, cache=True)
def sum_by_bin(
    first: I64,
    order: I32,
    counts: I32,
    cap: int,
    begin: int,
    end: int,
    mass: F32,
    n_taking: I64,
    n_around: I64,
) -> None:
    """Add up the densities of each account's events by bin, and count the events that have others around them.

    Args:
        first, order: Events by account.
        counts: Density of each event; events of a density above ``cap`` are left out, as they are when pairs are
            counted.
        cap: See there.
        begin, end: Accounts to handle.
        mass: Zeros; receives, a row an account, N_BINS sums of densities, then N_BINS numbers of events.
        n_taking: Receives the number of events of a density above 0.
        n_around: Receives the sum of their densities.
    """
    for a in range(begin, end):
        n = 0
        around = 0
        for x in range(first[a], first[a + 1]):
            count = counts[order[x]]
            if count <= cap:
                b = bin_of(count)
                mass[a, b] += count
                mass[a, N_BINS + b] += 1
                n += count > 0
                around += count
        n_taking[a], n_around[a] = n, around


@njit(nogil=True, cache=True)
def gather_taking(
    first: I64,
    order: I32,
    counts: I32,
    cap: int,
    lowest: I32,
    highest: I32,
    to: I64,
    begin: int,
    end: int,
    taking: I32,
    taking_lowest: I32,
    taking_highest: I32,
) -> None:
    """Gather the events that have others around them, but not more than the cap, by account.

    Args:
        first, order, counts, cap, begin, end: As in ``sum_by_bin``.
        lowest, highest: As from ``rows.reach``, of each event.
        to: Place of each account's first event in what is gathered.
        taking: Receives the events.
        taking_lowest, taking_highest: Receive what is around them.
    """
    for a in range(begin, end):
        at = to[a]
        for x in range(first[a], first[a + 1]):
            i = order[x]
            if 0 < counts[i] <= cap:
                taking[at], taking_lowest[at], taking_highest[at] = i, lowest[i], highest[i]
                at += 1


@njit(nogil=True, cache=True)
def gather_traces(
    order: I32,
    event_of: I32,
    feature_of: I32,
    account_of: I32,
    time_of: I64,
    first_us: int,
    start: int,
    stop: int,
    event: I32,
    feature: I32,
    account: I32,
    time: I64,
) -> None:
    """Bring traces and what the log says of their events into order.

    Args:
        order: The traces in order.
        event_of, feature_of: Of each trace.
        account_of, time_of: Of each event of the log.
        first_us: Taken from the times.
        start, stop: Places to fill.
        event, feature, account, time: Receive what is of each trace, in order.
    """
    for x in range(start, stop):
        i = event_of[order[x]]
        event[x], feature[x] = i, feature_of[order[x]]
        account[x], time[x] = account_of[i], time_of[i] - first_us


@njit(nogil=True, cache=True)
def gather_events(first: I64, order: I32, accounts: I32, ends: I64, events: I32) -> None:
    """Gather the events of some accounts, one account after the other.

    Args:
        first, order: Events by account.
        accounts: The accounts.
        ends: One past the last place of each in what is gathered.
        events: Receives the events.
    """
    for r in range(len(accounts)):
        begin, end = first[accounts[r]], first[accounts[r] + 1]
        events[ends[r] - (end - begin) : ends[r]] = order[begin:end]


@njit(nogil=True, cache=True)
def choose_ways(
    first: I64,
    order: I32,
    counts: I32,
    cap: int,
    who: I32,
    who_first: I64,
    partner: I32,
    begin: int,
    end: int,
    walks: BOOL,
    work: I64,
) -> None:
    """Say whether it is less work to walk around an account's events or to merge them with those of its partners.

    Args:
        first, order: Events by account.
        counts: Density of each event; events of a density above ``cap`` take no part.
        cap: See there.
        who: The accounts.
        who_first, partner: The partners of ``who[r]`` are ``partner[who_first[r] : who_first[r + 1]]``.
        begin, end: Handles ``who[begin:end]``.
        walks: Receives whether to walk.
        work: Receives the events to look at.
    """
    for r in range(begin, end):
        own, own_end = first[who[r]], first[who[r] + 1]
        walk = own_end - own
        for x in range(own, own_end):
            count = counts[order[x]]
            walk += count if count <= cap else 0
        merge = np.int64(0)
        for x in range(who_first[r], who_first[r + 1]):
            merge += own_end - own + first[partner[x] + 1] - first[partner[x]]
        walks[r] = walk < merge
        work[r] = min(walk, merge)
