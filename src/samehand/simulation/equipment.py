"""What an account acts from: which device, behind which address, at any time.

Nothing here is drawn when asked: the answer is mixed from the account and the hour, so that one account's
feed, chat and orders at one hour come from one device and one address.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Final

import numpy as np

from samehand.simulation.addresses import Addresses
from samehand.simulation.chance import Floats, Ints, uniform
from samehand.simulation.devices import Devices, Market
from samehand.simulation.people import ZONES, People
from samehand.simulation.rhythm import Rhythm

SLOT_S: Final = 2_400.0
"""Device and address stay the same within such a stretch, as within one session."""
CARRIERS_PER_ZONE: Final = (0.5, 0.3, 0.2)
ACCOUNTS_PER_EXIT: Final = 350
"""Customers of a carrier behind one of its addresses."""
OTHER_EXIT: Final = 0.25
"""Share of days on which a phone leaves by another address of its carrier."""
WORKS_SOMEWHERE: Final = 0.35
HAS_SECOND_DEVICE: Final = 0.3
NEW_LEASE: Final = 0.3
"""Share of homes whose address changes once during the log."""
RESETS_DEVICE: Final = 0.01
"""Share of people who reinstall the app, which gives their phone a new id."""
USES_VPN: Final = 0.02
VPN_EXITS: Final = 24
"""Addresses of the VPN at least; there are more on large platforms."""
ACCOUNTS_PER_VPN_EXIT: Final = 1_000
NONE: Final = -1


@dataclass(frozen=True)
class Equipment:
    """Per account: where it may be and what it uses there. NONE: it has no such thing."""

    home: Ints
    """Address."""
    next_home: Ints
    """Address of the home from ``moves_at`` on."""
    moves_at: Floats
    exit_first: Ints
    """First of the carrier's addresses (in ``Rig.exits``) and how many there are."""
    exit_count: Ints
    mobile: Floats
    """Share of the time, away from work, on the mobile network."""
    place: Ints
    """Address of work, school or campus; NONE."""
    place_from: Floats
    place_to: Floats
    place_all_week: Ints
    place_share: Floats
    """Share of the time within those hours that it uses the place's network."""
    place_device: Ints
    """First of the place's devices; NONE: its own phone."""
    place_devices: Ints
    place_device_share: Floats
    phone: Ints
    reset_s: Floats
    """The phone takes the next device number every so often; infinity: never."""
    second: Ints
    second_share: Floats
    pool: Ints
    """Pool of addresses (in ``Rig.pools``) that it goes through; NONE."""
    pool_share: Floats


