"""Pairs of accounts from traces in memory: sweep, count, test. Pieces run on threads and add up."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Self, TypeVar

import numpy as np

from samehand.engines.interface import BOOL, F64, I32, I64, Pairs, Retest
from samehand.kernels import chosen, rows, sweep
from samehand.kernels import pairs as pair_kernels
from samehand.kernels.sweep import MOST_POWERS, N_BINS

T = TypeVar("T")
Reach = tuple[I32, I32]
"""Places of the first and of the last event within a window of each event, on its feature."""

MOST_VISITS: Final = 60_000_000
"""Co-actions that one sweep looks at. Beyond it, the most crowded moments, which say least, are left out, and counted.
"""

SMALL_LABELS: Final = 1 << 27
"""From so many accounts on, an account and a bin do not fit into 32 bits."""
_NO_CAP: Final = np.iinfo(np.int32).max


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


def in_pieces(work: Callable[[int, int], T], n_events: int, n_threads: int, least: int = 200_000) -> list[T]:
    """Run ``work(start, stop)`` over pieces of the events, in threads; answers in the order of the pieces."""
    n_pieces = 1 if n_events < least else n_threads
    cuts = [n_events * piece // n_pieces for piece in range(n_pieces + 1)]
    with ThreadPoolExecutor(n_pieces) as pool:
        return list(pool.map(work, cuts[:-1], cuts[1:]))


def densities(traces: Sorted, window: int, n_threads: int) -> I32:
    """Events of other accounts around each event, within the window on its feature."""
    out = np.zeros(len(traces.time), np.int32)

    def work(start: int, stop: int) -> None:
        seen = np.zeros(traces.n_accounts, np.int32)
        if start < stop:
            sweep.density(traces.account, traces.feature, traces.time, window, start, stop, seen, out)

    in_pieces(work, len(out), n_threads)
    return out


def choose_cap(counts: I32) -> int:
    """The largest density up to which all co-actions may be looked at."""
    visits = np.cumsum(sweep.sum_by_power(counts)) / 2
    power = max(1, int((visits <= MOST_VISITS).sum()))
    return 4**power if power < MOST_POWERS else _NO_CAP


def candidate_pairs(traces: Sorted, window: int, counts: I32, log_p: float, n_threads: int) -> Pairs:
    """Pairs with at least two co-actions whose local p-value is at most exp(log_p); ``counts``: their densities."""
    cap = choose_cap(counts)
    mass = np.zeros((traces.n_accounts, N_BINS), np.float32)
    sweep.sum_by_bin(traces.account, counts, cap, 0, len(counts), mass)
    occasion = traces.n_windows_an_occasion * window

    labels = _labels(traces, counts, cap)
    first, order, n_around = _taking_part(traces, counts, cap)
    lowest, highest = (places[order] for places in reach_of(traces, window))

    def collect(begin: int, end: int) -> tuple[I32, I32, I32, F64, F64]:
        return rows.collect_pairs(
            labels, traces.feature, traces.time, traces.avoid, first, order, lowest, highest, traces.n_events_of,
            n_around, occasion, begin, end, mass, log_p,
        )  # fmt: skip

    found = by_accounts(collect, n_around + 1, n_threads)
    a, b, by_bin, p, expected = (np.concatenate(column) for column in zip(*found, strict=True))
    in_order = np.lexsort((b, a))
    return Pairs(
        account_a=a[in_order],
        account_b=b[in_order],
        n_features=by_bin[in_order].sum(axis=1, dtype=np.int32),
        expected=expected[in_order],
        log_p=p[in_order],
        densest=cap,
        n_events_crowded=int((counts > cap).sum()),
        by_bin=by_bin[in_order],
    )


def _taking_part(traces: Sorted, counts: I32, cap: int) -> tuple[I64, I32, I64]:
    """Events that have others around them, but not too many, by account; and how many others, all together."""
    around = counts[traces.order]
    taking = (around > 0) & (around <= cap)
    n_before = np.concatenate([[0], np.cumsum(taking)])
    work = np.concatenate([[0], np.cumsum(around[taking], dtype=np.int64)])
    first = n_before[traces.first]
    return first, traces.order[taking], np.diff(work[first])


def by_accounts(work: Callable[[int, int], T], weight: I64, n_threads: int) -> list[T]:
    """Run ``work(begin, end)`` over ranges of accounts of about equal weight, in threads; answers in order."""
    n_pieces = 1 if n_threads == 1 or len(weight) < 2 else 8 * n_threads
    up_to = np.concatenate([[0], np.cumsum(weight)])
    cuts = np.searchsorted(up_to, up_to[-1] * np.arange(1, n_pieces) // n_pieces)
    edges = [0, *cuts.tolist(), len(weight)]
    with ThreadPoolExecutor(n_threads) as pool:
        return list(pool.map(work, edges[:-1], edges[1:]))


@dataclass(frozen=True)
class Classes:
    """Which events could stand for each other by chance."""

    class_of: I32
    """Class of each event of the traces."""
    totals: I64
    """Events of each class."""
    extent_us: F64
    """Duration times number of features of each class: the room in which its events lie."""


@dataclass(frozen=True)
class Partners:
    """Pairs of accounts, gathered by their first account."""

    who: I32
    first: I64
    partner: I32

    @classmethod
    def of(cls, a: I32, b: I32, *, both_ways: bool) -> Self:
        """Gather pairs; with ``both_ways``, each account of a pair is a partner of the other."""
        if both_ways:
            a, b = np.concatenate([a, b]), np.concatenate([b, a])
        order = np.lexsort((b, a))
        who, first = np.unique(a[order], return_index=True)
        return cls(who.astype(np.int32), np.append(first, len(a)), b[order])

    def only(self, accounts: I32) -> Self:
        """The pairs of some first accounts."""
        keep = np.isin(self.who, accounts)
        sizes = np.diff(self.first)
        return type(self)(
            self.who[keep],
            np.concatenate([[0], np.cumsum(sizes[keep])]),
            self.partner[np.repeat(keep, sizes)],
        )


@dataclass(frozen=True)
class Around:
    """Densities of the events of a layer: within the window, and within the horizon of the lags."""

    window: int
    near: I32
    horizon: int | None
    """None: the layer has no lag control."""
    far: I32


def without_suspects(
    traces: Sorted,
    window: int,
    counts: I32,
    cap: int,
    suspects: Partners,
    n_threads: int,
    reach: Reach | None = None,
) -> I32:
    """Densities that leave each account's suspects out; those above the cap stay as they are."""
    left = counts.copy()
    if len(suspects.who) == 0:
        return left
    lowest, highest = reach or reach_of(traces, window)
    walks, work = _shorter_way(traces, counts, cap, suspects)

    def take_out(begin: int, end: int) -> None:
        chosen.take_out(
            lowest, highest, traces.account, traces.first, traces.order,
            suspects.who, suspects.first, suspects.partner, walks, cap, begin, end, left,
        )  # fmt: skip

    by_accounts(take_out, work, n_threads)
    return left


