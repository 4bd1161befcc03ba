"""From a log to candidates: the part that also runs on surrogates."""

from __future__ import annotations

import math

import numpy as np
import pytest

from samehand.fleets.find import find_candidates
from samehand.fleets.score import score
from samehand.fleets.settling import _in_step, _with_released, settled
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
    assert told == ["pairs", "interests", "nulls", *["clusters", "evidence"] * 2]


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


# --- settling


def told(tell, group, *, suspects=NOBODY, min_accounts=5, n_events=100):
    """What is left of one group, as the engine has it."""
    engine = ToldEngine(tell)
    engine.n_events_of = lambda codes: np.full(len(codes), n_events)
    (one,) = settled(engine, LOOKS, [group], [suspects], None, min_accounts, taken=[NOBODY])
    return one


@pytest.mark.parametrize(("n_hands", "found"), [(8, 8), (5, 5), (4, 20)])
def test_hands_among_people_of_an_interest_are_a_group_of_their_own(n_hands, found):
    """Of twenty who share targets, some act at once: the others only like the same things."""
    group = np.arange(20, dtype=np.int32)

    def tell(_layer, _scale, members, _others):
        return evidence_of(members, 80, lag=[30 if a < n_hands else 0.5 for a in members])

    one = told(tell, group)
    assert len(one.accounts) == found
    if found < 20:
        assert one.accounts.tolist() == list(range(n_hands))
        paid = math.log2(math.comb(20, n_hands)) / n_hands
        assert one.lag_bits == pytest.approx(30 - paid), "they were chosen by their lags"


@pytest.mark.parametrize(("own", "lag"), [(80, 8), (14, 30)])
def test_a_core_that_its_choice_explains_is_none(own, lag):
    """Eight bits of lags are hardly more than the choice gives; fourteen of own evidence do not pay for the choice."""
    group = np.arange(40, dtype=np.int32)

    def tell(_layer, _scale, members, _others):
        return evidence_of(
            members, 80 if len(members) == 40 else own, lag=[lag if a < 8 else 0 for a in members]
        )

    assert told(tell, group).accounts.tolist() == group.tolist()


def test_who_is_let_go_returns_to_the_group_that_had_it_too():
    """Ten and ten share four; the stronger group takes these and lets them go, for they are not in step with it."""
    one, two = np.arange(10, dtype=np.int32), np.arange(6, 16, dtype=np.int32)

    def tell(_layer, _scale, members, _others):
        first = 0 in members
        return evidence_of(members, 90 if first else 60, lag=[0 if first and a >= 6 else 50 for a in members])

    engine = ToldEngine(tell)
    engine.n_events_of = lambda codes: np.full(len(codes), 100)
    found = settled(engine, LOOKS, [one, two], [NOBODY] * 2, None, 5, taken=[NOBODY] * 2)
    assert [group.accounts.tolist() for group in found] == [list(range(6)), list(range(6, 16))]
    apart = settled(engine, LOOKS, [one, two], [NOBODY] * 2, None, 5, taken=[NOBODY] * 2, alone=True)
    assert [len(group.accounts) for group in apart] == [6, 10], "each by itself"
    held = settled(engine, LOOKS, [two], [NOBODY], None, 5, taken=[np.arange(8, dtype=np.int32)])
    assert held[0].accounts.tolist() == list(range(8, 16)), "who belongs elsewhere stays there"


def test_what_is_released_goes_to_the_strongest_that_claims_it():
    def codes(*accounts):
        return np.array(accounts, np.int32)

    members = [codes(0, 1, 2, 3), codes(2, 3, 4), codes(3, 5)]
    groups = [codes(0, 1, 2, 3), codes(4), codes(5)]
    kept = scored_as(codes(0, 1))
    found = _with_released(groups, members, {0: kept}, [9.0, 5.0, 7.0])
    assert [group.tolist() for group in found] == [[0, 1], [2, 4], [3, 5]]
    assert [g.tolist() for g in _with_released(groups, members, {}, [9.0, 5.0, 7.0])] == [
        g.tolist() for g in groups
    ]


def scored_as(accounts):
    (one,) = score(ToldEngine(lambda *_: evidence_of(accounts, 50)), LOOKS, [accounts], [NOBODY], None)
    return one


def test_those_who_were_left_are_looked_at_once_more(engine_of, monkeypatch):
    """A first look that takes nothing but the stronger fleet leaves the other to the second."""
    engine = engine_of(log_with_two_fleets())
    everything = names(engine, find(engine))
    calls = []

    def only_the_strongest(*args, taken, **more):
        found = settled(*args, taken=taken, **more)
        calls.append([np.unique(np.concatenate([NOBODY, *taken])).tolist(), len(found)])
        if len(calls) > 1:
            return found
        best = max((one for one in found if one is not None), key=lambda one: one.score_bits)
        return [best]

    monkeypatch.setattr("samehand.fleets.find.settled", only_the_strongest)
    monkeypatch.setattr("samehand.graph.cluster.Clusters.but", lambda self, _: self)
    found = find(engine)
    assert names(engine, found) == everything
    assert calls[0][0] == []
    assert calls[1][0] == found.candidates[0].accounts.tolist()
