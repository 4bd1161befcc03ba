"""A log with names that attackers choose, a run of it, and the bundle of its first fleet: once for the session."""

from __future__ import annotations

from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from samehand.casefile.bundle import make_bundle
from samehand.casefile.case import Case, open_case
from samehand.config import Config
from samehand.pipeline import detect
from tests.pipeline.worlds import renamed, world

NAMES = (
    '#import "x"', "*bold* $x$ _y_", "=1+1", "</text><script>alert(1)</script>", "../../etc/passwd", "a\nb\tc",
    "\u202egnp.exe", "שלום", "🙂", "x" * 300, "`raw` <label> @ref //comment /*", "\\u{41} #[x] #{1}",
)  # fmt: skip
SETTINGS = Config(surrogates=4, fdr=0.2, seed=3)
"""Few surrogate logs: quick, with a rate that reports the fleets."""


@pytest.fixture(scope="session")
def log(tmp_path_factory) -> Path:
    """Give a log as a file."""
    events = world().events
    accounts = sorted(set(events["account"].to_pylist()))
    names = {account: f"{NAMES[place % len(NAMES)]}{place}" for place, account in enumerate(accounts)}
    file: Path = tmp_path_factory.mktemp("casefile") / "events.parquet"
    pq.write_table(renamed(events, names), file)
    return file


@pytest.fixture(scope="session")
def run_folder(log) -> Path:
    """Give a run of that log."""
    return detect(str(log), SETTINGS).save(log.parent / "run")


@pytest.fixture(scope="session")
def fleet_id(run_folder) -> str:
    """Give the first fleet that is seen by its targets, so that raw rows alone tell what was made together."""
    fleets = pq.read_table(run_folder / "fleets.parquet")
    rows = fleets.filter(pc.and_(fleets["reported"], pc.less(fleets["n_accounts"], 60))).to_pylist()
    return next(row["fleet_id"] for row in rows if row["layers"][0] == "co_target")


@pytest.fixture(scope="session")
def case(run_folder, fleet_id) -> Case:
    """Give the fleet, opened."""
    return open_case(run_folder, fleet_id, "en")


@pytest.fixture(scope="session")
def bundle(case, log) -> Path:
    """Give its bundle."""
    file = log.parent / "case.zip"
    file.write_bytes(make_bundle(case, timestamp_request=True))
    return file
