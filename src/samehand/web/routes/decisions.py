"""What reviewers do: decide, agree, undo, note, assign. Every form names the version of the case that was seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from samehand.cases.errors import ConflictError, ForbiddenError, RefusedError
from samehand.cases.model import JUDGEMENTS, SECONDED, Action, Case, Role
from samehand.errors import SamehandError
from samehand.web.desk import Desk
from samehand.web.forms import GIVEN, Form, Number, action, choices, go_to, measure, number, text, texts
from samehand.web.impact import together
from samehand.web.pages import url
from samehand.web.routes.cases import policies, render_case
from samehand.web.security import Visitor, needs
from samehand.web.site import site_of

router = APIRouter(include_in_schema=False)
Reviewer = Annotated[Visitor, Depends(needs(Role.reviewer))]
Bulk = Annotated[Visitor, Depends(needs(Role.lead))]
STATUS: Final[Mapping[type[SamehandError], int]] = {
    ConflictError: 409,
    ForbiddenError: 403,
    RefusedError: 422,
}


def _take(
    request: Request, case_id: int, who: Visitor, form: FormData, done: str, change: Callable[[Desk], Case]
) -> Response:
    """Change a case; where that is refused, show the case with the reason and what was given."""
    try:
        change(site_of(request).desk(who))
    except (ConflictError, ForbiddenError, RefusedError) as error:
        status = STATUS[type(error)]
        given = {name: text(form, name) for name in ("action", *GIVEN)}
        return render_case(request, case_id, who, status=status, problem=str(error), given=given)
    return go_to(url("cases", case_id, done=done))


def _asks_second(form: FormData, chosen: Action) -> bool:
    return chosen in SECONDED and text(form, "second") == "yes"


@router.post("/cases/{case_id}/decide")
def decide(request: Request, case_id: Number, form: Form, who: Reviewer) -> Response:
    """Decide about a case: confirm, dismiss, need more, split, merge, or remove members."""
    chosen = action(form)

    def change(desk: Desk) -> Case:
        return desk.decide(
            case_id,
            chosen,
            reason=text(form, "reason"),
            policy=text(form, "policy"),
            expected_version=number(form, "version"),
            accounts=texts(form, "account") if chosen in {Action.split_off, Action.remove_member} else (),
            into=number(form, "into") if chosen is Action.merge else None,
            needs_second=_asks_second(form, chosen),
            measure=measure(form),
        )

    return _take(request, case_id, who, form, chosen.value, change)


@router.post("/cases/{case_id}/second")
def second(request: Request, case_id: Number, form: Form, who: Reviewer) -> Response:
    """Agree or disagree as the second reviewer."""
    agrees = text(form, "agrees") == "yes"
    return _take(
        request, case_id, who, form, "agreed" if agrees else "disagreed",
        lambda desk: desk.second(
            case_id, agrees=agrees, reason=text(form, "reason"), expected_version=number(form, "version")
        ),
    )  # fmt: skip


@router.post("/cases/{case_id}/undo")
def undo(request: Request, case_id: Number, form: Form, who: Reviewer) -> Response:
    """Take back the latest decision: one's own, or anybody's for leads."""
    return _take(
        request, case_id, who, form, "undone",
        lambda desk: desk.undo(
            case_id, reason=text(form, "reason"), expected_version=number(form, "version")
        ),
    )  # fmt: skip


@router.post("/cases/{case_id}/note")
def note(request: Request, case_id: Number, form: Form, who: Reviewer) -> Response:
    """Add a remark."""
    return _take(request, case_id, who, form, "note", lambda desk: desk.note(case_id, text(form, "text")))


@router.post("/cases/{case_id}/assign")
def assign(request: Request, case_id: Number, form: Form, who: Reviewer) -> Response:
    """Take a case, give it back, or, for leads, give it to somebody."""
    wanted = text(form, "assignee")
    taken = who.name if text(form, "mine") == "yes" else wanted or None
    return _take(
        request, case_id, who, form, "assigned",
        lambda desk: desk.assign(case_id, taken, expected_version=number(form, "version")),
    )  # fmt: skip


@router.post("/bulk")
def bulk(request: Request, form: Form, who: Bulk) -> Response:
    """Decide about several cases; first, what that would touch is shown."""
    site, chosen, chosen_cases = site_of(request), action(form), choices(form)
    if chosen not in JUDGEMENTS:
        raise RefusedError("only whole cases are decided together", hint="confirm, dismiss or need more")
    if not chosen_cases:
        raise RefusedError("no case was ticked", hint="tick some in the queue")
    desk, problem = site.desk(who), ""
    if text(form, "seen") == "yes":
        try:
            desk.decide_many(
                chosen_cases, chosen, reason=text(form, "reason"), policy=text(form, "policy"),
                needs_second=_asks_second(form, chosen), measure=measure(form),
            )  # fmt: skip
            return go_to(url(done="bulk"))
        except SamehandError as error:
            problem = str(error)
    cases = [desk.case(choice.case_id) for choice in chosen_cases]
    impacts = {case.lead.case_id: site.impact(case) for case in cases}
    n_accounts, n_part_time, n_own = together(impacts)
    return site.pages.render(
        request, "bulk.html.j2", 422 if problem else 200, action=chosen.value, cases=cases, impacts=impacts,
        n_accounts=n_accounts, n_part_time=n_part_time, n_own=n_own, policies=policies(site), problem=problem,
        given={name: text(form, name) for name in GIVEN}, can_second=chosen in SECONDED,
        always_second=chosen in site.settings.second_for,
    )  # fmt: skip
