"""Fleets: accounts that one controller operates in bulk, and what he does against being found.

Nothing here acts on any platform: it writes rows of a made-up log.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from . import texts
from .evasion import Evasion
from .life import announce, choose_targets, live, newest, respond, take_bonus, when_awake
from .population import DAY_S, HOUR_S, STRANGERS_PER_ACCOUNT, Platform, fill_in, target_of
from .rows import NONE, Floats, Ints, Mask, Rows, mix, uniform
from .style import Space, Style

KINDS = ("boost", "follow_farm", "mass_add", "mass_message", "mixed", "rented", "bulk_registration")
SHARES_TARGETS = frozenset({"boost", "follow_farm", "mixed", "rented"})
"""Kinds whose accounts are sent to the same targets; the others are dealt other victims each."""
LEAST_ORDERS = 2
"""An account that its controller used less often is no member."""


CLONED, OWN = 1 << 40, 1 << 41
"""Where the numbers of a fleet's devices begin: alike to the last bit of the client, or each its own."""
_CONTROLLER_OF_SMALL = 900  # all fleets of at most 12 are one controller's


@dataclass(frozen=True)
class Fleet:
    """Accounts that one controller operates."""

    number: int
    kind: str
    members: Ints
    zone: float
    """Where the controller sits, hours from UTC."""
    season: tuple[int, int]
    """First day of its orders, and the day after the last."""

    @property
    def name(self) -> str:
        """The fleet as the truth table names it."""
        return f"{self.kind}_{self.number}"


@dataclass(frozen=True)
class Console:
    """What an act of a fleet needs: the platform, the fleet, the evasion, and chance."""

    platform: Platform
    fleet: Fleet
    evasion: Evasion
    rng: np.random.Generator


def draw_sizes(style: Style, rng: np.random.Generator) -> list[tuple[str, int]]:
    """Draw kind and size of each fleet of a style."""
    return [(kind, int(rng.integers(low, high + 1))) for kind, low, high in style.fleets]


