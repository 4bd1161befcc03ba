"""Databases that cannot be used: said clearly, and nothing is lost."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from samehand.cases.errors import StoreError
from samehand.cases.model import Action
from samehand.cases.schema import METADATA
from samehand.cases.store import CaseStore
from samehand.errors import OptionError
from tests.cases.steps import decide
from tests.postgres import run_sql


def test_migrations_make_the_tables_of_the_schema(store) -> None:
    with store.database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_a_file_is_its_owners(tmp_path) -> None:
    with CaseStore.open(tmp_path / "new" / "cases.sqlite") as store:
        assert store.runs() == ()
    assert stat.S_IMODE((tmp_path / "new" / "cases.sqlite").stat().st_mode) == 0o600


def test_sqlite_writes_to_the_disk_before_it_answers(lite) -> None:
    with lite.database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("mysql://a@b/c", "mysql databases are not known"),
        ("://x", "no address of a database"),
        ("postgresql://127.0.0.1/x?sslmode=prefer", "sslmode=prefer is not known"),
    ],
)
def test_addresses_that_are_none(place, said) -> None:
    with pytest.raises(OptionError, match=said):
        CaseStore.open(place)


def test_a_server_that_is_not_there_and_no_password_is_told() -> None:
    with pytest.raises(StoreError) as caught:
        CaseStore.open("postgresql://ann:s3cret@127.0.0.1:1/cases")
    assert "s3cret" not in str(caught.value)
    assert "ann:***@127.0.0.1:1" in str(caught.value)
    assert "does not answer" in str(caught.value)


def test_beyond_loopback_a_certificate_is_asked_for(postgres_made, monkeypatch) -> None:
    monkeypatch.setattr("samehand.cases.database._on_loopback", lambda _: False)
    with pytest.raises(StoreError, match="SSL"):  # the test's server has none
        CaseStore.open(postgres_made.address(database="made"))


def test_a_wrong_password(postgres_made) -> None:
    with pytest.raises(StoreError, match="password authentication failed"):
        CaseStore.open(postgres_made.address(password="wrong", database="made"))  # noqa: S106


def test_a_database_that_is_not_there(postgres_made) -> None:
    with pytest.raises(StoreError, match='"nowhere" does not exist'):
        CaseStore.open(postgres_made.address(database="nowhere"))


def test_a_connection_that_was_cut_meanwhile(postgres_made) -> None:
    """The next question finds a new connection: nobody has to start the app again."""
    with CaseStore.open(postgres_made.address(database="made")) as store:
        assert store.leads().total == 6
        run_sql(
            postgres_made, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'made'"
        )
        assert store.leads().total == 6


def test_a_read_only_database_can_be_read(sqlite_made) -> None:
    with CaseStore.open(f"sqlite:///file:{sqlite_made}?mode=ro&uri=true") as store:
        assert store.leads().total == 6
        with pytest.raises(StoreError, match=r"cannot be written.*readonly"):
            decide(store, 1, Action.confirm)
        assert store.case(1).decisions == ()


def test_a_read_only_server(postgres_made) -> None:
    run_sql(
        postgres_made,
        "CREATE DATABASE still TEMPLATE made",
        "ALTER DATABASE still SET default_transaction_read_only = on",
    )
    with CaseStore.open(postgres_made.address(database="still")) as store:
        assert store.leads().total == 6
        with pytest.raises(StoreError, match=r"cannot be written.*read-only"):
            decide(store, 1, Action.confirm)


def test_tables_of_a_newer_samehand(lite) -> None:
    changing = sqlite3.connect(lite.database.where)
    with changing:
        changing.execute("UPDATE alembic_version SET version_num = '9999'")
    changing.close()
    with pytest.raises(StoreError, match=r"have version 9999, this samehand .* knows up to 0002"):
        CaseStore.open(lite.database.where)
    assert lite.leads().total == 6


def test_tables_of_something_else(tmp_path) -> None:
    file = tmp_path / "shop.sqlite"
    changing = sqlite3.connect(file)
    with changing:
        changing.execute("CREATE TABLE users (id INTEGER)")
    changing.close()
    with pytest.raises(StoreError, match="samehand did not make"):
        CaseStore.open(file)


def test_files_that_are_none(tmp_path) -> None:
    report = tmp_path / "report.html"
    report.write_text("<html>" * 1000)
    with pytest.raises(StoreError, match="no sound SQLite database"):
        CaseStore.open(report)
    assert report.read_text() == "<html>" * 1000
    with pytest.raises(StoreError, match="Is a directory"):
        CaseStore.open(tmp_path)
    with pytest.raises(StoreError, match=r"Not a directory|File exists"):
        CaseStore.open(report / "cases.sqlite")


def test_a_full_disk_loses_nothing(lite) -> None:
    """A database that may not grow answers as a full disk does."""
    with lite.database.writing() as connection:
        n_pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {n_pages}")
    with pytest.raises(StoreError, match="full"):
        _write_for_ever(lite)
    n_notes = len(lite.case(1).notes)
    with CaseStore.open(Path(lite.database.where)) as again:
        assert len(again.case(1).notes) == n_notes
        assert len(again.history(1)) == n_notes


def _write_for_ever(store: CaseStore) -> None:
    for _ in range(50):
        store.note(1, "x" * 9_000, author="ann")
