"""Edges as detection would have found them, from pairs and bits."""

from __future__ import annotations

import itertools

import numpy as np

from samehand.engines.answers import Pairs, Retest
from samehand.graph.backbone import Edges

SURE, LIKELY = 80.0, 12.0
"""Bits of a strong edge, and of one that only counts in groups."""
HOUR_US = 3_600_000_000


def clique(accounts):
    return list(itertools.combinations(sorted(accounts), 2))


def pairs_of(ends, log_p):
    n = len(ends)
    return Pairs(
        account_a=np.array([a for a, _ in ends], np.int32), account_b=np.array([b for _, b in ends], np.int32),
        n_features=np.full(n, 3, np.int32), expected=np.full(n, 0.01), log_p=np.array(log_p, float),
        densest=2**31 - 1, n_events_crowded=0, n_events_repeated=0, by_bin=np.zeros((n, 8), np.int32),
    )  # fmt: skip


def retest_of(log_p_background, log_p_lag):
    n = len(log_p_background)
    return Retest(np.full(n, 0.01), np.array(log_p_background, float), np.array(log_p_lag, float))


def edges_of(strong=(), weak=(), *, scale_us=HOUR_US, layer="co_target", order=None, bits=SURE):
    """Edges of one layer and scale; ``order``: a permutation of them."""
    ends = [*strong, *weak]
    log_p = -np.log(2) * np.array([bits] * len(strong) + [LIKELY] * len(weak))
    mark = np.array([True] * len(strong) + [False] * len(weak), np.bool_)
    order = np.arange(len(ends)) if order is None else order
    ends = [ends[i] for i in order]
    return Edges(
        layer, scale_us, pairs_of(ends, log_p[order]), retest_of(log_p[order], log_p[order]),
        strong=mark[order], weak=np.ones(len(ends), np.bool_),
    )  # fmt: skip
