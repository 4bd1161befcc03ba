"""FRAUDAR: the densest blocks of accounts and targets, by peeling.

Hooi, Song, Beutel, Shah, Shin and Faloutsos, "FRAUDAR: Bounding Graph Fraud in the Face of Camouflage", KDD 2016; the
authors' code, version 1.1, for the constants.

Published: the density of a block is the sum of its edges' weights over its number of accounts and targets. An edge
weighs 1 / log(d + 5), d being the degree of its target, so that what everybody likes says little. The node that
contributes least is removed until none is left, and the densest block on the way is given. Its density is at least
half of that of the densest block there is. Camouflage, edges of a block's accounts to other targets, does not change
the block's density. Further blocks: the edges of a block are removed, and the search begins again. The default is one
block, as the authors' program gives.

Ours: an edge says that the account did anything to the target, once or often; ties go to accounts, then to names.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from peers.log import Floats, Group, Ints, Log


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What may be set."""

    n_blocks: int = 1
    """Blocks that are looked for, one after the other."""
    constant: float = 5.0
    """Added to the degree of a target before the logarithm."""


@dataclass(frozen=True)
class Block:
    """Accounts and targets that belong together."""

    accounts: Ints
    targets: Ints
    density: float


def find(log: Log, settings: Settings | None = None) -> list[Group]:
    """Find the densest blocks, one after the other.

    Returns:
        Groups, of which several may hold one account; the score is the density.
    """
    settings = settings or Settings()
    n_targets = int(log.target.max(initial=-1)) + 1
    account, target = np.divmod(np.unique(log.account * max(n_targets, 1) + log.target), max(n_targets, 1))
    groups = []
    for _ in range(settings.n_blocks):
        if len(account) == 0:
            break
        block = densest_block(account, target, edge_weights(target, settings.constant))
        groups.append(log.group(block.accounts, block.density))
        inside = np.isin(account, block.accounts) & np.isin(target, block.targets)
        account, target = account[~inside], target[~inside]
    return groups


def edge_weights(target: Ints, constant: float) -> Floats:
    """Weigh each edge by how few others its target has."""
    return np.asarray(1 / np.log(np.bincount(target)[target] + constant))


def densest_block(account: Ints, target: Ints, weight: Floats) -> Block:
    """Peel a graph and give the densest block on the way.

    Args:
        account: Of each edge; there is at least one edge.
        target: Of each edge.
        weight: Of each edge, above 0.
    """
    accounts, first = np.unique(account, return_inverse=True)
    targets, second = np.unique(target, return_inverse=True)
    second = second + len(accounts)  # nodes: the accounts, then the targets
    n_nodes = len(accounts) + len(targets)
    edges_of = _edges_of(np.concatenate([first, second]), n_nodes, len(first))
    ends = list(zip(first.tolist(), second.tolist(), strict=True))
    gives = np.bincount(np.concatenate([first, second]), np.tile(weight, 2), n_nodes).tolist()
    weights, alive = weight.tolist(), [True] * n_nodes
    heap = [(give, node) for node, give in enumerate(gives)]
    heapq.heapify(heap)
    total, n_left = float(weight.sum()), n_nodes
    best, n_removed, removed = total / n_nodes, 0, []
    while n_left > 1:
        give, node = heapq.heappop(heap)
        if not alive[node] or give != gives[node]:
            continue  # an entry of before it changed
        alive[node] = False
        removed.append(node)
        total, n_left = total - give, n_left - 1
        for edge in edges_of[node]:
            other = ends[edge][0] if ends[edge][1] == node else ends[edge][1]
            if alive[other]:
                gives[other] -= weights[edge]
                heapq.heappush(heap, (gives[other], other))
        if total / n_left > best + 1e-12:
            best, n_removed = total / n_left, len(removed)
    left = np.setdiff1d(np.arange(n_nodes), removed[:n_removed])
    return Block(
        accounts[left[left < len(accounts)]], targets[left[left >= len(accounts)] - len(accounts)], best
    )


def _edges_of(ends: Ints, n_nodes: int, n_edges: int) -> list[list[int]]:
    """List the edges of each node, given both ends of all edges, first ends first."""
    order = np.argsort(ends, kind="stable")
    borders = np.cumsum(np.bincount(ends, minlength=n_nodes))[:-1]
    return [part.tolist() for part in np.split(order % n_edges, borders)]
