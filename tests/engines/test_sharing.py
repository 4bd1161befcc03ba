"""Which accounts share an address or a device."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.engines.sharing import sharing
from tests.engines.load import SECOND, random_log

ALL = (1, 10**6)
NOBODY = np.empty(0, np.int32)


def twin(value, account, left_out, sizes, at_most):
    """Count in dictionaries, one event after the other."""
    events: dict[int, Counter] = defaultdict(Counter)
    first: dict[tuple[int, int], int] = {}
    for n, (v, a) in enumerate(zip(value, account, strict=True)):
        if v >= 0 and a not in left_out:
            events[v][a] += 1
            first.setdefault((v, a), n)
    groups = [
        (
            -len(members),
            min(first[v, a] for a in members),
            sorted(members, key=lambda a: (-members[a], first[v, a])),
        )
        for v, members in events.items()
    ]
    groups.sort()
    return [[group for n, _, group in groups if least <= -n <= most][:at_most] for least, most in sizes]


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(-1, 6), st.integers(0, 9)), max_size=60),
    st.sets(st.integers(0, 9)),
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 10)), min_size=1, max_size=3),
    st.integers(1, 4),
)
def test_groups_are_those_of_a_plain_count(events, left_out, sizes, at_most):
    value = np.array([v for v, _ in events], np.int32)
    account = np.array([a for _, a in events], np.int32)
    out = np.isin(np.arange(10), list(left_out))
    found = sharing(value, account, out, sizes, at_most)
    assert [[group.tolist() for group in some] for some in found] == twin(
        value.tolist(), account.tolist(), left_out, sizes, at_most
    )


@pytest.fixture
def rows():
    rng = np.random.default_rng(7)
    return [
        {**row, "address": None if rng.random() < 0.1 else f"10.0.0.{rng.integers(8)}"}
        for row in random_log(3)
    ]


def names(engine, groups):
    return [engine.account_ids(group).to_pylist() for group in groups]


def test_an_engine_counts_events_of_the_log(engine_of, rows):
    engine = engine_of(rows)
    ((*groups,),) = engine.sharing("address", NOBODY, [ALL], 100)
    once = {(r["account"], r["time"], r["action"], r["target"]): r["address"] for r in reversed(rows)}
    accounts = defaultdict(Counter)
    for (account, *_), address in once.items():
        accounts[address][account] += 1
    del accounts[None]
    found = names(engine, groups)
    assert sorted(map(sorted, found)) == sorted(sorted(some) for some in accounts.values())
    assert [len(group) for group in found] == sorted((len(some) for some in accounts.values()), reverse=True)
    by_members = {frozenset(some): some for some in accounts.values()}
    for group in found:
        counts = [by_members[frozenset(group)][account] for account in group]
        assert counts == sorted(counts, reverse=True), "the busiest first"


def test_who_is_left_out_counts_nowhere(engine_of):
    rows = [
        {"time": n * SECOND, "account": f"a{n}", "target": "x", "device": device}
        for n, device in enumerate("ppppqqr")
    ]
    engine = engine_of(rows)
    out = np.array([0, 1], np.int32)
    assert names(engine, engine.sharing("device", out, [(2, 3)], 9)[0]) == [["a2", "a3"], ["a4", "a5"]]
    assert names(engine, engine.sharing("device", NOBODY, [(2, 3)], 9)[0]) == [["a4", "a5"]]
    assert names(engine, engine.sharing("device", NOBODY, [(1, 9)], 2)[0]) == [
        ["a0", "a1", "a2", "a3"],
        ["a4", "a5"],
    ]


def test_a_log_without_the_column_has_no_groups(engine_of):
    engine = engine_of([{"time": 1, "account": "a", "target": "x"}])
    assert engine.sharing("address", NOBODY, [ALL, ALL], 5) == [[], []]


def test_in_a_surrogate_accounts_are_those_of_the_surrogate(engine_of, rows):
    engine = engine_of(rows)
    shuffled = engine.surrogate(1, np.arange(engine.size.n_accounts, dtype=np.int32), None)
    (groups,) = shuffled.sharing("address", NOBODY, [ALL], 100)
    events = shuffled.events_of(np.arange(engine.size.n_accounts, dtype=np.int32))
    expected = defaultdict(set)
    for row in events.select(["account", "address"]).to_pylist():
        expected[row["address"]].add(row["account"])
    del expected[None]
    assert sorted(map(sorted, names(shuffled, groups))) == sorted(map(sorted, expected.values()))


def test_names_of_accounts_and_values_do_not_matter(engine_of, rows):
    other = [
        {**row, "account": row["account"][::-1] + "x", "address": row["address"] and row["address"][::-1]}
        for row in rows
    ]
    engine, renamed = engine_of(rows), engine_of(other)
    ((*one,),), ((*two,),) = (each.sharing("address", NOBODY, [ALL], 100) for each in (engine, renamed))
    # Ties in time are broken by code; this log has few of them, and none that matters.
    assert [[name[::-1] + "x" for name in group] for group in names(engine, one)] == names(renamed, two)
