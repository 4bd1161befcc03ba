"""Decides how the times of a log are read, from a look at all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from samehand.errors import InputError
from samehand.events.times.columns import BAD, NOTHING, UNIT_NAMES, TimeColumn, Unit
from samehand.events.times.forms import DAY_FIRST, MONTH_FIRST, TimeForm
from samehand.events.times.look import OrderLook, TimeLook
from samehand.events.times.notes import Zone
from samehand.events.times.tally import Tally
from samehand.events.times.zones import ZoneRules, read_rules


@dataclass(frozen=True, kw_only=True)
class TimeDecision:
    """How the times of a log are read: the same in all its parts."""

    name: str
    """The column."""
    order: TimeForm
    """Of dates such as 03/04/2026."""
    unit: Unit
    """Of numbers."""
    zone: Zone
    rules: ZoneRules
    zero_is_nothing: bool
    """Whether 1970-01-01 00:00 stands for a time that was never set."""

    def of(self, column: TimeColumn) -> TimeColumn:
        """A part's column, read so."""
        return column.with_order(self.order).with_unit(self.unit)


def decide_times(look: TimeLook, name: str, zone: Zone) -> TimeDecision:
    """Decide how a column of times is read.

    Args:
        look: At all parts of the log.
        name: The column.
        zone: The zone of times that name none.

    Raises:
        InputError: Epoch times of different units are mixed, or days and months cannot be told apart.
    """
    order = _decide_order(look.orders, name) if look.order_matters else DAY_FIRST
    tallies = look.tallies[order.name]
    unit = _decide_unit(tallies, name)
    used = used_forms(tallies)
    local = [one for one in used if not look.columns[one.part].find(one.form).has_zone]
    bounds = [us for one in local for us in (one.first_us, one.last_us) if us is not None]
    return TimeDecision(
        name=name,
        order=order,
        unit=unit,
        zone=zone,
        rules=read_rules(zone.rules, min(bounds, default=0), max(bounds, default=0)),
        zero_is_nothing=2 * sum(one.n_recent for one in used) > sum(one.n_parsed for one in used),
    )


def used_forms(tallies: Sequence[Tally]) -> list[Tally]:
    """Those that are times."""
    return [one for one in tallies if one.form not in {NOTHING, BAD}]


def _decide_unit(tallies: Sequence[Tally], name: str) -> Unit:
    """Find the one unit of all numbers."""
    counts: Counter[str] = Counter()
    for one in tallies:
        counts[one.form] += one.n
    units: list[Unit] = [unit for unit in UNIT_NAMES if unit != "serial" and counts[unit]]
    if len(units) > 1:
        rare = min(units, key=lambda unit: counts[unit])
        common = max(units, key=lambda unit: counts[unit])
        odd = min((one for one in tallies if one.form == rare), key=lambda one: (one.part, one.first_row))
        raise InputError(
            f"the column {name!r} mixes units: most values look like {UNIT_NAMES[common]}, this one like "
            f"{UNIT_NAMES[rare]}",
            where=odd.where,
            hint="bring the times to one unit",
        )
    if units:
        return units[0]
    return "serial" if counts["serial"] and not counts["small"] else "s"


def _decide_order(looks: Sequence[OrderLook], name: str) -> TimeForm:
    """Find out whether 03/04/2026 is the third of April or the fourth of March: only one may be possible."""
    n = sum(look.n for look in looks)
    n_day_first = sum(look.n_day_first for look in looks)
    n_month_first = sum(look.n_month_first for look in looks)
    if n and n_day_first == n_month_first == n:
        example = looks[0].example
        first, second = example.replace("-", "/").split("/")[:2]
        raise InputError(
            f"in the column {name!r}, {example} may be day {first} of month {second} or day {second} of "
            f"month {first}",
            where=looks[0].where,
            hint="write the dates with the year first, as 2026-04-03; no row shows which reading is right",
        )
    if n_day_first < n and n_month_first < n:
        day = next(look for look in looks if look.day_example is not None)
        month = next(look for look in looks if look.month_example is not None)
        raise InputError(
            f"the column {name!r} has the day first in {day.day_example}, the month first in "
            f"{month.month_example}",
            where=f"{day.day_where} and {month.month_where}",
            hint="write the dates with the year first, as 2026-04-03",
        )
    return DAY_FIRST if n_day_first == n else MONTH_FIRST
