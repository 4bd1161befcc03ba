"""Reads a log by the column names that a research tool itself uses, so that nothing has to be mapped."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import pyarrow.parquet

from samehand.compat.ids import is_text
from samehand.errors import InputError

pc: Any = pyarrow.compute  # its stubs refuse Python scalars, which it accepts

_CSV: Final = pyarrow.csv.ParseOptions(newlines_in_values=True)
_NUMBER: Final = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_NO_TIME: Final = ("", "na", "nan", "null", "none")
_MILLISECONDS_FROM: Final = 1e11  # as seconds, the year 5138


@dataclass(frozen=True, kw_only=True)
class OwnColumns:
    """How one tool names its columns."""

    tool: str
    """As its authors write it."""
    needed: tuple[str, ...]
    aliases: dict[str, str] = field(default_factory=dict)
    """Older name -> name."""
    by_position: tuple[str, ...] = ()
    """The order in which the tool takes the columns, whatever their names; empty: it goes by name."""
    blank_is_missing: bool = True
    """Whether an empty cell of a CSV file is a missing value (R) or an empty text (Python's csv)."""


def read_own_columns(source: object, columns: OwnColumns) -> tuple[pa.Table, tuple[str, ...]]:
    """Read the columns that a tool needs, under the tool's names, and what there is to say about the reading.

    Args:
        source: Path of a Parquet or CSV file (CSV may be compressed and start with a byte-order mark), or any
            object with ``__arrow_c_stream__``.
        columns: The names to read.

    Returns:
        A table with the ``needed`` columns in that order, and notes. Cells of a CSV file stay text,
        categories become text again, and NaN is a missing value.

    Raises:
        InputError: The file is missing, damaged or of another kind, or columns are missing or named twice.
    """
    where = str(source) if isinstance(source, (str, Path)) else "the table"
    try:
        names, load = _open(source, columns, where)
        found, notes = _find(names, columns, where)
        table = load(found)
    except (pa.ArrowException, OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"cannot be read: {error}", where=where, hint="is it whole?") from error
    return pa.table([_plain(column) for column in table.columns], names=list(columns.needed)), notes


def _open(
    source: object, columns: OwnColumns, where: str
) -> tuple[list[str], Callable[[list[str]], pa.Table]]:
    """Give the names of all columns, and a function that reads some of them."""
    if hasattr(source, "__arrow_c_stream__"):
        table = pa.table(source)
        return table.column_names, table.select
    if not isinstance(source, (str, Path)):
        raise InputError(
            f"cannot read a {type(source).__name__}",
            hint="the path of a Parquet or CSV file, or a PyArrow, Polars or pandas table",
        )
    path = Path(source)
    if not path.is_file():
        raise InputError("no such file", where=where, hint="the path of a Parquet or CSV file")
    kinds = {suffix.lower() for suffix in path.suffixes}
    if ".csv" in kinds:
        names, is_empty = _read_header(path)
        return names, partial(_read_csv, path, columns.blank_is_missing, is_empty)
    if kinds & {".parquet", ".pq"}:
        file = pyarrow.parquet.ParquetFile(path)
        return file.schema_arrow.names, file.read
    raise InputError(
        "neither .parquet nor .csv", where=where, hint="a Parquet or CSV file with the tool's own columns"
    )


def _read_header(path: Path) -> tuple[list[str], bool]:
    """Give the names of a CSV file, and whether nothing follows them."""
    stream: Any = pa.input_stream(path)
    with io.TextIOWrapper(stream, encoding="utf-8-sig", newline="") as text:
        return next(csv.reader(text), []), next(text, None) is None


def _read_csv(path: Path, blank_is_missing: bool, is_empty: bool, names: list[str]) -> pa.Table:
    if is_empty:  # Arrow refuses a header that no line break ends
        return pa.schema([(name, pa.string()) for name in names]).empty_table()
    cells = pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), include_columns=names)
    if blank_is_missing:
        cells.null_values = ["", "NA"]
        cells.strings_can_be_null = True
        cells.quoted_strings_can_be_null = False  # a quoted "NA" is a text
    table = pyarrow.csv.read_csv(path, parse_options=_CSV, convert_options=cells)
    if not blank_is_missing:
        return table
    return pa.table([pc.if_else(pc.equal(column, ""), None, column) for column in table.columns], names=names)


def _find(names: list[str], columns: OwnColumns, where: str) -> tuple[list[str], tuple[str, ...]]:
    """Give the name in the file of each needed column, and notes."""
    found = {name: name for name in columns.needed if name in names}
    notes = []
    for old, name in columns.aliases.items():
        if name not in found and old in names:
            found[name] = old
            notes.append(f"The column {old} was read as {name}: {columns.tool} renamed it.")
    missing = [name for name in columns.needed if name not in found]
    if missing and _fits_by_position(names, columns.by_position):
        found = dict(zip(columns.by_position, names, strict=True))
        read_as = ", ".join(f"{own} from {found[own]}" for own in missing)
        notes.append(f"Columns were read by position, as {columns.tool} does: {read_as}.")
    elif missing:
        raise InputError(
            f"no column {', '.join(missing)}; found {', '.join(names) or 'none'}",
            where=where,
            hint=f"name the columns as {columns.tool} does: {', '.join(columns.needed)}",
        )
    wanted = [found[name] for name in columns.needed]
    twice = [name for name in wanted if names.count(name) > 1]
    if twice:
        raise InputError(
            f"the column {twice[0]!r} stands there twice", where=where, hint="give each its own name"
        )
    return wanted, tuple(notes)


