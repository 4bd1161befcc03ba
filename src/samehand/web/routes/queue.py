"""The queue, and the search for accounts, targets, devices and addresses."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from samehand.cases.model import Lead, Role
from samehand.web.queue import LEADS_A_PAGE, REPORTED, SORTS, STATUSES, Pager, lines_of, read_wanted
from samehand.web.runs import RunIndex
from samehand.web.security import Visitor, needs
from samehand.web.site import Site, site_of

router = APIRouter(include_in_schema=False)
Looker = Annotated[Visitor, Depends(needs(Role.viewer))]
MOST_HITS = 20


@router.get("/")
def queue(request: Request, who: Looker) -> Response:
    """The queue of leads."""
    site, wanted = site_of(request), read_wanted(request.query_params)
    registered = site.store.runs()
    leads = site.leads()
    lines = lines_of(leads, site.indexes(), wanted)
    pager = Pager.of(len(lines), wanted.page, LEADS_A_PAGE)
    return site.pages.render(
        request,
        "queue.html.j2",
        wanted=wanted,
        runs={run.run_id: site.name_of(run) for run in registered},
        lines=lines[pager.first : pager.first + pager.size],
        pager=pager,
        n_accounts=sum(line.lead.n_accounts for line in lines),
        statuses=list(STATUSES),
        which=list(REPORTED),
        sorts=list(SORTS),
        behaviours=sorted({name for lead in leads for name in lead.behaviours}),
        layers=sorted({name for lead in leads for name in lead.layers}),
        me=who.name,
        may_bulk=who.role.may(Role.lead),
    )


@router.get("/search")
def search(request: Request, _who: Looker, q: str = "") -> Response:
    """Where an account, target, device or address occurs."""
    site, asked = site_of(request), q.strip()
    results = [
        _search_run(site, run_id, index, asked)
        for run_id, index in site.indexes().items()
        if index is not None and asked
    ]
    return site.pages.render(request, "search.html.j2", q=asked, results=results, most=MOST_HITS)


def _search_run(site: Site, run_id: int, run: RunIndex, asked: str) -> dict[str, Any]:
    cases = cases_by_fleet(site, run_id)
    return {
        "run_id": run_id,
        "name": run.name,
        "fleets": [
            lead for leads in cases.values() for lead in leads if lead.name.casefold() == asked.casefold()
        ],
        "accounts": [
            {
                "account": hit.account,
                "cases": [] if hit.fleet is None else cases.get(run.fleets[hit.fleet].fleet_id, []),
            }
            for hit in run.find_accounts(asked, MOST_HITS)
        ],
        "values": {
            kind: [
                {
                    "value": index.values[number].as_py(),
                    "uses": [
                        {"use": use, "cases": cases.get(run.fleets[use.fleet].fleet_id, [])}
                        for use in index.uses(number)[:MOST_HITS]
                    ],
                }
                for number in index.find(asked, MOST_HITS)
            ]
            for kind, index in run.values.items()
        },
    }


def cases_by_fleet(site: Site, run_id: int) -> dict[str, list[Lead]]:
    """Give the cases of a run by the fleet that they come from."""
    found: dict[str, list[Lead]] = {}
    for lead in site.leads():
        if lead.run_id == run_id:
            found.setdefault(lead.fleet_id, []).append(lead)
    return found
