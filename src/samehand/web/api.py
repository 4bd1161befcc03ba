"""The JSON API: what reviewers do in pages, for programs. Described at /api/openapi.json."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from samehand.cases import errors
from samehand.cases.agreement import Agreement, agreement_of
from samehand.cases.audit_check import AuditCheck, check_audit
from samehand.cases.model import Case, Choice, LeadQuery, Leads, RegisteredRun, Role, Status
from samehand.cases.redaction import redaction_of
from samehand.errors import SamehandError
from samehand.version import __version__
from samehand.web.api_models import (
    LARGEST_ID,
    Failure,
    Me,
    SentAssignee,
    SentDecision,
    SentDecisions,
    SentNote,
    SentSecond,
    SentUndo,
)
from samehand.web.api_types import Event
from samehand.web.desk import Desk
from samehand.web.security import Doorkeeper, NotSignedInError, TooOftenError, Visitor, needs
from samehand.web.settings import AppSettings

_STATUSES: Final[tuple[tuple[type[SamehandError], int], ...]] = (
    (NotSignedInError, 401),
    (TooOftenError, 429),
    (errors.ForbiddenError, 403),
    (errors.NotFoundError, 404),
    (errors.ConflictError, 409),
    (errors.StoreError, 503),
    (errors.RefusedError, 422),
    (SamehandError, 400),
)
_FAILURES: Final[dict[int | str, dict[str, Any]]] = {
    code: {"model": Failure, "description": said}
    for code, said in {
        400: "The request cannot be read.",
        401: "Nobody is signed in, or the token is over.",
        403: "The visitor's role is too low.",
        404: "There is no such thing.",
        409: "Somebody was faster; nothing was changed.",
        413: "The request is too long.",
        415: "The request is no JSON.",
        421: "The app has another name.",
        422: "The request makes no sense; nothing was changed.",
        429: "Too many requests.",
        503: "The database does not answer.",
    }.items()
}


def status_of(error: SamehandError) -> int:
    """Give the HTTP status of an error."""
    return next(status for kind, status in _STATUSES if isinstance(error, kind))


def _desk(request: Request, visitor: Annotated[Visitor, Depends(needs(Role.viewer))]) -> Desk:
    settings: AppSettings = request.app.state.settings
    return Desk(settings, visitor, redaction_of(settings.store.database, settings.redact))


AtDesk = Annotated[Desk, Depends(_desk)]
CaseId = Annotated[int, Path(ge=1, le=LARGEST_ID)]
router = APIRouter(prefix="/v1", responses=_FAILURES, dependencies=[Depends(HTTPBearer(auto_error=False))])


@router.get("/me")
def me(desk: AtDesk) -> Me:
    """Who the token or session is of."""
    return Me(name=desk.visitor.name, role=desk.visitor.role)


@router.get("/runs")
def runs(desk: AtDesk) -> list[RegisteredRun]:
    """Runs under review."""
    return list(desk.runs())


@router.get("/leads")
def leads(
    desk: AtDesk,
    run_id: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    status: Annotated[list[Status] | None, Query()] = None,
    assignee: Annotated[str | None, Query(max_length=64, description="Empty: nobody's.")] = None,
    reported: bool | None = None,
    text: Annotated[
        str | None, Query(max_length=4_000, description="Start of a fleet's name, or an account.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    offset: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,
) -> Leads:
    """A page of leads in order of run and rank."""
    query = LeadQuery(
        run_id=run_id,
        statuses=None if status is None else frozenset(status),
        assignee=assignee,
        reported=reported,
        text=text,
    )
    return desk.leads(query, limit=limit, offset=offset)


@router.get("/cases/{case_id}")
def case(desk: AtDesk, case_id: CaseId) -> Case:
    """A case with its members, decisions and notes."""
    return desk.case(case_id)


@router.get("/cases/{case_id}/history")
def history(desk: AtDesk, case_id: CaseId) -> list[Event]:
    """Everything that was done to a case, oldest first."""
    return [Event.of(entry) for entry in desk.history(case_id)]


@router.post("/cases/{case_id}/decisions", status_code=201)
def decide(desk: AtDesk, case_id: CaseId, sent: SentDecision) -> Case:
    """Decide a case. It takes the role reviewer."""
    return desk.decide(
        case_id,
        sent.action,
        **sent.model_dump(exclude={"action", "measure"}),
        measure=None if sent.measure is None else sent.measure.measure(),
    )


@router.post("/decisions", status_code=201)
def decide_many(desk: AtDesk, sent: SentDecisions) -> list[Case]:
    """Decide several cases alike: all of them, or none. It takes the role lead."""
    choices = [Choice(case_id=one.case_id, expected_version=one.expected_version) for one in sent.choices]
    decided = desk.decide_many(
        choices,
        sent.action,
        reason=sent.reason,
        policy=sent.policy,
        needs_second=sent.needs_second,
        measure=None if sent.measure is None else sent.measure.measure(),
    )
    return list(decided)


@router.post("/cases/{case_id}/second", status_code=201)
def second(desk: AtDesk, case_id: CaseId, sent: SentSecond) -> Case:
    """Agree or disagree, as second reviewer, with the decision that waits."""
    return desk.second(case_id, **sent.model_dump())


@router.post("/cases/{case_id}/undo", status_code=201)
def undo(desk: AtDesk, case_id: CaseId, sent: SentUndo) -> Case:
    """Take back the latest decision: one's own, or as lead anybody's."""
    return desk.undo(case_id, **sent.model_dump())


@router.post("/cases/{case_id}/notes", status_code=201)
def note(desk: AtDesk, case_id: CaseId, sent: SentNote) -> Case:
    """Add a remark. It takes the role reviewer."""
    return desk.note(case_id, sent.text)


@router.put("/cases/{case_id}/assignee")
def assign(desk: AtDesk, case_id: CaseId, sent: SentAssignee) -> Case:
    """Give a case to somebody or nobody; what is others' takes the role lead."""
    return desk.assign(case_id, **sent.model_dump())


