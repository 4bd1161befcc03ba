"""Meetings listed in pieces, against a twin that looks at all pairs of events."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from samehand.kernels import meetings
from samehand.kernels.units import no_exemption, units_an_event

EVENTS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 30), st.integers(0, 4), st.integers(0, 7), st.booleans()),
    min_size=1,
    max_size=25,
)  # block, time, account, bin, own


@given(EVENTS, st.integers(0, 12), st.sampled_from([0, 15]))
def test_meetings_are_those_of_the_twin(events, window, occasion):
    events = sorted(events, key=lambda e: e[:3])
    block, time, account, bins = (np.array([e[x] for e in events], np.int32) for x in range(4))
    own = np.array([e[4] for e in events])
    found = meetings.list_meetings(
        block, block + 10, time.astype(np.int64), account, bins, no_exemption(), own, window, occasion
    )
    expected = []
    for i, one in enumerate(events):
        for other in events[i + 1 :]:
            if one[4] and one[0] == other[0] and one[2] != other[2] and other[1] - one[1] <= window:
                unit = one[0] + 10
                unit = (unit << 34) + one[1] // occasion if occasion else unit
                pair = sorted((one[2], other[2]))
                expected.append((*pair, unit, max(one[3], other[3])))
    assert sorted(zip(*(x.tolist() for x in found), strict=True)) == sorted(expected)
    assert units_an_event(occasion) == (2 if occasion else 1)
