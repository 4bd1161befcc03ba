"""Negative controls: what is drawn, what becomes of it, and what is counted."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samehand import columns
from samehand.engines.answers import Interests
from samehand.fleets.control_counts import summed
from samehand.fleets.controls import Bar, Outcome, controls_table, try_groups
from samehand.fleets.facts import survey
from samehand.fleets.find import find_candidates
from samehand.fleets.judge import ChanceGroups, judge, q_values
from samehand.fleets.presumed import MOST_GROUPS, SAMPLE, Pretended, presumed_groups
from tests.fleets.scene import CO_TARGET, SECOND
from tests.fleets.test_judge import FLEET, LOOKS, log_with_two_fleets


def bar(scores=(), surrogates=((),) * 20, fdr=0.05):
    given_scores = np.array(scores, float)
    told = None if surrogates is None else [np.array(some, float) for some in surrogates]
    return Bar(given_scores, np.ones(len(given_scores), np.bool_), told, fdr)


# --- what it takes to be reported


def test_one_more_group_shares_the_rate_with_the_candidates():
    assert bar().reaches(3.0, 0.0), "1 / 20 for a single group"
    assert not bar(surrogates=[()] * 19).reaches(3.0, 0.0), "1 / 19 is too much"
    assert bar([100.0], [[5.0], *[()] * 19]).reaches(3.0, 0.0), "2 / 20 for two groups"
    assert not bar([], [[5.0], *[()] * 19]).reaches(3.0, 0.0), "2 / 20 for one"


def test_whoever_is_as_strong_as_the_weakest_reported_fleet_would_be_reported():
    surrogates = [[40.0], *[()] * 19]
    log = bar([100.0, 90.0, 50.0, 30.0], surrogates)
    q, _ = q_values(log.scores, log.counted, log.surrogates)
    weakest = log.scores[q <= log.fdr].min()
    assert log.reaches(weakest, 0.0)
    assert log.reaches(weakest + 1, 0.05)
    assert not log.reaches(weakest + 1, 0.06), "an innocent cause explains it"


def test_without_surrogates_only_innocent_causes_decide():
    assert bar(surrogates=None).reaches(0.1, 0.05)
    assert not bar(surrogates=None).reaches(900.0, 0.051)


SCORES = st.lists(st.sampled_from([1.0, 2.0, 3.0, 5.0, 8.0]), max_size=6)


@given(SCORES, st.lists(SCORES, min_size=1, max_size=40), st.sampled_from([1.0, 2.5, 5.0, 9.0]))
def test_reaching_is_having_a_q_value_among_the_candidates(scores, surrogates, own):
    everything = [x for some in surrogates for x in some]
    more = [*scores, own]

    def rate(s):
        above = sum(x >= s for x in everything)
        return (1 + above) / len(surrogates) / sum(x >= s for x in more)

    assert bar(scores, surrogates).reaches(own, 0.0) == (min(rate(s) for s in more if s <= own) <= 0.05)


# --- what is drawn


def log_of_places():
    """Addresses: two homes of five and eight, a hotel of 30; devices: one of six, which has three addresses."""
    rows = []

    def act(account, address, device, times=1):
        rows.extend(
            {"time": len(rows) * SECOND, "account": account, "target": f"t{len(rows) % 50}", "address": address,
             "device": device}
            for _ in range(times)
        )  # fmt: skip

    for n in range(5):
        act(f"five{n}", "home five", f"own five{n}")
    for n in range(8):
        act(f"eight{n}", "home eight", f"own eight{n}")
    for n in range(30):
        act(f"hotel{n:02d}", "hotel", f"own hotel{n}", times=1 + n)
    for n in range(6):
        for place in ("a", "b", "c"):
            act(f"desk{n}", f"desk {place}", "the tablet")
    for n in range(4):
        act(f"four{n}", "home four", "small tablet")
    return rows


def drawn(engine, left_out=(), *, interests=None, min_accounts=5):
    codes = np.sort(engine.account_codes(pa.array(list(left_out), pa.string())))
    found = presumed_groups(engine, CO_TARGET if interests else None, interests, codes, min_accounts)
    return [(one.kind, one.source, engine.account_ids(one.accounts).to_pylist()) for one in found]


def test_households_shared_addresses_and_devices_the_largest_first(engine_of):
    engine = engine_of(log_of_places())
    busiest = [f"hotel{n:02d}" for n in range(30 - SAMPLE, 30)]
    desk = [f"desk{n}" for n in range(6)]
    assert drawn(engine) == [
        ("household", "address", [f"eight{n}" for n in range(8)]),
        ("household", "address", desk),  # of its three addresses the first: they are the same people again
        ("household", "address", [f"five{n}" for n in range(5)]),
        ("shared_address", "address", busiest),
        ("shared_device", "device", desk),
    ]


def test_accounts_of_reported_fleets_are_not_presumed_innocent(engine_of):
    engine = engine_of(log_of_places())
    found = drawn(engine, [*(f"eight{n}" for n in range(2)), "five0", *(f"hotel{n:02d}" for n in range(25))])
    assert found == [
        ("household", "address", [f"eight{n}" for n in range(2, 8)]),
        ("household", "address", [f"desk{n}" for n in range(6)]),
        ("household", "address", [f"hotel{n}" for n in range(25, 30)]),
        ("shared_device", "device", [f"desk{n}" for n in range(6)]),
    ]


def test_no_group_is_smaller_than_a_fleet(engine_of):
    engine = engine_of(log_of_places())
    assert {kind for kind, _, _ in drawn(engine, min_accounts=9)} == {"shared_address"}
    assert [len(group) for _, _, group in drawn(engine, min_accounts=25)] == [25]
    assert drawn(engine, min_accounts=31) == []


def test_the_keenest_of_each_interest_the_largest_first(engine_of):
    """Two interests: of 60 and 30 accounts; who attends more is keener."""
    rows = [
        {"time": (100 * n + k) * SECOND, "account": f"{side}{n:02d}", "target": f"{side}{k}"}
        for side, size in (("a", 60), ("b", 30))
        for n in range(size)
        for k in range(1 + n)
    ]
    engine = engine_of(rows)
    attention = engine.attention(CO_TARGET, 10**6)
    targets = sorted({row["target"] for row in rows})
    assert attention.n_features == len(targets)
    # Which code is which target is the engine's own: found by who attends to it.
    ids = engine.account_ids(attention.account).to_pylist()
    side_of = dict(zip(attention.feature.tolist(), [name[0] for name in ids], strict=True))
    classes = np.array([1 if side_of[f] == "b" else 2 for f in range(attention.n_features)], np.int32)
    found = [
        group
        for kind, _, group in drawn(engine, interests=Interests("co_target", 3, classes))
        if kind == "community"
    ]
    assert found == [
        [f"a{n:02d}" for n in range(40, 60)],
        [f"b{n:02d}" for n in range(10, 30)],
        [f"a{n:02d}" for n in range(20, 40)],
        [f"b{n:02d}" for n in range(10)],
        [f"a{n:02d}" for n in range(20)],
    ]
    assert len(found) <= MOST_GROUPS


# --- what becomes of groups


@pytest.fixture
def scene(engine_of):
    """A log with two fleets, what was found in it, and a function that tries groups of names."""
    engine = engine_of(log_with_two_fleets())
    setting = survey(engine, SECOND)
    found = find_candidates(engine, LOOKS, min_accounts=5, seed=0)
    judged = judge(engine, LOOKS, found.candidates, found.interests, setting)

    def attempt(*groups, reported=(), known=judged, log=None):
        pretended = [Pretended("known", str(n), codes_of(engine, names)) for n, names in enumerate(groups)]
        return try_groups(
            engine, LOOKS, pretended, known, codes_of(engine, reported), log or bar(), found.interests, setting, 5
        )  # fmt: skip

    return attempt


def codes_of(engine, names):
    return np.sort(engine.account_codes(pa.array(list(names), pa.string())))


def test_a_fleet_that_is_called_innocent_is_accused(scene):
    fleet, strangers = scene(FLEET, [f"p{n:03d}" for n in range(20)])
    assert fleet.accused
    assert fleet.judged.candidate.score_bits > 0
    assert (strangers.judged, strangers.accused, strangers.n_accounts_reported) == (None, False, 0)


def test_fleets_in_the_log_are_no_background_and_strangers_are_not_drawn_into_them(scene):
    """Half of a fleet is held against a background without the other half."""
    half, *_ = scene(FLEET[:6])
    assert half.accused
    assert len(half.judged.candidate.accounts) == 6, "the rest belongs elsewhere: it does not join"
    alone, *_ = scene(FLEET[:6], known=[])
    assert len(alone.judged.candidate.accounts) == len(FLEET), "where nothing was found, the rest joins"


def test_groups_stand_by_themselves(scene):
    one, two, three = scene(FLEET, FLEET[:8], FLEET[4:])
    assert [each.accused for each in (one, two, three)] == [True] * 3
    (again,) = scene(FLEET[:8])
    assert again.judged.candidate.score_bits == two.judged.candidate.score_bits


def test_innocents_in_a_reported_fleet_are_accused_however_few(scene):
    (small,) = scene(["p001", "p002", FLEET[0]], reported=FLEET)
    assert (small.judged, small.accused, small.n_accounts_reported) == (None, True, 1)


def test_what_does_not_reach_the_bar_is_not_accused(scene):
    (fleet,) = scene(FLEET, log=bar([], [[1e9]] * 20))
    assert fleet.judged is not None
    assert not fleet.accused


# --- what is counted


class Told:
    """Stands for a judged group: its score and the weight of its best innocent explanation."""

    def __init__(self, score_bits, weight):
        self.weight, self.candidate = weight, self
        self.score_bits = score_bits


def outcome(kind, source, judged, accused=False, n_reported=0):
    return Outcome(Pretended(kind, source, np.arange(7, dtype=np.int32)), judged, accused, n_reported)


def test_the_table_counts_by_surrogate_by_known_group_and_by_kind():
    surrogates = [
        ChanceGroups(np.array([9.0, 4.0]), np.array([0.0, 0.7])),
        ChanceGroups(np.empty(0), np.empty(0)),
    ]
    outcomes = [
        outcome("known", "choir", None),
        outcome("known", "shift", Told(50.0, 0.0), accused=True),
        outcome("known", "class", None, accused=True, n_reported=3),
        outcome("household", "address", Told(20.0, 0.05)),
        outcome("household", "address", Told(70.0, 0.06)),
        outcome("household", "address", None),
    ]
    table = controls_table(surrogates, outcomes, bar([100.0], [[9.0], *[()] * 19]))
    assert table.schema == columns.CONTROLS
    rows = [tuple(row.values()) for row in table.to_pylist()]
    assert rows == [
        ("surrogate", "1", 2, None, 2, 1, 1, None, 9.0),
        ("surrogate", "2", 0, None, 0, 0, 0, None, None),
        ("known", "choir", 1, 7, 0, 0, 0, 0, None),
        ("known", "shift", 1, 7, 1, 0, 1, 0, 50.0),
        ("known", "class", 1, 7, 0, 0, 1, 3, None),
        ("household", "address", 3, 21, 2, 1, 0, None, 20.0),
    ]
    counts = [
        (c.kind, c.n_groups, c.n_scored_above_0, c.n_explained, c.n_accused, c.worst_bits)
        for c in summed(table)
    ]
    assert counts == [
        ("surrogate", 2, 2, 1, 1, 9.0),
        ("known", 3, 1, 0, 2, 50.0),
        ("household", 3, 2, 1, 0, 20.0),
    ]


def test_surrogate_groups_that_innocent_causes_explain_do_not_count_in_the_estimate():
    groups = ChanceGroups(np.array([9.0, 4.0, 2.0]), np.array([0.05, 0.051, 0.0]))
    assert groups.unexplained.tolist() == [9.0, 2.0]


def test_nothing_gives_an_empty_table():
    table = controls_table([], [], bar())
    assert (table.schema, table.num_rows, summed(table)) == (columns.CONTROLS, 0, ())
