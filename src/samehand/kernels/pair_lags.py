"""Whether pairs of accounts act at once on what they share, or hours apart as others do.

Traces are gathered by account, as in ``pairs``.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from samehand.arrays import F64, I32, I64
from samehand.kernels.tail import log_binomial_sum_tail
from samehand.kernels.units import Exempt, is_exempt


@njit(nogil=True, cache=True)
def log_lag_p_values(
    pair_a: I32,
    pair_b: I32,
    first: I64,
    order: I32,
    feature: I32,
    time: I64,
    window: int,
    horizon: int,
    exempt: Exempt,
    near_counts: I32,
    far_counts: I32,
    typical: float,
    begin: int,
    end: int,
    out: F64,
) -> None:
    """How surprising it is that a pair's shared features are shared *at once*, given that they are shared.

    On each feature that both act on within ``horizon``, the smallest lag is a trial; it succeeds within ``window``.
    The chance of one lag is the share of the other people's events near the account's own that lie within the window;
    that of the smallest of several is the chance that any of them does. A shared interest spreads over hours, a shared
    hand does not.

    Args:
        pair_a, pair_b: Rows of the pairs.
        first, order: Events by row: ``order[first[r] : first[r + 1]]``.
        feature, time: Of the events, in (feature, time) order.
        window, horizon: Microseconds.
        exempt: Where two posts share several features, the rarest is the trial.
        near_counts, far_counts: Density of each event within window and horizon.
        typical: Share of the events within the horizon that lie within the window, over the whole log: stands in, with
            the weight of one event, where few others act.
        begin, end: Handles ``pair_a[begin:end]``.
        out: Receives the natural log of the p-value of each pair.
    """
    scratch = np.empty(300, np.float64)
    for p in range(begin, end):
        i, i_end = first[pair_a[p]], first[pair_a[p] + 1]
        j, j_end = first[pair_b[p]], first[pair_b[p] + 1]
        chances = np.empty(min(i_end - i, j_end - j), np.float64)
        n_trials = 0
        n_near = 0
        while i < i_end and j < j_end:
            f, g = feature[order[i]], feature[order[j]]
            if f < g:
                i += 1
                continue
            if g < f:
                j += 1
                continue
            n_lags = _count_lags(order, feature, time, i, i_end, j, j_end, horizon)
            best_x, best_y = _closest(order, feature, time, i, i_end, j, j_end)
            best = abs(time[best_x] - time[best_y])
            while i < i_end and feature[order[i]] == f:
                i += 1
            while j < j_end and feature[order[j]] == f:
                j += 1
            if best <= horizon and not is_exempt(exempt, best_x, best_y):
                chance_x = (near_counts[best_x] + typical) / (far_counts[best_x] + 1.0)
                chance_y = (near_counts[best_y] + typical) / (far_counts[best_y] + 1.0)
                chances[n_trials] = 1.0 - (1.0 - min(1.0, max(chance_x, chance_y))) ** n_lags
                n_trials += 1
                n_near += best <= window
        out[p] = log_binomial_sum_tail(n_near, chances, n_trials, scratch)


@njit(nogil=True, inline="always")
def _closest(order: I32, feature: I32, time: I64, i: int, i_end: int, j: int, j_end: int) -> tuple[int, int]:
    """The two events with the smallest lag on the feature at which both accounts' events stand."""
    f = feature[order[i]]
    best_x, best_y = order[i], order[j]
    while i < i_end and j < j_end and feature[order[i]] == f and feature[order[j]] == f:
        lag = time[order[i]] - time[order[j]]
        if abs(lag) < abs(time[best_x] - time[best_y]):
            best_x, best_y = order[i], order[j]
        if lag < 0:
            i += 1
        else:
            j += 1
    return best_x, best_y


@njit(nogil=True, cache=True)
def _count_lags(
    order: I32, feature: I32, time: I64, i: int, i_end: int, j: int, j_end: int, horizon: int
) -> int:
    """Pairs of events within the horizon on the feature at which both accounts' events stand."""
    f = feature[order[i]]
    n = 0
    lo = j
    hi = j
    while i < i_end and feature[order[i]] == f:
        now = time[order[i]]
        while hi < j_end and feature[order[hi]] == f and time[order[hi]] - now <= horizon:
            hi += 1
        while lo < hi and now - time[order[lo]] > horizon:
            lo += 1
        n += hi - lo
        i += 1
    return n
