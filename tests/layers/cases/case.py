"""A case: a log with a group of accounts in it, and the people around them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
START = 19_700 * DAY
SPAN = 10 * DAY


@dataclass(frozen=True)
class Case:
    """One fleet or one innocent crowd."""

    name: str
    make: Callable[[np.random.Generator], tuple[list[dict], set[str]]]
    """Rows of the log, and the accounts of the group."""


def event(time, account, action, target, **more):
    """One row; time in microseconds from the start, cut to the millisecond that a platform's clock shows."""
    return {
        "time": START + int(time) // 1000 * 1000,
        "account": account,
        "action": action,
        "target": target,
        **more,
    }


def people(rng, *, n_accounts=500, n_events=6000, n_targets=400, actions=("like", "share", "add")):
    """Ordinary life: active and popular ones are more so, evenings are busier, a few posts go round."""
    rows = []
    for _ in range(n_events):
        hour = (20 + rng.normal() * 4) % 24
        time = rng.integers(SPAN // DAY) * DAY + hour * HOUR + rng.integers(MINUTE)
        account = f"p{int(n_accounts * rng.random() ** 1.5):03d}"
        target = f"t{int(n_targets * rng.random() ** 2):03d}"
        rows.append(event(time, account, str(rng.choice(actions)), target))
    for burst in range(5):
        at = rng.integers(SPAN - HOUR)
        for _ in range(60):
            when = at + rng.exponential(10 * MINUTE)
            rows.append(event(when, f"p{rng.integers(n_accounts):03d}", "share", f"hot{burst}"))
    return rows


def own_life(rng, accounts, n_each, *, action="like", n_targets=400):
    """What accounts do by themselves."""
    return [
        event(rng.integers(SPAN), account, action, f"t{rng.integers(n_targets):03d}")
        for account in accounts
        for _ in range(n_each)
    ]
