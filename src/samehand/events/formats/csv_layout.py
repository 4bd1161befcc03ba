"""Finds out how a CSV file is written: its separator, its quoting, whether it names its columns."""

from __future__ import annotations

import contextlib
import csv
import io
import re
from dataclasses import dataclass
from typing import Final

from samehand.errors import InputError
from samehand.events.formats.encodings import check_whole, not_utf8, read_bytes
from samehand.events.sources import Compression, FileSource

_HEAD_BYTES: Final = 1 << 18
_N_EXAMPLES: Final = 200
_SEPARATORS: Final = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar"}
_NUMBER: Final = r"[+-]?\d[\d.,]*([eE][+-]?\d+)?"
_DATE: Final = r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b.*"
_IPV4: Final = r"\d{1,3}(\.\d{1,3}){3}(:\d+)?"
_VALUE: Final = re.compile(f"{_NUMBER}|{_DATE}|{_IPV4}")
"""What stands in rows and never in a header."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How a file is written. Files of the same layout are read together."""

    separator: str
    escape: str
    """What makes a quotation mark part of a quoted value: another one, or a backslash."""
    has_header: bool
    names: tuple[str, ...]
    """Of the columns; ``column1`` and so on where there is no header."""
    skip: int
    """Lines of comment before the header."""
    compression: Compression


def look(file: FileSource) -> tuple[Layout, tuple[tuple[str, ...], ...]]:
    """Find the layout of a CSV file, and the first values of each column.

    Raises:
        InputError: The file is not UTF-8, is cut short, holds nothing, or no separator splits its first line.
    """
    check_whole(file)
    text = _read_head(file)
    lines = re.split(r"\r\n|\n|\r", text)
    skip = next((i for i, line in enumerate(lines) if line.strip() and not line.startswith("#")), len(lines))
    if skip == len(lines):
        raise InputError("the file holds no line", where=str(file.path), hint="a file with a header and rows")
    body = "\n".join(lines[skip:])
    separator = _find_separator(lines[skip])
    # The way of quoting that gives more rows as many values as the header has.
    plain, escaped = (_split(body, separator, backslash=backslash) for backslash in (False, True))
    backslash = '\\"' in body and _n_even(escaped) > _n_even(plain)
    rows = escaped if backslash else plain
    first = rows[0]
    if len(first) == 1:
        raise _one_column(file, first[0])
    has_header = not any(_VALUE.fullmatch(cell.strip()) for cell in first)
    names = tuple((has_header and cell.strip()) or f"column{i}" for i, cell in enumerate(first, start=1))
    layout = Layout(
        separator=separator,
        escape="\\" if backslash else '"',
        has_header=has_header,
        names=names,
        skip=skip,
        compression=file.compression,
    )
    examples = [row for row in rows[has_header:] if len(row) == len(first)]
    columns = zip(*examples, strict=True) if examples else [()] * len(first)
    return layout, tuple(tuple(cell for cell in column if cell) for column in columns)


def _read_head(file: FileSource) -> str:
    with read_bytes(file.path, file.compression) as stream:
        head = stream.read(_HEAD_BYTES)
    if len(head) == _HEAD_BYTES:
        head = head[: head.rfind(b"\n") + 1] or head
    try:
        return head.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise not_utf8(file.path, file.compression) from None


def _find_separator(header: str) -> str:
    """Take the separator that splits the header into the most cells."""
    return max(_SEPARATORS, key=lambda separator: len(next(csv.reader([header], delimiter=separator))))


def _split(body: str, separator: str, *, backslash: bool) -> list[list[str]]:
    reader = csv.reader(
        io.StringIO(body),
        delimiter=separator,
        doublequote=not backslash,
        escapechar="\\" if backslash else None,
    )
    rows: list[list[str]] = []
    with contextlib.suppress(csv.Error):  # for instance a huge cell: the real reading explains it
        rows.extend(
            row for row, _ in zip((row for row in reader if row), range(_N_EXAMPLES + 1), strict=False)
        )
    return rows or [body.splitlines()[0].split(separator)]


def _n_even(rows: list[list[str]]) -> int:
    return sum(len(row) == len(rows[0]) for row in rows)


def _one_column(file: FileSource, cell: str) -> InputError:
    other = re.search(r"[^\w\s\"'.-]", cell)
    hint = f"separate the values by {', '.join(_SEPARATORS.values())}"
    if other:
        hint = f"the values seem to be separated by {other[0]!r}; {hint}"
    return InputError(f"only one column: {cell[:80]!r}", where=str(file.path), hint=hint)