def _fits_by_position(names: Sequence[str], by_position: Sequence[str]) -> bool:
    """Tell whether there are as many columns as the tool takes, and none of its names in another place."""
    return 0 < len(by_position) == len(names) and all(
        own == name or own not in by_position for own, name in zip(names, by_position, strict=True)
    )


def _plain(column: pa.ChunkedArray[Any]) -> pa.ChunkedArray[Any]:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _plain(column.cast(kind.value_type))
    if pa.types.is_string_view(kind):  # Arrow cannot sort it
        return column.cast(pa.string())
    if pa.types.is_floating(kind):
        column = pc.if_else(pc.is_nan(column), None, column)
    return column


def seconds(column: pa.ChunkedArray[Any], name: str) -> npt.NDArray[np.float64]:
    """Turn a column of times into seconds since 1970 UTC; NaN where there is no time.

    Numbers are seconds already. Text is a number, or a date and time in ISO 8601: an offset is converted, and
    without an offset it is UTC.

    Raises:
        InputError: The type is none of these, or a text is no time.
    """
    kind = column.type
    if is_text(kind):
        return _parse_times(column.cast(pa.large_string()), name)
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        micros = column.cast(pa.timestamp("us", tz=getattr(kind, "tz", None)), safe=False).cast(pa.int64())
        return _floats(micros) / 1e6
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        values = _floats(column.cast(pa.float64(), safe=False))
        return np.where(np.isfinite(values), values, np.nan)
    if pa.types.is_null(kind):
        return np.full(len(column), np.nan)
    raise InputError(
        f"the column {name} is of type {kind}", hint="seconds since 1970, or dates and times in UTC"
    )


def _floats(column: pa.ChunkedArray[Any]) -> npt.NDArray[np.float64]:
    filled = pc.fill_null(column.cast(pa.float64(), safe=False), float("nan"))
    return np.asarray(filled.to_numpy(), dtype=np.float64)


def _parse_times(column: pa.ChunkedArray[Any], name: str) -> npt.NDArray[np.float64]:
    text = pc.utf8_trim_whitespace(column)
    missing = pc.is_in(pc.utf8_lower(text), value_set=pa.array(_NO_TIME, pa.large_string()))
    text = pc.if_else(missing, None, text)
    known = text.drop_null()
    if len(known) == 0:
        return np.full(len(column), np.nan)
    if pc.match_substring_regex(known[:1], _NUMBER)[0].as_py():
        bad = pc.invert(pc.fill_null(pc.match_substring_regex(text, _NUMBER), True))
        _refuse_first(text, bad, name, "a number, as the first rows have")
        values = _floats(text.cast(pa.float64()))
        return np.where(np.isfinite(values), values, np.nan)
    text = pc.replace_substring_regex(text, r" ?UTC$", "Z")
    zoned = pc.fill_null(pc.match_substring_regex(text, r"\d(Z|[+-]\d\d(:?\d\d)?)$"), False)
    zoned = pc.and_(zoned, pc.fill_null(pc.greater(pc.utf8_length(text), len("2000-01-01")), False))
    with_zone = _cast_times(pc.if_else(zoned, text, None), pa.timestamp("us", tz="UTC"), name)
    return np.where(
        np.isnan(with_zone), _cast_times(pc.if_else(zoned, None, text), pa.timestamp("us"), name), with_zone
    )


def _cast_times(
    text: pa.ChunkedArray[Any], kind: pa.TimestampType[Any, Any], name: str
) -> npt.NDArray[np.float64]:
    try:
        return _floats(text.cast(kind).cast(pa.int64())) / 1e6
    except pa.ArrowInvalid:
        bad = pa.array(
            [value is not None and not _casts(value, kind) for value in text.to_pylist()], pa.bool_()
        )
        _refuse_first(text, bad, name, "seconds since 1970, or a date and time such as 2021-06-16 22:04:51")
        raise


def _casts(value: str, kind: pa.DataType) -> bool:
    try:
        pa.scalar(value).cast(kind)
    except pa.ArrowInvalid:
        return False
    return True


def _refuse_first(text: pa.ChunkedArray[Any], bad: Any, name: str, hint: str) -> None:
    row = pc.index(bad, pa.scalar(True)).as_py()
    if row >= 0:
        raise InputError(
            f"{text[row].as_py()!r} is no time", where=f"column {name}, row {row + 1}", hint=hint
        )


def note_on_times(time: npt.NDArray[np.float64]) -> tuple[str, ...]:
    """Say what is odd about the times: missing ones, and milliseconds taken for seconds."""
    notes = []
    known = time[np.isfinite(time)]
    if len(known) < len(time):
        notes.append(f"{len(time) - len(known)} rows have no time; they are in no pair.")
    if len(known) and float(np.median(known)) > _MILLISECONDS_FROM:
        notes.append("The times look like milliseconds, and are taken as seconds; divide them by 1000.")
    return tuple(notes)
