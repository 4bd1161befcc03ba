"""Who was near whom, one account after the other, against the twins."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.kernels import rows, sweep
from samehand.kernels.order import by_account
from tests.kernels import pair_twins, twins

N_ACCOUNTS = 6
NO_CAP = np.iinfo(np.int32).max
EVENTS = st.lists(
    st.tuples(st.integers(0, N_ACCOUNTS - 1), st.integers(0, 3), st.integers(-10, 30)),
    min_size=1,
    max_size=50,
    unique=True,
).map(lambda events: sorted(events, key=lambda e: (e[1], e[2], e[0])))
ALL_PAIRS = [(a, b) for a in range(N_ACCOUNTS) for b in range(a + 1, N_ACCOUNTS)]
SUSPECTS = st.lists(st.sampled_from(ALL_PAIRS), unique=True, max_size=8)
WINDOWS = st.integers(0, 12)
NOTHING = np.empty(0, np.int32)


def arrays(events):
    account, feature, time = zip(*events, strict=True)
    return np.array(account, np.int32), np.array(feature, np.int32), np.array(time, np.int64)


def collected(
    events, window, *, avoid=NOTHING, cap=NO_CAP, occasion=0, cuts=(), limit=0.0, n_accounts=N_ACCOUNTS
):
    """{pair: (co-actions by bin, log p, expected)}"""
    account, feature, time = arrays(events)
    counts = np.array(twins.density(events, window), np.int32)
    first, order = by_account(account, n_accounts)
    mass = np.zeros((n_accounts, 8), np.float32)
    sweep.sum_by_bin(account, counts, cap, 0, len(counts), mass)
    taking = (counts[order] > 0) & (counts[order] <= cap)
    n_before = np.concatenate([[0], np.cumsum(taking)])
    n_around = np.array([counts[order[first[a] : first[a + 1]]].sum() for a in range(n_accounts)])
    edges = [0, *sorted(cuts), n_accounts]
    found = {}
    for begin, end in itertools.pairwise(edges):
        piece = rows.collect_pairs(
            rows.lay_out(feature, time, window), rows.label(account, counts, cap), feature, time,
            np.array(avoid, np.int32), n_before[first], order[taking], np.diff(first), n_around,
            window, occasion, begin, end, mass, limit,
        )  # fmt: skip
        for a, b, by_bin, p, expected in zip(*piece, strict=True):
            assert begin <= a < end
            assert (a, b) not in found
            found[int(a), int(b)] = (by_bin.tolist(), p, expected)
    return found


@given(
    EVENTS,
    WINDOWS,
    st.sampled_from([0, 12, 20]),
    st.sampled_from([2, 6, NO_CAP]),
    st.integers(0, 3),
    st.lists(st.integers(0, N_ACCOUNTS), max_size=2),
)
def test_pairs_are_those_of_the_twin_wherever_the_work_is_cut(events, window, occasion, cap, n_values, cuts):
    avoid = [(a + t) % (n_values + 1) - 1 for a, _, t in events]  # -1: no value
    found = collected(events, window, occasion=occasion, cap=cap, avoid=avoid, cuts=cuts)
    units = twins.pair_units(events, window, avoid=avoid, occasion=occasion, allowed=cap)
    expected = {pair: pair_twins.by_bin(some) for pair, some in units.items() if len(some) >= 2}
    assert {pair: by_bin for pair, (by_bin, _, _) in found.items()} == expected


@settings(max_examples=200)
@given(EVENTS, WINDOWS, st.floats(-12, 0))
def test_pairs_are_kept_up_to_the_limit_with_the_p_values_of_the_twin(events, window, limit):
    counts = twins.density(events, window)
    n_events = {account: sum(a == account for a, _, _ in events) for account in range(N_ACCOUNTS)}
    mass = {account: [0.0] * 8 for account in range(N_ACCOUNTS)}
    for (account, _, _), count in zip(events, counts, strict=True):
        mass[account][twins.bin_of(count)] += count
    found = collected(events, window, limit=limit)
    for pair, (by_bin, _, _) in collected(events, window).items():
        log_p, expected = pair_twins.local_test(pair, by_bin, mass, n_events, len(events))
        if pair in found:
            assert found[pair][1:] == (pytest.approx(log_p, abs=1e-6), pytest.approx(expected, rel=1e-6))
            assert log_p <= limit + 1e-6
        else:
            assert log_p > limit - 1e-6


def test_many_pairs_make_the_room_grow():
    # 400 accounts on two features: 79,800 pairs, each with two features.
    n = 400
    events = [(a, f, 0) for f in range(2) for a in range(n)]
    account, feature, time = arrays(events)
    counts = np.full(len(events), n - 1, np.int32)
    first, order = by_account(account, n)
    mass = np.ones((n, 8), np.float32)
    what = (
        rows.lay_out(feature, time, 0),
        rows.label(account, counts, NO_CAP),
        feature,
        time,
        NOTHING,
        first,
        order,
    )
    a, b, by_bin, _, _ = rows.collect_pairs(
        *what, np.diff(first), np.full(n, 2 * (n - 1)), 0, 0, 0, n, mass, 0.0
    )
    assert len(set(zip(a.tolist(), b.tolist(), strict=True))) == len(a) == n * (n - 1) // 2
    assert (a < b).all()
    assert (by_bin[:, twins.bin_of(n - 1)] == 2).all()
    assert (by_bin.sum(axis=1) == 2).all()


def partners(some, *, both_ways):
    """Compressed rows of pairs, in the order in which they are given for each account."""
    directed = [*some, *((b, a) for a, b in some)] if both_ways else list(some)
    who = sorted({a for a, _ in directed})
    rows_of = [[b for a, b in directed if a == one] for one in who]
    first = np.cumsum([0, *(len(row) for row in rows_of)])
    return np.array(who, np.int32), first, np.array([b for row in rows_of for b in row], np.int32)


@given(EVENTS, WINDOWS, SUSPECTS, st.integers(0, N_ACCOUNTS), st.sampled_from([2, NO_CAP]))
def test_suspects_are_taken_out_of_each_others_density(events, window, suspects, cut, cap):
    account, feature, time = arrays(events)
    first, order = by_account(account, N_ACCOUNTS)
    counts = np.array(twins.density(events, window), np.int32)
    who, *rest = partners(suspects, both_ways=True)
    for begin, end in ((0, min(cut, len(who))), (min(cut, len(who)), len(who))):
        line = rows.lay_out(feature, time, window)
        rows.take_out(line, account, first, order, who, *rest, window, cap, begin, end, counts)
    before = twins.density(events, window)
    without = pair_twins.density_without(events, window, suspects)
    assert counts.tolist() == [n if n > cap else m for n, m in zip(before, without, strict=True)]


def count_shared(events, window, counts, *, original=None, cap=NO_CAP, avoid=NOTHING, occasion=0):
    account, feature, time = arrays(events)
    first, order = by_account(account, N_ACCOUNTS)
    who, who_first, partner = partners(ALL_PAIRS, both_ways=False)
    counts = np.array(counts, np.int32)
    original = counts if original is None else np.array(original, np.int32)
    out = np.zeros((len(ALL_PAIRS), 8), np.int32)
    for begin, end in ((0, 2), (2, len(who))):
        rows.count_shared(
            rows.lay_out(feature, time, window), rows.label(account, original, cap), counts, feature, time,
            np.array(avoid, np.int32), first, order, who, who_first, partner, window, occasion, begin, end, out,
        )  # fmt: skip
    return dict(zip(ALL_PAIRS, out.tolist(), strict=True))


@given(
    EVENTS,
    WINDOWS,
    SUSPECTS,
    st.sampled_from([0, 3, NO_CAP]),
    st.sampled_from([0, 12, 20]),
    st.integers(0, 3),
)
def test_shared_features_are_those_of_the_twin(events, window, suspects, cap, occasion, n_values):
    original = twins.density(events, window)
    counts = pair_twins.density_without(events, window, suspects)
    avoid = [(a + t) % (n_values + 1) - 1 for a, _, t in events]
    found = count_shared(events, window, counts, original=original, cap=cap, avoid=avoid, occasion=occasion)
    for pair, seen in found.items():
        units = pair_twins.shared_units(
            events, pair, window, counts, original=original, cap=cap, avoid=avoid, occasion=occasion
        )
        assert seen == pair_twins.by_bin(units)


def test_an_occasion_counts_once():
    # Occasions of 200 begin at 0 and at 200. Together in the first (198 with 201) and in the second (204 with 201).
    events = [(1, 0, 198), (0, 0, 201), (0, 0, 203), (1, 0, 204)]
    assert sum(count_shared(events, 10, [1] * 4, occasion=200)[0, 1]) == 2


def test_an_occasion_just_before_1970_counts():
    events = [(0, 0, -5), (1, 0, -5)]
    assert sum(count_shared(events, 1, [1, 1], occasion=20)[0, 1]) == 1
