"""A look: the batch search on the events of the window, nothing less and nothing else."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from samehand.columns import ROLES, Role
from samehand.errors import OptionError
from samehand.events.events import Events
from samehand.events.read import read_events
from samehand.fleets.judge import Judged
from samehand.online.arriving import SCHEMA, times_of
from samehand.online.journal import StoredEvents
from samehand.online.settings import StreamSettings
from samehand.pipeline import Clock, Searched, conclude, search
from samehand.run import Run

LEAST_EVENTS: Final = 20
"""In fewer no fleet can be told."""


@dataclass(frozen=True)
class Seen:
    """A group that a look found and no innocent cause explains."""

    accounts: frozenset[str]
    score_bits: float


class Look:
    """A search of the window, and the run that is made of it where a run is wanted."""

    def __init__(self, searched: Searched) -> None:
        self._searched = searched
        self.window = searched.events.files[0]
        self.n_events = searched.events.quality.n_events
        judged, fdr = searched.judged, searched.config.fdr
        self.unexplained = [self._seen(one) for one in judged if one.weight <= fdr]
        self.explained = [self._seen(one) for one in judged if one.weight > fdr]

    def conclude(self) -> Run:
        """Say what chance gives, and make the tables: the rest of ``detect``."""
        return conclude(self._searched)

    def close(self) -> None:
        """Remove the copy of the window."""
        self._searched.events.close()

    def _seen(self, one: Judged) -> Seen:
        ids = self._searched.engine.account_ids(one.candidate.accounts).to_pylist()
        return Seen(frozenset(map(str, ids)), one.candidate.score_bits)


def take_look(
    journal: StoredEvents, settings: StreamSettings, until_us: int, n_rows: int, scratch: Path
) -> Look | None:
    """Search the window that ends at a time; None: too little is in it to be searched.

    Args:
        journal: Of the stream.
        settings: Of the stream.
        until_us: End of the window, exclusive.
        n_rows: Rows of the journal that had come by then.
        scratch: Folder for the copy of the window, which goes with the look.
    """
    events = read_window(journal, settings, until_us, n_rows, scratch)
    if events is None:
        return None
    try:
        return Look(search(events, settings.config, Clock(None)))
    except OptionError:  # the layers are known: so short a log allows none of them yet
        events.close()
        return None


def read_window(
    journal: StoredEvents, settings: StreamSettings, until_us: int, n_rows: int, scratch: Path
) -> Events | None:
    """Read the events of a window as ``detect`` reads a log; None: they are too few, or of one account."""
    with tempfile.TemporaryDirectory(prefix="look-", dir=scratch) as folder:
        file = Path(folder) / "window.parquet"
        roles, n_accounts = _write_window(journal, until_us - settings.window_us, until_us, n_rows, file)
        if n_accounts < 2 or pq.read_metadata(file).num_rows < LEAST_EVENTS:
            return None
        return read_events(
            file,
            {role: role if role in roles else None for role in ROLES},
            memory_gib=settings.config.memory_gib,
            threads=settings.config.threads,
        )


def _write_window(
    journal: StoredEvents, from_us: int, until_us: int, n_rows: int, file: Path
) -> tuple[list[Role], int]:
    """Copy the events of a window into a file; give the roles that any of them has, and accounts (2: or more)."""
    accounts: set[str] = set()
    has = np.zeros(len(ROLES), np.bool_)
    with pq.ParquetWriter(file, SCHEMA, compression="lz4") as writer:
        for frame in journal.frames(0):
            if frame.first_row >= n_rows:
                break
            events = frame.events.slice(0, n_rows - frame.first_row)
            times = times_of(events)
            events = events.filter(pa.array((times >= from_us) & (times < until_us)))
            if events.num_rows:
                writer.write_batch(events)
                if len(accounts) < 2:
                    accounts |= set(map(str, events.column("account").to_pylist()))
                has |= [column.null_count < len(column) for column in events.columns]
    return [role for role, present in zip(ROLES, has, strict=True) if present], min(2, len(accounts))
