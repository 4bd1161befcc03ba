"""Orders of events against Python's own stable sort."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samehand.kernels import order


def subset(data, n):
    """Some of the places, in any order: an order need not be of all events."""
    before = data.draw(st.permutations(range(n)))
    return np.array(before[: data.draw(st.integers(0, n))], np.int32)


@given(st.lists(st.integers(0, 6), max_size=40), st.integers(0, 3), st.data())
def test_order_by_code(codes, n_unused, data):
    before = subset(data, len(codes))
    n_codes = max(codes, default=0) + 1 + n_unused
    found = order.order_by_code(np.array(codes, np.int32), n_codes, before)
    assert found.tolist() == sorted(before.tolist(), key=lambda event: codes[event])


@given(st.lists(st.integers(0, 5), max_size=40), st.lists(st.integers(0, 7), max_size=3), st.data())
def test_place_by_code_gives_the_same_wherever_the_codes_are_cut(codes, cuts, data):
    before = subset(data, len(codes))
    first = [sum(codes[event] < code for event in before) for code in range(7)]
    found, at = np.full(len(before), -1, np.int32), np.array(first)
    for low, high in itertools.pairwise([0, *sorted(cuts), 7]):
        order.place_by_code(np.array(codes, np.int32), before, at, low, high, found)
    assert found.tolist() == sorted(before.tolist(), key=lambda event: codes[event])


TIMES = st.one_of(
    st.integers(-5, 5),
    st.integers(-(2**22), 2**22),
    st.integers(-(2**50), 2**52),  # microseconds, from long before 1970 to long after
    st.sampled_from([-1, 0, 2047, 2048, 2049, 2**33 - 1, 2**33, 2**33 + 1]),
)


@given(st.lists(TIMES, max_size=40), st.data())
def test_order_by_time(times, data):
    before = subset(data, len(times))
    kept = before.copy()
    found = order.order_by_time(np.array(times, np.int64), before)
    assert found.tolist() == sorted(before.tolist(), key=lambda event: times[event])
    assert (before == kept).all(), "the order given must not be changed"


@pytest.mark.parametrize("least", [-(2**60), -1, 0, 10**15])
@pytest.mark.parametrize("span", [0, 1, 2047, 2048, 2**22 - 1, 2**22, 2**44, 2**60])
def test_order_by_time_at_the_edges_of_its_digits(least, span):
    times = np.array([least + span, least, least + span // 2, least, least + span], np.int64)
    found = order.order_by_time(times, np.arange(5, dtype=np.int32))
    assert found.tolist() == sorted(range(5), key=lambda event: times[event])


@given(
    st.lists(st.lists(st.integers(0, 5), max_size=8), min_size=1, max_size=5),
    st.sets(st.integers(0, 5)),
    st.data(),
)
def test_count_distinct(values, left_out, data):
    flat = [value for some in values for value in some]
    shuffled = data.draw(st.permutations(range(len(flat))))  # where each value stands
    at = np.empty(len(flat), np.int32)
    for place, value in zip(shuffled, flat, strict=True):
        at[place] = value
    first = np.cumsum([0, *(len(some) for some in values)])
    groups = np.array(data.draw(st.lists(st.integers(0, len(values) - 1), max_size=6)), np.int64)
    mark = np.array([value in left_out for value in range(6)])
    found = order.count_distinct(groups, first, np.array(shuffled, np.int32), at, mark)
    assert found.tolist() == [len(set(values[g]) - left_out) for g in groups]


@given(st.lists(st.lists(st.integers(0, 5), max_size=8), max_size=6))
def test_first_of_each(groups):
    group = [g for g, values in enumerate(groups) for _ in values]
    value = [v for values in groups for v in values]
    found = order.first_of_each(np.array(group, np.int32), np.array(value, np.int32), 6)
    expected = [v not in values[:i] for values in groups for i, v in enumerate(values)]
    assert found.tolist() == expected


@given(st.lists(st.lists(st.integers(0, 3), max_size=8), max_size=6))
def test_most_frequent(groups):
    group = [g for g, values in enumerate(groups) for _ in values]
    value = [v for values in groups for v in values]
    found = order.most_frequent(np.array(group, np.int32), len(groups), np.array(value, np.int32), 4)
    votes = [[v for v in values if v] for values in groups]
    assert found.tolist() == [min(v, key=lambda x: (-v.count(x), x)) if len(v) >= 2 else 0 for v in votes]


@given(
    st.lists(st.tuples(st.integers(-1, 2), st.integers(-1, 1), st.integers(-1, 2)), max_size=30),
    st.integers(1, 6),
)
def test_short_ties_are_ordered_by_their_codes(events, longest):
    time, *codes = (
        (np.array(column, np.int64) for column in zip(*events, strict=True)) if events else [[], [], []]
    )
    time, codes = np.array(time, np.int64), np.array(codes, np.int32).reshape(2, -1)
    found = order.order_by_time(time, np.arange(len(time), dtype=np.int32))
    before = found.tolist()
    left = order.order_short_ties(time, codes, found, longest)
    n_at = {t: (time == t).sum() for t in time.tolist()}
    assert left == any(n > longest for n in n_at.values())
    expected = []
    for t in sorted(n_at):
        tie = [i for i in before if time[i] == t]
        expected += sorted(tie, key=lambda i: tuple(codes[:, i])) if len(tie) <= longest else tie
    assert found.tolist() == expected
