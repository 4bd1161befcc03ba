"""Groups beside the candidates: too few for one, and innocent or not."""

from __future__ import annotations

import dataclasses

import numpy as np
import pyarrow as pa
import pytest

from samehand.fleets import small_groups as module
from samehand.fleets.edges import edge_table
from samehand.fleets.facts import survey
from samehand.fleets.find import find_candidates
from samehand.fleets.judge import judge_each
from samehand.fleets.small_groups import Cleared, clear_small_groups
from tests.fleets.scene import CO_TARGET, DAY, MINUTE, SECOND

LOOKS = [(CO_TARGET, 10 * SECOND), (CO_TARGET, 60 * SECOND)]
BRANDS = [f"brand{n}" for n in range(3)]
HANDS = [f"hand{n}" for n in range(3)]


def log(seed=0):
    """Three brands of one agency, whose posts a scheduler sends at full minutes, and three phones of one hand."""
    rng = np.random.default_rng(seed)

    def act(account, time, target):
        rows.append({"time": int(time), "account": account, "action": "like", "target": target})

    rows: list[dict[str, object]] = []
    for n in range(400):
        for _ in range(20):
            act(f"u{n:03d}", rng.integers(10 * DAY), f"t{rng.integers(300)}")
    for n in range(25):
        round_time = int(rng.integers(10 * DAY // (5 * MINUTE))) * 5 * MINUTE
        any_time = int(rng.integers(10 * DAY // MINUTE)) * MINUTE + 31 * SECOND
        for k in range(3):
            act(BRANDS[k], round_time + rng.integers(3 * SECOND), f"t{n}")
            act(HANDS[k], any_time + rng.integers(3 * SECOND), f"t{n + 100}")
    for name in BRANDS:  # a life of their own
        for _ in range(25):
            act(name, rng.integers(10 * DAY), f"t{rng.integers(300)}")
    return rows


@pytest.fixture
def scene(engine_of):
    engine = engine_of(log())
    found = find_candidates(engine, LOOKS, min_accounts=5, seed=0)
    setting = survey(engine, 1)
    judged = judge_each(engine, found.candidates, found.interests, setting)
    return engine, found, judged, setting


def test_an_innocent_cause_explains_few_as_it_explains_many(scene):
    engine, found, judged, setting = scene
    assert not judged, "three are too few for a candidate"
    small = clear_small_groups(engine, LOOKS, found.edges, judged, found.interests, setting)
    names = [engine.account_ids(one.accounts).to_pylist() for one in small]
    assert names == [BRANDS], "the hand is not explained"
    assert small[0].weight > 0.5
    table, _ = edge_table(engine, found.edges, judged, small, pa.string())
    before, _ = edge_table(engine, found.edges, judged, [], pa.string())
    strong = dict.fromkeys((*BRANDS, *HANDS), 0)
    for row, plain in zip(table.to_pylist(), before.to_pylist(), strict=True):
        explained = {row["account_a"], row["account_b"]} <= set(BRANDS)
        assert row["p_innocent"] == (small[0].weight if explained else None)
        assert row["p_value"] == (max(small[0].weight, plain["p_value"]) if explained else plain["p_value"])
        if row["strong"]:
            strong[row["account_a"]] += 1
            strong[row["account_b"]] += 1
    assert min(strong.values()) >= 2


def test_pairs_of_a_candidate_are_its_own_business(scene):
    engine, found, _, setting = scene
    wide = find_candidates(engine, LOOKS, min_accounts=3, seed=0)
    judged = judge_each(engine, wide.candidates, wide.interests, setting)
    assert len(judged) == 2
    assert not clear_small_groups(engine, LOOKS, wide.edges, judged, wide.interests, setting)
    hand = next(one for one in judged if one.weight < 0.05)
    a_claim = [Cleared(hand.candidate.accounts, 1.0)]
    table, _ = edge_table(engine, found.edges, [hand], a_claim, pa.string())
    assert table["p_innocent"].null_count == table.num_rows


def test_the_surest_groups_are_looked_at_where_there_are_many(scene, monkeypatch):
    engine, found, judged, setting = scene
    asked = []

    def score(_engine, _looks, groups, _suspects, _interests):
        asked.extend(groups)
        return []

    monkeypatch.setattr(module, "score", score)
    clear_small_groups(engine, LOOKS, found.edges, judged, found.interests, setting)
    assert len(asked) >= 2
    everything = [group.tolist() for group in asked]
    asked.clear()
    monkeypatch.setattr(module, "MOST_GROUPS", 1)
    clear_small_groups(engine, LOOKS, found.edges, judged, found.interests, setting)
    assert [group.tolist() for group in asked] == everything[:1]


def test_without_strong_pairs_there_is_nothing_to_look_at(scene):
    engine, found, judged, setting = scene
    none = [dataclasses.replace(one, strong=np.zeros_like(one.strong)) for one in found.edges]
    assert clear_small_groups(engine, LOOKS, none, judged, found.interests, setting) == []
    assert clear_small_groups(engine, LOOKS, [], judged, found.interests, setting) == []
