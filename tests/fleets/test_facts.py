"""Each fact on a hand-made log with a known answer.

The group: g0 .. g3 act together on targets t0 .. t4, each member of it five times, at hours of their own.
"""
# ruff: noqa: ARG005 - what an event has may depend on the target, the member and the hour, or not

from __future__ import annotations

import math

import numpy as np
import pytest

from samehand.engines.answers import Interests
from samehand.engines.attendance import focus as focus_of
from samehand.fleets import facts as module
from samehand.fleets.facts import Facts, gather, survey
from tests.fleets.scene import CO_TARGET, DAY, HOUR, MINUTE, RHYTHM, SECOND, candidate_of

GROUP = [f"g{n}" for n in range(4)]
START = 40 * DAY
LOOKS = [(CO_TARGET, MINUTE)]


def event(time, account, target, action="like", **more):
    return {"time": START + time, "account": account, "action": action, "target": target, **more}


def together(at=lambda t: t * 4 * HOUR + 17 * MINUTE + 30 * SECOND, *, n_targets=5, **more):
    """The group's joint events: on target t, the members one second after another."""
    return [
        event(at(t) + n * SECOND, name, f"t{t}", **{k: v(t, n) for k, v in more.items()})
        for t in range(n_targets)
        for n, name in enumerate(GROUP)
    ]


def background(**more):
    """Other people, so that the log has a crowd: nobody near the group."""
    return [
        event(
            h * HOUR + 11 * MINUTE + 13 * SECOND,
            f"b{h % 10}",
            f"x{h % 7}",
            **{k: v(h) for k, v in more.items()},
        )
        for h in range(96)
    ]


def facts_of(engine_of, rows, *, looks=LOOKS, clock_us=SECOND, interests=None, names=GROUP) -> Facts:
    engine = engine_of(rows)
    interests = interests(engine) if interests else None
    candidate = candidate_of(engine, names, looks, interests=interests)
    events = engine.events_of(candidate.accounts)
    return gather(engine, survey(engine, clock_us), candidate, events, interests)


def test_the_scene_is_as_said(engine_of):
    engine = engine_of(together() + background())
    evidence = candidate_of(engine, GROUP, LOOKS).evidence
    assert evidence.n_features.tolist() == [5, 5, 5, 5]
    assert len(evidence.event) == 20
    found = facts_of(engine_of, together() + background())
    assert (found.n_accounts, found.lag_control, found.scale_us) == (4, True, MINUTE)


@pytest.mark.parametrize("first_on", [5, 4, 0])
def test_at_birth(engine_of, first_on):
    """Three outsiders on each target; on ``first_on`` of five they come an hour after the group, else before it."""
    rows = together() + background()
    for t in range(5):
        shift = HOUR if t < first_on else -HOUR
        rows += [event(t * 4 * HOUR + 17 * MINUTE + shift, f"o{n}", f"t{t}") for n in range(3)]
    found = facts_of(engine_of, rows)
    # At random the group would be first on 1 of 4: the excess over that, as a share of what is possible.
    assert found.at_birth == pytest.approx((first_on - 5 / 4) / (5 - 5 / 4))
    assert found.n_outside == 3


def test_at_birth_gives_two_minutes(engine_of):
    rows = together() + background()
    for t in range(5):
        before = 119 * SECOND if t < 3 else 122 * SECOND
        rows += [event(t * 4 * HOUR + 17 * MINUTE + 30 * SECOND - before, f"o{n}", f"t{t}") for n in range(3)]
    assert facts_of(engine_of, rows).at_birth == pytest.approx((3 - 5 / 4) / (5 - 5 / 4))


def test_where_nobody_else_was_nothing_is_known_of_birth(engine_of):
    found = facts_of(engine_of, together() + background())
    assert math.isnan(found.at_birth)
    assert found.n_outside == 0


def test_focus(engine_of):
    """Communities: t0 .. t3 are of 1, t4 of 2, the seven others of 3."""

    def interests(engine):
        attention = engine.attention(CO_TARGET, 10**6)
        who = dict(
            zip(attention.feature.tolist(), engine.account_ids(attention.account).to_pylist(), strict=True)
        )
        classes = [3 if who[f].startswith("b") else 1 for f in range(attention.n_features)]
        classes[classes.index(1)] = 2
        return Interests("co_target", 4, np.array(classes, np.int32))

    visitors = [event(t * 4 * HOUR + 5 * HOUR, f"o{n}", f"t{t}") for t in range(5) for n in range(5)]
    found = facts_of(engine_of, together() + background() + visitors, interests=interests)
    joint = (4 * 3 + 0) / (5 * 4)
    everything = (4 * 3 + 7 * 6) / (12 * 11)
    assert found.focus == pytest.approx(joint / everything)
    assert math.isnan(facts_of(engine_of, together() + background() + visitors).focus)
    too_few = [one for one in visitors if one["account"] != "o4"]
    assert math.isnan(facts_of(engine_of, together() + background() + too_few, interests=interests).focus)


