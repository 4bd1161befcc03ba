"""Who was at which target: events by target, for looking at what surrounds a group's joint events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from samehand.arrays import I32, I64
from samehand.engines.answers import Surroundings
from samehand.engines.interface import Columns
from samehand.kernels.order import count_distinct, order_by_code

FEWEST_TARGETS: Final = 5
"""Targets of a known community that it takes to say anything about their focus."""
FEWEST_OTHERS: Final = 5
"""Accounts outside a group that it takes to know the community of a target: fewer say where *they* are at home."""
LEAST_KNOWN: Final = 0.25
"""Share of a group's targets that this must be: where hardly anybody else was, the few say nothing of the rest."""


@dataclass(frozen=True)
class Attendance:
    """Events ordered by target and time."""

    first: I64
    """``first[t] : first[t + 1]`` are the places of target t in ``order``."""
    order: I32
    account: I32
    time: I64
    target: I32
    n_accounts: int
    event_of_row: I64
    """Row of the files -> event, -1 for rows that are no event."""

    @classmethod
    def of(cls, columns: Columns, row: I64) -> Self:
        """Order the events of a log."""
        target = columns.codes["target"]
        n_targets = int(target.max(initial=-1)) + 1
        events = np.flatnonzero(target >= 0).astype(np.int32)
        order = order_by_code(target, n_targets, events)
        first = np.searchsorted(target[order], np.arange(n_targets + 1))
        event_of_row = np.full(int(row.max(initial=-1)) + 1, -1, np.int64)
        event_of_row[row] = np.arange(len(row))
        n_accounts = int(columns.account.max(initial=-1)) + 1
        return cls(first, order, columns.account, columns.time_us, target, n_accounts, event_of_row)

    def around(self, members: I32, rows: I64, target_class: I32) -> Surroundings:
        """See ``Engine.surroundings``; ``target_class``: community of each target, 0 for none."""
        events = self.event_of_row[rows]
        events = np.sort(events[self.target[events] >= 0])
        targets, where = np.unique(self.target[events], return_index=True)
        member = np.zeros(self.n_accounts, np.bool_)
        member[members] = True
        n_outside = count_distinct(targets.astype(np.int64), self.first, self.order, self.account, member)
        known = np.where(n_outside >= FEWEST_OTHERS, target_class[targets], 0)
        return Surroundings(
            first_us=np.array([self.time[self.order[self.first[t]]] for t in targets], np.int64),
            group_us=self.time[events[where]],
            n_outside=n_outside,
            focus=focus(known, np.bincount(target_class)),
        )


def focus(some: I32, n_by_class: I64) -> float:
    """Chance that two of some targets are of one community, over that chance for all targets (Simpson's index).

    Args:
        some: Community of each of the targets, 0 for none.
        n_by_class: Targets of each community.
    """
    chances = []
    for of_community in (np.bincount(some)[1:], n_by_class[1:]):
        counts = of_community.astype(float)
        n = counts.sum()
        if n < FEWEST_TARGETS or n < LEAST_KNOWN * len(some):
            return float("nan")
        chances.append((counts * (counts - 1)).sum() / (n * (n - 1)))
    return float(chances[0] / chances[1]) if chances[1] > 0 else float("nan")
