"""Small logs to plant fleets into, and what is read from them."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

from samehand.config import Config
from samehand.events.events import Events
from samehand.events.read import read_events
from samehand.pipeline import detect
from samehand.pricing.ordinary import Ordinary, look_at
from samehand.pricing.plan import Cell
from samehand.pricing.plant import Fleet
from samehand.run import Run
from samehand.simulation.platform import SimulationConfig, simulate

PLAIN = Config(surrogates=0)
NOBODY: pa.Array[Any] = pa.array([], pa.string())
MINUTE = 60_000_000


@cache
def log() -> pa.Table:
    """Give 1,200 accounts over four days, without fleets and crowds."""
    return simulate(SimulationConfig(accounts=1_200, days=4, seed=3, fleets=False, crowds=False)).events


@cache
def events() -> Events:
    """Give the same, read."""
    return read_events(log())


@cache
def run() -> Run:
    """Give what detection finds in it."""
    return detect(events(), PLAIN)


def look(table: pa.Table, n_lives: int = 60, suspects: pa.Array[Any] = NOBODY) -> Ordinary:
    """Read a log and draw lives from it."""
    with read_events(table) as read:
        return look_at(read, suspects, n_lives=n_lives, seed=1)


def fleet(n_accounts: int = 10, delay_us: int = MINUTE, n_serving: int = 5, first: int = 0) -> Fleet:
    """Give a fleet."""
    cell = Cell(n_accounts=n_accounts, delay_us=delay_us, n_serving=n_serving)
    return Fleet(cell=cell, replicate=0, first=first)


def plain_log(n_accounts: int = 200, n: int = 6_000, days: int = 4, **more: Any) -> pa.Table:
    """Give a log of whole seconds in which everybody does anything at any time."""
    rng = np.random.default_rng(0)
    seconds = 1_750_000_000 + np.sort(rng.integers(0, days * 86_400, n))
    columns = {
        "time": pa.array(seconds, pa.timestamp("s", "UTC")),
        "account": pa.array(rng.integers(0, n_accounts, n)),
        "action": pa.array(np.array(["like", "view"])[rng.integers(0, 2, n)]),
        "target": pa.array([f"p{i}" for i in rng.integers(0, 900, n)]),
    }
    return pa.table(columns | more)
