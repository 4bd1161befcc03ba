"""Pairs of accounts, first and second test, against the twin."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from samehand.engines.answers import Interests
from samehand.layers import LAYERS
from tests.engines.load import HOUR, MINUTE, SECOND, random_log, to_table, with_posts
from tests.engines.twins import Twin

CO_TARGET, RHYTHM = (next(x for x in LAYERS if x.name == name) for name in ("co_target", "rhythm"))
LOOKS = [(CO_TARGET, 10 * SECOND), (CO_TARGET, 10 * MINUTE), (RHYTHM, SECOND), (RHYTHM, 10 * SECOND)]
ALL = 0.0
NO_LIMIT = 0.0
look = pytest.mark.parametrize(
    ("layer", "scale_us"), LOOKS, ids=[f"{layer.name}-{scale // SECOND}s" for layer, scale in LOOKS]
)
seeds = pytest.mark.parametrize("seed", range(4))
posts = pytest.mark.parametrize("several", [False, True], ids=["one target", "several targets"])


def names(engine, pairs):
    return list(
        zip(
            *(engine.account_ids(codes).to_pylist() for codes in (pairs.account_a, pairs.account_b)),
            strict=True,
        )
    )


def with_markers(rows):
    """One account more on each feature, so that an engine's own feature codes can be told apart."""
    features = sorted({(r["action"], r["target"]) for r in rows if r["target"] is not None})
    return rows + [
        {"time": n * HOUR // 60, "account": f"only-{action}-{target}", "action": action, "target": target}
        for n, (action, target) in enumerate(features)
    ]


def feature_codes(engine, layer):
    """{(action, target): the engine's code of it}."""
    attention = engine.attention(layer, 10**6)
    ids = engine.account_ids(attention.account).to_pylist()
    marked = zip(ids, attention.feature.tolist(), strict=True)
    return {tuple(name.split("-")[1:]): code for name, code in marked if name.startswith("only-")}


def interests_of(engine, layer, class_of_feature):
    codes = feature_codes(engine, layer)
    classes = np.zeros(len(codes), np.int32)
    for feature, code in codes.items():
        classes[code] = class_of_feature[feature]
    return Interests(layer.name, int(classes.max()) + 1, classes)


@look
@seeds
@posts
def test_candidate_pairs_are_those_of_the_twin(engine_of, layer, scale_us, seed, several):
    rows = with_posts(random_log(seed), seed) if several else random_log(seed)
    engine = engine_of(rows)
    pairs = engine.candidate_pairs(layer, scale_us, ALL)
    expected = Twin(rows, layer, scale_us).pairs()
    found = names(engine, pairs)
    assert (pairs.account_a < pairs.account_b).all()
    assert found == sorted(found), "in the order of the accounts"
    assert dict(zip(found, pairs.n_features.tolist(), strict=True)) == {
        p: n for p, (n, _, _) in expected.items()
    }
    for pair, rate, log_p in zip(found, pairs.expected, pairs.log_p, strict=True):
        assert (rate, log_p) == (
            pytest.approx(expected[pair][1], rel=1e-5),
            pytest.approx(expected[pair][2], abs=1e-4),
        )
    assert pairs.n_events_crowded == 0
    assert len(found) > 5, "a log without pairs tests nothing"


@look
def test_the_limit_of_candidates_is_on_their_p_value(engine_of, layer, scale_us):
    engine = engine_of(random_log(9))
    everything = engine.candidate_pairs(layer, scale_us, ALL)
    limit = float(np.median(everything.log_p)) + 1e-5
    some = engine.candidate_pairs(layer, scale_us, limit)
    keep = everything.log_p <= limit
    assert 0 < keep.sum() < len(everything)
    for name in ("account_a", "account_b", "n_features"):
        assert getattr(some, name).tolist() == getattr(everything, name)[keep].tolist()
    assert some.log_p == pytest.approx(everything.log_p[keep], abs=1e-6)
    assert some.expected == pytest.approx(everything.expected[keep])


def test_a_pair_that_meets_once_or_alone_is_no_candidate(engine_of):
    rows = [
        {"time": t * MINUTE, "account": a, "action": "like", "target": x}
        for t, a, x in [
            (0, "a", "x"),
            (0, "b", "x"),
            (10, "a", "y"),
            (10, "c", "y"),
            (20, "c", "z"),
            (20, "a", "z"),
        ]
    ]
    engine = engine_of(rows)
    assert names(engine, engine.candidate_pairs(CO_TARGET, SECOND, ALL)) == [("a", "c")]


@look
@seeds
@pytest.mark.parametrize(("classes", "empty"), [(1, 0), (3, 0), (3, 1)])
@posts
def test_the_second_test_is_that_of_the_twin(engine_of, layer, scale_us, seed, classes, empty, several):
    """``empty``: no feature is of class 0, the rest."""
    rows = random_log(seed, n_events=110)
    rows = with_markers(with_posts(rows, seed) if several else rows)
    engine = engine_of(rows)
    features = sorted({(r["action"], r["target"]) for r in rows if r["target"] is not None})
    class_of_feature = {f: n % classes + empty for n, f in enumerate(features)}
    interests = interests_of(engine, CO_TARGET, class_of_feature) if classes > 1 else None
    pairs = engine.candidate_pairs(layer, scale_us, ALL)
    suspect = np.arange(len(pairs)) % 3 == 0
    assert suspect.any()
    assert not suspect.all()
    found = engine.retest(layer, scale_us, pairs, suspect, interests, NO_LIMIT)
    both = names(engine, pairs)
    twin = Twin(rows, layer, scale_us, class_of_feature if classes > 1 else None)
    expected = twin.retest(both, [pair for pair, mark in zip(both, suspect, strict=True) if mark])
    for i, pair in enumerate(both):
        rate, log_p, (least, most) = expected[pair]
        assert found.expected[i] == pytest.approx(rate, rel=1e-4)
        assert found.log_p_background[i] == pytest.approx(log_p, abs=1e-3, rel=1e-4)
        if layer.lag_control:
            assert least - 1e-6 <= found.log_p_lag[i] <= most + 1e-6
        else:
            assert found.log_p_lag[i] == -math.inf


@look
def test_a_limit_of_the_second_test_changes_nothing_below_it(engine_of, layer, scale_us):
    rows = random_log(5)
    engine = engine_of(rows)
    pairs = engine.candidate_pairs(layer, scale_us, ALL)
    suspect = np.arange(len(pairs)) % 3 == 0
    full = engine.retest(layer, scale_us, pairs, suspect, None, NO_LIMIT)
    values = np.unique(np.round(full.log_p_background, 6))
    assert len(values) > 2
    limit = float(values[len(values) * 6 // 10]) + 1e-5
    some = engine.retest(layer, scale_us, pairs, suspect, None, limit)
    below = full.log_p_background <= limit
    assert below.any()
    assert not below.all()
    assert some.log_p_background[below].tolist() == full.log_p_background[below].tolist()
    assert (some.log_p_background[~below] > limit).all()
    if layer.lag_control:
        tested = np.maximum(full.log_p_background, pairs.log_p) <= limit
        assert tested.any()
        assert some.log_p_lag[tested] == pytest.approx(full.log_p_lag[tested])
        assert np.isnan(some.log_p_lag[~tested]).all()


@look
def test_no_pairs_no_answers(engine_of, layer, scale_us):
    engine = engine_of(random_log(1))
    pairs = engine.candidate_pairs(layer, scale_us, -1e9)
    assert len(pairs) == 0
    found = engine.retest(layer, scale_us, pairs, np.empty(0, np.bool_), None, NO_LIMIT)
    assert len(found.expected) == len(found.log_p_background) == len(found.log_p_lag) == 0


def answers(engine, layer, scale_us):
    pairs = engine.candidate_pairs(layer, scale_us, ALL)
    suspect = np.arange(len(pairs)) % 3 == 0
    again = engine.retest(layer, scale_us, pairs, suspect, None, NO_LIMIT)
    return [
        pairs.account_a.tolist(), pairs.account_b.tolist(), pairs.n_features.tolist(), pairs.expected.tolist(),
        pairs.log_p.tolist(), again.expected.tolist(), again.log_p_background.tolist(), again.log_p_lag.tolist(),
    ]  # fmt: skip


@look
@seeds
def test_row_order_files_and_repeats_change_no_pair(engine_of, layer, scale_us, seed):
    table = to_table(random_log(seed))
    rng = np.random.default_rng(seed)
    again = np.concatenate([rng.permutation(table.num_rows), rng.integers(0, table.num_rows, 50)])
    one = answers(engine_of(table), layer, scale_us)
    assert answers(engine_of(table.take(rng.permutation(again)), n_files=3), layer, scale_us) == one


def test_the_number_of_threads_changes_nothing(engine_of):
    """A log that is long enough for the work to be cut in pieces."""
    rng = np.random.default_rng(0)
    n = 260_000
    rows = {
        "time": rng.integers(0, 20 * HOUR, n) // SECOND * SECOND,
        "account": rng.integers(0, 300, n),
        "action": rng.choice(["like", "share"], n),
        "target": rng.choice([f"t{x}" for x in range(400)], n),
    }
    table = to_table([{"time": 0, "account": 0, "action": "like", "target": "t0"}])
    big = table.schema.empty_table().from_arrays(
        [np.arange(n), *(rows[name] for name in ("time", "account", "action", "target"))],
        names=["event_id", "time", "account", "action", "target"],
    ).cast(table.schema)  # fmt: skip
    big = big.take(np.concatenate([np.arange(n), rng.integers(0, n, 1000)]))  # some events twice
    one, other = engine_of(big, threads=1), engine_of(big, threads=3)
    everybody = np.arange(one.size.n_accounts, dtype=np.int32)
    assert one.events_of(everybody).equals(other.events_of(everybody))
    assert one.events_of(everybody)["event"].to_numpy().max() < n, "the first of repeated events is taken"
    expected = answers(one, CO_TARGET, MINUTE)
    assert len(expected[0]) > 10_000
    assert answers(other, CO_TARGET, MINUTE) == expected


@pytest.mark.parametrize("layer", [CO_TARGET, RHYTHM], ids=lambda layer: layer.name)
def test_attention_is_each_account_on_each_feature_once(engine_of, layer):
    rows = with_markers(random_log(6))
    engine = engine_of(rows)
    found = engine.attention(layer, 10**6)
    twin = {(a, f) for a, f, _ in Twin(rows, layer, SECOND).events}
    assert len(found.account) == len(found.feature) == len(twin)
    assert found.n_features == len({f for _, f in twin})
    assert (found.n_accounts, found.n_left_out) == (engine.size.n_accounts, 0)
    if layer is CO_TARGET:
        by_code = {code: feature for feature, code in feature_codes(engine, layer).items()}
        ids = engine.account_ids(found.account).to_pylist()
        pairs = {(a, by_code[f]) for a, f in zip(ids, found.feature.tolist(), strict=True)}
        assert pairs == twin


def test_attention_beyond_the_limit_is_a_sample_of_whole_features(engine_of):
    rows = [{"time": n, "account": n % 40, "action": "like", "target": f"t{n % 390}"} for n in range(4000)]
    engine = engine_of(rows)
    everything = engine.attention(CO_TARGET, 10**6)
    sizes = np.bincount(everything.feature, minlength=390)
    some = engine.attention(CO_TARGET, len(everything.account) // 2)
    drawn = np.bincount(some.feature, minlength=390)
    assert set(drawn[drawn > 0] - sizes[drawn > 0]) == {0}
    assert 0.35 < (drawn > 0).mean() < 0.65
    assert some.n_left_out == len(everything.account) - len(some.account)
    again = engine.attention(CO_TARGET, len(everything.account) // 2)
    assert again.feature.tolist() == some.feature.tolist()


@pytest.mark.parametrize("known", [False, True])
def test_communities_learned_on_one_layer_hold_for_the_events_of_another(engine_of, known):
    """A layer that takes the same traces under another name has the same communities, whatever its feature codes."""

    def backwards(columns):
        traces = CO_TARGET.take(columns)
        return type(traces)(traces.event, 10**6 - traces.feature)

    other = dataclasses.replace(CO_TARGET, name="other", take=backwards)
    rows = with_markers(random_log(2, n_targets=9))
    engine = engine_of(rows)
    features = sorted({(r["action"], r["target"]) for r in rows if r["target"] is not None})
    classes = {f: n % 4 for n, f in enumerate(features)}
    interests = interests_of(engine, CO_TARGET, classes) if known else None
    pairs = engine.candidate_pairs(CO_TARGET, 10 * MINUTE, ALL)
    suspect = np.arange(len(pairs)) % 3 == 0
    one, two = (
        engine.retest(x, 10 * MINUTE, pairs, suspect, interests, NO_LIMIT) for x in (CO_TARGET, other)
    )
    assert one.log_p_background == pytest.approx(two.log_p_background)
    assert one.expected == pytest.approx(two.expected)
    group, nobody = pairs.account_a[:1], np.empty(0, np.int32)
    group = np.unique(np.concatenate([group, pairs.account_b[:3]]))
    (first,), (second,) = (
        engine.group_evidence(x, 10 * MINUTE, [group], [nobody], interests) for x in (CO_TARGET, other)
    )
    assert first.log_p == pytest.approx(second.log_p)
    assert (first.log_p < 0).any()
