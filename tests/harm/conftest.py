"""Ledgers that are made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from samehand.harm.ledger import Ledger, count_harm
from samehand.harm.prices import Prices, example_prices, read_prices
from samehand.run import Run
from samehand.run_folder import write_run
from tests.harm.made import World, random_world, read_log, run_of


@pytest.fixture(scope="session")
def prices(tmp_path_factory) -> Prices:
    file = tmp_path_factory.mktemp("prices") / "prices.toml"
    file.write_text(example_prices(), encoding="utf-8")
    return read_prices(file)


@pytest.fixture(scope="session")
def place(tmp_path_factory) -> tuple[World, Path, Run]:
    """Give a world, a folder with its log and its run in "run", and the run."""
    folder, world = tmp_path_factory.mktemp("harm"), random_world(1)
    _, events = read_log(world, folder)
    run = run_of(world, events)
    (folder / "run").mkdir()
    write_run(folder / "run", run.info, run.tables)
    return world, folder, run


@pytest.fixture(scope="session")
def ledger(place, prices) -> Ledger:
    """Give the ledger of the reported fleets of that run, log and prices at hand."""
    _, folder, _ = place
    return count_harm(folder / "run", prices)
