"""What became of negative controls, added up: a part of run.json, which commands read that detect nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from samehand.events.check import LeftOut

SURROGATE: Final = "surrogate"
"""Kind of the groups that chance made."""
KNOWN: Final = "known"
"""Kind of the groups that the user knows to be innocent."""
_COUNTED: Final = ("n_groups", "n_scored_above_0", "n_explained", "n_accused")


@dataclass(frozen=True, kw_only=True)
class ControlCount:
    """What became of the groups of one kind."""

    kind: str
    n_groups: int
    n_scored_above_0: int
    n_explained: int
    n_accused: int
    worst_bits: float | None
    """Highest score of a group that no innocent cause explains."""


@dataclass(frozen=True, kw_only=True)
class Controls:
    """How often innocents would have been accused in this log; group by group in controls.parquet."""

    known_source: str | None
    """File of the groups that the user knows to be innocent; None: there was none."""
    by_kind: tuple[ControlCount, ...]
    left_out: tuple[LeftOut, ...]
    """What was not looked at of the known groups."""


def summed(table: pa.Table) -> tuple[ControlCount, ...]:
    """Add up the rows of each kind, in the order of the table."""
    rows = table.to_pylist()
    counts = []
    for kind in dict.fromkeys(row["kind"] for row in rows):
        own = [row for row in rows if row["kind"] == kind]
        total = {name: sum(row[name] for row in own) for name in _COUNTED}
        worst = max((row["worst_bits"] for row in own if row["worst_bits"] is not None), default=None)
        counts.append(ControlCount(kind=kind, worst_bits=worst, **total))
    return tuple(counts)
