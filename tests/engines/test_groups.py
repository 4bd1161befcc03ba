"""What groups did together, against the twin."""

from __future__ import annotations

import dataclasses

import numpy as np
import pyarrow as pa
import pytest

from samehand.engines.answers import GroupEvidence
from tests.engines.load import HOUR, MINUTE, SECOND, random_log, to_table, with_posts
from tests.engines.test_pairs import CO_TARGET, RHYTHM, interests_of, look, posts, with_markers
from tests.engines.twins import Twin

GROUPS = [[f"f0{n}" for n in range(4)], [f"f1{n}" for n in range(3)], [f"r{n}" for n in range(5)]]
SUSPECTS = [["a00"], [f"f1{n}" for n in range(4)], ["r0", "a01"]]
seeds = pytest.mark.parametrize("seed", range(3))


def codes(engine, names):
    return np.sort(engine.account_codes(pa.array(names)))


def ask(engine, layer, scale_us, interests=None, *, others=False):
    members = [codes(engine, names) for names in GROUPS]
    suspects = [codes(engine, names) for names in SUSPECTS]
    return engine.group_evidence(layer, scale_us, members, suspects, interests, others=others)


def events_by_row(engine):
    """{row of the files: (time, account, action, target)}."""
    table = engine.events_of(np.arange(engine.size.n_accounts, dtype=np.int32))
    time = table["time"].cast(pa.int64())
    rest = [table[name].to_pylist() for name in ("account", "action", "target")]
    return dict(zip(table["event"].to_pylist(), zip(time.to_pylist(), *rest, strict=True), strict=True))


@look
@seeds
@pytest.mark.parametrize("others", [False, True])
@pytest.mark.parametrize("classes", [1, 3])
@posts
def test_group_evidence_is_that_of_the_twin(engine_of, layer, scale_us, seed, others, classes, several):
    rows = random_log(seed, n_events=90)
    rows = with_markers(with_posts(rows, seed) if several else rows)
    engine = engine_of(rows)
    features = sorted({(r["action"], r["target"]) for r in rows if r["target"] is not None})
    class_of_feature = {f: n % classes for n, f in enumerate(features)} if classes > 1 else None
    interests = interests_of(engine, CO_TARGET, class_of_feature) if classes > 1 else None
    twin = Twin(rows, layer, scale_us, class_of_feature)
    by_row = events_by_row(engine)
    found = ask(engine, layer, scale_us, interests, others=others)
    for evidence, members, suspects in zip(found, GROUPS, SUSPECTS, strict=True):
        accounts, together = twin.group(members, suspects, others=others)
        assert engine.account_ids(evidence.accounts).to_pylist() == list(accounts)
        for i, mine in enumerate(accounts.values()):
            for name, value in mine.items():
                close = pytest.approx(value, rel=1e-4, abs=1e-4)
                assert getattr(evidence, name)[i] == close, (list(accounts)[i], name)
        assert {by_row[row] for row in evidence.event.tolist()} == set(together)
        assert len(evidence.event) == len(together)
        owners = engine.account_ids(evidence.event_account).to_pylist()
        for row, owner, crowd in zip(evidence.event.tolist(), owners, evidence.event_others, strict=True):
            assert (owner, crowd) == together[by_row[row]]


