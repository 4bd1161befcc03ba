"""START HERE: a believable platform's log, with planted fleets and innocent crowds, and the answers to both.

The order of things: people, posts and equipment are drawn (world), crowds form (crowd_kinds), everybody lives
(organic), crowds act, fleets act on top (fleets), and rows become a log whose names tell nothing (encode).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samehand import columns
from samehand.errors import OptionError
from samehand.simulation.bans import Bans, no_bans
from samehand.simulation.chance import Ints
from samehand.simulation.crowd import CrowdKind, Groups
from samehand.simulation.crowd_kinds import crowd_rows, form_crowds
from samehand.simulation.encode import account_names, event_table
from samehand.simulation.evasion import LEVELS
from samehand.simulation.fleet_sizes import FLEET_KINDS
from samehand.simulation.fleets import Fleet, fleet_rows
from samehand.simulation.organic import in_log, ordinary_rows
from samehand.simulation.rows import Rows, join_rows, keep_first, no_rows
from samehand.simulation.wording import places
from samehand.simulation.world import Platform, build_platform
from samehand.simulation.write import write_simulation

__all__ = ["FLEET_KINDS", "Simulation", "SimulationConfig", "simulate", "write_simulation"]

MIN_ACCOUNTS: Final = 500
MAX_ACCOUNTS: Final = 3_000_000
MAX_DAYS: Final = 180
RENTED_MIN_EVENTS: Final = 3
"""Only accounts with as much of a life of their own in the log are rented."""


@dataclass(frozen=True, kw_only=True)
class SimulationConfig:
    """What may be set. The same settings give the same log, byte for byte.

    >>> SimulationConfig(accounts=2_000, days=7, evasion=2).seed
    0
    """

    accounts: int = 20_000
    """Ordinary accounts; the fleets' own come on top of them (about 3 %)."""

    days: int = 14

    evasion: int = 0
    """How hard fleets try to hide: 0 (not at all) to 4; see ``evasion.LEVELS``."""

    seed: int = 0

    fleets: bool = True
    """Without them the log holds the same ordinary events, and nothing else."""

    crowds: bool = True
    """Without them nobody acts because of a crowd, and nobody shares a school, an office or a sofa."""

    kinds: tuple[str, ...] | None = None
    """Kinds of fleets, of ``FLEET_KINDS``; None: all."""

    bans: bool = False
    """Part of some fleets is banned, and goes on under new accounts: the same orders, scripts, texts and addresses, and
    the same phones at evasion 0 to 2."""

    start: datetime = datetime(2026, 3, 2, tzinfo=UTC)

    def __post_init__(self) -> None:
        _check(
            MIN_ACCOUNTS <= self.accounts <= MAX_ACCOUNTS,
            "accounts",
            self.accounts,
            f"{MIN_ACCOUNTS} to {MAX_ACCOUNTS:,}",
        )
        _check(1 <= self.days <= MAX_DAYS, "days", self.days, f"1 to {MAX_DAYS}")
        _check(0 <= self.evasion < len(LEVELS), "evasion", self.evasion, f"0 to {len(LEVELS) - 1}")
        _check(self.seed >= 0, "seed", self.seed, "0 or more")
        _check(
            self.start.tzinfo is not None,
            "start",
            self.start,
            "a time with an offset, such as 2026-03-02T00:00Z",
        )
        unknown = sorted(set(self.kinds or ()) - set(FLEET_KINDS))
        _check(not unknown, "kinds", ", ".join(unknown), f"any of {', '.join(FLEET_KINDS)}")
        _check(
            self.kinds is None or len(self.kinds) > 0, "kinds", self.kinds, "at least one, or fleets=False"
        )


def _check(good: bool, name: str, value: object, hint: str) -> None:
    if not good:
        raise OptionError(f"{name} is {value!r}", where="simulation", hint=hint)


@dataclass(frozen=True)
class Simulation:
    """A log and the answers to it, as Arrow tables with the schemas of ``columns``."""

    events: pa.Table
    """Sorted by time; every role is there."""
    truth: pa.Table
    """Accounts that fleets hold: account, fleet, kind. Only those that it used in the log. With bans also ``replaces``:
    the banned account in whose place it came, null for others."""
    crowds: pa.Table
    """Accounts of innocent crowds: account, crowd, kind. An account may be in several."""
    banned: pa.Table | None
    """Accounts that were banned: account, status, time. None: without bans."""


@dataclass(frozen=True)
class Drawn:
    """A simulation while it is still numbers: what the tests measure."""

    platform: Platform
    ordinary: Rows
    crowds: list[tuple[CrowdKind, Groups]]
    fleet_rows: Rows
    fleets: list[Fleet]
    bans: Bans


