"""Who is on the platform: interests, time zones, habits, circles of friends."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Final

import numpy as np

from samehand.simulation.chance import Floats, Ints

ZONES: Final = (
    (8.0, 0.50),
    (7.0, 0.05),
    (9.0, 0.05),
    (5.5, 0.05),
    (1.0, 0.10),
    (0.0, 0.06),
    (-5.0, 0.12),
    (-8.0, 0.07),
)
"""Hours from UTC and the share of people who live there."""
CHINESE_ZONES: Final = (8.0, 7.0)
CHINESE_IN_ZONE: Final = 0.85
CHINESE_ELSEWHERE: Final = 0.06
ZONE_LOYALTY: Final = 0.65
"""Share of a community's people who live in its main zone."""

COMMUNITY_DIVISOR: Final = 2.4
COMMUNITY_TAIL: Final = 0.75
"""Communities' sizes fall as rank to minus this."""
SIDE_INTERESTS: Final = 2

EVENTS_PER_DAY: Final = 1.5
ACTIVITY_SIGMA: Final = 1.3
MAX_EVENTS_PER_DAY: Final = 60.0

NEW_PER_DAY: Final = 0.003
"""Share of the accounts that sign up on an ordinary day of the log."""
CAMPAIGN_DAYS_PER_WEEK: Final = 1.0
CAMPAIGN_WEIGHT: Final = 5.0

RHYTHM_WEIGHTS: Final = (0.38, 0.27, 0.17, 0.1, 0.08)
"""Share of people with each rhythm of ``rhythm.HOURS``."""
STUDENT: Final = 2

CHINESE, ENGLISH = 0, 1


@dataclass(frozen=True)
class People:
    """Accounts as arrays, one element an account."""

    zone_s: Floats
    """Seconds from UTC."""
    later_s: Floats
    """How much later than others this person gets up."""
    rhythm: Ints
    """Row of ``rhythm.HOURS``."""
    weekend: Floats
    """Activity on a weekend day against a weekday."""
    language: Ints
    interests: Ints
    """Communities, (accounts, 3): the main one first."""
    activity: Floats
    """Mean number of events of its own life in the whole log."""
    social: Floats
    """Share of its events that are messages."""
    lurking: Floats
    """0: reacts to everything; 1: looks only."""
    signup: Floats
    """Seconds; minus infinity: before the log."""
    place_in_order: Ints
    """Its own place in ``Circles.member``; for an outsider that of the friend it goes with."""
    circle: Ints

    def __len__(self) -> int:
        return len(self.zone_s)


