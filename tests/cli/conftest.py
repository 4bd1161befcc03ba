"""A log on disk, and the runs that the command line makes of it: once for the session."""

from __future__ import annotations

from pathlib import Path

import pytest

from samehand.simulation.platform import write_simulation
from tests.cli.terminal import Done, samehand
from tests.pipeline.worlds import quiet_world, world


@pytest.fixture(scope="session")
def sim(tmp_path_factory) -> Path:
    """Give a folder with events.parquet, truth.parquet and crowds.parquet."""
    folder = tmp_path_factory.mktemp("cli") / "sim"
    write_simulation(world(), folder)
    return folder


@pytest.fixture(scope="session")
def quiet_sim(tmp_path_factory) -> Path:
    """Give the same of a log without fleets."""
    folder = tmp_path_factory.mktemp("cli") / "quiet"
    write_simulation(quiet_world(), folder)
    return folder


@pytest.fixture(scope="session")
def monday(sim) -> tuple[Path, Done]:
    """Give a run folder, and what was said while it was made."""
    folder = sim.parent / "runs" / "monday"
    return folder, samehand("detect", sim / "events.parquet", "--out", folder)


@pytest.fixture(scope="session")
def unestimated(sim) -> tuple[Path, Done]:
    """Give the same with ``--surrogates 0``."""
    folder = sim.parent / "runs" / "unestimated"
    return folder, samehand("detect", sim / "events.parquet", "--out", folder, "--surrogates", 0)
