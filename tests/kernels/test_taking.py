"""What of each account's events takes part, and how much work it is, against the twins."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from samehand.kernels import taking
from samehand.kernels.order import by_account
from tests.kernels import twins
from tests.kernels.test_chosen import SUSPECTS, partners
from tests.kernels.test_rows import EVENTS, N_ACCOUNTS, NO_CAP, WINDOWS, arrays, reach

CAPS = st.sampled_from([2, 6, NO_CAP])
CUTS = st.lists(st.integers(0, N_ACCOUNTS), max_size=2)


def pieces(cuts, end):
    """Ranges that the work is cut into."""
    return itertools.pairwise([0, *sorted(min(cut, end) for cut in cuts), end])


def gathered(events, window):
    """Account of each event, events by account, and their densities."""
    account, feature, time = arrays(events)
    counts = np.array(twins.density(events, window), np.int32)
    return *by_account(account, N_ACCOUNTS), counts, reach(feature, time, window)


@given(EVENTS, WINDOWS, CAPS, CUTS)
def test_densities_are_summed_up_by_account_wherever_the_work_is_cut(events, window, cap, cuts):
    first, order, counts, _ = gathered(events, window)
    mass = np.zeros((N_ACCOUNTS, 16), np.float32)
    n_taking, n_around = np.empty(N_ACCOUNTS, np.int64), np.empty(N_ACCOUNTS, np.int64)
    for begin, end in pieces(cuts, N_ACCOUNTS):
        taking.sum_by_bin(first, order, counts, cap, begin, end, mass, n_taking, n_around)
    assert mass.tolist() == twins.sum_by_bin(events, counts.tolist(), cap, N_ACCOUNTS)
    own = [
        [c for (b, _, _), c in zip(events, counts, strict=True) if b == a and 0 < c <= cap]
        for a in range(N_ACCOUNTS)
    ]
    assert n_taking.tolist() == [len(some) for some in own]
    assert n_around.tolist() == [sum(some) for some in own]


@given(EVENTS, WINDOWS, CAPS, CUTS)
def test_events_that_take_part_are_gathered_by_account(events, window, cap, cuts):
    first, order, counts, (lowest, highest) = gathered(events, window)
    expected = [
        (i, lowest[i], highest[i])
        for a in range(N_ACCOUNTS)
        for i, (b, _, _) in enumerate(events)
        if b == a and 0 < counts[i] <= cap
    ]
    n_before = [sum(events[i][0] < a for i, _, _ in expected) for a in range(N_ACCOUNTS)]
    found = [np.full(len(expected), -1, np.int32) for _ in range(3)]
    for begin, end in pieces(cuts, N_ACCOUNTS):
        taking.gather_taking(
            first, order, counts, cap, lowest, highest, np.array(n_before), begin, end, *found
        )
    assert list(zip(*found, strict=True)) == expected


@given(EVENTS, st.lists(st.tuples(st.integers(0, 49), st.integers(0, 3))), st.integers(-5, 5), st.data())
def test_traces_are_brought_into_order_wherever_the_work_is_cut(events, traces, first_us, data):
    account, _, time = arrays(events)
    event_of = np.array([event % len(events) for event, _ in traces], np.int32)
    feature_of = np.array([feature for _, feature in traces], np.int32)
    order = np.array(data.draw(st.permutations(range(len(traces)))), np.int32)
    found = [np.full(len(traces), -99, kind) for kind in (np.int32, np.int32, np.int32, np.int64)]
    for start, stop in pieces(data.draw(st.lists(st.integers(0, 20), max_size=2)), len(traces)):
        taking.gather_traces(order, event_of, feature_of, account, time, first_us, start, stop, *found)
    in_order = [(int(event_of[i]), int(feature_of[i])) for i in order]
    assert list(zip(*(column.tolist() for column in found), strict=True)) == [
        (event, feature, events[event][0], events[event][2] - first_us) for event, feature in in_order
    ]


@given(EVENTS, st.lists(st.integers(0, N_ACCOUNTS - 1), max_size=8))
def test_events_of_accounts_are_gathered_in_the_order_in_which_these_are_named(events, accounts):
    first, order, _, _ = gathered(events, 0)
    expected = [[i for i, (b, _, _) in enumerate(events) if b == a] for a in accounts]
    ends = np.cumsum([len(some) for some in expected], dtype=np.int64)
    found = np.full(int(ends[-1]) if accounts else 0, -1, np.int32)
    taking.gather_events(first, order, np.array(accounts, np.int32), ends, found)
    assert found.tolist() == [i for some in expected for i in some]


@given(EVENTS, WINDOWS, SUSPECTS, CAPS, CUTS, st.booleans())
def test_the_shorter_way_is_the_one_with_fewer_events_to_look_at(events, window, some, cap, cuts, both_ways):
    first, order, counts, _ = gathered(events, window)
    who, who_first, partner = partners(some, both_ways=both_ways)
    walks, work = np.zeros(len(who), np.bool_), np.zeros(len(who), np.int64)
    for begin, end in pieces(cuts, len(who)):
        taking.choose_ways(first, order, counts, cap, who, who_first, partner, begin, end, walks, work)
    for r, account in enumerate(who):
        own = [int(c) for (b, _, _), c in zip(events, counts, strict=True) if b == account]
        others = [sum(b == one for b, _, _ in events) for one in partner[who_first[r] : who_first[r + 1]]]
        walk = len(own) + sum(c for c in own if c <= cap)
        merge = sum(len(own) + n for n in others)
        assert (walks[r], work[r]) == (walk < merge, min(walk, merge))