def simulate(config: SimulationConfig | None = None) -> Simulation:
    """Simulate a platform's log.

    Returns:
        The log and its answer keys. About 22 events an account; a million events take some seconds.
    """
    config = config or SimulationConfig()
    drawn, start = draw(config), config.start
    start_us = round(start.timestamp()) * 1_000_000 + start.microsecond
    return Simulation(
        events=event_table(drawn.platform, drawn.ordinary, drawn.fleet_rows, start_us),
        truth=_with_replaced(drawn, _truth(drawn)) if config.bans else _truth(drawn),
        crowds=_crowds(drawn),
        banned=_banned(drawn, start_us) if config.bans else None,
    )


def draw(config: SimulationConfig) -> Drawn:
    """Draw everything that happens, as numbers."""
    first_weekday = config.start.astimezone(UTC).weekday()
    platform = build_platform(config.accounts, config.days, first_weekday, config.seed)
    crowds = form_crowds(platform) if config.crowds else []
    ordinary = join_rows([*ordinary_rows(platform), in_log(platform, crowd_rows(platform, crowds))])
    ordinary = ordinary.take(keep_first(ordinary, config.seed))
    if not config.fleets:
        return Drawn(platform, ordinary, crowds, no_rows(), [], no_bans())
    kinds = FLEET_KINDS if config.kinds is None else config.kinds
    n_events = np.bincount(ordinary.account, minlength=platform.n_ordinary)
    n_events[np.concatenate([np.zeros(0, np.int64), *(groups.account for _, groups in crowds)])] = 0
    busy = np.flatnonzero(n_events < RENTED_MIN_EVENTS)
    platform, rows, fleets, bans = fleet_rows(
        platform, LEVELS[config.evasion], kinds, busy, with_bans=config.bans
    )
    rows = _give_way(ordinary, in_log(platform, rows), config.seed)
    return Drawn(platform, ordinary, crowds, rows, fleets, bans)


def _give_way(ordinary: Rows, fleets: Rows, salt: int) -> Rows:
    """Drop what a fleet has an account do a second time, also after the person behind a rented account."""
    own = ordinary.take(np.isin(ordinary.account, np.unique(fleets.account)))
    stays = keep_first(join_rows([own, fleets]), salt, n_fixed=len(own))
    return fleets.take(stays[len(own) :])


def _truth(drawn: Drawn) -> pa.Table:
    seen = np.unique(drawn.fleet_rows.account)
    members = [np.intersect1d(fleet.members, seen) for fleet in drawn.fleets]
    account = np.concatenate([np.zeros(0, np.int64), *members])
    names = [(fleet.name, fleet.kind) for fleet, who in zip(drawn.fleets, members, strict=True) for _ in who]
    order = np.argsort(
        account_names(drawn.platform.seed, account).to_numpy(zero_copy_only=False), kind="stable"
    )
    table = pa.table(
        [
            account_names(drawn.platform.seed, account),
            [name for name, _ in names],
            [kind for _, kind in names],
        ],
        schema=columns.truth(pa.string()),
    )
    return table.take(places(order))


def _with_replaced(drawn: Drawn, truth: pa.Table) -> pa.Table:
    """Add the account in whose place each account of a fleet came."""
    banned, new = (account_names(drawn.platform.seed, a) for a in (drawn.bans.account, drawn.bans.successor))
    return truth.append_column("replaces", banned.take(pc.index_in(truth["account"].combine_chunks(), new)))


def _banned(drawn: Drawn, start_us: int) -> pa.Table:
    seen = np.isin(drawn.bans.account, drawn.fleet_rows.account)
    order = np.argsort(drawn.bans.at[seen], kind="stable")
    account, at = drawn.bans.account[seen][order], drawn.bans.at[seen][order]
    return pa.table(
        [
            account_names(drawn.platform.seed, account),
            ["banned"] * len(account),
            pa.array(start_us + np.round(at * 1e6).astype(np.int64)),
        ],
        schema=columns.banned(pa.string()),
    )


def _crowds(drawn: Drawn) -> pa.Table:
    account: list[Ints] = [np.zeros(0, np.int64)]
    crowd: list[str] = []
    kind: list[str] = []
    for form, groups in drawn.crowds:
        sizes = np.diff(groups.first)
        account.append(groups.account)
        names = np.array([f"{form.name}_{number + 1:02d}" for number in range(len(groups))])
        crowd += np.repeat(names, sizes).tolist()
        kind += [form.name] * len(groups.account)
    return pa.table(
        [account_names(drawn.platform.seed, np.concatenate(account)), crowd, kind],
        schema=columns.crowds(pa.string()),
    )
