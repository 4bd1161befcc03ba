"""Reads what comes as an Arrow stream, once, so that it is copied: tables in memory, workbooks, databases."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pyarrow as pa

from samehand.errors import InputError
from samehand.events.formats.copies import copy_rows, in_order, view_copy
from samehand.events.formats.interface import Column, FileRows, LoadedPart, Part
from samehand.events.formats.nested import columns_of, expression
from samehand.events.sql import DatabaseError, Session, message

_STREAM: Final = "arriving_rows"


class StreamPart(Part):
    """Rows that come once."""

    def __init__(
        self, session: Session, name: str, rows: pa.RecordBatchReader, close: Callable[[], None] | None = None
    ) -> None:
        self.name = name
        self._close = close
        self._schema = rows.schema
        with self._explained(), self._closed_on_error():
            first = next(iter(rows), None)
            head = [] if first is None else [first]
            self._rows = itertools.chain(head, rows)
            with _registered(session, pa.Table.from_batches(head, rows.schema)):
                self.columns = columns_of(session, _STREAM, rows.schema.names)

    def load(self, session: Session, wanted: Sequence[Column], scratch: Path, first_row: int) -> LoadedPart:
        """Copy the wanted columns into a Parquet file, in order."""
        reader = pa.RecordBatchReader.from_batches(self._schema, self._rows)
        copy = scratch / f"log_{first_row}.parquet"
        with self._explained(), _registered(session, reader):
            n_rows = copy_rows(session, [expression(column) for column in wanted], _STREAM, copy)
        files = (FileRows(name=self.name, first_row=first_row, n_rows=n_rows),)
        return view_copy(session, copy, in_order(wanted), files)

    def close(self) -> None:
        """Close the connection or file behind the stream."""
        if self._close:
            self._close()

    @contextmanager
    def _closed_on_error(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.close()
            raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (DatabaseError, pa.ArrowException, OSError, TypeError, ValueError) as error:
            # Not chained: a database driver may repeat its address.
            raise InputError(
                f"the rows cannot be read: {message(error)}",
                where=self.name,
                hint="give each column one type, for instance with CAST in the query",
            ) from None


def open_table(session: Session, table: object) -> StreamPart:
    """Open an object with ``__arrow_c_stream__``.

    Raises:
        InputError: It gives no stream, for instance because a column mixes texts and numbers.
    """
    try:
        rows = pa.RecordBatchReader.from_stream(table)  # type: ignore[arg-type]  # has been looked at
    except (pa.ArrowException, TypeError, ValueError, NotImplementedError) as error:
        raise InputError(
            f"the {type(table).__name__} cannot be read: {message(error)}",
            where="in memory",
            hint="give each column one type: text or numbers",
        ) from error
    return StreamPart(session, "in memory", rows)


@contextmanager
def _registered(session: Session, rows: pa.Table | pa.RecordBatchReader) -> Iterator[None]:
    session.register(_STREAM, rows)
    try:
        yield
    finally:
        session.unregister(_STREAM)