@pytest.mark.parametrize(("n_known", "known"), [(4, False), (5, True), (9, True)])
def test_few_targets_of_known_interest_say_nothing_of_the_others(n_known, known):
    """At least five of a group's targets, and a quarter of them, must be of a known community."""
    everything = np.arange(100, dtype=np.int32) % 4 + 1
    few = np.zeros(20, np.int32)
    few[:n_known] = 1
    assert math.isnan(focus_of(few, np.bincount(everything))) is not known
    assert math.isnan(focus_of(np.concatenate([few, np.zeros(20, np.int32)]), np.bincount(everything))), (
        "9 of 40"
    )


def test_occasions(engine_of):
    """Joint events four hours apart lie in five stretches of three hours; all in one hour, in one."""
    assert facts_of(engine_of, together() + background()).n_occasions == pytest.approx(5)
    at_once = facts_of(engine_of, together(lambda t: t * 5 * MINUTE) + background())
    assert at_once.n_occasions == pytest.approx(1)
    # Twelve events in one stretch and eight in another.
    uneven = facts_of(engine_of, together(lambda t: (t // 3) * 6 * HOUR + t * MINUTE) + background())
    p = np.array([0.6, 0.4])
    assert uneven.n_occasions == pytest.approx(math.exp(-(p * np.log(p)).sum()))


def test_occasions_of_the_log(engine_of):
    rows = [event(h * HOUR, f"b{h % 10}", "x") for h in range(94)] + together()  # 93 hours: 31 stretches
    counts = np.bincount([(row["time"] - START) * 31 // (93 * HOUR + 1) for row in rows])
    p = counts / counts.sum()
    assert len(counts) == 31
    assert facts_of(engine_of, rows).n_occasions_log == pytest.approx(math.exp(-(p * np.log(p)).sum()))
    burst = [event(50 * HOUR + n * SECOND, f"b{n % 10}", "x") for n in range(2000)]
    assert facts_of(engine_of, rows + burst).n_occasions_log < 3


def test_own_life_is_that_of_the_median_member(engine_of):
    """Besides five joint events: 0, 5, 5 and 15 of their own."""
    alone = [
        event(n * 50 * MINUTE + 29 * MINUTE, name, f"own{name}{n}")
        for name, many in zip(GROUP, (0, 5, 5, 15), strict=True)
        for n in range(many)
    ]
    assert facts_of(engine_of, together() + background() + alone).own_life == pytest.approx(0.5)
    assert facts_of(engine_of, together() + background()).own_life == 0


def test_places(engine_of):
    """Together: on each target, three of four in one place. Apart: each at home."""
    joint = together(address=lambda t, n: f"school{t}" if n < 3 else "tower")
    alone = [
        event(n * 50 * MINUTE + 29 * MINUTE, name, f"own{name}{n}", address=f"home-{name}")
        for name in GROUP
        for n in range(5)
    ]
    found = facts_of(engine_of, joint + alone + background(address=lambda h: f"elsewhere{h}"))
    assert found.together_in_place == pytest.approx(3 * 2 / (4 * 3))
    assert found.apart_in_place == pytest.approx(4 * (5 * 4) / (20 * 19))
    # g0, g1, g2 share five addresses each; g3 has one, alone.
    assert found.address_shared == pytest.approx(15 / 16)


def test_places_of_what_is_not_known(engine_of):
    joint = together(address=lambda t, n: f"p{t}" if n < 2 else None)
    found = facts_of(engine_of, joint + background(address=lambda h: None))
    assert found.together_in_place == 1, "of those that are known"
    assert math.isnan(found.apart_in_place)
    found = facts_of(engine_of, together() + background())
    assert all(math.isnan(x) for x in (found.together_in_place, found.apart_in_place, found.address_shared))


@pytest.mark.parametrize("shared", [0, 2, 3, 4])
def test_devices_count_over_all_events_of_members(engine_of, shared):
    joint = together(device=lambda t, n: f"own{n}")
    alone = [
        event(29 * MINUTE, name, "solo", device="tablet" if n < shared else f"own{n}")
        for n, name in enumerate(GROUP)
    ]
    alone = [{**row, "time": row["time"] + n * HOUR} for n, row in enumerate(alone)]
    found = facts_of(engine_of, joint + alone + background(device=lambda h: "tablet"))
    assert found.device_shared == pytest.approx(shared / 4)


def test_a_device_of_one_member_and_a_stranger_is_not_shared(engine_of):
    joint = together(device=lambda t, n: f"own{n}")
    assert facts_of(engine_of, joint + background(device=lambda h: "own0")).device_shared == 0
    assert math.isnan(facts_of(engine_of, together() + background()).device_shared)


def test_audience(engine_of):
    """Outsiders follow members (1, 2, 3 and 10 of them) and other accounts (2 each of ten)."""
    follows = [
        event(n * MINUTE + 7 * HOUR + k * HOUR, f"b{n}", name, "follow")
        for k, (name, many) in enumerate(zip(GROUP, (1, 2, 3, 10), strict=True))
        for n in range(many)
    ]
    follows += [
        event((2 * n + k) * MINUTE + 60 * HOUR, f"b{(n + k + 1) % 10}", f"b{n}", "follow")
        for n in range(10)
        for k in range(2)
    ]
    found = facts_of(engine_of, together() + background() + follows)
    assert found.audience == pytest.approx(2.5)
    assert found.audience_usual == pytest.approx(2)
    found = facts_of(engine_of, together() + background())
    assert found.audience == 0
    assert math.isnan(found.audience_usual)


@pytest.mark.parametrize("yes", ["accepted", " Accepted ", "通过", "REPLIED"])
def test_answers(engine_of, yes):
    """Members: on one target of five everybody agrees. Others: half of what they like, all that they add."""
    joint = together(outcome=lambda t, n: yes if t == 0 else "ignored")
    others = background(outcome=lambda h: yes if h % 2 else "ignored")
    adds = [event(h * HOUR, f"b{h}", f"y{h}", "add", outcome=yes) for h in range(9)]
    found = facts_of(engine_of, joint + others + adds)
    assert found.answered == pytest.approx(4 / 20)
    # The usual rate is that of the same action, over the whole log: members are part of it.
    assert found.answered_usual == pytest.approx((48 + 4) / (96 + 20))


def test_answers_that_are_mostly_unknown_say_nothing(engine_of):
    half = together(outcome=lambda t, n: "accepted" if n < 2 else None)
    found = facts_of(engine_of, half + background(outcome=lambda h: "ignored"))
    assert math.isnan(found.answered)
    most = together(outcome=lambda t, n: "accepted" if n < 3 else None)
    found = facts_of(engine_of, most + background(outcome=lambda h: "ignored"))
    assert found.answered == 1
    assert math.isnan(facts_of(engine_of, together() + background()).answered)


def test_answers_where_the_action_is_not_known(engine_of):
    rows = together(outcome=lambda t, n: "accepted" if n else "ignored") + background(
        outcome=lambda h: "accepted"
    )
    found = facts_of(
        engine_of, [{**row, "action": None if row["account"] in GROUP else "like"} for row in rows]
    )
    assert (found.answered, found.answered_usual) == (pytest.approx(0.75), pytest.approx(0.75))


@pytest.mark.parametrize(
    ("second", "share"),
    [(0, 1.0), (5, 1.0), (-1, 1.0), (30, 0.0), (-4, 0.5), (7, 0.5)],
)
def test_round_times(engine_of, second, share):
    """From one second before a multiple of five minutes to eight after it; members step by a second each."""
    found = facts_of(
        engine_of, together(lambda t: (t * 4 + 1) * HOUR + 5 * t * MINUTE + second * SECOND) + background()
    )
    expected = np.mean([-1 <= second + n <= 8 for n in range(4)])
    assert share == pytest.approx(expected, abs=0.26)
    assert found.round_clock == pytest.approx(expected)


def test_a_clock_of_minutes_knows_no_round_times(engine_of):
    rows = together(lambda t: t * 4 * HOUR) + background()
    assert math.isnan(facts_of(engine_of, rows, clock_us=MINUTE).round_clock)
    assert not math.isnan(facts_of(engine_of, rows, clock_us=MINUTE - 1).round_clock)


def test_a_layer_without_targets_says_nothing_of_them(engine_of):
    rows = [
        event(h * HOUR + n * SECOND // 10, name, f"v{h}{n}", "add", address="p", device=f"d{n}")
        for h in range(5)
        for n, name in enumerate(GROUP)
    ]
    rows += background(address=lambda h: f"q{h}", device=lambda h: "d")
    found = facts_of(engine_of, rows, looks=[(RHYTHM, SECOND)])
    assert not found.lag_control
    assert found.own_life == 0
    assert found.together_in_place == 1
    assert found.n_occasions > 1
    assert all(math.isnan(x) for x in (found.at_birth, found.n_outside, found.focus))


def test_a_log_without_actions_and_targets(engine_of):
    rows = [
        {"time": START + h * HOUR + n * SECOND // 10, "account": name, "outcome": "accepted"}
        for h in range(5)
        for n, name in enumerate(GROUP)
    ]
    rows += [
        {"time": START + h * HOUR + 11 * MINUTE, "account": f"b{h % 10}", "outcome": "no"} for h in range(30)
    ]
    found = facts_of(engine_of, rows, looks=[(RHYTHM, SECOND)])
    assert found.own_life == 0
    assert found.audience == 0
    assert found.answered == 1
    assert found.answered_usual == pytest.approx(20 / 50)


def test_what_is_new_and_round_is_as_documented():
    assert module.NEW_US == 120 * SECOND
    assert module.OCCASION_US == 3 * HOUR
    assert module.ROUND_US == 5 * MINUTE
