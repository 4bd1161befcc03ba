"""Which candidates have anything in common, so that the others need no look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from samehand.arrays import BOOL, I64
from samehand.tracking.evidence import MOST_BITS, OF_THE_TRADE, SORT_OF, Sort
from samehand.tracking.traces import Shown


@dataclass(frozen=True, eq=False)
class Touching:
    """Which candidates (all x all) have anything in common: who has not needs no look."""

    accounts: BOOL
    sorts: dict[Sort, BOOL]

    @classmethod
    def of(cls, shown: Shown) -> Touching:
        """Find them by products of sparse tables."""
        n = len(shown.members)
        account = np.concatenate([np.empty(0, np.int64), *shown.members])
        owner = np.repeat(np.arange(n), [len(one) for one in shown.members])
        sorts = {sort: np.zeros((n, n), np.bool_) for sort in MOST_BITS}
        for trace, marks in shown.marks.items():
            sorts[SORT_OF[trace]] |= _touch(n, marks.fleet, marks.feature)
        return cls(_touch(n, owner, account), sorts)

    def any(self) -> BOOL:
        """In anything at all."""
        return np.asarray(np.logical_or.reduce([self.accounts, *self.sorts.values()]))

    def promising(self, least_sorts: int) -> BOOL:
        """In so much that traces may carry a link: in so many sorts, or in all that is of the trade."""
        n_sorts = self.accounts + np.sum(list(self.sorts.values()), axis=0, dtype=np.int32)
        of_trade = np.logical_and.reduce([self.sorts[sort] for sort in OF_THE_TRADE])
        others = [one for sort, one in self.sorts.items() if sort not in OF_THE_TRADE]
        of_hand = np.logical_or.reduce([self.accounts, *others])
        return np.asarray((n_sorts >= least_sorts) & (of_hand | of_trade))


def _touch(n: int, fleet: Any, feature: I64) -> BOOL:
    if not len(fleet):
        return np.zeros((n, n), np.bool_)
    has = csr_array((np.ones(len(fleet), np.float32), (fleet, feature)), (n, int(feature.max()) + 1))
    return np.asarray((has @ has.T).toarray() > 0)
