"""Takes arriving events in: what is late or was there before is counted, the rest is journalled, then acknowledged."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, Final

import msgspec
import numpy as np
import pyarrow as pa

from samehand.arrays import BOOL, I64, U64
from samehand.columns import ROLES
from samehand.errors import SamehandError
from samehand.kernels import forming
from samehand.online.arriving import Arrived, Refused, times_of
from samehand.online.journal import Journal, Note
from samehand.online.settings import StreamSettings

_LONGEST_SHOWN: Final = 4_096
"""Bytes of a refused line that are kept."""


class SeenBefore:
    """Which events came before, by their ids: all that are not late yet, and some that are.

    Two sets, of which the younger takes new ids. It becomes the older one, and the older one is forgotten, when all
    that the older one holds is late. Hashes are of 64 bits, keyed anew in each process: nobody can make two ids alike.
    """

    def __init__(self, lateness_us: int) -> None:
        self._lateness_us = lateness_us
        self._younger, self._older = _room(1 << 16), _room(2)
        self._n_free = np.array([1 << 15])
        self._begun_us: int | None = None

    def first_times(self, keys: I64, now_us: int) -> BOOL:
        """Tell which keys are new, and remember them."""
        if self._begun_us is None:
            self._begun_us = now_us
        elif now_us - self._begun_us > self._lateness_us:
            self._older, self._younger = self._younger, _room(len(self._younger))
            self._n_free[0] = len(self._younger) // 2
            self._begun_us = now_us
        fresh = np.zeros(len(keys), np.uint8)
        done = 0
        while done < len(keys):
            done += forming.first_times(keys[done:], self._younger, self._older, self._n_free, fresh[done:])
            if done < len(keys):
                self._grow()
        return fresh.astype(np.bool_)

    def _grow(self) -> None:
        known = self._younger[self._younger != 0].view(np.int64)
        self._younger = _room(2 * len(self._younger))
        self._n_free[0] = len(self._younger) // 2
        forming.first_times(known, self._younger, _room(2), self._n_free, np.zeros(len(known), np.uint8))


def _room(n: int) -> U64:
    return np.zeros(n, np.uint64)


def keys_of(events: pa.RecordBatch) -> I64:
    """Hash what tells events from one another: id and target where there is an id, else the whole row.

    An event with several targets is several rows with one id.
    """
    ids = events.column("event_id").to_pylist()
    targets = events.column("target").to_pylist()
    keys = [hash((one, target)) for one, target in zip(ids, targets, strict=True)]
    lacking = [i for i, one in enumerate(ids) if one is None]
    if lacking:
        some = events.take(pa.array(lacking)).to_pydict() if len(lacking) < len(ids) else events.to_pydict()
        rows = zip(*(some[role] for role in ROLES), strict=True)
        for i, row in zip(lacking, rows, strict=True):
            keys[i] = hash(row)
    return np.array(keys, np.int64)


class Intake:
    """The way in to the journal of a stream."""

    def __init__(self, state: Path, settings: StreamSettings) -> None:
        self._settings = settings
        self.journal = Journal(state / "journal")
        self.note = self.journal.last_note
        self._dead = DeadLetters(state / "refused.ndjson")
        self._seen = SeenBefore(settings.lateness_us)
        self.latest_us = self._remember()

    @property
    def position(self) -> dict[str, Any] | None:
        """How far the source was read."""
        return self.note.position

    def take(self, arrived: Arrived, position: dict[str, Any] | None, source: str) -> int:
        """Take events in; see ``take_several``."""
        return self.take_several([arrived], position, source)[0]

    def take_several(
        self, arrivals: Sequence[Arrived], position: dict[str, Any] | None, source: str
    ) -> list[int]:
        """Take events in. When this returns, they are on the disk, refused lines too.

        Args:
            arrivals: What came, in order.
            position: Where the source goes on after it.
            source: Its name, for refused lines.

        Returns:
            For each arrival how many of its events are new.

        Raises:
            SamehandError: The disk cannot be written; nothing of it counts as read.
        """
        refused = [one for arrived in arrivals for one in arrived.refused]
        if refused:
            self._dead.add(refused, source)
        sizes = [arrived.events.num_rows for arrived in arrivals]
        events = arrivals[0].events
        if len(arrivals) > 1:
            table = pa.Table.from_batches([arrived.events for arrived in arrivals]).combine_chunks()
            events = next(iter(table.to_batches()), events)
        new, n_late = self._look_up(events)
        note = Note(
            position=position,
            n_late=self.note.n_late + n_late,
            n_repeated=self.note.n_repeated + len(new) - int(new.sum()) - n_late,
            n_refused=self.note.n_refused + len(refused),
        )
        if note != self.note or new.any():
            self._append(events if new.all() else events.filter(pa.array(new)), note)
            self.note = note
        return [int(some.sum()) for some in np.split(new, np.cumsum(sizes)[:-1])]

    def _look_up(self, events: pa.RecordBatch) -> tuple[BOOL, int]:
        """Tell which events are new, and how many are late."""
        new = np.zeros(events.num_rows, np.bool_)
        if not events.num_rows:
            return new, 0
        times = times_of(events)
        so_far = np.maximum(np.maximum.accumulate(times), self.latest_us)
        late = times < so_far - self._settings.lateness_us
        new[~late] = self._seen.first_times(keys_of(events)[~late], int(so_far[-1]))
        self.latest_us = int(so_far[-1])
        return new, int(late.sum())

    def _append(self, events: pa.RecordBatch, note: Note) -> None:
        try:
            self.journal.append(events, note)
        except SamehandError:  # they will come again, and must then be new
            self._seen = SeenBefore(self._settings.lateness_us)
            self.latest_us = self._remember()
            raise

    def close(self) -> None:
        """Close the files."""
        self.journal.close()
        self._dead.close()

    def _remember(self) -> int:
        """Learn again from the journal what came last."""
        latest = self.journal.latest_us
        for events in self.journal.latest(latest - 2 * self._settings.lateness_us):
            if events.num_rows:
                recent = times_of(events) >= latest - self._settings.lateness_us
                self._seen.first_times(keys_of(events)[recent], latest)
        return latest


class DeadLetters:
    """Lines that were refused, with the reason: a file of JSON lines."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._open: IO[bytes] | None = None

    def add(self, refused: list[Refused], source: str) -> None:
        """Write refused lines to the disk.

        Raises:
            SamehandError: The disk cannot be written.
        """
        lines = [
            {
                "at": int(time.time()),
                "source": source,
                "reason": one.reason,
                "line": one.line[:_LONGEST_SHOWN].decode("utf-8", "backslashreplace"),
            }
            for one in refused
        ]
        try:
            self._open = self._open or open(self._file, "ab")  # noqa: SIM115 - closed by ``close``
            self._open.write(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
            self._open.flush()
            os.fsync(self._open.fileno())
        except OSError as error:
            raise SamehandError(
                f"cannot be written: {error.strerror}", where=str(self._file), hint="make room on the disk"
            ) from error

    def close(self) -> None:
        """Close the file."""
        if self._open:
            self._open.close()
