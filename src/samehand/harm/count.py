"""Asks the queries of the ledger: what was counted, and what was not, with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from samehand.events.sql import Session
from samehand.harm.prices import KINDS
from samehand.harm.queries import COUNTED, Head, Need, Query
from samehand.harm.views import ALL

DIGITS: Final = 6
"""Sums of floats differ in their last digits with the order of their terms; what is shown does not."""
PARTS: Final = frozenset({"actions_at_target", "share_of_day", "share_of_target"})
"""Items that are told by day or target only, and not as a whole."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure of the ledger: low, mid and high of one thing, of one fleet or all."""

    scope: str
    """A fleet, or ``all``."""
    head: Head
    item: str
    of: str | None
    """A kind of action, a target or a day; None: as a whole."""
    unit: str
    low: float | None
    """None, as the next two: it was not counted."""
    mid: float | None
    high: float | None
    missing: str | None
    """Why it was not counted: a key of ``harm.missing``."""
    query: str
    """The query that gives it."""


def count_all(session: Session, scopes: Iterable[str], at_hand: frozenset[Need]) -> list[Figure]:
    """Count every figure for every scope, in the order of the queries, scopes and parts.

    Args:
        session: With the views of ``views``, and ``log`` and ``re_armed_links`` where they are at hand.
        scopes: ``all`` and the fleets, in the order wanted.
        at_hand: What may be counted.
    """
    wanted = list(scopes)
    return [figure for query in COUNTED for figure in _count(session, query, wanted, at_hand)]


def _count(session: Session, query: Query, scopes: list[str], at_hand: frozenset[Need]) -> Iterator[Figure]:
    lacking = sorted(query.needs - at_hand)
    if lacking:
        for scope in scopes:
            # The log before its columns: with it, some of them may be there.
            yield _figure(query, scope, None, None, "log" if "log" in lacking else lacking[0])
        return
    found: dict[str, list[tuple[str | None, list[float]]]] = {scope: [] for scope in scopes}
    for scope, of, *amounts in session.execute(query.sql).fetchall():
        if of is None or amounts[-1]:
            found[scope].append((of, [round(float(one or 0), DIGITS) for one in amounts]))
    for scope in scopes:
        rows = found[scope]
        if query.item not in PARTS and not any(of is None for of, _ in rows):
            rows.append((None, [0.0, 0.0, 0.0]))
        for of, amounts in sorted(rows, key=_order):
            yield _figure(query, scope, of, amounts, None)


def _order(row: tuple[str | None, list[float]]) -> tuple[bool, int, str]:
    """As a whole first, then kinds in their order, then days and targets by name."""
    of = row[0]
    return of is not None, KINDS.index(of) if of in KINDS else len(KINDS), of or ""


def _figure(
    query: Query, scope: str, of: str | None, amounts: list[float] | None, missing: str | None
) -> Figure:
    low, mid, high = amounts or (None, None, None)
    return Figure(
        scope=scope,
        head=query.head,
        item=query.item,
        of=of,
        unit=query.unit,
        low=low,
        mid=mid,
        high=high,
        missing=missing,
        query=query.item,
    )


def in_all(figures: Iterable[Figure]) -> list[Figure]:
    """Give the figures of all fleets together."""
    return [figure for figure in figures if figure.scope == ALL]
