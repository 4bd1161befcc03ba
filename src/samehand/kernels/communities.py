"""Communities of a weighted graph by the constant Potts model: parts whose pairs weigh more than a resolution.

Fast local moving (Blondel et al. 2008, with the queue of Traag, Waltman and van Eck 2019) in 64-bit floats; a node
moves only for a gain that rounding cannot make, so that it ends.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit

from samehand.arrays import F64, I32, I64

LEAST_GAIN: Final = 1e-9
"""Relative to the weight of the node that moves."""


@njit(nogil=True, cache=True)
def move_nodes(
    first: I64, neighbour: I32, weight: F64, size: F64, order: I64, resolution: float, label: I32
) -> bool:
    """Move nodes, one at a time, to the community where they gain most, until no move gains.

    The quality is the sum over communities of the weight inside less resolution * (n * n - sum of size**2) / 2, n being
    the sum of the sizes of a community's nodes.

    Args:
        first, neighbour, weight: Edges by node, each at both ends, without loops.
        size: Nodes that each node stands for.
        order: The nodes in the order in which they are looked at.
        resolution: Weight that a pair of nodes must have on average.
        label: Community of each node, 0 to nodes - 1; changed.

    Returns:
        Whether any node moved.
    """
    n = len(size)
    total = np.zeros(n, np.float64)
    n_in = np.zeros(n, np.int64)
    for u in range(n):
        total[label[u]] += size[u]
        n_in[label[u]] += 1
    empty = np.empty(n, np.int32)
    n_empty = 0
    for c in range(n - 1, -1, -1):
        if n_in[c] == 0:
            empty[n_empty] = c
            n_empty += 1
    queue = order.copy()
    queued = np.ones(n, np.bool_)
    head = 0
    n_queued = n
    to = np.zeros(n, np.float64)
    near = np.empty(n, np.int32)
    moved = False
    again = False
    while n_queued > 0 or again:
        if n_queued == 0:  # a community that shrank may now draw nodes that were not asked: ask all once more
            queue[:] = order
            queued[:] = True
            head, n_queued, again = 0, n, False
        u = queue[head % n]
        head += 1
        n_queued -= 1
        queued[u] = False
        own = label[u]
        n_near = 0
        strength = 0.0
        for x in range(first[u], first[u + 1]):
            c = label[neighbour[x]]
            if to[c] == 0.0:
                near[n_near] = c
                n_near += 1
            to[c] += weight[x]
            strength += weight[x]
        total[own] -= size[u]
        best = own
        stay = to[own] - resolution * size[u] * total[own]
        most = stay + LEAST_GAIN * strength
        for z in range(n_near):
            c = near[z]
            gain = to[c] - resolution * size[u] * total[c]
            if c != own and (gain > most or (gain == most and best != own and c < best)):
                best = c
                most = gain
            to[c] = 0.0
        to[own] = 0.0
        if n_empty > 0 and most < 0.0 and n_in[own] > 1:  # better alone
            best = empty[n_empty - 1]
            n_empty -= 1
        total[best] += size[u]
        if best != own:
            n_in[own] -= 1
            n_in[best] += 1
            if n_in[own] == 0:
                empty[n_empty] = own
                n_empty += 1
            label[u] = best
            moved = True
            again = True
            for x in range(first[u], first[u + 1]):
                v = neighbour[x]
                if label[v] != best and not queued[v]:
                    queued[v] = True
                    queue[(head + n_queued) % n] = v
                    n_queued += 1
    return moved