@look
@seeds
def test_events_of_one_feature_and_occasion_share_a_number(engine_of, layer, scale_us, seed):
    engine = engine_of(random_log(seed))
    by_row = events_by_row(engine)
    occasion = layer.n_windows_an_occasion * scale_us
    n_events = 0
    for evidence in ask(engine, layer, scale_us):
        named = {}
        for row, number in zip(evidence.event.tolist(), evidence.event_feature.tolist(), strict=True):
            time, _, action, target = by_row[row]
            unit = (
                (action, target)
                if layer is CO_TARGET
                else (action, (time - engine.size.first_us) // occasion)
            )
            assert named.setdefault(number, unit) == unit
            n_events += 1
        assert len(set(named.values())) == len(named)
    assert n_events > 0


def test_who_joins_a_fleet_is_found_among_the_others(engine_of):
    """Four of five accounts of one hand are known; the fifth, and nobody of the crowd, acts as they do."""
    rng = np.random.default_rng(0)
    rows = [
        {"time": int(rng.integers(30 * HOUR)), "account": f"p{n % 40:03d}", "action": "like",
         "target": f"t{rng.integers(50)}"}
        for n in range(12_000)
    ]  # fmt: skip
    for target in range(20):
        at = int(rng.integers(30 * HOUR))
        rows += [
            {
                "time": at + int(rng.integers(MINUTE)),
                "account": f"z{n}",
                "action": "like",
                "target": f"t{target}",
            }
            for n in range(5)
        ]
    engine = engine_of(rows)
    nobody = np.empty(0, np.int32)
    known = codes(engine, [f"z{n}" for n in range(4)])
    (found,) = engine.group_evidence(CO_TARGET, 2 * MINUTE, [known], [nobody], None, others=True)
    names = engine.account_ids(found.accounts).to_pylist()
    by_name = dict(
        zip(names, zip(found.log_p, found.log_p_without, found.log_p_lag, strict=True), strict=True)
    )
    assert len(names) > 5, "some of the crowd came near twice"
    for name, numbers in by_name.items():
        assert all(log_p < np.log(1e-6) for log_p in numbers) == name.startswith("z")


def test_a_group_without_anything_in_common(engine_of):
    rows = [{"time": n * HOUR, "account": f"a{n}", "action": "like", "target": "x"} for n in range(6)]
    engine = engine_of(rows)
    group = np.arange(3, dtype=np.int32)
    for layer in (CO_TARGET, RHYTHM):
        (found,) = engine.group_evidence(layer, SECOND, [group], [np.empty(0, np.int32)], None, others=True)
        assert found.accounts.tolist() == [0, 1, 2]
        assert found.n_features.tolist() == found.n_coactions.tolist() == [0, 0, 0]
        assert found.log_p.tolist() == [0, 0, 0]
        assert len(found.event) == 0


def test_no_groups_no_answers(engine_of):
    engine = engine_of(random_log(0))
    assert engine.group_evidence(CO_TARGET, SECOND, [], [], None) == []


def plain(found: list[GroupEvidence], engine):
    by_row = events_by_row(engine)
    return [
        [
            *(getattr(one, name).tolist() for name in ("accounts", "n_features", "n_coactions", "expected", "log_p",
                                                       "log_p_without", "log_p_lag", "n_trials", "n_near")),
            sorted(zip([by_row[row] for row in one.event.tolist()], one.event_others.tolist(), strict=True), key=str),
        ]
        for one in found
    ]  # fmt: skip


@look
@seeds
def test_row_order_files_and_repeats_change_no_group(engine_of, layer, scale_us, seed):
    table = to_table(random_log(seed))
    rng = np.random.default_rng(seed)
    again = np.concatenate([rng.permutation(table.num_rows), rng.integers(0, table.num_rows, 50)])
    one, other = engine_of(table), engine_of(table.take(rng.permutation(again)), threads=1, n_files=3)
    assert plain(ask(one, layer, scale_us, others=True), one) == plain(
        ask(other, layer, scale_us, others=True), other
    )


def test_asking_twice_and_in_another_order_changes_nothing(engine_of):
    """An engine may keep what it prepared; what it keeps must not depend on who asked first."""
    rows = with_markers(random_log(1))
    features = sorted({(r["action"], r["target"]) for r in rows if r["target"] is not None})
    classes = {f: n % 3 for n, f in enumerate(features)}
    engine, other = engine_of(rows), engine_of(rows)
    interests = interests_of(engine, CO_TARGET, classes)
    first = plain(ask(engine, CO_TARGET, MINUTE, interests, others=True), engine)
    ask(other, CO_TARGET, HOUR, interests_of(other, CO_TARGET, classes))
    ask(other, RHYTHM, SECOND, None)
    assert (
        plain(ask(other, CO_TARGET, MINUTE, interests_of(other, CO_TARGET, classes), others=True), other)
        == first
    )
    assert plain(ask(engine, CO_TARGET, MINUTE, interests, others=True), engine) == first


def test_other_communities_give_other_answers(engine_of):
    rows = with_markers(random_log(1))
    features = sorted({(r["action"], r["target"]) for r in rows if r["target"] is not None})
    engine, other = engine_of(rows), engine_of(rows)
    ask(engine, CO_TARGET, MINUTE)
    now, fresh = (
        plain(
            ask(e, CO_TARGET, MINUTE, interests_of(e, CO_TARGET, {f: n % 3 for n, f in enumerate(features)})),
            e,
        )
        for e in (engine, other)
    )
    assert now == fresh


def test_an_event_with_several_features_is_one_event(engine_of):
    """A layer may take an event with several features (``Traces.event``); ``n_coactions`` is a number of events."""

    def twice(columns):
        one = CO_TARGET.take(columns)
        return type(one)(np.concatenate([one.event] * 2), np.concatenate([one.feature, one.feature + 10**6]))

    engine = engine_of(random_log(0))
    layer = dataclasses.replace(CO_TARGET, name="twice", take=twice)
    (found,) = engine.group_evidence(layer, MINUTE, [codes(engine, GROUPS[0])], [np.empty(0, np.int32)], None)
    assert found.n_coactions.sum() > 0
    assert (found.n_coactions <= engine.n_events_of(found.accounts)).all()
