"""What innocent crowds do together, each for its own reason."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import texts
from .life import announce, browse, choose_targets, respond, schedule, write_own
from .population import DAY_S, HOUR_S, MINUTE_S, Platform, local_time, target_of
from .rows import Floats, Ints, Rows
from .style import Space


@dataclass(frozen=True)
class Crowd:
    """One crowd. Its members also live their own lives."""

    name: str
    kind: str
    members: Ints


def _lead(platform: Platform, crowd: Crowd) -> tuple[int, float]:
    """Interest and zone that the crowd has in common."""
    chief = crowd.members[0]
    return int(platform.people.interest[chief]), float(platform.people.zone[chief])


def fan_club(platform: Platform, crowd: Crowd, rng: np.random.Generator) -> Rows:
    """Follow one channel: react to most of its two to three posts a day, soon if awake."""
    interest, zone = _lead(platform, crowd)
    posts = announce(platform, interest, schedule(platform, 2.5, (8, 23), zone, rng))
    devotion = rng.beta(6.5, 3.5, len(crowd.members))
    return respond(platform, crowd.members, posts, rng, share=devotion, median_s=720, sigma=1.3)


def editorial_team(platform: Platform, crowd: Crowd, rng: np.random.Generator) -> Rows:
    """Push one's own newsroom's stories, in office hours, within the hour."""
    interest, zone = _lead(platform, crowd)
    posts = announce(platform, interest, schedule(platform, 6, (8.5, 17), zone, rng, weekdays=True))
    return respond(platform, crowd.members, posts, rng, share=0.55, median_s=1100, sigma=0.9, asleep="never")


def classroom(platform: Platform, crowd: Crowd, rng: np.random.Generator) -> Rows:
    """Open what the teacher shows, by a timetable, on the school's tablets behind its one address."""
    _, zone = _lead(platform, crowd)
    lessons = [
        day * DAY_S + hour * HOUR_S for day in range(platform.style.days) for hour in _TIMETABLE[day % 7]
    ]
    times = np.repeat(np.array(lessons) - zone * HOUR_S, 2)
    times = times + np.where(np.arange(len(times)) % 2, 25, 4) * MINUTE_S + rng.uniform(0, 120, len(times))
    times = times[(times > 0) & (times < platform.end)]
    posts = announce(platform, rng.integers(0, platform.style.interests, len(times)), times)
    rows = respond(
        platform, crowd.members, posts, rng, share=0.9, median_s=70, sigma=0.7, most_s=600, asleep="anyway"
    )
    school = platform.people.office[crowd.members[0]]
    tablet = len(platform.people) + crowd.members[0] * 64 + rng.integers(0, 30, len(rows))
    return rows.replace(address=school, device=tablet)


_TIMETABLE = ((10,), (8, 13), (), (10, 11), (9,), (), ())  # local hours of the lessons, Monday first


def brand_ambassadors(platform: Platform, crowd: Crowd, rng: np.random.Generator) -> Rows:
    """Share each post of one's employer on the day; some let a tool do it within minutes."""
    interest, zone = _lead(platform, crowd)
    posts = announce(platform, interest, schedule(platform, 1.3, (9, 11), zone, rng, weekdays=True))
    tool = rng.random(len(crowd.members)) < 0.2
    hand, by_tool = crowd.members[~tool], crowd.members[tool]
    by_hand = respond(platform, hand, posts, rng, share=0.85, median_s=6500, sigma=1.0, most_s=36_000)
    at_once = respond(
        platform, by_tool, posts, rng, share=0.97, median_s=80, sigma=0.6, most_s=300, asleep="anyway"
    )
    return Rows.concat([by_hand, at_once])


