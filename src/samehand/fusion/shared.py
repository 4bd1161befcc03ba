"""How surely a group shares rare values (devices, networks, scripts) rather than by chance.

Members are held against accounts drawn at random that have as many values each. A value that many accounts have is
expected among the members, and says nothing; one that hardly anybody else has says much.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammainc, gammaincc, gammaln

from samehand.arrays import F64, I32, I64
from samehand.engines.answers import Held, Holdings


@dataclass(frozen=True)
class Share:
    """One value that several members have."""

    value: int
    members: I32
    """Places in the group; each member counts with one value at most, the one that says most."""
    n_holders: int
    """Accounts of the log that have it."""
    log_p: float
    """Natural log of how often chance gives it to so many of the members, given that it has given it to one."""


@dataclass(frozen=True)
class Sharing:
    """What a group shares of one trait."""

    shares: list[Share]
    """The one that says most first; empty where nothing is shared more than chance gives."""
    bits: float
    """Evidence of all of them together, the choice of these values paid for; 0 where there is none."""


def log_p_at_least(k: I64, expected: F64) -> F64:
    """Natural log of the Poisson probability of ``k`` or more; an upper bound where it is too small to compute.

    >>> bool(np.isclose(np.exp(log_p_at_least(np.array([1]), np.array([0.5])))[0], 1 - np.exp(-0.5)))
    True
    """
    p = gammainc(np.maximum(k, 1), expected)
    rare = np.maximum(expected, 1e-300)
    # The first term of the tail, and a geometric series for the rest of it, which converges where k > expected.
    ratio = np.minimum(rare / (k + 1), 0.999)
    first = k * np.log(rare) - rare - gammaln(k + 1) - np.log1p(-ratio)
    with np.errstate(divide="ignore"):
        found = np.where(p > 1e-280, np.log(p), np.minimum(first, 0.0))
    return np.where(k <= 0, 0.0, found)


def sharing(held: Held, holdings: Holdings) -> Sharing:
    """Explain the members by as few shared values as possible: the value that says most, then of the members left.

    Args:
        held: Values of the members.
        holdings: The log that they are part of.
    """
    found: list[Share] = []
    if len(held.member) == 0:
        return Sharing([], 0.0)
    values, code, n_holding = np.unique(held.value, return_inverse=True, return_counts=True)
    holders = np.zeros(len(values), np.int64)
    holders[code] = held.n_holders
    weight = (
        np.bincount(held.member) / holdings.n_pairs
    )  # of each member: how often a value drawn at random is its own
    left = np.isin(code, np.flatnonzero(n_holding > 1))
    while left.any():
        k = np.bincount(code[left], minlength=len(values))
        expected = holders * weight.sum()
        # Given that one has it: that is how the value came to be looked at, out of all values of the log.
        log_p = np.where(k > 1, log_p_at_least(k, expected) - np.log(-np.expm1(-expected)), 0.0)
        best = int(np.argmin(log_p))
        if log_p[best] >= 0:
            break
        members = np.sort(held.member[left & (code == best)])
        found.append(Share(int(values[best]), members, int(holders[best]), float(log_p[best])))
        left &= ~np.isin(held.member, members)
        weight[members] = 0.0
    n, bits = _together([share.log_p for share in found], len(values))
    return Sharing(found[:n], bits)


def _together(log_p: list[float], n_values: int) -> tuple[int, float]:
    """How many of the shares to count, and the bits of these: their product (Fisher 1932), their choice paid for.

    Args:
        log_p: Of each share, in the order in which they were found.
        n_values: Values that the members have, from which these were chosen.
    """
    if not log_p:
        return 0, 0.0
    n = np.arange(1, len(log_p) + 1)
    product = -np.cumsum(log_p)
    chosen = gammaln(n_values + 1) - gammaln(n + 1) - gammaln(n_values - n + 1) + np.log(n * (n + 1.0))
    log_tail = log_p_below(n, product)
    bits = -(log_tail + chosen) / np.log(2)
    best = int(np.argmax(bits))
    return (best + 1, float(bits[best])) if bits[best] > 0 else (0, 0.0)


def log_p_below(n: I64, product: F64) -> F64:
    """Natural log of how often the product of n p-values is at most exp(-product); a bound where it is too small.

    >>> bool(np.isclose(log_p_below(np.array([1]), np.array([3.0]))[0], -3.0))
    True
    """
    p = gammaincc(n, product)
    ratio = np.minimum((n - 1) / np.maximum(product, 1e-300), 0.999)
    last = (n - 1) * np.log(np.maximum(product, 1e-300)) - product - gammaln(n) - np.log1p(-ratio)
    with np.errstate(divide="ignore"):
        return np.asarray(np.where(p > 1e-280, np.log(p), np.minimum(last, 0.0)))
