"""What an engine says of the log itself: sizes, ids, events, audience, outcomes, timeline."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pyarrow as pa
import pytest

from samehand.columns import TIMELINE
from samehand.engines.local import LocalEngine
from tests.engines.load import HOUR, SECOND, random_log, to_table, write_files
from tests.engines.test_pairs import CO_TARGET

ROWS = [
    {"time": 30 * SECOND, "account": "zoe", "action": "like", "target": "x", "outcome": "accepted"},
    {"time": 10 * SECOND, "account": "Ann", "action": "like", "target": "x", "outcome": None},
    {"time": 10 * SECOND, "account": "Ann", "action": "like", "target": "x", "outcome": None},  # repeated
    {"time": 10 * SECOND, "account": "Ann", "action": "share", "target": "x", "outcome": "ignored"},
    {"time": 20 * SECOND, "account": "李", "action": "add", "target": "Ann", "outcome": "accepted"},
    {"time": 25 * SECOND, "account": "zoe", "action": "add", "target": "Ann", "outcome": "accepted"},
    {"time": 26 * SECOND, "account": "zoe", "action": "add", "target": "Ann", "outcome": "ignored"},
    {"time": 99 * SECOND, "account": "李", "action": None, "target": None, "outcome": None},
]


def everybody(engine):
    return np.arange(engine.size.n_accounts, dtype=np.int32)


def plain(table):
    """Events as rows (account, time, action, target), in the table's order."""
    names = [name for name in ("account", "time", "action", "target") if name in table.column_names]
    time = table["time"].cast(pa.int64())
    return list(zip(*((time if n == "time" else table[n]).to_pylist() for n in names), strict=True))


def test_size_and_roles(engine_of):
    engine = engine_of(ROWS)
    size = engine.size
    assert (size.n_events, size.n_accounts) == (7, 3)
    assert (size.first_us, size.last_us) == (10 * SECOND, 99 * SECOND)
    assert engine.roles == {"event_id", "time", "account", "action", "target", "outcome"}


def test_times_before_1970(engine_of):
    engine = engine_of([{"time": t, "account": "a", "target": "x"} for t in (-5, 3, -900 * HOUR)])
    assert (engine.size.first_us, engine.size.last_us) == (-900 * HOUR, 3)
    assert [row[1] for row in plain(engine.events_of(everybody(engine)))] == [-900 * HOUR, -5, 3]


@pytest.mark.parametrize("ids", [["b", "a", "C", "10", "9", "é"], [10, 9, -3, 2**60, 0]])
def test_codes_follow_the_order_of_ids_and_lead_back_to_them(engine_of, ids):
    engine = engine_of([{"time": n, "account": account, "target": "x"} for n, account in enumerate(ids)])
    codes = everybody(engine)
    assert engine.account_ids(codes).to_pylist() == sorted(ids)
    assert engine.account_ids(codes[::-1]).to_pylist() == sorted(ids, reverse=True)
    assert engine.account_codes(engine.account_ids(codes)).tolist() == codes.tolist()
    nobody = "nobody" if isinstance(ids[0], str) else 77
    assert engine.account_codes(pa.array([ids[0], nobody])).tolist() == [sorted(ids).index(ids[0]), -1]


def test_number_of_events_by_account(engine_of):
    rows = random_log(1)
    engine = engine_of(rows)
    once = {(r["account"], r["time"], r["action"], r["target"]) for r in rows}
    counts = Counter(account for account, *_ in once)
    ids = engine.account_ids(everybody(engine)).to_pylist()
    assert engine.n_events_of(everybody(engine)).tolist() == [counts[account] for account in ids]
    some = np.array([3, 0, 3], np.int32)
    assert engine.n_events_of(some).tolist() == [counts[ids[code]] for code in some]


