"""Work on chosen pairs of accounts against its twins."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.kernels import pair_lags, pairs
from samehand.kernels.order import by_account
from tests.kernels import pair_twins, twins
from tests.kernels.test_rows import POSTS, exempt, posts_of

N_ACCOUNTS = 6
NO_CAP = np.iinfo(np.int32).max
EVENTS = st.lists(
    st.tuples(st.integers(0, N_ACCOUNTS - 1), st.integers(0, 2), st.integers(-10, 30)),
    min_size=1,
    max_size=40,
    unique=True,
).map(lambda events: sorted(events, key=lambda e: (e[1], e[2], e[0])))
ALL_PAIRS = [(a, b) for a in range(N_ACCOUNTS) for b in range(a + 1, N_ACCOUNTS)]
SUSPECTS = st.lists(st.sampled_from(ALL_PAIRS), unique=True, max_size=8)
WINDOWS = st.integers(0, 12)


def arrays(events):
    account, feature, time = zip(*events, strict=True)
    return np.array(account, np.int32), np.array(feature, np.int32), np.array(time, np.int64)


def ends(some):
    return (np.array([pair[x] for pair in some], np.int32) for x in (0, 1))


def gathered(events):
    """Rows in an order other than that of the codes, to tell the two apart."""
    account, feature, time = arrays(events)
    row_of = np.arange(N_ACCOUNTS, dtype=np.int32)[::-1].copy()
    first, order = by_account(row_of[account], N_ACCOUNTS)
    return row_of, first, order, feature, time


@given(EVENTS, st.data(), st.sampled_from([0, 2, NO_CAP]))
def test_sums_by_class(events, data, cap):
    n = len(events)
    class_of = data.draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    counts = data.draw(st.lists(st.integers(0, 70), min_size=n, max_size=n))
    row_of, first, order, _, _ = gathered(events)
    sums = pairs.sum_by_class(first, order, np.array(class_of, np.int32), np.array(counts, np.int32), cap)
    assert as_dict(row_of, *sums) == pair_twins.class_sums(events, class_of, counts, cap)


def as_dict(row_of, row_first, classes, n_events, mass):
    found = defaultdict(dict)
    for account in range(N_ACCOUNTS):
        row = row_of[account]
        for x in range(row_first[row], row_first[row + 1]):
            assert classes[x] not in found[account], "a class stands once in a row"
            found[account][int(classes[x])] = (int(n_events[x]), mass[x, :8].tolist(), mass[x, 8:].tolist())
    return {account: classes for account, classes in found.items() if classes}


@given(EVENTS, st.data(), SUSPECTS)
def test_background_by_class(events, data, suspects):
    class_of = data.draw(st.lists(st.integers(0, 3), min_size=len(events), max_size=len(events)))
    totals = np.bincount(class_of, minlength=4)
    row_of, first, order, _, _ = gathered(events)
    counts = np.zeros(len(events), np.int32)
    row_first, classes, n_events, _ = pairs.sum_by_class(
        first, order, np.array(class_of, np.int32), counts, 9
    )
    a, b = ends(suspects)
    found = pairs.background_by_class(row_first, classes, n_events, totals, row_of[a], row_of[b])
    sums = pair_twins.class_sums(events, class_of, counts, 9)
    expected = pair_twins.background(sums, totals, suspects)
    for (account, c), n in expected.items():
        row = row_of[account]
        row_classes = classes[row_first[row] : row_first[row + 1]].tolist()
        assert found[row_first[row] + row_classes.index(c)] == n
    assert len(found) == len(expected)


SEEN = st.lists(st.integers(0, 4), min_size=8, max_size=8)
RATES = st.lists(st.sampled_from([0.0, 1e-6, 1e-3, 0.1, 1.0, 30.0]), min_size=8, max_size=8)


NUMBERS = st.lists(st.integers(0, 5), min_size=8, max_size=8)


@given(
    SEEN,
    RATES,
    NUMBERS,
    st.integers(1, 50),
    st.integers(1, 50),
    st.sampled_from([1, 2]),
    st.floats(-40, -0.1),
)
def test_local_test_is_that_of_the_twin_up_to_the_limit(seen, mass, numbers, n_a, n_b, per_event, limit):
    numbers = [max(n, 1) if m else n for n, m in zip(numbers, mass, strict=True)]  # no mass without events
    masses = np.array([mass + numbers, mass[::-1] + numbers[::-1]], np.float32)
    twin = pair_twins.local_test((0, 1), seen, masses.tolist(), {0: n_a, 1: n_b}, 100, per_event=per_event)
    by_bin, n_events = np.array([seen], np.int32), np.array([n_a, n_b])
    log_p, expected = pairs.local_test(
        by_bin, 0, masses, n_events, 0, 1, 100, per_event, limit, np.empty((5, 8))
    )
    if log_p == 0.0:
        assert twin[0] > limit - 1e-6
    else:
        assert (log_p, expected) == (
            pytest.approx(twin[0], abs=1e-6, rel=1e-7),
            pytest.approx(twin[1], rel=1e-6),
        )


@given(
    EVENTS,
    st.data(),
    WINDOWS,
    SUSPECTS,
    SEEN,
    st.sampled_from([3, NO_CAP]),
    st.floats(1e-6, 1.0),
    st.sampled_from([1, 2]),
    st.floats(-9, 0),
)
def test_class_p_values(events, data, window, suspects, seen, cap, prior, per_event, limit):
    class_of = data.draw(st.lists(st.integers(0, 3), min_size=len(events), max_size=len(events)))
    totals = np.bincount(class_of, minlength=4)
    counts = pair_twins.density_without(events, window, suspects)
    row_of, first, order, _, _ = gathered(events)
    sums = pairs.sum_by_class(first, order, np.array(class_of, np.int32), np.array(counts, np.int32), cap)
    one, other = ends(suspects)
    around = pairs.background_by_class(*sums[:3], totals, row_of[one], row_of[other])
    a, b = ends(ALL_PAIRS)
    by_bin = np.array([seen] * len(ALL_PAIRS), np.int32)
    p, expected = np.full(len(a), np.nan), np.full(len(a), np.nan)
    for begin, end in ((0, 4), (4, len(a))):
        pairs.log_class_p_values(
            row_of[a], row_of[b], by_bin, *sums, around, prior, per_event, limit, begin, end, p, expected
        )
    twin_sums = pair_twins.class_sums(events, class_of, counts, cap)
    twin_around = pair_twins.background(twin_sums, totals, suspects)
    for i, pair in enumerate(ALL_PAIRS):
        twin = pair_twins.class_test(pair, seen, twin_sums, twin_around, prior, per_event=per_event)
        assert expected[i] == pytest.approx(twin[1], rel=1e-6)
        assert (p[i] == 0.0 and twin[0] > limit - 1e-6) or p[i] == pytest.approx(twin[0], abs=1e-6, rel=1e-7)


def lag_p_values(events, window, horizon, near, far, typical, posts=None):
    row_of, *where = gathered(events)
    a, b = ends(ALL_PAIRS)
    out = np.empty(len(ALL_PAIRS))
    counts = np.array(near, np.int32), np.array(far, np.int32)
    pair_lags.log_lag_p_values(
        row_of[a],
        row_of[b],
        *where,
        window,
        horizon,
        exempt(events, posts=posts),
        *counts,
        typical,
        0,
        len(a),
        out,
    )
    return dict(zip(ALL_PAIRS, out, strict=True))


@settings(max_examples=200)
@given(EVENTS, st.integers(0, 6), st.integers(0, 30), st.floats(0.01, 1.0), st.none() | POSTS)
def test_lag_p_values(events, window, extra, typical, drawn):
    horizon = window + extra
    near, far = twins.density(events, window), twins.density(events, horizon)
    posts = drawn and posts_of(events, drawn)
    for pair, log_p in lag_p_values(events, window, horizon, near, far, typical, posts).items():
        trials = pair_twins.lag_trials(events, pair, horizon, near, far, typical, posts)
        least, most = pair_twins.log_lag_p_values(trials, window)
        assert least - 1e-9 <= log_p <= most + 1e-9


def test_lag_p_value_by_hand():
    # Two features within the horizon, one of them at once; a third too far apart to be a trial.
    events = [(0, 0, 0), (1, 0, 1), (0, 1, 0), (1, 1, 50), (0, 2, 0), (1, 2, 1000)]
    near, far = [1, 1, 1, 0, 0, 0], [3, 1, 1, 1, 0, 0]
    p = np.exp(lag_p_values(events, 2, 100, near, far, typical=0.5)[0, 1])
    # Chances: max(1.5 / 4, 1.5 / 2) and max(1.5 / 2, 0.5 / 2); one success or more of the two.
    assert p == pytest.approx(1 - 0.25 * 0.25)
