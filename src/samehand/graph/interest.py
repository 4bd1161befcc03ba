"""Communities of interest, learned from who pays attention to what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from scipy import sparse
from sknetwork.clustering import Louvain

from samehand.engines.interface import I32, I64, Attention, Interests

MIN_ACCOUNTS: Final = 200
"""A community must be far larger than a fleet, so that a fleet does not become its own background."""
MOST_PAIRS: Final = 2_500_000
"""(account, target) pairs to learn from; beyond it, a random sample of targets, and the rest by the votes of accounts.
"""

Vote = Callable[[I32], I32]
"""Given a class of each account (0: none), the most frequent one of the accounts on each feature (0: none)."""


def learn_interests(layer: str, attention: Attention, seed: int, vote: Vote | None = None) -> Interests:
    """Find communities in the graph of accounts and features (Louvain) and give each feature its class.

    Small communities, and features that nobody can be asked about, make up class 0, the rest.

    Args:
        layer: Name of the layer that the features are of.
        attention: From ``Engine.attention``, suspects left out.
        seed: Seed of the clustering; the result does not depend on the order of rows.
        vote: For logs that are too large to learn from every feature: gives the rest the class of most accounts there.
    """
    classes = np.zeros(attention.n_features, np.int32)
    if len(attention.account) == 0:
        return Interests(layer, 1, classes)
    order = _order_by_attention(attention)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    biadjacency = sparse.csr_matrix(
        (np.ones(len(attention.account), np.float32), (place[attention.account], attention.feature)),
        shape=(attention.n_accounts, attention.n_features),
    )
    biadjacency = biadjacency[:, np.asarray(biadjacency.sum(axis=0)).ravel() >= 2]
    looked_at = np.flatnonzero(np.bincount(attention.feature, minlength=attention.n_features) >= 2)
    if biadjacency.nnz == 0:
        return Interests(layer, 1, classes)
    louvain = Louvain(random_state=seed, tol_aggregation=1e-4, tol_optimization=1e-4)
    louvain.fit(biadjacency, force_bipartite=True)
    active = np.flatnonzero(np.diff(biadjacency.indptr) > 0)
    n_found = int(max(louvain.labels_row_.max(), louvain.labels_col_.max())) + 1  # some may have no accounts
    sizes = np.bincount(louvain.labels_row_[active], minlength=n_found)
    large = np.flatnonzero(sizes >= MIN_ACCOUNTS)
    number = np.zeros(len(sizes), np.int32)
    number[large] = np.arange(1, len(large) + 1, dtype=np.int32)
    if attention.n_left_out and vote is not None:
        class_of_account = np.zeros(attention.n_accounts, np.int32)
        class_of_account[order[active]] = number[louvain.labels_row_[active]]
        classes = vote(class_of_account)
    classes[looked_at] = number[louvain.labels_col_]
    return Interests(layer, len(large) + 1, classes)


def _order_by_attention(attention: Attention) -> I64:
    """Accounts in an order that rests on what they pay attention to, not on their names: Louvain visits them in it."""
    with np.errstate(over="ignore"):
        word = (np.arange(attention.n_features, dtype=np.uint64) + np.uint64(1)) * np.uint64(
            0x9E3779B97F4A7C15
        )
        word = (word ^ (word >> np.uint64(31))) * np.uint64(0xBF58476D1CE4E5B9)
        key = np.zeros(attention.n_accounts, np.uint64)
        np.add.at(key, attention.account, word[attention.feature])
    return np.argsort(key, kind="stable")
