"""The page of an account: why it is suspected, what it did, who shares its devices and addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from samehand.cases.errors import NotFoundError
from samehand.cases.model import Lead, Member, Role
from samehand.explain import explain
from samehand.texts import visible
from samehand.web.case_view import COLUMNS
from samehand.web.desk import Desk
from samehand.web.forms import Number
from samehand.web.queue import Pager
from samehand.web.routes.queue import cases_by_fleet
from samehand.web.runs import RunIndex
from samehand.web.security import Visitor, needs
from samehand.web.site import site_of

router = APIRouter(include_in_schema=False)
EVENTS_A_PAGE: Final = 50
MOST_PLACES: Final = 10
MOST_USES: Final = 8


@router.get("/runs/{run_id}/account")
def account_page(
    request: Request,
    run_id: Number,
    who: Annotated[Visitor, Depends(needs(Role.viewer))],
    account: Annotated[str, Query(alias="id")] = "",
    page: int = 1,
) -> Response:
    """An account that is a member of a fleet or linked to somebody."""
    site = site_of(request)
    lang = site.pages.language(request)
    run = site.index(run_id)
    number = run.account(account)
    if number is None:
        raise NotFoundError(
            f"the run knows no account {visible(account)}",
            hint="the search; accounts without any link are not kept",
        )
    tables, fleet = run.around(number), int(run.fleet_of[number])
    events = tables.member_events
    mine = events.filter(pc.equal(events["account"].cast(pa.string()), pa.scalar(account))).sort_by(
        [("time", "descending")]
    )
    pager = Pager.of(mine.num_rows, page, EVENTS_A_PAGE)
    by_fleet = cases_by_fleet(site, run_id)
    driven = tables.driven.filter(pc.equal(tables.driven["account"].cast(pa.string()), pa.scalar(account)))
    ids = set(driven["event_id"].to_pylist())
    return site.pages.render(
        request,
        "account.html.j2",
        run_id=run_id,
        run=run,
        account=account,
        explanation=explain(run.info, tables, account, lang),
        member=next(iter(run.members_of([account])), None),
        places=_places(site.desk(who), by_fleet, None if fleet < 0 else run.fleets[fleet].fleet_id, account),
        rows=[
            row | {"driven": row["event_id"] in ids}
            for row in mine.slice(pager.first, pager.size).to_pylist()
        ],
        columns=[name for name in COLUMNS if name in mine.column_names],
        pager=pager,
        shared=_shared(run, mine, by_fleet, fleet),
        elsewhere=[
            (other, index)
            for other, index in site.indexes().items()
            if index is not None and other != run_id and index.account(account) is not None
        ],
    )


def _places(
    desk: Desk, by_fleet: Mapping[str, list[Lead]], fleet_id: str | None, account: str
) -> list[tuple[Lead, Member]]:
    """Give the cases that an account is a member of, removed or not: of its fleet, or where that was merged into."""
    own = by_fleet.get(fleet_id or "", [])
    numbers = dict.fromkeys(
        [lead.case_id for lead in own] + [lead.merged_into for lead in own if lead.merged_into]
    )
    cases = [desk.case(number) for number in numbers]
    return [(case.lead, member) for case in cases for member in case.members if member.account == account]


def _shared(run: RunIndex, mine: pa.Table, cases: dict[str, Any], fleet: int) -> list[dict[str, Any]]:
    """Give the devices and addresses of an account, with the other fleets in which they occur."""
    found = []
    for kind in ("device", "address"):
        if kind not in mine.column_names or kind not in run.values:
            continue
        index = run.values[kind]
        counts = mine[kind].drop_null().value_counts()
        order = pc.sort_indices(counts.field("counts"), sort_keys=[("", "descending")])[:MOST_PLACES]
        for value, n in zip(
            counts.field("values").take(order), counts.field("counts").take(order), strict=True
        ):
            number = int(index.places(pa.array([value.as_py()]), fleet)[0])
            uses = index.uses(number) if number >= 0 else []
            found.append(
                {
                    "kind": kind,
                    "value": value.as_py(),
                    "n_events": n.as_py(),
                    "n_here": next((use.n_accounts for use in uses if use.fleet == fleet), 0),
                    "others": [
                        (cases.get(run.fleets[use.fleet].fleet_id, []), use.n_accounts)
                        for use in uses
                        if use.fleet != fleet
                    ][:MOST_USES],
                }
            )
    return found
