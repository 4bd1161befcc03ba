"""Rows of planted fleets: lives copied from ordinary accounts, and orders that the members serve together.

Rows exist in memory only. They are drawn so that the same fleet at a higher rate does all that it did at a lower one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from samehand.arrays import F64, I64
from samehand.columns import TIME, Role
from samehand.pricing.ordinary import Ordinary
from samehand.pricing.plan import DAY_US, SECOND_US, Cell

AROUND_US: Final = 1800 * SECOND_US
"""A life is moved by whole days and up to this; an order begins up to this after an event of its target."""
_OF_LIFE: Final[tuple[Role, ...]] = ("device", "address", "client")
"""What a joint event has from an event of its account's life; the other columns come from events of its action."""


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """One fleet that is planted, at whatever rate."""

    cell: Cell
    replicate: int
    first: int
    """Number of its first account among all that are planted; the others follow."""

    @property
    def numbers(self) -> I64:
        """Numbers of its accounts."""
        return np.arange(self.first, self.first + self.cell.n_accounts)


@dataclass(frozen=True, eq=False)
class Planted:
    """Rows of one fleet."""

    rows: pa.Table
    together: I64
    """Orders that each two accounts served both (accounts x accounts)."""


def n_events_of(ordinary: Ordinary, fleet: Fleet, n_orders: int) -> int:
    """Rows that a fleet would have: those of its lives and of its orders."""
    lives = fleet.numbers % ordinary.n_lives
    own = (ordinary.life_first[lives + 1] - ordinary.life_first[lives]).sum()
    return int(own) + n_orders * fleet.cell.n_serving


