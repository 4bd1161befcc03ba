"""Work on chosen pairs of accounts against its twins."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.kernels import pairs
from tests.kernels import pair_twins, twins

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


def gathered(events, rows=None):
    """Rows in an order other than that of the codes, to tell the two apart."""
    account, feature, time = arrays(events)
    rows = list(range(N_ACCOUNTS))[::-1] if rows is None else rows
    row_of = np.full(N_ACCOUNTS, -1, np.int32)
    row_of[rows] = np.arange(len(rows), dtype=np.int32)
    first, order = pairs.gather_by_account(account, row_of, len(rows))
    return row_of, first, order, feature, time


@given(EVENTS, st.lists(st.integers(0, N_ACCOUNTS - 1), unique=True))
def test_gather_by_account(events, rows):
    _, first, order, _, _ = gathered(events, rows)
    found = [order[first[r] : first[r + 1]].tolist() for r in range(len(rows))]
    assert found == [[i for i, e in enumerate(events) if e[0] == account] for account in rows]
    assert first[-1] == len(order)


@given(EVENTS, WINDOWS, SUSPECTS)
def test_suspects_are_taken_out_of_each_others_density(events, window, suspects):
    row_of, *where = gathered(events)
    counts = np.array(twins.density(events, window), np.int32)
    a, b = ends(suspects)
    pairs.take_out(row_of[a], row_of[b], *where, window, counts)
    assert counts.tolist() == pair_twins.density_without(events, window, suspects)


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


def count_shared(events, window, counts, *, original=None, cap=NO_CAP, avoid=(), occasion=0):
    row_of, *where = gathered(events)
    a, b = ends(ALL_PAIRS)
    counts = np.array(counts, np.int32)
    original = counts if original is None else np.array(original, np.int32)
    out = np.full((len(ALL_PAIRS), 8), -1, np.int32)
    pairs.count_shared(
        row_of[a], row_of[b], *where, np.array(avoid, np.int32), window, counts, original, cap, occasion, out
    )
    return dict(zip(ALL_PAIRS, out.tolist(), strict=True))


@given(EVENTS, WINDOWS, SUSPECTS, st.sampled_from([0, 3, NO_CAP]))
def test_shared_features_are_those_of_the_twin(events, window, suspects, cap):
    original = twins.density(events, window)
    counts = pair_twins.density_without(events, window, suspects)
    found = count_shared(events, window, counts, original=original, cap=cap)
    for pair, seen in found.items():
        units = pair_twins.shared_units(events, pair, window, counts, original=original, cap=cap)
        assert seen == pair_twins.by_bin(units)


@given(EVENTS, WINDOWS, st.integers(0, 3))
def test_shared_avoided_values_do_not_count(events, window, n_values):
    avoid = [(a + t) % (n_values + 1) - 1 for a, _, t in events]
    counts = twins.density(events, window)
    for pair, seen in count_shared(events, window, counts, avoid=avoid).items():
        units = pair_twins.shared_units(
            events, pair, window, counts, original=counts, cap=NO_CAP, avoid=avoid
        )
        assert seen == pair_twins.by_bin(units)


@given(EVENTS, WINDOWS, st.sampled_from([12, 20]))
def test_shared_occasions_are_those_of_the_twin(events, window, occasion):
    counts = twins.density(events, window)
    for pair, seen in count_shared(events, window, counts, occasion=occasion).items():
        units = pair_twins.shared_units(
            events, pair, window, counts, original=counts, cap=NO_CAP, occasion=occasion
        )
        assert seen == pair_twins.by_bin(units)


def test_an_occasion_counts_once():
    # Occasions of 200 begin at 0 and at 200. Together in the first (198 with 201) and in the second (204 with 201).
    events = [(1, 0, 198), (0, 0, 201), (0, 0, 203), (1, 0, 204)]
    counts = [1] * len(events)
    assert sum(count_shared(events, 10, counts, occasion=200)[0, 1]) == 2


def test_an_occasion_just_before_1970_counts():
    events = [(0, 0, -5), (1, 0, -5)]
    assert sum(count_shared(events, 1, [1, 1], occasion=20)[0, 1]) == 1


SEEN = st.lists(st.integers(0, 4), min_size=8, max_size=8)


@given(EVENTS, WINDOWS, SEEN, st.sampled_from([3, NO_CAP]))
def test_local_p_values(events, window, seen, cap):
    counts = twins.density(events, window)
    n_events = Counter(account for account, _, _ in events)
    mass = np.zeros((N_ACCOUNTS, 8), np.float32)
    for (account, _, _), count in zip(events, counts, strict=True):
        mass[account, twins.bin_of(count)] += count if count <= cap else 0
    a, b = ends(ALL_PAIRS)
    by_bin = np.array([seen] * len(ALL_PAIRS), np.int32)
    p, expected = np.empty(len(a)), np.empty(len(a))
    n = np.array([n_events[account] for account in range(N_ACCOUNTS)])
    pairs.log_local_p_values(a, b, by_bin, mass, n, len(events), p, expected)
    for i, pair in enumerate(ALL_PAIRS):
        twin = pair_twins.local_test(pair, seen, mass.tolist(), n_events, len(events))
        assert (p[i], expected[i]) == (pytest.approx(twin[0], abs=1e-6), pytest.approx(twin[1], rel=1e-6))


@given(EVENTS, st.data(), WINDOWS, SUSPECTS, SEEN, st.sampled_from([3, NO_CAP]), st.floats(1e-6, 1.0))
def test_class_p_values(events, data, window, suspects, seen, cap, prior):
    class_of = data.draw(st.lists(st.integers(0, 3), min_size=len(events), max_size=len(events)))
    totals = np.bincount(class_of, minlength=4)
    counts = pair_twins.density_without(events, window, suspects)
    row_of, first, order, _, _ = gathered(events)
    sums = pairs.sum_by_class(first, order, np.array(class_of, np.int32), np.array(counts, np.int32), cap)
    one, other = ends(suspects)
    around = pairs.background_by_class(*sums[:3], totals, row_of[one], row_of[other])
    a, b = ends(ALL_PAIRS)
    by_bin = np.array([seen] * len(ALL_PAIRS), np.int32)
    p, expected = np.empty(len(a)), np.empty(len(a))
    pairs.log_class_p_values(row_of[a], row_of[b], by_bin, *sums, around, prior, p, expected)
    twin_sums = pair_twins.class_sums(events, class_of, counts, cap)
    twin_around = pair_twins.background(twin_sums, totals, suspects)
    for i, pair in enumerate(ALL_PAIRS):
        twin = pair_twins.class_test(pair, seen, twin_sums, twin_around, prior)
        assert (p[i], expected[i]) == (pytest.approx(twin[0], abs=1e-6), pytest.approx(twin[1], rel=1e-6))


def lag_p_values(events, window, horizon, near, far, typical):
    row_of, *where = gathered(events)
    a, b = ends(ALL_PAIRS)
    out = np.empty(len(ALL_PAIRS))
    counts = np.array(near, np.int32), np.array(far, np.int32)
    pairs.log_lag_p_values(row_of[a], row_of[b], *where, window, horizon, *counts, typical, out)
    return dict(zip(ALL_PAIRS, out, strict=True))


@settings(max_examples=200)
@given(EVENTS, st.integers(0, 6), st.integers(0, 30), st.floats(0.01, 1.0))
def test_lag_p_values(events, window, extra, typical):
    horizon = window + extra
    near, far = twins.density(events, window), twins.density(events, horizon)
    for pair, log_p in lag_p_values(events, window, horizon, near, far, typical).items():
        trials = pair_twins.lag_trials(events, pair, horizon, near, far, typical)
        least, most = pair_twins.log_lag_p_values(trials, window)
        assert least - 1e-9 <= log_p <= most + 1e-9


def test_lag_p_value_by_hand():
    # Two features within the horizon, one of them at once; a third too far apart to be a trial.
    events = [(0, 0, 0), (1, 0, 1), (0, 1, 0), (1, 1, 50), (0, 2, 0), (1, 2, 1000)]
    near, far = [1, 1, 1, 0, 0, 0], [3, 1, 1, 1, 0, 0]
    p = np.exp(lag_p_values(events, 2, 100, near, far, typical=0.5)[0, 1])
    # Chances: max(1.5 / 4, 1.5 / 2) and max(1.5 / 2, 0.5 / 2); one success or more of the two.
    assert p == pytest.approx(1 - 0.25 * 0.25)
