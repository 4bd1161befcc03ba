"""Clusters of accounts from the edges that stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import sparse
from sknetwork.clustering import Leiden

from samehand.engines.interface import I32
from samehand.graph.backbone import GROUP_SUPPORT, Backbone, Edges, distinct_edges, supported
from samehand.kernels import peel

GROUP_SCALE_US: Final = 600_000_000
"""Weak edges count in groups from this scale on: at finer ones a fleet that can be seen at all is seen in pairs."""
MIN_DENSITY_BITS: Final = 1.0
"""Bits that the pairs of a cluster carry on average at least (the resolution of the constant Potts model)."""
MOST_BITS: Final = 60.0
"""Bits of an edge that count: one pair, however sure, does not make a group."""
NO_EDGES: Final = Backbone(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0))


@dataclass(frozen=True)
class Clusters:
    """Groups of accounts that the edges hold together; no claim yet."""

    groups: list[I32]
    """Account codes of each, ascending."""
    suspects: list[I32]
    """For each group, all accounts that strong edges chain to it: they are no background for it."""


def find_clusters(edges: Sequence[Edges], n_accounts: int, min_accounts: int, seed: int) -> Clusters:
    """Group the accounts by strong edges in triangles and by dense groups of weak edges.

    Args:
        edges: Of all layers and scales.
        n_accounts: Accounts of the log.
        min_accounts: Smallest group.
        seed: Seed of the clustering.
    """
    strong = supported(_pool(edges, "strong"), n_accounts, 1)
    groups = [
        supported(_pool([one], "weak"), n_accounts, GROUP_SUPPORT)
        for one in edges
        if one.scale_us >= GROUP_SCALE_US
    ]
    parts = [strong, *groups]
    backbone = distinct_edges(*(np.concatenate([getattr(p, x) for p in parts]) for x in ("a", "b", "bits")))
    found = [group for group in _split(backbone, n_accounts, seed) if len(group) >= min_accounts]
    return Clusters(found, _chained(strong, found, n_accounts))


def _pool(edges: Sequence[Edges], kind: str) -> Backbone:
    parts = [
        (e.pairs.account_a[mark], e.pairs.account_b[mark], -e.log_p[mark] / np.log(2))
        for e in edges
        for mark in [getattr(e, kind)]
    ]
    if not parts:
        return NO_EDGES
    return distinct_edges(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _split(edges: Backbone, n_accounts: int, seed: int) -> list[I32]:
    """Split the graph by Leiden with the constant Potts model (Traag, Waltman and van Eck 2019)."""
    accounts = np.unique(np.concatenate([edges.a, edges.b])).astype(np.int32)
    if len(accounts) == 0:
        return []
    row = np.full(n_accounts, -1, np.int32)
    row[accounts] = np.arange(len(accounts), dtype=np.int32)
    bits = np.minimum(edges.bits, MOST_BITS)
    ends = (np.concatenate([row[edges.a], row[edges.b]]), np.concatenate([row[edges.b], row[edges.a]]))
    n = len(accounts)
    graph = sparse.coo_matrix((np.concatenate([bits, bits]), ends), shape=(n, n)).tocsr()
    # The library scales its resolution by total weight and n * n; here it is bits a pair.
    resolution = MIN_DENSITY_BITS * n * n / graph.data.sum()
    leiden = Leiden(
        resolution=resolution,
        modularity="potts",
        random_state=seed,
        tol_optimization=1e-9,
        tol_aggregation=1e-9,
    )
    labels = leiden.fit_predict(graph)
    order = np.argsort(labels, kind="stable")
    return np.split(accounts[order], np.flatnonzero(np.diff(labels[order])) + 1)


def _chained(strong: Backbone, groups: list[I32], n_accounts: int) -> list[I32]:
    label = peel.components(strong.a, strong.b, n_accounts)
    accounts = np.unique(np.concatenate([strong.a, strong.b])).astype(np.int32)
    on_backbone = np.zeros(n_accounts, np.bool_)
    on_backbone[accounts] = True
    return [accounts[np.isin(label[accounts], label[group[on_backbone[group]]])] for group in groups]
