"""The platform before anything happens: calendar, people, circles, posts, equipment, in one frozen place."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Final

import numpy as np

from samehand.simulation.addresses import Addresses
from samehand.simulation.chance import Ints, generator
from samehand.simulation.devices import FIRST_SERVER, MODELS, Market
from samehand.simulation.equipment import (
    Equipment,
    Pool,
    Rig,
    Supply,
    build_carriers,
    draw_equipment,
    join_equipment,
    n_vpn_exits,
)
from samehand.simulation.people import (
    Circles,
    People,
    Society,
    draw_people,
    draw_society,
    form_circles,
    join_people,
)
from samehand.simulation.posts import Posts, draw_posts
from samehand.simulation.rhythm import DAY_S, Rhythm

CREATORS_WITH_SCHEDULER: Final = 0.06
"""Share of creators who use publishing software for some of what they do."""


@dataclass(frozen=True)
class Platform:
    """One platform. Crowds change ``people`` and ``rig`` while they form, before anyone acts."""

    seed: int
    n_ordinary: int
    """Accounts that belong to no fleet's own stock; fleets' own accounts have the numbers after them."""
    rhythm: Rhythm
    society: Society
    people: People
    circles: Circles
    posts: Posts
    rig: Rig
    supply: Supply

    @property
    def window_s(self) -> float:
        """Length of the log in seconds."""
        return self.rhythm.window_s

    def established(self) -> Ints:
        """Give the ordinary accounts that were there before the log began."""
        return np.flatnonzero(~np.isfinite(self.people.signup[: self.n_ordinary]))

    def joined(self, people: list[People], equipment: list[Equipment], pools: list[Pool]) -> Platform:
        """Give this platform with these accounts, its own first, and these pools of addresses."""
        rig = dataclasses.replace(self.rig, equipment=join_equipment(equipment), pools=pools)
        return dataclasses.replace(self, people=join_people(people), rig=rig)


def build_platform(n_accounts: int, days: int, first_weekday: int, seed: int) -> Platform:
    """Draw a platform with ``n_accounts`` ordinary accounts and no crowd yet."""
    rhythm = Rhythm(days, first_weekday, salt=seed)
    society = draw_society(n_accounts, days, generator(seed, "society"))
    rng = generator(seed, "people")
    people = draw_people(society, n_accounts, rng)
    circles = form_circles(people, society.n_communities, rng)
    set_signup_hours(people, rhythm, rng)
    posts = draw_posts(society, people, circles, rhythm, generator(seed, "posts"))
    people.signup[posts.creators] = -np.inf  # who publishes was there before
    rng = generator(seed, "equipment")
    addresses = Addresses(seed)
    market = Market(rhythm.window_s, rng)
    supply = Supply(addresses, build_carriers(n_accounts, addresses), market, rhythm.window_s)
    equipment = draw_equipment(people, supply, 0, rng)
    schedules = posts.creators[rng.random(len(posts.creators)) < CREATORS_WITH_SCHEDULER]
    equipment.second[schedules] = market.add(rng.integers(FIRST_SERVER, len(MODELS), len(schedules)), rng)
    vpn = Pool(addresses.hosting(np.arange(n_vpn_exits(n_accounts))), stay_s=DAY_S / 2)
    rig = Rig(equipment, market, supply.carriers.exits, [vpn])
    return Platform(seed, n_accounts, rhythm, society, people, circles, posts, rig, supply)


def set_signup_hours(people: People, rhythm: Rhythm, rng: np.random.Generator) -> None:
    """Turn sign-up days into moments of those days."""
    new = np.flatnonzero(np.isfinite(people.signup))
    day = (people.signup[new] / DAY_S).astype(np.int64)
    people.signup[new] = rhythm.on_day(people, new, day, rng)
