"""Communities of interest, learned from who pays attention to what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from scipy import sparse
from sknetwork.clustering import Louvain

from samehand.engines.interface import I32, Attention, Interests

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
    biadjacency = sparse.csr_matrix(
        (np.ones(len(attention.account), np.float32), (attention.account, attention.feature)),
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
        class_of_account[active] = number[louvain.labels_row_[active]]
        classes = vote(class_of_account)
    classes[looked_at] = number[louvain.labels_col_]
    return Interests(layer, len(large) + 1, classes)