def flash_sale_hunters(platform: Platform, crowd: Crowd, rng: np.random.Generator) -> Rows:
    """Wait for the sale at 10:00 and 20:00 sharp and grab several of its few items within seconds.

    A thousand others of the platform come too, now and then; they are no crowd and get no label.
    """
    style = platform.style
    days = np.arange(style.days)
    times = np.sort(np.concatenate([days * DAY_S + (h - style.zones[0][0]) * HOUR_S for h in (10.0, 20.0)]))
    times = times[times > 0]
    items = rng.integers(0, platform.posts.starts[-3], (len(times), 5))
    guests = rng.choice(platform.innocents, len(platform.innocents) // 20, replace=False)
    habit = np.concatenate([rng.beta(3, 3, len(crowd.members)), np.full(len(guests), 0.15)])
    who = np.concatenate([crowd.members, guests])
    one, sale = np.nonzero(rng.random((len(who), len(times))) < habit[:, None])
    n_items = rng.integers(1, 4, len(one))
    row = np.repeat(np.arange(len(one)), n_items)
    step = np.arange(len(row)) - np.repeat(np.cumsum(n_items) - n_items, n_items)
    quick = np.where(one < len(crowd.members), 3.5, 25.0)
    delay = quick * rng.lognormal(0, 0.8, len(one))
    pick = (rng.integers(0, 5, len(one))[row] + step) % 5
    time = times[sale[row]] + delay[row] + step * rng.uniform(4, 14, len(row))
    action = np.where(rng.random(len(row)) < 0.7, style.index("grab_coupon"), style.index("order"))
    return Rows.of(time, who[one[row]], action, target_of(Space.POST, items[sale[row], pick]))


def push_reactors(platform: Platform, crowd: Crowd, rng: np.random.Generator) -> Rows:
    """Open the platform's two notifications a day within a minute, most of them; many others now and then."""
    style = platform.style
    times = schedule(platform, 2, (12, 21), style.zones[0][0], rng)
    posts = announce(platform, rng.integers(0, style.interests, len(times)), times)
    eager = rng.beta(4, 2.5, len(crowd.members))
    fast = respond(platform, crowd.members, posts, rng, share=eager, median_s=26, sigma=0.8, asleep="never")
    others = np.setdiff1d(platform.innocents, crowd.members)
    slow = respond(platform, others, posts, rng, share=0.04, median_s=240, sigma=1.3, asleep="never")
    return Rows.concat([fast, slow])


def launch_day(platform: Platform, crowd: Crowd, rng: np.random.Generator) -> Rows:
    """Rally, launch or match: one evening, four posts, hundreds of people within an hour."""
    interest, zone = _lead(platform, crowd)
    start = (platform.style.days // 2 + 1) * DAY_S + (18 - zone) * HOUR_S
    posts = announce(platform, interest, start + np.array([0, 20, 45, 80]) * MINUTE_S)
    return respond(platform, crowd.members, posts, rng, share=0.6, median_s=900, sigma=1.0, asleep="never")


def only_live(_platform: Platform, _crowd: Crowd, _rng: np.random.Generator) -> Rows:
    """Do nothing together but what the common interest and the common hours bring about."""
    return Rows.empty()


def school_nat(platform: Platform, crowd: Crowd, rng: np.random.Generator) -> Rows:
    """Look at the phone in the breaks, all behind the school's one address."""
    n_days = platform.style.days
    chance = np.where(np.arange(n_days) % 7 < 5, 0.2, 0.0)
    parts = []
    for start, minutes in ((9.75, 15), (11.5, 20), (13.0, 45)):
        pupil, day = np.nonzero(rng.random((len(crowd.members), n_days)) < chance)
        who = np.repeat(crowd.members[pupil], 2)
        local = np.repeat(day, 2) * DAY_S + start * HOUR_S + rng.uniform(0, minutes * MINUTE_S, len(who))
        parts.append(_browse_own(platform, who, local, rng))
    return Rows.concat(parts)


def night_shift(platform: Platform, crowd: Crowd, rng: np.random.Generator) -> Rows:
    """Be on duty from 22 to 6, on the phone mostly in the break at two."""
    nights = rng.random((len(crowd.members), platform.style.days)) < 0.6
    worker, day = np.repeat(np.array(np.nonzero(nights)), 3, axis=1)
    in_break = rng.random(len(worker)) < 0.6
    hour = np.where(in_break, rng.uniform(26, 26.5, len(worker)), rng.uniform(22, 30, len(worker)))
    return _browse_own(platform, crowd.members[worker], day * DAY_S + hour * HOUR_S, rng)


def _browse_own(platform: Platform, who: Ints, local: Floats, rng: np.random.Generator) -> Rows:
    time = local - local_time(platform.people, who, np.zeros(len(who)))
    return browse(platform, who, time, platform.people.interest[who], rng)


def family_tablet(platform: Platform, crowd: Crowd, rng: np.random.Generator) -> Rows:
    """Show each other things on the tablet that the family shares."""
    n = int(rng.poisson(8))
    shower = rng.choice(crowd.members, n)
    evening = rng.integers(0, platform.style.days, n) * DAY_S + rng.uniform(17, 21.5, n) * HOUR_S
    shown = _browse_own(platform, shower, evening, rng)
    shown = shown.take(shown.target < target_of(Space.PAGE, np.zeros(1, dtype=np.int64)))
    other = rng.choice(crowd.members, len(shown))
    copied = Rows.of(
        shown.time + 20 + rng.exponential(150, len(shown)),
        other,
        shown.action,
        shown.target,
        text=write_own(platform, shown.action, rng),
    )
    return Rows.concat([shown, copied.take((rng.random(len(shown)) < 0.5) & (other != shown.account))])


def festival_greetings(platform: Platform, crowd: Crowd, rng: np.random.Generator) -> Rows:
    """Pass a greeting on to one's friends on the eve, in one go; in a forum, to three threads."""
    style, people = platform.style, platform.people
    codes = platform.add_texts(list(texts.GREETINGS[texts.language(style.name)]))
    action = style.index(style.message or "")
    n_sent = rng.integers(2, 9, len(crowd.members))
    who = np.repeat(crowd.members, n_sent)
    step = np.arange(len(who)) - np.repeat(np.cumsum(n_sent) - n_sent, n_sent)
    eve = 4 * DAY_S - people.zone[crowd.members] * HOUR_S  # the first Friday, 09.02.2024 in the chat
    at_midnight = rng.random(len(crowd.members)) < 0.25
    hour = np.where(at_midnight, 24 + rng.exponential(0.08, len(eve)), rng.normal(20.5, 1.5, len(eve)))
    time = np.repeat(eve + hour * HOUR_S, n_sent) + step * rng.uniform(2, 6, len(who))
    if style.actions[action].space is Space.POST:
        threads = rng.integers(0, platform.posts.starts[-3], 3)
        target = target_of(Space.POST, threads[step % 3])
    else:
        target = choose_targets(platform, Space.PERSON, who, time, people.interest[who], rng)
    text = np.repeat(rng.choice(codes, len(crowd.members)), n_sent)
    return Rows.of(time, who, action, target, text=text)


def customer_service(platform: Platform, crowd: Crowd, rng: np.random.Generator) -> Rows:
    """Answer strangers with set phrases, one after the other, in office hours and from one office."""
    codes = platform.add_texts(texts.service_texts(platform.style.name))
    _, zone = _lead(platform, crowd)
    parts = []
    for clerk in crowd.members:
        time = schedule(platform, 35, (9, 18), zone, rng, weekdays=True)
        time = time[rng.random(len(time)) < 0.8]
        stranger = rng.integers(0, len(platform.people) * 6, len(time))
        action = platform.style.index(platform.style.message or "")
        text = rng.choice(codes, len(time))
        parts.append(Rows.of(time, int(clerk), action, target_of(Space.PERSON, stranger), text=text))
    return Rows.concat(parts)


def feed_readers(platform: Platform, crowd: Crowd, rng: np.random.Generator) -> Rows:
    """Look every 5 to 30 minutes, most by the round clock, and post what is new: bots of different owners."""
    interest, zone = _lead(platform, crowd)
    target, born = announce(platform, interest, schedule(platform, 14, (6, 23), zone, rng))
    parts = []
    for bot in crowd.members:
        period = float(rng.choice([5, 10, 15, 30])) * MINUTE_S
        phase = 0.0 if rng.random() < 0.6 else rng.uniform(0, period)
        wanted = rng.random(len(target)) < rng.uniform(0.5, 1)
        looked = np.ceil((born[wanted] - phase) / period) * period + phase
        time = looked + rng.uniform(1, 20) + rng.exponential(4, len(looked))
        action = platform.style.index(platform.style.react[0][0])
        parts.append(Rows.of(time, int(bot), action, target[wanted]))
    return Rows.concat(parts)


def coupon_group(platform: Platform, crowd: Crowd, rng: np.random.Generator) -> Rows:
    """Pass four links a day in a chat group; who is there clicks within ten minutes."""
    _, zone = _lead(platform, crowd)
    times = schedule(platform, 4, (9, 22.5), zone, rng)
    posts = announce(platform, rng.integers(0, platform.style.interests, len(times)), times)
    zeal = rng.beta(3, 4, len(crowd.members))
    return respond(
        platform, crowd.members, posts, rng, share=zeal, median_s=150, sigma=0.9, most_s=600, asleep="never"
    )
