"""Triangles and trusses of an undirected graph in compressed rows."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from samehand.arrays import I32, I64


@njit(nogil=True, cache=True)
def adjacency(a: I32, b: I32, n_nodes: int) -> tuple[I64, I32, I32]:
    """Compressed rows of a graph whose edges (a[i], b[i]) are distinct and free of loops.

    Returns:
        ``first`` (n_nodes + 1), ``neighbour`` (ascending in a row) and ``edge`` (its index); each edge is there twice.
    """
    first = np.zeros(n_nodes + 1, np.int64)
    for i in range(len(a)):
        first[a[i] + 1] += 1
        first[b[i] + 1] += 1
    for node in range(n_nodes):
        first[node + 1] += first[node]
    neighbour = np.empty(2 * len(a), np.int32)
    edge = np.empty(2 * len(a), np.int32)
    at = first[:-1].copy()
    for i in range(len(a)):
        neighbour[at[a[i]]] = b[i]
        edge[at[a[i]]] = i
        at[a[i]] += 1
        neighbour[at[b[i]]] = a[i]
        edge[at[b[i]]] = i
        at[b[i]] += 1
    for node in range(n_nodes):
        row = neighbour[first[node] : first[node + 1]]
        sequence = np.argsort(row)
        neighbour[first[node] : first[node + 1]] = row[sequence]
        edge[first[node] : first[node + 1]] = edge[first[node] : first[node + 1]][sequence]
    return first, neighbour, edge


@njit(nogil=True, cache=True)
def truss(a: I32, b: I32, n_nodes: int, support: int) -> NDArray[np.bool_]:
    """Keep the largest set of edges of which each is in at least ``support`` triangles of the set.

    The (support + 2)-truss of Cohen 2008, by peeling. ``support=1`` keeps the edges of triangles.

    Args:
        a, b: Ends of the edges; distinct edges without loops.
        n_nodes: Number of nodes.
        support: Least number of triangles.

    Returns:
        True for the edges that stay.
    """
    first, neighbour, edge = adjacency(a, b, n_nodes)
    n_edges = len(a)
    alive = np.ones(n_edges, np.bool_)
    n_triangles = np.zeros(n_edges, np.int32)
    for e in range(n_edges):
        x, x_end = first[a[e]], first[a[e] + 1]
        y, y_end = first[b[e]], first[b[e] + 1]
        while x < x_end and y < y_end:
            if neighbour[x] < neighbour[y]:
                x += 1
            elif neighbour[y] < neighbour[x]:
                y += 1
            else:
                n_triangles[e] += 1
                x += 1
                y += 1
    stack = np.empty(n_edges, np.int32)
    depth = 0
    for e in range(n_edges):
        if n_triangles[e] < support:
            alive[e] = False
            stack[depth] = e
            depth += 1
    while depth > 0:
        depth -= 1
        e = stack[depth]
        x, x_end = first[a[e]], first[a[e] + 1]
        y, y_end = first[b[e]], first[b[e] + 1]
        while x < x_end and y < y_end:
            if neighbour[x] < neighbour[y]:
                x += 1
            elif neighbour[y] < neighbour[x]:
                y += 1
            else:
                # The triangle counts for its other two edges only while both of them still stand, or
                # one of them is waiting on the stack and has not taken the triangle away yet.
                for other, third in ((edge[x], edge[y]), (edge[y], edge[x])):
                    if alive[other] and n_triangles[third] >= 0:
                        n_triangles[other] -= 1
                        if n_triangles[other] < support:
                            alive[other] = False
                            stack[depth] = other
                            depth += 1
                x += 1
                y += 1
        n_triangles[e] = -1
    return alive


@njit(nogil=True, cache=True)
def components(a: I32, b: I32, n_nodes: int) -> I32:
    """Label each node with the smallest node of its connected component (union by smaller root)."""
    parent = np.arange(n_nodes).astype(np.int32)
    for i in range(len(a)):
        x, y = a[i], b[i]
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        while parent[y] != y:
            parent[y] = parent[parent[y]]
            y = parent[y]
        if x < y:
            parent[y] = x
        elif y < x:
            parent[x] = y
    for node in range(n_nodes):
        root = node
        while parent[root] != root:
            root = parent[root]
        parent[node] = root
    return parent
