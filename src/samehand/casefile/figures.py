"""A figure of a case that was derived a second time, and how it compares with what the bundle states."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from samehand.texts.figures import number

CLOSE: Final = 1e-9
"""Relative difference up to which two results of floating-point sums are the same figure."""

_WIDTH: Final = 12
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@dataclass(frozen=True)
class Figure:
    """One figure, as stated and as derived again."""

    name: str
    stated: object
    derived: object

    @property
    def same(self) -> bool:
        """Whether both are the same, or as close as sums in another order are."""
        return alike(self.stated, self.derived)


def alike(one: object, other: object) -> bool:
    """Compare two values; numbers may differ in their last digits.

    >>> alike(0.1 + 0.2, 0.3), alike(1, 2), alike(None, None), alike([1.0], [1.0])
    (True, False, True, True)
    """
    match one, other:
        case [*_], [*_]:
            return len(one) == len(other) and all(alike(a, b) for a, b in zip(one, other, strict=True))
        case (bool(), _) | (_, bool()):
            return one is other
        case (int() | float(), int() | float()):
            return math.isclose(one, other, rel_tol=CLOSE, abs_tol=1e-300)
        case _:
            return one == other


def count_alike(name: str, pairs: Iterable[tuple[object, object]], what: str = "") -> Figure:
    """Sum up comparisons of many rows: how many there are, and how many of them came out the same."""
    found = [alike(one, other) for one, other in pairs]
    return Figure(f"{name}{f' ({what})' if what else ''}", len(found), sum(found))


def table_of(figures: Iterable[Figure]) -> str:
    """Write figures as lines of a terminal: name, stated, derived, and whether they are the same."""
    lines = []
    for one in figures:
        stated, derived = (_written(value) for value in (one.stated, one.derived))
        lines.append(
            f"  {one.name:<44} {stated:>{_WIDTH}} {derived:>{_WIDTH}}  {'same' if one.same else 'DIFFERS'}"
        )
    return "\n".join(lines)


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or isinstance(value, int | float):
        return number(value)
    text = str(value)
    if _TIME.fullmatch(text):
        return text[5:16].replace("T", " ")
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"
