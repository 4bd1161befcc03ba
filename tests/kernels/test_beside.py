"""Who was beside each event, against a slow twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samehand.kernels.beside import count_beside

EVENTS = st.lists(
    st.tuples(
        st.integers(0, 2), st.integers(0, 30), st.integers(0, 5), st.sampled_from([0.0, 0.25, 0.5, 1.0])
    ),
    max_size=40,
)


def twin(events, window):
    """Of each (feature, time, account, weight): the other accounts within the window, and their events' weight."""
    found = []
    for f, t, a, _ in events:
        near = [(b, w) for g, u, b, w in events if g == f and abs(u - t) <= window and b != a]
        found.append((len({b for b, _ in near}), sum(w for _, w in near)))
    return found


def counted(events, window):
    feature, time, account, weight = (np.array([e[i] for e in events]) for i in range(4))
    n_beside, weight_beside = np.full(len(events), -1, np.int32), np.full(len(events), -1.0)
    n_here, weight_here = np.zeros(6, np.int32), np.zeros(6)
    count_beside(
        feature.astype(np.int64), time.astype(np.int64), account.astype(np.int32), window, weight.astype(np.float64),
        n_here, weight_here, n_beside, weight_beside,
    )  # fmt: skip
    assert not n_here.any(), "the scratch must be zeros again"
    assert not weight_here.any()
    return list(zip(n_beside.tolist(), weight_beside.tolist(), strict=True))


@given(EVENTS, st.integers(0, 12))
def test_as_many_are_beside_as_the_twin_says(events, window):
    events = sorted(events)
    assert counted(events, window) == [(n, pytest.approx(w)) for n, w in twin(events, window)]


def test_an_account_is_not_beside_itself():
    events = [(0, 0, 1, 1.0), (0, 5, 1, 0.5), (0, 10, 2, 0.25), (1, 10, 3, 1.0)]
    assert counted(events, 5) == [(0, 0.0), (1, 0.25), (1, 0.5), (0, 0.0)]