@router.get("/agreement")
def agreement(desk: AtDesk) -> Agreement:
    """How often second reviewers agreed."""
    return agreement_of(desk.decisions())


@router.get("/audit")
def audit(request: Request, _: Annotated[Visitor, Depends(needs(Role.lead))]) -> AuditCheck:
    """Check the audit log. It takes the role lead."""
    settings: AppSettings = request.app.state.settings
    store = settings.store.database
    return check_audit(store, redaction=redaction_of(store, settings.redact))


def install_api(app: FastAPI) -> None:
    """Put the API at /api of an app that ``install_security`` has seen."""
    app.mount("/api", create_api(app.state.settings, app.state.doorkeeper))


def create_api(settings: AppSettings, doorkeeper: Doorkeeper) -> FastAPI:
    """Make the app that is mounted at /api, behind the guard of the whole app."""
    api = FastAPI(
        title="samehand",
        version=__version__,
        summary="Suspected fleets under review: leads, cases, decisions.",
        docs_url=None,  # such a page would load scripts from elsewhere
        redoc_url=None,
    )
    api.state.settings = settings
    api.state.doorkeeper = doorkeeper
    api.include_router(router)
    api.add_exception_handler(SamehandError, _failed)
    api.add_exception_handler(RequestValidationError, _malformed)
    api.add_exception_handler(HTTPException, _refused)
    return api


async def _failed(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, SamehandError):
        raise error
    status = status_of(error)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse({"found": error.found, "where": error.where, "hint": error.hint}, status, headers)


async def _malformed(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return JSONResponse({"found": first["msg"], "where": where, "hint": "see /api/openapi.json"}, 422)


async def _refused(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    failure = {"found": str(error.detail), "where": "", "hint": "see /api/openapi.json"}
    return JSONResponse(failure, error.status_code, error.headers)
