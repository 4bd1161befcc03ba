"""Copies rows that cannot be scanned twice into a Parquet file, in order, and makes a view of it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

from samehand.events.formats.interface import Column, FileRows, LoadedColumn, LoadedPart
from samehand.events.sql import Session, literal


def copy_rows(
    session: Session, expressions: Sequence[str], table: str, copy: Path, parameters: Sequence[object] = ()
) -> int:
    """Write expressions over a table as the columns c0, c1, ... of a Parquet file; give the number of rows.

    Args:
        session: Where the table is known.
        expressions: SQL over the table's columns.
        table: What stands after FROM; may hold ``?``.
        copy: The file to write.
        parameters: Values for the ``?``.
    """
    selected = ", ".join(f"{expression} AS c{i}" for i, expression in enumerate(expressions))
    query = f"COPY (SELECT {selected} FROM {table}) TO {literal(str(copy))} (FORMAT parquet)"  # noqa: S608
    row = session.execute(query, list(parameters)).fetchone()
    return int(row[0]) if row else 0


def view_copy(
    session: Session,
    copy: Path,
    columns: dict[str, LoadedColumn],
    files: tuple[FileRows, ...],
    file_column: str = "",
) -> LoadedPart:
    """Make a view of a copy: all its columns, and ``row``."""
    first_row = files[0].first_row
    view = f"log_{first_row}"
    rows = f"read_parquet([{literal(str(copy))}])"
    session.execute(f"CREATE VIEW {view} AS SELECT file_row_number + {first_row} AS row, * FROM {rows}")  # noqa: S608
    return LoadedPart(view=view, columns=columns, files=files, file_column=file_column)


def in_order(wanted: Sequence[Column]) -> dict[str, LoadedColumn]:
    """Say that the wanted columns are c0, c1, ... of a view."""
    return {
        column.name: LoadedColumn(sql=f"c{i}", kind=column.kind, element=column.element)
        for i, column in enumerate(wanted)
    }


def count_rows(
    session: Session, copy: Path, file_column: str, paths: Sequence[Path], first_row: int
) -> tuple[FileRows, ...]:
    """Say which rows of a copy came from which file, in the files' order."""
    query = f"SELECT {file_column}, count(*) FROM read_parquet([{literal(str(copy))}]) GROUP BY ALL"  # noqa: S608
    counts = dict(session.execute(query).fetchall())
    n_rows = [counts.get(str(path), 0) for path in paths]
    starts = itertools.accumulate(n_rows[:-1], initial=first_row)
    return tuple(
        FileRows(name=str(path), first_row=start, n_rows=n)
        for path, start, n in zip(paths, starts, n_rows, strict=True)
    )
