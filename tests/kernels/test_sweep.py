"""The sweeps against their twins, whole and in pieces."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.kernels import sweep
from tests.kernels import twins

EVENTS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 2), st.integers(0, 30)), min_size=1, max_size=40, unique=True
)
NO_CAP = np.iinfo(np.int32).max


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


def collected(events, window, *, cap=NO_CAP, avoid=None, occasion=0, least=1, part_bits=0):
    events, account, feature, time = arrays(events)
    counts = densities(account, feature, time, window)
    avoid = np.array([] if avoid is None else avoid, np.int32)
    table = np.zeros(1 << 16, np.uint8)
    what = account, feature, time, avoid, window, counts, cap, 0, len(time)
    for part in range(1 << part_bits):
        sweep.count_pairs(*what, part, 16 - part_bits, table, np.uint64(48))
    found = {}
    for part in range(1 << part_bits):
        keys, by_bin = sweep.collect_pairs(
            *what, part, 16 - part_bits, table, np.uint64(48), least, 3, occasion
        )
        for key, bins in zip(keys, by_bin, strict=True):
            pair = (int(key) >> 32, int(key) & 0xFFFFFFFF)
            assert pair not in found, "a pair belongs to one part"
            found[pair] = bins.tolist()
    return found


@given(
    EVENTS,
    st.integers(0, 12),
    st.sampled_from([1, 2, 3]),
    st.sampled_from([0, 7, 20]),
    st.sampled_from([2, 6, NO_CAP]),
    st.sampled_from([0, 1, 2]),
)
def test_pairs_are_those_of_the_twin(events, window, least, occasion, cap, part_bits):
    found = collected(events, window, cap=cap, occasion=occasion, least=least, part_bits=part_bits)
    expected = {}
    ordered = arrays(events)[0]
    for pair, units in twins.pair_units(ordered, window, occasion=occasion, allowed=cap).items():
        if len(units) >= least:
            bins = Counter(units.values())
            expected[pair] = [bins.get(b, 0) for b in range(8)]
    assert found == expected


@given(EVENTS, st.integers(0, 12), st.integers(0, 3))
def test_events_on_the_same_avoided_value_are_no_coaction(events, window, n_values):
    ordered = arrays(events)[0]
    avoid = [(a + t) % (n_values + 1) - 1 for a, _, t in ordered]  # -1: no value
    found = collected(events, window, avoid=avoid)
    expected = twins.pair_units(ordered, window, avoid=avoid)
    assert {p: sum(b) for p, b in found.items()} == {p: len(u) for p, u in expected.items()}


@given(
    EVENTS, st.integers(0, 12), st.sampled_from([0, 2, 6, NO_CAP]), st.lists(st.integers(0, 40), max_size=3)
)
def test_the_cost_of_a_sweep_is_known_before(events, window, cap, cuts):
    ordered, account, feature, time = arrays(events)
    counts = densities(account, feature, time, window)
    edges = [0, *sorted(c for c in cuts if 0 < c < len(time)), len(time)]
    n = sum(
        sweep.n_visits(feature, time, window, counts, cap, start, stop)
        for start, stop in itertools.pairwise(edges)
        if start < stop
    )
    cold = [e for e, c in zip(ordered, counts, strict=True) if c <= cap]
    assert n == sum(
        1 for i, e in enumerate(cold) for g in cold[i + 1 :] if e[1] == g[1] and g[2] - e[2] <= window
    )


@settings(max_examples=30)
@given(st.lists(st.integers(0, 300), min_size=1, max_size=600))
def test_a_full_counter_stays_full(times):
    # Two accounts that meet more than 255 times must not wrap around to few.
    account = np.tile(np.array([0, 1], np.int32), 400)
    feature = np.repeat(np.arange(400, dtype=np.int32), 2)
    time = np.zeros(800, np.int64)
    table = np.zeros(1 << 16, np.uint8)
    counts = np.ones(800, np.int32)
    empty = np.empty(0, np.int32)
    sweep.count_pairs(account, feature, time, empty, 1, counts, 10, 0, 800, 0, 16, table, np.uint64(48))
    assert table.max() == 255
    assert (table > 0).sum() == 1


def test_many_pairs_make_the_table_grow():
    # 200 accounts on two features: 19,900 pairs, each with two features.
    account = np.tile(np.arange(200, dtype=np.int32), 2)
    feature = np.repeat(np.arange(2, dtype=np.int32), 200)
    time = np.zeros(400, np.int64)
    counts = np.full(400, 199, np.int32)
    empty = np.empty(0, np.int32)
    table = np.full(1 << 16, 9, np.uint8)
    keys, by_bin = sweep.collect_pairs(
        account, feature, time, empty, 0, counts, 500, 0, 400, 0, 16, table, np.uint64(48), 2, 10, 0
    )
    assert len(set(keys.tolist())) == 19_900
    assert (by_bin[:, twins.bin_of(199)] == 2).all()
    assert (by_bin.sum(axis=1) == 2).all()


@given(st.integers(0, 10**6))
def test_bins_are_powers_of_four(count):
    assert sweep.bin_of(count) == twins.bin_of(count)
