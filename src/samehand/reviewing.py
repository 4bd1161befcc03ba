"""The command that starts the review app, where it is safe to."""

from __future__ import annotations

import getpass
import ipaddress
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from samehand.cases.model import Action
from samehand.errors import OptionError
from samehand.options import DEFAULT_DB, DbOption, Lang, LangOption
from samehand.telling import note, say

if TYPE_CHECKING:
    from samehand.cases.store import CaseStore
    from samehand.web.settings import AppSettings


def review(
    runs: Annotated[
        list[Path] | None,
        typer.Argument(help="Runs to put under review [those that are].", metavar="RUN"),
    ] = None,
    db: DbOption = DEFAULT_DB,
    host: Annotated[
        str,
        typer.Option(
            "--host", metavar="ADDRESS", help="Where to listen; beyond loopback, accounts are needed."
        ),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, metavar="N", help="Port; 0: any that is free.")
    ] = 8000,
    lang: LangOption = Lang.en,
    redact: Annotated[bool, typer.Option("--redact", help="Show salted ids and masked texts.")] = False,
    second: Annotated[
        list[Action],
        typer.Option("--second", metavar="ACTION", help="confirm, dismiss: takes two reviewers."),
    ] = [],  # noqa: B006
    name: Annotated[
        list[str],
        typer.Option("--name", metavar="HOST", help="Name that browsers may call it by; repeat [any]."),
    ] = [],  # noqa: B006
    tls_cert: Annotated[
        Path | None, typer.Option("--tls-cert", metavar="FILE", help="Certificate, for HTTPS.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option("--tls-key", metavar="FILE", help="Its key.")] = None,
    proxy: Annotated[
        bool, typer.Option("--https-proxy", help="A proxy on this machine does HTTPS before it.")
    ] = False,
    logs: Annotated[
        Path | None,
        typer.Option(
            "--logs", metavar="DIR", help="Logs below it may be read from the app [no RUN: this folder]."
        ),
    ] = None,
) -> None:
    """Review fleets in a browser.

    On this machine alone it needs no account, until there are any. Beyond it, everybody signs in.
    """
    from samehand.cases.store import CaseStore

    if (tls_cert is None) != (tls_key is None):
        raise OptionError(
            "a certificate and its key go together", where="--tls-cert", hint="--tls-cert and --tls-key"
        )
    with CaseStore.open(db) as store:
        settings = _settings(
            store,
            host=host,
            names=name,
            secure=tls_cert is not None or proxy,
            redact=redact,
            lang=lang,
            second=second,
            logs=logs or (None if runs else Path.cwd()),
        )
        for run in runs or []:
            store.register_run(run, actor=settings.user)
        _serve(settings, host, port, tls_cert, tls_key, proxy=proxy)


def _settings(
    store: CaseStore,
    *,
    host: str,
    names: list[str],
    secure: bool,
    redact: bool,
    lang: Lang,
    second: list[Action],
    logs: Path | None,
) -> AppSettings:
    """Refuse what is not safe, and settle the rest."""
    from samehand.cases.model import SECONDED
    from samehand.cases.people import People
    from samehand.web.settings import LOOPBACK, AppSettings

    for action in second:
        if action not in SECONDED:
            raise OptionError(
                f"{action} takes no second reviewer", where="--second", hint="confirm or dismiss"
            )
    beyond, accounts = not _on_loopback(host), People(store.database).any_admin()
    if beyond and not accounts:
        raise OptionError(
            "others could reach it, and no accounts are set up",
            where=f"--host {host}",
            hint="samehand cases user add NAME --role admin, or leave --host out",
        )
    if beyond and not secure:
        note(
            "Passwords and cases go over the network in the clear. Try: --tls-cert and --tls-key, or --https-proxy"
        )
    default = frozenset() if accounts else LOOPBACK
    return AppSettings(
        store=store,
        lang=lang,
        redact=redact,
        sign_in=accounts,
        user=getpass.getuser(),
        hosts=frozenset(one.lower() for one in names) | (LOOPBACK if names else default),
        secure=secure,
        second_for=frozenset(second),
        logs=logs,
    )


def _on_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _serve(
    settings: AppSettings, host: str, port: int, cert: Path | None, key: Path | None, *, proxy: bool
) -> None:
    import uvicorn

    from samehand.cases.courier import Courier
    from samehand.web.app import create_app

    for file in (cert, key):
        if file is not None and not file.is_file():
            raise OptionError("there is no such file", where=str(file), hint="a file in PEM format")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host.strip("[]"), port), family=family)
    except OSError as error:
        raise OptionError(
            f"cannot listen there: {error.strerror}", where=f"{host}:{port}", hint="another --port or --host"
        ) from error
    config = uvicorn.Config(
        create_app(settings),
        log_level="warning",
        server_header=False,
        proxy_headers=proxy,
        ssl_certfile=cert,
        ssl_keyfile=key,
        limit_concurrency=200,
    )
    shown = f"[{host.strip('[]')}]" if ":" in host else host
    say(f"http{'s' if cert else ''}://{shown}:{listener.getsockname()[1]}/  (Ctrl+C ends it)")
    sys.stdout.flush()
    with listener, Courier(settings.store.database), suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])
