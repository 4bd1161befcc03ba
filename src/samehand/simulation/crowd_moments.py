"""Crowds of one moment: sales, launches, festival greetings, protests, live streams."""

from __future__ import annotations

from typing import Final

import numpy as np

from samehand.simulation import rows as r
from samehand.simulation.chance import Ints, expand
from samehand.simulation.crowd import Draft, Groups, Scene, gather, who_does_what
from samehand.simulation.organic import ordinary_passers_by, react
from samehand.simulation.rhythm import DAY_S, HOUR_S, MINUTE_S
from samehand.simulation.rows import Rows, join_rows, make_rows
from samehand.simulation.wording import write_greetings
from samehand.simulation.world import Platform

SALE_DAYS: Final = 4
SALE_HOURS: Final = (10.0, 12.0, 20.0)
COMES_TO_SALE: Final = 0.7
SALE_DELAY_S: Final = 45.0
"""Median delay after the doors open."""
PASSERS_BY: Final = 0.6
"""Other people who come later, against the members, for things that everyone can see."""

NEW_AT_LAUNCH: Final = 0.4
LAUNCH_HOUR: Final = 10.0
EARLY_BIRDS: Final = 0.35
EARLY_S: Final = 40 * MINUTE_S
LAUNCH_POSTS: Final = 3
LOOKS_AT_LAUNCH_POST: Final = 0.6

FORWARDS_TO: Final = (3, 14)
FORWARD_GAP_S: Final = 7.0
GREETING_ANSWERED: Final = 0.55
TO_OWN_CIRCLE: Final = 0.7
GREETING_HOURS: Final = ((9.0, 1.6), (20.0, 1.8))

PROTEST_POSTS: Final = (25, 60)
PROTEST_EVENINGS: Final = 3
COMES_TO_PROTEST: Final = 0.7
PROTEST_SHARES: Final = (5, 20)
PROTEST_ACTIONS: Final = (0.1, 0.2, 0.62, 0.08)
"""Of view, like, share, comment."""

COMES_TO_STREAM: Final = 0.75
STREAM_S: Final = HOUR_S
STREAM_MOMENTS: Final = (15, 35)
"""Polls, clips and questions that pop up during one stream."""
ANSWERS_MOMENT: Final = 0.35
MOMENT_DELAY_S: Final = 9.0

SLOTS_A_DAY: Final = (1, 3)
SCHEDULE_HOURS: Final = (7, 8, 8, 9, 9, 10, 12, 12, 13, 15, 17, 18, 18, 19, 20, 20, 21, 22)
ROUND_MINUTES: Final = (0.6, 0.08, 0.26, 0.06)
"""On the hour, a quarter past, half past, a quarter to."""
KEEPS_SLOT: Final = 0.8
SCHEDULE_SPREAD_S: Final = 5.0


def form_neighbours(draft: Draft, sizes: Ints, rng: np.random.Generator) -> Groups:
    """Gather people of one time zone each."""
    crowds = [draft.pick(int(size), rng, draft.compatriots(rng, int(size))) for size in sizes]
    return gather(crowds)


def act_flash_sale(scene: Scene) -> Rows:
    """Hundreds hit one page in the first minutes, on several days; others come later."""
    platform, groups, items, rng = scene.platform, scene.groups, scene.items, scene.rng
    parts = []
    for number in range(len(groups)):
        members = groups.members(number)
        hour = rng.choice(SALE_HOURS)
        for day in platform.rhythm.draw_days(rng, SALE_DAYS):
            page = items.new(1)
            opens = platform.rhythm.at_local(platform.people, int(members[0]), int(day), hour)
            who = members[rng.random(len(members)) < COMES_TO_SALE]
            time = opens + SALE_DELAY_S * rng.weibull(0.7, len(who)) / np.log(2) ** (1 / 0.7)
            parts.append(react(platform, who, time, np.repeat(page, len(who)), rng))
            n_later = round(PASSERS_BY * len(members))
            parts.append(ordinary_passers_by(platform, page, np.full(1, opens), n_later, rng))
    return join_rows(parts)


