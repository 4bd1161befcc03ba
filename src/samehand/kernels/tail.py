"""Tails of distributions, in log space: p-values here go far below what a float can hold as 1 - cdf."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

F64 = NDArray[np.float64]


@njit(nogil=True, cache=True)
def log_poisson_tail(k: int, rate: float) -> float:
    """Natural log of P(Poisson(rate) >= k).

    Sums the series upward from k where k is above the rate (each term shrinks by rate/k), and the complement from k-1
    downward elsewhere.

    >>> round(math.exp(log_poisson_tail(2, 1.0)), 6)
    0.264241
    """
    if k <= 0:
        return 0.0
    if rate <= 0.0:
        return -math.inf
    if k > rate:
        log_first = k * math.log(rate) - rate - math.lgamma(k + 1.0)
        total = 1.0
        term = 1.0
        i = k
        while term > 1e-17 * total:
            i += 1
            term *= rate / i
            total += term
        return min(0.0, log_first + math.log(total))
    log_first = (k - 1) * math.log(rate) - rate - math.lgamma(float(k))
    total = 1.0
    term = 1.0
    i = k - 1
    while i > 0 and term > 1e-17 * total:
        term *= i / rate
        total += term
        i -= 1
    below = math.exp(log_first + math.log(total))
    return math.log1p(-below) if below < 1.0 else -745.0


@njit(nogil=True, cache=True)
def log_binomial_sum_tail(k: int, chances: F64, n: int, scratch: F64) -> float:
    """Natural log of P(at least k of n independent trials succeed), each trial with its own chance.

    Exact by dynamic programming up to 256 trials; beyond, a Poisson tail of the summed chances, which is an upper
    bound wherever k exceeds that sum by one or more (Hoeffding 1956).

    Args:
        k: Successes seen.
        chances: Chance of each trial, at ``[:n]``.
        n: Trials.
        scratch: Room for at least 257 floats.
    """
    if k <= 0:
        return 0.0
    if k > n:
        return -math.inf
    if n > 256:
        total = 0.0
        for i in range(n):
            total += chances[i]
        return log_poisson_tail(k, total)
    # scratch[s] = P(s successes so far) for s < k; the mass that reaches k stays there.
    for s in range(k + 1):
        scratch[s] = 0.0
    scratch[0] = 1.0
    for i in range(n):
        chance = min(1.0, chances[i])
        scratch[k] += scratch[k - 1] * chance
        for s in range(k - 1, 0, -1):
            scratch[s] = scratch[s] * (1.0 - chance) + scratch[s - 1] * chance
        scratch[0] *= 1.0 - chance
    return math.log(scratch[k]) if scratch[k] > 0.0 else -745.0


@njit(nogil=True, cache=True)
def log_weighted_tail(counts: NDArray[np.int32], rates: F64, weights: F64) -> float:
    """Natural log of a bound on P(sum of weights * X >= what was seen), X independent Poisson(rates).

    Chernoff's bound at its best point, by Newton's method on the cumulant sum(rate * (exp(theta * weight) - 1)). It is
    never below the true tail.

    Args:
        counts: What was seen, by bin.
        rates: What is expected, by bin.
        weights: What one count is worth, by bin; 0 or more.
    """
    seen = 0.0
    mean = 0.0
    for i in range(len(counts)):
        seen += weights[i] * counts[i]
        mean += weights[i] * rates[i]
    if seen <= mean:
        return 0.0
    if mean <= 0.0:
        return -745.0
    # Start above the root, from the heaviest bin alone would-be; Newton on a convex function then falls to it.
    theta = 0.0
    for i in range(len(counts)):
        if weights[i] > 0.0 and rates[i] > 0.0:
            bound = math.log(seen / (weights[i] * rates[i])) / weights[i]
            theta = bound if theta == 0.0 else min(theta, bound)
    theta = max(theta, 0.0)
    for _ in range(60):
        slope = 0.0
        curve = 0.0
        for i in range(len(counts)):
            if rates[i] > 0.0:  # 0 times an overflow is not a number
                e = rates[i] * math.exp(theta * weights[i])
                slope += weights[i] * e
                curve += weights[i] * weights[i] * e
        step = (slope - seen) / curve
        theta -= step
        if abs(step) < 1e-10 * (1.0 + theta):
            break
    cumulant = 0.0
    for i in range(len(counts)):
        if rates[i] > 0.0:
            cumulant += rates[i] * math.expm1(theta * weights[i])
    return min(0.0, cumulant - theta * seen)


@njit(nogil=True, cache=True)
def log_poisson_tails(k: NDArray[np.int32], rate: F64, out: F64) -> None:
    """``log_poisson_tail`` for each place of ``k`` and ``rate``, into ``out``."""
    for i in range(len(k)):
        out[i] = log_poisson_tail(k[i], rate[i])
