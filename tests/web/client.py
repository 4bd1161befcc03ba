"""The review app without its pages, asked in this process."""

from __future__ import annotations

import warnings
from typing import Any

from samehand.cases.model import Role
from samehand.cases.people import People
from samehand.cases.store import CaseStore
from samehand.web.api import install_api
from samehand.web.security import Visitor, install_security, needs, sign_in, sign_out
from samehand.web.settings import AppSettings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it wants another package for the same thing
    from starlette.testclient import TestClient

from fastapi import Depends, FastAPI, Form, Request, Response

PASSWORD = "four unrelated words"  # noqa: S105
HOME = "http://127.0.0.1:8000"


def app_of(store: CaseStore, **given: Any) -> FastAPI:
    """Make an app with the API and two bare pages that sign in and out."""
    app = FastAPI()
    install_security(app, AppSettings(store=store, **given))
    install_api(app)

    @app.get("/")
    def start(visitor: Visitor = Depends(needs(Role.viewer))) -> dict[str, str]:  # noqa: B008
        return {"name": visitor.name, "csrf": visitor.csrf}

    @app.get("/sign-in")
    def form(request: Request) -> dict[str, str]:
        from samehand.web.guard import csrf_of

        return {"csrf": csrf_of(request.scope["samehand_secret"])}

    @app.post("/sign-in")
    def enter(request: Request, response: Response, name: str = Form(), password: str = Form()) -> None:
        sign_in(request, response, name, password)

    @app.post("/sign-out")
    def leave(request: Request) -> None:
        sign_out(request)

    return app


def client_of(store: CaseStore, **given: Any) -> TestClient:
    """A browser of the single user, or of nobody yet."""
    return TestClient(app_of(store, **given), base_url=HOME, follow_redirects=False)


def bearer(store: CaseStore, role: Role, name: str | None = None) -> dict[str, str]:
    """Headers of a new account with this role."""
    people = People(store.database)
    people.add(name or role, role, PASSWORD, actor="setup")
    return {"Authorization": f"Bearer {people.add_token(name or role, 'test', actor='setup')[1]}"}