def reach_of(traces: Sorted, window: int) -> Reach:
    """Places of the first and of the last event within the window of each."""
    lowest, highest = np.empty_like(traces.feature), np.empty_like(traces.feature)
    rows.reach(traces.feature, traces.time, window, lowest, highest)
    return lowest, highest


def _labels(traces: Sorted, counts: I32, cap: int) -> I32:
    """The account and the bin of density of each event, in one number."""
    labels: I32 = np.empty(len(counts), np.int32 if traces.n_accounts < SMALL_LABELS else np.int64)
    rows.label(traces.account, counts, cap, labels)
    return labels


def _shorter_way(traces: Sorted, counts: I32, cap: int, partners: Partners) -> tuple[BOOL, I64]:
    """Whether to walk around the events of each first account or to merge them with its partners', and the work."""
    n_events = traces.n_events_of
    around = counts[gather(traces, partners.who)[0]]
    around[around > cap] = 0  # such events take no part
    ends = np.concatenate([[0], np.cumsum(n_events[partners.who])])
    walk = np.diff(_running(around)[ends]) + n_events[partners.who]
    merge = np.diff(partners.first) * n_events[partners.who]
    merge += np.diff(_running(n_events[partners.partner])[partners.first])
    walks: BOOL = walk < merge
    return walks, np.minimum(walk, merge)


def _running(numbers: I32 | I64) -> I64:
    """Sums of all numbers before each place."""
    return np.concatenate([[0], np.cumsum(numbers, dtype=np.int64)])


def gather(traces: Sorted, accounts: I32) -> tuple[I32, I64]:
    """Events of some accounts, one account after the other, and the place of each account's first."""
    sizes = traces.n_events_of[accounts]
    ends = np.cumsum(sizes)
    places = np.arange(ends[-1] if len(ends) else 0) + np.repeat(
        traces.first[accounts] - (ends - sizes), sizes
    )
    return traces.order[places], np.concatenate([[0], ends])


def retest(
    traces: Sorted,
    around: Around,
    pairs: Pairs,
    suspects: BOOL,
    classes: Classes,
    limit: float,
    n_threads: int,
) -> Retest:
    """Test pairs against classes of events and, with a horizon, against their own lags; suspects left out.

    Args:
        traces: Of the layer.
        around: Densities.
        pairs: In order of their accounts.
        suspects: Marks the pairs that are no background for each other.
        classes: Which events could stand for each other.
        limit: Largest log p-value of interest.
        n_threads: Threads to use.
    """
    suspected = Partners.of(pairs.account_a[suspects], pairs.account_b[suspects], both_ways=True)
    reach = reach_of(traces, around.window)
    counts = without_suspects(traces, around.window, around.near, pairs.densest, suspected, n_threads, reach)
    by_bin = _count_again(traces, around, reach, counts, pairs, n_threads)
    expected, log_p = _test_classes(
        traces, counts, pairs, by_bin, suspects, classes, around.window, limit, n_threads
    )
    log_p_lag = np.full(len(pairs), np.nan)
    if around.horizon is None:
        log_p_lag[:] = -np.inf
    else:
        tested = np.flatnonzero(np.maximum(pairs.log_p, log_p) <= limit)
        log_p_lag[tested] = _test_lags(traces, around, counts, pairs, tested, suspects, n_threads)
    return Retest(expected=expected, log_p_background=log_p, log_p_lag=log_p_lag)


