"""The HTTP door of a stream: events in, verdicts out, health and metrics."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter, time
from typing import Any, Final, Literal

import msgspec
from fastapi import FastAPI, Request, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

from samehand.errors import InputError, SamehandError
from samehand.online.arriving import Arrived, LineReader, Refused
from samehand.online.door import Answer, Door
from samehand.online.ingest import Busy, Ingest
from samehand.online.profiles import PROFILES, RESTLESS, load_profiles
from samehand.online.settings import StreamSettings
from samehand.texts.catalogue import LANGUAGES
from samehand.version import __version__

MOST_BYTES: Final = 8 << 20
"""Of a request with events; one event may have ``LONGEST_LINE``."""
RELOAD_S: Final = 0.5
Fail = Literal["open", "closed"]


class Service:
    """What the routes share."""

    def __init__(
        self, state: Path, settings: StreamSettings, *, ingest: Ingest | None, fail: Fail, token: str | None
    ) -> None:
        self.door = Door()
        self.ingest, self.fail, self.token = ingest, fail, token
        self.reader = LineReader(settings)
        self.failure = "nothing was looked at yet"
        self._state = state
        self._seen: dict[str, float] = {}
        self.registry = CollectorRegistry()
        self.seconds = Histogram(
            *("samehand_score_seconds", "Time to answer one event"),
            buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.5),
            registry=self.registry,
        )
        self.verdicts = Counter(
            "samehand_verdicts", "Answers by verdict", ["verdict"], registry=self.registry
        )
        self.events = Counter(
            "samehand_events", "Events by what became of them", ["fate"], registry=self.registry
        )
        self.fleets = Gauge("samehand_fleets", "Suspected fleets that the door knows", registry=self.registry)
        self.as_of = Gauge("samehand_reloaded_seconds", "When they were read last", registry=self.registry)

    def reload(self) -> None:
        """Learn what the analysis wrote since, if it did; what cannot be read leaves what is known as it was."""
        try:
            now = {name: (self._state / name).stat().st_mtime for name in (PROFILES, RESTLESS)
                   if (self._state / name).exists()}  # fmt: skip
            if now == self._seen or not now:
                return
            profiles = load_profiles(self._state / PROFILES) if PROFILES in now else self.door.profiles
            restless = {}
            if RESTLESS in now:
                restless = msgspec.msgpack.decode((self._state / RESTLESS).read_bytes(), type=dict[int, int])
            self.door.learn(profiles, restless)
            self._seen, self.failure = now, ""
            self.fleets.set(len(profiles.fleets))
            self.as_of.set(time())
        except (OSError, InputError, msgspec.DecodeError) as error:
            self.failure = f"what is known of fleets cannot be read: {error}"


def make_app(service: Service) -> FastAPI:
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
    return app


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
        begun = perf_counter()
        if not _may(request, service):
            return _error(401, "a token is needed: Authorization: Bearer TOKEN")
        if lang not in LANGUAGES:
            return _error(400, f"lang is one of {', '.join(LANGUAGES)}")
        body = await _content(request, 1 << 20)
        if body is None:
            return _error(413, "the event is too long")
        event = service.reader.read_one(body)
        if isinstance(event, Refused):
            return _error(400, event.reason)
        answer = _score(service, *event, lang)
        service.seconds.observe(perf_counter() - begun)
        return answer


def _score(service: Service, event: dict[str, str | None], time_us: int, lang: str) -> Response:
    if service.failure and service.fail == "closed":
        service.verdicts.labels("failed").inc()
        return _error(503, service.failure)
    answer = service.door.score(event, time_us, lang)
    service.verdicts.labels(answer.verdict).inc()
    return Response(msgspec.json.encode(answer), media_type="application/json")


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
        if not _may(request, service):
            return _error(401, "a token is needed: Authorization: Bearer TOKEN")
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
        if service.failure:
            return _error(503, service.failure)
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


def _may(request: Request, service: Service) -> bool:
    if service.token is None:
        return True
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    return hmac.compare_digest(given.encode(), service.token.encode())


def _error(status: int, what: str, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode({"error": what}), status, headers, media_type="application/json")


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
