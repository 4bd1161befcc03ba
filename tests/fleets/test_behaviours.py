"""Names of what a fleet does."""

from __future__ import annotations

import dataclasses
import itertools
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from samehand import columns
from samehand.engines.answers import LogSize
from samehand.fleets.behaviours import LEAST_SHARE, find_behaviours, name_behaviours, names_of
from samehand.texts.sentences import behaviour_sentence
from samehand.verbs import VERBS


@pytest.mark.parametrize(
    ("counts", "named"),
    [
        ({"like": 10}, ["boost"]),
        ({"LIKE": 1, "Re-Tweet": 1, "WatchEvent": 1}, ["boost"]),
        ({"follow": 5, "关注": 5}, ["follow_farm"]),
        ({"add_friend": 6, "dm": 4}, ["mass_add", "mass_message", "mixed"]),
        ({"dm": 6, "add friend": 4}, ["mass_message", "mass_add", "mixed"]),
        ({"sign-up": 3}, ["bulk_registration"]),
        ({"frobnicate": 9}, []),
        ({"frobnicate": 10, "like": 1}, []),
        ({"frobnicate": 9, "like": 1}, ["boost"]),
        ({"like": 10, "share": 9, "comment": 8}, ["boost"]),
        ({"like": 10, "message": 10, "comment": 9}, ["boost", "mass_message", "mixed"]),
        ({"comment": 10, "like": 3}, ["mass_message", "boost", "mixed"]),
        ({"评论": 5, "回复": 5}, ["mass_message"]),
        ({}, []),
        ({"like": 0}, []),
    ],
)
def test_names(counts, named):
    assert name_behaviours(counts) == named


def test_the_least_share():
    assert name_behaviours({"like": 90, "follow": 9}) == ["boost"]
    assert 9 / 99 < LEAST_SHARE <= 10 / 100
    assert name_behaviours({"like": 90, "follow": 10}) == ["boost", "follow_farm", "mixed"]


def test_a_verb_means_one_behaviour_and_is_found_as_it_is_written():
    for one, other in itertools.combinations(VERBS.values(), 2):
        assert not one & other
    for behaviour, verbs in VERBS.items():
        for verb in verbs:
            assert name_behaviours({verb: 1}) == [behaviour]
            assert name_behaviours({verb.upper(): 1}) == [behaviour]


START = datetime(2026, 3, 2, tzinfo=UTC)
SIZE = LogSize(10**6, 10_000, 0, 10**12, n_sign_ups=500)


def found_in(rows, *, joint=None, part_time=None, seen_in=("co_target",), size=SIZE):
    """Behaviours of a fleet with these events: (account, action, target, outcome), all joint if not told otherwise."""
    names = sorted({row[0] for row in rows})
    events = pa.table(
        {
            "account": [row[0] for row in rows],
            "time": pa.array([START + timedelta(minutes=n) for n in range(len(rows))]).cast(columns.TIME),
            "action": [row[1] for row in rows],
            "target": [row[2] for row in rows],
            "outcome": pa.array([row[3] if len(row) > 3 else None for row in rows], pa.string()),
        }
    )
    judged = SimpleNamespace(
        events=events, candidate=SimpleNamespace(accounts=np.arange(len(names)), seen_in=seen_in)
    )
    marks = np.ones(len(rows), np.bool_) if joint is None else np.array(joint, np.bool_)
    driven = SimpleNamespace(part_time=None if part_time is None else np.array(part_time))
    found = find_behaviours(judged, marks, driven, size)
    return {one.name: one for one in found}, names_of(found)


MEMBERS = [f"z{n}" for n in range(10)]
LIKES = [(name, "like", f"p{n}") for name in MEMBERS for n in range(4)]
ADDS = [
    (name, "add_friend", f"u{name}{n}", "accepted" if n == 0 else "ignored")
    for name in MEMBERS
    for n in range(4)
]
SIGN_UPS = [(name, "sign_up", None) for name in MEMBERS]


def test_each_behaviour_has_its_figures():
    found, names = found_in(LIKES + ADDS)
    assert names == ["boost", "mass_add", "mixed"]
    assert (found["boost"].n_accounts, found["boost"].n_events, found["boost"].n_targets) == (10, 40, 4)
    assert (found["boost"].share, found["boost"].answered) == (0.5, None)
    assert (found["mass_add"].n_targets, found["mass_add"].answered) == (40, 0.25)
    assert found["boost"].first_time == START
    assert found["mass_add"].last_time == START + timedelta(minutes=79)


def test_what_was_not_done_together_names_nothing():
    found, names = found_in(LIKES + ADDS, joint=[True] * 40 + [False] * 40)
    assert names == ["boost"]
    assert found["boost"].share == 1.0


def test_new_accounts_are_named_where_chance_gives_few():
    found, names = found_in(SIGN_UPS + LIKES, joint=[False] * 10 + [True] * 40)
    assert names == ["boost", "bulk_registration"]
    new = found["bulk_registration"]
    assert (new.n_accounts, new.n_events, new.expected) == (10, 10, pytest.approx(0.5))
    assert new.p_value == pytest.approx(0.05**10)
    assert new.last_time == START + timedelta(minutes=9)


@pytest.mark.parametrize(
    ("n_new", "share", "seen_in", "named"),
    [
        (4, 0.05, ("co_target",), False),  # fewer than half
        (6, 0.6, ("co_target",), False),  # on a platform where most are new, new members say nothing
        (6, 0.6, ("registration",), True),  # but for the same first steps
        (7, 0.05, ("co_target",), True),
    ],
)
def test_new_accounts_must_be_many_and_rare(n_new, share, seen_in, named):
    size = dataclasses.replace(SIZE, n_sign_ups=int(10_000 * share))
    joint = [False] * n_new + [True] * len(LIKES)
    _, names = found_in(SIGN_UPS[:n_new] + LIKES, joint=joint, seen_in=seen_in, size=size)
    assert ("bulk_registration" in names) == named


@pytest.mark.parametrize(("n_part_time", "named"), [(4, False), (5, True)])
def test_a_fleet_of_people_s_accounts_is_called_rented(n_part_time, named):
    _, names = found_in(LIKES, part_time=[n < n_part_time for n in range(10)])
    assert ("rented" in names) == named


def test_every_behaviour_is_said_in_both_languages():
    found, _ = found_in(SIGN_UPS + LIKES + ADDS, part_time=[True] * 10)
    assert set(found) == {"boost", "mass_add", "bulk_registration", "rented"}
    for one in found.values():
        row = one.row("F0001", 10)
        assert set(row) == set(columns.BEHAVIOURS.names)
        assert "10 accounts" in row["sentence"]
        assert behaviour_sentence("zh", row, 10) != row["sentence"]


def test_without_actions_nothing_is_named():
    events = pa.table({"account": ["a"], "time": pa.array([START]).cast(columns.TIME)})
    judged = SimpleNamespace(events=events, candidate=SimpleNamespace(accounts=np.arange(1), seen_in=()))
    assert find_behaviours(judged, np.ones(1, np.bool_), SimpleNamespace(part_time=None), SIZE) == []
