"""Graphs against their twins."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.kernels import peel
from tests.kernels import twins

EDGES = st.sets(
    st.tuples(st.integers(0, 11), st.integers(0, 11)).filter(lambda e: e[0] < e[1]), max_size=66
).map(sorted)


def ends(edges):
    return (np.array([e[x] for e in edges], np.int32) for x in (0, 1))


@settings(max_examples=300)
@given(EDGES, st.integers(1, 5))
def test_truss(edges, support):
    a, b = ends(edges)
    keep = peel.truss(a, b, 12, support)
    assert {e for e, k in zip(edges, keep, strict=True) if k} == twins.truss(edges, support)


@given(EDGES)
def test_components(edges):
    a, b = ends(edges)
    assert peel.components(a, b, 12).tolist() == twins.components(edges, 12)


def test_known_answers():
    # A clique of five hangs on a path: every edge of the clique is in three triangles, the path in none.
    clique = [(i, j) for i in range(5) for j in range(i + 1, 5)]
    a, b = ends([*clique, (4, 5), (5, 6)])
    assert peel.truss(a, b, 7, 3).tolist() == [True] * 10 + [False] * 2
    assert not peel.truss(a, b, 7, 4).any()
