"""From a log to candidates: the part that also runs on surrogates."""

from __future__ import annotations

import numpy as np
import pytest

from samehand.fleets.find import _in_step, find_candidates
from samehand.fleets.score import score
from samehand.graph.interest import learn_interests
from tests.engines.load import to_table
from tests.fleets.scene import CO_TARGET, HOUR, MINUTE, NOBODY, SECOND, ToldEngine, evidence_of
from tests.fleets.test_judge import FLEET, PAIR, log_with_two_fleets

LOOKS = [(CO_TARGET, MINUTE), (CO_TARGET, 10 * MINUTE)]


def find(engine, looks=LOOKS, *, min_accounts=5, **more):
    return find_candidates(engine, looks, min_accounts=min_accounts, seed=0, **more)


def names(engine, found):
    return [engine.account_ids(one.accounts).to_pylist() for one in found.candidates]


def test_fleets_are_found_the_stronger_first(engine_of):
    engine = engine_of(log_with_two_fleets())
    found = find(engine)
    assert names(engine, found) == [FLEET, PAIR]
    scores = [one.score_bits for one in found.candidates]
    assert scores[0] > scores[1] > 0
    assert [(edges.layer, edges.scale_us) for edges in found.edges] == [(x.name, s) for x, s in LOOKS]
    assert found.interests.layer == "co_target"


@pytest.mark.parametrize(("min_accounts", "n_found"), [(3, 2), (6, 2), (7, 1), (13, 0)])
def test_the_smallest_group_that_counts(engine_of, min_accounts, n_found):
    assert len(find(engine_of(log_with_two_fleets()), min_accounts=min_accounts).candidates) == n_found


def test_members_chosen_by_their_lags_do_not_make_the_group_more_in_step():
    """Seven of ten are in step; alone, their median would show 50 bits, but to be chosen for it is no evidence."""
    group, some = np.arange(10, dtype=np.int32), np.arange(7, dtype=np.int32)

    def tell(_layer, _scale, members, _others):
        return evidence_of(members, 60, lag=[20] * 7 + [0] * 3 if len(members) == 10 else [50] * 7)

    engine = ToldEngine(tell)
    engine.n_events_of = lambda codes: np.full(len(codes), 100)
    before = score(engine, LOOKS, [group], [NOBODY], None)
    (after,) = _in_step(engine, LOOKS, before, None, 5)
    assert after.accounts.tolist() == some.tolist()
    assert (before[0].lag_bits, after.lag_bits) == (pytest.approx(20), pytest.approx(20))
    (too_few,) = _in_step(engine, LOOKS, before, None, 8)
    assert too_few is before[0], "fewer than a group: it is judged as it is"


def test_steps_are_told(engine_of):
    told = []
    find(engine_of(log_with_two_fleets()), step=told.append)
    assert told == ["pairs", "interests", "nulls", "clusters", "evidence"]


def test_interests_that_are_known_are_not_learned_again(engine_of):
    engine = engine_of(log_with_two_fleets())
    known, told = find(engine).interests, []
    again = find(engine, interests=known, step=told.append)
    assert again.interests is known
    assert "interests" not in told


def test_the_suspects_do_not_shape_the_communities(engine_of, monkeypatch):
    engine = engine_of(log_with_two_fleets())
    told = []

    def listen(layer, attention, suspects, *rest):
        told.append(set(engine.account_ids(suspects).to_pylist()))
        return learn_interests(layer, attention, suspects, *rest)

    monkeypatch.setattr("samehand.fleets.find.learn_interests", listen)
    find(engine)
    (without,) = told
    assert without >= {*FLEET, *PAIR}
    assert len(without) < 30


def test_a_log_without_fleets_gives_no_candidates(engine_of):
    rows = [row for row in log_with_two_fleets() if row["account"].startswith("p")]
    found = find(engine_of(rows))
    assert found.candidates == []


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_hardly_any_events(engine_of, rows):
    few = [{"time": n * HOUR, "account": f"a{n}", "action": "like", "target": "x"} for n in range(rows)]
    assert find(engine_of(few)).candidates == []


def told_of(found, engine):
    return [
        (
            engine.account_ids(one.accounts).to_pylist(), one.layer.name, one.scale_us, one.score_bits, one.lag_bits,
            one.lag_scale_us, one.seen_in, one.evidence.log_p.tolist(), one.evidence.log_p_without.tolist(),
        )
        for one in found.candidates
    ]  # fmt: skip


def test_row_order_repeats_and_threads_change_no_candidate(engine_of):
    rng = np.random.default_rng(0)
    rows = [{**row, "time": row["time"] // SECOND * SECOND} for row in log_with_two_fleets()]
    table = to_table(rows)
    order = np.concatenate([rng.permutation(table.num_rows), rng.integers(0, table.num_rows, 300)])
    one, other = engine_of(table, threads=1), engine_of(table.take(order), threads=3, n_files=2)
    assert told_of(find(one), one) == told_of(find(other), other)
    nobody = np.empty(0, np.int32)
    once, twice = (e.surrogate(5, nobody, None) for e in (one, other))
    pairs = [e.candidate_pairs(CO_TARGET, 10 * MINUTE, 0.0) for e in (once, twice)]
    assert pairs[0].account_a.tolist() == pairs[1].account_a.tolist()
    assert pairs[0].log_p.tolist() == pairs[1].log_p.tolist()


def test_accounts_are_in_one_candidate_at_most(engine_of):
    """Two fleets that share three accounts: a group keeps what the other has not taken."""
    rng = np.random.default_rng(1)
    rows = [row for row in log_with_two_fleets(1) if row["account"].startswith("p")]
    one, two = [f"z{n:02d}" for n in range(10)], [f"z{n:02d}" for n in range(7, 17)]
    for target in range(40):
        at = int(rng.integers(200 * HOUR))
        rows += [
            {
                "time": at + int(rng.integers(40)) * SECOND,
                "account": name,
                "action": "like",
                "target": f"t{target}",
            }
            for name in (one if target < 20 else two)
        ]
    engine = engine_of(rows)
    found = [name for group in names(engine, find(engine)) for name in group]
    assert len(found) == len(set(found))
    assert set(found) == {*one, *two}
