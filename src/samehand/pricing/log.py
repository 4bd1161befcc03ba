"""The log that a run was made from: found again, and checked to be the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

from samehand.columns import ROLES
from samehand.config import Config
from samehand.errors import InputError
from samehand.events.events import Events
from samehand.events.mapping import GivenMapping
from samehand.events.read import read_events
from samehand.events.sources import Source as ReadSource
from samehand.events.sources import find_sources, hashing
from samehand.run_folder import RunInfo, Source

_AGAIN: Final = "name the log that the run was made from"


def read_again(
    info: RunInfo,
    source: object,
    folder: Path | None,
    config: Config,
    *,
    preset: str | None = None,
    timezone: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> Events:
    """Read the log of a run with the columns of the run.

    Args:
        info: Of the run.
        source: Events, or what ``read_events`` takes; None: the files that the run names, in the working folder or
            beside the folder of the run.
        folder: Of the run, where it has one.
        config: Threads and memory.
        preset, timezone: As they were given to ``detect``.
        progress: Is told what is being done.

    Raises:
        InputError: The log is not there, or is not the one of the run.
    """
    if isinstance(source, Events):
        _refuse_other_files(info.sources, source.sources)
        _refuse_other_events(info, source)
        return source
    found = find_again(info.sources, folder) if source is None else source
    with hashing(find_sources(found).sources) as hashes:
        _refuse_other_files(info.sources, hashes.results())
    events = read_events(
        found,
        _mapping_of(info),
        preset=preset,
        timezone=timezone,
        memory_gib=config.memory_gib,
        threads=config.threads,
        progress=progress,
    )
    try:
        _refuse_other_events(info, events)
    except InputError:
        events.close()
        raise
    return events


def find_again(sources: tuple[Source, ...], folder: Path | None) -> list[str]:
    """Look for the files of a run, whose folders a run does not keep: in the working folder, in the run's, beside it.

    Raises:
        InputError: One of them is not there, or was no file.
    """
    places = [Path(), *([folder, folder.resolve().parent] if folder is not None else [])]
    found = []
    for source in sources:
        if source.sha256 is None:
            raise InputError(
                f"the run was made from {source.name}, which is no file", where="SOURCE", hint=_AGAIN
            )
        name, _, sheet = source.name.partition("#")
        at = next(
            (place / part for place in places for part in (source.name, name) if (place / part).is_file()),
            None,
        )
        if at is None:
            looked = ", ".join(str(place) for place in places)
            raise InputError(
                f"the log of the run is not here; looked for it in {looked}", where=source.name, hint=_AGAIN
            )
        found.append(f"{at}#{sheet}" if sheet and at.name == name else str(at))
    return found


def _refuse_other_files(of_run: tuple[Source, ...], given: tuple[ReadSource, ...]) -> None:
    """Compare hashes; tables and databases have none, and are compared by what is read."""
    wanted: Counter[str | None] = Counter(source.sha256 for source in of_run if source.sha256)
    for source in given:
        if source.sha256 and wanted and not wanted[source.sha256]:
            raise InputError(
                "this file is not one that the run was made from (its SHA-256 differs)",
                where=source.name,
                hint=f"{_AGAIN} as it was then, or run `samehand detect` again",
            )
        wanted[source.sha256] -= 1
    missing = [source.name for source in of_run if source.sha256 and wanted[source.sha256] > 0]
    if missing and len(given) < len(of_run):
        raise InputError(
            f"the run was made from {len(of_run)} files, here are {len(given)}",
            where=missing[0],
            hint=f"{_AGAIN}, all of it",
        )


def _refuse_other_events(info: RunInfo, events: Events) -> None:
    """The same bytes may be read in another way: with another zone, preset or mapping."""
    then, now = info.quality, events.quality
    differing = [
        f"{name} {getattr(then, field)} then, {getattr(now, field)} now"
        for name, field in (
            ("events", "n_events"),
            ("accounts", "n_accounts"),
            ("first time", "first_time"),
            ("last time", "last_time"),
        )
        if getattr(then, field) != getattr(now, field)
    ]
    if info.mapping != events.mapping.as_lists() or then.missing.keys() != now.missing.keys():
        differing.append("the columns of the roles differ")
    if differing:
        raise InputError(
            f"the log reads otherwise than in the run: {'; '.join(differing)}",
            where="SOURCE",
            hint=f"{_AGAIN}, with the --preset and --timezone of then, or run `samehand detect` again",
        )


def _mapping_of(info: RunInfo) -> GivenMapping:
    """The columns of the run; a role that it had none for gets none."""
    return {role: info.mapping.get(role) for role in ROLES}
