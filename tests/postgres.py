"""A real PostgreSQL server, for tests that ask for the fixture ``postgres``."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PASSWORD = "s3cret%20&pass"  # noqa: S105  # characters that have to be quoted in an address


@dataclass(frozen=True)
class PostgresServer:
    port: int

    def address(self, *, password: str = "s3cret%2520%26pass", database: str = "logs") -> str:  # noqa: S107
        return f"postgresql://samehand:{password}@127.0.0.1:{self.port}/{database}"


def _binaries() -> Path | None:
    found = shutil.which("initdb")
    folders = (
        [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    )
    return next((folder for folder in folders if (folder / "initdb").is_file()), None)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _as_other_user() -> dict[str, object]:
    """PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return {}
    user = next(u for u in pwd.getpwall() if u.pw_name in {"postgres", "nobody"})
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """An empty database ``logs`` of the user ``samehand`` on a loopback port, removed afterwards."""
    binaries = _binaries()
    if binaries is None:
        reason = "no PostgreSQL server here (apt-get install postgresql)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="samehand-postgres-", dir="/tmp"))  # sockets need short paths
    user = _as_other_user()
    if user:
        os.chown(folder, int(str(user["user"])), int(str(user["group"])))
    (folder / "password").write_text(PASSWORD + "\n")
    (folder / "password").chmod(0o644)
    data, port = folder / "data", _free_port()

    def run(*command: object) -> None:
        done = subprocess.run(
            [str(part) for part in command],
            capture_output=True,
            text=True,
            timeout=60,
            cwd=folder,
            check=False,
            **user,
        )  # type: ignore[call-overload]
        assert done.returncode == 0, done.stdout + done.stderr

    try:
        run(
            *(binaries / "initdb", "-D", data, "-U", "samehand", "--pwfile", folder / "password"),
            *("-A", "scram-sha-256", "-E", "UTF8", "--locale", "C", "--no-sync"),
        )
        options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} -c fsync=off"
        run(binaries / "pg_ctl", "-D", data, "-l", folder / "log", "-o", options, "-w", "start")
        try:
            server = PostgresServer(port=port)
            _create_database(server)
            yield server
        finally:
            run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _create_database(server: PostgresServer) -> None:
    run_sql(server, "CREATE DATABASE logs")


def run_sql(server: PostgresServer, *statements: str, database: str = "postgres") -> None:
    """Run statements, each by itself."""
    import adbc_driver_postgresql.dbapi

    address = server.address(database=database)
    with (
        adbc_driver_postgresql.dbapi.connect(address, autocommit=True) as connection,
        connection.cursor() as cursor,
    ):
        for statement in statements:
            cursor.execute(statement)
