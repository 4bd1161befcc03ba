"""Which accounts share a value of a column, such as an address or a device."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from samehand.arrays import BOOL, I32, I64


def sharing(
    value: I32, account: I32, left_out: BOOL, sizes: Sequence[tuple[int, int]], at_most: int
) -> list[list[I32]]:
    """See ``Engine.sharing``.

    Args:
        value, account: Of each event, in order of time; value -1 for none.
        left_out: By account.
        sizes: Ranges of sizes.
        at_most: Groups of a range.
    """
    kept = np.flatnonzero((value >= 0) & ~left_out[account])
    keys = value[kept].astype(np.int64) << 32 | account[kept]
    pairs, first, n_events = np.unique(keys, return_index=True, return_counts=True)
    if len(pairs) == 0:
        return [[] for _ in sizes]
    starts = np.flatnonzero(np.diff(pairs >> 32, prepend=-1))
    n_accounts, first_event = np.diff(starts, append=len(pairs)), np.minimum.reduceat(first, starts)
    largest_first = np.lexsort((first_event, -n_accounts))
    found = []
    for least, most in sizes:
        fits = (n_accounts[largest_first] >= least) & (n_accounts[largest_first] <= most)
        places = largest_first[fits][:at_most]
        found.append([_busiest_first(pairs, first, n_events, starts[i], n_accounts[i]) for i in places])
    return found


def _busiest_first(pairs: I64, first: I64, n_events: I64, start: int, n: int) -> I32:
    """The accounts of one value, those with the most events with it first; of equals, who came first."""
    piece = slice(start, start + n)
    order = np.lexsort((first[piece], -n_events[piece]))
    return (pairs[piece][order] & 0xFFFFFFFF).astype(np.int32)
