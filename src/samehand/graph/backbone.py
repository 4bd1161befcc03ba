"""Which pairs of accounts carry a fleet, and which accounts hang together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from samehand.arrays import BOOL, F64, I32
from samehand.engines.answers import Pairs, Retest
from samehand.kernels import peel

WEAK_DEGREE: Final = 20.0
"""Weak pairs that chance gives an account at most."""
WEAK_P: Final = 1e-3
SUSPECT_DEGREE: Final = 2.0
"""Suspect pairs that chance gives an account at most."""
LEARNING_DEGREE: Final = 0.02
"""The same for pairs so suspect that no interest is learned from their accounts."""
STRONG_P: Final = 0.1
"""Divided by A**1.5, A accounts: far below the point where chance edges hang together (1/A)."""
LAG_P: Final = 1e-5
"""The lags of a strong pair must be this surprising, given that the two share targets at all."""
GROUP_SUPPORT: Final = 6
"""Triangles of weak edges that an edge of a group must be in."""
REST_SUPPORT: Final = 2
"""The same among accounts that are in no such group: small fleets have no more."""


def weak_log_p(n_accounts: int) -> float:
    """Largest log p-value of a weak pair: rare enough that chance gives an account few of them."""
    return float(np.log(min(WEAK_P, WEAK_DEGREE / max(n_accounts, 1))))


def suspect_log_p(n_accounts: int) -> float:
    """Largest log p-value of a suspect pair, which is no background for each other."""
    return float(np.log(min(WEAK_P, SUSPECT_DEGREE / max(n_accounts, 1))))


def learning_log_p(n_accounts: int) -> float:
    """Largest log p-value of a pair from whose accounts no interest is learned."""
    return float(np.log(min(WEAK_P, LEARNING_DEGREE / max(n_accounts, 1))))


def strong_log_p(n_accounts: int) -> float:
    """Largest log p-value of a strong pair."""
    return float(np.log(STRONG_P) - 1.5 * np.log(max(n_accounts, 1)))


@dataclass(frozen=True)
class Edges:
    """Pairs of accounts of one layer at one scale, with all that is known of them."""

    layer: str
    scale_us: int
    pairs: Pairs
    retest: Retest
    strong: BOOL
    weak: BOOL
    """Rare also against the stronger null."""

    @property
    def log_p_meeting(self) -> F64:
        """Of meeting so often: the larger of the p-values against density and background."""
        return np.maximum(self.pairs.log_p, self.retest.log_p_background)

    @property
    def log_p(self) -> F64:
        """The largest of the p-values against all nulls; 0 where the lags were not tested."""
        return np.maximum(self.log_p_meeting, np.nan_to_num(self.retest.log_p_lag, nan=0.0, neginf=-np.inf))


def judge(layer: str, scale_us: int, pairs: Pairs, retest: Retest, n_accounts: int) -> Edges:
    """Say which pairs are strong and which are weak."""
    log_p = np.maximum(pairs.log_p, retest.log_p_background)
    return Edges(
        layer=layer,
        scale_us=scale_us,
        pairs=pairs,
        retest=retest,
        strong=(log_p <= strong_log_p(n_accounts)) & (retest.log_p_lag <= np.log(LAG_P)),
        weak=log_p <= weak_log_p(n_accounts),
    )


def without(edges: Sequence[Edges], accounts: I32, n_accounts: int) -> list[Edges]:
    """Give the edges between other accounts than these; no edge of theirs is strong or weak."""
    out = np.zeros(n_accounts, np.bool_)
    out[accounts] = True
    stay = [~out[one.pairs.account_a] & ~out[one.pairs.account_b] for one in edges]
    return [
        replace(one, strong=one.strong & keep, weak=one.weak & keep)
        for one, keep in zip(edges, stay, strict=True)
    ]


@dataclass(frozen=True)
class Backbone:
    """Edges that stand: each in triangles of its own kind."""

    a: I32
    b: I32
    bits: F64


def distinct_edges(a: I32, b: I32, bits: F64) -> Backbone:
    """Take each pair once, with its best bits."""
    key = a.astype(np.int64) << 32 | b
    order = np.lexsort((-bits, key))
    first = np.ones(len(key), np.bool_)
    first[1:] = key[order][1:] != key[order][:-1]
    keep = order[first]
    return Backbone(a[keep], b[keep], bits[keep])


def supported(edges: Backbone, n_accounts: int, support: int) -> Backbone:
    """Keep the edges that are in at least so many triangles of kept edges."""
    if len(edges.a) == 0:
        return edges
    keep = peel.truss(edges.a, edges.b, n_accounts, support)
    return Backbone(edges.a[keep], edges.b[keep], edges.bits[keep])
