"""Events from Parquet files as arrays of codes, in order, repeats once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from samehand.arrays import I32, I64
from samehand.columns import Role
from samehand.engines.interface import Columns
from samehand.kernels.order import order_by_code, order_by_time, order_short_ties

LONGEST_TIE: Final = 64
"""Events of one time that are put in order among themselves; where more share one, all are ordered by all codes."""


def open_events(
    database: duckdb.DuckDBPyConnection, files: Sequence[Path], added: pa.Table | None = None
) -> None:
    """Make the view ``events``: the columns of the files, and ``event``, the row counted through all files.

    ``added``: rows in memory that follow those of the files; they are not written to any file.
    """
    n_before = 0
    parts = []
    for file in files:
        part = database.read_parquet(str(file), file_row_number=True)
        parts.append(part.select(f"file_row_number + {n_before} AS event, * EXCLUDE (file_row_number)"))
        n_before += pq.read_metadata(file).num_rows
    if added is not None:
        numbered = added.append_column("event", pa.array(np.arange(n_before, n_before + added.num_rows)))
        database.register("rows_added", numbered)
        # A table, since what is registered is known to one cursor alone; the database is in memory.
        database.execute("CREATE TABLE events_added AS SELECT * FROM rows_added")
        database.unregister("rows_added")
        parts.append(database.table("events_added").select(", ".join(parts[0].columns)))
    everything = parts[0]
    for part in parts[1:]:
        everything = everything.union(part)
    everything.create_view("events")


def read_codes(
    database: duckdb.DuckDBPyConnection, coded: tuple[Role, ...]
) -> tuple[I64, I64, I32, dict[Role, I32]]:
    """Read times, rows, accounts and coded columns; codes follow the order of the values."""
    named: tuple[Role, ...] = ("account", *coded)
    for role in named:  # the names are ours, not the log's
        database.execute(
            f"CREATE TABLE codes_{role} AS SELECT {role}, (row_number() OVER (ORDER BY {role}) - 1)::INTEGER AS code "  # noqa: S608
            f"FROM (SELECT DISTINCT {role} FROM events WHERE {role} IS NOT NULL)"
        )
    joins = " ".join(f"LEFT JOIN codes_{role} USING ({role})" for role in named)
    picked = ", ".join(f"coalesce(codes_{role}.code, -1)::INTEGER AS {role}" for role in named)
    arrays = database.sql(f"SELECT epoch_us(time) AS time, event, {picked} FROM events {joins}").fetchnumpy()  # noqa: S608
    plain = {name: np.ma.getdata(array) for name, array in arrays.items()}
    return plain["time"], plain["event"], plain["account"], {role: plain[role] for role in coded}


def read_role(database: duckdb.DuckDBPyConnection, role: Role) -> I32:
    """Read one more column as codes, by row of the files."""
    with database.cursor() as cursor:
        found = cursor.sql(
            f"SELECT event, coalesce(code, -1)::INTEGER AS code FROM events LEFT JOIN "  # noqa: S608
            f"(SELECT {role}, row_number() OVER (ORDER BY {role}) - 1 AS code FROM "
            f"(SELECT DISTINCT {role} FROM events WHERE {role} IS NOT NULL)) USING ({role})"
        ).fetchnumpy()
    codes = np.empty(len(found["event"]), np.int32)
    codes[np.ma.getdata(found["event"])] = np.ma.getdata(found["code"])
    return codes


def read_values(database: duckdb.DuckDBPyConnection, role: Role) -> pa.ChunkedArray[Any]:
    """Read the distinct values of a column, by the code that ``read_role`` gives them."""
    with database.cursor() as cursor:
        found: pa.Table = cursor.sql(
            f"SELECT DISTINCT {role} FROM events WHERE {role} IS NOT NULL ORDER BY {role}"  # noqa: S608 - ours
        ).to_arrow_table()
    return found[role]


def in_order(time: I64, codes: list[I32]) -> I32:
    """Events by time, those of one time by their codes: no answer may depend on the order of rows."""
    order = order_by_time(time, np.arange(len(time), dtype=np.int32))
    if order_short_ties(time, np.stack(codes), order, LONGEST_TIE):  # a coarse clock: by all codes at once
        for code in reversed(codes):
            order = order_by_code(code + 1, int(code.max(initial=-1)) + 2, order)  # -1: no value
        order = order_by_time(time, order)
    return order


def once(columns: Columns, row: I64) -> tuple[Columns, I64]:
    """Take repeats once, of events that are in order."""
    first = np.ones(len(row), np.bool_)
    first[1:] = columns.time_us[1:] != columns.time_us[:-1]
    for code in (columns.account, *columns.codes.values()):
        first[1:] |= code[1:] != code[:-1]
    if first.all():
        return columns, row
    codes = {role: code[first] for role, code in columns.codes.items()}
    return Columns(columns.time_us[first], columns.account[first], codes), row[first]


def read_posts(database: duckdb.DuckDBPyConnection, columns: Columns, row: I64) -> I32:
    """Number the posts that are several events: those of one account, time and event id.

    Args:
        database: Where the files are open.
        columns, row: Of the events, in order.

    Returns:
        The number of each event's post, -1 where it is all of it; empty where no post is several events.
    """
    same = (np.diff(columns.time_us) == 0) & (np.diff(columns.account) == 0)
    # Ids are read where time and account are tied only: most logs have few such events, and ids take much room.
    tied = np.flatnonzero(np.append(False, same) | np.append(same, False))
    if len(tied) == 0:
        return np.empty(0, np.int32)
    with database.cursor() as cursor:
        cursor.register("tied", pa.table({"event": row[tied], "place": np.arange(len(tied))}))
        found = cursor.sql(
            "SELECT place, hash(event_id) AS id FROM events JOIN tied USING (event) WHERE event_id IS NOT NULL"
        ).fetchnumpy()
    place = np.ma.getdata(found["place"])
    event, name = tied[place], np.ma.getdata(found["id"])
    order = np.lexsort((name, columns.account[event], columns.time_us[event]))
    event, name = event[order], name[order]
    same = name[1:] == name[:-1]
    for key in (columns.time_us[event], columns.account[event]):
        same &= key[1:] == key[:-1]
    number = np.cumsum(np.append(True, ~same)) - 1 if len(event) else np.empty(0, np.int64)
    several = np.bincount(number, minlength=1)[number] > 1
    if not several.any():
        return np.empty(0, np.int32)
    post = np.full(len(row), -1, np.int32)
    post[event[several]] = number[several]
    return post
