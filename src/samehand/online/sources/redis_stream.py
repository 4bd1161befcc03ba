"""A Redis stream, read in a consumer group: what is not acknowledged comes again."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import msgspec
import redis
from redis.exceptions import RedisError, ResponseError

from samehand.errors import InputError, OptionError, SamehandError
from samehand.online.arriving import Arrived, LineReader
from samehand.online.settings import StreamSettings
from samehand.online.sources.interface import Batch

_COUNT: Final = 5_000
_BLOCK_MS: Final = 500
_TRIES: Final = 30
"""Seconds to wait for a Redis that went away, at least."""
_TIMEOUT_S: Final = 10.0


class RedisStream:
    """``redis://HOST:PORT/STREAM?group=G&consumer=C``: messages whose field ``event`` is a JSON object.

    Messages without that field are events themselves: their fields are the keys.
    """

    def __init__(self, address: str, settings: StreamSettings, *, follow: bool) -> None:
        self.client, self._stream = open_client(address)
        asked = parse_qs(urlsplit(address).query)
        self._group = asked.get("group", ["samehand"])[0]
        self._consumer = asked.get("consumer", ["watch"])[0]
        self.name = _without_password(address)
        self._reader = LineReader(settings)
        self._follow = follow

    def batches(self, position: dict[str, Any] | None) -> Iterator[Batch]:  # noqa: ARG002 - the group knows
        self._try(self._make_group)
        since: bytes | str = "0"  # first what was given before and never acknowledged
        while True:
            found = self._try(partial(self._read, since))
            if found:
                since = found[-1][0] if since != ">" else ">"
                yield Batch(self._arrived(found), handle=[one for one, _ in found])
            elif since != ">":
                since = ">"
            elif self._follow:
                yield Batch(None)
            else:
                return

    def acknowledge(self, batch: Batch) -> None:
        """Tell Redis that messages are safe."""
        self._try(lambda: self.client.xack(self._stream, self._group, *batch.handle))

    def _make_group(self) -> None:
        try:
            self.client.xgroup_create(self._stream, self._group, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" in str(error):  # it is there
                return
            raise InputError(
                f"Redis: {error}", where=self.name, hint="the name of a stream, not of another key"
            ) from error

    def _read(self, since: bytes | str) -> list[tuple[bytes, dict[bytes, bytes]]]:
        answer: Any = self.client.xreadgroup(
            self._group,
            self._consumer,
            {self._stream: since},
            count=_COUNT,
            block=_BLOCK_MS if self._follow else None,
        )
        if isinstance(answer, dict):
            return [message for part in answer.values() for messages in part for message in messages]
        return [message for _, messages in answer or [] for message in messages]

    def _arrived(self, found: list[tuple[bytes, dict[bytes, bytes]]]) -> Arrived:
        lines = [_line(fields) for _, fields in found if fields]
        return self._reader.read(b"\n".join(lines))

    def _try(self, ask: Any) -> Any:
        """Ask Redis, and again for some time when it is away."""
        for n in range(_TRIES):
            try:
                return ask()
            except ResponseError as error:
                raise InputError(f"Redis: {error}", where=self.name, hint="is it a stream?") from error
            except RedisError as error:
                wrong = error
                time.sleep(min(0.1 * 2**n, 1.0))
        raise SamehandError(
            f"does not answer: {wrong}; nothing that was acknowledged is lost",
            where=self.name,
            hint="start again when it is back: it goes on where it was",
        ) from wrong


def open_client(address: str) -> tuple[redis.Redis, str]:
    """Make a client of an address such as ``redis://:PASSWORD@HOST:PORT/STREAM``; give it and the name of the stream.

    Raises:
        OptionError: The address names no stream.
    """
    parts = urlsplit(address)
    stream = parts.path.strip("/")
    if not re.fullmatch(r"[\w.:-]{1,200}", stream):
        raise OptionError(
            "names no stream", where=_without_password(address), hint="redis://127.0.0.1:6379/events"
        )
    client = redis.Redis.from_url(
        f"{parts.scheme}://{parts.netloc}", socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S
    )
    return client, stream


def _line(fields: dict[bytes, bytes]) -> bytes:
    if b"event" in fields:
        return fields[b"event"].replace(b"\n", b" ")
    return msgspec.json.encode(
        {k.decode("utf-8", "replace"): v.decode("utf-8", "replace") for k, v in fields.items()}
    )


def _without_password(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"
