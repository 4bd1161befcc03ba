"""Looks for planted fleets at rising and falling rates: bisection for all cells at once, many fleets in one search."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samehand.arrays import I64
from samehand.config import Config
from samehand.events.events import Events
from samehand.pipeline import detect
from samehand.pricing.ordinary import Ordinary
from samehand.pricing.plan import Cell, Plan
from samehand.pricing.plant import Fleet, Planted, n_events_of, plant
from samehand.run import Run

SHARE_OF_EVENTS: Final = 0.02
"""Of the log's events: so much is planted at once. A single fleet may be larger, up to ``LARGEST_OF_EVENTS``."""
SHARE_OF_ACCOUNTS: Final = 0.03
LARGEST_OF_EVENTS: Final = 0.1
"""Rates at which a fleet alone would be more than this share of the log are not tried."""

Step = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What became of the fleets of one cell at one rate."""

    rate_per_day: float
    n_orders: int
    n_fleets: int
    n_found: int
    """Fleets with more than half of their accounts in one reported fleet."""
    recall: float
    """Mean share of their accounts that is in any reported fleet."""

    @property
    def hidden(self) -> bool:
        """At least half of the fleets stayed hidden."""
        return 2 * self.n_found <= self.n_fleets


@dataclass
class Hunt:
    """The search for the floor of one cell: between the highest rate known as hidden and the lowest known as found."""

    cell: Cell
    fleets: tuple[Fleet, ...]
    rates: tuple[float, ...]
    """Those that the log has room for, ascending."""
    low: int = -1
    """Place of the highest rate that stayed hidden; -1: none so far."""
    high: int = 0
    """Place of the lowest rate that was found; one past the last: none so far."""
    tried: list[Tried] = field(default_factory=list)
    pairs: I64 = field(default_factory=lambda: np.zeros(0, np.int64))
    """Pairs of accounts by joint orders, over all rates; ``significant``: those that are strong edges by themselves."""
    significant: I64 = field(default_factory=lambda: np.zeros(0, np.int64))

    @property
    def next(self) -> int:
        """Place of the rate to try next."""
        return (self.low + self.high) // 2

    @property
    def done(self) -> bool:
        """Nothing is left between hidden and found."""
        return self.high - self.low <= 1

    def learn(self, seen: Sequence[_Seen], n_orders: int) -> None:
        """Take note of what became of all its fleets at the rate that was next."""
        tried = Tried(
            rate_per_day=self.rates[self.next],
            n_orders=n_orders,
            n_fleets=len(seen),
            n_found=sum(one.found for one in seen),
            recall=float(np.mean([one.recall for one in seen])),
        )
        self.tried.append(tried)
        for one in seen:
            size = max(len(self.pairs), len(one.pairs))
            self.pairs = _sum_up([self.pairs, one.pairs], size)
            self.significant = _sum_up([self.significant, one.significant], size)
        if tried.hidden:
            self.low = self.next
        else:
            self.high = self.next


def _sum_up(counts: Sequence[I64], size: int) -> I64:
    total: I64 = np.sum([np.pad(one, (0, size - len(one))) for one in counts], axis=0)
    return total


def begin(plan: Plan, cells: Sequence[Cell], ordinary: Ordinary) -> list[Hunt]:
    """Set up the search: each cell has its fleets, each fleet its own accounts."""
    hunts, first = [], 0
    for cell in cells:
        fleets = []
        for replicate in range(plan.replicates):
            fleets.append(Fleet(cell=cell, replicate=replicate, first=first))
            first += cell.n_accounts
        room = LARGEST_OF_EVENTS * ordinary.n_events
        rates = tuple(
            rate
            for rate in plan.rates
            if all(n_events_of(ordinary, one, cell.n_orders(rate, ordinary.days)) <= room for one in fleets)
        )
        rates = rates or plan.rates[:1]
        hunts.append(Hunt(cell=cell, fleets=tuple(fleets), rates=rates, high=len(rates)))
    return hunts


def hunt_all(
    events: Events, ordinary: Ordinary, hunts: Sequence[Hunt], config: Config, seed: int, step: Step
) -> int:
    """Try rates until the floor of every cell is known; gives the number of searches of the log.

    Args:
        events: The log.
        ordinary: What planted fleets take from it.
        hunts: As from ``begin``; what is seen is noted in them.
        config: Settings of each search.
        seed: Of what is planted.
        step: Told what is being done.
    """
    n_searches, round_ = 0, 0
    n_rounds = max(len(hunt.rates) for hunt in hunts).bit_length()
    while open_ := [hunt for hunt in hunts if not hunt.done]:
        round_ += 1
        wanted = [
            (fleet, hunt.cell.n_orders(hunt.rates[hunt.next], ordinary.days))
            for hunt in open_
            for fleet in hunt.fleets
        ]
        loads = list(packed(ordinary, wanted))
        seen: dict[Fleet, _Seen] = {}
        for number, load in enumerate(loads, 1):
            telling = partial(_tell, step, f"round {round_} of {n_rounds}, search {number} of {len(loads)}")
            seen |= _search(events, ordinary, load, config, seed, telling)
            n_searches += 1
        for hunt in open_:
            n_orders = hunt.cell.n_orders(hunt.rates[hunt.next], ordinary.days)
            hunt.learn([seen[fleet] for fleet in hunt.fleets], n_orders)
    return n_searches


def _tell(step: Step, where: str, name: str) -> None:
    step(f"{where}: {name}")


def packed(ordinary: Ordinary, wanted: Sequence[tuple[Fleet, int]]) -> Iterator[list[tuple[Fleet, int]]]:
    """Pack fleets, the largest first, into as few searches as their shares of the log allow."""
    most_events = SHARE_OF_EVENTS * ordinary.n_events
    most_accounts = SHARE_OF_ACCOUNTS * ordinary.n_ordinary
    sized = [(n_events_of(ordinary, *one), one) for one in wanted]
    rest = sorted(sized, key=lambda one: -one[0])
    while rest:
        load: list[tuple[Fleet, int]] = []
        left, n_events = [], 0
        lives: set[int] = set()  # in small logs fleets have lives in common: copies of one account would meet
        for size, one in rest:
            own = set((one[0].numbers % ordinary.n_lives).tolist())
            too_many = n_events + size > most_events or len(lives) + len(own) > most_accounts
            if load and (too_many or lives & own):
                left.append((size, one))
                continue
            load.append(one)
            n_events, lives = n_events + size, lives | own
        yield load
        rest = left


@dataclass(frozen=True)
class _Seen:
    """What became of one fleet in one search."""

    found: bool
    recall: float
    pairs: I64
    significant: I64


def _search(
    events: Events,
    ordinary: Ordinary,
    load: Sequence[tuple[Fleet, int]],
    config: Config,
    seed: int,
    step: Step,
) -> dict[Fleet, _Seen]:
    planted = [plant(ordinary, fleet, n_orders, events.schema, seed) for fleet, n_orders in load]
    rows = pa.concat_tables([one.rows for one in planted])
    run = detect(replace(events, added=rows, private_folder=None), config, progress=step)
    return {
        fleet: _look_for(run, ordinary, fleet, one) for (fleet, _), one in zip(load, planted, strict=True)
    }


def _look_for(run: Run, ordinary: Ordinary, fleet: Fleet, planted: Planted) -> _Seen:
    accounts = ordinary.accounts.take(fleet.numbers)
    members = run.tables.members
    ours = pc.and_(members["reported"], pc.is_in(members["account"], value_set=accounts))
    held = pc.value_counts(members["fleet_id"].filter(ours)).field("counts").to_numpy()
    n_accounts = fleet.cell.n_accounts
    edges = run.tables.edges
    edges = edges.filter(edges["strong"])
    a, b = (pc.index_in(edges[name], value_set=accounts) for name in ("account_a", "account_b"))
    inside = pc.and_(a.is_valid(), b.is_valid())
    strong = np.zeros((n_accounts, n_accounts), np.bool_)
    strong[a.filter(inside).to_numpy(), b.filter(inside).to_numpy()] = True
    pair = np.triu_indices(n_accounts, 1)
    together, significant = planted.together[pair], (strong | strong.T)[pair]
    size = int(together.max(initial=0)) + 1
    return _Seen(
        found=bool(2 * held.max(initial=0) > n_accounts),
        recall=float(held.sum()) / n_accounts,
        pairs=np.bincount(together, minlength=size),
        significant=np.bincount(together[significant], minlength=size),
    )
