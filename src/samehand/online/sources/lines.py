"""JSON lines, on standard input or in a file that grows."""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

from samehand.errors import InputError
from samehand.online.arriving import LONGEST_LINE, Arrived, LineReader, Refused
from samehand.online.settings import StreamSettings
from samehand.online.sources.interface import POLL_S, Batch

_BLOCK: Final = 1 << 20
_FIRST_LINES: Final = 100
"""When none of so many is an event, the wrong thing is being read."""


class StandardInput:
    """Lines of standard input. It cannot be read again: after a kill, send again what was not acknowledged, or all."""

    name = "standard input"

    def __init__(self, settings: StreamSettings, stream: BinaryIO | None = None) -> None:
        self._lines = Lines(settings)
        self._stream = stream or sys.stdin.buffer

    def batches(self, position: dict[str, Any] | None) -> Iterator[Batch]:  # noqa: ARG002 - it cannot go back
        handle = self._stream.fileno()
        while True:
            if not select.select([handle], [], [], POLL_S)[0]:
                yield Batch(None)
                continue
            block = os.read(handle, _BLOCK)
            if not block:
                break
            yield from (Batch(arrived) for arrived in self._lines.take(block))
        yield from (Batch(arrived) for arrived in self._lines.rest())

    def acknowledge(self, batch: Batch) -> None:
        """Nobody waits for it."""


class GrowingFile:
    """Lines of a file; when it is moved away and another takes its place, the rest of it is read first."""

    def __init__(self, file: Path, settings: StreamSettings, *, follow: bool) -> None:
        self.name = str(file)
        self._file = file
        self._settings = settings
        self._follow = follow

    def batches(self, position: dict[str, Any] | None) -> Iterator[Batch]:
        stream = self._open(position)
        try:
            lines, begin = Lines(self._settings), stream.tell()
            while True:
                block = stream.read(_BLOCK)
                if not block:
                    if self._replaced(stream):
                        yield from self._rest(lines, stream, begin)
                        stream.close()
                        stream = open(self._file, "rb")  # noqa: SIM115 - closed below
                        lines, begin = Lines(self._settings), 0
                        continue
                    if not self._follow:
                        yield from self._rest(lines, stream, begin)
                        return
                    yield Batch(None)
                    time.sleep(POLL_S)
                    continue
                for arrived in lines.take(block):
                    yield Batch(arrived, self._position(stream, begin + lines.n_done))
        finally:
            stream.close()

    def acknowledge(self, batch: Batch) -> None:
        """A file waits for nobody."""

    def _open(self, position: dict[str, Any] | None) -> BinaryIO:
        try:
            stream = open(self._file, "rb")  # noqa: SIM115 - closed by the caller
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", where=self.name, hint="a file") from error
        found = os.fstat(stream.fileno())
        if position and position.get("inode") == found.st_ino:
            if position["offset"] > found.st_size:
                stream.close()
                raise InputError(
                    f"has {found.st_size:,} bytes, of which {position['offset']:,} were read before: it was cut",
                    where=self.name,
                    hint="logs that are moved away and begun anew, not cut; or another --state",
                )
            stream.seek(position["offset"])
        return stream

    def _replaced(self, stream: BinaryIO) -> bool:
        try:
            return self._file.stat().st_ino != os.fstat(stream.fileno()).st_ino
        except FileNotFoundError:
            return False

    def _rest(self, lines: Lines, stream: BinaryIO, begin: int) -> Iterator[Batch]:
        for arrived in lines.rest():
            yield Batch(arrived, self._position(stream, begin + lines.n_done))

    def _position(self, stream: BinaryIO, offset: int) -> dict[str, Any]:
        return {"inode": os.fstat(stream.fileno()).st_ino, "offset": offset}


class Lines:
    """Cuts blocks of bytes into lines and reads them."""

    def __init__(self, settings: StreamSettings) -> None:
        self._reader = LineReader(settings)
        self._settings = settings
        self._begun = b""
        self._skipping = False
        self._n_events = 0
        self._refused: list[Refused] = []
        self.n_done = 0
        """Bytes of whole lines so far."""

    def take(self, block: bytes) -> Iterator[Arrived]:
        """Read the lines that a block completes."""
        whole, newline, rest = block.rpartition(b"\n")
        if not newline:
            self._begun += block
            if len(self._begun) > LONGEST_LINE:
                yield from self._too_long()
            return
        lines = self._begun + whole + newline
        self._begun = rest
        self.n_done += len(lines)
        if self._skipping:  # the end of a line that was refused
            _, _, lines = lines.partition(b"\n")
            self._skipping = False
        yield self._read(lines)

    def rest(self) -> Iterator[Arrived]:
        """Read what stands after the last end of a line."""
        if self._begun and not self._skipping:
            self.n_done += len(self._begun)
            yield self._read(self._begun)
        self._begun = b""

    def _too_long(self) -> Iterator[Arrived]:
        if not self._skipping:
            reason = f"longer than {LONGEST_LINE:,} bytes"
            yield Arrived(self._reader.read(b"").events, [Refused(self._begun[:200], reason)])
        self.n_done += len(self._begun)
        self._begun, self._skipping = b"", True

    def _read(self, lines: bytes) -> Arrived:
        arrived = self._reader.read(lines)
        self._n_events += arrived.events.num_rows
        if not self._n_events:
            self._refused += arrived.refused
            if len(self._refused) >= _FIRST_LINES:
                first = self._refused[0]
                keys = " and ".join(self._settings.required_keys)
                raise InputError(
                    f"none of the first {len(self._refused)} lines is an event: {first.reason} in "
                    f"{first.line[:80].decode('utf-8', 'replace')}",
                    where="source",
                    hint=f"a JSON object with {keys} on each line; other names: --map account=KEY",
                )
        return arrived
