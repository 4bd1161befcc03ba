"""Who is on the platform and what there is to see: accounts and their habits, posts and their fame."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .rows import NONE, Floats, Ints, Mask, Rows, mix, uniform
from .style import Space, Style

DAY_S, HOUR_S, MINUTE_S = 86_400.0, 3_600.0, 60.0
SPACE_SIZE = 1 << 32
ADDRESS_BLOCKS = 48  # networks of /16 that the platform's users come from
CARRIER_EXITS = 24  # addresses behind which one carrier hides all its customers
STRANGERS_PER_ACCOUNT = 6  # people of the platform who may be written to but never act in the log
NICHES = 2  # small interests, beside the style's own, that live in one time zone each


@dataclass(frozen=True)
class People:
    """Accounts as arrays, one element an account. Crowds change some of it before anyone acts."""

    zone: Floats
    """Hours from UTC."""
    wake: Floats
    """Local hour of getting up; bedtime is 16.5 hours later."""
    interest: Ints
    second: Ints
    loyalty: Floats
    """Share of sessions on the first interest."""
    activity: Floats
    """Mean number of events of one's own life."""
    home: Ints
    office: Ints
    """Address by day from Monday to Friday; NONE: none."""
    carrier: Ints
    device: Ints

    def __len__(self) -> int:
        return len(self.zone)


@dataclass(frozen=True)
class Posts:
    """Posts sorted by (interest, birth)."""

    birth: Floats
    starts: Ints
    """Where each interest begins; one element more than there are interests."""
    attention: tuple[Floats, ...]
    """Of each interest: running sum of fame x exp(birth / lifetime). Attention decays by one factor for all
    posts, so the attention that the posts born by any moment have then is a prefix of this sum."""
    trending: Ints
    """Day x place -> post."""


@dataclass(frozen=True)
class Platform:
    """Everything that those who act can see."""

    style: Style
    people: People
    posts: Posts
    n_pages: int
    puppets: Ints
    """Accounts set aside for fleets, whether the world has fleets or not."""
    texts: list[str] = field(default_factory=list)
    """Texts that several accounts send; rows name them by ``NONE - 1 - position``."""

    @property
    def end(self) -> float:
        """Length of the world in seconds."""
        return self.style.days * DAY_S

    @property
    def innocents(self) -> Ints:
        """Accounts that belong to people."""
        return np.setdiff1d(np.arange(len(self.people)), self.puppets)

    def add_texts(self, texts: list[str]) -> Ints:
        """Register texts and name them."""
        first = len(self.texts)
        self.texts.extend(texts)
        return NONE - 1 - np.arange(first, len(self.texts))


