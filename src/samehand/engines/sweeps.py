"""Pairs of accounts from traces in memory: sweep, count, test. Pieces run on threads and add up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from samehand.arrays import F32, F64, I32, I64
from samehand.engines.answers import Pairs
from samehand.engines.traces import Sorted, by_accounts, in_pieces, labels_of, reach_of
from samehand.kernels import rows, sweep, taking
from samehand.kernels.sweep import MOST_POWERS, N_BINS, NO_CAP

MOST_VISITS: Final = 60_000_000
"""Co-actions that one sweep looks at. Beyond it, the most crowded moments, which say least, are left out, and counted.
"""


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
    return cap_of(sweep.sum_by_power(counts))


def cap_of(by_power: I64) -> int:
    """The same, from densities summed up by powers; see ``sweep.sum_by_power``."""
    visits = np.cumsum(by_power) / 2
    power = max(1, int((visits <= MOST_VISITS).sum()))
    return 4**power if power < MOST_POWERS else NO_CAP


def candidate_pairs(traces: Sorted, window: int, counts: I32, log_p: float, n_threads: int) -> Pairs:
    """Pairs with at least two co-actions whose local p-value is at most exp(log_p); ``counts``: their densities."""
    cap = choose_cap(counts)
    occasion = traces.n_windows_an_occasion * window
    labels = labels_of(traces, counts, cap)
    some = _taking_part(traces, window, counts, cap, n_threads)

    def collect(begin: int, end: int) -> tuple[I32, I32, I32, F64, F64]:
        return rows.collect_pairs(
            labels, traces.feature, traces.time, traces.exempt, some.first, some.events, some.lowest, some.highest,
            traces.n_events_of, some.n_around, occasion, begin, end, some.mass, log_p,
        )  # fmt: skip

    found = by_accounts(collect, some.n_around + 1, n_threads)
    a, b, by_bin, p, expected = (np.concatenate(column) for column in zip(*found, strict=True))
    in_order = np.argsort(a.astype(np.int64) << 32 | b)  # each pair is there once
    return Pairs(
        account_a=a[in_order],
        account_b=b[in_order],
        n_features=by_bin[in_order].sum(axis=1, dtype=np.int32),
        expected=expected[in_order],
        log_p=p[in_order],
        densest=cap,
        n_events_crowded=int((counts > cap).sum()),
        n_events_repeated=traces.n_repeats,
        by_bin=by_bin[in_order],
    )


@dataclass(frozen=True)
class _Taking:
    """Events that have others around them, but not too many, by account."""

    first: I64
    """Those of account a are ``events[first[a] : first[a + 1]]``."""
    events: I32
    lowest: I32
    """First place within the window of each."""
    highest: I32
    n_around: I64
    """How many others each account has around it, all together."""
    mass: F32
    """As from ``taking.sum_by_bin``, of all events but the crowded ones."""


def _taking_part(traces: Sorted, window: int, counts: I32, cap: int, n_threads: int) -> _Taking:
    n = traces.n_accounts
    mass = np.zeros((n, 2 * N_BINS), np.float32)
    n_taking, n_around = np.empty(n, np.int64), np.empty(n, np.int64)

    def add_up(begin: int, end: int) -> None:
        taking.sum_by_bin(traces.first, traces.order, counts, cap, begin, end, mass, n_taking, n_around)

    by_accounts(add_up, traces.n_events_of, n_threads)
    first = np.concatenate([[0], np.cumsum(n_taking)])
    events, lowest, highest = (np.empty(first[-1], np.int32) for _ in range(3))
    around = reach_of(traces, window)

    def gather(begin: int, end: int) -> None:
        taking.gather_taking(
            traces.first, traces.order, counts, cap, *around, first, begin, end, events, lowest, highest
        )

    by_accounts(gather, traces.n_events_of, n_threads)
    return _Taking(first, events, lowest, highest, n_around, mass)
