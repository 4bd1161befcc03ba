"""Understands the times of a log: looks at the whole column first, then converts every row alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from samehand.errors import InputError
from samehand.events.check import LeftOut
from samehand.events.formats.interface import LoadedPart, locate
from samehand.events.sql import Session, fetch_row
from samehand.events.times.columns import (
    BAD,
    NOTHING,
    NUMBERED,
    UNIT_NAMES,
    TimeColumn,
    Unit,
    describe_column,
)
from samehand.events.times.forms import DAY_FIRST, MONTH_FIRST, TimeForm
from samehand.events.times.notes import Zone, say_forms, shift_warnings, unit_warnings, zone_warnings
from samehand.events.times.tally import Tally, in_range, tally
from samehand.events.times.zones import ZoneRules, read_rules

_N_EXAMPLES: Final = 3


@dataclass(frozen=True, kw_only=True)
class TimeReading:
    """How the times of a log are read."""

    parts: tuple[LoadedPart, ...]
    """The parts, each with a column ``us`` in its view: UTC microseconds, NULL without a usable time."""
    said: str
    """How they were understood, for people."""
    left_out: tuple[LeftOut, ...]
    """Rows without a usable time."""
    warnings: tuple[str, ...]


def read_times(session: Session, parts: Sequence[LoadedPart], name: str, zone: Zone) -> TimeReading:
    """Understand a column of times over all parts of a log.

    Args:
        session: Where the parts are.
        parts: The loaded parts; each has the column.
        name: The column.
        zone: The zone of times that name none.

    Raises:
        InputError: More than half of the values are no times, epoch times of different units are mixed, days
            and months cannot be told apart, or no row has a time.
    """
    columns = [describe_column(part.columns[name], name, part.files[0].name) for part in parts]
    tallies = tally(session, parts, columns)
    numbered = {one.part for one in tallies if one.form == NUMBERED}
    if numbered:
        order = _decide_order(session, parts, columns, numbered, name)
        columns = [column.with_order(order) for column in columns]
        tallies = tally(session, parts, columns)
    unit = _decide_unit(parts, tallies, name)
    columns = [column.with_unit(unit) for column in columns]
    used = [one for one in tallies if one.form not in {NOTHING, BAD}]
    rules = _read_rules(columns, used, zone)
    zero_is_nothing = 2 * sum(one.n_recent for one in used) > sum(one.n_parsed for one in used)
    pairs = _expressions(columns, tallies, rules, zero_is_nothing=zero_is_nothing)
    left_out = _account_for_rows(
        session, parts, columns, tallies, rules, name=name, zero_is_nothing=zero_is_nothing
    )
    return TimeReading(
        parts=tuple(_add_micros(session, part, utc) for part, (utc, _) in zip(parts, pairs, strict=True)),
        said=say_forms(columns, used, zone),
        left_out=left_out,
        warnings=(
            *zone_warnings(columns, used, zone),
            *shift_warnings(session, parts, [local for _, local in pairs], rules, zone),
            *unit_warnings(used, unit),
        ),
    )


def _decide_unit(parts: Sequence[LoadedPart], tallies: Sequence[Tally], name: str) -> Unit:
    """Find the one unit of all numbers."""
    counts: Counter[str] = Counter()
    for one in tallies:
        counts[one.form] += one.n
    units: list[Unit] = [unit for unit in UNIT_NAMES if unit != "serial" and counts[unit]]
    if len(units) > 1:
        rare = min(units, key=lambda unit: counts[unit])
        common = max(units, key=lambda unit: counts[unit])
        odd = min((one for one in tallies if one.form == rare), key=lambda one: one.first_row)
        raise InputError(
            f"the column {name!r} mixes units: most values look like {UNIT_NAMES[common]}, this one like "
            f"{UNIT_NAMES[rare]}",
            where=str(locate(parts, odd.first_row)),
            hint="bring the times to one unit",
        )
    if units:
        return units[0]
    return "serial" if counts["serial"] and not counts["small"] else "s"


def _decide_order(
    session: Session,
    parts: Sequence[LoadedPart],
    columns: Sequence[TimeColumn],
    numbered: set[int],
    name: str,
) -> TimeForm:
    """Find out whether 03/04/2026 is the third of April or the fourth of March: only one may be possible."""
    looks = [_look_at_order(session, parts[i], columns[i]) for i in sorted(numbered)]
    n, n_day_first, n_month_first = (
        sum(look[key] for look in looks) for key in ("n", "n_day_first", "n_month_first")
    )
    if n and n_day_first == n_month_first == n:
        example = looks[0]["example"]
        first, second = example.replace("-", "/").split("/")[:2]
        raise InputError(
            f"in the column {name!r}, {example} may be day {first} of month {second} or day {second} of "
            f"month {first}",
            where=str(locate(parts, looks[0]["first_row"])),
            hint="write the dates with the year first, as 2026-04-03; no row shows which reading is right",
        )
    if n_day_first < n and n_month_first < n:
        day = next(look for look in looks if look["day_only"] is not None)
        month = next(look for look in looks if look["month_only"] is not None)
        raise InputError(
            f"the column {name!r} has the day first in {day['day_example']}, the month first in "
            f"{month['month_example']}",
            where=f"{locate(parts, day['day_only'])} and {locate(parts, month['month_only'])}",
            hint="write the dates with the year first, as 2026-04-03",
        )
    return DAY_FIRST if n_day_first == n else MONTH_FIRST


def _look_at_order(session: Session, part: LoadedPart, column: TimeColumn) -> dict[str, Any]:
    day, month = (column.with_order(form).find(NUMBERED).micros for form in (DAY_FIRST, MONTH_FIRST))
    return fetch_row(
        session,
        f"""
        SELECT count(*) AS n, count(d) AS n_day_first, count(m) AS n_month_first,
               min("row") AS first_row, arg_min(t, "row") AS example,
               min("row") FILTER (m IS NULL) AS day_only, arg_min(t, "row") FILTER (m IS NULL) AS day_example,
               min("row") FILTER (d IS NULL) AS month_only,
               arg_min(t, "row") FILTER (d IS NULL) AS month_example
        FROM (SELECT "row", {column.text} AS t, {day} AS d, {month} AS m FROM {part.view}
              WHERE {column.form} = '{NUMBERED}')
        WHERE d IS NOT NULL OR m IS NOT NULL""",  # noqa: S608
    )


def _read_rules(columns: Sequence[TimeColumn], used: Sequence[Tally], zone: Zone) -> ZoneRules:
    local = [one for one in used if not columns[one.part].find(one.form).has_zone]
    bounds = [us for one in local for us in (one.first_us, one.last_us) if us is not None]
    return read_rules(zone.rules, min(bounds, default=0), max(bounds, default=0))


def _expressions(
    columns: Sequence[TimeColumn], tallies: Sequence[Tally], rules: ZoneRules, *, zero_is_nothing: bool
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
                utc[form.name] = micros if form.has_zone else rules.to_utc(micros)
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
    session: Session,
    parts: Sequence[LoadedPart],
    columns: Sequence[TimeColumn],
    tallies: Sequence[Tally],
    rules: ZoneRules,
    *,
    name: str,
    zero_is_nothing: bool,
) -> tuple[LeftOut, ...]:
    """Count the rows without a usable time, by cause; refuse a column that mostly holds no times."""
    used = [one for one in tallies if one.form not in {NOTHING, BAD}]
    n_zero = sum(one.n_zero for one in used) if zero_is_nothing else 0
    n_nothing = sum(one.n for one in tallies if one.form == NOTHING)
    n_values = sum(one.n for one in tallies) - n_nothing
    n_invalid = n_values - sum(one.n_parsed for one in used)
    if n_values == 0:
        hint = "--map time=COLUMN with another"
        raise InputError(f"the column {name!r} is empty: no row has a time", where="columns", hint=hint)
    micros = [utc for utc, _ in _expressions(columns, tallies, rules, zero_is_nothing=False)]
    examples = "; ".join(_find_invalid(session, parts, columns, micros)) if n_invalid else ""
    if 2 * n_invalid > n_values:
        raise InputError(
            f"{n_invalid:,} of {n_values:,} values of the column {name!r} are no times: {examples}",
            where="columns",
            hint="--map time=COLUMN with another; or times such as 2026-03-02T08:05:00Z, or epoch seconds",
        )
    zero = "1970-01-01 00:00 stands for a time that was never set, as most others are after 1990"
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
