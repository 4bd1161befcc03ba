"""Chosen pairs tested again: against classes of events without suspects, and against their own lags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from samehand.arrays import BOOL, F64, I32, I64
from samehand.engines.answers import Pairs, Retest
from samehand.engines.traces import (
    Classes,
    Reach,
    Sorted,
    by_accounts,
    gather,
    in_pieces,
    labels_of,
    reach_of,
)
from samehand.kernels import chosen, pair_lags, pair_words, taking
from samehand.kernels import pairs as pair_kernels
from samehand.kernels.sweep import N_BINS, NO_CAP
from samehand.kernels.units import units_an_event


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
        pair = np.sort(a.astype(np.int64) << 32 | b)
        a, b = (pair >> 32).astype(np.int32), (pair & 0xFFFFFFFF).astype(np.int32)
        first = np.flatnonzero(np.diff(a, prepend=-1))
        return cls(a[first], np.append(first, len(a)), b)

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
    typical: float
    """Share of the density within the horizon that lies within the window, over the whole log."""


def retest(
    traces: Sorted,
    around: Around,
    pairs: Pairs,
    suspects: BOOL,
    classes: Classes,
    limit: float,
    n_threads: int,
    common: F64 | None = None,
) -> Retest:
    """Test pairs against classes of events and, with a horizon, against their own lags; suspects left out.

    Traces may be a part of the log, with the densities and the classes of the whole: all events of the accounts of the
    pairs and of their suspects are enough.

    Args:
        traces: Of the layer.
        around: Densities.
        pairs: In order of their accounts.
        suspects: Marks the pairs that are no background for each other.
        classes: Which events could stand for each other.
        limit: Largest log p-value of interest.
        n_threads: Threads to use.
        common: From ``common_words``, for texts.
    """
    suspected = Partners.of(pairs.account_a[suspects], pairs.account_b[suspects], both_ways=True)
    reach = reach_of(traces, around.window)
    counts = without_suspects(traces, around.window, around.near, pairs.densest, suspected, n_threads, reach)
    by_bin = _count_again(traces, around, reach, counts, pairs, n_threads)
    expected, log_p = _test_classes(
        traces, counts, pairs, by_bin, suspects, classes, around.window, limit, n_threads
    )
    if common is not None:
        log_p = np.maximum(log_p, _test_words(traces, pairs, by_bin, common, around.window, n_threads))
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
    labels = labels_of(traces, around.near, pairs.densest)
    lowest, highest = reach
    walks, work = _shorter_way(traces, around.near, pairs.densest, some, n_threads)

    def count(begin: int, end: int) -> None:
        chosen.count_shared(
            lowest, highest, labels, counts, traces.feature, traces.time, traces.exempt, traces.first,
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
    accounts, a, b = _rows_of(traces.n_accounts, pairs.account_a, pairs.account_b)
    order, first = gather(traces, accounts)
    summed = pair_kernels.sum_by_class(first, order, classes.class_of, counts, pairs.densest)
    row_first, row_class, row_events, mass = summed
    background = pair_kernels.background_by_class(
        row_first, row_class, row_events, classes.totals, a[suspects], b[suspects]
    )
    room = classes.extent_us[classes.extent_us > 0]  # a class without features has none
    prior = float(np.mean(np.minimum(1.0, 2 * window / room))) if len(room) else 1.0
    per_event = units_an_event(traces.n_windows_an_occasion * window)
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
            per_event,
            limit,
            begin,
            end,
            log_p,
            expected,
        )

    in_pieces(work, len(a), n_threads, least=2_000)
    return expected, log_p


def common_words(traces: Sorted, pairs: Pairs, suspects: BOOL) -> F64:
    """How common the words behind each trace are: the chance of the most common phrase of its text.

    The other phrases of a text are mostly met with it. What suspects write does not make a phrase common.
    """
    left_out = np.zeros(traces.n_accounts, np.bool_)
    left_out[pairs.account_a[suspects]] = left_out[pairs.account_b[suspects]] = True
    others = ~left_out[traces.account]
    n_texts = len(_one_of_each(traces.event[others])) + 1
    chance = (np.bincount(traces.feature[others], minlength=traces.n_features) + 1) / n_texts
    most = np.zeros(int(traces.event.max(initial=-1)) + 1)
    np.maximum.at(most, traces.event, chance[traces.feature])
    return most[traces.event]


def _test_words(traces: Sorted, pairs: Pairs, by_bin: I32, common: F64, window: int, n_threads: int) -> F64:
    """Log p-values of sharing so many phrases, given when each of two writes and how common the words are."""
    accounts, a, b = _rows_of(traces.n_accounts, pairs.account_a, pairs.account_b)
    one_of = _one_of_each(traces.event)  # in order of time, as the log is
    row = np.full(traces.n_accounts, -1, np.int64)
    row[accounts] = np.arange(len(accounts))
    whose = row[traces.account[one_of]]
    order = np.argsort(whose, kind="stable")
    first = np.searchsorted(whose[order], np.arange(len(accounts) + 1))
    log_p = np.empty(len(a))
    n_shared = by_bin.sum(axis=1, dtype=np.int32)
    time, chances = traces.time[one_of[order]], common[one_of[order]]

    def work(begin: int, end: int) -> None:
        pair_words.log_word_p_values(a, b, first, time, chances, n_shared, window, begin, end, log_p)

    in_pieces(work, len(a), n_threads, least=2_000)
    return log_p


def _one_of_each(codes: I32) -> I64:
    """A place of each code that there is, in order of the codes."""
    place = np.full(int(codes.max(initial=-1)) + 1, -1, np.int64)
    place[codes] = np.arange(len(codes))
    return place[place >= 0]


def _rows_of(n_accounts: int, a: I32, b: I32) -> tuple[I32, I32, I32]:
    """The accounts of some pairs, and the pairs as places among them."""
    there = np.zeros(n_accounts, np.bool_)
    there[a] = there[b] = True
    row = np.cumsum(there, dtype=np.int32) - 1
    return np.flatnonzero(there).astype(np.int32), row[a], row[b]


def _test_lags(
    traces: Sorted, around: Around, near: I32, pairs: Pairs, tested: I64, suspects: BOOL, n_threads: int
) -> F64:
    """Log p-values of the lags of chosen pairs."""
    assert around.horizon is not None  # noqa: S101 - for the type checker
    horizon = around.horizon
    accounts, a, b = _rows_of(traces.n_accounts, pairs.account_a[tested], pairs.account_b[tested])
    order, first = gather(traces, accounts)
    concerned = suspects & (np.isin(pairs.account_a, accounts) | np.isin(pairs.account_b, accounts))
    suspected = Partners.of(pairs.account_a[concerned], pairs.account_b[concerned], both_ways=True).only(
        accounts
    )
    far = without_suspects(traces, horizon, around.far, NO_CAP, suspected, n_threads)
    log_p = np.empty(len(a))

    def work(begin: int, end: int) -> None:
        pair_lags.log_lag_p_values(
            a,
            b,
            first,
            order,
            traces.feature,
            traces.time,
            around.window,
            horizon,
            traces.exempt,
            near,
            far,
            around.typical,
            begin,
            end,
            log_p,
        )

    in_pieces(work, len(a), n_threads, least=2_000)
    return log_p


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
    walks, work = _shorter_way(traces, counts, cap, suspects, n_threads)

    def take_out(begin: int, end: int) -> None:
        chosen.take_out(
            lowest, highest, traces.account, traces.first, traces.order,
            suspects.who, suspects.first, suspects.partner, walks, cap, begin, end, left,
        )  # fmt: skip

    by_accounts(take_out, work, n_threads)
    return left


def _shorter_way(
    traces: Sorted, counts: I32, cap: int, partners: Partners, n_threads: int
) -> tuple[BOOL, I64]:
    """Whether to walk around the events of each first account or to merge them with its partners', and the work."""
    walks, work = np.empty(len(partners.who), np.bool_), np.empty(len(partners.who), np.int64)

    def choose(begin: int, end: int) -> None:
        taking.choose_ways(
            traces.first, traces.order, counts, cap,
            partners.who, partners.first, partners.partner, begin, end, walks, work,
        )  # fmt: skip

    in_pieces(choose, len(partners.who), n_threads, least=2_000)
    return walks, work
