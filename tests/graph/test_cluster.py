"""Clusters of accounts from edges."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.graph.cluster import find_clusters
from tests.graph.edges import clique, edges_of

MINUTE_US = 60_000_000
ROOT = Path(__file__).parents[2]


def groups_of(edges, n_accounts=40, min_accounts=5, seed=0):
    return sorted(group.tolist() for group in find_clusters(edges, n_accounts, min_accounts, seed).groups)


LEFT, RIGHT = list(range(8)), list(range(8, 16))


@pytest.mark.parametrize(
    "bridge",
    [[(7, 8)], [(7, 8), (7, 9)]],
    ids=["an edge", "a triangle"],
)
def test_two_cliques_joined_by_little_are_two_groups(bridge):
    assert groups_of([edges_of(clique(LEFT) + clique(RIGHT) + bridge, bits=25)]) == [LEFT, RIGHT]


@pytest.mark.parametrize(("n_between", "n_groups"), [(3, 2), (4, 2), (8, 1), (20, 1)])
def test_groups_are_joined_where_their_pairs_carry_a_bit_on_average(n_between, n_groups):
    """Two cliques of 12, 144 pairs between them; an edge is 25 bits: six of them are 1 bit a pair."""
    one, other = list(range(12)), list(range(12, 24))
    between = [pair for n in range(6) for pair in ((n, 12 + n), (n, 13 + n), (n, 14 + n), (n, 15 + n))]
    edges = edges_of(clique(one) + clique(other) + between[:n_between], bits=25)
    assert groups_of([edges]) == ([one, other] if n_groups == 2 else [one + other])


@pytest.mark.parametrize("bits", [15, 25])
def test_a_partition_is_no_worse_than_the_planted_one(bits):
    """Five edges between two cliques of 12: 75 and 125 bits for 144 pairs, so that parting them gains 69 and 19."""
    one, other = list(range(12)), list(range(12, 24))
    between = [(0, 12), (0, 13), (0, 14), (0, 15), (1, 13)]
    edges = clique(one) + clique(other) + between

    def quality(groups):
        inside = sum(bits for a, b in edges if any(a in group and b in group for group in groups))
        return inside - sum(len(group) * (len(group) - 1) / 2 for group in groups)

    assert quality(groups_of([edges_of(edges, bits=bits)])) >= quality([one, other])


def test_two_cliques_joined_by_half_of_all_pairs_are_one_group():
    between = [pair for n, pair in enumerate(itertools.product(LEFT, RIGHT)) if n % 2 == 0]
    assert groups_of([edges_of(clique(LEFT) + clique(RIGHT) + between)]) == [LEFT + RIGHT]


def test_edges_without_triangles_make_no_group():
    ring = [(n, n + 1) for n in range(29)] + [(0, 29)]
    star = [(0, n) for n in range(1, 30)]
    assert groups_of([edges_of(ring)]) == groups_of([edges_of(star)]) == []


def test_a_tail_of_strangers_does_not_hang_on_a_group():
    tail = [(7, 20), (20, 21), (21, 22)]
    assert groups_of([edges_of(clique(LEFT) + tail)]) == [LEFT]


def test_strong_edges_of_all_layers_and_scales_make_triangles_together():
    pairs = clique(range(6))
    third = len(pairs) // 3
    parts = [pairs[:third], pairs[third : 2 * third], pairs[2 * third :]]
    looks = [(MINUTE_US, "co_target"), (MINUTE_US, "rhythm"), (60 * MINUTE_US, "co_target")]
    edges = [edges_of(part, scale_us=s, layer=name) for part, (s, name) in zip(parts, looks, strict=True)]
    assert groups_of(edges) == [list(range(6))]
    assert all(groups_of([one]) != [list(range(6))] for one in edges)


@pytest.mark.parametrize(("n", "least", "found"), [(5, 5, True), (4, 5, False), (4, 3, True), (3, 3, True)])
def test_groups_have_at_least_so_many_accounts(n, least, found):
    assert groups_of([edges_of(clique(range(n)))], min_accounts=least) == ([list(range(n))] if found else [])


@pytest.mark.parametrize(
    ("n", "scale_us", "found"),
    [
        (8, 10 * MINUTE_US, True),  # every edge in six triangles
        (5, 10 * MINUTE_US, True),  # in three: seen at the second look
        (8, MINUTE_US, False),  # at fine scales only strong edges count
        (20, 360 * MINUTE_US, True),
    ],
)
def test_weak_edges_count_where_they_are_dense(n, scale_us, found):
    assert groups_of([edges_of(weak=clique(range(n)), scale_us=scale_us)]) == (
        [list(range(n))] if found else []
    )


def test_edges_in_one_triangle_each_make_no_group():
    """A strip of triangles: its outer edges are in one, and once they are gone the inner ones are in none."""
    strip = [(n, n + step) for step in (1, 2) for n in range(30)]
    assert groups_of([edges_of(weak=strip)]) == []


def test_what_has_few_triangles_is_looked_for_among_the_rest():
    """A small clique beside a large one, tied to it by weak edges, is a group of its own."""
    large, small = list(range(12)), list(range(20, 25))
    ties = [(n, 20 + n) for n in range(5)]
    found = groups_of([edges_of(weak=clique(large) + clique(small) + ties)])
    assert sorted(found) == [large, small]


def test_weak_edges_of_two_scales_do_not_add_up():
    """Triangles of weak edges must be of one scale: chance edges of several would fill any group."""
    pairs = clique(range(9))
    split = [edges_of(weak=pairs[x::2], scale_us=s * MINUTE_US) for x, s in ((0, 10), (1, 60))]
    assert groups_of(split) == []
    assert groups_of([edges_of(weak=pairs)]) == [list(range(9))]


def test_chance_edges_make_no_group():
    """Weak edges at the rate that chance gives (20 an account at most) among 2,000 accounts."""
    rng = np.random.default_rng(0)
    pairs = sorted({tuple(sorted(p)) for p in rng.integers(0, 2000, (20_000, 2)).tolist() if p[0] != p[1]})
    assert groups_of([edges_of(weak=pairs)], n_accounts=2000) == []
    # ... and a fleet among them is found, and it alone.
    fleet = list(range(500, 515))
    assert groups_of([edges_of(weak=sorted({*pairs, *clique(fleet)}))], n_accounts=2000) == [fleet]


def test_one_sure_pair_does_not_pull_a_stranger_in():
    """A pair of 900 bits and one triangle: what one pair can weigh is bounded."""
    inside = edges_of(clique(LEFT), bits=20.0)
    outside = edges_of([(6, 20), (7, 20)], scale_us=MINUTE_US, bits=900.0)
    assert groups_of([inside, outside]) in ([LEFT], [[*LEFT, 20]])
    assert groups_of([inside, edges_of([(7, 20)], scale_us=MINUTE_US, bits=900.0)]) == [LEFT]


def test_suspects_are_all_whom_strong_edges_chain_to_a_group():
    # Two cliques, a triangle between them; a third clique by itself; a group of weak edges only.
    third, weak = list(range(16, 22)), list(range(25, 35))
    strong = clique(LEFT) + clique(RIGHT) + [(7, 8), (7, 9)] + clique(third)
    edges = [edges_of(strong, clique(weak), bits=25)]
    found = find_clusters(edges, 40, 5, 0)
    suspects = {tuple(g.tolist()): s.tolist() for g, s in zip(found.groups, found.suspects, strict=True)}
    assert suspects == {
        tuple(LEFT): LEFT + RIGHT, tuple(RIGHT): LEFT + RIGHT, tuple(third): third, tuple(weak): []
    }  # fmt: skip


@pytest.mark.parametrize("edges", [[], [edges_of()], [edges_of(), edges_of(scale_us=MINUTE_US)]])
def test_no_edges_no_groups(edges):
    found = find_clusters(edges, 10, 5, 0)
    assert (found.groups, found.suspects) == ([], [])


def noisy_graph(seed):
    """Five groups of various sizes, most of their pairs strong, and noise between them."""
    rng = np.random.default_rng(seed)
    ends = np.cumsum([0, 6, 9, 14, 20, 30])
    strong = []
    for begin, end in itertools.pairwise(ends):
        strong += [pair for pair in clique(range(begin, end)) if rng.random() < 0.85]
    noise = {tuple(sorted(p)) for p in rng.integers(0, ends[-1], (40, 2)).tolist() if p[0] != p[1]} - set(
        strong
    )
    return strong, sorted(noise), [list(range(*pair)) for pair in itertools.pairwise(ends)]


@pytest.mark.parametrize("seed", range(3))
def test_planted_groups_are_found_in_noise(seed):
    strong, noise, planted = noisy_graph(seed)
    assert groups_of([edges_of(strong + noise, bits=25)], n_accounts=79) == planted


@settings(max_examples=25)
@given(st.randoms(use_true_random=False), st.integers(0, 2))
def test_clusters_do_not_depend_on_the_order_of_edges(random, seed):
    strong, noise, _ = noisy_graph(seed)
    n = len(strong) + len(noise)
    order = random.sample(range(n), n)
    looks = [
        [edges_of(strong, noise), edges_of(strong[::2], scale_us=MINUTE_US)],
        [edges_of(strong[::2], scale_us=MINUTE_US), edges_of(strong, noise, order=np.array(order))],
    ]
    one, other = (find_clusters(edges, 79, 5, seed) for edges in looks)
    for name in ("groups", "suspects"):
        assert [x.tolist() for x in getattr(one, name)] == [x.tolist() for x in getattr(other, name)]


def test_accounts_are_ascending_and_in_one_group_at_most():
    strong, noise, _ = noisy_graph(5)
    found = find_clusters([edges_of(strong + noise)], 79, 5, 3)
    everybody = np.concatenate(found.groups)
    assert len(np.unique(everybody)) == len(everybody)
    assert all((np.diff(group) > 0).all() for group in found.groups)


def test_clustering_ends():
    """A hundred accounts on a ring, each with an edge to the next two: every edge is in a triangle."""
    ring = "sorted({tuple(sorted((n, (n + d) % 100))) for n in range(100) for d in (1, 2)})"
    code = (
        "from tests.graph.edges import edges_of; from samehand.graph.cluster import find_clusters; "
        f"find_clusters([edges_of({ring}, bits=25)], 100, 5, 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=12, cwd=ROOT)
