"""A fleet's own accounts: when they signed up, what they run on, where they come from."""

from __future__ import annotations

from typing import Final

import numpy as np

from samehand.simulation.chance import Floats, Ints
from samehand.simulation.devices import Market
from samehand.simulation.equipment import NONE, Equipment, Pool, Supply, draw_equipment
from samehand.simulation.evasion import (
    ACCOUNTS_PER_PHONE,
    DAY_S,
    FEW_MODELS,
    HOST_STAY_S,
    HOSTS_IN_PREFIX,
    MIXED_MODELS,
    PROXIES_IN_HANDFUL,
    REAL_HOMES,
    RESET_AFTER_S,
    RESIDENTIAL_LINES,
    RESIDENTIAL_LINES_PER_ACCOUNT,
    RESIDENTIAL_STAY_S,
    AddressUse,
    DeviceUse,
    Evasion,
)
from samehand.simulation.people import People, draw_people
from samehand.simulation.world import Platform

FLEET_NUMBERS: Final = (1 << 24) + (1 << 22)
"""Homes and offices of fleets are numbered from here, apart from everyone's."""
FLEET_HOSTING: Final = 1 << 19
FRESH: Final = 0.35
"""Share of fleets that signed up within the log; the others did long before."""
FRESH_UNTIL: Final = 0.25
"""Those are complete before this part of the log is over."""
LONG_AGO_DAYS: Final = (4.0, 150.0)
BULK_UNTIL: Final = (0.05, 0.7)
"""The sign-ups of bulk registration lie between these shares of the log, if their span allows."""


def draw_stock_people(platform: Platform, n: int, signup: Floats, rng: np.random.Generator) -> People:
    """Draw the persons that a fleet's accounts pretend to be. Those that they write to are real people."""
    people = draw_people(platform.society, n, rng)
    # Nobody befriended them: each goes with a real circle of the community that it pretends to like.
    friend = platform.circles.fellow(people.interests[:, 0], rng)
    people.circle[:] = platform.people.circle[friend]
    people.place_in_order[:] = platform.people.place_in_order[friend]
    people.signup[:] = signup
    return people


def draw_signups(n: int, kind: str, evasion: Evasion, window_s: float, rng: np.random.Generator) -> Floats:
    """Draw sign-up times, within the level's span; minus infinity stands for long before the log."""
    if kind == "bulk_registration":
        latest = BULK_UNTIL[1] * window_s
        until = rng.uniform(min(evasion.signup_span_s + BULK_UNTIL[0] * window_s, latest), latest)
    elif rng.random() < FRESH:
        until = rng.uniform(0.02, FRESH_UNTIL) * window_s
    else:
        until = -rng.uniform(*LONG_AGO_DAYS) * DAY_S
    time = until - rng.random(n) * evasion.signup_span_s
    return np.where(time >= 0, time, -np.inf)


def draw_stock_equipment(
    platform: Platform, people: People, evasion: Evasion, rng: np.random.Generator, *, pool: int, number: int
) -> Equipment:
    """Equip a fleet's accounts as its level of evasion says. ``number``: of their homes, unused so far."""
    equipment = draw_equipment(people, platform.supply, FLEET_NUMBERS + number, rng)
    if evasion.addresses is not AddressUse.OWN:
        equipment.pool[:] = pool
        equipment.pool_share[:] = 1.0
    else:
        equipment.pool[:] = np.where(equipment.pool == 0, 0, NONE)
    if evasion.devices is not DeviceUse.LIKE_PEOPLE:
        equipment.second[:] = NONE
        equipment.place_device[:] = NONE
        equipment.phone[:], equipment.reset_s[:] = _draw_phones(
            platform.supply, len(people), evasion.devices, rng
        )
    return equipment


def _draw_phones(supply: Supply, n: int, use: DeviceUse, rng: np.random.Generator) -> tuple[Ints, Floats]:
    """Give (device, seconds between its resets) of each account."""
    market: Market = supply.market
    per_phone = ACCOUNTS_PER_PHONE.get(use, 1)
    n_phones = -(-n // per_phone)
    never = np.full(n, np.inf)
    if use is DeviceUse.ONE_BATCH:
        device = market.add(np.repeat(market.phones(1, rng), n_phones), rng, same_version=True)
    elif use is DeviceUse.FEW_MODELS:
        device = market.add(rng.choice(market.phones(FEW_MODELS, rng), n_phones), rng, same_version=True)
    elif use is DeviceUse.MIXED:
        device = market.add(market.phones(n_phones, rng, MIXED_MODELS), rng)
    else:
        reset_s = RESET_AFTER_S * rng.uniform(0.7, 1.3, n)
        copies = int(np.ceil(supply.window_s / reset_s.min())) + 1
        return market.add(market.phones(n, rng), rng, copies=copies), reset_s
    return device[rng.permutation(np.arange(n) // per_phone)], never


def draw_pool(platform: Platform, evasion: Evasion, n: int, number: int, rng: np.random.Generator) -> Pool:
    """Draw the addresses that a controller sends n accounts through. ``number``: of the controller."""
    addresses, use = platform.supply.addresses, evasion.addresses
    forever = 1e9
    if use is AddressUse.DATA_CENTRE:
        hosts = rng.choice(np.arange(1, 255), HOSTS_IN_PREFIX, replace=False)
        return Pool(addresses.rack(np.full(len(hosts), number), hosts), HOST_STAY_S)
    if use is AddressUse.RESIDENTIAL:
        n_lines = max(RESIDENTIAL_LINES, RESIDENTIAL_LINES_PER_ACCOUNT * n)
        n_real = round(REAL_HOMES * n_lines)
        real = platform.rig.equipment.home[rng.integers(0, platform.n_ordinary, n_real)]
        other = addresses.home(rng.integers(1 << 25, 1 << 26, n_lines - n_real))
        return Pool(np.concatenate([real, other]), RESIDENTIAL_STAY_S)
    n_proxies = 1 if use is AddressUse.ONE_PROXY else PROXIES_IN_HANDFUL
    return Pool(
        addresses.hosting(FLEET_HOSTING + number * PROXIES_IN_HANDFUL + np.arange(n_proxies)), forever
    )
