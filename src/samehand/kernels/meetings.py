"""Meetings on single features, and tests of pairs whose meetings were counted elsewhere: for logs in many pieces."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from samehand.arrays import BOOL, F32, F64, I32, I64
from samehand.kernels.pairs import local_test
from samehand.kernels.sweep import N_BINS
from samehand.kernels.units import Exempt, is_exempt, unit_of


@njit(nogil=True, cache=True)
def list_meetings(
    block: I32,
    feature: I32,
    time: I64,
    account: I32,
    bins: I32,
    exempt: Exempt,
    own: BOOL,
    window: int,
    occasion: int,
) -> tuple[I32, I32, I64, I32]:
    """List the co-actions of other accounts with the events that a piece owns and that are the earlier of the two.

    Args:
        block: Block of each event; blocks stand together, in order of time and account.
        feature, time, account: Of each event.
        bins: Bin of the density of each event; all events here take part.
        exempt: What is no co-action.
        own: Whether the meetings of which the event is the first are of this piece.
        window: Microseconds, inclusive.
        occasion: As in ``rows.collect_pairs``.

    Returns:
        The smaller and the larger account, what the meeting counts for, and the larger bin of the two.
    """
    room = max(1024, 4 * len(time))
    a, b = np.empty(room, np.int32), np.empty(room, np.int32)
    unit, bin_ = np.empty(room, np.int64), np.empty(room, np.int32)
    n = 0
    for i in range(len(time)):
        if not own[i]:
            continue
        j = i + 1
        while j < len(time) and block[j] == block[i] and time[j] - time[i] <= window:
            if account[j] != account[i] and not is_exempt(exempt, i, j):
                if n == len(a):
                    a, b, unit, bin_ = _grown(a), _grown(b), _grown(unit), _grown(bin_)
                a[n], b[n] = min(account[i], account[j]), max(account[i], account[j])
                unit[n], bin_[n] = unit_of(feature, time, i, j, occasion), max(bins[i], bins[j])
                n += 1
            j += 1
    return a[:n], b[:n], unit[:n], bin_[:n]


@njit(nogil=True, cache=True)
def _grown(array: NDArray[Any]) -> NDArray[Any]:
    more = np.empty(2 * len(array), array.dtype)
    more[: len(array)] = array
    return more


@njit(nogil=True, cache=True)
def test_counted(
    by_bin: I32, mass: F32, n_events: I64, total: int, per_event: int, limit: float, log_p: F64, expected: F64
) -> None:
    """Test pairs against the density of events around each account's own; see ``pairs.local_test``.

    Args:
        by_bin: Co-actions of each pair by bin of density.
        mass: Summed density and number of events by bin: of the first account of each pair, then of the second of each.
        n_events: Events of these accounts, likewise.
        total: Events of all.
        per_event: Units that the co-actions of one event can count for.
        limit: Where the natural log of the p-value is certain to be above it, it is 0.
        log_p, expected: Receive the answers.
    """
    scratch = np.empty((5, N_BINS), np.float64)
    n = len(by_bin)
    for p in range(n):
        log_p[p], expected[p] = local_test(
            by_bin, p, mass, n_events, p, n + p, total, per_event, limit, scratch
        )