def join_people(parts: list[People]) -> People:
    """Put people one after another."""
    names = (field.name for field in dataclasses.fields(People))
    return People(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


@dataclass(frozen=True)
class Circles:
    """Friends: accounts ordered by community, cut into circles."""

    member: Ints
    first: Ints
    size: Ints
    community_first: Ints
    """Where each community begins in ``member``; one element more than there are communities."""

    def friend(self, people: People, account: Ints, rng: np.random.Generator) -> Ints:
        """Draw a friend of each account; some are closer than others."""
        first, size = self.first[people.circle[account]], self.size[people.circle[account]]
        step = 1 + np.floor(rng.random(len(account)) ** 1.7 * (size - 1)).astype(np.int64)
        return np.asarray(self.member[first + (people.place_in_order[account] - first + step) % size])

    def neighbour(self, people: People, account: Ints, rng: np.random.Generator) -> Ints:
        """Draw a friend's friend: someone of a circle close by."""
        step = rng.integers(1, 4, len(account)) * rng.choice([-1, 1], len(account))
        circle = np.clip(people.circle[account] + step, 0, len(self.first) - 1)
        return np.asarray(self.member[self.first[circle] + rng.integers(0, self.size[circle])])

    def fellow(self, community: Ints, rng: np.random.Generator) -> Ints:
        """Draw anyone of each community."""
        first = self.community_first[community]
        n = np.maximum(self.community_first[community + 1] - first, 1)
        return np.asarray(self.member[np.minimum(first + rng.integers(0, n), len(self.member) - 1)])


@dataclass(frozen=True)
class Society:
    """What the draw of people needs to know about the whole platform."""

    community_weight: Floats
    community_zone: Floats
    days: int

    @property
    def n_communities(self) -> int:
        """Number of communities."""
        return len(self.community_weight)


def draw_society(n_accounts: int, days: int, rng: np.random.Generator) -> Society:
    """Draw the communities of a platform: heavy-tailed sizes, each at home in one time zone."""
    n = max(4, round(np.sqrt(n_accounts) / COMMUNITY_DIVISOR))
    weight = np.arange(1, n + 1) ** -COMMUNITY_TAIL * rng.lognormal(0, 0.3, n)
    zones, shares = np.array(ZONES).T
    return Society(weight / weight.sum(), rng.choice(zones, n, p=shares), days)


def draw_people(society: Society, n: int, rng: np.random.Generator) -> People:
    """Draw people with their habits; they belong to no circle yet."""
    zones, shares = np.array(ZONES).T
    interests = rng.choice(society.n_communities, (n, 1 + SIDE_INTERESTS), p=society.community_weight)
    zone = np.where(
        rng.random(n) < ZONE_LOYALTY, society.community_zone[interests[:, 0]], rng.choice(zones, n, p=shares)
    )
    chinese = np.where(np.isin(zone, CHINESE_ZONES), CHINESE_IN_ZONE, CHINESE_ELSEWHERE)
    mean = EVENTS_PER_DAY * society.days
    activity = mean * rng.lognormal(-(ACTIVITY_SIGMA**2) / 2, ACTIVITY_SIGMA, n)
    nobody = np.zeros(n, dtype=np.int64)
    return People(
        zone_s=zone * 3_600.0,
        later_s=np.clip(rng.normal(0, 1.1, n), -3, 4) * 3_600.0,
        rhythm=rng.choice(len(RHYTHM_WEIGHTS), n, p=RHYTHM_WEIGHTS).astype(np.int8),
        weekend=rng.lognormal(0.1, 0.4, n),
        language=np.where(rng.random(n) < chinese, CHINESE, ENGLISH).astype(np.int8),
        interests=interests.astype(np.int32),
        activity=np.minimum(activity, MAX_EVENTS_PER_DAY * society.days),
        social=rng.beta(1.2, 6.0, n),
        lurking=rng.beta(1.6, 1.6, n),
        signup=_draw_signups(n, society.days, rng),
        place_in_order=nobody,
        circle=nobody.astype(np.int32),
    )


def _draw_signups(n: int, days: int, rng: np.random.Generator) -> Floats:
    weight = np.ones(days)
    campaigns = rng.choice(days, max(1, round(days / 7 * CAMPAIGN_DAYS_PER_WEEK)), replace=False)
    weight[campaigns] = CAMPAIGN_WEIGHT
    day = rng.choice(days, n, p=weight / weight.sum())
    new = rng.random(n) < NEW_PER_DAY * weight.sum()
    return np.where(new, day.astype(np.float64) * 86_400.0, -np.inf)


def form_circles(people: People, n_communities: int, rng: np.random.Generator) -> Circles:
    """Cut the people of each community into circles of 4 to 19 friends, and note it in ``people``."""
    n = len(people)
    home = people.interests[:, 0]
    # Friends mostly live in one zone and share a language; the rest of the order is chance.
    nearness = people.zone_s + rng.normal(0, 4 * 3_600.0, n)
    member = np.lexsort((nearness, home))
    sizes = 4 + np.minimum(rng.geometric(0.22, n // 4 + 1), 16) - 1
    ends = np.cumsum(sizes)
    n_circles = max(1, int(np.searchsorted(ends, n, side="right")))
    first = np.concatenate([[0], ends[: n_circles - 1]])
    size = np.diff(np.append(first, n))
    people.place_in_order[member] = np.arange(n)
    people.circle[member] = np.repeat(np.arange(n_circles), size)
    community_first = np.searchsorted(home[member], np.arange(n_communities + 1))
    return Circles(member, first, size, community_first)
