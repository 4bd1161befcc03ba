"""What each kind of fleet does, and how many there are of what size."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from samehand.simulation.fleet_sizes import FLEET_KINDS, draw_controllers
from samehand.simulation.rows import ADD_FRIEND, FOLLOW, MESSAGE, REGISTER, VIEW

LEVEL = pytest.mark.parametrize("level", range(5))


def test_new_accounts_of_bulk_registration_run_one_script(work):
    bulk = work(0).filter(kind="bulk_registration")
    signup = bulk.filter(pl.col("action") == REGISTER).select("account", pl.col("time").alias("signup"))
    after = (pl.col("time") - pl.col("signup")).alias("after")
    script = bulk.filter(pl.col("order") >= 0).join(signup, on="account").sort("time").with_columns(after)
    script = script.filter(pl.col("order") < 6, pl.col("after") < 200).with_columns(pl.col("after").floor())
    n_steps = script.group_by("account").len()["len"]
    assert len(n_steps) == len(signup)
    assert 3 <= n_steps.max() <= 6
    # The same action a fixed time after the sign-up, to the second that a step may take.
    for _, step in script.group_by("order"):
        assert step["action"].n_unique() == 1
        assert step["target"].n_unique() == 1
        assert step["after"].max() - step["after"].min() <= 1


@LEVEL
def test_each_kind_does_what_it_is_sold_for(work, level: int):
    orders = work(level).filter(pl.col("order") >= 0)
    actions = {kind: set(rows["action"].to_list()) for (kind,), rows in orders.group_by("kind")}
    assert set(actions) == set(FLEET_KINDS)
    assert actions["follow_farm"] == {FOLLOW}
    assert actions["mass_add"] == {ADD_FRIEND}
    assert actions["mass_message"] == {MESSAGE}
    assert actions["mixed"] >= {VIEW, FOLLOW, ADD_FRIEND, MESSAGE}
    for kind in ("boost", "rented", "small_fleets"):
        assert actions[kind] <= {0, 1, 2, 3}
        assert VIEW in actions[kind]


def test_strangers_rarely_accept_or_answer(events: pl.DataFrame):
    asked = events.filter(pl.col("action").is_in(["add_friend", "message"]))
    by_fleets = asked.filter(pl.col("kind").is_in(["mass_add", "mass_message", "mixed"]))
    good = pl.col("outcome").is_in(["accepted", "replied"])
    assert by_fleets.select(good.mean()).item() < 0.1
    assert asked.filter(pl.col("fleet").is_null()).select(good.mean()).item() > 0.4


def test_small_fleets_of_one_controller_share_addresses_and_some_orders(work):
    small = work(0).filter(kind="small_fleets")
    assert small["fleet"].n_unique() in (3, 4)
    assert small["address"].n_unique() == 1
    starts = small.group_by("fleet", "action", "target").agg(pl.col("time").min())
    shared = starts.group_by("action", "target").agg(
        pl.len(), (pl.col("time").max() - pl.col("time").min()).alias("apart")
    )
    together = shared.filter(pl.col("len") == small["fleet"].n_unique())
    assert 20 < len(together) < 0.5 * len(shared)
    assert together["apart"].median() > 3_600


def test_rented_people_keep_their_own_life_and_phone(work, drawn):
    rented = next(fleet.members for fleet in drawn(2).fleets if fleet.kind == "rented")
    ordinary, platform = drawn(2).ordinary, drawn(2).platform
    own = np.isin(ordinary.account, rented)
    assert set(ordinary.account[own]) == set(rented)
    assert own.sum() / len(rented) > 5
    devices = platform.rig.market.devices()
    at_home = platform.rig.used(
        platform.people, platform.rhythm, devices, ordinary.account[own].astype(np.int64), ordinary.time[own]
    )[0]
    assert np.isin(work(2).filter(kind="rented")["device"].to_numpy(), at_home).mean() > 0.8
    labelled = np.concatenate([groups.account for _, groups in drawn(2).crowds])
    assert not np.isin(rented, labelled).any()


def test_orders_are_for_customers_of_all_communities(work, drawn):
    posts = drawn(0).platform.posts
    bought = work(0).filter(kind="boost").unique(["fleet", "order"])["target"].to_numpy()
    communities = np.unique(posts.community[bought])
    assert len(communities) > 0.7 * drawn(0).platform.society.n_communities
    runs = np.diff(np.sort(posts.creator[bought])) == 0
    assert runs.sum() > 10


def test_a_fleet_acts_on_posts_that_are_out(work, drawn):
    posts = drawn(1).platform.posts
    bought = work(1).filter(pl.col("kind").is_in(("boost", "rented", "small_fleets")), pl.col("order") >= 0)
    assert (bought["time"].to_numpy() > posts.birth[bought["target"].to_numpy()]).all()


def test_sizes_are_log_uniform_from_8_to_300():
    sizes = np.array(
        [c.sizes[0] for s in range(60) for c in draw_controllers(20_000, s) if c.kind != "small_fleets"]
    )
    assert sizes.min() == 8
    assert sizes.max() > 250
    thirds = np.histogram(np.log(sizes), np.linspace(np.log(8), np.log(301), 4))[0] / len(sizes)
    assert thirds == pytest.approx(1 / 3, abs=0.09)


def test_larger_platforms_have_more_fleets():
    assert len(draw_controllers(20_000, 0)) == 9
    assert len(draw_controllers(100_000, 0)) == 45