def build_people(style: Style, accounts: int, rng: np.random.Generator) -> People:
    """Draw the accounts."""
    offsets, shares = zip(*style.zones, strict=True)
    blocks = rng.choice(np.arange(0x0B01, 0xDF00), ADDRESS_BLOCKS, replace=False)
    households = rng.integers(0, int(accounts * 0.8), accounts)
    home = (blocks[households % ADDRESS_BLOCKS] << 16) | (mix(households) >> np.uint64(48)).astype(np.int64)
    sizes = np.round(4 * (1 + rng.pareto(1.1, accounts // 40))).clip(3, accounts // 60)
    has_office = rng.random(accounts) < 0.35
    office_of = rng.choice(len(sizes), accounts, p=sizes / sizes.sum())
    office = (blocks[office_of % ADDRESS_BLOCKS] << 16) | (mix(7, office_of) >> np.uint64(48)).astype(
        np.int64
    )
    fame = (1 + np.arange(style.interests)) ** -0.7
    activity = rng.lognormal(-(style.activity_sigma**2) / 2, style.activity_sigma, accounts)
    return People(
        zone=rng.choice(offsets, accounts, p=shares),
        wake=rng.normal(7, 1.3, accounts),
        interest=rng.choice(style.interests, accounts, p=fame / fame.sum()),
        second=rng.integers(0, style.interests + NICHES, accounts),
        loyalty=rng.beta(8 * style.loyalty, 8 * (1 - style.loyalty), accounts),
        activity=np.minimum(activity, 25) * style.events_per_account,
        home=home,
        office=np.where(has_office, office, NONE),
        carrier=rng.choice(6, accounts, p=(0.36, 0.26, 0.18, 0.1, 0.06, 0.04)),
        device=np.arange(accounts, dtype=np.int64),
    )


def build_posts(style: Style, accounts: int, rng: np.random.Generator) -> Posts:
    """Draw posts: born by day, some before the log begins; fame is Pareto; the last interests are niches."""
    fame = (1 + np.arange(style.interests)) ** -0.7
    fame = np.append(fame / fame.sum() * (1 - NICHES * 0.012), np.full(NICHES, 0.012))
    n = int(style.posts * max(1.0, accounts / 20_000))
    counts = np.maximum(rng.multinomial(n, fame), 60)
    before = min(3 * style.lifetime_h * HOUR_S, 30 * DAY_S)
    births, attention = [], []
    for count in counts:
        birth = rng.uniform(-before, style.days * DAY_S, count)
        birth[0] = -before
        night = rng.random(count) < 0.35 * (
            1 + np.cos(2 * np.pi * (birth / DAY_S + style.zones[0][0] / 24 - 1 / 6))
        )
        birth = np.sort(np.where(night & (birth > 0), birth - 9 * HOUR_S, birth))
        weight = 1 + rng.pareto(style.popularity, count)
        births.append(birth)
        attention.append(np.cumsum(weight * np.exp(birth / (style.lifetime_h * HOUR_S))))
    trending = rng.integers(0, counts.sum(), (style.days, 25))
    starts = np.append(0, np.cumsum(counts))
    return Posts(np.concatenate(births), starts, tuple(attention), trending)


def target_of(space: Space, number: Ints) -> Ints:
    """Name a target: its space and its number there."""
    return np.asarray(number, dtype=np.int64) + SPACE_SIZE * int(space)


def local_time(people: People, account: Ints, time: Floats) -> Floats:
    """Tell the local time in seconds; day 0 is the world's first day in that zone."""
    return time + people.zone[account] * HOUR_S


def is_asleep(people: People, account: Ints, time: Floats) -> Mask:
    """Tell whether the owner is in bed: the 7.5 hours before getting up."""
    since_waking = (local_time(people, account, time) / HOUR_S - people.wake[account]) % 24
    return since_waking > 16.5


def wake_up(people: People, account: Ints, time: Floats) -> Floats:
    """Tell when the owner gets up next."""
    since_waking = (local_time(people, account, time) / HOUR_S - people.wake[account]) % 24
    return time + (24 - since_waking) * HOUR_S


def fill_in(platform: Platform, rows: Rows) -> Rows:
    """Give each row that has none its device and the address where its account is at that time.

    By day on weekdays at the office or school if there is one, else often behind the carrier's shared exits,
    else at home. Drawn by the account and the hour: it holds for some time and does not depend on other rows.
    """
    people, who = platform.people, rows.account
    hour = np.floor(rows.time / HOUR_S).astype(np.int64)
    local = local_time(people, who, rows.time)
    weekday = np.floor(local / DAY_S) % 7 < 5
    by_day = weekday & (np.abs(local % DAY_S / HOUR_S - 12.5) < 4.25)
    draw = uniform(11, who, hour)
    exit_ = (mix(5, who, hour // 5) % np.uint64(CARRIER_EXITS)).astype(np.int64)
    mobile = (0x6440 << 16) + (people.carrier[who] << 8) + exit_
    address = np.where(draw < 0.35, mobile, people.home[who])
    address = np.where(by_day & (people.office[who] != NONE) & (draw < 0.8), people.office[who], address)
    return rows.replace(
        address=np.where(rows.address == NONE, address, rows.address),
        device=np.where(rows.device == NONE, people.device[who], rows.device),
    )
