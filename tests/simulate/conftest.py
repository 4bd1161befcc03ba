"""Simulations that several tests look at: drawn once for the session."""

from __future__ import annotations

from functools import cache

import polars as pl
import pytest

from samehand.simulate.platform import Drawn, Simulation, SimulationConfig, draw, simulate

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
