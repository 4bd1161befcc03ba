"""Who is visiting, what they may do, how they sign in."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from fastapi import FastAPI, Request
from starlette.responses import RedirectResponse, Response

from samehand.cases.errors import ForbiddenError
from samehand.cases.model import Role
from samehand.cases.people import People
from samehand.web.guard import Guard, csrf_of, set_secret
from samehand.web.limits import RateLimit
from samehand.web.settings import AppSettings

_AT_ONCE: Final = 2
"""Passwords that are checked at the same time: each takes 64 MiB."""


class NotSignedInError(ForbiddenError):
    """Nobody, or nobody any more."""


class TooOftenError(ForbiddenError):
    """Too many tries to sign in."""


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Who asks."""

    name: str
    role: Role
    csrf: str
    """For the hidden field ``csrf`` of forms, or the header X-CSRF-Token."""


class Doorkeeper:
    """Knows visitors by token or session; one for each app, at ``app.state.doorkeeper``."""

    def __init__(self, settings: AppSettings) -> None:
        self.settings = settings
        self.people = People(settings.store.database)
        self._tries = RateLimit(burst=10, per_s=1 / 6)
        self._checking = threading.BoundedSemaphore(_AT_ONCE)

    def visitor(self, request: Request) -> Visitor:
        """Say who asks.

        Raises:
            NotSignedInError: The token or session is nobody's.
        """
        secret = str(request.scope["samehand_secret"])
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            user = self.people.of_token(token.strip())
        elif self.settings.sign_in:
            user = self.people.of_session(secret)
        else:
            return Visitor(name=self.settings.user, role=Role.admin, csrf=csrf_of(secret))
        if user is None:
            raise NotSignedInError("nobody is signed in, or the session or token is over", hint="sign in")
        return Visitor(name=user.name, role=user.role, csrf=csrf_of(secret))

    def sign_in(self, request: Request, name: str, password: str) -> str:
        """Check a password; the secret of the session is returned.

        Raises:
            ForbiddenError: Name and password do not fit.
            TooOftenError: Too many tries from there, or for this name.
        """
        address = request.client.host if request.client else ""
        wait = max(self._tries.take(f"from {address}"), self._tries.take(f"as {name[:100]}"))
        if wait > 0:
            raise TooOftenError("too many tries", hint=f"again in {wait:.0f} seconds")
        with self._checking:
            return self.people.sign_in(name, password)


def install_security(app: FastAPI, settings: AppSettings) -> None:
    """Put the guard before an app and a doorkeeper into it; visitors of pages who must sign in are sent to /sign-in."""
    app.state.settings = settings
    app.state.doorkeeper = Doorkeeper(settings)
    app.add_middleware(Guard, settings=settings, limit=RateLimit(burst=300, per_s=30))
    app.add_exception_handler(NotSignedInError, _to_sign_in)


async def _to_sign_in(request: Request, _: Exception) -> Response:
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    back = f"?next={quote(asked, safe='')}" if request.method == "GET" and asked != "/" else ""
    return RedirectResponse(f"/sign-in{back}", 303)


def visitor(request: Request) -> Visitor:
    """Say who asks; a dependency of routes.

    Raises:
        NotSignedInError: Nobody is signed in.
    """
    keeper: Doorkeeper = request.app.state.doorkeeper
    return keeper.visitor(request)


def needs(role: Role) -> Callable[[Request], Visitor]:
    """Make a dependency that gives the visitor, who has at least this role.

    The dependency raises NotSignedInError or ForbiddenError.
    """

    def who(request: Request) -> Visitor:
        found = visitor(request)
        if not found.role.may(role):
            raise ForbiddenError(f"{found.name} is {found.role}; this takes a {role}", hint="ask an admin")
        return found

    return who


def sign_in(request: Request, response: Response, name: str, password: str) -> None:
    """Sign somebody in: ``response`` carries the new session's cookie.

    Raises:
        ForbiddenError: Name and password do not fit, or too many tries.
    """
    keeper: Doorkeeper = request.app.state.doorkeeper
    set_secret(response, keeper.sign_in(request, name, password), keeper.settings)


def sign_out(request: Request) -> None:
    """End the visitor's session."""
    keeper: Doorkeeper = request.app.state.doorkeeper
    keeper.people.sign_out(str(request.scope["samehand_secret"]))


def next_page(asked: str | None) -> str:
    """Where to go after signing in: a page of this app, never another site.

    >>> next_page("/cases/7?tab=members"), next_page("//evil.example"), next_page("https://evil.example")
    ('/cases/7?tab=members', '/', '/')
    """
    plain = asked is not None and asked.startswith("/") and not asked.startswith(("//", "/\\"))
    return asked if asked is not None and plain and asked.isprintable() else "/"
