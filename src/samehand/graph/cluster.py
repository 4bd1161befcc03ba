"""Clusters of accounts from the edges that stand."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import sparse

from samehand.arrays import BOOL, F64, I32
from samehand.graph.backbone import (
    GROUP_SUPPORT,
    REST_SUPPORT,
    Backbone,
    Edges,
    distinct_edges,
    supported,
)
from samehand.kernels import communities, peel

GROUP_SCALE_US: Final = 600_000_000
"""Weak edges count in groups from this scale on: at finer ones a fleet that can be seen at all is seen in pairs."""
MIN_DENSITY_BITS: Final = 1.0
"""Bits that the pairs of a cluster carry on average at least (the resolution of the constant Potts model)."""
MOST_ROUNDS: Final = 20
"""Times that single nodes have their say after communities were joined; two or three are enough."""
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

    def but(self, known: Container[bytes]) -> Clusters:
        """Give those whose accounts, as bytes, are not known."""
        new = [i for i, group in enumerate(self.groups) if group.tobytes() not in known]
        return Clusters([self.groups[i] for i in new], [self.suspects[i] for i in new])


def find_clusters(edges: Sequence[Edges], n_accounts: int, min_accounts: int, seed: int) -> Clusters:
    """Group the accounts by strong edges in triangles and by dense groups of weak edges.

    Args:
        edges: Of all layers and scales.
        n_accounts: Accounts of the log.
        min_accounts: Smallest group.
        seed: Seed of the clustering.
    """
    strong = supported(_pool(edges, "strong"), n_accounts, 1)
    weak = [_pool([one], "weak") for one in edges if one.scale_us >= GROUP_SCALE_US]

    def groups(parts: list[Backbone]) -> list[I32]:
        return [group for group in _split(_join_edges(parts), n_accounts, seed) if len(group) >= min_accounts]

    found = groups([strong, *(supported(one, n_accounts, GROUP_SUPPORT) for one in weak)])
    grouped = np.zeros(n_accounts, np.bool_)
    for group in found:
        grouped[group] = True
    found += groups([supported(_outside(one, grouped), n_accounts, REST_SUPPORT) for one in weak])
    return Clusters(found, _chained(strong, found, n_accounts))


def _join_edges(parts: list[Backbone]) -> Backbone:
    if not parts:
        return NO_EDGES
    return distinct_edges(*(np.concatenate([getattr(p, x) for p in parts]) for x in ("a", "b", "bits")))


def _outside(edges: Backbone, grouped: BOOL) -> Backbone:
    """The edges between accounts that are in no group."""
    keep = ~grouped[edges.a] & ~grouped[edges.b]
    return Backbone(edges.a[keep], edges.b[keep], edges.bits[keep])


def _pool(edges: Sequence[Edges], kind: str) -> Backbone:
    parts = [
        (e.pairs.account_a[mark], e.pairs.account_b[mark], -e.log_p_meeting[mark] / np.log(2))
        for e in edges
        for mark in [getattr(e, kind)]
    ]
    if not parts:
        return NO_EDGES
    return distinct_edges(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _split(edges: Backbone, n_accounts: int, seed: int) -> list[I32]:
    """Split the graph into connected communities by the constant Potts model (Traag, Van Dooren and Nesterov 2011)."""
    accounts = np.unique(np.concatenate([edges.a, edges.b])).astype(np.int32)
    if len(accounts) == 0:
        return []
    row = np.full(n_accounts, -1, np.int32)
    row[accounts] = np.arange(len(accounts), dtype=np.int32)
    a, b, bits = row[edges.a], row[edges.b], np.minimum(edges.bits, MOST_BITS)
    label = find_communities(a, b, bits, len(accounts), seed)
    inside = label[a] == label[b]
    part = peel.components(a[inside], b[inside], len(accounts))
    order = np.argsort(part, kind="stable")
    return np.split(accounts[order], np.flatnonzero(np.diff(part[order])) + 1)


def find_communities(a: I32, b: I32, weight: F64, n_nodes: int, seed: int) -> I32:
    """Give each node of a graph its community; see ``kernels.communities``.

    Each level moves whole communities of the level below; then single nodes have their say again, until nothing gains.
    """
    graph = sparse.coo_matrix(
        (np.r_[weight, weight], (np.r_[a, b], np.r_[b, a])), shape=(n_nodes, n_nodes)
    ).tocsr()
    rng = np.random.default_rng(seed)
    label = np.arange(n_nodes, dtype=np.int32)
    for _ in range(MOST_ROUNDS):
        label = np.unique(label, return_inverse=True)[1].astype(np.int32)
        if not _move(graph, np.ones(n_nodes), label, rng):
            break
        while True:
            label = np.unique(label, return_inverse=True)[1].astype(np.int32)
            whole, size = _join(graph, label)
            joined = np.arange(len(size), dtype=np.int32)
            if not _move(whole, size, joined, rng):
                break
            label = joined[label]
    return label


def _move(graph: sparse.csr_matrix, size: F64, label: I32, rng: np.random.Generator) -> bool:
    first, neighbour = graph.indptr.astype(np.int64), graph.indices.astype(np.int32)
    order = rng.permutation(len(size))
    return bool(communities.move_nodes(first, neighbour, graph.data, size, order, MIN_DENSITY_BITS, label))


def _join(graph: sparse.csr_matrix, label: I32) -> tuple[sparse.csr_matrix, F64]:
    """The graph of communities, without loops, and the number of nodes of each."""
    size = np.bincount(label).astype(np.float64)
    ends = graph.tocoo()
    apart = label[ends.row] != label[ends.col]
    pairs = label[ends.row[apart]], label[ends.col[apart]]
    return sparse.coo_matrix((ends.data[apart], pairs), shape=(len(size), len(size))).tocsr(), size


def _chained(strong: Backbone, groups: list[I32], n_accounts: int) -> list[I32]:
    label = peel.components(strong.a, strong.b, n_accounts)
    accounts = np.unique(np.concatenate([strong.a, strong.b])).astype(np.int32)
    on_backbone = np.zeros(n_accounts, np.bool_)
    on_backbone[accounts] = True
    return [accounts[np.isin(label[accounts], label[group[on_backbone[group]]])] for group in groups]
