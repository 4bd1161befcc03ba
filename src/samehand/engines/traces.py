"""Traces in memory, in order, and work on pieces of them in threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import numpy as np

from samehand.engines.interface import F64, I32, I64, Columns, TraceLayer
from samehand.kernels import rows
from samehand.kernels.order import by_account, order_by_code, small_codes

T = TypeVar("T")
Reach = tuple[I32, I32]
"""Places of the first and of the last event within a window of each event, on its feature."""
SMALL_LABELS: Final = 1 << 27
"""From so many accounts on, an account and a bin do not fit into 32 bits."""


@dataclass(frozen=True)
class Sorted:
    """Traces of one layer, ordered by feature, time and account."""

    account: I32
    feature: I32
    time: I64
    """Microseconds since the first event of the log, so that nothing depends on the calendar."""
    event: I32
    """Event of the log behind each trace."""
    avoid: I32
    """Empty where the layer has nothing to avoid."""
    n_features: int
    n_windows_an_occasion: int
    first: I64
    """The traces of account a are ``order[first[a] : first[a + 1]]``."""
    order: I32

    @property
    def n_accounts(self) -> int:
        """Accounts of the log."""
        return len(self.first) - 1

    @property
    def n_events_of(self) -> I64:
        """Traces of each account."""
        return np.diff(self.first)


@dataclass(frozen=True)
class Classes:
    """Which events could stand for each other by chance."""

    class_of: I32
    """Class of each event of the traces."""
    totals: I64
    """Events of each class."""
    extent_us: F64
    """Duration times number of features of each class: the room in which its events lie."""


def reassigned(traces: Sorted, account: I32) -> Sorted:
    """The same traces with other accounts."""
    own = account[traces.event]
    first, order = by_account(own, traces.n_accounts)
    return replace(traces, account=own, first=first, order=order)


def take_sorted(layer: TraceLayer, columns: Columns, n_accounts: int) -> Sorted:
    """Take a layer's traces and bring them into order; the log is in order of time and, at one time, of account."""
    taken = layer.take(columns)
    feature = small_codes(taken.feature)
    n_features = int(feature.max(initial=-1)) + 1
    order = order_by_code(feature, n_features, np.argsort(taken.event, kind="stable").astype(np.int32))
    event = taken.event[order]
    avoid = columns.codes.get(layer.avoid) if layer.avoid else None
    account = columns.account[event]
    first, of_account = by_account(account, n_accounts)
    return Sorted(
        account=account,
        feature=feature[order],
        time=columns.time_us[event] - (columns.time_us[0] if len(event) else 0),
        event=event,
        avoid=np.empty(0, np.int32) if avoid is None else avoid[event],
        n_features=n_features,
        n_windows_an_occasion=layer.n_windows_an_occasion,
        first=first,
        order=of_account,
    )


def gather(traces: Sorted, accounts: I32) -> tuple[I32, I64]:
    """Events of some accounts, one account after the other, and the place of each account's first."""
    sizes = traces.n_events_of[accounts]
    ends = np.cumsum(sizes)
    places = np.arange(ends[-1] if len(ends) else 0) + np.repeat(
        traces.first[accounts] - (ends - sizes), sizes
    )
    return traces.order[places], np.concatenate([[0], ends])


def reach_of(traces: Sorted, window: int) -> Reach:
    """Places of the first and of the last event within the window of each."""
    lowest, highest = np.empty_like(traces.feature), np.empty_like(traces.feature)
    rows.reach(traces.feature, traces.time, window, lowest, highest)
    return lowest, highest


def labels_of(traces: Sorted, counts: I32, cap: int) -> I32:
    """The account and the bin of density of each event, in one number."""
    labels: I32 = np.empty(len(counts), np.int32 if traces.n_accounts < SMALL_LABELS else np.int64)
    rows.label(traces.account, counts, cap, labels)
    return labels


def in_pieces(work: Callable[[int, int], T], n_events: int, n_threads: int, least: int = 200_000) -> list[T]:
    """Run ``work(start, stop)`` over pieces of the events, in threads; answers in the order of the pieces."""
    n_pieces = 1 if n_events < least else n_threads
    cuts = [n_events * piece // n_pieces for piece in range(n_pieces + 1)]
    with ThreadPoolExecutor(n_pieces) as pool:
        return list(pool.map(work, cuts[:-1], cuts[1:]))


def by_accounts(work: Callable[[int, int], T], weight: I64, n_threads: int) -> list[T]:
    """Run ``work(begin, end)`` over ranges of accounts of about equal weight, in threads; answers in order."""
    n_pieces = 1 if n_threads == 1 or len(weight) < 2 else 8 * n_threads
    up_to = np.concatenate([[0], np.cumsum(weight)])
    cuts = np.searchsorted(up_to, up_to[-1] * np.arange(1, n_pieces) // n_pieces)
    edges = [0, *cuts.tolist(), len(weight)]
    with ThreadPoolExecutor(n_threads) as pool:
        return list(pool.map(work, edges[:-1], edges[1:]))
