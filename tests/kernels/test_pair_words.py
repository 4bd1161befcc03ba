"""Phrases in common, given when two write: a slow obvious twin, and whether its p-values hold."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from samehand.kernels.pair_words import log_word_p_values

TEXTS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 100), st.sampled_from([0.0, 0.01, 0.3])), max_size=30
)


def log_p_values(texts, n_shared, window, pairs=((0, 1), (1, 2), (0, 2))):
    texts = sorted(texts, key=lambda text: text[:2])
    who, time, common = (np.array([text[x] for text in texts]) for x in range(3))
    first = np.searchsorted(who, np.arange(4)) if len(texts) else np.zeros(4, np.int64)
    a, b = (np.array([pair[x] for pair in pairs], np.int32) for x in (0, 1))
    out = np.empty(len(pairs))
    log_word_p_values(
        a, b, first.astype(np.int64), time.astype(np.int64), common.astype(float),
        np.full(len(pairs), n_shared, np.int32), window, 0, len(pairs), out,
    )  # fmt: skip
    return out


@given(TEXTS, st.integers(1, 6), st.integers(0, 50))
def test_as_its_twin(texts, n_shared, window):
    found = log_p_values(texts, n_shared, window)
    for log_p, (a, b) in zip(found, ((0, 1), (1, 2), (0, 2)), strict=True):
        rates = [
            sum(
                c * sum(who == other and abs(time - t) <= window for who, time, _ in texts)
                for w, t, c in texts
                if w == one
            )
            for one, other in ((a, b), (b, a))
        ]
        if max(rates) == 0:
            assert log_p == -np.inf
        else:
            assert np.isclose(log_p, stats.poisson.logsf(n_shared - 1, max(rates)), rtol=1e-6, atol=1e-9)


def test_long_talks_at_one_time_are_no_surprise():
    """Twenty texts each in ten minutes, of an inventory of 30 phrases: 10,000 pairs, of which 10 may have p <= 1e-3.

    The local density knows nothing of it: all are pairs of p = 0 where nobody else writes.
    """
    rng = np.random.default_rng(0)
    n_sure = 0
    for _ in range(10_000):
        phrases = rng.integers(30, size=(2, 20))
        shared = len(np.intersect1d(*phrases))
        texts = [(who, int(t), 1 / 30) for who in (0, 1) for t in rng.integers(0, 600, 20)]
        n_sure += log_p_values(texts, shared, 600, pairs=((0, 1),))[0] <= np.log(1e-3)
    assert n_sure <= 10
