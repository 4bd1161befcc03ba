r"""The budget of false accusation of a stream: what each look has to pay.

A group that chance made scores ``s`` bits or more in one look with probability :math:`2^{-s}` at most: the price of
having chosen it among all groups, layers and windows is paid in the score already. Look number k, counted over the
whole life of a stream, may spend ``fdr`` times :math:`6 / (\pi^2 k^2)` of the budget. These shares add up to ``fdr``
however many looks there are, and whenever they are taken (a union bound, so that looks may depend on what was seen).
"""

from __future__ import annotations

import math


def look_bits(look: int, fdr: float) -> float:
    """Give the bits that a group must score in look number ``look`` (from 1) to be raised as a lead.

    >>> [round(look_bits(k, 0.05), 1) for k in (1, 10, 1000, 1_000_000)]
    [5.0, 11.7, 25.0, 44.9]
    """
    return math.log2(math.pi**2 * look**2 / (6 * fdr))
