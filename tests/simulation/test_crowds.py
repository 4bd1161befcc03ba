"""Crowds are as co-ordinated as they are in life, and live a life of their own besides."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from samehand.simulation.chance import generator
from samehand.simulation.crowd import Draft, Groups, gather, organic_delays, who_does_what
from samehand.simulation.crowd_kinds import CROWD_KINDS
from samehand.simulation.platform import Drawn
from samehand.simulation.rows import COMMENT, FOLLOW, LIKE, REGISTER, SHARE
from samehand.simulation.world import build_platform


@pytest.fixture(scope="module")
def of(events: pl.DataFrame, crowds: pl.DataFrame):
    """Give the events of the members of a kind of crowd, with the crowd."""
    people = events.filter(pl.col("fleet").is_null()).drop("fleet", "kind")

    def rows(kind: str) -> pl.DataFrame:
        return people.join(crowds.filter(kind=kind).drop("kind"), on="account")

    return rows


def _groups(drawn: Drawn, kind: str) -> Groups:
    return next(groups for form, groups in drawn.crowds if form.name == kind)


def _meetings(rows: pl.DataFrame, least: int) -> pl.DataFrame:
    """Give the targets that at least so many members of a crowd act on, and how close together."""
    seconds = pl.col("time").dt.timestamp("us") / 1e6
    return (
        rows.filter(pl.col("target").str.starts_with("p"))
        .group_by("crowd", "target")
        .agg(
            pl.col("account").n_unique().alias("n"),
            pl.col("time").min().alias("begins"),
            (seconds.quantile(0.8) - seconds.min()).alias("most_within_s"),
            pl.col("address").mode().first().alias("address"),
        )
        .filter(pl.col("n") >= least)
    )


def test_sizes_and_numbers_at_20_000_accounts(crowds: pl.DataFrame):
    sizes = crowds.group_by("kind", "crowd").len()
    for kind in CROWD_KINDS:
        found = sizes.filter(kind=kind.name)["len"]
        assert len(found) == kind.count
        assert found.is_between(kind.size[0] - 1, kind.size[1]).all(), kind.name
    assert crowds.select("account", "crowd").is_unique().all()
    assert crowds["account"].n_unique() < len(crowds)  # some people are in several
    for kind in ("household", "carrier_nat", "classroom", "newsroom"):  # but have one home, class, job
        assert crowds.filter(kind=kind)["account"].is_unique().all()


def test_larger_platforms_have_more_crowds_and_small_ones_smaller():
    kind = next(kind for kind in CROWD_KINDS if kind.name == "classroom")
    rng = np.random.default_rng(0)
    assert len(kind.sizes(100_000, rng)) == 30
    assert kind.sizes(100_000, rng).min() >= 25
    assert len(kind.sizes(500, rng)) == 1
    assert kind.sizes(500, rng)[0] == kind.smallest


def test_a_class_acts_within_a_minute_or_two_at_school(of, drawn):
    rows = of("classroom")
    lessons = _meetings(rows, 10)
    weeks = lessons.group_by("crowd").len()["len"]
    assert weeks.min() >= 6  # links in two weeks
    assert lessons["most_within_s"].median() < 120
    # They are at school: its address, on weekdays; and elsewhere the rest of the time.
    school = rows.group_by("crowd").agg(pl.col("address").mode().first().alias("school"))
    assert (
        lessons.join(school, on="crowd").select((pl.col("address") == pl.col("school")).mean()).item() > 0.9
    )
    assert lessons["begins"].dt.weekday().is_in([5, 6, 7]).mean() < 0.45
    away = rows.join(school, on="crowd").select((pl.col("address") != pl.col("school")).mean()).item()
    assert 0.3 < away < 0.9
    # Shared tablets.
    shared = rows.group_by("crowd", "device").agg(pl.col("account").n_unique())
    assert (shared.filter(pl.col("account") > 3).group_by("crowd").len()["len"] >= 8).all()


def test_lessons_come_at_the_same_hours_every_week(of):
    lessons = _meetings(of("classroom"), 12).with_columns(
        pl.col("begins").dt.weekday().alias("weekday"),
        pl.col("begins").dt.truncate("1h").dt.hour().alias("hour"),
    )
    first = lessons.filter(pl.col("begins").dt.day() < 9).select("crowd", "weekday").unique()
    second = lessons.filter(pl.col("begins").dt.day() >= 9).select("crowd", "weekday").unique()
    assert len(first.join(second, on=["crowd", "weekday"], how="semi")) > 0.7 * len(first)


def test_fans_act_on_most_posts_of_one_creator_in_their_own_time(drawn):
    drawn = drawn(0)
    groups, posts, rows = _groups(drawn, "fan_club"), drawn.platform.posts, drawn.ordinary
    for number, star in enumerate(groups.focus):
        members = groups.members(number)
        own = posts.of(int(star))
        own = own[(posts.birth[own] >= 0) & (posts.birth[own] < 11 * 86_400)]
        theirs = (rows.action <= COMMENT) & np.isin(rows.account, members)
        on_star = theirs & np.isin(rows.target, own)
        pairs = np.unique(np.stack([rows.account[on_star], rows.target[on_star]]), axis=1)
        assert pairs.shape[1] / len(members) / len(own) > 0.5
        delay = rows.time[on_star] - posts.birth[rows.target[on_star]]
        assert np.median(delay) > 1_800
        assert on_star.sum() < 0.8 * theirs.sum()  # other interests


def test_push_reactors_are_there_within_seconds(drawn):
    drawn = drawn(0)
    groups, posts, rows = _groups(drawn, "push_reactors"), drawn.platform.posts, drawn.ordinary
    for number, star in enumerate(groups.focus):
        own = posts.of(int(star))
        assert posts.pushed[own].all()
        on_star = np.isin(rows.account, groups.members(number)) & np.isin(rows.target, own)
        delay = rows.time[on_star] - posts.birth[rows.target[on_star]]
        assert np.mean((delay >= 5) & (delay <= 90)) > 0.6


def test_a_newsroom_shares_the_same_links_within_minutes_through_one_system(of, events: pl.DataFrame):
    rows = of("newsroom")
    articles = _meetings(rows.filter(action="share"), 3)
    assert len(articles) > 20
    assert articles["most_within_s"].median() < 400
    used = rows.group_by("crowd").agg(pl.col("client").mode().first().alias("main"), "client")
    assert (
        used.select(
            (pl.col("client").list.eval(pl.element() == pl.element().mode().first())).list.mean().min()
        ).item()
        > 0.9
    )
    assert used["main"].str.contains("PublishDesk|NewsFlow").all()
    # Ordinary people follow the outlets and like what they share.
    outlets = rows["account"].unique()
    fans = events.filter(pl.col("action") == "follow", pl.col("target").is_in(outlets.implode()))
    assert fans["account"].n_unique() > 5 * len(outlets)
    liked = events.filter(pl.col("action") == "like", pl.col("target").is_in(articles["target"].implode()))
    assert liked["account"].n_unique() > 100


def test_a_brand_posts_on_all_pages_at_one_instant(of, events: pl.DataFrame):
    rows = of("brand_schedule")
    campaign = _meetings(rows.filter(action="share"), 4)
    assert len(campaign) > 10
    assert campaign["most_within_s"].median() < 1.5
    pages = rows["account"].unique()
    assert len(events.filter(pl.col("action") == "follow", pl.col("target").is_in(pages.implode()))) > 30


def test_hundreds_hit_a_sale_page_in_the_first_minutes(of):
    sales = _meetings(of("flash_sale"), 100)
    assert sales.group_by("crowd").len()["len"].to_list() == [4, 4]
    assert sales["most_within_s"].max() < 300
    assert sales["begins"].dt.date().n_unique() > 3


def test_a_launch_brings_signups_and_follows_of_one_day(drawn, of):
    drawn = drawn(0)
    groups = _groups(drawn, "launch_day")
    for number in range(len(groups)):
        members = groups.members(number)
        rows = drawn.ordinary.take(np.isin(drawn.ordinary.account, members))
        signups = rows.time[rows.action == REGISTER]
        assert 0.3 < len(signups) / len(members) < 0.45
        assert np.ptp(signups) < 86_400 or (np.ptp(np.mod(signups + 43_200, 14 * 86_400)) < 86_400)
        _, n = np.unique(rows.target[rows.action == FOLLOW], return_counts=True)
        assert n.max() > 0.9 * len(members)


def test_a_greeting_is_copied_by_hundreds_and_goes_to_friends(of, drawn):
    rows = of("festival_chain").filter(action="message")
    for (_,), crowd in rows.group_by("crowd"):
        greeting = crowd["content"].value_counts().top_k(1, by="count")["content"][0]
        copies = crowd.filter(pl.col("content").str.contains(greeting, literal=True))
        assert copies["account"].n_unique() > 0.6 * crowd["account"].n_unique()
        assert copies["time"].max() - copies["time"].min() < pl.select(pl.duration(hours=36)).item()
        assert (copies["outcome"] == "replied").mean() > 0.4


def test_agents_write_to_many_customers_in_shifts_and_get_answers(of):
    rows = of("call_centre")
    sent = rows.filter(action="message")
    per_agent = sent.group_by("account").agg(pl.len(), pl.col("target").n_unique().alias("customers"))
    assert per_agent["len"].mean() > 200
    assert (per_agent["customers"] / per_agent["len"]).mean() > 0.5
    assert (sent["outcome"] == "replied").mean() > 0.8
    office = sent.group_by("crowd").agg((pl.col("address") == pl.col("address").mode().first()).mean())
    assert office["address"].min() > 0.95
    for (_,), crowd in sent.group_by("crowd"):
        by_hour = crowd.group_by(pl.col("time").dt.hour()).len()["len"]
        assert (by_hour > 0.01 * by_hour.sum()).sum() <= 15  # the night is free


@pytest.mark.parametrize(
    ("kind", "role", "least"),
    [("household", "address", 0.3), ("campus_nat", "address", 0.08), ("office_nat", "address", 0.1),
     ("carrier_nat", "address", 0.97), ("shared_device", "device", 0.97)],
)  # fmt: skip
def test_who_shares_a_place_is_seen_there(of, kind: str, role: str, least: float):
    share = of(kind).group_by("crowd").agg((pl.col(role) == pl.col(role).mode().first()).mean())
    assert share[role].mean() > least


def test_a_campus_has_hundreds_behind_three_addresses(of):
    for (_,), campus in of("campus_nat").group_by("crowd"):
        crowded = (
            campus.group_by("address").agg(pl.col("account").n_unique())["account"].sort(descending=True)
        )
        assert crowded[2] > 40
        assert crowded[0] > 1.3 * crowded[5]  # the next are carriers' exits


def test_households_share_a_tablet(of):
    shared = of("household").group_by("crowd", "device").agg(pl.col("account").n_unique())
    assert (shared.filter(pl.col("account") > 1)["crowd"].n_unique()) > 150


def test_a_protest_shares_many_posts_in_a_few_evenings(of):
    rows = of("protest").filter(action="share")
    posts = _meetings(rows, 10)
    assert (posts.group_by("crowd").len()["len"] > 40).all()
    days = (
        rows.filter(pl.col("target").is_in(posts["target"].implode()))
        .group_by("crowd", pl.col("time").dt.date())
        .len()
    )
    busy = (
        days.sort("len", descending=True)
        .group_by("crowd")
        .agg(pl.col("len").head(4).sum() / pl.col("len").sum())
    )
    assert (busy["len"] > 0.9).all()


def test_viewers_act_in_the_same_seconds_every_week(of):
    moments = _meetings(of("live_event"), 8)
    assert moments["most_within_s"].median() < 60
    for (_,), crowd in moments.group_by("crowd"):
        evenings = (
            crowd.filter(pl.col("most_within_s") < 60)
            .group_by(pl.col("begins").dt.truncate("2h"))
            .len()
            .filter(pl.col("len") > 5)
        )
        assert 2 <= len(evenings) <= 4
        assert evenings["begins"].dt.weekday().n_unique() <= 2


def test_tools_act_on_the_minute_for_strangers(of, drawn):
    drawn = drawn(0)
    members = _groups(drawn, "scheduler_users").account
    rows = drawn.ordinary.take(np.isin(drawn.ordinary.account, members) & (drawn.ordinary.action == SHARE))
    assert np.mean(np.mod(rows.time, 900) < 5) > 0.6


def test_most_members_have_a_life_besides(of):
    for kind in ("fan_club", "classroom", "flash_sale", "festival_chain", "protest", "live_event"):
        rows = of(kind).filter(pl.col("target").str.starts_with("p"))
        met = _meetings(rows, 8).select("crowd", "target").with_columns(pl.lit(value=True).alias("met"))
        besides = rows.join(met, on=["crowd", "target"], how="left").filter(pl.col("met").is_null())
        assert besides["account"].n_unique() > 0.85 * rows["account"].n_unique(), kind


def test_pick_takes_different_people_who_are_free_and_allowed():
    platform = build_platform(1_000, 7, 0, seed=1)
    draft, rng = Draft(platform, next_number=1_000), generator(0, "test")
    allowed = np.arange(1_000) % 2 == 0
    for n in (5, 50, 300):
        picked = draft.pick(n, rng, allowed=allowed)
        assert len(picked) == n
        assert len(np.unique(picked)) == n
        assert allowed[picked].all()
        assert not np.isin(picked, platform.posts.creators).any()
    among = np.arange(100, 140)
    assert np.isin(draft.pick(10, rng, among), among).all()
    topped_up = draft.pick(100, rng, among)
    assert len(np.unique(topped_up)) == 100
    assert np.isin(among[draft.free[among]], topped_up).all()
    assert len(draft.pick(100, rng, allowed=np.arange(1_000) < 60)) == draft.free[:60].sum()


def test_gather_keeps_crowds_apart():
    groups = gather([np.array([5, 3]), np.array([9])], [7, 8])
    assert [groups.members(number).tolist() for number in range(len(groups))] == [[5, 3], [9]]
    assert groups.focus.tolist() == [7, 8]


def test_who_does_what_keeps_each_members_share():
    member, item = who_does_what(3, 20_000, np.array([0.1, 0.5, 1.0]), np.random.default_rng(0))
    assert np.bincount(member) / 20_000 == pytest.approx([0.1, 0.5, 1.0], abs=0.02)
    assert np.unique(np.stack([member, item]), axis=1).shape[1] == len(member)


def test_organic_delays_have_their_median_and_a_power_law_tail():
    delay = organic_delays(200_000, 3_000, np.random.default_rng(0))
    assert np.median(delay) == pytest.approx(3_020, rel=0.03)
    assert np.mean(delay > 30_000) == pytest.approx(1 / 11, rel=0.05)
    assert np.mean(delay > 300_000) == pytest.approx(1 / 101, rel=0.1)


def test_fans_like_more_than_they_only_look(of, events: pl.DataFrame):
    likes = of("fan_club").select((pl.col("action") == "like").mean()).item()
    assert likes > 1.15 * events.select((pl.col("action") == "like").mean()).item()
    assert LIKE == 1
