"""Driven events and part-time accounts, from made-up logs."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from samehand import columns
from samehand.fleets import driven as module
from samehand.fleets.driven import LEAST_OWN_EVENTS, attribute_events, driven_table
from samehand.fleets.facts import survey
from samehand.fleets.judge import judge
from samehand.fleets.score import score
from tests.fleets.scene import CO_TARGET, DAY, HOUR, MINUTE, RHYTHM, SECOND, candidate_of

LOOKS = [(RHYTHM, 3 * SECOND), (CO_TARGET, MINUTE), (CO_TARGET, HOUR)]
FLEET = [f"z{n}" for n in range(8)]
RENTED = FLEET[:4]
"""Half of the fleet are real people's accounts: they have a life and friends."""


def log(seed=0, *, own=True, friends=True):
    """A fleet serves 30 orders; the rented of its members do a dozen things of their own as well."""
    rng = np.random.default_rng(seed)

    def row(time, account, target, action="like"):
        return {"time": int(time), "account": account, "action": action, "target": target}

    rows = [row(rng.integers(10 * DAY), f"p{n % 200}", f"t{rng.integers(300)}") for n in range(3_000)]
    for order in range(30):
        at = rng.integers(10 * DAY)
        rows += [
            row(at + rng.integers(50 * SECOND), name, f"t{order}") for name in rng.permutation(FLEET)[:6]
        ]
    n_driven = len(rows)
    if own:
        rows += [
            row(rng.integers(10 * DAY), name, f"t{100 + 12 * n + k}")
            for n, name in enumerate(RENTED)
            for k in range(12)
        ]
    if friends:
        rows += [row(rng.integers(10 * DAY), f"p{n}", RENTED[n % 4], "follow") for n in range(12)]
    rows += [row(rng.integers(10 * DAY), FLEET[0], FLEET[7], "follow")]
    for n, one in enumerate(rows):
        one["event_id"] = f"e{n}"
    orders = {one["event_id"] for one in rows[3_000:n_driven]}
    return rows, orders


def found_in(engine_of, rows, names=FLEET):
    engine = engine_of(rows)
    setting = survey(engine, SECOND)
    judged = judge(engine, LOOKS, [candidate_of(engine, names, LOOKS)], None, setting)
    (driven,) = attribute_events(engine, LOOKS, judged, None, setting)
    return engine, judged[0], driven


def by_event(judged, driven):
    return dict(zip(judged.events["event_id"].to_pylist(), driven.events.p_driven.tolist(), strict=True))


def part_time_of(engine, judged, driven):
    accounts = engine.account_ids(judged.candidate.evidence.accounts).to_pylist()
    return dict(zip(accounts, driven.part_time.tolist(), strict=True))


def test_orders_are_driven_and_the_rest_is_not(engine_of):
    rows, orders = log()
    engine, judged, driven = found_in(engine_of, rows)
    found = by_event(judged, driven)
    assert {event for event, p in found.items() if p >= 0.5} == orders
    accounts = engine.account_ids(judged.candidate.evidence.accounts).to_pylist()
    served = {name: sum(r["event_id"] in orders for r in rows if r["account"] == name) for name in FLEET}
    assert dict(zip(accounts, driven.n_driven.tolist(), strict=True)) == served


def test_rented_accounts_are_those_with_a_life_and_friends(engine_of):
    rows, _ = log()
    assert part_time_of(*found_in(engine_of, rows)) == {name: name in RENTED for name in FLEET}
    # Without a life of their own they are driven all the time.
    rows, _ = log(own=False)
    assert not any(part_time_of(*found_in(engine_of, rows)).values())


def test_members_who_act_on_each_other_are_no_friends(engine_of):
    rows, _ = log(friends=False)
    rows += [
        {
            "time": n * HOUR,
            "account": name,
            "action": "follow",
            "target": RENTED[(n + 1) % 4],
            "event_id": f"m{n}",
        }
        for n, name in enumerate(RENTED)
    ]
    assert not any(part_time_of(*found_in(engine_of, rows)).values())


def test_few_own_events_or_a_single_day_are_no_life(engine_of):
    rows, orders = log()
    own = [r for r in rows if r["account"] == RENTED[0] and r["event_id"] not in orders]
    rest = [r for r in rows if r not in own]
    few = part_time_of(*found_in(engine_of, rest + own[: LEAST_OWN_EVENTS - 1]))
    enough = part_time_of(*found_in(engine_of, rest + own[:LEAST_OWN_EVENTS]))
    assert (few[RENTED[0]], enough[RENTED[0]]) == (False, True)
    one_day = [{**r, "time": 3 * DAY + (6 + n) * HOUR} for n, r in enumerate(own)]
    assert not part_time_of(*found_in(engine_of, rest + one_day))[RENTED[0]]


def test_where_nobody_acts_on_accounts_it_is_not_known_who_is_part_time(engine_of):
    rows, orders = log(friends=False)
    _, judged, driven = found_in(engine_of, rows[:-1])
    assert driven.part_time is None
    assert {event for event, p in by_event(judged, driven).items() if p >= 0.5} == orders


