"""START HERE: the analysis of a stream, tick by tick. It reads the journal and nothing else.

Each tick's events are taken into the tables of what forms. When enough accounts call for it, or the schedule does, a
look searches the window as batch ``detect`` does. What it reports and can pay for becomes a lead. All of it is a
function of the journal: stopped anywhere, it goes on from its checkpoint and says the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import pyarrow as pa

from samehand.fleets.find import silent
from samehand.online import checkpoint as checkpoints
from samehand.online.arriving import SCHEMA, times_of
from samehand.online.budget import look_bits
from samehand.online.checkpoint import Checkpoint
from samehand.online.forming import LEAST_RISEN, Forming
from samehand.online.journal import StoredEvents
from samehand.online.kept import keep_run
from samehand.online.leads import Lead, Leads
from samehand.online.look import take_look
from samehand.online.outbox import Outbox, disk
from samehand.online.profiles import PROFILES, RESTLESS, make_profiles, save_profiles
from samehand.online.settings import StreamSettings
from samehand.placing import write_whole

_TICKS_A_CHECKPOINT: Final = 256
_LOOK_US_AN_EVENT: Final = 10
"""A look takes about so long for each event of its window; see ``_gap_us``."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Analysis:
    """Follows the journal of a stream."""

    def __init__(
        self, state: Path, settings: StreamSettings, journal: StoredEvents, *, keep_runs: bool = False
    ) -> None:
        self.settings = settings
        self._state = state
        self._keep_runs = keep_runs
        self._journal = journal
        self.forming = Forming(settings.active_accounts)
        found, self.warnings = checkpoints.load(state / "analysis", self.forming)
        self._at = found or Checkpoint(
            generation=0,
            n_rows=0,
            tick_end_us=None,
            last_look_us=None,
            n_looks=0,
            n_fleets=0,
            n_told=0,
            leads=[],
        )
        if self._at.n_rows > journal.n_rows:
            self.warnings.append(
                f"the journal lost {self._at.n_rows - journal.n_rows:,} events that were analysed already; "
                "leads that rest on them stay"
            )
            self._at = msgspec.structs.replace(self._at, n_rows=journal.n_rows)
        self.leads = Leads({one.fleet_id: one for one in self._at.leads}, self._at.n_fleets, self._at.n_told)
        self._outbox = Outbox(state / "leads.ndjson")
        self.warnings += self._outbox.warnings
        self._unsaved_ticks = 0
        self._n_published = 0
        self._waiting: list[pa.RecordBatch] = []
        self._n_read = self._at.n_rows
        self._latest_us = -(1 << 62)

    @property
    def n_looks(self) -> int:
        """Looks over the life of the stream."""
        return self._at.n_looks

    def refresh(self) -> None:
        """Learn what another process has appended to the journal."""
        self._journal.refresh()

    def catch_up(self, step: Callable[[str], None] = silent) -> None:
        """Analyse all ticks that are complete in the journal.

        Raises:
            SamehandError: The disk cannot be written; started again, it goes on from the last good checkpoint.
        """
        with disk(self._state):
            self._catch_up(step)

    def _catch_up(self, step: Callable[[str], None]) -> None:
        for events in self._rows():
            times = times_of(events)
            so_far = np.maximum(np.maximum.accumulate(times), self._latest_us)
            start = 0
            while start < len(times):
                end = self._tick_end(int(so_far[start]))
                stop = start + int(np.searchsorted(so_far[start:], end))
                if stop > start:
                    self._waiting.append(events.slice(start, stop - start))
                    self._n_read += stop - start
                    self._latest_us = int(so_far[stop - 1])
                if stop < len(times):
                    self._at = msgspec.structs.replace(
                        self._at, tick_end_us=self._next_end(int(so_far[stop]))
                    )
                    self._close_tick(end, step)
                start = stop

    def finish(self, step: Callable[[str], None] = silent) -> None:
        """The stream ended: take the closing look, which reports all that ``detect`` reports on the window.

        Raises:
            SamehandError: As in ``catch_up``.
        """
        self.catch_up(step)
        if not self._n_read:
            return
        latest = max(self._latest_us, self._journal.latest_us)
        with disk(self._state):
            self._take_in()
            self._look(latest + 1, step, closing=True)
            self._save()

    def save(self) -> None:
        """Write a checkpoint, if there is anything new.

        Raises:
            SamehandError: As in ``catch_up``.
        """
        if self._unsaved_ticks:
            with disk(self._state):
                self._save()

    def _rows(self) -> Iterator[pa.RecordBatch]:
        for frame in self._journal.frames(self._n_read):
            skipped = max(0, self._n_read - frame.first_row)
            if frame.events.num_rows > skipped:
                yield frame.events.slice(skipped)

    def _tick_end(self, time_us: int) -> int:
        if self._at.tick_end_us is None:
            self._at = msgspec.structs.replace(self._at, tick_end_us=self._next_end(time_us))
        assert self._at.tick_end_us is not None  # noqa: S101 - set above
        return self._at.tick_end_us

    def _next_end(self, time_us: int) -> int:
        return (time_us // self.settings.tick_us + 1) * self.settings.tick_us

    def _take_in(self) -> None:
        self.forming.take(pa.Table.from_batches(self._waiting, SCHEMA))
        self._waiting = []
        self._at = msgspec.structs.replace(self._at, n_rows=self._n_read)
        self._unsaved_ticks += 1

    def _close_tick(self, end_us: int, step: Callable[[str], None]) -> None:
        self._take_in()
        if self._at.last_look_us is None:
            self._at = msgspec.structs.replace(self._at, last_look_us=end_us)
        if self._is_due(end_us):
            self._look(end_us, step)
        elif self.forming.n_risen != self._n_published:
            self._publish_restless()
        if self._unsaved_ticks >= _TICKS_A_CHECKPOINT:
            self._save()

    def _is_due(self, end_us: int) -> bool:
        assert self._at.last_look_us is not None  # noqa: S101 - set with the first tick
        since = end_us - self._at.last_look_us
        called = self.forming.n_risen >= LEAST_RISEN and since >= self._gap_us()
        return called or since >= self.settings.look_every_us

    def _gap_us(self) -> int:
        """Least time between looks that events call for: such looks take half of the time at most.

        It goes by the events that are there and not by a clock, so that it is the same whenever they are read.
        """
        n_events = self._at.n_in_window + self._n_read - self._at.n_rows_at_look
        return 2 * _LOOK_US_AN_EVENT * n_events

    def _look(self, end_us: int, step: Callable[[str], None], *, closing: bool = False) -> None:
        at = (_EPOCH + timedelta(microseconds=end_us)).isoformat()
        step(f"look at {at}")
        look = take_look(self._journal, self.settings, end_us, self._n_read, self._state)
        n_looks = self._at.n_looks + (not closing)
        told: list[Lead] = []
        if look is not None:
            try:
                bits = 0.0 if closing else look_bits(n_looks, self.settings.config.fdr)
                if closing or self.leads.would_change(look.unexplained, bits):
                    run = look.conclude()
                    told = self.leads.update(run, at=at, look=0 if closing else n_looks, at_least_bits=bits)
                    if told and self._keep_runs:
                        keep_run(self._state, run, told[0])
                    profiles = make_profiles(run, list(self.leads.open.values()), look.window, at)
                    save_profiles(self._state / PROFILES, profiles)
            finally:
                look.close()
        self.forming.looked(self.leads.accounts())
        self._publish_restless()
        self._at = msgspec.structs.replace(
            self._at,
            n_looks=n_looks,
            last_look_us=end_us,
            n_in_window=0 if look is None else look.n_events,
            n_rows_at_look=self._n_read,
            n_fleets=self.leads.n_fleets,
            n_told=self.leads.n_told,
            leads=list(self.leads.open.values()),
        )
        self._outbox.put(told)
        self._save()
        self._journal.drop_before(end_us - self.settings.window_us, self._at.n_rows)

    def _publish_restless(self) -> None:
        """Tell the door which accounts meet others again and again."""
        self._n_published = self.forming.n_risen
        write_whole(self._state / RESTLESS, msgspec.msgpack.encode(self.forming.restless()))

    def _save(self) -> None:
        self._at = msgspec.structs.replace(self._at, generation=self._at.generation + 1)
        checkpoints.save(self._state / "analysis", self._at, self.forming)
        self._unsaved_ticks = 0
