"""Simulations that several tests look at: drawn once for the session."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl
import pytest

from samehand.simulation.platform import Drawn, Simulation, SimulationConfig, draw, simulate

SEED = 11


@cache
def _drawn(evasion: int) -> Drawn:
    return draw(SimulationConfig(evasion=evasion, seed=SEED))


@pytest.fixture(scope="session")
def drawn():
    """Give the numbers behind a platform of 20,000 accounts at a level of evasion."""
    return _drawn


@pytest.fixture(scope="session")
def simulation() -> Simulation:
    """Give a platform of 20,000 accounts whose fleets do not hide."""
    return simulate(SimulationConfig(seed=SEED))


@pytest.fixture(scope="session")
def events(simulation: Simulation) -> pl.DataFrame:
    """Give its log with two more columns, the fleet and the kind of fleet of the account (null: none)."""
    return pl.from_arrow(simulation.events).join(pl.from_arrow(simulation.truth), on="account", how="left")


@pytest.fixture(scope="session")
def crowds(simulation: Simulation) -> pl.DataFrame:
    """Give its innocent crowds."""
    return pl.from_arrow(simulation.crowds)


def _work(drawn: Drawn) -> pl.DataFrame:
    """Give the rows of all fleets with the fleet of each account and what it used."""
    rows, platform = drawn.fleet_rows, drawn.platform
    member = {account: fleet for fleet in drawn.fleets for account in fleet.members.tolist()}
    account = rows.account.astype(np.int64)
    device, address, client = platform.rig.used(
        platform.people, platform.rhythm, platform.rig.market.devices(), account, rows.time
    )
    return pl.DataFrame(
        {
            "time": rows.time,
            "account": account,
            "action": rows.action,
            "target": rows.target,
            "order": rows.order,
            "text": rows.texts.take(np.maximum(rows.content, 0)).to_pylist() if len(rows.texts) else None,
            "says": rows.content >= 0,
            "fleet": [member[a].name for a in account.tolist()],
            "kind": [member[a].kind for a in account.tolist()],
            "size": [len(member[a].members) for a in account.tolist()],
            "device": device,
            "address": address,
            "client": client,
        }
    )


@cache
def _work_at(level: int) -> pl.DataFrame:
    return _work(_drawn(level))


@pytest.fixture(scope="session")
def work():
    """Give what fleets did at a level of evasion, with the fleet and what each row came from."""
    return _work_at
