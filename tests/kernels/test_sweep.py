"""The sweeps against their twins, whole and in pieces."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from samehand.kernels import sweep
from tests.kernels import twins

EVENTS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 2), st.integers(0, 30)), min_size=1, max_size=40, unique=True
)


def arrays(events):
    events = sorted(events, key=lambda e: (e[1], e[2], e[0]))
    account, feature, time = (np.array(column) for column in zip(*events, strict=True))
    return events, account.astype(np.int32), feature.astype(np.int32), time.astype(np.int64)


def densities(account, feature, time, window, cuts=()):
    out = np.full(len(time), -1, np.int32)
    seen = np.zeros(10, np.int32)
    edges = [0, *sorted(c for c in cuts if 0 < c < len(time)), len(time)]
    for start, stop in itertools.pairwise(edges):
        if start < stop:
            sweep.density(account, feature, time, window, start, stop, seen, out)
            assert not seen.any(), "the scratch must be zeros again"
    return out


@given(EVENTS, st.integers(0, 12), st.lists(st.integers(0, 40), max_size=3))
def test_density_is_that_of_the_twin_wherever_the_work_is_cut(events, window, cuts):
    events, account, feature, time = arrays(events)
    expected = twins.density(events, window)
    assert densities(account, feature, time, window, cuts).tolist() == expected


@given(st.integers(0, 10**6))
def test_bins_are_powers_of_four(count):
    assert sweep.bin_of(count) == twins.bin_of(count)


@given(st.lists(st.integers(0, 2**31 - 1)))
def test_densities_are_summed_by_powers_of_four(counts):
    sums = sweep.sum_by_power(np.array(counts, np.int32))
    for power in range(1, sweep.MOST_POWERS):
        assert sums[:power].sum() == sum(count for count in counts if count <= 4**power)
    assert sums.sum() == sum(counts)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9))))
def test_mean_share_is_over_places_that_have_any(places):
    part, whole = ([p[side] for p in places] for side in (0, 1))
    shares = [p / w for p, w in places if w]
    expected = sum(shares) / len(shares) if shares else 1.0
    found = sweep.mean_share(np.array(part, np.int32), np.array(whole, np.int32))
    assert abs(found - expected) < 1e-9
