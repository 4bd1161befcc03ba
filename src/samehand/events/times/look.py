"""Looks at a column of times without deciding anything: what is found in pieces of a log adds up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from samehand.events.formats.interface import LoadedPart, locate
from samehand.events.sql import Session
from samehand.events.times.columns import NUMBERED, TimeColumn, describe_column
from samehand.events.times.forms import DAY_FIRST, MONTH_FIRST, TimeForm
from samehand.events.times.tally import Tally, tally

ORDERS: Final = (DAY_FIRST, MONTH_FIRST)
"""How 03/04/2026 may be meant."""


@dataclass(frozen=True, kw_only=True)
class OrderLook:
    """Dates such as 03/04/2026 in one part: how many can be read with the day first, and with the month first."""

    n: int
    n_day_first: int
    n_month_first: int
    example: str
    where: str
    day_example: str | None
    """The first that only has a day first; None where there is none, likewise below."""
    day_where: str
    month_example: str | None
    month_where: str


@dataclass(frozen=True, kw_only=True)
class TimeLook:
    """How one or several parts write times."""

    columns: tuple[TimeColumn, ...]
    """Of each part."""
    tallies: dict[str, tuple[Tally, ...]]
    """What was counted, by the name of the order that was taken for dates such as 03/04/2026."""
    orders: tuple[OrderLook, ...]
    """Of the parts that have such dates."""

    @property
    def order_matters(self) -> bool:
        """Whether any part has such dates."""
        return bool(self.orders)


def look_at_times(session: Session, parts: Sequence[LoadedPart], name: str) -> TimeLook:
    """Count how the times of some parts are written.

    Args:
        session: Where the parts are.
        parts: The loaded parts; each has the column.
        name: The column.

    Raises:
        InputError: A part's column is of a type that no times have.
    """
    columns = [describe_column(part.columns[name], name, part.files[0].name) for part in parts]
    plain = tuple(tally(session, parts, columns))
    numbered = sorted({one.part for one in plain if one.form == NUMBERED})
    tallies = {order.name: plain for order in ORDERS}
    if numbered:
        for order in ORDERS:
            tallies[order.name] = tuple(tally(session, parts, [one.with_order(order) for one in columns]))
    return TimeLook(
        columns=tuple(columns),
        tallies=tallies,
        orders=tuple(_look_at_order(session, parts, parts[i], columns[i]) for i in numbered),
    )


def merge_looks(looks: Sequence[TimeLook]) -> TimeLook:
    """Add up what was found in pieces of a log, given in its order."""
    tallies: dict[str, list[Tally]] = {order.name: [] for order in ORDERS}
    columns: list[TimeColumn] = []
    for look in looks:
        for name, some in look.tallies.items():
            tallies[name] += [replace(one, part=one.part + len(columns)) for one in some]
        columns += look.columns
    return TimeLook(
        columns=tuple(columns),
        tallies={name: tuple(some) for name, some in tallies.items()},
        orders=tuple(order for look in looks for order in look.orders),
    )


def _look_at_order(
    session: Session, parts: Sequence[LoadedPart], part: LoadedPart, column: TimeColumn
) -> OrderLook:
    day, month = (_read_with(column, order) for order in ORDERS)
    row = session.execute(
        f"""
        SELECT count(*), count(d), count(m), min("row"), arg_min(t, "row"),
               min("row") FILTER (m IS NULL), arg_min(t, "row") FILTER (m IS NULL),
               min("row") FILTER (d IS NULL), arg_min(t, "row") FILTER (d IS NULL)
        FROM (SELECT "row", {column.text} AS t, {day} AS d, {month} AS m FROM {part.view}
              WHERE {column.form} = '{NUMBERED}')
        WHERE d IS NOT NULL OR m IS NOT NULL"""  # noqa: S608
    ).fetchone()
    n, n_day, n_month, first, example, day_only, day_example, month_only, month_example = row or (0,) * 9

    def where(found: Any) -> str:
        return "" if found is None else str(locate(parts, found))

    return OrderLook(
        n=n,
        n_day_first=n_day,
        n_month_first=n_month,
        example=example or "",
        where=where(first),
        day_example=day_example,
        day_where=where(day_only),
        month_example=month_example,
        month_where=where(month_only),
    )


def _read_with(column: TimeColumn, order: TimeForm) -> str:
    return column.with_order(order).find(NUMBERED).micros
