"""Commands that run on and on: watching a stream, and answering at the door."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samehand.errors import OptionError
from samehand.options import (
    DEFAULT_DB,
    DbOption,
    FdrOption,
    LayersOption,
    MapOption,
    MemoryOption,
    MinAccountsOption,
    QuietOption,
    SeedOption,
    SurrogatesOption,
    ThreadsOption,
    parse_roles,
)
from samehand.telling import announce_compilation, note, say, show_progress

if TYPE_CHECKING:
    from samehand.online.outputs import Output
    from samehand.online.settings import StreamSettings


class FailMode(StrEnum):
    """What the door answers where nothing is known."""

    open = "open"
    closed = "closed"


_Fail = Annotated[
    FailMode, typer.Option("--fail", help="Where nothing is known: open, no verdict; closed, error 503.")
]
_Token = Annotated[
    Path | None, typer.Option("--token", metavar="FILE", help="File with the token that callers must give.")
]
_State = Annotated[
    Path, typer.Option("--state", metavar="DIR", help="Folder of the stream: journal, checkpoints, leads.")
]
_Leads = Annotated[
    Path | None, typer.Option("--leads", metavar="FILE.ndjson", help="Append each lead as a line of JSON.")
]
_Webhook = Annotated[
    str | None, typer.Option("--webhook", metavar="URL", help="Post each lead, signed (see --secret).")
]
_Secret = Annotated[
    Path | None, typer.Option("--secret", metavar="FILE", help="File with the webhook's secret.")
]
_LeadsRedis = Annotated[
    str | None, typer.Option("--leads-redis", metavar="URL", help="Add each lead to redis://HOST/STREAM.")
]
_Review = Annotated[
    bool, typer.Option("--review", help="Make a case of each lead, for `samehand review` (see --db).")
]
_Window = Annotated[str, typer.Option("--window", metavar="TIME", help="A look sees events up to so old.")]
_Tick = Annotated[str, typer.Option("--tick", metavar="TIME", help="Evidence is weighed so often.")]
_Lateness = Annotated[
    str, typer.Option("--lateness", metavar="TIME", help="Events so much out of order still count.")
]
_LookEvery = Annotated[
    str, typer.Option("--look-every", metavar="TIME", help="Look at least so often, whether anything forms.")
]
_Active = Annotated[
    int, typer.Option("--active-accounts", metavar="N", help="Accounts for which there is memory.")
]
_Zone = Annotated[str, typer.Option("--timezone", metavar="TZ", help="Zone of times that name none.")]
_Follow = Annotated[
    bool, typer.Option("--follow/--no-follow", help="Wait for more at the end, or close the stream there.")
]


def watch(
    source: Annotated[
        str,
        typer.Argument(
            help="- (standard input), a growing file, a folder of Parquet, redis://HOST/STREAM, or "
            "http://HOST:PORT to listen there.",
            metavar="SOURCE",
        ),
    ],
    state: _State,
    leads: _Leads = None,
    webhook: _Webhook = None,
    secret: _Secret = None,
    leads_redis: _LeadsRedis = None,
    review: _Review = False,
    db: DbOption = DEFAULT_DB,
    follow: _Follow = True,
    fail: _Fail = FailMode.open,
    token: _Token = None,
    window: _Window = "14d",
    tick: _Tick = "60s",
    lateness: _Lateness = "10m",
    look_every: _LookEvery = "1d",
    active_accounts: _Active = 100_000,
    mapping: MapOption = [],  # noqa: B006
    timezone: _Zone = "UTC",
    layers: LayersOption = None,
    fdr: FdrOption = None,
    surrogates: SurrogatesOption = None,
    min_accounts: MinAccountsOption = None,
    seed: SeedOption = None,
    threads: ThreadsOption = None,
    memory: MemoryOption = None,
    quiet: QuietOption = False,
) -> None:
    """Follow a stream of events and raise leads as soon as the evidence suffices.

    Stopped in any way, it goes on where it was. The options that decide results stay those that the stream was begun
    with.
    """
    from samehand.config import Config
    from samehand.online.settings import StreamSettings, open_settings, parse_duration
    from samehand.online.watch import only_one
    from samehand.pipeline import wanted_layers

    given: dict[str, Any] = {
        "layers": None if layers is None else tuple(name.strip() for name in layers.split(",")),
        "fdr": fdr,
        "surrogates": surrogates,
        "min_accounts": min_accounts,
        "seed": seed,
        "threads": threads,
        "memory_gib": memory,
    }
    config = Config(**{name: value for name, value in given.items() if value is not None})
    wanted_layers(config)
    settings = StreamSettings(
        window_us=parse_duration(window, "--window"),
        tick_us=parse_duration(tick, "--tick"),
        lateness_us=parse_duration(lateness, "--lateness"),
        look_every_us=parse_duration(look_every, "--look-every"),
        active_accounts=active_accounts,
        mapping=_keys(mapping),
        zone=timezone,
        config=config,
    )
    settings = open_settings(state, settings)
    outputs = partial(_outputs, state, leads, webhook, secret, leads_redis, db if review else None)
    announce_compilation(quiet)
    with only_one(state):
        if source.startswith("http://"):
            _serve(state, settings, source.removeprefix("http://").strip("/"), fail, token, outputs)
        else:
            _follow(state, settings, source, outputs, follow=follow, quiet=quiet)


def door(
    state: _State,
    listen: Annotated[
        str, typer.Option("--listen", metavar="HOST:PORT", help="Where to answer.")
    ] = "127.0.0.1:8788",
    fail: _Fail = FailMode.open,
    token: _Token = None,
) -> None:
    """Answer which suspected fleet an event resembles, beside a `samehand watch` of any source."""
    from samehand.online.settings import read_settings

    _serve(state, read_settings(state), listen, fail, token, None)


def _serve(
    state: Path,
    settings: StreamSettings,
    listen: str,
    fail: FailMode,
    token: Path | None,
    outputs: Callable[[], list[Output]] | None,
) -> None:
    from samehand.online.serve import check_listen, serve

    secret = None if token is None else _read_secret(token).decode("utf-8", "replace")
    address = check_listen(listen, secret)
    if outputs is not None:
        outputs()  # what cannot be used is said before anything begins
    serve(state, settings, address, fail=fail.value, token=secret, outputs=outputs, warn=note)


def _follow(
    state: Path,
    settings: StreamSettings,
    source: str,
    outputs: Callable[[], list[Output]],
    *,
    follow: bool,
    quiet: bool,
) -> None:
    from samehand.online.sources import open_source
    from samehand.online.watch import Watch, stopped_by_signal

    stream = open_source(source, settings, follow=follow)
    with stopped_by_signal(), show_progress(quiet) as step:
        watching = Watch(state, settings, outputs(), warn=note)
        try:
            watching.run(stream, step)
        except KeyboardInterrupt:
            if not quiet:
                note("stopped; the same command goes on where it was")
        finally:
            watching.close()
    if not quiet:
        counts = watching.intake.note
        say(
            f"{watching.intake.journal.n_rows:,} events, {counts.n_late:,} too late, {counts.n_repeated:,} repeated, "
            f"{counts.n_refused:,} refused\n"
            f"{watching.analysis.n_looks:,} looks, {len(watching.analysis.leads.open):,} leads open\n"
            f"{state / 'leads.ndjson'}"
        )


def _keys(mapping: list[str]) -> dict[str, str]:
    keys = {}
    for role, key in parse_roles(mapping).items():
        if not isinstance(key, str):
            raise OptionError(
                "several keys for the target", where="--map", hint="one key; its value may be a list"
            )
        keys[role] = key
    return keys


def _outputs(
    state: Path,
    leads: Path | None,
    webhook: str | None,
    secret: Path | None,
    leads_redis: str | None,
    cases: str | None,
) -> list[Output]:
    from samehand.online.outputs import FileOutput, RedisOutput, Webhook
    from samehand.online.sources.redis_stream import open_client

    outputs: list[Output] = []
    if leads is not None:
        outputs.append(FileOutput(leads))
    if webhook is not None:
        if secret is None:
            raise OptionError("a webhook needs a secret", where="--webhook", hint="--secret FILE")
        outputs.append(Webhook(state, webhook, _read_secret(secret)))
    if leads_redis is not None:
        outputs.append(RedisOutput(*open_client(leads_redis)))
    if cases is not None:
        from samehand.cases.store import CaseStore
        from samehand.online.reviewed import ReviewStore

        outputs.append(ReviewStore(state, CaseStore.open(cases), cases, note))
    return outputs


def _read_secret(file: Path) -> bytes:
    try:
        return file.read_bytes().strip()
    except OSError as error:
        raise OptionError(
            f"cannot be read: {error.strerror}", where=str(file), hint="a file with the secret"
        ) from error
