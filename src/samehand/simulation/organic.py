"""Ordinary life: sessions in the feed, chats with friends, new contacts, sign-ups, notifications."""

from __future__ import annotations

from typing import Final

import numpy as np

from samehand.simulation import rows as r
from samehand.simulation.chance import Floats, Ints, Mask, expand, generator, round_randomly
from samehand.simulation.rhythm import HOUR_S, MINUTE_S
from samehand.simulation.rows import Rows, join_rows, make_rows
from samehand.simulation.wording import write_chat, write_comments
from samehand.simulation.world import Platform

BLOCK: Final = 1 << 16
"""Accounts that are drawn at once, to bound memory."""

INTEREST_SHARES: Final = (0.7, 0.2)
"""Of the feed, for the main and the first side interest; the rest is the second."""
SESSION_EVENTS: Final = 3.5
SESSION_SIGMA: Final = 0.6
FEED_GAP_S: Final = 24.0
FEED_GAP_SIGMA: Final = 1.1

REACTION_SHARES: Final = (0.58, 0.14, 0.13, 0.15)
"""Of like, share, comment, follow among the reactions that are more than a view."""
LEAST_VIEWS: Final = 0.15
MORE_VIEWS: Final = 0.6
"""Share of views for those who react to everything, and what lurking adds to it."""

PASSED_ON: Final = 0.04
"""Share of the feed's events after which friends are shown the same thing."""
PASSED_TO: Final = 0.6
"""Mean number of friends beyond the first."""
PASSED_AFTER_S: Final = 15 * MINUTE_S
PASSED_SIGMA: Final = 1.4

BURST_MESSAGES: Final = 4.0
BURST_SIGMA: Final = 0.8
MAX_BURST: Final = 60
CHAT_GAP_S: Final = 15.0
CHAT_GAP_SIGMA: Final = 1.0
CHATS_WITH_FRIENDS: Final = 0.93
SPEAKS_AGAIN: Final = 0.25
ANSWERS_LATER: Final = 0.45
"""Share of the messages without an answer in the chat that get one some other way."""
STRANGER_BLOCKS: Final = 0.06
"""Share of the unanswered messages to people outside the circle that end in a block."""

NEW_CONTACTS: Final = 0.035
"""Friend requests per event of one's own life."""
CONTACT_SHAPE: Final = 0.35
"""Gamma shape: most people seldom ask; a few (sellers, recruiters, the sociable) ask very many."""
CONTACTS_NEARBY: Final = 0.6
ACCEPTS_NEARBY: Final = (0.8, 0.19)
"""Accepted, ignored; the rest blocks. Of friends' friends, then of strangers."""
ACCEPTS_STRANGER: Final = (0.38, 0.58)

FIRST_FOLLOWS: Final = 3.0
FIRST_STEP_S: Final = 28.0
"""Median pause between the steps of a new account."""

SUBSCRIBES: Final = 0.3
OPENS_PUSH: Final = 0.05
PUSH_MIN_S: Final = 5.0
PUSH_MEDIAN_S: Final = 22.0
PUSH_SIGMA: Final = 0.65


def ordinary_rows(platform: Platform) -> list[Rows]:
    """Draw the life of all ordinary accounts of a platform, in parts to be joined."""
    parts = []
    for number, first in enumerate(range(0, platform.n_ordinary, BLOCK)):
        account = np.arange(first, min(first + BLOCK, platform.n_ordinary))
        rng = generator(platform.seed, "life", number)
        n_events = 1 + rng.poisson(np.maximum(platform.people.activity[account] - 1, 0.05))
        life = live(platform, account, n_events, rng)
        life = join_rows([life, pass_on(platform, life, rng), sign_up(platform, account, rng)])
        parts.append(in_log(platform, life))
    return [*parts, in_log(platform, react_to_push(platform, generator(platform.seed, "push")))]


def in_log(platform: Platform, rows: Rows) -> Rows:
    """Leave out what is outside the log, before the account or its target signed up, or done to oneself."""
    signup = platform.people.signup
    inside = (rows.time < platform.window_s) & (rows.time >= np.maximum(signup[rows.account], 0))
    towards = np.flatnonzero(rows.target >= r.ACCOUNT_TARGET)
    whom = rows.target[towards] - r.ACCOUNT_TARGET
    inside[towards] &= (rows.time[towards] >= signup[whom]) & (rows.account[towards] != whom)
    return rows.take(inside)


def live(platform: Platform, account: Ints, n_events: Ints, rng: np.random.Generator) -> Rows:
    """Draw the own life of accounts, about ``n_events`` events each, and their chat partners' answers."""
    n_chat = rng.binomial(n_events, platform.people.social[account])
    keenness = rng.gamma(CONTACT_SHAPE, 1 / CONTACT_SHAPE, len(account))
    return join_rows(
        [
            browse(platform, account, n_events - n_chat, rng),
            chat(platform, account, n_chat, rng),
            befriend(platform, account, rng.poisson(NEW_CONTACTS * n_events * keenness), rng),
        ]
    )


