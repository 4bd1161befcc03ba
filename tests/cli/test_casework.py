"""Cases from the command line: what is said, what is refused, and the app that others can reach only with accounts."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import urllib3

from samehand.cases import people
from samehand.cases.store import CaseStore
from scripts.pages.command_line import commands
from tests.cases.conftest import run_folder, sqlite_made
from tests.cli.terminal import samehand
from tests.postgres import PostgresServer, run_sql

__all__ = ["run_folder", "sqlite_made"]
GROUPED = [name for name in commands() if name.startswith("cases ")]


@pytest.fixture(autouse=True)
def _quick(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(people, "_HASHER", people.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SAMEHAND_DB", raising=False)


@pytest.fixture
def registered(run_folder, tmp_path) -> Path:
    """The present folder, whose cases.sqlite has a run."""
    done = samehand("cases", "register", run_folder)
    assert (done.code, done.said) == (0, "run 1: 6 cases, 4 of them reported as suspected")
    return tmp_path


def with_password(monkeypatch, password: str = "four unrelated words") -> None:  # noqa: S107
    monkeypatch.setattr(sys, "stdin", io.StringIO(password + "\n"))


@pytest.mark.parametrize("name", GROUPED)
def test_help_of_each(name) -> None:
    done = samehand(*name.split(), "--help")
    assert done.code == 0
    assert f"samehand {name}" in done.out[done.out.index("Example") :]
    assert max(len(line) for line in done.out.splitlines()) <= 80


def test_from_a_run_to_the_record(registered) -> None:
    assert (registered / "cases.sqlite").is_file()
    listed = samehand("cases", "list")
    assert len([line for line in listed.out.splitlines() if " open " in line]) == 4
    assert max(len(line) for line in listed.out.splitlines() if not line.startswith("run ")) <= 80
    assert samehand("cases", "list", "--all").out.count(" open ") == 6
    said = ("--policy", "spam 3.2", "--reason", "they post as one")
    assert samehand("cases", "decide", 1, "confirm", *said).out == "F0001: confirmed, version 2\n"
    late = samehand("cases", "decide", 1, "dismiss", *said, "--version", 1)
    assert late.code == 2
    assert "you saw version 1, it has version 2" in late.said
    shown = samehand("cases", "show", 1)
    assert "F0001 of run 1: confirmed" in shown.out
    assert "decide confirm they post as one" in shown.out
    head = re.search(r"head ([0-9a-f]{64})", samehand("cases", "audit").out)
    assert head is not None
    assert samehand("cases", "undo", 1, "--reason", "wrong case").out == "F0001: open, version 3\n"
    assert "3 entries, whole" in samehand("cases", "audit", "--head", head[1]).out
    assert samehand("cases", "audit", "--head", "0" * 63 + "1").code == 2
    assert samehand("cases", "agreement").out == "no decision was seconded yet; 0 wait\n"
    assert samehand("cases", "list", "--status", "confirmed").out.count("confirmed") == 0


def test_regrouping(registered) -> None:
    said = ("--policy", "spam", "--reason", "x")
    with CaseStore.open("cases.sqlite") as store:
        account = store.case(1).members[0].account
    assert samehand("cases", "decide", 1, "split", "--account", account, *said).code == 0
    assert samehand("cases", "decide", 7, "merge", "--into", 2, *said).out == "F0001-2: merged, version 2\n"
    assert samehand("cases", "decide", 2, "remove_member", "--account", account, *said).code == 0
    assert f"{account} (removed)" in samehand("cases", "show", 2).out


def test_a_record_that_was_changed(registered) -> None:
    import sqlite3

    changing = sqlite3.connect("cases.sqlite")
    with changing:
        changing.execute("UPDATE cases SET status = 'dismissed' WHERE case_id = 3")
    changing.close()
    done = samehand("cases", "audit")
    assert done.code == 2
    assert "case 3 was changed, and the log does not say so" in done.said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("cases", "show", "99"), "there is no case 99"),
        (("cases", "decide", "1", "confirm", "--policy", "", "--reason", "x"), "the policy is missing"),
        (("cases", "register", "nowhere"), "no run here"),
        (("cases", "list", "--db", "mysql://x/y"), "mysql databases are not known"),
        (("cases", "user", "change", "ann", "--close"), "ann has no account"),
        (("cases", "token", "add", "ann", "--purpose", "x"), "ann has no account"),
        (("cases", "webhook", "set", "http://example.org"), "must be HTTPS"),
        (("calibrate",), "too few decisions"),
        (("calibrate", "--write", "nowhere/deep/weights.json"), "too few decisions"),
        (("review", "--host", "0.0.0.0"), "no accounts are set up"),  # noqa: S104
        (("review", "--host", "example.org"), "no accounts are set up"),
        (("review", "--second", "merge"), "takes no second reviewer"),
        (("review", "--tls-cert", "x.pem"), "go together"),
        (("review", "nowhere"), "no run here"),
        (("review", "--host", "192.0.2.1x"), "no accounts are set up"),
    ],
)
def test_what_cannot_be_done(registered, arguments, said) -> None:
    done = samehand(*arguments)
    assert done.code == 2, done.said
    assert said in done.said
    assert "Try:" in done.said


def test_people_and_tokens(registered, monkeypatch) -> None:
    with_password(monkeypatch, "short")
    assert "has 5 characters" in samehand("cases", "user", "add", "ann", "--password-stdin").said
    with_password(monkeypatch)
    assert (
        samehand("cases", "user", "add", "ann", "--role", "admin", "--password-stdin").out == "ann: admin\n"
    )
    with_password(monkeypatch)
    assert samehand("cases", "user", "add", "bob", "--password-stdin").out == "bob: reviewer\n"
    assert samehand("cases", "user", "change", "bob", "--close").out == "bob: reviewer, closed\n"
    assert samehand("cases", "user", "list").out == "ann: admin\nbob: reviewer, closed\n"
    made = samehand("cases", "token", "add", "ann", "--purpose", "export")
    assert len(made.out.strip()) == 43
    assert made.out.strip() not in samehand("cases", "token", "list").out
    assert samehand("cases", "token", "revoke", 1).code == 0
    assert "revoked" in samehand("cases", "token", "list").out


def test_webhooks(registered) -> None:
    assert len(samehand("cases", "webhook", "set", "http://127.0.0.1:1/").out.strip()) == 43
    samehand("cases", "decide", 1, "confirm", "--policy", "p", "--reason", "r")
    said = samehand("cases", "webhook", "deliver").out
    assert said == "0 delivered, 1 wait; the last try failed: NewConnectionError\n"
    assert samehand("cases", "webhook", "off").code == 0


def test_the_database_by_environment(run_folder, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("SAMEHAND_DB", str(tmp_path / "team.sqlite"))
    assert samehand("cases", "register", run_folder).code == 0
    assert (tmp_path / "team.sqlite").is_file()
    assert not (tmp_path / "cases.sqlite").exists()


def test_postgresql(run_folder, postgres: PostgresServer) -> None:
    run_sql(postgres, "CREATE DATABASE by_command")
    address = postgres.address(database="by_command")
    assert samehand("cases", "register", run_folder, "--db", address).code == 0
    assert samehand("cases", "audit", "--db", address).code == 0
    done = samehand("cases", "list", "--db", address.replace("by_command", "nowhere"))
    assert done.code == 2
    assert "s3cret" not in done.said


def started(*arguments: object, **environment: str) -> tuple[subprocess.Popen[str], str, str]:
    """Start the app on a free port; process, what it said, and the address."""
    command = [sys.executable, "-W", "error", "-m", "samehand", "review", *map(str, arguments), "--port", "0"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | environment
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    address = re.search(r"https?://\S+", line)
    assert address is not None, line + process.communicate(timeout=20)[1]
    return process, line, address[0]


def test_the_app_on_this_machine(registered, run_folder) -> None:
    process, line, address = started(run_folder)
    try:
        assert address.startswith("http://127.0.0.1:")
        assert "Ctrl+C" in line
        answer = urllib3.request("GET", f"{address}api/v1/leads")
        assert answer.json()["total"] == 6
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert "server" not in answer.headers
        busy = samehand("review", "--port", address.rpartition(":")[2].rstrip("/"))
        assert busy.code == 2
        assert "cannot listen there" in busy.said
    finally:
        process.terminate()
        _, errors = process.communicate(timeout=30)
    assert "Traceback" not in errors


def test_beyond_this_machine_everybody_signs_in(registered, monkeypatch) -> None:
    with_password(monkeypatch)
    samehand("cases", "user", "add", "ann", "--role", "admin", "--password-stdin")
    token = samehand("cases", "token", "add", "ann", "--purpose", "test").out.strip()
    process, _, address = started("--host", "0.0.0.0")  # noqa: S104
    try:
        here = address.replace("0.0.0.0", "127.0.0.1")  # noqa: S104
        assert urllib3.request("GET", f"{here}api/v1/leads").status == 401
        answer = urllib3.request("GET", f"{here}api/v1/me", headers={"Authorization": f"Bearer {token}"})
        assert answer.json() == {"name": "ann", "role": "admin"}
    finally:
        process.terminate()
        _, errors = process.communicate(timeout=30)
    assert "in the clear" in errors
