"""Whether pairs of accounts meet more often than the density around them, or their shared interests, give.

Kernels here take traces gathered by account: ``first[a] : first[a + 1]`` are places in ``order``, which holds indices
of events in (feature, time) order. Only accounts that occur in the pairs need a row.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numba import njit

from samehand.arrays import F32, F64, I32, I64
from samehand.kernels.sweep import N_BINS, bin_of
from samehand.kernels.tail import chance_of, log_weighted_tail

_LOOSER: Final = 0.1
"""Chance of a meeting below which the number of an account's events says little about its co-actions."""


@njit(nogil=True, cache=True)
def sum_by_class(first: I64, order: I32, class_of: I32, counts: I32, cap: int) -> tuple[I64, I32, I32, F32]:
    """Sum up each account's events by class.

    Args:
        first, order: Events by row: ``order[first[r] : first[r + 1]]``.
        class_of: Class of each event.
        counts: Density of each event.
        cap: Events of a higher density count as members of the class, but not in the sums.

    Returns:
        ``row_first`` (rows + 1) into: class; number of events; and, by bin of density, the summed densities and the
        number of events behind them (N_BINS of the one, then N_BINS of the other).
    """
    n_rows = len(first) - 1
    of_class, others = class_of[order], counts[order]
    n_classes = of_class.max() + 1 if len(of_class) else 0
    last_row = np.full(n_classes, -1, np.int64)
    row_first = np.zeros(n_rows + 1, np.int64)
    for row in range(n_rows):  # first find out how much room is needed
        n = 0
        for x in range(first[row], first[row + 1]):
            n += last_row[of_class[x]] != row
            last_row[of_class[x]] = row
        row_first[row + 1] = row_first[row] + n
    classes = np.empty(row_first[-1], np.int32)
    n_events = np.zeros(row_first[-1], np.int32)
    mass = np.zeros((row_first[-1], 2 * N_BINS), np.float32)
    place = np.full(n_classes, -1, np.int64)
    for row in range(n_rows):
        begin, end = row_first[row], row_first[row + 1]
        n = begin
        for x in range(first[row], first[row + 1]):
            if place[of_class[x]] < begin:  # of an earlier row
                place[of_class[x]] = n
                classes[n] = of_class[x]
                n += 1
        classes[begin:end] = np.sort(classes[begin:end])
        for at in range(begin, end):
            place[classes[at]] = at
        for x in range(first[row], first[row + 1]):
            at = place[of_class[x]]
            n_events[at] += 1
            if others[x] <= cap:
                b = bin_of(others[x])
                mass[at, b] += others[x]
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


@njit(nogil=True, inline="always")
def count_trials(n: float, rate: float) -> float:
    """For how many trials ``n`` events count that are expected to have ``rate`` meetings in all.

    For as many as there are, where chances are large: twenty of twenty are a wonder then, twenty beside an expected ten
    would not be. For more, where they are small, so that Chernoff's bound is about as loose for an account all of whose
    few events are met as for others: more trials with as many meetings only make it looser.
    """
    return n * (1.0 + _LOOSER * n / rate) if rate > 0.0 else n


@njit(nogil=True, inline="always")
def likely_enough(by_bin: I32, p: int, rates: F64, numbers: F64, limit: float) -> bool:
    """Tell quickly that the log p-value of row ``p`` will be above the limit.

    The exponent of Chernoff's bound for a weighted sum is at most the sum of those of its terms taken singly, whatever
    the weights (the rate function of a sum is the least of that over all ways to make it up).

    Args:
        by_bin, p: What was seen, in row ``p``.
        rates, numbers: Expected meetings and number of events, by bin.
        limit: Of the log p-value.
    """
    exponent = 0.0
    for z in range(N_BINS):
        k = by_bin[p, z]
        rate = rates[z]
        exponent += rate  # of k = 0; for more, what is added stands instead of their share
        if k == 0:
            continue
        if rate <= 0.0:
            return False
        share = 1.0 / count_trials(numbers[z], rate)
        half = 0.5 * rate * share
        if k * share > 1.0:
            return False
        if half < 0.25:  # k log(k / (n chance)) + (n - k) log(1 - k / n) is at most this, with one logarithm
            exponent += k * (math.log(k / rate) - 1.0 + (k - rate) * share + 4.0 / 3.0 * half)
        else:
            n = 1.0 / share
            exponent += k * (math.log(k / (n * chance_of(rate, n))) - rate / n)
            exponent += (n - k) * math.log1p(-k / n) if k < n else 0.0
    return -exponent > limit


