"""Reads a sheet of a workbook: Excel or OpenDocument."""

from __future__ import annotations

import fastexcel
import pyarrow as pa

from samehand.errors import InputError, OptionError
from samehand.events.check import LeftOut
from samehand.events.formats.streams import StreamPart
from samehand.events.sources import FileSource
from samehand.events.sql import Session


def open_sheet(session: Session, file: FileSource) -> tuple[StreamPart, tuple[LeftOut, ...]]:
    """Open the named sheet of a workbook, or its first.

    Returns:
        The sheet, and what there is to say of the other sheets.

    Raises:
        InputError: The file is no workbook, or the sheet has no header.
        OptionError: It has no such sheet.
    """
    where = str(file.path)
    try:
        book = fastexcel.read_excel(file.path)
    except fastexcel.FastExcelError as error:
        raise InputError(
            f"no whole workbook: {_first_line(error)}",
            where=where,
            hint="save it again, or export the sheet as CSV",
        ) from error
    if file.sheet is not None and file.sheet not in book.sheet_names:
        hint = f"{where}#SHEET with one of {', '.join(book.sheet_names)}"
        raise OptionError(f"no sheet {file.sheet!r}", where=where, hint=hint)
    name = book.sheet_names[0] if file.sheet is None else file.sheet
    try:
        rows = pa.record_batch(book.load_sheet(name, schema_sample_rows=None))
    except (fastexcel.FastExcelError, pa.ArrowException, ValueError) as error:
        raise InputError(
            f"the sheet cannot be read: {_first_line(error)}",
            where=f"{where}#{name}",
            hint="export it as CSV",
        ) from error
    if rows.num_columns == 0:
        raise InputError(
            "the sheet is empty", where=f"{where}#{name}", hint="a sheet whose first row names the columns"
        )
    left_out: tuple[LeftOut, ...] = ()
    others = [sheet for sheet in book.sheet_names if sheet != name]
    if file.sheet is None and others:
        book_name = file.path.name
        why = (
            f"{name} is the first of {book_name}; for the others name {book_name}#SHEET: {', '.join(others)}"
        )
        left_out = (LeftOut(what="sheets of a workbook", count=len(others), why=why),)
    stream = pa.RecordBatchReader.from_batches(rows.schema, [rows])
    return StreamPart(session, f"{where}#{name}" if file.sheet else where, stream), left_out


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
