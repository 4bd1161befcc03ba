"""Planted rows: they are rows of this log, they look like its accounts, and nothing of the log is in them by name."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from samehand.events.read import read_events
from samehand.pricing.ordinary import look_at
from samehand.pricing.plan import DAY_US
from samehand.pricing.plant import AROUND_US, n_events_of, plant
from samehand.simulation.encode import ROLES
from tests.pricing.logs import MINUTE, NOBODY, events, fleet, log, look, plain_log


def us(column) -> np.ndarray:
    return column.cast(pa.int64()).to_numpy()


def planted(table, one=None, n_orders=8, seed=1, **more):
    with read_events(table) as read:
        ordinary = look_at(read, NOBODY, n_lives=60, seed=1, **more)
        return ordinary, plant(ordinary, one or fleet(), n_orders, read.schema, seed), read.schema


def joint_of(rows, n_orders, n_serving=5):
    return rows.slice(rows.num_rows - n_orders * n_serving)


def test_rows_have_the_columns_of_the_log_and_new_ids():
    _, made, schema = planted(log())
    assert made.rows.schema == schema
    for role in ("account", "event_id"):
        assert not set(made.rows[role].to_pylist()) & set(log()[role].to_pylist())
    assert len(set(made.rows["event_id"].to_pylist())) == made.rows.num_rows
    assert len(set(made.rows["account"].to_pylist())) == 10


@pytest.mark.parametrize("lacking", [("target",), ("action",), ("device", "address", "content", "event_id")])
def test_roles_that_the_log_lacks_stay_missing(lacking):
    table = log().drop(list(lacking))
    _, made, schema = planted(table)
    assert made.rows.schema == schema
    assert not set(lacking) - {"event_id"} & set(made.rows.column_names)


def test_times_stay_in_the_log_and_keep_its_clock():
    table = plain_log()
    ordinary, made, _ = planted(table)
    times = us(made.rows["time"])
    assert times.min() >= ordinary.first_us
    assert times.max() <= ordinary.last_us
    assert ordinary.clock_us == 1_000_000
    assert not (times % 1_000_000).any()


def test_an_order_is_one_action_on_one_target_by_a_part_of_the_fleet_within_the_delay():
    n_orders, seen = 12, set()
    _, made, _ = planted(log(), fleet(delay_us=MINUTE), n_orders)
    rows = joint_of(made.rows, n_orders).to_pylist()
    for at in range(0, len(rows), 5):
        order = rows[at : at + 5]
        assert len({row["account"] for row in order}) == 5
        assert len({(row["action"], row["target"]) for row in order}) == 1
        seen.add((order[0]["action"], order[0]["target"]))
        times = [row["time"] for row in order]
        assert (max(times) - min(times)).total_seconds() <= 60
    assert len(seen) == n_orders
    there = set(zip(log()["action"].to_pylist(), log()["target"].to_pylist(), strict=True))
    assert seen <= there


def test_joint_orders_of_pairs_are_counted_as_a_slow_twin_counts_them():
    n_orders = 9
    ordinary, made, _ = planted(log(), n_orders=n_orders)
    accounts = joint_of(made.rows, n_orders)["account"].to_pylist()
    ids = ordinary.accounts.take(fleet().numbers).to_pylist()
    for i, one in enumerate(ids):
        for j, other in enumerate(ids):
            orders = [accounts[at : at + 5] for at in range(0, len(accounts), 5)]
            assert made.together[i, j] == sum(one in order and other in order for order in orders)


def test_a_life_is_that_of_one_ordinary_account_moved_by_more_than_a_day():
    ordinary, made, _ = planted(log(), n_orders=0)
    by_account = {}
    for row in log().to_pylist():
        by_account.setdefault(row["account"], []).append(row)
    own = {}
    for row in made.rows.to_pylist():
        own.setdefault(row["account"], []).append(row)
    copied = ordinary.lives["account"].to_pylist()
    for i, name in enumerate(ordinary.accounts.take(fleet().numbers).to_pylist()):
        life = by_account[copied[ordinary.life_first[i]]]
        for role in ("action", "target", "device", "address", "content"):
            have, had = ([row[role] for row in rows] for rows in (own.get(name, []), life))
            assert set(have) <= set(had)
        assert len(life) - 3 <= len(own.get(name, [])) <= len(life)
        for row in own.get(name, []):
            same = [one for one in life if (one["action"], one["target"]) == (row["action"], row["target"])]
            gaps = [abs((row["time"] - one["time"]).total_seconds()) for one in same]
            assert min(gaps) > 86_400 - 1 or len(same) > 1


def test_events_of_one_post_stay_one_post():
    table = plain_log()
    post = pa.array(np.arange(table.num_rows) // 2 + 10)
    account = pa.array(np.repeat(table["account"].to_numpy()[::2], 2))
    time = table["time"].take(np.arange(table.num_rows) // 2 * 2)
    table = (
        table.set_column(0, "time", time).set_column(1, "account", account).append_column("event_id", post)
    )
    _, made, _ = planted(table, n_orders=0)
    sizes = pc.value_counts(made.rows["event_id"].combine_chunks()).field("counts").to_pylist()
    assert sizes
    assert set(sizes) == {2}


def test_a_fleet_at_a_higher_rate_does_all_that_it_did_at_a_lower_one():
    _, low, _ = planted(log(), n_orders=5)
    _, high, _ = planted(log(), n_orders=50)
    shown = ["time", "account", "action", "target", "device"]
    few, many = (joint_of(one.rows, n).select(shown).to_pylist() for one, n in ((low, 5), (high, 50)))
    assert many[: len(few)] == few


def test_the_seed_decides_and_nothing_else():
    once, again, other = (planted(log(), seed=seed)[1].rows for seed in (1, 1, 2))
    assert once.equals(again)
    assert not once.equals(other)


def test_neither_the_order_of_rows_nor_names_of_accounts_change_what_is_planted():
    table = log()
    shuffled = table.take(np.random.default_rng(5).permutation(table.num_rows))
    names = {name: f"{hash(name) % 997}-{name}" for name in table["account"].to_pylist()}
    at = table.column_names.index("account")
    renamed = table.set_column(
        at, "account", pa.array([names[name] for name in table["account"].to_pylist()])
    )
    drop = ["account", "event_id"]
    first = planted(table)[1].rows.drop(drop)
    assert planted(shuffled)[1].rows.drop(drop).equals(first)
    assert planted(renamed)[1].rows.drop(drop).equals(first)


def test_accounts_of_candidates_are_neither_copied_nor_shown_as_ordinary():
    suspects = pc.unique(log()["account"]).slice(0, 900)
    ordinary = look(log(), 60, suspects)
    assert ordinary.n_ordinary == len(pc.unique(log()["account"])) - 900
    assert not set(ordinary.lives["account"].to_pylist()) & set(suspects.to_pylist())
    assert not set(ordinary.pool["account"].to_pylist()) & set(suspects.to_pylist())


def test_orders_begin_soon_after_somebody_was_there():
    n_orders = 20
    ordinary, made, _ = planted(log(), fleet(delay_us=1), n_orders)
    rows = joint_of(made.rows, n_orders)
    there = {}
    for action, target, time in zip(
        ordinary.pool["action"].to_pylist(),
        ordinary.pool["target"].to_pylist(),
        us(ordinary.pool["time"]),
        strict=True,
    ):
        there.setdefault((action, target), []).append(time)
    shown = zip(rows["action"].to_pylist(), rows["target"].to_pylist(), us(rows["time"]), strict=True)
    for action, target, time in shown:
        assert min(time - one for one in there[action, target] if time >= one - 1) <= AROUND_US + 1


def test_as_many_rows_as_are_announced():
    ordinary, made, _ = planted(log(), n_orders=7)
    announced = n_events_of(ordinary, fleet(), 7)
    assert announced * 0.9 <= made.rows.num_rows <= announced


def test_a_log_of_hours_can_be_planted_into():
    hours = plain_log(days=1).slice(0, 2_000)
    ordinary, made, _ = planted(hours)
    assert ordinary.days < 1
    assert made.rows.num_rows > 40


def test_a_log_without_targets_is_planted_by_action():
    _, made, _ = planted(log().drop(["target"]))
    assert "target" not in made.rows.column_names
    assert joint_of(made.rows, 8)["action"].null_count == 0


def test_all_roles_of_the_simulation_are_planted():
    assert events().roles == ROLES
    _, made, _ = planted(log(), n_orders=40)
    joint = joint_of(made.rows, 40)
    for role in ("device", "address", "client"):
        assert set(joint[role].to_pylist()) <= set(log()[role].to_pylist())
        assert joint[role].null_count < joint.num_rows


def test_lives_move_by_whole_days_and_some_minutes():
    ordinary, made, _ = planted(plain_log(), n_orders=0)
    copied = us(ordinary.lives["time"])[: ordinary.life_first[1]]
    own = us(
        made.rows.filter(pc.equal(made.rows["account"], ordinary.accounts.take(np.array([0]))[0]))["time"]
    )
    moved = (own[:, None] - copied[None, :]) % DAY_US
    assert (moved <= AROUND_US).any(axis=1).all()
