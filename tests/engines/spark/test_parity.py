"""Spark says what the local engine says: on hot features, at the borders of blocks, with posts, ties and repeats."""

from __future__ import annotations

import numpy as np
import pytest

from samehand.engines.answers import Interests
from samehand.layers import LAYERS, TRAITS
from tests.engines.load import HOUR, MINUTE, SECOND, random_log, with_posts
from tests.engines.spark.alike import assert_alike

BY_NAME = {layer.name: layer for layer in (*LAYERS, *TRAITS)}
CO_TARGET, RHYTHM, CO_CONTENT = (BY_NAME[name] for name in ("co_target", "rhythm", "co_content"))
LOOKS = {
    "10 min": ("posts", CO_TARGET, 10 * MINUTE),
    "hot": ("plain", CO_TARGET, 10 * MINUTE),
    "rhythm": ("plain", RHYTHM, 10 * SECOND),
    "words": ("plain", CO_CONTENT, HOUR),
    "first steps": ("plain", BY_NAME["registration"], 24 * HOUR),
    "addresses": ("plain", BY_NAME["co_address"], 24 * HOUR),
}
ALL = NO_LIMIT = 0.0
NOBODY = np.empty(0, np.int32)
TEXTS = ["Buy cheap followers here, only today", "买粉丝加微信好友优惠多多", "good morning everybody", None]


def plain_log():
    """Hot features, ties, repeats, a clock that was behind for a while; contacts, texts, sign-ups, addresses."""
    rng = np.random.default_rng(2)
    rows = random_log(1, n_events=200)
    rows = [{**row, "time": row["time"] - HOUR} if n % 7 == 0 else row for n, row in enumerate(rows)]
    people = sorted({row["account"] for row in rows})
    rows += [{"time": row["time"] - 60 * SECOND, "account": row["account"], "action": "register", "target": None}
             for row in rows[::9]]  # fmt: skip
    for n in range(60):
        one, other = rng.choice(people, 2, replace=False)
        rows.append({"time": int(rng.integers(HOUR)), "account": one, "action": "message", "target": other,
                     "content": TEXTS[n % 4], "outcome": ["accepted", "ignored", None][n % 3]})  # fmt: skip
    homes = ["8.8.4.4", "2a00:1450::1", "10.0.0.7", "a salted one", None, "8.8.4.9"]
    full = [{"content": None, "outcome": None, "address": homes[int(rng.integers(6))], **row} for row in rows]
    return full + full[:20]


LOGS = {"plain": plain_log, "posts": lambda: with_posts(random_log(0), 0)}


@pytest.fixture(params=sorted(LOGS))
def engines(both, request):
    return both(request.param, LOGS[request.param]())


def interests_of(engine):
    n_features = engine.attention(CO_TARGET, 10**6).n_features
    return Interests("co_target", 3, np.random.default_rng(0).integers(0, 3, n_features).astype(np.int32))


def groups_of(engine):
    """A fleet but for one member, with a suspect outside it, and accounts that have little in common."""
    fleet = engine.account_codes(
        engine.ids.filter([name.startswith("f0") for name in engine.ids.to_pylist()])
    )
    fleet = fleet[:-1]
    others = np.arange(0, engine.size.n_accounts, 4, dtype=np.int32)
    return [fleet, others], [np.append(fleet, fleet[-1] + 1).astype(np.int32), others[:2]]


def test_the_log(engines):
    local, spark = engines
    assert spark.size == local.size
    assert spark.roles == local.roles
    assert spark.ids.equals(local.ids)
    everybody = np.arange(local.size.n_accounts, dtype=np.int32)
    assert_alike(local.n_events_of(everybody), spark.n_events_of(everybody))
    one, other = local.events_of(everybody[3:9]), spark.events_of(everybody[3:9])
    assert other.cast(one.schema).equals(one)
    assert_alike(local.audience(), spark.audience())
    assert_alike(local.contacts(), spark.contacts())
    assert spark.outcomes().equals(local.outcomes())
    assert spark.timeline(50).equals(local.timeline(50))
    sizes = [(2, 5), (6, 100)]
    assert_alike(local.sharing("target", NOBODY, sizes, 3), spark.sharing("target", NOBODY, sizes, 3))
    groups, _ = groups_of(local)
    for trait in (BY_NAME[name] for name in ("script", "name_stem")):
        assert_alike(local.held(trait, groups), spark.held(trait, groups))


def test_attention_and_votes(engines):
    local, spark = engines
    assert_alike(local.attention(CO_TARGET, 10**6), spark.attention(CO_TARGET, 10**6))
    few = [engine.attention(CO_TARGET, 60) for engine in engines]
    assert few[0].n_left_out > 0
    assert_alike(*few)
    classes = np.random.default_rng(1).integers(0, 3, local.size.n_accounts).astype(np.int32)
    assert_alike(local.vote(CO_TARGET, classes), spark.vote(CO_TARGET, classes))


@pytest.mark.parametrize("look", LOOKS)
def test_pairs_and_groups(both, look):
    log, layer, scale_us = LOOKS[look]
    local, spark = both(log, LOGS[log]())
    pairs = local.candidate_pairs(layer, scale_us, ALL)
    assert len(pairs) > 3
    assert_alike(pairs, spark.candidate_pairs(layer, scale_us, ALL))
    assert local.n_accounts_in(layer) == spark.n_accounts_in(layer)
    interests = interests_of(local)
    interests_of(spark)
    suspects = pairs.log_p <= np.quantile(pairs.log_p, 0.3)
    asked = layer, scale_us, pairs, suspects, interests, NO_LIMIT
    assert_alike(local.retest(*asked), spark.retest(*asked))
    groups, beside = groups_of(local)
    asked = layer, scale_us, groups, beside, interests
    found = local.group_evidence(*asked, others=True)
    if look == "10 min":
        assert len(found[0].accounts) > len(groups[0])
    assert_alike(found, spark.group_evidence(*asked, others=True))
    if layer is CO_TARGET:
        joint = found[0].event
        around = local.surroundings(groups[0], joint, interests)
        assert len(around.first_us) > 1
        assert_alike(around, spark.surroundings(groups[0], joint, interests))


def test_surrogates(both):
    engines = both("posts", LOGS["posts"]())
    local = engines[0]
    interests = interests_of(local)
    suspects = groups_of(local)[0][0]
    for engine in engines:
        engine.n_accounts_in(CO_TARGET)  # a surrogate has the traces that were taken before
    one, other = (engine.surrogate(5, suspects, interests) for engine in engines)
    everybody = np.arange(local.size.n_accounts, dtype=np.int32)
    dealt = [engine.events_of(everybody).select(["event", "account"]) for engine in (one, other)]
    assert dealt[1].cast(dealt[0].schema).equals(dealt[0])
    assert not dealt[0].equals(local.events_of(everybody).select(["event", "account"]))
    found = one.candidate_pairs(CO_TARGET, 10 * MINUTE, ALL)
    assert len(found) > 3
    assert_alike(found, other.candidate_pairs(CO_TARGET, 10 * MINUTE, ALL))