def plant(ordinary: Ordinary, fleet: Fleet, n_orders: int, schema: pa.Schema, seed: int) -> Planted:
    """Make the rows of a fleet that serves so many orders.

    Args:
        ordinary: What to take from the log.
        fleet: The fleet.
        n_orders: Its orders.
        schema: Of the log's events.
        seed: Of the whole search; the fleet's own numbers make the rest of it.
    """
    key = [seed, 1, fleet.cell.n_accounts, fleet.cell.n_serving, fleet.cell.delay_us, fleet.replicate]
    lives = _live(ordinary, fleet, np.random.default_rng([*key, 0]))
    orders = _serve(ordinary, fleet, n_orders, key)
    account = np.concatenate([lives.account, orders.account])
    time = np.concatenate([lives.time_us, orders.time_us])
    arrays: list[Any] = []
    for field in schema:
        if field.name == "time":
            arrays.append(pa.array(time // ordinary.clock_us * ordinary.clock_us, pa.int64()).cast(TIME))
        elif field.name == "account":
            arrays.append(ordinary.accounts.take(fleet.first + account))
        elif field.name == "event_id":
            arrays.append(_event_ids(ordinary, fleet, lives, len(orders.account)))
        else:
            own = ordinary.lives[field.name].take(lives.row)
            table, rows = orders.source_of(field.name, ordinary)
            arrays.append(pa.chunked_array([*own.chunks, *table[field.name].take(rows).chunks], field.type))
    member = np.zeros((n_orders, fleet.cell.n_accounts), np.int64)
    member[np.repeat(np.arange(n_orders), fleet.cell.n_serving), orders.account] = 1
    return Planted(pa.table(arrays, schema=schema), member.T @ member)


@dataclass(frozen=True)
class _Lives:
    """Copied events: the account (place in the fleet), the new time, the row in ``Ordinary.lives``."""

    account: I64
    time_us: I64
    row: I64


def _live(ordinary: Ordinary, fleet: Fleet, rng: np.random.Generator) -> _Lives:
    """Copy a life for each account and move it by whole days, around the end of the log to its beginning.

    A move of a day and some minutes or more: within the longest window nobody is where the account was that it is
    copied from. A log of less than two days has no such room; there it is moved by a part of its length.
    """
    lives = fleet.numbers % ordinary.n_lives
    first, end = ordinary.life_first[lives], ordinary.life_first[lives + 1]
    account = np.repeat(np.arange(len(lives)), end - first)
    row = np.concatenate([np.arange(a, b) for a, b in zip(first, end, strict=True)])
    span = ordinary.last_us - ordinary.first_us
    n_days = -(-(span + 1) // DAY_US)
    if n_days >= 2:
        moved = rng.integers(1, max(n_days - 1, 2), len(lives)) * DAY_US + rng.integers(
            1, AROUND_US, len(lives)
        )
        around = n_days * DAY_US
    else:
        moved, around = (span * rng.uniform(0.3, 0.7, len(lives))).astype(np.int64), span + 1
    time = ordinary.lives["time"].cast(pa.int64()).to_numpy()[row]
    time = ordinary.first_us + (time - ordinary.first_us + moved[account]) % around
    inside = time <= ordinary.last_us
    return _Lives(account[inside], time[inside], row[inside])


@dataclass(frozen=True)
class _Orders:
    """Joint events: the account (place in the fleet), the time, and the rows that their columns come from."""

    account: I64
    time_us: I64
    order_row: I64
    """Row of the pool that the order's action and target come from."""
    life_row: I64
    like_row: I64
    """Row of the pool with the same action."""

    def source_of(self, name: str, ordinary: Ordinary) -> tuple[pa.Table, npt.NDArray[np.int64]]:
        """The table and the rows that a column comes from."""
        if name in _OF_LIFE:
            return ordinary.lives, self.life_row
        return ordinary.pool, self.order_row if name in {"action", "target"} else self.like_row


def _serve(ordinary: Ordinary, fleet: Fleet, n_orders: int, key: list[int]) -> _Orders:
    """Draw orders: a target by its popularity, soon after somebody was there, served by a part of the fleet.

    Each target is ordered once, as long as there are others.
    """
    cell = fleet.cell
    rngs = [np.random.default_rng([*key, part]) for part in range(1, 6)]
    shape = (n_orders, cell.n_serving)
    row = _orders_in_turn(ordinary.pool, n_orders, rngs[0])
    begins = ordinary.pool["time"].cast(pa.int64()).to_numpy()[row] + _upto(rngs[1], n_orders, AROUND_US)
    begins = np.clip(begins, ordinary.first_us, ordinary.last_us - cell.delay_us)
    hands = np.argsort(rngs[2].random((n_orders, cell.n_accounts)), axis=1)[:, : cell.n_serving]
    time = begins[:, None] + _upto(rngs[3], shape, cell.delay_us)
    lives = fleet.numbers % ordinary.n_lives
    first, sizes = ordinary.life_first[lives], np.diff(ordinary.life_first)[lives]
    picks = rngs[4].random((*shape, 2))
    account = hands.ravel()
    life_row = first[account] + (picks[..., 0].ravel() * sizes[account]).astype(np.int64)
    order_row = np.repeat(row, cell.n_serving)
    like = _like(ordinary.pool, order_row, picks[..., 1].ravel())
    return _Orders(account, time.ravel(), order_row, life_row, like)


def _upto(rng: np.random.Generator, shape: int | tuple[int, ...], most: int) -> I64:
    drawn: F64 = rng.random(shape)
    return (drawn * most).astype(np.int64)


def _orders_in_turn(pool: pa.Table, n_orders: int, rng: np.random.Generator) -> I64:
    """Rows of the pool, each action on a target once, the popular ones likely early; then again from the first."""
    drawn = rng.permutation(pool.num_rows)
    if "target" in pool.column_names and pool["target"].null_count < pool.num_rows:
        feature = _codes(pool, "target") * (pool.num_rows + 1)
        if "action" in pool.column_names:
            feature = feature + _codes(pool, "action")
        drawn = drawn[np.sort(np.unique(feature[drawn], return_index=True)[1])]
    return np.resize(drawn, n_orders)


def _like(pool: pa.Table, rows: I64, picks: F64) -> I64:
    """For each row of the pool, a random one with the same action."""
    if "action" not in pool.column_names:
        return (picks * pool.num_rows).astype(np.int64)
    action = _codes(pool, "action")
    by_action = np.argsort(action, kind="stable")
    sizes = np.bincount(action)
    first = np.cumsum(sizes) - sizes
    own = action[rows]
    found: I64 = by_action[first[own] + (picks * sizes[own]).astype(np.int64)]
    return found


def _codes(pool: pa.Table, name: str) -> I64:
    """Codes of a column's values, from 0 on; what is missing is a value, too."""
    codes = pc.dictionary_encode(pool[name].combine_chunks(), null_encoding="encode")
    found: I64 = codes.indices.to_numpy().astype(np.int64)  # type: ignore[attr-defined]
    return found


def _event_ids(ordinary: Ordinary, fleet: Fleet, lives: _Lives, n_joint: int) -> pa.Array[Any]:
    """New ids: events of one post keep one id, and what has none gets none."""
    named = ordinary.lives["event_id"].take(lives.row).combine_chunks()
    codes = named.dictionary_encode().indices.fill_null(-1).to_numpy().astype(np.int64)
    _, number = np.unique(np.stack([lives.account, codes]), axis=1, return_inverse=True)
    number = np.concatenate([number.ravel(), len(number) + np.arange(n_joint)])
    none = np.concatenate([codes < 0, np.zeros(n_joint, np.bool_)])
    # Each fleet has a stretch of ids of its own.
    ids = ordinary.event_ids.take(fleet.first * (1 << 20) // 3 + number)
    found: pa.Array[Any] = pc.if_else(pa.array(none), pa.scalar(None, ids.type), ids)
    return found
