"""Reads a log: from any source and any column names to samehand's own events. Start here.

The stages, one call each: find the sources, open them, decide the roles of their columns, make the rows
ready to be scanned, understand times and ids, write the events, measure their quality.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import TypeAlias

from samehand.columns import REQUIRED_ROLES, Role
from samehand.errors import InputError, SamehandError
from samehand.events.check import LeftOut, Quality
from samehand.events.events import Events
from samehand.events.formats.interface import Column, LoadedPart, Part, printable
from samehand.events.formats.opening import open_parts
from samehand.events.ids import ID_ROLES, IdLook, decide_types, look_at_ids
from samehand.events.mapping import GivenMapping, Mapping, choose_mapping
from samehand.events.measure import ReadingNotes, measure
from samehand.events.normalise import Understanding, Written, write_events
from samehand.events.sources import AnySource, TableSource, find_sources, hashing, name_of
from samehand.events.sql import DatabaseError, OutOfMemory, Session, literal, message, open_session
from samehand.events.targets import TargetColumn, describe_targets
from samehand.events.times.decide import decide_times
from samehand.events.times.look import TimeLook, look_at_times
from samehand.events.times.notes import Zone
from samehand.events.times.read import TimeNotes, note_times, read_times, refuse_no_times
from samehand.events.times.zones import find_zone
from samehand.events.workspace import open_workspace

__all__ = ["Events", "read_events"]

Progress: TypeAlias = Callable[[str], None]
"""Is told what is being done, in a few words."""


def read_events(
    source: object,
    mapping: GivenMapping | None = None,
    *,
    preset: str | None = None,
    timezone: str | None = None,
    folder: str | PathLike[str] | None = None,
    memory_gib: float | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Events:
    """Read a log into events.

    Args:
        source: A path, pattern (``logs/*.csv.gz``, ``**``), folder, workbook (``book.xlsx#Sheet2``) or
            database address (``sqlite:///logs.db?table=events``), anything with ``__arrow_c_stream__``, or a
            sequence of them.
        mapping: Role -> column; several columns for the target; None: the log has no such role. What is not
            given is guessed from names and values.
        preset: Whose column names to expect (see ``presets``); recognised by itself where they match exactly.
        timezone: Zone of times that name none, such as ``Asia/Shanghai``.
        folder: Where the events are written; None: a private folder, removed with the result.
        memory_gib: Memory for the reading; None: 60 % of the machine's.
        threads: None: all cores.
        progress: Is told what is being done.

    Raises:
        InputError: The log cannot be used as it is.
        OptionError: An argument is unknown or contradicts the log.
    """
    say = progress or (lambda _: None)
    zone = given_zone(timezone)
    found = find_sources(source)
    with (
        open_workspace(folder) as workspace,
        _explained(),
        of_columns(
            "" if all(isinstance(one, TableSource) for one in found.sources) else _names(found.sources)
        ),
        hashing(found.sources) as hashes,
        open_session(workspace.scratch, memory_gib, threads) as session,
    ):
        say("reading")
        chosen, parts, passed_over = _load(session, found.sources, mapping, preset, workspace.scratch)
        say("understanding times and ids")
        look = look_at(session, parts, chosen)
        log = decide(look, chosen, zone)
        times = read_times(session, parts, look.times, log.times)
        said = note_times(look.times, log.times, times)
        say("writing events")
        file = workspace.scratch / "events.parquet"
        written = write_events(session, times.parts, log, file)
        say("checking")
        notes = take_notes(
            sum(part.n_rows for part in parts),
            log,
            said,
            written,
            (*found.left_out, *passed_over),
            _lacking_columns(parts, chosen),
        )
        refuse_nothing(written, notes, _names(found.sources))
        quality = _measure(session, file, log, notes)
        refuse_one_account(quality, chosen)
        return Events(
            files=(workspace.keep(file),),
            roles=log.roles,
            account_type=log.id_type("account"),
            event_id_type=log.id_type("event_id"),
            quality=quality,
            mapping=chosen,
            sources=hashes.results(),
            private_folder=workspace.private_folder,
        )


def _load(
    session: Session,
    sources: Sequence[AnySource],
    mapping: GivenMapping | None,
    preset: str | None,
    scratch: Path,
) -> tuple[Mapping, list[LoadedPart], tuple[LeftOut, ...]]:
    """Open the sources, decide the roles of their columns, and make those columns ready to be scanned."""
    opened, passed_over = open_parts(session, sources, scratch)
    try:
        chosen = choose_mapping(_merge_columns(opened), mapping, preset)
        wanted = {name for item in chosen.roles for name in item.columns}
        _refuse_lacking_columns(opened, chosen)
        parts: list[LoadedPart] = []
        first_row = 1
        for part in opened:
            own = [column for column in part.columns if column.name in wanted]
            parts.append(part.load(session, own, scratch, first_row))
            first_row += parts[-1].n_rows
    finally:
        for part in opened:
            part.close()
    if first_row == 1:
        raise InputError(
            "no rows, only a header", where=_names(sources), hint="a log with at least two accounts"
        )
    return chosen, parts, passed_over


def _merge_columns(parts: Sequence[Part]) -> list[Column]:
    """List the columns of all parts once; the kind is that of the first part where the column has values."""
    merged: dict[str, Column] = {}
    for part in parts:
        for column in part.columns:
            known = merged.setdefault(column.name, column)
            if known.kind == "empty" or not known.examples:
                merged[column.name] = column if column.examples or known.kind == "empty" else known
    return list(merged.values())


def _refuse_lacking_columns(parts: Sequence[Part], chosen: Mapping) -> None:
    for role in REQUIRED_ROLES:
        name = chosen.columns(role)[0]
        for part in parts:
            if name not in {column.name for column in part.columns}:
                names = ", ".join(printable(column.name) for column in part.columns[:40])
                raise InputError(
                    f"no column {name!r} for the {role}, which other files have; the columns are {names}",
                    where=part.name,
                    hint="give the same columns to all files, or leave this one out",
                )


def _lacking_columns(parts: Sequence[LoadedPart], chosen: Mapping) -> list[str]:
    warnings = []
    for item in chosen.roles:
        for name in item.columns:
            lacking = [file.name for part in parts if name not in part.columns for file in part.files]
            if lacking:
                where = f"{len(lacking)} sources, first {lacking[0]}"
                warnings.append(f"The column {name} ({item.role}) is missing in {where}.")
    return warnings


@dataclass(frozen=True, kw_only=True)
class Look:
    """What is found in whole columns before anything is decided; of pieces of a log, it adds up."""

    times: TimeLook
    ids: tuple[IdLook, ...]
    targets: tuple[TargetColumn, ...]


def look_at(session: Session, parts: Sequence[LoadedPart], chosen: Mapping) -> Look:
    """Look at whole columns: how times are written, what ids are, whether targets are lists."""
    ids: dict[Role, str] = {role: chosen.columns(role)[0] for role in ID_ROLES if chosen.columns(role)}
    return Look(
        times=look_at_times(session, parts, chosen.columns("time")[0]),
        ids=tuple(look_at_ids(session, parts, ids)),
        targets=describe_targets(session, parts, chosen),
    )


def given_zone(name: str | None) -> Zone | None:
    """The zone that the user names, before anything is read.

    Raises:
        OptionError: There is no such zone.
    """
    return None if name is None else Zone(name=name, rules=find_zone(name), source="given")


def decide(look: Look, chosen: Mapping, zone: Zone | None) -> Understanding:
    """Decide how all rows are converted.

    Raises:
        InputError: The times cannot be understood, or there is none.
    """
    if zone is None:
        by_preset = chosen.preset is not None and chosen.preset.naive_times_are_utc
        zone = Zone(name="UTC", rules=UTC, source="preset" if by_preset else "assumed")
    times = decide_times(look.times, chosen.columns("time")[0], zone)
    refuse_no_times(look.times, times)
    return Understanding(mapping=chosen, times=times, ids=decide_types(look.ids), targets=look.targets)


def take_notes(
    n_rows: int,
    log: Understanding,
    times: TimeNotes,
    written: Written,
    passed_over: tuple[LeftOut, ...],
    lacking: Sequence[str],
) -> ReadingNotes:
    """Gather what was noticed while a log was read."""
    return ReadingNotes(
        n_rows=n_rows,
        n_duplicates=written.n_duplicates,
        time_format=times.said,
        left_out=(*passed_over, *times.left_out, *written.left_out),
        warnings=(*lacking, *times.warnings, *log.ids.warnings, *written.warnings),
    )


def _measure(session: Session, file: Path, log: Understanding, notes: ReadingNotes) -> Quality:
    events = f"read_parquet([{literal(str(file))}])"
    times = f'(SELECT epoch_us("time") AS us FROM {events})'  # noqa: S608
    return measure(
        lambda query: session.execute(query).fetchall(), events, times, log.roles, notes, datetime.now(UTC)
    )


def refuse_nothing(written: Written, notes: ReadingNotes, where: str) -> None:
    """Refuse a log none of whose rows is an event.

    Raises:
        InputError: There is no event.
    """
    if written.n_events == 0:
        causes = ", ".join(f"{item.count:,} {item.what}" for item in notes.left_out)
        hint = "another column: --map account=COLUMN, --map time=COLUMN"
        raise InputError(f"no row can be used: {causes}", where=where, hint=hint)


def refuse_one_account(quality: Quality, chosen: Mapping) -> None:
    """Refuse a log in which there is nobody to compare an account with.

    Raises:
        InputError: There are fewer than two accounts.
    """
    if quality.n_accounts < 2:
        raise InputError(
            "the log has only one account, and there is nobody to compare it with",
            where=f"column {chosen.columns('account')[0]}",
            hint="a log of many accounts, or another column: --map account=COLUMN",
        )


def _names(sources: Sequence[AnySource]) -> str:
    return ", ".join(name_of(source) for source in sources[:3]) + (" ..." if len(sources) > 3 else "")


@contextmanager
def _explained() -> Iterator[None]:
    """Turn what the database says about rows into errors of our own."""
    try:
        yield
    except OutOfMemory as error:
        raise SamehandError(
            f"out of memory: {message(error)}", hint="more memory_gib, or a smaller log"
        ) from error
    except DatabaseError as error:
        raise InputError(f"the rows cannot be read: {message(error)}", hint="is every file whole?") from error


@contextmanager
def of_columns(names: str) -> Iterator[None]:
    """Say whose columns are wrong, where an error says that columns are.

    Raises:
        InputError: Whatever was raised inside, with the names of the sources.
    """
    try:
        yield
    except InputError as error:
        if error.where != "columns" or not names:
            raise
        raise InputError(error.found, where=f"columns of {names}", hint=error.hint) from error
