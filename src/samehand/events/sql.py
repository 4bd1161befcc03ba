"""The database session that a log is read with, and the quoting of names and texts that come from a log."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeAlias

import duckdb

Session: TypeAlias = duckdb.DuckDBPyConnection
DatabaseError: TypeAlias = duckdb.Error
OutOfMemory: TypeAlias = duckdb.OutOfMemoryException

Ask: TypeAlias = Callable[[str], Sequence[Sequence[Any]]]
"""Gives the rows of a query's answer."""

_SHARE_OF_MEMORY: Final = 0.6  # the rest is for file buffers, Arrow batches and the hashes of the rows


@contextmanager
def open_session(scratch: Path, memory_gib: float | None, threads: int | None) -> Iterator[Session]:
    """Open an in-memory session that spills into ``scratch`` and loads nothing from the network.

    Args:
        scratch: Existing folder for what does not fit into memory.
        memory_gib: Memory for the reading; the session takes 60 % of it. None: 60 % of the machine's.
        threads: None: all cores.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "temp_directory": str(scratch / "spill"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "python_enable_replacements": False,
        # It makes joins of long IN lists, and a join over Parquet files loses the order of the rows.
        "disabled_optimizers": "in_clause",
    }
    if threads is not None:
        config["threads"] = threads
    if memory_gib is not None:
        config["memory_limit"] = f"{max(memory_gib * _SHARE_OF_MEMORY, 0.2):.2f}GiB"
    session = duckdb.connect(":memory:", config=config)
    try:
        session.execute("SET TimeZone = 'UTC'")
        if memory_gib is None:
            session.execute("SET memory_limit = '60%'")
        yield session
    finally:
        session.close()


def identifier(name: str) -> str:
    """Quote a column or table name.

    >>> identifier('a"; DROP TABLE x; --')
    '"a""; DROP TABLE x; --"'
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text. Only the single quote has a meaning inside; NUL cannot stand in a statement.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("\0", "").replace("'", "''") + "'"


def literals(texts: Sequence[str]) -> str:
    """Quote several texts, separated by commas."""
    return ", ".join(literal(text) for text in texts)


def fetch_row(session: Session, query: str) -> dict[str, Any]:
    """Give the only row of an aggregate query, by column name."""
    result = session.execute(query)
    names = [str(column[0]) for column in result.description or ()]
    row = result.fetchone()
    return dict(zip(names, row or (), strict=True))


def message(error: Exception) -> str:
    """Give the first line of a database's complaint, without its class."""
    first = str(error).strip().split("\n", 1)[0]
    return first.split("Error: ", 1)[-1].strip()


def path_pattern(path: Path) -> str:
    """Write a path so that the session takes no character in it for a pattern.

    >>> path_pattern(Path("logs[1].csv"))
    'logs[[]1].csv'
    """
    return "".join(f"[{character}]" if character in "*?[" else character for character in str(path))
