"""Reads CSV and TSV files. Every cell stays text until the whole column is known."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from samehand.errors import InputError
from samehand.events.formats.copies import copy_rows, count_rows, in_order, view_copy
from samehand.events.formats.csv_layout import Layout, look
from samehand.events.formats.encodings import not_utf8
from samehand.events.formats.interface import Column, LoadedPart, Part
from samehand.events.formats.nested import unique
from samehand.events.sources import FileSource
from samehand.events.sql import DatabaseError, Session, literal, message, path_pattern


class CsvPart(Part):
    """Files of the same layout."""

    def __init__(self, paths: Sequence[Path], layout: Layout, examples: Sequence[tuple[str, ...]]) -> None:
        self.name = str(paths[0]) if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} more"
        self._paths = paths
        self._layout = layout
        self.columns = tuple(
            Column(name=name, kind="untyped", path=(f"c{i}",), examples=values)
            for i, (name, values) in enumerate(zip(unique(layout.names), examples, strict=True))
        )

    def load(self, session: Session, wanted: Sequence[Column], scratch: Path, first_row: int) -> LoadedPart:
        """Copy the wanted columns into a Parquet file, in order."""
        copy = scratch / f"log_{first_row}.parquet"
        expressions = [column.path[0] for column in wanted]
        patterns = [path_pattern(path) for path in self._paths]
        try:
            copy_rows(session, [*expressions, "filename"], self._table(), copy, [patterns])
        except DatabaseError as error:
            self._explain(session, error)
        file_column = f"c{len(wanted)}"
        files = count_rows(session, copy, file_column, self._paths, first_row)
        return view_copy(session, copy, in_order(wanted), files, file_column)

    def _table(self, options: str = "") -> str:
        layout = self._layout
        types = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(layout.names)))
        return (
            f"read_csv(?, auto_detect = false, columns = {{{types}}}, header = {layout.has_header}, "
            f"delim = {literal(layout.separator)}, quote = '\"', escape = {literal(layout.escape)}, "
            f"filename = true, skip = {layout.skip}, compression = {literal(layout.compression)}{options})"
        )

    def _explain(self, session: Session, error: DatabaseError) -> NoReturn:
        """Find the first row that does not fit the header, and say where it is."""
        table = self._table(", ignore_errors = true, store_rejects = true, rejects_limit = 1")
        for path in self._paths:
            try:
                session.execute(f"SELECT count(COLUMNS(*)) FROM {table}", [[path_pattern(path)]]).fetchall()  # noqa: S608
            except DatabaseError as worse:
                raise _unreadable(path, worse) from error
            found = session.execute(
                "SELECT line, error_type, error_message, csv_line FROM reject_errors"
            ).fetchone()
            if found and found[1] == "INVALID ENCODING":
                raise not_utf8(path, self._layout.compression) from error
            if found:
                raise _refusal(path, *found) from error
        raise _unreadable(self._paths[0], error) from error


def open_csv(files: Sequence[FileSource]) -> list[Part]:
    """Open CSV files; neighbours of the same layout become one part.

    Raises:
        InputError: A file is not UTF-8, is cut short, or has no separator that splits its header.
    """
    opened = [(file.path, *look(file)) for file in files]
    parts: list[Part] = []
    for layout, group in itertools.groupby(opened, key=lambda item: item[1]):
        same = list(group)
        parts.append(CsvPart([path for path, _, _ in same], layout, same[0][2]))
    return parts


def _refusal(path: Path, line: int, kind: str, said: str, text: str) -> InputError:
    where = f"{path}, line {line:,}"
    counts = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", said)
    if counts:
        found = f"{counts[2]} values where the header has {counts[1]}: {text[:80]!r}"
        return InputError(found, where=where, hint="put values that hold the separator into quotation marks")
    if "UNQUOTED" in kind:
        found = f"a quotation mark that is not closed, or has text after it: {text[:80]!r}"
        return InputError(found, where=where, hint="double the quotation marks inside of quoted values")
    return InputError(f"{said.strip()}: {text[:80]!r}", where=where, hint="repair or remove the line")


def _unreadable(path: Path, error: Exception) -> InputError:
    text = message(error)
    hint = "is the file whole? copy or write it again"
    if "state machine" in text:
        text = "the lines end in different ways, or a quotation mark is not closed"
        hint = "end all lines in the same way (dos2unix does it)"
    return InputError(f"cannot be read: {text}", where=str(path), hint=hint)
