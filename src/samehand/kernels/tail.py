"""Tails of distributions, in log space: p-values here go far below what a float can hold as 1 - cdf."""

from __future__ import annotations

import math
from typing import Final

from numba import njit

from samehand.arrays import F64, I32

OPEN: Final = 1e9
"""Of so many trials each has so small a chance that their sum is as good as Poisson."""
_OVERFLOWS: Final = 600.0


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
def log_weighted_tail(counts: I32, rates: F64, trials: F64, weights: F64) -> float:
    """Natural log of a bound on P(sum of weights * X >= what was seen), X binomial, independent of each other.

    Chernoff's bound at its best point. Trials that have a meeting with different chances are no likelier to have many
    than as many trials with the same mean (Hoeffding 1956), so the expected numbers of meetings are enough. It is never
    below the true tail.

    Args:
        counts: What was seen, by bin.
        rates: Expected meetings, by bin. A trial may have several, and counts once.
        trials: Number of trials, by bin: above 0 where a rate is. With ``OPEN`` of them X is Poisson. So it is where
            what was seen is worth more than if all had succeeded: then it did not come from them alone.
        weights: What one count is worth, by bin; 0 or more.
    """
    seen, mean, most = 0.0, 0.0, 0.0
    for i in range(len(counts)):
        seen += weights[i] * counts[i]
        mean += weights[i] * rates[i]
        if rates[i] > 0.0:
            most += weights[i] * trials[i]
    if seen <= mean:
        return 0.0
    if mean <= 0.0:
        return -745.0
    least = OPEN if seen > (1.0 + 1e-9) * most else 0.0
    # Start from what the heaviest bin alone would need. The slope is S-shaped: Newton's steps are kept in a bracket.
    theta = 0.0
    for i in range(len(counts)):
        if weights[i] > 0.0 and rates[i] > 0.0:
            bound = math.log(seen / (weights[i] * rates[i])) / weights[i]
            theta = bound if theta == 0.0 else min(theta, bound)
    low, high = 0.0, math.inf
    theta = max(theta, 0.0)
    for _ in range(80):
        _, slope, curve = _cumulant(theta, rates, trials, least, weights)
        if slope < seen:
            low = theta
        else:
            high = theta
        old = theta
        theta = theta - (slope - seen) / curve if curve > 0.0 else math.inf
        if not low <= theta <= high or theta == math.inf:
            theta = 0.5 * (low + high) if high < math.inf else 2.0 * old + 1.0
        if abs(theta - old) < 1e-10 * (1.0 + theta):
            break
    return min(0.0, _cumulant(theta, rates, trials, least, weights)[0] - theta * seen)


@njit(nogil=True, inline="always")
def chance_of(rate: float, n: float) -> float:
    """Chance that a trial has a meeting or more, where ``n`` trials are expected to have ``rate`` of them in all."""
    return -math.expm1(-rate / n)


@njit(nogil=True, cache=True)
def _cumulant(
    theta: float, rates: F64, trials: F64, least: float, weights: F64
) -> tuple[float, float, float]:
    """Log of the mean of exp(theta * sum of weights * X), its slope and its curve; with ``least`` trials or more."""
    value, slope, curve = 0.0, 0.0, 0.0
    for i in range(len(rates)):
        if rates[i] <= 0.0:
            continue
        n = max(trials[i], least)
        chance = chance_of(rates[i], n)
        x = theta * weights[i]
        tilted = chance / (chance + (1.0 - chance) * math.exp(-x))
        if x < _OVERFLOWS:
            value += n * math.log1p(chance * math.expm1(x))
        else:
            value += n * (x + math.log(chance + (1.0 - chance) * math.exp(-x)))
        slope += weights[i] * n * tilted
        curve += weights[i] * weights[i] * n * tilted * (1.0 - tilted)
    return value, slope, curve


@njit(nogil=True, cache=True)
def log_poisson_tails(k: I32, rate: F64, out: F64) -> None:
    """``log_poisson_tail`` for each place of ``k`` and ``rate``, into ``out``."""
    for i in range(len(k)):
        out[i] = log_poisson_tail(k[i], rate[i])
