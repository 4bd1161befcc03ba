"""Names of what a fleet does."""

from __future__ import annotations

import itertools

import pytest

from samehand.fleets.behaviours import LEAST_SHARE, name_behaviours
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
        ({"frobnicate": 9, "like": 1}, []),
        ({"frobnicate": 8, "like": 2}, ["boost"]),
        ({}, []),
        ({"like": 0}, []),
    ],
)
def test_names(counts, named):
    assert name_behaviours(counts) == named


def test_the_least_share():
    assert name_behaviours({"like": 100, "follow": 24}) == ["boost"]
    assert 24 / 124 < LEAST_SHARE <= 25 / 125
    assert name_behaviours({"like": 100, "follow": 25}) == ["boost", "follow_farm", "mixed"]


def test_a_verb_means_one_behaviour_and_is_found_as_it_is_written():
    for one, other in itertools.combinations(VERBS.values(), 2):
        assert not one & other
    for behaviour, verbs in VERBS.items():
        for verb in verbs:
            assert name_behaviours({verb: 1}) == [behaviour]
            assert name_behaviours({verb.upper(): 1}) == [behaviour]