def form_launch_day(draft: Draft, sizes: Ints, rng: np.random.Generator) -> Groups:
    """Gather those who join an app's launch; some of them sign up for it that day."""
    platform = draft.platform
    old = ~np.isfinite(platform.people.signup[: platform.n_ordinary])
    crowds = []
    for size in sizes:  # nobody signs up for two
        crowds.append(draft.pick(int(size), rng, draft.compatriots(rng, int(size)), old))
        old[crowds[-1]] = False
    groups = gather(crowds)
    days = np.array([platform.rhythm.draw_day(rng) for _ in range(len(groups))])
    for number, day in enumerate(days):
        members = groups.members(number)
        new = members[: round(NEW_AT_LAUNCH * len(members))]
        platform.people.signup[new] = _launch_times(platform, new, int(day), rng)
    return Groups(groups.account, groups.first, days)


def _launch_times(platform: Platform, members: Ints, day: int, rng: np.random.Generator) -> Ints:
    opens = np.mod(
        platform.rhythm.at_local(platform.people, int(members[0]), day, LAUNCH_HOUR), platform.window_s
    )
    later = platform.rhythm.on_day(platform.people, members, np.full(len(members), day), rng)
    early = (rng.random(len(members)) < EARLY_BIRDS) | (later < opens)
    return np.where(
        early, np.minimum(opens + rng.exponential(EARLY_S, len(members)), platform.window_s - 1), later
    )


def act_launch_day(scene: Scene) -> Rows:
    """Members follow the app's account and look at its first posts within minutes of arriving."""
    platform, groups, items, rng = scene.platform, scene.groups, scene.items, scene.rng
    parts = []
    creators = rng.choice(platform.posts.creators, len(groups))
    for number, day in enumerate(groups.focus):
        members = groups.members(number)
        signup = platform.people.signup[members]
        arrives = np.where(np.isfinite(signup), signup, _launch_times(platform, members, int(day), rng))
        arrives = arrives + rng.lognormal(np.log(70), 0.8, len(members))
        parts.append(make_rows(arrives, members, r.FOLLOW, int(creators[number]) + r.ACCOUNT_TARGET))
        page = items.new(LAUNCH_POSTS)
        member, place = who_does_what(len(members), LAUNCH_POSTS, LOOKS_AT_LAUNCH_POST, rng)
        time = arrives[member] + rng.lognormal(np.log(60), 1.0, len(member))
        parts.append(react(platform, members[member], time, page[place], rng))
        born = np.repeat(arrives.min(), LAUNCH_POSTS)
        parts.append(ordinary_passers_by(platform, page, born, round(PASSERS_BY * len(members)), rng))
    return join_rows(parts)


def act_festival_chain(scene: Scene) -> Rows:
    """On one day, members forward one greeting to their friends, a few seconds apart."""
    platform, groups, rng = scene.platform, scene.groups, scene.rng
    people, parts = platform.people, []
    for number in range(len(groups)):
        members = groups.members(number)
        day = platform.rhythm.draw_day(rng)
        middle, spread = np.array(GREETING_HOURS)[rng.integers(0, len(GREETING_HOURS), len(members))].T
        hour = np.clip(rng.normal(middle, spread), 6.5, 23.9)
        start = np.mod(day * DAY_S + hour * HOUR_S - people.zone_s[members], platform.window_s)
        member, place = expand(rng.integers(FORWARDS_TO[0], FORWARDS_TO[1] + 1, len(members)))
        time = start[member] + place * FORWARD_GAP_S * rng.lognormal(0, 0.3, len(member))
        who = members[member]
        close = rng.random(len(who)) < TO_OWN_CIRCLE
        whom = np.where(
            close, platform.circles.friend(people, who, rng), platform.circles.neighbour(people, who, rng)
        )
        outcome = np.where(rng.random(len(who)) < GREETING_ANSWERED, r.REPLIED, r.IGNORED)
        texts = write_greetings(2 * int(people.language[members[0]]) + number % 2, len(who), rng)
        target = whom + r.ACCOUNT_TARGET
        parts.append(make_rows(time, who, r.MESSAGE, target, outcome=outcome, texts=texts))
    return join_rows(parts)


