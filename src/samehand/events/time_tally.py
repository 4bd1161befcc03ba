"""Counts, over a whole column of times, how many rows write them in which form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from samehand.events.parts import LoadedPart
from samehand.events.sql import Session
from samehand.events.time_columns import TimeColumn

_1990_US: Final = 631_152_000_000_000
_FIRST_US: Final = -62_135_596_800_000_000  # year 1
_LAST_US: Final = 253_402_300_799_999_999  # year 9999


@dataclass(frozen=True, kw_only=True)
class Tally:
    """The rows of one part that write the time in one form."""

    part: int
    form: str
    offset: str
    """As written; empty where none is."""
    n: int
    n_parsed: int
    n_zero: int
    n_recent: int
    """Since 1990."""
    first_row: int
    first_us: int | None
    last_us: int | None


def in_range(us: str) -> str:
    """Give SQL that makes microseconds outside the years 1 to 9999 NULL."""
    return f"CASE WHEN {us} BETWEEN {_FIRST_US} AND {_LAST_US} THEN {us} END"


def tally(session: Session, parts: Sequence[LoadedPart], columns: Sequence[TimeColumn]) -> list[Tally]:
    """Count the forms of all parts, the most frequent of a part first."""
    return [row for i, part in enumerate(parts) for row in _tally_part(session, part, columns[i], i)]


def _tally_part(session: Session, part: LoadedPart, column: TimeColumn, index: int) -> list[Tally]:
    cases = " ".join(f"WHEN '{form.name}' THEN {form.micros}" for form in column.forms)
    query = f"""
        SELECT time_form, time_offset, count(*), count(us), count_if(us = 0), count_if(us >= {_1990_US}),
               min("row"), min(us), max(us)
        FROM (SELECT *, {in_range("any_us")} AS us
        FROM (SELECT *, CASE time_form {cases} END AS any_us,
              CASE WHEN time_form = 'iso_offset' THEN {column.offset} ELSE '' END AS time_offset
        FROM (SELECT *, {column.form} AS time_form FROM {part.view})))
        GROUP BY ALL"""  # noqa: S608
    names = (
        "form",
        "offset",
        "n",
        "n_parsed",
        "n_zero",
        "n_recent",
        "first_row",
        "first_us",
        "last_us",
    )
    rows = session.execute(query).fetchall()
    tallies = [Tally(part=index, **dict(zip(names, row, strict=True))) for row in rows]
    return sorted(tallies, key=lambda one: (-one.n, one.form, one.offset))
