"""Serves the door of a stream, and analyses what it takes in beside it, in a process of its own."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import uvicorn

from samehand.errors import OptionError
from samehand.online.analysis import Analysis
from samehand.online.answering import Fail, Service
from samehand.online.http import make_app
from samehand.online.ingest import Ingest
from samehand.online.intake import Intake
from samehand.online.journal import Following
from samehand.online.outputs import Output, deliver
from samehand.online.settings import StreamSettings

_POLL_S: Final = 0.2
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


def check_listen(listen: str, token: str | None) -> tuple[str, int]:
    """Read ``HOST:PORT``.

    Raises:
        OptionError: It is none, or others could come in without a token.
    """
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    if not host or not port.isdigit() or not 0 <= int(port) < 65_536:
        raise OptionError(f"{listen!r} is no HOST:PORT", where="--listen", hint="--listen 127.0.0.1:8788")
    if host not in _LOOPBACK and token is None:
        raise OptionError(
            f"{host} can be reached by others", where="--listen", hint="--token FILE, or 127.0.0.1"
        )
    return host, int(port)


def serve(
    state: Path,
    settings: StreamSettings,
    address: tuple[str, int],
    *,
    fail: Fail,
    token: str | None,
    outputs: Callable[[], Sequence[Output]] | None = None,
    warn: Callable[[str], None],
) -> None:
    """Serve until stopped.

    Args:
        state: Of the stream.
        settings: Of the stream.
        address: Host and port.
        fail: What is answered where nothing is known: open, no verdict; closed, an error.
        token: That a caller must give; None: none.
        outputs: Makes the outputs of leads in the process that analyses; None: only verdicts are served, and another
            process watches the stream.
        warn: Told what is wrong and goes on.
    """
    if outputs is None:
        _run(make_app(Service(state, settings, ingest=None, fail=fail, token=token)), address)
        return
    intake = Intake(state, settings)
    for warning in intake.journal.warnings:
        warn(warning)
    analysing = multiprocessing.get_context("spawn").Process(
        target=follow, args=(state, settings, outputs, os.getpid()), daemon=True
    )
    analysing.start()
    try:
        ingest = Ingest(intake)
        service = Service(state, settings, ingest=ingest, fail=fail, token=token, alive=analysing.is_alive)
        _run(make_app(service), address)
    finally:
        intake.close()
        analysing.terminate()
        analysing.join(timeout=60)


def _run(app: object, address: tuple[str, int]) -> None:
    host, port = address
    uvicorn.run(
        app,  # type: ignore[arg-type]
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        # What no caller needs is not done for each of a thousand requests a second.
        proxy_headers=False,
        server_header=False,
        date_header=False,
        ws="none",
    )


def follow(
    state: Path, settings: StreamSettings, outputs: Callable[[], Sequence[Output]], parent: int
) -> None:
    """Analyse a journal that another process appends to, until that process ends."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    told = outputs()
    keep_runs = any(one.needs_runs for one in told)
    analysis = Analysis(state, settings, Following(state / "journal"), keep_runs=keep_runs)
    try:
        while os.getppid() == parent:
            analysis.refresh()
            analysis.catch_up()
            deliver(state / "leads.ndjson", told)
            time.sleep(_POLL_S)
    except KeyboardInterrupt:
        pass
    finally:
        analysis.save()
