"""Crowds around a creator or a publisher: fans, notification readers, newsrooms, brands with a scheduler."""

from __future__ import annotations

from typing import Final

import numpy as np

from samehand.simulation import rows as r
from samehand.simulation.chance import Floats, Ints, Mask
from samehand.simulation.crowd import Draft, Groups, Scene, gather, organic_delays, who_does_what
from samehand.simulation.devices import FIRST_SERVER
from samehand.simulation.equipment import Pool
from samehand.simulation.organic import push_delays, react
from samehand.simulation.posts import Posts
from samehand.simulation.rhythm import MINUTE_S
from samehand.simulation.rows import Rows, join_rows, make_rows

FAN_DEVOTION: Final = (7.0, 2.5)
"""Beta distribution of the share of its creator's posts that a fan reacts to."""
FAN_DELAY_S: Final = 50 * MINUTE_S
FANS_OF_COMMUNITY: Final = 0.7
FAN_LURKING: Final = 0.4
"""Fans look only this much as often as others."""
OPENS_EVERY_PUSH: Final = (4.0, 4.0)
"""Beta distribution of the share of notifications that the keen open."""
OUTLET_SHARES: Final = 0.75
"""Share of the house's articles that each outlet shares."""
OUTLET_DELAY_S: Final = 100.0
PAGE_JOINS: Final = 0.93
SCHEDULER_SPREAD_S: Final = 1.5
STAFF_LIFE: Final = 0.3
"""Activity of an outlet or page beside its schedule, against a person's."""
PUBLISHER_HOSTING: Final = 1 << 16
"""Servers of publishers are numbered from here."""
BRAND_POSTS: Final = 30
"""Most campaign posts of one brand in the log."""


def _in_log(posts: Posts, place: int) -> Ints:
    own = posts.of(place)
    return np.asarray(own[posts.birth[own] >= 0])


def _n_in_log(posts: Posts, chosen: Mask | None = None) -> Ints:
    """Count each creator's posts in the log, all or those of ``chosen`` posts."""
    counted = posts.birth >= 0 if chosen is None else (posts.birth >= 0) & chosen
    return np.bincount(np.searchsorted(posts.creators, posts.creator[counted]), minlength=len(posts.creators))


def _draw_stars(weight: Floats, n: int, rng: np.random.Generator) -> Ints:
    """Draw different creators by weight; if there are fewer, some twice."""
    n_possible = int(np.count_nonzero(weight))
    return rng.choice(len(weight), n, replace=n_possible < n, p=weight / weight.sum())


def form_fan_club(draft: Draft, sizes: Ints, rng: np.random.Generator) -> Groups:
    """Gather devoted fans of one busy creator each, most of them from its community."""
    posts = draft.platform.posts
    n_posts = _n_in_log(posts)
    enough = min(10, int(np.sort(n_posts)[-min(len(n_posts), 2 * len(sizes))]))
    stars = _draw_stars(np.where(n_posts >= enough, np.sqrt(posts.creator_fame), 0.0), len(sizes), rng)
    clubs = []
    for star, size in zip(stars, sizes, strict=True):
        near = draft.pick(
            round(size * FANS_OF_COMMUNITY), rng, draft.community(int(posts.creator_community[star]))
        )
        clubs.append(np.union1d(near, draft.pick(int(size) - len(near), rng)))
    groups = gather(clubs, stars)
    draft.platform.people.lurking[groups.account] *= FAN_LURKING
    return groups


def act_fan_club(scene: Scene) -> Rows:
    """Fans react to most posts of their creator, each in its own time."""
    platform, groups, rng = scene.platform, scene.groups, scene.rng
    parts = []
    for number, star in enumerate(groups.focus):
        members, own = groups.members(number), _in_log(platform.posts, int(star))
        member, item = who_does_what(len(members), len(own), rng.beta(*FAN_DEVOTION, len(members)), rng)
        time = platform.posts.birth[own[item]] + organic_delays(len(item), FAN_DELAY_S, rng)
        time = platform.rhythm.when_awake(platform.people, members[member], time, rng)
        parts.append(react(platform, members[member], time, own[item], rng))
    return join_rows(parts)


def form_push_reactors(draft: Draft, sizes: Ints, rng: np.random.Generator) -> Groups:
    """Gather people who have one creator's notifications on and open them at once."""
    posts = draft.platform.posts
    n_posts = _n_in_log(posts, posts.pushed)
    enough = min(8, int(np.sort(n_posts)[-min(len(n_posts), 2 * len(sizes))]))
    stars = _draw_stars((n_posts >= max(enough, 1)).astype(np.float64), len(sizes), rng)
    return gather(
        [
            draft.pick(int(size), rng, draft.community(int(posts.creator_community[star])))
            for star, size in zip(stars, sizes, strict=True)
        ],
        stars,
    )


