"""Which pairs count, and which edges stand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samehand.graph import backbone
from samehand.graph.backbone import Backbone, distinct_edges, judge, supported
from tests.graph.edges import clique, pairs_of, retest_of
from tests.kernels import twins

EDGES = st.sets(
    st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda e: e[0] < e[1]), max_size=45
).map(sorted)


def as_backbone(edges):
    a, b = (np.array([e[x] for e in edges], np.int32) for x in (0, 1))
    return Backbone(a, b, np.arange(len(edges), dtype=float))


@pytest.mark.parametrize("n_accounts", [2, 50, 20_000, 10**7])
def test_thresholds_in_figures(n_accounts):
    assert math.exp(backbone.strong_log_p(n_accounts)) == pytest.approx(0.1 / n_accounts**1.5)
    assert math.exp(backbone.weak_log_p(n_accounts)) == pytest.approx(min(1e-3, 20 / n_accounts))
    assert math.exp(backbone.suspect_log_p(n_accounts)) == pytest.approx(min(1e-3, 2 / n_accounts))
    assert math.exp(backbone.learning_log_p(n_accounts)) == pytest.approx(min(1e-3, 0.02 / n_accounts))
    # Chance makes fewer strong edges than hang together, and few of the others an account.
    assert math.exp(backbone.strong_log_p(n_accounts)) < 1 / n_accounts
    assert n_accounts * math.exp(backbone.weak_log_p(n_accounts)) <= 20.000001
    assert backbone.strong_log_p(n_accounts) <= backbone.suspect_log_p(n_accounts) or n_accounts < 50
    assert backbone.suspect_log_p(n_accounts) <= backbone.weak_log_p(n_accounts)


@pytest.mark.parametrize("n_accounts", [0, 1])
def test_thresholds_of_an_empty_log(n_accounts):
    for threshold in (
        backbone.weak_log_p, backbone.suspect_log_p, backbone.learning_log_p, backbone.strong_log_p
    ):  # fmt: skip
        assert math.isfinite(threshold(n_accounts))


def test_a_pair_is_judged_by_its_worst_p_value():
    n_accounts = 1000
    strong, weak, lag = backbone.strong_log_p(1000), backbone.weak_log_p(1000), math.log(1e-5)
    cases = [
        # density, background, lags -> strong, weak
        (strong, strong, lag, True, True),
        (strong + 0.01, strong - 9, lag, False, True),
        (strong - 9, strong + 0.01, lag, False, True),
        (strong, strong, lag + 0.01, False, True),
        (strong, strong, math.nan, False, True),
        (strong, strong, -math.inf, True, True),
        (weak, weak, 0.0, False, True),
        (weak + 0.01, weak - 9, lag, False, False),
        (weak - 9, weak + 0.01, lag, False, False),
    ]
    ends = [(n, n + 1) for n in range(len(cases))]
    edges = judge(
        "co_target", 60, pairs_of(ends, [c[0] for c in cases]), retest_of([c[1] for c in cases], [c[2] for c in cases]),
        n_accounts,
    )  # fmt: skip
    assert edges.strong.tolist() == [c[3] for c in cases]
    assert edges.weak.tolist() == [c[4] for c in cases]
    assert edges.log_p_meeting.tolist() == [max(c[:2]) for c in cases]
    assert edges.log_p.tolist() == [max(*c[:2], 0.0 if math.isnan(c[2]) else c[2]) for c in cases]
    assert (edges.layer, edges.scale_us) == ("co_target", 60)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(5, 9), st.integers(0, 50)), max_size=30))
def test_distinct_edges_keep_their_best_bits(edges):
    a, b, bits = (np.array([e[x] for e in edges], t) for x, t in ((0, np.int32), (1, np.int32), (2, float)))
    found = distinct_edges(a, b, bits)
    best = {}
    for x, y, z in edges:
        best[x, y] = max(best.get((x, y), 0), z)
    ends = list(zip(found.a.tolist(), found.b.tolist(), strict=True))
    assert dict(zip(ends, found.bits.tolist(), strict=True)) == best
    assert ends == sorted(best), "in the order of the accounts"


@given(EDGES, st.sampled_from([1, 2, 6]))
def test_supported_edges_are_those_of_the_twin(edges, support):
    kept = supported(as_backbone(edges), 10, support)
    ends = list(zip(kept.a.tolist(), kept.b.tolist(), strict=True))
    assert set(ends) == twins.truss(edges, support)
    assert [edges[int(place)] for place in kept.bits] == ends, "bits stay with their edges"


def test_support_by_hand():
    chain = [(0, 1), (1, 2), (2, 3), (3, 4)]
    assert len(supported(as_backbone(chain), 5, 1).a) == 0
    triangle_on_a_chain = [*chain, (2, 4)]
    kept = supported(as_backbone(triangle_on_a_chain), 5, 1)
    assert list(zip(kept.a.tolist(), kept.b.tolist(), strict=True)) == [(2, 3), (3, 4), (2, 4)]
    # In a clique of n, every edge is in n - 2 triangles.
    assert len(supported(as_backbone(clique(range(8))), 8, 6).a) == 28
    assert len(supported(as_backbone(clique(range(7))), 8, 6).a) == 0