@pytest.mark.parametrize("n_files", [1, 3])
def test_events_of_accounts_are_as_in_the_log_by_account_and_time(engine_of, n_files):
    rows = [{**row, "device": f"d{n}"} for n, row in enumerate(random_log(2))]
    engine = engine_of(rows, n_files=n_files)
    wanted = np.array([5, 1], np.int32)
    names = set(engine.account_ids(wanted).to_pylist())
    found = engine.events_of(wanted)
    assert set(found.column_names) == {"event", "event_id", "time", "account", "action", "target", "device"}
    once = {(r["account"], r["time"], r["action"], r["target"]) for r in rows if r["account"] in names}
    assert sorted(plain(found), key=str) == sorted(once, key=str)
    assert [row[:2] for row in plain(found)] == sorted(row[:2] for row in plain(found))
    by_id = dict(enumerate(rows, start=1))
    for event, number, device in zip(
        *(found[n].to_pylist() for n in ("event", "event_id", "device")), strict=True
    ):
        assert event == number - 1, "event: the row of the files, counted through"
        assert device == by_id[number]["device"]


def test_events_of_nobody(engine_of):
    assert engine_of(ROWS).events_of(np.empty(0, np.int32)).num_rows == 0


def test_the_first_of_repeated_events_is_taken(engine_of):
    rows = [
        {"time": n // 40, "account": "a", "action": "like", "target": "x", "device": f"d{n}"}
        for n in range(400)
    ]
    engine = engine_of(rows, n_files=2)
    assert engine.events_of(everybody(engine))["device"].to_pylist() == [f"d{n}" for n in range(0, 400, 40)]


def test_events_that_differ_in_action_or_target_are_no_repeats(engine_of):
    same = {"time": 5, "account": "a"}
    rows = [{**same, "action": a, "target": t} for a in ("x", "y", None) for t in ("u", "v", None)]
    assert engine_of([*rows, *rows]).size.n_events == 9


def test_a_log_without_actions_and_targets(engine_of):
    engine = engine_of([{"time": t, "account": a} for t, a in ((1, 5), (1, 5), (1, 6), (2, 5))])
    assert engine.size.n_events == 3
    assert engine.audience().tolist() == [0, 0]
    assert engine.outcomes().num_rows == 0


def test_audience_counts_who_acts_on_an_account(engine_of):
    engine = engine_of(ROWS)
    assert engine.account_ids(everybody(engine)).to_pylist() == ["Ann", "zoe", "李"]
    assert engine.audience().tolist() == [2, 0, 0]  # 李 and zoe, who acts twice


def test_audience_of_numbered_accounts(engine_of):
    rows = [
        {"time": n, "account": a, "target": t}
        for n, (a, t) in enumerate([(1, "2"), (3, "2"), (2, "1"), (1, "9")])
    ]
    assert engine_of(rows).audience().tolist() == [1, 2, 0]


def test_outcomes_by_action(engine_of):
    found = engine_of(ROWS).outcomes()
    assert found.column_names == ["action", "outcome", "n_events"]
    counts = {(r["action"], r["outcome"]): r["n_events"] for r in found.to_pylist()}
    assert counts == {
        ("like", "accepted"): 1, ("share", "ignored"): 1, ("add", "accepted"): 2, ("add", "ignored"): 1
    }  # fmt: skip


def test_outcomes_of_repeated_events_count_once(engine_of):
    again = [{"time": 1, "account": "a", "action": "add", "target": "x", "outcome": "accepted"}] * 3
    found = engine_of([*again, {**again[0], "account": "b", "outcome": "ignored"}]).outcomes()
    assert {row["outcome"]: row["n_events"] for row in found.to_pylist()} == {"accepted": 1, "ignored": 1}


@pytest.mark.parametrize("n_bins", [1, 4, 7, 1000])
def test_timeline(engine_of, n_bins):
    rows = random_log(3)
    engine = engine_of(rows)
    table = engine.timeline(n_bins)
    assert table.schema == TIMELINE
    assert table.num_rows <= n_bins
    starts = table["time"].cast(pa.int64()).to_pylist()
    assert starts[0] == engine.size.first_us
    widths = set(np.diff(starts).tolist())
    assert len(widths) <= 1, "bins are of equal length"
    width = widths.pop() if widths else engine.size.last_us - engine.size.first_us + 1
    events, accounts = Counter(), defaultdict(set)
    for account, time, *_ in {(r["account"], r["time"], r["action"], r["target"]) for r in rows}:
        events[(time - starts[0]) // width] += 1
        accounts[(time - starts[0]) // width].add(account)
    assert table["n_events"].to_pylist() == [events[n] for n in range(table.num_rows)]
    assert table["n_accounts"].to_pylist() == [len(accounts[n]) for n in range(table.num_rows)]
    assert max(events) == table.num_rows - 1


def test_row_order_changes_nothing_in_the_log(engine_of):
    table = to_table(random_log(4))
    shuffled = table.take(np.random.default_rng(1).permutation(table.num_rows))
    one, other = engine_of(table), engine_of(shuffled, n_files=2)
    codes = everybody(one)
    assert one.size == other.size
    assert one.account_ids(codes).equals(other.account_ids(codes))
    assert one.timeline(9).equals(other.timeline(9))
    assert sorted(plain(one.events_of(codes)), key=str) == sorted(plain(other.events_of(codes)), key=str)
    assert one.audience().tolist() == other.audience().tolist()


def test_events_of_one_account_time_and_id_are_a_post(engine_of):
    rows = [
        {"time": 5, "account": "a", "target": "x", "event_id": "p1"},
        {"time": 5, "account": "a", "target": "y", "event_id": "p1"},
        {"time": 5, "account": "b", "target": "x", "event_id": "p1"},  # another account: ids may be shared
        {"time": 5, "account": "b", "target": "y", "event_id": "p2"},
        {"time": 9, "account": "a", "target": "x", "event_id": None},
        {"time": 9, "account": "a", "target": "y", "event_id": None},
        {"time": 9, "account": "b", "target": "x", "event_id": "p3"},
        {"time": 10, "account": "b", "target": "y", "event_id": "p3"},
    ]
    # a and b meet on x and on y: of one post of a, so together once, and once more at 9 with no id to say so.
    engine = engine_of(rows)
    pairs = engine.candidate_pairs(CO_TARGET, 1, 0.0)
    assert pairs.n_features.tolist() == [2]
    both = [{**row, "event_id": {"p2": "p1"}.get(row["event_id"], row["event_id"])} for row in rows[:4]]
    assert len(engine_of(both).candidate_pairs(CO_TARGET, 1, 0.0)) == 0
    assert engine_of(rows[:4]).candidate_pairs(CO_TARGET, 1, 0.0).n_features.tolist() == [2]


def test_rows_in_memory_count_as_if_they_were_in_the_files(tmp_path):
    table = to_table(random_log(3))
    files = write_files(table.slice(0, 100), tmp_path, 2)
    (tmp_path / "whole").mkdir()
    whole = LocalEngine.load(write_files(table, tmp_path / "whole"), table.column_names)
    added = LocalEngine.load(files, table.column_names, added=table.slice(100))
    assert added.size == whole.size
    assert plain(added.events_of(everybody(added))) == plain(whole.events_of(everybody(whole)))
    shown = [engine.events_of(everybody(engine)) for engine in (whole, added)]
    assert shown[0]["event_id"].to_pylist() == shown[1]["event_id"].to_pylist()
    assert shown[0]["event"].to_pylist() == shown[1]["event"].to_pylist()


def test_accounts_in_a_layer_are_those_with_traces(engine_of):
    rows = [
        {"time": n, "account": name, "target": "x" if name != "c" else None} for n, name in enumerate("aabcc")
    ]
    engine = engine_of(rows)
    assert engine.size.n_accounts == 3
    assert engine.n_accounts_in(CO_TARGET) == 2, "c acted on nothing"