def act_protest(scene: Scene) -> Rows:
    """In a few evenings, members share many posts on one matter; passers-by share some."""
    platform, groups, items, rng = scene.platform, scene.groups, scene.items, scene.rng
    parts = []
    for number in range(len(groups)):
        members = groups.members(number)
        n_evenings = min(PROTEST_EVENINGS, platform.rhythm.days)
        first_day = platform.rhythm.draw_day(rng, n_evenings)
        for day in range(first_day, first_day + n_evenings):
            opens = platform.rhythm.at_local(platform.people, int(members[0]), day, 18.5)
            post = items.new(int(rng.integers(PROTEST_POSTS[0], PROTEST_POSTS[1] + 1)))
            born = opens + np.sort(rng.beta(1.6, 2.2, len(post))) * 5 * HOUR_S
            who = members[rng.random(len(members)) < COMES_TO_PROTEST]
            member, _ = expand(rng.integers(PROTEST_SHARES[0], PROTEST_SHARES[1] + 1, len(who)))
            # Early posts are famous ones: they are passed on most.
            chosen = np.floor(len(post) * rng.random(len(member)) ** 1.5).astype(np.int64)
            time = born[chosen] + rng.exponential(25 * MINUTE_S, len(member)) + 5
            action = rng.choice(len(PROTEST_ACTIONS), len(member), p=PROTEST_ACTIONS)
            plain = action != r.COMMENT
            parts.append(make_rows(time[plain], who[member[plain]], action[plain], post[chosen[plain]]))
            parts.append(react(platform, who[member[~plain]], time[~plain], post[chosen[~plain]], rng))
            parts.append(ordinary_passers_by(platform, post, born, round(PASSERS_BY * len(members)), rng))
    return join_rows(parts)


def act_live_event(scene: Scene) -> Rows:
    """Viewers of a weekly stream act in the same seconds for an hour, whenever something pops up."""
    platform, groups, items, rng = scene.platform, scene.groups, scene.items, scene.rng
    parts = []
    for number in range(len(groups)):
        members = groups.members(number)
        first_day, hour = int(rng.integers(0, min(6, platform.rhythm.days))), float(rng.uniform(18.5, 21.0))
        for day in range(first_day, platform.rhythm.days, 7):
            starts = platform.rhythm.at_local(platform.people, int(members[0]), day, hour)
            who = members[rng.random(len(members)) < COMES_TO_STREAM]
            joins = starts + rng.exponential(4 * MINUTE_S, len(who))
            parts.append(react(platform, who, joins, np.repeat(items.new(1), len(who)), rng))
            moment = items.new(int(rng.integers(STREAM_MOMENTS[0], STREAM_MOMENTS[1] + 1)))
            pops = starts + rng.uniform(0, STREAM_S, len(moment))
            member, place = who_does_what(len(who), len(moment), ANSWERS_MOMENT, rng)
            time = pops[place] + 1.5 + rng.lognormal(np.log(MOMENT_DELAY_S), 0.8, len(place))
            there = time > joins[member]
            parts.append(react(platform, who[member[there]], time[there], moment[place[there]], rng))
    return join_rows(parts)


def form_strangers(draft: Draft, sizes: Ints, rng: np.random.Generator) -> Groups:
    """Gather people who have nothing to do with one another."""
    return gather([draft.pick(int(size), rng) for size in sizes])


def act_scheduler_users(scene: Scene) -> Rows:
    """Let a tool share something for each member at the same round times every day; many choose the same."""
    platform, groups, rng = scene.platform, scene.groups, scene.rng
    members = groups.account
    owner, _ = expand(rng.integers(SLOTS_A_DAY[0], SLOTS_A_DAY[1] + 1, len(members)))
    hour = rng.choice(SCHEDULE_HOURS, len(owner)) + rng.choice(
        (0.0, 0.25, 0.5, 0.75), len(owner), p=ROUND_MINUTES
    )
    slot, day = np.nonzero(rng.random((len(owner), platform.rhythm.days)) < KEEPS_SLOT)
    who = members[owner[slot]]
    time = np.mod(day * DAY_S + hour[slot] * HOUR_S - platform.people.zone_s[who], platform.window_s)
    time = time + rng.uniform(0.2, SCHEDULE_SPREAD_S, len(time))
    post = platform.posts.come_across(platform.people.interests[who, 0].astype(np.int64), time, rng)
    found = post >= 0
    return make_rows(time[found], who[found], r.SHARE, post[found])
