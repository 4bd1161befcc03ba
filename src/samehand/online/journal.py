"""The journal of a stream: accepted events on disk, in the order of their arrival, whole or not at all.

A journal is a row of segments, each a file of frames: magic, length, checksum, and an Arrow stream with a few events
and a note. A frame is on the disk before its events are acknowledged. What is torn at the end was never acknowledged,
and is cut off; a frame that was damaged later is told, and the journal goes back to the frame before it.
"""

from __future__ import annotations

import bisect
import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec
import pyarrow as pa

from samehand.errors import InputError, SamehandError
from samehand.online.arriving import SCHEMA, times_of

_HEAD: Final = struct.Struct("<4sII")
_MAGIC: Final = b"SHJ1"
_SEGMENT_BYTES: Final = 64 << 20
_MARK_BYTES: Final = 1 << 16
_MOST_BYTES: Final = 1 << 30
"""A frame that claims to be longer is damaged."""


@dataclass(frozen=True, kw_only=True)
class Note:
    """What is said with a frame: how far its source was read, and what was counted until then."""

    position: dict[str, Any] | None = None
    """Where the source goes on; None: it cannot say."""
    n_late: int = 0
    n_repeated: int = 0
    n_refused: int = 0


@dataclass(frozen=True)
class Frame:
    """A few events that were accepted at once."""

    first_row: int
    """Row of the first, counted from the beginning of the stream."""
    events: pa.RecordBatch
    note: Note


@dataclass
class _Segment:
    file: Path
    first_row: int
    n_rows: int = 0
    latest_us: int = -(1 << 62)
    n_bytes: int = 0
    marks: list[tuple[int, int]] = field(default_factory=list)
    """Rows at which frames begin, and their bytes in the file: one for about so many bytes as ``_MARK_BYTES``."""

    @property
    def end(self) -> int:
        """Row after the last."""
        return self.first_row + self.n_rows

    def place_of(self, row: int) -> tuple[int, int]:
        """Give the row and byte of a frame that begins not far before a row."""
        at = bisect.bisect_right(self.marks, (row, 1 << 62))
        return self.marks[at - 1] if at else (self.first_row, 0)


class StoredEvents:
    """What a journal holds, to be read; whoever analyses it says which segments are not needed any more."""

    def __init__(self, folder: Path, segments: list[_Segment]) -> None:
        self._folder = folder
        self._segments = segments or [_Segment(self._file(0), 0)]
        self.warnings: list[str] = []
        self.last_note = Note()

    @property
    def n_rows(self) -> int:
        """Rows since the beginning of the stream."""
        return self._segments[-1].end

    @property
    def latest_us(self) -> int:
        """Time of the youngest event."""
        return max(segment.latest_us for segment in self._segments)

    def refresh(self) -> None:
        """Learn what another process has appended; nothing, where this one does."""

    def frames(self, from_row: int) -> Iterator[Frame]:
        """Read frames again, from the one that holds a row.

        Raises:
            InputError: A frame was damaged since the journal was opened.
        """
        for place, segment in enumerate(list(self._segments)):
            begins_later = place + 1 < len(self._segments) and self._segments[place + 1].first_row <= from_row
            if begins_later:
                continue
            row, done = segment.place_of(from_row)
            for frame, _ in _read(segment.file, row, segment.n_bytes, done):
                if frame.first_row + frame.events.num_rows > from_row:
                    yield frame

    def latest(self, since_us: int) -> Iterator[pa.RecordBatch]:
        """Give events of segments that hold any since a time; others may be among them."""
        for segment in list(self._segments):
            if segment.latest_us >= since_us and segment.file.exists():
                for frame, _ in _read(segment.file, segment.first_row, segment.n_bytes):
                    yield frame.events

    def drop_before(self, time_us: int, row: int) -> None:
        """Remove segments of which all events are older than a time and before a row."""
        while len(self._segments) > 1 and self._segments[0].latest_us < time_us:
            if self._segments[1].first_row > row:
                return
            self._segments.pop(0).file.unlink(missing_ok=True)

    def _file(self, first_row: int) -> Path:
        return self._folder / f"{first_row:015d}.journal"


