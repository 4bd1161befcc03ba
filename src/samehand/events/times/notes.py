"""Says how the times of a log were understood, and what a reader of the result has to know about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from samehand.events.formats.interface import LoadedPart
from samehand.events.sql import Session, fetch_row
from samehand.events.times.columns import TimeColumn, Unit
from samehand.events.times.tally import Tally
from samehand.events.times.zones import ZoneRules


@dataclass(frozen=True, kw_only=True)
class Zone:
    """The zone of times that name none."""

    name: str
    """For people."""
    rules: tzinfo
    source: str
    """Who says so: "given", "preset", or "assumed", which calls for a warning."""


def say_forms(columns: Sequence[TimeColumn], used: Sequence[Tally], zone: Zone) -> str:
    """Say in which forms the times were written, the most frequent first."""
    counts: Counter[str] = Counter()
    offsets: dict[str, list[str]] = {}
    for tally in used:
        form = columns[tally.part].find(tally.form)
        source = "in" if zone.source == "given" else "taken as"
        said = form.said if form.has_zone else f"{form.said}, {source} {zone.name}"
        counts[said] += tally.n_parsed
        offsets.setdefault(said, []).extend(tally.offsets)
    texts = []
    for said, n in counts.most_common():
        written = list(dict.fromkeys(offsets[said]))
        detail = f" ({', '.join(written[:6])}{', ...' if len(written) > 6 else ''})" if written else ""
        share = f" in {n:,} rows" if len(counts) > 1 else ""
        texts.append(f"{said}{detail}{share}")
    return "; ".join(texts)


def zone_warnings(columns: Sequence[TimeColumn], used: Sequence[Tally], zone: Zone) -> list[str]:
    """Warn of times without a zone where nobody said which, and of a zone that was given in vain."""
    n_local = sum(tally.n_parsed for tally in used if not columns[tally.part].find(tally.form).has_zone)
    n_zoned = sum(tally.n_parsed for tally in used) - n_local
    warnings = []
    if n_local and zone.source == "assumed":
        warnings.append(
            f"{n_local:,} times name no time zone and were taken as UTC; if they are local, give the zone "
            "(--timezone Asia/Shanghai)."
        )
    if n_local and n_zoned:
        warnings.append(
            f"Some times name their offset ({n_zoned:,}) and some do not ({n_local:,}); the latter were "
            f"taken as {zone.name}."
        )
    if zone.source == "given" and not n_local:
        warnings.append(f"The time zone {zone.name} was not needed: all times say theirs.")
    return warnings


def unit_warnings(used: Sequence[Tally], unit: Unit) -> list[str]:
    """Warn of what the unit of numbers brings with it."""
    forms = {tally.form for tally in used}
    if unit == "ns" and "ns" in forms:
        return ["Nanoseconds were cut to microseconds."]
    if unit == "serial" and "serial" in forms:
        return [
            "The times are numbers of days as spreadsheets count them; they were rounded to milliseconds."
        ]
    return []


@dataclass(frozen=True, kw_only=True)
class Shifted:
    """Local times that a change of the clocks makes impossible or twofold."""

    n_missing: int
    n_twofold: int


def count_shifted(
    session: Session, parts: Sequence[LoadedPart], local_micros: Sequence[str], rules: ZoneRules
) -> Shifted:
    """Count such times.

    Args:
        session: Where the parts are.
        parts: The loaded parts.
        local_micros: For each part, SQL for the local microseconds of times that name no zone.
        rules: The zone's changes within the log.
    """
    n_missing = n_twofold = 0
    for part, local in zip(parts, local_micros, strict=True) if rules.shifts else ():
        query = f"""
            SELECT count(*) FILTER (WHERE {rules.is_missing("us")}) AS n_missing,
                   count(*) FILTER (WHERE {rules.is_twofold("us")}) AS n_twofold
            FROM (SELECT {local} AS us FROM {part.view})"""  # noqa: S608
        counts = fetch_row(session, query)
        n_missing += counts["n_missing"]
        n_twofold += counts["n_twofold"]
    return Shifted(n_missing=n_missing, n_twofold=n_twofold)


def shift_warnings(shifted: Shifted, zone: Zone) -> list[str]:
    """Warn of such times."""
    warnings = []
    if shifted.n_missing:
        warnings.append(
            f"{shifted.n_missing:,} times do not exist in {zone.name}: the clocks went forward over them; they "
            "were moved behind the gap. Is the time zone right?"
        )
    if shifted.n_twofold:
        warnings.append(
            f"{shifted.n_twofold:,} times exist twice in {zone.name}: the clocks went back over them; the "
            "earlier instant was taken."
        )
    return warnings
