"""Ordinary life: sessions by each account's own day, on what its interests show at that moment."""

from __future__ import annotations

import numpy as np

from .population import (
    DAY_S,
    HOUR_S,
    STRANGERS_PER_ACCOUNT,
    Platform,
    is_asleep,
    target_of,
    wake_up,
)
from .rows import NONE, Floats, Ints, Rows
from .style import HOURS, Space

GROUPS_PER_INTEREST = 12


def live(platform: Platform, accounts: Ints, counts: Ints, rng: np.random.Generator) -> Rows:
    """Let accounts do ``counts[i]`` things each, in sessions of a few."""
    style, people = platform.style, platform.people
    who = np.repeat(accounts, counts)
    rank = np.arange(len(who)) - np.repeat(np.cumsum(counts) - counts, counts)
    length = rng.geometric(1 / style.session_events, len(accounts))
    opens = rank % np.repeat(length, counts) == 0
    session = np.cumsum(opens) - 1
    owner = who[opens]

    gaps = np.where(opens, 0.0, rng.lognormal(np.log(style.gap_s), 0.9, len(who)))
    elapsed = np.cumsum(gaps)
    start = _session_starts(platform, owner, rng)
    time = start[session] + elapsed - elapsed[opens][session]
    first = rng.random(len(owner)) < people.loyalty[owner]
    interest = np.where(first, people.interest[owner], people.second[owner])
    return browse(platform, who, time, interest[session], rng)


def _session_starts(platform: Platform, owner: Ints, rng: np.random.Generator) -> Floats:
    style, people = platform.style, platform.people
    curve = np.array(HOURS[style.hours], dtype=float)
    week = np.where(np.arange(style.days) % 7 < 5, 1.0, style.weekend)
    day = rng.choice(style.days, len(owner), p=week / week.sum())
    hour = rng.choice(24, len(owner), p=curve / curve.sum()) + rng.random(len(owner)) + people.wake[owner] - 7
    return (day * DAY_S + (hour - people.zone[owner]) * HOUR_S) % platform.end


def browse(platform: Platform, who: Ints, time: Floats, interest: Ints, rng: np.random.Generator) -> Rows:
    """Do one thing at each given time, chosen as people of an interest do."""
    style = platform.style
    shares = np.array([action.share for action in style.actions])
    action = rng.choice(len(shares), len(who), p=shares / shares.sum())
    space = np.array([int(a.space) for a in style.actions])[action]
    befriends = action == (style.index(style.contact) if style.contact else NONE)
    target = np.full(len(who), NONE)
    for kind in Space:
        these = space == kind
        target[these] = choose_targets(platform, kind, who[these], time[these], interest[these], rng)
    return Rows.of(
        time,
        who,
        action,
        target,
        text=write_own(platform, action, rng),
        outcome=np.where(befriends, rng.random(len(who)) < 0.72, NONE),
    )


def write_own(platform: Platform, action: Ints, rng: np.random.Generator) -> Ints:
    """Draw the seed of a text of one's own for actions that carry a text."""
    has_text = np.array([a.text for a in platform.style.actions])[action]
    return np.where(has_text, rng.integers(0, 2**62, len(action)), NONE)


def choose_targets(
    platform: Platform, space: Space, who: Ints, time: Floats, interest: Ints, rng: np.random.Generator
) -> Ints:
    """Choose what each account turns to, by what is seen at that time in that interest."""
    n, u = len(who), rng.random(len(who))
    n_people = len(platform.people)
    if space is Space.POST:
        return target_of(space, _choose_posts(platform, time, interest, rng))
    if space is Space.PAGE:  # pages of an interest lie together; a few are famous
        width = platform.n_pages // (platform.style.interests + 2)
        own = interest * width + (width * u**3).astype(np.int64)
        return target_of(
            space, np.where(rng.random(n) < 0.6, own, (platform.n_pages * u**2.5).astype(np.int64))
        )
    if space is Space.PERSON:  # friends one writes to again and again; else someone known to many
        friend = ((who + 1) * 7919 + (14 * u**1.6).astype(np.int64) * 104_729) % n_people
        known = (n_people * STRANGERS_PER_ACCOUNT * u**2.2).astype(np.int64)
        return target_of(space, np.where(rng.random(n) < 0.7, friend, known))
    if space is Space.GROUP:
        slot = (who * 3 + (3 * u).astype(np.int64)) * 2_654_435_761 % GROUPS_PER_INTEREST
        return target_of(space, interest * GROUPS_PER_INTEREST + slot)
    return np.full(n, NONE)


