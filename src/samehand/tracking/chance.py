"""What chance gives: accounts that two groups share, and rare traces that they have in common."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.stats import hypergeom

from samehand.arrays import BOOL, F64

_STEPS: Final = np.linspace(0.0, 3.0, 61)


def accounts_bits(n_shared: int, n_one: int, n_other: int, n_accounts: int) -> float:
    """-log2 of the chance that two groups drawn from ``n_accounts`` share at least ``n_shared``.

    >>> round(accounts_bits(3, 8, 8, 4000), 1), accounts_bits(0, 8, 8, 4000)
    (21.7, 0.0)
    """
    if not n_shared:
        return 0.0
    total = max(n_accounts, n_one + n_other - n_shared)
    log_p = hypergeom.logsf(n_shared - 1, total, n_one, n_other)
    if not np.isfinite(log_p):  # beyond what floats hold: the first term of the tail
        log_p = max(hypergeom.logpmf(n_shared, total, n_one, n_other), -1e5)
    return max(0.0, float(-log_p / np.log(2)))


def tail_bits(chance: F64, shared: BOOL) -> float:
    """Bound -log2 of the chance of sharing features as rare as these (Chernoff 1952; each weighs -log of its chance).

    Args:
        chance: For each feature of a fleet, the chance that another has it, in (0, 1).
        shared: Which the other has.

    Returns:
        Bits, at least 0 and never more than the chance itself would give.
    """
    if not shared.any():
        return 0.0
    rare, counts = np.unique(chance, return_counts=True)
    weight = -np.log(rare)
    seen = float(-np.log(chance[shared]).sum())
    grown = np.log1p(rare * np.expm1(np.multiply.outer(_STEPS, weight))) @ counts
    return max(0.0, float(-(grown - _STEPS * seen).min() / np.log(2)))
