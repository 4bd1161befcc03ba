"""Events a second through reading, the journal and the tables of what forms, and the memory that they take."""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from unittest import mock

import numpy as np

from harness.cells import Cell
from samehand.online import analysis
from samehand.online.analysis import Analysis
from samehand.online.arriving import LineReader
from samehand.online.forming import BYTES_AN_ACCOUNT
from samehand.online.intake import Intake, SeenBefore
from samehand.online.settings import SECOND_US, StreamSettings

LINES_AT_ONCE = 10_000
WARM_UP = 2
"""Blocks before the clock starts: kernels are compiled."""
_T = TypeVar("_T")


def measure_ingest(cell: Cell) -> dict[str, Any]:
    """Take events of so many accounts in, looks left out: what a look costs is a figure of ``detect``.

    All accounts are equally active. Lines are made before the clock starts.
    """
    accounts, events, seconds = (cell.settings[name] for name in ("accounts", "events", "seconds"))
    parts: dict[str, float] = {}
    n, wall, cpu = 0, 0.0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        settings = StreamSettings(active_accounts=accounts, look_every_us=365 * 86_400 * SECOND_US)
        intake, reader = Intake(Path(folder), settings), LineReader(settings)
        follower = Analysis(Path(folder), settings, intake.journal)
        for table in follower.forming.tables.values():
            table.fill(0)  # an untouched page takes no memory yet: the peak is to hold all of them
        for place, (lines, n_lines) in enumerate(made_up(accounts, events, seconds)):
            if place == WARM_UP:
                parts, n, wall, cpu = {}, 0, 0.0, 0.0
            begun, clock = time.perf_counter(), time.process_time()
            arrived = _timed(parts, "read", reader.read, lines)
            _timed(parts, "journal", intake.take, arrived, None, "bench")
            with mock.patch.object(analysis, "take_look", return_value=None):
                _timed(parts, "forming", follower.catch_up)
            n, wall, cpu = n + n_lines, wall + time.perf_counter() - begun, cpu + time.process_time() - clock
        begun = time.perf_counter()
        follower.save()
        saving_s = time.perf_counter() - begun
        intake.close()
    return {
        "n_events": n,
        "wall_s": wall,
        "cpu_s": cpu,
        "us_an_event": {name: 1e6 * s / n for name, s in parts.items()},
        "checkpoint_s": saving_s,
        "peak_gib": peak_gib(),
        "ids_gib": ids_gib(cell.settings["rate"]),
        "table_bytes_an_account": BYTES_AN_ACCOUNT,
    }


def peak_gib() -> float:
    """Give the most memory that this process had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def ids_gib(rate: int) -> float:
    """Measure what remembering ids takes where so many events come in each second, for a lateness of ten minutes."""
    lateness_us = StreamSettings().lateness_us
    seen, chance = SeenBefore(lateness_us), np.random.default_rng(1)
    before, most = resident_gib(), 0.0
    for second in range(0, 2 * lateness_us // SECOND_US, 20):
        seen.first_times(chance.integers(2, 1 << 62, 20 * rate), second * SECOND_US)
        most = max(most, resident_gib())
    return most - before


def resident_gib() -> float:
    """Give the memory that this process has now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1024**3


def made_up(accounts: int, events: int, seconds: int) -> Iterator[tuple[bytes, int]]:
    """Make lines of ordinary events, a block at a time: who and what by chance, some targets liked more."""
    chance = np.random.default_rng(0)
    start, step = datetime(2026, 3, 2, tzinfo=UTC), timedelta(seconds=seconds / events)
    for begin in range(0, events, LINES_AT_ONCE):
        n = min(LINES_AT_ONCE, events - begin)
        who = chance.integers(0, accounts, n).tolist()
        what = ((chance.pareto(1.2, n) * 1_000).astype(np.int64) % (2 * accounts)).tolist()
        lines = [
            f'{{"event_id":"e{begin + i}","time":"{(start + (begin + i) * step).isoformat()}",'
            f'"account":"u{a}","action":"like","target":"p{p}","device":"d{a}","address":"10.0.{a % 251}.{a % 241}"}}\n'
            for i, (a, p) in enumerate(zip(who, what, strict=True))
        ]
        yield "".join(lines).encode(), n


def _timed(parts: dict[str, float], name: str, call: Callable[..., _T], *args: Any) -> _T:
    begun = time.process_time()
    result = call(*args)
    parts[name] = parts.get(name, 0.0) + time.process_time() - begun
    return result
