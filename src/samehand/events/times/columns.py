"""Describes a column of times in SQL: which form each value has, and what each form is in microseconds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from samehand.errors import InputError
from samehand.events.formats.interface import LoadedColumn
from samehand.events.ids import plain_text, stands_for_nothing
from samehand.events.sql import literal
from samehand.events.times.forms import DAY_FIRST, ISO_FORMS, NUMBER, OTHER_FORMS, TimeForm

Unit = Literal["s", "ms", "us", "ns", "serial"]

NOTHING: Final = "nothing"
BAD: Final = "bad"
NUMBERED: Final = DAY_FIRST.name  # until the whole column is known
UNIT_NAMES: Final[dict[Unit, str]] = {
    "s": "epoch seconds",
    "ms": "epoch milliseconds",
    "us": "epoch microseconds",
    "ns": "epoch nanoseconds",
    "serial": "Excel serial dates",
}
# Upper bounds of the numbers of each unit; those of the times since 1973 lie above the bound before.
_SIZES: Final = (("small", 1e8), ("s", 1e11), ("ms", 1e14), ("us", 1e17), ("ns", 9.2e18))
_SERIAL_RANGE: Final = (32_874, 73_050)  # 1990 to 2099 in days since 1900, as spreadsheets count
_SERIAL_1970: Final = 25_569
_OFFSET_AT_END: Final = r"(Z|z|UTC|GMT|[+-]\d{2}:?\d{0,2})(\[.*\])?$"
_TEXT_FORMS: Final = (*ISO_FORMS, DAY_FIRST, *OTHER_FORMS)


@dataclass(frozen=True, kw_only=True)
class Form:
    """One way in which a column writes times."""

    name: str
    micros: str
    """SQL over the part's view: microseconds since 1970; UTC or local."""
    has_zone: bool
    said: str


@dataclass(frozen=True, kw_only=True)
class TimeColumn:
    """A column of times in one part of the log."""

    text: str
    """SQL over the view: the value as text, for messages."""
    form: str
    """SQL over the view: the name of the value's form."""
    offset: str
    """SQL over the view: the offset as written; empty where there is none."""
    forms: tuple[Form, ...]
    numbers: tuple[str, ...] = ()
    """SQL over the view: the value as a number; the first that is not NULL counts. None: it cannot be one."""

    def find(self, name: str) -> Form:
        """Give a form by name."""
        return next(form for form in self.forms if form.name == name)

    def with_unit(self, unit: Unit) -> TimeColumn:
        """Read all numbers as this unit."""
        if not self.numbers:
            return self
        read_as = _number_form("", self.numbers, unit)
        forms = tuple(
            replace(read_as, name=form.name) if form.name in _NUMBER_FORMS else form for form in self.forms
        )
        return replace(self, forms=forms)

    def with_order(self, order: TimeForm) -> TimeColumn:
        """Read 03/04/2026 as this form says."""
        own = {form.name: form for form in self.forms}
        if NUMBERED not in own:
            return self
        forms = tuple(_text_form(order, self.text, NUMBERED) if f.name == NUMBERED else f for f in self.forms)
        return replace(self, forms=forms)


def describe_column(column: LoadedColumn, name: str, where: str) -> TimeColumn:
    """Describe a column by its kind.

    Raises:
        InputError: Values of its kind are no instants.
    """
    match column.kind:
        case "zoned":
            return _typed(column, "TIMESTAMPTZ", has_zone=True, said="timestamps with zone")
        case "naive":
            return _typed(column, "TIMESTAMP", has_zone=False, said="timestamps without zone")
        case "date":
            return _typed(column, "TIMESTAMP", has_zone=False, said="dates without time of day")
        case "integer" | "float" | "decimal":
            return _numbers(column)
        case "text" | "untyped" | "json" | "empty":
            return _texts(column)
        case kind:
            what = (
                "times of day without a date" if kind == "time_of_day" else f"values of another kind ({kind})"
            )
            raise InputError(
                f"the column {name!r} holds {what}",
                where=where,
                hint="--map time=COLUMN with a column of instants",
            )


def _typed(column: LoadedColumn, sql_type: str, *, has_zone: bool, said: str) -> TimeColumn:
    micros = f"CASE WHEN isfinite({column.sql}) THEN TRY(epoch_us(TRY_CAST({column.sql} AS {sql_type}))) END"
    return TimeColumn(
        text=f"CAST({column.sql} AS VARCHAR)",
        form=f"CASE WHEN {column.sql} IS NULL THEN '{NOTHING}' ELSE '{column.kind}' END",
        offset="''",
        forms=(Form(name=column.kind, micros=micros, has_zone=has_zone, said=said),),
    )


