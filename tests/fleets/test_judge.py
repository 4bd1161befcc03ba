"""The rate of false accusation, and the rounds of judging."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samehand.fleets import judge as module
from samehand.fleets.facts import survey
from samehand.fleets.judge import CLEARED, judge, q_values
from tests.fleets.scene import CO_TARGET, HOUR, MINUTE, RHYTHM, SECOND, candidate_of

SCORES = st.lists(st.sampled_from([0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 100.0]), max_size=8)


def twin(scores, counted, surrogates):
    """METHOD.md 2.4, word for word: FDR(s), and the least of it over all thresholds at or below the score."""
    n_surrogates = max(len(surrogates), 1)
    everything = [x for some in surrogates for x in some]
    found = [x for x, mark in zip(scores, counted, strict=True) if mark]

    def rate(s):
        of_chance = (1 + sum(x >= s for x in everything)) / n_surrogates
        return min(1.0, of_chance / max(1, sum(x >= s for x in found)))

    q = [min(rate(t) for t in scores if t <= s) for s in scores]
    return q, [sum(x >= s for x in everything) / n_surrogates for s in scores]


@given(st.data(), SCORES, st.lists(SCORES, min_size=1, max_size=20))
def test_q_values_are_those_of_the_formula(data, scores, surrogates):
    counted = data.draw(st.lists(st.booleans(), min_size=len(scores), max_size=len(scores)))
    q, chance = q_values(np.array(scores), np.array(counted, np.bool_), [np.array(x) for x in surrogates])
    expected = twin(scores, counted, surrogates)
    assert q.tolist() == pytest.approx(expected[0])
    assert chance.tolist() == pytest.approx(expected[1])


@given(SCORES, st.lists(SCORES, min_size=1, max_size=20))
def test_a_stronger_group_never_has_a_larger_q_value(scores, surrogates):
    q, chance = q_values(np.array(scores), np.ones(len(scores), np.bool_), [np.array(x) for x in surrogates])
    order = np.argsort(scores)
    assert (np.diff(q[order]) <= 1e-12).all()
    assert (np.diff(chance[order]) <= 1e-12).all()
    assert ((q > 0) & (q <= 1)).all()


@pytest.mark.parametrize(
    ("scores", "surrogates", "q", "chance"),
    [
        # Nothing in twenty surrogates: one in twenty, shared by what was found.
        ([100.0], [[]] * 20, [1 / 20], [0]),
        ([100.0, 90.0], [[]] * 20, [1 / 20, 1 / 40], [0, 0]),
        # One surrogate group at 95: it counts against 90, not against 100.
        ([100.0, 90.0], [[95.0], *[[]] * 19], [1 / 20, 2 / 40], [0, 1 / 20]),
        # As strong as chance itself.
        ([10.0], [[10.0]] * 20, [1.0], [1]),
        ([10.0], [[10.0, 12.0, 3.0]] * 4, [1.0], [2]),
        ([], [[5.0]] * 3, [], []),
    ],
)
def test_known_q_values(scores, surrogates, q, chance):
    found = q_values(np.array(scores), np.ones(len(scores), np.bool_), [np.array(x) for x in surrogates])
    # The q-value of 100 is the least over all thresholds at or below it: that of 90 where that is smaller.
    least = [min(q[i:]) for i in range(len(q))]
    assert found[0].tolist() == pytest.approx(least)
    assert found[1].tolist() == pytest.approx(chance)


def test_groups_that_innocent_causes_explain_do_not_dilute_the_rate():
    scores, surrogates = np.array([100.0, 99.0, 98.0]), [np.array([50.0])] * 20
    everybody, _ = q_values(scores, np.array([True, True, True]), surrogates)
    one, _ = q_values(scores, np.array([True, False, False]), surrogates)
    assert everybody[0] == pytest.approx(1 / 60)
    assert one[0] == pytest.approx(1 / 20)


# A fleet of 12, which crowds six targets within a minute, and the people who come to the same six within the hour.
FLEET = [f"z{n:02d}" for n in range(12)]
PAIR = [f"y{n}" for n in range(6)]


def log_with_two_fleets(seed=0):
    rng = np.random.default_rng(seed)
    rows = [
        {
            "time": int(rng.integers(200 * HOUR)),
            "account": f"p{n % 200:03d}",
            "action": "like",
            "target": f"t{n % 90}",
        }
        for n in range(6000)
    ]
    for target in range(40):
        at = int(rng.integers(200 * HOUR))
        here = FLEET if target < 30 else PAIR
        rows += [
            {
                "time": at + int(rng.integers(40)) * SECOND,
                "account": name,
                "action": "like",
                "target": f"t{target}",
            }
            for name in here
        ]
    return rows


LOOKS = [(CO_TARGET, MINUTE), (CO_TARGET, 10 * MINUTE)]


def test_judging_gathers_facts_and_events_of_each_candidate(engine_of):
    engine = engine_of(log_with_two_fleets())
    candidates = [candidate_of(engine, names, LOOKS) for names in (FLEET, PAIR)]
    found = judge(engine, LOOKS, candidates, None, survey(engine, SECOND))
    assert [one.candidate.accounts.tolist() for one in found] == [c.accounts.tolist() for c in candidates]
    for one, names in zip(found, (FLEET, PAIR), strict=True):
        assert set(one.events["account"].to_pylist()) == set(names)
        assert one.events.num_rows == engine.n_events_of(one.candidate.accounts).sum()
        assert one.facts.n_accounts == len(names)
        assert one.facts.own_life == 0, "they do nothing else"
        assert one.weight == max(e.weight for e in one.explanations)
        assert {e.name for e in one.explanations if not e.tested} >= {"household", "call_centre"}
        assert one.weight <= CLEARED
    assert judge(engine, LOOKS, [], None, survey(engine, SECOND)) == []


def test_what_is_cleared_is_looked_at_again_without_the_fleets_in_its_background(engine_of):
    """A second fleet serves the targets of the first within the same minutes: each is the other's crowd.

    Its lags look ordinary while the first is background for it, and stand out once the first is known.
    """
    rng = np.random.default_rng(3)
    rows = [
        {
            "time": int(rng.integers(200 * HOUR)),
            "account": f"p{n % 300:03d}",
            "action": "like",
            "target": f"t{n % 60}",
        }
        for n in range(9000)
    ]
    large, small = [f"z{n:02d}" for n in range(40)], [f"y{n}" for n in range(6)]
    for target in range(30):
        at = int(rng.integers(200 * HOUR))
        rows += [
            {
                "time": at + int(rng.integers(40)) * SECOND,
                "account": name,
                "action": "like",
                "target": f"t{target}",
            }
            for name in large
        ]
        if target < 6:
            rows += [
                {
                    "time": at + int(rng.integers(40)) * SECOND,
                    "account": name,
                    "action": "like",
                    "target": f"t{target}",
                }
                for name in small
            ]
    for name in small:  # a life of its own, so that it may be explained at all
        rows += [
            {"time": int(rng.integers(200 * HOUR)), "account": name, "action": "like", "target": f"t{30 + n}"}
            for n in range(8)
        ]
    engine = engine_of(rows)
    candidates = [candidate_of(engine, names, LOOKS) for names in (large, small)]
    setting = survey(engine, SECOND)
    (alone,) = judge(engine, LOOKS, candidates[1:], None, setting)
    beside = judge(engine, LOOKS, candidates, None, setting)
    assert alone.weight > CLEARED, "by itself it looks like people of one interest"
    assert beside[0].weight <= CLEARED
    assert beside[1].candidate.lag_bits > alone.candidate.lag_bits + 5
    interest = [
        next(e.weight for e in one.explanations if e.name == "shared_interest") for one in (beside[1], alone)
    ]
    assert interest[0] < interest[1]
    assert beside[1].candidate.score_bits == alone.candidate.score_bits, "the score itself is not made better"


def test_without_a_layer_that_controls_lags_nothing_is_looked_at_again(engine_of, monkeypatch):
    """One group is explained, another is not, and only rhythm is in use: both stay as they were judged at first."""
    whole = module.explain_away

    def told(facts, roles):
        weight = 1.0 if facts.n_accounts == len(PAIR) else 0.0
        return [dataclasses.replace(one, weight=weight) for one in whole(facts, roles)]

    monkeypatch.setattr(module, "explain_away", told)
    engine = engine_of(log_with_two_fleets())
    looks = [(RHYTHM, SECOND)]
    candidates = [candidate_of(engine, names, looks) for names in (FLEET, PAIR)]
    found = judge(engine, looks, candidates, None, survey(engine, SECOND))
    assert [one.weight for one in found] == [0, 1]
    assert all(one.candidate is same for one, same in zip(found, candidates, strict=True))


def test_the_weight_is_that_of_the_best_explanation(engine_of):
    engine = engine_of(log_with_two_fleets())
    (one,) = judge(engine, LOOKS, [candidate_of(engine, FLEET, LOOKS)], None, survey(engine, SECOND))
    more = [
        dataclasses.replace(e, weight=w) for e, w in zip(one.explanations[:3], (0.2, 0.7, 0.1), strict=True)
    ]
    assert module.Judged(one.candidate, one.facts, more, one.events).weight == 0.7
    assert module.Judged(one.candidate, one.facts, [], one.events).weight == 0
