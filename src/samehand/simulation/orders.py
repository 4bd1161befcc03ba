"""Orders: a customer buys likes, views, shares, comments or follows, and a fleet's members deliver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from samehand.simulation import rows as r
from samehand.simulation.chance import Floats, Ints
from samehand.simulation.crew import Crew
from samehand.simulation.pitches import write_praise
from samehand.simulation.rows import Rows, make_rows

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
_TRIES = 5


@dataclass(frozen=True)
class Orders:
    """Orders of one fleet as arrays."""

    time: Floats
    action: Ints
    target: Ints

    def __len__(self) -> int:
        return len(self.time)

    def without(self, dropped: Ints) -> Orders:
        """Give the orders but for some."""
        kept = np.setdiff1d(np.arange(len(self)), dropped)
        return Orders(self.time[kept], self.action[kept], self.target[kept])


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
    customer, back = _draw_customers(len(posts.creators), len(time), rng)
    orders = _order_posts(crew, time, customer, back)
    for _ in range(_TRIES):
        again = _repeated(orders)
        if len(again) == 0:
            break
        other = rng.integers(0, len(posts.creators), len(again))
        redrawn = _order_posts(crew, time[again], other, np.zeros(len(again), dtype=np.int64))
        for name in ("time", "action", "target"):
            getattr(orders, name)[again] = getattr(redrawn, name)
    return orders.without(_repeated(orders))


def _draw_customers(n_creators: int, n: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Draw (place of the customer, how many posts back) of each order; runs go back post by post."""
    customer, back = rng.integers(0, n_creators, n), np.zeros(n, dtype=np.int64)
    for first in np.flatnonzero(rng.random(n) < RUN_SHARE):
        run = slice(first, first + int(rng.integers(RUN_ORDERS[0], RUN_ORDERS[1] + 1)))
        customer[run] = customer[first]
        back[run] = np.arange(len(back[run]))
    return customer, back


def _order_posts(crew: Crew, time: Floats, customer: Ints, back: Ints) -> Orders:
    """Choose the post of each order. Orders for a customer's newest post come soon after it came out."""
    posts, rng = crew.platform.posts, crew.rng
    newest = (rng.random(len(time)) < NEWEST) | (back > 0)
    first, end = posts.creator_first[customer], posts.creator_first[customer + 1]
    own = [posts.birth[posts.by_creator[b:e]] for b, e in zip(first, end, strict=True)]
    out = np.array([np.searchsorted(birth, t) for birth, t in zip(own, time, strict=True)], dtype=np.int64)
    back = np.where(newest, back, rng.integers(0, RECENT_POSTS, len(time)))
    post = posts.by_creator[np.maximum(first, first + out - 1 - back)]
    soon = posts.birth[post] + rng.lognormal(np.log(NEWEST_AFTER_S), NEWEST_SIGMA, len(time))
    time = np.where(newest & (back == 0) & (soon >= crew.begins), soon, time)
    # A customer without a post so far pays ahead for the first one.
    time = np.maximum(time, posts.birth[post] + rng.exponential(PAID_AHEAD_S, len(time)))
    return Orders(time, rng.choice(len(BOOST_ACTIONS), len(time), p=BOOST_ACTIONS), post)


def _repeated(orders: Orders) -> Ints:
    """Give the orders of an action on a target that was ordered before: nobody buys the same likes twice."""
    _, first = np.unique(orders.target * len(r.ACTIONS) + orders.action, return_index=True)
    return np.setdiff1d(np.arange(len(orders)), first)


def draw_follow_orders(crew: Crew, factor: float) -> Orders:
    """Draw random customers who buy followers, each once."""
    creator = crew.rng.permutation(crew.platform.posts.creators)
    time = crew.rng.permutation(crew.order_times(factor))[: len(creator)]
    creator = creator[: len(time)].astype(np.int64)
    return Orders(time, np.full(len(time), r.FOLLOW), creator + r.ACCOUNT_TARGET)


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