def join_equipment(parts: list[Equipment]) -> Equipment:
    """Put the equipment of accounts one after another."""
    names = (field.name for field in dataclasses.fields(Equipment))
    return Equipment(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def take_equipment(equipment: Equipment, account: Ints) -> Equipment:
    """Give the equipment of some accounts."""
    names = (field.name for field in dataclasses.fields(Equipment))
    return Equipment(*(getattr(equipment, name)[account] for name in names))


@dataclass(frozen=True)
class Pool:
    """Addresses that several accounts go through by turns."""

    address: Ints
    stay_s: float
    """An account changes to another address this often."""


@dataclass
class Rig:
    """Everything that turns (account, time) into (device, address, client)."""

    equipment: Equipment
    market: Market
    exits: Ints
    pools: list[Pool]

    def with_market(self, market: Market) -> Rig:
        """Give this rig with another source of devices."""
        return dataclasses.replace(self, market=market)

    def used(
        self, people: People, rhythm: Rhythm, devices: Devices, account: Ints, time: Floats
    ) -> tuple[Ints, Ints, Ints]:
        """Give (device number, address, client number) of each account at each time."""
        e = self.equipment
        slot = np.floor((time + _own_cut(account)) / SLOT_S).astype(np.int64)
        at_place, mobile = self._whereabouts(people, rhythm, account, time, slot)
        address = np.where(time < e.moves_at[account], e.home[account], e.next_home[account])
        address = np.where(mobile, self._exit(account, time), address)
        address = np.where(at_place, e.place[account], address)
        address = self._through_pool(account, time, slot, address)
        device = self._device(account, time, slot, at_place, mobile)
        return device, address, devices.client(device, time)

    def _whereabouts(
        self, people: People, rhythm: Rhythm, account: Ints, time: Floats, slot: Ints
    ) -> tuple[Ints, Ints]:
        e = self.equipment
        hour, weekday = rhythm.local_hour(people, account, time)
        at_place = (e.place[account] != NONE) & (hour >= e.place_from[account]) & (hour < e.place_to[account])
        at_place &= (weekday < 5) | (e.place_all_week[account] > 0)
        at_place &= uniform(account, slot, 1) < e.place_share[account]
        return at_place, ~at_place & (uniform(account, slot, 2) < e.mobile[account])

    def _exit(self, account: Ints, time: Floats) -> Ints:
        e = self.equipment
        day = np.floor(time / 86_400.0).astype(np.int64)
        usual = uniform(account, 3)
        today = np.where(uniform(account, day, 4) < OTHER_EXIT, uniform(account, day, 5), usual)
        return np.asarray(
            self.exits[e.exit_first[account] + np.floor(today * e.exit_count[account]).astype(np.int64)]
        )

    def _through_pool(self, account: Ints, time: Floats, slot: Ints, address: Ints) -> Ints:
        e = self.equipment
        rows = np.flatnonzero(e.pool[account] != NONE)
        rows = rows[uniform(account[rows], slot[rows], 6) < e.pool_share[account[rows]]]
        if len(rows) == 0:
            return address
        size = np.array([len(pool.address) for pool in self.pools])
        first = np.cumsum(size) - size
        stay = np.array([pool.stay_s for pool in self.pools])
        flat = np.concatenate([pool.address for pool in self.pools])
        who, which = account[rows], e.pool[account[rows]]
        turn = np.floor(time[rows] / stay[which]).astype(np.int64)
        address[rows] = flat[first[which] + np.floor(uniform(who, turn, 7) * size[which]).astype(np.int64)]
        return address

    def _device(self, account: Ints, time: Floats, slot: Ints, at_place: Ints, mobile: Ints) -> Ints:
        e = self.equipment
        device = e.phone[account] + np.floor(time / e.reset_s[account]).astype(np.int64)
        home = ~at_place & ~mobile
        second = home & (e.second[account] != NONE) & (uniform(account, slot, 8) < e.second_share[account])
        device = np.where(second, e.second[account], device)
        hour = np.floor(time / 3_600.0).astype(np.int64)
        shared = (
            at_place
            & (e.place_device[account] != NONE)
            & (uniform(account, hour, 9) < e.place_device_share[account])
        )
        turn = np.floor(uniform(account, hour, 10) * e.place_devices[account]).astype(np.int64)
        return np.asarray(np.where(shared, e.place_device[account] + turn, device))


def _own_cut(account: Ints) -> Floats:
    return uniform(account, 11) * SLOT_S


@dataclass(frozen=True)
class Carriers:
    """Mobile carriers: by zone (row) and carrier (column), where its exits are."""

    first: Ints
    count: Ints
    exits: Ints
    """Addresses of all exits."""

    def subscribe(self, people: People, rng: np.random.Generator) -> tuple[Ints, Ints]:
        """Give each person a carrier of the own zone: (first exit, number of exits)."""
        zones = np.array([hours * 3_600.0 for hours, _ in ZONES])
        zone = np.argmin(np.abs(zones[None, :] - people.zone_s[:, None]), axis=1)
        carrier = rng.choice(len(CARRIERS_PER_ZONE), len(people), p=CARRIERS_PER_ZONE)
        return self.first[zone, carrier], self.count[zone, carrier]


def build_carriers(n_accounts: int, addresses: Addresses) -> Carriers:
    """Size each carrier for its share of the accounts."""
    share = np.outer([share for _, share in ZONES], CARRIERS_PER_ZONE)
    count = np.maximum(1, np.round(n_accounts * share / ACCOUNTS_PER_EXIT)).astype(np.int64)
    first = (np.cumsum(count) - count.ravel()).reshape(count.shape)
    return Carriers(first, count, addresses.carrier(np.arange(count.sum())))


def n_vpn_exits(n_accounts: int) -> int:
    """Tell how many addresses the VPN has on a platform of that many accounts."""
    return max(VPN_EXITS, n_accounts // ACCOUNTS_PER_VPN_EXIT)


@dataclass(frozen=True)
class Supply:
    """Where equipment comes from."""

    addresses: Addresses
    carriers: Carriers
    market: Market
    window_s: float


def draw_equipment(people: People, supply: Supply, first_number: int, rng: np.random.Generator) -> Equipment:
    """Give people homes, carriers, work and devices. ``first_number``: of the homes, not used before."""
    n = len(people)
    number = first_number + np.arange(n)
    addresses, never = supply.addresses, np.full(n, np.inf)
    exit_first, exit_count = supply.carriers.subscribe(people, rng)
    works = rng.random(n) < WORKS_SOMEWHERE
    model = supply.market.phones(n, rng)
    phone = supply.market.add(model, rng)
    reset_s = np.where(rng.random(n) < RESETS_DEVICE, rng.uniform(0.5, 0.9, n) * supply.window_s, np.inf)
    resets = np.flatnonzero(np.isfinite(reset_s))
    phone[resets] = supply.market.add(model[resets], rng, copies=2)
    has_second = rng.random(n) < HAS_SECOND_DEVICE
    second = np.full(n, NONE)
    second[has_second] = supply.market.add(supply.market.others(int(has_second.sum()), rng), rng)
    return Equipment(
        home=addresses.home(2 * number),
        next_home=addresses.home(2 * number + 1),
        moves_at=np.where(rng.random(n) < NEW_LEASE, rng.uniform(0, supply.window_s, n), never),
        exit_first=exit_first,
        exit_count=exit_count,
        mobile=rng.beta(0.9, 1.4, n),
        place=np.where(works, addresses.business(number), NONE),
        place_from=rng.normal(9, 0.7, n),
        place_to=rng.normal(17.7, 1.0, n),
        place_all_week=np.zeros(n, dtype=np.int8),
        place_share=rng.uniform(0.2, 0.95, n),
        place_device=np.full(n, NONE),
        place_devices=np.ones(n, dtype=np.int64),
        place_device_share=np.zeros(n),
        phone=phone,
        reset_s=reset_s,
        second=second,
        second_share=rng.uniform(0.1, 0.7, n),
        pool=np.where(rng.random(n) < USES_VPN, 0, NONE),
        pool_share=rng.uniform(0.3, 0.9, n),
    )
