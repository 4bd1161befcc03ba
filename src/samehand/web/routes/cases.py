"""The page of a case: its fleet, what speaks for and against, what a decision would touch, decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from samehand.cases.model import Case, Role, Status
from samehand.report.charts.svg import Chart
from samehand.report.charts.timeline import draw_timeline
from samehand.report.fleet_page import chart_wording
from samehand.texts.rows import say_evidence
from samehand.web.case_view import EVENTS, ORDERS, event_page, member_page
from samehand.web.comparing import compare_fleets
from samehand.web.forms import GIVEN, Asked, Number
from samehand.web.hiding import Hiding
from samehand.web.queue import UNDECIDED, lines_of, neighbours, read_wanted
from samehand.web.routes.queue import cases_by_fleet
from samehand.web.security import Visitor, needs
from samehand.web.site import Site, site_of

router = APIRouter(include_in_schema=False)
Looker = Annotated[Visitor, Depends(needs(Role.viewer))]
MOST_POLICIES = 12


@router.get("/cases/{case_id}")
def case_page(request: Request, case_id: Number, who: Looker) -> Response:
    """A case."""
    return render_case(request, case_id, who)


def render_case(
    request: Request,
    case_id: int,
    who: Visitor,
    *,
    status: int = 200,
    problem: str = "",
    given: Mapping[str, str] | None = None,
) -> Response:
    """Render a case; ``problem`` says why what was ``given`` could not be done."""
    site = site_of(request)
    lang = site.pages.language(request)
    desk = site.desk(who)
    case = desk.case(case_id)
    lead = case.lead
    run = site.index(lead.run_id)
    fleet, dossier = run.fleet_number(lead.fleet_id), site.dossier(case)
    by_fleet = cases_by_fleet(site, lead.run_id)
    like, n_like = site.like(case)
    queue = lines_of(site.leads(), site.indexes(), read_wanted({}))
    before, after = neighbours(queue, case_id)
    near = request.query_params.get("near", "")
    return site.pages.render(
        request,
        "case.html.j2",
        status,
        case=case,
        lead=lead,
        run=run,
        f=run.fleets[fleet],
        page=replace(site.fleet_page(case, lang), network=site.network(case, near, lang)),
        evidence=[
            (number, row, say_evidence(row, lead.n_accounts, lang))
            for number, row in enumerate(dossier.evidence.slice(0, 20).to_pylist(), 1)
        ],
        members=member_page(case, run, request.query_params),
        member_orders=list(ORDERS),
        impact=site.impact(case),
        like=like,
        n_like=n_like,
        cases=by_fleet,
        near=near,
        history=desk.history(case_id),
        merge_into=[
            one
            for leads in by_fleet.values()
            for one in leads
            if one.case_id != case_id and one.status in UNDECIDED
        ],
        policies=policies(site),
        before=before,
        after=after,
        problem=problem,
        given=dict.fromkeys(GIVEN, "")
        | {"action": request.query_params.get("decide", "")}
        | dict(given or {}),
        always_second=sorted(action.value for action in site.settings.second_for),
        judgements=("confirm", "dismiss", "need_more"),
        may_decide=who.role.may(Role.reviewer),
        may_give=who.role.may(Role.lead),
        may_undo=bool(case.decisions) and desk.may_undo(case),
        undecided=lead.status in UNDECIDED,
        waits=lead.status is Status.second,
        may_change=lead.status not in {Status.second, Status.merged},
    )


def policies(site: Site) -> list[str]:
    """Give the rules that earlier decisions rested on, the latest first, as they may be shown."""
    rules = list(dict.fromkeys(one.policy for one in reversed(site.store.decisions())))[:MOST_POLICIES]
    shown = Hiding(site.store, site.redaction)
    return [rule for rule in rules if shown.policy(rule) == rule]


@router.get("/cases/{case_id}/events")
def events(request: Request, case_id: Number, who: Looker) -> Response:
    """The events behind a figure."""
    site = site_of(request)
    case = site.desk(who).case(case_id)
    dossier = site.dossier(case)
    found = event_page(dossier, request.query_params)
    sentence = None
    if found.sentence_row is not None:
        row = dossier.evidence.slice(found.sentence_row - 1, 1).to_pylist()[0]
        sentence = say_evidence(row, dossier.fleet.n_accounts, site.pages.language(request))
    return site.pages.render(
        request, "events.html.j2", case=case, lead=case.lead, events=found, sentence=sentence, whats=EVENTS
    )


@router.get("/compare")
def compare(request: Request, who: Looker, one: Asked = None, other: Asked = None) -> Response:
    """Two cases side by side."""
    site = site_of(request)
    leads = site.leads()
    named = {lead.case_id: lead for lead in leads}
    cases = [site.desk(who).case(case_id) for case_id in (one, other) if case_id is not None]
    compared = None
    if len(cases) == 2:
        compared = compare_fleets(
            *[(site.index(case.lead.run_id), case, site.dossier(case)) for case in cases]
        )
    lang = site.pages.language(request)
    timelines = (
        [_timeline(site, case, f"timeline-{n}", lang) for n, case in enumerate(cases)] if compared else []
    )
    return site.pages.render(
        request, "compare.html.j2", leads=leads, cases=cases,
        chosen_one=named.get(one or 0), chosen_other=named.get(other or 0), compared=compared,
        timelines=timelines,
        can_merge=len(cases) == 2 and cases[0].lead.run_id == cases[1].lead.run_id
        and {case.lead.status for case in cases} <= UNDECIDED and one != other,
        runs={run.run_id: site.name_of(run) for run in site.store.runs()},
    )  # fmt: skip


def _timeline(site: Site, case: Case, name: str, lang: str) -> tuple[str, Chart | None]:
    """Draw when a fleet acted, beside its name."""
    dossier, run = site.dossier(case), site.index(case.lead.run_id)
    wording = replace(chart_wording(dossier.fleet, "timeline", lang), name=name)
    return case.lead.name, draw_timeline(dossier.events, run.tables.timeline, wording, lang)
