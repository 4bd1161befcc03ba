from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from samehand.simulation.chance import generator
from samehand.simulation.organic import since_first
from samehand.simulation.platform import SimulationConfig, draw
from samehand.simulation.rows import ACCOUNT_TARGET, COMMENT, LIKE, MESSAGE, VIEW, keep_first, make_rows
from samehand.simulation.world import build_platform


@pytest.fixture(scope="module")
def ordinary(drawn):
    """Rows of ordinary people and the platform they live on."""
    return drawn(0).ordinary, drawn(0).platform


def test_about_22_events_an_account(events: pl.DataFrame):
    n = events.filter(pl.col("fleet").is_null()).group_by("account").len()["len"]
    assert 19 < n.mean() < 26


def test_activity_has_a_heavy_tail(events: pl.DataFrame):
    n = events.filter(pl.col("fleet").is_null()).group_by("account").len()["len"]
    assert n.quantile(0.05) <= 3
    assert n.quantile(0.99) > 5 * n.mean()
    assert 350 < n.max() < 2_000
    # Log-normal rather than exponential: the most active hundredth does more than a twentieth.
    assert n.sort().tail(len(n) // 100).sum() > 0.08 * n.sum()


def test_popularity_has_a_heavy_tail_and_bursts(events: pl.DataFrame):
    on_posts = events.filter(pl.col("fleet").is_null() & pl.col("target").str.starts_with("p"))
    n = on_posts.group_by("target").len()["len"]
    assert n.max() > 100 * n.median()
    hottest = on_posts.filter(target=on_posts.group_by("target").len().top_k(1, by="len")["target"][0])
    within = hottest.group_by(pl.col("time").dt.truncate("6h")).len()["len"].max()
    assert within > 400  # most of a viral post's fame is a matter of hours


def test_reactions_come_after_about_an_hour_with_a_tail_of_days(ordinary):
    rows, platform = ordinary
    feed = (rows.action <= COMMENT) & (rows.target < len(platform.posts))
    delay = rows.time[feed] - platform.posts.birth[rows.target[feed]]
    assert delay.min() > 0
    assert 0.5 * 3600 < np.median(delay) < 2.5 * 3600
    assert np.quantile(delay, 0.95) > 8 * 3600
    assert np.quantile(delay, 0.995) > 2 * 86_400


def test_people_sleep(ordinary):
    rows, platform = ordinary
    hour = ((rows.time + platform.people.zone_s[rows.account]) / 3600 % 24).astype(int)
    n = np.bincount(hour, minlength=24)
    assert n[[19, 20, 21]].mean() > 5 * n[[3, 4, 5]].mean()


def test_weekends_differ(ordinary):
    rows, platform = ordinary
    local = rows.time + platform.people.zone_s[rows.account]
    day = platform.rhythm.weekday(np.floor(local / 86_400).astype(int))
    hour = (local / 3600 % 24).astype(int)
    morning = [np.mean(np.isin(hour[days], (6, 7, 8))) for days in (day < 5, day >= 5)]
    assert morning[0] > 1.08 * morning[1]


def test_most_people_act_once_on_a_target(events: pl.DataFrame):
    repeats = (
        events.filter(pl.col("target").is_not_null(), pl.col("fleet").is_null())
        .group_by("action")
        .agg((pl.struct("account", "target").n_unique() / pl.len()).alias("distinct"))
    )
    distinct = dict(repeats.iter_rows())
    assert all(distinct[action] == 1 for action in ("like", "share", "follow", "add_friend"))
    assert 0.9 < distinct["view"] < 1
    assert distinct["comment"] > 0.95
    assert distinct["message"] < 0.6  # friends write again and again


def test_friends_write_to_and_fro_in_bursts(ordinary):
    rows, _ = ordinary
    chosen = np.flatnonzero(rows.action == MESSAGE)
    chosen = chosen[np.argsort(rows.time[chosen])]
    frame = pl.DataFrame(
        {
            "time": rows.time[chosen],
            "who": rows.account[chosen].astype(np.int64),
            "whom": rows.target[chosen] - ACCOUNT_TARGET,
        }
    ).with_columns(pl.min_horizontal("who", "whom").alias("a"), pl.max_horizontal("who", "whom").alias("b"))
    gaps = frame.with_columns(
        pl.col("time").diff().over("a", "b").alias("gap"), pl.col("who").diff().over("a", "b")
    )
    assert (gaps["gap"] < 120).mean() > 0.4
    assert gaps.filter(pl.col("gap") < 120)["who"].ne(0).mean() > 0.3  # the other one answers


def test_nobody_acts_before_signing_up(events: pl.DataFrame):
    first = events.group_by("account").agg(pl.col("time").min().alias("first"))
    signups = events.filter(action="register").join(first, on="account")
    assert (signups["time"] == signups["first"]).all()
    assert signups["account"].is_unique().all()
    assert 300 < len(signups) < 3_000


def test_signups_have_campaign_days(events: pl.DataFrame):
    n = (
        events.filter(pl.col("fleet").is_null(), action="register")
        .group_by(pl.col("time").dt.date())
        .len()["len"]
    )
    assert len(n) == 14
    assert n.max() > 2.5 * n.median()


def test_some_subscribers_react_to_a_notification_within_seconds(ordinary):
    rows, platform = ordinary
    on_pushed = (rows.action <= LIKE) & (rows.target < len(platform.posts))
    on_pushed[on_pushed] = platform.posts.pushed[rows.target[on_pushed]]
    delay = rows.time[on_pushed] - platform.posts.birth[rows.target[on_pushed]]
    fast = np.histogram(delay, [0, 5, 90, 175])[0]
    assert fast[1] > 2.5 * fast[2]
    assert fast[0] < 0.1 * fast[1]


def test_carriers_hide_hundreds_behind_one_address(events: pl.DataFrame):
    crowded = events.filter(pl.col("fleet").is_null()).group_by("address").agg(pl.col("account").n_unique())
    assert crowded["account"].sort().tail(20).min() > 150


def test_clients_are_version_and_model_and_one_release_rolls_out(events: pl.DataFrame):
    parts = (
        events["client"].str.split_exact("/", 1).struct.rename_fields(["version", "model"]).struct.unnest()
    )
    assert parts["version"].str.contains(r"^8\.\d+\.\d$").all()
    models = parts.group_by("model").len()["len"].sort(descending=True)
    assert models[0] > 10 * models[len(models) // 2]
    newest = events.with_columns(parts["version"]).group_by(pl.col("time").dt.date(), maintain_order=True)
    share = newest.agg((pl.col("version") == "8.43.0").mean())["version"]
    assert share[0] == 0
    assert share[-1] > 0.4


def test_one_session_has_one_device_and_address(events: pl.DataFrame):
    close = events.filter(pl.col("fleet").is_null()).with_columns(
        pl.col("time").diff().over("account").alias("gap"),
        (pl.col("device") == pl.col("device").shift().over("account")).alias("same_device"),
        (pl.col("address") == pl.col("address").shift().over("account")).alias("same_address"),
    )
    close = close.filter(pl.col("gap") < pl.duration(seconds=60))
    assert close["same_device"].mean() > 0.95
    assert close["same_address"].mean() > 0.95


def test_comments_are_partly_stock_phrases_in_two_languages(events: pl.DataFrame):
    said = events.filter(pl.col("fleet").is_null(), action="comment")["content"]
    assert 0.5 < said.n_unique() / len(said) < 0.9
    assert said.value_counts().top_k(1, by="count")["count"][0] > 100
    chinese = said.str.contains(r"\p{Han}").mean()
    assert 0.25 < chinese < 0.75


def test_come_across_gives_a_post_of_the_community_that_is_out():
    platform = build_platform(1_000, 7, 0, seed=1)
    posts, rng = platform.posts, generator(1, "test")
    community = rng.integers(0, platform.society.n_communities, 3_000)
    time = rng.uniform(-4 * 86_400, 7 * 86_400, 3_000)
    found = posts.come_across(community, time, rng)
    for where, when, post in zip(community, time, found, strict=True):
        out = np.any((posts.community == where) & (posts.birth < when))
        assert (post >= 0) == out
        if out:
            assert posts.community[post] == where
            assert posts.birth[post] < when


def test_come_across_prefers_the_famous():
    platform = build_platform(1_000, 7, 0, seed=1)
    posts, rng = platform.posts, generator(1, "test")
    n = 20_000
    found = posts.come_across(np.zeros(n, dtype=int), np.full(n, 7 * 86_400.0), rng)
    latest = np.flatnonzero(posts.community == 0)[-2:]  # always in view, so only their fame tells them apart
    seen = np.array([(found == post).sum() for post in latest])
    fame = np.diff(posts.fame_sum)[latest]
    assert seen[0] / seen.sum() == pytest.approx(fame[0] / fame.sum(), abs=0.03)


def test_since_first_against_a_loop():
    rng = np.random.default_rng(0)
    group, gap = np.sort(rng.integers(0, 30, 200)), rng.random(200)
    expected, since = [], 0.0
    for place in range(200):
        since = since + gap[place] if place and group[place] == group[place - 1] else 0.0
        expected.append(since)
    assert since_first(group, gap) == pytest.approx(np.array(expected))


def test_keep_first_against_a_loop():
    rng = np.random.default_rng(3)
    n, n_fixed = 4_000, 500
    action = rng.choice([VIEW, LIKE, COMMENT, MESSAGE], n)
    rows = make_rows(rng.random(n) * 1e6, rng.integers(0, 20, n), action, rng.integers(0, 30, n))
    kept = keep_first(rows, salt=1, n_fixed=n_fixed)
    first = {}
    for place in sorted(range(n), key=lambda p: (p >= n_fixed, rows.time[p])):
        first.setdefault((rows.account[place], rows.action[place], rows.target[place]), place)
    for place in range(n):
        deed = (rows.account[place], rows.action[place], rows.target[place])
        if place < n_fixed or first[deed] == place or action[place] == MESSAGE:
            assert kept[place]
        elif action[place] == LIKE:
            assert not kept[place]
    again = np.array(
        [
            first[(a, b, c)] != p
            for p, (a, b, c) in enumerate(zip(rows.account, rows.action, rows.target, strict=True))
        ]
    )
    again[:n_fixed] = False
    assert kept[again & (action == VIEW)].mean() == pytest.approx(0.2, abs=0.05)
    assert kept[again & (action == COMMENT)].mean() == pytest.approx(0.3, abs=0.06)


def test_more_accounts_make_more_communities_as_the_square_root():
    assert build_platform(20_000, 2, 0, seed=0).society.n_communities == 59
    assert build_platform(80_000, 2, 0, seed=0).society.n_communities == 118


def test_speed_is_recorded(record_property):
    from time import perf_counter

    begun = perf_counter()
    n = len(draw(SimulationConfig(accounts=20_000, seed=1)).ordinary)
    record_property("ordinary events drawn per second", round(n / (perf_counter() - begun)))
