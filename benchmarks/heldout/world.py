"""START HERE: put a world together, one line a stage."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from .crowd_acts import Crowd
from .crowds import PLANS, form
from .evasion import EVASION
from .fleets import LEAST_ORDERS, Console, Fleet, draw_sizes, enlist, operate
from .life import live, sign_up
from .population import Platform, build_people, build_posts, fill_in
from .render import account_ids, events_table
from .rows import NONE, Ints, Rows
from .styles import STYLES

LEAST_ACCOUNTS = 3_000


@dataclass(frozen=True, kw_only=True)
class World:
    """A log as some platform would hand it over, with the answer key that no platform has."""

    events: pa.Table
    """Sorted by time; columns as the platform names them."""
    mapping: dict[str, str]
    """Role -> column of ``events``."""
    timezone: str | None
    """Zone of naive times; None: the times say it themselves."""
    truth: pa.Table
    """account, fleet, kind: members that their controller used at least ``LEAST_ORDERS`` times."""
    crowds: pa.Table
    """account, crowd, kind: innocent accounts that act together, by cause. No account is in two crowds."""


def make_world(
    style: str, *, evasion: int = 0, fleets: bool = True, seed: int = 0, accounts: int = 20_000
) -> World:
    """Make one log of a platform style.

    The innocent events of a style, seed and number of accounts are the same at every evasion and also without
    fleets (but that a rented account does not like again what it was paid to like). Without fleets the
    accounts set aside for them live ordinary lives.

    Args:
        style: A key of ``STYLES``.
        evasion: 0 (none) to 4, see ``EVASION``.
        fleets: False leaves them out; ``truth`` is then empty.
        seed: Seed of everything random.
        accounts: All accounts, those of fleets included.

    Raises:
        ValueError: An argument out of range.
    """
    if style not in STYLES or not 0 <= evasion < len(EVASION) or accounts < LEAST_ACCOUNTS:
        raise ValueError(
            f"no world of style {style!r} at evasion {evasion} with {accounts} accounts: styles are "
            f"{', '.join(STYLES)}, evasion is 0 to {len(EVASION) - 1}, accounts are {LEAST_ACCOUNTS} or more"
        )
    draws = [
        np.random.default_rng(s) for s in np.random.SeedSequence([zlib.crc32(style.encode()), seed]).spawn(7)
    ]
    sizes = draw_sizes(STYLES[style], draws[0])
    platform, pool = _build(style, accounts, sum(n for kind, n in sizes if kind != "rented"), draws[1])
    crowds = form(platform, pool, draws[2])
    rows = [_innocents(platform, crowds, draws[3])]
    free = np.setdiff1d(platform.innocents, np.concatenate([crowd.members for crowd in crowds]))
    enlisted = enlist(platform, sizes, draws[4].permutation(free), draws[4])
    if fleets:
        rows += [
            operate(Console(platform, f, EVASION[evasion], r))
            for f, r in zip(enlisted, draws[5].spawn(99), strict=False)
        ]
    else:
        rows.append(_ordinary(platform, platform.puppets, draws[5]))
    log = _keep(platform, Rows.concat(rows))
    ids = account_ids(style, accounts, draws[6])
    return World(
        events=events_table(platform, log, ids),
        mapping=dict(STYLES[style].columns),
        timezone=STYLES[style].timezone,
        truth=_truth(enlisted, log, ids),
        crowds=_labels(crowds, log, ids),
    )


def _build(style: str, accounts: int, n_puppets: int, rng: np.random.Generator) -> tuple[Platform, Ints]:
    """Build the platform; also give the people whom crowds may recruit, shuffled."""
    people = build_people(STYLES[style], accounts, rng)
    posts = build_posts(STYLES[style], accounts, rng)
    order = rng.permutation(accounts)
    n_pages = int(STYLES[style].pages * max(1.0, accounts / 20_000))
    return Platform(STYLES[style], people, posts, n_pages, order[:n_puppets]), order[n_puppets:]


def _ordinary(platform: Platform, accounts: Ints, rng: np.random.Generator) -> Rows:
    counts = np.maximum(rng.poisson(platform.people.activity[accounts]), 1)
    rows = live(platform, accounts, counts, rng)
    if platform.style.sign_up is None:
        return rows
    return Rows.concat([rows, sign_up(platform, rows, accounts, rng)])


def _innocents(platform: Platform, crowds: list[Crowd], rng: np.random.Generator) -> Rows:
    life, *own = rng.spawn(len(crowds) + 1)
    together = [PLANS[c.kind].act(platform, c, r) for c, r in zip(crowds, own, strict=True)]
    return Rows.concat([_ordinary(platform, platform.innocents, life), *together])


def _keep(platform: Platform, rows: Rows) -> Rows:
    """Keep what falls into the log, and of what can be done once the first time; sort by time."""
    rows = rows.take((rows.time >= 0) & (rows.time < platform.end))
    rows = rows.take(np.lexsort((rows.time, rows.target, rows.action, rows.account)))
    same = np.ones(len(rows), dtype=bool)
    same[:1] = False
    for column in (rows.account, rows.action, rows.target):
        same[1:] &= column[1:] == column[:-1]
    once = np.array([action.once for action in platform.style.actions])[rows.action]
    rows = rows.take(~(same & once))
    return fill_in(platform, rows.take(np.lexsort((rows.action, rows.target, rows.account, rows.time))))


def _truth(fleets: list[Fleet], log: Rows, ids: pa.Array[Any]) -> pa.Table:
    used = log.fleet != NONE
    n_used = np.bincount(log.account[used], minlength=len(ids))
    return _table(
        "fleet", [(f.members[n_used[f.members] >= LEAST_ORDERS], f.name, f.kind) for f in fleets], ids
    )


def _labels(crowds: list[Crowd], log: Rows, ids: pa.Array[Any]) -> pa.Table:
    acted = np.bincount(log.account, minlength=len(ids)) > 0
    return _table("crowd", [(c.members[acted[c.members]], c.name, c.kind) for c in crowds], ids)


def _table(column: str, groups: list[tuple[Ints, str, str]], ids: pa.Array[Any]) -> pa.Table:
    """One row a member; no group, no row."""
    members = np.concatenate([members for members, _, _ in groups])
    sizes = [len(group) for group, _, _ in groups]
    names = np.repeat(np.array([name for _, name, _ in groups]), sizes)
    kinds = np.repeat(np.array([kind for _, _, kind in groups]), sizes)
    return pa.table(
        {
            "account": ids.take(members),
            column: pa.array(names.tolist(), pa.string()),
            "kind": pa.array(kinds.tolist(), pa.string()),
        }
    )
