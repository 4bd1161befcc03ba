"""Innocent crowds: people who really do move together, for their own good reasons.

A crowd forms first (its members get their school, their shared tablet, their sign-up day), then everybody
lives, then the crowd acts on top of that. An account may be in several crowds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from samehand.simulation.chance import Floats, Ints, Mask
from samehand.simulation.rows import Rows
from samehand.simulation.world import Platform

FULL_SIZE_ACCOUNTS: Final = 20_000
"""Crowds have their real sizes on a platform this large; larger ones have more, smaller ones smaller."""


@dataclass(frozen=True)
class Groups:
    """All crowds of one kind."""

    account: Ints
    """Members, one crowd after another."""
    first: Ints
    """Where each crowd begins; one element more than there are crowds."""
    focus: Ints
    """What each crowd is about: a creator's place in ``posts.creators``, a day, a zone; by kind."""

    def __len__(self) -> int:
        return len(self.focus)

    def members(self, number: int) -> Ints:
        """Give the members of one crowd."""
        return self.account[self.first[number] : self.first[number + 1]]


def gather(crowds: list[Ints], focus: Ints | list[int] | None = None) -> Groups:
    """Make groups from one array of members a crowd."""
    first = np.cumsum([0, *(len(members) for members in crowds)])
    about = np.zeros(len(crowds), dtype=np.int64) if focus is None else np.asarray(focus, dtype=np.int64)
    return Groups(np.concatenate(crowds).astype(np.int64), first, about)


class Items:
    """Hands out numbers for new items: links, sale pages, streams. Their names look like those of posts."""

    def __init__(self, first: int) -> None:
        self._next = first

    def new(self, n: int) -> Ints:
        """Give n unused numbers."""
        self._next += n
        return np.arange(self._next - n, self._next)


@dataclass(frozen=True)
class Scene:
    """All crowds of one kind, ready to act."""

    platform: Platform
    groups: Groups
    items: Items
    rng: np.random.Generator


class Draft:
    """A platform whose crowds are forming: who may still be recruited for what."""

    def __init__(self, platform: Platform, next_number: int) -> None:
        n = platform.n_ordinary
        self.platform = platform
        self._next_number = next_number
        self.free: Mask = np.ones(n, dtype=bool)
        """Not a page, outlet or agent: those do nothing else."""
        self.placeless: Mask = np.ones(n, dtype=bool)
        """Without a school or office of a crowd."""
        self.homeless: Mask = np.ones(n, dtype=bool)
        """Without a home or line shared with a crowd."""
        self.free[platform.posts.creators] = False
        zone = platform.people.zone_s
        self._by_zone = {float(z): np.flatnonzero(zone == z) for z in np.unique(zone)}

    def pick(
        self, n: int, rng: np.random.Generator, among: Ints | None = None, allowed: Mask | None = None
    ) -> Ints:
        """Draw n different people, free and in ``allowed``, from ``among``; if those run out, from all.

        Fewer than n only where the whole platform has no more of them.
        """
        allowed = self.free if allowed is None else self.free & allowed
        pool = len(self.free) if among is None else len(among)
        draw = rng.integers(0, pool, 6 * n)
        account = draw if among is None else among[draw]
        _, first = np.unique(account, return_index=True)
        account = account[np.sort(first)]
        account = account[allowed[account]][:n]
        if len(account) < n:  # a small pool, or most of it is taken: go through all of it
            account = np.arange(pool) if among is None else among
            account = rng.permutation(account[allowed[account]])[:n]
        if len(account) < n and among is not None:
            others = np.setdiff1d(np.flatnonzero(allowed), account)
            account = np.append(account, rng.permutation(others)[: n - len(account)])
        return np.asarray(account)

    def compatriots(self, rng: np.random.Generator, n: int) -> Ints:
        """Give the people of one time zone, drawn by how many live there, with at least 3n of them."""
        zones = [zone for zone, who in self._by_zone.items() if len(who) >= 3 * n] or [
            max(self._by_zone, key=lambda zone: len(self._by_zone[zone]))
        ]
        size = np.array([len(self._by_zone[zone]) for zone in zones], dtype=np.float64)
        return self._by_zone[zones[int(rng.choice(len(zones), p=size / size.sum()))]]

    def community(self, number: int) -> Ints:
        """Give the people of one community."""
        circles = self.platform.circles
        return circles.member[circles.community_first[number] : circles.community_first[number + 1]]

    def numbers(self, n: int) -> Ints:
        """Give n numbers of homes and offices that nobody has yet."""
        self._next_number += n
        return np.arange(self._next_number - n, self._next_number)

    def seat(self, members: Ints, address: Ints, hours: tuple[float, float], share: Floats | float) -> None:
        """Give members a place (school, office) with these addresses, in use between two local hours."""
        e = self.platform.rig.equipment
        e.place[members] = address
        e.place_from[members], e.place_to[members] = hours
        e.place_share[members] = share
        e.pool_share[members] = 0.0
        self.placeless[members] = False


@dataclass(frozen=True)
class CrowdKind:
    """A kind of innocent crowd."""

    name: str
    count: float
    """Crowds on a platform of 20,000 accounts."""
    size: tuple[int, int]
    smallest: int
    """However small the platform."""
    form: Callable[[Draft, Ints, np.random.Generator], Groups]
    """Recruit members for crowds of the given sizes and change their lives as needed."""
    act: Callable[[Scene], Rows]
    """Draw what the members do because of the crowd."""

    def sizes(self, n_accounts: int, rng: np.random.Generator) -> Ints:
        """Draw the sizes of the crowds of a platform."""
        scale = n_accounts / FULL_SIZE_ACCOUNTS
        n = max(1, round(self.count * scale))
        size = rng.integers(self.size[0], self.size[1] + 1, n) * min(1.0, scale**0.5)
        return np.asarray(np.maximum(np.round(size).astype(np.int64), self.smallest))


def who_does_what(
    n_members: int, n_items: int, share: Floats | float, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Draw which member acts on which item: their places. ``share``: one for all, or one a member."""
    chance = np.broadcast_to(np.asarray(share), n_members)
    member, item = np.nonzero(rng.random((n_members, n_items)) < chance[:, None])
    return member, item


def organic_delays(n: int, median_s: float, rng: np.random.Generator) -> Floats:
    """Draw seconds from publication to reaction: a power law with the given median."""
    return np.asarray(median_s * (rng.random(n) ** -1.0 - 1)) + rng.uniform(4, 40, n)
