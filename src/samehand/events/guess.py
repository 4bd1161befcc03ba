"""Guesses which column plays which role, from its name, its type and its first values."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from samehand.columns import ROLES, Role
from samehand.events.formats.interface import Column
from samehand.events.names import roles_by_name
from samehand.events.times.forms import DAY_FIRST, ISO_FORMS, NUMBER, OTHER_FORMS

_DATE_FORMS: Final = (*ISO_FORMS, DAY_FIRST, *OTHER_FORMS)
_DATE_LIKE: Final = re.compile("|".join(f"(?:{form.pattern})" for form in _DATE_FORMS))
_TIME_LIKE: Final = re.compile(f"{_DATE_LIKE.pattern}|(?:{NUMBER})")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_BY_VALUE: Final = 0.4
_LEAST: Final = 0.25
# A "time" of other values is still meant, and its error is clear; an "address" of other values is a street.
_MISFIT: Final = 0.3


@dataclass(frozen=True, kw_only=True)
class Guess:
    """The column that seems to play a role."""

    column: str
    confidence: float
    runner_up: str
    """The next best column; empty where there is none."""
    ties: tuple[str, ...]
    """All columns that speak for the role equally well; empty where the chosen one stands alone."""


def guess_roles(
    columns: Sequence[Column], wanted: AbstractSet[Role], taken: AbstractSet[str]
) -> dict[Role, Guess]:
    """Guess the columns of the wanted roles; a column gets one role at most.

    Args:
        columns: The columns of the log.
        wanted: The roles to fill.
        taken: Columns that have a role already.
    """
    free = [column for column in columns if column.name not in taken and column.kind != "nested"]
    scores = {role: _scores(role, free) for role in ROLES if role in wanted}
    chosen: dict[Role, str] = {}
    # The surest first: a column goes to the role that it speaks for best.
    order = sorted(scores, key=lambda role: (-max(scores[role].values(), default=0), _PRIORITY.index(role)))
    for role in order:
        left = {name: score for name, score in scores[role].items() if name not in chosen.values()}
        if left:
            chosen[role] = max(left, key=lambda name: left[name])
    return {role: _weigh(scores[role], best, set(chosen.values())) for role, best in chosen.items()}


def _weigh(scores: dict[str, float], best: str, chosen: AbstractSet[str]) -> Guess:
    rivals = sorted((name for name in scores if name not in chosen), key=lambda name: -scores[name])
    ties = tuple(name for name in rivals if scores[name] == scores[best])
    return Guess(
        column=best,
        confidence=scores[best],
        runner_up=rivals[0] if rivals else "",
        ties=(best, *ties) if ties else (),
    )


_PRIORITY: Final[tuple[Role, ...]] = (
    "time", "account", "event_id", "target", "action", "device", "address", "content", "client", "outcome",
    "risk",
)  # fmt: skip


def _scores(role: Role, columns: Sequence[Column]) -> dict[str, float]:
    """How well each column speaks for a role, for those that do."""
    scores = {}
    for column in columns:
        score = roles_by_name(column.name).get(role, 0.0)
        fits = _FITS.get(role)
        if score and fits and not fits(column):
            score *= _MISFIT
        if len(column.path) > 1:
            score *= 0.99  # a column of its own rather than a field of another
        if column.kind == "empty":
            score *= 0.6  # one with values rather than one without
        if score >= _LEAST:
            scores[column.name] = round(score, 3)
    if not scores and role in _SEEN:
        alike = [column.name for column in columns if not roles_by_name(column.name) and _SEEN[role](column)]
        if len(alike) == 1:
            scores[alike[0]] = _BY_VALUE
    return scores


def _all(column: Column, pattern: re.Pattern[str]) -> bool:
    return bool(column.examples) and all(pattern.fullmatch(value.strip()) for value in column.examples)


def _may_be_time(column: Column) -> bool:
    if column.kind in {"zoned", "naive", "date", "integer", "float", "decimal", "empty"}:
        return True
    if column.kind not in {"text", "untyped", "json"}:
        return False
    matches = sum(bool(_TIME_LIKE.fullmatch(value.strip())) for value in column.examples)
    return not column.examples or matches * 2 > len(column.examples)


def _is_time(column: Column) -> bool:
    return column.kind in {"zoned", "naive"} or _all(column, _DATE_LIKE)


def _may_be_id(column: Column) -> bool:
    return column.kind in {"integer", "decimal", "float", "text", "untyped", "json", "binary", "empty"}


def _is_address(column: Column) -> bool:
    return bool(column.examples) and all(_parses_as_address(value) for value in column.examples)


def _may_be_address(column: Column) -> bool:
    if not column.examples:
        return True
    return sum(_parses_as_address(value) for value in column.examples) * 2 > len(column.examples)


def _parses_as_address(value: str) -> bool:
    try:
        ipaddress.ip_interface(value.strip())
    except ValueError:
        return bool(re.fullmatch(r"\d{1,3}(\.(\d{1,3}|\*|x+)){3}(:\d+)?", value.strip()))
    return not value.strip().isdigit()


def _may_be_event_id(column: Column) -> bool:
    return _may_be_id(column) and len(set(column.examples)) * 2 >= len(column.examples)


def _is_event_id(column: Column) -> bool:
    return _all(column, _UUID) and len(set(column.examples)) == len(column.examples) > 1


_FITS: Final[dict[Role, Callable[[Column], bool]]] = {
    "time": _may_be_time,
    "account": _may_be_id,
    "event_id": _may_be_event_id,
    "address": _may_be_address,
}
"""What a column whose name speaks for a role must be."""
_SEEN: Final[dict[Role, Callable[[Column], bool]]] = {
    "time": _is_time,
    "address": _is_address,
    "event_id": _is_event_id,
}
"""Roles that the values of one column may show where no name does."""
