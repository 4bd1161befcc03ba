"""Reads the times of a log as was decided, row by row, and says what could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from samehand.errors import InputError
from samehand.events.check import LeftOut
from samehand.events.formats.interface import LoadedPart, locate
from samehand.events.sql import Session
from samehand.events.times.columns import BAD, NOTHING, TimeColumn
from samehand.events.times.decide import TimeDecision, used_forms
from samehand.events.times.look import TimeLook
from samehand.events.times.notes import (
    Shifted,
    count_shifted,
    say_forms,
    shift_warnings,
    unit_warnings,
    zone_warnings,
)
from samehand.events.times.tally import Tally, in_range

_N_EXAMPLES: Final = 3


@dataclass(frozen=True, kw_only=True)
class TimesRead:
    """Some parts with their times, and what was noticed in them."""

    parts: tuple[LoadedPart, ...]
    """Each with a column ``us`` in its view: UTC microseconds, NULL without a usable time."""
    invalid: tuple[str, ...]
    """The first values that are no times, with their places."""
    shifted: Shifted


@dataclass(frozen=True, kw_only=True)
class TimeNotes:
    """How the times of a log were understood."""

    said: str
    """For people."""
    left_out: tuple[LeftOut, ...]
    """Rows without a usable time."""
    warnings: tuple[str, ...]


def read_times(
    session: Session, parts: Sequence[LoadedPart], look: TimeLook, decision: TimeDecision
) -> TimesRead:
    """Read the times of some parts.

    Args:
        session: Where the parts are.
        parts: The loaded parts.
        look: At these parts, from ``look_at_times``.
        decision: For the whole log.
    """
    columns = [decision.of(column) for column in look.columns]
    tallies = look.tallies[decision.order.name]
    pairs = _expressions(columns, tallies, decision, zero_is_nothing=decision.zero_is_nothing)
    micros = [utc for utc, _ in _expressions(columns, tallies, decision, zero_is_nothing=False)]
    n_invalid = _n_values(tallies) - sum(one.n_parsed for one in used_forms(tallies))
    return TimesRead(
        parts=tuple(_add_micros(session, part, utc) for part, (utc, _) in zip(parts, pairs, strict=True)),
        invalid=tuple(_find_invalid(session, parts, columns, micros)) if n_invalid else (),
        shifted=count_shifted(session, parts, [local for _, local in pairs], decision.rules),
    )


def merge_read(read: Sequence[TimesRead]) -> TimesRead:
    """Add up what was noticed in pieces of a log, given in its order; their parts stay where they are."""
    return TimesRead(
        parts=(),
        invalid=tuple(example for one in read for example in one.invalid)[:_N_EXAMPLES],
        shifted=Shifted(
            n_missing=sum(one.shifted.n_missing for one in read),
            n_twofold=sum(one.shifted.n_twofold for one in read),
        ),
    )


def note_times(look: TimeLook, decision: TimeDecision, read: TimesRead) -> TimeNotes:
    """Say how the times of a log were understood.

    Args:
        look: At the whole log.
        decision: What followed from it.
        read: From all of its parts.

    Raises:
        InputError: More than half of the values are no times, or no row has a time.
    """
    columns = [decision.of(column) for column in look.columns]
    tallies = look.tallies[decision.order.name]
    used = used_forms(tallies)
    return TimeNotes(
        said=say_forms(columns, used, decision.zone),
        left_out=_account_for_rows(tallies, decision, read.invalid),
        warnings=(
            *zone_warnings(columns, used, decision.zone),
            *shift_warnings(read.shifted, decision.zone),
            *unit_warnings(used, decision.unit),
        ),
    )


def refuse_no_times(look: TimeLook, decision: TimeDecision) -> None:
    """Refuse a column without any value before anything is written.

    Raises:
        InputError: No row has a time.
    """
    if _n_values(look.tallies[decision.order.name]) == 0:
        hint = "--map time=COLUMN with another"
        raise InputError(
            f"the column {decision.name!r} is empty: no row has a time", where="columns", hint=hint
        )


def _n_values(tallies: Sequence[Tally]) -> int:
    return sum(one.n for one in tallies if one.form != NOTHING)


def _expressions(
    columns: Sequence[TimeColumn], tallies: Sequence[Tally], decision: TimeDecision, *, zero_is_nothing: bool
) -> list[tuple[str, str]]:
    """Give, for each part, SQL for UTC microseconds and for the local ones of times that name no zone."""
    none = "CAST(NULL AS BIGINT)"
    pairs = []
    for i, column in enumerate(columns):
        found = {one.form for one in tallies if one.part == i}
        utc, local = {}, {}
        for form in column.forms:
            if form.name in found:
                micros = f"nullif({form.micros}, 0)" if zero_is_nothing else form.micros
                utc[form.name] = micros if form.has_zone else decision.rules.to_utc(micros)
                local[form.name] = none if form.has_zone else micros
        only = len(utc) == 1 and BAD not in found
        pairs.append(
            (_choose(column, utc, only=only), _choose(column, local, only=only)) if utc else (none, none)
        )
    return pairs


def _choose(column: TimeColumn, results: dict[str, str], *, only: bool) -> str:
    if only:  # no need to look at each row's form again
        return next(iter(results.values()))
    cases = " ".join(f"WHEN '{name}' THEN {sql}" for name, sql in results.items())
    return f"(CASE {column.form} {cases} END)"


def _add_micros(session: Session, part: LoadedPart, utc: str) -> LoadedPart:
    view = f"timed_{part.view}"
    session.execute(
        f"CREATE VIEW {view} AS SELECT * REPLACE ({in_range('us')} AS us) "  # noqa: S608
        f"FROM (SELECT *, {utc} AS us FROM {part.view})"
    )
    return replace(part, view=view)


def _account_for_rows(
    tallies: Sequence[Tally], decision: TimeDecision, invalid: Sequence[str]
) -> tuple[LeftOut, ...]:
    """Count the rows without a usable time, by cause; refuse a column that mostly holds no times."""
    used = used_forms(tallies)
    n_zero = sum(one.n_zero for one in used) if decision.zero_is_nothing else 0
    n_values = _n_values(tallies)
    n_invalid = n_values - sum(one.n_parsed for one in used)
    examples = "; ".join(invalid)
    if 2 * n_invalid > n_values:
        raise InputError(
            f"{n_invalid:,} of {n_values:,} values of the column {decision.name!r} are no times: {examples}",
            where="columns",
            hint="--map time=COLUMN with another; or times such as 2026-03-02T08:05:00Z, or epoch seconds",
        )
    zero = "1970-01-01 00:00 stands for a time that was never set, as most others are after 1990"
    n_nothing = sum(one.n for one in tallies if one.form == NOTHING)
    causes = (
        LeftOut(what="rows without a time", count=n_nothing, why="they cannot be placed"),
        LeftOut(what="rows whose time is zero", count=n_zero, why=zero),
        LeftOut(
            what="rows with an invalid time", count=n_invalid, why=f"no time can be read from {examples}"
        ),
    )
    return tuple(cause for cause in causes if cause.count)


def _find_invalid(
    session: Session, parts: Sequence[LoadedPart], columns: Sequence[TimeColumn], micros: Sequence[str]
) -> list[str]:
    """Describe the first rows whose time is none."""
    examples: list[str] = []
    for part, column, us in zip(parts, columns, micros, strict=True):
        query = f"""
            SELECT "row", {column.text} FROM (SELECT *, {us} AS us FROM {part.view})
            WHERE {column.form} <> '{NOTHING}' AND {in_range("us")} IS NULL
            ORDER BY "row" LIMIT {_N_EXAMPLES}"""  # noqa: S608
        examples += [
            f"{text[:60]!r} ({locate(parts, row)})" for row, text in session.execute(query).fetchall()
        ]
        if len(examples) >= _N_EXAMPLES:
            break
    return examples[:_N_EXAMPLES]
