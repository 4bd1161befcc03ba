"""What the pages share: the store of cases, the opened runs, the templates."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePath
from threading import Lock
from typing import Final, cast

from sqlalchemy import select
from starlette.requests import Request

from samehand.cases.model import Case, Lead, RegisteredRun, Status
from samehand.cases.redaction import Redaction
from samehand.cases.schema import AUDIT_HEAD
from samehand.cases.store import CaseStore
from samehand.errors import InputError
from samehand.report.charts.svg import Chart
from samehand.report.dossier import Dossier
from samehand.report.fleet_page import Bounds, FleetPage, Told, build_fleet_page
from samehand.texts import LANGUAGES
from samehand.web.desk import Desk
from samehand.web.detection import Detections
from samehand.web.hiding import Hiding
from samehand.web.impact import Impact, weigh
from samehand.web.kept import Kept
from samehand.web.likeness import Like, most_like
from samehand.web.network import draw_neighbourhood
from samehand.web.pages import Pages
from samehand.web.runs import RunIndex, open_index
from samehand.web.security import Visitor
from samehand.web.settings import AppSettings

_MOST_KEPT: Final = 64
_LARGE: Final = 300
"""Fleets of so many accounts are drawn when the app starts."""
_MOST_PREPARED: Final = 16
"""At most so many of them, the largest."""
_MOST_LIKE: Final = 12
MOST_LEADS: Final = 20_000
"""Leads of one queue that are looked at."""
_BOUNDS: Final = Bounds(members=0, evidence=20, event_ids=0, marks=2_500, links=0)
"""Of a fleet's charts: a page is drawn in a moment. Members, events and the network are shown by the app itself."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """Everything that is there once in an app."""

    settings: AppSettings
    pages: Pages
    detections: Detections
    redaction: Redaction
    _indexes: dict[int, RunIndex] = field(default_factory=dict)
    _opening: Lock = field(default_factory=Lock)
    _dossiers: Kept[Dossier] = field(default_factory=lambda: Kept(_MOST_KEPT))
    _drawn: Kept[FleetPage] = field(default_factory=lambda: Kept(_MOST_KEPT))
    _networks: Kept[Chart] = field(default_factory=lambda: Kept(_MOST_KEPT))
    _impacts: Kept[Impact] = field(default_factory=lambda: Kept(_MOST_KEPT))
    _likes: Kept[tuple[list[Like], int]] = field(default_factory=lambda: Kept(_MOST_KEPT))
    _leads: Kept[tuple[Lead, ...]] = field(default_factory=lambda: Kept(1))

    @property
    def store(self) -> CaseStore:
        """Where cases are kept. What visitors see and do goes through a desk."""
        return self.settings.store

    def desk(self, who: Visitor) -> Desk:
        """Give the cases as a visitor sees them."""
        return Desk(self.settings, who, self.redaction)

    def index(self, run_id: int) -> RunIndex:
        """Give a registered run, which is read when it is first asked for.

        Raises:
            NotFoundError: There is none of this number.
            InputError: Its folder is gone, damaged or was changed.
        """
        with self._opening:
            if run_id not in self._indexes:
                self._indexes[run_id] = open_index(self.store.run(run_id), self.redaction)
            return self._indexes[run_id]

    def indexes(self) -> dict[int, RunIndex | None]:
        """Give all registered runs; None where one cannot be read."""
        return {run.run_id: self._index_or_none(run.run_id) for run in self.store.runs()}

    def name_of(self, run: RegisteredRun) -> str:
        """Give what a run is called on pages: its folder's name."""
        return PurePath(run.folder).name

    def _index_or_none(self, run_id: int) -> RunIndex | None:
        try:
            return self.index(run_id)
        except InputError:
            return None

    def leads(self) -> tuple[Lead, ...]:
        """Give all leads; they are read again when anything was changed."""
        return self._leads.get(self.state(), lambda: self.store.leads(limit=MOST_LEADS).rows)

    def state(self) -> int:
        """Give a number that grows with every change in the store."""
        with self.store.database.reading() as connection:
            return int(connection.execute(select(AUDIT_HEAD.c.number)).scalar_one())

    def impact(self, case: Case) -> Impact:
        """Say what a measure against the members of a case would touch."""
        run, dossier = self.index(case.lead.run_id), self.dossier(case)
        here = {member.account for member in case.members if not member.removed}
        gone = {str(account) for account in dossier.members["account"].to_pylist()} - here
        refused = {
            lead.fleet_id
            for lead in self.leads()
            if lead.run_id == case.lead.run_id
            and lead.status is Status.dismissed
            and lead.case_id != case.lead.case_id
        }
        return self._impacts.get(
            (case.lead.case_id, self.state()),
            lambda: weigh(run, run.fleet_number(case.lead.fleet_id), dossier, gone, refused),
        )

    def like(self, case: Case) -> tuple[list[Like], int]:
        """Give the accounts outside that are most like the present members of a case, and how many there are."""
        run, lead = self.index(case.lead.run_id), case.lead
        found = [run.account(member.account) for member in case.members if member.removed]
        gone = tuple(number for number in found if number is not None)
        return self._likes.get(
            (lead.run_id, lead.fleet_id, gone),
            lambda: most_like(run, run.fleet_number(lead.fleet_id), _MOST_LIKE, gone),
        )

    def network(self, case: Case, near: str, lang: str) -> Chart:
        """Draw the network of a case, with the neighbours of an account."""
        run, dossier, lead = self.index(case.lead.run_id), self.dossier(case), case.lead
        return self._networks.get(
            (lead.case_id, near, lang),
            lambda: draw_neighbourhood(
                run, run.fleet_number(lead.fleet_id), dossier, near, lead.case_id, lang
            ),
        )

    def prepare(self) -> None:
        """Read all runs, and draw their largest fleets, so that no page waits for it."""
        self.indexes()
        large = sorted(self.leads(), key=lambda lead: -lead.n_accounts)[:_MOST_PREPARED]
        shown = Hiding(self.store, self.redaction)
        for case in [shown.case(self.store.case(one.case_id)) for one in large if one.n_accounts >= _LARGE]:
            if self._index_or_none(case.lead.run_id) is not None:
                self.impact(case)
                self.like(case)
                for lang in LANGUAGES:
                    self.fleet_page(case, lang)
                    self.network(case, "", lang)

    def dossier(self, case: Case) -> Dossier:
        """Give all that the run holds on the fleet of a case."""
        run_id, fleet_id = case.lead.run_id, case.lead.fleet_id
        run = self.index(run_id)
        return self._dossiers.get((run_id, fleet_id), lambda: run.dossier(run.fleet_number(fleet_id)))

    def fleet_page(self, case: Case, lang: str) -> FleetPage:
        """Give the words and charts on the fleet of a case."""
        run = self.index(case.lead.run_id)
        told = Told(run.info.known, run.info.quality.n_accounts)
        return self._drawn.get(
            (case.lead.run_id, case.lead.fleet_id, lang),
            lambda: build_fleet_page(self.dossier(case), run.tables.timeline, lang, _BOUNDS, told),
        )


def site_of(request: Request) -> Site:
    """Give the site that a request came to."""
    return cast("Site", request.app.state.site)
