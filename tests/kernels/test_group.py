"""Evidence of whole groups against its twins."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.kernels import group, group_lags
from tests.kernels import group_twins, twins
from tests.kernels.test_rows import exempt, persons_of

N_ACCOUNTS = 7
N_CLASSES = 3
NO_CAP = np.iinfo(np.int32).max
EVENTS = st.lists(
    st.tuples(st.integers(0, N_ACCOUNTS - 1), st.integers(0, 2), st.integers(-15, 25)),
    min_size=1,
    max_size=40,
    unique=True,
).map(lambda events: sorted(events, key=lambda e: (e[1], e[2], e[0])))
WINDOWS = st.integers(0, 8)
# Which accounts are members (2), suspects (1), and background (0).
IGNORE = st.lists(st.sampled_from([0, 0, 1, 2, 2]), min_size=N_ACCOUNTS, max_size=N_ACCOUNTS)


def arrays(events):
    account, feature, time = zip(*events, strict=True)
    return np.array(account, np.int32), np.array(feature, np.int32), np.array(time, np.int64)


def places(events, accounts):
    return [i for i, e in enumerate(events) if e[0] in accounts]


def members_of(ignore):
    return [account for account, mark in enumerate(ignore) if mark == 2]


def count_partners(events, chosen, inside, window, avoid=(), persons=None):
    partners = np.zeros(len(chosen), np.uint8)
    group.count_partners(
        *arrays(events), exempt(events, avoid, persons=persons), window,
        np.array(chosen, np.int64), np.isin(chosen, inside), partners,
    )  # fmt: skip
    return partners.tolist()


@given(EVENTS, IGNORE, WINDOWS, st.integers(0, 3))
def test_partners_are_those_of_the_twin(events, ignore, window, n_values):
    avoid = [(a + t) % (n_values + 1) - 1 for a, _, t in events]  # -1: no value
    counts = twins.density(events, window)
    inside = places(events, members_of(ignore))
    chosen = sorted([*inside, *places(events, [a for a, mark in enumerate(ignore) if mark == 0])])
    persons = persons_of(events, n_values % 2)
    found = count_partners(events, chosen, inside, window, avoid, persons)
    assert found == group_twins.partners(events, chosen, inside, window, counts, NO_CAP, avoid, persons)


def test_a_partner_who_comes_again_is_one_partner():
    events = [(0, 0, 0), (1, 0, 1), (1, 0, 2), (1, 0, 3)]
    assert count_partners(events, [0, 1, 2, 3], [0, 1, 2, 3], 5) == [1, 1, 1, 1]
    events = [(0, 0, 0), (1, 0, 1), (2, 0, 2), (1, 0, 3)]
    assert count_partners(events, [0, 1, 2, 3], [0, 1, 2, 3], 5) == [2, 2, 2, 2]


def cover(events, class_of, ignore, window, hits, room, crowded=NO_CAP):
    covered, reach = np.zeros((N_CLASSES, 8)), np.zeros(N_CLASSES)
    others, near = np.full(len(hits), -1, np.int32), np.full(room, -1, np.int32)
    n = group.cover(
        *arrays(events), window, np.array(class_of, np.int32), np.array(ignore, np.uint8),
        np.array(hits, np.int64), crowded, covered, reach, others, near,
    )  # fmt: skip
    by_bin = {(c, z): covered[c, z] for c in range(N_CLASSES) for z in range(8) if covered[c, z]}
    return by_bin, {c: reach[c] for c in range(N_CLASSES) if reach[c]}, others.tolist(), near.tolist(), n


@settings(max_examples=300)
@given(EVENTS, IGNORE, WINDOWS, st.data())
def test_the_surroundings_of_hits_are_those_of_the_twin(events, ignore, window, data):
    class_of = data.draw(st.lists(st.integers(0, 2), min_size=len(events), max_size=len(events)))
    own = places(events, members_of(ignore))
    hits = [i for i in own if data.draw(st.booleans())]
    by_bin, reach, others, near, n = cover(events, class_of, ignore, window, hits, room=len(events))
    expected, accounts = group_twins.covered(events, class_of, ignore, window, hits)
    assert by_bin == expected
    assert others == [group_twins.crowd(events, ignore, window, h) for h in hits]
    assert (sorted(near[:n]), n) == (accounts, len(accounts))
    lengths = group_twins.reach(events, class_of, window, hits)
    assert reach == {c: length for c, length in lengths.items() if length}


def test_accounts_near_without_room_for_them_are_counted_but_not_written():
    events = [(0, 0, 0), (1, 0, 1), (2, 0, 2), (3, 0, 3)]
    *_, near, n = cover(events, [0] * 4, [2, 0, 0, 1, 0, 0, 0], 5, [0], room=2)
    assert (sorted(near), n) == ([1, 2], 3)
    *_, near, n = cover(events, [0] * 4, [2, 0, 0, 1, 0, 0, 0], 5, [0], room=0)
    assert (near, n) == ([], 3)


def test_accounts_near_in_a_crowded_moment_are_not_listed():
    events = [(0, 0, 0), (1, 0, 1), (2, 0, 1), (3, 0, 1), (0, 1, 0), (4, 1, 1)]
    *_, near, n = cover(events, [0] * 6, [2, 0, 0, 0, 0, 0, 0], 5, [0, 4], room=6, crowded=2)
    assert near[:n] == [4]


@given(EVENTS, IGNORE, WINDOWS)
def test_crowds_around_single_events(events, ignore, window):
    chosen = np.arange(len(events), dtype=np.int64)
    others = np.full(len(events), -1, np.int32)
    known = [i for i, (a, _, _) in enumerate(events) if ignore[a]]
    counts = np.array(twins.density(events, window), np.int32)
    group.crowds_around(*arrays(events), window, counts, np.array(known, np.int64), chosen, others)
    assert others.tolist() == [group_twins.crowd(events, ignore, window, i) for i in range(len(events))]


HITS = st.lists(
    st.tuples(st.integers(-3, 4), st.sampled_from([0, 1, 5, 17, 70, 5000]), st.integers(0, 2)), max_size=14
)
OWN = st.dictionaries(st.integers(0, N_CLASSES - 1), st.integers(1, 30), max_size=N_CLASSES)


@settings(max_examples=200)
@given(st.lists(st.tuples(HITS, OWN), min_size=1, max_size=3), st.data(), st.sampled_from([1, 2]))
def test_member_p_values_are_those_of_the_twin(accounts, data, least):
    numbers = st.integers(0, 400)
    near_group = [data.draw(st.lists(numbers, min_size=8, max_size=8)) for _ in range(N_CLASSES)]
    background = data.draw(st.lists(st.integers(0, 10**5), min_size=N_CLASSES, max_size=N_CLASSES))
    prior = data.draw(st.lists(st.floats(0, 1), min_size=N_CLASSES, max_size=N_CLASSES))
    hits = [sorted(some, key=lambda hit: hit[0]) for some, _ in accounts]  # by unit; crowds in any order
    flat = [hit for some in hits for hit in some]
    own = [item for _, some in accounts for item in sorted(some.items())]
    n_features, expected, log_p = (np.full(len(accounts), -1, t) for t in (np.int32, float, float))
    group.log_member_p_values(
        least,
        np.cumsum([0, *(len(some) for some in hits)]),
        np.array([h[0] for h in flat], np.int64), np.array([h[1] for h in flat], np.int32),
        np.array([h[2] for h in flat], np.uint8),
        np.cumsum([0, *(len(some) for _, some in accounts)]),
        np.array([c for c, _ in own], np.int32), np.array([n for _, n in own], np.int32),
        np.array(near_group, float), np.array(background, float), np.array(prior, float),
        n_features, expected, log_p,
    )  # fmt: skip
    for a, (_, classes) in enumerate(accounts):
        twin = group_twins.member_test(hits[a], classes, near_group, background, prior, least)
        assert log_p[a] == pytest.approx(twin[0], abs=1e-6, rel=1e-7)
        assert (n_features[a], expected[a]) == (twin[1], pytest.approx(twin[2], rel=1e-9))


def test_where_nobody_else_was_in_such_a_moment_to_be_there_is_no_wonder():
    """Two meetings, each beside one stranger; the strangers near the group were alone. One made-up event is 1 in 10."""
    n_features, expected, log_p = np.zeros(1, np.int32), np.zeros(1), np.zeros(1)
    near_group = np.zeros((1, 8))
    near_group[0, 0] = 3  # of 9 strangers, 3 were near the group, with nobody beside them
    group.log_member_p_values(
        1, np.array([0, 2]), np.array([4, 5]), np.array([1, 1], np.int32), np.array([1, 1], np.uint8),
        np.array([0, 1]), np.array([0], np.int32), np.array([5], np.int32), near_group, np.array([9.0]),
        np.array([0.2]), n_features, expected, log_p,
    )  # fmt: skip
    assert expected[0] == pytest.approx(5 * (3 + 0.2) / 10)
    assert log_p[0] == pytest.approx(np.log(1 - np.exp(-1.6) * (1 + 1.6)))


def trials_of(events, chosen, inside, ignore, window, horizon, typical):
    n = len(chosen)
    event, moment, birth = (np.full(n, -99, np.int64) for _ in range(3))
    chance, audience = np.full(n, -1.0), np.zeros(n, np.bool_)
    n = group_lags.lag_trials(
        *arrays(events), window, horizon, typical, np.array(ignore, np.uint8), np.array(chosen, np.int64),
        np.isin(chosen, inside), event, moment, chance, birth, audience,
    )  # fmt: skip
    rows = zip(*(x[:n].tolist() for x in (event, moment, chance, birth, audience)), strict=True)
    return {row[0]: tuple(row[1:]) for row in rows}


def same_trials(found, expected):
    assert found.keys() == expected.keys()
    for event, (moment, chance, birth, audience) in expected.items():
        assert found[event] == (moment, pytest.approx(chance), birth, audience)


ONCE = EVENTS.map(lambda events: list({(a, f): (a, f, t) for a, f, t in events}.values())).map(
    lambda events: sorted(events, key=lambda e: (e[1], e[2], e[0]))
)


@settings(max_examples=300)
@given(ONCE, IGNORE, WINDOWS, st.integers(0, 25), st.floats(0.01, 1))
def test_lag_trials_of_members_are_those_of_the_twin(events, ignore, window, extra, typical):
    inside = places(events, members_of(ignore))
    found = trials_of(events, inside, inside, ignore, window, window + extra, typical)
    twin = group_twins.lag_trials(events, inside, inside, ignore, window, window + extra, typical)
    same_trials(found, twin)


@settings(max_examples=300)
@given(ONCE, IGNORE, WINDOWS, st.integers(0, 25), st.floats(0.01, 1))
def test_lag_trials_of_accounts_to_compare_with(events, ignore, window, extra, typical):
    inside = places(events, members_of(ignore))
    chosen = sorted([*inside, *places(events, [a for a, mark in enumerate(ignore) if mark < 2])])
    found = trials_of(events, chosen, inside, ignore, window, window + extra, typical)
    twin = group_twins.lag_trials(events, chosen, inside, ignore, window, window + extra, typical)
    same_trials(found, twin)


@settings(max_examples=300)
@given(EVENTS, IGNORE, WINDOWS, st.integers(0, 25), st.floats(0.01, 1))
def test_lag_trials_where_accounts_come_again(events, ignore, window, extra, typical):
    inside = places(events, members_of(ignore))
    found = trials_of(events, inside, inside, ignore, window, window + extra, typical)
    twin = group_twins.lag_trials(events, inside, inside, ignore, window, window + extra, typical)
    same_trials(found, twin)


def test_the_first_event_of_a_long_feature_is_found():
    # 1,000 events of others before the group comes: far beyond what the horizon reaches.
    events = [(0, 0, -7), *((1, 1, t) for t in range(1000)), (5, 1, 5000), (6, 1, 5001)]
    found = trials_of(events, [1001, 1002], [1001, 1002], [0] * 5 + [2, 2], 2, 10, 0.5)
    assert {birth for _, _, birth, _ in found.values()} == {0}


TRIALS = st.lists(
    st.tuples(
        st.integers(0, 3),  # feature
        st.integers(0, 40),  # time
        st.integers(0, 40),  # moment
        st.floats(0, 1),
        st.booleans(),
    ),
    max_size=10,
)


@settings(max_examples=300)
@given(st.lists(TRIALS, min_size=1, max_size=3), WINDOWS, st.floats(0.01, 1))
def test_lag_p_values_of_members_are_those_of_the_twin(accounts, window, typical):
    rows = []
    for some in accounts:
        births = {0: 0, 1: -20, 2: -3, 3: 0}
        audience = {f: known for f, _, _, _, known in some}
        # Of two equally close events on a feature either may count: keep them apart.
        distinct = {(f, abs(t - m)): (f, t, m, c, births[f], audience[f]) for f, t, m, c, _ in some}
        rows.append(sorted(distinct.values(), key=lambda trial: trial[:2]))
    flat = [row for some in rows for row in some]
    feature, time, moment, chance, birth, known = (
        np.array([row[x] for row in flat], t)
        for x, t in enumerate((np.int32, np.int64, np.int64, float, np.int64, np.bool_))
    )
    log_p, n_trials, n_near = (np.full(len(rows), -9, t) for t in (float, np.int32, np.int32))
    first = np.cumsum([0, *(len(some) for some in rows)])
    group_lags.log_lag_of_members(
        first, feature, time, moment, chance, birth, known, window, typical, log_p, n_trials, n_near
    )
    for a, some in enumerate(rows):
        expected = group_twins.member_lags(some, window, typical)
        assert log_p[a] == pytest.approx(expected[0], abs=1e-6)
        assert (n_trials[a], n_near[a]) == expected[1:]


def test_who_reacts_to_everything_within_the_minute_is_not_in_lockstep():
    # Ten features; the account comes at age 30 each time. On nine of them it is alone, on one the group comes then too.
    features = np.arange(10, dtype=np.int32)
    time = features.astype(np.int64) * 1000 + 30
    birth = time - 30
    moment = np.where(features == 0, time, time + 500)
    known = np.ones(10, np.bool_)
    log_p, n_trials, n_near = np.empty(1), np.empty(1, np.int32), np.empty(1, np.int32)
    group_lags.log_lag_of_members(
        np.array([0, 10]), features, time, moment, np.full(10, 1e-6), birth, known, 5, 1e-6,
        log_p, n_trials, n_near,
    )  # fmt: skip
    assert (n_trials[0], n_near[0]) == (10, 1)
    # The chance of the one success is its habit: 9 of 9 other features, of 9 + 2 with the prior.
    assert math.exp(log_p[0]) == pytest.approx(9 / 11, rel=1e-3)
