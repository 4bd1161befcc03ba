"""How sure a figure is that was measured on a few seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Z = 1.959964
DRAWS = 4_000


@dataclass(frozen=True)
class Spread:
    """A figure over seeds: the value, its 95 % interval, and the extremes of single seeds."""

    value: float
    low: float
    high: float
    least: float
    most: float
    n: int


def mean_of(values: Sequence[float | None]) -> Spread | None:
    """Mean over seeds with a bootstrap interval; seeds without the figure are passed over."""
    known = np.array([value for value in values if value is not None], float)
    if len(known) == 0:
        return None
    return _spread(known, np.ones(len(known)), known)


def ratio_of(parts: Sequence[float], wholes: Sequence[float]) -> Spread | None:
    """Sum of parts over sum of wholes, with an interval by drawing seeds again."""
    part, whole = np.array(parts, float), np.array(wholes, float)
    if whole.sum() == 0:
        return None
    known = whole > 0
    return _spread(part, whole, part[known] / whole[known])


def wilson(n_hits: int, n: int) -> tuple[float, float]:
    """95 % interval of a share.

    >>> low, high = wilson(0, 20)
    >>> round(low, 3), round(high, 3)
    (0.0, 0.161)
    """
    if n == 0:
        return 0.0, 1.0
    rate = n_hits / n
    middle = (rate + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * np.sqrt(rate * (1 - rate) / n + Z * Z / (4 * n * n))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def _spread(part: np.ndarray, whole: np.ndarray, single: np.ndarray) -> Spread:
    rng = np.random.default_rng(0)
    drawn = rng.integers(0, len(part), (DRAWS, len(part)))
    sums = whole[drawn].sum(axis=1)
    ratios = part[drawn].sum(axis=1)[sums > 0] / sums[sums > 0]
    low, high = np.percentile(ratios, [2.5, 97.5])
    return Spread(
        value=float(part.sum() / whole.sum()),
        low=float(low),
        high=float(high),
        least=float(single.min()),
        most=float(single.max()),
        n=len(single),
    )
