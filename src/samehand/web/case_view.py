"""What the page of a case shows of its members and events, beside the words and charts of its fleet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samehand.cases.model import Case, Member
from samehand.report.dossier import Dossier
from samehand.web.grouped import Ints
from samehand.web.queue import Pager
from samehand.web.runs import RunIndex

MEMBERS_A_PAGE: Final = 50
EVENTS_A_PAGE: Final = 100
ORDERS: Final[Mapping[str, str]] = {"bits": "bits", "weakest": "leave_one_out_bits", "own": "share_driven"}
"""Orders of the members: the most certain first, the least certain first, the most own life first."""
EVENTS: Final = ("all", "together", "driven", "own")
COLUMNS: Final = ("action", "target", "device", "address", "content", "client", "outcome")


@dataclass(frozen=True, kw_only=True)
class MemberLine:
    """A member of a case beside its figures in the run."""

    member: Member
    figures: Mapping[str, Any]
    """Its row of the table of members; empty where the run does not know it."""


@dataclass(frozen=True, kw_only=True)
class MemberPage:
    """A page of the members of a case."""

    lines: Sequence[MemberLine]
    pager: Pager
    n_removed: int


def member_page(case: Case, run: RunIndex, asked: Mapping[str, str]) -> MemberPage:
    """Give the members that are asked for: ``member`` holds a part of the name, ``by`` the order."""
    part = asked.get("member", "").casefold()
    members = [member for member in case.members if part in member.account.casefold()]
    order = ORDERS.get(asked.get("by", ""), "bits")
    if order != "bits":
        figures = {str(row["account"]): row for row in run.members_of([one.account for one in members])}
        members.sort(key=lambda one: _least(figures.get(one.account, {}).get(order)))
    asked_page = asked.get("members", "1")
    number = int(asked_page) if asked_page.isdecimal() and len(asked_page) < 9 else 1
    pager = Pager.of(len(members), number, MEMBERS_A_PAGE)
    shown = members[pager.first : pager.first + pager.size]
    rows = {str(row["account"]): row for row in run.members_of([one.account for one in shown])}
    return MemberPage(
        lines=[MemberLine(member=one, figures=rows.get(one.account, {})) for one in shown],
        pager=pager,
        n_removed=sum(member.removed for member in case.members),
    )


def _least(value: float | None) -> float:
    return float("inf") if value is None else value


@dataclass(frozen=True, kw_only=True)
class EventPage:
    """A page of events, and what was asked for."""

    rows: Sequence[Mapping[str, Any]]
    """Each with ``coaction`` and ``driven``."""
    columns: Sequence[str]
    pager: Pager
    what: str
    sentence_row: int | None
    """Row of evidence, from 1."""
    filters: Mapping[str, str]


def event_page(dossier: Dossier, asked: Mapping[str, str]) -> EventPage:
    """Give the events behind a figure.

    ``what``: all, together, driven or own; ``row``: a row of evidence, from 1; ``account``, ``target``, ``device``,
    ``address``: those of this one alone.
    """
    table, events = dossier.event_rows, dossier.events
    what = asked.get("what") if asked.get("what") in EVENTS else "all"
    masks = {"together": events.coaction, "driven": events.driven, "own": ~events.driven}
    keep = masks.get(what or "", np.ones(table.num_rows, bool)).copy()
    filters: dict[str, str] = {}
    for name in ("account", "target", "device", "address"):
        if asked.get(name) and name in table.column_names:
            filters[name] = asked[name]
            same = pc.equal(table[name].cast(pa.string()), pa.scalar(asked[name])).fill_null(False)
            keep &= np.asarray(same.to_numpy(), bool)
    row = _row_number(asked.get("row", ""), dossier.evidence.num_rows)
    if row is not None:
        ids = dossier.evidence["event_ids"][row - 1].values
        keep &= np.asarray(pc.is_in(table["event_id"], value_set=ids).to_numpy(), bool)
    found = np.flatnonzero(keep)
    page = asked.get("page", "1")
    pager = Pager.of(len(found), int(page) if page.isdecimal() and len(page) < 9 else 1, EVENTS_A_PAGE)
    shown = found[pager.first : pager.first + pager.size]
    return EventPage(
        rows=_rows(table, shown, events.driven),
        columns=[name for name in COLUMNS if name in table.column_names],
        pager=pager,
        what=what or "all",
        sentence_row=row,
        filters=filters,
    )


def _rows(table: pa.Table, shown: Ints, driven: Any) -> list[dict[str, Any]]:
    rows = table.take(shown).to_pylist()
    return [row | {"driven": bool(driven[place])} for row, place in zip(rows, shown.tolist(), strict=True)]


def _row_number(text: str, n_rows: int) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 9 and 1 <= int(text) <= n_rows else None