@njit(nogil=True, cache=True)
def local_test(
    by_bin: I32,
    p: int,
    mass: F32,
    n_events: I64,
    a: int,
    b: int,
    total: int,
    per_event: int,
    limit: float,
    scratch: F64,
) -> tuple[float, float]:
    """Test a pair against the density of events around each account's own.

    Each of an account's events is a trial: whether an event of the other lands near it. A co-action stands in the bin
    of the denser of its two events, where it is worth no more than in that of its own, so the bound holds.

    Args:
        by_bin, p: Co-actions of the pair by bin of density, in row ``p``.
        mass: Summed density and number of each account's events by bin, as from ``taking.sum_by_bin``.
        n_events: Events of each account.
        a, b: The accounts.
        total: Events of all.
        per_event: Units that the co-actions of one event can count for.
        limit: Where the natural log of the p-value is certain to be above it, the answer is 0.
        scratch: Room for 5 x N_BINS.

    Returns:
        The natural log of the p-value, the larger of the two directions, and the expected number, likewise (0 where
        the p-value is certain to be above the limit).
    """
    one, n_one, other, n_other, weights = scratch[0], scratch[1], scratch[2], scratch[3], scratch[4]
    for z in range(N_BINS):
        one[z] = mass[a, z] * n_events[b] / total
        n_one[z] = per_event * mass[a, N_BINS + z]
    if likely_enough(by_bin, p, one, n_one, limit):
        return 0.0, 0.0
    for z in range(N_BINS):
        other[z] = mass[b, z] * n_events[a] / total
        n_other[z] = per_event * mass[b, N_BINS + z]
    if likely_enough(by_bin, p, other, n_other, limit):
        return 0.0, 0.0
    for z in range(N_BINS):
        n_one[z], n_other[z] = count_trials(n_one[z], one[z]), count_trials(n_other[z], other[z])
        weights[z] = weigh(4.0**z * 0.5 / total, max(n_events[a], n_events[b]))
    log_p = max(
        log_weighted_tail(by_bin[p], one, n_one, weights),
        log_weighted_tail(by_bin[p], other, n_other, weights),
    )
    return log_p, max(one.sum(), other.sum())


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
    per_event: int,
    limit: float,
    begin: int,
    end: int,
    out: F64,
    expected: F64,
) -> None:
    """Test each pair against what its two accounts' events in the same classes would give.

    Of the events of a class, the share that lies near an account's own is the chance that another account's event of
    that class does; one made-up event, spread as ``prior`` says, stands for what was never seen. Trials are all events
    of an account, those of classes that the other has no part in too: a co-action may join two classes. Where no class
    has events of both, nothing is known of what they would have in common by chance: then nothing is claimed.

    Args:
        pair_a, pair_b: Rows of the pairs.
        by_bin: Co-actions of each pair, by bin of density without suspects.
        row_first, classes, n_events, mass: As from ``sum_by_class``.
        background: As from ``background_by_class``.
        prior: Chance that an event of a class at a random time is within the window of a given one.
        per_event: Units that the co-actions of one event can count for.
        limit: Where the natural log of the p-value is certain to be above it, the answer is 0.
        begin, end: Handles ``pair_a[begin:end]``.
        out: Receives the natural log of the p-value, the larger of the two directions.
        expected: Receives the expected number of co-actions, likewise.
    """
    rates, trials, weights = np.empty(N_BINS), np.empty(N_BINS), np.empty(N_BINS)
    for p in range(begin, end):
        out[p] = -np.inf
        expected[p] = 0.0
        for one, other in ((pair_a[p], pair_b[p]), (pair_b[p], pair_a[p])):
            n_common, n_around = _rates_by_class(
                row_first, classes, n_events, mass, background, prior, per_event, one, other, rates, trials
            )
            expected[p] = max(expected[p], rates.sum())
            if n_common == 0.0 or out[p] == 0.0 or likely_enough(by_bin, p, rates, trials, limit):
                out[p] = 0.0
                continue
            for z in range(N_BINS):
                trials[z] = count_trials(trials[z], rates[z])
                typical = 4.0**z * 0.5 if z > 0 else prior
                weights[z] = weigh(typical * n_common / max(n_around, 1.0), n_common)
            out[p] = max(out[p], log_weighted_tail(by_bin[p], rates, trials, weights))


@njit(nogil=True, inline="always")
def _rates_by_class(
    row_first: I64,
    classes: I32,
    n_events: I32,
    mass: F32,
    background: F64,
    prior: float,
    per_event: int,
    one: int,
    other: int,
    rates: F64,
    trials: F64,
) -> tuple[float, float]:
    """Expected meetings of ``one``'s events with the other's, and its trials, by bin.

    Returns:
        The other's events in common classes, and their sum weighted by the background there.
    """
    rates[:] = 0.0
    trials[:] = 0.0
    n_common = 0.0
    n_around = 0.0
    y, y_end = row_first[other], row_first[other + 1]
    for x in range(row_first[one], row_first[one + 1]):
        for z in range(N_BINS):
            trials[z] += per_event * mass[x, N_BINS + z]
        while y < y_end and classes[y] < classes[x]:
            y += 1
        if y < y_end and classes[y] == classes[x]:
            around = max(background[x], 0.0) + 1.0
            for z in range(N_BINS):
                rates[z] += n_events[y] * (mass[x, z] + prior * mass[x, N_BINS + z]) / around
            n_common += n_events[y]
            n_around += n_events[y] * around
    return n_common, n_around
