"""The HTTP door of a stream: events in, verdicts out, health and metrics."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec
from fastapi import FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.types import ASGIApp

from samehand.errors import SamehandError
from samehand.online.answering import NO_TOKEN, QuickScore, Service, error_body
from samehand.online.arriving import LONGEST_LINE, Arrived, LineReader
from samehand.online.door import Answer
from samehand.online.ingest import Busy, Ingest
from samehand.version import __version__

MOST_BYTES: Final = 8 << 20
"""Of a request with events; one event may have ``LONGEST_LINE``."""
RELOAD_S: Final = 0.5


def make_app(service: Service) -> ASGIApp:
    """Make the application; ``/openapi.json`` describes it, ``/docs`` would load scripts from elsewhere and is off."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.door.score({"account": "", "content": "warm up"}, 0)  # tables of letters take a second
        service.reload()
        reloading = asyncio.create_task(_reload(service))
        if service.ingest:
            service.ingest.start()
        yield
        reloading.cancel()
        if service.ingest:
            await service.ingest.stop()

    app = FastAPI(
        title="samehand", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None,
        description="Which suspected fleet an event resembles. It says what was seen, and accuses nobody.",
    )  # fmt: skip
    _add_score(app, service)
    if service.ingest:
        _add_events(app, service, service.ingest)
    _add_health(app, service)
    return QuickScore(app, service)


async def _reload(service: Service) -> None:
    while True:
        await asyncio.sleep(RELOAD_S)
        service.reload()


def _add_score(app: FastAPI, service: Service) -> None:
    answers: dict[int | str, dict[str, Any]] = {
        200: {"description": "What is said of the event", "content": _json(_schema(Answer))},
        400: {"description": "No event"},
        401: {"description": "No or another token"},
        413: {"description": "The event is too long"},
        503: {"description": "Nothing is known and the door fails closed"},
    }

    @app.post("/v1/score", summary="Score one event", responses=answers, openapi_extra=_body(_EVENT))
    async def score(request: Request, lang: str = "en") -> Response:
        content = await _content(request, LONGEST_LINE)
        status, body = service.score(content, lang, request.headers.get("authorization", ""))
        return Response(body, status, media_type="application/json")


def _add_events(app: FastAPI, service: Service, ingest: Ingest) -> None:
    answers: dict[int | str, dict[str, Any]] = {
        202: {"description": "On the disk: they count, whatever happens now"},
        400: {"description": "No event could be used"},
        401: {"description": "No or another token"},
        413: {"description": "Too much at once"},
        429: {"description": "Busy: send the same again, later"},
        503: {"description": "The disk cannot be written: send the same again"},
    }
    body = {"oneOf": [_EVENT, {"type": "array", "items": _EVENT}]}

    @app.post(
        "/v1/events", status_code=202, summary="Take events in", responses=answers, openapi_extra=_body(body)
    )
    async def events(request: Request) -> Response:
        if not service.may(request.headers.get("authorization", "")):
            return _error(401, NO_TOKEN)
        content = await _content(request, MOST_BYTES)
        if content is None:
            return _error(413, f"more than {MOST_BYTES:,} bytes")
        try:
            arrived = _read(service.reader, content)
        except msgspec.DecodeError as error:
            return _error(400, f"no JSON: {error}")
        try:
            n_new = await ingest.take(arrived)
        except Busy:
            service.events.labels("turned away").inc(arrived.events.num_rows)
            return _error(429, "busy: send the same again", {"Retry-After": "1"})
        except SamehandError as error:
            return _error(503, str(error), {"Retry-After": "10"})
        known, refused = arrived.events.num_rows - n_new, len(arrived.refused)
        for fate, n in (("new", n_new), ("repeated or late", known), ("refused", refused)):
            service.events.labels(fate).inc(n)
        said: dict[str, Any] = {"new": n_new, "repeated_or_late": known, "refused": refused}
        if refused:
            said["reasons"] = sorted({one.reason for one in arrived.refused})[:10]
        status = 400 if refused and not arrived.events.num_rows else 202
        return Response(msgspec.json.encode(said), status, media_type="application/json")


def _read(reader: LineReader, content: bytes) -> Arrived:
    """Read one object, lines of them, or an array."""
    if content.lstrip()[:1] == b"[":
        return reader.read(
            b"\n".join(bytes(one) for one in msgspec.json.decode(content, type=list[msgspec.Raw]))
        )
    try:  # one object over several lines
        return reader.read(msgspec.json.encode(msgspec.json.decode(content)))
    except msgspec.DecodeError:
        return reader.read(content)


def _add_health(app: FastAPI, service: Service) -> None:
    @app.get("/health", summary="The process lives")
    async def health() -> dict[str, str]:
        return {"status": "alive", "version": __version__}

    @app.get("/ready", summary="It can answer", responses={503: {"description": "Not yet, and why"}})
    async def ready() -> Response:
        failure = (
            service.failure if service.alive() else "the analysis has stopped; see the log of the process"
        )
        if failure:
            return _error(503, failure)
        return Response(b'{"status":"ready"}', media_type="application/json")

    @app.get("/metrics", summary="Figures for Prometheus")
    async def metrics() -> Response:
        return Response(generate_latest(service.registry), media_type=CONTENT_TYPE_LATEST)


async def _content(request: Request, most: int) -> bytes | None:
    """Read the body; None: it is longer than it may be."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            return None
        parts.append(part)
    return b"".join(parts)


def _error(status: int, what: str, headers: dict[str, str] | None = None) -> Response:
    return Response(error_body(what), status, headers, media_type="application/json")


_EVENT: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["time", "account"],
    "properties": {
        "time": {"oneOf": [{"type": "string", "format": "date-time"}, {"type": "number"}]},
        **{
            name: {"type": "string"}
            for name in (
                *(
                    "account",
                    "action",
                    "target",
                    "device",
                    "address",
                    "content",
                    "client",
                    "outcome",
                    "event_id",
                ),
            )
        },
    },
}


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _schema(kind: type) -> dict[str, Any]:
    (_,), parts = msgspec.json.schema_components([kind])
    schema: dict[str, Any] = parts[kind.__name__]
    return schema
