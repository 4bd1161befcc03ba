"""What a machine does with a piece of a log: look at it, and convert it as was decided for the whole."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samehand import columns
from samehand.arrays import I64
from samehand.columns import Role
from samehand.errors import InputError
from samehand.events.formats.interface import FileRows, LoadedPart
from samehand.events.formats.streams import open_table
from samehand.events.mapping import Mapping
from samehand.events.normalise import Gaps, Understanding, count_gaps, select_events
from samehand.events.read import Look, look_at
from samehand.events.spread.sources import FILE, ROW, path_of
from samehand.events.sql import DatabaseError, Session, message, open_session
from samehand.events.times.notes import Shifted
from samehand.events.times.read import TimesRead, read_times

_MEMORY_GIB: Final = 2.0
"""Of the database of one task; beyond it, it spills to the disk."""
_BINARY: pa.DataType = pa.binary()
SEEN: Final = pa.schema({"row": pa.int64(), "seen": _BINARY})
"""What a look at a piece gives: the piece's first row, and what was seen, pickled."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What is told of a piece that was converted."""

    times: TimesRead
    gaps: Gaps


def look(chosen: Mapping, files: dict[str, int], piece: pa.Table) -> pa.Table:
    """Look at a piece; an ``InputError`` is an answer too.

    Args:
        chosen: Columns of the roles.
        files: Number of the first row of each file.
        piece: Rows with ``ROW`` and ``FILE``.
    """
    seen: Look | InputError
    try:
        with _loaded(chosen, files, piece) as (session, parts, rows):
            seen = look_at(session, parts, chosen)
    except InputError as error:
        seen, rows = error, np.sort(_rows_of(piece))
    return pa.table({"row": [int(rows[0])], "seen": [pickle.dumps(seen)]}, SEEN)


def converted_schema(log: Understanding) -> pa.Schema:
    """The columns of a converted piece: the events', ``row``, ``hit``, and ``told`` in a row of its own."""
    own = columns.events(log.id_type("account"), log.id_type("event_id"), log.roles)
    return pa.schema([*own, ("row", pa.int64()), ("hit", pa.int64()), ("told", pa.string())])


def convert(log: Understanding, files: dict[str, int], piece: pa.Table) -> pa.Table:
    """Convert a piece; the last row tells what was noticed.

    Args:
        log: What was decided for the whole log.
        files: Number of the first row of each file.
        piece: Rows with ``ROW`` and ``FILE``.
    """
    schema = converted_schema(log)
    with _loaded(log.mapping, files, piece) as (session, parts, rows):
        own = look_at(session, parts, log.mapping)
        times = read_times(session, parts, own.times, log.times)
        gaps = count_gaps(session, times.parts, log)
        events: Any = session.execute(select_events(times.parts, log)).to_arrow_table()
    row = pa.array(rows[events["row"].to_numpy() - 1])
    arrays: dict[str, Any] = {role: events[role] for role in log.roles}
    if not log.has_event_ids:
        arrays["event_id"] = row
    arrays |= {"row": row, "hit": pc.cast(events["hit"], pa.int64()), "told": pa.nulls(len(row), pa.string())}
    converted = pa.table(arrays).cast(schema)
    said: dict[str, Any] = dict.fromkeys(schema.names) | {"row": int(rows[0]), "told": _to_json(times, gaps)}
    return pa.concat_tables([converted, pa.Table.from_pylist([said], schema)])


def _to_json(times: TimesRead, gaps: Gaps) -> str:
    return json.dumps(
        {
            "invalid": times.invalid,
            "shifted": [times.shifted.n_missing, times.shifted.n_twofold],
            "without_account": gaps.n_without_account,
            "words": gaps.n_words,
        }
    )


def read_told(text: str) -> Told:
    """Read what ``convert`` told."""
    told = json.loads(text)
    n_missing, n_twofold = told["shifted"]
    words: dict[Role, int] = told["words"]
    return Told(
        times=TimesRead(
            parts=(),
            invalid=tuple(told["invalid"]),
            shifted=Shifted(n_missing=n_missing, n_twofold=n_twofold),
        ),
        gaps=Gaps(n_without_account=told["without_account"], n_words=words),
    )


def _rows_of(piece: pa.Table) -> I64:
    return np.asarray(piece[ROW].to_numpy(), np.int64)


@contextmanager
def _loaded(
    chosen: Mapping, files: dict[str, int], piece: pa.Table
) -> Iterator[tuple[Session, list[LoadedPart], I64]]:
    """Load the columns of a piece that have a role, in order of its rows; give their numbers in the log too."""
    in_order = np.argsort(_rows_of(piece), kind="stable")
    piece = piece.take(in_order)
    rows = _rows_of(piece)
    wanted = {name for item in chosen.roles for name in item.columns}
    with TemporaryDirectory() as scratch, open_session(Path(scratch), _MEMORY_GIB, 1) as session:
        part = open_table(session, piece.drop_columns([ROW, FILE]))
        try:
            own = [column for column in part.columns if column.name in wanted]
            loaded = part.load(session, own, Path(scratch), 1)
        except DatabaseError as error:
            where = path_of(piece[FILE][0].as_py())
            raise InputError(
                f"the rows cannot be read: {message(error)}", where=where, hint="is every file whole?"
            ) from error
        finally:
            part.close()
        named = _files_of([str(name) for name in piece[FILE].to_pylist()], rows, files)
        yield session, [replace(loaded, files=named)], rows


def _files_of(names: Sequence[str], rows: I64, files: dict[str, int]) -> tuple[FileRows, ...]:
    """Say which rows of a piece come from which file, and how many of the file's stand before them."""
    begins = [
        n for n, name in enumerate(names) if n == 0 or name != names[n - 1] or rows[n] != rows[n - 1] + 1
    ]
    ends = [*begins[1:], len(names)]
    return tuple(
        FileRows(
            name=path_of(names[begin]),
            first_row=begin + 1,
            n_rows=end - begin,
            n_before=int(rows[begin]) - files[names[begin]],
        )
        for begin, end in zip(begins, ends, strict=True)
    )
