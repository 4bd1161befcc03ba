"""Which fleets acted on a target, or from a device or address, and how much."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samehand.web.grouped import Grouped, Ints, distinct, places

KINDS: Final = ("target", "device", "address")
"""Columns of the log that can be looked up."""


@dataclass(frozen=True, kw_only=True)
class Use:
    """What one fleet did with one value."""

    value: str
    fleet: int
    """Number of the fleet in the run."""
    n_accounts: int
    n_events: int


class ValueIndex:
    """The distinct values of a column of ``member_events``, and the fleets in which each occurs."""

    def __init__(self, column: pa.ChunkedArray[Any], fleet: Ints, account: Ints, n_fleets: int) -> None:
        """``fleet`` and ``account``: their numbers, an event each."""
        encoded = column.combine_chunks().dictionary_encode()
        self.values = encoded.dictionary.cast(pa.string())
        code = np.asarray(encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False), np.int64)
        known = code >= 0
        (value, of, _), events = distinct(code[known], fleet[known], account[known])
        starts = np.flatnonzero(np.diff(value, prepend=-1) | np.diff(of, prepend=-1))
        self._value, self._fleet = value[starts], of[starts]
        self._n_accounts = np.diff(np.append(starts, len(value)))
        self._n_events = np.add.reduceat(events, starts) if len(starts) else events
        self._by_value = Grouped(self._value, len(self.values))
        self._by_fleet = Grouped(self._fleet, n_fleets)
        self.totals = np.zeros(len(self.values), np.int64)
        """Events of members of any candidate, a value each."""
        np.add.at(self.totals, self._value, self._n_events)
        self._sorted_totals = np.sort(self.totals)

    def of_fleet(self, fleet: int) -> tuple[Ints, Ints]:
        """Give the values of one fleet, by their numbers, and its events on each."""
        rows = self._by_fleet.of(fleet)
        return self._value[rows], self._n_events[rows]

    def accounts_of_fleet(self, fleet: int) -> tuple[Ints, Ints]:
        """Give the values of one fleet, by their numbers, and how many of its accounts have each."""
        rows = self._by_fleet.of(fleet)
        return self._value[rows], self._n_accounts[rows]

    def uses(self, value: int) -> list[Use]:
        """Give the fleets in which a value occurs, the one with the most accounts first."""
        rows = self._by_value.of(value)
        return [self._use(row) for row in rows[np.argsort(-self._n_accounts[rows], kind="stable")].tolist()]

    def find(self, text: str, most: int) -> Iterator[int]:
        """Give the numbers of at most ``most`` values that are, or else hold, a text (case does not matter)."""
        same = pc.index(self.values, text).as_py()
        if same >= 0:
            yield same
        near = np.flatnonzero(pc.match_substring(self.values, text, ignore_case=True).fill_null(False))
        yield from (value for value in near[: most + 1].tolist()[:most] if value != same)

    def places(self, values: pa.Array[Any], fleet: int) -> Ints:
        """Give the numbers of values that occur in a fleet; -1 where one does not."""
        own, _ = self.of_fleet(fleet)
        found = places(values.cast(pa.string()), self.values.take(own))
        return np.where(found >= 0, own[found], -1) if len(own) else found

    def n_more_than(self, totals: Ints) -> Ints:
        """Count the values with more events than each of ``totals``."""
        return len(self._sorted_totals) - np.searchsorted(self._sorted_totals, totals, side="right")

    def _use(self, row: int) -> Use:
        return Use(
            value=self.values[int(self._value[row])].as_py(),
            fleet=int(self._fleet[row]),
            n_accounts=int(self._n_accounts[row]),
            n_events=int(self._n_events[row]),
        )
