"""The queue: leads sorted by what matters, filtered, searched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from samehand.cases.model import Lead, Status
from samehand.report.dossier import Fleet
from samehand.web.runs import RunIndex

UNDECIDED: Final = frozenset({Status.open, Status.need_more, Status.second})
STATUSES: Final[Mapping[str, frozenset[Status]]] = {
    "undecided": UNDECIDED,
    **{status.value: frozenset({status}) for status in Status},
    "all": frozenset(Status),
}
"""What the filter of the queue offers."""
REPORTED: Final = {"reported": {True}, "candidates": {False}, "both": {True, False}}
NOBODY: Final = "-"
"""Whom leads are assigned to that nobody has."""
LEADS_A_PAGE: Final = 50


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What of the queue is asked for."""

    status: str = "undecided"
    which: str = "reported"
    run: int | None = None
    assignee: str | None = None
    """A name, or ``NOBODY``."""
    behaviour: str = ""
    layer: str = ""
    sort: str = "matter"
    page: int = 1

    def admits(self, lead: Lead) -> bool:
        """Tell whether the filters let a lead through."""
        return (
            lead.status in STATUSES[self.status]
            and lead.reported in REPORTED[self.which]
            and self.run in {None, lead.run_id}
            and self.assignee in {None, lead.assignee or NOBODY}
            and (not self.behaviour or self.behaviour in lead.behaviours)
            and (not self.layer or self.layer in lead.layers)
        )


@dataclass(frozen=True, kw_only=True)
class Line:
    """A lead beside the figures of its fleet."""

    lead: Lead
    fleet: Fleet | None
    """None: its run cannot be read any more."""

    @property
    def sureness(self) -> float:
        """How sure it is that one hand moves them: 0 to 1."""
        if self.fleet is not None and self.fleet.posterior is not None:
            return self.fleet.posterior
        if self.fleet is None or self.fleet.coordination is None or self.fleet.inauthenticity is None:
            return 1.0 - self.lead.innocent_weight
        return self.fleet.coordination * self.fleet.inauthenticity

    @property
    def matter(self) -> float:
        """Accounts times how sure it is: what a right decision would settle."""
        return self.lead.n_accounts * self.sureness


Key = Callable[[Line], Any]
SORTS: Final[Mapping[str, Key]] = {
    "matter": lambda line: (line.lead.status is not Status.second, -line.matter),
    "accounts": lambda line: -line.lead.n_accounts,
    "bits": lambda line: -line.lead.score_bits,
    "doubt": lambda line: -line.lead.innocent_weight,
    "latest": lambda line: -line.lead.last_time.timestamp(),
    "changed": lambda line: -line.lead.updated_at.timestamp(),
    "rank": lambda line: (line.lead.run_id, line.lead.rank),
}
"""Orders of the queue; the first puts what waits for a second reviewer on top, then what matters most."""


def read_wanted(asked: Mapping[str, str]) -> Wanted:
    """Read the query of a request; what makes no sense is as if it were not there."""
    plain = Wanted()
    number = {
        name: int(asked[name])
        for name in ("run", "page")
        if asked.get(name, "").isdecimal() and len(asked[name]) < 10
    }
    return Wanted(
        status=_one_of(asked.get("status"), STATUSES, plain.status),
        which=_one_of(asked.get("which"), REPORTED, plain.which),
        run=number.get("run"),
        assignee=asked.get("assignee") or None,
        behaviour=asked.get("behaviour", ""),
        layer=asked.get("layer", ""),
        sort=_one_of(asked.get("sort"), SORTS, plain.sort),
        page=max(number.get("page", 1), 1),
    )


def _one_of(value: str | None, known: Any, otherwise: str) -> str:
    return value if value is not None and value in known else otherwise


def lines_of(leads: tuple[Lead, ...], runs: Mapping[int, RunIndex | None], wanted: Wanted) -> list[Line]:
    """Put the leads that the filters let through beside their fleets, and sort them."""
    lines = [Line(lead=lead, fleet=_fleet(lead, runs)) for lead in leads if wanted.admits(lead)]
    order = SORTS[wanted.sort]
    return sorted(lines, key=lambda line: (order(line), line.lead.run_id, line.lead.rank, line.lead.case_id))


def _fleet(lead: Lead, runs: Mapping[int, RunIndex | None]) -> Fleet | None:
    run = runs.get(lead.run_id)
    number = None if run is None else run.number(lead.fleet_id)
    return None if run is None or number is None else run.fleets[number]


@dataclass(frozen=True, kw_only=True)
class Pager:
    """Where a page is among others."""

    page: int
    n_pages: int
    total: int
    first: int
    """Number of its first row, from 0."""
    size: int

    @classmethod
    def of(cls, total: int, page: int, size: int) -> Pager:
        """Cut ``total`` rows into pages of ``size``; a page behind the last is the last."""
        n_pages = max(-(-total // size), 1)
        page = min(max(page, 1), n_pages)
        return cls(page=page, n_pages=n_pages, total=total, first=(page - 1) * size, size=size)


def neighbours(lines: list[Line], case_id: int) -> tuple[int | None, int | None]:
    """Give the cases before and after one in the queue."""
    cases = [line.lead.case_id for line in lines]
    if case_id not in cases:
        return None, cases[0] if cases else None
    at = cases.index(case_id)
    return (cases[at - 1] if at else None), (cases[at + 1] if at + 1 < len(cases) else None)
