"""Work on chosen pairs of accounts: what they share, what their shared interests would give, at which lags.

Kernels here take traces gathered by account: ``first[a] : first[a + 1]`` are places in ``order``, which holds indices
of events in (feature, time) order. Only accounts that occur in the pairs need a row.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from samehand.kernels.sweep import N_BINS, bin_of
from samehand.kernels.tail import log_binomial_sum_tail, log_weighted_tail

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]

_NO_UNIT: Final = np.iinfo(np.int64).min


@njit(nogil=True, cache=True)
def gather_by_account(account: I32, row_of: I32, n_rows: int) -> tuple[I64, I64]:
    """Gather event indices by account, in the order in which they stand.

    Args:
        account: Account code of each event.
        row_of: Account code -> row, or -1 where the account is not wanted.
        n_rows: Number of rows.

    Returns:
        ``first`` (n_rows + 1) and ``order``.
    """
    first = np.zeros(n_rows + 1, np.int64)
    for i in range(len(account)):
        row = row_of[account[i]]
        if row >= 0:
            first[row + 1] += 1
    for row in range(n_rows):
        first[row + 1] += first[row]
    order = np.empty(first[n_rows], np.int64)
    at = first[:-1].copy()
    for i in range(len(account)):
        row = row_of[account[i]]
        if row >= 0:
            order[at[row]] = i
            at[row] += 1
    return first, order


@njit(nogil=True, cache=True)
def take_out(
    pair_a: I32, pair_b: I32, first: I64, order: I64, feature: I32, time: I64, window: int, counts: I32
) -> None:
    """Take the events of each pair out of each other's density, so that suspects are not their own background.

    Args:
        pair_a, pair_b: Rows of the pairs.
        first, order: As from ``gather_by_account``.
        feature, time: Of the events, in (feature, time) order.
        window: Microseconds, as the density was counted.
        counts: Density of each event; changed in place.
    """
    for p in range(len(pair_a)):
        i, i_end = first[pair_a[p]], first[pair_a[p] + 1]
        j, j_end = first[pair_b[p]], first[pair_b[p] + 1]
        while i < i_end and j < j_end:
            f, g = feature[order[i]], feature[order[j]]
            if f < g:
                i += 1
            elif g < f:
                j += 1
            else:
                i_next, j_next = i, j
                while i_next < i_end and feature[order[i_next]] == f:
                    i_next += 1
                while j_next < j_end and feature[order[j_next]] == f:
                    j_next += 1
                for x in range(i, i_next):
                    for y in range(j, j_next):
                        if abs(time[order[x]] - time[order[y]]) <= window:
                            counts[order[x]] -= 1
                            counts[order[y]] -= 1
                i, j = i_next, j_next


@njit(nogil=True, cache=True)
def sum_by_class(first: I64, order: I64, class_of: I32, counts: I32, cap: int) -> tuple[I64, I32, I32, F32]:
    """Sum up each account's events by class.

    Args:
        first, order: As from ``gather_by_account``.
        class_of: Class of each event.
        counts: Density of each event.
        cap: Events of a higher density count as members of the class, but not in the sums.

    Returns:
        ``row_first`` (rows + 1) into: class; number of events; and, by bin of density, the summed densities and the
        number of events behind them (N_BINS of the one, then N_BINS of the other).
    """
    n_rows = len(first) - 1
    row_first = np.zeros(n_rows + 1, np.int64)
    at = 0
    for row in range(n_rows):  # first find out how much room is needed
        mine = np.sort(class_of[order[first[row] : first[row + 1]]])
        for s in range(len(mine)):
            at += s == 0 or mine[s] != mine[s - 1]
        row_first[row + 1] = at
    classes = np.empty(at, np.int32)
    n_events = np.zeros(at, np.int32)
    mass = np.zeros((at, 2 * N_BINS), np.float32)
    at = -1
    for row in range(n_rows):
        mine = class_of[order[first[row] : first[row + 1]]]
        sequence = np.argsort(mine, kind="mergesort")
        for s in range(len(sequence)):
            event = order[first[row] + sequence[s]]
            if s == 0 or class_of[event] != classes[at]:
                at += 1
                classes[at] = class_of[event]
            n_events[at] += 1
            if counts[event] <= cap:
                b = bin_of(counts[event])
                mass[at, b] += counts[event]
                mass[at, N_BINS + b] += 1
    return row_first, classes, n_events, mass


@njit(nogil=True, cache=True)
def background_by_class(
    row_first: I64, classes: I32, n_events: I32, class_total: I64, pair_a: I32, pair_b: I32
) -> F64:
    """Count, for each account and class, the class's events of all others but the account's suspects.

    Args:
        row_first, classes, n_events: As from ``sum_by_class``.
        class_total: Events of each class.
        pair_a, pair_b: Rows of the suspect pairs.

    Returns:
        One number for each (account, class).
    """
    background = np.empty(len(classes), np.float64)
    for x in range(len(classes)):
        background[x] = class_total[classes[x]] - n_events[x]
    for p in range(len(pair_a)):
        x, x_end = row_first[pair_a[p]], row_first[pair_a[p] + 1]
        y, y_end = row_first[pair_b[p]], row_first[pair_b[p] + 1]
        while x < x_end and y < y_end:
            if classes[x] < classes[y]:
                x += 1
            elif classes[y] < classes[x]:
                y += 1
            else:
                background[x] -= n_events[y]
                background[y] -= n_events[x]
                x += 1
                y += 1
    return background


@njit(nogil=True, inline="always")
def weigh(rate: float, n_events: float) -> float:
    """What a co-action is worth, in nats: how likely it is in a pair that one hand moves, over chance.

    Such a pair is taken to share a tenth of what it does. The value only steers the power: any gives a right p-value.

    Args:
        rate: Chance that one event of the other account falls where the co-action was.
        n_events: Events of the other account.
    """
    return math.log1p(0.1 / (rate * n_events + 1e-12))


@njit(nogil=True, cache=True)
def log_local_p_values(
    pair_a: I32, pair_b: I32, by_bin: I32, mass: F32, n_events: I64, total: int, out: F64, expected: F64
) -> None:
    """Test each pair against the density of events around each account's own.

    Args:
        pair_a, pair_b: Account codes.
        by_bin: Co-actions of each pair, by bin of density.
        mass: Summed density of each account's events by bin (accounts x bins), as from ``sweep.sum_by_bin``.
        n_events: Events of each account.
        total: Events of all.
        out: Receives the natural log of the p-value, the larger of the two directions.
        expected: Receives the expected number of co-actions, likewise.
    """
    rates = np.empty(N_BINS, np.float64)
    weights = np.empty(N_BINS, np.float64)
    for p in range(len(pair_a)):
        busier = max(n_events[pair_a[p]], n_events[pair_b[p]])
        for x in range(N_BINS):
            weights[x] = weigh(4.0**x * 0.5 / total, busier)
        out[p] = -np.inf
        expected[p] = 0.0
        for one, other in ((pair_a[p], pair_b[p]), (pair_b[p], pair_a[p])):
            rate = 0.0
            for x in range(N_BINS):
                rates[x] = mass[one, x] * n_events[other] / total
                rate += rates[x]
            out[p] = max(out[p], log_weighted_tail(by_bin[p], rates, weights))
            expected[p] = max(expected[p], rate)


@njit(nogil=True, cache=True)
def log_class_p_values(
    pair_a: I32,
    pair_b: I32,
    by_bin: I32,
    row_first: I64,
    classes: I32,
    n_events: I32,
    mass: F32,
    background: F64,
    prior: float,
    out: F64,
    expected: F64,
) -> None:
    """Test each pair against what its two accounts' events in the same classes would give.

    Of the events of a class, the share that lies near an account's own is the chance that another account's event of
    that class does; one made-up event, spread as ``prior`` says, stands for what was never seen.

    Args:
        pair_a, pair_b: Rows of the pairs.
        by_bin: Co-actions of each pair, by bin of density without suspects.
        row_first, classes, n_events, mass: As from ``sum_by_class``.
        background: As from ``background_by_class``.
        prior: Chance that an event of a class at a random time is within the window of a given one.
        out, expected: As in ``log_local_p_values``.
    """
    rates = np.empty(N_BINS, np.float64)
    weights = np.empty(N_BINS, np.float64)
    for p in range(len(pair_a)):
        out[p] = -np.inf
        expected[p] = 0.0
        for one, other in ((pair_a[p], pair_b[p]), (pair_b[p], pair_a[p])):
            rates[:] = 0.0
            n_common = 0.0
            n_around = 0.0
            x, x_end = row_first[one], row_first[one + 1]
            y, y_end = row_first[other], row_first[other + 1]
            while x < x_end and y < y_end:
                if classes[x] < classes[y]:
                    x += 1
                elif classes[y] < classes[x]:
                    y += 1
                else:
                    around = max(background[x], 0.0) + 1.0
                    for z in range(N_BINS):
                        rates[z] += n_events[y] * (mass[x, z] + prior * mass[x, N_BINS + z]) / around
                    n_common += n_events[y]
                    n_around += n_events[y] * around
                    x += 1
                    y += 1
            rate = 0.0
            for z in range(N_BINS):
                typical = 4.0**z * 0.5 if z > 0 else prior
                weights[z] = weigh(typical * n_common / max(n_around, 1.0), n_common)
                rate += rates[z]
            out[p] = max(out[p], log_weighted_tail(by_bin[p], rates, weights))
            expected[p] = max(expected[p], rate)


@njit(nogil=True, cache=True)
def count_shared(
    pair_a: I32,
    pair_b: I32,
    first: I64,
    order: I64,
    feature: I32,
    time: I64,
    avoid: I32,
    window: int,
    counts: I32,
    original: I32,
    cap: int,
    occasion: int,
    by_bin: I32,
) -> None:
    """Count each pair's co-actions again, by bin of the densities given here.

    Args:
        pair_a, pair_b, first, order, feature, time, window: As in ``take_out``.
        avoid, occasion: As in ``sweep.collect_pairs``; an occasion is no shorter than the window.
        counts: Density of each event, by which the co-actions are binned.
        original, cap: Density by which events take part at all, and up to which.
        by_bin: Receives the numbers (pairs x bins).
    """
    use_avoid = len(avoid) > 0
    for p in range(len(pair_a)):
        by_bin[p, :] = 0
        i, i_end = first[pair_a[p]], first[pair_a[p] + 1]
        j, j_end = first[pair_b[p]], first[pair_b[p] + 1]
        # Units come in order but for one: where the earlier event is the other account's, the occasion before.
        unit_now = np.int64(_NO_UNIT)
        unit_before = np.int64(_NO_UNIT)
        bin_now, bin_before = 0, 0
        while i < i_end and j < j_end:
            x, y = order[i], order[j]
            if feature[x] < feature[y] or (feature[x] == feature[y] and time[y] - time[x] > window):
                i += 1
                continue
            if feature[y] < feature[x] or time[x] - time[y] > window:
                j += 1
                continue
            k = j
            while k < j_end and feature[order[k]] == feature[x] and time[order[k]] - time[x] <= window:
                y = order[k]
                k += 1
                if counts_out(original[x], original[y], cap):
                    continue
                if use_avoid and avoid[x] >= 0 and avoid[x] == avoid[y]:
                    continue
                unit = np.int64(feature[x])
                if occasion > 0:
                    unit = (unit << 36) + min(time[x], time[y]) // occasion
                b = bin_of(max(counts[x], counts[y]))
                if unit == unit_now:
                    if b < bin_now:
                        by_bin[p, bin_now] -= 1
                        by_bin[p, b] += 1
                        bin_now = b
                elif unit == unit_before:
                    if b < bin_before:
                        by_bin[p, bin_before] -= 1
                        by_bin[p, b] += 1
                        bin_before = b
                else:
                    by_bin[p, b] += 1
                    if unit > unit_now:
                        unit_before, bin_before = unit_now, bin_now
                        unit_now, bin_now = unit, b
                    else:
                        unit_before, bin_before = unit, b
            i += 1


@njit(nogil=True, inline="always")
def counts_out(one: int, other: int, cap: int) -> bool:
    """Tell whether a co-action is too crowded to take part."""
    return one > cap or other > cap


@njit(nogil=True, cache=True)
def log_lag_p_values(
    pair_a: I32,
    pair_b: I32,
    first: I64,
    order: I64,
    feature: I32,
    time: I64,
    window: int,
    horizon: int,
    near_counts: I32,
    far_counts: I32,
    typical: float,
    out: F64,
) -> None:
    """How surprising it is that a pair's shared features are shared *at once*, given that they are shared.

    On each feature that both act on within ``horizon``, the smallest lag is a trial; it succeeds within ``window``.
    Its chance is the share of the other people's events near the account's own that lie within the window. A shared
    interest spreads over hours, a shared hand does not.

    Args:
        pair_a, pair_b, first, order, feature, time: As in ``take_out``.
        window, horizon: Microseconds.
        near_counts, far_counts: Density of each event within window and horizon.
        typical: Share of the events within the horizon that lie within the window, over the whole log: stands in, with
            the weight of one event, where few others act.
        out: Receives the natural log of the p-value of each pair.
    """
    scratch = np.empty(300, np.float64)
    for p in range(len(pair_a)):
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
            best = horizon + 1
            best_x, best_y = order[i], order[j]
            while i < i_end and j < j_end and feature[order[i]] == f and feature[order[j]] == f:
                lag = time[order[i]] - time[order[j]]
                if abs(lag) < best:
                    best = abs(lag)
                    best_x, best_y = order[i], order[j]
                if lag < 0:
                    i += 1
                else:
                    j += 1
            while i < i_end and feature[order[i]] == f:
                i += 1
            while j < j_end and feature[order[j]] == f:
                j += 1
            if best <= horizon:
                chance_x = (near_counts[best_x] + typical) / (far_counts[best_x] + 1.0)
                chance_y = (near_counts[best_y] + typical) / (far_counts[best_y] + 1.0)
                chances[n_trials] = max(chance_x, chance_y)
                n_trials += 1
                n_near += best <= window
        out[p] = log_binomial_sum_tail(n_near, chances, n_trials, scratch)
