"""Local moving: it only gains, it ends, and it stops where no single move gains."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.graph.cluster import find_communities
from samehand.kernels import communities, peel

N = 12
EDGES = st.dictionaries(
    st.sampled_from(list(itertools.combinations(range(N), 2))),
    st.sampled_from([0.5, 1.0, 2.0, 7.0, 60.0]),
    min_size=1,
)


def quality(edges, label, resolution, size):
    """The weight inside communities, less the resolution for each pair of what their nodes stand for."""
    inside = sum(w for (a, b), w in edges.items() if label[a] == label[b])
    pairs = sum(
        size[a] * size[b] for a, b in itertools.combinations(range(len(label)), 2) if label[a] == label[b]
    )
    return inside - resolution * pairs


def moved(edges, label, resolution, size, order):
    ends = list(edges)
    a, b = (np.array([pair[x] for pair in ends], np.int32) for x in (0, 1))
    first, neighbour, edge = peel.adjacency(a, b, N)
    weight = np.array(list(edges.values()))[edge]
    label = np.array(label, np.int32)
    any_moved = communities.move_nodes(
        first, neighbour, weight, np.array(size, float), np.array(order), resolution, label
    )
    return label.tolist(), any_moved


@settings(max_examples=200)
@given(
    EDGES,
    st.lists(st.integers(0, N - 1), min_size=N, max_size=N),
    st.sampled_from([0.3, 1.0, 5.0]),
    st.lists(st.integers(1, 3), min_size=N, max_size=N),
    st.permutations(range(N)),
)
def test_moving_gains_until_no_single_move_does(edges, label, resolution, size, order):
    found, any_moved = moved(edges, label, resolution, size, order)
    before, after = (quality(edges, some, resolution, size) for some in (label, found))
    assert after > before if any_moved else found == label
    for node in range(N):
        for other in {found[v] for v in range(N)}:
            tried = [other if v == node else c for v, c in enumerate(found)]
            assert quality(edges, tried, resolution, size) <= after + 1e-6


@given(EDGES, st.integers(0, 5))
def test_the_whole_search_is_no_worse_than_single_moves_and_the_same_for_a_seed(edges, seed):
    a, b = (np.array([pair[x] for pair in edges], np.int32) for x in (0, 1))
    weight = np.array(list(edges.values()))
    found = find_communities(a, b, weight, N, seed)
    assert found.tolist() == find_communities(a, b, weight, N, seed).tolist()
    assert quality(edges, found, 1.0, [1] * N) >= -1e-9, "no worse than every node by itself"
    single, _ = moved(edges, found.tolist(), 1.0, [1] * N, range(N))
    assert single == found.tolist(), "no single node gains by moving"


@pytest.mark.parametrize("seed", range(5))
def test_planted_groups_are_found(seed):
    rng = np.random.default_rng(seed)
    n, size = 400, 20
    pairs = [
        (a, b)
        for a, b in itertools.combinations(range(n), 2)
        if a // size == b // size and rng.random() < 0.6
    ]
    pairs += [tuple(sorted(rng.choice(n, 2, replace=False).tolist())) for _ in range(150)]
    a, b = np.array(sorted(set(pairs)), np.int32).T
    label = find_communities(a, b, np.full(len(a), 20.0), n, seed)
    groups = {frozenset(np.flatnonzero(label == c).tolist()) for c in set(label.tolist())}
    planted = {frozenset(range(g * size, (g + 1) * size)) for g in range(n // size)}
    assert len(groups & planted) >= 18


def test_nodes_without_a_reason_stay_alone():
    found, _ = moved({(0, 1): 0.4}, list(range(N)), 1.0, [1] * N, range(N))
    assert found == list(range(N))