def _count_again(
    traces: Sorted, around: Around, reach: Reach, counts: I32, pairs: Pairs, n_threads: int
) -> I32:
    """Co-actions by bin of the density without suspects: another only for accounts with events in another bin."""
    changed = np.zeros(traces.n_accounts, np.bool_)
    chosen.mark_other_bins(traces.account, around.near, counts, changed)
    concerned = np.flatnonzero(changed[pairs.account_a] | changed[pairs.account_b])
    if len(concerned) == 0:
        return pairs.by_bin
    some = Partners.of(pairs.account_a[concerned], pairs.account_b[concerned], both_ways=False)
    by_bin = np.zeros((len(concerned), N_BINS), np.int32)
    labels = _labels(traces, around.near, pairs.densest)
    lowest, highest = reach
    walks, work = _shorter_way(traces, around.near, pairs.densest, some)

    def count(begin: int, end: int) -> None:
        chosen.count_shared(
            lowest, highest, labels, counts, traces.feature, traces.time, traces.avoid, traces.first,
            traces.order, some.who, some.first, some.partner, walks,
            traces.n_windows_an_occasion * around.window, begin, end, by_bin,
        )  # fmt: skip

    by_accounts(count, work, n_threads)
    everything = pairs.by_bin.copy()
    everything[concerned] = by_bin
    return everything


def _test_classes(
    traces: Sorted,
    counts: I32,
    pairs: Pairs,
    by_bin: I32,
    suspects: BOOL,
    classes: Classes,
    window: int,
    limit: float,
    n_threads: int,
) -> tuple[F64, F64]:
    """Expected numbers and log p-values of pairs against the classes of their events."""
    accounts, a, b = _rows_of(pairs.account_a, pairs.account_b)
    order, first = gather(traces, accounts)
    summed = pair_kernels.sum_by_class(first, order, classes.class_of, counts, pairs.densest)
    row_first, row_class, row_events, mass = summed
    background = pair_kernels.background_by_class(
        row_first, row_class, row_events, classes.totals, a[suspects], b[suspects]
    )
    room = classes.extent_us[classes.extent_us > 0]  # a class without features has none
    prior = float(np.mean(np.minimum(1.0, 2 * window / room))) if len(room) else 1.0
    expected, log_p = np.empty(len(a)), np.empty(len(a))

    def work(begin: int, end: int) -> None:
        pair_kernels.log_class_p_values(
            a,
            b,
            by_bin,
            row_first,
            row_class,
            row_events,
            mass,
            background,
            prior,
            limit,
            begin,
            end,
            log_p,
            expected,
        )

    in_pieces(work, len(a), n_threads, least=2_000)
    return expected, log_p


def _rows_of(a: I32, b: I32) -> tuple[I32, I32, I32]:
    """The accounts of some pairs, and the pairs as places among them."""
    accounts = np.unique(np.concatenate([a, b]))
    return (
        accounts,
        np.searchsorted(accounts, a).astype(np.int32),
        np.searchsorted(accounts, b).astype(np.int32),
    )


def _test_lags(
    traces: Sorted, around: Around, near: I32, pairs: Pairs, tested: I64, suspects: BOOL, n_threads: int
) -> F64:
    """Log p-values of the lags of chosen pairs."""
    assert around.horizon is not None  # noqa: S101 - for the type checker
    horizon = around.horizon
    accounts, a, b = _rows_of(pairs.account_a[tested], pairs.account_b[tested])
    order, first = gather(traces, accounts)
    concerned = suspects & (np.isin(pairs.account_a, accounts) | np.isin(pairs.account_b, accounts))
    suspected = Partners.of(pairs.account_a[concerned], pairs.account_b[concerned], both_ways=True).only(
        accounts
    )
    far = without_suspects(traces, horizon, around.far, _NO_CAP, suspected, n_threads)
    typical = sweep.mean_share(around.near, around.far)
    log_p = np.empty(len(a))

    def work(begin: int, end: int) -> None:
        pair_kernels.log_lag_p_values(
            a,
            b,
            first,
            order,
            traces.feature,
            traces.time,
            around.window,
            horizon,
            near,
            far,
            typical,
            begin,
            end,
            log_p,
        )

    in_pieces(work, len(a), n_threads, least=2_000)
    return log_p
