"""script: accounts that go through the same rare steps at the same pace, at whatever hour."""

from __future__ import annotations

from typing import Final

import numpy as np

from samehand.engines.interface import Columns, Traces
from samehand.kernels.order import by_account
from samehand.kernels.steps import hash_runs
from samehand.layers.interface import Trait

N_STEPS: Final = 4
"""Actions of a script: shorter ones are what everybody does."""
LONGEST_PAUSE_US: Final = 3_600_000_000
"""After a longer pause another sitting begins."""
PAUSES_AN_OCTAVE: Final = 3
"""Two pauses that differ by less than about a quarter count as one."""


def take(columns: Columns) -> Traces:
    """Take each account's runs of steps with the pauses between them; the feature is actions and rounded pauses."""
    n_events = len(columns.account)
    first, order = by_account(columns.account, int(columns.account.max(initial=-1)) + 1)
    whole, hashes = np.zeros(n_events, np.bool_), np.zeros(n_events, np.int64)
    hash_runs(
        first, order, columns.codes["action"], columns.time_us, N_STEPS, LONGEST_PAUSE_US, PAUSES_AN_OCTAVE,
        whole, hashes,
    )  # fmt: skip
    event = np.flatnonzero(whole)
    return Traces(event.astype(np.int32), hashes[event])


SCRIPT = Trait(
    name="script",
    title="Same script",
    catches="one script that is replayed on many phones, at other hours and on other targets",
    innocent_causes=(
        "a way through the app that its pages suggest",
        "clients that send what was done in batches",
        "canned work of a service team",
    ),
    family="timing_and_targets",
    roles=("action",),
    take=take,
)
