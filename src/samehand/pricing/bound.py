"""The packing bound: how many orders a fleet can serve before some pair of it has met too often.

If any pair that reaches k* joint orders is caught, then P accounts that fill orders of size F serve at most
B <= (k* - 1) P (P - 1) / (F (F - 1)) orders: each order makes F (F - 1) / 2 pairs meet, and there are P (P - 1) / 2.
"""

from __future__ import annotations

import numpy as np

from samehand.arrays import I64
from samehand.pricing.plan import Cell


def k_star(pairs: I64, significant: I64) -> int | None:
    """The number of joint orders that best divides the pairs that are significant from those that are not.

    Args:
        pairs: Number of pairs, by joint orders.
        significant: Those of them that are significant.

    Returns:
        The least k from which on a pair counts as significant, 1 or more; None where that is at no k that was seen.

    >>> k_star(np.array([9, 9, 9, 9]), np.array([0, 0, 8, 9])), k_star(np.array([9, 9]), np.array([0, 1]))
    (2, None)
    """
    missed = np.concatenate([[0], np.cumsum(significant)])
    other = pairs - significant
    wrong = missed + other.sum() - np.concatenate([[0], np.cumsum(other)])
    k = 1 + int(np.argmin(wrong[1:])) if len(wrong) > 1 else len(pairs)
    return k if k < len(pairs) else None


def most_orders(k: int, cell: Cell) -> float:
    """The most orders that leave every pair below k joint ones."""
    pairs = cell.n_accounts * (cell.n_accounts - 1)
    return (k - 1) * pairs / (cell.n_serving * (cell.n_serving - 1))


def most_per_day(k: int, cell: Cell, days: float) -> float:
    """The same as joint actions of an account per day.

    >>> most_per_day(3, Cell(n_accounts=10, delay_us=1, n_serving=5), 9.0)
    0.5
    """
    return most_orders(k, cell) * cell.n_serving / cell.n_accounts / days
