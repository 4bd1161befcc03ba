"""Reads a table or a query of a SQLite or PostgreSQL database by its address, as an Arrow stream.

Addresses::

    sqlite:///logs.db?table=events              a file beside; four slashes begin an absolute path
    sqlite:////data/logs.db#SELECT ts, account FROM events WHERE ts > '2026-03-01'
    postgresql://analyst:secret@db.example.org:5432/platform?table=public.events
    postgresql://analyst@db.example.org/platform#SELECT * FROM events

What follows ``#`` is the query, as it is. Other parameters of a PostgreSQL address (``sslmode=require``) go
to its client library, which also knows ``PGPASSWORD`` and ``~/.pgpass``. Nothing is ever written, and no
password is shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import pyarrow as pa

from samehand.errors import InputError, OptionError
from samehand.events.sql import identifier

if TYPE_CHECKING:  # the drivers' interface imports pandas and Polars where they are there
    from adbc_driver_manager import dbapi

_SCHEMES: Final = {"sqlite": "sqlite", "postgresql": "postgresql", "postgres": "postgresql"}
_SYNTAX: Final = (
    "sqlite:///FILE?table=NAME, sqlite:///FILE#SELECT ..., postgresql://USER@HOST/DATABASE?table=NAME "
    "or postgresql://USER@HOST/DATABASE#SELECT ..."
)
_PLAIN_TABLE: Final = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)?")
_QUERY: Final = re.compile(r"\s*(SELECT|WITH|VALUES|TABLE)\b", re.IGNORECASE)
_SECRETS: Final = ("password", "sslpassword")
_SQLITE_SAMPLE_ROWS: Final = "65536"  # the driver takes the types of its columns from the first batch of rows


@dataclass(frozen=True, kw_only=True)
class DatabaseAddress:
    """A table or query in a database."""

    system: str
    """``sqlite`` or ``postgresql``."""
    uri: str = field(repr=False)
    """What the driver connects to; may hold a password."""
    query: str
    shown: str
    """The address for people and records: without password and parameters."""
    secrets: tuple[str, ...] = field(repr=False)
    file: Path | None = None
    """Of SQLite."""

    def redact(self, text: str) -> str:
        """Take every password out of a message."""
        for secret in sorted(self.secrets, key=len, reverse=True):
            text = text.replace(secret, "***")
        return text


def parse_address(address: str) -> DatabaseAddress:
    """Understand the address of a database.

    Raises:
        OptionError: Of another form than above. The message never repeats the address.
    """
    scheme = address.partition("://")[0].lower()
    if scheme not in _SCHEMES:
        raise OptionError(
            f"cannot read {scheme}:// addresses",
            hint=f"a local file, or {_SYNTAX}; --engine spark reads s3a:// and the like",
        )
    target, _, query = address.partition("#")
    if query and not _QUERY.match(query):
        raise OptionError(
            "what follows # is no query",
            where=f"{scheme}:// address",
            hint="#SELECT ...; a # in a password is written %23",
        )
    location, _, parameters = target.partition("?")
    options = dict(parse_qsl(parameters, keep_blank_values=True))
    table = options.pop("table", "")
    if bool(table) == bool(query):
        raise OptionError("name a table or a query, one of them", where=f"{scheme}:// address", hint=_SYNTAX)
    if table and not _PLAIN_TABLE.fullmatch(table):
        raise OptionError(
            "not a plain table name", where=f"{scheme}:// address, table", hint="table=NAME or SCHEMA.NAME"
        )
    suffix = f"?table={table}" if table else f"#{query if len(query) <= 200 else query[:200] + ' ...'}"
    if table:
        query = f"SELECT * FROM {'.'.join(identifier(part) for part in table.split('.'))}"  # noqa: S608
    if _SCHEMES[scheme] == "sqlite":
        return _sqlite(location, options, query, suffix)
    return _postgresql(location, options, query, suffix)


def _sqlite(location: str, options: dict[str, str], query: str, suffix: str) -> DatabaseAddress:
    path = unquote(location.partition("://")[2])
    if not path.startswith("/") or len(path) < 2:
        raise OptionError("a SQLite address needs three slashes before the file", hint=_SYNTAX)
    if options:
        raise OptionError(
            f"unknown parameter {next(iter(options))!r}", where="sqlite:// address", hint=_SYNTAX
        )
    file = Path(path[1:])
    uri = f"file:{quote(str(file.absolute()))}?mode=ro"
    shown = f"sqlite:///{file.name}{suffix}"
    return DatabaseAddress(system="sqlite", uri=uri, query=query, shown=shown, secrets=(), file=file)


def _postgresql(location: str, options: dict[str, str], query: str, suffix: str) -> DatabaseAddress:
    try:
        parts = urlsplit(location)
        port = f":{parts.port}" if parts.port else ""
        sound = parts.netloc.count("@") <= 1 and not re.search(r"%(?![0-9A-Fa-f]{2})", parts.netloc)
        sound = sound and "@" not in parts.path and not any("@" in name for name in options)
    except ValueError:
        sound = False
    if not sound:
        raise OptionError(
            "the address cannot be understood",
            where="postgresql:// address",
            hint="in a password, write %40 for @, %23 for #, %2F for /, %3F for ?, %3A for :, %25 for %",
        )
    password = parts.password or ""
    secrets = {password, unquote(password), *(options.get(name, "") for name in _SECRETS)} - {""}
    uri = location + (f"?{urlencode(options)}" if options else "")
    user = f"{unquote(parts.username)}@" if parts.username else ""
    shown = f"postgresql://{user}{parts.hostname or ''}{port}{parts.path}"
    return DatabaseAddress(
        system="postgresql", uri=uri, query=query, shown=shown + suffix, secrets=tuple(sorted(secrets))
    )


def open_query(address: DatabaseAddress) -> tuple[pa.RecordBatchReader, Callable[[], None]]:
    """Run the query, read-only.

    Returns:
        The rows as a stream, and what closes the connection once they are read.

    Raises:
        InputError: The database cannot be reached or refuses the query. The message holds no password.
    """
    from adbc_driver_manager import Error as DriverError

    stack = ExitStack()
    try:
        rows = _run(address, stack)
    except (DriverError, OSError, pa.ArrowException) as error:
        stack.close()
        # Not chained: what the driver says may repeat the address.
        raise InputError(_explain(address, error), where=address.shown, hint=_hint(str(error))) from None
    except BaseException:
        stack.close()
        raise
    return rows, stack.close


def _run(address: DatabaseAddress, stack: ExitStack) -> pa.RecordBatchReader:
    if address.system == "sqlite":
        import adbc_driver_sqlite.dbapi

        if address.file is None or not address.file.is_file():
            hint = "check the path; four slashes if it is absolute"
            raise InputError("no such database file", where=address.shown, hint=hint)
        connection = stack.enter_context(adbc_driver_sqlite.dbapi.connect(address.uri))
        cursor = stack.enter_context(connection.cursor())
        cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": _SQLITE_SAMPLE_ROWS})
        cursor.execute(address.query)
        return cursor.fetch_record_batch()
    import adbc_driver_postgresql.dbapi

    connection = stack.enter_context(adbc_driver_postgresql.dbapi.connect(address.uri))
    cursor = stack.enter_context(connection.cursor())
    cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
    connection.commit()
    return _run_postgresql(cursor, address.query)


def _run_postgresql(cursor: dbapi.Cursor, query: str) -> pa.RecordBatchReader:
    """Run a query; types that come as raw bytes (inet, ranges, ...) are asked for again as text."""
    cursor.execute(query)
    rows = cursor.fetch_record_batch()
    if any(isinstance(field.type, pa.OpaqueType) for field in rows.schema):
        wanted = ", ".join(_as_text(field) for field in rows.schema)
        rows.close()
        cursor.execute(f"SELECT {wanted} FROM ({query.rstrip().rstrip(';')}) AS samehand_rows")  # noqa: S608
        rows = cursor.fetch_record_batch()
    return rows


def _as_text(field: pa.Field[Any]) -> str:
    name = identifier(field.name)
    if not isinstance(field.type, pa.OpaqueType):
        return name
    # An address as text has a "/32" behind it, which abbrev leaves out.
    text = f"abbrev({name})" if field.type.type_name == "inet" else f"{name}::text"
    return f"{text} AS {name}"


def _explain(address: DatabaseAddress, error: Exception) -> str:
    lines = address.redact(str(error)).strip().splitlines()
    first = re.sub(r"^\w+: (\[\w+\] )?", "", lines[0]) if lines else type(error).__name__
    return f"the database says: {first}"


def _hint(text: str) -> str:
    if "password" in text or "authentication" in text:
        return "the user and password; write special characters of a password as %XX"
    if "connect" in text:
        return "host and port, and whether the server runs"
    if "syntax" in text or "prepare" in text:
        return "the name of the table, or the query"
    return "the address: " + _SYNTAX
