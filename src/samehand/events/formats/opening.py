"""Opens whatever was found: each source by the reader of its format, in the given order."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Sequence
from pathlib import Path

from samehand.errors import InputError
from samehand.events.check import LeftOut
from samehand.events.formats.csv_files import open_csv
from samehand.events.formats.database import DatabaseAddress, open_query
from samehand.events.formats.encodings import read_bytes
from samehand.events.formats.interface import Part
from samehand.events.formats.json_files import open_json
from samehand.events.formats.parquet_files import open_parquet
from samehand.events.formats.streams import StreamPart, open_table
from samehand.events.sources import AnySource, FileSource, TableSource
from samehand.events.sql import Session


def open_parts(
    session: Session, sources: Sequence[AnySource], scratch: Path
) -> tuple[list[Part], tuple[LeftOut, ...]]:
    """Open all sources.

    Returns:
        The parts of the log in order, and what was passed over: empty files, further sheets.

    Raises:
        InputError: A source cannot be read, or nothing is in any of them.
    """
    full = [source for source in sources if not (isinstance(source, FileSource) and _is_empty(source))]
    n_empty = len(sources) - len(full)
    left_out: tuple[LeftOut, ...] = ()
    if not full:
        first = next(source for source in sources if isinstance(source, FileSource))
        raise InputError("the file is empty", where=str(first.path), hint="a file with at least one event")
    if n_empty:
        left_out = (LeftOut(what="empty files", count=n_empty, why="they hold no byte"),)
    parts: list[Part] = []
    try:
        for kind, group in itertools.groupby(full, key=_reader):
            if kind in {"parquet", "csv", "json"}:
                parts += _open_files(session, kind, list(group), scratch)
                continue
            for source in group:
                part, more = _open_stream(session, source)
                parts.append(part)
                left_out += more
    except BaseException:
        for part in parts:
            part.close()
        raise
    return parts, left_out


def _is_empty(source: FileSource) -> bool:
    return source.path.stat().st_size == 0


def _reader(source: AnySource) -> str:
    if isinstance(source, FileSource):
        return source.format
    return "table" if isinstance(source, TableSource) else "database"


def _open_files(session: Session, kind: str, sources: Sequence[AnySource], scratch: Path) -> list[Part]:
    files = [source for source in sources if isinstance(source, FileSource)]
    if kind == "parquet":
        return open_parquet(session, [_unpack(file, scratch) for file in files])
    return open_csv(files) if kind == "csv" else open_json(session, files)


def _open_stream(session: Session, source: AnySource) -> tuple[Part, tuple[LeftOut, ...]]:
    if isinstance(source, FileSource):
        from samehand.events.formats.workbooks import open_sheet  # few logs need its library

        return open_sheet(session, source)
    if isinstance(source, DatabaseAddress):
        rows, close = open_query(source)
        return StreamPart(session, source.shown, rows, close), ()
    return open_table(session, source.table), ()


def _unpack(file: FileSource, scratch: Path) -> Path:
    """Unpack a compressed Parquet file: it is read from its end."""
    if file.compression == "none":
        return file.path
    target = scratch / f"{len(list(scratch.iterdir()))}-{file.path.stem}"
    try:
        with read_bytes(file.path, file.compression) as packed, target.open("wb") as plain:
            shutil.copyfileobj(packed, plain, 1 << 20)
    except OSError as error:
        raise InputError(
            f"cannot be unpacked: {error}", where=str(file.path), hint="write or copy it again"
        ) from error
    return target
