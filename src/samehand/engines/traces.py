"""Traces in memory, in order, and work on pieces of them in threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import numpy as np

from samehand.arrays import BOOL, F64, I32, I64
from samehand.engines.interface import Columns, TraceLayer, Traces
from samehand.kernels import habit, rows, taking
from samehand.kernels.order import by_account, place_by_code, small_codes
from samehand.kernels.units import Exempt, no_exemption

T = TypeVar("T")
Reach = tuple[I32, I32]
"""Places of the first and of the last event within a window of each event, on its feature."""
SMALL_LABELS: Final = 1 << 27
"""From so many accounts on, an account and a bin do not fit into 32 bits."""
SLOTS_AROUND: Final = 20
"""An account's events no more slots away tell how many it has at a time of day."""
RARE_LOG_P: Final = float(np.log(1e-3))
"""To be there on so many days must be this rare: of the events of people who keep no appointments, as few are left out.
"""


@dataclass(frozen=True)
class Sorted:
    """Traces of one layer, ordered by feature, time and account."""

    account: I32
    feature: I32
    time: I64
    """Microseconds since the first event of the log, so that nothing depends on the calendar."""
    event: I32
    """Event of the log behind each trace."""
    exempt: Exempt
    """Which events are no co-action."""
    n_features: int
    n_windows_an_occasion: int
    n_repeats: int
    """Events that were left out because they keep a daily appointment."""
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
    """The same traces with other accounts; the events of a post that fall to several are no post any more."""
    own = account[traces.event]
    first, order = by_account(own, traces.n_accounts)
    exempt = traces.exempt
    if len(exempt.post):
        exempt = _with_posts(exempt, exempt.post, own, traces.feature)
    return replace(traces, account=own, first=first, order=order, exempt=exempt)


def _with_posts(exempt: Exempt, post: I32, account: I32, feature: I32) -> Exempt:
    """Gather the features of each post, the rarest first; ``post``: of each event, -1 for none of its own account's."""
    with_post = np.flatnonzero(post >= 0)
    total = np.bincount(feature, minlength=1)
    rank = np.empty(len(total), np.int32)
    rank[np.argsort(total, kind="stable")] = np.arange(len(total), dtype=np.int32)
    by_post = np.lexsort((rank[feature[with_post]], account[with_post], post[with_post]))
    events = with_post[by_post]
    begins = np.ones(len(events), np.bool_)
    begins[1:] = (np.diff(post[events]) != 0) | (np.diff(account[events]) != 0)
    first = np.flatnonzero(begins)
    size = np.diff(first, append=len(events))
    begin, own = np.full(len(post), -1, np.int32), np.full(len(post), -1, np.int32)
    begin[events] = np.repeat(np.where(size > 1, first, -1), size)
    own[events] = np.arange(len(events))
    return exempt._replace(post=begin, own=own, ranks=rank[feature[events]])


def _each_a_post(post: I32, n_events: int) -> I32:
    """Make each event of the log a post, where a layer takes several features of one; parts of a post stay together."""
    own = np.arange(n_events, dtype=np.int32)
    return own if len(post) == 0 else np.where(post >= 0, post, post.max() + 1 + own).astype(np.int32)


