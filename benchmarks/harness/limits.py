"""Limits that a figure has to keep, judged in one place, and said plainly also where they are missed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from harness.tables import table


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A figure and the limit it has to keep, the limit itself included."""

    name: str
    value: float | None
    """None: not measured."""
    limit: float
    sense: Literal["at least", "at most"]
    form: str = "{:.3g}"
    """How figure and limit are written."""
    note: str = ""

    @property
    def passed(self) -> bool | None:
        """None: not measured."""
        if self.value is None:
            return None
        return self.value >= self.limit if self.sense == "at least" else self.value <= self.limit

    @property
    def verdict(self) -> str:
        """One word, or two."""
        return {True: "pass", False: "**FAIL**", None: "not measured"}[self.passed]

    def to_dict(self) -> dict[str, Any]:
        """Give plain values for JSON."""
        return asdict(self) | {"passed": self.passed}


def limits_table(limits: list[Limit]) -> str:
    """Show each limit with the figure and the verdict."""
    rows = [
        [
            one.name,
            "-" if one.value is None else one.form.format(one.value),
            f"{one.sense} {one.form.format(one.limit)}",
            one.verdict,
        ]
        for one in limits
    ]
    text = table(["figure", "measured", "limit", "verdict"], rows, "<>><")
    notes = [f"- {one.name}: {one.note}" for one in limits if one.note]
    return text + ("\n\n" + "\n".join(notes) if notes else "")


def summary(limits: list[Limit]) -> str:
    """Say how many limits are kept.

    >>> summary([Limit(name="a", value=1.0, limit=2.0, sense="at most")])
    '1 of 1 limits kept'
    """
    n_kept = sum(one.passed is True for one in limits)
    n_missed = sum(one.passed is False for one in limits)
    n_open = len(limits) - n_kept - n_missed
    parts = [f"{n_kept} of {len(limits)} limits kept"]
    if n_missed:
        parts.append(f"{n_missed} missed")
    if n_open:
        parts.append(f"{n_open} not measured")
    return ", ".join(parts)
