"""Who of a group was beside each of its events: how many other members, and how surely they were driven."""

from __future__ import annotations

from numba import njit

from samehand.arrays import F64, I32, I64


@njit(nogil=True, cache=True)
def count_beside(
    feature: I64,
    time: I64,
    account: I32,
    window: int,
    weight: F64,
    n_here: I32,
    weight_here: F64,
    n_beside: I32,
    weight_beside: F64,
) -> None:
    """For each event, count the other accounts within the window on its feature, and add up their events' weights.

    Args:
        feature, time, account: Of each event, in order of feature and time; microseconds.
        window: Microseconds; an event exactly so far away is within.
        weight: Of each event, at least 0.
        n_here, weight_here: Scratch, zeros, one place an account; zeros again afterwards.
        n_beside: Receives the number of other accounts.
        weight_beside: Receives the weight of the other accounts' events.
    """
    n, first, last, n_accounts, total = len(time), 0, 0, 0, 0.0
    for i in range(n + 1):
        # Whatever the window has left behind goes; at the end of a feature, everything.
        while first < last and (i == n or feature[first] != feature[i] or time[i] - time[first] > window):
            who = account[first]
            n_here[who] -= 1
            weight_here[who] -= weight[first]
            total -= weight[first]
            if n_here[who] == 0:
                weight_here[who] = 0.0
                n_accounts -= 1
            if n_accounts == 0:
                total = 0.0
            first += 1
        if i == n:
            break
        while last < n and feature[last] == feature[i] and time[last] - time[i] <= window:
            who = account[last]
            n_accounts += n_here[who] == 0
            n_here[who] += 1
            weight_here[who] += weight[last]
            total += weight[last]
            last += 1
        n_beside[i] = n_accounts - 1
        weight_beside[i] = max(0.0, total - weight_here[account[i]])
