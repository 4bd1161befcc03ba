"""Watches a stream: events go into the journal, are acknowledged, and analysed; leads go out."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from samehand.errors import OptionError
from samehand.fleets.find import silent
from samehand.online.analysis import Analysis
from samehand.online.intake import Intake
from samehand.online.outputs import Output, deliver
from samehand.online.settings import StreamSettings
from samehand.online.sources import Source

if os.name == "posix":
    import fcntl


class Watch:
    """A stream that is being watched."""

    def __init__(
        self,
        state: Path,
        settings: StreamSettings,
        outputs: Sequence[Output] = (),
        warn: Callable[[str], None] = silent,
    ) -> None:
        self.intake = Intake(state, settings)
        keep_runs = any(one.needs_runs for one in outputs)
        self.analysis = Analysis(state, settings, self.intake.journal, keep_runs=keep_runs)
        self._state, self._outputs, self._warn = state, outputs, warn
        self._said: list[str] = []
        for warning in (*self.intake.journal.warnings, *self.analysis.warnings):
            warn(warning)

    def run(self, source: Source, step: Callable[[str], None] = silent) -> None:
        """Follow a source until it ends, then take the closing look.

        Raises:
            InputError: The source holds no events, or is not what was read before.
            SamehandError: The disk or the source failed; what was acknowledged is safe.
        """
        for batch in source.batches(self.intake.position):
            if batch.arrived is not None:
                self.intake.take(batch.arrived, batch.position, source.name)
                if batch.handle is not None:
                    source.acknowledge(batch)
                self.analysis.catch_up(step)
            self._deliver()
        self.analysis.finish(step)
        self._deliver()

    def close(self) -> None:
        """Write a checkpoint and close the files."""
        self.analysis.save()
        self.intake.close()

    def _deliver(self) -> None:
        wrong = deliver(self._state / "leads.ndjson", self._outputs)
        for one in wrong:
            if one not in self._said:
                self._warn(one)
        self._said = wrong


@contextmanager
def only_one(state: Path) -> Iterator[None]:
    """Hold the lock of a stream: two that write into one state would spoil it.

    Raises:
        OptionError: Another process watches it.
    """
    state.mkdir(parents=True, exist_ok=True)
    handle = os.open(state, os.O_RDONLY)
    try:
        if os.name == "posix":
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise OptionError(
                    "is watched by another process", where=str(state), hint="stop it, or another --state"
                ) from error
        yield
    finally:
        os.close(handle)


@contextmanager
def stopped_by_signal() -> Iterator[None]:
    """Make SIGTERM an interrupt, so that files are closed and a checkpoint is written."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
