"""Surrogate logs: what stays as it was, and what does not."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pytest

from samehand.engines.answers import Interests
from samehand.layers import LAYERS
from tests.engines.load import HOUR, MINUTE, SECOND, to_table, with_posts
from tests.engines.test_groups import codes
from tests.engines.test_log import everybody, plain

CO_TARGET = next(layer for layer in LAYERS if layer.name == "co_target")
NOBODY = np.empty(0, np.int32)
FLEET = [f"f{n}" for n in range(12)]
SPAN = 12 * HOUR


def log_of_bursts(seed=0, n_events=3000, n_accounts=400, n_targets=300, *, fleet=True):
    """Once per target, with hours of bursts, and a fleet that serves 25 targets."""
    rng = np.random.default_rng(seed)
    rows, seen = [], set()
    bursts = rng.integers(0, SPAN, 8)
    while len(rows) < n_events:
        account, target = f"a{int(rng.pareto(1) * 40) % n_accounts:03d}", f"t{rng.integers(n_targets):02d}"
        at = int(rng.choice(bursts) + rng.integers(5 * MINUTE) if rng.random() < 0.3 else rng.integers(SPAN))
        if (account, target) not in seen:
            seen.add((account, target))
            rows.append(
                {"time": at // SECOND * SECOND, "account": account, "action": "like", "target": target}
            )
    for target in range(25 if fleet else 0):
        at = int(rng.integers(SPAN)) // SECOND * SECOND
        rows += [
            {
                "time": at + int(rng.integers(60)) * SECOND,
                "account": name,
                "action": "like",
                "target": f"t{target:02d}",
            }
            for name in FLEET
        ]
    return rows


@pytest.fixture
def engine(engine_of):
    return engine_of(log_of_bursts())


def dealt(surrogate):
    """{event: account}, and the rest of each event."""
    table = surrogate.events_of(everybody(surrogate))
    events = table["event"].to_pylist()
    rows = plain(table)
    return dict(zip(events, (r[0] for r in rows), strict=True)), dict(
        zip(events, (r[1:] for r in rows), strict=True)
    )


def test_every_event_keeps_its_time_action_and_target(engine):
    surrogate = engine.surrogate(1, codes(engine, FLEET), None)
    assert surrogate.size.n_events == engine.size.n_events
    assert surrogate.size == engine.size
    assert surrogate.roles == engine.roles
    assert surrogate.account_ids(everybody(surrogate)).equals(engine.account_ids(everybody(engine)))
    assert dealt(surrogate)[1] == dealt(engine)[1]


def test_the_log_itself_stays_as_it_was(engine_of):
    engine, other = engine_of(log_of_bursts()), engine_of(log_of_bursts())
    pairs = engine.candidate_pairs(CO_TARGET, MINUTE, 0.0)
    engine.surrogate(1, codes(engine, FLEET), None).candidate_pairs(CO_TARGET, MINUTE, 0.0)
    assert dealt(engine) == dealt(other)
    assert engine.candidate_pairs(CO_TARGET, MINUTE, 0.0).log_p.tolist() == pairs.log_p.tolist()


def test_activity_stays_where_nobody_is_suspected(engine):
    surrogate = engine.surrogate(2, NOBODY, None)
    assert surrogate.n_events_of(everybody(engine)).tolist() == engine.n_events_of(everybody(engine)).tolist()


def test_the_hours_of_an_account_stay_where_the_log_is_dense(engine_of):
    """Every hour has far more than the 48 events that it takes to swap within the hour."""
    engine = engine_of(log_of_bursts(fleet=False))
    hours = Counter(time // HOUR for time, _, _ in dealt(engine)[1].values())
    assert min(hours.values()) > 60

    def by_hour(one):
        accounts, rest = dealt(one)
        first = engine.size.first_us
        return Counter((account, (rest[event][0] - first) // HOUR) for event, account in accounts.items())

    before, after = by_hour(engine), by_hour(engine.surrogate(3, NOBODY, None))
    moved = sum((before - after).values())
    assert moved <= 0.02 * engine.size.n_events, "only what is left of the last, shorter hour may move"


def repeats(accounts, rest):
    counts = Counter((account, *rest[event][1:]) for event, account in accounts.items())
    return {key: n for key, n in counts.items() if n > 1 and key[2] is not None}


@pytest.mark.parametrize("seed", range(3))
def test_no_account_comes_to_a_target_twice(engine_of, seed):
    engine = engine_of(log_of_bursts(seed))
    assert not repeats(*dealt(engine))
    assert not repeats(*dealt(engine.surrogate(seed, NOBODY, None)))


@pytest.mark.parametrize("seed", range(3))
def test_the_events_of_suspects_go_to_others_without_repeats(engine_of, seed):
    engine = engine_of(log_of_bursts(seed))
    suspects = codes(engine, FLEET)
    surrogate = engine.surrogate(seed, suspects, None)
    assert surrogate.n_events_of(suspects).sum() == 0
    assert surrogate.n_events_of(everybody(engine)).sum() == engine.size.n_events
    assert len(repeats(*dealt(surrogate))) <= 0.001 * engine.size.n_events


def test_deterministic_in_the_seed(engine_of):
    engine = engine_of(log_of_bursts())
    suspects = codes(engine, FLEET)
    one, same, other = (dealt(engine.surrogate(seed, suspects, None))[0] for seed in (5, 5, 6))
    assert one == same
    assert np.mean([one[event] != other[event] for event in one]) > 0.5


def test_accounts_do_not_stay_where_they_were(engine):
    before, after = dealt(engine)[0], dealt(engine.surrogate(1, NOBODY, None))[0]
    assert np.mean([before[event] != after[event] for event in before]) > 0.9


@pytest.mark.parametrize("suspected", [False, True])
def test_row_order_changes_no_surrogate(engine_of, suspected):
    table = to_table(log_of_bursts())
    shuffled = table.take(np.random.default_rng(1).permutation(table.num_rows))

    def account_by_event(events):
        engine = engine_of(events)
        suspects = codes(engine, FLEET) if suspected else NOBODY
        found = engine.surrogate(4, suspects, None).events_of(everybody(engine))
        return dict(zip(found["event_id"].to_pylist(), found["account"].to_pylist(), strict=True))

    assert account_by_event(table) == account_by_event(shuffled)


def test_files_and_threads_change_no_surrogate(engine_of):
    rows = log_of_bursts()
    one, other = engine_of(rows, threads=1), engine_of(rows, threads=3, n_files=3)
    assert dealt(one.surrogate(4, NOBODY, None)) == dealt(other.surrogate(4, NOBODY, None))


def test_coordination_goes_and_bursts_stay(engine_of):
    engine = engine_of(log_of_bursts())
    fleet = set(codes(engine, FLEET).tolist())

    def strong_pairs(one):
        pairs = one.candidate_pairs(CO_TARGET, 2 * MINUTE, np.log(1e-9))
        return sum(
            a in fleet and b in fleet for a, b in zip(pairs.account_a, pairs.account_b, strict=True)
        ), len(pairs)

    assert strong_pairs(engine)[0] == 66
    for seed in range(5):
        suspected = engine.surrogate(seed, codes(engine, FLEET), None)
        assert strong_pairs(suspected)[1] == 0
    before = engine.timeline(200)
    assert engine.surrogate(1, NOBODY, None).timeline(200)["n_events"].equals(before["n_events"])


@pytest.mark.parametrize("several", [False, True], ids=["one target", "several targets"])
def test_a_surrogate_answers_as_a_log_of_its_own_would(engine_of, several):
    """What an engine derives for a surrogate must be what it derives from the same events read afresh."""
    engine = engine_of(with_posts(log_of_bursts(), 0) if several else log_of_bursts())
    engine.candidate_pairs(CO_TARGET, MINUTE, 0.0)  # prepared before
    surrogate = engine.surrogate(1, codes(engine, FLEET[:6]), None)
    table = surrogate.events_of(everybody(engine)).drop_columns(["event"])
    rows = [{**row, "time": int(row["time"].timestamp()) * SECOND} for row in table.to_pylist()]
    missing = set(engine.account_ids(everybody(engine)).to_pylist()) - {row["account"] for row in rows}
    rows += [{"time": rows[0]["time"], "account": name, "action": "none", "target": None} for name in missing]
    if not several:
        for n, row in enumerate(rows, start=1):
            row["event_id"] = n
    fresh = engine_of(rows)
    one, other = (e.candidate_pairs(CO_TARGET, MINUTE, 0.0) for e in (surrogate, fresh))
    for name in ("account_a", "account_b", "n_features"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist()
    assert one.log_p == pytest.approx(other.log_p)
    group = codes(engine, ["a001", "a002", "a003", "a004"])
    (first,), (second,) = (
        e.group_evidence(CO_TARGET, 10 * MINUTE, [group], [NOBODY], None) for e in (surrogate, fresh)
    )
    assert first.n_features.sum() > 0
    assert first.log_p == pytest.approx(second.log_p)
    assert first.log_p_lag == pytest.approx(second.log_p_lag, abs=1e-6)
    assert surrogate.audience().tolist() == fresh.audience().tolist()


def test_interest_keeps_accounts_among_their_own_targets(engine_of):
    """Two communities of 12 targets each: with interests, no event changes to an account of the other one."""
    rng = np.random.default_rng(0)
    rows = [
        {"time": int(rng.integers(SPAN)), "account": f"{side}{rng.integers(60)}", "action": "like",
         "target": f"{side}t{rng.integers(12)}"}
        for n in range(3000) for side in "xy"
    ]  # fmt: skip
    engine = engine_of(rows)
    attention = engine.attention(CO_TARGET, 10**6)
    names = engine.account_ids(attention.account).to_pylist()
    side = defaultdict(set)
    for name, feature in zip(names, attention.feature.tolist(), strict=True):
        side[feature].add(name[0])
    classes = np.array([1 if side[f] == {"x"} else 2 for f in range(attention.n_features)], np.int32)

    def crossed(interests):
        accounts, rest = dealt(engine.surrogate(1, NOBODY, interests))
        return np.mean([account[0] != rest[event][2][0] for event, account in accounts.items()])

    assert crossed(Interests("co_target", 3, classes)) == 0


def test_suspects_events_go_to_who_acts_at_that_hour_of_the_day(engine_of):
    """Night people act from 0 to 3, day people from 12 to 15, the fleet at 2: nothing of it may go to day people."""
    rng = np.random.default_rng(0)
    rows = [
        {"time": (day * 24 + begin) * HOUR + int(rng.integers(3 * HOUR)), "account": f"{who}{rng.integers(80)}",
         "action": "like", "target": f"t{rng.integers(400)}"}
        for day in range(4) for begin, who in ((0, "night"), (12, "day")) for _ in range(300)
    ]  # fmt: skip
    rows.append({"time": 0, "account": "night0", "action": "like", "target": "t0"})  # hours count from here
    for day in range(4):
        rows += [
            {"time": (day * 24 + 2) * HOUR + n, "account": name, "action": "like", "target": f"o{day}"}
            for n, name in enumerate(FLEET)
        ]
    engine = engine_of(rows)
    accounts, rest = dealt(engine.surrogate(1, codes(engine, FLEET), None))
    served = [accounts[event] for event, (_, _, target) in rest.items() if target.startswith("o")]
    assert len(served) == 48
    assert not [name for name, (time, _, _) in ((accounts[e], r) for e, r in rest.items())
                if name.startswith("day") != (time // HOUR % 24 >= 12)]  # fmt: skip


@pytest.mark.parametrize("begin", [0, 30 * MINUTE, 23 * HOUR + 59 * MINUTE])
def test_hours_of_the_day_count_from_the_first_event(engine_of, begin):
    """Early people act in the first hour, late people in the second, the fleet at three quarters of the first.

    From half an hour on, the fleet and some of the late people have an hour of the calendar in common.
    """
    rng = np.random.default_rng(0)
    rows = [
        {"time": (day * 24 + late) * HOUR + int(rng.integers(HOUR)), "account": f"{who}{rng.integers(80)}",
         "action": "like", "target": f"t{rng.integers(400)}"}
        for day in range(4) for late, who in enumerate(("early", "late")) for _ in range(300)
    ]  # fmt: skip
    rows.append({"time": 0, "account": "early0", "action": "like", "target": "t0"})
    for day in range(4):
        at = day * 24 * HOUR + 45 * MINUTE
        rows += [{"time": at, "account": name, "action": "like", "target": f"o{day}"} for name in FLEET]
    engine = engine_of([{**row, "time": row["time"] + begin} for row in rows])
    accounts, rest = dealt(engine.surrogate(1, codes(engine, FLEET), None))
    served = [event for event, (_, _, target) in rest.items() if target.startswith("o")]
    assert len(served) == 48
    # Of everybody: what is dealt wrongly is shuffled among the events of its hour afterwards.
    assert not [name for name, (time, _, _) in ((accounts[e], r) for e, r in rest.items())
                if name.startswith("late") != ((time - begin) // HOUR % 24 == 1)]  # fmt: skip
