"""Dealing accounts out again: what stays in its group, and that chance is fair."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from samehand.kernels import swap

SEEDS = st.integers(0, 2**62)
LOGS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(-1, 4)), min_size=1, max_size=40
)  # account, group, item


def arrays(log):
    account, group, item = (np.array([e[x] for e in log], np.int32) for x in range(3))
    order = np.argsort(group, kind="stable").astype(np.int32)
    first = np.searchsorted(group[order], np.arange(5))
    return account, group, item, first, order


def seeds_of(seed, n_groups=4):
    return swap.draw_for(np.arange(n_groups), seed)


def by_group(account, group):
    return Counter(zip(group.tolist(), account.tolist(), strict=True))


@given(LOGS, SEEDS)
def test_a_shuffle_stays_in_its_groups(log, seed):
    account, group, _, first, order = arrays(log)
    before, again = account.copy(), account.copy()
    swap.shuffle_in_groups(account, first, order, seeds_of(seed))
    assert by_group(account, group) == by_group(before, group)
    swap.shuffle_in_groups(again, first, order, seeds_of(seed))
    assert again.tolist() == account.tolist()


@given(LOGS, SEEDS)
def test_a_group_is_shuffled_the_same_wherever_it_is(log, seed):
    account, group, _, first, order = arrays(log)
    seeds = swap.draw_for(np.array([7, 3, 12, 5]), seed)
    alone = account.copy()
    swap.shuffle_in_groups(account, first, order, seeds)
    for g in range(4):
        own = np.flatnonzero(group == g)
        part, places = alone[own], np.arange(len(own), dtype=np.int32)
        swap.shuffle_in_groups(part, np.array([0, len(own)]), places, seeds[g : g + 1])
        assert part.tolist() == account[own].tolist()


def test_what_is_drawn_for_numbers_is_even_and_their_own():
    """Of 64,000 consecutive numbers each bit is set in half (within 5 standard deviations), for three seeds."""
    for seed in (0, 1, 2**61):
        words = swap.draw_for(np.arange(64_000), seed)
        bits = (words[:, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)
        assert np.abs(bits.mean(axis=0) - 0.5).max() < 5 * 0.5 / np.sqrt(64_000)
        assert swap.draw_for(np.array([17, 400]), seed).tolist() == words[[17, 400]].tolist()


@given(LOGS, SEEDS)
def test_events_of_no_group_are_left_alone(log, seed):
    account, group, _, _, order = arrays(log)
    some = order[group[order] < 2]  # groups 2 and 3 are not listed
    before = account.copy()
    swap.shuffle_in_groups(account, np.searchsorted(group[some], np.arange(3)), some, seeds_of(seed))
    assert account[group >= 2].tolist() == before[group >= 2].tolist()


def test_all_orders_are_equally_likely():
    """12,000 seeds over the 24 orders of four accounts (500 each). One half as likely again would show surely."""
    first, order = np.array([0, 4]), np.arange(4, dtype=np.int32)
    seen = Counter()
    for seed in range(12_000):
        account = np.arange(4, dtype=np.int32)
        swap.shuffle_in_groups(account, first, order, seeds_of(seed))
        seen[tuple(account.tolist())] += 1
    assert len(seen) == 24
    assert stats.chisquare(list(seen.values())).pvalue > 1e-4


def test_groups_are_shuffled_independently():
    """Two groups alike in one call do not come out alike: 24 * 24 joint orders, each as likely."""
    first, order = np.array([0, 3, 6]), np.arange(6, dtype=np.int32)
    seen = Counter()
    for seed in range(10_000):
        account = np.tile(np.arange(3, dtype=np.int32), 2)
        swap.shuffle_in_groups(account, first, order, seeds_of(seed))
        seen[tuple(account.tolist())] += 1
    assert len(seen) == 36
    assert stats.chisquare(list(seen.values())).pvalue > 1e-4


@settings(max_examples=200)
@given(LOGS, st.data())
def test_repeats_are_those_of_the_twin(log, data):
    account, _, item, _, _ = arrays(log)
    shuffled = data.draw(st.permutations(range(len(log))))
    by_item = np.array(sorted(shuffled, key=lambda event: item[event]), np.int32)
    out = np.full(len(log), -1, np.int64)
    junk = np.array(data.draw(st.lists(st.integers(-1, 4), min_size=6, max_size=6)), np.int32)
    n = swap.find_repeats(account, item, by_item, junk, out)
    seen, expected = set(), []
    for event in by_item.tolist():
        key = (account[event], item[event])
        if item[event] >= 0 and key in seen:
            expected.append(event)
        seen.add(key)
    assert out[:n].tolist() == expected


@given(LOGS, SEEDS, st.data())
def test_swaps_stay_in_their_groups(log, seed, data):
    account, group, _, first, order = arrays(log)
    chosen = data.draw(st.lists(st.integers(0, len(log) - 1), unique=True))
    before, again = account.copy(), account.copy()
    events = np.array(chosen, np.int64)
    swap.swap_some(account, first, order, group, events, seeds_of(seed))
    assert by_group(account, group) == by_group(before, group)
    assert (account != before).sum() <= 2 * len(chosen)
    swap.swap_some(again, first, order, group, events, seeds_of(seed))
    assert again.tolist() == account.tolist()


def test_a_swap_reaches_every_event_of_the_group_alike():
    """20,000 seeds over ten partners (2,000 each): a fifth more for one of them would show surely."""
    first, order, group = np.array([0, 10]), np.arange(10, dtype=np.int32), np.zeros(10, np.int32)
    seen = np.zeros(10, int)
    for seed in range(20_000):
        account = np.arange(10, dtype=np.int32)
        swap.swap_some(account, first, order, group, np.array([3]), seeds_of(seed))
        seen[account[3]] += 1
    assert stats.chisquare(seen).pvalue > 1e-4
