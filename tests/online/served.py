"""An application served on this machine, and a client for it."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import urllib3
import uvicorn


@dataclass
class Answer:
    """What was answered."""

    status_code: int
    headers: Any
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()

    def json(self) -> Any:
        return json.loads(self.content)


@dataclass
class Client:
    """Asks one server."""

    base: str
    pool: urllib3.PoolManager

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None, {})

    def post(self, path: str, *, content: bytes = b"", json: object = None, headers: object = None) -> Answer:
        body = content if json is None else _encoded(json)
        return self._ask("POST", path, body, dict(headers or {}))

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        got = self.pool.request(method, self.base + path, body=body, headers=headers)
        return Answer(got.status, got.headers, got.data)


def _encoded(value: object) -> bytes:
    return json.dumps(value).encode()


@contextmanager
def served(app: object) -> Iterator[Client]:
    """Serve an application on a free port of this machine."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=5))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    with urllib3.PoolManager(retries=False, timeout=20) as pool:
        yield Client(f"http://127.0.0.1:{listening.getsockname()[1]}", pool)
    server.should_exit = True
    thread.join()
    listening.close()
