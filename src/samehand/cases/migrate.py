"""Brings the tables of a store up to date, in one transaction, with Alembic."""

from __future__ import annotations

from pathlib import Path

from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from samehand.cases.errors import StoreError
from samehand.cases.schema import METADATA
from samehand.version import __version__

_LOCK = 5_341_924_115_104
"""Of PostgreSQL: two processes that start at once must not both make the tables."""


def bring_up_to_date(connection: Connection, where: str) -> None:
    """Make or update all tables.

    Args:
        connection: In a transaction that may write.
        where: The database, for people.

    Raises:
        StoreError: A newer samehand made the tables, or they are of something else.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    script = ScriptDirectory.from_config(config)
    context = MigrationContext.configure(connection)
    found, newest = context.get_current_revision(), script.get_current_head()
    if found == newest:
        return
    if found is None and _has_our_tables(connection):
        raise StoreError(
            "holds tables with the names of ours that samehand did not make", where=where, hint="another --db"
        )
    if found is not None and found not in {one.revision for one in script.walk_revisions()}:
        raise StoreError(
            f"its tables have version {found}, this samehand {__version__} knows up to {newest}",
            where=where,
            hint="the newer samehand that wrote it; nothing was changed",
        )
    with Operations.context(context):
        for step in reversed(list(script.iterate_revisions(newest, found or "base"))):
            step.module.upgrade()
            context.stamp(script, step.revision)


def _has_our_tables(connection: Connection) -> bool:
    return bool(set(inspect(connection).get_table_names()) & set(METADATA.tables))
