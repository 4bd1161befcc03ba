"""What pages read from a request."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Depends, Path, Query, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse

from samehand.casefile.exports.measures import Automated, Ground, Measure, MeasureKind, countries_of
from samehand.cases.errors import RefusedError
from samehand.cases.model import Action, Choice
from samehand.errors import InputError
from samehand.web.api_models import LARGEST_ID

SEE_OTHER = 303
MOST_FIELDS = 5_000
GIVEN = ("reason", "policy", "measure", "territory", "ground", "automated", "until")
"""Fields of a decision that a form keeps where what was given is refused."""


async def _posted(request: Request) -> FormData:
    return await request.form(max_files=0, max_fields=MOST_FIELDS)


Form = Annotated[FormData, Depends(_posted)]
"""The fields of a form that was sent."""


Number = Annotated[int, Path(ge=1, le=LARGEST_ID)]
"""Of a case or run, in a path."""
Asked = Annotated[int | None, Query(ge=1, le=LARGEST_ID)]
"""The same in a query."""


def text(form: FormData, name: str) -> str:
    """Give the text of a field, without blanks around it; "" where there is none."""
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def texts(form: FormData, name: str) -> list[str]:
    """Give the texts of a field that may stand several times, exactly as they were sent."""
    return [value for value in form.getlist(name) if isinstance(value, str)]


def number(form: FormData, name: str) -> int:
    """Give a whole number.

    Raises:
        InputError: It is none.
    """
    value = text(form, name)
    if not (value.isascii() and value.isdecimal() and len(value) < 16):
        raise InputError(f"{name} is not a number", hint="the page again")
    return int(value)


def action(form: FormData) -> Action:
    """Give what is to be decided.

    Raises:
        InputError: Nothing was chosen.
    """
    try:
        return Action(text(form, "action"))
    except ValueError as error:
        raise InputError("no decision was chosen", hint="confirm, dismiss or need more") from error


def measure(form: FormData) -> Measure | None:
    """Give the measure that was chosen with a decision; None: none was.

    Raises:
        RefusedError: A part of it cannot be read.
    """
    if not (kind := text(form, "measure")):
        return None
    try:
        return Measure(
            kind=MeasureKind(kind),
            territory=countries_of(text(form, "territory").replace(",", " ").split()),
            ground=Ground(text(form, "ground")),
            automated=Automated(text(form, "automated")),
            until=date.fromisoformat(text(form, "until")) if text(form, "until") else None,
        )
    except ValueError as error:
        raise RefusedError(
            "the measure cannot be read", hint="a measure of the list, and a day such as 2027-01-31"
        ) from error


def choices(form: FormData) -> list[Choice]:
    """Give the cases that were ticked, each as ``case:version``.

    Raises:
        InputError: One is not so.
    """
    chosen: list[Choice] = []
    for one in texts(form, "case"):
        case, _, version = one.partition(":")
        if not (one.isascii() and case.isdecimal() and version.isdecimal() and len(one) < 32):
            raise InputError("a case is not named as the page names it", hint="the page again")
        chosen.append(Choice(case_id=int(case), expected_version=int(version)))
    return chosen


def go_to(path: str) -> RedirectResponse:
    """Show another page after a form was taken."""
    return RedirectResponse(path, SEE_OTHER)
