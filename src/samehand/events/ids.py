"""Turns ids and other values into plain text or whole numbers, and decides which of both ids are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from samehand.columns import Role
from samehand.errors import InputError
from samehand.events.formats.interface import Kind, LoadedColumn, LoadedPart
from samehand.events.sql import Session, literal, literals

ID_ROLES: Final[tuple[Role, ...]] = ("account", "event_id")
"""Roles that keep the type they have in the log, number or text; all others are text."""
_WORDS_FOR_NOTHING: Final = (
    *(
        "null",
        "NULL",
        "Null",
        "none",
        "None",
        "NONE",
        "nil",
        "nan",
        "NaN",
        "NAN",
        "NaT",
        "<NA>",
        "NA",
        "N/A",
        "n/a",
    ),
    *("#N/A", "\\N", "-", "--", "(null)", "<null>", "undefined"),
)
_YES: Final = ("true", "yes", "y", "t", "1", "是", "有")
_NO: Final = ("false", "no", "n", "f", "0", "normal", "否", "无", "正常")
_LONGEST_WORD: Final = max(map(len, _WORDS_FOR_NOTHING))
_EXACT_IN_FLOAT: Final = 2**53


def plain_text(column: LoadedColumn) -> str:
    """Give SQL for a value as plain text: whole numbers without a point, NULL where there is nothing."""
    sql = column.sql
    match column.kind:
        case "text" | "untyped":
            return f"CAST({sql} AS VARCHAR)"
        case "float":
            return _plain_float(sql)
        case "decimal":
            whole = f"CAST(TRY_CAST({sql} AS HUGEINT) AS VARCHAR)"
            return f"CASE WHEN {sql} = trunc({sql}) THEN {whole} ELSE CAST({sql} AS VARCHAR) END"
        case "json":
            number = _plain_float(f"TRY_CAST({sql} AS DOUBLE)")
            return f"CASE WHEN {column.json_type} = 'DOUBLE' THEN {number} ELSE {sql} END"
        case "binary":
            return f"coalesce(TRY(decode({sql})), lower(hex({sql})))"
        case "list":
            return f"CAST(to_json({sql}) AS VARCHAR)"
        case "empty":
            return "CAST(NULL AS VARCHAR)"
        case _:
            return f"CAST({sql} AS VARCHAR)"


def _plain_float(sql: str) -> str:
    # TRY although the case guards it: the planner may compute what is repeated for all rows.
    whole = f"CAST(TRY_CAST({sql} AS BIGINT) AS VARCHAR)"
    return (
        f"CASE WHEN isnan({sql}) THEN NULL WHEN {sql} = trunc({sql}) AND abs({sql}) < 9e18 THEN {whole} "
        f"ELSE CAST({sql} AS VARCHAR) END"
    )


def stands_for_nothing(text: str) -> str:
    """Give SQL that tells texts such as ``null``, ``NaN`` and ``-``."""
    return f"(strlen({text}) <= {_LONGEST_WORD} AND {text} IN ({literals(_WORDS_FOR_NOTHING)}))"


def value_or_null(role: Role, text: str) -> str:
    """Give SQL for a text that is NULL where it is blank or, in all roles but content, a word for nothing."""
    nothing = f"(ascii({text}) <= 32 AND trim({text}) = '')"  # the first character rules most texts out
    if role != "content":
        nothing += f" OR {stands_for_nothing(text)}"
    return f"CASE WHEN {nothing} THEN NULL ELSE {text} END"


def risk_tags(columns: Sequence[tuple[str, LoadedColumn]]) -> str:
    """Give SQL for the risk tags of an event, with commas between; NULL where there are none.

    A column that says yes or no is a tag of its own name; of another its text is taken.
    """
    parts = []
    for name, column in columns:
        text = value_or_null("risk", plain_text(column))
        word = f"lower(trim({text}))"
        parts.append(
            f"CASE WHEN {word} IN ({literals(_YES)}) THEN {literal(name)} "
            f"WHEN {word} IN ({literals(_NO)}) THEN NULL ELSE {text} END"
        )
    return f"nullif(concat_ws(',', {', '.join(parts)}), '')" if parts else "CAST(NULL AS VARCHAR)"


@dataclass(frozen=True, kw_only=True)
class IdTypes:
    """What the ids of a log are, and what was noticed about them."""

    numbers: frozenset[Role]
    """Those of ``ID_ROLES`` that are whole numbers throughout the log; the others are text."""
    warnings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class IdLook:
    """What one file, or one part of files with the same types, holds in a column of ids."""

    role: Role
    file: str
    typed: bool
    """Whether the source tells numbers from text."""
    n_values: int
    n_text: int
    """Values that are no whole numbers."""
    n_imprecise: int
    """Numbers that a floating-point column cannot hold exactly."""
    n_shortened: int
    """Texts such as 1.23E+18, which a spreadsheet makes of long numbers."""


def look_at_ids(session: Session, parts: Sequence[LoadedPart], names: dict[Role, str]) -> list[IdLook]:
    """See what the ids of some parts are.

    Args:
        session: Where the parts are.
        parts: The loaded parts.
        names: Role -> column.

    Raises:
        InputError: A column's type cannot be an id.
    """
    return [
        look
        for role in ID_ROLES
        if role in names
        for part in parts
        if names[role] in part.columns
        for look in _look(session, part, role, names[role])
    ]


def decide_types(looks: Sequence[IdLook]) -> IdTypes:
    """Decide whether accounts and event ids are numbers or text, over all parts of the log.

    Numbers: all values are whole numbers that fit 64 bits, in a column of numbers or, in a format without
    types, written the way a number is printed (no leading zeros). Where parts disagree, all become text.

    Args:
        looks: At all parts, in their order.
    """
    numbers: set[Role] = set()
    warnings: list[str] = []
    for role in ID_ROLES:
        own = [look for look in looks if look.role == role]
        counted = [look for look in own if look.n_values]
        if counted and not any(look.n_text for look in counted):
            numbers.add(role)
        else:
            warnings += _disagreement(role, counted)
        warnings += _oddities(role, own)
    return IdTypes(numbers=frozenset(numbers), warnings=tuple(warnings))


_ID_KINDS: Final[tuple[Kind, ...]] = (
    "integer",
    "decimal",
    "float",
    "text",
    "untyped",
    "json",
    "binary",
    "empty",
)


def _look(session: Session, part: LoadedPart, role: Role, name: str) -> list[IdLook]:
    column = part.columns[name]
    if column.kind not in _ID_KINDS:
        raise InputError(
            f"the column {name!r} holds values of another kind ({column.kind}) and cannot be the {role}",
            where=part.files[0].name,
            hint=f"--map {role}=COLUMN with a column of ids",
        )
    imprecise = "false"
    if column.kind == "float":
        imprecise = f"abs({column.sql}) >= {_EXACT_IN_FLOAT} AND NOT isnan({column.sql})"
    shortened = "false"
    if column.kind in {"text", "untyped"}:
        shortened = "contains(v, 'E+') AND regexp_full_match(v, '\\d([.,]\\d+)?E\\+\\d+')"
    value = column.sql if column.kind == "text" else value_or_null(role, plain_text(column))
    file = part.file_column or literal(part.files[0].name)
    query = (
        f"SELECT {file}, count(v), count(*) FILTER (WHERE {_is_text(column)}), "  # noqa: S608
        f"count(*) FILTER (WHERE {imprecise}), count(*) FILTER (WHERE {shortened}) "
        f"FROM (SELECT *, {value} AS v FROM {part.view}) GROUP BY ALL ORDER BY 1"
    )
    names = ("file", "n_values", "n_text", "n_imprecise", "n_shortened")
    rows = session.execute(query).fetchall()
    return [
        IdLook(role=role, typed=column.kind != "untyped", **dict(zip(names, row, strict=True)))
        for row in rows
    ]


def _is_text(column: LoadedColumn) -> str:
    match column.kind:
        case "text" | "binary":
            return "v IS NOT NULL"
        case "untyped":
            return "v IS NOT NULL AND CAST(TRY_CAST(v AS BIGINT) AS VARCHAR) IS DISTINCT FROM v"
        case "json":
            return f"v IS NOT NULL AND ({column.json_type} = 'VARCHAR' OR TRY_CAST(v AS BIGINT) IS NULL)"
        case "integer":
            return f"v IS NOT NULL AND TRY_CAST({column.sql} AS BIGINT) IS NULL"
        case _:
            return "v IS NOT NULL AND (contains(v, '.') OR TRY_CAST(v AS BIGINT) IS NULL)"


def _disagreement(role: Role, looks: Sequence[IdLook]) -> list[str]:
    """Say that ids became text although some are numbers: by type in one file, or throughout another file."""
    number = next((look.file for look in looks if not look.n_text), "")
    text = next((look.file for look in looks if look.n_text), "")
    both = next((look.file for look in looks if look.typed and 0 < look.n_text < look.n_values), "")
    if not (number and text) and not both:
        return []
    where = f"numbers in {number}, text in {text}" if number else f"both in {both}"
    return [f"The ids of role {role} are partly numbers and partly text ({where}); all were taken as text."]


def _oddities(role: Role, looks: Sequence[IdLook]) -> list[str]:
    warnings = []
    n_imprecise = sum(look.n_imprecise for look in looks)
    if n_imprecise:
        warnings.append(
            f"{n_imprecise:,} values of role {role} are floating-point numbers above 2^53, where "
            "neighbouring ids fall together; export them as whole numbers or text."
        )
    n_shortened = sum(look.n_shortened for look in looks)
    if n_shortened:
        warnings.append(
            f"{n_shortened:,} values of role {role} look like 1.23E+18: a spreadsheet shortened them, and "
            "different ids may have become the same; export them as text."
        )
    return warnings


def id_value(role: Role, column: LoadedColumn, types: IdTypes) -> str:
    """Give SQL for an account or event id, in the type that was decided."""
    if role in types.numbers and column.kind == "integer":
        return f"CAST({column.sql} AS BIGINT)"
    text = value_or_null(role, plain_text(column))
    return f"TRY_CAST({text} AS BIGINT)" if role in types.numbers else text
