"""One tiny platform as a stream of lines, and what a watch makes of it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from samehand.config import Config
from samehand.online.leads import Lead
from samehand.online.outputs import read_leads
from samehand.online.settings import SECOND_US, StreamSettings, open_settings
from samehand.online.sources.lines import GrowingFile
from samehand.online.watch import Watch
from samehand.pipeline import detect
from samehand.run import Run
from samehand.simulation.platform import SimulationConfig, simulate

HOUR_US = 3_600 * SECOND_US
CONFIG = Config(surrogates=5, fdr=0.2)
"""The fewest surrogates with which a single fleet can be reported."""
SETTINGS = StreamSettings(
    config=CONFIG, tick_us=1_200 * SECOND_US, look_every_us=12 * HOUR_US, active_accounts=2_000
)
"""With so long a tick there are fewer looks."""


@cache
def events() -> pa.Table:
    """Give a day of 500 accounts with two kinds of fleets."""
    return simulate(SimulationConfig(accounts=500, days=1, seed=3, kinds=("boost", "follow_farm"))).events


@cache
def batch() -> Run:
    """Give what ``detect`` finds in it."""
    return detect(events(), CONFIG)


def lines_of(table: pa.Table) -> list[bytes]:
    """Write events as lines of JSON."""
    return [
        msgspec.json.encode({k: v for k, v in row.items() if v is not None}) + b"\n"
        for row in table.to_pylist()
    ]


@cache
def lines() -> tuple[bytes, ...]:
    """Give the platform's events as lines."""
    return tuple(lines_of(events()))


def write(file: Path, some: Iterable[bytes]) -> Path:
    """Write lines into a file."""
    file.write_bytes(b"".join(some))
    return file


def watch(state: Path, log: Path, settings: StreamSettings = SETTINGS) -> Watch:
    """Watch a file to its end."""
    watching = Watch(state, open_settings(state, settings), warn=lambda _: None)
    try:
        watching.run(GrowingFile(log, settings, follow=False))
    finally:
        watching.close()
    return watching


def told(state: Path) -> list[Lead]:
    """Give all leads that were told."""
    return list(read_leads(state / "leads.ndjson"))


def open_leads(leads: Iterable[Lead]) -> dict[frozenset[str], dict[str, Any]]:
    """Give what is open in the end: members -> figures, without ids and times of telling."""
    last = {one.fleet_id: one for one in leads}
    return {
        frozenset(one.accounts): {
            "score_bits": one.score_bits,
            "q_value": one.q_value,
            "behaviours": one.behaviours,
            "n_events": one.n_events,
            "innocent_weight": one.innocent_weight,
        }
        for one in last.values()
        if one.status in ("new", "changed")
    }