class Journal(StoredEvents):
    """A journal that is open for appending; one at a time may be (see ``watch.only_one``)."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        found = [_Segment(file, int(file.stem)) for file in sorted(folder.glob("*.journal"))]
        super().__init__(folder, found)
        self._open: BinaryIO | None = None
        """The last segment, from the first append on."""
        for place, segment in enumerate(found):
            self._recover(place, segment)

    def append(self, events: pa.RecordBatch, note: Note) -> None:
        """Put events on the disk; when this returns they may be acknowledged.

        Raises:
            SamehandError: The disk is full, or cannot be written; the journal is as it was before.
        """
        last = self._segments[-1]
        content = _encoded(events, note)
        frame = _HEAD.pack(_MAGIC, len(content), zlib.crc32(content)) + content
        try:
            self._open = self._open or open(last.file, "ab")  # noqa: SIM115 - open as long as the journal
            self._open.write(frame)
            self._open.flush()
            os.fsync(self._open.fileno())
        except OSError as error:
            self._cut(last)
            raise SamehandError(
                f"cannot be written: {error.strerror}; no event that was acknowledged is lost",
                where=str(last.file),
                hint="make room on the disk, then start again: it goes on where it was",
            ) from error
        _count(last, events, len(frame))
        self.last_note = note
        if last.n_bytes >= _SEGMENT_BYTES:
            self.close()
            self._segments.append(_Segment(self._file(self.n_rows), self.n_rows))

    def close(self) -> None:
        """Close the file; an append opens it again."""
        if self._open:
            self._open.close()
        self._open = None

    def _cut(self, segment: _Segment) -> None:
        """Cut a segment to its whole frames."""
        with suppress(OSError):  # what could not be written cannot be written on closing either
            self.close()
        self._open = None
        with suppress(FileNotFoundError):
            os.truncate(segment.file, segment.n_bytes)

    def _recover(self, place: int, segment: _Segment) -> None:
        """Count what a segment holds; cut what is torn or damaged, with all that follows it."""
        if place >= len(self._segments):  # cut with an earlier one
            return
        for frame, n_bytes in _read(segment.file, segment.first_row, None):
            _count(segment, frame.events, n_bytes)
            self.last_note = frame.note
        size = segment.file.stat().st_size
        later = self._segments[place + 1 :]
        if size == segment.n_bytes and (not later or later[0].first_row == segment.end):
            return
        aside = segment.file.with_suffix(f".damaged-{segment.n_bytes}")
        with open(segment.file, "rb") as damaged:
            damaged.seek(segment.n_bytes)
            aside.write_bytes(damaged.read())
        os.truncate(segment.file, segment.n_bytes)
        for one in later:
            one.file.rename(one.file.with_suffix(".damaged"))
        del self._segments[place + 1 :]
        self.warnings.append(
            f"{segment.file}: {size - segment.n_bytes:,} bytes after row {segment.end:,} are no "
            f"whole frame{f', and {len(later)} later files' if later else ''}; set aside as {aside.name}. A source "
            "that can be read again goes on from there; another has to send again what came since."
        )


class Following(StoredEvents):
    """A journal that another process appends to: what it has is read, nothing is cut or added."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, [])
        self.refresh()

    def refresh(self) -> None:
        """Learn of frames that were appended."""
        files = sorted(self._folder.glob("*.journal"))
        known = {segment.file for segment in self._segments}
        if files and not known & set(files):
            self._segments = []
        self._segments += [_Segment(file, int(file.stem)) for file in files if file not in known]
        for segment in self._segments[-2:] if len(known) > 1 else self._segments:
            if segment.file.exists():
                for frame, n_bytes in _read(segment.file, segment.end, None, segment.n_bytes):
                    _count(segment, frame.events, n_bytes)
                    self.last_note = frame.note


def _count(segment: _Segment, events: pa.RecordBatch, n_bytes: int) -> None:
    if segment.n_bytes - (segment.marks[-1][1] if segment.marks else 0) >= _MARK_BYTES:
        segment.marks.append((segment.end, segment.n_bytes))
    segment.n_rows += events.num_rows
    segment.n_bytes += n_bytes
    if events.num_rows:
        segment.latest_us = max(segment.latest_us, int(times_of(events).max()))


def _encoded(events: pa.RecordBatch, note: Note) -> bytes:
    sink = pa.BufferOutputStream()
    schema = SCHEMA.with_metadata({b"note": msgspec.json.encode(note)})
    options = pa.ipc.IpcWriteOptions(compression="lz4" if events.num_rows > 64 else None)
    with pa.ipc.new_stream(sink, schema, options=options) as writer:
        writer.write_batch(events.replace_schema_metadata(schema.metadata))
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _read(file: Path, first_row: int, end: int | None, done: int = 0) -> Iterator[tuple[Frame, int]]:
    """Read whole frames and their bytes, from byte ``done`` up to a place; None: up to what is torn or damaged."""
    if done == end:  # nothing yet: there may be no file
        return
    with open(file, "rb") as stream:
        stream.seek(done)
        while end is None or done < end:
            head = stream.read(_HEAD.size)
            magic, length, checksum = _HEAD.unpack(head) if len(head) == _HEAD.size else (b"", 0, 0)
            content = stream.read(length) if magic == _MAGIC and length <= _MOST_BYTES else b""
            if not content or len(content) != length or zlib.crc32(content) != checksum:
                if end is None:
                    return
                raise InputError(
                    f"damaged at byte {done:,}",
                    where=str(file),
                    hint="start again: what is damaged is set aside, and the source is read again from there",
                )
            frame = _decoded(content, first_row)
            first_row += frame.events.num_rows
            done += _HEAD.size + length
            yield frame, _HEAD.size + length


def _decoded(content: bytes, first_row: int) -> Frame:
    with pa.ipc.open_stream(content) as reader:
        note = msgspec.json.decode((reader.schema.metadata or {})[b"note"], type=Note)
        return Frame(first_row, reader.read_next_batch().replace_schema_metadata(None), note)