def act_push_reactors(scene: Scene) -> Rows:
    """Whoever is awake reacts within 5 to 90 seconds of the publication."""
    platform, groups, rng = scene.platform, scene.groups, scene.rng
    parts = []
    for number, star in enumerate(groups.focus):
        members, own = groups.members(number), _in_log(platform.posts, int(star))
        member, item = who_does_what(len(members), len(own), rng.beta(*OPENS_EVERY_PUSH, len(members)), rng)
        time = platform.posts.birth[own[item]] + push_delays(len(item), rng)
        awake = rng.random(len(item)) < np.sqrt(platform.rhythm.level(platform.people, members[member], time))
        parts.append(react(platform, members[member][awake], time[awake], own[item][awake], rng))
    return join_rows(parts)


def _staff(draft: Draft, pages: list[Ints], software: tuple[int, ...], rng: np.random.Generator) -> None:
    """Put the accounts of each publisher behind one piece of software on one server."""
    e, rig, supply = draft.platform.rig.equipment, draft.platform.rig, draft.platform.supply
    for members in pages:
        model = np.full(1, FIRST_SERVER + rng.choice(software))
        e.phone[members] = supply.market.add(model, rng, same_version=True)
        e.reset_s[members] = np.inf
        e.second[members] = -1
        e.place[members] = -1
        rig.pools.append(
            Pool(supply.addresses.hosting(np.array([PUBLISHER_HOSTING + len(rig.pools)])), stay_s=1e9)
        )
        e.pool[members] = len(rig.pools) - 1
        e.pool_share[members] = 0.97
        draft.platform.people.activity[members] *= STAFF_LIFE
        draft.free[members] = False


def form_newsroom(draft: Draft, sizes: Ints, rng: np.random.Generator) -> Groups:
    """Make creators of one community the outlets of one publisher: one content system, one address."""
    posts, taken = draft.platform.posts, np.zeros(len(draft.platform.posts.creators), dtype=bool)
    by_size = np.argsort(-np.bincount(posts.creator_community), kind="stable")
    communities = rng.permutation(by_size[: max(2 * len(sizes), 4)])[: len(sizes)]
    rooms, focus = [], []
    for place, size in enumerate(sizes):
        home = communities[place % len(communities)]
        able = np.flatnonzero((posts.creator_community == home) & ~taken)
        chosen = rng.permutation(able)[:size]
        taken[chosen] = True
        rooms.append(posts.creators[chosen])
        focus.append(int(home))
    _staff(draft, rooms, (0, 1), rng)
    return gather(rooms, focus)


def act_newsroom(scene: Scene) -> Rows:
    """Outlets share each other's articles within minutes of publication."""
    platform, groups, rng = scene.platform, scene.groups, scene.rng
    parts = []
    for number in range(len(groups)):
        members = groups.members(number)
        own = np.flatnonzero(np.isin(platform.posts.creator, members) & (platform.posts.birth >= 0))
        member, item = who_does_what(len(members), len(own), OUTLET_SHARES, rng)
        others = members[member] != platform.posts.creator[own[item]]
        member, item = member[others], item[others]
        time = platform.posts.birth[own[item]] + 3 + rng.exponential(OUTLET_DELAY_S, len(item))
        parts.append(make_rows(time, members[member], r.SHARE, own[item]))
    return join_rows(parts)


def form_brand_schedule(draft: Draft, sizes: Ints, rng: np.random.Generator) -> Groups:
    """Make creators of all countries the pages of one brand with one scheduler; the first leads."""
    posts = draft.platform.posts
    able = draft.platform.people.activity[posts.creators] > 0
    able &= ~np.isin(posts.creators, np.flatnonzero(draft.platform.rig.equipment.pool > 0))
    places = rng.permutation(np.flatnonzero(able))
    n_posts = _n_in_log(posts)
    pages = []
    for size in sizes:
        chosen, places = places[:size], places[size:]
        pages.append(posts.creators[chosen[np.argsort(-n_posts[chosen], kind="stable")]])
    _staff(draft, pages, (2, 3), rng)
    return gather(pages)


def act_brand_schedule(scene: Scene) -> Rows:
    """The scheduler shares each campaign post of the head office on all pages at the same instant."""
    platform, groups, rng = scene.platform, scene.groups, scene.rng
    parts = []
    for number in range(len(groups)):
        members = groups.members(number)
        own = _in_log(platform.posts, int(np.searchsorted(platform.posts.creators, members[0])))[:BRAND_POSTS]
        member, item = who_does_what(len(members) - 1, len(own), PAGE_JOINS, rng)
        time = platform.posts.birth[own[item]] + rng.uniform(0.05, SCHEDULER_SPREAD_S, len(item))
        parts.append(make_rows(time, members[1 + member], r.SHARE, own[item]))
    return join_rows(parts)
