"""What every kind of source becomes: parts of a log with the same columns throughout, then views to scan."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from samehand.events.sql import Session

Kind = Literal[
    "integer", "decimal", "float", "text", "untyped", "json", "zoned", "naive", "date", "boolean",
    "list", "nested", "time_of_day", "binary", "empty", "other",
]  # fmt: skip
"""What the values of a column are. ``untyped``: text of a format without types (CSV). ``json``: values
of several types, as text. ``zoned`` and ``naive``: instants with and without a zone. ``empty``: no value."""

_KINDS: Final[tuple[tuple[str, Kind], ...]] = (
    ("STRUCT", "nested"),
    ("MAP", "nested"),
    ("UNION", "nested"),
    ("VARIANT", "nested"),
    ("TIMESTAMP WITH TIME ZONE", "zoned"),
    ("TIMESTAMPTZ", "zoned"),
    ("TIMESTAMP", "naive"),
    ("DATE", "date"),
    ("TIME", "time_of_day"),
    ("INTERVAL", "time_of_day"),
    ("BOOLEAN", "boolean"),
    ("FLOAT", "float"),
    ("DOUBLE", "float"),
    ("DECIMAL", "decimal"),
    ("VARCHAR", "text"),
    ("ENUM", "text"),
    ("UUID", "text"),
    ("JSON", "text"),
    ("BLOB", "binary"),
    ("BIT", "other"),
    ('"NULL"', "empty"),
    ("NULL", "empty"),
)
_INTEGERS: Final = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")


def kind_of(sql_type: str) -> Kind:
    """Tell the kind of a column from its type in SQL.

    >>> kind_of("STRUCT(a BIGINT)[]"), kind_of("TIMESTAMP_NS"), kind_of("UBIGINT"), kind_of("DECIMAL(20,0)")
    ('list', 'naive', 'integer', 'decimal')
    """
    if sql_type.endswith("]"):
        return "list"
    if sql_type.removeprefix("U") in _INTEGERS:
        return "integer"
    return next((kind for start, kind in _KINDS if sql_type.startswith(start)), "other")


def element_of(sql_type: str) -> Kind | None:
    """Tell the kind of a list's elements; None for anything but a list.

    >>> element_of("DOUBLE[]"), element_of("DOUBLE")
    ('float', None)
    """
    return kind_of(sql_type[: sql_type.rindex("[")]) if sql_type.endswith("]") else None


def printable(text: str, longest: int = 80) -> str:
    r"""Make a name or value of a log fit for a terminal: no control characters, not too long.

    >>> printable("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text[: longest + 1])
    return shown if len(text) <= longest else shown[:longest] + "..."


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a part of the log, or one field of a nested column."""

    name: str
    """As the log names it; a field of a nested column with dots: ``actor.login``."""
    kind: Kind
    path: tuple[str, ...]
    """The names from the outermost column inwards."""
    element: Kind | None = None
    """What the elements of a list are."""
    is_json: bool = False
    """Whether the source holds JSON texts in it, whose strings have to be unquoted."""
    examples: tuple[str, ...] = ()
    """The first values as text, without the missing ones; for the guess of its role."""


@dataclass(frozen=True, kw_only=True)
class FileRows:
    """Which rows of the log a file, table or object holds."""

    name: str
    first_row: int
    """1-based, over the whole log."""
    n_rows: int
    n_before: int = 0
    """Rows of the file that stand elsewhere, before these."""


@dataclass(frozen=True, kw_only=True)
class LoadedColumn:
    """Where a column of the log stands in a view."""

    sql: str
    """Its identifier there, quoted."""
    kind: Kind
    element: Kind | None = None
    """What the elements of a list are."""
    json_type: str = ""
    """For the kind ``json``: the identifier of the column with the JSON type of each value."""


@dataclass(frozen=True, kw_only=True)
class LoadedPart:
    """A part of the log as a view that can be scanned again and again.

    The view has the column ``row`` (1-based over the whole log) and the wanted columns.
    """

    view: str
    columns: dict[str, LoadedColumn]
    """By the name in the log. Wanted columns that this part lacks are not in it."""
    files: tuple[FileRows, ...]
    file_column: str = ""
    """The identifier of the column with each row's file; empty where all files have the same types."""

    @property
    def n_rows(self) -> int:
        """Rows of the part."""
        return sum(file.n_rows for file in self.files)


class Part(ABC):
    """A part of the log that has been opened: its columns are known, its rows are not read yet."""

    name: str
    columns: tuple[Column, ...]

    @abstractmethod
    def load(self, session: Session, wanted: Sequence[Column], scratch: Path, first_row: int) -> LoadedPart:
        """Make the wanted columns ready to be scanned; called once.

        Args:
            session: Where the view is made.
            wanted: Some of ``columns``.
            scratch: Folder for a copy, where the source cannot be scanned twice.
            first_row: Number of the part's first row in the whole log, from 1.

        Raises:
            InputError: The rows cannot be read.
        """

    def close(self) -> None:  # noqa: B027  # most parts hold nothing open
        """Let go of what is held open."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of a file, for messages."""

    file: str
    number: int
    """1-based, within the file, the header not counted."""

    def __str__(self) -> str:
        return f"{self.file}, row {self.number:,}"


def locate(parts: Sequence[LoadedPart], row: int) -> Row:
    """Find the file of a row of the log."""
    files = [file for part in parts for file in part.files if file.n_rows]
    file = next(f for f in reversed(files) if f.first_row <= row)
    return Row(file=file.name, number=row - file.first_row + 1 + file.n_before)


def rows_of(name: str, first_row: int, n_rows: int) -> tuple[FileRows, ...]:
    """Say that all rows of a part come from one file or object."""
    return (FileRows(name=name, first_row=first_row, n_rows=n_rows),)
