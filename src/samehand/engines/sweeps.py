"""Pairs of accounts from traces in memory: sweep, count, test. Pieces run on threads and add up."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from samehand.engines.interface import BOOL, F64, I32, I64, Pairs, Retest
from samehand.kernels import pairs as pair_kernels
from samehand.kernels import sweep
from samehand.kernels.sweep import N_BINS

T = TypeVar("T")

MOST_VISITS: Final = 60_000_000
"""Co-actions that one sweep looks at. Beyond it, the most crowded moments, which say least, are left out, and counted.
"""

_NO_CAP: Final = np.iinfo(np.int32).max
_CAPS: Final = (*(4**n for n in range(1, 12)), _NO_CAP)


@dataclass(frozen=True)
class Sorted:
    """Traces of one layer, ordered by feature, time and account."""

    account: I32
    feature: I32
    time: I64
    event: I32
    """Event of the log behind each trace."""
    avoid: I32
    """Empty where the layer has nothing to avoid."""
    n_features: int
    n_accounts: int
    n_windows_an_occasion: int
    n_events_of: I64
    """Traces of each account."""


def in_pieces(work: Callable[[int, int], T], n_events: int, n_threads: int) -> list[T]:
    """Run ``work(start, stop)`` over pieces of the events, in threads; answers in the order of the pieces."""
    n_pieces = 1 if n_events < 200_000 else n_threads
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
    histogram = np.zeros(len(_CAPS))
    bins = np.searchsorted(_CAPS, counts)
    histogram += np.bincount(bins, weights=counts, minlength=len(_CAPS))
    affordable = np.cumsum(histogram) / 2 <= MOST_VISITS
    return int(_CAPS[max(0, int(affordable.sum()) - 1)])


def candidate_pairs(traces: Sorted, window: int, log_p: float, n_threads: int) -> Pairs:
    """Pairs with at least two co-actions whose local p-value is at most exp(log_p)."""
    counts = densities(traces, window, n_threads)
    cap = choose_cap(counts)
    keys, by_bin = _collect(traces, window, counts, cap, n_threads)
    a = (keys >> np.uint64(32)).astype(np.int32)
    b = (keys & np.uint64(0xFFFFFFFF)).astype(np.int32)
    mass = np.zeros((traces.n_accounts, N_BINS), np.float32)
    sweep.sum_by_bin(traces.account, counts, cap, 0, len(counts), mass)
    expected, p = np.empty(len(keys)), np.empty(len(keys))
    n_events = traces.n_events_of

    def test(start: int, stop: int) -> None:
        piece = slice(start, stop)
        pair_kernels.log_local_p_values(
            a[piece], b[piece], by_bin[piece], mass, n_events, len(counts), p[piece], expected[piece]
        )

    in_pieces(test, len(keys), n_threads)
    keep = np.flatnonzero(p <= log_p)
    keep = keep[np.argsort(keys[keep], kind="stable")]
    return Pairs(
        account_a=a[keep],
        account_b=b[keep],
        n_features=by_bin[keep].sum(axis=1, dtype=np.int32),
        expected=expected[keep],
        log_p=p[keep],
        densest=cap,
        n_events_crowded=int((counts > cap).sum()),
    )


def _collect(
    traces: Sorted, window: int, counts: I32, cap: int, n_threads: int
) -> tuple[NDArray[np.uint64], I32]:
    """Pairs with at least two co-actions, and their numbers of features by bin of density; in no order."""
    n_events = len(counts)
    n_visits = sum(
        in_pieces(
            lambda start, stop: sweep.n_visits(traces.feature, traces.time, window, counts, cap, start, stop),
            n_events,
            n_threads,
        )
    )
    n_bits = int(np.clip(np.ceil(np.log2(n_visits + 1)) + 2, 16, 28))
    shift = np.uint64(64 - n_bits)
    table = np.zeros(1 << n_bits, np.uint8)
    what = (traces.account, traces.feature, traces.time, traces.avoid, window, counts, cap, 0, n_events)
    occasion = traces.n_windows_an_occasion * window
    part_bits = (n_threads - 1).bit_length() if n_visits > 1_000_000 else 0

    def count(part: int) -> int:
        sweep.count_pairs(*what, part, n_bits - part_bits, table, shift)
        stretch = 1 << (n_bits - part_bits)
        return int((table[part * stretch : (part + 1) * stretch] >= 2).sum())

    def collect(part: int, n_expected: int) -> tuple[NDArray[np.uint64], I32]:
        return sweep.collect_pairs(*what, part, n_bits - part_bits, table, shift, 2, n_expected, occasion)

    with ThreadPoolExecutor(n_threads) as pool:
        n_expected = list(pool.map(count, range(1 << part_bits)))
        found = list(pool.map(collect, range(1 << part_bits), n_expected))
    return np.concatenate([keys for keys, _ in found]), np.concatenate([by_bin for _, by_bin in found])


def typical_share(near: I32, far: I32) -> float:
    """Share of the events around one within a horizon that are within a window, on average over the log."""
    known = far > 0
    return float((near[known] / far[known]).mean()) if known.any() else 1.0


@dataclass(frozen=True)
class Classes:
    """Which events could stand for each other by chance."""

    class_of: I32
    """Class of each event of the traces."""
    totals: I64
    """Events of each class."""
    extent_us: F64
    """Duration times number of features of each class: the room in which its events lie."""


def retest(
    traces: Sorted,
    window: int,
    horizon: int | None,
    pairs: Pairs,
    suspects: BOOL,
    classes: Classes,
    n_threads: int,
) -> Retest:
    """Test pairs against classes of events and, with a horizon, against their own lags; suspects left out."""
    accounts = np.unique(np.concatenate([pairs.account_a, pairs.account_b]))
    row_of = np.full(traces.n_accounts, -1, np.int32)
    row_of[accounts] = np.arange(len(accounts), dtype=np.int32)
    a, b = row_of[pairs.account_a], row_of[pairs.account_b]
    first, order = pair_kernels.gather_by_account(traces.account, row_of, len(accounts))
    original = densities(traces, window, n_threads)
    counts = original.copy()
    where = first, order, traces.feature, traces.time
    pair_kernels.take_out(a[suspects], b[suspects], *where, window, counts)
    by_bin = np.empty((len(a), N_BINS), np.int32)
    pair_kernels.count_shared(
        a, b, *where, traces.avoid, window, counts, original, pairs.densest,
        traces.n_windows_an_occasion * window, by_bin,
    )  # fmt: skip
    rows = pair_kernels.sum_by_class(first, order, classes.class_of, counts, pairs.densest)
    row_first, row_class, row_events, mass = rows
    background = pair_kernels.background_by_class(
        row_first, row_class, row_events, classes.totals, a[suspects], b[suspects]
    )
    prior = float(np.mean(np.minimum(1.0, 2 * window / classes.extent_us))) if len(classes.extent_us) else 1.0
    expected, log_p = np.empty(len(a)), np.empty(len(a))
    pair_kernels.log_class_p_values(
        a, b, by_bin, row_first, row_class, row_events, mass, background, prior, log_p, expected
    )
    log_p_lag = np.full(len(a), -np.inf)
    if horizon is not None:
        far = densities(traces, horizon, n_threads)
        typical = typical_share(original, far)
        pair_kernels.take_out(a[suspects], b[suspects], *where, horizon, far)
        pair_kernels.log_lag_p_values(a, b, *where, window, horizon, counts, far, typical, log_p_lag)
    return Retest(expected=expected, log_p_background=log_p, log_p_lag=log_p_lag)
