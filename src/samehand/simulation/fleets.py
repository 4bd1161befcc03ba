"""Fleets: accounts that one hand moves, what they are sold for, and what they do for it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from samehand.simulation import rows as r
from samehand.simulation.bans import Bans, draw_bans, no_bans
from samehand.simulation.chance import Ints, generator, round_randomly
from samehand.simulation.console import mass_add, mass_message
from samehand.simulation.crew import Crew
from samehand.simulation.evasion import HOUR_S, AddressUse, Evasion
from samehand.simulation.fleet_rig import draw_pool, draw_signups, draw_stock_equipment, draw_stock_people
from samehand.simulation.fleet_sizes import Controller, draw_controllers
from samehand.simulation.orders import Orders, boost, draw_boost_orders, follow_farm, serve_orders
from samehand.simulation.organic import in_log, live
from samehand.simulation.rows import NONE, Rows, join_rows, keep_first, make_rows, no_rows
from samehand.simulation.world import Platform

RENTED_ORDERS: Final = 0.75
"""Orders of a rented fleet against one of its own accounts: owners want their phones back."""
LIGHT_BOOSTING: Final = 0.25
"""Orders of accounts that were registered in bulk."""
MIXED_BOOSTS: Final = 0.5
MIXED_FOLLOWS: Final = 0.25
MIXED_SESSIONS: Final = 0.4
"""Sessions of a mixed fleet, of requests and of messages each, against a fleet that does nothing else."""
SHARED_ORDERS: Final = 0.4
"""Share of a controller's orders that all of its small fleets serve, at different times."""
SHARED_LATER_S: Final = 12 * HOUR_S
SCRIPT_STEPS: Final = (3, 6)
SCRIPT_PAUSES_S: Final = (5.0, 8.0, 10.0, 12.0, 15.0, 20.0, 30.0)
"""Steps of the script that each new account of bulk registration runs, and pauses that such scripts have."""
CAMOUFLAGE_ROUNDS: Final = 3
"""Some actions of an own life find no post or would repeat one: the missing ones are drawn again."""
CAMOUFLAGE_SIGMA: Final = 0.5
"""Members differ in their camouflage by a log-normal factor."""


@dataclass(frozen=True)
class Fleet:
    """One fleet: the answer that a detector looks for."""

    name: str
    kind: str
    members: Ints


@dataclass(frozen=True)
class Stock:
    """What one controller moves."""

    controller: Controller
    fleets: tuple[Ints, ...]
    """Accounts of each of its fleets."""
    begins: float
    """When all of them have signed up; seconds, at least 0."""


def fleet_rows(
    platform: Platform, evasion: Evasion, kinds: tuple[str, ...], busy: Ints, *, with_bans: bool
) -> tuple[Platform, Rows, list[Fleet], Bans]:
    """Draw all fleets of the wanted kinds: the platform with their accounts, what these do, and the answers.

    ``busy``: ordinary accounts that are not rented, because they are in crowds or hardly there.
    """
    controllers = [c for c in draw_controllers(platform.n_ordinary, platform.seed) if c.kind in kinds]
    platform, stocks = recruit(platform, controllers, evasion, busy)
    bans = no_bans()
    if with_bans:
        own = [s for s in stocks if s.controller.kind != "rented"]
        platform, bans = draw_bans(platform, [(who, s.begins) for s in own for who in s.fleets], evasion)
    parts: list[Rows] = []
    fleets: list[Fleet] = []
    for stock in stocks:
        kind, rng = stock.controller.kind, generator(platform.seed, "work", stock.controller.number)
        crews = [
            Crew(platform, members, evasion, stock.begins, rng, bans.successors_of(members))
            for members in stock.fleets
        ]
        work = _with_distinct_orders(BEHAVIOURS[kind](crews))
        camouflage = no_rows() if kind == "rented" else camouflage_rows(platform, work, evasion, rng)
        parts += [bans.hand_over(rows, platform.people.signup) for rows in (work, camouflage)]
        all_members = [np.concatenate([crew.members, crew.successors]) for crew in crews]
        parts += [signup_rows(platform, members) for members in all_members if kind != "rented"]
        n_before = sum(fleet.kind == kind for fleet in fleets)
        fleets += [Fleet(f"{kind}_{n_before + n + 1:02d}", kind, who) for n, who in enumerate(all_members)]
    return platform, join_rows(parts), fleets, bans


def recruit(
    platform: Platform, controllers: list[Controller], evasion: Evasion, busy: Ints
) -> tuple[Platform, list[Stock]]:
    """Give every controller its accounts: new ones, numbered after all others, or rented ones."""
    supply = dataclasses.replace(platform.supply, market=platform.supply.market.copy())
    platform = dataclasses.replace(platform, supply=supply, rig=platform.rig.with_market(supply.market))
    free = ~np.isfinite(platform.people.signup)
    free[busy], free[platform.posts.creators] = False, False
    people, equipment, pools, stocks = (
        [platform.people],
        [platform.rig.equipment],
        list(platform.rig.pools),
        [],
    )
    n_so_far = platform.n_ordinary
    for controller in controllers:
        rng = generator(platform.seed, "stock", controller.number)
        size = sum(controller.sizes)
        cuts = np.cumsum(controller.sizes)[:-1]
        if controller.kind == "rented":
            chosen = rng.choice(np.flatnonzero(free), size, replace=False)
            free[chosen] = False
            stocks.append(Stock(controller, tuple(np.split(chosen, cuts)), 0.0))
            continue
        signup = draw_signups(size, controller.kind, evasion, platform.window_s, rng)
        people.append(draw_stock_people(platform, size, signup, rng))
        number = n_so_far - platform.n_ordinary
        equipment.append(
            draw_stock_equipment(platform, people[-1], evasion, rng, pool=len(pools), number=number)
        )
        if evasion.addresses is not AddressUse.OWN:
            pools.append(draw_pool(platform, evasion, size, controller.number, rng))
        members = np.split(n_so_far + np.arange(size), cuts)
        stocks.append(Stock(controller, tuple(members), max(0.0, float(signup.max()))))
        n_so_far += size
    return platform.joined(people, equipment, pools), stocks


