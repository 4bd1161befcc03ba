"""What the routes of the door share, and the quick way to a verdict."""

from __future__ import annotations

import gc
import hmac
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, time
from typing import Final, Literal
from urllib.parse import parse_qs

import msgspec
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Receive, Scope, Send

from samehand.errors import InputError
from samehand.online.arriving import LONGEST_LINE, LineReader, Refused
from samehand.online.door import Door
from samehand.online.ingest import Ingest
from samehand.online.profiles import PROFILES, RESTLESS, load_profiles
from samehand.online.settings import StreamSettings
from samehand.texts.catalogue import LANGUAGES

NO_TOKEN: Final = "a token is needed: Authorization: Bearer TOKEN"  # noqa: S105 - a sentence
Fail = Literal["open", "closed"]


class Service:
    """What the routes share."""

    def __init__(
        self,
        state: Path,
        settings: StreamSettings,
        *,
        ingest: Ingest | None,
        fail: Fail,
        token: str | None,
        alive: Callable[[], bool] = lambda: True,
    ) -> None:
        self.door = Door()
        self.ingest, self.fail, self.token = ingest, fail, token
        self.alive = alive
        """Whether the analysis beside it goes on."""
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
            restless = {}
            if RESTLESS in now:
                restless = msgspec.msgpack.decode((self._state / RESTLESS).read_bytes(), type=dict[int, int])
            if now.get(PROFILES) == self._seen.get(PROFILES):  # restless accounts change with each tick
                self.door.restless = restless
            else:
                self.door.learn(load_profiles(self._state / PROFILES), restless)
                gc.collect()
                gc.freeze()  # what is known stays: to look through it for garbage would stop the door
            self._seen, self.failure = now, ""
            self.fleets.set(len(self.door.profiles.fleets))
            self.as_of.set(time())
        except (OSError, InputError, msgspec.DecodeError) as error:
            self.failure = f"what is known of fleets cannot be read: {error}"

    def may(self, authorization: str) -> bool:
        """Tell whether a caller gave the token, where one is needed."""
        if self.token is None:
            return True
        given = authorization.removeprefix("Bearer ")
        return hmac.compare_digest(given.encode("utf-8", "replace"), self.token.encode())

    def score(self, content: bytes | None, lang: str, authorization: str) -> tuple[int, bytes]:
        """Score one event.

        Args:
            content: JSON; None: it was longer than an event may be.
            lang: Of the reasons.
            authorization: The header.

        Returns:
            The status and JSON of the answer.
        """
        begun = perf_counter()
        if not self.may(authorization):
            return 401, error_body(NO_TOKEN)
        if lang not in LANGUAGES:
            return 400, error_body(f"lang is one of {', '.join(LANGUAGES)}")
        if content is None:
            return 413, error_body("the event is too long")
        event = self.reader.read_one(content)
        if isinstance(event, Refused):
            return 400, error_body(event.reason)
        if self.failure and self.fail == "closed":
            self.verdicts.labels("failed").inc()
            return 503, error_body(self.failure)
        answer = self.door.score(*event, lang)
        self.verdicts.labels(answer.verdict).inc()
        self.seconds.observe(perf_counter() - begun)
        return 200, msgspec.json.encode(answer)


class QuickScore:
    """Answers ``POST /v1/score`` itself and passes all else on: a framework takes longer than the verdict."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app, self._service = app, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/v1/score" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        content: bytes | None = b""
        while True:
            message = await receive()
            if message["type"] != "http.request":  # the caller has gone
                return
            if content is not None:
                content += message.get("body", b"")
                content = content if len(content) <= LONGEST_LINE else None
            if not message.get("more_body"):
                break
        lang = (
            parse_qs(scope["query_string"].decode("latin-1")).get("lang", ["en"])[-1]
            if scope["query_string"]
            else "en"
        )
        authorization = next((v.decode("latin-1") for k, v in scope["headers"] if k == b"authorization"), "")
        status, body = self._service.score(content, lang, authorization)
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def error_body(what: str) -> bytes:
    """Write an error as JSON."""
    return msgspec.json.encode({"error": what})
