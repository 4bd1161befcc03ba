"""Who was near whom, one account after the other, against the twins."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.kernels import rows, units
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
POSTS = st.lists(st.integers(0, 3), min_size=50, max_size=50)
"""For each event, which post of its account it is of; 0: of none."""


def arrays(events):
    account, feature, time = zip(*events, strict=True)
    return np.array(account, np.int32), np.array(feature, np.int32), np.array(time, np.int64)


def posts_of(events, drawn):
    """The post of each event, None for none."""
    named = [(account, n) if n else None for (account, _, _), n in zip(events, drawn, strict=False)]
    return [name if named.count(name) > 1 else None for name in named]


def persons_of(events, n_values):
    """Whom each event is on, by a rule that makes some answer each other; None: no one for all."""
    # Everybody turns to the partner (0 to 1, 1 to 0, ...), to nobody, or to some other, as the time has it.
    around = [[a ^ 1, -1, (a + t) % N_ACCOUNTS][t % 3] for a, _, t in events]
    return (
        [-1 if who == a else who for who, (a, _, _) in zip(around, events, strict=True)] if n_values else None
    )


def exempt(events=(), avoid=NOTHING, posts=None, persons=None):
    """As the kernels have it."""
    none = units.no_exemption()._replace(avoid=np.array(avoid, np.int32))
    if persons is not None:
        author = np.array([a for a, _, _ in events], np.int32)
        none = none._replace(author=author, person=np.array(persons, np.int32))
    if posts is None:
        return none
    total = Counter(f for _, f, _ in events)
    rank = {f: n for n, f in enumerate(sorted(total, key=lambda f: (total[f], f)))}
    names = sorted({name for name in posts if name is not None})
    placed = sorted(
        (names.index(name), rank[f], at)
        for at, ((_, f, _), name) in enumerate(zip(events, posts, strict=True))
        if name is not None
    )
    begin, own = np.full(len(posts), -1, np.int32), np.full(len(posts), -1, np.int32)
    for place, (name, _, at) in enumerate(placed):
        own[at] = place
        begin[at] = next(first for first, (other, _, _) in enumerate(placed) if other == name)
    return none._replace(post=begin, own=own, ranks=np.array([r for _, r, _ in placed], np.int32))


def reach(feature, time, window):
    lowest, highest = np.empty_like(feature), np.empty_like(feature)
    rows.reach(feature, time, window, lowest, highest)
    return lowest, highest


def label(account, counts, cap, kind=np.int32):
    labels = np.empty(len(account), kind)
    rows.label(account, counts, cap, labels)
    return labels


@given(EVENTS, WINDOWS)
def test_an_event_reaches_as_far_as_the_window_on_its_feature(events, window):
    _, feature, time = arrays(events)
    lowest, highest = reach(feature, time, window)
    for i, (_, f, t) in enumerate(events):
        near = [j for j, (_, g, u) in enumerate(events) if g == f and abs(u - t) <= window]
        assert (lowest[i], highest[i]) == (near[0], near[-1])


def collected(
    events,
    window,
    *,
    avoid=NOTHING,
    persons=None,
    posts=None,
    cap=NO_CAP,
    occasion=0,
    cuts=(),
    limit=0.0,
    n_accounts=N_ACCOUNTS,
    kind=np.int32,
):
    """{pair: (co-actions by bin, log p, expected)}"""
    account, feature, time = arrays(events)
    counts = np.array(twins.density(events, window), np.int32)
    first, order = by_account(account, n_accounts)
    mass = np.array(twins.sum_by_bin(events, counts.tolist(), cap, n_accounts), np.float32)
    taking = order[(counts[order] > 0) & (counts[order] <= cap)]
    n_before = np.concatenate([[0], np.cumsum(np.isin(order, taking))])
    n_around = np.array([counts[order[first[a] : first[a + 1]]].sum() for a in range(n_accounts)])
    edges = [0, *sorted(cuts), n_accounts]
    found = {}
    for begin, end in itertools.pairwise(edges):
        lowest, highest = reach(feature, time, window)
        piece = rows.collect_pairs(
            label(account, counts, cap, kind), feature, time, exempt(events, avoid, posts, persons), n_before[first],
            taking, lowest[taking], highest[taking], np.diff(first), n_around,
            occasion, begin, end, mass, limit,
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
    st.sampled_from([np.int32, np.int64]),  # of labels; the larger one where there are very many accounts
    st.none() | POSTS,
)
def test_pairs_are_those_of_the_twin_wherever_the_work_is_cut(
    events, window, occasion, cap, n_values, cuts, kind, drawn
):
    avoid = [(a + t) % (n_values + 1) - 1 for a, _, t in events]  # -1: no value
    what = {"occasion": occasion, "avoid": avoid, "posts": drawn and posts_of(events, drawn)}
    what["persons"] = persons_of(events, n_values % 2)
    found = collected(events, window, cap=cap, cuts=cuts, kind=kind, **what)
    shared = twins.pair_units(events, window, allowed=cap, **what)
    expected = {pair: pair_twins.by_bin(some) for pair, some in shared.items() if len(some) >= 2}
    assert {pair: by_bin for pair, (by_bin, _, _) in found.items()} == expected


@settings(max_examples=200)
@given(EVENTS, WINDOWS, st.floats(-12, 0), st.sampled_from([0, 20]))
def test_pairs_are_kept_up_to_the_limit_with_the_p_values_of_the_twin(events, window, limit, occasion):
    counts = twins.density(events, window)
    n_events = {account: sum(a == account for a, _, _ in events) for account in range(N_ACCOUNTS)}
    mass = {account: [0.0] * 16 for account in range(N_ACCOUNTS)}
    for (account, _, _), count in zip(events, counts, strict=True):
        mass[account][twins.bin_of(count)] += count
        mass[account][8 + twins.bin_of(count)] += 1
    found = collected(events, window, limit=limit, occasion=occasion)
    for pair, (by_bin, _, _) in collected(events, window, occasion=occasion).items():
        log_p, expected = pair_twins.local_test(
            pair, by_bin, mass, n_events, len(events), per_event=2 if occasion else 1
        )
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
    mass = np.ones((n, 16), np.float32)
    lowest, highest = (places[order] for places in reach(feature, time, 0))
    what = label(account, counts, NO_CAP), feature, time, exempt(), first, order, lowest, highest
    a, b, by_bin, _, _ = rows.collect_pairs(
        *what, np.diff(first), np.full(n, 2 * (n - 1)), 0, 0, n, mass, 0.0
    )
    assert len(set(zip(a.tolist(), b.tolist(), strict=True))) == len(a) == n * (n - 1) // 2
    assert (a < b).all()
    assert (by_bin[:, twins.bin_of(n - 1)] == 2).all()
    assert (by_bin.sum(axis=1) == 2).all()