@pytest.mark.parametrize("missing", ["target", "action"])
def test_logs_with_few_columns(engine_of, missing):
    """Only the rhythm layer is left where targets are not in the log."""
    rows, _ = log()
    rng = np.random.default_rng(1)
    steps = [
        {
            "time": int(at) + n * 100_000,
            "account": name,
            "action": "add",
            "target": f"v{step}-{n}",
            "event_id": f"s{step}-{n}",
        }
        for step, at in enumerate(rng.integers(10 * DAY, size=40))
        for n, name in enumerate(FLEET)
    ]
    bare = [{k: v for k, v in row.items() if k != missing} for row in [*rows, *steps]]
    engine = engine_of(bare)
    looks = LOOKS[:1] if missing == "target" else LOOKS
    setting = survey(engine, SECOND)
    judged = judge(engine, looks, [candidate_of(engine, FLEET, looks)], None, setting)
    (driven,) = attribute_events(engine, looks, judged, None, setting)
    found = by_event(judged[0], driven)
    assert all(found[step["event_id"]] > 0.9 for step in steps)
    own = [r["event_id"] for r in rows if r["account"] in RENTED and r["event_id"] in found][-8:]
    assert np.mean([found[event] < 0.5 for event in own]) > 0.7


def test_the_order_of_rows_names_and_repeats_do_not_matter(engine_of):
    rows, _ = log()
    _, judged, driven = found_in(engine_of, rows)
    plain = by_event(judged, driven)
    names = {name: f"q{9 - int(name[1])}" for name in FLEET}
    moved = [{**r, "account": names.get(r["account"], r["account"]), "target": names.get(r["target"], r["target"])}
             for r in reversed(rows)]  # fmt: skip
    _, judged, driven = found_in(engine_of, moved, list(names.values()))
    assert by_event(judged, driven) == plain
    # Repeats of an (account, time, action, target) are taken once, whatever their ids.
    repeated = [*rows, *({**r, "event_id": f"{r['event_id']}x"} for r in rows if r["account"] in FLEET)]
    _, judged, driven = found_in(engine_of, repeated)
    assert {event.rstrip("x"): p for event, p in by_event(judged, driven).items()} == plain


def test_a_post_is_driven_as_a_whole(engine_of):
    rows, orders = log()
    own = [r for r in rows if r["account"] == RENTED[0] and r["event_id"] in orders]
    tags = [{**r, "target": f"tag{n}"} for n, r in enumerate(own)]
    _, judged, driven = found_in(engine_of, [*rows, *tags])
    ids = judged.events["event_id"].to_pylist()
    found = sorted(zip(ids, driven.events.p_driven.tolist(), strict=True))
    twice = [pair for pair in pairwise(found) if pair[0][0] == pair[1][0]]
    assert len(twice) == len(own)
    assert all(one == other and one[1] > 0.5 for one, other in twice)


def test_driven_events_as_a_table(engine_of, monkeypatch):
    rows, orders = log()
    _, judged, driven = found_in(engine_of, rows)
    table, left_out = driven_table([("F0001", judged, driven)], pa.string(), pa.string())
    assert table.schema == columns.driven(pa.string(), pa.string())
    assert left_out == []
    account_of = {r["event_id"]: r["account"] for r in rows}
    found = table.to_pylist()
    assert {row["event_id"] for row in found} == orders
    for row in found:
        assert row["fleet_id"] == "F0001"
        assert row["account"] == account_of[row["event_id"]]
        assert row["p_driven"] >= 0.5
        assert row["bits"] > 0
    monkeypatch.setattr(module, "MOST_ROWS", 100)
    few, (bound,) = driven_table([("F0001", judged, driven)], pa.string(), pa.string())
    assert (few.num_rows, bound.count) == (100, len(orders) - 100)
    assert min(few["p_driven"].to_pylist()) >= sorted(row["p_driven"] for row in found)[-100]
    assert driven_table([], pa.string(), pa.int64())[0].schema == columns.driven(pa.string(), pa.int64())


def test_numbers_as_accounts(engine_of):
    rows, orders = log()
    number = {name: n for n, name in enumerate(sorted({r["account"] for r in rows}))}
    numbers = [
        {**r, "account": number[r["account"]], "target": str(number.get(r["target"], r["target"]))}
        for r in rows
    ]
    engine = engine_of(numbers)
    setting = survey(engine, SECOND)
    group = np.sort(engine.account_codes(pa.array([number[name] for name in FLEET])))
    judged = judge(engine, LOOKS, score(engine, LOOKS, [group], [np.empty(0, np.int32)], None), None, setting)
    (driven,) = attribute_events(engine, LOOKS, judged, None, setting)
    assert {event for event, p in by_event(judged[0], driven).items() if p >= 0.5} == orders
    found = part_time_of(engine, judged[0], driven)
    assert found == {number[name]: name in RENTED for name in FLEET}


def test_a_layer_that_cannot_convict_says_nothing_of_an_event(engine_of):
    rows, _ = log()
    engine, judged, driven = found_in(engine_of, rows)
    setting = survey(engine, SECOND)
    layer, scale_us = LOOKS[0]
    more = [*LOOKS, (dataclasses.replace(layer, name="likewise", convicts=False), 10 * scale_us)]
    (again,) = attribute_events(engine, more, [judged], None, setting)
    assert again.events.p_driven.tolist() == driven.events.p_driven.tolist()
