"""How strong the evidence of a group is, and who belongs to it."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samehand.fleets.score import MOST_MEMBER_BITS, bits, in_step, score, selection_bits, settle, with_lags_of
from tests.fleets.scene import (
    CO_ADDRESS,
    CO_TARGET,
    HOUR,
    MINUTE,
    NOBODY,
    REGISTRATION,
    RHYTHM,
    SECOND,
    ToldEngine,
    evidence_of,
)

GROUP = np.arange(10, dtype=np.int32)


@given(st.integers(0, 60), st.integers(0, 60))
def test_selection_costs_the_number_of_groups_of_that_size(n_accounts, n_members):
    if n_members <= n_accounts:
        ways = math.comb(n_accounts, n_members)
        assert selection_bits(n_accounts, n_members) == pytest.approx(math.log2(ways), abs=1e-6)


def test_bits_are_bounded():
    log_p = np.array([0.0, -math.log(2), -10 * math.log(2), -1e6, -math.inf, 1e-9])
    assert bits(log_p).tolist() == pytest.approx([0, 1, 10, MOST_MEMBER_BITS, MOST_MEMBER_BITS, 0])


def scored(tell, layers, group=GROUP, n_accounts=1000):
    (one,) = score(ToldEngine(tell, n_accounts), layers, [group], [NOBODY], None)
    return one


@pytest.mark.parametrize("member_bits", [0, 12.5, list(range(10))])
def test_a_score_adds_up_from_its_members(member_bits):
    one = scored(lambda *_: evidence_of(GROUP, member_bits), [(CO_TARGET, MINUTE)])
    total = sum(np.broadcast_to(member_bits, 10))
    assert one.score_bits == pytest.approx(total / 2 - math.log2(math.comb(1000, 10)))
    assert one.accounts is GROUP


def test_looking_in_several_layers_has_a_price():
    looks = [(CO_TARGET, s) for s in CO_TARGET.scales_us] + [(RHYTHM, RHYTHM.scales_us[0])]
    alone = scored(lambda *_: evidence_of(GROUP, 40), looks[:1])
    one = scored(lambda *_: evidence_of(GROUP, 40), looks)
    assert alone.score_bits - one.score_bits == pytest.approx(math.log2(len(looks)))


def test_the_strongest_layer_and_scale_speaks():
    strength = {(CO_TARGET.name, MINUTE): 30, (CO_TARGET.name, HOUR): 70, (RHYTHM.name, SECOND): 50}
    looks = [(CO_TARGET, MINUTE), (CO_TARGET, HOUR), (RHYTHM, SECOND)]
    one = scored(lambda layer, scale, *_: evidence_of(GROUP, strength[layer.name, scale]), looks)
    assert (one.layer, one.scale_us) == (CO_TARGET, HOUR)
    assert bits(one.evidence.log_p) == pytest.approx([70] * 10)
    assert one.seen_in == ("co_target", "rhythm"), "both score above 0, each is named once"
    weak = {**strength, (RHYTHM.name, SECOND): 1}
    one = scored(lambda layer, scale, *_: evidence_of(GROUP, weak[layer.name, scale]), looks)
    assert one.seen_in == ("co_target",)


@pytest.mark.parametrize(
    ("shared", "lag", "steps", "speaks"),
    [
        (40, 0, 30, "registration"),  # an interest explains the targets, and not the first steps
        (40, 20, 30, "co_target"),  # the stronger of two that show something
        (30, 20, 40, "registration"),
        (40, 0, 5, "co_target"),  # too little for a group
    ],
)
def test_what_an_interest_does_not_explain_speaks(shared, lag, steps, speaks):
    def tell(layer, *_):
        return evidence_of(GROUP, shared, lag=lag) if layer is CO_TARGET else evidence_of(GROUP, steps)

    one = scored(tell, [(CO_TARGET, MINUTE), (REGISTRATION, 24 * HOUR)])
    assert one.layer.name == speaks
    assert ("registration" in one.seen_in) == (steps > 5)


@pytest.mark.parametrize(("steps", "speaks"), [(30, "registration"), (1, "co_address")])
def test_a_layer_that_cannot_convict_speaks_where_no_other_does(steps, speaks):
    def tell(layer, *_):
        return evidence_of(GROUP, {REGISTRATION: steps, CO_ADDRESS: 200}.get(layer, 0))

    one = scored(tell, [(CO_TARGET, MINUTE), (REGISTRATION, 24 * HOUR), (CO_ADDRESS, 24 * HOUR)])
    assert one.layer.name == speaks
    assert "co_address" in one.seen_in, "what it sees is told all the same"


def test_lags_are_those_of_the_median_member_at_the_scale_that_shows_most():
    lag = {MINUTE: [0] * 5 + [30] * 5, 10 * MINUTE: [20] * 10, 24 * HOUR: [900] * 10}
    strength = {MINUTE: 90, 10 * MINUTE: 40, 24 * HOUR: 60}
    looks = [(CO_TARGET, scale) for scale in lag] + [(RHYTHM, SECOND)]

    def tell(layer, scale, *_):
        if layer is RHYTHM:
            return evidence_of(GROUP, 50, lag=500)  # a layer without lag control says nothing of lags
        return evidence_of(GROUP, strength[scale], lag=lag[scale])

    one = scored(tell, looks)
    assert (one.scale_us, one.lag_bits, one.lag_scale_us) == (MINUTE, pytest.approx(20), 10 * MINUTE)
    assert bits(one.lockstep.log_p) == pytest.approx([40] * 10), "lockstep: the evidence at that scale"


def members_in_step(lag, *, layer=CO_TARGET, n_events=10):
    one = scored(lambda *_: evidence_of(GROUP, 50, lag=lag), [(layer, MINUTE)])
    return in_step(one, np.broadcast_to(n_events, 10)).tolist()


def test_who_does_not_act_when_the_group_does_is_let_go():
    lag = [20] * 7 + [2.1, 2.0, 0.0]
    assert members_in_step(lag) == list(range(8))


def test_nobody_is_let_go_from_a_group_that_an_interest_explains():
    assert members_in_step([6] * 7 + [0] * 3) == list(range(10))


def test_nobody_is_let_go_where_lags_say_nothing():
    assert members_in_step([20] * 7 + [0] * 3, layer=RHYTHM) == list(range(10))


def test_who_does_nothing_else_is_not_there_for_the_targets_sake():
    def tell(*_):
        return dataclasses.replace(
            evidence_of(GROUP, 50, lag=[20] * 7 + [0] * 3), n_coactions=np.full(10, 9, np.int32)
        )

    assert in_step(scored(tell, [(CO_TARGET, MINUTE)]), np.full(10, 10)).tolist() == list(range(10))
    assert in_step(scored(tell, [(CO_TARGET, MINUTE)]), np.full(10, 11)).tolist() == list(range(7))


def test_without_any_lag_the_lockstep_is_the_evidence():
    one = scored(
        lambda _, scale, *__: evidence_of(GROUP, scale / MINUTE), [(CO_TARGET, MINUTE), (CO_TARGET, HOUR)]
    )
    assert one.lag_bits == 0
    assert one.lockstep is one.evidence


def test_every_group_is_scored_by_itself():
    groups = [GROUP, GROUP + 20, np.arange(5, dtype=np.int32)]
    engine = ToldEngine(lambda _, __, members, ___: evidence_of(members, 10 + members[0]))
    found = score(engine, [(CO_TARGET, MINUTE), (CO_TARGET, HOUR)], groups, [NOBODY] * 3, None)
    assert [one.accounts.tolist() for one in found] == [group.tolist() for group in groups]
    price = [math.log2(math.comb(1000, len(group))) + 1 for group in groups]
    expected = [10 * 10 / 2 - price[0], 10 * 30 / 2 - price[1], 5 * 10 / 2 - price[2]]
    assert [one.score_bits for one in found] == pytest.approx(expected)


# Of 1000 accounts: a member stays from 14.3 bits on (0.05 / A), an account joins from 19.9 (0.001 / A), with lags of
# 10.0 (0.001).
STAYS, LEAVES = 14.5, 14.0
JOINS, JOINS_NOT = 20.1, 19.5


def settled(tell, group=GROUP, layer=CO_TARGET, min_accounts=5):
    engine = ToldEngine(tell)
    one = scored(lambda *_: evidence_of(group, 50), [(layer, MINUTE)], group)
    return settle(engine, [one], None, min_accounts)[0][0].tolist()


def test_a_member_without_evidence_of_its_own_is_let_go():
    def tell(layer, scale, members, others):
        return evidence_of(members, [LEAVES if a == 3 else STAYS for a in members])

    assert settled(tell) == [0, 1, 2, 4, 5, 6, 7, 8, 9]


def test_who_goes_takes_the_evidence_of_others_along():
    """9 has evidence only with 8, 8 only with 7, and 7 has none: all three go, one a round."""

    def tell(layer, scale, members, others):
        inside = set(members.tolist())
        alone = {7} | ({8} if 7 not in inside else set()) | ({9} if 8 not in inside else set())
        return evidence_of(members, [0 if a in alone else 50 for a in members])

    assert settled(tell) == [0, 1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("own", "without", "lag", "joins"),
    [
        (JOINS, STAYS, 10.2, True),
        (JOINS_NOT, STAYS, 10.2, False),
        (JOINS, LEAVES, 10.2, False),  # it acts with one member only
        (JOINS, STAYS, 9.8, False),  # it acts on the same targets, at other times
    ],
)
def test_an_account_that_acts_like_the_group_joins(own, without, lag, joins):
    def tell(layer, scale, members, others):
        assert others, "settling looks beyond the group"
        if 77 in members:
            return evidence_of(members, 50, lag=50)
        accounts = [*members, 77]
        return evidence_of(accounts, [50] * 10 + [own], without=[50] * 10 + [without], lag=[50] * 10 + [lag])

    assert settled(tell) == [*GROUP.tolist(), *([77] if joins else [])]


class Crowded(ToldEngine):
    """Accounts 77 and 78 act when the group does, but each hides it from the other until both are suspects."""

    def group_evidence(self, _layer, _scale_us, groups, suspects, _interests, *, others=False):
        (members,), (out,) = groups, suspects
        extra = [a for a in (77, 78) if others and a not in members]
        lag = 50 if {77, 78} <= {*out.tolist(), *members.tolist()} else 0
        return [evidence_of([*members, *extra], 50, lag=lag)]


def test_members_that_hide_each_other_are_looked_at_without_each_other():
    engine = Crowded(None)
    (one,) = score(engine, [(CO_TARGET, MINUTE)], [GROUP], [NOBODY], None)
    assert one.lag_bits == 0
    members, suspects = settle(engine, [one], None, 5)
    assert members[0].tolist() == [*GROUP.tolist(), 77, 78]
    assert suspects[0].tolist() == [77, 78]
    (again,) = with_lags_of(engine, [(CO_TARGET, MINUTE), (RHYTHM, SECOND)], [one], suspects, None)
    assert again.lag_bits == pytest.approx(50)
    assert (again.score_bits, again.accounts is one.accounts) == (one.score_bits, True)
    (same,) = with_lags_of(engine, [(CO_TARGET, MINUTE)], [one], [NOBODY], None)
    assert same is one, "nobody new is suspected"


def test_where_a_layer_knows_no_lags_none_are_asked_for():
    def tell(layer, scale, members, others):
        extra = [] if 77 in members else [77]
        return evidence_of([*members, *extra], 50, lag=0)

    assert settled(tell, layer=RHYTHM) == [*GROUP.tolist(), 77]
    assert settled(tell, layer=CO_TARGET) == GROUP.tolist()


def test_who_did_one_thing_with_the_others_is_no_member():
    def tell(layer, scale, members, others):
        return evidence_of(members, 50, features=[1 if a in (3, 4) else 2 for a in members])

    assert settled(tell) == [a for a in GROUP.tolist() if a not in (3, 4)]


def test_a_group_of_too_few_is_not_looked_at_again():
    asked = []

    def tell(layer, scale, members, others):
        asked.append(len(members))
        return evidence_of(members, [50 if a < 4 else 0 for a in members])

    assert settled(tell) == [0, 1, 2, 3], "the caller drops what is smaller than a fleet"
    assert asked == [10]


def test_each_group_is_settled_at_its_own_layer_and_scale():
    groups = [GROUP, GROUP + 20]
    best = {0: (CO_TARGET, HOUR), 20: (RHYTHM, SECOND)}

    def tell(layer, scale, members, others):
        mine = best[int(members[0])] == (layer, scale)
        return evidence_of(members, [50 if mine else 20] * 9 + [50 if mine else 0])

    engine = ToldEngine(tell)
    found = score(engine, [(CO_TARGET, HOUR), (RHYTHM, SECOND)], groups, [NOBODY] * 2, None)
    assert [x.tolist() for x in settle(engine, found, None, 5)[0]] == [g.tolist() for g in groups]


def test_nothing_to_settle():
    assert settle(ToldEngine(None), [], None, 5) == ([], [])


@pytest.mark.parametrize(("features", "lag", "stays"), [(4, 30, True), (3, 30, False), (4, 2, False)])
def test_within_hours_those_who_meet_in_pairs_stay_where_they_act_at_once(features, lag, stays):
    """Each target is dealt to two: without one of them nobody met there."""

    def tell(layer, scale, members, others):
        return evidence_of(members, STAYS, without=[LEAVES if a == 3 else STAYS for a in members], lag=lag,
                           features=features)  # fmt: skip

    engine = ToldEngine(tell)
    one = scored(lambda *_: evidence_of(GROUP, 50, lag=lag), [(CO_TARGET, HOUR)])
    assert one.quick.tolist() == (GROUP.tolist() if lag > 6.5 else [])
    (members,), _ = settle(engine, [one], None, 5)
    assert (3 in members) == stays


def test_who_acts_at_once_is_seen_at_the_scale_that_shows_it_best():
    def tell(layer, scale, members, others):
        if layer.name == "rhythm":
            return evidence_of(members, 60, lag=99)
        return evidence_of(members, 50, lag=[20 if a < (7 if scale == MINUTE else 3) else 1 for a in members])

    looks = [(CO_TARGET, SECOND), (CO_TARGET, MINUTE), (CO_TARGET, 24 * HOUR), (RHYTHM, SECOND)]
    one = scored(tell, looks[:3])
    assert one.quick.tolist() == list(range(7))
    assert [look.quick_bits for look in one.looks] == [60, 140, 0], "beyond hours lags do not tell"
    assert scored(tell, [looks[3]]).quick.tolist() == []
