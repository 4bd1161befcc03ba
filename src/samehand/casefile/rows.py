"""Rows of a bundle: one JSON object a line, exact, for programs that do not know samehand."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
import pyarrow as pa

from samehand.errors import InputError
from samehand.report.csv import cell

Row = dict[str, Any]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rows_of(table: pa.Table, *order: str) -> list[Row]:
    """Give the rows of a table, by the columns of ``order`` where it is given; maps become objects."""
    maps = [field.name for field in table.schema if pa.types.is_map(field.type)]
    rows: list[Row] = (
        table.sort_by([(name, "ascending") for name in order]).to_pylist() if order else table.to_pylist()
    )
    for row in rows:
        row.update({name: dict(row[name] or ()) for name in maps})
    return rows


def write_rows(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Write one JSON object a line; times are UTC with microseconds, what is not known is null."""
    return b"".join(msgspec.json.encode(row, order="sorted") + b"\n" for row in rows)


def read_rows(files: Mapping[str, bytes | None], name: str) -> list[Row]:
    """Read what ``write_rows`` wrote.

    Raises:
        InputError: The bundle has no such file, or it is none of ours.
    """
    content = files.get(name)
    try:
        rows = [msgspec.json.decode(line) for line in (content or b"").splitlines()]
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(
            f"no rows of a table: {error}", where=name, hint="the bundle as it was handed over"
        ) from error
    if content is None or not all(isinstance(row, dict) for row in rows):
        raise InputError(
            "missing, or no rows of a table", where=name, hint="the bundle as it was handed over"
        )
    return rows


def write_csv(rows: Iterable[Mapping[str, Any]], names: list[str]) -> bytes:
    """Write rows for a spreadsheet: UTF-8 with a byte-order mark; no text is taken for a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([cell(row.get(name)) for name in names] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def micros(time: str) -> int:
    """Give the µs since 1970 of a time as ``write_rows`` writes it.

    >>> micros("1970-01-01T00:00:01.000002Z")
    1000002
    """
    since = datetime.fromisoformat(time) - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