def camouflage_rows(platform: Platform, work: Rows, evasion: Evasion, rng: np.random.Generator) -> Rows:
    """Draw an invented own life for each account, so many actions for each of those for the fleet."""
    account, n_actions = np.unique(work.account, return_counts=True)
    spread = rng.lognormal(0, CAMOUFLAGE_SIGMA, len(account))
    wanted = evasion.camouflage * n_actions * spread / np.average(spread, weights=n_actions)
    in_time = 1 - np.maximum(platform.people.signup[account], 0) / platform.window_s
    rows = no_rows()
    for _ in range(CAMOUFLAGE_ROUNDS):
        missing = wanted - np.bincount(rows.account, minlength=len(platform.people))[account]
        drawn = live(platform, account, round_randomly(np.maximum(missing, 0) / in_time, rng), rng)
        # Those who would answer are real people; what they do is no part of a fleet.
        rows = join_rows([rows, in_log(platform, drawn.take(drawn.account >= platform.n_ordinary))])
        rows = rows.take(keep_first(rows, platform.seed))
    return rows


def signup_rows(platform: Platform, members: Ints) -> Rows:
    """Give the sign-ups of those members that signed up within the log."""
    signup = platform.people.signup[members]
    new = np.isfinite(signup)
    return make_rows(signup[new], members[new], r.REGISTER, NONE)


def _with_distinct_orders(parts: list[Rows]) -> Rows:
    """Join the rows of several lines of business; no two have an order number in common."""
    first, numbered = 0, []
    for rows in parts:
        numbered.append(dataclasses.replace(rows, order=rows.order + first))
        first += int(rows.order.max(initial=-1)) + 1
    return join_rows(numbered)


def _register_in_bulk(crews: list[Crew]) -> list[Rows]:
    """Run the same script on every new account, then boost a little."""
    crew = crews[0]
    posts, rng, people = crew.platform.posts, crew.rng, crew.platform.people
    everybody = np.concatenate([crew.members, crew.successors])
    signup = people.signup[everybody]
    new = np.isfinite(signup)
    members, n_steps = everybody[new], int(rng.integers(SCRIPT_STEPS[0], SCRIPT_STEPS[1] + 1))
    pauses = np.cumsum(rng.choice(SCRIPT_PAUSES_S, n_steps))
    post = rng.choice(np.flatnonzero(posts.birth <= signup[new].min(initial=0.0)), n_steps)
    creator = rng.choice(posts.creators, n_steps) + r.ACCOUNT_TARGET
    action = rng.choice((r.VIEW, r.LIKE, r.SHARE, r.FOLLOW, r.FOLLOW), n_steps)
    target = np.where(action == r.FOLLOW, creator, post)
    script = []
    for step in range(n_steps):
        time = signup[new] + pauses[step] + rng.uniform(0, crew.evasion.step_delay_s, len(members))
        script.append(make_rows(time, members, action[step], target[step], order=0))
    return [*script, boost(crew, LIGHT_BOOSTING)]


def _mix(crews: list[Crew]) -> list[Rows]:
    """Take orders of every kind."""
    crew = crews[0]
    return [
        boost(crew, MIXED_BOOSTS),
        follow_farm(crew, MIXED_FOLLOWS),
        mass_add(crew, MIXED_SESSIONS),
        mass_message(crew, MIXED_SESSIONS),
    ]


def _run_small_fleets(crews: list[Crew]) -> list[Rows]:
    """Run several fleets apart, but for some orders that all of them serve, each at another time."""
    shared = draw_boost_orders(crews[0], SHARED_ORDERS)
    parts = []
    for crew in crews:
        later = crew.rng.uniform(0, SHARED_LATER_S, len(shared))
        parts.append(serve_orders(crew, Orders(shared.time + later, shared.action, shared.target)))
        parts.append(boost(crew, 1 - SHARED_ORDERS))
    return parts


BEHAVIOURS: Final[dict[str, Callable[[list[Crew]], list[Rows]]]] = {
    "boost": lambda crews: [boost(crews[0])],
    "follow_farm": lambda crews: [follow_farm(crews[0])],
    "mass_add": lambda crews: [mass_add(crews[0])],
    "mass_message": lambda crews: [mass_message(crews[0])],
    "bulk_registration": _register_in_bulk,
    "rented": lambda crews: [boost(crews[0], RENTED_ORDERS)],
    "mixed": _mix,
    "small_fleets": _run_small_fleets,
}
