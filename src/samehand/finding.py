"""Commands that read a log, find its fleets, and show a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samehand.options import (
    ConfigOption,
    EngineOption,
    FdrOption,
    FormatOption,
    InnocentOption,
    KnownOption,
    Lang,
    LangOption,
    LayersOption,
    MapOption,
    MasterOption,
    MemoryOption,
    MinAccountsOption,
    PresetOption,
    QuietOption,
    RunFolder,
    SeedOption,
    Sources,
    SurrogatesOption,
    ThreadsOption,
    WorkOption,
    ZoneOption,
    parse_roles,
)
from samehand.telling import announce_compilation, say, show_progress

if TYPE_CHECKING:
    from samehand.config import Config
    from samehand.events.events import Events
    from samehand.events.known import KnownAccounts
    from samehand.pipeline import Progress


def detect(
    sources: Sources,
    out: Annotated[
        Path,
        typer.Option("--out", metavar="DIR", help="Folder of the run; an earlier run there is replaced."),
    ],
    mapping: MapOption = [],  # noqa: B006
    preset: PresetOption = None,
    timezone: ZoneOption = None,
    layers: LayersOption = None,
    fdr: FdrOption = None,
    surrogates: SurrogatesOption = None,
    innocent: InnocentOption = None,
    min_accounts: MinAccountsOption = None,
    seed: SeedOption = None,
    config: ConfigOption = None,
    known: KnownOption = None,
    threads: ThreadsOption = None,
    memory: MemoryOption = None,
    engine: EngineOption = None,
    spark_master: MasterOption = None,
    spark_work: WorkOption = None,
    quiet: QuietOption = False,
) -> None:
    """Find suspected fleets in a log and write a run folder with a report."""
    settings = _settings(
        config,
        layers=None if layers is None else tuple(name.strip() for name in layers.split(",")),
        fdr=fdr,
        surrogates=surrogates,
        min_accounts=min_accounts,
        seed=seed,
        threads=threads,
        memory_gib=memory,
        engine=engine,
        spark_master=spark_master,
        spark_work=spark_work,
    )
    from samehand.pipeline import detect as run_detection
    from samehand.pipeline import wanted_layers
    from samehand.run_folder import check_target

    check_target(out)
    wanted_layers(settings)
    harmless = _read_innocent(innocent)
    told = None if known is None else _read_known(known)
    with show_progress(quiet) as step:
        events = _read(sources, mapping, preset, timezone, settings, step)
    if not quiet:
        _show_reading(events)
    announce_compilation(quiet)
    with events, show_progress(quiet) as step:
        run = run_detection(events, settings, innocent=harmless, known=told, progress=step)
        step("report")
        run.save(out)
    if not quiet:
        from samehand.shown import show_run

        show_run(run, out)


def check(
    sources: Sources,
    mapping: MapOption = [],  # noqa: B006
    preset: PresetOption = None,
    timezone: ZoneOption = None,
    threads: ThreadsOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print columns and quality as JSON.")] = False,
    quiet: QuietOption = False,
) -> None:
    """Read a log and say what it is like, without looking for fleets."""
    with show_progress(quiet) as step:
        events = _read(sources, mapping, preset, timezone, _settings(None, threads=threads), step)
    with events:
        if as_json:
            from samehand.shown import reading_as_json

            say(reading_as_json(events))
        elif not quiet:
            _show_reading(events)


def explain(
    run: RunFolder,
    what: Annotated[str, typer.Argument(help="A fleet or an account.", metavar="FLEET|ACCOUNT")],
    lang: LangOption = Lang.en,
) -> None:
    """Say why a fleet or an account is suspected, and what speaks against it."""
    from samehand.run import open_run

    say(str(open_run(run).explain(what, lang=lang)))


def report(
    run: RunFolder,
    format: FormatOption = "html",  # noqa: A002
    lang: LangOption = Lang.en,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="File [report.* in the run folder]."),
    ] = None,
) -> None:
    """Write a report of a run: one self-contained file."""
    from samehand.report.interface import format_named
    from samehand.run import open_run

    suffix = format_named(format).suffix
    name = f"report{'' if lang is Lang.en else f'.{lang}'}{suffix}"
    say(str(open_run(run).report(out or run / name, format=format, lang=lang)))


def _settings(file: Path | None, **given: Any) -> Config:
    from samehand.config import Config

    if file is not None:
        return Config.from_toml(file, **given)
    return Config(**{name: value for name, value in given.items() if value is not None})


def _read_innocent(innocent: Path | None) -> object:
    """Read groups that are known to be innocent before a log is read for them."""
    if innocent is None:
        return None
    from samehand.fleets.known_groups import read_known_groups

    return read_known_groups(innocent)


def _read_known(file: Path) -> KnownAccounts:
    from samehand.events.known import read_known

    return read_known(file)


def _read(
    sources: list[str],
    mapping: list[str],
    preset: str | None,
    timezone: str | None,
    settings: Config,
    step: Progress,
) -> Events:
    from samehand.events.for_engine import read_for

    return read_for(
        settings,
        sources if len(sources) > 1 else sources[0],
        parse_roles(mapping) or None,
        preset=preset,
        timezone=timezone,
        progress=step,
    )


def _show_reading(events: Events) -> None:
    from samehand.shown import show_reading

    show_reading(events)
