"""Who has which values of a trait."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from samehand.arrays import I32, I64
from samehand.engines.answers import Held, Holdings
from samehand.engines.interface import Traces
from samehand.kernels.order import small_codes


def held(traces: Traces, account: I32, row: I64, n_accounts: int, groups: Sequence[I32]) -> Holdings:
    """See ``Engine.held``.

    Args:
        traces: Events in order of time with the values that they show.
        account, row: Of each event of the log.
        n_accounts: Accounts of the log.
        groups: Account codes of each group.
    """
    value = small_codes(traces.feature).astype(np.int64)
    pairs, first = np.unique(value * n_accounts + account[traces.event], return_index=True)
    of_value, of_account = pairs // max(n_accounts, 1), (pairs % max(n_accounts, 1)).astype(np.int32)
    n_holders = np.bincount(of_value, minlength=1).astype(np.int32)
    event = row[traces.event[first]]
    found = []
    for group in groups:
        place = np.full(n_accounts, -1, np.int32)
        place[group] = np.arange(len(group), dtype=np.int32)
        inside = np.flatnonzero(place[of_account] >= 0)
        found.append(
            Held(place[of_account[inside]], of_value[inside], n_holders[of_value[inside]], event[inside])
        )
    return Holdings(found, len(pairs), len(np.unique(of_account)), int(n_holders.max(initial=0)))
