"""Rows of a table by the group they belong to: found without looking at the rows of other groups."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Grouped:
    """The rows of each of ``n`` groups, in their order.

    >>> rows = Grouped(np.array([1, 0, -1, 1]), 2)
    >>> rows.of(0).tolist(), rows.of(1).tolist(), rows.sizes.tolist()
    ([1], [0, 3], [1, 2])
    """

    def __init__(self, group: Ints, n: int) -> None:
        """``group``: of each row, from 0; rows of a negative group belong to none."""
        self._order = np.argsort(group, kind="stable")
        self._first = np.searchsorted(group[self._order], np.arange(n + 1))

    def of(self, group: int) -> Ints:
        """Give the numbers of the rows of one group."""
        return self._order[self._first[group] : self._first[group + 1]]

    @property
    def sizes(self) -> Ints:
        """Rows of each group."""
        return np.diff(self._first)


def places(values: pa.ChunkedArray[Any] | pa.Array[Any], among: pa.Array[Any]) -> Ints:
    """Give the place of each value among others; -1 where it is not there."""
    found = pc.index_in(values, value_set=among).fill_null(-1)
    return np.asarray(found.to_numpy(), np.int64)


def distinct(*keys: Ints) -> tuple[tuple[Ints, ...], Ints]:
    """Give the distinct combinations of several keys (each from 0), in their order, and how often each is there.

    >>> [k.tolist() for k in distinct(np.array([1, 0, 1]), np.array([5, 5, 5]))[0]]
    [[0, 1], [5, 5]]
    """
    spans = [int(key.max(initial=0)) + 1 for key in keys]
    code = np.zeros(len(keys[0]), np.int64)
    for key, span in zip(keys, spans, strict=True):
        code = code * span + key
    found, counts = np.unique(code, return_counts=True)
    parts: list[Ints] = []
    for span in reversed(spans):
        found, part = np.divmod(found, span)
        parts.append(part)
    return tuple(reversed(parts)), counts
