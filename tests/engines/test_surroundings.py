"""What surrounds a group's joint events, against a twin."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from samehand.engines.answers import Interests
from tests.engines.load import SECOND, random_log
from tests.engines.test_groups import codes, events_by_row
from tests.engines.test_pairs import CO_TARGET, feature_codes, interests_of, with_markers

MEMBERS = [f"f0{n}" for n in range(4)]


def twin(rows, members, chosen):
    """{(first of anybody, first of the chosen events, accounts outside that were ever there)} by target."""
    found = []
    for target in {target for *_, target in chosen if target is not None}:
        there = [row for row in rows if row["target"] == target]
        found.append(
            (
                min(row["time"] for row in there),
                min(time for time, *_, at in chosen if at == target),
                len({row["account"] for row in there} - set(members)),
            )
        )
    return sorted(found)


def simpson(classes):
    counts = Counter(c for c in classes if c)
    n = sum(counts.values())
    return sum(k * (k - 1) for k in counts.values()) / (n * (n - 1))


@pytest.mark.parametrize("seed", range(3))
def test_surroundings_are_those_of_the_twin(engine_of, seed):
    rows = with_markers(random_log(seed, n_targets=9))
    engine = engine_of(rows)
    by_row = events_by_row(engine)
    rng = np.random.default_rng(seed)
    theirs = [row for row, event in by_row.items() if event[1] in MEMBERS]
    chosen = rng.permutation(theirs)[: len(theirs) * 2 // 3]
    found = engine.surroundings(codes(engine, MEMBERS), chosen, None)
    triples = zip(found.first_us.tolist(), found.group_us.tolist(), found.n_outside.tolist(), strict=True)
    assert sorted(triples) == twin(rows, MEMBERS, [by_row[row] for row in chosen.tolist()])
    assert np.isnan(found.focus)


def test_focus_is_how_much_more_often_two_joint_targets_are_of_one_community(engine_of):
    rows = with_markers(random_log(1, n_targets=12, actions=("like",)))
    engine = engine_of(rows)
    # t0 .. t5 belong to community 1 or 2, the rest to 3; one target belongs to none.
    of_target = {f"t{n}": 1 if n < 5 else 2 if n < 6 else 3 for n in range(12)} | {"t11": 0}
    classes = {f: of_target.get(f[1], 0) for f in feature_codes(engine, CO_TARGET)}
    interests = interests_of(engine, CO_TARGET, classes)
    assert isinstance(interests, Interests)
    by_row = events_by_row(engine)
    joint = [r for r, e in by_row.items() if e[1] in MEMBERS and e[3] in {f"t{n}" for n in range(7)}]
    found = engine.surroundings(codes(engine, MEMBERS), np.array(joint), interests)
    some = [of_target[target] for target in sorted({by_row[r][3] for r in joint})]
    everything = [
        of_target.get(target, 0) for target in {r["target"] for r in rows if r["target"] is not None}
    ]
    assert found.focus == pytest.approx(simpson(some) / simpson(everything))


def test_no_joint_events(engine_of):
    found = engine_of(random_log(0)).surroundings(np.array([1], np.int32), np.empty(0, np.int64), None)
    assert len(found.first_us) == len(found.group_us) == len(found.n_outside) == 0
    assert np.isnan(found.focus)


def test_a_log_without_targets(engine_of):
    engine = engine_of([{"time": n * SECOND, "account": f"a{n}", "action": "post"} for n in range(5)])
    found = engine.surroundings(np.array([1], np.int32), np.array([1]), None)
    assert len(found.first_us) == 0
