"""From a log to the queue without a terminal: pick a log, check its columns, run detection, see it work."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from samehand.cases.errors import NotFoundError
from samehand.cases.model import Role
from samehand.columns import REQUIRED_ROLES, ROLES
from samehand.errors import InputError
from samehand.web.detection import Job
from samehand.web.forms import Form, go_to, text
from samehand.web.pages import url
from samehand.web.security import Visitor, needs
from samehand.web.site import Site, site_of

router = APIRouter(include_in_schema=False)
Admin = Annotated[Visitor, Depends(needs(Role.admin))]


@router.get("/detect")
def pick(request: Request, _who: Admin) -> Response:
    """Pick a log."""
    return _pick(request)


def _pick(request: Request, problem: str = "", path: str = "") -> Response:
    site = site_of(request)
    return site.pages.render(
        request,
        "detect_pick.html.j2",
        422 if problem else 200,
        folder=site.detections.folder,
        logs=site.detections.logs(),
        problem=problem,
        given=path,
    )


@router.post("/detect/check")
def check(request: Request, form: Form, _who: Admin) -> Response:
    """Read a log, to show how its columns are understood."""
    return _start(request, form, "check")


@router.post("/detect/start")
def start(request: Request, form: Form, _who: Admin) -> Response:
    """Look for fleets in a log."""
    return _start(request, form, "detect")


def _start(request: Request, form: Form, kind: Any) -> Response:
    log = text(form, "log")
    options = {name: text(form, name) for name in (*ROLES, "timezone")}
    try:
        job = site_of(request).detections.start(kind, log, options, text(form, "name"))
    except InputError as error:
        return _pick(request, str(error), log)
    return go_to(url("detect", job.job_id))


@router.get("/detect/{job_id}")
def show(request: Request, job_id: str, who: Admin) -> Response:
    """A log that is being read, or what came of it."""
    site, job = site_of(request), _job(request, job_id)
    state = job.state
    if state == "done" and job.out is not None:
        if job.run_id is None:
            job.run_id = site.store.register_run(job.out, actor=who.name).run_id
        site.index(job.run_id)
        return go_to(url(run=job.run_id, done="detected"))
    return site.pages.render(
        request,
        "detect_job.html.j2",
        job=job,
        state=state,
        reading=_reading(job) if state == "done" else None,
        roles=ROLES,
        required=REQUIRED_ROLES,
        name=_free_name(site, job),
    )


@router.post("/detect/{job_id}/cancel")
def cancel(request: Request, job_id: str, _who: Admin) -> Response:
    """Stop reading a log."""
    job = _job(request, job_id)
    site_of(request).detections.cancel(job)
    return go_to(url("detect", job_id))


def _job(request: Request, job_id: str) -> Job:
    job = site_of(request).detections.job(job_id)
    if job is None:
        raise NotFoundError("no log is read under this name", hint="pick the log again")
    return job


def _reading(job: Job) -> dict[str, Any] | None:
    """Give what the check said: columns by role, columns in all, quality."""
    try:
        said: dict[str, Any] = msgspec.json.decode(job.answer)
    except msgspec.DecodeError:
        return None
    by_role = {one["role"]: one for one in said["roles"]}
    used = [column for one in said["roles"] for column in one["columns"]]
    quality = said["quality"]
    times = {name: datetime.fromisoformat(quality[name]) for name in ("first_time", "last_time")}
    return {"by_role": by_role, "columns": [*used, *said["unused"]], "quality": quality | times}


def _free_name(site: Site, job: Job) -> str:
    stem = (
        "".join(c if c.isalnum() or c in "-_" else "-" for c in PurePath(job.log).name.split(".")[0])[:60]
        or "run"
    )
    name, n = stem, 1
    while site.detections.has_run(name):
        n += 1
        name = f"{stem}-{n}"
    return name
