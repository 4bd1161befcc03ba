"""A database by path or URL: opened, brought up to date, its failures in words. SQLite, or PostgreSQL by pg8000."""

from __future__ import annotations

import ipaddress
import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, Engine, PoolProxiedConnection, create_engine, event, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, InvalidatePoolError, SQLAlchemyError

from samehand.cases.errors import StoreError
from samehand.cases.schema import AUDIT_HEAD
from samehand.errors import OptionError

_WRITES: Final = "samehand_writes"
_WAIT_S: Final = 20
"""How long to wait for a lock or a server."""


class Database:
    """Connections to one database. All writing is in one order: each writer first locks the head of the audit log."""

    def __init__(self, engine: Engine, where: str) -> None:
        self._engine = engine
        self.where = where
        """For people; without a password."""

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection for one consistent look.

        Raises:
            StoreError: The database cannot be reached or read.
        """
        with self._told(), self._engine.connect() as connection, connection.begin():
            if connection.dialect.name == "postgresql":  # in SQLite every transaction is one look
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection that alone may write; all is done at the end, or nothing.

        Raises:
            StoreError: The database cannot be reached or written.
        """
        with self._told(), self._engine.connect() as connection:
            connection = connection.execution_options(**{_WRITES: True})
            with connection.begin():
                connection.execute(select(AUDIT_HEAD.c.number).with_for_update()).one()
                yield connection

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def _told(self) -> Iterator[None]:
        with told(self.where):
            yield


@contextmanager
def told(where: str) -> Iterator[None]:
    """Say failures of a database in words.

    Raises:
        StoreError: The database failed.
    """
    try:
        yield
    except (
        SQLAlchemyError,
        ConnectionError,
        TimeoutError,
    ) as error:  # the last two: pg8000 lets them through
        raise _in_words(error, where) from error


def open_database(place: str | Path) -> Database:
    """Open a SQLite file, made where there is none, or PostgreSQL by URL; make or update its tables.

    Args:
        place: Path of a file, or ``sqlite:///file`` or ``postgresql://user:password@host/database``. Beyond loopback,
            PostgreSQL is asked for a valid certificate unless the URL says ``?sslmode=disable``.

    Raises:
        OptionError: The URL is of no known kind.
        StoreError: The database cannot be reached or written, or a newer samehand made it.
    """
    from samehand.cases.migrate import bring_up_to_date

    url = _url(str(place))
    where = url.render_as_string(hide_password=True)
    if url.get_backend_name() == "sqlite":
        where = url.database or where
        engine = _sqlite(url, where)
    else:
        engine = _postgresql(url)
    with told(where), engine.connect() as connection:
        connection = connection.execution_options(**{_WRITES: True})
        with connection.begin():
            bring_up_to_date(connection, where)
    return Database(engine, where)


def _url(place: str) -> URL:
    if "://" not in place:
        return URL.create("sqlite", database=place)
    hint = "a path, or postgresql://user:password@host/database"
    try:
        url = make_url(place)
    except ArgumentError as error:
        raise OptionError("no address of a database", where="--db", hint=hint) from error
    kinds = {"sqlite": "sqlite", "postgres": "postgresql+pg8000", "postgresql": "postgresql+pg8000"}
    driver = kinds.get(url.drivername, url.drivername)
    if driver not in kinds.values():
        raise OptionError(f"{url.drivername} databases are not known", where="--db", hint=hint)
    return url.set(drivername=driver)


def _sqlite(url: URL, where: str) -> Engine:
    file = Path(url.database or "")
    if not url.query:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))  # for its owner only: it holds names
        except OSError as error:
            raise StoreError(
                f"cannot be opened for writing: {error.strerror}", where=where, hint="another --db"
            ) from error
    engine = create_engine(url, connect_args={"timeout": _WAIT_S})

    @event.listens_for(engine, "connect")
    def _set_up(connection: object, _record: object) -> None:
        connection.isolation_level = None  # type: ignore[attr-defined]  # _begin says when it begins
        cursor = connection.cursor()  # type: ignore[attr-defined]
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA synchronous = FULL")  # what was acknowledged is on the disk
        if cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            cursor.execute("PRAGMA journal_mode = WAL")  # readers need not wait for a writer
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(url: URL) -> Engine:
    mode = str(url.query.get("sslmode", "disable" if _on_loopback(url.host) else "verify-full"))
    if mode not in {"disable", "verify-full"}:
        raise OptionError(f"sslmode={mode} is not known", where="--db", hint="sslmode=verify-full or disable")
    secure = ssl.create_default_context() if mode == "verify-full" else None
    engine = create_engine(
        url.difference_update_query(["sslmode"]),
        connect_args={"ssl_context": secure, "timeout": _WAIT_S, "application_name": "samehand"},
    )

    @event.listens_for(engine, "checkout")
    def _check(connection: PoolProxiedConnection, _record: object, _proxy: object) -> None:
        # pool_pre_ping takes a reset connection for a failure, since pg8000 lets the system's error through.
        try:
            cursor = connection.cursor()
            cursor.execute("SELECT 1")
            cursor.close()
            connection.rollback()
        except (OSError, engine.dialect.loaded_dbapi.Error) as error:
            raise InvalidatePoolError from error  # all are likely cut; the pool makes a new one

    return engine


def _on_loopback(host: str | None) -> bool:
    try:
        return ipaddress.ip_address(host or "127.0.0.1").is_loopback
    except ValueError:
        return host == "localhost"


def _in_words(error: Exception, where: str) -> StoreError:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    first = cause.args[0] if cause.args else ""
    text = str(first.get("M", first) if isinstance(first, dict) else first) or type(cause).__name__
    low = text.lower()
    if "readonly" in low or "read-only" in low:
        return StoreError(
            f"cannot be written: {text}",
            where=where,
            hint="a place where the database may be written; nothing is lost",
        )
    if "locked" in low:
        return StoreError(f"another process holds it: {text}", where=where, hint="again in a moment")
    if "not a database" in low or "malformed" in low:
        return StoreError(f"is no sound SQLite database: {text}", where=where, hint="another --db, or a copy")
    return StoreError(
        f"the database does not answer as it should: {text}",
        where=where,
        hint="is it there, running, and may you use it? Look what was written before you repeat",
    )
