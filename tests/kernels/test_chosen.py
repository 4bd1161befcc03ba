"""Chosen pairs, against the twins: both ways of finding what they share give the same."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from samehand.kernels import chosen
from samehand.kernels.order import by_account
from tests.kernels import pair_twins, twins
from tests.kernels.test_rows import (
    ALL_PAIRS,
    EVENTS,
    N_ACCOUNTS,
    NO_CAP,
    NOTHING,
    POSTS,
    WINDOWS,
    arrays,
    exempt,
    label,
    persons_of,
    posts_of,
    reach,
)

SUSPECTS = st.lists(st.sampled_from(ALL_PAIRS), unique=True, max_size=8)
WALKS = st.lists(st.booleans(), min_size=N_ACCOUNTS, max_size=N_ACCOUNTS)


def partners(some, *, both_ways):
    """Compressed rows of pairs, in the order in which they are given for each account."""
    directed = [*some, *((b, a) for a, b in some)] if both_ways else list(some)
    who = sorted({a for a, _ in directed})
    rows_of = [[b for a, b in directed if a == one] for one in who]
    first = np.cumsum([0, *(len(row) for row in rows_of)])
    return np.array(who, np.int32), first, np.array([b for row in rows_of for b in row], np.int32)


@given(EVENTS, WINDOWS, SUSPECTS, st.integers(0, N_ACCOUNTS), st.sampled_from([2, NO_CAP]), WALKS)
def test_suspects_are_taken_out_of_each_others_density(events, window, suspects, cut, cap, walks):
    account, feature, time = arrays(events)
    first, order = by_account(account, N_ACCOUNTS)
    counts = np.array(twins.density(events, window), np.int32)
    who, *rest = partners(suspects, both_ways=True)
    for begin, end in ((0, min(cut, len(who))), (min(cut, len(who)), len(who))):
        chosen.take_out(
            *reach(feature, time, window), account, first, order, who, *rest, np.array(walks), cap, begin, end, counts
        )  # fmt: skip
    before = twins.density(events, window)
    without = pair_twins.density_without(events, window, suspects)
    assert counts.tolist() == [n if n > cap else m for n, m in zip(before, without, strict=True)]


def count_shared(
    events,
    window,
    counts,
    *,
    original=None,
    cap=NO_CAP,
    avoid=NOTHING,
    persons=None,
    posts=None,
    occasion=0,
    walks=(False,) * N_ACCOUNTS,
):
    account, feature, time = arrays(events)
    first, order = by_account(account, N_ACCOUNTS)
    who, who_first, partner = partners(ALL_PAIRS, both_ways=False)
    counts = np.array(counts, np.int32)
    original = counts if original is None else np.array(original, np.int32)
    out = np.zeros((len(ALL_PAIRS), 8), np.int32)
    for begin, end in ((0, 2), (2, len(who))):
        chosen.count_shared(
            *reach(feature, time, window), label(account, original, cap), counts, feature, time,
            exempt(events, avoid, posts, persons), first, order, who, who_first, partner, np.array(walks),
            occasion, begin, end, out,
        )  # fmt: skip
    return dict(zip(ALL_PAIRS, out.tolist(), strict=True))


@given(
    EVENTS,
    WINDOWS,
    SUSPECTS,
    st.sampled_from([0, 3, NO_CAP]),
    st.sampled_from([0, 12, 20]),
    st.integers(0, 3),
    st.none() | POSTS,
    WALKS,
)
def test_shared_features_are_those_of_the_twin(
    events, window, suspects, cap, occasion, n_values, drawn, walks
):
    original = twins.density(events, window)
    counts = pair_twins.density_without(events, window, suspects)
    avoid = [(a + t) % (n_values + 1) - 1 for a, _, t in events]
    what = {"avoid": avoid, "occasion": occasion, "posts": drawn and posts_of(events, drawn)}
    what["persons"] = persons_of(events, n_values % 2)
    found = count_shared(events, window, counts, original=original, cap=cap, walks=walks, **what)
    for pair, seen in found.items():
        units = pair_twins.shared_units(events, pair, window, counts, original=original, cap=cap, **what)
        assert seen == pair_twins.by_bin(units)


def test_an_occasion_counts_once():
    # Occasions of 200 begin at 0 and at 200. Together in the first (198 with 201) and in the second (204 with 201).
    events = [(1, 0, 198), (0, 0, 201), (0, 0, 203), (1, 0, 204)]
    for walks in ([False] * N_ACCOUNTS, [True] * N_ACCOUNTS):
        assert sum(count_shared(events, 10, [1] * 4, occasion=200, walks=walks)[0, 1]) == 2


def test_an_occasion_just_before_1970_counts():
    events = [(0, 0, -5), (1, 0, -5)]
    assert sum(count_shared(events, 1, [1, 1], occasion=20)[0, 1]) == 1


@given(EVENTS, WINDOWS, SUSPECTS)
def test_accounts_with_an_event_in_another_bin_are_marked(events, window, suspects):
    before, after = twins.density(events, window), pair_twins.density_without(events, window, suspects)
    changed = np.zeros(N_ACCOUNTS, np.bool_)
    chosen.mark_other_bins(arrays(events)[0], np.array(before, np.int32), np.array(after, np.int32), changed)
    other = [twins.bin_of(n) != twins.bin_of(m) for n, m in zip(before, after, strict=True)]
    assert set(np.flatnonzero(changed)) == {a for (a, _, _), mark in zip(events, other, strict=True) if mark}
