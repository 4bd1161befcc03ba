"""The review app. START HERE: ``create_app`` puts the pages, the API and what guards them together."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from samehand.cases.errors import ConflictError, ForbiddenError, NotFoundError, StoreError
from samehand.cases.model import Role
from samehand.cases.redaction import redaction_of
from samehand.errors import SamehandError
from samehand.version import __version__
from samehand.web.api import install_api
from samehand.web.detection import Detections
from samehand.web.guard import csrf_of
from samehand.web.pages import Pages
from samehand.web.routes import accounts, cases, decisions, detect, people, queue
from samehand.web.security import NotSignedInError, Visitor, install_security, visitor
from samehand.web.settings import AppSettings
from samehand.web.site import Site, site_of

STATUS: Final[Mapping[type[SamehandError], int]] = {
    NotFoundError: 404,
    ConflictError: 409,
    ForbiddenError: 403,
    StoreError: 503,
}
"""What a browser is told; whatever else was found wrong is 422."""
KEEP: Final = "public, max-age=3600"


def create_app(settings: AppSettings) -> FastAPI:
    """Make the review app over a store of cases.

    Runs that are registered in the store are read when the app starts, so that no page waits for one.
    """
    site = Site(
        settings=settings,
        pages=Pages(_common, settings.lang),
        detections=Detections(settings.logs),
        redaction=redaction_of(settings.store.database, settings.redact),
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        site.prepare()
        gc.collect()
        gc.freeze()  # looking through millions of objects that stay would hold up a page now and then
        yield
        gc.unfreeze()
        site.detections.close()

    app = FastAPI(
        title="samehand",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.site = site
    for pages in (queue, cases, accounts, decisions, detect, people):
        app.include_router(pages.router)
    app.add_api_route("/static/report.css", _report_style, include_in_schema=False)
    app.mount("/static", StaticFiles(packages=[("samehand.web", "static")]), name="static")
    app.add_exception_handler(SamehandError, _show_error)
    app.add_exception_handler(HTTPException, _show_status)
    app.add_exception_handler(RequestValidationError, _show_not_found)
    install_security(app, settings)
    install_api(app)
    return app


def _common(request: Request) -> Mapping[str, Any]:
    try:
        who: Visitor | None = visitor(request)
    except NotSignedInError:
        who = None
    csrf = csrf_of(request.scope["samehand_secret"])
    site = site_of(request)
    return {
        "who": who,
        "csrf": csrf,
        "signs_in": site.settings.sign_in,
        "can_detect": site.detections.folder is not None and who is not None and who.role.may(Role.admin),
        "version": __version__,
    }


def _report_style() -> Response:
    """The style sheet of the report, which the charts are drawn for."""
    text = files("samehand.report").joinpath("templates", "style.css").read_bytes()
    return Response(text, media_type="text/css", headers={"Cache-Control": KEEP})


def _show_error(request: Request, error: Exception) -> Response:
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 422)
    return site_of(request).pages.render(request, "error.html.j2", status, status=status, said=str(error))


def _show_status(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return site_of(request).pages.render(request, "error.html.j2", status, status=status, said="")


def _show_not_found(request: Request, _error: Exception) -> Response:
    """A path or query that is no number where one belongs names nothing that is there."""
    return site_of(request).pages.render(request, "error.html.j2", 404, status=404, said="")
