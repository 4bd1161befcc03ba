"""Which events could stand for each other: stretches of time, and how much room a class has."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samehand.engines.answers import Interests
from samehand.engines.classes import by_stretch
from samehand.engines.traces import Classes
from tests.engines.load import DAY

STRETCH = 14 * DAY


def traces_of(events):
    """(time, feature) of each event."""
    return SimpleNamespace(
        time=np.array([time for time, _ in events], np.int64),
        feature=np.array([feature for _, feature in events], np.int32),
        event=np.arange(len(events), dtype=np.int32),
    )


def stretched(events, class_of, n_classes, interests=None, learned_on=None):
    class_of = np.array(class_of, np.int32)
    broad = Classes(class_of, np.bincount(class_of, minlength=n_classes), np.ones(n_classes))
    return by_stretch(traces_of(events), broad, interests, learned_on, STRETCH)


@given(
    st.lists(
        st.tuples(st.integers(0, 60 * DAY), st.integers(0, 5), st.integers(0, 2)), min_size=1, max_size=40
    )
)
def test_events_share_a_class_if_they_share_interest_and_stretch(drawn):
    events, broad = [(time, feature) for time, feature, _ in drawn], [c for *_, c in drawn]
    found = stretched(events, broad, 3)
    keys = [(c, time // STRETCH) for (time, _), c in zip(events, broad, strict=True)]
    numbers = dict(zip(keys, found.class_of.tolist(), strict=True))
    assert [numbers[key] for key in keys] == found.class_of.tolist()
    assert len(set(numbers.values())) == len(numbers), "others are apart"
    counts = Counter(keys)
    assert all(found.totals[numbers[key]] == n for key, n in counts.items())


def test_the_room_of_a_class_is_one_over_the_chance_that_two_of_its_events_meet():
    events = [(0, 0), (1, 0), (2, 1), (3, 2)]  # shares 1/2, 1/4, 1/4: two meet with 3/8
    found = stretched(events, [0, 0, 0, 0], 1)
    assert found.extent_us.tolist() == pytest.approx([STRETCH * 8 / 3])


def test_room_is_taken_from_what_interests_were_learned_on():
    """Few newcomers took two steps; the people of that interest go to forty targets alike."""
    learned_on = traces_of([(n, n % 40) for n in range(400)])
    interests = Interests("co_target", 2, np.ones(40, np.int32))
    found = stretched([(0, 0), (1, 1)], [1, 1], 2, interests, learned_on)
    assert found.extent_us[found.class_of[0]] == pytest.approx(STRETCH * 40)
