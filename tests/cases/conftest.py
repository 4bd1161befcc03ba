"""A run under review, in SQLite and in PostgreSQL: made once, copied for each test."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from samehand.cases.store import CaseStore
from samehand.run_folder import write_run
from tests.postgres import PostgresServer, run_sql
from tests.report.fake_run import fake_run

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory) -> Path:
    """A run of six fleets, two of them not reported."""
    folder = tmp_path_factory.mktemp("cases") / "run"
    folder.mkdir()
    write_run(folder, *fake_run(n_members=60))
    return folder


@pytest.fixture(scope="session")
def sqlite_made(run_folder, tmp_path_factory) -> Path:
    """A SQLite file with that run."""
    file = tmp_path_factory.mktemp("made") / "cases.sqlite"
    with CaseStore.open(file) as store:
        store.register_run(run_folder, actor="setup")
    return file


@pytest.fixture(scope="session")
def postgres_made(run_folder, postgres: PostgresServer) -> PostgresServer:
    """A database ``made`` with that run."""
    run_sql(postgres, "CREATE DATABASE made")
    with CaseStore.open(postgres.address(database="made")) as store:
        store.register_run(run_folder, actor="setup")
    return postgres


def copy_of(made: Path, tmp_path: Path) -> Path:
    """Copy a SQLite file that nobody has open."""
    return Path(shutil.copy(made, tmp_path / "cases.sqlite"))


@pytest.fixture
def lite(sqlite_made, tmp_path) -> Iterator[CaseStore]:
    """A store of its own, in SQLite."""
    with CaseStore.open(copy_of(sqlite_made, tmp_path)) as store:
        yield store


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path) -> Iterator[str]:
    """Path or URL of a database with the run, for one test."""
    if request.param == "sqlite":
        yield str(copy_of(request.getfixturevalue("sqlite_made"), tmp_path))
        return
    server: PostgresServer = request.getfixturevalue("postgres_made")
    name = f"copy{next(_NUMBERS)}"
    run_sql(server, f"CREATE DATABASE {name} TEMPLATE made")
    yield server.address(database=name)
    run_sql(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def store(place) -> Iterator[CaseStore]:
    """A store of its own, in each kind of database."""
    with CaseStore.open(place) as opened:
        yield opened
