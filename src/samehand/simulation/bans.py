"""Bans: the platform closes part of a fleet's accounts, and the hand behind it goes on with new ones in their place."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Final

import numpy as np

from samehand.simulation.chance import Floats, Ints, generator
from samehand.simulation.equipment import Equipment, take_equipment
from samehand.simulation.evasion import DAY_S, HOUR_S, DeviceUse, Evasion
from samehand.simulation.fleet_rig import draw_stock_equipment, draw_stock_people
from samehand.simulation.rows import Rows
from samehand.simulation.world import Platform

HIT: Final = 0.3
"""Share of the fleets that are hit; at least one is. Rented accounts are their owners', and are not."""
SHARE_BANNED: Final = (0.3, 0.5)
FEWEST_BANNED: Final = 3
WHEN: Final = (0.3, 0.5)
"""The ban falls between these shares of the time that the fleet works."""
WAVE_S: Final = HOUR_S
"""All of a fleet's bans fall within so much time."""
LONGEST_SPAN_S: Final = DAY_S
"""The new accounts sign up within the level's span, this at most, and within ``SPAN_OF_REST`` of what is left."""
SPAN_OF_REST: Final = 0.25
SETTLES_S: Final = 900.0
"""A new account serves no order for so long."""
KEPT_PHONES: Final = (DeviceUse.ONE_BATCH, DeviceUse.FEW_MODELS, DeviceUse.MIXED)
"""Uses of devices with which a new account runs on the phone of the banned one; the others take a fresh one."""


@dataclass(frozen=True)
class Bans:
    """Who was banned when, and who came in the place of each."""

    account: Ints
    at: Floats
    """Seconds since the log began."""
    successor: Ints

    def successors_of(self, members: Ints) -> Ints:
        """Give the accounts that came in the place of banned members."""
        return self.successor[np.isin(self.account, members)]

    def hand_over(self, rows: Rows, signup: Floats) -> Rows:
        """Let successors do what banned accounts would have done; what falls between the two is not done.

        Args:
            rows: What a fleet does, as if nobody were banned.
            signup: Of each account of the platform.
        """
        if len(self.account) == 0:
            return rows
        place = np.minimum(np.searchsorted(self.account, rows.account), len(self.account) - 1)
        gone = (self.account[place] == rows.account) & (rows.time >= self.at[place])
        goes_on = gone & (rows.time >= signup[self.successor[place]] + SETTLES_S)
        account = np.where(goes_on, self.successor[place], rows.account).astype(rows.account.dtype)
        return dataclasses.replace(rows, account=account).take(~gone | goes_on)


def no_bans() -> Bans:
    """Give no bans."""
    nothing = np.zeros(0, np.int64)
    return Bans(nothing, np.zeros(0), nothing)


def draw_bans(
    platform: Platform, fleets: list[tuple[Ints, float]], evasion: Evasion
) -> tuple[Platform, Bans]:
    """Ban part of some fleets: the platform with the new accounts, numbered after all others.

    Args:
        platform: With the accounts of all fleets.
        fleets: The own accounts of each fleet, and when all of them have signed up.
        evasion: How new accounts are equipped.
    """
    if not fleets:
        return platform, no_bans()
    rng = generator(platform.seed, "bans")
    hit = rng.random(len(fleets)) < HIT
    hit[rng.integers(len(fleets))] |= not hit.any()
    account, at, signup = [], [], []
    for members, begins in (fleet for fleet, is_hit in zip(fleets, hit, strict=True) if is_hit):
        n = min(len(members) - 1, max(FEWEST_BANNED, round(rng.uniform(*SHARE_BANNED) * len(members))))
        wave = begins + rng.uniform(*WHEN) * (platform.window_s - begins)
        rest = platform.window_s - wave
        span = min(evasion.signup_span_s, LONGEST_SPAN_S, SPAN_OF_REST * rest)
        account.append(rng.choice(members, n, replace=False))
        at.append(wave + rng.random(n) * min(WAVE_S, span))
        signup.append(at[-1] + rng.random(n) * span)
    banned, signed_up = np.concatenate(account), np.concatenate(signup)
    people = draw_stock_people(platform, len(banned), signed_up, rng)
    first = len(platform.people)
    equipment = _equip(platform, banned, evasion, rng, first - platform.n_ordinary)
    joined = platform.joined(
        [platform.people, people], [platform.rig.equipment, equipment], list(platform.rig.pools)
    )
    order = np.argsort(banned)
    return joined, Bans(banned[order], np.concatenate(at)[order], first + order)


def _equip(
    platform: Platform, banned: Ints, evasion: Evasion, rng: np.random.Generator, number: int
) -> Equipment:
    """Give each new account the lines and addresses of the banned one, and its phone where the level keeps phones."""
    equipment = take_equipment(platform.rig.equipment, banned)
    if evasion.devices in KEPT_PHONES:
        return equipment
    people = draw_stock_people(platform, len(banned), np.zeros(len(banned)), rng)
    fresh = draw_stock_equipment(platform, people, evasion, rng, pool=0, number=number)
    return dataclasses.replace(
        equipment,
        **{name: getattr(fresh, name) for name in ("phone", "reset_s", "second", "second_share")},
    )