def draw_sessions(
    platform: Platform, account: Ints, n_events: Ints, rng: np.random.Generator
) -> tuple[Ints, Floats]:
    """Spread events over sessions: (account, time) of each event, in sessions at each account's own hours."""
    per_session = np.clip(rng.lognormal(np.log(SESSION_EVENTS), SESSION_SIGMA, len(account)), 1, 40)
    n_sessions = np.ceil(n_events / per_session).astype(np.int64)
    first = np.cumsum(n_sessions) - n_sessions
    owner, _ = expand(n_events)
    session = np.sort(first[owner] + np.floor(rng.random(len(owner)) * n_sessions[owner]).astype(np.int64))
    host = np.repeat(account, n_sessions)
    start = platform.rhythm.draw_times(platform.people, host, rng)
    gap = rng.lognormal(np.log(FEED_GAP_S), FEED_GAP_SIGMA, len(session))
    return host[session], start[session] + since_first(session, gap)


def since_first(group: Ints, gap: Floats) -> Floats:
    """Sum gaps within each run of equal ``group``; the first of a run is at 0."""
    if len(group) == 0:
        return gap
    new = np.concatenate([[True], group[1:] != group[:-1]])
    total = np.cumsum(gap)
    start = total[np.flatnonzero(new)]
    return np.asarray(total - start[np.cumsum(new) - 1])


def browse(platform: Platform, account: Ints, n_events: Ints, rng: np.random.Generator) -> Rows:
    """Draw what each account does in its feed."""
    people, posts = platform.people, platform.posts
    who, time = draw_sessions(platform, account, n_events, rng)
    interest = np.searchsorted(np.cumsum(INTEREST_SHARES), rng.random(len(who)), side="right")
    post = posts.come_across(people.interests[who, interest].astype(np.int64), time, rng)
    post = posts.see_viral(post, time, rng)
    found = post >= 0
    return react(platform, who[found], time[found], post[found], rng)


def react(platform: Platform, who: Ints, time: Floats, item: Ints, rng: np.random.Generator) -> Rows:
    """Draw what each account does with the item it sees: looks, likes, shares, comments, follows."""
    views = LEAST_VIEWS + MORE_VIEWS * platform.people.lurking[who]
    u = (rng.random(len(who)) - views) / (1 - views)
    action = np.where(
        u < 0, r.VIEW, r.LIKE + np.searchsorted(np.cumsum(REACTION_SHARES[:3]), u, side="right")
    )
    is_post = item < len(platform.posts)
    action = np.where((action == r.FOLLOW) & ~is_post, r.LIKE, action)
    creator = platform.posts.creator[np.where(is_post, item, 0)] + r.ACCOUNT_TARGET
    commented = action == r.COMMENT
    return make_rows(
        time,
        who,
        action,
        np.where(action == r.FOLLOW, creator, item),
        texts=write_comments(platform.people.language[who[commented]], rng),
        said=commented,
    )


def pass_on(platform: Platform, life: Rows, rng: np.random.Generator) -> Rows:
    """Draw friends who are shown something by someone and react to it themselves, mostly within the hour."""
    feed = np.flatnonzero((life.action <= r.SHARE) & (rng.random(len(life)) < PASSED_ON))
    source = np.repeat(feed, 1 + rng.poisson(PASSED_TO, len(feed)))
    friend = platform.circles.friend(platform.people, life.account[source], rng)
    time = life.time[source] + rng.lognormal(np.log(PASSED_AFTER_S), PASSED_SIGMA, len(source))
    time = platform.rhythm.when_awake(platform.people, friend, time, rng)
    return react(platform, friend, time, life.target[source], rng)


def chat(platform: Platform, account: Ints, n_messages: Ints, rng: np.random.Generator) -> Rows:
    """Draw chats: bursts of messages to and fro; who sleeps does not answer."""
    people = platform.people
    starter = np.repeat(account, round_randomly(n_messages / BURST_MESSAGES / 1.35, rng))
    partner = platform.circles.friend(people, starter, rng)
    anyone = rng.random(len(starter)) > CHATS_WITH_FRIENDS
    partner = np.where(anyone, platform.circles.fellow(people.interests[starter, 0], rng), partner)
    start = platform.rhythm.draw_times(people, starter, rng)
    length = np.ceil(rng.lognormal(np.log(BURST_MESSAGES), BURST_SIGMA, len(starter))).astype(np.int64)
    away = rng.random(len(starter)) > 3 * platform.rhythm.level(people, partner, start)
    length = np.where(away, rng.integers(1, 3, len(starter)), np.minimum(length, MAX_BURST))
    burst, place = expand(length)
    time = start[burst] + since_first(burst, rng.lognormal(np.log(CHAT_GAP_S), CHAT_GAP_SIGMA, len(burst)))
    turn = (place + ((rng.random(len(burst)) < SPEAKS_AGAIN) & (place > 0))) % 2
    turn = np.where(away[burst], 0, turn)
    sender = np.where(turn == 0, starter[burst], partner[burst])
    receiver = np.where(turn == 0, partner[burst], starter[burst])
    answered = np.append((burst[1:] == burst[:-1]) & (turn[1:] != turn[:-1]), False)[: len(burst)]
    outcome = np.where(answered | (rng.random(len(burst)) < ANSWERS_LATER), r.REPLIED, r.IGNORED)
    stranger = anyone[burst] & ~answered
    outcome = np.where(stranger & (rng.random(len(burst)) < STRANGER_BLOCKS), r.BLOCKED, outcome)
    return make_rows(
        time,
        sender,
        r.MESSAGE,
        receiver + r.ACCOUNT_TARGET,
        outcome=outcome,
        texts=write_chat(people.language[sender], rng),
    )


