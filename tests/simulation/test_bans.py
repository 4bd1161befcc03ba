"""Bans in made-up logs: rows stop, new accounts go on in their place, and all else stays as it was."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl
import pytest

from samehand import columns
from samehand.events.known import read_known
from samehand.simulation.bans import FEWEST_BANNED, SETTLES_S
from samehand.simulation.platform import SimulationConfig, draw, simulate, write_simulation
from samehand.simulation.rows import REGISTER

SMALL = {"accounts": 2_000, "days": 4, "seed": 1}
every_level = pytest.mark.parametrize("evasion", range(5))


@cache
def drawn(evasion, bans=True):
    return draw(SimulationConfig(**SMALL, evasion=evasion, bans=bans))


@cache
def world(bans=True):
    return simulate(SimulationConfig(**SMALL, bans=bans))


@every_level
def test_rows_of_the_banned_stop_and_those_of_new_accounts_begin_after_the_ban(evasion):
    made = drawn(evasion)
    rows, bans = made.fleet_rows, made.bans
    signup = made.platform.people.signup
    assert len(bans.account) == len(np.unique(bans.account)) == len(np.unique(bans.successor))
    for account, at, successor in zip(bans.account, bans.at, bans.successor, strict=True):
        assert (rows.time[rows.account == account] < at).all()
        assert signup[successor] >= at
        own = rows.take(rows.account == successor)
        assert (own.time >= signup[successor]).all()
        later = own.time[(own.action != REGISTER) & (own.order >= 0)]
        first_steps = later < signup[successor] + SETTLES_S
        assert not first_steps.any() or signup[account] > 0, "only bulk registration has first steps"


@every_level
def test_the_same_orders_are_served_as_without_bans(evasion):
    with_bans, without = drawn(evasion), drawn(evasion, bans=False)
    hit = set(with_bans.bans.account.tolist())
    targets = {
        account: set(without.fleet_rows.target[without.fleet_rows.account == account].tolist())
        for account in hit
    }
    place_of = dict(zip(with_bans.bans.successor.tolist(), with_bans.bans.account.tolist(), strict=True))
    went_on = 0
    for successor, account in place_of.items():
        mine = with_bans.fleet_rows.take(with_bans.fleet_rows.account == successor)
        mine = mine.take((mine.order >= 0) & (mine.action != REGISTER))
        kind = next(f.kind for f in with_bans.fleets if account in f.members)
        if kind != "bulk_registration":
            assert set(mine.target.tolist()) <= targets[account]
        went_on += len(mine) > 0
    assert went_on >= len(place_of) / 3


@every_level
def test_phones_are_kept_by_those_who_hide_little(evasion):
    made = drawn(evasion)
    equipment, bans = made.platform.rig.equipment, made.bans
    same = equipment.phone[bans.account] == equipment.phone[bans.successor]
    assert same.all() if evasion < 3 else not same.any()
    assert (equipment.pool[bans.account] == equipment.pool[bans.successor]).all()


def test_the_answers_say_who_was_banned_and_who_came_in_their_place():
    made = world()
    banned = pl.from_arrow(made.banned)
    truth = pl.from_arrow(made.truth)
    assert made.banned.schema == columns.banned("string")
    replaced = truth.filter(pl.col("replaces").is_not_null())
    assert set(replaced["replaces"]) <= set(banned["account"])
    pairs = replaced.join(truth, left_on="replaces", right_on="account")
    assert pairs.height == replaced.height > 0
    assert (pairs["fleet"] == pairs["fleet_right"]).all()
    assert replaced.group_by("fleet").len()["len"].max() >= FEWEST_BANNED
    log = pl.from_arrow(made.events).join(banned, on="account", suffix="_of_ban")
    assert set(log["account"]) == set(banned["account"])
    assert (log["time"] < log["time_of_ban"]).all()


def test_nothing_else_changes():
    plain, other = world(bans=False), world()
    assert plain.banned is None
    assert plain.truth.schema == columns.truth("string")
    in_fleets = set(plain.truth["account"].to_pylist()) | set(other.truth["account"].to_pylist())

    def ordinary(made):
        log = pl.from_arrow(made.events)
        return log.filter(~pl.col("account").is_in(list(in_fleets)))

    assert ordinary(plain).equals(ordinary(other))
    assert plain.crowds.equals(other.crowds)


def test_files(tmp_path):
    write_simulation(world(), tmp_path)
    known = read_known(str(tmp_path / "banned.parquet"))
    assert known.banned.all()
    assert len(known.accounts) == world().banned.num_rows
    write_simulation(world(bans=False), tmp_path)
    assert not (tmp_path / "banned.parquet").exists(), "a list of another log is misleading"


def test_without_fleets_nobody_is_banned():
    made = simulate(SimulationConfig(accounts=500, days=1, fleets=False, bans=True))
    assert made.banned.num_rows == made.truth.num_rows == 0
    assert "replaces" in made.truth.column_names


def test_a_day_is_long_enough():
    made = draw(SimulationConfig(accounts=500, days=1, evasion=4, bans=True, kinds=("boost",)))
    assert (made.bans.at < made.platform.window_s).all()


def test_rented_accounts_alone_are_not_banned():
    made = simulate(SimulationConfig(**SMALL, bans=True, kinds=("rented",)))
    assert made.banned.num_rows == 0
