"""What there is to see: posts with their creators and their fame, and how people come across them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from samehand.simulation.chance import Floats, Ints, Mask, round_randomly
from samehand.simulation.people import Circles, People, Society
from samehand.simulation.rhythm import DAY_S, HOUR_S, Rhythm

POSTS_PER_ACCOUNT_DAY: Final = 0.06
EARLIER_DAYS: Final = 4
"""Posts of these days before the log are still seen in it."""
CREATORS_PER_MEMBER: Final = 0.02
MIN_CREATORS: Final = 4
"""In each community."""
FAME_TAIL: Final = 1.3
"""Pareto exponent of the creators' fame."""
MAX_FAME: Final = 400.0
POST_SIGMA: Final = 1.0
"""Posts of one creator differ by a log-normal factor."""
PUSHING_CREATORS: Final = 0.15
"""Share of creators whose followers get a notification at publication."""

LOOKBACK_MEDIAN_S: Final = 1.2 * HOUR_S
LOOKBACK_TAIL: Final = 1.0
"""How far back people look in a feed: a power law, so that the delay of a reaction is one as well."""
MIN_LOOKBACK_S: Final = 120.0
LATEST_POSTS: Final = 2
"""However recent a look, it shows this many posts."""

VIRAL_PER_DAY: Final = 1.2
"""At 20,000 accounts; grows with the square root of the accounts."""
VIRAL_AFTER_S: Final = 2 * HOUR_S
"""Mean time from publication until a post goes viral."""
VIRAL_RISE_S: Final = (0.4 * HOUR_S, 2.5 * HOUR_S)
"""Time to the peak."""
VIRAL_PEAK: Final = 0.05
"""Least share of all attention at the peak; the shares have a Pareto tail."""
VIRAL_TAIL: Final = 0.75
MAX_VIRAL_PEAK: Final = 0.6
VIRAL_AFTERGLOW: Final = 0.15
"""What is left once the peak is over, against the peak; fades as one over the age."""
VIRAL_BIN_S: Final = 900.0
MAX_VIRAL_SHARE: Final = 0.55
"""Most of all attention that viral posts get at any time."""


@dataclass(frozen=True)
class Posts:
    """Posts sorted by (community, birth)."""

    community: Ints
    creator: Ints
    birth: Floats
    """Seconds; negative before the log."""
    fame_sum: Floats
    """Running sum of fame, from 0; one element more than there are posts."""
    pushed: Mask
    """Subscribers are notified at birth."""
    by_creator: Ints
    """Posts ordered by (creator, birth)."""
    creators: Ints
    """Accounts that publish, ascending."""
    creator_first: Ints
    """Where each of ``creators`` begins in ``by_creator``; one element more."""
    creator_fame: Floats
    creator_community: Ints
    viral: Ints
    viral_share: Floats
    """Share of all attention that viral posts get, by bin of ``VIRAL_BIN_S``."""
    viral_cdf: Floats
    """Bin number plus the running share of each viral post in the bin, flattened."""

    def __len__(self) -> int:
        return len(self.birth)

    def of(self, creator_place: int) -> Ints:
        """Give the posts of ``creators[creator_place]``, oldest first."""
        return self.by_creator[self.creator_first[creator_place] : self.creator_first[creator_place + 1]]

    def come_across(self, community: Ints, time: Floats, rng: np.random.Generator) -> Ints:
        """Draw the post that someone in each community sees at each time; -1 where there is none.

        Whoever looks back by H sees a post of the last H by fame. H has a power-law tail, so has the delay.
        """
        back = LOOKBACK_MEDIAN_S * (rng.random(len(time)) ** (-1 / LOOKBACK_TAIL) - 1) + MIN_LOOKBACK_S
        span = 10 * (self.birth.max() - self.birth.min() + DAY_S)
        key = self.community * span + self.birth
        high = np.searchsorted(key, community * span + time)
        low = np.searchsorted(key, community * span + np.maximum(time - back, -EARLIER_DAYS * DAY_S))
        begins = np.searchsorted(self.community, community)
        low = np.minimum(low, np.maximum(high - LATEST_POSTS, begins))
        fame = self.fame_sum[low] + rng.random(len(time)) * (self.fame_sum[high] - self.fame_sum[low])
        post = np.searchsorted(self.fame_sum, fame, side="right") - 1
        return np.where(high > low, np.clip(post, low, np.maximum(high - 1, 0)), -1)

    def see_viral(self, post: Ints, time: Floats, rng: np.random.Generator) -> Ints:
        """Give ``post`` with the viral ones in the places where people see those instead."""
        bins = np.minimum((time / VIRAL_BIN_S).astype(np.int64), len(self.viral_share) - 1)
        rows = np.flatnonzero(rng.random(len(time)) < self.viral_share[bins])
        place = np.searchsorted(self.viral_cdf, bins[rows] + rng.random(len(rows)), side="right")
        chosen = self.viral[np.minimum(place - bins[rows] * len(self.viral), len(self.viral) - 1)]
        seen = post.copy()
        born = self.birth[chosen] < time[rows]
        seen[rows[born]] = chosen[born]
        return seen


