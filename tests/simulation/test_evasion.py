"""Each level of evasion, measured on the rows and compared with the table."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from samehand.simulation.evasion import (
    ACCOUNTS_PER_PHONE,
    DAY_S,
    FEW_MODELS,
    HOSTS_IN_PREFIX,
    LEVELS,
    MIN_SERVING,
    PROXIES_IN_HANDFUL,
    RESIDENTIAL_LINES,
    DeviceUse,
)
from samehand.simulation.rows import MESSAGE, REGISTER

LEVEL = pytest.mark.parametrize("level", range(5))
ORDER_KINDS = ("boost", "follow_farm", "rented", "small_fleets")


def _orders(work: pl.DataFrame, window_s: float, delay_s: float) -> pl.DataFrame:
    """Give one row an order that the end of the log does not cut."""
    orders = (
        work.filter(pl.col("kind").is_in(ORDER_KINDS), pl.col("order") >= 0)
        .group_by("fleet", "kind", "size", "order")
        .agg(
            pl.col("time").min().alias("begins"),
            (pl.col("time").max() - pl.col("time").min()).alias("lasts"),
            pl.col("account").n_unique().alias("n"),
            pl.col("target").n_unique().alias("n_targets"),
            pl.col("action").n_unique().alias("n_actions"),
        )
    )
    return orders.filter(pl.col("begins") < window_s - delay_s)


@LEVEL
def test_orders_spread_over_the_delay_of_the_level(work, drawn, level: int):
    evasion, window_s = LEVELS[level], drawn(level).platform.window_s
    orders = _orders(work(level), window_s, evasion.order_delay_s)
    assert len(orders) > 100
    assert (orders["n_targets"] == 1).all()
    assert (orders["n_actions"] == 1).all()
    assert orders["lasts"].max() <= evasion.order_delay_s
    # The last of n uniform delays (the first is 0) is expected at (n - 1) / n of the whole.
    expected = ((orders["n"] - 1) / orders["n"] * evasion.order_delay_s).mean()
    tolerance = 4 * evasion.order_delay_s / np.sqrt(12 * len(orders))
    assert orders["lasts"].mean() == pytest.approx(expected, abs=tolerance)


@LEVEL
def test_the_share_of_the_level_serves_each_order(work, drawn, level: int):
    evasion = LEVELS[level]
    orders = _orders(work(level), drawn(level).platform.window_s, evasion.order_delay_s)
    expected = np.maximum(np.round(orders["size"].to_numpy() * evasion.share_serving), MIN_SERVING)
    assert (orders["n"].to_numpy() <= expected).all()  # a few did the same before and do not again
    assert (orders["n"].to_numpy() / expected).mean() > 0.97
    large = orders.filter(pl.col("size") >= 25)
    assert (large["n"] / large["size"]).mean() == pytest.approx(evasion.share_serving, rel=0.15)


@LEVEL
def test_fleets_take_as_many_orders_a_day_as_the_level_says(drawn, work, level: int):
    evasion, n, days = LEVELS[level], 0, 0.0
    rows = work(level).filter(pl.col("kind").is_in(("boost", "follow_farm")), pl.col("order") >= 0)
    for _, fleet in rows.group_by("fleet"):
        n += fleet["order"].n_unique()
        signup = drawn(level).platform.people.signup[fleet["account"].unique().to_numpy()]
        days += 14 - max(0, signup.max()) / DAY_S
    assert abs(n - evasion.orders_per_day * days) < 4 * np.sqrt(n)


@LEVEL
def test_console_steps_reach_all_phones_within_the_delay(work, level: int):
    evasion = LEVELS[level]
    steps = (
        work(level)
        .filter(pl.col("kind").is_in(("mass_add", "mass_message")), pl.col("order") >= 0)
        .group_by("fleet", "size", "order")
        .agg(
            pl.col("time").min().alias("begins"),
            (pl.col("time").max() - pl.col("time").min()).alias("lasts"),
            pl.col("account").n_unique().alias("n"),
            pl.len().alias("rows"),
            pl.col("target").n_unique().alias("n_targets"),
        )
        .filter(pl.col("n") > 1, pl.col("begins") < 13 * DAY_S)
    )
    assert len(steps) > 50
    if evasion.own_session_start:
        assert steps["lasts"].median() > 3_600
        return
    assert steps["lasts"].max() <= evasion.step_delay_s
    expected = ((steps["n"] - 1) / (steps["n"] + 1) * evasion.step_delay_s).mean()
    tolerance = 4 * evasion.step_delay_s / np.sqrt(12 * len(steps))
    assert steps["lasts"].mean() == pytest.approx(expected, abs=tolerance)
    # Every phone its own stranger.
    assert (steps["n_targets"] / steps["rows"]).mean() > 0.98
    share = np.maximum(np.round(steps["size"].to_numpy() * evasion.share_serving), MIN_SERVING)
    assert (steps["n"].to_numpy() / share).mean() == pytest.approx(1, abs=0.05)


@LEVEL
def test_camouflage_has_the_ratio_of_the_level(work, level: int):
    own = work(level).filter(pl.col("kind") != "rented", pl.col("action") != REGISTER)
    n_orders = (own["order"] >= 0).sum()
    assert (len(own) - n_orders) / n_orders == pytest.approx(LEVELS[level].camouflage, rel=0.1)
    rented = work(level).filter(kind="rented")
    assert (rented["order"] >= 0).all()  # their camouflage is their own life


@pytest.mark.parametrize("level", [2, 3, 4])
def test_camouflage_looks_like_an_organic_account(work, drawn, level: int):
    hidden = work(level).filter(pl.col("order") < 0, pl.col("action") != REGISTER)
    ordinary = drawn(level).ordinary
    mix = np.bincount(ordinary.action[ordinary.account % 3 == 0], minlength=8)[:5]
    ours = np.bincount(hidden["action"].to_numpy(), minlength=8)[:5]
    assert ours / ours.sum() == pytest.approx(mix / mix.sum(), abs=0.05)
    zone = drawn(level).platform.people.zone_s[hidden["account"].to_numpy()]
    hour = ((hidden["time"].to_numpy() + zone) / 3600 % 24).astype(int)
    n = np.bincount(hour, minlength=24)
    assert n[[19, 20, 21]].mean() > 4 * n[[3, 4, 5]].mean()


@LEVEL
def test_addresses_are_those_of_the_level(work, level: int):
    used = work(level).filter(pl.col("kind").is_in(("boost", "follow_farm", "mass_add", "mixed")))
    fleets = used.group_by("fleet", "size").agg(
        pl.col("address").n_unique().alias("n"), (pl.col("address") // 256).n_unique().alias("prefixes")
    )
    if level == 0:
        assert (fleets["n"] == 1).all()
    elif level == 1:
        assert fleets["n"].is_between(2, PROXIES_IN_HANDFUL).all()
    elif level == 2:
        assert (fleets["prefixes"] == 1).all()
        assert fleets["n"].is_between(HOSTS_IN_PREFIX // 3, HOSTS_IN_PREFIX).all()
    elif level == 3:
        assert (fleets["prefixes"] > 0.9 * fleets["n"]).all()
        assert fleets["n"].max() > RESIDENTIAL_LINES / 3
    else:
        shared = used.group_by("fleet", "address").agg(pl.col("account").n_unique())
        assert (shared["account"] == 1).mean() > 0.6
    if level == 3:  # some of the lines are real people's homes
        homes = work(level)["address"].is_in(_homes_of_people(work, level))
        assert 0.3 < homes.mean() < 0.7


def _homes_of_people(work, level: int) -> list[int]:
    from samehand.simulation.platform import SimulationConfig, draw

    from .conftest import SEED

    platform = draw(SimulationConfig(evasion=level, seed=SEED, fleets=False)).platform
    return platform.rig.equipment.home.tolist()


@LEVEL
def test_devices_are_those_of_the_level(work, drawn, level: int):
    used = work(level).filter(pl.col("kind").is_in(("boost", "follow_farm", "mass_add", "mixed")))
    model = drawn(level).platform.rig.market.devices().model
    used = used.with_columns(pl.Series("model", model[used["device"].to_numpy()]))
    for _, fleet in used.group_by("fleet"):
        n_accounts, n_devices = fleet["account"].n_unique(), fleet["device"].n_unique()
        use = LEVELS[level].devices
        if use in ACCOUNTS_PER_PHONE:
            assert n_devices == -(-n_accounts // ACCOUNTS_PER_PHONE[use])
            assert fleet["model"].n_unique() <= (1 if use is DeviceUse.ONE_BATCH else FEW_MODELS)
            assert fleet["client"].n_unique() <= FEW_MODELS
        elif use is DeviceUse.MIXED:
            assert n_devices == n_accounts
            assert fleet["model"].n_unique() > 1
        elif use is DeviceUse.RESET_IDS:
            per_account = fleet.group_by("account").agg(pl.col("device").n_unique())["device"]
            assert 3 <= per_account.mean() <= 7
            assert (fleet.group_by("device").agg(pl.col("account").n_unique())["account"] == 1).all()
        else:
            assert 1 <= n_devices / n_accounts < 2


@LEVEL
def test_texts_are_varied_as_the_level_says(work, level: int):
    said = work(level).filter(pl.col("says"), pl.col("order") >= 0, pl.col("action") == MESSAGE)
    texts = said["text"]
    plain = texts.str.replace_all(r"[\u{200b}\u{200c}\u{2060}]", "")
    if level == 0:
        assert texts.n_unique() <= 4  # two templates in two languages
    elif level == 1:
        assert 40 < texts.n_unique() <= 4 * 40
        assert texts.str.split_exact("，", 1).struct.field("field_0").n_unique() < texts.n_unique()
    elif level == 2:
        assert texts.n_unique() > 0.1 * len(texts)
        assert (plain == texts).all()
    elif level == 3:
        assert texts.n_unique() > 0.7 * len(texts)
        assert (plain != texts).mean() > 0.5  # invisible characters
        assert texts.str.contains(r"\p{Cyrillic}").mean() > 0.2  # look-alike letters
        assert texts.str.contains("[😊🎁🔥✨💰🌹👏❤]").mean() > 0.5
    else:
        assert texts.n_unique() > 0.3 * len(texts)
        assert (plain == texts).all()
    if level < 4:
        chinese = texts.str.contains(r"\p{Han}").mean()
        assert 0.2 < chinese < 0.8


@LEVEL
def test_signups_fall_into_the_span_of_the_level(work, drawn, level: int):
    signups = (
        work(level)
        .filter(pl.col("action") == REGISTER)
        .group_by("fleet", "kind")
        .agg((pl.col("time").max() - pl.col("time").min()).alias("span"), pl.len())
    )
    assert signups["span"].max() <= LEVELS[level].signup_span_s
    bulk = signups.filter(kind="bulk_registration")
    if level < 4:  # a month begins before the log
        assert bulk["span"].item() > 0.6 * LEVELS[level].signup_span_s
    members = next(fleet.members for fleet in drawn(level).fleets if fleet.kind == "bulk_registration")
    if level < 4:
        assert bulk["len"].item() == len(members)


def test_level_0_shows_in_the_log_itself(events: pl.DataFrame):
    """Nothing but the public tables: each boost order is most of the fleet on one post within 15 seconds."""
    boost = events.filter(kind="boost")
    size = boost.group_by("fleet").agg(pl.col("account").n_unique().alias("size"))
    orders = (
        boost.filter(pl.col("action") != "register")
        .group_by("fleet", "action", "target")
        .agg(
            pl.col("account").n_unique().alias("n"),
            (pl.col("time").max() - pl.col("time").min()).alias("lasts"),
        )
        .join(size, on="fleet")
    )
    assert (orders["n"] == orders["size"]).mean() > 0.97
    assert (orders["lasts"].dt.total_microseconds() <= 15e6).mean() > 0.99
