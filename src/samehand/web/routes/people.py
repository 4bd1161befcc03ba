"""Signing in and out, the language, help."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from samehand.cases.errors import ForbiddenError
from samehand.cases.model import Role
from samehand.texts import LANGUAGES
from samehand.web.forms import SEE_OTHER, Form, text
from samehand.web.pages import LANGUAGE_COOKIE
from samehand.web.security import Visitor, needs, next_page, sign_in, sign_out
from samehand.web.site import site_of

router = APIRouter(include_in_schema=False)
YEAR_S: Final = 31_536_000


@router.get("/language/{lang}")
def choose_language(lang: str, next: str = "/") -> Response:  # noqa: A002
    """Remember the language that a reader chose."""
    response = RedirectResponse(next_page(next), SEE_OTHER)
    if lang in LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, lang, max_age=YEAR_S, httponly=True, samesite="lax")
    return response


@router.get("/help")
def show_help(request: Request, _who: Annotated[Visitor, Depends(needs(Role.viewer))]) -> Response:
    """Keys, and what words mean."""
    return site_of(request).pages.render(request, "help.html.j2")


@router.get("/sign-in")
def sign_in_page(request: Request, next: str = "/") -> Response:  # noqa: A002
    """Ask for name and password."""
    return site_of(request).pages.render(
        request, "sign_in.html.j2", next=next_page(next), problem="", name=""
    )


@router.post("/sign-in")
def enter(request: Request, form: Form) -> Response:
    """Sign in."""
    onward = next_page(text(form, "next") or "/")
    response = RedirectResponse(onward, SEE_OTHER)
    try:
        sign_in(request, response, text(form, "name"), str(form.get("password") or ""))
    except ForbiddenError as error:
        return site_of(request).pages.render(
            request, "sign_in.html.j2", 403, next=onward, problem=str(error), name=text(form, "name")
        )
    return response


@router.post("/sign-out")
def leave(request: Request) -> Response:
    """Sign out."""
    sign_out(request)
    return RedirectResponse("/sign-in", SEE_OTHER)