def befriend(platform: Platform, account: Ints, n_requests: Ints, rng: np.random.Generator) -> Rows:
    """Draw friend requests, mostly to friends' friends, a few in one sitting."""
    who, time = draw_sessions(platform, account, n_requests, rng)
    nearby = rng.random(len(who)) < CONTACTS_NEARBY
    whom = np.where(
        nearby,
        platform.circles.neighbour(platform.people, who, rng),
        platform.circles.fellow(platform.people.interests[who, 0], rng),
    )
    outcome = draw_answers(nearby, rng)
    return make_rows(time, who, r.ADD_FRIEND, whom + r.ACCOUNT_TARGET, outcome=outcome)


def draw_answers(nearby: Mask, rng: np.random.Generator) -> Ints:
    """Draw how friend requests end, for friends' friends and for strangers."""
    u = rng.random(len(nearby))
    yes = np.where(nearby, ACCEPTS_NEARBY[0], ACCEPTS_STRANGER[0])
    ignored = yes + np.where(nearby, ACCEPTS_NEARBY[1], ACCEPTS_STRANGER[1])
    return np.select([u < yes, u < ignored], [r.ACCEPTED, r.IGNORED], r.BLOCKED)


def sign_up(platform: Platform, account: Ints, rng: np.random.Generator) -> Rows:
    """Draw the sign-ups of the accounts that are new, and their first steps: they follow who is popular."""
    new = account[np.isfinite(platform.people.signup[account])]
    signup = platform.people.signup[new]
    owner, _ = expand(rng.poisson(FIRST_FOLLOWS, len(new)))
    pause = rng.lognormal(np.log(FIRST_STEP_S), 0.9, len(owner))
    time = signup[owner] + 20 + pause + since_first(owner, pause)
    post = platform.posts.come_across(platform.people.interests[new[owner], 0].astype(np.int64), time, rng)
    found = post >= 0
    creator = platform.posts.creator[post[found]] + r.ACCOUNT_TARGET
    follows = make_rows(time[found], new[owner][found], r.FOLLOW, creator)
    registers = make_rows(signup, new, r.REGISTER, r.NONE)
    return join_rows([registers, follows])


def react_to_push(platform: Platform, rng: np.random.Generator) -> Rows:
    """Draw the subscribers who open a notification within seconds of the publication."""
    posts, people = platform.posts, platform.people
    pushed = np.flatnonzero(posts.pushed & (posts.birth >= 0))
    subscriber = np.flatnonzero(rng.random(platform.n_ordinary) < SUBSCRIBES)
    seen = posts.come_across(
        people.interests[subscriber, 0].astype(np.int64), np.full(len(subscriber), platform.window_s), rng
    )
    subscriber, creator = subscriber[seen >= 0], posts.creator[seen[seen >= 0]]
    order = np.argsort(creator, kind="stable")
    subscriber, creator = subscriber[order], creator[order]
    first = np.searchsorted(creator, posts.creator[pushed])
    audience = np.searchsorted(creator, posts.creator[pushed], side="right") - first
    post, place = expand(rng.binomial(audience, OPENS_PUSH))
    who = subscriber[first[post] + np.floor(rng.random(len(post)) * audience[post]).astype(np.int64)]
    time = posts.birth[pushed[post]] + push_delays(len(post), rng)
    awake = rng.random(len(post)) < np.sqrt(platform.rhythm.level(people, who, time))
    del place
    return react(platform, who[awake], time[awake], pushed[post][awake], rng)


def push_delays(n: int, rng: np.random.Generator) -> Floats:
    """Draw seconds from notification to reaction: 5 to 90 for nearly everyone."""
    return PUSH_MIN_S + rng.lognormal(np.log(PUSH_MEDIAN_S), PUSH_SIGMA, n)


def ordinary_passers_by(
    platform: Platform, item: Ints, born: Floats, n: int, rng: np.random.Generator
) -> Rows:
    """Draw n ordinary people who come across one of the items later, each in its own time."""
    who = rng.integers(0, platform.n_ordinary, n)
    place = rng.integers(0, len(item), n)
    time = born[place] + HOUR_S * (rng.random(n) ** -1.0 - 1) + 60
    time = platform.rhythm.when_awake(platform.people, who, time, rng)
    return react(platform, who, time, item[place], rng)