def _choose_posts(platform: Platform, time: Floats, interest: Ints, rng: np.random.Generator) -> Ints:
    style, posts = platform.style, platform.posts
    chosen = np.empty(len(time), dtype=np.int64)
    u = rng.random(len(time))
    for number, sums in enumerate(posts.attention):
        these = np.flatnonzero(interest == number)
        birth = posts.birth[posts.starts[number] : posts.starts[number + 1]]
        born = np.maximum(np.searchsorted(birth, time[these], side="right"), 1)
        place = np.searchsorted(sums, u[these] * sums[born - 1], side="right")
        chosen[these] = posts.starts[number] + np.minimum(place, born - 1)
    branch = rng.random(len(time))
    day = np.clip(time // DAY_S, 0, style.days - 1).astype(np.int64)
    listed = posts.trending[day, (25 * rng.random(len(time)) ** 1.5).astype(np.int64)]
    cold = posts.starts[-1] + (style.tail * rng.random(len(time)) ** 1.3).astype(np.int64)
    chosen = np.where(branch < style.trending_share, listed, chosen)
    return np.where(branch > 1 - style.tail_share, cold, chosen)


def announce(platform: Platform, interest: int | Ints, times: Floats) -> tuple[Ints, Floats]:
    """Find what is new in an interest at given times, each post once. Times come back sorted."""
    order = np.argsort(times, kind="stable")
    posts = newest(platform, np.broadcast_to(interest, times.shape)[order], times[order])
    unique, first = np.unique(posts, return_index=True)
    by_time = np.argsort(first)
    return unique[by_time], times[order][first[by_time]]


def newest(platform: Platform, interests: Ints, times: Floats) -> Ints:
    """Find the post that was born last in each interest before each time."""
    posts = platform.posts
    found = np.empty(len(times), dtype=np.int64)
    for number in np.unique(interests):
        these = interests == number
        start, stop = posts.starts[number], posts.starts[number + 1]
        place = np.searchsorted(posts.birth[start:stop], times[these], side="right") - 1
        found[these] = start + np.maximum(place, 0)
    return target_of(Space.POST, found)


def schedule(
    platform: Platform,
    per_day: float,
    hours: tuple[float, float],
    zone: float,
    rng: np.random.Generator,
    *,
    weekdays: bool = False,
) -> Floats:
    """Draw times between two local hours, Poisson many a day."""
    days = np.arange(platform.style.days)
    days = days[days % 7 < 5] if weekdays else days
    day = np.repeat(days, rng.poisson(per_day, len(days)))
    time = day * DAY_S + (rng.uniform(*hours, len(day)) - zone) * HOUR_S
    return np.sort(time[(time >= 0) & (time < platform.end)])


def when_awake(platform: Platform, who: Ints, time: Floats, rng: np.random.Generator) -> Floats:
    """Put what falls into the night off until after getting up."""
    later = wake_up(platform.people, who, time) + rng.exponential(40 * 60, len(time))
    return np.where(is_asleep(platform.people, who, time), later, time)


def choose_reactions(platform: Platform, n: int, rng: np.random.Generator) -> Ints:
    """Draw what people do to posts that they like."""
    names, shares = zip(*platform.style.react, strict=True)
    numbers = np.array([platform.style.index(name) for name in names])
    return numbers[rng.choice(len(numbers), n, p=np.array(shares) / sum(shares))]


def respond(
    platform: Platform,
    members: Ints,
    posts: tuple[Ints, Floats],
    rng: np.random.Generator,
    *,
    share: float | Floats,
    median_s: float,
    sigma: float,
    most_s: float = np.inf,
    asleep: str = "later",
) -> Rows:
    """Let each member react to each post with probability ``share`` after a lognormal delay.

    Who is in bed then does it ``later``, ``never``, or all the same (``anyway``: a machine does it).
    """
    target, time = posts
    share_of = np.broadcast_to(np.asarray(share), len(members))
    member, post = np.nonzero(rng.random((len(members), len(target))) < share_of[:, None])
    delay = median_s * np.exp(sigma * rng.standard_normal(len(member)))
    delay = np.where(delay > most_s, rng.uniform(0.1, 1, len(member)) * most_s, delay)
    who, when = members[member], time[post] + delay
    action, goal = choose_reactions(platform, len(who), rng), target[post]
    keep = np.ones(len(who), dtype=bool)
    if asleep == "later":
        when = when_awake(platform, who, when, rng)
    elif asleep == "never":
        keep = ~is_asleep(platform.people, who, when)
    rows = Rows.of(when, who, action, goal, text=write_own(platform, action, rng))
    return rows.take(keep)


def sign_up(platform: Platform, rows: Rows, accounts: Ints, rng: np.random.Generator) -> Rows:
    """Let one account in 25 be new: it signs up just before its first event; half of them take the bonus."""
    style = platform.style
    new = accounts[rng.random(len(accounts)) < 0.04]
    first = np.full(len(platform.people), np.inf)
    np.minimum.at(first, rows.account, rows.time)
    new = new[np.isfinite(first[new])]
    when = first[new] - rng.uniform(40, 400, len(new))
    joined = Rows.of(when, new, style.index(style.sign_up or ""), NONE)
    taken = rng.random(len(new)) < 0.5
    bonus = take_bonus(platform, new[taken], when[taken] + rng.uniform(20, 39, int(taken.sum())), rng)
    return Rows.concat([joined, bonus])


def take_bonus(platform: Platform, who: Ints, time: Floats, rng: np.random.Generator) -> Rows:
    """Take what the platform gives to new accounts: one of its three campaigns."""
    style = platform.style
    action = style.index(style.bonus or "")
    campaign = target_of(style.actions[action].space, 3 + rng.integers(0, 3, len(who)))
    return Rows.of(time, who, action, campaign)
