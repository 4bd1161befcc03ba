from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from samehand.errors import InputError, OptionError
from samehand.events.formats.database import parse_address
from samehand.events.read import Events, read_events
from tests.events.logs import at, rows
from tests.postgres import PASSWORD, PostgresServer


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    path = tmp_path / "my logs.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE events (id INTEGER, ts TEXT, account, target TEXT)")
        database.executemany(
            "INSERT INTO events VALUES (?, ?, ?, ?)",
            [(7, "2026-03-02T08:00:00Z", "a", "x"), (8, "2026-03-02T08:00:01Z", "b", None)],
        )
        database.execute('CREATE TABLE "order" AS SELECT * FROM events')
    database.close()
    return path


def read_sqlite(path: Path, rest: str) -> Events:
    return read_events(f"sqlite:///{path}{rest}")


@pytest.mark.parametrize(
    "rest",
    [
        "?table=events",
        "?table=order",
        "#SELECT * FROM events",
        "#with e as (select * from events) select * from e",
    ],
)
def test_sqlite(logs: Path, rest: str) -> None:
    events = read_sqlite(logs, rest)
    assert [(row["event_id"], row["time"], row["account"], row["target"]) for row in rows(events)] == [
        (7, at(2026, 3, 2, 8), "a", "x"),
        (8, at(2026, 3, 2, 8, 0, 1), "b", None),
    ]
    assert events.sources[0].name == f"sqlite:///my logs.db{rest}"


def test_a_relative_path(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(logs.parent)
    assert read_events("sqlite:///my logs.db?table=events").quality.n_events == 2
    assert read_events("sqlite:///my%20logs.db?table=events").quality.n_events == 2


def test_sqlite_is_only_read(logs: Path) -> None:
    before = logs.read_bytes()
    with pytest.raises(OptionError, match="what follows # is no query"):
        read_sqlite(logs, "#DROP TABLE events")
    with pytest.raises(InputError, match="readonly"):
        read_sqlite(logs, "#WITH x AS (SELECT 1) INSERT INTO events SELECT 1, 2, 3, 4 FROM x")
    assert logs.read_bytes() == before


@pytest.mark.parametrize(
    ("rest", "error", "message"),
    [
        ("?table=event", InputError, "no such table: event"),
        ("#SELECT nought FROM events", InputError, "no such column: nought"),
        ("#SELECT FROM", InputError, "syntax error"),
        ("?table=events;DROP TABLE events", OptionError, "not a plain table name"),
        ('?table="events"', OptionError, "not a plain table name"),
        ("?table=events&mode=rw", OptionError, "unknown parameter 'mode'"),
        ("", OptionError, "name a table or a query, one of them"),
        ("?table=events#SELECT 1", OptionError, "name a table or a query, one of them"),
    ],
)
def test_what_sqlite_refuses(logs: Path, rest: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        read_sqlite(logs, rest)


def test_a_database_file_that_is_missing_or_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such database file"):
        read_sqlite(tmp_path / "nothing.db", "?table=events")
    assert not (tmp_path / "nothing.db").exists()
    (tmp_path / "text.db").write_text("no database, but long enough to look like one " * 100)
    with pytest.raises(InputError, match="file is not a database"):
        read_sqlite(tmp_path / "text.db", "?table=events")


def test_a_sqlite_column_that_changes_its_type_late(tmp_path: Path) -> None:
    path = tmp_path / "logs.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE events (ts, account)")
        numbers = ((1_772_438_701 + i, i) for i in range(70_000))
        database.executemany("INSERT INTO events VALUES (?, ?)", numbers)
        database.execute("INSERT INTO events VALUES (1772538701, 'text')")
    database.close()
    with pytest.raises(InputError, match=r"(?s)the rows cannot be read.*CAST"):
        read_sqlite(path, "?table=events")
    events = read_sqlite(path, "#SELECT ts, CAST(account AS TEXT) AS account FROM events")
    assert events.quality.n_events == 70_001


SECRET = "hunter2-Zebra"  # noqa: S105


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://u:{SECRET}@127.0.0.1:1/db?table=events",
        f"postgresql://u:{SECRET}@no.such.host.invalid/db?table=events",
        f"postgresql://u@127.0.0.1:1/db?password={SECRET}&table=events",
        f"postgresql://u:{SECRET}@127.0.0.1:1/db?sslmode=nonsense&table=events",
        f"postgresql://u:{SECRET}@127.0.0.1:1/db?nonsense={SECRET}&table=events",
        f"postgresql://u:1#{SECRET}@127.0.0.1:1/db?table=events",
        f"postgresql://u:1/{SECRET}@127.0.0.1:1/db?table=events",
        f"postgresql://u:1?{SECRET}@127.0.0.1:1/db?table=events",
        f"postgresql://u:@{SECRET}@127.0.0.1:1/db?table=events",
        f"postgresql://u:%zz{SECRET}@127.0.0.1:1/db?table=events",
        f"postgresql://u:{SECRET}@127.0.0.1:port/db?table=events",
        f"postgresql://u:{SECRET}@[::1/db?table=events",
        f"mysql://u:{SECRET}@127.0.0.1/db?table=events",
        f"postgresql://u:{SECRET}@127.0.0.1/db",
    ],
)
def test_no_message_holds_a_password(address: str) -> None:
    with pytest.raises((InputError, OptionError)) as raised:
        read_events(address)
    chained = None if raised.value.__suppress_context__ else raised.value.__context__
    shown = f"{raised.value} {raised.value.__cause__} {chained}"
    assert SECRET not in shown
    assert "Zebra" not in shown
    assert raised.value.exit_code == 2


