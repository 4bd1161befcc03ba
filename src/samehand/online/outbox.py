"""What was told, on the disk before anybody is told it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from samehand.errors import SamehandError
from samehand.online.leads import Lead
from samehand.placing import write_whole


@contextmanager
def disk(where: Path) -> Iterator[None]:
    """Say in words that a disk failed.

    Raises:
        SamehandError: It did.
    """
    try:
        yield
    except OSError as error:
        raise SamehandError(
            f"cannot be written: {error.strerror or error}; the last good checkpoint stays",
            where=str(where),
            hint="make room on the disk, then start again: it goes on where it was",
        ) from error


class Outbox:
    """All leads that were told, a line each. Outputs read from it."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.warnings: list[str] = []
        """What was damaged, a sentence each."""
        lines = file.read_bytes().splitlines(keepends=True) if file.exists() else []
        whole = [line for line in lines if line.endswith(b"\n")]
        if len(whole) < len(lines):  # torn by a kill
            os.truncate(file, sum(map(len, whole)))
        good = [(line, lead) for line in whole if (lead := _read(line))]
        if len(good) < len(whole):
            self._set_aside([line for line in whole if not _read(line)], [line for line, _ in good])
        self.n_told = good[-1][1].seq if good else 0

    def put(self, leads: list[Lead]) -> None:
        """Write leads that were not written before: after a restart a look may be taken again, and says the same.

        Raises:
            OSError: The disk cannot be written; the file is as it was.
        """
        new = [one for one in leads if one.seq > self.n_told]
        if not new:
            return
        before = self.file.stat().st_size if self.file.exists() else 0
        try:
            with open(self.file, "ab") as stream:
                stream.write(b"".join(msgspec.json.encode(one) + b"\n" for one in new))
                stream.flush()
                os.fsync(stream.fileno())
        except OSError:
            os.truncate(self.file, before)
            raise
        self.n_told = new[-1].seq

    def _set_aside(self, damaged: list[bytes], good: list[bytes]) -> None:
        aside = self.file.with_suffix(".damaged")
        with open(aside, "ab") as stream:
            stream.write(b"".join(damaged))
        write_whole(self.file, b"".join(good))
        self.warnings.append(
            f"{self.file}: {len(damaged)} lines are damaged, set aside as {aside.name}. What leads are open is known "
            "from the checkpoint; who was not told these lines yet is not told them"
        )


def _read(line: bytes) -> Lead | None:
    try:
        return msgspec.json.decode(line, type=Lead)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
