"""Counts, over a whole column of times, how many rows write them in which form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from samehand.events.formats.interface import LoadedPart, locate
from samehand.events.sql import Session
from samehand.events.times.columns import BAD, TimeColumn

_1990_US: Final = 631_152_000_000_000
_FIRST_US: Final = -62_135_596_800_000_000  # year 1
_LAST_US: Final = 253_402_300_799_999_999  # year 9999


@dataclass(frozen=True, kw_only=True)
class Tally:
    """The rows of one part that write the time in one form."""

    part: int
    form: str
    n: int
    first_row: int
    where: str
    """That row, for messages."""
    n_parsed: int = 0
    n_zero: int = 0
    n_recent: int = 0
    """Since 1990."""
    first_us: int | None = None
    last_us: int | None = None
    offsets: tuple[str, ...] = ()
    """As written, the most frequent first; empty where none is."""


def in_range(us: str) -> str:
    """Give SQL that makes microseconds outside the years 1 to 9999 NULL.

    ``us`` stands there only once: it may be long, and what is repeated is computed and planned again.
    """
    below, above = _FIRST_US - 1, _LAST_US + 1
    return f"nullif(nullif(greatest(least({us}, {above}), {below}), {below}), {above})"  # least(NULL, x) is x


def tally(session: Session, parts: Sequence[LoadedPart], columns: Sequence[TimeColumn]) -> list[Tally]:
    """Count the forms of all parts, the most frequent of a part first."""
    return [
        one
        for i, (part, column) in enumerate(zip(parts, columns, strict=True))
        for one in _tally_part(session, parts, part, column, i)
    ]


def _tally_part(
    session: Session, parts: Sequence[LoadedPart], part: LoadedPart, column: TimeColumn, index: int
) -> list[Tally]:
    query = f'SELECT {column.form} AS time_form, count(*), min("row") FROM {part.view} GROUP BY ALL'  # noqa: S608
    found = [
        Tally(part=index, form=form, n=n, first_row=row, where=str(locate(parts, row)))
        for form, n, row in session.execute(query).fetchall()
    ]
    found.sort(key=lambda one: (-one.n, one.form))
    values = _look_at_values(session, part, column, {one.form for one in found})
    return [_add_values(one, [row[1:] for row in values if row[0] == one.form]) for one in found]


def _look_at_values(
    session: Session, part: LoadedPart, column: TimeColumn, found: set[str]
) -> list[tuple[Any, ...]]:
    """Parse every value of the forms that were found; forms that were not would only slow the query down."""
    forms = [form for form in column.forms if form.name in found]
    if not forms:
        return []
    is_only = len(forms) == 1 and BAD not in found
    form = f"'{forms[0].name}'" if is_only else column.form
    cases = " ".join(f"WHEN '{one.name}' THEN {one.micros}" for one in forms)
    micros = forms[0].micros if is_only else f"CASE time_form {cases} END"
    offset = column.offset if "iso_offset" in found else "''"
    query = f"""
        SELECT time_form, time_offset, count(us), count(*) FILTER (WHERE us = 0),
               count(*) FILTER (WHERE us >= {_1990_US}), min(us), max(us)
        FROM (SELECT time_form, {offset} AS time_offset, {in_range(micros)} AS us
              FROM (SELECT *, {form} AS time_form FROM {part.view}))
        GROUP BY ALL ORDER BY 3 DESC, 1, 2"""  # noqa: S608
    return session.execute(query).fetchall()


def _add_values(one: Tally, values: Sequence[tuple[Any, ...]]) -> Tally:
    first = [first for *_, first, _ in values if first is not None]
    last = [last for *_, last in values if last is not None]
    return replace(
        one,
        n_parsed=sum(row[1] for row in values),
        n_zero=sum(row[2] for row in values),
        n_recent=sum(row[3] for row in values),
        first_us=min(first, default=None),
        last_us=max(last, default=None),
        offsets=tuple(row[0] for row in values if row[0]),
    )
