"""Orders: a customer buys likes, views, shares, comments or follows, and a fleet's members deliver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from samehand.simulate import rows as r
from samehand.simulate.chance import Floats, Ints
from samehand.simulate.crew import Crew
from samehand.simulate.pitches import write_praise
from samehand.simulate.posts import Posts
from samehand.simulate.rows import Rows, make_rows

BOOST_ACTIONS: Final = (0.25, 0.42, 0.22, 0.11)
"""Orders of views, likes, shares, comments."""
RUN_SHARE: Final = 0.2
"""Share of customers who order for several of their posts in a row."""
RUN_ORDERS: Final = (2, 6)
NEWEST: Final = 0.6
"""Share of orders that are for the customer's newest post, soon after it came out."""
NEWEST_AFTER_S: Final = 4_000.0
NEWEST_SIGMA: Final = 1.2
RECENT_POSTS: Final = 8
"""The others are for one of its latest posts."""
PAID_AHEAD_S: Final = 600.0
"""An order of a customer who has no post yet begins about this long after the first."""


@dataclass(frozen=True)
class Orders:
    """Orders of one fleet as arrays."""

    time: Floats
    action: Ints
    target: Ints

    def __len__(self) -> int:
        return len(self.time)

    def take(self, chosen: Ints) -> Orders:
        """Give the chosen orders."""
        return Orders(self.time[chosen], self.action[chosen], self.target[chosen])


def boost(crew: Crew, factor: float = 1.0) -> Rows:
    """Sell likes, views, shares and comments on customers' posts."""
    return serve_orders(crew, draw_boost_orders(crew, factor))


def follow_farm(crew: Crew, factor: float = 1.0) -> Rows:
    """Sell followers."""
    return serve_orders(crew, draw_follow_orders(crew, factor))


def draw_boost_orders(crew: Crew, factor: float) -> Orders:
    """Draw random customers of all communities, some with a run of posts, and the post of each order."""
    posts, rng = crew.platform.posts, crew.rng
    time = crew.order_times(factor)
    place = rng.integers(0, len(posts.creators), len(time))
    for first in np.flatnonzero(rng.random(len(time)) < RUN_SHARE):
        place[first : first + rng.integers(RUN_ORDERS[0], RUN_ORDERS[1] + 1)] = place[first]
    newest = rng.random(len(time)) < NEWEST
    post = _recent_posts(posts, place, time, np.where(newest, 1, RECENT_POSTS), rng)
    soon = posts.birth[post] + rng.lognormal(np.log(NEWEST_AFTER_S), NEWEST_SIGMA, len(time))
    time = np.where(newest & (soon >= crew.begins), soon, time)
    # A customer without a post so far pays ahead for the first one.
    time = np.maximum(time, posts.birth[post] + rng.exponential(PAID_AHEAD_S, len(time)))
    return _distinct(Orders(time, rng.choice(len(BOOST_ACTIONS), len(time), p=BOOST_ACTIONS), post))


def _recent_posts(posts: Posts, place: Ints, time: Floats, n_latest: Ints, rng: np.random.Generator) -> Ints:
    """Draw one of the ``n_latest`` posts of each customer at each time, or the first if none is out."""
    first, end = posts.creator_first[place], posts.creator_first[place + 1]
    own = [posts.birth[posts.by_creator[b:e]] for b, e in zip(first, end, strict=True)]
    out = [np.searchsorted(birth, t) for birth, t in zip(own, time, strict=True)]
    latest = first + np.maximum(np.array(out, dtype=np.int64) - 1, 0)
    oldest = np.maximum(first, latest - n_latest + 1)
    chosen = oldest + np.floor(rng.random(len(time)) * (latest - oldest + 1)).astype(np.int64)
    return np.asarray(posts.by_creator[chosen])


def draw_follow_orders(crew: Crew, factor: float) -> Orders:
    """Draw random customers who buy followers."""
    time = crew.order_times(factor)
    creator = crew.rng.choice(crew.platform.posts.creators, len(time))
    return _distinct(Orders(time, np.full(len(time), r.FOLLOW), creator + r.ACCOUNT_TARGET))


def _distinct(orders: Orders) -> Orders:
    """Keep one order of each action on each target: nobody pays twice for the same likes."""
    _, first = np.unique(orders.target * len(r.ACTIONS) + orders.action, return_index=True)
    return orders.take(np.sort(first))


def serve_orders(crew: Crew, orders: Orders) -> Rows:
    """Let members carry out each order: the first of them at once, the others within the level's delay."""
    hands, rng = crew.deal(len(orders)), crew.rng
    delay = rng.uniform(0, crew.evasion.order_delay_s, hands.shape)
    delay[:, 0] = 0.0
    order = np.repeat(np.arange(len(orders)), crew.n_serving)
    who, action = hands.ravel(), orders.action[order]
    commented = action == r.COMMENT
    language = crew.platform.people.language[who[commented]]
    return make_rows(
        orders.time[order] + delay.ravel(),
        who,
        action,
        orders.target[order],
        order=order,
        texts=write_praise(crew.evasion.texts, order[commented], language, rng),
        said=commented,
    )
