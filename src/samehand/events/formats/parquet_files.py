"""Reads Parquet files in place: they are scanned as often as needed, never copied."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from samehand.errors import InputError
from samehand.events.formats.copies import in_order
from samehand.events.formats.interface import Column, FileRows, LoadedPart, Part
from samehand.events.formats.nested import columns_of, expression
from samehand.events.formats.streams import StreamPart
from samehand.events.sql import DatabaseError, Session, literals, message, path_pattern

_POSITIONS: Final = {"file_index", "file_row_number"}  # DuckDB's names for where a row stands


class ParquetPart(Part):
    """Parquet files with the same columns."""

    def __init__(self, session: Session, paths: Sequence[Path]) -> None:
        footers = [pq.read_metadata(path) for path in paths]
        self.name = str(paths[0]) if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} more"
        self._names = [str(path) for path in paths]
        self._n_rows = [footer.num_rows for footer in footers]
        patterns = literals([path_pattern(path) for path in paths])
        # Folders such as day=2026-03-02 are columns too; their values are text.
        hive = f"hive_partitioning = {bool(_partitions(paths[0]))}, hive_types_autocast = false"
        self._table = f"read_parquet([{patterns}], {hive})"
        names = footers[0].schema.to_arrow_schema().names
        try:
            self.columns = columns_of(session, self._table, names)
        except DatabaseError as error:
            raise InputError(
                f"cannot be read: {message(error)}", where=self.name, hint="is the file whole?"
            ) from error

    def load(self, session: Session, wanted: Sequence[Column], scratch: Path, first_row: int) -> LoadedPart:  # noqa: ARG002
        """Make a view over the files as they are."""
        starts = list(itertools.accumulate(self._n_rows[:-1], initial=first_row))
        view = f"log_{first_row}"
        start = (
            f"CAST({starts} AS BIGINT[])[CAST(file_index AS BIGINT) + 1]" if starts[1:] else str(first_row)
        )
        selected = [f"file_row_number + {start} AS row"]
        selected += [f"{expression(column)} AS c{i}" for i, column in enumerate(wanted)]
        session.execute(f"CREATE VIEW {view} AS SELECT {', '.join(selected)} FROM {self._table}")  # noqa: S608
        files = zip(self._names, starts, self._n_rows, strict=True)
        return LoadedPart(
            view=view,
            columns=in_order(wanted),
            files=tuple(FileRows(name=name, first_row=start, n_rows=n) for name, start, n in files),
        )


def open_parquet(session: Session, paths: Sequence[Path]) -> list[Part]:
    """Open Parquet files; neighbours with the same columns become one part.

    Raises:
        InputError: A file is no Parquet file, is damaged or cut short.
    """
    parts: list[Part] = []
    for (schema, _), group in itertools.groupby(paths, lambda path: (_read_schema(path), _partitions(path))):
        same = list(group)
        if _POSITIONS & {name.lower() for name in schema.names}:
            parts += [_copy_of(session, path) for path in same]
        else:
            parts.append(ParquetPart(session, same))
    return parts


def _partitions(path: Path) -> tuple[str, ...]:
    """Name the columns that folders stand for.

    >>> _partitions(Path("logs/day=2026-03-02/part-0.parquet"))
    ('day',)
    """
    return tuple(folder.partition("=")[0] for folder in path.parent.parts if "=" in folder)


def _read_schema(path: Path) -> pa.Schema:
    try:
        return pq.read_schema(path).remove_metadata()
    except (OSError, pa.ArrowException) as error:
        raise InputError(
            f"no whole Parquet file: {str(error).strip().splitlines()[0]}",
            where=str(path),
            hint="write or copy the file again; its end, with the list of its columns, may be missing",
        ) from error


def _copy_of(session: Session, path: Path) -> StreamPart:
    file = pq.ParquetFile(path)
    rows = pa.RecordBatchReader.from_batches(file.schema_arrow, file.iter_batches())
    return StreamPart(session, str(path), rows, file.close)
