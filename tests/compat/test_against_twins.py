"""The counters against their slow twins, and what must not change the answer."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.compat import ids, window
from samehand.compat.network import network
from samehand.compat.network_types import NETWORK_TYPES

from .twins import Message, Share, cnt, coortweet

FIELDS = ("object_id", "account_id", "content_id")


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch):
    monkeypatch.setattr(window, "_CHUNK", 5)
    monkeypatch.setattr(ids, "_CHUNK", 3)


def _maybe(strategy):
    return st.one_of(strategy, strategy, strategy, strategy, strategy, st.none())


@st.composite
def logs(draw, whole=False):
    maybe = (lambda strategy: strategy) if whole or draw(st.booleans()) else _maybe
    row = st.tuples(
        maybe(st.sampled_from("xyz")),
        maybe(st.sampled_from("abcde")),
        maybe(st.sampled_from([*"xy", *(f"c{i}" for i in range(12))])),
        maybe(st.integers(0, 40).map(lambda t: t / 2)),
    )
    return [Share(i, *cells) for i, cells in enumerate(draw(st.lists(row, max_size=40)))]


def shares_table(shares):
    columns = [pa.array([getattr(s, name) for s in shares], pa.string()) for name in FIELDS]
    times = pa.array([s.time for s in shares], pa.float64())
    return pa.table([*columns, times], names=[*FIELDS, "timestamp_share"])


def pair_rows(found):
    return Counter(tuple(row.values()) for row in found.pairs.to_pylist())


@settings(max_examples=400, deadline=None)
@given(logs(), st.sampled_from([0, 0.5, 2, 5, 100]), st.integers(1, 4), st.booleans(), st.booleans())
def test_coortweet_equals_its_twin(shares, window_s, min_participation, keep_loops, correct):
    found = network(
        shares_table(shares),
        compat="coortweet",
        window_s=window_s,
        min_participation=min_participation,
        keep_loops=keep_loops,
        correct=correct,
    )
    pairs, edges = coortweet(shares, window_s, min_participation, keep_loops, correct)
    assert pair_rows(found) == pairs
    rows = found.edges.to_pylist()
    got = {
        (r["account_a"], r["account_b"]): (
            r["weight"],
            r["avg_time_delta"],
            r["n_content_id"],
            r["n_content_id_y"],
        )
        for r in rows
    }
    assert len(got) == len(rows)
    assert {k: (v[0], pytest.approx(v[1]), *v[2:]) for k, v in edges.items()} == got
    for r in rows:
        contents = sorted([r["n_content_id"], r["n_content_id_y"]])
        assert r["edge_symmetry_score"] == contents[0] / contents[1]


@st.composite
def message_logs(draw):
    row = st.tuples(
        st.integers(0, 30).map(str) if draw(st.booleans()) else st.none(),
        st.sampled_from("uvwx"),
        st.sampled_from(["", "", "r1", "r2"]),
        st.sampled_from(["", "q1", "q2"]),
        st.sampled_from(["", "hi", "Hi  @bob", "@bob\x1chi", "@bob", "HI\nthere", "hi there"]),
        st.integers(0, 30).map(lambda t: t / 2),
        st.sampled_from(["", " ", "l1", "l2", "l1 l2", "l1  l2", "l1 l1"]),
    )
    rows = draw(st.lists(row, max_size=30))
    return [Message(str(i) if row[0] is None else row[0], *row[1:]) for i, row in enumerate(rows)]


def messages_table(messages):
    names = ("message_id", "user_id", "username", "repost_id", "reply_id", "message", "timestamp", "urls")
    return pa.table({name: [getattr(m, name, "") for m in messages] for name in names})


def directed(found):
    return {(r["account_a"], r["account_b"]): r["weight"] for r in found.edges.to_pylist()}


@pytest.mark.parametrize("network_type", NETWORK_TYPES)
@settings(max_examples=100, deadline=None)
@given(
    messages=message_logs(),
    window_s=st.sampled_from([0, 0.5, 3, 100]),
    min_weight=st.integers(1, 3),
    keep_loops=st.booleans(),
    correct=st.booleans(),
)
def test_cnt_equals_its_twin(network_type, messages, window_s, min_weight, keep_loops, correct):
    if not messages:
        return
    found = network(
        messages_table(messages),
        compat="cnt",
        network_type=network_type,
        window_s=window_s,
        min_weight=min_weight,
        keep_loops=keep_loops,
        correct=correct,
    )
    edges = cnt(messages, network_type, window_s, keep_loops, correct)
    assert directed(found) == {pair: weight for pair, weight in edges.items() if weight >= min_weight}


@settings(max_examples=100, deadline=None)
@given(logs(), st.randoms(use_true_random=False), st.booleans())
def test_corrected_the_order_of_rows_changes_nothing(shares, random, keep_loops):
    options = {"compat": "coortweet", "window_s": 3, "keep_loops": keep_loops, "correct": True}
    before = network(shares_table(shares), **options)
    random.shuffle(shares)
    after = network(shares_table(shares), **options)
    assert after == before


@settings(max_examples=100, deadline=None)
@given(logs(whole=True), st.randoms(use_true_random=False))
def test_uncorrected_the_order_of_rows_decides_only_which_of_two_simultaneous_shares_is_the_older(
    shares, random
):
    options = {"compat": "coortweet", "window_s": 3}
    before = network(shares_table(shares), **options)
    random.shuffle(shares)
    after = network(shares_table(shares), **options)
    only = ["account_a", "account_b", "weight", "avg_time_delta", "weight_threshold"]
    assert after.edges.select(only) == before.edges.select(only)

    def unordered(found):
        rows = found.pairs.to_pylist()
        sides = [{(r["account_id"], r["content_id"]), (r["account_id_y"], r["content_id_y"])} for r in rows]
        return Counter(
            (r["object_id"], r["time_delta"], frozenset(s)) for r, s in zip(rows, sides, strict=True)
        )

    def apart(found):
        return Counter(tuple(row.values()) for row in found.pairs.to_pylist() if row["time_delta"] > 0)

    assert unordered(after) == unordered(before)
    assert apart(after) == apart(before)


@settings(max_examples=100, deadline=None)
@given(message_logs(), st.randoms(use_true_random=False), st.sampled_from(list(NETWORK_TYPES)))
def test_cnt_the_order_of_rows_changes_nothing_when_message_ids_are_unique(messages, random, network_type):
    messages = list({m.message_id: m for m in messages}.values())
    if not messages:
        return
    options = {"compat": "cnt", "window_s": 3, "network_type": network_type, "keep_loops": True}
    before = network(messages_table(messages), **options)
    random.shuffle(messages)
    assert network(messages_table(messages), **options) == before


@settings(max_examples=100, deadline=None)
@given(logs(whole=True), st.permutations("abcde"), st.booleans())
def test_renaming_accounts_changes_nothing_but_their_names(shares, names, correct):
    new_name = dict(zip("abcde", names, strict=True))
    renamed = [Share(s.row, s.object_id, new_name[s.account_id], s.content_id, s.time) for s in shares]

    def edges(table, name):
        found = network(table, compat="coortweet", window_s=3, correct=correct).edges.to_pylist()
        return {
            frozenset({name(e["account_a"]), name(e["account_b"])}): (
                e["weight"],
                e["avg_time_delta"],
                {e["n_content_id"], e["n_content_id_y"]},
                e["edge_symmetry_score"],
                e["weight_threshold"],
            )
            for e in found
        }

    assert edges(shares_table(shares), new_name.get) == edges(shares_table(renamed), str)


@settings(max_examples=60, deadline=None)
@given(message_logs(), st.permutations("uvwx"), st.sampled_from(list(NETWORK_TYPES)))
def test_cnt_renaming_accounts_changes_nothing_but_their_names(messages, names, network_type):
    if not messages:
        return
    new_name = dict(zip("uvwx", names, strict=True))
    options = {"compat": "cnt", "window_s": 3, "network_type": network_type, "keep_loops": True}
    table = messages_table(messages)
    renamed = table.set_column(1, "user_id", pa.array([new_name[m.user_id] for m in messages]))
    before, after = directed(network(table, **options)), directed(network(renamed, **options))
    assert after == {(new_name[a], new_name[b]): weight for (a, b), weight in before.items()}