def _numbers(column: LoadedColumn) -> TimeColumn:
    text = plain_text(column)
    compact = next(form for form in ISO_FORMS if form.name == "compact")
    number = f"TRY_CAST({column.sql} AS {'BIGINT' if column.kind == 'integer' else 'DOUBLE'})"
    is_near = f"({number} BETWEEN 19e6 AND 21e6 OR {number} BETWEEN 19e12 AND 21e12)"  # spares the pattern
    digits = f"{is_near} AND {_matches(text, compact)}"
    return TimeColumn(
        text=text,
        form=(
            f"CASE WHEN {text} IS NULL THEN '{NOTHING}' WHEN {digits} THEN 'compact' ELSE {_size(number)} END"
        ),
        offset="''",
        forms=(_text_form(compact, text), *_number_forms((number,))),
        numbers=(number,),
    )


def _texts(column: LoadedColumn) -> TimeColumn:
    text = f"trim({plain_text(column)})"
    whole = f"CASE WHEN regexp_full_match({text}, '[+-]?\\d+') THEN TRY_CAST({text} AS BIGINT) END"
    numbers = (whole, f"TRY_CAST({text} AS DOUBLE)")
    compact, *others = sorted(_TEXT_FORMS, key=lambda form: form.name != "compact")  # it looks like a number
    tests = [
        f"WHEN {text} IS NULL OR {text} = '' OR {stands_for_nothing(text)} THEN '{NOTHING}'",
        f"WHEN {_matches(text, compact)} THEN '{compact.name}'",
        f"WHEN regexp_full_match({text}, {literal(NUMBER)}) THEN {_size(numbers[1])}",
        *(f"WHEN {_matches(text, form)} THEN '{form.name}'" for form in others),
    ]
    offset = f"regexp_extract({text}, {literal(_OFFSET_AT_END)}, 1)"
    return TimeColumn(
        text=text,
        form=f"CASE {' '.join(tests)} ELSE '{BAD}' END",
        offset=offset,
        forms=(*(_text_form(form, text) for form in _TEXT_FORMS), *_number_forms(numbers)),
        numbers=numbers,
    )


def _matches(text: str, form: TimeForm) -> str:
    return f"regexp_full_match({text}, {literal(form.pattern)})"


def _text_form(form: TimeForm, text: str, name: str = "") -> Form:
    micros = form.micros.replace("{t}", text)
    return Form(name=name or form.name, micros=micros, has_zone=form.has_zone, said=form.said)


def _size(number: str) -> str:
    """Give SQL that tells the unit of a number from its size."""
    sizes = " ".join(f"WHEN abs({number}) < {below:.0f} THEN '{name}'" for name, below in _SIZES)
    low, high = _SERIAL_RANGE
    return (
        f"CASE WHEN {number} = 0 THEN 'zero' WHEN {number} BETWEEN {low} AND {high} THEN 'serial' {sizes} "
        f"ELSE '{BAD}' END"
    )


_OWN_UNITS: Final[dict[str, Unit]] = {
    "zero": "s", "small": "s", "serial": "serial", "s": "s", "ms": "ms", "us": "us", "ns": "ns"
}  # fmt: skip
_NUMBER_FORMS: Final = tuple(_OWN_UNITS)


def _number_forms(numbers: tuple[str, ...]) -> tuple[Form, ...]:
    return tuple(_number_form(name, numbers, unit) for name, unit in _OWN_UNITS.items())


def _number_form(name: str, numbers: tuple[str, ...], unit: Unit) -> Form:
    readings = [_micros(number, unit) for number in numbers]
    micros = readings[0] if len(readings) == 1 else f"coalesce({', '.join(readings)})"
    return Form(name=name, micros=micros, has_zone=unit != "serial", said=UNIT_NAMES[unit])


def _micros(number: str, unit: Unit) -> str:
    return {
        "s": f"TRY(CAST(round({number} * 1000000) AS BIGINT))",
        "ms": f"TRY(CAST(round({number} * 1000) AS BIGINT))",
        "us": f"TRY(CAST(round({number}) AS BIGINT))",
        "ns": f"TRY(CAST({number} // 1000 AS BIGINT))",
        # To the millisecond: the days of a spreadsheet are floats.
        "serial": f"TRY(1000 * CAST(round(({number} - {_SERIAL_1970}) * 86400000) AS BIGINT))",
    }[unit]
