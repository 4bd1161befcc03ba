"""Names the columns of a table, and the fields of nested columns with dots, and addresses them in SQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from samehand.events.formats.interface import Column, element_of, kind_of
from samehand.events.sql import DatabaseError, Session, identifier, literal

_N_EXAMPLES: Final = 200
_DEEPEST: Final = 4


def columns_of(session: Session, table: str, names: Sequence[str]) -> tuple[Column, ...]:
    """List the columns of a table and the fields of its nested columns, with their kinds and first values.

    Args:
        session: Where the table is known.
        table: What stands after FROM.
        names: The names as the source writes them, in the table's order. DuckDB renames those that differ
            only in case, so positions count. Columns behind them keep DuckDB's names.
    """
    relation = session.sql(f"SELECT * FROM {table} LIMIT {_N_EXAMPLES}")  # noqa: S608
    columns: list[Column] = []
    names = [*names, *relation.columns[len(names) :]]
    for own, known, kind in zip(unique(names), relation.columns, relation.types, strict=True):
        columns += _fields((own,), (known,), kind)
    rows = _examples(session, table, columns)
    return tuple(
        replace(column, examples=tuple(str(row[i]) for row in rows if row[i] is not None))
        for i, column in enumerate(columns)
    )


def _fields(names: tuple[str, ...], path: tuple[str, ...], kind: Any) -> Iterator[Column]:
    text = str(kind)
    yield Column(
        name=".".join(names), kind=kind_of(text), path=path, element=element_of(text), is_json=text == "JSON"
    )
    if kind.id == "struct" and len(path) < _DEEPEST:
        for name, inner in kind.children:
            yield from _fields((*names, name), (*path, name), inner)


def _examples(session: Session, table: str, columns: Sequence[Column]) -> list[tuple[str | None, ...]]:
    plain = [
        "NULL"
        if column.kind in {"nested", "list", "binary", "empty"}
        else f"CAST({expression(column)} AS VARCHAR)"
        for column in columns
    ]
    if not plain:
        return []
    query = f"SELECT {', '.join(plain)} FROM (SELECT * FROM {table} LIMIT {_N_EXAMPLES}) AS head"  # noqa: S608
    try:
        return session.execute(query).fetchall()
    except DatabaseError:  # times beyond what text can hold; the guess then has only names and types
        return []


def expression(column: Column) -> str:
    r"""Address a column, or a field of a nested one.

    >>> expression(Column(name="actor.login", kind="text", path=("actor", "login")))
    'struct_extract("actor", \'login\')'
    """
    sql = identifier(column.path[0])
    for name in column.path[1:]:
        sql = f"struct_extract({sql}, {literal(name)})"
    return f"json_extract_string({sql}, '$')" if column.is_json else sql


def unique(names: Sequence[str]) -> list[str]:
    """Tell apart columns of the same name: the second ``time`` becomes ``time (2)``.

    >>> unique(["time", "account", "time"])
    ['time', 'account', 'time (2)']
    """
    seen: Counter[str] = Counter()
    result = []
    for name in names:
        seen[name] += 1
        result.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return result