def draw_posts(
    society: Society, people: People, circles: Circles, rhythm: Rhythm, rng: np.random.Generator
) -> Posts:
    """Draw creators in every community, what they publish at their local hours, and what goes viral."""
    creators, fame = _draw_creators(people, circles, rng)
    days = society.days + EARLIER_DAYS
    rate = rng.lognormal(0, 0.8, len(creators)) * fame**0.25
    count = round_randomly(rate / rate.sum() * POSTS_PER_ACCOUNT_DAY * len(people) * days, rng)
    place = np.repeat(np.arange(len(creators)), np.maximum(count, 1))
    birth = _draw_births(people, creators[place], rhythm, rng)
    weight = fame[place] * rng.lognormal(0, POST_SIGMA, len(place))
    community = people.interests[creators[place], 0].astype(np.int64)
    order = np.lexsort((birth, community))
    place, birth, weight, community = place[order], birth[order], weight[order], community[order]
    pushing = rng.random(len(creators)) < PUSHING_CREATORS
    viral, share, cdf = _draw_viral(birth, weight, people, rhythm, rng)
    return Posts(
        community=community,
        creator=creators[place],
        birth=birth,
        fame_sum=np.concatenate([[0.0], np.cumsum(weight)]),
        pushed=pushing[place],
        by_creator=np.lexsort((birth, place)),
        creators=creators,
        creator_first=np.searchsorted(np.sort(place), np.arange(len(creators) + 1)),
        creator_fame=fame,
        creator_community=people.interests[creators, 0].astype(np.int64),
        viral=viral,
        viral_share=share,
        viral_cdf=cdf,
    )


def _draw_creators(people: People, circles: Circles, rng: np.random.Generator) -> tuple[Ints, Floats]:
    size = np.diff(circles.community_first)
    n = np.minimum(size, MIN_CREATORS + np.round(size * CREATORS_PER_MEMBER).astype(np.int64))
    # The first n of each community in a random order of its people are its creators.
    draw = np.lexsort((rng.random(len(people)), people.interests[:, 0]))
    place = np.arange(len(people)) - np.repeat(circles.community_first[:-1], size)
    creators = np.sort(draw[place < np.repeat(n, size)])
    return creators, np.minimum(rng.pareto(FAME_TAIL, len(creators)) + 0.2, MAX_FAME)


def _draw_births(people: People, creator: Ints, rhythm: Rhythm, rng: np.random.Generator) -> Floats:
    """Draw births over the log and the days before it; the latter repeat the log's days."""
    birth = rhythm.draw_times(people, creator, rng)
    early = rng.random(len(birth)) < EARLIER_DAYS / (EARLIER_DAYS + rhythm.days)
    return np.where(early, np.mod(birth, EARLIER_DAYS * DAY_S) - EARLIER_DAYS * DAY_S, birth)


def _draw_viral(
    birth: Floats, weight: Floats, people: People, rhythm: Rhythm, rng: np.random.Generator
) -> tuple[Ints, Floats, Floats]:
    """Draw the viral posts and the share of all attention that each has over time."""
    n = max(2, round(VIRAL_PER_DAY * rhythm.days * np.sqrt(len(people) / 20_000)))
    in_log = np.flatnonzero(birth >= 0)
    chance = weight[in_log] ** 0.5
    n = min(n, len(in_log))
    viral = rng.choice(in_log, n, replace=False, p=chance / chance.sum())
    onset = birth[viral] + rng.exponential(VIRAL_AFTER_S, n)
    rise = rng.uniform(*VIRAL_RISE_S, n)
    peak = np.minimum(VIRAL_PEAK * (1 + rng.pareto(VIRAL_TAIL, n)), MAX_VIRAL_PEAK)
    bins = (np.arange(int(np.ceil(rhythm.window_s / VIRAL_BIN_S))) + 0.5) * VIRAL_BIN_S
    age = np.maximum(bins[:, None] - onset, 0) / rise
    share = peak * age * np.exp(1 - age) + VIRAL_AFTERGLOW * peak * (age > 0) / (1 + age)
    total = share.sum(axis=1)
    running = np.cumsum(share, axis=1) / np.maximum(total, 1e-12)[:, None]
    cdf = np.where(total[:, None] > 0, running, 1.0) + np.arange(len(bins), dtype=np.float64)[:, None]
    return np.asarray(viral), np.minimum(total, MAX_VIRAL_SHARE), cdf.ravel()