def enlist(
    platform: Platform, sizes: list[tuple[str, int]], free: Ints, rng: np.random.Generator
) -> list[Fleet]:
    """Give each fleet its accounts: rented ones from people in no crowd, others from the puppets."""
    fleets, puppets, days = [], platform.puppets, platform.style.days
    for number, (kind, size) in enumerate(sizes):
        pool = free if kind == "rented" else puppets
        members, rest = pool[:size], pool[size:]
        free, puppets = (rest, puppets) if kind == "rented" else (free, rest)
        zone = float(rng.choice([offset for offset, _ in platform.style.zones[:2]]))
        first = int(rng.integers(0, days // 4))
        fleets.append(Fleet(number, kind, members, zone, (first, days - int(rng.integers(0, days // 4)))))
    return fleets


def operate(console: Console) -> Rows:
    """Run one fleet through the whole log: what its controller does, and its camouflage."""
    platform, fleet, rng = console.platform, console.fleet, console.rng
    ordered = ACTS[fleet.kind](console).replace(fleet=fleet.number)
    if fleet.kind == "rented":
        return ordered
    platform.people.zone[fleet.members] = fleet.zone
    n_ordered = np.bincount(ordered.account, minlength=len(platform.people))[fleet.members]
    hidden = live(platform, fleet.members, rng.poisson(console.evasion.camouflage * n_ordered), rng)
    if fleet.kind == "bulk_registration":
        born = np.full(len(platform.people), np.inf)
        np.minimum.at(born, ordered.account, ordered.time)
        hidden = hidden.take(hidden.time > born[hidden.account])
    return _equip(console, Rows.concat([ordered, hidden]))


def _equip(console: Console, rows: Rows) -> Rows:
    """Give the fleet's rows devices and addresses: shared ones, or bought and changed every few days."""
    platform, fleet, evasion = console.platform, console.fleet, console.evasion
    rank = np.zeros(len(platform.people), dtype=np.int64)
    rank[fleet.members] = np.arange(len(fleet.members))
    rank = rank[rows.account]
    period = (rows.time // (evasion.rotate_days * DAY_S)).astype(np.int64) if evasion.rotate_days else 0
    first = CLONED if evasion.accounts_per_device > 1 else OWN
    device = first + fleet.number * 1_000_000 + period * 5_000 + rank // evasion.accounts_per_device
    controller = _CONTROLLER_OF_SMALL if len(fleet.members) <= 12 else fleet.number
    draw = mix(controller, rank // evasion.accounts_per_address, period)
    rented_line = (0x2D40 + controller % 16 << 16) + (draw >> np.uint64(48)).astype(np.int64)
    hosts = platform.innocents
    proxy = platform.people.home[hosts[(draw % np.uint64(len(hosts))).astype(np.int64)]]
    rows = rows.replace(device=device, address=rented_line if evasion.accounts_per_address > 2 else proxy)
    if evasion.rotate_days == 1:  # by turns the carrier's shared exits, like any phone
        mobile = fill_in(platform, rows.replace(address=NONE)).address
        rows = rows.replace(address=np.where(uniform(3, rank, period) < 0.5, mobile, rows.address))
    return rows


def _order_times(console: Console, per_day: float, hours: tuple[float, float] = (8, 24)) -> Floats:
    days, rng = console.platform.style.days, console.rng
    n = max(6, round(per_day * console.evasion.pace * days))
    first, last = console.fleet.season
    time = rng.integers(first, last, n) * DAY_S + (rng.uniform(*hours, n) - console.fleet.zone) * HOUR_S
    return np.sort(np.clip(time, 600, console.platform.end - 4 * HOUR_S))


def _customers_posts(console: Console, times: Floats) -> tuple[Ints, Floats]:
    """Find the posts that customers pay for, of any interest: most are new and cold, one in five is known."""
    platform, rng = console.platform, console.rng
    interests, cold = rng.integers(0, platform.style.interests, len(times)), rng.random(len(times)) < 0.8
    target, time = announce(platform, interests[cold], times[cold])
    known = choose_targets(
        platform, Space.POST, np.zeros(0, dtype=np.int64), times[~cold], interests[~cold], rng
    )
    return np.append(target, known), np.append(time, times[~cold])


def _share_out(console: Console, members: Ints, n_orders: int) -> Mask:
    """Deal orders to members: each order to a share of them, each member at least a few."""
    rng = console.rng
    dealt = rng.random((len(members), n_orders)) < console.evasion.participation
    least = min(LEAST_ORDERS + 1, n_orders)
    for idle in np.flatnonzero(dealt.sum(axis=1) < least):
        dealt[idle, rng.choice(n_orders, least, replace=False)] = True
    return dealt


def _serve(
    console: Console, members: Ints, orders: tuple[Ints, Floats], actions: Ints, slower: float = 1
) -> Rows:
    """Let members do one action on the target of each order that they are dealt, after the order's time."""
    platform, evasion, rng = console.platform, console.evasion, console.rng
    target, time = orders
    member, order = np.nonzero(_share_out(console, members, len(target)))
    delay = rng.gamma(2, evasion.order_jitter_s * slower / 2, len(member))
    if evasion.order_jitter_s < 10:  # the console fires one phone after the other
        delay = delay + member * 0.2
    when, who = time[order] + delay, members[member]
    if evasion.sleeps:
        when = when_awake(platform, who, when, rng)
    return Rows.of(when, who, actions[order], target[order], text=_fleet_text(console, actions[order]))


def _fleet_text(console: Console, action: Ints) -> Ints:
    style, rng = console.platform.style, console.rng
    has_text = np.array([a.text for a in style.actions])[action]
    if not has_text.any():
        return np.full(len(action), NONE)
    codes = console.platform.add_texts(texts.fleet_texts(style.name, console.evasion.spin, rng))
    return np.where(has_text, rng.choice(codes, len(action)), NONE)


def boost(console: Console, per_day: float = 3) -> Rows:
    """Inflate customers' posts, one kind of action an order."""
    style, rng = console.platform.style, console.rng
    orders = _customers_posts(console, _order_times(console, per_day))
    sold = [style.index(name) for name, _ in style.react]
    actions = np.where(rng.random(len(orders[0])) < 0.75, sold[0], rng.choice(sold, len(orders[0])))
    return _serve(console, console.fleet.members, orders, actions)


def follow_farm(console: Console, per_day: float = 2) -> Rows:
    """Give customers followers: the same unknown people or pages for all."""
    platform, rng = console.platform, console.rng
    action = platform.style.index(platform.style.follow or "")
    space = platform.style.actions[action].space
    n_known = platform.n_pages if space is Space.PAGE else len(platform.people) * STRANGERS_PER_ACCOUNT
    times = _order_times(console, per_day)
    customers = target_of(space, rng.choice(n_known, len(times), replace=False))
    return _serve(console, console.fleet.members, (customers, times), np.full(len(times), action), slower=2)


def _deal_strangers(console: Console, verb: str, per_day: float) -> Rows:
    """Let all phones do the same at each step of the console, each to a stranger of its own."""
    platform, evasion, rng, members = console.platform, console.evasion, console.rng, console.fleet.members
    style = platform.style
    n_days, n_steps = style.days, max(1, round(per_day * evasion.pace))
    pauses = rng.lognormal(np.log(40), 0.6, (n_days, n_steps)).cumsum(axis=1)
    opening = np.arange(n_days) * DAY_S + (rng.uniform(9, 22, n_days) - console.fleet.zone) * HOUR_S
    step = np.clip(opening[:, None] + pauses, 600, platform.end - 600).ravel()
    member, order = np.nonzero(_share_out(console, members, len(step)))
    who, when = members[member], step[order] + rng.gamma(2, evasion.step_jitter_s / 2, len(member))
    if evasion.sleeps:
        when = when_awake(platform, who, when, rng)
    action = style.index(verb)
    target = _strangers(console, style.actions[action].space, when)
    actions = np.full(len(who), action)
    accepted = np.where(verb == style.contact, rng.random(len(who)) < 0.12, NONE)
    rows = Rows.of(when, who, actions, target, text=_fleet_text(console, actions), outcome=accepted)
    return rows.take(target != NONE)


def _strangers(console: Console, space: Space, time: Floats) -> Ints:
    """Find a victim for each time, no one twice: people, or posts of strangers; NONE where they run out."""
    platform, rng, n = console.platform, console.rng, len(time)
    style = platform.style
    n_known = len(platform.people) * STRANGERS_PER_ACCOUNT if space is Space.PERSON else style.tail
    if n_known >= n:
        first = 0 if space is Space.PERSON else platform.posts.starts[-1]
        return target_of(space, first + rng.choice(n_known, n, replace=False))
    found = np.full(n, NONE)
    for _ in range(8):  # draw again for those who got what another had got
        missing = np.flatnonzero(found == NONE)
        interests, back = (
            rng.integers(0, style.interests, len(missing)),
            rng.uniform(0, 6, len(missing)) * DAY_S,
        )
        found[missing] = newest(platform, interests, time[missing] - back)
        found[np.setdiff1d(np.arange(n), np.unique(found, return_index=True)[1])] = NONE
    return found


def mass_add(console: Console) -> Rows:
    """Add strangers in bulk."""
    return _deal_strangers(console, console.platform.style.contact or "", 14)


def mass_message(console: Console, per_day: float = 14) -> Rows:
    """Write to strangers in bulk, from a template."""
    return _deal_strangers(console, console.platform.style.message or "", per_day)


def mixed(console: Console) -> Rows:
    """Sell posts' fame and followers, and advertise in between."""
    parts = [boost(console, 1.6), mass_message(console, 4)]
    return Rows.concat([*parts, follow_farm(console, 0.8)] if console.platform.style.follow else parts)


def rented(console: Console) -> Rows:
    """Let real people do tasks for pay, from their own phones, when they find the time."""
    platform, evasion, rng = console.platform, console.evasion, console.rng
    posts = _customers_posts(console, _order_times(console, 3))
    share = min(0.5, max(0.35, evasion.participation))
    median = max(900.0, evasion.order_jitter_s)
    rows = respond(
        platform, console.fleet.members, posts, rng, share=share, median_s=median, sigma=1.0, asleep="never"
    )
    return rows.replace(action=platform.style.index(platform.style.react[0][0]), text=NONE)


def bulk_registration(console: Console) -> Rows:
    """Open accounts in waves for the bonus, then sell them in lots of eight to buyers who have them boost."""
    platform, fleet, evasion, rng = console.platform, console.fleet, console.evasion, console.rng
    style, parts = platform.style, []
    sign_up = style.index(style.sign_up or "")
    for wave in np.array_split(fleet.members, 3):
        start = rng.uniform(0.5, 0.55 * style.days) * DAY_S
        pause = 15 + evasion.order_jitter_s / 20
        joined = start + np.arange(len(wave)) * pause + rng.gamma(2, evasion.order_jitter_s / 2, len(wave))
        parts.append(Rows.of(joined, wave, sign_up, NONE))
        parts.append(
            take_bonus(platform, wave, joined + 30 + rng.exponential(evasion.order_jitter_s * 4), rng)
        )
        for lot in np.array_split(wave, max(1, len(wave) // 8)):
            times = np.sort(rng.uniform(joined.max() + 2 * HOUR_S, platform.end - 4 * HOUR_S, 5))
            orders = _customers_posts(console, times)
            action = np.full(len(orders[0]), style.index(style.react[0][0]))
            parts.append(_serve(console, lot, orders, action))
    return Rows.concat(parts)


ACTS: dict[str, Callable[[Console], Rows]] = {
    "boost": boost,
    "follow_farm": follow_farm,
    "mass_add": mass_add,
    "mass_message": mass_message,
    "mixed": mixed,
    "rented": rented,
    "bulk_registration": bulk_registration,
}
