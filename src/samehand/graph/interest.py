"""Communities of interest, learned from who pays attention to what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from scipy import sparse
from sknetwork.clustering import Louvain

from samehand.arrays import I32, I64, U64
from samehand.engines.answers import Attention, Interests

MIN_ACCOUNTS: Final = 200
"""A community must be far larger than a fleet, so that a fleet does not become its own background."""
MOST_PAIRS: Final = 2_500_000
"""(account, target) pairs to learn from; beyond it, a random sample of targets, and the rest by the votes of accounts.
"""

ROUNDS: Final = 3
"""Times that keys pass from neighbour to neighbour."""

Vote = Callable[[I32], I32]
"""Given a class of each account (0: none), the most frequent one of the accounts on each feature (0: none)."""


def learn_interests(
    layer: str, attention: Attention, suspects: I32, seed: int, vote: Vote | None = None
) -> Interests:
    """Find communities in the graph of accounts and features (Louvain) and give each feature its class.

    Suspects do not shape the communities, but they count in their sizes. Small communities, and features that nobody
    can be asked about, make up class 0, the rest.

    Args:
        layer: Name of the layer that the features are of.
        attention: From ``Engine.attention``.
        suspects: Accounts that may be moved by one hand: what they attend to together is no sign of an interest.
        seed: Seed of the clustering; the result does not depend on the order of rows.
        vote: For logs that are too large to learn from every feature: gives the rest the class of most accounts there.
    """
    classes = np.zeros(attention.n_features, np.int32)
    learned_from = ~np.isin(attention.account, suspects)
    account, feature = attention.account[learned_from], attention.feature[learned_from]
    n_attending = np.bincount(feature, minlength=attention.n_features)
    shared = n_attending[feature] >= 2
    account, feature = account[shared], feature[shared]
    if len(account) == 0:
        return Interests(layer, 1, classes)
    accounts, row = np.unique(account, return_inverse=True)
    features, column = np.unique(feature, return_inverse=True)
    home, label = _communities(row, column, len(accounts), len(features), seed)
    label_of = np.full(attention.n_features, -1, np.int32)
    label_of[features] = label
    number = _number_large(_sizes(attention, label_of, int(max(home.max(), label.max())) + 1))
    if attention.n_left_out and vote is not None:
        class_of_account = np.zeros(attention.n_accounts, np.int32)
        class_of_account[accounts] = number[home]
        classes = vote(class_of_account)
    classes[label_of >= 0] = number[label]
    return Interests(layer, int(number.max()) + 1, classes)


def _communities(account: I64, feature: I64, n_accounts: int, n_features: int, seed: int) -> tuple[I32, I32]:
    """Give each account and each feature its community."""
    place_of_account, place_of_feature = _places(account, feature, n_accounts, n_features)
    biadjacency = sparse.csr_matrix(
        (np.ones(len(account), np.float32), (place_of_account[account], place_of_feature[feature])),
        shape=(n_accounts, n_features),
    )
    louvain = Louvain(random_state=seed, tol_aggregation=1e-4, tol_optimization=1e-4)
    louvain.fit(biadjacency, force_bipartite=True)
    home: I32 = louvain.labels_row_[place_of_account].astype(np.int32)
    label: I32 = louvain.labels_col_[place_of_feature].astype(np.int32)
    return home, label


def _places(account: I64, feature: I64, n_accounts: int, n_features: int) -> tuple[I64, I64]:
    """Places of accounts and features in an order that rests on who attends to what and not on their names.

    Louvain visits them in this order. Each gets a key from the keys of its neighbours, a few times over (Weisfeiler and
    Leman 1968); those that still have the same key hardly differ.
    """
    of_account, of_feature = np.ones(n_accounts, np.uint64), np.ones(n_features, np.uint64)
    for _ in range(ROUNDS):
        of_account = _stir(_gathered(account, of_feature[feature], n_accounts))
        of_feature = _stir(_gathered(feature, of_account[account], n_features))
    of_account = _stir(_gathered(account, of_feature[feature], n_accounts))
    return _rank(of_account), _rank(of_feature)


def _gathered(to: I64, keys: U64, n: int) -> U64:
    summed = np.zeros(n, np.uint64)
    np.add.at(summed, to, keys)
    return summed


def _stir(keys: U64) -> U64:
    """Spread keys over all 64 bits (the finaliser of SplitMix64), so that sums of them tell neighbourhoods apart."""
    with np.errstate(over="ignore"):
        keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return keys ^ (keys >> np.uint64(31))


def _rank(keys: U64) -> I64:
    place = np.empty(len(keys), np.int64)
    place[np.argsort(keys, kind="stable")] = np.arange(len(keys))
    return place


def _sizes(attention: Attention, label_of: I32, n_communities: int) -> I64:
    """Accounts of each community, suspects too: each belongs where most of what it attends to is."""
    label = label_of[attention.feature]
    known = label >= 0
    key = attention.account[known].astype(np.int64) << 32 | label[known]
    keys, n_attended = np.unique(key, return_counts=True)
    account = keys >> 32
    order = np.lexsort((keys, -n_attended, account))  # the one with the most first, the first of equals
    first = np.ones(len(order), np.bool_)
    first[1:] = np.diff(account) > 0
    return np.bincount(keys[order[first]] & 0xFFFFFFFF, minlength=n_communities)


def _number_large(sizes: I64) -> I32:
    """Number the communities that are large enough from 1, the others are 0."""
    large = sizes >= MIN_ACCOUNTS
    return np.where(large, np.cumsum(large), 0).astype(np.int32)