def take_sorted(layer: TraceLayer, columns: Columns, n_accounts: int, post: I32, n_threads: int) -> Sorted:
    """Take a layer's traces and bring them into order; the log is in order of time and, at one time, of account.

    Args:
        layer: What to take.
        columns: The log.
        n_accounts: Accounts of the log.
        post: Number of the post that each event of the log is of, -1 for none; empty where there are none.
        n_threads: Threads to use.
    """
    everything = layer.take(columns)
    first_us = int(columns.time_us[0]) if len(columns.time_us) else 0
    repeats = repeats_of(everything, columns, first_us, n_accounts, layer.slot_us, n_threads)
    taken = Traces(everything.event[~repeats], everything.feature[~repeats]) if repeats.any() else everything
    feature_of = small_codes(taken.feature)
    n_features = int(feature_of.max(initial=-1)) + 1
    _, order = _by_code(feature_of, n_features, _in_time(taken.event), n_threads)
    event, feature, account, time = _in_order(order, taken.event, feature_of, columns, first_us, n_threads)
    exempt = no_exemption()
    if layer.avoid is not None and layer.avoid in columns.codes:
        exempt = exempt._replace(avoid=columns.codes[layer.avoid][event])
    if layer.avoids_answers and columns.person is not None:
        exempt = exempt._replace(author=account, person=columns.person[event])
    if np.bincount(taken.event, minlength=1).max() > 1:
        post = _each_a_post(post, len(columns.time_us))
    if len(post):
        exempt = _with_posts(exempt, post[event], account, feature)
    first, of_account = _by_code(account, n_accounts, np.arange(len(account), dtype=np.int32), n_threads)
    return Sorted(
        account=account,
        feature=feature,
        time=time,
        event=event,
        exempt=exempt,
        n_features=n_features,
        n_windows_an_occasion=layer.n_windows_an_occasion,
        n_repeats=len(everything.event) - len(taken.event),
        first=first,
        order=of_account,
    )


def _in_time(event: I32) -> I32:
    """Traces in order of their events, which most layers give in this order."""
    if (np.diff(event) >= 0).all():
        return np.arange(len(event), dtype=np.int32)
    return np.argsort(event, kind="stable").astype(np.int32)


def _by_code(codes: I32, n_codes: int, before: I32, n_threads: int) -> tuple[I64, I32]:
    """Gather events by a small code, in the order in which they stand: ``order[first[code] : first[code + 1]]``."""
    first = np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=n_codes))])
    order, at = np.empty(len(before), np.int32), first[:-1].copy()

    def place(start: int, stop: int) -> None:
        low, high = np.searchsorted(first[:-1], [start, stop])
        place_by_code(codes, before, at, low, high, order)

    in_pieces(place, len(before), n_threads)
    return first, order


def _in_order(
    order: I32, event_of: I32, feature_of: I32, columns: Columns, first_us: int, n_threads: int
) -> tuple[I32, I32, I32, I64]:
    """Event, feature, account and time of traces, in order."""
    n = len(order)
    event, feature, account = (np.empty(n, np.int32) for _ in range(3))
    time = np.empty(n, np.int64)

    def fill(start: int, stop: int) -> None:
        taking.gather_traces(
            order, event_of, feature_of, columns.account, columns.time_us, first_us, start, stop,
            event, feature, account, time,
        )  # fmt: skip

    in_pieces(fill, n, n_threads)
    return event, feature, account, time


def repeats_of(
    taken: Traces, columns: Columns, first_us: int, n_accounts: int, slot: int, n_threads: int
) -> BOOL:
    """Mark the traces with which accounts keep an appointment of an earlier day; with a slot of 0, none.

    Args:
        taken: Traces, all of an account's among them, in order of time.
        columns: Where they were taken from.
        first_us: First time of the log: days count from it.
        n_accounts: Accounts of the log.
        slot: As ``slot_us`` of a layer.
        n_threads: Threads to use.
    """
    repeats = np.zeros(len(taken.event), np.bool_)
    if slot == 0 or len(taken.event) == 0:
        return repeats
    account, time = columns.account[taken.event], columns.time_us[taken.event] - first_us
    first, order = _by_code(account, n_accounts, np.arange(len(account), dtype=np.int32), n_threads)
    feature = small_codes(taken.feature)

    def work(begin: int, end: int) -> None:
        habit.mark_repeats(
            first, order, feature, time, slot, SLOTS_AROUND * slot, RARE_LOG_P, begin, end, repeats
        )

    by_accounts(work, np.diff(first) + 1, n_threads)
    return repeats


def gather(traces: Sorted, accounts: I32) -> tuple[I32, I64]:
    """Events of some accounts, one account after the other, and the place of each account's first."""
    ends = np.cumsum(traces.first[accounts + 1] - traces.first[accounts])
    events = np.empty(ends[-1] if len(ends) else 0, np.int32)
    taking.gather_events(traces.first, traces.order, accounts, ends, events)
    return events, np.concatenate([[0], ends])


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