def test_what_is_shown_of_an_address() -> None:
    address = parse_address(
        "postgresql://ann%40x:p%40ss@db.example.org:5433/logs?sslmode=require&table=public.events"
    )
    assert address.shown == "postgresql://ann@x@db.example.org:5433/logs?table=public.events"
    assert address.query == 'SELECT * FROM "public"."events"'
    assert "p%40ss" in address.uri
    assert "p%40ss" not in repr(address)
    assert address.redact("no p@ss, no p%40ss") == "no ***, no ***"


def prepare(server: PostgresServer, *statements: str) -> None:
    import adbc_driver_postgresql.dbapi

    with adbc_driver_postgresql.dbapi.connect(server.address()) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        connection.commit()


def test_postgresql(postgres: PostgresServer) -> None:
    prepare(
        postgres,
        """CREATE TABLE "order"
        (id bigint, at timestamptz, account text, tags text[], ip inet, key uuid, n numeric, j jsonb)""",
        """INSERT INTO "order" VALUES
        (7, '2026-03-02 08:00:00+08', 'a', '{x,y}', '10.0.0.1', '0278ee83-43b6-49c3-941e-80ce08685c4b',
            12345678901234567890, '"ok"'),
        (8, '2026-03-02 08:00:01+08', 'b', NULL, '2001:db8::1', NULL, 1.50, '{"code":7}')""",
    )
    mapping = {"target": "tags", "address": "ip", "device": "key", "content": "n", "outcome": "j"}
    events = read_events(f"{postgres.address()}?table=public.order", mapping | {"event_id": "id"})
    assert [tuple(row[role] for role in events.roles if role != "time") for row in rows(events)] == [
        (7, "a", "x", "0278ee83-43b6-49c3-941e-80ce08685c4b", "10.0.0.1", "12345678901234567890", "ok"),
        (7, "a", "y", "0278ee83-43b6-49c3-941e-80ce08685c4b", "10.0.0.1", "12345678901234567890", "ok"),
        (8, "b", None, None, "2001:db8::1", "1.50", '{"code":7}'),
    ]
    assert {row["time"] for row in rows(events)} == {at(2026, 3, 2), at(2026, 3, 2, 0, 0, 1)}
    name = f"postgresql://samehand@127.0.0.1:{postgres.port}/logs?table=public.order"
    assert events.sources[0].name == name
    assert PASSWORD not in repr(events)


def test_a_query_of_postgresql(postgres: PostgresServer) -> None:
    query = (
        "SELECT now() + i * interval '1 second' AS at, 'u' || i AS account FROM generate_series(1, 5000) i;"
    )
    events = read_events(f"{postgres.address()}#{query}")
    assert events.quality.n_accounts == 5000


def test_infinite_times_of_postgresql_are_invalid(postgres: PostgresServer) -> None:
    values = "(timestamptz 'infinity', 'a'), ('2026-03-02', 'b'), ('2026-03-03', 'c')"
    query = f"SELECT * FROM (VALUES {values}) v(time, account)"  # noqa: S608
    events = read_events(f"{postgres.address()}#{query}")
    assert [(item.what, item.count) for item in events.quality.left_out] == [("rows with an invalid time", 1)]


def test_what_postgresql_refuses(postgres: PostgresServer) -> None:
    prepare(
        postgres, "CREATE TABLE kept (time timestamptz, account text)", "INSERT INTO kept VALUES (now(), 'a')"
    )
    for rest, message in [
        ("?table=nothing", 'relation "nothing" does not exist'),
        ("#SELECT nothing", 'column "nothing" does not exist'),
        ("#SELECT FROM WHERE", "syntax error"),
        ("#SELECT 1; DROP TABLE kept", "cannot insert multiple commands"),
        ("#WITH x AS (DELETE FROM kept RETURNING *) SELECT * FROM x", "read-only transaction"),
        ("#SELECT pg_sleep(0), 1/0 AS time, 'a' AS account", "division by zero"),
    ]:
        with pytest.raises(InputError, match=re.escape(message)) as raised:
            read_events(f"{postgres.address()}{rest}")
        assert PASSWORD not in str(raised.value)
    assert (
        read_events(
            [f"{postgres.address()}?table=kept", f"{postgres.address()}#SELECT now() AS time, 'b' AS account"]
        ).quality.n_accounts
        == 2
    )


def test_a_wrong_password(postgres: PostgresServer) -> None:
    with pytest.raises(InputError, match="password authentication failed") as raised:
        read_events(f"{postgres.address(password=SECRET)}?table=kept")
    assert SECRET not in str(raised.value)
