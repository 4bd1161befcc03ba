"""Logs in which nobody moves anybody: what p-values are worth on them is known."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from samehand import columns
from tests.engines.load import DAY, HOUR, MINUTE, SECOND

SPAN = 5 * DAY


def table_of(time, account, target):
    schema = columns.events(pa.int64(), pa.int64(), ("event_id", "time", "account", "action", "target"))
    return pa.table(
        {
            "event_id": np.arange(len(time)),
            "time": np.asarray(time) // SECOND * SECOND,
            "account": np.asarray(account),
            "action": np.full(len(time), "like"),
            "target": np.char.add("t", np.asarray(target).astype(str)),
        }
    ).select(schema.names).cast(schema)  # fmt: skip


def activity(rng, n_accounts):
    """Shares of the events: a few accounts do much."""
    share = rng.pareto(2.0, n_accounts) + 0.3
    return share / share.sum()


def homogeneous(seed, *, n_events=60_000, n_accounts=1200, n_targets=250, fame=True):
    """Everybody acts at any time on anything; activity is heavy-tailed, and fame where it is wanted."""
    rng = np.random.default_rng(seed)
    account = rng.choice(n_accounts, n_events, p=activity(rng, n_accounts))
    target = rng.choice(n_targets, n_events, p=activity(rng, n_targets) if fame else None)
    return table_of(rng.integers(0, SPAN, n_events), account, target)


def bursts(seed, *, n_events=60_000, n_accounts=1200, n_targets=250):
    """As above, by day and night, and a third of the events in short bursts of one target each."""
    rng = np.random.default_rng(seed)
    account = rng.choice(n_accounts, n_events, p=activity(rng, n_accounts))
    target = rng.choice(n_targets, n_events, p=activity(rng, n_targets))
    hour = (20 + 4 * rng.standard_normal(n_events)) % 24
    time = rng.integers(0, SPAN // DAY, n_events) * DAY + (hour * HOUR).astype(np.int64)
    n_bursts = 60
    inside = rng.random(n_events) < 1 / 3
    which = rng.choice(n_bursts, n_events, p=activity(rng, n_bursts))
    begin, length = rng.integers(0, SPAN - HOUR, n_bursts), rng.integers(2 * MINUTE, 40 * MINUTE, n_bursts)
    time[inside] = begin[which[inside]] + (rng.exponential(size=inside.sum()) * length[which[inside]]).astype(
        int
    )
    target[inside] = rng.choice(n_targets, n_bursts, replace=False)[which[inside]]
    return table_of(np.clip(time, 0, SPAN), account, target)


def communities(seed, *, n_events=60_000, n_accounts=1200, n_targets=240, n_communities=4):
    """Four communities that look at their own targets; each target is new at a time of its own and then fades.

    Fans of one community meet far more often than strangers, and meet when a target is new, but never by appointment.
    """
    rng = np.random.default_rng(seed)
    account = rng.choice(n_accounts, n_events, p=activity(rng, n_accounts))
    own = account % n_communities
    stray = rng.random(n_events) < 0.1
    own[stray] = rng.integers(0, n_communities, stray.sum())
    target = rng.integers(0, n_targets // n_communities, n_events) * n_communities + own
    birth = rng.integers(0, SPAN - DAY, n_targets)
    time = birth[target] + (rng.exponential(size=n_events) * 8 * HOUR).astype(np.int64)
    once = np.unique(np.stack([account, target]), axis=1, return_index=True)[1]
    return table_of(time[once], account[once], target[once])
